/** When the tokens of a node's pods are to be renewed: one timer, for whichever is the first. */
import type { Clock, Timer } from '../../clock.js'

/** A pod whose tokens get old. */
export interface TokenHolder {
  /** Its tokens are to be renewed now. */
  renewTokens(): void
}

export class TokenRenewals {
  /** ms since the epoch */
  private readonly due = new Map<TokenHolder, number>()
  private timer: Timer | undefined
  private timerAt = Infinity

  constructor(private readonly clock: Clock) {}

  has(holder: TokenHolder): boolean {
    return this.due.has(holder)
  }

  /** Tells the holder at a time, ms since the epoch. */
  at(holder: TokenHolder, time: number): void {
    this.due.set(holder, time)
    if (time < this.timerAt) this.wait(time)
  }

  cancel(holder: TokenHolder): void {
    if (this.due.delete(holder) && this.due.size === 0) this.wait(Infinity)
  }

  private wait(until: number): void {
    this.timer?.cancel()
    this.timerAt = until
    this.timer = until === Infinity ? undefined : this.clock.after(Math.max(0, until - this.clock.now()), () => this.renew())
  }

  private renew(): void {
    const now = this.clock.now()
    const holders = [...this.due].filter(([, time]) => time <= now).map(([holder]) => holder)
    for (const holder of holders) this.due.delete(holder)
    let next = Infinity
    for (const time of this.due.values()) next = Math.min(next, time)
    this.wait(next)
    for (const holder of holders) holder.renewTokens()
  }
}
