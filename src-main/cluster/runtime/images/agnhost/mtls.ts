/**
 * agnhost mtlsserver and mtlsclient: each proves itself to the other by a certificate, as pods do with pod certificates
 * (https://kubernetes.io/docs/concepts/storage/projected-volumes/#podcertificate).
 */
import { X509Certificate } from 'node:crypto'
import { createSecureContext, type TLSSocket } from 'node:tls'
import { httpRequestOver, peerChain } from '../../../network/http.js'
import type { Connection } from '../../../network/network.js'
import { errorText } from '../../errors.js'
import { SystemError, type Process } from '../../process.js'
import { parseUrl, secure } from '../../programs/net/http-client.js'
import { goFlag, goLogTime } from '../http-echo/family.js'
import { klogLine } from '../klog.js'
import { isAddressInUse, Latch, endAsGoDoes, readBody, serveInProcess } from '../server-process.js'
import { httpError } from './golog.js'

/** How often the client asks, cluster ms. */
const EVERY = 10_000
/** What cobra shows below an error of a subcommand. */
const usageOf = (name: string, flags: readonly string[]): string =>
  `Usage:\n  app ${name} [flags]\n\nFlags:\n${flags.map((flag) => `      ${flag}\n`).join('')}\n`

const CLIENT_FLAGS = [
  '--client-cred-bundle string    File with client key and certificate chain',
  '--fetch-url string             server URL to poll',
  '-h, --help                     help for mtlsclient',
  '--server-trust-bundle string   File with trust anchors to verify the server certificate',
]
const SERVER_FLAGS = [
  '-h, --help                         help for mtlsserver',
  '--listen string                <address>:<port> to listen on',
  '--server-creds string          Credential bundle with the server key and certificate chain',
  '--spiffe-trust-bundle string   Trust bundle for verifying client certificates',
]

async function refuse(process: Process, why: string, usage: string): Promise<number> {
  await process.writeError(`Error: ${why}\n`)
  await process.writeError(usage)
  return 1
}

/** The certificates of a PEM text, in its order. Throws for one that is none. */
const certificatesIn = (pem: string): X509Certificate[] =>
  (pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? []).map((block) => new X509Certificate(block))

const keyIn = (pem: string): string | undefined => /-----BEGIN PRIVATE KEY-----[^-]*-----END PRIVATE KEY-----/.exec(pem)?.[0]

/** A file's text. Throws an Error in Go's words. */
function readFile(process: Process, path: string): string {
  try {
    return process.fs.readText(path)
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    throw new Error(`open ${path}: ${errorText(error).toLowerCase()}`, { cause: error })
  }
}

/** Why a certificate leads to none of the roots now; undefined when it does. In the words of Go's crypto/x509. */
function verifyProblem(
  leaf: X509Certificate,
  between: readonly X509Certificate[],
  roots: readonly X509Certificate[],
  now: number,
): string | undefined {
  const chain = (certificate: X509Certificate, left: number): string | undefined => {
    if (now > Date.parse(certificate.validTo))
      return `x509: certificate has expired or is not yet valid: current time ${goDate(now)} is after ${goDate(Date.parse(certificate.validTo))}`
    if (now < Date.parse(certificate.validFrom))
      return `x509: certificate has expired or is not yet valid: current time ${goDate(now)} is before ${goDate(Date.parse(certificate.validFrom))}`
    const signs = (by: X509Certificate): boolean => certificate.checkIssued(by) && certificate.verify(by.publicKey)
    if (roots.some((root) => root.raw.equals(certificate.raw) || signs(root))) return undefined
    const next = left > 0 ? between.find(signs) : undefined
    return next ? chain(next, left - 1) : 'x509: certificate signed by unknown authority'
  }
  return chain(leaf, between.length)
}

