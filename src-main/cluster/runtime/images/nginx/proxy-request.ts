/** What a server behind nginx is asked. */
import http, { type ClientRequest, type IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { asOld } from '../../../network/http.js'
import { NetworkError, type Connection } from '../../../network/network.js'
import type { Request } from './request.js'

/** A request as it is passed on, which more than one server may be asked. */
export interface Passed {
  path: string
  /** `$proxy_host`. */
  host: string
  /** The answer may be kept: it is asked for as a whole. */
  cached: boolean
  /** The body of the client's request, once it is read. */
  body: Buffer | undefined
}

/** Headers of one hop. */
const HOP = new Set(['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade', 'te', 'trailer', 'host', 'expect'])
/** What asks for less than the whole answer. */
const PARTIAL = new Set(['if-modified-since', 'if-unmodified-since', 'if-none-match', 'if-match', 'range', 'if-range'])

function headersOf(request: Request, { host, cached, body }: Passed): Record<string, string | string[]> {
  const { req, settings } = request
  const headers: Record<string, string | string[]> = {}
  const names = new Map<string, string>()
  const put = (name: string, value: string): void => {
    const key = name.toLowerCase()
    if (names.has(key)) delete headers[names.get(key)!]
    names.set(key, name)
    if (value !== '') headers[name] = value
  }
  put('Host', host)
  put('Connection', 'close')
  for (const { name, value } of settings.proxySetHeaders) put(name, request.expand(value))
  if (settings.proxyPassRequestHeaders)
    for (let i = 0; i < req.rawHeaders.length; i += 2) {
      const [name = '', value = ''] = req.rawHeaders.slice(i, i + 2)
      const key = name.toLowerCase()
      if (HOP.has(key) || key === 'content-length' || (cached && PARTIAL.has(key))) continue
      const before = names.get(key)
      if (before === undefined) put(name, value)
      else if (!settings.proxySetHeaders.some((set) => set.name.toLowerCase() === key)) headers[before] = [headers[before]!, value].flat()
    }
  if (body && !names.has('content-length') && (body.length > 0 || req.headers['content-length'] !== undefined))
    headers['Content-Length'] = String(body.length)
  return headers
}

/** The body that goes with a request: the client's, whole, or that of proxy_set_body. */
async function bodyOf(request: Request): Promise<Buffer> {
  const { req, settings } = request
  if (settings.proxyBody !== undefined) return Buffer.from(request.expand(settings.proxyBody))
  if (!settings.proxyPassBody || request.inner || (request.redirects > 0 && request.failing)) return Buffer.alloc(0)
  const parts: Buffer[] = []
  for await (const part of req) parts.push(part as Buffer)
  return Buffer.concat(parts)
}

/** Whether a body is passed on as it comes: its length is told, and it is long. */
const isLong = ({ req, settings, inner }: Request): boolean =>
  settings.proxyBody === undefined && settings.proxyPassBody && !inner && Number(req.headers['content-length'] ?? 0) > 1024 * 1024

/**
 * Asks over an open connection; undefined once a connection that was upgraded is over. Rejects with {@link NetworkError}
 * ETIMEDOUT, or as node does where no answer comes.
 */
export async function forward(request: Request, connection: Connection, passed: Passed): Promise<IncomingMessage | undefined> {
  const { req, res, settings } = request
  const streamed = isLong(request)
  if (!streamed) passed.body ??= await bodyOf(request)
  const headers = headersOf(request, passed)
  if (streamed) headers['Content-Length'] = req.headers['content-length']!
  const method =
    settings.proxyMethod !== '' ? request.expand(settings.proxyMethod) : passed.cached && request.method === 'HEAD' ? 'GET' : request.method
  return new Promise((resolve, reject) => {
    const outgoing: ClientRequest = http.request({
      createConnection: () => connection as never as Socket,
      method,
      path: passed.path,
      headers,
    })
    if (!Object.keys(headers).some((name) => name.toLowerCase() === 'connection')) outgoing.removeHeader('connection')
    if (settings.proxyHttpVersion === '1.0') asOld(connection)
    connection.once('error', reject)
    outgoing.on('error', reject)
    outgoing.on('response', resolve)
    outgoing.on('upgrade', (answer, socket, head) => {
      // A WebSocket: from here on bytes go both ways.
      const client = req.socket
      const lines = [`HTTP/1.1 101 ${answer.statusMessage}`]
      for (let i = 0; i < answer.rawHeaders.length; i += 2) lines.push(`${answer.rawHeaders[i]}: ${answer.rawHeaders[i + 1]}`)
      res.statusCode = 101
      client.write(`${lines.join('\r\n')}\r\n\r\n`)
      if (head.length > 0) client.write(head)
      socket.pipe(client)
      client.pipe(socket)
      client.once('close', () => resolve(undefined))
    })
    const timer = request.worker.clock.after(settings.proxyReadTimeout, () => {
      outgoing.destroy()
      reject(new NetworkError('ETIMEDOUT', 'read ETIMEDOUT'))
    })
    const over = (): void => timer.cancel()
    outgoing.once('response', over)
    outgoing.once('upgrade', over)
    outgoing.once('close', over)
    res.once('close', () => outgoing.destroy())
    if (streamed) req.pipe(outgoing)
    else outgoing.end(passed.body)
  })
}
