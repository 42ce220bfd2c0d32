/** From directives to what the server works with: listening ports, servers, locations, settings that blocks inherit. */
import { cacheZonesOf, type CacheZone } from './cache.js'
import { computedOf, patternOf, type Compute } from './computed.js'
import { ConfigError, type Directive } from './conf.js'
import { connectionZonesOf, zonesOf, type ConnectionZone, type LimitZone } from './limits.js'
import { settingsOf } from './setting-readers.js'
import { DEFAULTS, type Settings } from './settings.js'
import { streamOf, type StreamConfig } from './stream-model.js'
import { upstreamOf, type Upstream } from './upstream.js'

export interface Location {
  kind: 'prefix' | 'exact' | 'first' | 'regex' | 'named'
  pattern: string
  regex?: RegExp
  settings: Settings
  alias?: string
  tryFiles?: readonly string[]
  proxyPass?: string
  /** Of fastcgi_pass and its like, which no server of the simulated cluster speaks. */
  otherPass?: string
  stubStatus: boolean
  internal: boolean
  emptyGif: boolean
  /** Of valid_referers. */
  referers?: readonly string[]
  /** What holds for requests of other methods than these. */
  except?: { methods: ReadonlySet<string>; settings: Settings; proxyPass?: string }
  rules: readonly Rule[]
  nested: readonly Location[]
}

/** The directives of the rewrite module, which run in their order. */
export type Rule =
  | { type: 'return'; code: number; text: string | undefined }
  | { type: 'rewrite'; regex: RegExp; to: string; flag: string | undefined }
  | { type: 'set'; name: string; value: string }
  /** `inner` is the location as it is where the condition holds. */
  | { type: 'if'; condition: readonly string[]; rules: readonly Rule[]; inner?: Location }
  | { type: 'break' }

export interface Listen {
  address: string
  port: number
  isDefault: boolean
  ssl: boolean
  /** Where it stands. */
  where: Directive
}

export interface Server {
  names: readonly string[]
  listens: readonly Listen[]
  settings: Settings
  rules: readonly Rule[]
  locations: readonly Location[]
}

/** A log_format: its text, and how values are made fit for it. */
export interface LogFormat {
  text: string
  escape: string
}

export interface HttpConfig {
  servers: readonly Server[]
  /** Those of `upstream`, and the addresses that `proxy_pass` names, with what became of requests to them. */
  upstreams: Map<string, Upstream>
  /** Of each name of a server, the addresses that it had when the configuration was read. */
  addresses: Map<string, readonly string[]>
  /** The servers that `proxy_pass` names as they stand. */
  passes: readonly { name: string; host: string; port: number }[]
  formats: ReadonlyMap<string, LogFormat>
  computed: ReadonlyMap<string, Compute>
  /** Those of limit_req_zone. */
  zones: ReadonlyMap<string, LimitZone>
  connectionZones: ReadonlyMap<string, ConnectionZone>
  caches: ReadonlyMap<string, CacheZone>
  /** Of the block `stream`. */
  stream: StreamConfig | undefined
  workers: number | 'auto'
  user: string
  pid: string
  errorLog: { path: string; level: string }
  daemon: boolean
}

export const COMBINED = '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"'

/** @param around the location that the rules stand in, as far as it is read */
function rulesOf(block: readonly Directive[], around?: Location): Rule[] {
  return block.flatMap((d): Rule[] => {
    const [first = '', second] = d.args
    switch (d.name) {
      case 'return': {
        if (/^\d+$/.test(first)) return [{ type: 'return', code: Number(first), text: second }]
        if (d.args.length === 1 && /^(https?:\/\/|\$scheme)/.test(first)) return [{ type: 'return', code: 302, text: first }]
        throw new ConfigError(`invalid return code "${first}"`, d)
      }
      case 'rewrite':
        return [{ type: 'rewrite', regex: patternOf(first, '', d), to: second!, flag: d.args[2] }]
      case 'set':
        if (!first.startsWith('$')) throw new ConfigError(`invalid variable name "${first}"`, d)
        return [{ type: 'set', name: first.slice(1), value: second! }]
      case 'break':
        return [{ type: 'break' }]
      case 'if': {
        const condition = conditionOf(d)
        const inner = around && innerLocation(d.block ?? [], around)
        return [{ type: 'if', condition, rules: rulesOf(d.block ?? [], inner), ...(inner ? { inner } : {}) }]
      }
      default:
        return []
    }
  })
}

