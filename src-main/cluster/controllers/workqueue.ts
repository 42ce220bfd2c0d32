/**
 * The queue between informers and a controller's workers, in the manner of client-go's rate-limited work queue:
 * a key that is added twice before a worker takes it is synced once; a key that is added while it is being synced is
 * synced once more afterwards; one key is never synced by two workers at a time.
 */
import type { Clock, Timer } from '../clock.js'

/** Per-item exponential back-off of client-go's default controller rate limiter. */
const BASE_DELAY_MS = 5
const MAX_DELAY_MS = 1_000_000

export interface WorkQueueOptions {
  clock: Clock
  /** How many keys are synced at the same time. */
  workers: number
  /** Does the work of one key. What it throws is given to `onError`. */
  process(key: string): Promise<void>
  /** Told when `process` throws; it decides whether to call {@link WorkQueue.addRateLimited}. */
  onError(key: string, error: unknown): void
}

/** A queue of keys with its workers. Costs nothing while it is empty. */
export class WorkQueue {
  /** Keys that wait for a worker, in order. */
  private readonly queue = new Set<string>()
  private readonly processing = new Set<string>()
  /** Keys that were added while they were being processed. */
  private readonly again = new Set<string>()
  private readonly failures = new Map<string, number>()
  private readonly delayed = new Map<string, { at: number; timer: Timer }>()
  private scheduled = false
  private running = false

  constructor(private readonly options: WorkQueueOptions) {}

  /** Lets the workers begin. Keys may be added before. */
  start(): void {
    this.running = true
    this.schedule()
  }

  /** Drops everything that waits; what is being processed ends by itself. */
  stop(): void {
    this.running = false
    this.queue.clear()
    this.again.clear()
    for (const { timer } of this.delayed.values()) timer.cancel()
    this.delayed.clear()
  }

  /** Keys that wait or are being processed; not those that wait for a time. */
  get length(): number {
    return this.queue.size + this.processing.size
  }

  /** Adds a key unless it waits already. */
  add(key: string): void {
    if (this.processing.has(key)) {
      this.again.add(key)
      return
    }
    this.queue.add(key)
    this.schedule()
  }

  /** Adds a key after `ms` milliseconds. Of several pending times for one key the earliest counts. */
  addAfter(key: string, ms: number): void {
    if (ms <= 0) return this.add(key)
    const at = this.options.clock.now() + ms
    const known = this.delayed.get(key)
    if (known) {
      if (known.at <= at) return
      known.timer.cancel()
    }
    const timer = this.options.clock.after(ms, () => {
      this.delayed.delete(key)
      this.add(key)
    })
    this.delayed.set(key, { at, timer })
  }

  /** Adds a key after its back-off: 5 ms, doubled with each call until {@link forget}, at most 1000 s. */
  addRateLimited(key: string): void {
    const n = this.failures.get(key) ?? 0
    this.failures.set(key, n + 1)
    this.addAfter(key, Math.min(BASE_DELAY_MS * 2 ** n, MAX_DELAY_MS))
  }

  /** Ends the back-off of a key. */
  forget(key: string): void {
    this.failures.delete(key)
  }

  /** How often a key was added with back-off since it was forgotten. */
  requeues(key: string): number {
    return this.failures.get(key) ?? 0
  }

  private schedule(): void {
    if (!this.running || this.scheduled || this.queue.size === 0) return
    this.scheduled = true
    // A turn later, so that all events of one batch have been seen before the first sync.
    queueMicrotask(() => {
      this.scheduled = false
      this.fill()
    })
  }

  private fill(): void {
    while (this.running && this.processing.size < this.options.workers) {
      const next = this.queue.values().next()
      if (next.done) return
      this.queue.delete(next.value)
      void this.run(next.value)
    }
  }

  private async run(key: string): Promise<void> {
    this.processing.add(key)
    try {
      await this.options.process(key)
    } catch (error) {
      if (this.running) this.options.onError(key, error)
    }
    this.processing.delete(key)
    if (this.again.delete(key) && this.running) this.queue.add(key)
    this.schedule()
  }
}
