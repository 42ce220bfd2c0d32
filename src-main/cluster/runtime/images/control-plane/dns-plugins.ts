/**
 * The plugins of CoreDNS that people configure, in the order in which CoreDNS runs them: rewrite, hosts, kubernetes,
 * forward (https://coredns.io/plugins/).
 */
import { parseGoDuration } from '../../../go-duration.js'
import { DnsError, type DnsAnswer, type DnsType } from '../../../network/network.js'
import type { Process } from '../../process.js'
import { boundedRegExp } from '../../programs/guarded-regexp.js'
import { faultAt, type Directive, type ServerBlock } from './corefile.js'

/** Answers a question about a full name in lower case with its last dot. Rejects with {@link DnsError}. */
export type Ask = (name: string, type: DnsType) => Promise<DnsAnswer[]>

/** What a plugin makes of a question, with what comes after it. */
export type Plugin = (next: Ask) => Ask

/** Milliseconds that a server that does not answer is waited for. */
const FORWARD_PATIENCE = 5_000
const FORWARD_TTL = 30

export const dotted = (name: string): string => name.toLowerCase().replace(/\.?$/, '.')

/** Whether a name is a zone or in it. */
export function inZone(name: string, zone: string): boolean {
  return zone === '.' || name === zone || name.endsWith(`.${zone}`)
}

/** What a plugin is made from. */
export interface OuterSetup {
  process: Process
  file: string
  directive: Directive
  /** The zones of the server block. */
  zones: readonly string[]
}

/** As {@link OuterSetup}, for the plugins that find answers. */
export interface Setup extends OuterSetup {
  /** Asks the whole chain of plugins. */
  ask: Ask
}

function fault({ file, directive }: OuterSetup, what: string, line = directive.line): Error {
  const inner = faultAt(file, line, what)
  inner.message = `plugin/${directive.name}: ${inner.message}`
  return inner
}

export function wrongArguments(setup: OuterSetup, last: string, line?: number): Error {
  return fault(setup, `Wrong argument count or unexpected line ending after '${last}'`, line)
}

/** Whether a name that a plugin does not have is left to the next one: `fallthrough [ZONES...]`. */
function fallsThrough(directive: Directive): (name: string) => boolean {
  const found = directive.body.find(({ words }) => words[0] === 'fallthrough')
  if (!found) return () => false
  const zones = found.words.length > 1 ? found.words.slice(1).map(dotted) : ['.']
  return (name) => zones.some((zone) => inZone(name, zone))
}

const reverseName = (address: string): string => `${address.split('.').reverse().join('.')}.in-addr.arpa.`

