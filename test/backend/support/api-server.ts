/** A small API server that a test scripts: answers by path, watches that it feeds by hand. */
import fs from 'node:fs'
import http from 'node:http'
import type net from 'node:net'
import os from 'node:os'
import path from 'node:path'

export interface FakeRequest {
  method: string
  path: string
  query: URLSearchParams
  headers: http.IncomingHttpHeaders
  body: string
}

type Answer = { code?: number; body?: unknown; text?: string }
type Handler = (request: FakeRequest, response: http.ServerResponse) => Answer | undefined

/** A watch that a client has open. */
export interface OpenWatch {
  query: URLSearchParams
  path: string
  send(type: string, object: unknown): void
  end(): void
  /** Resolves when the client has ended it, or its connection is cut. */
  closed: Promise<void>
}

export class FakeApiServer {
  readonly requests: FakeRequest[] = []
  private readonly handlers: [method: string, path: RegExp, handler: Handler][] = []
  private readonly server: http.Server
  private readonly sockets = new Set<net.Socket>()
  private waiters: { path: RegExp; resolve: (watch: OpenWatch) => void }[] = []
  private watches: OpenWatch[] = []
  port = 0

  constructor() {
    this.server = http.createServer((request, response) => {
      const parts: Buffer[] = []
      request.on('data', (d: Buffer) => parts.push(d))
      request.on('end', () => this.answer(request, response, Buffer.concat(parts).toString()))
    })
    this.server.on('connection', (socket: net.Socket) => {
      this.sockets.add(socket)
      socket.once('close', () => this.sockets.delete(socket))
    })
    this.on('GET', /^\/version$/, () => ({ body: { gitVersion: 'v1.36.0' } }))
  }

  /** Adds an answer; later ones win. Return undefined to answer by hand. */
  on(method: string, path: RegExp, handler: Handler): void {
    this.handlers.unshift([method, path, handler])
  }

  async start(port = 0): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(port, '127.0.0.1', resolve))
    this.port = (this.server.address() as net.AddressInfo).port
  }

  /** Closes the port and cuts every connection, as a crash does. */
  async stop(): Promise<void> {
    for (const s of this.sockets) s.destroy()
    await new Promise<void>((resolve) => this.server.close(() => resolve()))
  }

  /** The next watch that a client opens on a path (or has opened already). */
  watch(path: RegExp): Promise<OpenWatch> {
    const open = this.watches.findIndex((w) => path.test(w.path))
    if (open >= 0) return Promise.resolve(this.watches.splice(open, 1)[0]!)
    return new Promise((resolve) => this.waiters.push({ path, resolve }))
  }

  /** Writes a kubeconfig with one context for this server; gives its file. */
  kubeconfig(directory = fs.mkdtempSync(path.join(os.tmpdir(), 'drydock-backend-'))): string {
    const file = path.join(directory, 'config')
    fs.writeFileSync(
      file,
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Config',
        clusters: [{ name: 'fake', cluster: { server: `http://127.0.0.1:${this.port}`, 'insecure-skip-tls-verify': true } }],
        users: [{ name: 'tester', user: { token: 'let-me-in' } }],
        contexts: [{ name: 'fake', context: { cluster: 'fake', user: 'tester' } }],
        'current-context': 'fake',
      }),
    )
    return file
  }

  private answer(raw: http.IncomingMessage, response: http.ServerResponse, body: string): void {
    const url = new URL(raw.url ?? '/', 'http://x')
    const request: FakeRequest = { method: raw.method ?? 'GET', path: url.pathname, query: url.searchParams, headers: raw.headers, body }
    this.requests.push(request)
    if (request.query.get('watch')) return this.openWatch(request, response)
    const found = this.handlers.find(([method, pattern]) => method === request.method && pattern.test(request.path))
    if (!found) {
      const message = `${request.path} not found`
      return this.write(response, { code: 404, body: { kind: 'Status', status: 'Failure', reason: 'NotFound', code: 404, message } })
    }
    const answer = found[2](request, response)
    if (answer) this.write(response, answer)
  }

  private write(response: http.ServerResponse, answer: Answer): void {
    response.writeHead(answer.code ?? 200, { 'content-type': answer.text === undefined ? 'application/json' : 'text/plain' })
    response.end(answer.text ?? JSON.stringify(answer.body ?? {}))
  }

  private openWatch(request: FakeRequest, response: http.ServerResponse): void {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.flushHeaders()
    const watch: OpenWatch = {
      query: request.query,
      path: request.path,
      send: (type, object) => void response.write(`${JSON.stringify({ type, object })}\n`),
      end: () => void response.end(),
      closed: new Promise((resolve) => response.once('close', () => resolve())),
    }
    const waiter = this.waiters.findIndex((w) => w.path.test(request.path))
    if (waiter >= 0) this.waiters.splice(waiter, 1)[0]!.resolve(watch)
    else this.watches.push(watch)
  }
}

/** A pod as a server would list it. */
export function pod(name: string, extra: Record<string, unknown> = {}, resourceVersion = '10'): Record<string, unknown> {
  return {
    metadata: { name, namespace: 'default', uid: `uid-${name}`, resourceVersion, creationTimestamp: '2026-11-21T09:00:00Z' },
    spec: { nodeName: 'drydock', containers: [{ name: 'main', image: 'nginx' }] },
    status: {
      phase: 'Running',
      podIP: '10.244.0.5',
      qosClass: 'BestEffort',
      containerStatuses: [{ name: 'main', ready: true, restartCount: 0, state: { running: {} } }],
    },
    ...extra,
  }
}