/** The words of a condition. Throws {@link ConfigError} in nginx' words. */
function conditionOf(d: Directive): string[] {
  const text = d.args.join(' ')
  if (!/^\(.*\)$/s.test(text)) throw new ConfigError(`invalid condition "${text}"`, d)
  const words = text.slice(1, -1).trim().split(/\s+/)
  const [first = '', operator] = words
  if (/^!?-/.test(first)) {
    if (!/^!?-[fdex]$/.test(first)) throw new ConfigError(`invalid condition "${first}"`, d)
  } else if (!first.startsWith('$')) throw new ConfigError(`invalid condition "${first}"`, d)
  else if (operator !== undefined && !/^(!?=|!?~\*?)$/.test(operator)) throw new ConfigError(`unexpected "${operator}" in condition`, d)
  return words
}

/** A location as it is within an `if`: what stands there comes first, and files are not tried. */
function innerLocation(block: readonly Directive[], { tryFiles: _, ...around }: Location): Location {
  return { ...around, settings: settingsOf(block, around.settings), ...contentOf(block) }
}

/** What answers the requests of a location. */
function contentOf(block: readonly Directive[]): Pick<Location, 'alias' | 'tryFiles' | 'proxyPass' | 'otherPass'> {
  const find = (name: string): Directive | undefined => block.find((b) => b.name === name)
  const proxyPass = find('proxy_pass')
  const other = block.find((b) => /^(fastcgi|uwsgi|scgi|memcached|grpc)_pass$/.test(b.name))
  if (proxyPass && !/^(https?:\/\/|\$)/.test(proxyPass.args[0]!)) throw new ConfigError('invalid URL prefix', proxyPass)
  return {
    ...(find('alias') ? { alias: find('alias')!.args[0]! } : {}),
    ...(find('try_files') ? { tryFiles: find('try_files')!.args } : {}),
    ...(proxyPass ? { proxyPass: proxyPass.args[0]! } : {}),
    ...(other ? { otherPass: other.args[0]! } : {}),
  }
}

function locationOf(d: Directive, inherited: Settings): Location {
  const block = d.block ?? []
  const [modifier, pattern] = d.args.length > 1 ? [d.args[0]!, d.args[1]!] : shortModifier(d.args[0]!)
  const kinds: Record<string, Location['kind']> = { '': 'prefix', '=': 'exact', '^~': 'first', '~': 'regex', '~*': 'regex' }
  const kind = pattern.startsWith('@') ? 'named' : kinds[modifier]
  if (!kind) throw new ConfigError(`invalid location modifier "${modifier}"`, d)
  const settings = settingsOf(block, inherited)
  const has = (name: string): boolean => block.some((b) => b.name === name)
  const content = contentOf(block)
  const uri = /^https?:\/\/[^/$]+(\/[^$]*)?$/.exec(content.proxyPass ?? '')?.[1]
  if (uri !== undefined && (kind === 'regex' || kind === 'named'))
    throw new ConfigError('"proxy_pass" cannot have URI part in location given by regular expression, or inside named location, or inside "if" statement, or inside "limit_except" block', block.find((b) => b.name === 'proxy_pass')) // prettier-ignore
  if (content.alias !== undefined && kind === 'named')
    throw new ConfigError(
      'the "alias" directive cannot be used inside the named location',
      block.find((b) => b.name === 'alias'),
    )
  for (const inner of block.filter((b) => b.name === 'location' && kind !== 'regex' && b.args.length === 1 && b.args[0]!.startsWith('/')))
    if (!inner.args[0]!.startsWith(pattern)) throw new ConfigError(`location "${inner.args[0]}" is outside location "${pattern}"`, inner)
  const except = block.find((b) => b.name === 'limit_except')
  const location: Location = {
    kind,
    pattern,
    ...(kind === 'regex' ? { regex: patternOf(pattern, modifier === '~*' ? 'i' : '', d) } : {}),
    settings,
    ...content,
    stubStatus: has('stub_status'),
    internal: has('internal'),
    emptyGif: has('empty_gif'),
    ...(has('valid_referers') ? { referers: block.filter((b) => b.name === 'valid_referers').flatMap((b) => b.args) } : {}),
    ...(except ? { except: exceptOf(except, settings) } : {}),
    rules: [],
    nested: block.filter((b) => b.name === 'location').map((b) => locationOf(b, settings)),
  }
  return { ...location, rules: rulesOf(block, location) }
}

