/**
 * The filter behind the options of ss: `state established '( sport = :80 or dport = :80 )'`.
 * https://man7.org/linux/man-pages/man8/ss.8.html
 */
import { isAddressOrBlock, isWithin } from '../../../network/addresses.js'
import type { Socket } from '../../../network/network.js'

type Test = (socket: Socket) => boolean

export interface SocketFilter {
  /** Whether a state was named: then it counts instead of `-l` and `-a`. */
  readonly namesState: boolean
  readonly test: Test
}

/** What a filter says cannot be read. */
export class FilterFault extends Error {
  constructor() {
    super('ss: bison bellows (while parsing filter): "syntax error!" Sorry.')
  }
}

const CONNECTED = ['ESTABLISHED', 'SYN_SENT', 'SYN_RECV', 'FIN_WAIT1', 'FIN_WAIT2', 'TIME_WAIT', 'CLOSE_WAIT', 'LAST_ACK', 'CLOSING']
const without = (...states: string[]): string[] => CONNECTED.filter((s) => !states.includes(s))

/** The states by the names that `state` takes. */
const STATES: Readonly<Record<string, readonly string[]>> = {
  established: ['ESTABLISHED'],
  'syn-sent': ['SYN_SENT'],
  'syn-recv': ['SYN_RECV'],
  'fin-wait-1': ['FIN_WAIT1'],
  'fin-wait-2': ['FIN_WAIT2'],
  'time-wait': ['TIME_WAIT'],
  closed: ['UNCONN'],
  unconnected: ['UNCONN'],
  'close-wait': ['CLOSE_WAIT'],
  'last-ack': ['LAST_ACK'],
  listening: ['LISTEN', 'UNCONN'],
  listen: ['LISTEN', 'UNCONN'],
  closing: ['CLOSING'],
  all: [...CONNECTED, 'LISTEN', 'UNCONN'],
  connected: CONNECTED,
  synchronized: without('SYN_SENT'),
  bucket: ['SYN_RECV', 'TIME_WAIT'],
  big: without('SYN_RECV', 'TIME_WAIT'),
}

const COMPARE: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '=': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '<': (a, b) => a < b,
  '>': (a, b) => a > b,
  '<=': (a, b) => a <= b,
  '>=': (a, b) => a >= b,
}
const WORDS: Readonly<Record<string, string>> = {
  '==': '=',
  eq: '=',
  ne: '!=',
  neq: '!=',
  lt: '<',
  gt: '>',
  le: '<=',
  leq: '<=',
  ge: '>=',
  geq: '>=',
  '&': 'and',
  '&&': 'and',
  '|': 'or',
  '||': 'or',
  '!': 'not',
}

/** Reads the filter. Throws {@link FilterFault}. @param operands what follows the options */
export function socketFilter(operands: readonly string[]): SocketFilter {
  const words = operands.join(' ').match(/[()]|[<>=!]=|&&|\|\||[<>=!&|]|[^\s()<>=!&|]+/g) ?? []
  const reader = new Reader(words.map((word) => WORDS[word] ?? word))
  const states = reader.states()
  const test = reader.isAtEnd ? () => true : reader.whole()
  return { namesState: states !== undefined, test: (socket) => (states?.has(socket.state) ?? true) && test(socket) }
}

class Reader {
  private at = 0

  constructor(private readonly words: readonly string[]) {}

  get isAtEnd(): boolean {
    return this.at >= this.words.length
  }

  /** `state X`, `exclude Y`, as often as they are there; undefined when there is none. */
  states(): ReadonlySet<string> | undefined {
    let found: Set<string> | undefined
    for (;;) {
      const excluded = this.accept('exclude')
      if (!excluded && !this.accept('state')) return found
      const named = STATES[this.next()]
      if (!named) throw new FilterFault()
      if (excluded) {
        found ??= new Set(STATES['all'])
        for (const state of named) found.delete(state)
      } else found = new Set([...(found ?? []), ...named])
    }
  }

  whole(): Test {
    const test = this.either()
    if (!this.isAtEnd) throw new FilterFault()
    return test
  }

  private either(): Test {
    const first = this.both()
    if (!this.accept('or')) return first
    const second = this.either()
    return (s) => first(s) || second(s)
  }

  /** Conditions side by side must both hold. */
  private both(): Test {
    const first = this.one()
    const more = this.accept('and') || (!this.isAtEnd && this.words[this.at] !== 'or' && this.words[this.at] !== ')')
    if (!more) return first
    const second = this.both()
    return (s) => first(s) && second(s)
  }

  private one(): Test {
    if (this.accept('not')) {
      const test = this.one()
      return (s) => !test(s)
    }
    if (this.accept('(')) {
      const test = this.either()
      if (!this.accept(')')) throw new FilterFault()
      return test
    }
    const what = this.next()
    if (what === 'sport') return this.port((s) => s.localPort)
    if (what === 'dport') return this.port((s) => s.remotePort ?? 0)
    if (what === 'src') return this.host((s) => [s.localAddress, s.localPort])
    if (what === 'dst') return this.host((s) => [s.remoteAddress ?? '', s.remotePort ?? 0])
    throw new FilterFault()
  }

  private port(of: (socket: Socket) => number): Test {
    const compare = this.comparison()
    const port = portOf(this.next())
    return (s) => compare(of(s), port)
  }

  /** `10.0.0.0/8:80`, `[::1]:80`, `*:80`: either part may be missing. */
  private host(of: (socket: Socket) => readonly [string, number]): Test {
    const compare = this.comparison()
    const [, address = '', named] = /^(\[[^\]]*\](?:\/\d+)?|[^:]*|.*:.*:[^:]*?)(?::([^:\]]+))?$/.exec(this.next()) ?? []
    const port = named === undefined || named === '*' ? undefined : portOf(named)
    const isThere = addressTest(address)
    const matches: Test = (s) => {
      const [host, its] = of(s)
      return isThere(host) && (port === undefined || its === port)
    }
    return compare(1, 1) ? matches : (s) => !matches(s)
  }

  private comparison(): (a: number, b: number) => boolean {
    const compare = COMPARE[this.words[this.at] ?? '']
    if (!compare) return COMPARE['=']!
    this.at++
    return compare
  }

  private accept(word: string): boolean {
    if (this.words[this.at] !== word) return false
    this.at++
    return true
  }

  private next(): string {
    if (this.isAtEnd) throw new FilterFault()
    return this.words[this.at++]!
  }
}

function addressTest(text: string): (address: string) => boolean {
  const bare = text.replace(/[[\]]/g, '')
  if (bare === '' || bare === '*') return () => true
  if (!isAddressOrBlock(bare)) throw new FilterFault()
  return (address) => (bare.includes('/') ? isWithin(bare, address) : address === bare)
}

/** The services whose names are understood. */
const NAMED: Readonly<Record<string, number>> = { ssh: 22, domain: 53, http: 80, https: 443, 'http-alt': 8080 }

/** `:80`, `80`, `:http`. */
function portOf(text: string): number {
  const name = text.slice(text.lastIndexOf(':') + 1)
  const port = NAMED[name] ?? (/^\d+$/.test(name) ? Number(name) : NaN)
  if (!(port <= 65_535)) throw new FilterFault()
  return port
}
