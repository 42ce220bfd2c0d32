/** Whether a certificate and a key belong together, in the words of Go's crypto/tls, which warnings about Secrets are in. */
import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto'
import { pemBlocks } from './pem.js'

const isKey = (type: string): boolean => type === 'PRIVATE KEY' || type.endsWith(' PRIVATE KEY')

/** What is wrong with a pair given as PEM; undefined when the two fit. */
export function tlsPairProblem(certificate: string, key: string): string | undefined {
  const blocks = pemBlocks(certificate)
  const leaf = blocks.find((b) => b.type === 'CERTIFICATE')
  if (!leaf) return noCertificate(blocks.map((b) => b.type))
  const keyBlocks = pemBlocks(key)
  const keyBlock = keyBlocks.find((b) => isKey(b.type))
  if (!keyBlock) return noKey(keyBlocks.map((b) => b.type))
  const parsed = parse(() => new X509Certificate(leaf.text))
  if (!parsed) return 'x509: malformed certificate'
  const privateKey = parse(() => createPrivateKey(keyBlock.text))
  if (!privateKey) return 'tls: failed to parse private key'
  return mismatch(parsed, privateKey)
}

function parse<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    // What cannot be read is told in the words of the caller.
    return undefined
  }
}

function mismatch(certificate: X509Certificate, key: KeyObject): string | undefined {
  if (certificate.publicKey.asymmetricKeyType !== key.asymmetricKeyType) return 'tls: private key type does not match public key type'
  return certificate.checkPrivateKey(key) ? undefined : 'tls: private key does not match public key'
}

function noCertificate(types: readonly string[]): string {
  if (types.length === 0) return 'tls: failed to find any PEM data in certificate input'
  if (types.length === 1 && types[0]!.endsWith('PRIVATE KEY'))
    return 'tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched'
  return `tls: failed to find "CERTIFICATE" PEM block in certificate input after skipping PEM blocks of the following types: [${types.join(' ')}]`
}

function noKey(types: readonly string[]): string {
  if (types.length === 0) return 'tls: failed to find any PEM data in key input'
  if (types.length === 1 && types[0] === 'CERTIFICATE') return 'tls: found a certificate rather than a key in the PEM for the private key'
  return `tls: failed to find PEM block with type ending in "PRIVATE KEY" in key input after skipping PEM blocks of the following types: [${types.join(' ')}]`
}
