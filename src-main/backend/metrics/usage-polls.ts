/** Samples of all pods or nodes from metrics.k8s.io, read while somebody looks, once for all who do. */
import type { Json } from '../kinds/kind.js'
import { collectionPath } from '../session/paths.js'
import type { Session } from '../session/session.js'
import type { Sample } from './usage-cells.js'
import { sampleOf } from './usage.js'

/** By `namespace/name`, or by name for nodes. */
export type Samples = ReadonlyMap<string, Sample>
type Resource = 'pods' | 'nodes'

/** metrics-server makes new samples every 15 s. */
const INTERVAL = 15_000
/** Until there are some, as after the start of a cluster. */
const FIRST_INTERVAL = 3_000

export const sampleKey = (namespace: string, name: string): string => (namespace ? `${namespace}/${name}` : name)

class UsagePoll {
  samples: Samples = new Map()
  readonly listeners = new Set<(samples: Samples) => void>()
  private timer: NodeJS.Timeout | undefined
  private stopped = false

  constructor(
    private readonly session: Session,
    private readonly resource: Resource,
    private readonly namespace: string,
  ) {
    void this.look()
  }

  stop(): void {
    this.stopped = true
    clearTimeout(this.timer)
  }

  private async look(): Promise<void> {
    let has = false
    try {
      const path = collectionPath({ group: 'metrics.k8s.io', version: 'v1beta1', resource: this.resource }, this.namespace || undefined)
      has = (await this.session.kinds()).some((k) => k.group === 'metrics.k8s.io' && k.resource === this.resource)
      if (has && !this.stopped) {
        const list = await (await this.session.api()).json<{ items?: Json[] }>(path)
        this.samples = new Map((list.items ?? []).map((m) => [sampleKey(m.metadata?.namespace ?? '', m.metadata?.name ?? ''), sampleOf(m)]))
        for (const l of this.listeners) l(this.samples)
      }
    } catch {
      // Without metrics-server, or without the right to read its samples, the columns stay empty.
    }
    if (this.stopped) return
    this.timer = setTimeout(() => void this.look(), has && !this.samples.size ? FIRST_INTERVAL : INTERVAL)
    this.timer.unref()
  }
}

/** The polls of one session, counted by who looks. */
export class UsagePolls {
  private readonly polls = new Map<string, UsagePoll>()

  constructor(private readonly session: Session) {}

  /** Tells the samples now, if there are any, and whenever they were read anew; gives a function that ends it. */
  subscribe(resource: Resource, namespace: string, listener: (samples: Samples) => void): () => void {
    const key = `${resource}/${namespace}`
    const poll = this.polls.get(key) ?? new UsagePoll(this.session, resource, namespace)
    this.polls.set(key, poll)
    poll.listeners.add(listener)
    if (poll.samples.size) listener(poll.samples)
    return () => {
      poll.listeners.delete(listener)
      if (poll.listeners.size) return
      poll.stop()
      if (this.polls.get(key) === poll) this.polls.delete(key)
    }
  }

  close(): void {
    for (const p of this.polls.values()) p.stop()
    this.polls.clear()
  }
}
