/** The block `stream`: what it listens on and where connections go (https://nginx.org/en/docs/stream/ngx_stream_core_module.html). */
import { computedOf, type Compute } from './computed.js'
import { ConfigError, type Directive } from './conf.js'
import type { LogFormat } from './model.js'
import { milliseconds } from './units.js'
import { upstreamOf, type Upstream } from './upstream.js'

/** One server of the block. */
export interface StreamServer {
  readonly listens: readonly { readonly address: string; readonly port: number; readonly udp: boolean }[]
  /** Where connections are passed to, with variables; undefined where `answer` is sent. */
  readonly pass: string | undefined
  readonly answer: string | undefined
  readonly access: readonly { allow: boolean; who: string }[]
  /** Milliseconds. */
  readonly connectTimeout: number
  readonly timeout: number
  readonly log: { readonly path: string; readonly format: string } | undefined
}

export interface StreamConfig {
  readonly servers: readonly StreamServer[]
  readonly upstreams: ReadonlyMap<string, Upstream>
  readonly formats: ReadonlyMap<string, LogFormat>
  readonly computed: ReadonlyMap<string, Compute>
}

/** Reads the block. Throws {@link ConfigError} in nginx' words. */
export function streamOf(block: readonly Directive[]): StreamConfig {
  const formats = new Map<string, LogFormat>()
  for (const d of block.filter((b) => b.name === 'log_format'))
    formats.set(d.args[0]!, { text: d.args.slice(1).join(''), escape: 'default' })
  return {
    servers: block.filter((d) => d.name === 'server').map((d) => serverOf(d, block, formats)),
    upstreams: new Map(block.filter((d) => d.name === 'upstream').map((d) => [d.args[0]!, upstreamOf(d)])),
    formats,
    computed: computedOf(block),
  }
}

function serverOf(d: Directive, around: readonly Directive[], formats: ReadonlyMap<string, LogFormat>): StreamServer {
  const block = d.block ?? []
  const own = (name: string): Directive | undefined => block.find((b) => b.name === name)
  const find = (name: string): Directive | undefined => own(name) ?? around.find((b) => b.name === name)
  const listens = block.filter((b) => b.name === 'listen').map(listenOf)
  if (listens.length === 0) throw new ConfigError('no "listen" is defined for server', d)
  const [pass, answer] = [own('proxy_pass'), own('return')]
  if (!pass && !answer) throw new ConfigError('no handler for server', d)
  if (
    pass &&
    !pass.args[0]!.includes('$') &&
    !/:\d+$/.test(pass.args[0]!) &&
    !around.some((b) => b.name === 'upstream' && b.args[0] === pass.args[0])
  )
    throw new ConfigError(`no port in upstream "${pass.args[0]}"`, pass)
  const rules = (blocks: readonly Directive[]): StreamServer['access'] =>
    blocks.filter((b) => b.name === 'allow' || b.name === 'deny').map((b) => ({ allow: b.name === 'allow', who: b.args[0]! }))
  const log = find('access_log')?.args
  if (log && log[0] !== 'off' && !formats.has(log[1] ?? ''))
    throw new ConfigError(`unknown log format "${log[1] ?? 'combined'}"`, find('access_log'))
  return {
    listens,
    pass: pass?.args[0],
    answer: answer?.args[0],
    access: rules(block).length > 0 ? rules(block) : rules(around),
    connectTimeout: milliseconds(find('proxy_connect_timeout')?.args[0] ?? '60s')!,
    timeout: milliseconds(find('proxy_timeout')?.args[0] ?? '10m')!,
    log: log && log[0] !== 'off' ? { path: log[0]!, format: log[1]! } : undefined,
  }
}

function listenOf(d: Directive): StreamServer['listens'][number] {
  const [where = '', ...options] = d.args
  const match = /^(?:(\[[^\]]*\]|[^:]*):)?(\d+)$/.exec(where)
  if (!match) throw new ConfigError(`no port in "${where}" of the "listen" directive`, d)
  const port = Number(match[2])
  if (port < 1 || port > 65535) throw new ConfigError(`invalid port in "${where}" of the "listen" directive`, d)
  for (const option of options)
    if (!/^(udp|reuseport|bind|proxy_protocol|ipv6only=\w+|backlog=\d+|rcvbuf=\w+|sndbuf=\w+|so_keepalive=.*|default_server)$/.test(option))
      throw new ConfigError(option === 'ssl' ? 'no "ssl_certificate" is defined for the "listen ... ssl" directive' : `the invalid "${option}" parameter`, d) // prettier-ignore
  const host = match[1] ?? ''
  const address = host === '' || host === '*' || host.startsWith('[') ? '0.0.0.0' : host === 'localhost' ? '127.0.0.1' : host
  return { address, port, udp: options.includes('udp') }
}
