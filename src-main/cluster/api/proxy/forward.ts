/**
 * Passes one request of a client on over the simulated network, and its answer back as it arrives, as kube-apiserver's
 * proxies do: without credentials and headers of the connection, with `X-Forwarded-*`.
 */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { Http2ServerRequest } from 'node:http2'
import { pipeline, type Writable } from 'node:stream'
import { connect as connectTls } from 'node:tls'
import { gunzipSync, inflateSync } from 'node:zlib'
import { dialError } from '../../kubelet/probes/dial.js'
import { httpRequestOver } from '../../network/http.js'
import type { Connection, NetworkNamespace } from '../../network/network.js'
import type { StatusError } from '../errors.js'
import type { AnyRequest, AnyResponse } from '../streaming/contract.js'
import { throughProxy } from './html-links.js'
import { unavailable, type ProxyTarget } from './target.js'

/** Headers that belong to one connection (RFC 9110, 7.6.1). */
const HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
])

/** What is passed on of a request. */
export interface Forwarding {
  readonly request: AnyRequest
  /** The path of the proxy itself, which goes in front of where the answer redirects to. */
  readonly prefix: string
  /** What the target is asked for, with its query. */
  readonly path: string
}

export interface Forwarded extends Forwarding {
  readonly response: AnyResponse
}

/**
 * Opens a connection to the target, with TLS where its scheme says so; undefined when the client has left meanwhile.
 * Rejects with 503.
 */
export async function open(namespace: NetworkNamespace, target: ProxyTarget, signal: AbortSignal): Promise<Connection | undefined> {
  let connection: Connection
  try {
    connection = await namespace.connect(target.host, target.port, signal)
  } catch (error) {
    if (signal.aborted) return undefined
    throw unavailable(`error trying to reach service: ${dialError(error, target.host, target.port)}`)
  }
  if (target.scheme !== 'https') return connection
  try {
    return await overTls(connection)
  } catch (error) {
    connection.destroy()
    if (signal.aborted) return undefined
    throw broken(error)
  }
}

/** 503 for a connection that broke before an answer. */
export function broken(error: unknown): StatusError {
  return unavailable(`error trying to reach service: ${causeOf(error)}`)
}

/**
 * Sends the request and resolves once the answer has begun to be passed back. Rejects with 503 when the target cannot
 * be reached.
 */
export async function forward(namespace: NetworkNamespace, target: ProxyTarget, options: Forwarded): Promise<void> {
  const { request, response } = options
  const gone = new AbortController()
  response.once('close', () => gone.abort(new Error('the client has gone')))
  const connection = await open(namespace, target, gone.signal)
  if (!connection) return
  let answer: IncomingMessage
  try {
    answer = await httpRequestOver(connection, {
      host: target.host,
      port: target.port,
      method: request.method ?? 'GET',
      path: options.path,
      headers: requestHeaders(request, options),
      ...(hasBody(request) ? { body: request } : {}),
      signal: gone.signal,
    })
  } catch (error) {
    connection.destroy()
    if (gone.signal.aborted) return
    throw broken(error)
  }
  let page: Buffer | undefined
  try {
    if (request.method !== 'HEAD' && isPage(answer)) page = await rewritten(answer, target, options)
  } catch (error) {
    connection.destroy()
    if (gone.signal.aborted) return
    throw broken(error)
  }
  response.statusCode = answer.statusCode ?? 502
  response.setHeader('cache-control', 'no-cache, private')
  for (const [name, value] of Object.entries(endToEnd(answer.headers))) {
    if (name.startsWith('access-control-') || (page && (name === 'content-length' || name === 'content-encoding'))) continue
    response.setHeader(name, name === 'location' ? redirected(String(value), target, options) : value)
  }
  if (!page) return void pipeline(answer, response as Writable, () => connection.destroy())
  connection.destroy()
  response.setHeader('content-length', String(page.length))
  ;(response as Writable).end(page)
}

/** How servers pack pages, and how they are unpacked. */
const UNPACK: Readonly<Record<string, (data: Buffer) => Buffer>> = {
  '': (data) => data,
  gzip: (data) => gunzipSync(data, { maxOutputLength: LARGEST_PAGE }),
  deflate: (data) => inflateSync(data, { maxOutputLength: LARGEST_PAGE }),
}

