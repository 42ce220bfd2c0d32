/**
 * The cluster's own certificate authorities and what they sign: the API server's certificate, the administrator's client
 * certificate, and the key that signs service-account tokens. All EC P-256. Follows "PKI certificates and requirements"
 * of the Kubernetes documentation.
 */
import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import * as x509 from '@peculiar/x509'
import { KUBERNETES_SERVICE_IP } from '../api/bootstrap.js'

x509.cryptoProvider.set(webcrypto as unknown as Crypto)

export const SIGNING = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const

/**
 * Clients check validity by the wall clock, while a cluster's clock may stand in any year: certificates are valid
 * whatever it shows.
 */
const NOT_BEFORE = new Date('2020-01-01T00:00:00Z')
const NOT_AFTER = new Date('2120-01-01T00:00:00Z')

/** A certificate with its key, both in PEM. */
export interface KeyPair {
  readonly cert: string
  readonly key: string
}

/** All that a cluster's identity is made of, in PEM. */
export interface ClusterCertificates {
  readonly ca: KeyPair
  /** Vouches for proxies in front of the API server, with which it speaks to extension API servers. */
  readonly frontProxyCa: KeyPair
  readonly server: KeyPair
  /** CN kubernetes-admin, O system:masters. */
  readonly admin: KeyPair
  /** Signs service-account tokens: PKCS#8 and SPKI. */
  readonly serviceAccounts: { readonly privateKey: string; readonly publicKey: string }
}

export interface CertificateOptions {
  /** Where they are kept, in files that only the owner may read; they are made when they are missing. In memory without. */
  directory?: string
  /** Addresses besides 127.0.0.1 and the Service's, such as the control-plane node's. */
  addresses?: readonly string[]
}

type Keys = webcrypto.CryptoKeyPair

const generate = (): Promise<Keys> => webcrypto.subtle.generateKey(SIGNING, true, ['sign', 'verify']) as Promise<Keys>

function pem(label: string, der: ArrayBuffer): string {
  const lines = Buffer.from(der)
    .toString('base64')
    .match(/.{1,64}/g)!
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}

async function exportKeys(keys: Keys): Promise<{ privateKey: string; publicKey: string }> {
  return {
    privateKey: pem('PRIVATE KEY', await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)),
    publicKey: pem('PUBLIC KEY', await webcrypto.subtle.exportKey('spki', keys.publicKey)),
  }
}

function importPrivate(text: string): Promise<webcrypto.CryptoKey> {
  const der = Buffer.from(text.replace(/-----[^-]+-----|\s/g, ''), 'base64')
  return webcrypto.subtle.importKey('pkcs8', der, SIGNING, true, ['sign'])
}

const serialNumber = (): string =>
  Buffer.from(webcrypto.getRandomValues(new Uint8Array(15)))
    .toString('hex')
    .replace(/^./, '1')

async function makeAuthority(commonName: string): Promise<KeyPair> {
  const keys = await generate()
  const cert = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: `CN=${commonName}`,
    notBefore: NOT_BEFORE,
    notAfter: NOT_AFTER,
    signingAlgorithm: SIGNING,
    keys: keys as never,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey as never),
    ],
  })
  return { cert: `${cert.toString('pem')}\n`, key: (await exportKeys(keys)).privateKey }
}

/** What a certificate is to be for. */
export interface CertificateRequest {
  /** Common name and organisations. */
  commonName: string
  organizations?: readonly string[]
  dnsNames?: readonly string[]
  addresses?: readonly string[]
  usage: 'server' | 'client'
  /** The public key in the request; a new key pair is made without. */
  publicKey?: webcrypto.CryptoKey
  notBefore?: Date
  notAfter?: Date
}

