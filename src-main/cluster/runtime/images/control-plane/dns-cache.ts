/** CoreDNS' plugins cache and loadbalance (https://coredns.io/plugins/cache/, https://coredns.io/plugins/loadbalance/). */
import { DnsError, type DnsAnswer, type DnsType } from '../../../network/network.js'
import type { Process } from '../../process.js'
import type { ServerBlock } from './corefile.js'
import { dotted, inZone, UpstreamError, wrongArguments, type Ask, type Plugin, type OuterSetup } from './dns-plugins.js'

/** The longest that answers are kept, s: those that say something, and those that deny. */
const LONGEST = { success: 3600, denial: 1800 }
const SHORTEST = 5
const FAILURE = 5
/** What a denial says of how long it holds: the SOA of the kubernetes plugin. */
const DENIAL_TTL = 30
const CAPACITY = 9_984

interface Entry {
  answers: readonly DnsAnswer[] | DnsError
  /** Cluster ms. */
  since: number
  until: number
}

/** How often the cache had an answer, for the metrics. */
export interface CacheCounts {
  hits: { success: number; denial: number }
  misses(): number
  entries(): { success: number; denial: number }
}

export function cache(setup: OuterSetup, onMade: (counts: CacheCounts) => void): Plugin {
  const { directive, process } = setup
  const args = [...directive.args]
  const first = args[0] !== undefined && /^\d+$/.test(args[0]) ? Number(args.shift()) : undefined
  const caps = { success: first ?? LONGEST.success, denial: first ?? LONGEST.denial }
  const zones = (args.length > 0 ? args : setup.zones).map(dotted)
  const disabled: Record<'success' | 'denial', string[]> = { success: [], denial: [] }
  for (const { words, line } of directive.body) {
    const [word, kind, ...rest] = words
    if (word === 'disable') {
      if (kind !== 'success' && kind !== 'denial') throw wrongArguments(setup, words.at(-1)!, line)
      disabled[kind].push(...(rest.length > 0 ? rest.map(dotted) : ['.']))
    } else if ((word === 'success' || word === 'denial') && rest[0] !== undefined) caps[word] = Number(rest[0])
  }
  const kept = new Map<string, Entry>()
  const counts = { hits: { success: 0, denial: 0 }, misses: 0 }
  const kindOf = ({ answers }: Entry): 'success' | 'denial' => (answers instanceof DnsError || answers.length === 0 ? 'denial' : 'success')
  const entries = (): { success: number; denial: number } => {
    const found = { success: 0, denial: 0 }
    for (const entry of kept.values()) found[kindOf(entry)]++
    return found
  }
  const told: CacheCounts = { hits: counts.hits, entries, misses: () => counts.misses }
  onMade(told)
  const keep = (name: string, type: DnsType, answers: Entry['answers']): void => {
    const now = process.clock.now()
    const entry: Entry = { answers, since: now, until: now }
    const kind = kindOf(entry)
    if (disabled[kind].some((zone) => inZone(name, zone))) return
    const own =
      answers instanceof DnsError
        ? answers.code === 'NXDOMAIN'
          ? DENIAL_TTL
          : FAILURE
        : kind === 'denial'
          ? DENIAL_TTL
          : Math.min(...answers.map((a) => a.ttl))
    entry.until = now + Math.min(Math.max(own, SHORTEST), Math.max(caps[kind], 1)) * 1000
    if (kept.size >= CAPACITY) kept.delete(kept.keys().next().value!)
    kept.set(`${type} ${name}`, entry)
  }
  return (next) => async (name, type) => {
    if (!zones.some((zone) => inZone(name, zone))) return next(name, type)
    const key = `${type} ${name}`
    const known = kept.get(key)
    const now = process.clock.now()
    if (known && now < known.until) {
      counts.hits[kindOf(known)]++
      if (known.answers instanceof DnsError) throw known.answers
      // What is left of it: the least of its records, and no more.
      const left = Math.max(0, Math.round((known.until - now) / 1000))
      return known.answers.map((a) => ({ ...a, ttl: left }))
    }
    kept.delete(key)
    counts.misses++
    try {
      const answers = await next(name, type)
      keep(name, type, answers)
      const [shortest] = answers.length > 0 ? [Math.min(...answers.map((a) => a.ttl), caps.success)] : []
      return disabled.success.some((zone) => inZone(name, zone)) ? answers : answers.map((a) => ({ ...a, ttl: shortest! }))
    } catch (error) {
      if (error instanceof DnsError && !(error instanceof UpstreamError)) keep(name, type, error)
      throw error
    }
  }
}

/** The addresses of an answer in another order each time; aliases stay in front. */
export function loadbalance({ process }: OuterSetup): Plugin {
  return (next: Ask) => async (name, type) => {
    const answers = await next(name, type)
    const isAddress = (a: DnsAnswer): boolean => a.type === 'A' || a.type === 'AAAA'
    const addresses = answers.filter(isAddress)
    if (addresses.length < 2 || (type !== 'A' && type !== 'AAAA')) return answers
    for (let i = addresses.length - 1; i > 0; i--) {
      const other = process.random.int(i + 1)
      ;[addresses[i], addresses[other]] = [addresses[other]!, addresses[i]!]
    }
    return [...answers.filter((a) => a.type === 'CNAME'), ...addresses, ...answers.filter((a) => !isAddress(a) && a.type !== 'CNAME')]
  }
}

/** The plugins of a server block that come before all that find answers, in CoreDNS' order. */
export function outerPlugins(
  block: ServerBlock,
  zones: readonly string[],
  file: string,
  process: Process,
  onCache: (counts: CacheCounts) => void,
): Plugin[] {
  const of = (name: string, make: (setup: OuterSetup) => Plugin): Plugin[] =>
    block.directives.filter((d) => d.name === name).map((directive) => make({ process, file, directive, zones }))
  return [...of('loadbalance', loadbalance), ...of('cache', (setup) => cache(setup, onCache))]
}
