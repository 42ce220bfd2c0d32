/** The history of an object, from a Prometheus: https://prometheus.io/docs/prometheus/latest/querying/api/#range-queries. */
import type { Json } from '../../kinds/kind.js'
import type { MetricHistory, MetricRange, ObjectRef } from '../../rpc/contract.js'
import type { Prometheus } from './find-prometheus.js'
import { chartQueries } from './queries.js'

const HOUR = 3600
const spans: Record<MetricRange, number> = { '1h': HOUR, '6h': 6 * HOUR, '24h': 24 * HOUR, '7d': 168 * HOUR, '30d': 720 * HOUR }
/** Steps of a chart: about what its width in pixels can show. */
const STEPS = 120

/** The values of the first series of a range query, one for each step; a NaN of Prometheus is no value. */
export function stepValues(data: Json, start: number, stepSeconds: number, count: number): (number | null)[] {
  const values = Array.from({ length: count }, (): number | null => null)
  for (const [time, value] of (data?.result?.[0]?.values ?? []) as [number, string][]) {
    const i = Math.round((time - start) / stepSeconds)
    const n = Number(value)
    if (i >= 0 && i < count && Number.isFinite(n)) values[i] = n
  }
  return values
}

/** @param now this machine's time, ms */
export async function metricHistory(
  prometheus: Prometheus,
  { ref, range }: { ref: ObjectRef; range: MetricRange },
  now = Date.now(),
): Promise<MetricHistory> {
  const step = spans[range] / STEPS
  // On whole steps, so that a chart that is drawn again does not wobble.
  const end = Math.floor((now + prometheus.skew) / 1000 / step) * step
  const start = end - spans[range]
  const charts = await Promise.all(
    chartQueries(ref, step).map(async ({ id, unit, lines }) => ({
      id,
      unit,
      series: (
        await Promise.all(
          lines.map(async (line) => ({
            id: line.id,
            values: stepValues(await prometheus.get('query_range', { query: line.query, start, end, step }), start, step, STEPS + 1),
          })),
        )
      ).filter((s) => s.values.some((v) => v !== null)),
    })),
  )
  const references = ['request', 'limit', 'allocatable', 'capacity']
  return {
    source: prometheus.place,
    start: start * 1000,
    end: end * 1000,
    stepSeconds: step,
    charts: charts.filter((c) => c.series.some((s) => !references.includes(s.id))),
  }
}
