/**
 * Records `Event` objects as Kubernetes' components do: an event that repeats becomes one object whose count grows,
 * events that differ only in their message are combined when there are many, and a component that talks too much about
 * one object falls silent. The limits are those of client-go's event correlator.
 */
import type { Client, ResourceClient } from '../api/client.js'
import { resources } from '../api/client.js'
import { isReason } from '../api/errors.js'
import type { Event, ObjectMeta } from '../api/object.js'
import type { Clock } from '../clock.js'
import { rfc3339, rfc3339Micro } from '../clock.js'
import { fnv1a } from './templatehash.js'

/** What an event is about. */
export interface ObjectReference {
  apiVersion: string
  kind: string
  namespace?: string
  name: string
  uid?: string
  resourceVersion?: string
  /** Such as `spec.containers{web}`. */
  fieldPath?: string
}

/** The reference of an object for an event; `fieldPath` names a part of it, such as `spec.containers{web}`. */
export function referenceTo(apiVersion: string, kind: string, object: { metadata: ObjectMeta }, fieldPath?: string): ObjectReference {
  const { namespace, name, uid, resourceVersion } = object.metadata
  return {
    apiVersion,
    kind,
    ...(namespace ? { namespace } : {}),
    name: name!,
    ...(uid ? { uid } : {}),
    ...(resourceVersion ? { resourceVersion } : {}),
    ...(fieldPath ? { fieldPath } : {}),
  }
}

export type EventType = 'Normal' | 'Warning'

export interface EventRecorderOptions {
  client: Client
  clock: Clock
  /** `source.component` and `reportingComponent`, such as `replicaset-controller`. */
  component: string
  /** `source.host`: the node, for a kubelet. */
  host?: string
  /**
   * `core` writes count, firstTimestamp and lastTimestamp; `series` writes eventTime, action and series, as the
   * scheduler does since it uses events.k8s.io.
   */
  style?: 'core' | 'series'
  /** Told when an event could not be written; an event that is lost is never more than that. */
  onError?(error: unknown): void
}

/** From this many different messages within ten minutes on, further ones are combined into one event. */
const MAX_SIMILAR = 10
const SIMILAR_INTERVAL_MS = 600_000
/** A component may say this much about one object at once, and then one more event each five minutes. */
export const SPAM_BURST = 25
export const SPAM_REFILL_MS = 300_000
/** A series that has not been heard of for six minutes is over (events.k8s.io). */
const SERIES_END_MS = 360_000
const CACHE_SIZE = 4096
/** The API takes no longer messages of series, in bytes. */
const LONGEST_MESSAGE = 1024
/** Events that may wait to be written; more are dropped, as client-go does. */
const MAX_QUEUED = 5000
const PARALLEL_WRITES = 16
const NANOS_PER_MS = 1_000_000

interface Seen {
  name: string
  namespace: string
  count: number
  first: number
  last: number
  /** Writes of one event object happen one after the other; undefined when none is under way. */
  written: Promise<unknown> | undefined
}

/** A map that forgets what was used least recently. */
class Recent<V> {
  private readonly map = new Map<string, V>()

  get(key: string): V | undefined {
    const v = this.map.get(key)
    if (v !== undefined) {
      this.map.delete(key)
      this.map.set(key, v)
    }
    return v
  }

  set(key: string, value: V): void {
    this.map.delete(key)
    this.map.set(key, value)
    if (this.map.size > CACHE_SIZE) this.map.delete(this.map.keys().next().value!)
  }
}

/** What tells one object, and a part of it, from all others. Joined: keys are kept, and so each in one piece. */
function keyOf({ uid, fieldPath = '', kind, namespace = '', name, apiVersion }: ObjectReference): string {
  return uid ? [kind, uid, fieldPath].join('/') : [kind, namespace, name, apiVersion, fieldPath].join('/')
}

/** A message that fits, cut as the scheduler cuts it. */
function shortened(message: string): string {
  if (Buffer.byteLength(message) <= LONGEST_MESSAGE) return message
  const suffix = ' ...'
  const cut = Buffer.from(message)
    .subarray(0, LONGEST_MESSAGE - suffix.length)
    .toString()
    .replace(/\uFFFD+$/, '')
  return `${cut}${suffix}`
}

/** Writes events for one component, in the background. */
export class EventRecorder {
  private readonly events: ResourceClient<Event>
  private readonly seen = new Recent<Seen>()
  /** The different messages of a group, and when the last one came. */
  private readonly similar = new Recent<{ messages: readonly string[]; last: number }>()
  private readonly budgets = new Recent<{ tokens: number; at: number }>()
  private readonly waiting: { seen: Seen; write: () => Promise<void> }[] = []
  private writing = 0
  private serial: number

  constructor(private readonly options: EventRecorderOptions) {
    this.events = options.client.resource<Event>(resources.events)
    // Components begin at different numbers, so that their events of one millisecond have different names.
    this.serial = fnv1a(`${options.component}/${options.host ?? ''}`) % NANOS_PER_MS
  }

