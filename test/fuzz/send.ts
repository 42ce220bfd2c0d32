/** Sending a request as it says: over HTTP/1.1, HTTP/2, as plain bytes, or to open a WebSocket. */
import http2 from 'node:http2'
import https from 'node:https'
import tls from 'node:tls'
import WebSocket from 'ws'
import { credentials } from '../kubectl/support/requests.js'
import type { FuzzRequest } from './requests.js'

/** What came back: `code` is 0 when the connection was closed without an answer, which bytes that are no request may get. */
export interface FuzzAnswer {
  readonly code: number
  readonly text: string
}

/** A request was not answered in time. */
export class Hang extends Error {}

/** Wall ms for an answer. */
const PATIENCE = 15_000
/** Wall ms after which an answer that goes on (a watch, a log) is not listened to any more. */
const ENOUGH = 150

/** Whether an answer may go on for as long as the client likes. */
function lasts({ path }: FuzzRequest): boolean {
  return /[?&](watch|follow)=|\/watch\/|\/(log|proxy|exec|attach|portforward)(\/|\?|$)/.test(path)
}

export class Sender {
  private readonly agent: https.Agent
  private session: http2.ClientHttp2Session | undefined

  constructor(private readonly kubeconfig: string) {
    const { ca, cert, key } = credentials(kubeconfig)
    this.agent = new https.Agent({ keepAlive: true, maxSockets: 16, ca, cert, key })
  }

  /** Sends one. Rejects with {@link Hang}, or with what broke the connection. */
  async send(request: FuzzRequest): Promise<FuzzAnswer> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Hang(`no answer after ${PATIENCE / 1000} s`)), PATIENCE)
    })
    try {
      return await Promise.race([this.by(request), late])
    } finally {
      clearTimeout(timer)
    }
  }

  close(): void {
    this.agent.destroy()
    this.session?.destroy()
    this.session = undefined
  }

  private by(request: FuzzRequest): Promise<FuzzAnswer> {
    switch (request.via) {
      case 'http2':
        return this.overHttp2(request)
      case 'raw':
        return this.asBytes(request)
      case 'websocket':
        return this.overWebSocket(request)
      default:
        return this.overHttp1(request)
    }
  }

  private overHttp1(request: FuzzRequest): Promise<FuzzAnswer> {
    const { server } = credentialsOf(this.kubeconfig)
    const body = request.body === undefined ? undefined : Buffer.from(request.body, 'latin1')
    return new Promise((resolve, reject) => {
      const length = body ? { 'content-length': String(body.length) } : {}
      const sent = https.request(
        {
          agent: this.agent,
          host: server.hostname,
          port: server.port,
          method: request.method,
          path: request.path,
          headers: { ...request.headers, ...length },
        },
        (answer) => {
          const parts: Buffer[] = []
          const done = (): void => resolve({ code: answer.statusCode ?? 0, text: Buffer.concat(parts).toString() })
          answer.on('data', (part: Buffer) => parts.push(part))
          answer.on('end', done)
          answer.on('error', lasts(request) ? done : reject)
          if (lasts(request)) setTimeout(() => answer.destroy(), ENOUGH).unref()
          answer.on('close', done)
        },
      )
      // An upgrade that was not asked for is not one.
      sent.on('error', reject)
      sent.end(body)
    })
  }

  private overHttp2(request: FuzzRequest): Promise<FuzzAnswer> {
    if (!this.session || this.session.destroyed || this.session.closed) {
      const { server, ca, cert, key } = credentialsOf(this.kubeconfig)
      this.session = http2.connect(server.origin, { ca, cert, key })
      this.session.on('error', () => undefined)
    }
    const { session } = this
    return new Promise((resolve, reject) => {
      const stream = session.request(
        { ':method': request.method, ':path': request.path, ...request.headers },
        { endStream: request.body === undefined },
      )
      const parts: Buffer[] = []
      let code = 0
      const done = (): void => {
        // What was answered before all of it was sent need not be sent any more; Node would keep it.
        stream.close()
        resolve({ code, text: Buffer.concat(parts).toString() })
      }
      stream.on('response', (h) => {
        code = Number(h[':status'])
        if (lasts(request)) setTimeout(() => stream.close(), ENOUGH).unref()
      })
      stream.on('data', (part: Buffer) => parts.push(part))
      stream.on('end', done)
      stream.on('close', done)
      stream.on('error', (error) => (code ? done() : reject(error)))
      if (request.body !== undefined) stream.end(Buffer.from(request.body, 'latin1'))
    })
  }

  private asBytes(request: FuzzRequest): Promise<FuzzAnswer> {
    const { server, ca, cert, key } = credentialsOf(this.kubeconfig)
    return new Promise((resolve) => {
      const parts: Buffer[] = []
      const socket = tls.connect({ host: server.hostname, port: Number(server.port), ca, cert, key, ALPNProtocols: ['http/1.1'] }, () =>
        socket.end(Buffer.from(request.body ?? '', 'latin1')),
      )
      socket.on('data', (part) => parts.push(part))
      socket.on('error', () => undefined)
      setTimeout(() => parts.length > 0 && socket.destroy(), ENOUGH * 4).unref()
      socket.on('close', () => {
        const text = Buffer.concat(parts).toString('latin1')
        resolve({ code: Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1] ?? 0), text })
      })
    })
  }

  private overWebSocket(request: FuzzRequest): Promise<FuzzAnswer> {
    const { server, ca, cert, key } = credentialsOf(this.kubeconfig)
    return new Promise((resolve) => {
      const socket = new WebSocket(`wss://${server.host}${request.path}`, ['v5.channel.k8s.io'], { ca, cert, key })
      let code = 101
      let text = ''
      socket.on('unexpected-response', (_, answer) => {
        code = answer.statusCode ?? 0
        answer.on('data', (d: Buffer) => (text += d.toString()))
        answer.on('end', () => resolve({ code, text }))
      })
      socket.on('error', () => undefined)
      socket.on('open', () => setTimeout(() => socket.terminate(), ENOUGH).unref())
      socket.on('close', () => resolve({ code, text }))
    })
  }
}

const read = new Map<string, ReturnType<typeof credentials>>()

function credentialsOf(kubeconfig: string): ReturnType<typeof credentials> {
  let found = read.get(kubeconfig)
  if (!found) read.set(kubeconfig, (found = credentials(kubeconfig)))
  return found
}
