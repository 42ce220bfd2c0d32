/** One request to nginx: its location, its variables, what answers it. */
import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Process } from '../../process.js'
import { boundedRegExp } from '../../programs/guarded-regexp.js'
import type { HttpConfig, Location, Server } from './model.js'
import type { Settings } from './settings.js'
import { isAddress, isWithin } from '../../../network/addresses.js'
import { isoTime, localTime } from './pages.js'

/** A request on its way through the server. */
export class Request {
  /** The path that locations match, decoded; changes with rewrites and internal redirects. */
  uri: string
  /** Without `?`. */
  args: string
  settings: Settings
  location: Location | undefined
  readonly startedAt: number
  bodyBytes = 0
  redirects = 0
  private readonly own = new Map<string, string>()
  /** The groups of the last regular expression that matched. */
  captures: RegExpMatchArray | undefined
  /** Of the servers that were asked: addresses, statuses and times, in turn. */
  readonly upstream: { addresses: string[]; statuses: string[]; times: string[] } = { addresses: [], statuses: [], times: [] }
  /** What a cache had to say: HIT, MISS … */
  cacheStatus = ''
  /** The headers of the answer of the server behind, by their names in lower case. */
  upstreamHeaders: ReadonlyMap<string, string> = new Map()
  /** The path leads above the root. */
  readonly malformed: boolean
  /** The header `Location` is of nginx' own making. */
  relocated = false
  /** Limits were looked at: they count a request once. */
  counted = false
  /** GET where the server itself asks. */
  readonly method: string
  /** The server asks itself: no limits, no logs. */
  readonly inner: boolean
  /** After `rewrite … break`: the new path is served where the request is. */
  stay = false
  /** An error page is being made: no other comes in its place. */
  failing = false
  /** Who asks, as `auth_basic` was told. */
  user = ''
  /** The status that the error page keeps. */
  forcedStatus: number | undefined

  constructor(
    readonly config: HttpConfig,
    readonly server: Server,
    readonly worker: Process,
    readonly req: IncomingMessage,
    readonly res: ServerResponse,
    readonly connectionNumber: number,
    readonly version: string,
    asked?: string,
  ) {
    const target = asked ?? req.url ?? '/'
    this.inner = asked !== undefined
    this.method = this.inner ? 'GET' : (req.method ?? 'GET')
    const question = target.indexOf('?')
    this.args = question < 0 ? '' : target.slice(question + 1)
    this.uri = normalised(question < 0 ? target : target.slice(0, question), server.settings.mergeSlashes)
    this.malformed = leavesRoot(question < 0 ? target : target.slice(0, question))
    this.settings = server.settings
    this.startedAt = worker.clock.now()
  }

  get host(): string {
    const host = this.req.headers.host ?? ''
    return (host.startsWith('[') ? host : host.replace(/:\d+$/, '')).toLowerCase() || this.serverName
  }

  /** Who asks: the other end of the connection, or whom a trusted proxy names in its header. */
  get clientAddress(): string {
    const near = this.req.socket.remoteAddress ?? ''
    const { realIpFrom, realIpHeader, realIpRecursive } = this.settings
    const trusted = (address: string): boolean =>
      realIpFrom.some((block) => block === address || (block.includes('/') && isWithin(block, address)))
    if (realIpFrom.length === 0 || !trusted(near)) return near
    const named = headerText(this.req.headers[realIpHeader.toLowerCase()])
      .split(/\s*,\s*/)
      .filter(isAddress)
    let address = named.pop()
    if (realIpRecursive) while (address !== undefined && named.length > 0 && trusted(address)) address = named.pop()
    return address ?? near
  }

  /** `https` over TLS. */
  get scheme(): 'http' | 'https' {
    return (this.req.socket as { encrypted?: boolean }).encrypted ? 'https' : 'http'
  }

  get serverName(): string {
    return this.server.names[0] ?? ''
  }

  set(name: string, value: string): void {
    this.own.set(name, value)
  }

  /** A text with `$variables`. */
  expand(text: string): string {
    return this.filled(text, (value) => value)
  }

  /** A text whose variables are what `of` makes of them. */
  filled(text: string, of: (value: string) => string): string {
    if (!text.includes('$')) return text
    return text.replace(/\$(?:\{(\w+)\}|([A-Za-z_]\w*|\d))/g, (_, braced?: string, plain?: string) =>
      of(this.variable(braced ?? plain ?? '')),
    )
  }

