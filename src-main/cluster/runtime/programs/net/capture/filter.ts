/** The filters of pcap-filter(7): which packets are wanted. */
import { isIPv4 } from 'node:net'
import type { Endpoint, Packet } from '../../../../network/capture.js'
import { ipBytes } from './frame.js'

/** Whether a packet is wanted. */
export type Filter = (packet: Packet) => boolean

/** What is wrong with a filter, in libpcap's words. */
export class FilterError extends Error {}

/** What the filter has to look up. */
export interface FilterNames {
  /** The address of a host; undefined for a name that nobody knows. */
  host(name: string): string | undefined
  /** The port of a service's name. */
  port(name: string): number | undefined
}

const NAMED: Readonly<Record<string, number>> = {
  'tcp-fin': 1, 'tcp-syn': 2, 'tcp-rst': 4, 'tcp-push': 8, 'tcp-ack': 16, 'tcp-urg': 32,
  'icmp-echoreply': 0, 'icmp-unreach': 3, 'icmp-echo': 8, 'icmp-timxceed': 11, tcpflags: 13, icmptype: 0, icmpcode: 1,
} // prettier-ignore

const WORDS = new Set('and or not host net port portrange src dst tcp udp icmp ip ip6 arp greater less ether proto len gateway'.split(' '))

interface Qualifiers {
  protocol?: 'TCP' | 'UDP' | 'ICMP' | 'none'
  direction?: 'src' | 'dst' | 'both'
  type?: 'host' | 'net' | 'port' | 'portrange'
}

class Parser {
  private at = 0
  private last: Qualifiers = {}

  constructor(
    private readonly tokens: readonly string[],
    private readonly names: FilterNames,
  ) {}

  whole(): Filter {
    const filter = this.either()
    if (this.at < this.tokens.length) throw new FilterError("can't parse filter expression: syntax error")
    return filter
  }

  private get next(): string | undefined {
    return this.tokens[this.at]
  }

  private take(...wanted: string[]): boolean {
    if (this.next === undefined || !wanted.includes(this.next)) return false
    this.at++
    return true
  }

  private either(): Filter {
    let left = this.both()
    while (this.take('or', '||')) {
      const [a, b] = [left, this.both()]
      left = (p) => a(p) || b(p)
    }
    return left
  }

  private both(): Filter {
    let left = this.negated()
    while (this.take('and', '&&')) {
      const [a, b] = [left, this.negated()]
      left = (p) => a(p) && b(p)
    }
    return left
  }

  private negated(): Filter {
    if (!this.take('not', '!')) return this.primitive()
    const inner = this.negated()
    return (p) => !inner(p)
  }

  private primitive(): Filter {
    const relation = this.relation()
    if (relation) return relation
    if (this.take('(')) {
      const inner = this.either()
      if (!this.take(')')) throw this.syntax()
      return inner
    }
    if (this.take('greater')) return this.length((n, wanted) => n >= wanted)
    if (this.take('less')) return this.length((n, wanted) => n <= wanted)
    const given: Qualifiers = {}
    if (this.take('ip')) given.protocol = undefined as never
    if (this.next === 'tcp' || this.next === 'udp' || this.next === 'icmp') given.protocol = this.tokens[this.at++]!.toUpperCase() as 'TCP'
    else if (this.take('arp', 'ip6')) given.protocol = 'none'
    else if (this.tokens[this.at - 1] === 'ip' && this.standsAlone()) return () => true
    if (this.take('src')) given.direction = 'src'
    else if (this.take('dst')) given.direction = 'dst'
    if (
      given.direction &&
      (this.next === 'or' || this.next === 'and') &&
      (this.tokens[this.at + 1] === 'dst' || this.tokens[this.at + 1] === 'src')
    ) {
      if (this.next === 'and') given.direction = 'both'
      else delete given.direction
      this.at += 2
    }
    if (this.next === 'host' || this.next === 'net' || this.next === 'port' || this.next === 'portrange')
      given.type = this.tokens[this.at++] as 'host'
    if (given.protocol && this.standsAlone()) return (p) => p.protocol === given.protocol
    const bare = Object.keys(given).length === 0
    const qualifiers = bare ? this.last : given
    this.last = qualifiers
    const value = this.tokens[this.at++]
    if (value === undefined || value === ')' || WORDS.has(value)) throw this.syntax()
    return this.matching(qualifiers, value)
  }

  private standsAlone(): boolean {
    return this.next === undefined || ['and', 'or', '&&', '||', ')'].includes(this.next)
  }

  private syntax(): FilterError {
    return new FilterError("can't parse filter expression: syntax error")
  }

  private length(compare: (n: number, wanted: number) => boolean): Filter {
    const wanted = Number(this.tokens[this.at++])
    if (!Number.isInteger(wanted)) throw this.syntax()
    return (p) => compare(14 + ipBytes(p).length, wanted)
  }

  private matching({ protocol, direction, type = 'host' }: Qualifiers, value: string): Filter {
    const end = this.endMatching(type, value)
    return (p) => {
      if (protocol && p.protocol !== protocol) return false
      if ((type === 'port' || type === 'portrange') && p.protocol === 'ICMP') return false
      const [source, destination] = [end(p.source), end(p.destination)]
      if (direction === 'src') return source
      if (direction === 'dst') return destination
      return direction === 'both' ? source && destination : source || destination
    }
  }

