/** The data plane: a request on port 80 or 443 from its arrival to the last byte of its answer, and its line in the log. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { isAddressOrBlock, isWithin } from '../../../network/addresses.js'
import { Killed, type Process } from '../../process.js'
import { MONTHS, errorPage, statusLine, twoDigits } from '../nginx/pages.js'
import type { CanarySettings } from './annotations.js'
import type { Backend, Endpoint, Location, Server } from './configuration.js'
import { checkPassword } from './htpasswd.js'
import { decodePath, matchLocation, matchServer, rewrittenUri } from './match.js'
import { Balancer, UpstreamError, affinityValue, dial, pass, passedHeaders } from './upstream.js'

/** Headers of an endpoint's answer that nginx keeps to itself. */
const HIDDEN = new Set(['connection', 'keep-alive', 'transfer-encoding', 'date', 'server', 'x-pad', 'x-accel-redirect', 'x-accel-expires'])

/** What is served now. */
export interface Serving {
  servers: readonly Server[]
  /** The lines of an auth secret, `namespace/name`. */
  passwords(secret: string, map: boolean): ReadonlyMap<string, string> | undefined
}

/** One request under way. */
interface Exchange {
  req: IncomingMessage
  res: ServerResponse
  secure: boolean
  started: number
  id: string
  client: string
  server: Server
  location: Location | undefined
  backend: Backend | undefined
  upstream: string
  upstreamStatus: string
  bytes: number
}

/** Answers requests by the configuration that `serving` gives at that moment. */
export class IngressServer {
  private readonly balancer = new Balancer()

  constructor(
    private readonly process: Process,
    private readonly serving: () => Serving,
  ) {}

  async handle(req: IncomingMessage, res: ServerResponse, secure: boolean): Promise<void> {
    const exchange = this.begin(req, res, secure)
    if (res.shouldKeepAlive) res.setHeader('Connection', 'keep-alive')
    res.once('close', () => void this.log(exchange).catch(() => undefined))
    try {
      await this.answer(exchange)
    } catch (error) {
      if (error instanceof Killed) throw error
      if (!(error instanceof UpstreamError)) throw error
      if (res.headersSent || res.destroyed) return void res.destroy()
      if (exchange.upstream !== '-') {
        exchange.upstreamStatus ||= String(error.status)
        await this.process.writeError(this.errorLine(exchange, error.message, exchange.upstream)).catch(() => undefined)
      }
      this.page(exchange, error.status)
    }
  }

  /** A request to change the protocol: once the endpoint agrees, bytes go both ways unchanged. */
  async upgrade(req: IncomingMessage, socket: Duplex, head: Buffer, res: ServerResponse, secure: boolean): Promise<void> {
    const exchange = this.begin(req, res, secure)
    const { location } = exchange
    const backend = location && this.choose(exchange, location)
    if (!location || !backend || this.refusal(exchange, location) !== undefined) return this.handle(req, res, secure)
    const { connection } = await this.connect(exchange, location, backend)
    const { answer, upgraded } = await pass(this.process, connection, req, this.passOptions(exchange, location, true))
    const lines = [`HTTP/1.1 ${answer.statusCode} ${answer.statusMessage}`]
    for (let i = 0; i < answer.rawHeaders.length; i += 2) lines.push(`${answer.rawHeaders[i]}: ${answer.rawHeaders[i + 1]}`)
    socket.write(`${lines.join('\r\n')}\r\n\r\n`)
    const other = upgraded?.socket
    if (!other) {
      answer.pipe(socket)
      return
    }
    if (upgraded.head.length > 0) socket.write(upgraded.head)
    if (head.length > 0) other.write(head)
    socket.on('error', () => other.destroy())
    other.on('error', () => socket.destroy())
    socket.once('close', () => {
      other.destroy()
      exchange.upstreamStatus = '101'
      void this.log(exchange, 101).catch(() => undefined)
    })
    other.once('close', () => socket.end())
    other.pipe(socket)
    socket.pipe(other)
  }

