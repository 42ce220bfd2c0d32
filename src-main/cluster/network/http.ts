/**
 * HTTP over the simulated network, with node's own implementation: nothing of it knows that the sockets are not real.
 * Dates and idle time-outs follow the cluster's clock.
 */
import type { X509Certificate } from 'node:crypto'
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { Readable } from 'node:stream'
import tls, { type SecureContext } from 'node:tls'
import type { Clock } from '../clock.js'
import type { Connection, NetworkNamespace } from './network.js'

export type HttpHandler = (req: IncomingMessage, res: ServerResponse) => void

export interface ServeHttpOptions {
  clock: Clock
  /** Where to listen, 0.0.0.0 when left out. */
  address?: string
  /** Whose the port is, see {@link NetworkNamespace.listen}. */
  owner?: object
  /** The handler answers the same request always in the same way, and keeps nothing of it. */
  steady?: boolean
  /** Cluster milliseconds that an idle connection is kept; 5,000 as node's servers do when left out, 0 for ever. */
  keepAliveTimeout?: number
  /** Serves HTTPS with the certificate for a server name, or for a client that gives none; without one the client is cut off. */
  tls?: {
    contextOf(serverName: string | undefined): SecureContext | undefined
    /** Asks clients for a certificate, which is taken whoever signed it: the handler judges it. */
    requestCert?: boolean
  }
  /** Takes a connection in the place of all this, and gives it, or what it makes of it, to `serve` when it is to be served. */
  accept?: (connection: Connection, serve: (connection: Connection) => void) => void
}

/** A running HTTP server. */
export interface HttpListener {
  readonly port: number
  /** Node's server, for `upgrade`, `clientError` and the like. */
  readonly server: http.Server
  /** The connections that are open now. */
  readonly connections: ReadonlySet<Connection>
  /** Hears no new connections; those that are open end after the request they are at. */
  close(): void
  /** Closes everything at once. */
  destroy(): void
}

/** The longest that node's timers can be set to, in ms. */
const LONGEST_INTERVAL = 2 ** 31 - 1

/** The answer of Go's servers to what they cannot read. */
const MALFORMED = 'HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n400 Bad Request'

/** Answers HTTP on a port of a namespace. Throws {@link NetworkError} when the port is taken. */
export function serveHttp(namespace: NetworkNamespace, port: number, handler: HttpHandler, options: ServeHttpOptions): HttpListener {
  const connections = new Set<Connection>()
  const busy = new Map<Connection, number>()
  let closing = false

  let made: http.Server | undefined
  // Most ports of a large cluster hear nobody ever.
  const server = (): http.Server => (made ??= makeServer())
  const makeServer = (): http.Server => {
    const server = http.createServer({
      // Node's own limits on slow requests run on the wall clock; they are off, and so is the timer that checks them.
      requestTimeout: 0,
      headersTimeout: 0,
      connectionsCheckingInterval: LONGEST_INTERVAL,
      keepAliveTimeout: options.keepAliveTimeout ?? 5_000,
    })
    // A client that says no more may still read: it gets its answer, as of all servers but node's.
    Object.assign(server, { httpAllowHalfOpen: true })

    server.on('request', (req, res) => {
      const connection = req.socket as never as Connection
      busy.set(connection, (busy.get(connection) ?? 0) + 1)
      res.once('close', () => {
        const left = (busy.get(connection) ?? 1) - 1
        if (left > 0) busy.set(connection, left)
        else {
          busy.delete(connection)
          if (closing) connection.end()
        }
      })
      res.sendDate = false
      res.setHeader('Date', httpDate(options.clock.now()))
      if (closing) res.setHeader('Connection', 'close')
      // HTTP/1.1 stays open without a word, and most servers say none; those that do set it themselves.
      else if (res.shouldKeepAlive && req.httpVersion === '1.1') res.removeHeader('Connection')
      handler(req, res)
    })
    // What is no HTTP is told so, and its sender reads that: node would cut the connection off.
    server.on('clientError', (_error, socket) => {
      const { writable, _httpMessage: answer } = socket as typeof socket & { _httpMessage?: ServerResponse }
      if (server.listenerCount('clientError') > 1) return
      if (writable && !answer?.headersSent) socket.end(MALFORMED)
      else socket.destroy()
    })
    return server
  }
  const serve = (connection: Connection): void => {
    connections.add(connection)
    connection.once('close', () => connections.delete(connection))
    server().emit('connection', connection)
  }
  const listener = namespace.listen(
    port,
    (connection) => {
      if (options.accept) options.accept(connection, serve)
      else if (options.tls) acceptTls(connection, options.tls, serve)
      else serve(connection)
    },
    options.address,
    { steady: options.steady ?? false, ...(options.owner ? { owner: options.owner } : {}) },
  )
  return {
    port: listener.port,
    get server() {
      return server()
    },
    connections,
    close() {
      closing = true
      listener.close()
      made?.close()
      for (const connection of connections) if (!busy.has(connection)) connection.end()
    },
    destroy() {
      listener.close()
      made?.close()
      for (const connection of connections) connection.destroy()
    },
  }
}

