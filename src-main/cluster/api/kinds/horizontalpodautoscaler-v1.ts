import type { Kind } from './kind.js'
import type { HorizontalPodAutoscaler } from './horizontalpodautoscaler.js'
import { fromOldBehavior, fromOldCurrent, fromOldMetric, toOldBehavior, toOldCurrent, toOldMetric } from './rules/hpa-v1-metrics.js'
import type { KubeObject, ObjectMeta, Wire } from '../object.js'
import type * as k8s from '@kubernetes/client-node'

type V1 = Wire<k8s.V1HorizontalPodAutoscaler> & { metadata: ObjectMeta }
type V2Spec = NonNullable<HorizontalPodAutoscaler['spec']>
type Metric = NonNullable<V2Spec['metrics']>[number]

/** What v1 has no fields for travels in annotations. */
const METRICS = 'autoscaling.alpha.kubernetes.io/metrics'
const CURRENT_METRICS = 'autoscaling.alpha.kubernetes.io/current-metrics'
const CONDITIONS = 'autoscaling.alpha.kubernetes.io/conditions'
const BEHAVIOR = 'autoscaling.alpha.kubernetes.io/behavior'

/** https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/horizontal-pod-autoscaler-v1/, stored as autoscaling/v2. */
export const horizontalPodAutoscalerV1: Kind<V1> = {
  group: 'autoscaling',
  version: 'v1',
  kind: 'HorizontalPodAutoscaler',
  plural: 'horizontalpodautoscalers',
  singular: 'horizontalpodautoscaler',
  shortNames: ['hpa'],
  categories: ['all'],
  namespaced: true,
  model: 'V1HorizontalPodAutoscaler',
  storageKey: 'autoscaling/horizontalpodautoscalers',

  setDefaults({ spec }) {
    if (spec) spec.minReplicas ??= 1
  },
  storedAs: { group: 'autoscaling', version: 'v2', toStored, fromStored },
  subresources: { status: { type: 'object', verbs: ['get', 'update', 'patch'], prepareForUpdate() {} } },
}

function parsed<T>(annotations: Record<string, string>, name: string): T | undefined {
  const text = annotations[name]
  if (text === undefined) return undefined
  delete annotations[name]
  try {
    return JSON.parse(text) as T
  } catch {
    return undefined
  }
}

/** What an annotation lists; anybody may have written it. */
function parsedList<T extends object>(annotations: Record<string, string>, name: string): T[] | undefined {
  const list = parsed<unknown>(annotations, name)
  return Array.isArray(list) ? list.filter((e): e is T => typeof e === 'object' && e !== null) : undefined
}

function toStored(o: V1): KubeObject {
  const annotations = { ...o.metadata?.annotations }
  const others = (parsedList<Parameters<typeof fromOldMetric>[0]>(annotations, METRICS) ?? []).map(fromOldMetric)
  const behavior = parsed<object>(annotations, BEHAVIOR)
  const measured = parsedList<Parameters<typeof fromOldCurrent>[0]>(annotations, CURRENT_METRICS)
  const conditions = parsed<NonNullable<HorizontalPodAutoscaler['status']>['conditions']>(annotations, CONDITIONS)
  const metadata = { ...o.metadata, annotations }
  if (Object.keys(annotations).length === 0) delete (metadata as { annotations?: object }).annotations
  const { spec, status } = o
  const cpu = spec?.targetCPUUtilizationPercentage ?? (others.length === 0 ? 80 : undefined)
  const metrics: NonNullable<V2Spec['metrics']> = [...others]
  if (cpu !== undefined && spec)
    metrics.push({ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: cpu } } })
  // The annotation knows more than the field, and stands for it.
  const current = (measured ?? []).map(fromOldCurrent)
  if (!measured && typeof status?.currentCPUUtilizationPercentage === 'number')
    current.push({ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: status.currentCPUUtilizationPercentage } } })
  const stored = {
    apiVersion: 'autoscaling/v2',
    kind: o.kind,
    metadata,
    ...(spec
      ? {
          spec: {
            scaleTargetRef: spec.scaleTargetRef,
            ...(spec.minReplicas === undefined ? {} : { minReplicas: spec.minReplicas }),
            maxReplicas: spec.maxReplicas,
            metrics,
            ...(behavior ? { behavior: fromOldBehavior(behavior) } : {}),
          },
        }
      : {}),
    ...(status
      ? {
          status: {
            ...(status.observedGeneration === undefined ? {} : { observedGeneration: status.observedGeneration }),
            ...(status.lastScaleTime === undefined ? {} : { lastScaleTime: status.lastScaleTime }),
            ...(status.currentReplicas === undefined ? {} : { currentReplicas: status.currentReplicas }),
            desiredReplicas: status.desiredReplicas ?? 0,
            ...(current.length ? { currentMetrics: current } : {}),
            ...(conditions ? { conditions } : {}),
          },
        }
      : {}),
  }
  return stored as unknown as KubeObject
}

const isCpu = (m: { type?: string; resource?: { name?: string } }): boolean => m.type === 'Resource' && m.resource?.name === 'cpu'

function fromStored(object: KubeObject): V1 {
  const stored = object as unknown as HorizontalPodAutoscaler
  const { spec, status } = stored
  const annotations: Record<string, string> = { ...stored.metadata.annotations }
  const isTarget = (m: Metric): boolean => isCpu(m) && typeof m.resource?.target.averageUtilization === 'number'
  const cpu = spec?.metrics?.find(isCpu)
  const others = (spec?.metrics ?? []).filter((m) => !isTarget(m))
  if (others.length) annotations[METRICS] = JSON.stringify(others.map(toOldMetric))
  if (spec?.behavior) annotations[BEHAVIOR] = JSON.stringify(toOldBehavior(spec.behavior))
  const current = [...(status?.currentMetrics ?? [])]
    .reverse()
    .find((m) => isCpu(m) && typeof m.resource?.current.averageUtilization === 'number')
  if (status?.currentMetrics?.length) annotations[CURRENT_METRICS] = JSON.stringify(status.currentMetrics.map(toOldCurrent))
  if (status?.conditions?.length) annotations[CONDITIONS] = JSON.stringify(status.conditions)
  const metadata = { ...stored.metadata, annotations }
  if (Object.keys(annotations).length === 0) delete (metadata as { annotations?: object }).annotations
  const out = {
    apiVersion: 'autoscaling/v1',
    kind: stored.kind,
    metadata,
    ...(spec
      ? {
          spec: {
            scaleTargetRef: spec.scaleTargetRef,
            ...(spec.minReplicas === undefined ? {} : { minReplicas: spec.minReplicas }),
            maxReplicas: spec.maxReplicas,
            ...(cpu && isTarget(cpu) ? { targetCPUUtilizationPercentage: cpu.resource!.target.averageUtilization } : {}),
          },
        }
      : {}),
    status: {
      ...(status?.observedGeneration === undefined ? {} : { observedGeneration: status.observedGeneration }),
      ...(status?.lastScaleTime === undefined ? {} : { lastScaleTime: status.lastScaleTime }),
      currentReplicas: status?.currentReplicas ?? 0,
      desiredReplicas: status?.desiredReplicas ?? 0,
      ...(current ? { currentCPUUtilizationPercentage: current.resource!.current.averageUtilization } : {}),
    },
  }
  return out as unknown as V1
}