/** Signs a certificate. The key is empty when the request brought its own public key. */
export async function signCertificate(ca: KeyPair, request: CertificateRequest): Promise<KeyPair> {
  const keys = request.publicKey ? undefined : await generate()
  const publicKey = request.publicKey ?? keys!.publicKey
  const authority = new x509.X509Certificate(ca.cert)
  const { commonName, organizations = [], dnsNames = [], addresses = [] } = request
  const usage = request.usage === 'server' ? x509.ExtendedKeyUsage.serverAuth : x509.ExtendedKeyUsage.clientAuth
  const names = [
    ...dnsNames.map((value) => ({ type: 'dns' as const, value })),
    ...addresses.map((value) => ({ type: 'ip' as const, value })),
  ]
  const cert = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: [...organizations.map((o) => ({ O: [o] })), { CN: [commonName] }],
    issuer: authority.subject,
    notBefore: request.notBefore ?? NOT_BEFORE,
    notAfter: request.notAfter ?? NOT_AFTER,
    signingAlgorithm: SIGNING,
    publicKey: publicKey as never,
    signingKey: (await importPrivate(ca.key)) as never,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyEncipherment, true),
      new x509.ExtendedKeyUsageExtension([usage]),
      await x509.AuthorityKeyIdentifierExtension.create(authority.publicKey),
      ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : []),
    ],
  })
  return { cert: `${cert.toString('pem')}\n`, key: keys ? (await exportKeys(keys)).privateKey : '' }
}

/** The authority's private key, to sign with. */
export function authorityKey(ca: KeyPair): Promise<webcrypto.CryptoKey> {
  return importPrivate(ca.key)
}

const SERVER_NAMES = ['localhost', 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc', 'kubernetes.default.svc.cluster.local']

/** Loads the cluster's certificates, making those that are missing. */
export async function loadCertificates(options: CertificateOptions = {}): Promise<ClusterCertificates> {
  const { directory } = options
  if (directory !== undefined) mkdirSync(directory, { recursive: true, mode: 0o700 })
  const pair = async (name: string, make: () => Promise<KeyPair>): Promise<KeyPair> => {
    const kept = read(directory, `${name}.crt`, `${name}.key`)
    if (kept) return { cert: kept[0]!, key: kept[1]! }
    const made = await make()
    // The key first: a certificate without its key would be taken for a whole pair.
    write(directory, `${name}.key`, made.key)
    write(directory, `${name}.crt`, made.cert)
    return made
  }
  const ca = await pair('ca', () => makeAuthority('kubernetes'))
  const addresses = ['127.0.0.1', KUBERNETES_SERVICE_IP, ...(options.addresses ?? [])]
  const [frontProxyCa, server, admin, serviceAccounts] = await Promise.all([
    pair('front-proxy-ca', () => makeAuthority('front-proxy-ca')),
    pair('apiserver', () =>
      signCertificate(ca, { commonName: 'kube-apiserver', dnsNames: SERVER_NAMES, addresses: [...new Set(addresses)], usage: 'server' }),
    ),
    pair('admin', () => signCertificate(ca, { commonName: 'kubernetes-admin', organizations: ['system:masters'], usage: 'client' })),
    serviceAccountKeys(directory),
  ])
  return { ca, frontProxyCa, server, admin, serviceAccounts }
}

async function serviceAccountKeys(directory: string | undefined): Promise<ClusterCertificates['serviceAccounts']> {
  const kept = read(directory, 'sa.key', 'sa.pub')
  if (kept) return { privateKey: kept[0]!, publicKey: kept[1]! }
  const made = await exportKeys(await generate())
  write(directory, 'sa.key', made.privateKey)
  write(directory, 'sa.pub', made.publicKey)
  return made
}

function read(directory: string | undefined, ...names: string[]): string[] | undefined {
  if (directory === undefined) return undefined
  const files = names.map((name) => path.join(directory, name))
  return files.every((file) => existsSync(file)) ? files.map((file) => readFileSync(file, 'utf8')) : undefined
}

/** Writes a whole file or none, readable by its owner only. */
function write(directory: string | undefined, name: string, text: string): void {
  if (directory === undefined) return
  const file = path.join(directory, name)
  writeFileSync(`${file}.new`, text, { mode: 0o600 })
  renameSync(`${file}.new`, file)
}
