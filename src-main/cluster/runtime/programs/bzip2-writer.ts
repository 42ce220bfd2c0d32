/** Writes the format of bzip2. Blocks are small, so that sorting one keeps nobody waiting. */
import { crcOf } from './bzip2.js'

/** How many times more work a byte is than for other formats: the rotations of a block are sorted. */
const SORTING = 25

/** Bytes of a block after its runs were shortened. */
const BLOCK_SIZE = 20_000

class BitWriter {
  private readonly bytes: number[] = []
  private held = 0
  private count = 0

  bits(value: number, n: number): void {
    for (let i = n - 1; i >= 0; i--) {
      this.held = (this.held << 1) | (Math.floor(value / 2 ** i) & 1)
      if (++this.count < 8) continue
      this.bytes.push(this.held)
      this.held = this.count = 0
    }
  }

  done(): Buffer {
    while (this.count > 0) this.bits(0, 1)
    return Buffer.from(this.bytes)
  }
}

/** `data` as one stream of bzip2; `pause` is awaited after every block. */
export async function bzip2(data: Uint8Array, pause: (bytes: number) => Promise<void>): Promise<Buffer> {
  const out = new BitWriter()
  for (const byte of Buffer.from('BZh9')) out.bits(byte, 8)
  let combined = 0
  for (let at = 0; at < data.length;) {
    const { block, taken } = shortenRuns(data, at)
    const crc = crcOf(data.subarray(at, at + taken))
    combined = (((combined << 1) | (combined >>> 31)) ^ crc) >>> 0
    writeBlock(out, block, crc)
    at += taken
    await pause(taken * SORTING)
  }
  for (const part of [0x177245, 0x385090]) out.bits(part, 24)
  out.bits(combined, 32)
  return out.done()
}

/** Four alike and then how many more follow. */
function shortenRuns(data: Uint8Array, from: number): { block: Uint8Array; taken: number } {
  const block: number[] = []
  let at = from
  while (at < data.length && block.length < BLOCK_SIZE) {
    const byte = data[at]!
    let run = 1
    while (run < 259 && data[at + run] === byte) run++
    for (let i = 0; i < Math.min(run, 4); i++) block.push(byte)
    if (run >= 4) block.push(run - 4)
    at += run
  }
  return { block: Uint8Array.from(block), taken: at - from }
}

/** The rotations of a block in order, by doubling the length that they are compared in. */
function sortRotations(block: Uint8Array): Uint32Array {
  const n = block.length
  const order = Uint32Array.from({ length: n }, (_, i) => i)
  let rank = Uint32Array.from(block)
  for (let length = 1; ; length *= 2) {
    const second = (i: number): number => rank[(i + length) % n]!
    order.sort((a, b) => rank[a]! - rank[b]! || second(a) - second(b))
    const next = new Uint32Array(n)
    for (let i = 1; i < n; i++) {
      const [a, b] = [order[i - 1]!, order[i]!]
      next[b] = next[a]! + (rank[a] === rank[b] && second(a) === second(b) ? 0 : 1)
    }
    rank = next
    if (n === 0 || rank[order[n - 1]!] === n - 1 || length >= n) return order
  }
}

function writeBlock(out: BitWriter, block: Uint8Array, crc: number): void {
  const order = sortRotations(block)
  for (const part of [0x314159, 0x265359]) out.bits(part, 24)
  out.bits(crc, 32)
  out.bits(0, 1)
  out.bits(order.indexOf(0), 24)
  const used = [...new Set(block)].sort((a, b) => a - b)
  const groups = Array.from({ length: 16 }, (_, g) => used.filter((b) => b >> 4 === g))
  for (const g of groups) out.bits(g.length > 0 ? 1 : 0, 1)
  for (const [g, members] of groups.entries())
    if (members.length > 0) for (let i = 0; i < 16; i++) out.bits(members.includes(g * 16 + i) ? 1 : 0, 1)
  const symbols = symbolsOf(block, order, used)
  const lengths = codeLengths(symbols, used.length + 2)
  const selectors = Math.ceil(symbols.length / 50)
  // The format wants two tables at least; the second is never chosen.
  out.bits(2, 3)
  out.bits(selectors, 15)
  for (let i = 0; i < selectors; i++) out.bits(0, 1)
  for (let table = 0; table < 2; table++) writeLengths(out, lengths)
  const codes = codesOf(lengths)
  for (const symbol of symbols) out.bits(codes[symbol]!, lengths[symbol]!)
}

/** The last column, moved to front, its zeros as runs in bijective base 2, and the end of the block. */
function symbolsOf(block: Uint8Array, order: Uint32Array, used: readonly number[]): number[] {
  const front = [...used]
  const out: number[] = []
  let zeros = 0
  const flush = (): void => {
    for (let n = zeros; n > 0; n = (n - 1) >> 1) out.push(n % 2 === 1 ? 0 : 1)
    zeros = 0
  }
  for (const start of order) {
    const byte = block[(start + block.length - 1) % block.length]!
    const at = front.indexOf(byte)
    if (at === 0) {
      zeros++
      continue
    }
    flush()
    front.splice(at, 1)
    front.unshift(byte)
    out.push(at + 1)
  }
  flush()
  out.push(used.length + 1)
  return out
}

/** Lengths of Huffman codes, none above 17 bits. */
function codeLengths(symbols: readonly number[], alphabet: number): number[] {
  const weights = Array.from({ length: alphabet }, () => 1)
  for (const s of symbols) weights[s]!++
  for (;;) {
    type Tree = { weight: number; symbols: number[] }
    const lengths = Array.from({ length: alphabet }, () => 0)
    const trees: Tree[] = weights.map((weight, s) => ({ weight, symbols: [s] }))
    while (trees.length > 1) {
      trees.sort((a, b) => b.weight - a.weight)
      const [a, b] = [trees.pop()!, trees.pop()!]
      const joined = [...a.symbols, ...b.symbols]
      for (const s of joined) lengths[s]!++
      trees.push({ weight: a.weight + b.weight, symbols: joined })
    }
    if (Math.max(...lengths) <= 17) return lengths
    weights.forEach((w, i) => (weights[i] = (w >> 1) + 1))
  }
}

function writeLengths(out: BitWriter, lengths: readonly number[]): void {
  let current = lengths[0]!
  out.bits(current, 5)
  for (const length of lengths) {
    for (; current < length; current++) out.bits(0b10, 2)
    for (; current > length; current--) out.bits(0b11, 2)
    out.bits(0, 1)
  }
}

function codesOf(lengths: readonly number[]): number[] {
  const codes: number[] = []
  let code = 0
  for (let length = 1; length <= 20; length++) {
    lengths.forEach((l, symbol) => l === length && (codes[symbol] = code++))
    code *= 2
  }
  return codes
}
