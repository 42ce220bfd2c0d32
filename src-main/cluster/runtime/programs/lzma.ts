/** LZMA: the range decoder and the dictionary coder below xz and lzma (the LZMA SDK's format description). */
import { CorruptData } from './bit-reader.js'

/** Probabilities of 11 bits, as the format fixes them. */
const HALF = 1024
const probabilities = (n: number): Uint16Array => new Uint16Array(n).fill(HALF)

/** The range coder's way to read bits. */
class RangeDecoder {
  private range = 0xffffffff
  private code = 0
  at: number

  constructor(
    private readonly data: Uint8Array,
    start: number,
  ) {
    this.at = start + 1
    for (let i = 0; i < 4; i++) this.code = ((this.code << 8) | this.next()) >>> 0
  }

  private next(): number {
    const byte = this.data[this.at++]
    if (byte === undefined) throw new CorruptData('unexpected end of input')
    return byte
  }

  private normalize(): void {
    if (this.range >= 0x1000000) return
    this.range = (this.range << 8) >>> 0
    this.code = ((this.code << 8) | this.next()) >>> 0
  }

  bit(p: Uint16Array, i: number): number {
    this.normalize()
    const bound = (this.range >>> 11) * p[i]!
    if (this.code < bound) {
      this.range = bound
      p[i]! += (2048 - p[i]!) >> 5
      return 0
    }
    this.range = (this.range - bound) >>> 0
    this.code = (this.code - bound) >>> 0
    p[i]! -= p[i]! >> 5
    return 1
  }

  direct(n: number): number {
    let value = 0
    for (let i = 0; i < n; i++) {
      this.normalize()
      this.range >>>= 1
      const one = this.code >= this.range ? 1 : 0
      if (one) this.code = (this.code - this.range) >>> 0
      value = value * 2 + one
    }
    return value
  }

  tree(p: Uint16Array, bits: number, base = 0): number {
    let m = 1
    for (let i = 0; i < bits; i++) m = (m << 1) | this.bit(p, base + m)
    return m - (1 << bits)
  }

  reverseTree(p: Uint16Array, bits: number, base = 0): number {
    let m = 1
    let value = 0
    for (let i = 0; i < bits; i++) {
      const b = this.bit(p, base + m)
      m = (m << 1) | b
      value |= b << i
    }
    return value
  }
}

class LengthDecoder {
  private readonly choice = probabilities(2)
  private readonly low = probabilities(16 << 3)
  private readonly middle = probabilities(16 << 3)
  private readonly high = probabilities(256)

  read(rc: RangeDecoder, position: number): number {
    if (!rc.bit(this.choice, 0)) return rc.tree(this.low, 3, position << 3)
    if (!rc.bit(this.choice, 1)) return 8 + rc.tree(this.middle, 3, position << 3)
    return 16 + rc.tree(this.high, 8)
  }
}

/** The output of a decoder, which is its dictionary, too. Throws {@link CorruptData} above its limit. */
export class Output {
  private buffer = Buffer.alloc(65_536)
  length = 0

  constructor(private readonly limit: number) {}

  put(byte: number): void {
    if (this.length >= this.limit) throw new CorruptData('data is too large')
    if (this.length === this.buffer.length) this.buffer = Buffer.concat([this.buffer, Buffer.alloc(this.buffer.length)])
    this.buffer[this.length++] = byte
  }

  /** The byte `distance` before the end. */
  back(distance: number): number {
    if (distance > this.length) throw new CorruptData('compressed data is corrupt')
    return this.buffer[this.length - distance]!
  }

  bytes(from = 0): Buffer {
    return this.buffer.subarray(from, this.length)
  }
}

/** The state of an LZMA decoder, which goes on over the chunks of LZMA2. */
export class LzmaDecoder {
  private state = 0
  private readonly distances: [number, number, number, number] = [1, 1, 1, 1]
  private readonly literals: Uint16Array
  private readonly isMatch = probabilities(12 << 4)
  private readonly isRep = probabilities(12)
  private readonly isRep0 = probabilities(12)
  private readonly isRep1 = probabilities(12)
  private readonly isRep2 = probabilities(12)
  private readonly isRep0Long = probabilities(12 << 4)
  private readonly slots = probabilities(4 << 6)
  private readonly special = probabilities(128)
  private readonly align = probabilities(16)
  private readonly lengths = new LengthDecoder()
  private readonly repLengths = new LengthDecoder()
  private readonly lc: number
  private readonly lp: number
  private readonly pb: number

