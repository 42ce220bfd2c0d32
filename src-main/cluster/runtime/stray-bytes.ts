/**
 * Bytes that are no UTF-8, within text: each is a lone surrogate from U+DC80 to U+DCFF, as Python's surrogateescape has
 * it, so that `printf '\377'` writes that byte and no other.
 */

/** Bytes as text. */
export function textOfBytes(bytes: readonly number[]): string {
  const text = Buffer.from(bytes).toString('utf8')
  if (!text.includes('\ufffd')) return text
  let out = ''
  for (let i = 0; i < bytes.length;) {
    const first = bytes[i]!
    const length = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0
    const sequence = Buffer.from(bytes.slice(i, i + length))
    const decoded = sequence.toString('utf8')
    const isWhole = length > 0 && sequence.length === length && !decoded.includes('\ufffd')
    out += isWhole ? decoded : String.fromCharCode(0xdc00 + first)
    i += isWhole ? length : 1
  }
  return out
}

/** Text as bytes: UTF-8, and what {@link textOfBytes} has kept as the byte that it was. */
export function bytesOfText(text: string): Buffer {
  if (!/[\udc80-\udcff]/.test(text)) return Buffer.from(text)
  const parts = text.split(/(?<![\ud800-\udbff])([\udc80-\udcff])/)
  return Buffer.concat(parts.map((part, i) => (i % 2 === 1 ? Buffer.from([part.charCodeAt(0) & 0xff]) : Buffer.from(part))))
}
