/** One rule as the command line of iptables tells it. iptables(8), iptables-extensions(8) */
import { isWithin, parseIPv4 } from '../../../network/addresses.js'
import type { OwnRule, PacketSeen } from '../../../network/own-rules.js'
import type { Match, Target } from '../../../network/packet-filter.js'
import { Fail, type Command } from '../command.js'
import { portOf } from './services.js'

/** What iptables of this version calls itself where it complains. */
export const called = (c: Command): string => `${c.name} v1.8.11 (nf_tables)`

/** Wrong usage, in its words. */
export const misused = (c: Command, what: string): Fail =>
  new Fail(`${called(c)}: ${what}\nTry \`${c.name} -h' or '${c.name} --help' for more information.`, 2)

/** What the kernel does not take. */
export const unsupported = (c: Command, chain: string): Fail =>
  new Fail(`${called(c)}:  RULE_APPEND failed (Operation not supported): rule in chain ${chain}`, 4)

const NUMBERS: Readonly<Record<string, OwnRule['protocol'] | 'all'>> = { 0: 'all', 1: 'icmp', 6: 'tcp', 17: 'udp', 132: 'sctp' }
const PROTOCOLS = new Set(['tcp', 'udp', 'sctp', 'icmp', 'all'])
const MODULES = new Set(['tcp', 'udp', 'icmp', 'multiport', 'state', 'conntrack', 'comment'])
const TARGETS = new Set(['ACCEPT', 'DROP', 'REJECT', 'RETURN', 'LOG', 'REDIRECT', 'DNAT', 'MASQUERADE', 'SNAT'])
const ICMP_TYPES: Readonly<Record<string, string>> = {
  'echo-reply': '0',
  'destination-unreachable': '3',
  'echo-request': '8',
  'time-exceeded': '11',
  any: 'any',
}
const REJECTIONS = /^(icmp-(net|host|port|proto)-(unreachable|prohibited)|icmp-admin-prohibited|tcp-reset)$/

type Test = (packet: PacketSeen) => boolean

/** A range of ports, `80` or `1:10`. */
interface Ports {
  readonly first: number
  readonly last: number
}

/** Collects the parts of one rule. */
export class RuleReader {
  private readonly tests: Test[] = []
  private readonly matches: Match[] = []
  private readonly modules = new Set<string>()
  private rule: { -readonly [K in 'source' | 'destination' | 'in' | 'out' | 'protocol' | 'target' | 'leads']?: OwnRule[K] } = {}
  private targetName: string | undefined
  private chain = ''
  private readonly targetOptions = new Map<string, string>()

  constructor(
    private readonly c: Command,
    private readonly table: string,
    private readonly isChain: (name: string) => boolean,
  ) {}