  private endMatching(type: NonNullable<Qualifiers['type']>, value: string): (end: Endpoint) => boolean {
    if (type === 'port' || type === 'portrange') {
      const [from, to = from] = (type === 'portrange' ? value.split('-') : [value]).map((text) => this.port(text))
      return ({ port }) => port >= from! && port <= to!
    }
    if (type === 'net') {
      const [block = '', length] = value.split('/')
      const parts = block.split('.')
      const bits = length === undefined ? parts.length * 8 : Number(length)
      const number = (text: string): number => text.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
      const size = 2 ** (32 - bits)
      const wanted = Math.floor(number([...parts, '0', '0', '0'].slice(0, 4).join('.')) / size)
      return ({ address }) => isIPv4(address) && Math.floor(number(address) / size) === wanted
    }
    const address = isIPv4(value) ? value : this.names.host(value)
    if (address === undefined) throw new FilterError(`unknown host '${value}'`)
    return (end) => end.address === address
  }

  private port(text: string): number {
    if (/^\d+$/.test(text)) {
      if (Number(text) > 65_535) throw new FilterError(`illegal port number ${text} > 65535`)
      return Number(text)
    }
    const port = this.names.port(text)
    if (port === undefined) throw new FilterError(`unknown port '${text}'`)
    return port
  }

  /** `tcp[tcpflags] & tcp-syn != 0`, `len > 100`; undefined when no such thing stands here. */
  private relation(): Filter | undefined {
    const start = this.at
    const left = this.number()
    const operator = this.next
    if (!left || !operator || !['=', '==', '!=', '>', '<', '>=', '<='].includes(operator)) {
      this.at = start
      return undefined
    }
    this.at++
    const right = this.number()
    if (!right) throw this.syntax()
    return (p) => {
      const [a, b] = [left(p), right(p)]
      if (a === undefined || b === undefined) return false
      switch (operator) {
        case '!=':
          return a !== b
        case '>':
          return a > b
        case '<':
          return a < b
        case '>=':
          return a >= b
        case '<=':
          return a <= b
        default:
          return a === b
      }
    }
  }

  private number(): ((p: Packet) => number | undefined) | undefined {
    let left = this.operand()
    while (left && this.next !== undefined && ['&', '|', '+', '-', '*', '/', '<<', '>>'].includes(this.next)) {
      const operator = this.tokens[this.at++]!
      const right = this.operand()
      if (!right) return undefined
      const [a, b] = [left, right]
      left = (p) => {
        const [x, y] = [a(p), b(p)]
        return x === undefined || y === undefined ? undefined : compute(operator, x, y)
      }
    }
    return left
  }

  private operand(): ((p: Packet) => number | undefined) | undefined {
    const token = this.next
    if (token === undefined) return undefined
    if (token === '(') {
      this.at++
      const inner = this.number()
      return inner && this.take(')') ? inner : undefined
    }
    if (/^(0x[\da-f]+|\d+)$/i.test(token) || Object.hasOwn(NAMED, token)) {
      this.at++
      const value = NAMED[token] ?? Number(token)
      return () => value
    }
    if (token === 'len') {
      this.at++
      return (p) => 14 + ipBytes(p).length
    }
    if (!['tcp', 'udp', 'icmp', 'ip'].includes(token) || this.tokens[this.at + 1] !== '[') return undefined
    this.at += 2
    const offset = this.number()
    const size = this.take(':') ? Number(this.tokens[this.at++]) : 1
    if (!offset || !this.take(']')) throw this.syntax()
    return (p) => {
      if (token !== 'ip' && p.protocol !== token.toUpperCase()) return undefined
      const bytes = ipBytes(p).subarray(token === 'ip' ? 0 : 20)
      const at = offset(p) ?? 0
      return at + size <= bytes.length ? bytes.readUIntBE(at, size) : undefined
    }
  }
}

function compute(operator: string, a: number, b: number): number {
  switch (operator) {
    case '&':
      return (a & b) >>> 0
    case '|':
      return (a | b) >>> 0
    case '+':
      return a + b
    case '-':
      return a - b
    case '*':
      return a * b
    case '<<':
      return (a << b) >>> 0
    case '>>':
      return a >>> b
    default:
      return b === 0 ? 0 : Math.floor(a / b)
  }
}

/** Reads a filter; an empty one wants everything. Throws {@link FilterError}. */
export function parseFilter(text: string, names: FilterNames): Filter {
  const tokens = text.match(/[\w.][\w.\-/]*|&&|\|\||==|!=|>=|<=|<<|>>|[^\s\w]/g) ?? []
  return tokens.length === 0 ? () => true : new Parser(tokens, names).whole()
}

/** The names of hosts in a filter, to be looked up before it is read. */
export function hostNames(text: string): string[] {
  const tokens = text.match(/[\w.][\w.-]*/g) ?? []
  return tokens.filter((t, i) => /^(host|src|dst|or|and)$/.test(tokens[i - 1] ?? 'host') && /[a-z]/i.test(t) && !WORDS.has(t))
}
