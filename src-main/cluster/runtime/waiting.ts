/**
 * How simulated processes wait: {@link WaitQueue} for events inside the kernel, and {@link Breather}, which keeps busy
 * processes from ever holding the event loop of the simulator for long.
 */
import type { Clock } from '../clock.js'

/** Whoever can wait in the kernel: a process, or the runtime itself (which nobody kills). */
export interface Sleeper {
  /** Throws Killed when the process has ended. */
  check(): void
  /**
   * Waits until `wake` is called. `start` gets `wake` and returns how to stop listening, which is called when the
   * process is killed first; then the wait rejects with Killed. A stopped process resumes only after SIGCONT.
   */
  block(start: (wake: () => void) => () => void): Promise<void>
}

/** The runtime's own waits: nothing interrupts them. */
export const outside: Sleeper = {
  check: () => undefined,
  block: (start) => new Promise<void>((resolve) => void start(resolve)),
}

/** A place to wait for something to change. Wakes everyone; each looks again whether it can go on. */
export class WaitQueue {
  /** Most queues never have anybody in them. */
  private waiting: Set<() => void> | undefined

  wait(sleeper: Sleeper): Promise<void> {
    return sleeper.block((wake) => this.add(wake))
  }

  /** Calls `fn` once at the next wake. Returns how to stop listening. */
  add(fn: () => void): () => void {
    const waiting = (this.waiting ??= new Set())
    waiting.add(fn)
    return () => waiting.delete(fn)
  }

  wake(): void {
    if (!this.waiting?.size) return
    const all = [...this.waiting]
    this.waiting.clear()
    for (const wake of all) wake()
  }
}

/**
 * Lets busy processes take turns: each waits for a turn of the event loop of its own, so that input, timers and other
 * work come in between. A jump of the clock waits for them, so that time does not run ahead of work under way.
 */
export class Breather {
  private readonly queue: (() => void)[] = []
  private scheduled = false

  constructor(private readonly clock: Clock) {}

  /** Resolves in a later turn of the event loop. */
  breathe(): Promise<void> {
    return this.clock.track(
      new Promise<void>((resolve) => {
        this.queue.push(resolve)
        this.schedule()
      }),
    )
  }

  private schedule(): void {
    if (this.scheduled) return
    this.scheduled = true
    setImmediate(() => {
      this.scheduled = false
      this.queue.shift()?.()
      if (this.queue.length > 0) this.schedule()
    })
  }
}
