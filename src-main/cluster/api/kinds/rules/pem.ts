/** Blocks of PEM, as far as rules of the API look into them. https://www.rfc-editor.org/rfc/rfc7468 */

const BLOCK = /-----BEGIN ([^\n-]+)-----\s[^]*?-----END \1-----/g

/** A block: what it says that it holds, and all of its text. */
export interface PemBlock {
  type: string
  text: string
}

/** The blocks of a text, whatever stands between them. */
export const pemBlocks = (pem: string): PemBlock[] => [...pem.matchAll(BLOCK)].map((m) => ({ type: m[1]!, text: m[0] }))
