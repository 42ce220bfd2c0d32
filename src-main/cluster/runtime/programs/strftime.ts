/** strftime(3) and the dates that `date -d` understands. Time zones: UTC, and fixed offsets of POSIX TZ such as `CST-8`. */

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
const MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December']

/** Zones that containers are often given by name, in minutes east of UTC. No daylight saving time. */
const ZONES: Record<string, [string, number]> = {
  UTC: ['UTC', 0],
  GMT: ['GMT', 0],
  'Etc/UTC': ['UTC', 0],
  'Asia/Shanghai': ['CST', 480],
  'Asia/Chongqing': ['CST', 480],
  'Asia/Hong_Kong': ['HKT', 480],
  'Asia/Singapore': ['+08', 480],
  'Asia/Taipei': ['CST', 480],
  'Asia/Tokyo': ['JST', 540],
  'Asia/Seoul': ['KST', 540],
  'Asia/Kolkata': ['IST', 330],
}

/** Name and offset in minutes of a TZ value. */
function zone(tz: string | undefined): [string, number] {
  if (!tz) return ['UTC', 0]
  if (Object.hasOwn(ZONES, tz)) return ZONES[tz]!
  const m = /^(?:<([^>]+)>|([A-Za-z]{3,}))([-+]?)(\d{1,2})(?::(\d{2}))?/.exec(tz)
  // POSIX counts west of Greenwich as positive.
  return m ? [m[1] ?? m[2]!, (m[3] === '-' ? 1 : -1) * (Number(m[4]) * 60 + Number(m[5] ?? 0))] : ['UTC', 0]
}

const two = (n: number): string => String(n).padStart(2, '0')

function dayOfYear(d: Date): number {
  return Math.floor((Date.UTC(d.getUTCFullYear(), d.getUTCMonth(), d.getUTCDate()) - Date.UTC(d.getUTCFullYear(), 0, 1)) / 86_400_000) + 1
}

function isoWeek(d: Date): { week: number; year: number } {
  const thursday = new Date(d.getTime() + (4 - (d.getUTCDay() || 7)) * 86_400_000)
  return { week: Math.ceil(dayOfYear(thursday) / 7), year: thursday.getUTCFullYear() }
}

