/**
 * The one clock of an embedded cluster. No other file in `cluster/` may call `Date.now`, `new Date()` without an
 * argument, `setTimeout`, `setInterval` or `performance.now`: whoever needs the time takes a {@link Clock}, so that a
 * cluster can be paused, run faster than the wall, or jumped ahead, and tests can be exact.
 *
 * Two things are deliberately outside of it and live in `host.ts`: socket time-outs towards real clients, and
 * measuring how long our own code took.
 */
import { type Entry, firesBefore, TimerHeap } from './timer-heap.js'

/** A timer handle. `cancel` is idempotent. */
export interface Timer {
  cancel(): void
}

/** There is nothing to do before a time, ms since the epoch (`Infinity`: at no time), as long as nothing else happens. */
export interface Idle {
  readonly idleUntil: number
}

/** Nothing to do until something else happens. */
export const IDLE: Idle = { idleUntil: Infinity }

/** Time as the cluster sees it. All times are in milliseconds; `now` counts from the Unix epoch. */
export interface Clock {
  /** Milliseconds since the Unix epoch, cluster time. Never goes back. */
  now(): number
  /** Calls `fn` once after `ms` milliseconds of cluster time; 0 means at the next turn, never synchronously. */
  after(ms: number, fn: () => void): Timer
  /**
   * Calls `fn` each `ms` milliseconds of cluster time, first after `ms` or `first`. One that answers `'idle'` has set off
   * nothing that goes on after it returned: a jump then moves on at once instead of waiting for all to settle. One that
   * answers {@link Idle} says as well that its turns before then would do nothing either unless something else happens:
   * until one of the two a jump leaves them out.
   */
  every(ms: number, fn: () => unknown, first?: number): Timer
  /** Resolves after `ms` milliseconds of cluster time. Rejects with the signal's reason when it is aborted first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  /**
   * Tells the clock that work which is not on a timer is under way (a write that waits for the disk, a request on a
   * socket). A jump does not move on to the next timer while tracked work is pending. Returns the same promise.
   */
  track<T>(work: Promise<T>): Promise<T>
  /**
   * The time that a jump under way ends at, undefined when there is none: what would be done again before anybody can
   * look may be left out until then.
   */
  readonly jumpsTo: number | undefined
}

/** RFC 3339 with seconds, as Kubernetes' metav1.Time: `2026-11-21T09:17:00Z`. */
export function rfc3339(ms: number): string {
  const second = Math.floor(ms / 1000)
  if (second !== lastSecond) {
    lastText = new Date(ms).toISOString().slice(0, 19) + 'Z'
    lastSecond = second
  }
  return lastText
}

/** The second that was written last: most times that are written in a row are of the same one. */
let lastSecond = NaN
let lastText = ''

/** RFC 3339 with microseconds, as Kubernetes' metav1.MicroTime: `2026-11-21T09:17:00.123000Z`. */
export function rfc3339Micro(ms: number): string {
  return new Date(ms).toISOString().slice(0, 23) + '000Z'
}

function isIdle(answer: unknown): answer is Idle {
  return typeof answer === 'object' && answer !== null && 'idleUntil' in answer
}

/** What drives a {@link VirtualClock} along with the wall: replaced in tests of the clock itself. */
export interface WallTime {
  now(): number
  setTimeout(fn: () => void, ms: number): unknown
  clearTimeout(handle: unknown): void
}

const wall: WallTime = {
  now: () => Date.now(),
  setTimeout: (fn, ms) => setTimeout(fn, ms),
  clearTimeout: (h) => clearTimeout(h as NodeJS.Timeout),
}

/** Node's setTimeout overflows above 2^31-1 ms and then fires at once. */
const LONGEST_HOST_TIMEOUT = 2 ** 31 - 1
/**
 * A timer that is later than this, in cluster ms, tells that the host has stalled or slept. What was missed is then
 * caught up as a jump: if all fired at once, nodes would be taken for dead that only had no turn to speak.
 */
const STALL_MS = 5_000
/** By how much catching up may fall behind the wall before it no longer waits for all to settle, cluster ms. */
const PATIENCE_MS = 1_000
/** A jump over so many idle timers in a row lets the process see to its sockets. */
const IDLE_IN_A_ROW = 2_000

/**
 * The clock of a cluster: follows the wall at a speed, stands still, or is jumped.
 *
 * In tests: `new VirtualClock({ start: 0, speed: 0 })` stands still, and `await clock.advance(ms)` moves it, firing
 * every timer in order and letting all promises settle between two timers.
 */
