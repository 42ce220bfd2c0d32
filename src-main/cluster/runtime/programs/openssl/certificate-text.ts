/** Certificates in the layout of `openssl x509`, version 3.5. */
import type { KeyObject, X509Certificate } from 'node:crypto'
import * as x509 from '@peculiar/x509'

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')

/** `Nov 22 15:30:42 2026 GMT` */
export function dateText(ms: number): string {
  const t = new Date(ms)
  return `${MONTHS[t.getUTCMonth()]} ${String(t.getUTCDate()).padStart(2)} ${t.toISOString().slice(11, 19)} ${t.getUTCFullYear()} GMT`
}

/** `O=Acme Co, CN=web`, from node's lines. */
export function nameText(lines: string): string {
  return (lines ?? '').split('\n').filter(Boolean).join(', ')
}

const colons = (hex: string): string => hex.match(/../g)?.join(':') ?? ''

/** Bytes with colons, so many in a line. */
function block(data: Uint8Array, perLine: number, indent: string): string {
  const bytes = [...data].map((b) => b.toString(16).padStart(2, '0'))
  const lines: string[] = []
  for (let at = 0; at < bytes.length; at += perLine) lines.push(indent + bytes.slice(at, at + perLine).join(':'))
  return `${lines.join(':\n')}\n`
}

const CURVES: Readonly<Record<string, readonly [bits: number, nist: string]>> = {
  prime256v1: [256, 'P-256'], secp384r1: [384, 'P-384'], secp521r1: [521, 'P-521'],
} // prettier-ignore

/** `rsaEncryption, 2048 (bit)` as s_client tells a key. */
export function keySummary(key: KeyObject): string {
  const { modulusLength, namedCurve } = key.asymmetricKeyDetails ?? {}
  if (key.asymmetricKeyType === 'rsa') return `RSA, ${modulusLength} (bit)`
  return namedCurve
    ? `EC, (${namedCurve}); ${CURVES[namedCurve]?.[0] ?? 0} (bit)`
    : `${(key.asymmetricKeyType ?? '').toUpperCase()}, 256 (bit)`
}

export function keyBits(key: KeyObject): number {
  const { modulusLength, namedCurve } = key.asymmetricKeyDetails ?? {}
  return modulusLength ?? CURVES[namedCurve ?? '']?.[0] ?? 256
}

function publicKeyText(key: KeyObject): string {
  const jwk = key.export({ format: 'jwk' })
  const bytes = (part: string | undefined): Buffer => Buffer.from(part ?? '', 'base64url')
  const pad = ' '.repeat(16)
  if (key.asymmetricKeyType === 'rsa') {
    const modulus = bytes(jwk.n)
    const shown = modulus[0]! & 0x80 ? Buffer.concat([Buffer.of(0), modulus]) : modulus
    const exponent = BigInt(`0x${bytes(jwk.e).toString('hex')}`)
    return `            Public Key Algorithm: rsaEncryption\n${pad}Public-Key: (${keyBits(key)} bit)\n${pad}Modulus:\n${block(shown, 15, `${pad}    `)}${pad}Exponent: ${exponent} (0x${exponent.toString(16)})\n`
  }
  const { namedCurve } = key.asymmetricKeyDetails ?? {}
  if (namedCurve) {
    const point = Buffer.concat([Buffer.of(4), bytes(jwk.x), bytes(jwk.y)])
    return `            Public Key Algorithm: id-ecPublicKey\n${pad}Public-Key: (${keyBits(key)} bit)\n${pad}pub:\n${block(point, 15, `${pad}    `)}${pad}ASN1 OID: ${namedCurve}\n${pad}NIST CURVE: ${CURVES[namedCurve]?.[1] ?? namedCurve}\n`
  }
  return `            Public Key Algorithm: ED25519\n${pad}ED25519 Public-Key:\n${pad}pub:\n${block(bytes(jwk.x), 15, `${pad}    `)}`
}

const USAGES: readonly (readonly [flag: number, name: string])[] = [
  [x509.KeyUsageFlags.digitalSignature, 'Digital Signature'], [x509.KeyUsageFlags.nonRepudiation, 'Non Repudiation'],
  [x509.KeyUsageFlags.keyEncipherment, 'Key Encipherment'], [x509.KeyUsageFlags.dataEncipherment, 'Data Encipherment'],
  [x509.KeyUsageFlags.keyAgreement, 'Key Agreement'], [x509.KeyUsageFlags.keyCertSign, 'Certificate Sign'], [x509.KeyUsageFlags.cRLSign, 'CRL Sign'],
] // prettier-ignore

const EXTENDED: Readonly<Record<string, string>> = {
  '1.3.6.1.5.5.7.3.1': 'TLS Web Server Authentication', '1.3.6.1.5.5.7.3.2': 'TLS Web Client Authentication',
  '1.3.6.1.5.5.7.3.3': 'Code Signing', '1.3.6.1.5.5.7.3.4': 'E-mail Protection', '1.3.6.1.5.5.7.3.8': 'Time Stamping', '1.3.6.1.5.5.7.3.9': 'OCSP Signing',
} // prettier-ignore

