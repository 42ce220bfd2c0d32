/**
 * Slows down what makes pods that do not last: ones that their node refuses, or that a taint ends at once, because the
 * template names the node. In a real cluster each round takes the time of some requests; here it would take none, so that
 * no time could pass. An owner has some rounds for nothing and then waits between them, longer and longer.
 */
import type { Pod } from '../api/object.js'
import type { Clock } from '../clock.js'
import { isPodActive, isPodFinished } from './pods.js'

/** A pod that ends at this age, ms, or before did not last; creation times are of whole seconds. */
const SHORT_MS = 2_000
/** As many pods of one owner may go this way before it is to wait. */
const FREE = 20
/** The first wait, ms; it doubles with each round up to the longest. */
const FIRST_MS = 100
const LONGEST_MS = 30_000
/** An owner whose pods last for this long, ms, begins anew. */
const FORGOTTEN_MS = 2 * LONGEST_MS

interface Pace {
  /** How many more may go before the owner is to wait. */
  free: number
  /** The wait of the last round, ms. */
  wait: number
  /** When the last round is over, ms since the epoch. */
  until: number
}

/** The pace of the owners of one controller. */
export class ShortLivedPods {
  private readonly owners = new Map<string, Pace>()

  constructor(private readonly clock: Clock) {}

  /** A pod changed, or is going or gone when both are the same. */
  changed(owner: { metadata: { uid?: string } }, old: Pod | undefined, pod: Pod): void {
    const ends = old === pod ? !isPodFinished(pod) : old !== undefined && isPodActive(old) && isPodFinished(pod)
    if (!ends || this.clock.now() - Date.parse(pod.metadata.creationTimestamp ?? '') > SHORT_MS) return
    this.lost(owner.metadata.uid!)
  }

  /** How long an owner is to wait before it makes pods again, ms. */
  wait(owner: { metadata: { uid?: string } }): number {
    return Math.max(0, (this.owners.get(owner.metadata.uid!)?.until ?? 0) - this.clock.now())
  }

  private lost(owner: string): void {
    const now = this.clock.now()
    for (const [known, { until }] of this.owners) if (now - until > FORGOTTEN_MS) this.owners.delete(known)
    const pace = this.owners.get(owner) ?? { free: FREE, wait: 0, until: now }
    this.owners.set(owner, pace)
    if (pace.free > 0) {
      pace.free--
      pace.until = now
    } else if (now >= pace.until) {
      // What goes while the owner waits belongs to the same round.
      pace.wait = Math.min(Math.max(FIRST_MS, pace.wait * 2), LONGEST_MS)
      pace.until = now + pace.wait
    }
  }
}
