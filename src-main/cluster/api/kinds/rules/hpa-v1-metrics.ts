/**
 * How autoscaling/v1 writes what it has no fields for into annotations: metrics in the shape that they had before
 * autoscaling/v2 gave them targets, and behaviour in the server's own form.
 */
import type { HorizontalPodAutoscaler } from '../horizontalpodautoscaler.js'

type Spec = NonNullable<HorizontalPodAutoscaler['spec']>
type Metric = NonNullable<Spec['metrics']>[number]
type Current = NonNullable<NonNullable<HorizontalPodAutoscaler['status']>['currentMetrics']>[number]
type Behavior = NonNullable<Spec['behavior']>
type Target = Metric extends { resource?: { target: infer T } } ? T : never

/** A metric as the annotation has it. */
interface OldMetric {
  type: string
  object?: { target: object; metricName: string; targetValue?: string; selector?: object; averageValue?: string }
  pods?: { metricName: string; targetAverageValue?: string; selector?: object }
  resource?: { name: string; targetAverageUtilization?: number; targetAverageValue?: string }
  containerResource?: { name: string; targetAverageUtilization?: number; targetAverageValue?: string; container: string }
  external?: { metricName: string; metricSelector?: object; targetValue?: string; targetAverageValue?: string }
}

/** What was measured, as the annotation has it. */
interface OldCurrent {
  type: string
  object?: { target: object; metricName: string; currentValue: string; selector?: object; averageValue?: string }
  pods?: { metricName: string; currentAverageValue: string; selector?: object }
  resource?: { name: string; currentAverageUtilization?: number; currentAverageValue: string }
  containerResource?: { name: string; currentAverageUtilization?: number; currentAverageValue: string; container: string }
  external?: { metricName: string; metricSelector?: object; currentValue: string; currentAverageValue?: string }
}

const ZERO = '0'

/** Leaves out what is undefined, and keeps the order. */
function present<T extends object>(fields: T): T {
  return Object.fromEntries(Object.entries(fields).filter(([, v]) => v !== undefined && v !== null)) as T
}

/** A metric of autoscaling/v2 in its old shape. */
export function toOldMetric({ type, object, pods, resource, containerResource, external }: Metric): OldMetric {
  const perPod = (target: Target): object => ({
    targetAverageUtilization: target.averageUtilization,
    targetAverageValue: target.averageValue,
  })
  return present({
    type,
    object:
      object &&
      present({
        target: object.describedObject,
        metricName: object.metric.name,
        targetValue: object.target.value ?? ZERO,
        selector: object.metric.selector,
        averageValue: object.target.averageValue,
      }),
    pods:
      pods &&
      present({
        metricName: pods.metric.name,
        targetAverageValue: pods.target.averageValue ?? ZERO,
        selector: pods.metric.selector,
      }),
    resource: resource && present({ name: resource.name, ...perPod(resource.target) }),
    containerResource:
      containerResource &&
      present({ name: containerResource.name, ...perPod(containerResource.target), container: containerResource.container }),
    external:
      external &&
      present({
        metricName: external.metric.name,
        metricSelector: external.metric.selector,
        targetValue: external.target.value,
        targetAverageValue: external.target.averageValue,
      }),
  })
}

/** A metric in its old shape as autoscaling/v2 has it. */
export function fromOldMetric({ type, object, pods, resource, containerResource, external }: OldMetric): Metric {
  const perPod = (m: { targetAverageUtilization?: number; targetAverageValue?: string }): Target =>
    present({
      type: m.targetAverageUtilization === undefined ? 'AverageValue' : 'Utilization',
      averageValue: m.targetAverageValue,
      averageUtilization: m.targetAverageUtilization,
    }) as Target
  const metric = {
    type,
    object: object && {
      describedObject: object.target,
      metric: present({ name: object.metricName, selector: object.selector }),
      target: object.averageValue === undefined ? { type: 'Value', value: object.targetValue } : averageOf(object.averageValue),
    },
    pods: pods && {
      metric: present({ name: pods.metricName, selector: pods.selector }),
      target: averageOf(pods.targetAverageValue),
    },
    resource: resource && { name: resource.name, target: perPod(resource) },
    containerResource: containerResource && {
      name: containerResource.name,
      container: containerResource.container,
      target: perPod(containerResource),
    },
    external: external && {
      metric: present({ name: external.metricName, selector: external.metricSelector }),
      target: present({
        type: external.targetValue === undefined ? 'AverageValue' : 'Value',
        value: external.targetValue,
        averageValue: external.targetAverageValue,
      }),
    },
  }
  return present(metric) as unknown as Metric
}

