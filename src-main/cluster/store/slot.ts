/** One key of the store with what it held at each kept revision. */
import type { Version } from './version.js'

/** A superseded version, or with no version the time during which the key did not exist. */
interface Past {
  readonly revision: number
  readonly version: Version | undefined
}

/** All that is known about one key. */
export interface Slot {
  readonly key: string
  /** What is there now; undefined when deleted. */
  current: Version | undefined
  /** What was there before and can still be asked for, oldest first. */
  past: Past[] | undefined
}

/** What a key held at a revision that is kept. */
export function versionAt(slot: Slot, revision: number): Version | undefined {
  if (slot.current && slot.current.modRevision <= revision) return slot.current
  const past = slot.past
  if (!past) return undefined
  for (let i = past.length - 1; i >= 0; i--) if (past[i]!.revision <= revision) return past[i]!.version
  return undefined
}

/** Two ordered walks as one. */
export function* merged(a: Iterator<Slot>, b: Iterator<Slot>): IterableIterator<Slot> {
  let x = a.next()
  let y = b.next()
  while (!x.done || !y.done) {
    if (y.done || (!x.done && x.value.key < y.value.key)) {
      yield x.value as Slot
      x = a.next()
    } else {
      yield y.value
      y = b.next()
    }
  }
}
