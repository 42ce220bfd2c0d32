/** A small TLS server in front of `api/streaming/`, and a kubelet made of plain streams, for tests with real clients. */
import 'reflect-metadata'
import * as x509 from '@peculiar/x509'
import { webcrypto } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { createSecureServer } from 'node:http2'
import type { AddressInfo, Socket } from 'node:net'
import { PassThrough, type Duplex } from 'node:stream'
import type { StreamingTarget, Streaming } from '../../../src-main/cluster/api/streaming/contract.js'
import { createStreaming } from '../../../src-main/cluster/api/streaming/streaming.js'
import { notFound, StatusError } from '../../../src-main/cluster/api/errors.js'
import type { Pod } from '../../../src-main/cluster/api/object.js'
import type {
  ContainerRef,
  ExecOptions,
  ExitStatus,
  KubeletEndpoint,
  LogOptions,
  Session,
} from '../../../src-main/cluster/kubelet/endpoint.js'

/** A process whose streams the test holds in its hands. */
export class FakeSession implements Session {
  readonly stdin?: PassThrough
  readonly stdout?: PassThrough
  readonly stderr?: PassThrough
  readonly sizes: [number, number][] = []
  readonly status: Promise<ExitStatus>
  readonly closed: Promise<void>
  exit!: (code: number) => void
  fail!: (error: Error) => void
  close!: () => void
  private sized: (() => void)[] = []

  constructor(
    readonly ref: ContainerRef,
    readonly options: Omit<ExecOptions, 'command'> & { command?: readonly string[] },
  ) {
    if (options.stdin) this.stdin = new PassThrough()
    if (options.stdout) this.stdout = new PassThrough()
    if (options.stderr) this.stderr = new PassThrough()
    this.status = new Promise((resolve, reject) => {
      this.exit = (code) => {
        this.stdout?.end()
        this.stderr?.end()
        resolve({ code })
      }
      this.fail = reject
    })
    this.closed = new Promise((resolve) => {
      this.close = resolve
    })
  }

  resize(columns: number, rows: number): void {
    this.sizes.push([columns, rows])
    for (const f of this.sized.splice(0)) f()
  }

  /** Resolves at the next resize. */
  nextSize(): Promise<void> {
    return new Promise((resolve) => this.sized.push(resolve))
  }
}

export class FakeKubelet implements KubeletEndpoint {
  readonly sessions: FakeSession[] = []
  readonly forwards: { port: number; connection: Duplex }[] = []
  logOptions: LogOptions | undefined
  log = new PassThrough()
  /** What a new session does. */
  program: (session: FakeSession) => void = () => undefined
  /** What listens on a port. */
  listen: (port: number) => Duplex = () => {
    throw new Error('connection refused')
  }

  async logs(_ref: ContainerRef, options: LogOptions): Promise<PassThrough> {
    this.logOptions = options
    return this.log
  }
  async exec(ref: ContainerRef, options: ExecOptions): Promise<Session> {
    return this.start(ref, options)
  }
  async attach(ref: ContainerRef, options: Omit<ExecOptions, 'command'>): Promise<Session> {
    return this.start(ref, options)
  }
  async portForward(_namespace: string, _pod: string, port: number): Promise<Duplex> {
    const connection = this.listen(port)
    this.forwards.push({ port, connection })
    return connection
  }
  private start(ref: ContainerRef, options: FakeSession['options']): FakeSession {
    if (options.command?.[0] === 'missing') throw new Error('exec: "missing": executable file not found in $PATH')
    if (ref.container === 'dead') throw new StatusError(500, 'InternalError', 'container not found ("dead")')
    const session = new FakeSession(ref, options)
    this.sessions.push(session)
    this.program(session)
    return session
  }
}

async function certificate(): Promise<{ key: string; cert: string }> {
  x509.cryptoProvider.set(webcrypto as never)
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const keys = (await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as never as CryptoKeyPair
  const cert = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=localhost',
    keys,
    signingAlgorithm: algorithm,
    notBefore: new Date('2020-01-01'),
    notAfter: new Date('2099-01-01'),
    extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'ip', value: '127.0.0.1' }]), new x509.BasicConstraintsExtension(true)],
  })
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey as never)).toString('base64')
  return {
    cert: cert.toString('pem'),
    key: `-----BEGIN PRIVATE KEY-----\n${pkcs8.replace(/(.{64})/g, '$1\n')}\n-----END PRIVATE KEY-----\n`,
  }
}

export const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'default', uid: 'u1' },
  spec: { nodeName: 'n1', initContainers: [{ name: 'setup' }], containers: [{ name: 'a' }, { name: 'dead' }] },
  status: { phase: 'Running' },
} as unknown as Pod
export const singlePod = {
  ...pod,
  metadata: { ...pod.metadata, name: 'single' },
  spec: { nodeName: 'n1', containers: [{ name: 'a', image: 'x' }] },
} as Pod

/** The least that kubectl asks for before it finds a pod. */
const discovery: Record<string, unknown> = {
  '/api': { kind: 'APIVersions', versions: ['v1'] },
  '/apis': { kind: 'APIGroupList', apiVersion: 'v1', groups: [] },
  '/api/v1': {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: 'v1',
    resources: [{ name: 'pods', singularName: 'pod', namespaced: true, kind: 'Pod', verbs: ['get'], shortNames: ['po'] }],
  },
}

export interface TestServer {
  url: string
  cert: string
  kubelet: FakeKubelet
  sockets: Set<Socket>
  close(): Promise<void>
}

/** Starts the server on a free port of the loopback. */
export async function startServer(streaming: Streaming = createStreaming()): Promise<TestServer> {
  const { key, cert } = await certificate()
  const kubelet = new FakeKubelet()
  const sockets = new Set<Socket>()
  const target = (url: string): StreamingTarget => {
    const { pathname, searchParams } = new URL(url, 'https://x')
    const [, , , , namespace, , name, subresource] = pathname.split('/')
    const object = [pod, singlePod].find((p) => p.metadata.name === name)
    if (!object) throw notFound({ group: '', resource: 'pods' }, name ?? '')
    return {
      namespace: namespace!,
      pod: name!,
      subresource: subresource as StreamingTarget['subresource'],
      query: searchParams,
      object,
      kubelet,
    }
  }
  const server = createSecureServer({ key, cert, allowHTTP1: true })
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  server.on('upgrade', (req: IncomingMessage, socket: Duplex, head: Buffer) => {
    streaming.handleUpgrade(req, socket, head, target(req.url!))
  })
  server.on('request', (req, res) => {
    const { pathname } = new URL(req.url, 'https://x')
    const parts = pathname.split('/')
    if (parts[7] === 'log') {
      streaming.handleLog(req, res, target(req.url)).catch((error: StatusError) => {
        res.statusCode = error.code
        res.end(JSON.stringify(error.status))
      })
      return
    }
    res.setHeader('Content-Type', 'application/json')
    if (discovery[pathname]) return void res.end(JSON.stringify(discovery[pathname]))
    const found = [pod, singlePod].find((p) => p.metadata.name === parts[6])
    if (parts[5] === 'pods' && found) return void res.end(JSON.stringify(found))
    res.statusCode = 404
    res.end(JSON.stringify(notFound({ group: '', resource: parts[5] ?? '' }, parts[6] ?? '').status))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cert,
    kubelet,
    sockets,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy()
        server.close(() => resolve())
      }),
  }
}

/** A stream's whole content. */
export async function text(stream: AsyncIterable<Buffer | string>): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of stream) parts.push(Buffer.from(part))
  return Buffer.concat(parts).toString()
}
