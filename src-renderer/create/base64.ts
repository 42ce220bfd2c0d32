/** Bytes as base64, and back. */
export function toBase64(bytes: Uint8Array): string {
  let binary = ''
  for (let i = 0; i < bytes.length; i += 0x8000) binary += String.fromCharCode(...bytes.subarray(i, i + 0x8000))
  return btoa(binary)
}

/** The bytes; undefined when the text is no base64. */
export function fromBase64(text: unknown): Uint8Array | undefined {
  if (text === undefined || text === null) return new Uint8Array()
  try {
    return Uint8Array.from(atob(String(text).replace(/\s+/g, '')), (c) => c.charCodeAt(0))
  } catch {
    return undefined
  }
}

/** The text that base64 stands for; undefined when it is no UTF-8, or no base64. */
export function textOfBase64(text: unknown): string | undefined {
  const bytes = fromBase64(text)
  if (!bytes) return undefined
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}
