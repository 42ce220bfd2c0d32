/** Deletes events an hour after they were last written, as the API server's --event-ttl does with leases in etcd. */
import { resources } from '../api/client.js'
import { isReason } from '../api/errors.js'
import type { Event, ObjectMeta } from '../api/object.js'
import { keyOf } from '../api/object.js'
import type { Timer } from '../clock.js'
import type { Controller, ControllerContext } from './controller.js'
import { timeOf } from './pods.js'

export interface EventTTLOptions {
  /** One hour by default. */
  ttlMs?: number
}

/** What is kept of an event: most objects of a large cluster are events, and nothing else here looks at them. */
interface Written {
  readonly metadata: ObjectMeta
  /** When it was last written, ms; 0 when it does not say. */
  readonly at: number
}

function writtenOf(event: Event): Written {
  const { namespace, name, resourceVersion } = event.metadata
  return { metadata: { namespace: namespace!, name: name!, resourceVersion: resourceVersion! }, at: lastSeen(event) }
}

export function startEventTTLController(ctx: ControllerContext, { ttlMs = 3_600_000 }: EventTTLOptions = {}): Controller {
  const client = ctx.client.resource<Event>(resources.events)
  const events = ctx.informers.for<Written>(resources.events, { slim: { name: 'event-ttl-controller', of: (e) => writtenOf(e as Event) } })
  /** When each event was last written, the longest ago first: one timer serves all. */
  const written = new Map<Written, number>()
  let timer: Timer | undefined
  let stopped = false
  const touch = (event: Written): void => {
    written.set(event, event.at || ctx.clock.now())
    arm()
  }
  const stop = events.on({
    add: touch,
    update(old, event) {
      written.delete(old)
      touch(event)
    },
    delete: (event) => void written.delete(event),
  })
  // The first list comes in the order of names.
  void events.synced.then(() => {
    const sorted = [...written].sort(([, a], [, b]) => a - b)
    written.clear()
    for (const [event, at] of sorted) written.set(event, at)
    timer?.cancel()
    timer = undefined
    arm()
  })
  return {
    name: 'event-ttl-controller',
    stop() {
      stopped = true
      stop()
      timer?.cancel()
    },
  }

  function arm(): void {
    if (timer || stopped) return
    const first = written.values().next()
    if (first.done) return
    timer = ctx.clock.after(Math.max(0, first.value + ttlMs - ctx.clock.now()), () => {
      timer = undefined
      expire()
      arm()
    })
  }

  function expire(): void {
    const before = ctx.clock.now() - ttlMs
    for (const [event, at] of written) {
      if (at > before) break
      written.delete(event)
      const { namespace, name } = event.metadata
      client.delete(namespace!, name!).catch((error: unknown) => {
        if (!isReason(error, 'NotFound')) ctx.log(`deleting the old event ${keyOf(event)} failed`, error)
      })
    }
  }
}

function lastSeen(event: Event): number {
  const times = [event.series?.lastObservedTime, event.lastTimestamp, event.eventTime, event.metadata.creationTimestamp]
  return Math.max(0, ...times.map((t) => timeOf(t as string | undefined)).filter((t) => !Number.isNaN(t)))
}
