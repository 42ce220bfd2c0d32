/** jq's builtins on time: seconds since 1970 and "broken down" times (year, month from 0, day, hours, minutes, seconds, weekday, day of the year). */
import { formatTime } from '../strftime.js'
import type { Native } from './scope.js'
import { typeOf, type Json } from './json.js'
import { excerpt, JqError } from './paths.js'

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

function brokenDown(seconds: number): Json {
  const d = new Date(Math.floor(seconds) * 1000)
  const year = d.getUTCFullYear()
  const day = Math.floor((Date.UTC(year, d.getUTCMonth(), d.getUTCDate()) - Date.UTC(year, 0, 1)) / 86_400_000)
  const fraction = seconds - Math.floor(seconds)
  return [year, d.getUTCMonth(), d.getUTCDate(), d.getUTCHours(), d.getUTCMinutes(), d.getUTCSeconds() + fraction, d.getUTCDay(), day]
}

function toSeconds(value: Json, name: string): number {
  if (typeof value === 'number') return value
  if (!Array.isArray(value) || value.length < 6 || !value.every((v) => typeof v === 'number'))
    throw new JqError(Array.isArray(value) ? `${name} requires parsed datetime inputs` : `${name} requires array of 6 numbers`)
  const [year, month, day, hours, minutes, seconds] = value as number[]
  return Math.floor(Date.UTC(year!, month!, day!, hours!, minutes!, Math.floor(seconds!)) / 1000)
}

/** A pattern for one conversion of strptime, and the name of what it finds. */
const CONVERSIONS: Readonly<Record<string, readonly [string, string]>> = {
  Y: ['year', '\\d{4}'],
  m: ['month', '\\d{1,2}'],
  d: ['day', '\\d{1,2}'],
  e: ['day', '\\s*\\d{1,2}'],
  H: ['hours', '\\d{1,2}'],
  M: ['minutes', '\\d{1,2}'],
  S: ['seconds', '\\d{1,2}'],
  b: ['name', '[A-Za-z]{3}'],
  B: ['name', '[A-Za-z]+'],
  Z: ['zone', '[A-Za-z]+'],
  z: ['offset', '[-+]\\d{2}:?\\d{2}|Z'],
  s: ['epoch', '\\d+'],
  a: ['weekday', '[A-Za-z]{3}'],
  A: ['weekday', '[A-Za-z]+'],
  j: ['yearday', '\\d{1,3}'],
}
const COMPOSED: Readonly<Record<string, string>> = { T: '%H:%M:%S', F: '%Y-%m-%d', D: '%m/%d/%y', R: '%H:%M' }

function strptime(text: string, pattern: string): Json {
  const expanded = pattern.replace(/%([TFDR])/g, (_m, c: string) => COMPOSED[c]!)
  const source = expanded.replace(/%(.)|[.*+?^${}()|[\]\\]/g, (whole, c: string | undefined) => {
    if (c === undefined) return `\\${whole}`
    if (c === '%') return '%'
    const known = Object.hasOwn(CONVERSIONS, c) ? CONVERSIONS[c]! : undefined
    return known ? `(?<${known[0]}>${known[1]})` : '.*?'
  })
  const g = new RegExp(`^${source}$`).exec(text)?.groups
  if (!g) throw new JqError(`date "${text}" does not match format "${pattern}"`)
  if (g['epoch']) return brokenDown(Number(g['epoch']))
  const month = g['name'] ? MONTHS.indexOf(g['name'].slice(0, 3).toLowerCase()) : Number(g['month'] ?? 1) - 1
  const n = (name: string, otherwise: number): number => Number(g[name] ?? otherwise)
  return brokenDown(Date.UTC(n('year', 1900), month, n('day', 1), n('hours', 0), n('minutes', 0), n('seconds', 0)) / 1000)
}

export const timeNatives: Readonly<Record<string, Native>> = {
  'now/0': (jq) => jq.host.now() / 1000,
  'mktime/0': (_jq, { value }) => {
    if (!Array.isArray(value)) throw new JqError('mktime requires array of 6 numbers')
    return toSeconds(value, 'mktime')
  },
  'gmtime/0': (_jq, { value }) => {
    if (typeof value !== 'number') throw new JqError('gmtime() requires a number')
    return brokenDown(value)
  },
  'localtime/0': (_jq, { value }) => {
    if (typeof value !== 'number') throw new JqError('localtime() requires a number')
    return brokenDown(value)
  },
  'strftime/1': strftime,
  'strflocaltime/1': strftime,
  'strptime/1': async (jq, { value }, [f]) => {
    const pattern = await jq.first(f!, value)
    if (typeof value !== 'string') throw new JqError(`strptime/1 requires string inputs and arguments`)
    if (typeof pattern !== 'string') throw new JqError(`strptime/1 requires string inputs and arguments`)
    return strptime(value, pattern)
  },
}

async function strftime(jq: Parameters<Native>[0], { value }: Parameters<Native>[1], [f]: Parameters<Native>[2]): Promise<Json> {
  const pattern = await jq.first(f!, value)
  if (typeof value !== 'number' && !Array.isArray(value)) throw new JqError('strftime/1 requires parsed datetime inputs')
  if (typeof pattern !== 'string') throw new JqError(`strftime/1 requires a string format, not ${typeOf(pattern)} (${excerpt(pattern)})`)
  return formatTime(pattern, toSeconds(value, 'strftime/1') * 1000)
}
