/** The certificate that the controller shows where an Ingress has none: "Kubernetes Ingress Controller Fake Certificate". */
import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import * as x509 from '@peculiar/x509'

/**
 * RSA, as the controller's own: a certificate that is chosen by server name comes besides this one where their keys are of
 * different types, and clients that can prefer ECDSA.
 */
const SIGNING = { name: 'RSASSA-PKCS1-v1_5', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-256' }
const YEAR = 365 * 24 * 3600 * 1000

/** Whom a certificate is for. */
export interface Subject {
  organization: string
  commonName: string
  dnsNames: readonly string[]
}

const FAKE: Subject = {
  organization: 'Acme Co',
  commonName: 'Kubernetes Ingress Controller Fake Certificate',
  dnsNames: ['ingress.local'],
}

/** Makes a self-signed certificate, valid for a year from `now` (ms). Both are PEM. */
export async function fakeCertificate(now: number, subject: Subject = FAKE): Promise<{ cert: string; key: string }> {
  x509.cryptoProvider.set(webcrypto as unknown as Crypto)
  const keys = await webcrypto.subtle.generateKey(SIGNING, true, ['sign', 'verify'])
  const cert = await x509.X509CertificateGenerator.createSelfSigned({
    name: [{ O: [subject.organization] }, { CN: [subject.commonName] }],
    notBefore: new Date(now),
    notAfter: new Date(now + YEAR),
    signingAlgorithm: SIGNING,
    keys: keys as never,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyEncipherment, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(subject.dnsNames.map((value) => ({ type: 'dns' as const, value }))),
    ],
  })
  const key = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', (keys as webcrypto.CryptoKeyPair).privateKey)).toString('base64')
  return {
    cert: cert.toString('pem'),
    key: `-----BEGIN PRIVATE KEY-----\n${key.match(/.{1,64}/g)!.join('\n')}\n-----END PRIVATE KEY-----\n`,
  }
}
