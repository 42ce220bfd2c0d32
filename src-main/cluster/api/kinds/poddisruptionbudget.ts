import type { Kind } from './kind.js'
import { field } from '../errors.js'
import type { ObjectMeta, Wire } from '../object.js'
import { checkGiven, collect } from './rules/checks.js'
import { ageColumn, column, nameColumn } from './rules/columns.js'
import { validateConditions } from './rules/conditions.js'
import { pathSegmentName } from './rules/names.js'
import { checkAtMostHundredPercent, checkCountOrPercent } from './rules/ports.js'
import { validateSelector } from './rules/selectors.js'
import { keepStatus, statusSubresource } from './rules/subresources.js'
import { validateNotNegativeCounts } from './rules/workload-status.js'
import type * as k8s from '@kubernetes/client-node'

export type PodDisruptionBudget = Wire<k8s.V1PodDisruptionBudget> & { metadata: ObjectMeta }

/** https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/pod-disruption-budget-v1/ */
export const podDisruptionBudget: Kind<PodDisruptionBudget> = {
  group: 'policy',
  version: 'v1',
  kind: 'PodDisruptionBudget',
  plural: 'poddisruptionbudgets',
  singular: 'poddisruptionbudget',
  unconditionalUpdate: false,
  shortNames: ['pdb'],
  namespaced: true,
  model: 'V1PodDisruptionBudget',
  generational: true,

  setDefaults: (object) => void (object.spec ??= {}),
  prepareForCreate(object) {
    object.status = { currentHealthy: 0, desiredHealthy: 0, disruptionsAllowed: 0, expectedPods: 0 }
  },
  prepareForUpdate: keepStatus,
  // Nothing but what every name has to be is asked of it.
  validateName: pathSegmentName,
  metadataApart: true,
  validate: ({ spec }) =>
    collect((errors) => {
      const { minAvailable, maxUnavailable } = spec ?? {}
      // Null is an amount that was not sent.
      if ((minAvailable ?? undefined) !== undefined && (maxUnavailable ?? undefined) !== undefined)
        errors.push(field.invalid('spec', shownSpec(spec ?? {}), 'minAvailable and maxUnavailable cannot be both set'))
      for (const [name, value] of Object.entries({ minAvailable, maxUnavailable })) {
        if (value === undefined || value === null) continue
        checkCountOrPercent(value, `spec.${name}`, errors)
        checkAtMostHundredPercent(value, `spec.${name}`, errors)
      }
      validateSelector(spec?.selector, 'spec.selector', errors)
      checkGiven(spec?.unhealthyPodEvictionPolicy, ['AlwaysAllow', 'IfHealthyBudget'], 'spec.unhealthyPodEvictionPolicy', errors)
    }),

  columns: [
    nameColumn(),
    column('Min Available', 'The minimum number of pods that must be available.', (o) => String(o.spec?.minAvailable ?? 'N/A')),
    column('Max Unavailable', 'The maximum number of pods that may be unavailable.', (o) => String(o.spec?.maxUnavailable ?? 'N/A')),
    column(
      'Allowed Disruptions',
      'Calculated number of pods that may be disrupted at this time.',
      (o) => o.status?.disruptionsAllowed ?? 0,
      { type: 'integer' },
    ),
    ageColumn(),
  ],
  subresources: {
    status: statusSubresource<PodDisruptionBudget>({
      validateUpdate: ({ status }) =>
        collect((errors) => {
          validateConditions(status?.conditions, 'status.conditions', errors)
          validateNotNegativeCounts(status, ['disruptionsAllowed', 'currentHealthy', 'desiredHealthy', 'expectedPods'], errors)
        }),
    }),
  },
}

/** A spec as messages print it: only the selector has names as in JSON. */
function shownSpec(spec: NonNullable<PodDisruptionBudget['spec']>): object {
  return {
    MinAvailable: spec.minAvailable ?? null,
    Selector: spec.selector ?? null,
    MaxUnavailable: spec.maxUnavailable ?? null,
    UnhealthyPodEvictionPolicy: spec.unhealthyPodEvictionPolicy ?? null,
  }
}
