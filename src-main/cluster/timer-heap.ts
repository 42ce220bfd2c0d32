/** The timers of a {@link VirtualClock}, in the order in which they fire. */

/** A timer that is set. Times are in cluster ms. */
export interface Entry {
  at: number
  /** When it was set: of those for the same time the one that was set first fires first. */
  setAt: number
  order: number
  fn: () => unknown
  cancelled: boolean
  /** Where the entry stands in the heap; -1 when it is not in it. */
  index: number
}

/** Whether one timer fires before another. */
export function firesBefore(x: Entry, y: Entry): boolean {
  if (x.at !== y.at) return x.at < y.at
  return x.setAt !== y.setAt ? x.setAt < y.setAt : x.order < y.order
}

/** A binary heap of timers, soonest first; equal times fire in the order they were set. */
export class TimerHeap {
  private readonly a: Entry[] = []

  get size(): number {
    return this.a.length
  }

  peek(): Entry | undefined {
    return this.a[0]
  }

  push(e: Entry): void {
    e.index = this.a.length
    this.a.push(e)
    this.up(e.index)
  }

  remove(e: Entry): void {
    const i = e.index
    if (i < 0) return
    e.index = -1
    const last = this.a.pop()!
    if (last === e) return
    this.a[i] = last
    last.index = i
    this.down(i)
    this.up(last.index)
  }

  private up(i: number): void {
    const e = this.a[i]!
    while (i > 0) {
      const p = (i - 1) >> 1
      const parent = this.a[p]!
      if (!firesBefore(e, parent)) break
      this.a[i] = parent
      parent.index = i
      i = p
    }
    this.a[i] = e
    e.index = i
  }

  private down(i: number): void {
    const e = this.a[i]!
    const n = this.a.length
    for (;;) {
      let c = 2 * i + 1
      if (c >= n) break
      if (c + 1 < n && firesBefore(this.a[c + 1]!, this.a[c]!)) c++
      const child = this.a[c]!
      if (!firesBefore(child, e)) break
      this.a[i] = child
      child.index = i
      i = c
    }
    this.a[i] = e
    e.index = i
  }
}
