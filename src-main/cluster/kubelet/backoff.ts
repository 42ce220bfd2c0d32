/**
 * Exponential back-off by key, with the two questions the kubelet asks of it: is a container that ended at some time
 * still held back, and is an image pull that failed last still held back. Follows the documented CrashLoopBackOff: 10 s,
 * doubling, at most 5 minutes, and forgotten after twice the maximum (10 minutes) without trouble.
 */
import type { Clock } from '../clock.js'

interface Entry {
  /** The current delay, ms. */
  delay: number
  updatedAt: number
}

export class BackOff {
  private readonly entries = new Map<string, Entry>()

  /** @param initial first delay, ms @param maximum longest delay, ms */
  constructor(
    private readonly clock: Clock,
    private readonly initial = 10_000,
    private readonly maximum = 300_000,
  ) {}

  /** The current delay of a key in ms; 0 when it has none. */
  delay(key: string): number {
    return this.entries.get(key)?.delay ?? 0
  }

  /** Until when (ms since the epoch) something that ended at `endedAt` is held back; undefined when it is not. */
  heldUntil(key: string, endedAt: number): number | undefined {
    const entry = this.entries.get(key)
    if (!entry || this.expired(entry, endedAt)) return undefined
    const until = endedAt + entry.delay
    return this.clock.now() < until ? until : undefined
  }

  /** Until when a key is held back since it was last told; undefined when it is not. */
  heldSinceUpdate(key: string): number | undefined {
    const entry = this.entries.get(key)
    return entry && this.heldUntil(key, entry.updatedAt)
  }

  /** Tells of one more failure, at `at`: starts the delay or doubles it. */
  next(key: string, at: number): void {
    const entry = this.entries.get(key)
    const delay = !entry || this.expired(entry, at) ? this.initial : Math.min(entry.delay * 2, this.maximum)
    this.entries.set(key, { delay, updatedAt: this.clock.now() })
  }

  /** Sets a delay as it was before a restart of the simulator. */
  restore(key: string, delay: number): void {
    this.entries.set(key, { delay, updatedAt: this.clock.now() })
  }

  /** Forgets a key. */
  forget(key: string): void {
    this.entries.delete(key)
  }

  private expired(entry: Entry, at: number): boolean {
    return at - entry.updatedAt > 2 * this.maximum
  }
}
