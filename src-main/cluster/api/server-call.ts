/** How the API server writes the objects that it keeps itself, such as the IPAddresses of Services. */
import type { Call } from './verbs/machinery.js'

/** A call of the API server's own, for objects without a namespace. It signs managedFields with `fieldManager`. */
export function serverCall(fieldManager = 'kube-apiserver'): Call {
  return {
    user: { username: 'system:apiserver', groups: ['system:masters', 'system:authenticated'] },
    namespace: '',
    dryRun: false,
    fieldManager,
    fieldValidation: 'Ignore',
    warnings: [],
  }
}