function hosts(setup: Setup): Plugin {
  const { directive, process } = setup
  const [file = '/etc/hosts', ...own] = directive.args
  const zones = (own.length > 0 ? own : setup.zones).map(dotted)
  const through = fallsThrough(directive)
  let ttl = 3600
  const inline: string[][] = []
  for (const { words, line } of directive.body) {
    if (words[0] === 'ttl') {
      ttl = Number(words[1])
      if (words.length !== 2) throw wrongArguments(setup, words.at(-1)!, line)
      if (!Number.isInteger(ttl)) throw fault(setup, `ttl needs a number of second`, line)
      if (ttl <= 0 || ttl > 65_535) throw fault(setup, 'ttl provided is invalid', line)
    } else if (!['fallthrough', 'no_reverse', 'reload'].includes(words[0]!)) inline.push(words)
  }
  const noReverse = directive.body.some(({ words }) => words[0] === 'no_reverse')
  const entries = (): string[][] => {
    let text = ''
    try {
      text = process.fs.readText(file)
    } catch {
      // A file that is not there has no entries.
    }
    const lines = text.split('\n').map((l) => l.replace(/#.*/, '').trim().split(/\s+/))
    return [...lines, ...inline].filter((words) => words.length > 1)
  }
  return (next) => async (name, type) => {
    if (name.endsWith('.in-addr.arpa.')) {
      const found = noReverse ? [] : entries().filter(([address]) => reverseName(address!) === name)
      if (type !== 'PTR' || found.length === 0) return next(name, type)
      return found.flatMap(([, ...names]) => names.map((n): DnsAnswer => ({ name, type: 'PTR', ttl, data: dotted(n) })))
    }
    if (!zones.some((zone) => inZone(name, zone))) return next(name, type)
    const found = entries().filter(([, ...names]) => names.some((n) => dotted(n) === name))
    if (found.length > 0) {
      const records = found.map(([data]): DnsAnswer => ({ name, type: data!.includes(':') ? 'AAAA' : 'A', ttl, data: data! }))
      return records.filter((r) => type === 'ANY' || r.type === type)
    }
    if (through(name)) return next(name, type)
    // There is no SOA to deny a name with.
    throw new DnsError('SERVFAIL', name)
  }
}

const KUBERNETES_PROPERTIES = new Set(
  (
    'endpoint_pod_names pods namespaces endpoint tls labels namespace_labels fallthrough ttl noendpoints kubeconfig multicluster ' +
    'startup_timeout apiserver_qps apiserver_burst apiserver_max_inflight ignore'
  ).split(' '),
)

function kubernetes(setup: Setup): Plugin {
  const { directive, process, ask } = setup
  const zones = (directive.args.length > 0 ? directive.args : setup.zones).map(dotted)
  const through = fallsThrough(directive)
  const pods = directive.body.find(({ words }) => words[0] === 'pods')?.words[1] ?? 'disabled'
  let ttl = 5
  for (const { words, line } of directive.body) {
    if (!KUBERNETES_PROPERTIES.has(words[0]!)) throw fault(setup, `unknown property '${words[0]}'`, line)
    if (words[0] !== 'ttl') continue
    ttl = Number(words[1])
    if (!(ttl >= 0 && ttl <= 3600)) throw fault(setup, `ttl must be in range [0, 3600]: ${words[1]}`, line)
  }
  return (next) => async (name, type) => {
    if (!zones.some((zone) => inZone(name, zone))) return next(name, type)
    try {
      const isPod = /\.pod\.[^.]+\.[^.]+\.$/.test(name)
      if (isPod && pods === 'disabled') throw new DnsError('NXDOMAIN', name)
      const answers = (process.net.names?.query(name, type) ?? []).map((a) => ({ ...a, ttl }))
      const last = answers.at(-1)
      if (last?.type !== 'CNAME' || type === 'CNAME' || type === 'ANY' || zones.some((zone) => inZone(last.data, zone))) return answers
      // What stands behind an ExternalName is asked of the server anew, and may be nothing.
      return [...answers, ...(await ask(dotted(last.data), type).catch(() => []))]
    } catch (error) {
      if (error instanceof DnsError && error.code === 'NXDOMAIN' && through(name)) return next(name, type)
      throw error
    }
  }
}

function forward(setup: Setup): Plugin {
  const { directive, process } = setup
  const [from, ...to] = directive.args
  if (from === undefined || to.length === 0) throw wrongArguments(setup, directive.args.at(-1) ?? 'forward')
  const zone = dotted(from)
  const except = directive.body.flatMap(({ words }) => (words[0] === 'except' ? words.slice(1).map(dotted) : []))
  const servers = to.map((server) => {
    const address = server.replace(/^(dns|tls):\/\//, '').replace(/:53$/, '')
    if (!/^(\d+\.){3}\d+(:\d+)?$/.test(address) && !server.startsWith('/'))
      throw Object.assign(new Error(), { message: `plugin/forward: not an IP address or file: "${server}"` })
    return address
  })
  return (next) => async (name, type) => {
    if (!inZone(name, zone) || except.some((z) => inZone(name, z))) return next(name, type)
    const server = servers[0]!
    // The node's resolver knows the world outside.
    if (server.startsWith('/')) {
      const address = process.net.names?.outside?.(name)
      if (address === undefined) throw new DnsError('NXDOMAIN', name)
      return type === 'A' || type === 'ANY' ? [{ name, type: 'A', ttl: FORWARD_TTL, data: address }] : []
    }
    try {
      return await process.net.query!(name, type, server, FORWARD_PATIENCE)
    } catch (error) {
      if (!(error instanceof DnsError) || error.code !== 'TIMEOUT') throw error
      const port = 32_768 + process.random.int(28_000)
      throw new UpstreamError(name, `read udp ${process.net.ip}:${port}->${server}:53: i/o timeout`)
    }
  }
}

/** A server that was asked on behalf of a client did not answer. */
export class UpstreamError extends DnsError {
  constructor(
    host: string,
    /** As the errors plugin writes it. */
    readonly reason: string,
  ) {
    super('SERVFAIL', host)
  }
}

interface NameRule {
  /** The new name; undefined for a name that the rule leaves alone. */
  apply(name: string): string | undefined
  /** The name that an answer has for the client. */
  answer(name: string, asked: string): string
  goOn: boolean
}

/** `{1}` is the first group of a match. */
function fill(template: string, groups: readonly (string | undefined)[]): string {
  return template.replace(/\{(\d+)\}/g, (_, n: string) => groups[Number(n)] ?? '')
}

function nameRule(setup: Setup): NameRule | undefined {
  const { directive } = setup
  const words = [...directive.args, ...directive.body.flatMap((l) => l.words)]
  const goOn = words[0] === 'continue'
  if (words[0] === 'continue' || words[0] === 'stop') words.shift()
  if (words.length < 2) throw wrongArguments(setup, words.at(-1) ?? 'rewrite')
  if (words.shift() !== 'name') return undefined
  const kind = /^(exact|prefix|suffix|substring|regex)$/.test(words[0]!) && words.length > 2 ? words.shift()! : 'exact'
  const [from, to, ...rest] = words
  if (from === undefined || to === undefined) throw wrongArguments(setup, words.at(-1) ?? 'name')
  const answers = rest.flatMap((w, i) =>
    w === 'answer' && rest[i + 1] === 'name' ? [[boundedRegExp(rest[i + 2]!), rest[i + 3]!] as const] : [],
  )
  const automatic = kind === 'exact' || (rest[0] === 'answer' && rest[1] === 'auto')
  const pattern = kind === 'regex' ? boundedRegExp(from) : undefined
  const apply = (name: string): string | undefined => {
    if (pattern) {
      const groups = pattern.exec(name)
      return groups ? dotted(fill(to, groups)) : undefined
    }
    const wanted = from.toLowerCase()
    if (kind === 'exact') return name === dotted(from) ? dotted(to) : undefined
    if (kind === 'prefix') return name.startsWith(wanted) ? dotted(to + name.slice(wanted.length)) : undefined
    if (kind === 'suffix') return name.endsWith(dotted(from)) ? dotted(name.slice(0, -dotted(from).length) + to) : undefined
    return name.includes(wanted) ? dotted(name.replace(wanted, to)) : undefined
  }
  const answer = (name: string, asked: string): string => {
    if (automatic && name === apply(asked)) return asked
    for (const [expression, template] of answers) {
      const groups = expression.exec(name)
      if (groups) return dotted(fill(template, groups))
    }
    return name
  }
  return { apply, answer, goOn }
}

function rewrite(rules: readonly NameRule[]): Plugin {
  return (next) => async (name, type) => {
    let asked = name
    const applied: { rule: NameRule; before: string }[] = []
    for (const rule of rules) {
      const renamed = rule.apply(asked)
      if (renamed === undefined) continue
      applied.unshift({ rule, before: asked })
      asked = renamed
      if (!rule.goOn) break
    }
    const answers = await next(asked, type)
    return answers.map((a) => ({ ...a, name: applied.reduce((n, { rule, before }) => rule.answer(n, before), a.name) }))
  }
}

/**
 * The plugins of a server block, as one. Throws what CoreDNS says of a fault in the configuration.
 * @param before those that come before all others
 */
export function chainOf(block: ServerBlock, zones: readonly string[], file: string, process: Process, before: readonly Plugin[] = []): Ask {
  const ask: Ask = (name, type) => chain(name, type)
  const of = <T>(name: string, make: (setup: Setup) => T): T[] =>
    block.directives.filter((d) => d.name === name).map((directive) => make({ process, file, directive, zones, ask }))
  for (const { name, args, line } of block.directives)
    if (name === 'reload' && args[0] !== undefined && parseGoDuration(args[0]) === undefined)
      throw Object.assign(new Error(), { message: `plugin/reload: time: invalid duration "${args[0]}" (line ${line})` })
  const rules = of('rewrite', nameRule).filter((rule) => rule !== undefined)
  const plugins = [...before, rewrite(rules), ...of('hosts', hosts), ...of('kubernetes', kubernetes), ...of('forward', forward)]
  const chain = plugins.reduceRight<Ask>(
    (next, plugin) => plugin(next),
    (name) => Promise.reject(new DnsError('SERVFAIL', name)),
  )
  return chain
}
