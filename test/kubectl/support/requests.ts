/** Plain requests to an embedded cluster, as its admin or as anybody: for what kubectl would never send. */
import fs from 'node:fs'
import http2 from 'node:http2'
import https from 'node:https'
import tls from 'node:tls'
import { parse } from 'yaml'

export interface Answer {
  code: number
  headers: Record<string, string | string[] | undefined>
  text: string
  /** The body, parsed; undefined when it is not JSON. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  json: any
}

interface Kubeconfig {
  clusters: { cluster: { server: string; 'certificate-authority-data': string } }[]
  users: { user: { 'client-certificate-data': string; 'client-key-data': string } }[]
}

/** The admin's connection data of a kubeconfig. */
export function credentials(file: string): { server: URL; ca: Buffer; cert: Buffer; key: Buffer } {
  const config = parse(fs.readFileSync(file, 'utf8')) as Kubeconfig
  const decode = (s: string): Buffer => Buffer.from(s, 'base64')
  const user = config.users[0]!.user
  return {
    server: new URL(config.clusters[0]!.cluster.server),
    ca: decode(config.clusters[0]!.cluster['certificate-authority-data']),
    cert: decode(user['client-certificate-data']),
    key: decode(user['client-key-data']),
  }
}

export type Request = (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Answer>

/** Requests over HTTP/1.1 with keep-alive; `anonymous` leaves the certificate out. Rejects when the connection breaks. */
export function requester(kubeconfig: string, options: { anonymous?: boolean; connections?: number } = {}): Request & { close(): void } {
  const { server, ca, cert, key } = credentials(kubeconfig)
  const agent = new https.Agent({ keepAlive: true, maxSockets: options.connections ?? 8, ca, ...(options.anonymous ? {} : { cert, key }) })
  const request: Request = (method, path, body, headers = {}) =>
    new Promise((resolve, reject) => {
      const data =
        body === undefined ? undefined : Buffer.isBuffer(body) ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
      const r = https.request(
        {
          agent,
          host: server.hostname,
          port: server.port,
          method,
          path,
          headers: {
            accept: 'application/json',
            ...(data ? { 'content-type': 'application/json', 'content-length': String(data.length) } : {}),
            ...headers,
          },
        },
        (response) => {
          const parts: Buffer[] = []
          response.on('data', (d: Buffer) => parts.push(d))
          response.on('error', reject)
          response.on('end', () => {
            const text = Buffer.concat(parts).toString()
            let json: unknown
            try {
              json = JSON.parse(text)
            } catch {
              // Not JSON: the test looks at the text.
            }
            resolve({ code: response.statusCode ?? 0, headers: response.headers, text, json })
          })
        },
      )
      r.on('error', reject)
      r.end(data)
    })
  return Object.assign(request, { close: () => agent.destroy() })
}

/** A raw TLS connection as the admin, for bytes that no HTTP client would send. */
export function rawConnection(kubeconfig: string, alpn: string[] = ['http/1.1']): Promise<tls.TLSSocket> {
  const { server, ca, cert, key } = credentials(kubeconfig)
  return new Promise((resolve, reject) => {
    const socket = tls.connect({ host: server.hostname, port: Number(server.port), ca, cert, key, ALPNProtocols: alpn }, () =>
      resolve(socket),
    )
    socket.once('error', reject)
  })
}

/** An HTTP/2 session as the admin. */
export function http2Session(kubeconfig: string): http2.ClientHttp2Session {
  const { server, ca, cert, key } = credentials(kubeconfig)
  return http2.connect(server.origin, { ca, cert, key })
}
