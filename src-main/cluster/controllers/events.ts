/**
 * Records `Event` objects as Kubernetes' components do: an event that repeats becomes one object whose count grows,
 * events that differ only in their message are combined when there are many, and a component that talks too much about
 * one object falls silent; see `event-correlator.ts`.
 */
import type { Client, ResourceClient } from '../api/client.js'
import { resources } from '../api/client.js'
import { isReason } from '../api/errors.js'
import type { Event, ObjectMeta } from '../api/object.js'
import type { Clock } from '../clock.js'
import { rfc3339, rfc3339Micro } from '../clock.js'
import { EventCorrelator, type Seen } from './event-correlator.js'
import { fnv1a } from './templatehash.js'

/** What an event is about. */
export interface ObjectReference {
  apiVersion?: string
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

/** What an event may tell besides. */
export interface EventDetails {
  /** What was done, only shown with the `series` style: `Binding`, `Scheduling`, `Preempting`; the reason when left out. */
  action?: string
  /** Of the first of several events that become one object. */
  annotations?: Readonly<Record<string, string>>
}

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

/** The API takes no longer messages of series, in bytes. */
const LONGEST_MESSAGE = 1024
/** Events that may wait to be written; more are dropped, as client-go does. */
const MAX_QUEUED = 5000
const PARALLEL_WRITES = 16
const NANOS_PER_MS = 1_000_000

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

/** Where the events about an object are. */
function namespaceOf(about: ObjectReference): string {
  return about.namespace || 'default'
}

/** `NAME.hex`: client-go takes the nanoseconds of the wall; a running number keeps those of one millisecond apart. */
function nameOf(seen: Seen, about: ObjectReference): string {
  const nanos = BigInt(Math.floor(seen.first)) * BigInt(NANOS_PER_MS) + BigInt(seen.serial % NANOS_PER_MS)
  return `${about.name}.${nanos.toString(16)}`
}

/** Writes events for one component, in the background. */
export class EventRecorder {
  private readonly events: ResourceClient<Event>
  private readonly correlator: EventCorrelator
  private readonly waiting: { seen: Seen; write: () => Promise<void> }[] = []
  private writing = 0
  private serial: number

  constructor(private readonly options: EventRecorderOptions) {
    this.events = options.client.resource<Event>(resources.events)
    // Components begin at different numbers, so that their events of one millisecond have different names.
    this.serial = fnv1a(`${options.component}/${options.host ?? ''}`) % NANOS_PER_MS
    this.correlator = new EventCorrelator(() => this.serial++)
  }

  /**
   * Records an event. Returns at once; the write happens in the background and a failure is not an error of the caller.
   *
   * @param about what the event is about, see {@link referenceTo}
   */
  event(
    about: ObjectReference,
    type: EventType,
    reason: string,
    message: string,
    { action = reason, annotations }: EventDetails = {},
  ): void {
    const now = this.options.clock.now()
    if (this.options.style === 'series') return this.recordSeries(about, type, reason, message, action, now)
    const { seen, repeated, allowed } = this.correlator.core(about, type, reason, message, now)
    if (!allowed) return
    const text = seen.message === undefined ? `(combined from similar events): ${message}` : message
    const fresh = (): Event => this.coreEvent(seen, about, type, reason, text, annotations)
    if (!repeated) return this.enqueue(seen, () => this.create(seen, fresh()))
    const patch = { count: seen.count, lastTimestamp: rfc3339(now), message: text }
    this.enqueue(seen, () => this.patchOrCreate(seen, about, patch, fresh))
  }

  private recordSeries(about: ObjectReference, type: EventType, reason: string, message: string, action: string, now: number): void {
    const { seen, repeated } = this.correlator.series(about, type, reason, message, action, now)
    if (!repeated) return this.enqueue(seen, () => this.create(seen, this.seriesEvent(seen, about, type, reason, message, action)))
    const patch = { series: { count: seen.count, lastObservedTime: rfc3339Micro(now) } }
    this.enqueue(seen, () =>
      this.patchOrCreate(seen, about, patch, () => ({ ...this.seriesEvent(seen, about, type, reason, message, action), ...patch })),
    )
  }

  private base(seen: Seen, about: ObjectReference, type: EventType, reason: string, message: string): Event {
    const { component, host } = this.options
    return {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: nameOf(seen, about), namespace: namespaceOf(about) },
      involvedObject: { ...about },
      reason,
      message,
      type,
      reportingComponent: component,
      reportingInstance: host ?? '',
    }
  }

  private coreEvent(
    seen: Seen,
    about: ObjectReference,
    type: EventType,
    reason: string,
    message: string,
    annotations: EventDetails['annotations'],
  ): Event {
    const { component, host } = this.options
    const base = this.base(seen, about, type, reason, message)
    return {
      ...base,
      ...(annotations ? { metadata: { ...base.metadata, annotations: { ...annotations } } } : {}),
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
    const { namespace } = event.metadata
    try {
      await this.events.create(namespace!, event)
    } catch (error) {
      if (!isReason(error, 'AlreadyExists')) throw error
      // Another component had the same thought about the same object: the next number will be free.
      seen.serial = this.serial++
      const about = event.involvedObject as ObjectReference
      await this.events.create(namespace!, { ...event, metadata: { ...event.metadata, name: nameOf(seen, about) } })
    }
  }

  /** Events expire: one that is gone is written anew. */
  private async patchOrCreate(seen: Seen, about: ObjectReference, patch: unknown, fresh: () => Event): Promise<void> {
    try {
      await this.events.patch(namespaceOf(about), nameOf(seen, about), patch, { type: 'merge' })
    } catch (error) {
      if (!isReason(error, 'NotFound')) throw error
      await this.events.create(namespaceOf(about), fresh())
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
