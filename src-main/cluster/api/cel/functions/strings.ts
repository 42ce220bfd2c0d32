/** Functions of strings: the standard ones and those of the extended strings library. Positions count characters. */
import { Uint, type Value } from '../values.js'
import { textOf } from './conversions.js'
import { EvaluationError, fn, method, type Overload } from './overload.js'
import { pattern } from './patterns.js'

const chars = (text: string): string[] => [...text]

function bounded(index: bigint, length: number): number {
  if (index < 0n || index > BigInt(length)) throw new EvaluationError(`index out of range: ${index}`)
  return Number(index)
}

function indexOf(text: string, part: string, from = 0n): bigint {
  const all = chars(text)
  const wanted = chars(part)
  for (let i = bounded(from, all.length); i <= all.length - wanted.length; i++)
    if (wanted.every((c, j) => all[i + j] === c)) return BigInt(i)
  return -1n
}

function lastIndexOf(text: string, part: string, from?: bigint): bigint {
  const all = chars(text)
  const wanted = chars(part)
  const start = from === undefined ? all.length : bounded(from, all.length)
  for (let i = Math.min(start, all.length - wanted.length); i >= 0; i--) if (wanted.every((c, j) => all[i + j] === c)) return BigInt(i)
  return -1n
}

function substring(text: string, from: bigint, to?: bigint): string {
  const all = chars(text)
  const start = bounded(from, all.length)
  const end = to === undefined ? all.length : bounded(to, all.length)
  if (start > end) throw new EvaluationError(`invalid substring range. start: ${start}, end: ${end}`)
  return all.slice(start, end).join('')
}

function replace(text: string, from: string, to: string, limit = -1n): string {
  if (limit < 0n) return text.replaceAll(from, () => to)
  let out = ''
  let rest = text
  for (let left = limit; left > 0n; left--) {
    const at = rest.indexOf(from)
    if (at < 0) break
    out += rest.slice(0, at) + to
    rest = rest.slice(at + from.length)
  }
  return out + rest
}

function split(text: string, by: string, limit = -1n): string[] {
  if (limit === 0n) return []
  const parts = by === '' ? chars(text) : text.split(by)
  if (limit < 0n || BigInt(parts.length) <= limit) return parts
  const kept = Number(limit) - 1
  return [...parts.slice(0, kept), parts.slice(kept).join(by)]
}

const lower = (text: string): string => text.replace(/[A-Z]/g, (c) => c.toLowerCase())
const upper = (text: string): string => text.replace(/[a-z]/g, (c) => c.toUpperCase())
const SPECIAL: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
  '"': '\\"',
}

// eslint-disable-next-line no-control-regex
const quote = (text: string): string => `"${text.replace(/[\x07\b\f\n\r\t\v\\"]/g, (c) => SPECIAL[c]!)}"`

/** `'%s is %d'.format([a, b])`. */
function format(text: string, args: readonly Value[]): string {
  let used = 0
  const out = text.replace(/%(?:\.(\d+))?([^])?/g, (clause, precision: string | undefined, verb: string | undefined) => {
    if (verb === '%') return '%'
    if (used >= args.length) throw new EvaluationError(`error during formatting: index ${used} out of range`)
    const value = args[used++]!
    const formatted = verb === undefined ? undefined : formattedAs(verb, value, precision === undefined ? undefined : Number(precision))
    if (formatted === undefined)
      throw new EvaluationError(
        `error during formatting: could not parse formatting clause: unrecognized formatting clause ${JSON.stringify(verb ?? clause)}`,
      )
    return formatted
  })
  return out
}

function formattedAs(verb: string, value: Value, precision = 6): string | undefined {
  const whole =
    typeof value === 'bigint'
      ? value
      : value instanceof Uint
        ? value.value
        : typeof value === 'boolean' && verb === 'b'
          ? BigInt(value)
          : undefined
  const real = typeof value === 'number' ? value : whole === undefined ? undefined : Number(whole)
  const wrong = (what: string): EvaluationError => new EvaluationError(`error during formatting: ${what}`)
  switch (verb) {
    case 's':
      return shown(value)
    case 'd':
    case 'b':
    case 'o': {
      if (whole === undefined)
        throw wrong(`${verb === 'd' ? 'decimal' : verb === 'b' ? 'binary' : 'octal'} clause can only be used on integers`)
      return whole.toString(verb === 'd' ? 10 : verb === 'b' ? 2 : 8)
    }
    case 'x':
    case 'X': {
      const hex = typeof value === 'string' || value instanceof Uint8Array ? Buffer.from(value).toString('hex') : whole?.toString(16)
      if (hex === undefined) throw wrong('only integers, byte buffers, and strings can be formatted as hex')
      return verb === 'X' ? hex.toUpperCase() : hex
    }
    case 'f':
    case 'e':
      if (real === undefined) throw wrong(`${verb === 'f' ? 'fixed-point' : 'scientific'} clause can only be used on doubles`)
      return verb === 'f' ? fixed(real, precision) : scientific(real, precision)
    default:
      return undefined
  }
}

