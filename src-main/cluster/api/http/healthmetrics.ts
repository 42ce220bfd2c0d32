/**
 * /metrics/slis: what health checks have told whoever asked for them, as kube-apiserver counts it.
 * https://kubernetes.io/docs/reference/instrumentation/slis/
 */
import { family, sample, type MetricType } from '../exposition.js'

/** Counts results of health checks by path (`readyz`) and name (`etcd`). */
export class HealthMetrics {
  private readonly last = new Map<string, boolean>()
  private readonly counts = new Map<string, number>()

  note(path: string, name: string, healthy: boolean): void {
    this.last.set(`name="${name}",type="${path}"`, healthy)
    const counted = `name="${name}",status="${healthy ? 'success' : 'error'}",type="${path}"`
    this.counts.set(counted, (this.counts.get(counted) ?? 0) + 1)
  }

  /** The page in Prometheus' text format. */
  text(): string {
    const each = (name: string, type: MetricType, help: string, values: readonly (readonly [string, number])[]): string =>
      family(
        name,
        type,
        help,
        values.map(([labels, n]) => sample(name, labels, n)),
      )
    const sorted = <T>(map: ReadonlyMap<string, T>): [string, T][] => [...map].sort(([a], [b]) => (a < b ? -1 : 1))
    const results = sorted(this.last).map(([labels, healthy]) => [labels, healthy ? 1 : 0] as const)
    return (
      each('kubernetes_healthcheck', 'gauge', '[STABLE] This metric records the result of a single healthcheck.', results) +
      each('kubernetes_healthchecks_total', 'counter', '[STABLE] This metric records the results of all healthcheck.', sorted(this.counts))
    )
  }
}
