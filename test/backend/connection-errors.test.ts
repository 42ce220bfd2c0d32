import { spawn } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import http from 'node:http'
import https from 'node:https'
import net from 'node:net'
import type { TLSSocket } from 'node:tls'
import { afterEach, expect, it } from 'vitest'
import { contextOf, parseKubeconfig } from '../../src-main/backend/contexts/kubeconfig.js'
import { errorFromAnswer, toRpcError } from '../../src-main/backend/errors.js'
import type { RpcError } from '../../src-main/backend/rpc/contract.js'
import { ApiConnection } from '../../src-main/backend/session/connection.js'
import { said } from '../../src-main/backend/sentences.js'
import { requestError } from '../../src-main/backend/session/connection-errors.js'
import { certificate } from './support/certificate.js'

const PKCS8 = { type: 'pkcs8', format: 'pem' } as const
const SPKI = { type: 'spki', format: 'pem' } as const

const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0)) await end()
})

/** Listens on a port of this machine; gives its address. */
async function listen(server: net.Server): Promise<string> {
  const sockets = new Set<net.Socket>()
  server.on('connection', (socket: net.Socket) => {
    socket.on('error', () => undefined)
    sockets.add(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  ends.push(() => {
    for (const s of sockets) s.destroy()
    server.close()
  })
  return `127.0.0.1:${(server.address() as net.AddressInfo).port}`
}

/** An address that packets vanish at: a process that takes no connections, with a queue that is full. */
async function blackHole(): Promise<string> {
  const program = `const s = require('net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
    require('fs').writeSync(1, String(s.address().port) + '\\n')
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
  })`
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] })
  ends.push(() => child.kill('SIGKILL'))
  const port = Number(await new Promise<string>((resolve) => child.stdout.once('data', (d: Buffer) => resolve(String(d)))))
  for (let queued = 0; queued < 2; queued++) {
    const socket = net.connect(port, '127.0.0.1').on('error', () => undefined)
    ends.push(() => socket.destroy())
    await new Promise((resolve) => socket.once('connect', resolve))
  }
  return `127.0.0.1:${port}`
}

/** A server with a certificate of its own. */
async function secureServer(notBefore: Date, notAfter: Date): Promise<{ address: string; ca: string }> {
  const own = await certificate(notBefore, notAfter)
  const server = https.createServer(own, (_request, response) => response.end('{"gitVersion":"v1.36.0"}'))
  return { address: await listen(server), ca: base64(own.cert) }
}

const proxy = (answer: string) =>
  listen(http.createServer().on('connect', (_request, socket: net.Socket) => socket.end(`HTTP/1.1 ${answer}\r\n\r\n`)))

/** What a window is told of a context with this cluster and user (none when that is null); the version when there is nothing wrong. */
async function told(
  cluster: Record<string, unknown>,
  user: Record<string, unknown> | null = {},
  timeout = 15_000,
): Promise<RpcError | unknown> {
  const text = JSON.stringify({
    clusters: [{ name: 'c', cluster }],
    users: [{ name: 'u', user }],
    contexts: [{ name: 'x', context: { cluster: 'c', ...(user ? { user: 'u' } : {}) } }],
  })
  const config = contextOf([parseKubeconfig(text, '/home/me/.kube/config')], 'x')!
  try {
    return await new ApiConnection(config).json('/version', { timeout })
  } catch (error) {
    const { sentence, ...rest } = toRpcError(error)
    // The window says it in its own language by the code: the message is that sentence, in English.
    expect(sentence && said(rest.reason, sentence.code, sentence.values).message).toBe(rest.message)
    return rest
  }
}
const year = (y: number) => new Date(Date.UTC(y, 0, 1))
const somewhere = 'https://api.example.com:6443'
const base64 = (text: string) => Buffer.from(text).toString('base64')
const plugin = (command: string, ...args: string[]) => ({
  exec: { apiVersion: 'client.authentication.k8s.io/v1', command, args, interactiveMode: 'Never', installHint: 'Get it from example.com.' },
})

it('an address that packets vanish at: nothing answers, and nothing refuses', async () => {
  const address = await blackHole()
  expect(await told({ server: `https://${address}` }, {}, 500)).toEqual({
    reason: 'Unreachable',
    message: `No connection to ${address} came about: nothing answers there, and nothing refuses.`,
  })
})

