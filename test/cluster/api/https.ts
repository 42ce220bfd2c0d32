/** A plain HTTPS client for the tests, and a server on a loopback port. */
import type { IncomingHttpHeaders } from 'node:http'
import https from 'node:https'
import { loadCertificates, type ClusterCertificates } from '../../../src-main/cluster/access/certificates.js'
import type { ApiServerOptions } from '../../../src-main/cluster/api/server.js'
import { startServer, type Fixture } from './fixture.js'

export interface Answer {
  code: number
  /** The words beside the code, which HTTP/1.1 has. */
  phrase: string
  headers: IncomingHttpHeaders
  text: string
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- whatever JSON the server answered
  json: any
}

export interface HttpsFixture extends Fixture {
  readonly port: number
  readonly certificates: ClusterCertificates
  /** Sends a request as the administrator, or with `anonymous` as nobody. */
  send(method: string, path: string, options?: SendOptions): Promise<Answer>
}

export interface SendOptions {
  body?: string | Buffer | object
  headers?: Record<string, string | string[]>
  anonymous?: boolean
}

let shared: Promise<ClusterCertificates> | undefined

/** Starts a server on a free port. Close it with `server.close()`. */
export async function startHttps(options: Partial<ApiServerOptions> = {}): Promise<HttpsFixture> {
  const certificates = await (shared ??= loadCertificates())
  const fixture = startServer({ certificates, ...options })
  await fixture.server.seeded
  const port = await fixture.server.listen({ port: 0 })
  return { ...fixture, port, certificates, send: (method, path, o = {}) => send(port, certificates, method, path, o) }
}

function send(port: number, certificates: ClusterCertificates, method: string, path: string, options: SendOptions): Promise<Answer> {
  const { body, anonymous } = options
  const raw = body === undefined ? undefined : typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body)
  const type = raw === undefined ? {} : { 'content-type': 'application/json' }
  const identity = anonymous ? {} : { cert: certificates.admin.cert, key: certificates.admin.key }
  return new Promise((resolve, reject) => {
    const headers = { ...type, ...(raw === undefined ? {} : { 'content-length': String(Buffer.byteLength(raw)) }), ...options.headers }
    const request = https.request(
      { host: '127.0.0.1', port, path, method, headers, ca: certificates.ca.cert, agent: false, ...identity },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (c: Buffer) => chunks.push(c))
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString()
          let json: unknown
          try {
            json = JSON.parse(text)
          } catch {
            json = undefined
          }
          resolve({ code: response.statusCode!, phrase: response.statusMessage!, headers: response.headers, text, json })
        })
      },
    )
    request.on('error', reject)
    request.end(raw)
  })
}

/** A watch over HTTP: its events as they come. */
export async function openWatch(
  f: HttpsFixture,
  path: string,
  headers: Record<string, string> = {},
): Promise<{ next(): Promise<any>; rest(): Promise<unknown[]>; close(): void; ended: Promise<void>; texts: readonly string[] }> {
  const { cert, key } = f.certificates.admin
  const queue: unknown[] = []
  /** The events as they came. */
  const texts: string[] = []
  const waiting: ((event: unknown) => void)[] = []
  let rest = ''
  const request = https.get({ host: '127.0.0.1', port: f.port, path, headers, ca: f.certificates.ca.cert, cert, key, agent: false })
  const response = await new Promise<import('node:http').IncomingMessage>((resolve, reject) => {
    request.on('response', resolve)
    request.on('error', reject)
  })
  response.on('data', (chunk: Buffer) => {
    rest += chunk.toString()
    for (let at = rest.indexOf('\n'); at >= 0; at = rest.indexOf('\n')) {
      texts.push(rest.slice(0, at))
      const event: unknown = JSON.parse(rest.slice(0, at))
      rest = rest.slice(at + 1)
      const waiter = waiting.shift()
      if (waiter) waiter(event)
      else queue.push(event)
    }
  })
  response.on('error', () => undefined)
  const ended = new Promise<void>((resolve) => response.on('close', () => resolve()))
  return {
    next: () => (queue.length > 0 ? Promise.resolve(queue.shift()) : new Promise((resolve) => waiting.push(resolve))),
    rest: () => ended.then(() => queue),
    close: () => request.destroy(),
    ended,
    texts,
  }
}