/** `location =/a` and the like: the modifier may stick to the path. */
function shortModifier(text: string): [modifier: string, pattern: string] {
  const match = /^(=|\^~|~\*|~)(.+)$/s.exec(text)
  return match ? [match[1]!, match[2]!] : ['', text]
}

function exceptOf(d: Directive, settings: Settings): NonNullable<Location['except']> {
  const known = new Set('GET HEAD POST PUT DELETE MKCOL COPY MOVE OPTIONS PROPFIND PROPPATCH LOCK UNLOCK PATCH'.split(' '))
  for (const method of d.args) if (!known.has(method.toUpperCase())) throw new ConfigError(`invalid method "${method}"`, d)
  const methods = new Set(d.args.map((method) => method.toUpperCase()))
  if (methods.has('GET')) methods.add('HEAD')
  const { proxyPass } = contentOf(d.block ?? [])
  return { methods, settings: settingsOf(d.block ?? [], settings), ...(proxyPass === undefined ? {} : { proxyPass }) }
}

function listenOf(d: Directive): Listen | undefined {
  const [where = ''] = d.args
  const isDefault = d.args.includes('default_server') || d.args.includes('default')
  const ssl = d.args.includes('ssl')
  if (where.startsWith('unix:')) return undefined
  const match = /^(?:(\[[^\]]*\]|[^:]*):)?(\d+)$/.exec(where)
  const address = match ? (match[1] ?? '') : where
  const port = match ? Number(match[2]) : 80
  if (port < 1 || port > 65535) throw new ConfigError(`invalid port in "${where}" of the "listen" directive`, d)
  // IPv6 listeners hear the same port of the simulated network's one family.
  if (address.startsWith('[')) return { address: '0.0.0.0', port, isDefault, ssl, where: d }
  const host = address === '' || address === '*' ? '0.0.0.0' : address === 'localhost' ? '127.0.0.1' : address
  if (!/^[\d.]+$/.test(host)) throw new ConfigError(`host not found in "${where}" of the "listen" directive`, d)
  return { address: host, port, isDefault, ssl, where: d }
}

function serverOf(d: Directive, inherited: Settings): Server {
  const block = d.block ?? []
  for (const d0 of block.filter((b) => b.name === 'server_name'))
    for (const name of d0.args) if (name.startsWith('~')) patternOf(name.slice(1), '', d0)
  const settings = settingsOf(block, inherited)
  const seen = new Set<string>()
  const listens = block
    .filter((b) => b.name === 'listen')
    .flatMap((b) => {
      const listen = listenOf(b)
      if (!listen) return []
      const key = `${b.args[0]}`
      if (seen.has(key)) throw new ConfigError(`a duplicate listen ${listen.address}:${listen.port}`, b)
      seen.add(key)
      return [listen]
    })
  const locations = block.filter((b) => b.name === 'location')
  const patterns = new Set<string>()
  for (const l of locations) {
    const key = l.args.join(' ')
    if (patterns.has(key)) throw new ConfigError(`duplicate location "${l.args.at(-1)}"`, l)
    patterns.add(key)
  }
  return {
    names: block.filter((b) => b.name === 'server_name').flatMap((b) => b.args),
    listens: listens.length > 0 ? listens : [{ address: '0.0.0.0', port: 80, isDefault: false, ssl: false, where: d }],
    settings,
    rules: rulesOf(block),
    locations: locations.map((l) => locationOf(l, settings)),
  }
}

/** Throws {@link ConfigError} for a limit or a cache whose zone is not there. */
function checkZones(config: HttpConfig): void {
  const within = (locations: readonly Location[]): Settings[] => locations.flatMap((l) => [l.settings, ...within(l.nested)])
  for (const { limits, connectionLimits } of config.servers.flatMap((server) => [server.settings, ...within(server.locations)])) {
    for (const { zone } of limits) if (!config.zones.has(zone)) throw new ConfigError(`zero size shared memory zone "${zone}"`)
    for (const { zone } of connectionLimits)
      if (!config.connectionZones.has(zone)) throw new ConfigError(`zero size shared memory zone "${zone}"`)
  }
}