/** Does the server's part of a TLS handshake; a client that breaks it off is not heard of. */
export function acceptTls(
  connection: Connection,
  options: NonNullable<ServeHttpOptions['tls']>,
  onSecure: (connection: Connection) => void,
): void {
  const secureContext = options.contextOf(undefined)
  if (!secureContext) return void connection.destroy()
  const socket = new tls.TLSSocket(connection as never, {
    isServer: true,
    secureContext,
    ...(options.requestCert ? { requestCert: true, rejectUnauthorized: false } : {}),
    SNICallback: (name, done) => done(null, options.contextOf(name)),
  })
  // What is no socket of the host has no addresses of its own.
  const { remoteAddress, remotePort, localAddress, localPort } = connection
  for (const [name, value] of Object.entries({ remoteAddress, remotePort, localAddress, localPort }))
    Object.defineProperty(socket, name, { value })
  socket.on('error', () => connection.destroy())
  socket.once('secure', () => onSecure(socket as unknown as Connection))
}

/** The certificates that the other side showed, its own first. */
export function peerChain(socket: tls.TLSSocket): X509Certificate[] {
  const chain: X509Certificate[] = []
  for (let each = socket.getPeerX509Certificate(); each; each = each.issuerCertificate) {
    if (chain.some((known) => known.raw.equals(each!.raw))) break
    chain.push(each)
  }
  return chain
}

/** The date of HTTP headers, as in `Sat, 21 Nov 2026 09:56:14 GMT`. */
export function httpDate(ms: number): string {
  return new Date(ms).toUTCString()
}

export interface HttpRequestOptions {
  /** A name, which is resolved in the namespace, or an address. */
  host: string
  port: number
  /** GET when left out. */
  method?: string
  /** With its query; `/` when left out. */
  path?: string
  /** `Host` is made from host and port unless it is here. */
  headers?: Readonly<Record<string, string | string[]>>
  /** A stream is sent as it arrives. */
  body?: string | Uint8Array | Readable
  /** Sends no `Connection: close`, as most clients; the connection is closed after the answer all the same. */
  persistent?: boolean
  /** Leaves the connection open after the answer, for another request. */
  kept?: boolean
  /** Asks as a client of HTTP/1.0 does. */
  old?: boolean
  signal?: AbortSignal
}

/**
 * Sends one request on a connection of its own and resolves with the head of the answer; its body is the stream.
 * Rejects with {@link NetworkError} or {@link DnsError}, with the signal's reason, or with node's error when the answer is no HTTP.
 */
export async function httpRequest(namespace: NetworkNamespace, options: HttpRequestOptions): Promise<IncomingMessage> {
  const [address] = await namespace.resolve(options.host)
  const connection = await namespace.connect(address!, options.port, options.signal)
  return httpRequestOver(connection, options)
}

/** The next head that is written to a connection names HTTP/1.0: node's clients know no version but 1.1. */
export function asOld(connection: Connection): void {
  const write = connection.write.bind(connection) as (data: string | Uint8Array, ...more: unknown[]) => boolean
  const first = (data: string | Uint8Array, ...more: unknown[]): boolean => {
    connection.write = write as typeof connection.write
    const head = Buffer.from(data as string, 'latin1').toString('latin1')
    return write(
      Buffer.from(head.replace(' HTTP/1.1\r\n', ' HTTP/1.0\r\n'), 'latin1'),
      ...more.filter((each) => typeof each === 'function'),
    )
  }
  connection.write = first as typeof connection.write
}

/** As {@link httpRequest}, over a connection that is open; it is closed afterwards. */
export function httpRequestOver(connection: Connection, options: HttpRequestOptions): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const { method = 'GET', path = '/', headers = {}, body, signal } = options
    const has = (header: string): boolean => Object.keys(headers).some((name) => name.toLowerCase() === header)
    const req = http.request({
      createConnection: () => connection as never as Socket,
      method,
      path,
      headers: {
        ...(has('host') ? {} : { Host: options.port === 80 ? options.host : `${options.host}:${options.port}` }),
        ...(options.persistent ? {} : { Connection: 'close' }),
        ...Object.fromEntries(Object.entries(headers).filter(([name]) => name.toLowerCase() !== 'expect')),
      },
    })
    if (options.persistent) {
      if (!has('connection')) req.removeHeader('connection')
      if (options.kept) (req as { shouldKeepAlive?: boolean }).shouldKeepAlive = true
      else req.once('response', (answer) => answer.once('close', () => connection.end()))
      if (body === undefined) for (const name of ['content-length', 'transfer-encoding']) if (!has(name)) req.removeHeader(name)
    }
    // With it among the others, node sends the head at once.
    for (const [name, value] of Object.entries(headers)) if (name.toLowerCase() === 'expect') req.setHeader(name, value)
    if (options.old) asOld(connection)
    const abort = (): void => {
      req.destroy()
      reject(signal!.reason)
    }
    req.once('response', resolve)
    req.on('error', reject)
    if (signal?.aborted) return abort()
    signal?.addEventListener('abort', abort, { once: true })
    connection.once('close', () => signal?.removeEventListener('abort', abort))
    if (body instanceof Readable) body.pipe(req)
    else req.end(body)
  })
}
