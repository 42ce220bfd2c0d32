import type { WallTime } from '../../../src-main/cluster/clock.js'

/** A wall that only moves when told. */
export class FakeWall implements WallTime {
  private time = 1_000_000
  private timers: { at: number; fn: () => void }[] = []

  now(): number {
    return this.time
  }
  setTimeout(fn: () => void, ms: number): unknown {
    const timer = { at: this.time + ms, fn }
    this.timers.push(timer)
    return timer
  }
  clearTimeout(handle: unknown): void {
    this.timers = this.timers.filter((t) => t !== handle)
  }
  /** The process gets no turn for a while: time passes, and its timers are late. */
  stall(ms: number): void {
    this.time += ms
  }
  pass(ms: number): void {
    const end = this.time + ms
    for (;;) {
      const next = this.timers.filter((t) => t.at <= end).sort((a, b) => a.at - b.at)[0]
      if (!next) break
      this.time = Math.max(this.time, next.at)
      this.clearTimeout(next)
      next.fn()
    }
    this.time = end
  }
  get waiting(): number {
    return this.timers.length
  }
}
