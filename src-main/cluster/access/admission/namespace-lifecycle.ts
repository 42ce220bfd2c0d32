import { notFound } from '../../api/errors.js'
import type { AdmissionPlugin } from './plugin.js'
import { refusal } from './refuse.js'

const IMMORTAL: readonly string[] = ['default', 'kube-system', 'kube-public']
const REVIEWS: readonly string[] = ['LocalSubjectAccessReview', 'SubjectAccessReview', 'SelfSubjectAccessReview', 'SelfSubjectRulesReview']

/**
 * NamespaceLifecycle: nothing is written into a namespace that is not there, nothing new into one that is going, and
 * the system's own namespaces cannot be deleted.
 */
export const namespaceLifecycle: AdmissionPlugin = {
  name: 'NamespaceLifecycle',
  operations: ['CREATE', 'UPDATE', 'DELETE'],
  mutate(a) {
    const isNamespace = a.kind.kind === 'Namespace' && a.kind.group === ''
    if (a.operation === 'DELETE' && isNamespace && a.subresource === '' && IMMORTAL.includes(a.name)) {
      throw refusal(a, 'this namespace may not be deleted')
    }
    if (isNamespace || a.namespace === '' || a.operation === 'DELETE') return
    // To say anything about a namespace here would tell it to those who may not see it.
    if (a.kind.group === 'authorization.k8s.io' && REVIEWS.includes(a.kind.kind)) return
    const namespace = a.lookup('', 'namespaces', '', a.namespace)
    if (!namespace) throw notFound({ group: '', resource: 'namespaces' }, a.namespace)
    if (a.operation !== 'CREATE') return
    const { phase } = (namespace.status ?? {}) as { phase?: string }
    if (phase !== 'Terminating') return
    const error = refusal(a, `unable to create new content in namespace ${a.namespace} because it is being terminated`)
    error.status.details = {
      ...error.status.details,
      causes: [{ reason: 'NamespaceTerminating', message: `namespace ${a.namespace} is being terminated`, field: 'metadata.namespace' }],
    }
    throw error
  },
}
