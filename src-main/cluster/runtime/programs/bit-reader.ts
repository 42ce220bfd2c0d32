/** Bits of compressed data, the most significant first. */

/** Data that is not what its magic says. */
export class CorruptData extends Error {}

export class BitReader {
  private at = 0
  private held = 0
  private count = 0

  constructor(private readonly data: Uint8Array) {}

  /** The next `n` bits, at most 24, as a number. Throws {@link CorruptData} at the end. */
  bits(n: number): number {
    while (this.count < n) {
      const byte = this.data[this.at++]
      if (byte === undefined) throw new CorruptData('unexpected end of file')
      this.held = ((this.held << 8) | byte) >>> 0
      this.count += 8
    }
    this.count -= n
    const value = (this.held >>> this.count) & ((1 << n) - 1)
    this.held &= (1 << this.count) - 1
    return value
  }

  bit(): number {
    return this.bits(1)
  }

  /** Goes on at the next whole byte; tells where that is. */
  align(): number {
    this.count = 0
    this.held = 0
    return this.at
  }
}