  /** Takes one option with what `next` gives of its value. Returns false for one that no rule has. @param not a `!` stands before it */
  take(option: string, next: () => string, not: boolean): boolean {
    const negated = (test: Test): void => void this.tests.push(not ? (packet) => !test(packet) : test)
    const mark = not ? '!' : ''
    switch (option) {
      case '-p':
      case '--proto':
      case '--protocol': {
        const given = next().toLowerCase()
        const name = NUMBERS[given] ?? given
        if (!PROTOCOLS.has(name)) throw misused(this.c, `unknown protocol "${given}" specified`)
        if (name === 'all') return true
        this.rule.protocol = name as NonNullable<OwnRule['protocol']>
        this.modules.add(name)
        negated((packet) => packet.protocol === name)
        return true
      }
      case '-s':
      case '--source':
      case '--src':
      case '-d':
      case '--destination':
      case '--dst': {
        const network = this.network(next())
        const isSource = option.startsWith('-s') || option.startsWith('--s')
        this.rule[isSource ? 'source' : 'destination'] = mark + network
        negated((packet) => isWithin(network, isSource ? packet.source : packet.destination))
        return true
      }
      case '-i':
      case '--in-interface':
      case '-o':
      case '--out-interface': {
        const name = next()
        const way = option === '-i' || option === '--in-interface' ? 'in' : 'out'
        this.rule[way] = mark + name
        const named = (link: string | undefined): boolean =>
          name.endsWith('+') ? Boolean(link?.startsWith(name.slice(0, -1))) : link === name
        negated((packet) => named(packet[way]))
        return true
      }
      case '-m':
      case '--match':
        return this.load(next())
      case '--dport':
      case '--destination-port':
      case '--sport':
      case '--source-port':
        return this.port(option, next, not)
      case '--dports':
      case '--destination-ports':
      case '--sports':
      case '--source-ports':
      case '--ports':
        return this.modules.has('multiport') && this.multiport(option, next(), not)
      case '--state':
      case '--ctstate':
        return this.modules.has(option === '--state' ? 'state' : 'conntrack') && this.state(option.slice(2), next(), not)
      case '--comment': {
        if (!this.modules.has('comment')) return false
        const text = next()
        return this.match({ save: `-m comment --comment ${/^\w+$/.test(text) ? text : `"${text}"`}`, list: () => `/* ${text} */` })
      }
      case '--icmp-type': {
        if (!this.modules.has('icmp')) return false
        const given = next()
        const type = ICMP_TYPES[given] ?? given
        this.match({ save: `-m icmp ${not ? '! ' : ''}--icmp-type ${type}`, list: () => `${mark}icmptype ${type}` })
        if (type !== 'any' && type !== '8') this.tests.push(() => not)
        return true
      }
      case '-j':
      case '--jump':
      case '-g':
      case '--goto':
        this.targetName = next()
        if (TARGETS.has(this.targetName) || this.isChain(this.targetName)) return true
        throw misused(this.c, `Chain '${this.targetName}' does not exist`)
      case '--reject-with':
      case '--to-ports':
      case '--to-port':
      case '--to-destination':
      case '--to-source':
      case '--log-prefix':
      case '--log-level':
        if (this.targetName === undefined) return false
        this.targetOptions.set(option.replace('--to-port', '--to-ports').replace('portss', 'ports'), next())
        return true
      default:
        return false
    }
  }

  /** The whole rule for a chain. Throws Fail for a target that its table does not have. */
  read(chain: string): OwnRule {
    const { tests } = this
    this.chain = chain
    return {
      ...this.rule,
      ...this.targetOf(),
      matches: this.matches,
      tests: (packet) => tests.every((test) => test(packet)),
      packets: 0,
      bytes: 0,
    }
  }

  private match(match: Match): true {
    this.matches.push(match)
    return true
  }

  private load(module: string): true {
    if (!MODULES.has(module)) throw new Fail(`${called(this.c)}: Couldn't load match \`${module}':No such file or directory\n\nTry \`${this.c.name} -h' or '${this.c.name} --help' for more information.`, 2) // prettier-ignore
    this.modules.add(module)
    return true
  }

  private network(text: string): string {
    const [address = '', length] = text.split('/')
    const value = parseIPv4(address)
    if (value === undefined) throw misused(this.c, `host/network \`${text}' not found`)
    const bits =
      length === undefined
        ? 32
        : /^\d+$/.test(length)
          ? Number(length)
          : length.split('.').reduce((n, part) => n + Number(part).toString(2).replaceAll('0', '').length, 0)
    if (!(bits >= 0 && bits <= 32)) throw misused(this.c, `invalid mask \`${length}' specified`)
    const kept = bits === 0 ? 0 : (value & (0xffffffff << (32 - bits))) >>> 0
    return `${[24, 16, 8, 0].map((shift) => (kept >>> shift) & 255).join('.')}/${bits}`
  }

  private ports(text: string): Ports {
    const number = (word: string, otherwise: number): number => {
      const value = word === '' ? otherwise : /^\d+$/.test(word) ? Number(word) : portOf(this.c, word)
      if (value === undefined || value > 65_535) throw misused(this.c, `invalid port/service \`${word}' specified`)
      return value
    }
    const [first = '', last] = text.split(':')
    return { first: number(first, 0), last: number(last ?? first, 65_535) }
  }