/** Throws {@link ConfigError} for the name of a cache or a log format that nobody defines, or that two define. */
function checkNames(block: readonly Directive[], { caches, formats }: HttpConfig): void {
  const upstreams = new Set<string>()
  for (const d of block) {
    const [first = '', second = ''] = d.args
    if (d.name === 'proxy_cache' && first !== 'off' && !first.includes('$') && !caches.has(first))
      throw new ConfigError(`"proxy_cache" zone "${first}" is unknown`, d)
    if (d.name === 'access_log' && second !== '' && !second.includes('=') && !formats.has(second))
      throw new ConfigError(`unknown log format "${second}"`, d)
    if (d.name === 'upstream') {
      if (upstreams.has(first)) throw new ConfigError(`duplicate upstream "${first}"`, d)
      upstreams.add(first)
    }
    if (d.block) checkNames(d.block, { caches, formats } as HttpConfig)
  }
}

/** The configuration of a whole file. `-g` directives come first. Throws {@link ConfigError}. */
export function configOf(directives: readonly Directive[]): HttpConfig {
  const main = (name: string): Directive | undefined => directives.find((d) => d.name === name)
  if (!main('events')) throw new ConfigError('no "events" section in configuration')
  const http = main('http')
  const block = http?.block ?? []
  const settings = settingsOf(block, DEFAULTS)
  const workers = main('worker_processes')
  const count = workers?.args[0] ?? '1'
  const errorLog = main('error_log')?.args ?? []
  const stream = main('stream')
  const config: HttpConfig = {
    servers: block.filter((d) => d.name === 'server').map((d) => serverOf(d, settings)),
    upstreams: new Map(block.filter((d) => d.name === 'upstream').map((d) => [d.args[0]!, upstreamOf(d)])),
    addresses: new Map(),
    passes: passesOf(block),
    formats: new Map([['combined', { text: COMBINED, escape: 'default' }], ...formatsOf(block)]),
    computed: computedOf(block),
    zones: zonesOf(block),
    connectionZones: connectionZonesOf(block),
    caches: cacheZonesOf(block),
    stream: stream && streamOf(stream.block ?? []),
    workers: count === 'auto' ? 'auto' : Number(count),
    user: main('user')?.args[0] ?? 'nobody',
    pid: main('pid')?.args[0] ?? '/run/nginx.pid',
    errorLog: { path: errorLog[0] ?? '/var/log/nginx/error.log', level: errorLog[1] ?? 'error' },
    daemon: main('daemon')?.args[0] !== 'off',
  }
  checkZones(config)
  checkNames(block, config)
  return config
}

/** The log_formats of a block. Throws {@link ConfigError} in nginx' words. */
export function formatsOf(block: readonly Directive[]): Map<string, LogFormat> {
  const formats = new Map<string, LogFormat>()
  for (const d of block.filter((b) => b.name === 'log_format')) {
    const [name = '', ...parts] = d.args
    if (formats.has(name) || name === 'combined') throw new ConfigError(`duplicate "log_format" name "${name}"`, d)
    const escape = /^escape=(.*)$/.exec(parts[0] ?? '')?.[1]
    if (escape !== undefined && !['json', 'default', 'none'].includes(escape))
      throw new ConfigError(`unknown log format escaping "${escape}"`, d)
    formats.set(name, { text: parts.slice(escape === undefined ? 0 : 1).join(''), escape: escape ?? 'default' })
  }
  return formats
}

/** The servers that `proxy_pass` names without variables, as `host:port` is written. */
function passesOf(block: readonly Directive[]): HttpConfig['passes'] {
  return block.flatMap((d) => {
    const [, scheme, name = ''] = (d.name === 'proxy_pass' && /^(https?):\/\/([^/?$]+)(?![^/?])/.exec(d.args[0] ?? '')) || []
    const [host = '', port] = name.split(':')
    const own = scheme === undefined ? [] : [{ name, host, port: Number(port ?? (scheme === 'https' ? 443 : 80)) }]
    return [...own, ...passesOf(d.block ?? [])]
  })
}
