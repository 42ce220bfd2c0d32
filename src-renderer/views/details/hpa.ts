import { humanBytes } from '../../components/bytes.js'
import type { KubeObject } from '../../stores/object.js'

/** One metric of a HorizontalPodAutoscaler: what is measured and what is aimed at, in its own unit. */
export interface HpaMetric {
  name: string
  current?: string
  target: string
  /** Current by target; 1 is right on it. */
  ratio?: number
}

type Metric = KubeObject['spec']

/** The metrics of an autoscaling/v2 object, in the order of its spec. */
export function hpaMetrics(hpa: KubeObject, number: (quantity: string) => number): HpaMetric[] {
  const status: Metric[] = hpa.status?.currentMetrics ?? []
  return ((hpa.spec?.metrics ?? []) as Metric[]).map((m) => {
    const part = partOf(m)
    const now = status.map(partOf).find((s) => s.name === part.name)?.values.current
    const target = part.values.target ?? {}
    if (target.averageUtilization !== undefined) {
      const current = now?.averageUtilization
      return {
        name: part.name,
        target: `${target.averageUtilization}%`,
        ...(current === undefined ? {} : { current: `${current}%`, ratio: current / target.averageUtilization }),
      }
    }
    const field = target.averageValue === undefined ? 'value' : 'averageValue'
    const current = now?.[field]
    // The server gives bytes as a plain number, whatever unit the target has.
    const text = (quantity: string): string => (part.name.endsWith('memory') ? humanBytes(number(quantity)) : quantity)
    return {
      name: part.name,
      target: target[field] === undefined ? '–' : text(String(target[field])),
      ...(current === undefined ? {} : { current: text(String(current)), ratio: number(String(current)) / number(String(target[field])) }),
    }
  })
}

function partOf(m: Metric): { name: string; values: Metric } {
  // The status of a metric that could not be read has an empty type.
  const type: string = m.type ?? ''
  const values = m[`${type.slice(0, 1).toLowerCase()}${type.slice(1)}`] ?? {}
  const name = values.name ?? values.metric?.name ?? type
  const of = values.container
    ? `${values.container}/`
    : values.describedObject
      ? `${values.describedObject.kind}/${values.describedObject.name} `
      : ''
  return { name: `${of}${name}`, values }
}