  private begin(req: IncomingMessage, res: ServerResponse, secure: boolean): Exchange {
    const server = matchServer(this.serving().servers, req.headers.host ?? '')
    const path = decodePath((req.url ?? '/').split('?')[0]!)
    return {
      req,
      res,
      secure,
      started: this.process.clock.now(),
      id: this.process.random.hex(16),
      client: req.socket.remoteAddress ?? '',
      server,
      location: matchLocation(server, path),
      backend: undefined,
      upstream: '-',
      upstreamStatus: '',
      bytes: 0,
    }
  }

  private async answer(exchange: Exchange): Promise<void> {
    const { req, res, location, secure, server } = exchange
    if (secure && server.tls) res.setHeader('Strict-Transport-Security', 'max-age=31536000; includeSubDomains')
    if (!location) return this.page(exchange, 404)
    const { settings } = location
    if (!secure && (settings.forceSslRedirect || (server.tls && settings.sslRedirect))) {
      const host = (req.headers.host ?? '').replace(/:\d+$/, '')
      return this.redirect(exchange, 308, `https://${host}${req.url}`)
    }
    const refused = this.refusal(exchange, location)
    if (refused !== undefined) return this.page(exchange, refused)
    if (settings.appRoot && decodePath(req.url!.split('?')[0]!) === '/')
      return this.redirect(exchange, 302, `${secure ? 'https' : 'http'}://${req.headers.host}${settings.appRoot}`)
    if (settings.redirect) return this.redirect(exchange, settings.redirect.code, settings.redirect.url)
    if (settings.cors && this.cors(exchange, location)) return
    const length = Number(req.headers['content-length'] ?? 0)
    if (settings.bodySize > 0 && length > settings.bodySize) return this.page(exchange, 413)
    const backend = this.choose(exchange, location)
    if (!backend) return this.page(exchange, 404)
    const { connection, endpoint } = await this.connect(exchange, location, backend)
    // A client that goes away takes the request with it.
    res.once('close', () => connection.destroy())
    const { answer } = await pass(this.process, connection, req, this.passOptions(exchange, location, false))
    exchange.upstreamStatus = String(answer.statusCode)
    this.copyHead(exchange, location, backend, endpoint, answer)
    await new Promise<void>((resolve) => {
      answer.on('data', (part: Buffer) => (exchange.bytes += part.length))
      answer.on('error', () => res.destroy())
      answer.once('aborted', () => res.destroy())
      res.once('close', resolve)
      answer.pipe(res)
    })
  }

  /** The status with which a client is refused: by its address, or because it has not said who it is. */
  private refusal({ req, res, client }: Exchange, { settings }: Location): number | undefined {
    const ranges = [...(settings.allowed ?? []), ...settings.denied]
    // A location whose annotation is wrong is closed to all.
    if (!ranges.every(isAddressOrBlock)) return 503
    const within = (list: readonly string[]): boolean => list.some((r) => r === client || (r.includes('/') && isWithin(r, client)))
    if ((settings.allowed && !within(settings.allowed)) || within(settings.denied)) return 403
    if (!settings.auth) return undefined
    const [scheme, credentials = ''] = (req.headers.authorization ?? '').split(' ')
    const [user = '', ...rest] = Buffer.from(scheme?.toLowerCase() === 'basic' ? credentials : '', 'base64')
      .toString()
      .split(':')
    const passwords = this.serving().passwords(settings.auth.secret, settings.auth.map)
    // Without the Secret the location answers 503, so that nothing is open by mistake.
    if (!passwords) return 503
    const hash = passwords.get(user)
    if (hash !== undefined && checkPassword(rest.join(':'), hash)) return undefined
    res.setHeader('WWW-Authenticate', `Basic realm="${settings.auth.realm}"`)
    return 401
  }

