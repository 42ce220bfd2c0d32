import type { Kind } from './kind.js'
import { field, type FieldError } from '../errors.js'
import type { ObjectMeta, Wire } from '../object.js'
import { checkName, checkRequired, collect } from './rules/checks.js'
import { ageColumn, column, nameColumn } from './rules/columns.js'
import { metricsText, setBehaviorDefaults, validateBehavior, validateMetrics } from './rules/hpa-metrics.js'
import { pathSegmentName } from './rules/names.js'
import { isEmpty } from './rules/sent.js'
import { keepStatus, statusSubresource } from './rules/subresources.js'
import { validateNotNegativeCounts } from './rules/workload-status.js'
import type * as k8s from '@kubernetes/client-node'

export type HorizontalPodAutoscaler = Wire<k8s.V2HorizontalPodAutoscaler> & { metadata: ObjectMeta }

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
  validate: ({ spec }) =>
    collect((errors) => {
      const { minReplicas, maxReplicas = 0, scaleTargetRef } = spec ?? {}
      if (typeof minReplicas === 'number' && minReplicas < 1)
        errors.push(field.invalid('spec.minReplicas', minReplicas, 'must be greater than or equal to 1'))
      if (maxReplicas < 1) errors.push(field.invalid('spec.maxReplicas', maxReplicas, 'must be greater than 0'))
      if (typeof minReplicas === 'number' && maxReplicas < minReplicas)
        errors.push(field.invalid('spec.maxReplicas', maxReplicas, 'must be greater than or equal to `minReplicas`'))
      for (const name of ['kind', 'name'] as const) {
        const at = `spec.scaleTargetRef.${name}`
        if (checkRequired(scaleTargetRef?.[name], at, errors)) checkName(pathSegmentName, scaleTargetRef![name], at, errors)
      }
      validateMetrics(spec?.metrics, 'spec.metrics', errors)
      validateBehavior(spec?.behavior, 'spec.behavior', errors)
    }),
  validateCreate: ({ spec }) => collect((errors) => validateTargetVersion(spec?.scaleTargetRef, errors)),
  validateUpdate: ({ spec }, old) =>
    collect((errors) => {
      const [target, before] = [spec?.scaleTargetRef, old.spec?.scaleTargetRef]
      // What was stored before there was this rule may stay.
      if (target?.apiVersion !== before?.apiVersion || target?.kind !== before?.kind) validateTargetVersion(target, errors)
    }),

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

/**
 * The version of what is scaled names a group; the core group has ReplicationControllers to scale and nothing else. Of a
 * target that does not even say its kind, that alone is told.
 */
function validateTargetVersion(target: { apiVersion?: string; kind?: string } | undefined, errors: FieldError[]): void {
  if (!target?.kind) return
  const version = target.apiVersion ?? ''
  const slashes = version.split('/').length - 1
  const at = 'spec.scaleTargetRef.apiVersion'
  if (slashes > 1) errors.push(field.invalid(at, version, `unexpected GroupVersion string: ${version}`))
  else if (target.kind !== 'ReplicationController' && (slashes === 0 || version.startsWith('/')))
    errors.push(field.invalid(at, version, 'apiVersion must specify API group'))
}