  variable(name: string): string {
    const own = this.own.get(name)
    if (own !== undefined) return own
    if (/^\d$/.test(name)) return this.captures?.[Number(name)] ?? ''
    const group = this.captures?.groups?.[name]
    if (group !== undefined) return group
    const { req, res, worker } = this
    if (name.startsWith('http_')) return headerText(req.headers[name.slice(5).replaceAll('_', '-')])
    if (name.startsWith('upstream_http_')) return this.upstreamHeaders.get(name.slice(14).replaceAll('_', '-')) ?? ''
    if (name.startsWith('sent_http_')) return headerText(res.getHeader(name.slice(10).replaceAll('_', '-')) as string | undefined)
    if (name.startsWith('arg_')) return this.argument(name.slice(4))
    if (name.startsWith('cookie_')) return boundedRegExp(`(?:^|; *)${name.slice(7)}=([^;]*)`).exec(req.headers.cookie ?? '')?.[1] ?? ''
    const computed = this.config.computed.get(name)
    if (computed)
      return computed(
        (text) => this.expand(text),
        (groups) => {
          this.captures = groups
        },
      )
    switch (name) {
      case 'host':
        return this.host
      case 'http_host':
        return req.headers.host ?? ''
      case 'hostname':
        return worker.hostname
      case 'uri':
      case 'document_uri':
        return this.uri
      case 'request_uri':
        return req.url ?? '/'
      case 'args':
      case 'query_string':
        return this.args
      case 'is_args':
        return this.args ? '?' : ''
      case 'request':
        return `${req.method} ${req.url} HTTP/${req.httpVersion}`
      case 'request_method':
        return req.method ?? ''
      case 'server_protocol':
        return `HTTP/${req.httpVersion}`
      case 'scheme':
        return this.scheme
      case 'https':
        return this.scheme === 'https' ? 'on' : ''
      case 'ssl_protocol':
        return this.scheme === 'https' ? 'TLSv1.3' : ''
      case 'remote_addr':
        return this.clientAddress
      case 'realip_remote_addr':
        return req.socket.remoteAddress ?? ''
      case 'binary_remote_addr':
        return String.fromCharCode(...this.clientAddress.split('.').map(Number))
      case 'remote_user':
        return this.user
      case 'remote_port':
        return String(req.socket.remotePort ?? '')
      case 'server_addr':
        return req.socket.localAddress ?? ''
      case 'server_port':
        return String(req.socket.localPort ?? '')
      case 'server_name':
        return this.serverName
      case 'proxy_add_x_forwarded_for':
        return [headerText(req.headers['x-forwarded-for']), this.clientAddress].filter(Boolean).join(', ')
      case 'content_type':
        return req.headers['content-type'] ?? ''
      case 'content_length':
        return req.headers['content-length'] ?? ''
      case 'status':
        return String(res.statusCode)
      case 'body_bytes_sent':
      case 'bytes_sent':
        return String(this.bodyBytes)
      case 'time_local':
        return localTime(worker.clock.now())
      case 'time_iso8601':
        return isoTime(worker.clock.now())
      case 'msec':
        return (worker.clock.now() / 1000).toFixed(3)
      case 'request_time':
        return ((worker.clock.now() - this.startedAt) / 1000).toFixed(3)
      case 'upstream_addr':
        return this.upstream.addresses.join(', ')
      case 'upstream_status':
        return this.upstream.statuses.join(', ')
      case 'upstream_response_time':
      case 'upstream_header_time':
        return this.upstream.times.join(', ')
      case 'upstream_cache_status':
        return this.cacheStatus
      case 'invalid_referer':
        return this.invalidReferer()
      case 'limit_rate':
        return this.settings.limitRate
      case 'request_id':
        return (this.id ??= randomId(this))
      case 'realpath_root':
        return this.expand(this.settings.root)
      case 'request_length':
        return String(requestLength(req))
      case 'request_completion':
        return res.writableFinished ? 'OK' : ''
      case 'connection_requests':
        return '1'
      case 'document_root':
        return this.expand(this.settings.root)
      case 'request_filename':
        return this.expand(this.settings.root) + this.uri
      case 'nginx_version':
        return this.version
      case 'pid':
        return String(worker.pid)
      case 'connection':
        return String(this.connectionNumber)
      case 'connection_upgrade':
        return req.headers.upgrade ? 'upgrade' : 'close'
      case 'pipe':
        return '.'
      default:
        return ''
    }
  }

  /** The value of a query argument, as it was sent. */
  private argument(name: string): string {
    for (const pair of this.args.split('&')) {
      const [key = '', value = ''] = pair.split('=', 2)
      if (key.toLowerCase() === name.toLowerCase()) return value
    }
    return ''
  }

  private id: string | undefined
  /** Gives the body of another path of the server. */
  ask: (path: string) => Promise<Buffer> = () => Promise.resolve(Buffer.alloc(0))

