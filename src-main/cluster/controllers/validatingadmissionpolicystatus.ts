/**
 * Notes on each ValidatingAdmissionPolicy that it has been looked at in its present form, and which of its expressions
 * do not fit the types of what they match.
 * https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/#type-checking
 */
import { isReason } from '../api/errors.js'
import type { ValidatingAdmissionPolicy } from '../api/kinds/validatingadmissionpolicy.js'
import { keyOf } from '../api/object.js'
import type { Controller, ControllerContext } from './controller.js'
import { KeyedController } from './controller.js'
import type { ResourceDiscovery } from './discovery.js'
import { typeWarnings } from './policy-type-checking.js'

export const VALIDATING_POLICIES = { group: 'admissionregistration.k8s.io', version: 'v1', resource: 'validatingadmissionpolicies' }
const NAME = 'validatingadmissionpolicy-status-controller'

export function startValidatingAdmissionPolicyStatusController(
  ctx: ControllerContext,
  { discovery }: { discovery?: ResourceDiscovery | undefined } = {},
): Controller {
  const client = ctx.client.resource<ValidatingAdmissionPolicy>(VALIDATING_POLICIES)
  const policies = ctx.informers.for<ValidatingAdmissionPolicy>(VALIDATING_POLICIES)
  const controller = new KeyedController(ctx, { name: NAME, workers: 1, sync })
  const onPolicy = (policy: ValidatingAdmissionPolicy): void => {
    if (policy.status?.observedGeneration !== policy.metadata.generation) controller.queue.add(keyOf(policy))
  }
  controller.listen(policies, { add: onPolicy, update: (_old, policy) => onPolicy(policy) })
  return controller.startAfter(policies)

  async function sync(key: string): Promise<void> {
    const policy = policies.getByKey(key)
    if (!policy || policy.status?.observedGeneration === policy.metadata.generation) return
    const name = policy.metadata.name!
    const expressionWarnings = typeWarnings(policy, discovery?.schemas() ?? [], ctx.clock.now())
    const typeChecking = expressionWarnings.length > 0 ? { expressionWarnings } : {}
    const status = { observedGeneration: policy.metadata.generation, typeChecking }
    const applied = { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingAdmissionPolicy', metadata: { name }, status }
    await client
      .patch('', name, applied, { type: 'apply', fieldManager: NAME, force: true, subresource: 'status' })
      .catch((error: unknown) => {
        if (!isReason(error, 'NotFound')) throw error
      })
  }
}
