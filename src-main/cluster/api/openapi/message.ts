/** What the protobuf forms of both OpenAPI versions are made of, as gnostic has them. */
import { jsonText } from '../../../exact-json.js'
import type { OpenApiObject } from './schemas.js'

/** A protobuf message under construction: pieces that are joined once at the end. */
export class Message {
  private readonly parts: Buffer[] = []
  private size = 0

  string(field: number, value: unknown): this {
    if (typeof value === 'string' && value !== '') this.bytes(field, Buffer.from(value, 'utf8'))
    return this
  }

  strings(field: number, values: unknown): this {
    for (const value of (values as string[] | undefined) ?? []) this.bytes(field, Buffer.from(value, 'utf8'))
    return this
  }

  bool(field: number, value: unknown): this {
    if (value === true) this.push(Buffer.concat([varint(field << 3), varint(1)]))
    return this
  }

  /** A whole number that is not negative. */
  integer(field: number, value: unknown): this {
    if (typeof value === 'number') this.push(Buffer.concat([varint(field << 3), varint(value)]))
    return this
  }

  double(field: number, value: unknown): this {
    if (typeof value !== 'number') return this
    const bytes = Buffer.alloc(8)
    bytes.writeDoubleLE(value)
    this.push(Buffer.concat([varint((field << 3) | 1), bytes]))
    return this
  }

  message(field: number, value: Message | undefined): this {
    if (value) this.bytes(field, value.toBuffer())
    return this
  }

  toBuffer(): Buffer {
    return Buffer.concat(this.parts, this.size)
  }

  private bytes(field: number, value: Buffer): void {
    this.push(varint((field << 3) | 2))
    this.push(varint(value.length))
    this.push(value)
  }

  private push(part: Buffer): void {
    this.parts.push(part)
    this.size += part.length
  }
}

function varint(value: number): Buffer {
  const bytes: number[] = []
  for (; value > 0x7f; value = Math.floor(value / 128)) bytes.push((value & 0x7f) | 0x80)
  bytes.push(value)
  return Buffer.from(bytes)
}

export const object = (value: unknown): OpenApiObject => (value ?? {}) as OpenApiObject

/** A value of any type: gnostic keeps its YAML, and JSON is YAML. */
export function any(value: unknown): Message {
  return new Message().string(2, jsonText(value) + '\n')
}

/** `repeated NamedAny`: the `x-` fields. */
export function extensions(message: Message, field: number, from: OpenApiObject): Message {
  for (const [name, value] of Object.entries(from)) {
    if (name.startsWith('x-')) message.message(field, new Message().string(1, name).message(2, any(value)))
  }
  return message
}

/** A map as `repeated Named…`: pairs of a name and a value. */
export function named(field: number, from: OpenApiObject, write: (value: OpenApiObject) => Message): Message {
  const out = new Message()
  for (const [name, value] of Object.entries(from)) out.message(field, new Message().string(1, name).message(2, write(object(value))))
  return out
}
