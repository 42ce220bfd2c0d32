/**
 * The string formats that the API server checks in custom resources ("Validation" in the documentation of
 * CustomResourceDefinitions); others are only notes for readers.
 */
import { isIP, isIPv4, isIPv6 } from 'node:net'

const matches =
  (pattern: RegExp) =>
  (text: string): boolean =>
    pattern.test(text)

const uuid = (version: string): ((text: string) => boolean) =>
  matches(new RegExp(`^[0-9a-f]{8}-?[0-9a-f]{4}-?${version}[0-9a-f]{3}-?[0-9a-f]{4}-?[0-9a-f]{12}$`, 'i'))

function isCidr(text: string): boolean {
  const slash = text.indexOf('/')
  const bits = text.slice(slash + 1)
  if (slash < 0 || !/^(0|[1-9]\d{0,2})$/.test(bits)) return false
  const version = isIP(text.slice(0, slash))
  return version !== 0 && Number(bits) <= (version === 4 ? 32 : 128)
}

function isDate(text: string): boolean {
  const parts = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text)
  if (!parts) return false
  const at = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(at.getTime()) && at.getUTCDate() === Number(parts[3])
}

function isDateTime(text: string): boolean {
  const parts = /^(\d{4}-\d\d-\d\d)[Tt ](\d\d):(\d\d):(\d\d)(\.\d+)?([zZ]|[+-]\d\d:?\d\d)?$/.exec(text)
  return parts !== null && isDate(parts[1]!) && Number(parts[2]) < 24 && Number(parts[3]) < 60 && Number(parts[4]) < 61
}

function isUri(text: string): boolean {
  try {
    void new URL(text)
    return true
  } catch {
    return text.startsWith('/')
  }
}

const FORMATS: Readonly<Record<string, (text: string) => boolean>> = {
  bsonobjectid: matches(/^[0-9a-f]{24}$/i),
  byte: matches(/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/),
  cidr: isCidr,
  date: isDate,
  'date-time': isDateTime,
  datetime: isDateTime,
  duration: matches(/^[+-]?(\d+(\.\d*)?|\.\d+)\s*(ns|us|µs|μs|ms|s|m|h|d|w|[a-z]+)((\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h))*$/),
  email: matches(/^[^\s@<>]+@[^\s@<>]+$/),
  hexcolor: matches(/^#?([0-9a-f]{3}|[0-9a-f]{6})$/i),
  hostname: matches(/^(?=.{1,255}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*\.?$/i),
  ipv4: isIPv4,
  ipv6: isIPv6,
  'k8s-long-name': matches(/^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/),
  'k8s-short-name': matches(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/),
  mac: matches(/^([0-9a-f]{2}[:-]){5}[0-9a-f]{2}$|^([0-9a-f]{4}\.){2}[0-9a-f]{4}$/i),
  uri: isUri,
  uuid: uuid('[0-9a-f]'),
  uuid3: uuid('3'),
  uuid4: uuid('4'),
  uuid5: uuid('5'),
}

/** Whether a text has a format; undefined for formats that are not checked. */
export function formatHolds(format: string, text: string): boolean | undefined {
  return Object.hasOwn(FORMATS, format) ? FORMATS[format]!(text) : undefined
}

/** Formats of texts that are known though they are not checked. Dashes in names do not count. */
const NOTED = 'creditcard isbn isbn10 isbn13 password quantity rgbcolor ssn'.split(' ')

const RECOGNIZED: Readonly<Record<string, ReadonlySet<string>>> = {
  string: new Set([...Object.keys(FORMATS), ...NOTED].map((name) => name.replaceAll('-', ''))),
  integer: new Set(['int32', 'int64']),
  number: new Set(['float', 'double']),
}

/** Whether values of a type may have a format; a type that is left out is taken for text. */
export function isRecognizedFormat(type: string | null | undefined, format: string): boolean {
  const name = (type ?? '') || 'string'
  return RECOGNIZED[name]?.has(name === 'string' ? format.replaceAll('-', '') : format) ?? false
}
