/** Timestamps and durations: their texts, and their parts in a time zone. */
import { Duration, Timestamp, type Value } from '../values.js'
import { timestamp } from './operators.js'
import { EvaluationError, method, type Overload } from './overload.js'

const MILLI = 1_000_000n
const UNITS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1000n,
  µs: 1000n,
  μs: 1000n,
  ms: MILLI,
  s: 1000n * MILLI,
  m: 60_000n * MILLI,
  h: 3_600_000n * MILLI,
}

/** Reads a duration such as `1h30m`. */
export function durationFrom(text: string): Duration {
  const invalid = new EvaluationError(`time: invalid duration ${JSON.stringify(text)}`)
  const [, sign, rest = ''] = /^([+-]?)(.*)$/s.exec(text)!
  if (rest === '0') return new Duration(0n)
  if (!/^(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/.test(rest)) throw invalid
  let nanos = 0n
  for (const [, whole = '', fraction = '', unit = ''] of rest.matchAll(/(\d*)\.?(\d*)(ns|us|µs|μs|ms|s|m|h)/g)) {
    nanos += BigInt(whole || '0') * UNITS[unit]! + (fraction ? (BigInt(fraction) * UNITS[unit]!) / 10n ** BigInt(fraction.length) : 0n)
  }
  return new Duration(sign === '-' ? -nanos : nanos)
}

/** A duration in seconds, as `90s` or `0.5s`. */
export function durationText({ nanos }: Duration): string {
  const abs = nanos < 0n ? -nanos : nanos
  const fraction = String(abs % 1_000_000_000n)
    .padStart(9, '0')
    .replace(/0+$/, '')
  return `${nanos < 0n ? '-' : ''}${abs / 1_000_000_000n}${fraction ? `.${fraction}` : ''}s`
}

/** Reads an RFC 3339 timestamp. */
export function timestampFrom(text: string): Timestamp {
  const match = /^(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?([Zz]|[+-]\d\d:\d\d)$/.exec(text)
  const millis = match ? Date.parse(`${match[1]}T${match[2]}${match[4]!.toUpperCase()}`) : NaN
  if (!match || Number.isNaN(millis))
    throw new EvaluationError(`parsing time ${JSON.stringify(text)} as "2006-01-02T15:04:05Z07:00": cannot parse`)
  return timestamp(BigInt(millis) * MILLI + BigInt((match[3] ?? '').padEnd(9, '0')), minutesOf(match[4]!))
}

/** The offset that `+01:30`, `-01:30`, `01:30` or `Z` tells, in minutes. */
function minutesOf(zone: string): number {
  const [, sign, hours, minutes] = /^([+-]?)(\d\d):(\d\d)$/.exec(zone) ?? ['', '', '0', '0']
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes))
}

const millisOf = (nanos: bigint): number => Number(nanos >= 0n ? nanos / MILLI : (nanos - MILLI + 1n) / MILLI)

/** A timestamp as RFC 3339, in its zone. */
export function timestampText({ nanos, offset }: Timestamp): string {
  const seconds = new Date(millisOf(nanos) + offset * 60_000).toISOString().slice(0, 19)
  const rest = ((nanos % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n
  const fraction = String(rest).padStart(9, '0').replace(/0+$/, '')
  return `${seconds}${fraction ? `.${fraction}` : ''}${offset === 0 ? 'Z' : zoneText(offset)}`
}

function zoneText(offset: number): string {
  const two = (n: number): string => String(n).padStart(2, '0')
  const minutes = Math.abs(offset)
  return `${offset < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`
}

/** The moment as a date whose UTC parts are those of the zone. */
function local(at: Timestamp, zone: string): Date {
  const millis = millisOf(at.nanos)
  if (/^[+-]?\d\d:\d\d$/.test(zone)) return new Date(millis + minutesOf(zone) * 60_000)
  if (zone === 'UTC' || zone === '') return new Date(millis)
  let parts: Intl.DateTimeFormatPart[]
  try {
    const options = {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    } as const
    parts = new Intl.DateTimeFormat('en-US', options).formatToParts(new Date(millis))
  } catch {
    throw new EvaluationError(`unknown time zone ${zone}`)
  }
  const part = (type: string): number => Number(parts.find((p) => p.type === type)?.value)
  const shown = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'))
  return new Date(shown + (((millis % 1000) + 1000) % 1000))
}

function dayOfYear(date: Date): number {
  return Math.floor(
    (Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()) - Date.UTC(date.getUTCFullYear(), 0, 1)) / 86_400_000,
  )
}

const PARTS: Readonly<Record<string, (date: Date) => number>> = {
  getFullYear: (d) => d.getUTCFullYear(),
  getMonth: (d) => d.getUTCMonth(),
  getDate: (d) => d.getUTCDate(),
  getDayOfMonth: (d) => d.getUTCDate() - 1,
  getDayOfWeek: (d) => d.getUTCDay(),
  getDayOfYear: dayOfYear,
  getHours: (d) => d.getUTCHours(),
  getMinutes: (d) => d.getUTCMinutes(),
  getSeconds: (d) => d.getUTCSeconds(),
  getMilliseconds: (d) => d.getUTCMilliseconds(),
}

const SPANS: Readonly<Record<string, (nanos: bigint) => bigint>> = {
  getHours: (nanos) => nanos / UNITS['h']!,
  getMinutes: (nanos) => nanos / UNITS['m']!,
  getSeconds: (nanos) => nanos / UNITS['s']!,
  getMilliseconds: (nanos) => nanos / MILLI,
}

export const MOMENTS: readonly Overload[] = [
  ...Object.entries(PARTS).flatMap(([name, part]) => [
    method(name, 'timestamp => int', (at: Timestamp): Value => BigInt(part(local(at, 'UTC')))),
    method(name, 'timestamp, string => int', (at: Timestamp, zone: string): Value => BigInt(part(local(at, zone)))),
  ]),
  ...Object.entries(SPANS).map(([name, part]) => method(name, 'duration => int', (span: Duration): Value => part(span.nanos))),
]
