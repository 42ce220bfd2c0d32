import type { Kind } from './kind.js'
import { field, type FieldError } from '../errors.js'
import type { ObjectMeta, Wire } from '../object.js'
import { collect } from './rules/checks.js'
import { ageColumn, column, nameColumn } from './rules/columns.js'
import { validateScaleReference, versionProblem, type SentReference } from './rules/scale-reference.js'
import { metricsText, setBehaviorDefaults, validateBehavior, validateMetrics } from './rules/hpa-metrics.js'
import { isEmpty, type Sent } from './rules/sent.js'
import { keepStatus, statusSubresource } from './rules/subresources.js'
import { validateNotNegativeCounts } from './rules/workload-status.js'
import type * as k8s from '@kubernetes/client-node'

export type HorizontalPodAutoscaler = Wire<k8s.V2HorizontalPodAutoscaler> & { metadata: ObjectMeta }
type Spec = Sent<k8s.V2HorizontalPodAutoscalerSpec>

/** https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/horizontal-pod-autoscaler-v2/, which is the stored form. */
export const horizontalPodAutoscaler: Kind<HorizontalPodAutoscaler> = {
  group: 'autoscaling',
  version: 'v2',
  kind: 'HorizontalPodAutoscaler',
  plural: 'horizontalpodautoscalers',
  singular: 'horizontalpodautoscaler',
  shortNames: ['hpa'],
  categories: ['all'],
  namespaced: true,
  model: 'V2HorizontalPodAutoscaler',
  nullLists: ['status.currentMetrics'],
  storageKey: 'autoscaling/horizontalpodautoscalers',
  generational: false,
  changesGeneration: () => false,

  setDefaults({ spec }) {
    if (!spec) return
    spec.minReplicas ??= 1
    if (isEmpty(spec.metrics))
      spec.metrics = [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } }]
    setBehaviorDefaults(spec.behavior)
  },
  prepareForCreate(object) {
    object.status = { currentMetrics: undefined, desiredReplicas: 0 }
    delete object.status.currentMetrics
  },
  prepareForUpdate: keepStatus,
  validateCreate: ({ spec }) => collect((errors) => validateSpec(spec ?? {}, undefined, errors)),
  validateUpdate: ({ spec }, old) => collect((errors) => validateSpec(spec ?? {}, old.spec ?? {}, errors)),

  columns: [
    nameColumn(),
    column('Reference', '@spec.scaleTargetRef', (o) => `${o.spec?.scaleTargetRef?.kind ?? ''}/${o.spec?.scaleTargetRef?.name ?? ''}`),
    column('Targets', '@spec.metrics', (o) => metricsText(o.spec?.metrics, o.status?.currentMetrics)),
    column('MinPods', '@spec.minReplicas', (o) => (typeof o.spec?.minReplicas === 'number' ? String(o.spec.minReplicas) : '<unset>')),
    column('MaxPods', '@spec.maxReplicas', (o) => o.spec?.maxReplicas ?? 0),
    column('Replicas', '@status.currentReplicas', (o) => o.status?.currentReplicas ?? 0),
    ageColumn(),
  ],
  subresources: {
    status: statusSubresource<HorizontalPodAutoscaler>({
      validateUpdate: ({ status }) =>
        collect((errors) => validateNotNegativeCounts(status, ['currentReplicas', 'desiredReplicas'], errors)),
    }),
  },
}

/** Checks a spec. What the old one has that was allowed once may stay. */
function validateSpec(spec: Spec, old: Spec | undefined, errors: FieldError[]): void {
  const { minReplicas, maxReplicas, scaleTargetRef } = spec
  const most = maxReplicas ?? 0
  // Scaling to nothing is behind a gate that is off, but for what has been let to.
  const least = old?.minReplicas === 0 ? 0 : 1
  if (typeof minReplicas === 'number' && minReplicas < least)
    errors.push(field.invalid('spec.minReplicas', minReplicas, `must be greater than or equal to ${least}`))
  if (most === 0) errors.push(field.required('spec.maxReplicas', 'must be set and greater than 0'))
  else if (most < 0) errors.push(field.invalid('spec.maxReplicas', most, 'must be greater than 0'))
  if (typeof minReplicas === 'number' && most < minReplicas)
    errors.push(field.invalid('spec.maxReplicas', most, 'must be greater than or equal to `minReplicas`'))
  const versioned = old && targetVersionProblem(old.scaleTargetRef ?? {}) ? undefined : targetVersionProblem
  validateScaleReference(scaleTargetRef ?? {}, versioned, 'spec.scaleTargetRef', errors)
  validateMetrics(spec, old, 'spec.metrics', errors)
  validateBehavior(spec.behavior, 'spec.behavior', errors)
}

/** The version of what is scaled names a group; the core group has ReplicationControllers to scale and nothing else. */
function targetVersionProblem(target: SentReference): string | undefined {
  const version = target.apiVersion ?? ''
  const named = version.includes('/') && !version.startsWith('/')
  return versionProblem(version) ?? (named || target.kind === 'ReplicationController' ? undefined : 'apiVersion must specify API group')
}