/** The largest page whose links are turned, bytes. One that says it is larger passes as it is; one that turns out to be is cut off. */
const LARGEST_PAGE = 16 * 1024 * 1024

/** Whether an answer is HTML of a size and packing that its links can be found in. */
function isPage({ headers, statusCode }: IncomingMessage): boolean {
  if (!/^text\/html\b/i.test(headers['content-type'] ?? '') || statusCode === 204 || statusCode === 304) return false
  return UNPACK[headers['content-encoding'] ?? ''] !== undefined && Number(headers['content-length'] ?? 0) <= LARGEST_PAGE
}

/** The page with its links leading through the proxy. Rejects when it breaks off or is too large. */
async function rewritten(answer: IncomingMessage, target: ProxyTarget, { prefix }: Forwarding): Promise<Buffer> {
  const parts: Buffer[] = []
  let size = 0
  for await (const part of answer) {
    parts.push(part as Buffer)
    if ((size += (part as Buffer).length) > LARGEST_PAGE) throw new Error('the page is too large')
  }
  // Bytes as characters: the links are found whatever the page's encoding is.
  const html = UNPACK[answer.headers['content-encoding'] ?? '']!(Buffer.concat(parts)).toString('latin1')
  return Buffer.from(throughProxy(html, prefix, `${target.scheme}://${target.host}:${target.port}`), 'latin1')
}

/** TLS to whatever certificate there is: a proxy does not know what the target calls itself. */
function overTls(connection: Connection): Promise<Connection> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({ socket: connection, rejectUnauthorized: false }, () => resolve(socket as never as Connection))
    socket.once('error', reject)
  })
}

/** Go's words for a connection that broke before an answer. */
function causeOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  if (code === 'ECONNRESET') return 'EOF'
  return message
}

function hasBody(request: AnyRequest): boolean {
  const { stream } = request as Http2ServerRequest
  if (stream) return !stream.endAfterHeaders
  return Number(request.headers['content-length'] ?? 0) > 0 || request.headers['transfer-encoding'] !== undefined
}

type Headers = Record<string, string | string[]>

/** The headers that are not of the connection alone. */
function endToEnd(headers: IncomingHttpHeaders): Headers {
  const named = new Set(
    String(headers.connection ?? '')
      .split(',')
      .map((name) => name.trim().toLowerCase()),
  )
  const kept: Headers = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && !name.startsWith(':') && !HOP.has(name) && !named.has(name)) kept[name] = value
  }
  return kept
}

/** The headers of a request that asks for another protocol, which are of the connection that is passed on. */
export function upgradeHeaders(request: AnyRequest, options: Forwarding): Headers {
  return { ...requestHeaders(request, options), connection: 'Upgrade', upgrade: String(request.headers.upgrade ?? '') }
}

function requestHeaders(request: AnyRequest, { prefix, path }: Forwarding): Headers {
  const headers = endToEnd(request.headers)
  for (const name of Object.keys(headers)) {
    // Who asks has been found out; their credentials are not for the target.
    if (name === 'authorization' || name.startsWith('impersonate-')) delete headers[name]
  }
  const host = String(request.headers.host ?? request.headers[':authority'] ?? '')
  const before = headers['x-forwarded-for']
  const from = request.socket.remoteAddress ?? ''
  return {
    ...headers,
    host,
    'x-forwarded-for': before ? `${String(before)}, ${from}` : from,
    'x-forwarded-host': host,
    'x-forwarded-proto': 'https',
    'x-forwarded-uri': prefix + path.replace(/\?.*/, ''),
  }
}

/** A redirect to the target itself goes through the proxy again; others stay as they are. */
function redirected(location: string, target: ProxyTarget, { prefix }: Forwarding): string {
  const own = `${target.scheme}://${target.host}`
  let url: URL
  try {
    url = new URL(location, `${own}:${target.port}/`)
  } catch {
    return location
  }
  if (location.startsWith('/') && !location.startsWith('//')) return prefix + location
  if (!/^https?:/.test(location) || url.hostname !== target.host) return location
  return prefix + url.pathname + url.search + url.hash
}