  /**
   * Records an event. Returns at once; the write happens in the background and a failure is not an error of the caller.
   *
   * @param about what the event is about, see {@link referenceTo}
   * @param action what was done, only shown with the `series` style (`Binding`, `Scheduling`, `Preempting`)
   */
  event(about: ObjectReference, type: EventType, reason: string, message: string, action = reason): void {
    const now = this.options.clock.now()
    const object = keyOf(about)
    if (this.options.style === 'series') return this.recordSeries(about, object, type, reason, message, action, now)
    const group = [object, type, reason].join('/')
    let text = message
    let key = [group, message].join('/')
    const kin = this.similar.get(group)
    const fresh = !kin || now - kin.last > SIMILAR_INTERVAL_MS
    let messages = fresh ? [] : kin.messages
    const isNew = !messages.includes(message)
    if (isNew && messages.length < MAX_SIMILAR - 1) messages = [...messages, message]
    this.similar.set(group, { messages, last: now })
    if (isNew && !messages.includes(message)) {
      text = `(combined from similar events): ${message}`
      key = group
    }

    const known = this.seen.get(key)
    if (known) {
      known.count++
      known.last = now
      if (!this.mayTalkAbout(object, now)) return
      const { count } = known
      const patch = { count, lastTimestamp: rfc3339(now), message: text }
      this.enqueue(known, () => this.patchOrCreate(known, patch, () => this.coreEvent(known, about, type, reason, text)))
      return
    }
    const seen = this.remember(key, about, now)
    if (!this.mayTalkAbout(object, now)) return
    this.enqueue(seen, () => this.create(seen, this.coreEvent(seen, about, type, reason, text)))
  }

  private recordSeries(
    about: ObjectReference,
    object: string,
    type: EventType,
    reason: string,
    message: string,
    action: string,
    now: number,
  ): void {
    const key = [object, type, reason, action, message].join('/')
    const known = this.seen.get(key)
    if (known && now - known.last <= SERIES_END_MS) {
      known.count++
      known.last = now
      const patch = { series: { count: known.count, lastObservedTime: rfc3339Micro(now) } }
      this.enqueue(known, () =>
        this.patchOrCreate(known, patch, () => ({ ...this.seriesEvent(known, about, type, reason, message, action), ...patch })),
      )
      return
    }
    const seen = this.remember(key, about, now)
    this.enqueue(seen, () => this.create(seen, this.seriesEvent(seen, about, type, reason, message, action)))
  }

  private remember(key: string, about: ObjectReference, now: number): Seen {
    const seen: Seen = {
      name: this.nameFor(about, now),
      namespace: about.namespace || 'default',
      count: 1,
      first: now,
      last: now,
      written: undefined,
    }
    this.seen.set(key, seen)
    return seen
  }

  /** `NAME.hex`: client-go takes the nanoseconds of the wall; a running number keeps those of one millisecond apart. */
  private nameFor(about: ObjectReference, now: number): string {
    const nanos = BigInt(Math.floor(now)) * BigInt(NANOS_PER_MS) + BigInt(this.serial++ % NANOS_PER_MS)
    return `${about.name}.${nanos.toString(16)}`
  }

  private mayTalkAbout(object: string, now: number): boolean {
    const b = this.budgets.get(object)
    const tokens = b ? Math.min(SPAM_BURST, b.tokens + (now - b.at) / SPAM_REFILL_MS) : SPAM_BURST
    if (tokens < 1) return false
    this.budgets.set(object, { tokens: tokens - 1, at: now })
    return true
  }

  private base(seen: Seen, about: ObjectReference, type: EventType, reason: string, message: string): Event {
    const { component, host } = this.options
    return {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: seen.name, namespace: seen.namespace },
      involvedObject: { ...about },
      reason,
      message,
      type,
      reportingComponent: component,
      reportingInstance: host ?? '',
    }
  }

  private coreEvent(seen: Seen, about: ObjectReference, type: EventType, reason: string, message: string): Event {
    const { component, host } = this.options
    return {
      ...this.base(seen, about, type, reason, message),
      source: { component, ...(host ? { host } : {}) },
      firstTimestamp: rfc3339(seen.first),
      lastTimestamp: rfc3339(seen.last),
      count: seen.count,
    }
  }

  private seriesEvent(seen: Seen, about: ObjectReference, type: EventType, reason: string, message: string, action: string): Event {
    const { component, host } = this.options
    return {
      ...this.base(seen, about, type, reason, shortened(message)),
      reportingInstance: host ? `${component}-${host}` : component,
      action,
      eventTime: rfc3339Micro(seen.first) as Event['eventTime'],
    }
  }

  private async create(seen: Seen, event: Event): Promise<void> {
    try {
      await this.events.create(seen.namespace, event)
    } catch (error) {
      if (!isReason(error, 'AlreadyExists')) throw error
      // Another component had the same thought about the same object: the next number will be free.
      seen.name = this.nameFor(event.involvedObject as ObjectReference, seen.first)
      await this.events.create(seen.namespace, { ...event, metadata: { ...event.metadata, name: seen.name } })
    }
  }

  /** Events expire: one that is gone is written anew. */
  private async patchOrCreate(seen: Seen, patch: unknown, fresh: () => Event): Promise<void> {
    try {
      await this.events.patch(seen.namespace, seen.name, patch, { type: 'merge' })
    } catch (error) {
      if (!isReason(error, 'NotFound')) throw error
      await this.events.create(seen.namespace, fresh())
    }
  }

  private enqueue(seen: Seen, write: () => Promise<void>): void {
    if (this.waiting.length >= MAX_QUEUED) return
    this.waiting.push({ seen, write })
    this.pump()
  }

  private pump(): void {
    while (this.writing < PARALLEL_WRITES) {
      const next = this.waiting.shift()
      if (!next) return
      const { seen, write } = next
      this.writing++
      const done = (seen.written ?? Promise.resolve()).then(write).catch((error: unknown) => this.failed(error))
      seen.written = done
      void done.then(() => {
        if (seen.written === done) seen.written = undefined
        this.writing--
        this.pump()
      })
    }
  }

  private failed(error: unknown): void {
    // The namespace is being deleted or gone: there is nobody left to read the event.
    if (isReason(error, 'NotFound', 'Forbidden', 'AlreadyExists')) return
    this.options.onError?.(error)
  }
}