it('a port that takes connections and says nothing', async () => {
  const address = await listen(net.createServer())
  expect(await told({ server: `https://${address}` }, {}, 1500)).toEqual({
    reason: 'Timeout',
    message: `The server did not answer in time. ${address} took the connection, but not the TLS handshake.`,
  })
})

it('something else than an API server', async () => {
  const address = await listen(http.createServer((_request, response) => response.end('<html>Welcome</html>')))
  expect(await told({ server: `https://${address}` })).toEqual({
    reason: 'Refused',
    message: `What answers at ${address} does not speak TLS.`,
  })
  expect(await told({ server: `http://${address}` })).toEqual({
    reason: 'Unreachable',
    message: `What answers at ${address} is no Kubernetes API server.`,
  })
})

it('a server by plain http, such as kubectl proxy, is one like others', async () => {
  const address = await listen(http.createServer((_request, response) => response.end('{"gitVersion":"v1.36.0"}')))
  expect(await told({ server: `http://${address}` })).toEqual({ gitVersion: 'v1.36.0' })
})

it('certificates: one that has expired, one that is not valid yet, one of an authority that is not named', async () => {
  const good = await secureServer(year(2020), year(2120))
  expect(await told({ server: `https://${good.address}`, 'certificate-authority-data': good.ca })).toEqual({ gitVersion: 'v1.36.0' })
  const expired = await secureServer(year(2020), year(2021))
  expect(await told({ server: `https://${expired.address}`, 'certificate-authority-data': expired.ca })).toEqual({
    reason: 'ExpiredCertificate',
    message: "The server's certificate has expired.",
  })
  const early = await secureServer(year(2110), year(2120))
  expect(await told({ server: `https://${early.address}`, 'certificate-authority-data': early.ca })).toEqual({
    reason: 'ExpiredCertificate',
    message: "The server's certificate is not valid yet.",
  })
  expect(await told({ server: `https://${good.address}`, 'certificate-authority-data': expired.ca })).toEqual({
    reason: 'BadCertificate',
    message: "The server's certificate is signed by itself; the kubeconfig names no certificate authority for it.",
  })
})

it('certificates are checked, or not, as the kubeconfig says, also for a context that names no user', async () => {
  const good = await secureServer(year(2020), year(2120))
  const server = `https://${good.address}`
  const version = { gitVersion: 'v1.36.0' }
  expect(await told({ server, 'certificate-authority-data': good.ca }, null)).toEqual(version)
  expect(await told({ server, 'insecure-skip-tls-verify': true }, null)).toEqual(version)
  expect(await told({ server, 'certificate-authority-data': good.ca, 'tls-server-name': 'api.internal' })).toEqual({
    reason: 'BadCertificate',
    message: "The server's certificate was issued for another name.",
  })
})

it('a page for a browser is not read out: what answered it is told by its code', async () => {
  const answering = (code: number, body: string) =>
    listen(http.createServer((_request, response) => response.writeHead(code, { 'content-type': 'text/html' }).end(body)))
  const from = async (code: number, body: string) => told({ server: `http://${await answering(code, body)}` })
  expect(await from(503, '<html><body><h1>upstream</h1></body></html>')).toEqual({
    reason: 'ServiceUnavailable',
    message: 'The server answered 503 Service Unavailable.',
    code: 503,
  })
  expect(await from(302, '')).toEqual({ reason: 'Internal', message: 'The server answered 302 Found.', code: 302 })
  // What says something in words is heard.
  expect(errorFromAnswer(502, 'no upstream is healthy').rpc).toEqual({ reason: 'Internal', message: 'no upstream is healthy', code: 502 })
})

it('a client certificate is presented, with what is written in the kubeconfig before what is in a file, and so is one of a plugin', async () => {
  const own = await certificate(year(2020), year(2120))
  const server = https.createServer({ ...own, requestCert: true, ca: own.cert }, (request, response) => {
    const { authorized } = request.socket as TLSSocket
    response.end(JSON.stringify({ authorized }))
  })
  const cluster = { server: `https://${await listen(server)}`, 'certificate-authority-data': base64(own.cert) }
  const data = { 'client-certificate-data': base64(own.cert), 'client-key-data': base64(own.key) }
  expect(await told(cluster)).toEqual({ reason: 'Unauthorized', message: 'The server wants a client certificate, and was given none.' })
  expect(await told(cluster, { ...data, 'client-certificate': '/nowhere/client.crt' })).toEqual({ authorized: true })
  const status = { clientCertificateData: own.cert, clientKeyData: own.key }
  const printed = JSON.stringify({ kind: 'ExecCredential', apiVersion: 'client.authentication.k8s.io/v1', status })
  expect(await told(cluster, plugin('printf', '%s', printed))).toEqual({ authorized: true })
  const other = await certificate(year(2020), year(2120))
  expect(await told(cluster, { ...data, 'client-key-data': base64(other.key) })).toEqual({
    reason: 'Kubeconfig',
    message: 'The client key in the kubeconfig does not belong to the client certificate.',
  })
})