  /** Adds the CORS headers; answers a preflight request itself. */
  private cors({ req, res }: Exchange, { settings }: Location): boolean {
    const { cors } = settings
    const origin = req.headers.origin ?? ''
    const allowed = cors!.origins.includes('*') ? '*' : cors!.origins.find((o) => o === origin)
    if (!allowed) return false
    res.setHeader('Access-Control-Allow-Origin', allowed)
    if (cors!.credentials) res.setHeader('Access-Control-Allow-Credentials', 'true')
    res.setHeader('Access-Control-Allow-Methods', cors!.methods)
    res.setHeader('Access-Control-Allow-Headers', cors!.headers)
    res.setHeader('Access-Control-Max-Age', cors!.maxAge)
    if (req.method !== 'OPTIONS') return false
    res.writeHead(204, { 'Content-Type': 'text/plain charset=UTF-8' })
    res.end()
    return true
  }

  /** The backend of a request: the canary's for those that it is meant for. */
  private choose({ req }: Exchange, { backend, canary }: Location): Backend | undefined {
    return canary && this.isCanary(req, canary.settings) ? canary.backend : backend
  }

  private isCanary(req: IncomingMessage, canary: CanarySettings): boolean {
    const header = canary.header === undefined ? undefined : req.headers[canary.header.toLowerCase()]
    if (header !== undefined) {
      if (canary.headerValue !== undefined) {
        if (header === canary.headerValue) return true
      } else if (header === 'always') return true
      else if (header === 'never') return false
    }
    const cookie = canary.cookie === undefined ? undefined : cookieOf(req, canary.cookie)
    if (cookie === 'always') return true
    if (cookie === 'never') return false
    return canary.weight > 0 && this.process.random.int(canary.weightTotal) < canary.weight
  }

  private async connect(exchange: Exchange, location: Location, backend: Backend): ReturnType<typeof dial> {
    exchange.backend = backend
    const cookie = location.settings.affinityCookie && cookieOf(exchange.req, location.settings.affinityCookie.name)
    const addresses: string[] = []
    const endpoints = this.balancer.order(backend, cookie)
    try {
      return await dial(this.process, endpoints, location.settings, async (_, address, error) => {
        addresses.push(address)
        if (error) await this.process.writeError(this.errorLine(exchange, error, address)).catch(() => undefined)
      })
    } finally {
      exchange.upstream = addresses.join(', ') || '-'
    }
  }

  /** The request as the endpoint sees it. */
  private passOptions(exchange: Exchange, location: Location, upgrade: boolean): Parameters<typeof pass>[3] {
    const { req, secure, client, id } = exchange
    const { settings } = location
    const scheme = secure ? 'https' : 'http'
    const before = req.headers['x-forwarded-for']
    const own: Record<string, string> = {
      Host: settings.upstreamVhost ?? req.headers.host ?? '',
      'X-Request-ID': (req.headers['x-request-id'] as string | undefined) ?? id,
      'X-Real-IP': client,
      'X-Forwarded-For': client,
      'X-Forwarded-Host': req.headers.host ?? '',
      'X-Forwarded-Port': secure ? '443' : '80',
      'X-Forwarded-Proto': scheme,
      'X-Forwarded-Scheme': scheme,
      'X-Scheme': scheme,
      ...(before ? { 'X-Original-Forwarded-For': String(before) } : {}),
      ...(settings.forwardedPrefix ? { 'X-Forwarded-Prefix': settings.forwardedPrefix } : {}),
    }
    const headers = passedHeaders(req, own)
    if (req.headers['transfer-encoding']) headers.set('Transfer-Encoding', ['chunked'])
    return {
      path: rewrittenUri(location, req.url ?? '/'),
      headers,
      upgrade,
      readTimeout: settings.readTimeout,
    }
  }

