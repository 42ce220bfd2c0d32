/** Times of the API: metav1.Time (seconds) and metav1.MicroTime, read as Go's time.Parse reads RFC 3339. */
import { rfc3339, rfc3339Micro } from '../../clock.js'

/** A text that is no time; the message is Go's. */
export class TimeFault extends Error {}

const LAYOUT = '2006-01-02T15:04:05Z07:00'
const MICRO_LAYOUT = '2006-01-02T15:04:05.000000Z07:00'
const CANONICAL = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/
const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:[.,](\d+))?(Z|[+-]\d\d:\d\d)$/

/** A time in UTC with seconds, fractions cut off: `2026-11-21T09:17:00Z`. @throws TimeFault */
export function parseTime(text: string): string {
  if (CANONICAL.test(text) && !Number.isNaN(Date.parse(text))) return text
  return rfc3339(milliseconds(text, LAYOUT))
}

/** A time in UTC with microseconds: `2026-11-21T09:17:00.123456Z`. @throws TimeFault */
export function parseMicroTime(text: string): string {
  const ms = milliseconds(text, MICRO_LAYOUT)
  const fraction = RFC3339.exec(text)?.[7] ?? ''
  return rfc3339Micro(ms).slice(0, 20) + fraction.padEnd(6, '0').slice(0, 6) + 'Z'
}

function milliseconds(text: string, layout: string): number {
  const m = RFC3339.exec(text)
  if (m) {
    const ms = Date.parse(text.replace(',', '.'))
    const daysInMonth = new Date(Date.UTC(Number(m[1]), Number(m[2]), 0)).getUTCDate()
    if (!Number.isNaN(ms) && Number(m[3]) >= 1 && Number(m[3]) <= daysInMonth && Number(m[4]) < 24) return ms
    const what =
      Number(m[2]) < 1 || Number(m[2]) > 12
        ? 'month'
        : Number(m[4]) > 23
          ? 'hour'
          : Number(m[5]) > 59
            ? 'minute'
            : Number(m[6]) > 59
              ? 'second'
              : 'day'
    throw new TimeFault(`parsing time ${JSON.stringify(text)}: ${what} out of range`)
  }
  const [rest, element] = firstMismatch(text)
  throw new TimeFault(
    `parsing time ${JSON.stringify(text)} as ${JSON.stringify(layout)}: cannot parse ${JSON.stringify(rest)} as ${JSON.stringify(element)}`,
  )
}

/** The rest of the text at the first part of the layout that it does not follow, and that part. */
function firstMismatch(text: string): [string, string] {
  const parts: [RegExp, string][] = [
    [/^\d{4}/, '2006'],
    [/^-/, '-'],
    [/^\d\d/, '01'],
    [/^-/, '-'],
    [/^\d\d/, '02'],
    [/^T/, 'T'],
    [/^\d\d?/, '15'],
    [/^:/, ':'],
    [/^\d\d/, '04'],
    [/^:/, ':'],
    [/^\d\d(?:[.,]\d+)?/, '05'],
    [/^(?:Z|[+-]\d\d:\d\d)/, 'Z07:00'],
  ]
  let rest = text
  for (const [pattern, element] of parts) {
    const m = pattern.exec(rest)
    if (!m) return [rest, element]
    rest = rest.slice(m[0].length)
  }
  return [rest, 'Z07:00']
}
