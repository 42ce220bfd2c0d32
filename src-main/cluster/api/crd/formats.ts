/**
 * The string formats that the API server checks in custom resources ("Validation" in the documentation of
 * CustomResourceDefinitions); others are only notes for readers.
 */
import { durationFrom } from '../cel/functions/moments.js'
import { parseCIDR, parseIP } from '../kinds/rules/ip.js'
import { tryParseQuantity } from '../kinds/rules/quantity.js'
import { isCreditCard, isIsbn10, isIsbn13 } from './check-digits.js'
import { isMailAddress } from './mail-address.js'
import { isRequestUri } from './request-uri.js'

type Check = (text: string) => boolean

const matches =
  (pattern: RegExp): Check =>
  (text) =>
    pattern.test(text)

const uuid = (version: string, variant = '[0-9a-f]'): Check =>
  matches(new RegExp(`^[0-9a-f]{8}-?[0-9a-f]{4}-?${version}[0-9a-f]{3}-?${variant}[0-9a-f]{3}-?[0-9a-f]{12}$`, 'i'))

function isDate(text: string): boolean {
  const parts = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text)
  if (!parts) return false
  const at = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(at.getTime()) && at.getUTCDate() === Number(parts[3])
}

function isDateTime(text: string): boolean {
  const parts = /^(.{10})t(\d\d):(\d\d):(\d\d)(?:.\d+)?(?:z|[+-]\d\d:\d\d)$/i.exec(text)
  return parts !== null && isDate(parts[1]!) && parts[2]! <= '23' && parts[3]! <= '59' && parts[4]! <= '59'
}

/** A word of a host name may hold letters and symbols of all scripts; the last of several has two characters at least. */
const HOSTNAME = ((c: string) => new RegExp(`^(?:${c}-?${c}{0,62}|(?:${c}(?:(?:${c}|-){0,61}${c})?\\.)+${c}(?:-?${c}){1,62})$`, 'u'))(
  '[a-zA-Z0-9\\p{S}\\p{L}]',
)

function isHostname(text: string): boolean {
  return Buffer.byteLength(text) <= 255 && HOSTNAME.test(text) && text.split('.').every((label) => Buffer.byteLength(label) <= 63)
}

/** Units of durations: their short names, and with what their long ones begin. */
const UNITS = /^(?:ns|nano.*|us|µs|micro.*|ms|milli.*|s|sec.*|m|min.*|h|hr|hour.*|d|day.*|w|wk|week.*)$/i

/** A duration of Go, such as `1h30m`, or of whole numbers with words, such as `2 days`. */
function isDuration(text: string): boolean {
  try {
    durationFrom(text)
    return true
  } catch {
    if (!/^\s*(?:\d+\s*[A-Za-zµ]+\s*)+$/.test(text)) return false
    return [...text.matchAll(/[A-Za-zµ]+/g)].some(([unit]) => UNITS.test(unit))
  }
}

/** 6, 8 or 20 bytes, in pairs of digits with colons or dashes, or in fours with dots. */
const MAC = ((counts: readonly number[]) => {
  const pairs = (separator: string): string[] => counts.map((n) => `(?:[0-9a-f]{2}${separator}){${n - 1}}[0-9a-f]{2}`)
  const fours = counts.map((n) => `(?:[0-9a-f]{4}\\.){${n / 2 - 1}}[0-9a-f]{4}`)
  return new RegExp(`^(?:${[...pairs(':'), ...pairs('-'), ...fours].join('|')})$`, 'i')
})([6, 8, 20])

const BYTE = '(?:0|[1-9]\\d?|1\\d\\d|2[0-4]\\d|25[0-5])'

/** By name. Dashes in names do not count: `date-time` and `datetime` are one. */
const FORMATS: Readonly<Record<string, Check>> = {
  bsonobjectid: matches(/^[0-9a-f]{24}$/i),
  byte: matches(/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})$/),
  cidr: (text) => parseCIDR(text) !== undefined,
  creditcard: isCreditCard,
  date: isDate,
  datetime: isDateTime,
  duration: isDuration,
  email: isMailAddress,
  hexcolor: matches(/^#?([0-9a-f]{3}|[0-9a-f]{6})$/i),
  hostname: isHostname,
  ipv4: (text) => text.includes('.') && parseIP(text) !== undefined,
  ipv6: (text) => text.includes(':') && parseIP(text) !== undefined,
  isbn: (text) => isIsbn10(text) || isIsbn13(text),
  isbn10: isIsbn10,
  isbn13: isIsbn13,
  k8slongname: matches(/^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/),
  k8sshortname: matches(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/),
  mac: matches(MAC),
  password: () => true,
  quantity: (text) => tryParseQuantity(text) !== undefined,
  rgbcolor: matches(new RegExp(`^rgb\\(\\s*${BYTE}\\s*,\\s*${BYTE}\\s*,\\s*${BYTE}\\s*\\)$`)),
  ssn: matches(/^\d{3}[- ]?\d{2}[- ]?\d{4}$/),
  uri: isRequestUri,
  uuid: uuid('[0-9a-f]'),
  uuid3: uuid('3'),
  uuid4: uuid('4', '[89ab]'),
  uuid5: uuid('5', '[89ab]'),
}

const withoutDashes = (format: string): string => format.replaceAll('-', '')

/** Whether a text has a format; undefined for formats that nothing is known of. */
export function formatHolds(format: string, text: string): boolean | undefined {
  const name = withoutDashes(format)
  return Object.hasOwn(FORMATS, name) ? FORMATS[name]!(text) : undefined
}

const RECOGNIZED: Readonly<Record<string, ReadonlySet<string>>> = {
  string: new Set(Object.keys(FORMATS)),
  integer: new Set(['int32', 'int64']),
  number: new Set(['float', 'double']),
}

/** Whether values of a type may have a format; a type that is left out is taken for text. */
export function isRecognizedFormat(type: string | null | undefined, format: string): boolean {
  const name = (type ?? '') || 'string'
  return RECOGNIZED[name]?.has(name === 'string' ? withoutDashes(format) : format) ?? false
}