  /** @param properties `(pb * 5 + lp) * 9 + lc` */
  constructor(properties: number) {
    if (properties >= 225) throw new CorruptData('compressed data is corrupt')
    this.lc = properties % 9
    this.lp = Math.floor(properties / 9) % 5
    this.pb = Math.floor(properties / 45)
    this.literals = probabilities(0x300 << (this.lc + this.lp))
  }

  /** Decodes from `data` until `out` has `end` bytes, or to the mark of the end. Returns where it stopped reading. */
  decode(data: Uint8Array, start: number, out: Output, end: number): number {
    const rc = new RangeDecoder(data, start)
    while (out.length < end) {
      const position = out.length & ((1 << this.pb) - 1)
      if (!rc.bit(this.isMatch, (this.state << 4) + position)) {
        this.literal(rc, out)
        continue
      }
      let length: number
      if (rc.bit(this.isRep, this.state)) {
        const repeated = this.repeated(rc, position)
        if (repeated === 'short') {
          out.put(out.back(this.distances[0]))
          continue
        }
        length = 2 + this.repLengths.read(rc, position)
        this.state = this.state < 7 ? 8 : 11
      } else {
        const [a, b, c] = this.distances
        length = 2 + this.lengths.read(rc, position)
        this.state = this.state < 7 ? 7 : 10
        const distance = this.distance(rc, length)
        if (distance === 0xffffffff) return rc.at
        this.distances.splice(0, 4, distance + 1, a, b, c)
      }
      for (let i = 0; i < length; i++) out.put(out.back(this.distances[0]))
    }
    return rc.at
  }

  private literal(rc: RangeDecoder, out: Output): void {
    const before = out.length > 0 ? out.back(1) : 0
    const base = 0x300 * (((out.length & ((1 << this.lp) - 1)) << this.lc) + (before >> (8 - this.lc)))
    let symbol = 1
    if (this.state >= 7) {
      let match = out.back(this.distances[0])
      while (symbol < 0x100) {
        const expected = (match >> 7) & 1
        match <<= 1
        const b = rc.bit(this.literals, base + ((1 + expected) << 8) + symbol)
        symbol = (symbol << 1) | b
        if (b !== expected) break
      }
    }
    while (symbol < 0x100) symbol = (symbol << 1) | rc.bit(this.literals, base + symbol)
    out.put(symbol & 0xff)
    this.state = this.state < 4 ? 0 : this.state < 10 ? this.state - 3 : this.state - 6
  }

  /** Takes one of the last four distances to the front. */
  private repeated(rc: RangeDecoder, position: number): 'short' | 'long' {
    const d = this.distances
    if (!rc.bit(this.isRep0, this.state)) {
      if (rc.bit(this.isRep0Long, (this.state << 4) + position)) return 'long'
      this.state = this.state < 7 ? 9 : 11
      return 'short'
    }
    const which = !rc.bit(this.isRep1, this.state) ? 1 : !rc.bit(this.isRep2, this.state) ? 2 : 3
    const [distance] = d.splice(which, 1) as [number]
    d.unshift(distance)
    return 'long'
  }

  private distance(rc: RangeDecoder, length: number): number {
    const slot = rc.tree(this.slots, 6, Math.min(length - 2, 3) << 6)
    if (slot < 4) return slot
    const direct = (slot >> 1) - 1
    const high = ((2 | (slot & 1)) << direct) >>> 0
    if (slot < 14) return high + rc.reverseTree(this.special, direct, high - slot)
    return (high + rc.direct(direct - 4) * 16 + rc.reverseTree(this.align, 4)) >>> 0
  }
}

/** A file of the old format of lzma, with a header of 13 bytes. Throws {@link CorruptData}. */
export function unlzma(data: Uint8Array, limit: number): Buffer {
  if (data.length < 13 || data[0]! >= 225) throw new CorruptData('File format not recognized')
  const view = new DataView(data.buffer, data.byteOffset)
  const size = view.getUint32(9, true) === 0xffffffff ? Infinity : view.getUint32(5, true) + view.getUint32(9, true) * 2 ** 32
  const out = new Output(limit)
  new LzmaDecoder(data[0]!).decode(data, 13, out, size)
  return out.bytes()
}