/** Formats `ms` (since the epoch) in the time zone `tz`. */
export function formatTime(format: string, ms: number, tz?: string): string {
  const [name, offset] = zone(tz)
  const d = new Date(ms + offset * 60_000)
  const sign = offset < 0 ? '-' : '+'
  const hhmm = [two(Math.floor(Math.abs(offset) / 60)), two(Math.abs(offset) % 60)] as const
  const hour12 = d.getUTCHours() % 12 || 12
  const one = (c: string): string | undefined => {
    switch (c) {
      case 'a':
        return DAYS[d.getUTCDay()]!.slice(0, 3)
      case 'A':
        return DAYS[d.getUTCDay()]
      case 'b':
      case 'h':
        return MONTHS[d.getUTCMonth()]!.slice(0, 3)
      case 'B':
        return MONTHS[d.getUTCMonth()]
      case 'c':
        return formatTime('%a %b %e %H:%M:%S %Y', ms, tz)
      case 'C':
        return two(Math.floor(d.getUTCFullYear() / 100))
      case 'd':
        return two(d.getUTCDate())
      case 'D':
      case 'x':
        return formatTime('%m/%d/%y', ms, tz)
      case 'e':
        return String(d.getUTCDate()).padStart(2)
      case 'F':
        return formatTime('%Y-%m-%d', ms, tz)
      case 'g':
        return two(isoWeek(d).year % 100)
      case 'G':
        return String(isoWeek(d).year)
      case 'H':
        return two(d.getUTCHours())
      case 'I':
        return two(hour12)
      case 'j':
        return String(dayOfYear(d)).padStart(3, '0')
      case 'k':
        return String(d.getUTCHours()).padStart(2)
      case 'l':
        return String(hour12).padStart(2)
      case 'm':
        return two(d.getUTCMonth() + 1)
      case 'M':
        return two(d.getUTCMinutes())
      case 'n':
        return '\n'
      case 'N':
        return String(Math.floor(ms % 1000)).padStart(3, '0') + '000000'
      case 'p':
        return d.getUTCHours() < 12 ? 'AM' : 'PM'
      case 'P':
        return d.getUTCHours() < 12 ? 'am' : 'pm'
      case 'r':
        return formatTime('%I:%M:%S %p', ms, tz)
      case 'R':
        return formatTime('%H:%M', ms, tz)
      case 's':
        return String(Math.floor(ms / 1000))
      case 'S':
        return two(d.getUTCSeconds())
      case 't':
        return '\t'
      case 'T':
      case 'X':
        return formatTime('%H:%M:%S', ms, tz)
      case 'u':
        return String(d.getUTCDay() || 7)
      case 'U':
        return two(Math.floor((dayOfYear(d) + 6 - d.getUTCDay()) / 7))
      case 'V':
        return two(isoWeek(d).week)
      case 'w':
        return String(d.getUTCDay())
      case 'W':
        return two(Math.floor((dayOfYear(d) + 6 - ((d.getUTCDay() + 6) % 7)) / 7))
      case 'y':
        return two(d.getUTCFullYear() % 100)
      case 'Y':
        return String(d.getUTCFullYear())
      case 'z':
        return sign + hhmm.join('')
      case 'Z':
        return name
      case '%':
        return '%'
      default:
        return undefined
    }
  }
  return format.replace(/%(:z|[-_0^#]?)(\d*)([A-Za-z%]?)/g, (m, flag: string, digits: string, c: string) => {
    if (flag === ':z') return sign + hhmm.join(':') + digits + c
    let text = one(c)
    if (text === undefined) return m
    if (c === 'N' && digits) text = text.slice(0, Number(digits))
    if (flag === '-') return text.replace(/^[0 ]+(?=.)/, '')
    if (flag === '^') return text.toUpperCase()
    if (flag === '_') return text.replace(/^0+(?=.)/, (z) => ' '.repeat(z.length))
    return text
  })
}

/** The latest time that can be written as a date, ms since the epoch. */
const LATEST = 8.64e15

const WEEKDAY = /^(?:(next|last|this)\s+)?(sun|mon|tue|tues|wed|wednes|thu|thur|thurs|fri|sat|satur)(?:day)?$/i

/** A time as people write it; ms since the epoch, or undefined. */
export function parseTime(text: string, now: number): number | undefined {
  const t = text.trim()
  if (t === '' || t === 'now') return now
  if (/^@-?\d+(\.\d+)?$/.test(t)) {
    const at = Number(t.slice(1)) * 1000
    return Math.abs(at) <= LATEST ? at : undefined
  }
  const midnight = Math.floor(now / 86_400_000) * 86_400_000
  if (t === 'today') return now
  if (t === 'yesterday') return now - 86_400_000
  if (t === 'tomorrow') return now + 86_400_000
  // `next day` is one more, `last week` one less.
  const stepped = /^(next|last|this)\s+(second|minute|hour|day|week|month|year)$/i.exec(t)
  if (stepped)
    return parseTime(`${{ next: '+1', last: '-1', this: '0' }[stepped[1]!.toLowerCase() as 'next']} ${stepped[2]!.toLowerCase()}`, now)
  // A date among other items is what they count from; the day of the week is its own, whatever is asked for.
  const dated = /^(.*?)(\b\d{4}-\d{1,2}-\d{1,2}(?:[T ]\d{1,2}:\d{2}(?::\d{2})?)?)\s+(.+)$|^(.+)\s(\d{4}-\d{1,2}-\d{1,2})$/.exec(t)
  if (dated && !/^(Z|UTC|[-+]\d{2}:?\d{2})$/.test(dated[3] ?? '')) {
    const base = parseTime(dated[2] ?? dated[5]!, now)
    const rest = `${dated[1] ?? dated[4] ?? ''} ${dated[3] ?? ''}`.trim()
    const moved = base === undefined ? undefined : WEEKDAY.test(rest) ? base : parseTime(rest, base)
    if (moved !== undefined) return moved
  }
  const weekday = WEEKDAY.exec(t)
  if (weekday) {
    const wanted = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'].indexOf(weekday[2]!.slice(0, 3).toLowerCase())
    const ahead = (wanted - new Date(midnight).getUTCDay() + 7) % 7
    const which = weekday[1]?.toLowerCase()
    const days = which === 'last' ? ahead - 7 : which === 'next' && ahead === 0 ? 7 : ahead
    return midnight + days * 86_400_000
  }
  const relative = /^(?:(.*?)\s+)?([-+]?\s*\d+)\s*(sec|second|min|minute|hour|day|week|month|year)s?(\s+ago)?$/.exec(t)
  if (relative && (relative[1] === undefined || parseTime(relative[1], now) !== undefined)) {
    const base = relative[1] === undefined ? now : parseTime(relative[1], now)!
    const n = Number(relative[2]!.replace(/\s/g, '')) * (relative[4] ? -1 : 1)
    if (relative[3] === 'month' || relative[3] === 'year') {
      const d = new Date(base)
      if (relative[3] === 'month') d.setUTCMonth(d.getUTCMonth() + n)
      else d.setUTCFullYear(d.getUTCFullYear() + n)
      return d.getTime()
    }
    const unit = { sec: 1, second: 1, min: 60, minute: 60, hour: 3600, day: 86_400, week: 604_800 }[relative[3] as 'sec']
    return base + n * unit * 1000
  }
  const clock = /^(\d{1,2}):(\d{2})(?::(\d{2}))?$/.exec(t)
  if (clock) return midnight + (Number(clock[1]) * 3600 + Number(clock[2]) * 60 + Number(clock[3] ?? 0)) * 1000
  const iso = /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?)?\s*(Z|UTC|[-+]\d{2}:?\d{2})?$/.exec(t)
  if (iso) {
    const ms = Date.UTC(Number(iso[1]), Number(iso[2]) - 1, Number(iso[3]), Number(iso[4] ?? 0), Number(iso[5] ?? 0), Number(iso[6] ?? 0))
    // There is no 30th of February, and no 25 o'clock.
    const there = new Date(ms)
    if (there.getUTCDate() !== Number(iso[3]) || there.getUTCHours() !== Number(iso[4] ?? 0) || Number(iso[5] ?? 0) > 59) return undefined
    const off = /^([-+])(\d{2}):?(\d{2})$/.exec(iso[7] ?? '')
    return off ? ms - (off[1] === '-' ? -1 : 1) * (Number(off[2]) * 60 + Number(off[3])) * 60_000 : ms
  }
  const parsed = Date.parse(/[zZ]$|GMT|UTC|[-+]\d{4}$/.test(t) ? t : `${t} UTC`)
  return Number.isNaN(parsed) ? undefined : parsed
}