it('errors of TLS read alike from OpenSSL and from the BoringSSL of Electron', () => {
  const progress = { server: new URL(somewhere), proxy: undefined, connected: true, secured: false }
  const said = (text: string) => toRpcError(requestError(Object.assign(new Error(text), { code: 'EPROTO' }), progress)).message
  for (const text of ['ssl3_get_record:wrong version number', 'OPENSSL_internal:WRONG_VERSION_NUMBER'])
    expect(said(text)).toBe('What answers at api.example.com:6443 does not speak TLS.')
  for (const text of ['sslv3 alert certificate expired', 'OPENSSL_internal:SSLV3_ALERT_CERTIFICATE_EXPIRED'])
    expect(said(text)).toBe('The server says that the client certificate has expired.')
  expect(said('OPENSSL_internal:SSLV3_ALERT_BAD_CERTIFICATE')).toBe('The server does not accept the client certificate.')
})

it('proxies: none there, a name that is none, one that wants a password, one that cannot get through, one that says nothing', async () => {
  const message = async (url: string, timeout?: number) => told({ server: somewhere, 'proxy-url': url }, {}, timeout)
  const problem = (text: string) => ({ reason: 'Proxy', message: text })
  expect(await message('http://127.0.0.1:1')).toEqual(problem('The proxy 127.0.0.1:1 refused the connection: nothing listens there.'))
  expect(await message('socks5://127.0.0.1:1')).toEqual(problem('The proxy 127.0.0.1:1 refused the connection: nothing listens there.'))
  expect(await message('http://no-such-proxy.invalid:3128', 15_000)).toEqual(
    problem('The name of the proxy no-such-proxy.invalid:3128 cannot be resolved.'),
  )
  const wants = await proxy('407 Proxy Authentication Required')
  expect(await message(`http://${wants}`)).toEqual(problem(`The proxy ${wants} wants a user name and a password (407).`))
  const refuses = await proxy('403 Forbidden')
  expect(await message(`http://${refuses}`)).toEqual(
    problem(`The proxy ${refuses} does not allow connections to api.example.com:6443 (403).`),
  )
  const lost = await proxy('502 Bad Gateway')
  expect(await message(`http://${lost}`)).toEqual(problem(`The proxy ${lost} could not connect to api.example.com:6443: it answered 502.`))
  const silent = await listen(net.createServer())
  expect(await message(`http://${silent}`, 1500)).toEqual(problem(`The proxy ${silent}, or the server behind it, did not answer in time.`))
})

it('a server that is named without a scheme is one by https where anything is said of certificates, else by http', async () => {
  const plain = await listen(http.createServer((_request, response) => response.end('{"gitVersion":"v1.36.0"}')))
  expect(await told({ server: plain })).toEqual({ gitVersion: 'v1.36.0' })
  const secure = await secureServer(new Date('2020-01-01'), new Date('2200-01-01'))
  expect(await told({ server: secure.address, 'certificate-authority-data': secure.ca })).toEqual({ gitVersion: 'v1.36.0' })
  const named = secure.address.replace('127.0.0.1', 'localhost')
  expect(await told({ server: named, 'insecure-skip-tls-verify': true })).toEqual({ gitVersion: 'v1.36.0' })
})

