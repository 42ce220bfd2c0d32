/** Whether the API server could trust somebody by a CA bundle, in the words of client-go's transport. */
import { X509Certificate } from 'node:crypto'
import { pemBlocks } from './pem.js'

/**
 * What is wrong with a bundle; undefined when it has at least one certificate, or when there is none at all, which
 * leaves the roots of the system. As Go's certificate pools do it, blocks that are no certificate are passed over.
 * @param bundle base64 of PEM
 */
export function caBundleProblem(bundle: string | null | undefined): string | undefined {
  if (!bundle) return undefined
  const pem = Buffer.from(bundle, 'base64').toString('latin1')
  const blocks = pemBlocks(pem)
  const certificates = blocks.filter((b) => b.type === 'CERTIFICATE')
  if (certificates.some((b) => isCertificate(b.text))) return undefined
  const why =
    certificates.length > 0
      ? 'failed to parse certificate: x509: malformed certificate'
      : blocks.length > 0 && !textAfter(pem, blocks.at(-1)!.text)
        ? 'no valid certificate authority data seen'
        : 'unable to parse bytes as PEM block'
  return `unable to load root certificates: ${why}`
}

/** Whether anything stands after the last block: a line break would be read as one more block that is none. */
const textAfter = (pem: string, block: string): boolean => pem.length > pem.lastIndexOf(block) + block.length + 1

function isCertificate(text: string): boolean {
  try {
    new X509Certificate(text)
    return true
  } catch {
    // What cannot be read is told in the words of the caller.
    return false
  }
}
