/** `proxy_pass`: the request goes on to another server, its answer comes back as it arrives. */
import http, { type ClientRequest, type IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { DnsError, NetworkError, type Connection } from '../../../network/network.js'
import { Killed } from '../../process.js'
import type { Location } from './model.js'
import type { Request } from './request.js'
import { commonHeaders, orderHeaders, type Context } from './respond.js'
import { connectAs } from '../../own-sockets.js'

interface Target {
  host: string
  port: number
  /** What `proxy_pass` puts in place of the location's prefix; undefined to pass the path as it is. */
  uri: string | undefined
  /** `$proxy_host`. */
  name: string
}

/** Headers of one hop. */
const HOP = new Set(['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade', 'te', 'trailer'])
/** Headers of the other server that nginx does not pass on. */
const HIDDEN = new Set(['connection', 'keep-alive', 'transfer-encoding', 'date', 'server', 'x-pad', 'x-accel-redirect', 'x-accel-expires'])

const turns = new WeakMap<object, number>()

function targetOf(request: Request, text: string): Target | undefined {
  const url = request.expand(text)
  const match = /^https?:\/\/([^/?]+)(.*)$/.exec(url)
  if (!match) return undefined
  const authority = match[1]!
  const uri = match[2] || undefined
  const upstream = request.config.upstreams.get(authority)
  if (upstream && upstream.length > 0) {
    const weighted = upstream.flatMap((server) => Array.from({ length: server.weight }, () => server))
    const turn = turns.get(upstream) ?? 0
    turns.set(upstream, turn + 1)
    const chosen = weighted[turn % weighted.length]!
    return { host: chosen.host, port: chosen.port, uri, name: authority }
  }
  const [host = '', port] = authority.split(':')
  return { host, port: Number(port ?? (url.startsWith('https') ? 443 : 80)), uri, name: authority }
}

/** Passes a request on. `fail` answers an error status. */
export async function proxy(request: Request, context: Context, location: Location, fail: (code: number) => Promise<void>): Promise<void> {
  const target = targetOf(request, location.proxyPass!)
  if (!target) {
    await context.logError(request, 'error', `invalid URL prefix in "${location.proxyPass}"`)
    return fail(500)
  }
  const attempts = request.config.upstreams.get(target.name)?.length ?? 1
  let connection: Connection | undefined
  let current = target
  for (let i = 0; i < attempts && !connection; i++) {
    if (i > 0) current = targetOf(request, location.proxyPass!)!
    try {
      connection = await dial(request, current)
    } catch (error) {
      if (error instanceof Killed) throw error
      const code = await explain(request, context, current, error)
      if (code !== 502 || i === attempts - 1) return fail(code)
    }
  }
  request.set('proxy_host', current.name)
  const path = passedPath(request, location, current)
  let answer: IncomingMessage
  try {
    answer = await forward(request, connection!, path, current.name)
  } catch (error) {
    connection!.destroy()
    if (request.res.destroyed) return
    const slow = error instanceof NetworkError && error.code === 'ETIMEDOUT'
    const what = slow
      ? 'upstream timed out (110: Connection timed out) while reading response header from upstream'
      : 'upstream prematurely closed connection while reading response header from upstream'
    await context.logError(request, 'error', `${what}`, upstreamUrl(request, current, path))
    return fail(slow ? 504 : 502)
  }
  const { res } = request
  const status = answer.statusCode ?? 502
  if (status >= 400 && request.settings.proxyInterceptErrors && request.settings.errorPages.some((e) => e.codes.includes(status))) {
    answer.resume()
    return fail(status)
  }
  res.statusCode = request.forcedStatus ?? status
  res.statusMessage = answer.statusMessage ?? ''
  for (let i = 0; i < answer.rawHeaders.length; i += 2) {
    const name = answer.rawHeaders[i]!
    if (!HIDDEN.has(name.toLowerCase())) res.appendHeader(name, answer.rawHeaders[i + 1]!)
  }
  commonHeaders(request, res, status)
  orderHeaders(res)
  await new Promise<void>((resolve) => {
    answer.on('data', (part: Buffer) => {
      request.bodyBytes += part.length
    })
    answer.on('error', () => res.destroy())
    res.once('close', () => {
      connection!.destroy()
      resolve()
    })
    answer.pipe(res)
  })
}

async function dial(request: Request, target: Target): Promise<Connection> {
  const { worker, settings } = request
  const [address] = await worker.net.resolve(target.host)
  request.upstream = `${address}:${target.port}`
  const controller = new AbortController()
  const timer = worker.clock.after(settings.proxyConnectTimeout, () => controller.abort(new NetworkError('ETIMEDOUT', 'connect ETIMEDOUT')))
  try {
    return await connectAs(worker, address!, target.port, controller.signal)
  } finally {
    timer.cancel()
  }
}

/** Logs why no connection came about. Gives the status to answer. */
async function explain(request: Request, context: Context, target: Target, error: unknown): Promise<number> {
  if (error instanceof DnsError) {
    await context.logError(request, 'error', `${target.host} could not be resolved (3: Host not found)`)
    return 502
  }
  const code = error instanceof NetworkError ? error.code : ''
  const reasons: Record<string, string> = {
    ECONNREFUSED: '111: Connection refused',
    EHOSTUNREACH: '113: Host is unreachable',
    ENETUNREACH: '101: Network unreachable',
  }
  if (code === 'ETIMEDOUT') {
    await context.logError(
      request,
      'error',
      `upstream timed out (110: Connection timed out) while connecting to upstream`,
      upstreamUrl(request, target, request.uri),
    )
    return 504
  }
  await context.logError(
    request,
    'error',
    `connect() failed (${reasons[code] ?? '111: Connection refused'}) while connecting to upstream`,
    upstreamUrl(request, target, request.uri),
  )
  return 502
}

function upstreamUrl(request: Request, target: Target, path: string): string {
  return `http://${request.upstream || `${target.host}:${target.port}`}${path}`
}

/** The path that the other server is asked for. */
function passedPath(request: Request, location: Location, target: Target): string {
  const args = request.args ? `?${request.args}` : ''
  if (target.uri === undefined) return request.redirects > 0 ? encodeURI(request.uri) + args : (request.req.url ?? '/')
  if (location.proxyPass!.includes('$')) return target.uri
  const rest = location.kind === 'regex' || location.kind === 'named' ? '' : request.uri.slice(location.pattern.length)
  return encodeURI(target.uri + rest) + args
}

function forward(request: Request, connection: Connection, path: string, host: string): Promise<IncomingMessage> {
  const { req, res, settings } = request
  const headers: Record<string, string | string[]> = {}
  for (const [name, value] of Object.entries(req.headers)) if (value !== undefined && !HOP.has(name)) headers[name] = value
  headers['host'] = host
  headers['connection'] = 'close'
  for (const { name, value } of settings.proxySetHeaders) {
    const text = request.expand(value)
    if (text === '') delete headers[name.toLowerCase()]
    else headers[name.toLowerCase()] = text
  }
  return new Promise((resolve, reject) => {
    const outgoing: ClientRequest = http.request({
      createConnection: () => connection as never as Socket,
      method: req.method,
      path,
      headers,
    })
    connection.once('error', reject)
    outgoing.on('error', reject)
    outgoing.on('response', resolve)
    outgoing.on('upgrade', (answer, socket, head) => {
      // A WebSocket: from here on bytes go both ways.
      const client = req.socket
      const lines = [`HTTP/1.1 101 ${answer.statusMessage}`]
      for (let i = 0; i < answer.rawHeaders.length; i += 2) lines.push(`${answer.rawHeaders[i]}: ${answer.rawHeaders[i + 1]}`)
      client.write(`${lines.join('\r\n')}\r\n\r\n`)
      if (head.length > 0) client.write(head)
      socket.pipe(client)
      client.pipe(socket)
    })
    const timer = request.worker.clock.after(settings.proxyReadTimeout, () => {
      outgoing.destroy()
      reject(new NetworkError('ETIMEDOUT', 'read ETIMEDOUT'))
    })
    const over = (): void => timer.cancel()
    outgoing.once('response', over)
    outgoing.once('close', over)
    res.once('close', () => outgoing.destroy())
    req.pipe(outgoing)
  })
}
