/**
 * When a node's kubelet learns that containers have ended by themselves: it asks its runtime once a period, and not in
 * between ("Pod Lifecycle Event Generator", with `EventedPLEG` off as it is by default). What it stops itself it
 * learns of at once. Nothing is asked while nothing has ended.
 */
import type { Clock } from '../clock.js'

export class Relist {
  private readonly looks: (() => void)[] = []

  /**
   * @param periodMs time from one look to the next, cluster ms; 0 to look whenever something ends
   * @param phaseMs where in the period this node's looks lie, below `periodMs`
   */
  constructor(
    private readonly clock: Clock,
    private readonly periodMs: number,
    private readonly phaseMs: number,
  ) {}

  /** Calls `look` when the kubelet next asks; those of one period together, in the order in which they came. */
  next(look: () => void): void {
    if (this.periodMs === 0) return look()
    if (this.looks.push(look) > 1) return
    const sinceLast = (this.clock.now() + this.periodMs - this.phaseMs) % this.periodMs
    this.clock.after(this.periodMs - sinceLast, () => {
      for (const due of this.looks.splice(0)) due()
    })
  }
}
