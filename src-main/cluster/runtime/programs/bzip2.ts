/** The format of bzip2: run lengths, the Burrows-Wheeler transform, move to front and Huffman codes, block by block. */
import { BitReader, CorruptData } from './bit-reader.js'

const BLOCK = [0x314159, 0x265359]
const END = [0x177245, 0x385090]

/** CRC-32 as bzip2 computes it: the most significant bit first. */
const CRC = Uint32Array.from({ length: 256 }, (_, n) => {
  let crc = n << 24
  for (let i = 0; i < 8; i++) crc = crc & 0x80000000 ? (crc << 1) ^ 0x04c11db7 : crc << 1
  return crc >>> 0
})

/** The CRC of a block. */
export function crcOf(data: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of data) crc = (crc << 8) ^ CRC[((crc >>> 24) ^ byte) & 255]!
  return ~crc >>> 0
}

/**
 * What the streams of `data` unpack to, at most `limit` bytes. Throws {@link CorruptData}. `pause` is awaited after every
 * block, so that others get their turn.
 */
export async function bunzip2(data: Uint8Array, limit: number, pause: (bytes: number) => Promise<void>): Promise<Buffer> {
  const out: Buffer[] = []
  let size = 0
  let rest = data
  while (rest.length > 0) {
    if (rest[0] !== 0x42 || rest[1] !== 0x5a || rest[2] !== 0x68) {
      if (out.length > 0 && rest !== data) break // what follows a stream is ignored
      throw new CorruptData('invalid magic')
    }
    const bits = new BitReader(rest.subarray(4))
    const capacity = (rest[3]! - 0x30) * 100_000
    for (;;) {
      const magic = [bits.bits(24), bits.bits(24)]
      const crc = ((bits.bits(16) << 16) | bits.bits(16)) >>> 0
      if (magic[0] === END[0] && magic[1] === END[1]) break
      if (magic[0] !== BLOCK[0] || magic[1] !== BLOCK[1]) throw new CorruptData('bunzip error -5')
      const block = readBlock(bits, capacity, limit - size)
      if (crcOf(block) !== crc) throw new CorruptData('bunzip error -5')
      size += block.length
      out.push(block)
      await pause(block.length)
    }
    rest = rest.subarray(4 + bits.align())
  }
  return Buffer.concat(out)
}

/** Codes by their lengths: the smallest code and the place of its symbol for each length. */
interface Codes {
  limit: number[]
  base: number[]
  symbols: number[]
}

function codesOf(lengths: readonly number[]): Codes {
  const symbols: number[] = []
  const limit: number[] = []
  const base: number[] = []
  let code = 0
  for (let length = 1; length <= 20; length++) {
    base[length] = symbols.length - code
    lengths.forEach((l, symbol) => l === length && symbols.push(symbol))
    code += symbols.length - (base[length]! + code)
    limit[length] = code
    code *= 2
  }
  return { limit, base, symbols }
}

function readBlock(bits: BitReader, capacity: number, limit: number): Buffer {
  if (bits.bit()) throw new CorruptData('bunzip error -7')
  const origin = bits.bits(24)
  const groups = bits.bits(16)
  const used: number[] = []
  for (let g = 0; g < 16; g++) {
    if (!((groups >> (15 - g)) & 1)) continue
    const members = bits.bits(16)
    for (let i = 0; i < 16; i++) if ((members >> (15 - i)) & 1) used.push(g * 16 + i)
  }
  const tables = bits.bits(3)
  const selectorCount = bits.bits(15)
  const order = Array.from({ length: tables }, (_, i) => i)
  const selectors: number[] = []
  for (let i = 0; i < selectorCount; i++) {
    let n = 0
    while (bits.bit()) if (++n >= tables) throw new CorruptData('bunzip error -5')
    const [table] = order.splice(n, 1)
    order.unshift(table!)
    selectors.push(table!)
  }
  const alphabet = used.length + 2
  const codes = Array.from({ length: tables }, () => {
    let length = bits.bits(5)
    const lengths: number[] = []
    for (let i = 0; i < alphabet; i++) {
      while (bits.bit()) length += bits.bit() ? -1 : 1
      if (length < 1 || length > 20) throw new CorruptData('bunzip error -5')
      lengths.push(length)
    }
    return codesOf(lengths)
  })
  const last = moveToFront(bits, codes, selectors, used, capacity)
  return inverse(last, origin, limit)
}

/** Reads the symbols of a block: the last column of the sorted rotations. */
function moveToFront(bits: BitReader, codes: readonly Codes[], selectors: readonly number[], used: number[], capacity: number): Uint8Array {
  const out = new Uint8Array(capacity)
  const front = [...used]
  const end = used.length + 1
  let n = 0
  let run = 0
  let weight = 1
  let group = -1
  let left = 0
  const flush = (): void => {
    if (n + run > capacity) throw new CorruptData('bunzip error -5')
    out.fill(front[0]!, n, n + run)
    n += run
    run = 0
    weight = 1
  }
  for (;;) {
    if (left-- === 0) {
      group++
      left = 49
    }
    const { limit, base, symbols } = codes[selectors[group] ?? -1] ?? fail()
    let code = bits.bit()
    let length = 1
    while (code >= limit[length]!) {
      if (++length > 20) fail()
      code = code * 2 + bits.bit()
    }
    const symbol = symbols[base[length]! + code]
    if (symbol === undefined) fail()
    if (symbol! <= 1) {
      run += weight << symbol!
      weight *= 2
      if (run > capacity) fail()
      continue
    }
    flush()
    if (symbol === end) return out.subarray(0, n)
    const [byte] = front.splice(symbol! - 1, 1)
    front.unshift(byte!)
    if (n >= capacity) fail()
    out[n++] = byte!
  }
}

function fail(): never {
  throw new CorruptData('bunzip error -5')
}

/** Undoes the Burrows-Wheeler transform and the run lengths. */
function inverse(last: Uint8Array, origin: number, limit: number): Buffer {
  if (last.length > 0 && origin >= last.length) fail()
  const counts = new Uint32Array(257)
  for (const byte of last) counts[byte + 1]!++
  for (let i = 1; i < 257; i++) counts[i]! += counts[i - 1]!
  const next = new Uint32Array(last.length)
  last.forEach((byte, i) => (next[counts[byte]!++] = i))
  const parts: Buffer[] = []
  let chunk = Buffer.alloc(65_536)
  let at = 0
  let size = 0
  const put = (byte: number): void => {
    if (++size > limit) throw new CorruptData('data is too large')
    if (at === chunk.length) {
      parts.push(chunk)
      chunk = Buffer.alloc(65_536)
      at = 0
    }
    chunk[at++] = byte
  }
  let same = 0
  let previous = -1
  let i = last.length > 0 ? next[origin]! : 0
  for (let k = 0; k < last.length; k++, i = next[i]!) {
    const byte = last[i]!
    if (same === 4) {
      for (let r = 0; r < byte; r++) put(previous)
      same = 0
      previous = -1
      continue
    }
    same = byte === previous ? same + 1 : 1
    previous = byte
    put(byte)
  }
  return Buffer.concat([...parts, chunk.subarray(0, at)])
}
