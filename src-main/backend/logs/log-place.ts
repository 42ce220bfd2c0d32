/**
 * The place in a log up to which it has been read: the timestamp of the last line, and how many lines had it. A log that is asked for
 * again from that time on comes with lines that were read already; they are left out, so that none is shown twice and none is lost.
 */

/** The timestamp that begins a line (RFC 3339 with nanoseconds); empty when there is none. */
export function stampOf(line: string): string {
  const space = line.indexOf(' ')
  const word = space > 0 ? line.slice(0, Math.min(space, 36)) : line.slice(0, 36)
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/.test(word) ? word : ''
}

/** Compares timestamps of one zone that may differ in the digits of their seconds: `…:04Z` is before `…:04.5Z`. */
function later(a: string, b: string): number {
  const cut = (s: string): [string, string] => [s.slice(0, 19), /\.(\d+)/.exec(s)?.[1] ?? '']
  const [x, xFraction] = cut(a)
  const [y, yFraction] = cut(b)
  if (x !== y) return x > y ? 1 : -1
  const [p, q] = [xFraction.padEnd(9, '0'), yFraction.padEnd(9, '0')]
  return p === q ? 0 : p > q ? 1 : -1
}

/** The lines of a text up to the first that is later than a moment, ms since the epoch. Lines without a time belong to the one before. */
export function linesUntil(text: string, until: number): string {
  let at = 0
  while (at < text.length) {
    const stamp = stampOf(text.slice(at, at + 40))
    if (stamp && Date.parse(stamp) > until) return text.slice(0, at)
    const end = text.indexOf('\n', at)
    at = end < 0 ? text.length : end + 1
  }
  return text
}

export class LogPlace {
  /** The timestamp of the last line; empty: nothing has been read. */
  stamp: string
  /** How many lines with that timestamp have been read. */
  private count = 0
  /** How many of them have been passed over since the log was asked for again; null: all that comes is new. */
  private passed: number | null = null
  /** Read before, but not known how much of the timestamp's lines: all of them count as read. */
  private readonly all: boolean

  /** @param after the timestamp of the last line that somebody else has read */
  constructor(after = '') {
    this.stamp = after
    this.all = after !== ''
    if (this.all) this.passed = 0
  }

  /** The log is asked for again, from {@link stamp} on. */
  again(): void {
    if (this.stamp) this.passed = 0
  }

  /** Takes whole lines; gives those that are new. */
  take(text: string): string {
    const fresh = this.passed === null ? text : this.unread(text)
    if (fresh) this.note(fresh)
    return fresh
  }

  private unread(text: string): string {
    let at = 0
    while (at < text.length) {
      const end = text.indexOf('\n', at)
      const next = end < 0 ? text.length : end + 1
      const stamp = stampOf(text.slice(at, at + 40))
      const order = stamp ? later(stamp, this.stamp) : -1
      if (order > 0 || (order === 0 && !this.all && this.passed! >= this.count)) {
        this.passed = null
        return text.slice(at)
      }
      if (order === 0) this.passed!++
      at = next
    }
    return ''
  }

  /** Walks back over the last lines, as far as they have the same timestamp. */
  private note(text: string): void {
    let end = text.endsWith('\n') ? text.length - 1 : text.length
    let last = ''
    let count = 0
    while (end > 0) {
      const start = text.lastIndexOf('\n', end - 1) + 1
      const stamp = stampOf(text.slice(start, start + 40))
      if (last === '') last = stamp
      if (stamp !== last || stamp === '') break
      count++
      end = start - 1
    }
    if (!last) return
    this.count = last === this.stamp && end <= 0 ? this.count + count : count
    this.stamp = last
  }
}
