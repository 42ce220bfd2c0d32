/** Sending answers: the headers that all of them have, redirects, bodies as fast as they may go. */
import type { ServerResponse } from 'node:http'
import { setExpiry } from './access.js'
import { announceGzip, changedBody, changesBody, compressed, compresses, withCharset } from './filters.js'
import { errorPage, statusLine } from './pages.js'
import type { Request } from './request.js'
import { bytes as bytesOf } from './units.js'

/** CPU milliseconds of each MiB sent. */
const CPU_PER_MIB = 0.4

/** Answers a redirect; a path becomes a URL of the host that was asked. */
export async function redirect(request: Request, code: number, to: string): Promise<void> {
  request.res.setHeader('Location', withHost(request, to))
  request.forcedStatus = undefined
  await send(request, code, page(request, code), 'text/html')
}

/** A path as a URL of the host that was asked, unless redirects are to be relative. */
export function withHost(request: Request, to: string): string {
  const { req, settings, server } = request
  if (!to.startsWith('/') || !settings.absoluteRedirect) return to
  request.relocated = true
  const port = req.socket.localPort
  const standard = request.scheme === 'https' ? 443 : 80
  const named =
    settings.serverNameInRedirect && server.names.length > 0 ? request.serverName : req.headers.host ? request.host : request.serverName
  return `${request.scheme}://${named}${port === standard || port === undefined || !settings.portInRedirect ? '' : `:${port}`}${to}`
}

function serverToken(request: Request): string {
  return request.settings.serverTokens === 'off' ? 'nginx' : `nginx/${request.version}`
}

/** nginx' own page of a status. */
export function page(request: Request, code: number): string {
  const minor = Number(request.version.split('.')[1])
  return errorPage(code, serverToken(request), minor < 15)
}

/** Sends an answer with the headers that every answer of nginx has. */
export async function send(request: Request, code: number, body: string | Uint8Array | undefined, type: string | undefined): Promise<void> {
  const { res } = request
  let bytes = body === undefined ? undefined : typeof body === 'string' ? Buffer.from(body) : body
  const status = code === 304 ? code : (request.forcedStatus ?? code)
  res.statusCode = status
  res.statusMessage = statusLine(status).slice(4)
  commonHeaders(request, res, status)
  if (status !== 200 && status !== 206 && status !== 304 && type !== undefined)
    for (const name of ['Last-Modified', 'Accept-Ranges']) res.removeHeader(name)
  if (type !== undefined) res.setHeader('Content-Type', res.hasHeader('Location') ? type : withCharset(request, type))
  const shown = type ?? (res.getHeader('Content-Type') as string | undefined)
  if (bytes !== undefined && !request.inner && changesBody(request, status, shown))
    bytes = await changedBody(request, bytes, shown, (path) => request.ask(path))
  if (bytes !== undefined && !request.inner && compresses(request, status, bytes.length, shown)) {
    bytes = await compressed(request, bytes)
    announceGzip(res)
  } else if (bytes !== undefined && !res.hasHeader('Transfer-Encoding')) res.setHeader('Content-Length', bytes.length)
  request.bodyBytes = request.method === 'HEAD' || bytes === undefined ? 0 : bytes.length
  if (request.bodyBytes > 65_536) await request.worker.compute((request.bodyBytes / 1048576) * CPU_PER_MIB)
  orderHeaders(request)
  if (res.statusMessage === '') res.writeHead(status, '')
  if (bytes === undefined || request.method === 'HEAD') return void res.end()
  const over = new Promise<void>((resolve) => res.once('close', resolve))
  await sendSlowly(request, bytes)
  await over
}

/** Sends a body, no more of it in a second than limit_rate allows. */
async function sendSlowly(request: Request, body: Uint8Array): Promise<void> {
  const { res, settings, worker } = request
  const rate = bytesOf(request.expand(settings.limitRate)) ?? 0
  let sent = rate > 0 ? settings.limitRateAfter + rate : body.length
  if (sent < body.length) res.write(body.subarray(0, sent))
  else sent = 0
  while (sent > 0 && sent + rate < body.length && !res.destroyed) {
    await new Promise<void>((resolve) => worker.clock.after(1000, resolve))
    res.write(body.subarray(sent, sent + rate))
    sent += rate
  }
  if (sent > 0) await new Promise<void>((resolve) => worker.clock.after(1000, resolve))
  res.end(body.subarray(sent))
}

/** `Server`, `Connection`, and what `add_header` adds. */
export function commonHeaders(request: Request, res: ServerResponse, status: number): void {
  res.setHeader('Server', serverToken(request))
  if (!res.hasHeader('Connection')) res.setHeader('Connection', keepsAlive(request) ? 'keep-alive' : 'close')
  const usual = [200, 201, 204, 206, 301, 302, 303, 304, 307, 308].includes(status)
  if (usual && request.settings.expires !== undefined) setExpiry(res, request.settings.expires, request.worker.clock.now())
  if (request.inner) return
  for (const { name, value, always } of request.settings.addHeaders) {
    if (!usual && !always) continue
    const text = request.expand(value)
    if (text !== '') res.appendHeader(name, text)
  }
}

/** The order in which nginx writes the headers that it makes itself. */
const ORDER = ['Server', 'Date', 'Content-Type', 'Content-Length', 'Last-Modified', 'Location', 'Transfer-Encoding', 'Connection', 'Vary', 'ETag'] // prettier-ignore
/** What comes after all others. */
const LAST = ['Accept-Ranges']

/** Puts the headers of an answer into nginx' order. */
export function orderHeaders({ res, relocated }: Request): void {
  const order = relocated ? ORDER : ORDER.filter((name) => name !== 'Location')
  const first = new Set([...order, ...LAST].map((name) => name.toLowerCase()))
  const rest = (res as ServerResponse & { getRawHeaderNames(): string[] })
    .getRawHeaderNames()
    .filter((name) => !first.has(name.toLowerCase()))
  for (const name of [...order, ...rest, ...LAST]) {
    const value = res.getHeader(name)
    if (value === undefined) continue
    res.removeHeader(name)
    res.setHeader(name, value)
  }
}

function keepsAlive(request: Request): boolean {
  const { req, settings } = request
  if (settings.keepAlive === 0) return false
  const wish = (req.headers.connection ?? '').toLowerCase()
  return req.httpVersion === '1.1' ? wish !== 'close' : wish === 'keep-alive'
}
