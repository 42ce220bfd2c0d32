/**
 * Writes objects in Kubernetes' protobuf encoding, for clients that accept nothing else. Fields that the messages do not
 * have are left out. See "Kubernetes Protobuf encoding" in the API concepts.
 */
import { jsonText } from '../../../exact-json.js'
import { parseGoDuration } from '../../go-duration.js'
import { hasMessage, MAGIC, messageNamed, messageOfKind, wrapped } from './messages.js'

const VARINT = 0
const FIXED64 = 1
const DELIMITED = 2

function varint(value: bigint): Buffer {
  const bytes: number[] = []
  let left = BigInt.asUintN(64, value)
  for (; left > 127n; left >>= 7n) bytes.push(Number(left & 127n) | 128)
  bytes.push(Number(left))
  return Buffer.from(bytes)
}

const tagged = (number: number, wire: number): Buffer => varint(BigInt((number << 3) | wire))
const whole = (number: number, value: bigint): Buffer => Buffer.concat([tagged(number, VARINT), varint(value)])

/** A field of bytes: a text, or a message within a message. */
function delimited(number: number, body: Buffer | string): Buffer {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body
  return Buffer.concat([tagged(number, DELIMITED), varint(BigInt(bytes.length)), bytes])
}

/** Seconds and nanoseconds of a time in RFC 3339. */
function timeOf(value: unknown): Buffer {
  const text = String(value)
  const nanos = Number((/\.(\d+)/.exec(text)?.[1] ?? '').padEnd(9, '0').slice(0, 9))
  const seconds = BigInt(Math.floor(Date.parse(text) / 1000))
  return Buffer.concat([whole(1, seconds), ...(nanos ? [whole(2, BigInt(nanos))] : [])])
}

/** Messages that are something else than an object in JSON. */
const SPECIAL: Readonly<Record<string, (value: unknown) => Buffer>> = {
  'api.resource.Quantity': (v) => delimited(1, String(v)),
  'meta.v1.Time': timeOf,
  'meta.v1.MicroTime': timeOf,
  'meta.v1.Duration': (v) => whole(1, BigInt(Math.round((parseGoDuration(String(v)) ?? 0) * 1e6))),
  'meta.v1.FieldsV1': (v) => delimited(1, jsonText(v)),
  'runtime.RawExtension': (v) => delimited(1, jsonText(v)),
  'apiextensions.v1.JSON': (v) => delimited(1, jsonText(v)),
  'util.intstr.IntOrString': (v) =>
    typeof v === 'number'
      ? Buffer.concat([whole(1, 0n), whole(2, BigInt(v)), delimited(3, '')])
      : Buffer.concat([whole(1, 1n), whole(2, 0n), delimited(3, String(v))]),
}

/** One value of a field. */
function fieldOf(number: number, type: string, value: unknown): Buffer {
  switch (type) {
    case 's':
      return delimited(number, String(value))
    case 'b':
      return delimited(number, Buffer.from(String(value), 'base64'))
    case 't':
      return whole(number, value ? 1n : 0n)
    case 'i':
    case 'l':
      return whole(number, typeof value === 'bigint' ? value : BigInt(Math.trunc(Number(value))))
    case 'd': {
      const bytes = Buffer.alloc(8)
      bytes.writeDoubleLE(Number(value))
      return Buffer.concat([tagged(number, FIXED64), bytes])
    }
    default:
      return delimited(number, messageOf(type, value))
  }
}

function messageOf(type: string, value: unknown): Buffer {
  const special = SPECIAL[type]
  if (special) return special(value)
  const object = wrapped(type, value)
  const parts: Buffer[] = []
  for (const [number, field] of messageNamed(type) ?? []) {
    if (field.mark === '<') {
      parts.push(delimited(number, messageOf(field.type, object)))
      continue
    }
    const held = object[field.name]
    if (held === undefined || held === null) continue
    if (field.mark === '*') for (const item of held as unknown[]) parts.push(fieldOf(number, field.type, item))
    else if (field.mark === '%')
      for (const [key, item] of Object.entries(held))
        parts.push(delimited(number, Buffer.concat([delimited(1, key), fieldOf(2, field.type, item)])))
    else parts.push(fieldOf(number, field.type, held))
  }
  return Buffer.concat(parts)
}

/** An object in the envelope that says what it is; undefined for kinds that are no messages, as custom resources. */
export function jsonToProtobuf(object: {
  readonly apiVersion?: string | undefined
  readonly kind?: string | undefined
}): Buffer | undefined {
  const { apiVersion = '', kind = '' } = object
  if (!hasMessage(apiVersion, kind)) return undefined
  const type = Buffer.concat([delimited(1, apiVersion), delimited(2, kind)])
  return Buffer.concat([
    MAGIC,
    delimited(1, type),
    delimited(2, messageOf(messageOfKind(apiVersion, kind), object)),
    delimited(3, ''),
    delimited(4, ''),
  ])
}

/** One event of a watch, with its length before it. */
export function protobufFrame(type: string, object: object): Buffer {
  const event = Buffer.concat([delimited(1, type), delimited(2, delimited(1, jsonToProtobuf(object) ?? Buffer.alloc(0)))])
  const length = Buffer.alloc(4)
  length.writeUInt32BE(event.length)
  return Buffer.concat([length, event])
}
