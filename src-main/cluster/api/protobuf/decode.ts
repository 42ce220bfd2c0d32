/**
 * Reads objects in Kubernetes' protobuf encoding, as kubectl's generators and other Go clients send them, into the form
 * they have in JSON. What comes out goes through the same decoder as JSON. See "Kubernetes Protobuf encoding" in the API concepts.
 */
import { exactWhole, jsonText, parseExactJson } from '../../../exact-json.js'
import { badRequest } from '../errors.js'
import { rfc3339 } from '../../clock.js'
import { MAGIC, messageNamed, messageOfKind, unwrapped } from './messages.js'

/** Messages within messages; the API's own are far less deep. */
const DEEPEST = 100

class Reader {
  private at = 0

  constructor(private readonly bytes: Buffer) {}

  get done(): boolean {
    return this.at >= this.bytes.length
  }

  /** The next field: its number, its wire type, and its value. */
  next(): { number: number; value: bigint | Buffer } {
    const tag = Number(this.varint())
    const number = tag >>> 3
    switch (tag & 7) {
      case 0:
        return { number, value: this.varint() }
      case 1:
        return { number, value: this.take(8) }
      case 2:
        return { number, value: this.take(Number(this.varint())) }
      case 5:
        return { number, value: this.take(4) }
      default:
        throw malformed(`wire type ${tag & 7}`)
    }
  }

  private varint(): bigint {
    let value = 0n
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.bytes[this.at++]
      if (byte === undefined) throw malformed('unexpected EOF')
      value |= BigInt(byte & 127) << shift
      if (byte < 128) return value
    }
    throw malformed('a number is too long')
  }

  private take(n: number): Buffer {
    if (n > this.bytes.length - this.at) throw malformed('unexpected EOF')
    return this.bytes.subarray(this.at, (this.at += n))
  }
}

function malformed(why: string): Error {
  return badRequest(`the body of the request is not valid protobuf: ${why}`)
}

function text(value: bigint | Buffer | undefined): string {
  if (value === undefined) return ''
  if (typeof value === 'bigint') throw malformed('a number where a text was expected')
  return value.toString('utf8')
}

function bytes(value: bigint | Buffer): Buffer {
  if (typeof value === 'bigint') throw malformed('a number where a message was expected')
  return value
}

function number(value: bigint | Buffer): bigint {
  if (typeof value !== 'bigint') throw malformed('a message where a number was expected')
  return BigInt.asIntN(64, value)
}

/** All values of a small message by field number; the last one counts. */
function fieldsOf(message: Buffer): Map<number, bigint | Buffer> {
  const fields = new Map<number, bigint | Buffer>()
  for (const r = new Reader(message); !r.done;) {
    const field = r.next()
    fields.set(field.number, field.value)
  }
  return fields
}

function timeOf(message: Buffer, micro: boolean): string | undefined {
  if (message.length === 0) return undefined
  const fields = fieldsOf(message)
  const ms = Number(number(fields.get(1) ?? 0n)) * 1000
  const nanos = Number(number(fields.get(2) ?? 0n))
  if (!Number.isFinite(ms) || Math.abs(ms) > 8.64e15 || nanos < 0 || nanos >= 1e9) throw malformed('a time is out of range')
  // A number of milliseconds has no room for microseconds.
  const fraction = String(Math.floor(nanos / 1000)).padStart(6, '0')
  return micro ? rfc3339(ms).replace('Z', `.${fraction}Z`) : rfc3339(ms)
}

function jsonOf(raw: Buffer): unknown {
  try {
    return parseExactJson(raw.toString('utf8'))
  } catch {
    throw malformed('an embedded document is not JSON')
  }
}

function rawOf(message: Buffer): unknown {
  const raw = fieldsOf(message).get(1)
  return raw === undefined ? undefined : jsonOf(bytes(raw))
}

