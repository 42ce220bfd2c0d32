/** How far the wall clocks of a time zone are ahead of UTC at a time. */
import { rfc3339 } from '../clock.js'

const HOUR = 3_600_000
/** A wall-clock time lies within so many hours of the same numbers in UTC. */
const FARTHEST = 15 * HOUR

/** The offsets of one time zone, in ms. A look into the calendar costs some microseconds; UTC costs none. */
export class ZoneOffsets {
  private readonly format: Intl.DateTimeFormat | undefined

  /** @param name as in the time zone database, such as `Asia/Shanghai` */
  constructor(name: string) {
    if (name === 'UTC') return
    const two = '2-digit'
    this.format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      hourCycle: 'h23',
      year: 'numeric',
      month: two,
      day: two,
      hour: two,
      minute: two,
      second: two,
    })
  }

  /** The offset at a time. */
  at(time: number): number {
    if (!this.format) return 0
    const parts: Record<string, number> = {}
    for (const { type, value } of this.format.formatToParts(time)) parts[type] = Number(value)
    const { year, month, day, hour, minute, second } = parts as Record<'year' | 'month' | 'day' | 'hour' | 'minute' | 'second', number>
    return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(time / 1000) * 1000
  }

  /** The offsets that wall-clock times from `from` to `to` may have: two when the clocks change near them. */
  around(from: number, to: number): number[] {
    const [before, after] = [this.at(from - FARTHEST), this.at(to + FARTHEST)]
    return before === after ? [before] : [before, after]
  }
}

/** A time as the wall clocks of a zone show it: `2026-11-21T18:30:00+08:00`; in UTC, or without a zone, `…Z`. */
export function rfc3339In(timeZone: string | undefined, time: number): string {
  const offset = new ZoneOffsets(timeZone ?? 'UTC').at(time)
  if (offset === 0) return rfc3339(time)
  const minutes = Math.abs(offset) / 60_000
  const two = (n: number): string => String(Math.floor(n)).padStart(2, '0')
  return `${rfc3339(time + offset).slice(0, -1)}${offset < 0 ? '-' : '+'}${two(minutes / 60)}:${two(minutes % 60)}`
}