const averageOf = (averageValue: string | undefined): object => ({ type: 'AverageValue', averageValue })

/** What was measured in its old shape. */
export function toOldCurrent({ type, object, pods, resource, containerResource, external }: Current): OldCurrent {
  return present({
    type,
    object:
      object &&
      present({
        target: object.describedObject,
        metricName: object.metric.name,
        currentValue: object.current.value ?? ZERO,
        selector: object.metric.selector,
        averageValue: object.current.averageValue,
      }),
    pods:
      pods &&
      present({
        metricName: pods.metric.name,
        currentAverageValue: pods.current.averageValue ?? ZERO,
        selector: pods.metric.selector,
      }),
    resource:
      resource &&
      present({
        name: resource.name,
        currentAverageUtilization: resource.current.averageUtilization,
        currentAverageValue: resource.current.averageValue ?? ZERO,
      }),
    containerResource:
      containerResource &&
      present({
        name: containerResource.name,
        currentAverageUtilization: containerResource.current.averageUtilization,
        currentAverageValue: containerResource.current.averageValue ?? ZERO,
        container: containerResource.container,
      }),
    external:
      external &&
      present({
        metricName: external.metric.name,
        metricSelector: external.metric.selector,
        currentValue: external.current.value ?? ZERO,
        currentAverageValue: external.current.averageValue,
      }),
  })
}

/** What was measured as autoscaling/v2 has it. */
export function fromOldCurrent({ type, object, pods, resource, containerResource, external }: OldCurrent): Current {
  const current = {
    type,
    object: object && {
      describedObject: object.target,
      metric: present({ name: object.metricName, selector: object.selector }),
      current: present({ value: object.currentValue, averageValue: object.averageValue }),
    },
    pods: pods && {
      metric: present({ name: pods.metricName, selector: pods.selector }),
      current: { averageValue: pods.currentAverageValue },
    },
    resource: resource && {
      name: resource.name,
      current: present({ averageValue: resource.currentAverageValue, averageUtilization: resource.currentAverageUtilization }),
    },
    containerResource: containerResource && {
      name: containerResource.name,
      container: containerResource.container,
      current: present({
        averageValue: containerResource.currentAverageValue,
        averageUtilization: containerResource.currentAverageUtilization,
      }),
    },
    external: external && {
      metric: present({ name: external.metricName, selector: external.metricSelector }),
      current: present({ value: external.currentValue, averageValue: external.currentAverageValue }),
    },
  }
  return present(current) as unknown as Current
}

/** Behaviour in the server's own form: names with capitals, what is missing as null. */
export function toOldBehavior({ scaleUp, scaleDown }: Behavior): object {
  const rules = (r: Behavior['scaleUp']): object | null =>
    r
      ? {
          StabilizationWindowSeconds: r.stabilizationWindowSeconds ?? null,
          SelectPolicy: r.selectPolicy ?? null,
          Policies: r.policies?.map((p) => ({ Type: p.type, Value: p.value, PeriodSeconds: p.periodSeconds })) ?? null,
          Tolerance: (r as { tolerance?: string }).tolerance ?? null,
        }
      : null
  return { ScaleUp: rules(scaleUp), ScaleDown: rules(scaleDown) }
}

/** Behaviour read back: names in any case, nulls left out. */
export function fromOldBehavior(value: unknown): Behavior {
  const lower = (v: unknown): unknown => {
    if (Array.isArray(v)) return v.map(lower)
    if (typeof v !== 'object' || v === null) return v
    const there = Object.entries(v).filter(([, e]) => e !== null)
    return Object.fromEntries(there.map(([k, e]) => [k.charAt(0).toLowerCase() + k.slice(1), lower(e)]))
  }
  return lower(value) as Behavior
}
