/**
 * The one source of chance in an embedded cluster: names' suffixes, uids, jitter, the choice of a victim. The same
 * seed gives the same sequence. Key material does not come from here: certificates and tokens use node:crypto.
 */

/** Kubernetes' alphabet for generated names: no vowels, no 0/1/3, so that no word appears by accident. */
const SAFE = 'bcdfghjklmnpqrstvwxz2456789'

/** A seeded stream of random numbers (sfc32). */
export class Random {
  private a: number
  private b: number
  private c: number
  private d: number

  /** @param seed any string or number; the same seed gives the same stream */
  constructor(seed: string | number) {
    // cyrb128 spreads the seed over the 128 bits of state.
    let h1 = 1779033703
    let h2 = 3144134277
    let h3 = 1013904242
    let h4 = 2773480762
    for (const ch of String(seed)) {
      const k = ch.codePointAt(0)!
      h1 = h2 ^ Math.imul(h1 ^ k, 597399067)
      h2 = h3 ^ Math.imul(h2 ^ k, 2869860233)
      h3 = h4 ^ Math.imul(h3 ^ k, 951274213)
      h4 = h1 ^ Math.imul(h4 ^ k, 2716044179)
    }
    this.a = h1 | 0
    this.b = h2 | 0
    this.c = h3 | 0
    this.d = h4 | 0
    for (let i = 0; i < 12; i++) this.uint32()
  }

  /** An integer in [0, 2^32). */
  uint32(): number {
    const t = (((this.a + this.b) | 0) + this.d) | 0
    this.d = (this.d + 1) | 0
    this.a = this.b ^ (this.b >>> 9)
    this.b = (this.c + (this.c << 3)) | 0
    this.c = ((this.c << 21) | (this.c >>> 11)) + t
    this.c |= 0
    return t >>> 0
  }

  /** A number in [0, 1). */
  next(): number {
    return this.uint32() / 4294967296
  }

  /** An integer in [0, n). */
  int(n: number): number {
    return Math.floor(this.next() * n)
  }

  /** One element of a list that is not empty. */
  pick<T>(list: readonly T[]): T {
    return list[this.int(list.length)]!
  }

  /** `length` characters of Kubernetes' safe alphabet, as in the `x7k2p` of `nginx-5c689d88bb-x7k2p`. */
  suffix(length = 5): string {
    let s = ''
    for (let i = 0; i < length; i++) s += SAFE[this.int(SAFE.length)]
    return s
  }

  /** A version-4 UUID in lower case. */
  uuid(): string {
    const s = this.hex(16)
    const variant = '89ab'[parseInt(s[16]!, 16) & 3]
    const text = `${s.slice(0, 8)}-${s.slice(8, 12)}-4${s.slice(13, 16)}-${variant}${s.slice(17, 20)}-${s.slice(20, 32)}`
    // In one piece: it is kept for long, and there are many.
    return Buffer.from(text, 'latin1').toString('latin1')
  }

  /** `n` bytes as lower-case hexadecimal: container ids, image digests. */
  hex(n: number): string {
    const words = Math.ceil(n / 4)
    const bytes = Buffer.allocUnsafe(words * 4)
    for (let i = 0; i < words; i++) bytes.writeUInt32BE(this.uint32(), i * 4)
    return bytes.toString('hex', 0, n)
  }

  /** An independent stream that depends only on this stream's seed position and the label. */
  fork(label: string): Random {
    return new Random(`${this.uint32()}/${label}`)
  }
}