/** Messages that are something else than an object in JSON. Undefined when the value is unset. */
const SPECIAL: Readonly<Record<string, (message: Buffer) => unknown>> = {
  'api.resource.Quantity': (m) => text(fieldsOf(m).get(1)) || undefined,
  'meta.v1.Time': (m) => timeOf(m, false),
  'meta.v1.MicroTime': (m) => timeOf(m, true),
  'meta.v1.Duration': (m) => `${Number(number(fieldsOf(m).get(1) ?? 0n)) / 1e9}s`,
  'meta.v1.FieldsV1': (m) => jsonOf(bytes(fieldsOf(m).get(1) ?? Buffer.from('{}'))),
  'runtime.RawExtension': rawOf,
  'apiextensions.v1.JSON': rawOf,
  'util.intstr.IntOrString': (m) => {
    const fields = fieldsOf(m)
    return fields.get(1) === 1n ? text(fields.get(3)) : Number(BigInt.asIntN(32, number(fields.get(2) ?? 0n)))
  },
}

function scalar(type: string, value: bigint | Buffer): unknown {
  switch (type) {
    case 's':
      return text(value)
    case 'b':
      return bytes(value).toString('base64')
    case 't':
      return number(value) !== 0n
    case 'i':
      return Number(BigInt.asIntN(32, number(value)))
    case 'l':
      return exactWhole(number(value))
    case 'd':
      return bytes(value).readDoubleLE(0)
    default:
      return undefined
  }
}

function valueOf(type: string, value: bigint | Buffer, depth: number): unknown {
  if (type.length === 1) return scalar(type, value)
  const message = bytes(value)
  const special = SPECIAL[type]
  if (special) return special(message)
  return unwrapped(type, objectOf(type, message, depth + 1))
}

function objectOf(type: string, message: Buffer, depth: number): Record<string, unknown> {
  if (depth > DEEPEST) throw malformed('it is nested too deeply')
  const fields = messageNamed(type)
  const object: Record<string, unknown> = {}
  if (!fields) return object
  for (const r = new Reader(message); !r.done;) {
    const { number: n, value } = r.next()
    const field = fields.get(n)
    // A field that is not known is from a newer client: like an unknown field in JSON it is dropped.
    if (!field) continue
    if (field.mark === '%') {
      const entry = fieldsOf(bytes(value))
      const map = (object[field.name] ??= Object.create(null)) as Record<string, unknown>
      const held = entry.get(2)
      map[text(entry.get(1))] = held === undefined ? emptyOf(field.type) : (valueOf(field.type, held, depth) ?? emptyOf(field.type))
    } else if (field.mark === '<') Object.assign(object, objectOf(field.type, bytes(value), depth + 1))
    else {
      const read = valueOf(field.type, value, depth)
      if (read === undefined) continue
      if (field.mark === '*') ((object[field.name] ??= []) as unknown[]).push(read)
      else object[field.name] = read
    }
  }
  return object
}

function emptyOf(type: string): unknown {
  if (type === 's' || type === 'b') return ''
  if (type === 'api.resource.Quantity') return '0'
  return type.length === 1 ? 0 : {}
}

/** Reads a body; gives the JSON that says the same. Throws a 400 for what cannot be read. */
export function protobufToJson(body: Buffer): Buffer {
  if (body.compare(MAGIC, 0, MAGIC.length, 0, Math.min(body.length, MAGIC.length)) !== 0)
    throw malformed('it does not start with the magic bytes')
  const envelope = fieldsOf(body.subarray(MAGIC.length))
  const type = fieldsOf(bytes(envelope.get(1) ?? Buffer.alloc(0)))
  const apiVersion = text(type.get(1))
  const kind = text(type.get(2))
  const object = objectOf(messageOfKind(apiVersion, kind), bytes(envelope.get(2) ?? Buffer.alloc(0)), 0)
  return Buffer.from(jsonText({ apiVersion, kind, ...object }))
}
