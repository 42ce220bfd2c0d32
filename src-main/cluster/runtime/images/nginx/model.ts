/** From directives to what the server works with: listening ports, servers, locations, settings that blocks inherit. */
import { boundedRegExp } from '../../programs/guarded-regexp.js'
import { ConfigError, type Directive } from './conf.js'
import { zonesOf, type LimitZone } from './limits.js'
import { DEFAULTS, settingsOf, type Settings } from './settings.js'

export interface Location {
  kind: 'prefix' | 'exact' | 'first' | 'regex' | 'named'
  pattern: string
  regex?: RegExp
  settings: Settings
  alias?: string
  tryFiles?: readonly string[]
  proxyPass?: string
  stubStatus: boolean
  internal: boolean
  emptyGif: boolean
  rules: readonly Rule[]
  nested: readonly Location[]
}

/** The directives of the rewrite module, which run in their order. */
export type Rule =
  | { type: 'return'; code: number; text: string | undefined }
  | { type: 'rewrite'; regex: RegExp; to: string; flag: string | undefined }
  | { type: 'set'; name: string; value: string }
  | { type: 'if'; condition: readonly string[]; rules: readonly Rule[] }
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

export interface HttpConfig {
  servers: readonly Server[]
  upstreams: ReadonlyMap<string, readonly { host: string; port: number; weight: number }[]>
  formats: ReadonlyMap<string, string>
  types: ReadonlyMap<string, string>
  maps: readonly { source: string; variable: string; entries: readonly [string, string][] }[]
  /** Those of limit_req_zone. */
  zones: ReadonlyMap<string, LimitZone>
  workers: number | 'auto'
  user: string
  pid: string
  errorLog: { path: string; level: string }
  daemon: boolean
}

export const COMBINED = '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"'

/** How many arguments a directive takes, for those that people get wrong. */
const ARGUMENTS: Readonly<Record<string, readonly [number, number]>> = {
  root: [1, 1],
  alias: [1, 1],
  index: [1, Infinity],
  listen: [1, Infinity],
  server_name: [1, Infinity],
  return: [1, 2],
  rewrite: [2, 3],
  proxy_pass: [1, 1],
  autoindex: [1, 1],
  error_page: [2, Infinity],
  location: [1, 2],
  try_files: [2, Infinity],
  upstream: [1, 1],
  add_header: [2, 3],
  set: [2, 2],
  worker_processes: [1, 1],
  worker_connections: [1, 1],
  keepalive_timeout: [1, 2],
  default_type: [1, 1],
  auth_basic: [1, 1],
  auth_basic_user_file: [1, 1],
  limit_req_zone: [3, Infinity],
  limit_req: [1, 3],
  expires: [1, 2],
}

/** Where a directive may stand, for those that people misplace. */
const PLACES: Readonly<Record<string, readonly string[]>> = {
  server: ['http', 'upstream', 'stream'],
  location: ['server', 'location'],
  upstream: ['http', 'stream'],
  listen: ['server'],
  limit_req_zone: ['http'],
  server_name: ['server'],
  proxy_pass: ['location', 'if', 'server'],
  root: ['http', 'server', 'location', 'if'],
  http: ['main'],
  events: ['main'],
  worker_processes: ['main'],
  worker_connections: ['events'],
  return: ['server', 'location', 'if'],
}

function check(directive: Directive, place: string): void {
  const places = PLACES[directive.name]
  if (places && !places.includes(place)) throw new ConfigError(`"${directive.name}" directive is not allowed here`, directive)
  const range = ARGUMENTS[directive.name]
  const n = directive.args.length
  if (range && (n < range[0] || n > range[1]))
    throw new ConfigError(`invalid number of arguments in "${directive.name}" directive`, directive)
}

function regex(pattern: string, flags: string, where: Directive): RegExp {
  try {
    return boundedRegExp(pattern.replaceAll('(?P<', '(?<'), flags)
  } catch {
    throw new ConfigError(`pcre2_compile() failed: invalid pattern in "${pattern}"`, where)
  }
}

function rulesOf(block: readonly Directive[]): Rule[] {
  return block.flatMap((d): Rule[] => {
    const [first = '', second] = d.args
    switch (d.name) {
      case 'return': {
        if (/^\d+$/.test(first)) return [{ type: 'return', code: Number(first), text: second }]
        if (d.args.length === 1 && /^(https?:\/\/|\$scheme)/.test(first)) return [{ type: 'return', code: 302, text: first }]
        throw new ConfigError(`invalid return code "${first}"`, d)
      }
      case 'rewrite':
        return [{ type: 'rewrite', regex: regex(first, '', d), to: second!, flag: d.args[2] }]
      case 'set':
        if (!first.startsWith('$')) throw new ConfigError(`invalid variable name "${first}"`, d)
        return [{ type: 'set', name: first.slice(1), value: second! }]
      case 'break':
        return [{ type: 'break' }]
      case 'if': {
        const condition = d.args
          .join(' ')
          .replace(/^\(\s*|\s*\)$/g, '')
          .split(/\s+/)
        return [{ type: 'if', condition, rules: rulesOf(d.block ?? []) }]
      }
      default:
        return []
    }
  })
}

