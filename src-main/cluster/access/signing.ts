/**
 * Signs certificate signing requests with the cluster's authority, as kube-controller-manager does for its signers.
 * https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/#kubernetes-signers
 */
import 'reflect-metadata'
import * as x509 from '@peculiar/x509'
import { webcrypto } from 'node:crypto'
import type { Clock } from '../clock.js'
import { authorityKey, SIGNING, type KeyPair } from './certificates.js'
import { BUILTIN_SIGNERS, checkSignable, commonNameOf, KUBELET_CLIENT } from './signerrules.js'

/** What `--cluster-signing-duration` is by default: a year. */
const LONGEST_SECONDS = 365 * 24 * 3600
/** Clocks of clients may be behind. */
const BACKDATE_MS = 5 * 60_000

export interface SigningRequest {
  /** PKCS#10 in PEM. */
  pem: string
  /** As in `spec.usages`: `client auth`, `digital signature`, … */
  usages: readonly string[]
  expirationSeconds?: number
}

const keyUsages: Readonly<Record<string, x509.KeyUsageFlags>> = {
  'digital signature': x509.KeyUsageFlags.digitalSignature,
  'content commitment': x509.KeyUsageFlags.nonRepudiation,
  'key encipherment': x509.KeyUsageFlags.keyEncipherment,
  'key agreement': x509.KeyUsageFlags.keyAgreement,
  'data encipherment': x509.KeyUsageFlags.dataEncipherment,
}

const extendedUsages: Readonly<Record<string, x509.ExtendedKeyUsage>> = {
  'server auth': x509.ExtendedKeyUsage.serverAuth,
  'client auth': x509.ExtendedKeyUsage.clientAuth,
}

/** The signed certificate in PEM. Rejects with a sentence when the request cannot be read or its signature is wrong. */
export async function signRequest(ca: KeyPair, request: SigningRequest, now: number): Promise<string> {
  const csr = new x509.Pkcs10CertificateRequest(request.pem)
  if (!(await csr.verify())) throw new Error('the signature of the certificate request does not match its key')
  const authority = new x509.X509Certificate(ca.cert)
  const seconds = Math.min(request.expirationSeconds ?? LONGEST_SECONDS, LONGEST_SECONDS)
  const names = csr.extensions.find((e) => e instanceof x509.SubjectAlternativeNameExtension)
  const extended = request.usages.flatMap((u) => extendedUsages[u] ?? [])
  const usage = request.usages.reduce((flags, u) => flags | (keyUsages[u] ?? 0), 0)
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: Buffer.from(webcrypto.getRandomValues(new Uint8Array(16)))
      .toString('hex')
      .replace(/^[89a-f]/, '7'),
    subject: csr.subject,
    issuer: authority.subject,
    notBefore: new Date(now - BACKDATE_MS),
    notAfter: new Date(now + seconds * 1000),
    signingAlgorithm: SIGNING,
    publicKey: await csr.publicKey.export(webcrypto as never),
    signingKey: (await authorityKey(ca)) as never,
    extensions: [
      ...(usage ? [new x509.KeyUsagesExtension(usage, true)] : []),
      ...(extended.length ? [new x509.ExtendedKeyUsageExtension(extended)] : []),
      new x509.BasicConstraintsExtension(false, undefined, true),
      await x509.AuthorityKeyIdentifierExtension.create(authority.publicKey),
      ...(names ? [names] : []),
    ],
  })
  return `${certificate.toString('pem')}\n`
}

/** The cluster's authority as the certificate controllers of kube-controller-manager know it. */
export interface BuiltinSigners {
  /** Whether a signer is one of those that this cluster serves. */
  serves(signerName: string): boolean
  /** Signs a request for a signer; rejects with the sentence that says what is wrong with it. */
  sign(request: SigningRequest & { signerName: string }): Promise<string>
  /** The name in a request when it is one for a kubelet's client certificate; undefined when it is not. */
  kubeletClientName(request: { pem: string; signerName: string; usages: readonly string[] }): string | undefined
}

export function builtinSigners(ca: KeyPair, clock: Clock): BuiltinSigners {
  return {
    serves: (signerName) => BUILTIN_SIGNERS.has(signerName),
    async sign(request) {
      checkSignable(request.signerName, request.pem, request.usages)
      return signRequest(ca, request, clock.now())
    },
    kubeletClientName({ pem, signerName, usages }) {
      if (signerName !== KUBELET_CLIENT) return undefined
      try {
        checkSignable(signerName, pem, usages)
        return commonNameOf(pem)
      } catch {
        return undefined // Not what a kubelet asks for: a person has to look at it.
      }
    },
  }
}
