/** How much CPU time a process may take at the simulator's full speed. */

/** CPU ms after which what a family computes is billed more, and how many times more: many short children are no way around. */
const LONG_BURST = 10_000
const LONG_FACTOR = 5
/** CPU ms that are forgotten per ms that passes. */
const FORGOTTEN = 0.5
/** What is remembered at most above the bound: a family that rests is not held to it for long. */
const OVERSHOOT = 1000

/** What a process and all that it forked have computed lately. */
export class Burst {
  /** CPU ms of members that ended before they had waited for them: the next to compute waits for what is not forgotten. */
  owed = 0
  /** How many times more a step is billed. */
  factor = 1
  private level = 0
  private owedSince = -Infinity
  private at = -Infinity

  /** A member computes `cpuMs`, at `now` in cluster time. */
  add(cpuMs: number, now: number): void {
    this.level = Math.min(LONG_BURST + OVERSHOOT, rest(this.level, now - this.at) + cpuMs)
    this.at = now
    this.factor = this.level > LONG_BURST ? LONG_FACTOR : 1
  }

  /** A member that has ended used `cpuMs` that it has not waited for. */
  owe(cpuMs: number, now: number): void {
    this.owed = rest(this.owed, now - this.owedSince) + cpuMs
    this.owedSince = now
  }

  /** Takes over what ended members have not waited for, CPU ms. */
  settle(now: number): number {
    const owed = rest(this.owed, now - this.owedSince)
    this.owed = 0
    return owed
  }
}

/** What is left of `cpuMs` after `ms`. */
function rest(cpuMs: number, ms: number): number {
  return Math.max(0, cpuMs - ms * FORGOTTEN)
}
