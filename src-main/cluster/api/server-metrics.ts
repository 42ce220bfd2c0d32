/** What an API server measures of its own work, whoever asks for it: HTTPS clients and the cluster's own components. */
import { AdmissionMetrics } from './admission-metrics.js'
import { StorageMetrics } from './storage-metrics.js'
import { WatchMetrics } from './watch-metrics.js'

export class ServerMetrics {
  readonly admission = new AdmissionMetrics()
  readonly storage: StorageMetrics
  readonly watches = new WatchMetrics()

  /** @param bytesOnDisk how much disk the store takes; undefined where it is in memory */
  constructor(bytesOnDisk: (() => number) | undefined) {
    this.storage = new StorageMetrics(bytesOnDisk)
  }

  families(): string[] {
    return [...this.admission.families(), ...this.storage.families(), ...this.watches.families()]
  }
}