export class VirtualClock implements Clock {
  private readonly heap = new TimerHeap()
  /** The periodic timers whose turns a jump leaves out, each with its period and the first turn that was left out. */
  private readonly asleep = new Map<Entry, { period: number; from: number }>()
  private order = 0
  private readonly wall: WallTime
  /** Cluster time at the moment `wallBase`. */
  private base: number
  private wallBase: number
  /** What the wall showed when it was last looked at. */
  private lastWall: number
  private rate: number
  private hostTimer: unknown
  private hostTimerAt = Infinity
  private pending = 0
  private jumping: Promise<void> = Promise.resolve()
  private jumpDepth = 0
  jumpsTo: number | undefined
  private stopped = false

  /**
   * @param options.start cluster time at the beginning, ms since the epoch (default: the wall's)
   * @param options.notBefore a time that the clock does not begin before, ms since the epoch
   * @param options.speed cluster milliseconds per wall millisecond; 0 stands still (default 1)
   */
  constructor(options: { start?: number; notBefore?: number; speed?: number; wall?: WallTime } = {}) {
    this.wall = options.wall ?? wall
    this.wallBase = this.lastWall = this.wall.now()
    this.base = Math.max(options.start ?? this.wallBase, options.notBefore ?? -Infinity)
    this.rate = options.speed ?? 1
  }

  /** Cluster milliseconds per wall millisecond; 0 while paused. */
  get speed(): number {
    return this.rate
  }

  now(): number {
    if (this.rate === 0 || this.jumpDepth > 0 || this.stopped) return this.base
    // Never ahead of a timer that has not had its turn yet.
    return Math.min(this.followed(), Math.max(this.base, this.heap.peek()?.at ?? Infinity))
  }

  /** Where the wall has got to, whether or not the timers on the way have fired. */
  private followed(): number {
    const wall = this.wall.now()
    if (wall < this.lastWall) {
      // Somebody has set the wall's clock back: time goes on from where it was.
      this.base += (this.lastWall - this.wallBase) * this.rate
      this.wallBase = wall
    }
    this.lastWall = wall
    return this.base + (wall - this.wallBase) * this.rate
  }

  after(ms: number, fn: () => void): Timer {
    const entry = this.set(ms, () => void fn())
    return { cancel: () => this.cancel(entry) }
  }

  private set(ms: number, fn: Entry['fn']): Entry {
    // No time comes after what is not a number: the clock would stand still for good.
    if (Number.isNaN(ms)) throw new RangeError('a timer must be given a number of milliseconds, got NaN')
    const setAt = this.now()
    const e: Entry = { at: setAt + Math.max(0, ms), setAt, order: this.order++, fn, cancelled: false, index: -1 }
    this.heap.push(e)
    this.arm()
    return e
  }

  private cancel(e: Entry): void {
    e.cancelled = true
    this.heap.remove(e)
    this.asleep.delete(e)
  }

