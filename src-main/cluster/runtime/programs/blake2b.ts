/** BLAKE2b in lengths that the platform's digests do not have (RFC 7693). */

const MASK = (1n << 64n) - 1n
const IV = [
  0x6a09e667f3bcc908n, 0xbb67ae8584caa73bn, 0x3c6ef372fe94f82bn, 0xa54ff53a5f1d36f1n,
  0x510e527fade682d1n, 0x9b05688c2b3e6c1fn, 0x1f83d9abfb41bd6bn, 0x5be0cd19137e2179n,
] // prettier-ignore
const SIGMA = [
  [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
  [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
  [11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4],
  [7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
  [9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13],
  [2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
  [12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11],
  [13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
  [6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5],
  [10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0],
]
/** The words that each of the eight steps of a round mixes. */
const STEPS = [[0, 4, 8, 12], [1, 5, 9, 13], [2, 6, 10, 14], [3, 7, 11, 15], [0, 5, 10, 15], [1, 6, 11, 12], [2, 7, 8, 13], [3, 4, 9, 14]] as const // prettier-ignore
const BLOCK = 128

const rotated = (x: bigint, by: bigint): bigint => ((x >> by) | (x << (64n - by))) & MASK

function compress(state: bigint[], block: Buffer, length: bigint, last: boolean): void {
  const v = [...state, ...IV]
  v[12]! ^= length & MASK
  if (last) v[14]! ^= MASK
  const m = Array.from({ length: 16 }, (_, i) => block.readBigUInt64LE(i * 8))
  for (let round = 0; round < 12; round++)
    STEPS.forEach(([a, b, c, d], i) => {
      const order = SIGMA[round % 10]!
      v[a] = (v[a]! + v[b]! + m[order[2 * i]!]!) & MASK
      v[d] = rotated(v[d]! ^ v[a]!, 32n)
      v[c] = (v[c]! + v[d]!) & MASK
      v[b] = rotated(v[b]! ^ v[c]!, 24n)
      v[a] = (v[a]! + v[b]! + m[order[2 * i + 1]!]!) & MASK
      v[d] = rotated(v[d]! ^ v[a]!, 16n)
      v[c] = (v[c]! + v[d]!) & MASK
      v[b] = rotated(v[b]! ^ v[c]!, 63n)
    })
  for (let i = 0; i < 8; i++) state[i]! ^= v[i]! ^ v[i + 8]!
}

/** The digest of data in hexadecimal. @param bytes its length, 1 to 64 */
export function blake2b(data: Uint8Array, bytes: number): string {
  const state = [...IV]
  state[0]! ^= 0x01010000n ^ BigInt(bytes)
  const blocks = Math.max(1, Math.ceil(data.length / BLOCK))
  for (let i = 0; i < blocks; i++) {
    const block = Buffer.alloc(BLOCK)
    block.set(data.subarray(i * BLOCK, (i + 1) * BLOCK))
    const last = i === blocks - 1
    compress(state, block, BigInt(last ? data.length : (i + 1) * BLOCK), last)
  }
  const out = Buffer.alloc(64)
  state.forEach((word, i) => out.writeBigUInt64LE(word, i * 8))
  return out.subarray(0, bytes).toString('hex')
}
