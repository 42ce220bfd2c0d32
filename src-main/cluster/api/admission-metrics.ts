/**
 * How long admission takes, by the names and labels that kube-apiserver uses.
 * https://kubernetes.io/docs/reference/instrumentation/metrics/
 */
import type { AdmissionOperation } from '../access/admission/plugin.js'
import { Histogram, printedLabels, type Series } from './exposition.js'

/** The two turns of admission: what may change an object, and what may refuse it. */
export type AdmissionType = 'admit' | 'validate'

/** Upper bounds of the buckets, seconds: those of kube-apiserver. */
const BUCKETS = [0.005, 0.025, 0.1, 0.5, 1, 2.5]

/** The latencies of one plugin, or of all of them, in one turn and operation. A series is there once it was observed. */
export class AdmissionLatencies {
  private passed?: Series
  private rejected?: Series

  constructor(private readonly series: (rejected: boolean) => Series) {}

  /** @param ms how long it took */
  observe(rejected: boolean, ms: number): void {
    const series = rejected ? (this.rejected ??= this.series(true)) : (this.passed ??= this.series(false))
    series.observe(ms / 1000)
  }
}

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

  /** Where the turns of one plugin are noted. */
  ofPlugin(type: AdmissionType, operation: AdmissionOperation, name: string): AdmissionLatencies {
    return new AdmissionLatencies((rejected) =>
      this.controllers.series(printedLabels({ name, operation, rejected: String(rejected), type })),
    )
  }

  /** Where the turns of all plugins together are noted. */
  ofAll(type: AdmissionType, operation: AdmissionOperation): AdmissionLatencies {
    return new AdmissionLatencies((rejected) => this.steps.series(printedLabels({ operation, rejected: String(rejected), type })))
  }

  families(): string[] {
    return [this.controllers.text(), this.steps.text()]
  }
}
