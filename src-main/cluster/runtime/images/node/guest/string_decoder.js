// string_decoder: text out of bytes that come in pieces.
const { Buffer } = require('buffer')

exports.StringDecoder = class StringDecoder {
  constructor(encoding = 'utf8') {
    this.encoding = String(encoding)
      .toLowerCase()
      .replace(/^utf-8$/, 'utf8')
    Object.defineProperty(this, '_rest', { value: Buffer.alloc(0), writable: true, enumerable: false })
  }
  write(chunk) {
    const all = Buffer.concat([this._rest, typeof chunk === 'string' ? Buffer.from(chunk) : chunk])
    const whole = this._whole(all)
    this._rest = all.subarray(whole)
    return all.subarray(0, whole).toString(this.encoding)
  }
  end(chunk) {
    const text = chunk === undefined ? '' : this.write(chunk)
    const rest = this._rest.toString(this.encoding)
    this._rest = Buffer.alloc(0)
    return text + rest
  }
  /** How many of the bytes make whole characters. */
  _whole(bytes) {
    if (this.encoding === 'utf16le') return bytes.length & ~1
    if (this.encoding === 'base64') return bytes.length - (bytes.length % 3)
    if (this.encoding !== 'utf8') return bytes.length
    for (let back = 1; back <= Math.min(3, bytes.length); back++) {
      const byte = bytes[bytes.length - back]
      if ((byte & 0xc0) === 0x80) continue
      const needs = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1
      return needs > back ? bytes.length - back : bytes.length
    }
    return bytes.length
  }
}
