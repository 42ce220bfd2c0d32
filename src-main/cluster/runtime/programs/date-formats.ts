/** Times as busybox reads them: its own forms, and those of `-D FORMAT`. */

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

/**
 * `@SECONDS`, `hh:mm[:ss]`, `[YYYY.]MM.DD-hh:mm[:ss]`, `YYYY-MM-DD[ hh:mm[:ss]]` and `[[[[[YY]YY]MM]DD]hh]mm[.ss]`,
 * in UTC. Gives ms since the epoch; undefined when it is none of them.
 */
export function parseBusyboxTime(text: string, now: number): number | undefined {
  const today = new Date(now)
  const [year, month, day, hour] = [today.getUTCFullYear(), today.getUTCMonth() + 1, today.getUTCDate(), today.getUTCHours()]
  const at = (y: number, mo: number, d: number, h: string | number, mi: string | number, s: string | number = 0): number | undefined => {
    if (mo < 1 || mo > 12 || d < 1 || d > 31 || Number(h) > 23 || Number(mi) > 59 || Number(s) > 60) return undefined
    return Date.UTC(y, mo - 1, d, Number(h), Number(mi), Number(s))
  }
  let m = /^@(-?\d+)$/.exec(text)
  if (m) return Number(m[1]) * 1000
  m = /^(\d+):(\d+)(?::(\d+))?$/.exec(text)
  if (m) return at(year, month, day, m[1]!, m[2]!, m[3])
  m = /^(?:(\d{4})\.)?(\d+)\.(\d+)-(\d+):(\d+)(?::(\d+))?$/.exec(text)
  if (m) return at(Number(m[1] ?? year), Number(m[2]), Number(m[3]), m[4]!, m[5]!, m[6])
  m = /^(\d+)-(\d+)-(\d+)(?: (\d+):(\d+)(?::(\d+))?)?$/.exec(text)
  if (m) return at(Number(m[1]), Number(m[2]), Number(m[3]), m[4] ?? 0, m[5] ?? 0, m[6])
  m = /^(?:(?:(?:((?:\d\d)?\d\d)?(\d\d))?(\d\d))?(\d\d))?(\d\d)(?:\.(\d\d))?$/.exec(text)
  if (!m) return undefined
  const [, y, mo, d, h, mi, s] = m
  const full = y === undefined ? year : y.length === 4 ? Number(y) : Math.floor(year / 100) * 100 + Number(y)
  return at(full, Number(mo ?? month), Number(d ?? day), h ?? hour, mi!, s)
}

/** By a format of strptime(3). What it leaves out is as now; the time of day is midnight. */
export function parseByFormat(text: string, format: string, now: number): number | undefined {
  const today = new Date(now)
  let [year, month, day, hour, minute, second] = [today.getUTCFullYear(), today.getUTCMonth(), today.getUTCDate(), 0, 0, 0]
  let [rest, pm, epoch]: [string, boolean | undefined, number | undefined] = [text, undefined, undefined]
  const take = (pattern: RegExp): string | undefined => {
    const m = pattern.exec(rest)
    if (m) rest = rest.slice(m[0].length)
    return m?.[0]
  }
  const fields: Readonly<Record<string, [RegExp, (found: string) => void]>> = {
    Y: [/^\d{1,4}/, (t) => (year = Number(t))],
    y: [/^\d\d/, (t) => (year = Number(t) + (Number(t) < 69 ? 2000 : 1900))],
    m: [/^\d\d?/, (t) => (month = Number(t) - 1)],
    d: [/^ ?\d\d?/, (t) => (day = Number(t))],
    e: [/^ ?\d\d?/, (t) => (day = Number(t))],
    H: [/^\d\d?/, (t) => (hour = Number(t))],
    I: [/^\d\d?/, (t) => (hour = Number(t) % 12)],
    M: [/^\d\d?/, (t) => (minute = Number(t))],
    S: [/^\d\d?/, (t) => (second = Number(t))],
    s: [/^\d+/, (t) => (epoch = Number(t) * 1000)],
    p: [/^[ap]m/i, (t) => (pm = t.toLowerCase() === 'pm')],
    b: [/^(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*/i, (t) => (month = MONTHS.indexOf(t.slice(0, 3).toLowerCase()))],
    a: [/^(?:sun|mon|tue|wed|thu|fri|sat)[a-z]*/i, () => undefined],
    Z: [/^[A-Z]+/, () => undefined],
  }
  const whole = format.replaceAll('%T', '%H:%M:%S').replaceAll('%F', '%Y-%m-%d').replaceAll('%R', '%H:%M').replaceAll('%D', '%m/%d/%y')
  for (let i = 0; i < whole.length; i++) {
    if (whole[i] === '%' && whole[i + 1] !== '%') {
      const field = fields[{ B: 'b', h: 'b', A: 'a' }[whole[++i]!] ?? whole[i]!]
      const found = field && take(field[0])
      if (found === undefined) return undefined
      field![1](found)
    } else if (/\s/.test(whole[i]!)) take(/^\s*/)
    else {
      if (whole[i] === '%') i++
      if (!rest.startsWith(whole[i]!)) return undefined
      rest = rest.slice(1)
    }
  }
  if (pm) hour += 12
  return epoch ?? Date.UTC(year, month, day, hour, minute, second)
}