const LONGEST_FRACTION = 100

/** With so many digits after the point; what is half way between two goes to the even one, as in Go. */
function fixed(real: number, precision: number): string {
  const exact = real.toFixed(Math.min(LONGEST_FRACTION, precision + 60))
  const kept = precision === 0 ? exact.indexOf('.') : exact.indexOf('.') + 1 + precision
  return isEvenHalf(exact, kept) ? exact.slice(0, kept) : real.toFixed(precision)
}

function scientific(real: number, precision: number): string {
  const [exact, power] = real.toExponential(Math.min(LONGEST_FRACTION, precision + 60)).split('e') as [string, string]
  const kept = precision === 0 ? exact.indexOf('.') : exact.indexOf('.') + 1 + precision
  const text = isEvenHalf(exact, kept) ? `${exact.slice(0, kept)}e${power}` : real.toExponential(precision)
  return text.replace(/e([+-])(\d)$/, 'e$10$2')
}

/** Whether what comes after some digits is a half, and the last of the digits even. */
function isEvenHalf(digits: string, kept: number): boolean {
  return /^\.?50*$/.test(digits.slice(kept)) && /[02468]\.?$/.test(digits.slice(0, kept))
}

/** A value as `%s` shows it. */
function shown(value: Value): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return `[${(value as readonly Value[]).map(shown).join(', ')}]`
  if (value instanceof Map) {
    const entries = [...(value as ReadonlyMap<Value, Value>)].map(([k, v]) => `${shown(k)}: ${shown(v)}`)
    return `{${entries.sort().join(', ')}}`
  }
  return textOf(value) ?? ''
}

const join = (list: readonly Value[], by = ''): string => list.join(by)

export const STRINGS: readonly Overload[] = [
  fn('size', 'string => int', (text: string) => BigInt(chars(text).length)),
  method('size', 'string => int', (text: string) => BigInt(chars(text).length)),
  fn('size', 'bytes => int', (bytes: Uint8Array) => BigInt(bytes.length)),
  method('size', 'bytes => int', (bytes: Uint8Array) => BigInt(bytes.length)),
  method('contains', 'string, string => bool', (text: string, part: string) => text.includes(part)),
  method('startsWith', 'string, string => bool', (text: string, part: string) => text.startsWith(part)),
  method('endsWith', 'string, string => bool', (text: string, part: string) => text.endsWith(part)),
  method('matches', 'string, string => bool', (text: string, source: string) => pattern(source).test(text)),
  fn('matches', 'string, string => bool', (text: string, source: string) => pattern(source).test(text)),
  method('charAt', 'string, int => string', (text: string, at: bigint) => chars(text)[bounded(at, chars(text).length)] ?? ''),
  method('indexOf', 'string, string => int', indexOf),
  method('indexOf', 'string, string, int => int', indexOf),
  method('lastIndexOf', 'string, string => int', lastIndexOf),
  method('lastIndexOf', 'string, string, int => int', lastIndexOf),
  method('lowerAscii', 'string => string', lower),
  method('upperAscii', 'string => string', upper),
  method('replace', 'string, string, string => string', replace),
  method('replace', 'string, string, string, int => string', replace),
  method('split', 'string, string => list(string)', split),
  method('split', 'string, string, int => list(string)', split),
  method('substring', 'string, int => string', substring),
  method('substring', 'string, int, int => string', substring),
  method('trim', 'string => string', (text: string) => text.trim()),
  method('join', 'list(string) => string', join),
  method('join', 'list(string), string => string', join),
  method('format', 'string, list(dyn) => string', format),
  method('reverse', 'string => string', (text: string) => chars(text).reverse().join('')),
  fn('strings.quote', 'string => string', quote),
  // Only expressions that make patches may call it. A key as a part of a JSON pointer, as RFC 6901 has it.
  fn('jsonpatch.escapeKey', 'string => string', (key: string) => key.replaceAll('~', '~0').replaceAll('/', '~1')),
]
