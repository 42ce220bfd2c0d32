/**
 * Reads PKCS#10 certificate requests far enough to say what is wrong with one, in the words of Go's encoding/asn1 and
 * crypto/x509 for the ways in which requests are mostly broken. https://www.rfc-editor.org/rfc/rfc2986
 */
import { createPublicKey, verify, type KeyObject } from 'node:crypto'

const PEM = /-----BEGIN CERTIFICATE REQUEST-----\r?\n((?:[^:\n]+:[^\n]*\n)*\s*)([A-Za-z0-9+/=\s]*?)\r?\n?-----END CERTIFICATE REQUEST-----/
const NOT_PEM = 'PEM block type must be CERTIFICATE REQUEST'

const INTEGER = 0x02
const SEQUENCE = 0x30
const BIT_STRING = 0x03
const OBJECT_IDENTIFIER = 0x06

/** Names of digests by the end of the object identifier of a signature algorithm, in hex. */
const DIGESTS: Readonly<Record<string, string>> = {
  '2a8648ce3d040302': 'sha256',
  '2a8648ce3d040303': 'sha384',
  '2a8648ce3d040304': 'sha512',
  '2a864886f70d01010b': 'sha256',
  '2a864886f70d01010c': 'sha384',
  '2a864886f70d01010d': 'sha512',
}
const ED25519 = '2b6570'

/** One element of DER, what it holds, and where the next one begins. */
interface Element {
  whole: Buffer
  content: Buffer
  end: number
}

/** A fault of the encoding. */
class Malformed extends Error {}

/** What is wrong with a request in PEM; undefined when it can be read and its signature is that of its key. */
export function certificateRequestProblem(pem: string): string | undefined {
  const der = blockOf(pem)
  if (!der) return NOT_PEM
  try {
    return signatureProblem(der)
  } catch (error) {
    if (error instanceof Malformed) return error.message
    throw error
  }
}

/** The bytes of the first block, if it is of a request. */
function blockOf(pem: string): Buffer | undefined {
  const first = /-----BEGIN ([^\n-]+)-----/.exec(pem)
  const block = first?.[1] === 'CERTIFICATE REQUEST' ? PEM.exec(pem) : null
  const base64 = block?.[2]?.replace(/\s/g, '')
  // Buffer reads what it can; a block with anything else is none.
  if (base64 === undefined || base64.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(base64)) return undefined
  return Buffer.from(base64, 'base64')
}

function signatureProblem(der: Buffer): string | undefined {
  const request = element(der, 0, SEQUENCE, 'certificateRequest')
  if (request.end < der.length) throw new Malformed('asn1: syntax error: trailing data')
  const parts = request.content
  const signed = element(parts, 0, SEQUENCE, 'tbsCertificateRequest')
  const algorithm = element(parts, signed.end, SEQUENCE, 'AlgorithmIdentifier')
  const signature = element(parts, algorithm.end, BIT_STRING, 'BitString')
  const oid = element(algorithm.content, 0, OBJECT_IDENTIFIER, 'ObjectIdentifier').content.toString('hex')
  const key = publicKey(signed.content)
  const digest = DIGESTS[oid]
  // What cannot be checked here is left to who signs it.
  const unverified = UNVERIFIED[key?.asymmetricKeyType ?? '']
  if (!key || !unverified || (!digest && oid !== ED25519)) return undefined
  // The first byte tells how many bits of the last are not used.
  return verify(digest ?? null, signed.whole, key, signature.content.subarray(1)) ? undefined : unverified
}

/** What Go says of a signature that is not that of the key, by the type of the key. */
const UNVERIFIED: Readonly<Record<string, string>> = {
  ec: 'x509: ECDSA verification failure',
  rsa: 'crypto/rsa: verification error',
  ed25519: 'x509: Ed25519 verification failure',
}

/** The key in what is signed, which begins with a version and a subject. */
function publicKey(signed: Buffer): KeyObject | undefined {
  const version = element(signed, 0, INTEGER, 'int')
  const subject = element(signed, version.end, SEQUENCE, 'RawValue')
  const key = element(signed, subject.end, SEQUENCE, 'publicKeyInfo')
  try {
    return createPublicKey({ key: key.whole, format: 'der', type: 'spki' })
  } catch {
    // A key of a kind that is not known here is not judged.
    return undefined
  }
}

const NO_OPTIONS =
  '{optional:false explicit:false application:false private:false defaultValue:<nil> tag:<nil> stringType:0 timeType:0 set:false omitEmpty:false}'

/** The element of a tag that begins at `start`; `name` is what Go calls its type. Throws when there is another one, or none. */
function element(bytes: Buffer, start: number, tag: number, name: string): Element {
  const syntax = (why: string): Malformed => new Malformed(`asn1: syntax error: ${why}`)
  if (start >= bytes.length) throw syntax('sequence truncated')
  if (start + 2 > bytes.length) throw syntax('truncated tag or length')
  const found = bytes[start]!
  let length = bytes[start + 1]!
  let at = start + 2
  if (length & 0x80) {
    const count = length & 0x7f
    if (count === 0) throw syntax('indefinite length found (not DER)')
    if (at + count > bytes.length) throw syntax('truncated tag or length')
    if (count > 4) throw new Malformed('asn1: structure error: length too large')
    length = bytes.readUIntBE(at, count)
    at += count
    if (length < 0x80 || length < 2 ** (8 * (count - 1))) throw new Malformed('asn1: structure error: non-minimal length')
  }
  if (found !== tag) {
    const shown = `{class:${found >> 6} tag:${found & 0x1f} length:${length} isCompound:${Boolean(found & 0x20)}}`
    throw new Malformed(`asn1: structure error: tags don't match (${tag & 0x1f} vs ${shown}) ${NO_OPTIONS} ${name} @${at}`)
  }
  const end = at + length
  if (end > bytes.length) throw syntax('data truncated')
  return { whole: bytes.subarray(start, end), content: bytes.subarray(at, end), end }
}
