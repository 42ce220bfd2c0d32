/** Streams of a Redis server: entries under ids that only grow. https://redis.io/docs/latest/develop/data-types/streams/ */
import type { KeyspaceCommand } from './commands-keys.js'
import { Refused, integer, type Keyspace, type Stream } from './keyspace.js'
import { Failure, type Reply } from './resp.js'

const INVALID_ID = new Failure('ERR Invalid stream ID specified as stream command argument')
const TOO_SMALL = new Failure('ERR The ID specified in XADD is equal or smaller than the target stream top item')

/** The two numbers of an id; what is behind the dash is `sequence` where it is not told. */
function numbers(id: string, sequence: number): [number, number] {
  const [, ms, own] = /^(\d+)(?:-(\d+))?$/.exec(id) ?? []
  if (ms === undefined) throw new Refused(INVALID_ID)
  return [Number(ms), own === undefined ? sequence : Number(own)]
}

function compare([a, x]: readonly [number, number], [b, y]: readonly [number, number]): number {
  return a - b || x - y
}

/** The id of an entry that is added: the one that is given, or the next one. */
function nextId(given: string, last: string, now: number): string {
  const before = numbers(last, 0)
  const [, partial] = /^(\d+)-\*$/.exec(given) ?? []
  const ms = given === '*' ? Math.max(now, before[0]) : Number(partial)
  if (given === '*' || partial !== undefined) {
    if (ms < before[0]) throw new Refused(TOO_SMALL)
    return `${ms}-${ms === before[0] ? before[1] + 1 : 0}`
  }
  const own = numbers(given, 0)
  if (compare(own, [0, 0]) === 0) throw new Refused(new Failure('ERR The ID specified in XADD must be greater than 0-0'))
  if (compare(own, before) <= 0) throw new Refused(TOO_SMALL)
  return own.join('-')
}

/** The entries from one id to another; `-` and `+` are the first and the last, `(` leaves the end out. */
function range(stream: Stream | undefined, from: string, to: string): Stream['items'] {
  const end = (text: string, sequence: number): { at: [number, number]; open: boolean } => {
    if (text === '-') return { at: [0, 0], open: false }
    if (text === '+') return { at: [Infinity, Infinity], open: false }
    return { at: numbers(text.replace(/^\(/, ''), sequence), open: text.startsWith('(') }
  }
  const [first, last] = [end(from, 0), end(to, Infinity)]
  return (stream?.items ?? []).filter(({ id }) => {
    const [after, before] = [compare(numbers(id, 0), first.at), compare(last.at, numbers(id, 0))]
    return (first.open ? after > 0 : after >= 0) && (last.open ? before > 0 : before >= 0)
  })
}

const shown = (items: Stream['items']): Reply => items.map(({ id, fields }) => [id, fields])

/** The words of `MAXLEN [=|~] COUNT` at the head of a list, and the count. */
function maxlen(words: readonly string[]): { count: number; words: number } | undefined {
  if (words[0]?.toLowerCase() !== 'maxlen') return undefined
  const about = words[1] === '~' || words[1] === '='
  return { count: integer(words[about ? 2 : 1] ?? ''), words: about ? 3 : 2 }
}

function trim(stream: Stream, count: number): number {
  return stream.items.splice(0, Math.max(0, stream.items.length - count)).length
}

function ranged(reversed: boolean): KeyspaceCommand {
  return {
    arity: -4,
    run: (space, [key = '', first = '', second = '', word = '', count = '']) => {
      const found = reversed ? range(space.stream(key), second, first).reverse() : range(space.stream(key), first, second)
      return shown(word.toLowerCase() === 'count' ? found.slice(0, integer(count)) : found)
    },
  }
}

/** XREAD without waiting: what came after an id in each of the streams; null where nothing did. */
function read(space: Keyspace, args: readonly string[]): Reply {
  const at = args.findIndex((word) => word.toLowerCase() === 'streams')
  const rest = args.slice(at + 1)
  if (at < 0 || rest.length === 0 || rest.length % 2)
    return new Failure("ERR Unbalanced 'xread' list of streams: for each stream key an ID, '+', or '$' must be specified.")
  const counted = args.findIndex((word) => word.toLowerCase() === 'count')
  const most = counted >= 0 && counted < at ? integer(args[counted + 1]!) : Infinity
  const keys = rest.slice(0, rest.length / 2)
  const found = keys.flatMap((key, i) => {
    const after = rest[keys.length + i]!
    const items = after === '$' ? [] : range(space.stream(key), `(${after}`, '+').slice(0, most)
    return items.length > 0 ? [[key, shown(items)]] : []
  })
  return found.length > 0 ? found : null
}

export const STREAM_COMMANDS: Readonly<Record<string, KeyspaceCommand>> = {
  xadd: {
    arity: -5,
    writes: true,
    run: (space, [key = '', ...words]) => {
      const makes = words[0]?.toLowerCase() !== 'nomkstream'
      const rest = makes ? words : words.slice(1)
      const limit = maxlen(rest)
      const [id = '', ...fields] = rest.slice(limit?.words ?? 0)
      if (fields.length === 0 || fields.length % 2) return new Failure("ERR wrong number of arguments for 'xadd' command")
      const old = space.stream(key)
      if (!old && !makes) return null
      const own = nextId(id, old?.last ?? '0-0', Math.floor(space.now()))
      const stream = old ?? space.make(key, { stream: { items: [], last: '0-0' } }).stream
      stream.items.push({ id: own, fields })
      stream.last = own
      if (limit) trim(stream, limit.count)
      return own
    },
  },
  xlen: { arity: 2, run: (space, [key = '']) => space.stream(key)?.items.length ?? 0 },
  xrange: ranged(false),
  xrevrange: ranged(true),
  xread: { arity: -4, run: read },
  xdel: {
    arity: -3,
    writes: true,
    run: (space, [key = '', ...ids]) => {
      const stream = space.stream(key)
      const gone = new Set(ids.map((id) => numbers(id, 0).join('-')))
      const before = stream?.items.length ?? 0
      if (stream) stream.items = stream.items.filter(({ id }) => !gone.has(id))
      return before - (stream?.items.length ?? 0)
    },
  },
  xtrim: {
    arity: -4,
    writes: true,
    run: (space, [key = '', ...words]) => {
      const limit = maxlen(words)
      const stream = space.stream(key)
      if (!limit) return new Failure('ERR syntax error')
      return stream ? trim(stream, limit.count) : 0
    },
  },
}
