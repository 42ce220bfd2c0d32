import 'reflect-metadata'
import { spawn } from 'node:child_process'
import { webcrypto } from 'node:crypto'
import http from 'node:http'
import https from 'node:https'
import net from 'node:net'
import { KubeConfig } from '@kubernetes/client-node'
import * as x509 from '@peculiar/x509'
import { afterEach, expect, it } from 'vitest'
import { toRpcError } from '../../src-main/backend/errors.js'
import type { RpcError } from '../../src-main/backend/rpc/contract.js'
import { ApiConnection } from '../../src-main/backend/session/connection.js'

x509.cryptoProvider.set(webcrypto as unknown as Crypto)
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
async function secureServer(notBefore: Date, notAfter: Date, options: https.ServerOptions = {}): Promise<{ address: string; ca: string }> {
  const keys = (await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
    'sign',
    'verify',
  ])) as webcrypto.CryptoKeyPair
  const cert = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=server',
    notBefore,
    notAfter,
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
    keys: keys as unknown as CryptoKeyPair,
    extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'ip', value: '127.0.0.1' }])],
  })
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64')
  const key = `-----BEGIN PRIVATE KEY-----\n${der}\n-----END PRIVATE KEY-----\n`
  const ca = cert.toString('pem')
  const server = https.createServer({ key, cert: ca, ...options }, (_request, response) => response.end('{"gitVersion":"v1.36.0"}'))
  return { address: await listen(server), ca: Buffer.from(ca).toString('base64') }
}

const proxy = (answer: string) =>
  listen(http.createServer().on('connect', (_request, socket: net.Socket) => socket.end(`HTTP/1.1 ${answer}\r\n\r\n`)))

/** What a window is told of a context with this cluster and user; the version when there is nothing wrong. */
async function told(cluster: Record<string, unknown>, user: Record<string, unknown> = {}, timeout = 5_000): Promise<RpcError | unknown> {
  const config = new KubeConfig()
  config.loadFromString(
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'c', cluster }],
      users: [{ name: 'u', user }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
      'current-context': 'x',
    }),
  )
  try {
    return await new ApiConnection(config).json('/version', { timeout })
  } catch (error) {
    return toRpcError(error)
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
  expect(await told({ server: `https://${address}` }, {}, 300)).toEqual({
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

it('proxies: none there, a name that is none, one that wants a password, one that cannot get through, one that says nothing', async () => {
  const message = async (url: string, timeout?: number) => told({ server: somewhere, 'proxy-url': url }, {}, timeout)
  const problem = (text: string) => ({ reason: 'Proxy', message: text })
  expect(await message('http://127.0.0.1:1')).toEqual(problem('The proxy 127.0.0.1:1 refused the connection: nothing listens there.'))
  expect(await message('socks5://127.0.0.1:1')).toEqual(problem('The proxy 127.0.0.1:1 refused the connection: nothing listens there.'))
  expect(await message('http://no-such-proxy.invalid:3128')).toEqual(
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
  expect(await message(`http://${silent}`, 300)).toEqual(problem(`The proxy ${silent}, or the server behind it, did not answer in time.`))
})

it('what is wrong in a kubeconfig itself is named', async () => {
  const wrong = (message: string) => ({ reason: 'Kubeconfig', message })
  expect(await told({ server: 'api.example.com' })).toEqual(wrong('"api.example.com" is not the URL of a server.'))
  expect(await told({ server: somewhere, 'proxy-url': 'ftp://proxy' })).toEqual(
    wrong('proxy-url has the scheme "ftp"; it must be http, https or socks5.'),
  )
  expect(await told({ server: somewhere, 'certificate-authority-data': base64('nothing') })).toEqual(
    wrong('certificate-authority-data of the cluster holds no certificate in PEM.'),
  )
  expect(await told({ server: somewhere, 'certificate-authority': '/nowhere/ca.crt' })).toEqual(
    wrong('/nowhere/ca.crt, which the kubeconfig names, is not there.'),
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
  expect(await told({ server: somewhere }, plugin('sh', '-c', 'echo the session has ended, log in again >&2; exit 3'))).toEqual(
    failed('"sh" failed: the session has ended, log in again'),
  )
  expect(await told({ server: somewhere }, plugin('sh', '-c', 'echo hello'))).toEqual(
    failed('"sh" failed: what it printed is no ExecCredential.'),
  )
})
