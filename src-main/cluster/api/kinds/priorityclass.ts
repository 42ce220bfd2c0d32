import type { Kind } from './kind.js'
import { field } from '../errors.js'
import type { ObjectMeta, Wire } from '../object.js'
import { checkImmutable, checkOneOf, collect } from './rules/checks.js'
import { ageColumn, column, nameColumn } from './rules/columns.js'
import type * as k8s from '@kubernetes/client-node'

export type PriorityClass = Wire<k8s.V1PriorityClass> & { metadata: ObjectMeta }

/** Above this is the system's own. */
const HIGHEST_USER_PRIORITY = 1_000_000_000
/** The classes that every cluster has, with their values and descriptions. */
export const SYSTEM_CLASSES: Readonly<Record<string, { value: number; description: string }>> = {
  'system-node-critical': {
    value: 2_000_001_000,
    description: 'Used for system critical pods that must not be moved from their current node.',
  },
  'system-cluster-critical': {
    value: 2_000_000_000,
    description: 'Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.',
  },
}

/** https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/priority-class-v1/ */
export const priorityClass: Kind<PriorityClass> = {
  group: 'scheduling.k8s.io',
  version: 'v1',
  kind: 'PriorityClass',
  plural: 'priorityclasses',
  singular: 'priorityclass',
  shortNames: ['pc'],
  namespaced: false,
  model: 'V1PriorityClass',
  generational: true,
  changesGeneration: () => false,

  setDefaults(object) {
    object.preemptionPolicy ??= 'PreemptLowerPriority'
    // A required number that is left out is zero.
    object.value ??= 0
  },
  // What cannot change is looked at when it is made, nothing besides.
  validateCreate: (object) =>
    collect((errors) => {
      const name = object.metadata.name ?? ''
      if (name.startsWith('system-')) {
        const known = SYSTEM_CLASSES[name]
        const problem = !known
          ? `${name} is not a known system priority class`
          : known.value !== object.value
            ? `value of ${name} PriorityClass must be ${known.value}`
            : object.globalDefault
              ? `globalDefault of ${name} PriorityClass must be false`
              : undefined
        if (problem) {
          const text = `priority class names with 'system-' prefix are reserved for system use only. error: ${problem}`
          errors.push(field.forbidden('metadata.name', text))
        }
      } else if ((object.value ?? 0) > HIGHEST_USER_PRIORITY) {
        errors.push(field.forbidden('value', `maximum allowed value of a user defined priority is ${HIGHEST_USER_PRIORITY}`))
      }
      checkOneOf(object.preemptionPolicy, ['PreemptLowerPriority', 'Never'], 'preemptionPolicy', errors)
    }),
  validateUpdate: (object, old) =>
    collect((errors) => {
      if (object.value !== old.value) errors.push(field.forbidden('value', 'may not be changed in an update.'))
      checkImmutable(object.preemptionPolicy, old.preemptionPolicy, 'preemptionPolicy', errors)
    }),

  columns: [
    nameColumn(),
    column('Value', '@value', (o) => o.value ?? 0, { type: 'integer' }),
    column('Global-Default', '@globalDefault', (o) => o.globalDefault ?? false, { type: 'boolean' }),
    ageColumn(),
    column('PreemptionPolicy', '@preemptionPolicy', (o) => o.preemptionPolicy ?? ''),
  ],
}
