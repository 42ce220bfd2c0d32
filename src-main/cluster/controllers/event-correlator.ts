/**
 * What a component has said lately, so that it counts what it repeats, combines what is alike, and falls silent when it
 * says too much about one object. The limits are those of client-go's event correlator. There is much to remember in a
 * large cluster: each object once, with a short record for each thing that was said of it.
 */
import type { EventType, ObjectReference } from './events.js'

/** From this many different messages within ten minutes on, further ones are combined into one event. */
const MAX_SIMILAR = 10
const SIMILAR_INTERVAL_MS = 600_000
/** A component may say this much about one object at once, and then one more event each five minutes. */
export const SPAM_BURST = 25
export const SPAM_REFILL_MS = 300_000
/** A series that has not been heard of for six minutes is over (events.k8s.io). */
const SERIES_END_MS = 360_000
/** How many objects are remembered, and how much of each. */
const MOST_OBJECTS = 4096
const MOST_OF_ONE = 64

/** One event object that was written, or is to be. */
export interface Seen {
  readonly type: EventType
  readonly reason: string
  /** What it says; undefined when it stands for all further messages of its kind. */
  readonly message: string | undefined
  readonly action: string
  count: number
  readonly first: number
  last: number
  /** Tells the names of events about one object of one moment apart. */
  serial: number
  /** Counts among the different messages of the last ten minutes. */
  isSimilar: boolean
  /** Writes of one event object happen one after the other; undefined when none is under way. */
  written: Promise<unknown> | undefined
}

/** One object, or a part of it, as a component knows it. */
interface Subject {
  /** How many more events may be written about it, as of a time (ms). */
  tokens: number
  at: number
  seen: readonly Seen[]
}

/** What tells one object, and a part of it, from all others. Joined: keys are kept, and so each in one piece. */
function keyOf({ uid, fieldPath = '', kind, namespace = '', name, apiVersion }: ObjectReference): string {
  return uid ? [kind, uid, fieldPath].join('/') : [kind, namespace, name, apiVersion, fieldPath].join('/')
}

/** What an event comes to: the object that it is counted in, and whether it may be written. */
export interface Correlated {
  seen: Seen
  /** It was said before: the event object is changed, not made. */
  repeated: boolean
  allowed: boolean
}

export class EventCorrelator {
  /** Least recently used first. */
  private readonly subjects = new Map<string, Subject>()

  /** @param nextSerial gives the number of the next event object */
  constructor(private readonly nextSerial: () => number) {}

  /** An event of the core API at a time (ms). */
  core(about: ObjectReference, type: EventType, reason: string, message: string, now: number): Correlated {
    const subject = this.subject(about, now)
    const kin = subject.seen.filter((s) => s.type === type && s.reason === reason)
    const last = kin.reduce((latest, s) => Math.max(latest, s.last), -Infinity)
    if (now - last > SIMILAR_INTERVAL_MS) for (const s of kin) s.isSimilar = false
    const same = kin.find((s) => s.message === message)
    const isNew = !same?.isSimilar
    const combined = isNew && kin.filter((s) => s.isSimilar).length >= MAX_SIMILAR - 1
    const known = combined ? kin.find((s) => s.message === undefined) : same
    if (known) {
      if (!combined) known.isSimilar = true
      known.count++
      known.last = now
      return { seen: known, repeated: true, allowed: this.spend(subject, now) }
    }
    const seen = this.remember(subject, type, reason, combined ? undefined : message, reason, now)
    return { seen, repeated: false, allowed: this.spend(subject, now) }
  }

  /** An event of events.k8s.io at a time (ms). */
  series(about: ObjectReference, type: EventType, reason: string, message: string, action: string, now: number): Correlated {
    const subject = this.subject(about, now)
    const known = subject.seen.find((s) => s.type === type && s.reason === reason && s.action === action && s.message === message)
    if (known && now - known.last <= SERIES_END_MS) {
      known.count++
      known.last = now
      return { seen: known, repeated: true, allowed: true }
    }
    if (known) subject.seen = subject.seen.filter((s) => s !== known)
    return { seen: this.remember(subject, type, reason, message, action, now), repeated: false, allowed: true }
  }

  private subject(about: ObjectReference, now: number): Subject {
    const key = keyOf(about)
    let subject = this.subjects.get(key)
    if (subject) this.subjects.delete(key)
    else subject = { tokens: SPAM_BURST, at: now, seen: [] }
    this.subjects.set(key, subject)
    if (this.subjects.size > MOST_OBJECTS) this.subjects.delete(this.subjects.keys().next().value!)
    return subject
  }

  private remember(subject: Subject, type: EventType, reason: string, message: string | undefined, action: string, now: number): Seen {
    const isSimilar = message !== undefined
    const serial = this.nextSerial()
    const seen: Seen = { type, reason, message, action, count: 1, first: now, last: now, serial, isSimilar, written: undefined }
    // A new array is as long as it has to be.
    subject.seen = [...subject.seen.slice(-MOST_OF_ONE + 1), seen]
    return seen
  }

  /** Whether one more event may be written about an object. */
  private spend(subject: Subject, now: number): boolean {
    const tokens = Math.min(SPAM_BURST, subject.tokens + (now - subject.at) / SPAM_REFILL_MS)
    if (tokens < 1) return false
    subject.tokens = tokens - 1
    subject.at = now
    return true
  }
}
