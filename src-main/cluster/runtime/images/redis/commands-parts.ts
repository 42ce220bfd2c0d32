/** Commands of a Redis server over lists, sets, hashes and sorted sets, besides the most common ones. */
import { slice } from './collections.js'
import { floatText, type KeyspaceCommand } from './commands-keys.js'
import { Refused, float, globOf, integer, type Keyspace } from './keyspace.js'
import { Failure, OK, type Reply } from './resp.js'

const SYNTAX = new Failure('ERR syntax error')

/** The pages of a cursor: all there is, in one. */
function scanned(args: readonly string[], found: (matches: (text: string) => boolean) => string[]): Reply {
  const at = args.findIndex((word) => word.toLowerCase() === 'match')
  const glob = globOf(at < 0 ? '*' : args[at + 1]!)
  return ['0', found((text) => glob.test(text))]
}

/** Moves one part of a list to another; null where there is none. */
function move(space: Keyspace, from: string, to: string, takes: string, gives: string): string | null {
  const list = space.list(from)
  const target = space.list(to)
  if (!list || list.length === 0) return null
  const item = takes.toLowerCase() === 'left' ? list.shift()! : list.pop()!
  const into = target ?? space.make(to, [] as string[])
  if (gives.toLowerCase() === 'left') into.unshift(item)
  else into.push(item)
  space.tidy(from, list.length)
  return item
}

function pushX(left: boolean): KeyspaceCommand {
  return {
    arity: -3,
    writes: true,
    run: (space, [key = '', ...items]) => {
      const list = space.list(key)
      for (const item of list ? items : []) list![left ? 'unshift' : 'push'](item)
      return list?.length ?? 0
    },
  }
}

/** The result of a set command kept under a key. */
function stored(combine: (sets: readonly Set<string>[]) => string[]): KeyspaceCommand {
  return {
    arity: -3,
    writes: true,
    run: (space, [key = '', ...keys]) => {
      const members = combine(keys.map((each) => space.set(each) ?? new Set<string>()))
      if (members.length === 0) space.entries.delete(key)
      else space.make(key, new Set(members))
      return members.length
    },
  }
}

/** One end of a range of scores: `5`, `(5`, `-inf`. */
function bound(text: string): { score: number; open: boolean } {
  const open = text.startsWith('(')
  const word = open ? text.slice(1) : text
  const infinite = /^([+-]?)inf(inity)?$/i.exec(word)
  const score = infinite ? (infinite[1] === '-' ? -Infinity : Infinity) : Number(word)
  if (Number.isNaN(score) || word === '') throw new Refused(new Failure('ERR min or max is not a float'))
  return { score, open }
}

/** The members of a sorted set in their order. */
function ordered(space: Keyspace, key: string): [string, number][] {
  return [...(space.sorted(key) ?? [])].sort(([a, x], [b, y]) => x - y || (a < b ? -1 : 1))
}

function between(space: Keyspace, key: string, least: string, most: string): [string, number][] {
  const [from, to] = [bound(least), bound(most)]
  return ordered(space, key).filter(([, score]) => (from.open ? score > from.score : score >= from.score) && (to.open ? score < to.score : score <= to.score)) // prettier-ignore
}

function byScore(reversed: boolean): KeyspaceCommand {
  return {
    arity: -4,
    run: (space, [key = '', first = '', second = '', ...options]) => {
      const words = options.map((option) => option.toLowerCase())
      const found = reversed ? between(space, key, second, first).reverse() : between(space, key, first, second)
      const limit = words.indexOf('limit')
      const [offset, count] = limit < 0 ? [0, -1] : [integer(words[limit + 1] ?? ''), integer(words[limit + 2] ?? '')]
      const shown = found.slice(offset, count < 0 ? undefined : offset + count)
      return shown.flatMap(([member, score]) => (words.includes('withscores') ? [member, floatText(score)] : [member]))
    },
  }
}

/** Takes members away and tells how many. */
function remove(space: Keyspace, key: string, members: readonly [string, number][]): number {
  const scores = space.sorted(key)
  for (const [member] of members) scores?.delete(member)
  space.tidy(key, scores?.size ?? 1)
  return members.length
}

function pop(highest: boolean): KeyspaceCommand {
  return {
    arity: -2,
    writes: true,
    run: (space, [key = '', count = '1']) => {
      const all = ordered(space, key)
      const taken = (highest ? all.reverse() : all).slice(0, integer(count))
      remove(space, key, taken)
      return taken.flatMap(([member, score]) => [member, floatText(score)])
    },
  }
}

