/**
 * How long admission takes, by the names and labels that kube-apiserver uses.
 * https://kubernetes.io/docs/reference/instrumentation/metrics/
 */
import type { AdmissionOperation, AdmissionPlugin } from '../access/admission/plugin.js'
import { Histogram, printedLabels, type Series } from './exposition.js'

/** The two turns of admission: what may change an object, and what may refuse it. */
export type AdmissionType = 'admit' | 'validate'

/** Upper bounds of the buckets, seconds: those of kube-apiserver. */
const BUCKETS = [0.005, 0.025, 0.1, 0.5, 1, 2.5]

/** The latencies of admission as a whole and of each of its plugins. */
export class AdmissionMetrics {
  private readonly controllers = new Histogram(
    'apiserver_admission_controller_admission_duration_seconds',
    '[STABLE] Admission controller latency histogram in seconds, identified by name and broken out for each operation and API resource and type (validate or admit).',
    BUCKETS,
  )
  private readonly steps = new Histogram(
    'apiserver_admission_step_admission_duration_seconds',
    '[STABLE] Admission sub-step latency histogram in seconds, broken out for each operation and API resource and step type (validate or admit).',
    BUCKETS,
  )
  private readonly series = new Map<AdmissionPlugin | undefined, Map<string, Series>>()

  /**
   * Notes one turn of a plugin, or of all of them where none is given. What Kubernetes does not do in admission, such as
   * `rbac/escalation`, has a path as its name here and is told of only as part of the whole.
   */
  observe(
    plugin: AdmissionPlugin | undefined,
    type: AdmissionType,
    operation: AdmissionOperation,
    rejected: boolean,
    seconds: number,
  ): void {
    if (plugin?.name.includes('/')) return
    let known = this.series.get(plugin)
    if (!known) this.series.set(plugin, (known = new Map()))
    const key = `${operation}${type}${rejected}`
    let series = known.get(key)
    if (!series) {
      const labels = { operation, rejected: String(rejected), type }
      series = plugin ? this.controllers.series(printedLabels({ ...labels, name: plugin.name })) : this.steps.series(printedLabels(labels))
      known.set(key, series)
    }
    series.observe(seconds)
  }

  families(): string[] {
    return [this.controllers.text(), this.steps.text()]
  }
}
