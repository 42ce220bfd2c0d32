/**
 * The end of a CustomResourceDefinition: its objects go before it does. Follows the finalizer
 * `customresourcecleanup.apiextensions.k8s.io` and the condition `Terminating` of apiextensions-apiserver.
 */
import type { CustomResourceDefinition } from '../kinds/customresourcedefinition.js'
import type { Kind } from '../kinds/kind.js'
import { rfc3339 } from '../../clock.js'
import { setCondition, type Condition } from './names.js'

export const CLEANUP = 'customresourcecleanup.apiextensions.k8s.io'

const PENDING: Condition = {
  type: 'Terminating',
  status: 'True',
  reason: 'InstanceDeletionPending',
  message: 'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon',
}
export const IN_PROGRESS: Condition = {
  type: 'Terminating',
  status: 'True',
  reason: 'InstanceDeletionInProgress',
  message: 'CustomResource deletion is in progress',
}
export const COMPLETED: Condition = {
  type: 'Terminating',
  status: 'False',
  reason: 'InstanceDeletionCompleted',
  message: 'removed all instances',
}

/** The kind of definitions, whose deletion waits for the objects of what they define. */
export function withCleanup(kind: Kind<CustomResourceDefinition>): Kind<CustomResourceDefinition> {
  return {
    ...kind,
    prepareForDelete(object, { clock }) {
      if (object.metadata.deletionTimestamp) return
      const now = clock.now()
      object.metadata.deletionTimestamp = rfc3339(now)
      const finalizers = object.metadata.finalizers ?? []
      if (!finalizers.includes(CLEANUP)) object.metadata.finalizers = [...finalizers, CLEANUP]
      object.status = withTerminating(object, PENDING, now)
    },
  }
}

/** The status with the condition `Terminating`. */
export function withTerminating(
  definition: CustomResourceDefinition,
  condition: Condition,
  now: number,
): NonNullable<CustomResourceDefinition['status']> {
  const status = definition.status ?? ({ acceptedNames: { kind: '', plural: '' }, storedVersions: [] } as never)
  const conditions = setCondition((status.conditions ?? []) as Condition[], condition, now)
  return { ...status, conditions: conditions as unknown as NonNullable<typeof status.conditions> }
}
