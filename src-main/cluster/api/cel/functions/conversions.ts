/** Conversions between types, and `type` itself. */
import {
  Duration,
  FormatValue,
  ipText,
  IpValue,
  CidrValue,
  kindOf,
  Timestamp,
  typeName,
  TypeValue,
  Uint,
  QuantityValue,
  UrlValue,
  type Value,
} from '../values.js'
import { formatQuantity } from '../../kinds/rules/quantity.js'
import { durationFrom, durationText, timestampFrom, timestampText } from './moments.js'
import { int, timestamp, uint } from './operators.js'
import { EvaluationError, fn, type Overload } from './overload.js'

const SECOND = 1_000_000_000n

function integer(value: number): bigint {
  if (!Number.isFinite(value)) throw new EvaluationError('integer overflow')
  return int(BigInt(Math.trunc(value)))
}

function parsedInt(text: string): bigint {
  if (!/^[+-]?\d+$/.test(text)) throw new EvaluationError(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`)
  return int(BigInt(text.replace(/^\+/, '')))
}

function parsedUint(text: string): Uint {
  if (!/^\d+$/.test(text)) throw new EvaluationError(`strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`)
  return uint(BigInt(text))
}

function parsedDouble(text: string): number {
  const number = /^[+-]?inf(inity)?$/i.test(text) ? (text.startsWith('-') ? -Infinity : Infinity) : Number(text)
  if (text.trim() === '' || (Number.isNaN(number) && !/^[+-]?nan$/i.test(text)))
    throw new EvaluationError(`strconv.ParseFloat: parsing ${JSON.stringify(text)}: invalid syntax`)
  return number
}

const TRUE = new Set(['1', 't', 'T', 'true', 'TRUE', 'True'])
const FALSE = new Set(['0', 'f', 'F', 'false', 'FALSE', 'False'])

function parsedBool(text: string): boolean {
  if (!TRUE.has(text) && !FALSE.has(text)) throw new EvaluationError(`strconv.ParseBool: parsing ${JSON.stringify(text)}: invalid syntax`)
  return TRUE.has(text)
}

/** A double as Go prints it: `1.5`, `1e+21`. */
export function doubleText(value: number): string {
  if (value === Infinity) return '+Inf'
  if (value === -Infinity) return '-Inf'
  return String(value).replace(/e([+-])(\d)$/, 'e$10$2')
}

/** What `string()` makes of a value that it takes; undefined for others. */
export function textOf(value: Value): string | undefined {
  if (typeof value === 'string') return value
  if (typeof value === 'bigint' || typeof value === 'boolean') return String(value)
  if (typeof value === 'number') return doubleText(value)
  if (value instanceof Uint) return String(value.value)
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8')
  if (value instanceof Timestamp) return timestampText(value)
  if (value instanceof Duration) return durationText(value)
  if (value instanceof QuantityValue) return formatQuantity(value.quantity)
  if (value instanceof UrlValue) return value.text
  if (value instanceof IpValue) return ipText(value)
  if (value instanceof CidrValue) return `${ipText(value.ip)}/${value.prefix}`
  return value instanceof FormatValue ? value.name : undefined
}

export const CONVERSIONS: readonly Overload[] = [
  fn('int', 'int => int', (v: bigint) => v),
  fn('int', 'uint => int', (v: Uint) => int(v.value)),
  fn('int', 'double => int', integer),
  fn('int', 'string => int', parsedInt),
  fn('int', 'timestamp => int', (v: Timestamp) => v.nanos / SECOND - (v.nanos % SECOND < 0n ? 1n : 0n)),
  fn('uint', 'uint => uint', (v: Uint) => v),
  fn('uint', 'int => uint', (v: bigint) => uint(v)),
  fn('uint', 'double => uint', (v: number) => uint(integer(v))),
  fn('uint', 'string => uint', parsedUint),
  fn('double', 'double => double', (v: number) => v),
  fn('double', 'int => double', (v: bigint) => Number(v)),
  fn('double', 'uint => double', (v: Uint) => Number(v.value)),
  fn('double', 'string => double', parsedDouble),
  fn('bool', 'bool => bool', (v: boolean) => v),
  fn('bool', 'string => bool', parsedBool),
  ...['string', 'int', 'uint', 'double', 'bool', 'bytes', 'timestamp', 'duration', 'net.IP', 'net.CIDR'].map((type) =>
    fn('string', `${type} => string`, (v: Value) => textOf(v) ?? ''),
  ),
  fn('bytes', 'bytes => bytes', (v: Uint8Array) => v),
  fn('bytes', 'string => bytes', (v: string) => Buffer.from(v)),
  fn('timestamp', 'timestamp => timestamp', (v: Timestamp) => v),
  fn('timestamp', 'string => timestamp', timestampFrom),
  fn('timestamp', 'int => timestamp', (v: bigint) => timestamp(v * SECOND)),
  fn('duration', 'duration => duration', (v: Duration) => v),
  fn('duration', 'string => duration', durationFrom),
  fn('duration', 'int => duration', (v: bigint) => new Duration(v)),
  fn('dyn', 'A => dyn', (v: Value) => v),
  fn('type', 'A => type(A)', (v: Value) => new TypeValue(typeName(kindOf(v)))),
]
