/** One request to nginx: its location, its variables, what answers it. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Process } from '../../process.js'
import { boundedRegExp } from '../../programs/guarded-regexp.js'
import type { HttpConfig, Location, Server } from './model.js'
import type { Settings } from './settings.js'
import { MONTHS, twoDigits } from './pages.js'

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
  upstream = ''
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
  ) {
    const target = req.url ?? '/'
    const question = target.indexOf('?')
    this.args = question < 0 ? '' : target.slice(question + 1)
    this.uri = normalised(question < 0 ? target : target.slice(0, question))
    this.settings = server.settings
    this.startedAt = worker.clock.now()
  }

  get host(): string {
    const host = this.req.headers.host ?? ''
    return (host.startsWith('[') ? host : host.replace(/:\d+$/, '')).toLowerCase() || this.serverName
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

  /** A text with `$variables`; `empty` stands for those without a value (a dash in access logs). */
  expand(text: string, empty = ''): string {
    if (!text.includes('$')) return text
    return text.replace(/\$(?:\{(\w+)\}|(\w+))/g, (_, braced?: string, plain?: string) => this.variable(braced ?? plain ?? '') || empty)
  }

  variable(name: string): string {
    const own = this.own.get(name)
    if (own !== undefined) return own
    if (/^\d$/.test(name)) return this.captures?.[Number(name)] ?? ''
    const group = this.captures?.groups?.[name]
    if (group !== undefined) return group
    const { req, res, worker } = this
    if (name.startsWith('http_')) return headerText(req.headers[name.slice(5).replaceAll('_', '-')])
    if (name.startsWith('sent_http_')) return headerText(res.getHeader(name.slice(10).replaceAll('_', '-')) as string | undefined)
    if (name.startsWith('arg_')) return this.argument(name.slice(4))
    if (name.startsWith('cookie_')) return boundedRegExp(`(?:^|; *)${name.slice(7)}=([^;]*)`).exec(req.headers.cookie ?? '')?.[1] ?? ''
    const map = this.config.maps.find((m) => m.variable === name)
    if (map) return this.mapped(map)
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
      case 'realip_remote_addr':
        return req.socket.remoteAddress ?? ''
      case 'binary_remote_addr':
        return String.fromCharCode(...(req.socket.remoteAddress ?? '').split('.').map(Number))
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
        return [headerText(req.headers['x-forwarded-for']), req.socket.remoteAddress].filter(Boolean).join(', ')
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
        return new Date(worker.clock.now()).toISOString().slice(0, 19) + '+00:00'
      case 'msec':
        return (worker.clock.now() / 1000).toFixed(3)
      case 'request_time':
      case 'upstream_response_time':
        return ((worker.clock.now() - this.startedAt) / 1000).toFixed(3)
      case 'upstream_addr':
        return this.upstream
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

  private mapped(map: HttpConfig['maps'][number]): string {
    const source = this.expand(map.source)
    for (const [pattern, value] of map.entries) {
      if (pattern.startsWith('~')) {
        const match = boundedRegExp(pattern.replace(/^~\*?/, ''), pattern.startsWith('~*') ? 'i' : '').exec(source)
        if (!match) continue
        this.captures = match
        return this.expand(value)
      }
      if (pattern !== 'default' && pattern.toLowerCase() === source.toLowerCase()) return this.expand(value)
    }
    return this.expand(map.entries.find(([pattern]) => pattern === 'default')?.[1] ?? '')
  }
}

function headerText(value: string | string[] | number | undefined): string {
  return value === undefined ? '' : Array.isArray(value) ? value.join(', ') : String(value)
}

/** Percent-decoded, with `.` and `..` and doubled slashes resolved. */
export function normalised(path: string): string {
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
    } else if (segment !== '' || last) parts.push(segment)
  })
  return `/${parts.join('/')}`
}

/** As in the access log: `21/Nov/2026:09:17:00 +0000`. */
function localTime(ms: number): string {
  const d = new Date(ms)
  return `${twoDigits(d.getUTCDate())}/${MONTHS[d.getUTCMonth()]}/${d.getUTCFullYear()}:${twoDigits(d.getUTCHours())}:${twoDigits(d.getUTCMinutes())}:${twoDigits(d.getUTCSeconds())} +0000`
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
