/**
 * What a controller has asked for and not yet seen in its cache, in the manner of Kubernetes' controller expectations:
 * until all of it has arrived, a count from the cache would be wrong and the controller would ask twice.
 */
import type { Clock } from '../clock.js'

/** After this time an expectation that never came true is given up (five minutes). */
const EXPIRE_MS = 5 * 60_000

interface Expected {
  creations: number
  /** Keys of the objects whose deletion has been asked for. */
  deletions: Set<string>
  since: number
}

/** Expected creations (counted) and deletions (by key) for each key of a controller. */
export class Expectations {
  private readonly byKey = new Map<string, Expected>()

  constructor(private readonly clock: Clock) {}

  /** Whether everything expected for `key` has been seen, or has been waited for too long. */
  satisfied(key: string): boolean {
    const e = this.byKey.get(key)
    if (!e) return true
    return (e.creations <= 0 && e.deletions.size === 0) || this.clock.now() - e.since > EXPIRE_MS
  }

  expectCreations(key: string, count: number): void {
    this.byKey.set(key, { creations: count, deletions: new Set(), since: this.clock.now() })
  }

  expectDeletions(key: string, objects: Iterable<string>): void {
    this.byKey.set(key, { creations: 0, deletions: new Set(objects), since: this.clock.now() })
  }

  /** A creation was seen in the cache, or has failed. */
  creationObserved(key: string, count = 1): void {
    const e = this.byKey.get(key)
    if (e) e.creations -= count
  }

  /** A deletion was seen in the cache, or has failed. */
  deletionObserved(key: string, object: string): void {
    this.byKey.get(key)?.deletions.delete(object)
  }

  /** Forgets a key whose object is gone. */
  delete(key: string): void {
    this.byKey.delete(key)
  }
}
