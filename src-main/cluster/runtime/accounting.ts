/** What a process waits for, and what it uses. */
import { setMaxListeners } from 'node:events'
import type { Clock } from '../clock.js'
import { Burst } from './burst.js'
import { doneOf, type Work } from './cgroup.js'
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
const NOTHING = { all: 0, kernel: 0 }

/** Work of a process, with what of its CPU ms is the kernel's. */
interface BilledWork {
  readonly work: Work
  readonly kernelMs: number
}

/** CPU time, ms: all of it, and what of it the kernel took for the process. */
export interface CpuTime {
  readonly all: number
  readonly kernel: number
}

/** Waiting, and the CPU time and memory that a process uses. */
export abstract class Accounting {
  /** What its children used, and theirs, as far as they have been reaped. */
  childCpu: CpuTime = NOTHING
  memory = 0
  stopped: Signal | undefined
  reason: ExitReason | undefined
  /** How to end each wait of this process. */
  private blocked: Set<(error: Error) => void> | undefined
  private abort: AbortController | undefined
  protected readonly continued = new WaitQueue()
  /** CPU ms that it has used and not been billed yet, and the kernel's among them. */
  private debt = 0
  private kernelDebt = 0
  /** CPU ms of the work that is over, and the kernel's among them. */
  private finishedMs = 0
  private finishedKernelMs = 0
  private running: Set<BilledWork> | undefined
  private burst = 0
  /** What it shares with its children. */
  private family: Burst | undefined
  /** Ms that it has waited for something else since it was billed: as good as computing. */
  private waited = 0
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

  /** CPU ms used so far. */
  get cpuMs(): number {
    return this.cpu().all
  }

  /** Whether it is computing now. */
  get computing(): boolean {
    return !!this.running?.size
  }

  /** CPU time used up to now. */
  cpu(): CpuTime {
    let all = this.finishedMs + this.debt
    let kernel = this.finishedKernelMs + this.kernelDebt
    if (this.running) {
      const now = this.clock.now()
      for (const { work, kernelMs } of this.running) {
        const done = doneOf(work, now)
        all += work.cpuMs * done
        kernel += kernelMs * done
      }
    }
    return { all, kernel }
  }

  /** A child is of the same family. */
  protected inherit(parent: Accounting): void {
    this.family = parent.family ??= new Burst()
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
    const since = this.clock.now()
    await this.suspend(start)
    while (this.stopped) await this.suspend((wake) => this.continued.add(wake))
    this.waited += this.clock.now() - since
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

  /** Accounts for a little work, of the kernel or of the program; there is a promise only when the process has to pause. */
  tick(cpuMs: number, by: 'program' | 'kernel' = 'program'): Promise<void> | undefined {
    if (this.stopped) return this.pauseWhileStopped()
    const long = this.burst > LONG_BURST
    const billed = cpuMs * (long ? LONG_FACTOR : (this.family?.factor ?? 1))
    this.debt += billed
    if (by === 'kernel') this.kernelDebt += billed
    if (this.debt + (this.family?.owed ?? 0) >= (long ? LONG_SLICE : SLICE)) return this.pay()
    if (++this.steps < STEPS_PER_TURN) return undefined
    this.steps = 0
    return this.namespaces.breather.breathe().then(() => this.check())
  }

  /** Waits for what it has used: less what it has waited for something else already, when that was no more than a slice. */
  private async pay(): Promise<void> {
    const { debt, kernelDebt } = this
    this.debt = this.kernelDebt = 0
    const credit = Math.min(this.waited, debt, SLICE)
    const burst = this.burst + debt
    await this.work(debt, kernelDebt, credit, this.family?.settle(this.clock.now()) ?? 0)
    this.burst = burst
  }

  compute(cpuMs: number): Promise<void> {
    return this.work(cpuMs, 0)
  }

  /**
   * Uses `cpuMs` of CPU time, of which the kernel `kernelMs`: that takes so long, or longer when the limits say so.
   * `credit` ms of it are over; `owed` ms come on top, which others were billed for.
   */
  private async work(cpuMs: number, kernelMs: number, credit = 0, owed = 0): Promise<void> {
    this.check()
    this.waited = 0
    const now = this.clock.now()
    ;(this.family ??= new Burst()).add(cpuMs, now)
    const billed = { work: this.namespaces.cgroup.take(cpuMs, now - credit), kernelMs }
    ;(this.running ??= new Set()).add(billed)
    const left = Math.max(0, billed.work.end - now) + owed
    if (left > 0) await this.sleep(left)
    this.conclude(billed)
    // The sleep was the work.
    this.waited = 0
    await this.namespaces.breather.breathe()
    this.check()
  }

  /** Work is over. */
  private conclude(billed: BilledWork): void {
    if (!this.running?.delete(billed)) return
    this.finishedMs += billed.work.cpuMs
    this.finishedKernelMs += billed.kernelMs
  }

  /** The process ends: it has used what it owes, and no more of the work under way than until now. */
  protected stopComputing(): void {
    const { cgroup } = this.namespaces
    for (const billed of this.running ?? []) {
      const done = doneOf(billed.work, this.clock.now())
      cgroup.abandon(billed.work)
      this.finishedMs += billed.work.cpuMs
      this.finishedKernelMs += billed.kernelMs * done
    }
    this.running = undefined
    if (this.debt > 0) cgroup.take(this.debt)
    if (this.debt > 0) this.family?.owe(this.debt, this.clock.now())
    this.finishedMs += this.debt
    this.finishedKernelMs += this.kernelDebt
    this.debt = this.kernelDebt = 0
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