  private port(option: string, next: () => string, not: boolean): boolean {
    const { protocol } = this.rule
    if (protocol !== 'tcp' && protocol !== 'udp') return false
    const isSource = option.startsWith('--s')
    const { first, last } = this.ports(next())
    this.tests.push((packet) => {
      const port = isSource ? packet.sourcePort : packet.destinationPort
      return (port >= first && port <= last) !== not
    })
    const name = isSource ? 'sport' : 'dport'
    const one = first === last
    return this.match({
      save: `-m ${protocol} ${not ? '! ' : ''}--${name} ${one ? first : `${first}:${last}`}`,
      list: (shown) =>
        `${protocol} ${isSource ? 'spt' : 'dpt'}${one ? '' : 's'}:${not ? '!' : ''}${one ? shown(first) : `${first}:${last}`}`,
    })
  }

  private multiport(option: string, text: string, not: boolean): true {
    const all = text.split(',').map((each) => this.ports(each))
    const within = (port: number): boolean => all.some(({ first, last }) => port >= first && port <= last)
    const [source, destination] = [!option.startsWith('--d'), !option.startsWith('--s')]
    this.tests.push((packet) => ((source && within(packet.sourcePort)) || (destination && within(packet.destinationPort))) !== not)
    const name = option === '--ports' ? 'ports' : source ? 'sports' : 'dports'
    const shown = all.map(({ first, last }) => (first === last ? String(first) : `${first}:${last}`)).join(',')
    return this.match({
      save: `-m multiport ${not ? '! ' : ''}--${name} ${shown}`,
      list: () => `multiport ${name} ${not ? '!' : ''}${shown}`,
    })
  }

  private state(option: string, text: string, not: boolean): true {
    const order = ['INVALID', 'NEW', 'RELATED', 'ESTABLISHED', 'UNTRACKED', 'SNAT', 'DNAT']
    const asked = text.toUpperCase().split(',')
    const wrong = asked.find((word) => !order.includes(word))
    if (wrong !== undefined) throw misused(this.c, `Bad ${option === 'state' ? 'state' : 'ctstate'} "${wrong}"`)
    const shown = order.filter((word) => asked.includes(word)).join(',')
    this.tests.push((packet) => asked.includes(packet.state) !== not)
    const module = option === 'state' ? 'state' : 'conntrack'
    return this.match({ save: `-m ${module} ${not ? '! ' : ''}--${option} ${shown}`, list: () => `${not ? '! ' : ''}${option} ${shown}` })
  }

  private targetOf(): { target?: Target; leads?: OwnRule['leads'] } {
    const name = this.targetName
    if (name === undefined) return {}
    const option = (key: string): string | undefined => this.targetOptions.get(key)
    if (name === 'REJECT') {
      const how = option('--reject-with') ?? 'icmp-port-unreachable'
      if (!REJECTIONS.test(how)) throw misused(this.c, `unknown reject type "${how}"`)
      return { target: { name, save: `--reject-with ${how}`, list: `reject-with ${how}` } }
    }
    if (name === 'LOG') {
      const prefix = option('--log-prefix')
      const said = prefix === undefined ? '' : `prefix "${prefix}"`
      return {
        target: {
          name,
          ...(prefix === undefined ? {} : { save: `--log-prefix "${prefix}"` }),
          list: `LOG flags 0 level 4${said && ` ${said}`}`,
        },
      }
    }
    if (name !== 'REDIRECT' && name !== 'DNAT' && name !== 'MASQUERADE' && name !== 'SNAT') return { target: { name } }
    if (this.table !== 'nat' || name === 'SNAT') throw unsupported(this.c, this.chain)
    // What goes out has the address of the namespace anyway.
    if (name === 'MASQUERADE') return { target: { name } }
    if (name === 'REDIRECT') {
      const port = option('--to-ports')
      return {
        target: { name, ...(port === undefined ? {} : { save: `--to-ports ${port}`, list: `redir ports ${port}` }) },
        leads: port === undefined ? {} : { port: Number(port.split('-')[0]) },
      }
    }
    const destination = option('--to-destination')
    if (destination === undefined) throw misused(this.c, 'DNAT: option "--to-destination" must be specified')
    const [address, port] = destination.split(':')
    return {
      target: { name, save: `--to-destination ${destination}`, list: `to:${destination}` },
      leads: { ...(address ? { address } : {}), ...(port ? { port: Number(port) } : {}) },
    }
  }
}