/** The usages of a key by the words that configurations have for them. */
export const USAGE_FLAGS: ReadonlyMap<string, number> = new Map([
  ['digitalSignature', x509.KeyUsageFlags.digitalSignature], ['nonRepudiation', x509.KeyUsageFlags.nonRepudiation],
  ['keyEncipherment', x509.KeyUsageFlags.keyEncipherment], ['dataEncipherment', x509.KeyUsageFlags.dataEncipherment],
  ['keyAgreement', x509.KeyUsageFlags.keyAgreement], ['keyCertSign', x509.KeyUsageFlags.keyCertSign], ['cRLSign', x509.KeyUsageFlags.cRLSign],
]) // prettier-ignore

/** What else a key may be for, by the same words. */
export const EXTENDED_USAGES: ReadonlyMap<string, string> = new Map([
  ['serverAuth', '1.3.6.1.5.5.7.3.1'], ['clientAuth', '1.3.6.1.5.5.7.3.2'], ['codeSigning', '1.3.6.1.5.5.7.3.3'],
  ['emailProtection', '1.3.6.1.5.5.7.3.4'], ['timeStamping', '1.3.6.1.5.5.7.3.8'], ['OCSPSigning', '1.3.6.1.5.5.7.3.9'],
]) // prettier-ignore

interface ShownExtension {
  /** The word that `-ext` takes. */
  key: string
  name: string
  critical: boolean
  value: string
}

/** Extensions with their values as lines. */
export function extensionsOf(certificate: X509Certificate): ShownExtension[] {
  const parsed = new x509.X509Certificate(certificate.raw)
  return parsed.extensions.flatMap((extension): ShownExtension[] => {
    const { critical } = extension
    const one = (key: string, name: string, value: string): ShownExtension[] => [{ key, name, critical, value }]
    if (extension instanceof x509.SubjectAlternativeNameExtension)
      return one('subjectAltName', 'X509v3 Subject Alternative Name', (certificate.subjectAltName ?? '').replaceAll('"', ''))
    if (extension instanceof x509.BasicConstraintsExtension)
      return one(
        'basicConstraints',
        'X509v3 Basic Constraints',
        `CA:${extension.ca ? 'TRUE' : 'FALSE'}${extension.pathLength === undefined ? '' : `, pathlen:${extension.pathLength}`}`,
      )
    if (extension instanceof x509.KeyUsagesExtension)
      return one('keyUsage', 'X509v3 Key Usage', USAGES.flatMap(([flag, name]) => (extension.usages & flag ? [name] : [])).join(', '))
    if (extension instanceof x509.ExtendedKeyUsageExtension)
      return one(
        'extendedKeyUsage',
        'X509v3 Extended Key Usage',
        extension.usages.map((usage) => EXTENDED[String(usage)] ?? String(usage)).join(', '),
      )
    if (extension instanceof x509.SubjectKeyIdentifierExtension)
      return one('subjectKeyIdentifier', 'X509v3 Subject Key Identifier', colons(extension.keyId.toUpperCase()))
    if (extension instanceof x509.AuthorityKeyIdentifierExtension)
      return one('authorityKeyIdentifier', 'X509v3 Authority Key Identifier', colons((extension.keyId ?? '').toUpperCase()))
    return one(
      extension.type,
      extension.type,
      Buffer.from(extension.value)
        .toString('latin1')
        .replace(/[^\x20-\x7e]/g, '.'),
    )
  })
}

/** What a key signs with, as openssl calls it. */
export function signatureName(certificate: X509Certificate): string {
  const { signatureAlgorithm } = new x509.X509Certificate(certificate.raw)
  const hash = (signatureAlgorithm as { hash?: { name: string } }).hash?.name.replace('-', '') ?? ''
  if (signatureAlgorithm.name === 'ECDSA') return `ecdsa-with-${hash}`
  if (signatureAlgorithm.name.startsWith('RSASSA-PKCS1')) return `${hash.toLowerCase()}WithRSAEncryption`
  return signatureAlgorithm.name === 'RSA-PSS' ? 'rsassaPss' : 'ED25519'
}

/** The whole of `-text`. */
export function certificateText(certificate: X509Certificate): string {
  const parsed = new x509.X509Certificate(certificate.raw)
  const algorithm = signatureName(certificate)
  const serial = certificate.serialNumber.toLowerCase()
  const short = serial.length <= 16 && BigInt(`0x${serial}`) < 2n ** 63n
  const extensions = extensionsOf(certificate)
  return `Certificate:
    Data:
        Version: 3 (0x2)
        Serial Number:${short ? ` ${BigInt(`0x${serial}`)} (0x${BigInt(`0x${serial}`).toString(16)})` : `\n            ${colons(serial)}`}
        Signature Algorithm: ${algorithm}
        Issuer: ${nameText(certificate.issuer)}
        Validity
            Not Before: ${dateText(Date.parse(certificate.validFrom))}
            Not After : ${dateText(Date.parse(certificate.validTo))}
        Subject: ${nameText(certificate.subject)}
        Subject Public Key Info:
${publicKeyText(certificate.publicKey)}${extensions.length > 0 ? '        X509v3 extensions:\n' : ''}${extensions
    .map(({ name, critical, value }) => `            ${name}: ${critical ? 'critical' : ''}\n                ${value}\n`)
    .join('')}    Signature Algorithm: ${algorithm}
    Signature Value:
${block(new Uint8Array(parsed.signature), 18, '        ')}`
}
