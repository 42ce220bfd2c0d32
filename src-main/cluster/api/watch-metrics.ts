/**
 * What watches have told their clients, under the names and labels that kube-apiserver uses.
 * https://kubernetes.io/docs/reference/instrumentation/metrics/
 */
import { Counter, Histogram, printedLabels, type Series } from './exposition.js'
import type { Kind } from './kinds/kind.js'

/** Upper bounds of the sizes of events, bytes. */
const SIZE_BUCKETS = [1024, 2048, 4096, 8192, 16_384, 32_768, 65_536, 131_072]

/** The events of the watches of one resource. */
export interface WatchedEvents {
  /** Notes an event that is sent. */
  sent(bytes: number): void
  /** Notes a watch that was ended because its client did not read. */
  terminated(): void
}

type Resource = Pick<Kind, 'group' | 'version' | 'plural'>

export class WatchMetrics {
  private readonly events = new Counter('apiserver_watch_events_total', '[ALPHA] Number of events sent in watch clients')
  private readonly sizes = new Histogram('apiserver_watch_events_sizes', '[ALPHA] Watch event size distribution in bytes', SIZE_BUCKETS)
  private readonly unresponsive = new Counter(
    'apiserver_terminated_watchers_total',
    '[ALPHA] Counter of watchers closed due to unresponsiveness broken by resource type.',
  )

  /** Where the events of a resource are noted. */
  of({ group, version, plural: resource }: Resource): WatchedEvents {
    const labels = printedLabels({ group, resource, version })
    let size: Series | undefined
    return {
      sent: (bytes) => {
        this.events.add(labels)
        size ??= this.sizes.series(labels)
        size.observe(bytes)
      },
      terminated: () => this.unresponsive.add(printedLabels({ group, resource })),
    }
  }

  families(): string[] {
    return [this.unresponsive.text(), this.sizes.text(), this.events.text()]
  }
}
