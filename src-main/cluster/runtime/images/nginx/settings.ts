/** Settings that blocks inherit: what `http`, `server` and `location` take over from what is around them. */
import { ConfigError, type Directive } from './conf.js'
import { limitOf, type RequestLimit } from './limits.js'

/** Settings that an inner block takes over from the outer ones unless it has its own. */
export interface Settings {
  root: string
  index: readonly string[]
  autoindex: boolean
  errorPages: readonly { codes: readonly number[]; answer: number | 'target' | undefined; uri: string }[]
  accessLogs: readonly { path: string; format: string }[]
  errorLog: string
  defaultType: string
  serverTokens: boolean
  addHeaders: readonly { name: string; value: string; always: boolean }[]
  proxySetHeaders: readonly { name: string; value: string }[]
  proxyHttpVersion: string
  /** Milliseconds. */
  proxyConnectTimeout: number
  proxyReadTimeout: number
  proxyInterceptErrors: boolean
  access: readonly { allow: boolean; who: string }[]
  /** The realm of auth_basic, and the file with its users. */
  authBasic: string | undefined
  authUsers: string | undefined
  /** `satisfy any`: an address that is allowed needs no password, and the other way round. */
  satisfyAny: boolean
  limits: readonly RequestLimit[]
  limitStatus: number
  /** The time of `expires` as it is written. */
  expires: string | undefined
  /** Bytes; 0 for no limit. */
  maxBody: number
  /** Milliseconds. */
  keepAlive: number
  absoluteRedirect: boolean
  /** Paths of the PEM files. */
  certificate: string | undefined
  certificateKey: string | undefined
  gzip: boolean
  gzipTypes: readonly string[]
  gzipMinLength: number
  gzipVary: boolean
}

export const DEFAULTS: Settings = {
  root: '/etc/nginx/html',
  index: ['index.html'],
  autoindex: false,
  errorPages: [],
  accessLogs: [{ path: '/var/log/nginx/access.log', format: 'combined' }],
  errorLog: '/var/log/nginx/error.log',
  defaultType: 'text/plain',
  serverTokens: true,
  addHeaders: [],
  proxySetHeaders: [],
  proxyHttpVersion: '1.0',
  proxyConnectTimeout: 60_000,
  proxyReadTimeout: 60_000,
  proxyInterceptErrors: false,
  access: [],
  authBasic: undefined,
  authUsers: undefined,
  satisfyAny: false,
  limits: [],
  limitStatus: 503,
  expires: undefined,
  maxBody: 1024 * 1024,
  keepAlive: 75_000,
  absoluteRedirect: true,
  certificate: undefined,
  certificateKey: undefined,
  gzip: false,
  gzipTypes: ['text/html'],
  gzipMinLength: 20,
  gzipVary: false,
}

function flag(d: Directive): boolean {
  const [value = ''] = d.args
  if (value !== 'on' && value !== 'off')
    throw new ConfigError(`invalid value "${value}" in "${d.name}" directive, it must be "on" or "off"`, d)
  return value === 'on'
}

/** `60s`, `1m`, `75` in milliseconds. */
export function milliseconds(text: string): number {
  const units: Record<string, number> = { '': 1000, ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }
  const match = /^(\d+)(ms|s|m|h|d)?$/.exec(text)
  return match ? Number(match[1]) * units[match[2] ?? '']! : 60_000
}

/** `1m`, `512k`, `100` in bytes. */
function bytes(text: string): number {
  const units: Record<string, number> = { k: 1024, m: 1024 ** 2, g: 1024 ** 3 }
  const match = /^(\d+)([kmg])?$/i.exec(text)
  return match ? Number(match[1]) * (units[match[2]?.toLowerCase() ?? ''] ?? 1) : 0
}