function locationOf(d: Directive, inherited: Settings): Location {
  check(d, 'server')
  const block = d.block ?? []
  for (const inner of block) check(inner, 'location')
  const [modifier, pattern] = d.args.length > 1 ? [d.args[0]!, d.args[1]!] : ['', d.args[0]!]
  const kinds: Record<string, Location['kind']> = { '': 'prefix', '=': 'exact', '^~': 'first', '~': 'regex', '~*': 'regex' }
  const kind = pattern.startsWith('@') ? 'named' : kinds[modifier]
  if (!kind) throw new ConfigError(`invalid location modifier "${modifier}"`, d)
  const settings = settingsOf(block, inherited)
  const find = (name: string): Directive | undefined => block.find((b) => b.name === name)
  const proxyPass = find('proxy_pass')
  if (proxyPass && !/^(https?:\/\/|\$)/.test(proxyPass.args[0]!)) throw new ConfigError('invalid URL prefix', proxyPass)
  return {
    kind,
    pattern,
    ...(kind === 'regex' ? { regex: regex(pattern, modifier === '~*' ? 'i' : '', d) } : {}),
    settings,
    ...(find('alias') ? { alias: find('alias')!.args[0]! } : {}),
    ...(find('try_files') ? { tryFiles: find('try_files')!.args } : {}),
    ...(proxyPass ? { proxyPass: proxyPass.args[0]! } : {}),
    stubStatus: find('stub_status') !== undefined,
    internal: find('internal') !== undefined,
    emptyGif: find('empty_gif') !== undefined,
    rules: rulesOf(block),
    nested: block.filter((b) => b.name === 'location').map((b) => locationOf(b, settings)),
  }
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
  check(d, 'http')
  const block = d.block ?? []
  for (const inner of block) check(inner, 'server')
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

function upstreamOf(d: Directive): { host: string; port: number; weight: number }[] {
  const servers = (d.block ?? []).filter((b) => b.name === 'server')
  if (servers.length === 0) throw new ConfigError('no servers are inside upstream', d)
  return servers
    .filter((s) => !s.args.includes('down') && !s.args.includes('backup'))
    .map((s) => {
      const [host = '', port] = s.args[0]!.split(':')
      const weight = s.args.map((a) => /^weight=(\d+)$/.exec(a)?.[1]).find((w) => w !== undefined)
      return { host, port: Number(port ?? 80), weight: Number(weight ?? 1) }
    })
}

/** Throws {@link ConfigError} for a limit whose zone is not there. */
function checkZones(config: HttpConfig): void {
  const within = (locations: readonly Location[]): Settings[] => locations.flatMap((l) => [l.settings, ...within(l.nested)])
  for (const { limits } of config.servers.flatMap((server) => [server.settings, ...within(server.locations)]))
    for (const { zone } of limits) if (!config.zones.has(zone)) throw new ConfigError(`zero size shared memory zone "${zone}"`)
}

/** The configuration of a whole file. `-g` directives come first. Throws {@link ConfigError}. */
export function configOf(directives: readonly Directive[]): HttpConfig {
  for (const d of directives) check(d, 'main')
  const main = (name: string): Directive | undefined => directives.find((d) => d.name === name)
  if (!main('events')) throw new ConfigError('no "events" section in configuration')
  const http = main('http')
  const block = http?.block ?? []
  for (const d of block) check(d, 'http')
  const settings = settingsOf(block, DEFAULTS)
  const workers = main('worker_processes')
  const count = workers?.args[0] ?? '1'
  if (count !== 'auto' && !/^[1-9]\d*$/.test(count)) throw new ConfigError('invalid number', workers)
  const errorLog = main('error_log')?.args ?? []
  const types = new Map<string, string>()
  for (const d of block.filter((b) => b.name === 'types'))
    for (const t of d.block ?? []) for (const ext of t.args) types.set(ext.toLowerCase(), t.name)
  const config: HttpConfig = {
    servers: block.filter((d) => d.name === 'server').map((d) => serverOf(d, settings)),
    upstreams: new Map(block.filter((d) => d.name === 'upstream').map((d) => [d.args[0]!, upstreamOf(d)])),
    formats: new Map([
      ['combined', COMBINED],
      ...block
        .filter((d) => d.name === 'log_format')
        .map((d): [string, string] => [
          d.args[0]!,
          d.args
            .slice(1)
            .filter((a) => !a.startsWith('escape='))
            .join(''),
        ]),
    ]),
    types,
    maps: block
      .filter((d) => d.name === 'map')
      .map((d) => ({
        source: d.args[0]!,
        variable: d.args[1]!.slice(1),
        entries: (d.block ?? []).map((e): [string, string] => [e.name, e.args[0] ?? '']),
      })),
    zones: zonesOf(block),
    workers: count === 'auto' ? 'auto' : Number(count),
    user: main('user')?.args[0] ?? 'nobody',
    pid: main('pid')?.args[0] ?? '/run/nginx.pid',
    errorLog: { path: errorLog[0] ?? '/var/log/nginx/error.log', level: errorLog[1] ?? 'error' },
    daemon: main('daemon')?.args[0] !== 'off',
  }
  checkZones(config)
  return config
}