export const PART_COMMANDS: Readonly<Record<string, KeyspaceCommand>> = {
  lpushx: pushX(true),
  rpushx: pushX(false),
  lset: {
    arity: 4,
    writes: true,
    run: (space, [key = '', index = '', item = '']) => {
      const list = space.list(key)
      if (!list) return new Failure('ERR no such key')
      const at = integer(index) < 0 ? list.length + integer(index) : integer(index)
      if (at < 0 || at >= list.length) return new Failure('ERR index out of range')
      list[at] = item
      return OK
    },
  },
  linsert: {
    arity: 5,
    writes: true,
    run: (space, [key = '', where = '', pivot = '', item = '']) => {
      if (!/^(before|after)$/i.test(where)) return SYNTAX
      const list = space.list(key)
      const at = list?.indexOf(pivot) ?? -1
      if (at < 0) return list ? -1 : 0
      list!.splice(where.toLowerCase() === 'before' ? at : at + 1, 0, item)
      return list!.length
    },
  },
  lpos: {
    arity: -3,
    run: (space, [key = '', item = '']) => {
      const at = space.list(key)?.indexOf(item) ?? -1
      return at < 0 ? null : at
    },
  },
  rpoplpush: { arity: 3, writes: true, run: (space, [from = '', to = '']) => move(space, from, to, 'right', 'left') },
  lmove: {
    arity: 5,
    writes: true,
    run: (space, [from = '', to = '', takes = '', gives = '']) =>
      /^(left|right)$/i.test(takes) && /^(left|right)$/i.test(gives) ? move(space, from, to, takes, gives) : SYNTAX,
  },
  smismember: { arity: -3, run: (space, [key = '', ...members]) => members.map((member) => (space.set(key)?.has(member) ? 1 : 0)) },
  smove: {
    arity: 4,
    writes: true,
    run: (space, [from = '', to = '', member = '']) => {
      const [source, target] = [space.set(from), space.set(to)]
      if (!source?.delete(member)) return 0
      ;(target ?? space.make(to, new Set<string>())).add(member)
      space.tidy(from, source.size)
      return 1
    },
  },
  spop: {
    arity: -2,
    writes: true,
    run: (space, [key = '', count]) => {
      const set = space.set(key)
      const taken = [...(set ?? [])].slice(0, count === undefined ? 1 : integer(count))
      for (const member of taken) set!.delete(member)
      space.tidy(key, set?.size ?? 1)
      return count === undefined ? (taken[0] ?? null) : taken
    },
  },
  srandmember: {
    arity: -2,
    run: (space, [key = '', count]) => {
      const members = [...(space.set(key) ?? [])]
      return count === undefined ? (members[0] ?? null) : members.slice(0, Math.abs(integer(count)))
    },
  },
  sunionstore: stored((sets) => [...new Set(sets.flatMap((set) => [...set]))]),
  sinterstore: stored(([first, ...others]) => [...first!].filter((member) => others.every((set) => set.has(member)))),
  sdiffstore: stored(([first, ...others]) => [...first!].filter((member) => !others.some((set) => set.has(member)))),
  sscan: { arity: -3, run: (space, [key = '', , ...rest]) => scanned(rest, (matches) => [...(space.set(key) ?? [])].filter(matches)) },
  hmset: {
    arity: -4,
    writes: true,
    run: (space, [key = '', ...pairs]) => {
      if (pairs.length % 2) return new Failure("ERR wrong number of arguments for 'hmset' command")
      const hash = space.hash(key) ?? space.make(key, new Map<string, string>())
      for (let i = 0; i < pairs.length; i += 2) hash.set(pairs[i]!, pairs[i + 1]!)
      return OK
    },
  },
  hsetnx: {
    arity: 4,
    writes: true,
    run: (space, [key = '', field = '', value = '']) => {
      if (space.hash(key)?.has(field)) return 0
      ;(space.hash(key) ?? space.make(key, new Map<string, string>())).set(field, value)
      return 1
    },
  },
  hincrbyfloat: {
    arity: 4,
    writes: true,
    run: (space, [key = '', field = '', by = '']) => {
      const hash = space.hash(key) ?? space.make(key, new Map<string, string>())
      const next = floatText(Number((float(hash.get(field) ?? '0') + float(by)).toPrecision(15)))
      hash.set(field, next)
      return next
    },
  },
  hstrlen: { arity: 3, run: (space, [key = '', field = '']) => Buffer.byteLength(space.hash(key)?.get(field) ?? '') },
  hscan: {
    arity: -3,
    run: (space, [key = '', , ...rest]) => scanned(rest, (matches) => [...(space.hash(key) ?? [])].filter(([field]) => matches(field)).flat()), // prettier-ignore
  },
  zscan: {
    arity: -3,
    run: (space, [key = '', , ...rest]) =>
      scanned(rest, (matches) => ordered(space, key).filter(([member]) => matches(member)).flatMap(([member, score]) => [member, floatText(score)])), // prettier-ignore
  },
  zrevrank: {
    arity: 3,
    run: (space, [key = '', member = '']) => {
      const at = ordered(space, key).reverse().findIndex(([each]) => each === member) // prettier-ignore
      return at < 0 ? null : at
    },
  },
  zmscore: {
    arity: -3,
    run: (space, [key = '', ...members]) => members.map((member) => (space.sorted(key)?.has(member) ? floatText(space.sorted(key)!.get(member)!) : null)), // prettier-ignore
  },
  zcount: { arity: 4, run: (space, [key = '', least = '', most = '']) => between(space, key, least, most).length },
  zrangebyscore: byScore(false),
  zrevrangebyscore: byScore(true),
  zpopmin: pop(false),
  zpopmax: pop(true),
  zremrangebyscore: {
    arity: 4,
    writes: true,
    run: (space, [key = '', least = '', most = '']) => remove(space, key, between(space, key, least, most)),
  },
  zremrangebyrank: {
    arity: 4,
    writes: true,
    run: (space, [key = '', start = '', end = '']) => remove(space, key, slice(ordered(space, key), integer(start), integer(end))),
  },
}
