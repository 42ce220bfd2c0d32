/** The format of xz: streams of blocks of LZMA2 (tukaani.org, "The .xz File Format"). */
import { CorruptData } from './bit-reader.js'
import { zipCrc } from './checksums.js'
import { LzmaDecoder, Output } from './lzma.js'

const MAGIC = Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0])
/** Bytes of the check behind a block, by the number of its kind. */
const CHECK_SIZES = [0, 4, 4, 4, 8, 8, 8, 16, 16, 16, 32, 32, 32, 64, 64, 64]
const CRC32 = 1
const LZMA2 = 0x21

/** Awaited after so many bytes were made. */
type Pause = (bytes: number) => Promise<void>

/**
 * What the streams of `data` unpack to, at most `limit` bytes. Throws {@link CorruptData}. `pause` is awaited after every
 * chunk, so that others get their turn.
 */
export async function unxz(data: Buffer, limit: number, pause: Pause): Promise<Buffer> {
  const out: Buffer[] = []
  let size = 0
  let at = 0
  while (at < data.length) {
    if (!data.subarray(at, at + 6).equals(MAGIC)) throw new CorruptData('File format not recognized')
    const check = data[at + 7]! & 15
    at += 12
    while (data[at] !== 0) {
      const block = await readBlock(data, at, check, limit - size, pause)
      size += block.content.length
      out.push(block.content)
      at = block.end
    }
    at = skipIndex(data, at) + 12
    while (at + 4 <= data.length && data.readUInt32LE(at) === 0) at += 4
  }
  return Buffer.concat(out)
}

async function readBlock(
  data: Buffer,
  start: number,
  check: number,
  limit: number,
  pause: Pause,
): Promise<{ content: Buffer; end: number }> {
  const header = (data[start]! + 1) * 4
  if (start + header > data.length) throw new CorruptData('Unexpected end of input')
  if (zipCrc(data.subarray(start, start + header - 4)) !== data.readUInt32LE(start + header - 4))
    throw new CorruptData('Compressed data is corrupt')
  const flags = data[start + 1]!
  let at = start + 2
  for (const flag of [0x40, 0x80]) if (flags & flag) at = varint(data, at).end
  if ((flags & 3) !== 0 || data[at] !== LZMA2) throw new CorruptData('Unsupported options')
  const content = new Output(limit)
  let end = await unlzma2(data, start + header, content, pause)
  while ((end - start) % 4 !== 0) end++
  if (check === CRC32 && zipCrc(content.bytes()) !== data.readUInt32LE(end)) throw new CorruptData('Compressed data is corrupt')
  return { content: content.bytes(), end: end + CHECK_SIZES[check]! }
}

/** Decodes the chunks from `start` on; returns where they end. */
async function unlzma2(data: Buffer, start: number, out: Output, pause: Pause): Promise<number> {
  let at = start
  let decoder: LzmaDecoder | undefined
  let properties = 0
  for (;;) {
    const control = data[at++]
    if (control === undefined) throw new CorruptData('Unexpected end of input')
    if (control === 0) return at
    if (control < 3) {
      const size = data.readUInt16BE(at) + 1
      for (const byte of data.subarray(at + 2, at + 2 + size)) out.put(byte)
      at += 2 + size
      continue
    }
    if (control < 0x80) throw new CorruptData('Compressed data is corrupt')
    const size = ((control & 31) << 16) + data.readUInt16BE(at) + 1
    const packed = data.readUInt16BE(at + 2) + 1
    at += 4
    const reset = (control >> 5) & 3
    if (reset >= 2) properties = data[at++]!
    if (reset >= 1 || !decoder) decoder = new LzmaDecoder(properties)
    decoder.decode(data.subarray(0, at + packed), at, out, out.length + size)
    at += packed
    await pause(size)
  }
}

function varint(data: Buffer, start: number): { value: number; end: number } {
  let value = 0
  for (let i = 0; i < 9; i++) {
    const byte = data[start + i]
    if (byte === undefined) break
    value += (byte & 127) * 2 ** (7 * i)
    if (byte < 128) return { value, end: start + i + 1 }
  }
  throw new CorruptData('Compressed data is corrupt')
}

/** The index repeats the sizes of the blocks; returns where it ends. */
function skipIndex(data: Buffer, start: number): number {
  let { value: records, end: at } = varint(data, start + 1)
  for (; records > 0; records--) at = varint(data, varint(data, at).end).end
  while ((at - start) % 4 !== 0) at++
  return at + 4
}

const crc = (bytes: Uint8Array): Buffer => {
  const out = Buffer.alloc(4)
  out.writeUInt32LE(zipCrc(bytes))
  return out
}

function encodeVarint(n: number): number[] {
  return n < 128 ? [n] : [(n % 128) | 128, ...encodeVarint(Math.floor(n / 128))]
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)])
}

/** `data` in the format of xz, in chunks that are stored as they are: every xz reads it, and it is no smaller. */
export function xz(data: Buffer): Buffer {
  const flags = Buffer.from([0, CRC32])
  const parts = [MAGIC, flags, crc(flags)]
  let index: Buffer = Buffer.from([0, 0])
  if (data.length > 0) {
    const chunks: Buffer[] = []
    for (let at = 0; at < data.length; at += 65_536) {
      const piece = data.subarray(at, at + 65_536)
      chunks.push(Buffer.from([at === 0 ? 1 : 2, (piece.length - 1) >> 8, (piece.length - 1) & 255]), piece)
    }
    const packed = Buffer.concat([...chunks, Buffer.from([0])])
    const header = Buffer.from([2, 0, LZMA2, 1, 22, 0, 0, 0])
    parts.push(header, crc(header), padded(packed), crc(data))
    index = Buffer.from([0, 1, ...encodeVarint(12 + packed.length + 4), ...encodeVarint(data.length)])
  }
  index = padded(index)
  const backward = Buffer.alloc(4)
  backward.writeUInt32LE((index.length + 4) / 4 - 1)
  const footer = Buffer.concat([backward, flags])
  return Buffer.concat([...parts, index, crc(index), crc(footer), footer, Buffer.from('YZ')])
}
