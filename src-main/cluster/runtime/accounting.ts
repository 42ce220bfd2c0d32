/** What a process waits for, and what it uses. */
import { setMaxListeners } from 'node:events'
import type { Clock } from '../clock.js'
import { systemError } from './errors.js'
import { descriptionOf } from './open-file.js'
import { Killed, type OpenFile, type Signal } from './process.js'
import { WaitQueue } from './waiting.js'
import type { ExitReason } from './exit-reason.js'
import type { Namespaces } from './namespaces.js'

/** CPU ms a process may use before it is billed, and how that grows for one that has computed for long. */
const SLICE = 10
const LONG_SLICE = 50
const LONG_BURST = 1000
/** A process that never rests is billed this many times more per step, so that an endless loop costs the host little. */
const LONG_FACTOR = 20
/** Steps between two turns of the event loop. */
const STEPS_PER_TURN = 128

/** Waiting, and the CPU time and memory that a process uses. */
export abstract class Accounting {
  /** CPU ms used so far. */
  cpuMs = 0
  memory = 0
  stopped: Signal | undefined
  reason: ExitReason | undefined
  /** How to end each wait of this process. */
  private blocked: Set<(error: Error) => void> | undefined
  private abort: AbortController | undefined
  protected readonly continued = new WaitQueue()
  protected debt = 0
  private burst = 0
  private steps = 0
  /** What of its memory the simulator holds for it, bytes. */
  private held = 0
  get ended(): boolean {
    return this.reason !== undefined
  }
  get clock(): Clock {
    return this.namespaces.clock
  }

  constructor(readonly namespaces: Namespaces) {}

  /** Aborted when the process has ended. */
  get aborted(): AbortSignal {
    if (!this.abort) {
      this.abort = new AbortController()
      // A server may wait for a thousand connections at once.
      setMaxListeners(0, this.abort.signal)
    }
    if (this.reason) this.abort.abort(killedBy(this.reason))
    return this.abort.signal
  }

  check(): void {
    if (this.reason) throw killedBy(this.reason)
  }

  /** Ends all that the process waits for: it has ended itself. */
  protected interrupt(): void {
    const killed = killedBy(this.reason!)
    for (const kill of this.blocked ?? []) kill(killed)
    this.blocked = undefined
    this.abort?.abort(killed)
  }

  async block(start: (wake: () => void) => () => void): Promise<void> {
    this.check()
    this.burst = 0
    await this.suspend(start)
    while (this.stopped) await this.suspend((wake) => this.continued.add(wake))
    this.check()
  }

  private suspend(start: (wake: () => void) => () => void): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      let stop: () => void = () => undefined
      const kill = (error: Error): void => {
        stop()
        reject(error)
      }
      ;(this.blocked ??= new Set()).add(kill)
      stop = start(() => {
        this.blocked?.delete(kill)
        resolve()
      })
    })
  }

  /** Lets the process pause if it was stopped by a signal. */
  protected async pauseWhileStopped(): Promise<void> {
    while (this.stopped) await this.suspend((wake) => this.continued.add(wake))
    this.check()
  }

  tick(cpuMs: number): Promise<void> | undefined {
    if (this.stopped) return this.pauseWhileStopped()
    const long = this.burst > LONG_BURST
    this.debt += long ? cpuMs * LONG_FACTOR : cpuMs
    if (this.debt >= (long ? LONG_SLICE : SLICE)) {
      const { debt } = this
      this.debt = 0
      const burst = this.burst + debt
      return this.compute(debt).then(() => {
        this.burst = burst
      })
    }
    if (++this.steps < STEPS_PER_TURN) return undefined
    this.steps = 0
    return this.namespaces.breather.breathe().then(() => this.check())
  }

  async compute(cpuMs: number): Promise<void> {
    this.check()
    const ms = this.namespaces.cgroup.take(cpuMs)
    this.cpuMs += cpuMs
    await this.sleep(ms)
    await this.namespaces.breather.breathe()
    this.check()
  }

  setMemory(bytes: number): void {
    const growth = bytes - this.memory
    this.memory = bytes
    this.namespaces.cgroup.addMemory(growth)
  }

  /**
   * The process holds `bytes` more of the simulator's memory, or so many less: its memory grows by them. When there are
   * not so many, it is as on a machine without memory: throws Killed in a container with a limit, else ENOMEM.
   */
  hold(bytes: number): void {
    const { memory } = this.namespaces
    if (bytes > 0 && !memory.take(bytes, this.held)) {
      this.exhaust()
      throw systemError('ENOMEM')
    }
    if (bytes < 0) memory.giveBack(-bytes)
    this.held += bytes
    this.setMemory(this.memory + bytes)
    this.check()
  }

  /** It wants more memory than there can be: throws Killed in a container or a pod with a limit. */
  exhaust(): void {
    this.namespaces.cgroup.exhaust()
    this.check()
  }

  /** Lets go of all that it holds: it ends, or another program takes its place. */
  protected letGo(): void {
    this.namespaces.memory.giveBack(this.held)
    this.held = 0
  }

  sleep(ms: number): Promise<void> {
    return this.block((wake) => {
      const timer = this.clock.after(ms, wake)
      return () => timer.cancel()
    })
  }

  /** Waits until `file` can be read without waiting, at most `ms` of cluster time. Tells whether it can. */
  async poll(file: OpenFile, ms: number): Promise<boolean> {
    const description = descriptionOf(file)
    const end = this.clock.now() + ms
    while (!description.readable()) {
      const left = end - this.clock.now()
      if (left <= 0 || !description.readiness) return false
      await this.block((wake) => {
        let timer: { cancel(): void } | undefined
        const stop = description.readiness!.add(() => {
          timer?.cancel()
          wake()
        })
        if (left !== Infinity)
          timer = this.clock.after(left, () => {
            stop()
            wake()
          })
        return () => {
          stop()
          timer?.cancel()
        }
      })
    }
    return true
  }
}

function killedBy(reason: ExitReason): Killed {
  return new Killed('signal' in reason ? reason.signal : 'KILL')
}