  /** `1` where the page that led here is none of valid_referers. */
  private invalidReferer(): string {
    const { location, req } = this
    const referers = location?.referers
    if (!referers) return ''
    const referer = req.headers.referer
    if (referer === undefined) return referers.includes('none') ? '' : '1'
    const [, from] = /^https?:\/\/([^/:?#]+)/i.exec(referer) ?? []
    if (from === undefined) return referers.includes('blocked') ? '' : '1'
    const host = from.toLowerCase()
    const names = referers.flatMap((each) => (each === 'server_names' ? this.server.names : [each]))
    const fits = names.some((name) => {
      if (name.startsWith('~')) return boundedRegExp(name.slice(1), 'i').test(referer.replace(/^https?:\/\//i, ''))
      const [pattern = ''] = name.toLowerCase().split('/')
      if (pattern.startsWith('*.')) return host.endsWith(pattern.slice(1))
      if (pattern.startsWith('.')) return host === pattern.slice(1) || host.endsWith(pattern)
      return pattern.endsWith('.*') ? host.startsWith(pattern.slice(0, -1)) : host === pattern
    })
    return fits ? '' : '1'
  }
}

/** 32 digits that tell a request from all others of its server. */
function randomId({ connectionNumber, startedAt, worker, req }: Request): string {
  return createHash('md5').update(`${worker.pid} ${connectionNumber} ${startedAt} ${req.url} ${req.socket.remotePort}`).digest('hex')
}

/** The bytes of a request: its line, its headers, its body. */
function requestLength(req: IncomingMessage): number {
  const headers = req.rawHeaders.reduce((sum, each) => sum + Buffer.byteLength(each) + 2, 0)
  return `${req.method} ${req.url} HTTP/1.1\r\n`.length + headers + 2 + Number(req.headers['content-length'] ?? 0)
}

function headerText(value: string | string[] | number | undefined): string {
  return value === undefined ? '' : Array.isArray(value) ? value.join(', ') : String(value)
}

/** Whether a path has more `..` than folders before them. */
function leavesRoot(path: string): boolean {
  let depth = 0
  for (const segment of path.replace(/%2e/gi, '.').replace(/%2f/gi, '/').split('/')) {
    if (segment === '..') depth--
    else if (segment !== '.' && segment !== '') depth++
    if (depth < 0) return true
  }
  return false
}

/** Percent-decoded, with `.` and `..` resolved, and doubled slashes made one unless `merge` is off. */
export function normalised(path: string, merge = true): string {
  let decoded: string
  try {
    decoded = decodeURIComponent(path)
  } catch {
    decoded = path
  }
  const parts: string[] = []
  const segments = decoded.split('/').slice(1)
  segments.forEach((segment, i) => {
    const last = i === segments.length - 1
    if (segment === '..') {
      parts.pop()
      if (last) parts.push('')
    } else if (segment === '.') {
      if (last) parts.push('')
    } else if (segment !== '' || last || !merge) parts.push(segment)
  })
  return `/${parts.join('/')}`
}

/** The server for a host name among those on one port: exact, `*.x`, `x.*`, `~regex`, the default one. */
export function chooseServer(servers: readonly Server[], port: number, host: string): Server {
  const name = host.replace(/:\d+$/, '').toLowerCase()
  const exact = servers.find((s) => s.names.some((n) => n.toLowerCase() === name || (n.startsWith('.') && n.slice(1) === name)))
  if (exact) return exact
  const starts = longest(servers, (n) => (n.startsWith('*.') && name.endsWith(n.slice(1))) || (n.startsWith('.') && name.endsWith(n)))
  if (starts) return starts
  const ends = longest(servers, (n) => n.endsWith('.*') && name.startsWith(n.slice(0, -1)))
  if (ends) return ends
  const byRegex = servers.find((s) => s.names.some((n) => n.startsWith('~') && boundedRegExp(n.slice(1)).test(name)))
  if (byRegex) return byRegex
  return servers.find((s) => s.listens.some((l) => l.port === port && l.isDefault)) ?? servers[0]!
}

function longest(servers: readonly Server[], matches: (name: string) => boolean): Server | undefined {
  let best: { server: Server; length: number } | undefined
  for (const server of servers)
    for (const name of server.names) if (matches(name) && name.length > (best?.length ?? 0)) best = { server, length: name.length }
  return best?.server
}

/** The location of a path, by nginx' rules: exact; longest prefix, final with `^~`; first regular expression; longest prefix. */
export function chooseLocation(locations: readonly Location[], request: Request): Location | undefined {
  const { uri } = request
  const exact = locations.find((l) => l.kind === 'exact' && l.pattern === uri)
  if (exact) return exact
  let prefix: Location | undefined
  for (const l of locations)
    if ((l.kind === 'prefix' || l.kind === 'first') && uri.startsWith(l.pattern) && l.pattern.length > (prefix?.pattern.length ?? -1))
      prefix = l
  const inner = prefix && prefix.nested.length > 0 ? chooseLocation(prefix.nested, request) : undefined
  if (inner) return inner
  if (prefix?.kind !== 'first') {
    for (const l of locations) {
      const match = l.regex?.exec(uri)
      if (!match) continue
      request.captures = match
      return l
    }
  }
  return prefix
}