const goDate = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`

/** The URIs among the names of a certificate. */
const urisOf = (certificate: X509Certificate): string[] =>
  (certificate.subjectAltName ?? '')
    .split(', ')
    .filter((name) => name.startsWith('URI:'))
    .map((name) => name.slice(4))

/** Serves `/spiffe-echo` over TLS on `--listen`: tells a client that shows a certificate of the trust bundle its own name. */
export async function mtlsServer(process: Process, args: readonly string[]): Promise<number> {
  const listen = goFlag(args, 'listen') ?? ''
  const credentials = goFlag(args, 'server-creds') ?? ''
  const bundle = goFlag(args, 'spiffe-trust-bundle') ?? ''
  const usage = usageOf('mtlsserver', SERVER_FLAGS)
  if (!listen || !credentials || !bundle) return refuse(process, 'missing required flags', usage)
  const say = (text: string): Promise<void> => process.writeError(`${goLogTime(process)} ${text}\n`)
  const serving = (why: string): Promise<number> => refuse(process, `error while serving: ${why}`, usage)
  let step = 'reading SPIFFE trust anchors'
  let pem: string
  try {
    const roots = readFile(process, bundle)
    if (certificatesIn(roots).length === 0) return await serving('failed to append client certs from PEM')
    step = 'loading server key pair'
    pem = readFile(process, credentials)
    if (certificatesIn(pem).length === 0) throw new Error('tls: failed to find any PEM data in certificate input')
    if (!keyIn(pem)) throw new Error('tls: failed to find any PEM data in key input')
  } catch (error) {
    return serving(`while ${step}: ${(error as Error).message}`)
  }
  const context = createSecureContext({ cert: pem, key: keyIn(pem)! })
  process.setMemory(12 * 1024 * 1024)
  const at = listen.lastIndexOf(':')
  try {
    serveInProcess(
      process,
      Number(listen.slice(at + 1)),
      async (req, res) => {
        req.resume()
        const path = (req.url ?? '/').split('?')[0]
        if (path !== '/spiffe-echo') return httpError(res, 404, '404 page not found')
        if (req.method !== 'GET' && req.method !== 'HEAD') {
          res.setHeader('Allow', 'GET, HEAD')
          return httpError(res, 405, 'Method Not Allowed')
        }
        const [leaf, ...between] = peerChain(req.socket as TLSSocket)
        if (!leaf) return httpError(res, 401, 'SPIFFE client certificate authentication required')
        let roots: X509Certificate[]
        try {
          roots = certificatesIn(readFile(process, bundle))
        } catch (error) {
          await say(`Error while reading SPIFFE trust anchors: ${(error as Error).message}`)
          return httpError(res, 500, 'Internal Error')
        }
        const problem = verifyProblem(leaf, between, roots, process.clock.now())
        if (problem !== undefined) {
          await say(`Error while verifying SPIFFE client certificate: ${problem}`)
          return httpError(res, 401, 'SPIFFE client certificate authentication required')
        }
        const names = urisOf(leaf)
        if (names.length !== 1) {
          await say(`SPIFFE client certificate did not have 1 URI SAN, count: ${names.length}`)
          return httpError(res, 401, 'Malformed SPIFFE certificate')
        }
        res.setHeader('Content-Type', 'text/plain; charset=utf-8')
        res.end(`Client Identity: ${names[0]}`)
      },
      { tls: { contextOf: () => context, requestCert: true }, ...(at > 0 ? { address: listen.slice(0, at) } : {}) },
    )
  } catch (error) {
    if (isAddressInUse(error)) return serving(`while listening: listen tcp ${listen}: bind: address already in use`)
    throw error
  }
  const end = new Latch<number>()
  endAsGoDoes(process, end)
  return end.wait(process)
}

/** Asks `--fetch-url` every ten seconds, shows its own certificate and wants one of the trust bundle; writes what it is told. */
export async function mtlsClient(process: Process, args: readonly string[]): Promise<number> {
  const address = goFlag(args, 'fetch-url') ?? ''
  const trust = goFlag(args, 'server-trust-bundle') ?? ''
  const credentials = goFlag(args, 'client-cred-bundle') ?? ''
  const usage = usageOf('mtlsclient', CLIENT_FLAGS)
  if (!address || !trust || !credentials) return refuse(process, 'missing required flags', usage)
  const url = parseUrl(address)
  if (!URL.canParse(address) || !url)
    return refuse(process, `invalid --fetch-url: parse ${JSON.stringify(address)}: invalid URI for request`, usage)
  process.setMemory(12 * 1024 * 1024)
  const poll = async (): Promise<string> => {
    const anchors = wrapped('while reading service trust bundle', () => readFile(process, trust))
    const pem = wrapped('while reading client credential bundle', () => readFile(process, credentials))
    const key = keyIn(pem)
    if (!key) throw new Error('client credential bundle had no private key')
    if (certificatesIn(pem).length === 0) throw new Error('client credential bundle had no certificates')
    const failed = (why: string): Error => new Error(`while getting URL: Get ${JSON.stringify(address)}: ${why}`)
    let connection: Connection
    try {
      const [ip] = await process.net.resolve(url.host)
      connection = await process.net.connect(ip!, url.port, process.aborted)
      if (url.scheme === 'https')
        connection = (await secure(connection, url.host, { insecure: false, ca: anchors, cert: pem, key })) as unknown as Connection
    } catch (error) {
      throw failed(failure(error, url.host, url.port))
    }
    const answer = await httpRequestOver(connection, {
      host: url.host,
      port: url.port,
      path: url.path,
      headers: { 'User-Agent': 'Go-http-client/1.1' },
      signal: process.aborted,
    })
    const body = await readBody(answer)
    if (answer.statusCode! < 200 || answer.statusCode! >= 300)
      throw new Error(`non-2xx status ${answer.statusCode} ${JSON.stringify(`${answer.statusCode} ${answer.statusMessage}`)}`)
    return body
  }
  const end = new Latch<number>()
  endAsGoDoes(process, end)
  const asking = async (): Promise<number> => {
    for (;;) {
      await process.sleep(EVERY)
      try {
        await process.writeError(`${goLogTime(process)} Got response body: ${await poll()}\n`)
      } catch (error) {
        if (process.aborted.aborted) throw error
        const why = `while sending requests to the server: ${(error as Error).message}`
        await process.writeError(`${klogLine(process, 'client.go:74', why, 'E')}\n`)
      }
    }
  }
  return Promise.race([asking(), end.wait(process)])
}

function wrapped<T>(what: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw new Error(`${what}: ${(error as Error).message}`, { cause: error })
  }
}

/** What Go's client says of a connection that was not made. */
function failure(error: unknown, host: string, port: number): string {
  const { code = '', message } = error as { code?: string; message: string }
  if (/^(UNABLE_TO|SELF_SIGNED|DEPTH_ZERO)/.test(code))
    return 'tls: failed to verify certificate: x509: certificate signed by unknown authority'
  if (code === 'CERT_HAS_EXPIRED') return 'tls: failed to verify certificate: x509: certificate has expired or is not yet valid'
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return `tls: failed to verify certificate: x509: certificate is not valid for any names, but wanted to match ${host}`
  if (code === 'NXDOMAIN') return `dial tcp: lookup ${host}: no such host`
  return code.startsWith('E') && !code.startsWith('ERR') ? `dial tcp ${host}:${port}: connect: ${errorText(error).toLowerCase()}` : message
}
