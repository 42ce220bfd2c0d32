/** A value of a Secret, or of a file: its text, or a hex preview where the bytes are not UTF-8. */
export interface DecodedValue {
  text: string
  bytes: number
  binary: boolean
}

/** Decodes base64 as Secrets and `binaryData` hold it. What is not base64 is given back as it is. */
export function decodeBase64(value: string): DecodedValue {
  let binary: string
  try {
    binary = atob(value)
  } catch {
    return { text: value, bytes: value.length, binary: false }
  }
  return decodeBytes(Uint8Array.from(binary, (c) => c.charCodeAt(0)))
}

/** Bytes as text where they are UTF-8, else the first of them in hex. @param cut more follow: a character may be cut in two */
export function decodeBytes(bytes: Uint8Array, cut = false): DecodedValue {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: cut })
    return isText(text) ? { text, bytes: bytes.length, binary: false } : hexPreview(bytes)
  } catch {
    return hexPreview(bytes)
  }
}

/** Control characters besides tabs and line breaks are no text, though they are UTF-8. */
function isText(text: string): boolean {
  return !/\p{Cc}/u.test(text.replace(/\s/g, ''))
}

/** The first bytes in hex. */
function hexPreview(bytes: Uint8Array): DecodedValue {
  const preview = Array.from(bytes.subarray(0, 256), (b) => b.toString(16).padStart(2, '0')).join(' ')
  return { text: bytes.length > 256 ? `${preview} …` : preview, bytes: bytes.length, binary: true }
}

/** Bytes in UTF-8. */
export function byteLength(text: string): number {
  return new TextEncoder().encode(text).length
}

const units: [RegExp, number][] = [
  [/Ki$/, 2 ** 10],
  [/Mi$/, 2 ** 20],
  [/Gi$/, 2 ** 30],
  [/Ti$/, 2 ** 40],
  [/Pi$/, 2 ** 50],
  [/Ei$/, 2 ** 60],
  [/k$/, 1e3],
  [/M$/, 1e6],
  [/G$/, 1e9],
  [/T$/, 1e12],
  [/P$/, 1e15],
  [/E$/, 1e18],
  [/m$/, 1e-3],
  // As metrics.k8s.io counts CPU.
  [/u$/, 1e-6],
  [/n$/, 1e-9],
]

/** A Kubernetes quantity as a number in its base unit: `500m` → 0.5, `64Mi` → 67108864. NaN when it is none. */
export function parseQuantity(quantity: string): number {
  for (const [suffix, factor] of units) if (suffix.test(quantity)) return Number(quantity.replace(suffix, '')) * factor
  return Number(quantity)
}

/** Bytes with a binary unit and at most one decimal: `7.7 GiB`. */
export function humanBytes(bytes: number): string {
  if (!Number.isFinite(bytes)) return '–'
  const names = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']
  let i = 0
  let n = bytes
  while (n >= 1024 && i < names.length - 1) {
    n /= 1024
    i++
  }
  return `${n >= 100 || i === 0 ? Math.round(n) : Math.round(n * 10) / 10} ${names[i]}`
}