  private copyHead(exchange: Exchange, location: Location, backend: Backend, endpoint: Endpoint, answer: IncomingMessage): void {
    const { res, req } = exchange
    res.statusCode = answer.statusCode ?? 502
    res.statusMessage = answer.statusMessage ?? ''
    for (let i = 0; i < answer.rawHeaders.length; i += 2) {
      const name = answer.rawHeaders[i]!
      if (!HIDDEN.has(name.toLowerCase())) res.appendHeader(name, answer.rawHeaders[i + 1]!)
    }
    const sticky = location.settings.affinityCookie
    if (!sticky || cookieOf(req, sticky.name) === affinityValue(backend, endpoint)) return
    const age = sticky.maxAge === undefined ? '' : `; Max-Age=${sticky.maxAge}`
    const path = sticky.path ?? location.path.replace(/(.)\/$/, '$1')
    const flags = `${exchange.secure ? '; Secure' : ''}; HttpOnly`
    res.appendHeader('Set-Cookie', `${sticky.name}=${affinityValue(backend, endpoint)}${age}; Path=${path}${flags}`)
  }

  private redirect(exchange: Exchange, code: number, url: string): void {
    exchange.res.setHeader('Location', url)
    this.page(exchange, code)
  }

  /** nginx' own page of a status. */
  private page({ req, res, ...exchange }: Exchange, status: number): void {
    const body = Buffer.from(errorPage(status, 'nginx', false))
    req.resume()
    res.writeHead(status, statusLine(status).slice(4), { 'Content-Type': 'text/html', 'Content-Length': body.length })
    exchange.bytes = body.length
    res.end(req.method === 'HEAD' ? undefined : body)
  }

  /** The access log in the controller's own format. */
  private log(exchange: Exchange, status = exchange.res.statusCode): Promise<void> {
    const { req, res, client, started, backend, upstream, upstreamStatus, id } = exchange
    const seconds = ((this.process.clock.now() - started) / 1000).toFixed(3)
    const user = /^Basic (.+)$/i.exec(req.headers.authorization ?? '')?.[1]
    const name = user ? Buffer.from(user, 'base64').toString().split(':')[0]! : '-'
    const sent = exchange.bytes || Number(res.getHeader('content-length') ?? 0)
    const head = req.rawHeaders.reduce((n, text) => n + text.length + 2, 0) + (req.url?.length ?? 0) + (req.method?.length ?? 0) + 12
    const answered = backend && upstreamStatus
    return this.process.write(
      `${client} - ${name} [${localTime(started)}] "${req.method} ${req.url} HTTP/${req.httpVersion}" ${status} ${sent} ` +
        `"${req.headers.referer ?? '-'}" "${req.headers['user-agent'] ?? '-'}" ${head} ${seconds} [${backend?.name ?? ''}] [] ` +
        `${upstream} ${answered ? exchange.bytes : '-'} ${answered ? seconds : '-'} ${upstreamStatus || '-'} ${id}\n`,
    )
  }

  private errorLine({ req, client, server }: Exchange, message: string, upstream?: string): string {
    const t = new Date(this.process.clock.now())
    const when = `${t.getUTCFullYear()}/${twoDigits(t.getUTCMonth() + 1)}/${twoDigits(t.getUTCDate())} ${t.toISOString().slice(11, 19)}`
    const to = upstream ? `, upstream: "http://${upstream}${req.url}"` : ''
    return `${when} [error] 31#31: *1 ${message}, client: ${client}, server: ${server.host}, request: "${req.method} ${req.url} HTTP/${req.httpVersion}"${to}, host: "${req.headers.host ?? ''}"\n`
  }
}

/** `$time_local`. */
function localTime(ms: number): string {
  const t = new Date(ms)
  return `${twoDigits(t.getUTCDate())}/${MONTHS[t.getUTCMonth()]}/${t.getUTCFullYear()}:${t.toISOString().slice(11, 19)} +0000`
}

function cookieOf(req: IncomingMessage, name: string): string | undefined {
  for (const part of (req.headers.cookie ?? '').split(';')) {
    const [key, ...value] = part.trim().split('=')
    if (key === name) return value.join('=')
  }
  return undefined
}
