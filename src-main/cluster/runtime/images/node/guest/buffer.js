// Buffer: bytes with encodings.
const { utf8Bytes, utf8Text, base64Bytes, base64Text } = require('internal/encoding')

const encoders = {
  utf8: utf8Bytes,
  latin1: (text) => Array.from(text, (char) => char.charCodeAt(0) & 255),
  ascii: (text) => Array.from(text, (char) => char.charCodeAt(0) & 255),
  hex: (text) => (/^[\da-f]*/i.exec(text)[0].match(/../g) ?? []).map((pair) => parseInt(pair, 16)),
  base64: base64Bytes,
  base64url: base64Bytes,
  utf16le: (text) => text.split('').flatMap((char) => [char.charCodeAt(0) & 255, char.charCodeAt(0) >> 8]),
}
const chars = (bytes, mask) => Array.from(bytes, (byte) => String.fromCharCode(byte & mask)).join('')
const decoders = {
  utf8: utf8Text,
  latin1: (bytes) => chars(bytes, 255),
  ascii: (bytes) => chars(bytes, 127),
  hex: (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(''),
  base64: (bytes) => base64Text(bytes),
  base64url: (bytes) => base64Text(bytes, true),
  utf16le: (bytes) =>
    Array.from({ length: bytes.length >> 1 }, (_, i) => String.fromCharCode(bytes[2 * i] | (bytes[2 * i + 1] << 8))).join(''),
}
const aliases = { 'utf-8': 'utf8', binary: 'latin1', ucs2: 'utf16le', 'ucs-2': 'utf16le', 'utf-16le': 'utf16le' }
function encodingOf(name = 'utf8') {
  const lower = String(name).toLowerCase()
  const encoding = aliases[lower] ?? lower
  if (!encoders[encoding]) throw Object.assign(new TypeError(`Unknown encoding: ${name}`), { code: 'ERR_UNKNOWN_ENCODING' })
  return encoding
}

class Buffer extends Uint8Array {
  static from(value, encodingOrOffset, length) {
    if (typeof value === 'string') return new Buffer(encoders[encodingOf(encodingOrOffset)](value))
    if (value instanceof ArrayBuffer) return new Buffer(value, encodingOrOffset, length)
    if (value?.type === 'Buffer' && Array.isArray(value.data)) return new Buffer(value.data)
    if (typeof value !== 'object' || value === null)
      throw Object.assign(
        new TypeError(
          `The first argument must be of type string or an instance of Buffer, ArrayBuffer, or Array or an Array-like Object. Received ${value === null ? 'null' : `type ${typeof value} (${String(value)})`}`,
        ),
        { code: 'ERR_INVALID_ARG_TYPE' },
      )
    return new Buffer(Array.from(value))
  }
  static of(...bytes) {
    return new Buffer(bytes)
  }
  static alloc(size, fill = 0, encoding) {
    return new Buffer(size).fill(fill, 0, size, encoding)
  }
  static allocUnsafe(size) {
    return new Buffer(size)
  }
  static isBuffer(value) {
    return value instanceof Buffer
  }
  static isEncoding(name) {
    return Boolean(encoders[aliases[String(name).toLowerCase()] ?? String(name).toLowerCase()])
  }
  static byteLength(value, encoding) {
    return typeof value === 'string' ? encoders[encodingOf(encoding)](value).length : value.byteLength
  }
  static concat(list, total = list.reduce((sum, each) => sum + each.length, 0)) {
    const all = new Buffer(total)
    let at = 0
    for (const each of list) {
      all.set(at + each.length > total ? each.subarray(0, total - at) : each, at)
      at += each.length
    }
    return all
  }
  static compare(a, b) {
    for (let i = 0; i < Math.min(a.length, b.length); i++) if (a[i] !== b[i]) return a[i] < b[i] ? -1 : 1
    return Math.sign(a.length - b.length)
  }
  toString(encoding, start = 0, end = this.length) {
    return decoders[encodingOf(encoding)](start === 0 && end >= this.length ? this : this.subarray(start, end))
  }
  toJSON() {
    return { type: 'Buffer', data: Array.from(this) }
  }
  equals(other) {
    return Buffer.compare(this, other) === 0
  }
  compare(other) {
    return Buffer.compare(this, other)
  }
  slice(start, end) {
    return this.subarray(start, end)
  }
  copy(target, at = 0, start = 0, end = this.length) {
    const part = this.subarray(start, Math.min(end, start + target.length - at))
    target.set(part, at)
    return part.length
  }
  write(text, offset = 0, length, encoding) {
    if (typeof offset === 'string') [offset, encoding] = [0, offset]
    if (typeof length === 'string') [length, encoding] = [undefined, length]
    const bytes = Buffer.from(text, encoding).subarray(0, Math.min(length ?? Infinity, this.length - offset))
    this.set(bytes, offset)
    return bytes.length
  }
  fill(value, start = 0, end = this.length, encoding) {
    if (typeof value === 'number') return super.fill(value, start, end)
    const bytes = Buffer.from(value, typeof start === 'string' ? start : encoding)
    if (bytes.length === 0) return super.fill(0)
    for (let i = typeof start === 'number' ? start : 0; i < end; i++) this[i] = bytes[(i - start) % bytes.length]
    return this
  }
  indexOf(value, from = 0, encoding) {
    if (typeof value === 'number') return super.indexOf(value, from)
    const bytes = Buffer.from(value, encoding)
    for (let i = from; i <= this.length - bytes.length; i++) if (bytes.every((byte, j) => this[i + j] === byte)) return i
    return -1
  }
  includes(value, from, encoding) {
    return this.indexOf(value, from, encoding) >= 0
  }
}

const view = (buffer) => new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength)
const numbers = { Int8: 1, UInt8: 1, Int16: 2, UInt16: 2, Int32: 4, UInt32: 4, Float: 4, Double: 8, BigInt64: 8, BigUInt64: 8 }
for (const [name, size] of Object.entries(numbers)) {
  const method = { Float: 'Float32', Double: 'Float64' }[name] ?? name.replace('UInt', 'Uint')
  for (const order of size === 1 ? [''] : ['LE', 'BE']) {
    const define = (names, value) => {
      for (const each of names) Object.defineProperty(Buffer.prototype, each, { value, writable: true, configurable: true })
    }
    const both = (verb) => [`${verb}${name}${order}`, `${verb}${name.replace('UInt', 'Uint')}${order}`]
    define(both('read'), function (offset = 0) {
      return view(this)[`get${method}`](offset, order === 'LE')
    })
    define(both('write'), function (value, offset = 0) {
      view(this)[`set${method}`](offset, value, order === 'LE')
      return offset + size
    })
  }
}

exports.Buffer = Buffer
exports.constants = { MAX_LENGTH: 2 ** 32, MAX_STRING_LENGTH: 2 ** 29 - 24 }
exports.kMaxLength = 2 ** 32