/** Applies the settings of one block on top of those it inherits. */
export function settingsOf(block: readonly Directive[], inherited: Settings): Settings {
  const s = { ...inherited }
  // Directives that list things replace the inherited list as a whole, once a block has one of its own.
  const own = {
    errorPages: [] as never[],
    accessLogs: [] as never[],
    addHeaders: [] as never[],
    proxySetHeaders: [] as never[],
    access: [] as never[],
    limits: [] as never[],
  } as {
    -readonly [K in 'errorPages' | 'accessLogs' | 'addHeaders' | 'proxySetHeaders' | 'access' | 'limits']: Settings[K][number][]
  }
  let noLog = false
  for (const d of block) {
    const [first = '', second = ''] = d.args
    switch (d.name) {
      case 'root':
        s.root = absolute(first)
        break
      case 'index':
        s.index = d.args
        break
      case 'autoindex':
        s.autoindex = flag(d)
        break
      case 'default_type':
        s.defaultType = first
        break
      case 'server_tokens':
        s.serverTokens = first !== 'off'
        break
      case 'absolute_redirect':
        s.absoluteRedirect = flag(d)
        break
      case 'ssl_certificate':
        s.certificate = absolute(first)
        break
      case 'ssl_certificate_key':
        s.certificateKey = absolute(first)
        break
      case 'gzip':
        s.gzip = flag(d)
        break
      case 'gzip_types':
        s.gzipTypes = ['text/html', ...d.args]
        break
      case 'gzip_min_length':
        s.gzipMinLength = bytes(first)
        break
      case 'gzip_vary':
        s.gzipVary = flag(d)
        break
      case 'keepalive_timeout':
        s.keepAlive = milliseconds(first)
        break
      case 'client_max_body_size':
        s.maxBody = bytes(first)
        break
      case 'proxy_http_version':
        s.proxyHttpVersion = first
        break
      case 'proxy_connect_timeout':
        s.proxyConnectTimeout = milliseconds(first)
        break
      case 'proxy_read_timeout':
        s.proxyReadTimeout = milliseconds(first)
        break
      case 'proxy_intercept_errors':
        s.proxyInterceptErrors = flag(d)
        break
      case 'error_log':
        s.errorLog = first
        break
      case 'access_log':
        if (first === 'off') noLog = true
        else own.accessLogs.push({ path: absolute(first), format: second && !second.includes('=') ? second : 'combined' })
        break
      case 'error_page': {
        const answer = d.args.at(-2)!
        const codes = d.args.slice(0, -1).filter((a) => !a.startsWith('='))
        own.errorPages.push({
          codes: codes.map(Number),
          answer: answer.startsWith('=') ? (answer === '=' ? 'target' : Number(answer.slice(1))) : undefined,
          uri: d.args.at(-1)!,
        })
        break
      }
      case 'add_header':
        own.addHeaders.push({ name: first, value: second, always: d.args[2] === 'always' })
        break
      case 'proxy_set_header':
        own.proxySetHeaders.push({ name: first, value: second })
        break
      case 'auth_basic':
        s.authBasic = first
        break
      case 'auth_basic_user_file':
        s.authUsers = absolute(first)
        break
      case 'satisfy':
        s.satisfyAny = first === 'any'
        break
      case 'limit_req':
        own.limits.push(limitOf(d))
        break
      case 'limit_req_status':
        s.limitStatus = Number(first)
        break
      case 'expires':
        s.expires = first
        break
      case 'allow':
      case 'deny':
        own.access.push({ allow: d.name === 'allow', who: first })
        break
    }
  }
  if (noLog) s.accessLogs = []
  else if (own.accessLogs.length > 0) s.accessLogs = own.accessLogs
  if (own.errorPages.length > 0) s.errorPages = own.errorPages
  if (own.addHeaders.length > 0) s.addHeaders = own.addHeaders
  if (own.proxySetHeaders.length > 0) s.proxySetHeaders = own.proxySetHeaders
  if (own.access.length > 0) s.access = own.access
  if (own.limits.length > 0) s.limits = own.limits
  return s
}

function absolute(path: string): string {
  return path.startsWith('/') || path.startsWith('$') ? path : `/etc/nginx/${path}`
}