it('what is wrong in a kubeconfig itself is named', async () => {
  const wrong = (message: string) => ({ reason: 'Kubeconfig', message })
  expect(await told({ server: 'api example' })).toEqual(wrong('"api example" is not the URL of a server.'))
  expect(await told({ server: 'ftp://example.com' })).toEqual(
    wrong('"ftp://example.com" has the scheme "ftp"; a server is reached by https or http.'),
  )
  expect(await told({ server: somewhere, 'proxy-url': 'ftp://proxy' })).toEqual(
    wrong('proxy-url has the scheme "ftp"; it must be http, https or socks5.'),
  )
  expect(await told({ server: somewhere, 'certificate-authority-data': base64('nothing') })).toEqual(
    wrong('certificate-authority-data of the cluster holds no certificate in PEM.'),
  )
  expect(await told({ server: somewhere, 'certificate-authority': '/nowhere/ca.crt' })).toEqual(
    wrong('/nowhere/ca.crt, which the kubeconfig names, is not there.'),
  )
  expect(await told({ server: somewhere, 'certificate-authority': '/etc' })).toEqual(
    wrong('/etc, which the kubeconfig names, cannot be read.'),
  )
  expect(await told({ server: somewhere, 'certificate-authority': '/etc/passwd' })).toEqual(
    wrong('/etc/passwd, which the kubeconfig names as certificate-authority, holds no certificate in PEM.'),
  )
  const { cert, key } = await certificate(new Date('2020-01-01'), new Date('2200-01-01'))
  expect(await told({ server: somewhere, 'certificate-authority-data': base64(cert), 'insecure-skip-tls-verify': true })).toEqual(
    wrong('The cluster has a certificate authority and insecure-skip-tls-verify, which rule each other out. Take one of them out.'),
  )
  expect(await told({ server: somewhere }, { 'client-certificate-data': base64(cert) })).toEqual(
    wrong('The kubeconfig has a client certificate for the user "u", but neither client-key-data nor client-key.'),
  )
  const { key: another } = await certificate(new Date('2020-01-01'), new Date('2200-01-01'))
  expect(key).not.toBe(another)
  expect(await told({ server: somewhere }, { 'client-certificate-data': base64(cert), 'client-key-data': base64(another) })).toEqual(
    wrong('The client key in the kubeconfig does not belong to the client certificate.'),
  )
  // Of another kind than the certificate (EC), of which OpenSSL says nothing.
  const { privateKey: rsa } = generateKeyPairSync('rsa', { modulusLength: 2048, privateKeyEncoding: PKCS8, publicKeyEncoding: SPKI })
  expect(await told({ server: somewhere }, { 'client-certificate-data': base64(cert), 'client-key-data': base64(rsa) })).toEqual(
    wrong('The client key in the kubeconfig does not belong to the client certificate.'),
  )
  expect(await told({ server: somewhere }, { 'client-certificate-data': base64('x'), 'client-key-data': base64('y') })).toEqual(
    wrong('The client certificate or key in the kubeconfig cannot be read as PEM.'),
  )
})

it('credential plugins: one that is missing with how to get it, one that fails in its own words, one that prints something else', async () => {
  const failed = (message: string) => ({ reason: 'ExecPlugin', message: `The credential plugin ${message}` })
  expect(await told({ server: somewhere }, plugin('no-such-plugin'))).toEqual(
    failed('"no-such-plugin" was not found on the PATH of your login shell. Get it from example.com.'),
  )
  // One with a path is not looked for on the PATH.
  expect(await told({ server: somewhere }, plugin('/no/such/plugin'))).toEqual(
    failed('"/no/such/plugin" is not there. Get it from example.com.'),
  )
  const { exec } = plugin('sh')
  expect(await told({ server: somewhere }, { exec: { ...exec, interactiveMode: 'Sometimes' } })).toEqual(
    failed('"sh" has the interactiveMode "Sometimes"; it must be Never, IfAvailable or Always.'),
  )
  expect(await told({ server: somewhere }, plugin('sh', '-c', 'echo the session has ended, log in again >&2; exit 3'))).toEqual(
    failed('"sh" failed: the session has ended, log in again'),
  )
  expect(await told({ server: somewhere }, plugin('sh', '-c', 'echo hello'))).toEqual(
    failed('"sh" failed: what it printed is no ExecCredential.'),
  )
})

it('a server that does not know the user is told to refuse the client certificate, where that has expired', async () => {
  const refusal = { kind: 'Status', status: 'Failure', reason: 'Unauthorized', code: 401, message: 'Unauthorized' }
  const server = `http://${await listen(http.createServer((_, response) => response.writeHead(401).end(JSON.stringify(refusal))))}`
  const told = async (notAfter: string): Promise<string> => {
    const { cert, key } = await certificate(new Date('2020-01-01'), new Date(notAfter))
    const user = { 'client-certificate-data': base64(cert), 'client-key-data': base64(key) }
    const connection = new ApiConnection({ clusterName: 'c', cluster: { server }, userName: 'u', user })
    return toRpcError(await connection.json('/version').catch((e: unknown) => e)).message
  }
  expect(await told('2024-02-03')).toBe('The server does not accept the client certificate, which has expired on 2024-02-03.')
  expect(await told('2200-01-01')).toBe('Unauthorized')
})
