/** What the nginx binary knows before it serves: its command line, its configuration, how it complains. */
import type { Process } from '../../process.js'
import { isAddress } from '../../../network/addresses.js'
import { DnsError } from '../../../network/network.js'
import { ConfigError, loadConf, parseConf, type Directive } from './conf.js'
import { checkGrammar, checkVariables } from './grammar.js'
import { configOf, type HttpConfig } from './model.js'
import { single } from './upstream.js'

export interface NginxVersion {
  version: string
  /** Such as `gcc 12.2.0 (Debian 12.2.0-14)`. */
  compiler: string
}

/** Of the command line. */
export interface Options {
  conf: string
  prefix: string
  globals: string
  test: boolean
  dump: boolean
  quiet: boolean
  signal: string | undefined
}

/** A message before the logs are open: to standard error, once as a log line and once for the person. */
export async function emerg(process: Process, message: string, level = 'emerg'): Promise<void> {
  await process.writeError(`${timestamp(process)} [${level}] ${process.pid}#${process.pid}: ${message}\nnginx: [${level}] ${message}\n`)
}

/** As in error logs: `2026/11/21 09:17:00`. */
export function timestamp(process: Process): string {
  return new Date(process.clock.now()).toISOString().slice(0, 19).replaceAll('-', '/').replace('T', ' ')
}

/** The configuration of the files and of `-g`. Rejects with {@link ConfigError}. */
export async function load(process: Process, options: Options): Promise<HttpConfig> {
  const globals: readonly Directive[] = options.globals ? parseConf(options.globals.replace(/;?\s*$/, ';'), 'command line') : []
  const directives = [...globals, ...loadConf(process.fs, options.conf, options.prefix)]
  checkGrammar(directives)
  checkModules(process, directives)
  const config = configOf(directives)
  checkVariables(directives)
  for (const { host, name, where } of otherServers(directives, config)) {
    try {
      config.addresses.set(host, await process.net.resolve(host))
    } catch (error) {
      if (!(error instanceof DnsError)) throw error
      throw new ConfigError(`host not found in ${where.name === 'resolver' ? 'resolver' : 'upstream'} ${JSON.stringify(name)}`, where)
    }
  }
  remember(config)
  return config
}

/** Throws {@link ConfigError} for a module that is to be loaded: the image has none besides those that are built in. */
function checkModules(process: Process, directives: readonly Directive[]): void {
  for (const d of directives.filter(({ name }) => name === 'load_module')) {
    const path = d.args[0]!.startsWith('/') ? d.args[0]! : `/etc/nginx/${d.args[0]}`
    const why = process.fs.exists(path) ? 'invalid ELF header' : 'cannot open shared object file: No such file or directory'
    throw new ConfigError(`dlopen() "${path}" failed (${path}: ${why})`, d)
  }
}

/** Servers keep the addresses that their names have now, until the configuration is read again. */
function remember({ upstreams, addresses, passes }: HttpConfig): void {
  for (const { name, host, port } of passes) if (!upstreams.has(name)) upstreams.set(name, single(host, port))
  for (const [name, upstream] of upstreams) {
    const peers = upstream.peers.flatMap((peer) => (addresses.get(peer.host) ?? [peer.host]).map((host) => ({ ...peer, host })))
    upstreams.set(name, { ...upstream, peers })
  }
}

/** The hosts that requests are passed to, as far as they are known before one comes: their names must have addresses. */
function* otherServers(
  directives: readonly Directive[],
  config: HttpConfig,
  within?: string,
): Generator<{ host: string; name: string; where: Directive }> {
  for (const d of directives) {
    const [text = ''] = d.args
    if (within === 'upstream' && d.name === 'server') {
      const host = hostOf(text)
      if (host) yield { host, name: text, where: d }
    } else if (/^(proxy|fastcgi|uwsgi|scgi|memcached|grpc)_pass$/.test(d.name) && !text.includes('$')) {
      const authority = /^(?:\w+:\/\/)?([^/?]+)/.exec(text)?.[1] ?? ''
      const host = config.upstreams.has(authority) || config.stream?.upstreams.has(authority) ? undefined : hostOf(authority)
      if (host) yield { host, name: host, where: d }
    }
    if (d.name === 'resolver')
      for (const arg of d.args) {
        const host = arg.includes('=') ? undefined : hostOf(arg)
        if (host) yield { host, name: arg, where: d }
      }
    if (d.block) yield* otherServers(d.block, config, d.name)
  }
}

/** The name in `name:port`; undefined for an address or a socket. */
function hostOf(authority: string): string | undefined {
  if (/^(unix:|\[)/.test(authority)) return undefined
  const [host = ''] = authority.split(':')
  return host === '' || isAddress(host) ? undefined : host
}