  every(ms: number, fn: () => unknown, first = ms): Timer {
    let stopped = false
    const turn = (): unknown => {
      entry = this.set(ms, turn)
      if (stopped) this.cancel(entry)
      const answer = fn()
      if (!isIdle(answer)) return answer
      this.sleepUntil(answer.idleUntil, entry, ms)
      return 'idle'
    }
    let entry = this.set(first, turn)
    return {
      cancel: () => {
        stopped = true
        this.cancel(entry)
      },
    }
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const onAbort = (): void => {
        timer.cancel()
        reject(signal!.reason)
      }
      const timer = this.after(ms, () => {
        signal?.removeEventListener('abort', onAbort)
        resolve()
      })
      signal?.addEventListener('abort', onAbort, { once: true })
    })
  }

  track<T>(work: Promise<T>): Promise<T> {
    this.pending++
    const done = (): void => {
      this.pending--
    }
    work.then(done, done)
    return work
  }

  /** Sets the speed: 1 follows the wall, 0 pauses, 100 is a hundred times faster. */
  setSpeed(speed: number): void {
    if (!(speed >= 0) || !Number.isFinite(speed)) throw new RangeError(`speed must be a number >= 0, got ${speed}`)
    this.base = this.now()
    this.wallBase = this.lastWall = this.wall.now()
    this.rate = speed
    this.arm()
  }

  /**
   * Moves cluster time ahead by `ms` at once. Timers on the way fire in order, each at its own time, and all work that
   * one of them sets off settles before the next. Calls queue behind each other. Resolves when everything has settled.
   *
   * @param goal where a jump that is made in steps is to end, ms since the epoch; the end of this step when left out
   */
  advance(ms: number, goal?: number): Promise<void> {
    const run = this.jumping.then(() => this.runUntil(this.now() + ms, goal))
    this.jumping = run.catch(() => undefined)
    return run
  }

  /** Lets all pending work settle without moving time. */
  settle(): Promise<void> {
    return this.advance(0)
  }

  /** Stops for good: no timer fires any more. */
  stop(): void {
    this.base = this.now()
    this.stopped = true
    this.disarm()
  }

  /** @param leastRate cluster ms per ms of the wall that pass at least, settled or not; 0 to wait as long as it takes */
  private async runUntil(end: number, goal = end, leastRate = 0): Promise<void> {
    this.base = this.now()
    const [began, wallBegan] = [this.base, this.wall.now()]
    const isLate = (): boolean => {
      const next = Math.min(this.heap.peek()?.at ?? end, end)
      return (this.wall.now() - wallBegan) * leastRate > next - began + PATIENCE_MS
    }
    this.jumpDepth++
    this.jumpsTo = Math.max(end, goal)
    this.disarm()
    try {
      await this.drain(isLate)
      for (let idle = 0; ;) {
        const e = this.heap.peek()
        if (!e || e.at > end || this.stopped) break
        this.base = Math.max(this.base, e.at)
        // Everything due at this very moment goes together; what they set off settles before time moves on.
        idle++
        for (let due = this.heap.peek(); due && due.at <= this.base; due = this.heap.peek()) {
          if (this.fire(due) === 'idle') continue
          idle = 0
          this.wake(due)
        }
        if (idle % IDLE_IN_A_ROW !== 0) continue
        await this.drain(isLate)
        this.wake()
      }
      this.base = Math.max(this.base, end)
    } finally {
      this.wake()
      this.jumpDepth--
      this.jumpsTo = undefined
      this.wallBase = this.lastWall = this.wall.now()
      this.arm()
    }
  }

  /** Leaves out the turns of a periodic timer before `until`, as long as a jump goes on and nothing happens. */
  private sleepUntil(until: number, e: Entry, period: number): void {
    if (this.jumpDepth === 0 || e.cancelled || e.at >= until) return
    this.heap.remove(e)
    this.asleep.set(e, { period, from: e.at })
    if (until < Infinity) this.setTurn(e, period, e.at + Math.ceil((until - e.at) / period) * period)
  }

  /**
   * Something has happened: those asleep take their next turns again. The turns of this very moment that come before
   * that of `by` had nothing to do yet; without it all of this moment are over.
   */
  private wake(by?: Entry): void {
    for (const [e, { period, from }] of this.asleep) {
      this.heap.remove(e)
      const turns = Math.max(0, Math.ceil((this.base - from) / period))
      this.setTurn(e, period, from + turns * period)
      if (e.at === this.base && !(by && firesBefore(by, e))) {
        this.heap.remove(e)
        this.setTurn(e, period, e.at + period)
      }
    }
    this.asleep.clear()
  }

  /** Puts a periodic timer where it would be if it had taken all its turns before. */
  private setTurn(e: Entry, period: number, at: number): void {
    e.at = at
    e.setAt = at - period
    this.heap.push(e)
  }

  /** Waits until promises have settled and no tracked work is pending, or until there is no more time for that. */
  private async drain(isLate: () => boolean): Promise<void> {
    // Two idle turns in a row: the first may only have delivered I/O callbacks that queue more promises.
    for (let idle = 0; idle < 2;) {
      await new Promise<void>((resolve) => setImmediate(resolve))
      idle = this.pending === 0 ? idle + 1 : 0
      if (isLate()) return
    }
  }

  private fire(e: Entry): unknown {
    this.heap.remove(e)
    // One that wakes up for a turn takes it.
    this.asleep.delete(e)
    return e.cancelled ? 'idle' : e.fn()
  }

  private arm(): void {
    if (this.rate === 0 || this.jumpDepth > 0 || this.stopped) return this.disarm()
    const e = this.heap.peek()
    if (!e) return this.disarm()
    if (this.hostTimerAt === e.at && this.hostTimer !== undefined) return
    this.disarm()
    const wait = Math.max(0, Math.ceil((e.at - this.now()) / this.rate))
    this.hostTimerAt = e.at
    this.hostTimer = this.wall.setTimeout(() => this.onHostTimer(), Math.min(wait, LONGEST_HOST_TIMEOUT))
  }

  /**
   * Does what a stall has held up, each thing at its own time, as a jump does. A machine that has more to do than it can
   * would never come to rest, and what waits for a time would wait for all else to be done: time goes on no more slowly
   * than it does without a jump.
   */
  private catchUp(end: number): void {
    this.jumping = this.jumping.then(() => this.runUntil(end, end, this.rate)).catch(() => undefined)
  }

  private disarm(): void {
    if (this.hostTimer !== undefined) this.wall.clearTimeout(this.hostTimer)
    this.hostTimer = undefined
    this.hostTimerAt = Infinity
  }

  private onHostTimer(): void {
    this.hostTimer = undefined
    this.hostTimerAt = Infinity
    const now = this.followed()
    if (now - (this.heap.peek()?.at ?? Infinity) > STALL_MS) return this.catchUp(now)
    try {
      for (let e = this.heap.peek(); e && e.at <= now && this.rate > 0 && this.jumpDepth === 0; e = this.heap.peek()) this.fire(e)
    } finally {
      this.arm()
    }
  }
}
