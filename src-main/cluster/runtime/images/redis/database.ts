/** The keyspace of a Redis server and the commands over it. */
import { Failure, OK, Simple, type Reply } from './resp.js'

type Value = string | string[] | Set<string> | Map<string, string> | { scores: Map<string, number> }

interface Entry {
  value: Value
  /** Cluster time in ms; undefined for ever. */
  expires?: number | undefined
}

const WRONG_TYPE = new Failure('WRONGTYPE Operation against a key holding the wrong kind of value')
const NOT_INTEGER = new Failure('ERR value is not an integer or out of range')
const SYNTAX = new Failure('ERR syntax error')

/** A command that ends early with an error. */
class Refused extends Error {
  constructor(readonly failure: Failure) {
    super(failure.text)
  }
}

/** How many arguments a command takes, the name included; negative for "at least". */
const ARITY: Readonly<Record<string, number>> = {
  get: 2, set: -3, setnx: 3, setex: 4, getset: 3, getdel: 2, append: 3, strlen: 2, incr: 2, decr: 2, incrby: 3, decrby: 3, mget: -2, mset: -3,
  del: -2, unlink: -2, exists: -2, expire: -3, pexpire: -3, ttl: 2, pttl: 2, persist: 2, keys: 2, scan: -2, type: 2, rename: 3, dbsize: 1, flushdb: -1, flushall: -1, randomkey: 1,
  lpush: -3, rpush: -3, lpop: -2, rpop: -2, llen: 2, lrange: 4, lindex: 3, lrem: 4, ltrim: 4,
  sadd: -3, srem: -3, smembers: 2, sismember: 3, scard: 2, sinter: -2, sunion: -2, sdiff: -2,
  hset: -4, hget: 3, hgetall: 2, hdel: -3, hlen: 2, hkeys: 2, hvals: 2, hexists: 3, hmget: -3, hincrby: 4,
  zadd: -4, zscore: 3, zrange: -4, zrevrange: -4, zcard: 2, zrem: -3, zincrby: 4, zrank: 3,
} // prettier-ignore

/** Whether a command may change the data. */
const WRITES = new Set(
  'set setnx setex getset getdel append incr decr incrby decrby mset del unlink expire pexpire persist rename flushdb flushall lpush rpush lpop rpop lrem ltrim sadd srem hset hdel hincrby zadd zrem zincrby'.split(
    ' ',
  ),
)

export class Database {
  private readonly entries = new Map<string, Entry>()
  /** Writes since the last save. */
  dirty = 0

  constructor(private readonly now: () => number) {}

  get size(): number {
    for (const key of this.entries.keys()) this.find(key)
    return this.entries.size
  }

  /** Whether a command is one of the keyspace's. */
  static knows(name: string): boolean {
    return Object.hasOwn(ARITY, name)
  }

  static writes(name: string): boolean {
    return WRITES.has(name)
  }

  /** Runs one command; its name is in lower case. */
  run(name: string, args: readonly string[]): Reply {
    const arity = ARITY[name]!
    const count = args.length + 1
    if (arity > 0 ? count !== arity : count < -arity) return new Failure(`ERR wrong number of arguments for '${name}' command`)
    try {
      const reply = this.execute(name, args)
      if (WRITES.has(name)) this.dirty++
      return reply
    } catch (error) {
      if (error instanceof Refused) return error.failure
      throw error
    }
  }

  /** All that is needed to bring it back. */
  dump(): string {
    const plain = [...this.entries].map(([key, { value, expires }]) => {
      if (typeof value === 'string') return [key, 's', value, expires]
      if (Array.isArray(value)) return [key, 'l', value, expires]
      if (value instanceof Set) return [key, 'S', [...value], expires]
      if (value instanceof Map) return [key, 'h', [...value], expires]
      return [key, 'z', [...value.scores], expires]
    })
    return JSON.stringify(plain)
  }

  load(text: string): void {
    for (const [key, kind, data, expires] of JSON.parse(text) as [string, string, never, number | undefined][]) {
      const value: Value =
        kind === 's' || kind === 'l' ? data : kind === 'S' ? new Set(data) : kind === 'h' ? new Map(data) : { scores: new Map(data) }
      this.entries.set(key, { value, ...(expires ? { expires } : {}) })
    }
  }

  private find(key: string): Entry | undefined {
    const entry = this.entries.get(key)
    if (entry?.expires !== undefined && entry.expires <= this.now()) {
      this.entries.delete(key)
      return undefined
    }
    return entry
  }

  private text(key: string): string | undefined {
    const value = this.find(key)?.value
    if (value !== undefined && typeof value !== 'string') throw new Refused(WRONG_TYPE)
    return value
  }

  private list(key: string): string[] | undefined {
    const value = this.find(key)?.value
    if (value !== undefined && !Array.isArray(value)) throw new Refused(WRONG_TYPE)
    return value as string[] | undefined
  }

  private set(key: string): Set<string> | undefined {
    const value = this.find(key)?.value
    if (value !== undefined && !(value instanceof Set)) throw new Refused(WRONG_TYPE)
    return value as Set<string> | undefined
  }

  private hash(key: string): Map<string, string> | undefined {
    const value = this.find(key)?.value
    if (value !== undefined && !(value instanceof Map)) throw new Refused(WRONG_TYPE)
    return value as Map<string, string> | undefined
  }

  private sorted(key: string): Map<string, number> | undefined {
    const value = this.find(key)?.value
    if (value === undefined) return undefined
    if (typeof value === 'string' || !('scores' in value)) throw new Refused(WRONG_TYPE)
    return value.scores
  }

  private make<T extends Value>(key: string, value: T): T {
    this.entries.set(key, { value })
    return value
  }

  /** A collection that became empty is no key any more. */
  private tidy(key: string, size: number): void {
    if (size === 0) this.entries.delete(key)
  }

  private add(key: string, by: number): Reply {
    const entry = this.find(key)
    const next = integer(this.text(key) ?? '0') + by
    if (!Number.isSafeInteger(next)) return new Failure('ERR increment or decrement would overflow')
    this.entries.set(key, { value: String(next), expires: entry?.expires })
    return next
  }

  private execute(name: string, args: readonly string[]): Reply {
    const [key = '', second = '', third = ''] = args
    switch (name) {
      case 'get':
        return this.text(key) ?? null
      case 'set':
        return this.setCommand(key, second, args.slice(2))
      case 'setnx':
        if (this.find(key)) return 0
        this.make(key, second)
        return 1
      case 'setex':
        this.entries.set(key, { value: third, expires: this.now() + integer(second) * 1000 })
        return OK
      case 'getset': {
        const old = this.text(key) ?? null
        this.make(key, second)
        return old
      }
      case 'getdel': {
        const old = this.text(key) ?? null
        this.entries.delete(key)
        return old
      }
      case 'append': {
        const next = (this.text(key) ?? '') + second
        this.entries.set(key, { value: next, expires: this.find(key)?.expires })
        return Buffer.byteLength(next)
      }
      case 'strlen':
        return Buffer.byteLength(this.text(key) ?? '')
      case 'incr':
        return this.add(key, 1)
      case 'decr':
        return this.add(key, -1)
      case 'incrby':
        return this.add(key, integer(second))
      case 'decrby':
        return this.add(key, -integer(second))
      case 'mget':
        return args.map((k) => (typeof this.find(k)?.value === 'string' ? this.text(k)! : null))
      case 'mset':
        if (args.length % 2) return new Failure("ERR wrong number of arguments for 'mset' command")
        for (let i = 0; i < args.length; i += 2) this.make(args[i]!, args[i + 1]!)
        return OK
      case 'del':
      case 'unlink':
        return args.filter((k) => this.find(k) && this.entries.delete(k)).length
      case 'exists':
        return args.filter((k) => this.find(k)).length
      case 'expire':
      case 'pexpire': {
        const entry = this.find(key)
        if (!entry) return 0
        entry.expires = this.now() + integer(second) * (name === 'expire' ? 1000 : 1)
        return 1
      }
      case 'ttl':
      case 'pttl': {
        const entry = this.find(key)
        if (!entry) return -2
        if (entry.expires === undefined) return -1
        const left = entry.expires - this.now()
        return name === 'ttl' ? Math.round(left / 1000) : left
      }
      case 'persist': {
        const entry = this.find(key)
        if (entry?.expires === undefined) return 0
        entry.expires = undefined
        return 1
      }
      case 'keys':
        return this.keys(key)
      case 'scan': {
        const match = args.findIndex((a) => a.toLowerCase() === 'match')
        return ['0', this.keys(match > 0 ? (args[match + 1] ?? '*') : '*')]
      }
      case 'type': {
        const value = this.find(key)?.value
        return new Simple(
          value === undefined
            ? 'none'
            : typeof value === 'string'
              ? 'string'
              : Array.isArray(value)
                ? 'list'
                : value instanceof Set
                  ? 'set'
                  : value instanceof Map
                    ? 'hash'
                    : 'zset',
        )
      }
      case 'rename': {
        const entry = this.find(key)
        if (!entry) return new Failure('ERR no such key')
        this.entries.delete(key)
        this.entries.set(second, entry)
        return OK
      }
      case 'dbsize':
        return this.size
      case 'randomkey':
        return this.keys('*')[0] ?? null
      case 'flushdb':
      case 'flushall':
        this.entries.clear()
        return OK
      default:
        return name.startsWith('h')
          ? this.hashCommand(name, args)
          : name.startsWith('z')
            ? this.sortedCommand(name, args)
            : name.startsWith('s')
              ? this.setOfCommand(name, args)
              : this.listCommand(name, args)
    }
  }

  private setCommand(key: string, value: string, options: readonly string[]): Reply {
    let expires: number | undefined
    let [nx, xx, get, keep] = [false, false, false, false]
    for (let i = 0; i < options.length; i++) {
      const option = options[i]!.toLowerCase()
      if (option === 'nx') nx = true
      else if (option === 'xx') xx = true
      else if (option === 'get') get = true
      else if (option === 'keepttl') keep = true
      else if (option === 'ex' || option === 'px') expires = this.now() + integer(options[++i] ?? '') * (option === 'ex' ? 1000 : 1)
      else return SYNTAX
    }
    const old = this.find(key)
    const before = get ? (this.text(key) ?? null) : null
    if ((nx && old) || (xx && !old)) return get ? before : null
    this.entries.set(key, { value, expires: keep ? old?.expires : expires })
    return get ? before : OK
  }

  private listCommand(name: string, args: readonly string[]): Reply {
    const [key = '', second = '', third = ''] = args
    const list = this.list(key)
    switch (name) {
      case 'lpush':
      case 'rpush': {
        const target = list ?? this.make(key, [] as string[])
        for (const item of args.slice(1)) {
          if (name === 'lpush') target.unshift(item)
          else target.push(item)
        }
        return target.length
      }
      case 'lpop':
      case 'rpop': {
        if (!list) return null
        const items = list.splice(
          name === 'lpop' ? 0 : Math.max(0, list.length - (second ? integer(second) : 1)),
          second ? integer(second) : 1,
        )
        if (name === 'rpop') items.reverse()
        this.tidy(key, list.length)
        return second ? items : (items[0] ?? null)
      }
      case 'llen':
        return list?.length ?? 0
      case 'lindex':
        return list?.at(integer(second)) ?? null
      case 'lrange':
        return slice(list ?? [], integer(second), integer(third))
      case 'ltrim': {
        const kept = slice(list ?? [], integer(second), integer(third))
        if (list) this.entries.get(key)!.value = kept
        this.tidy(key, kept.length)
        return OK
      }
      default: {
        let left = Math.abs(integer(second)) || Infinity
        const kept = (list ?? []).filter((item) => item !== third || left-- <= 0)
        const removed = (list?.length ?? 0) - kept.length
        if (list) this.entries.get(key)!.value = kept
        this.tidy(key, kept.length)
        return removed
      }
    }
  }

  private setOfCommand(name: string, args: readonly string[]): Reply {
    const [key = '', second = ''] = args
    switch (name) {
      case 'sadd': {
        const set = this.set(key) ?? this.make(key, new Set<string>())
        const before = set.size
        for (const member of args.slice(1)) set.add(member)
        return set.size - before
      }
      case 'srem': {
        const set = this.set(key)
        const removed = args.slice(1).filter((member) => set?.delete(member)).length
        this.tidy(key, set?.size ?? 1)
        return removed
      }
      case 'smembers':
        return [...(this.set(key) ?? [])]
      case 'sismember':
        return this.set(key)?.has(second) ? 1 : 0
      case 'scard':
        return this.set(key)?.size ?? 0
      case 'sunion':
        return [...new Set(args.flatMap((k) => [...(this.set(k) ?? [])]))]
      default: {
        const others = args.slice(1).map((k) => this.set(k) ?? new Set<string>())
        return [...(this.set(key) ?? [])].filter((m) => (name === 'sinter' ? others.every((o) => o.has(m)) : !others.some((o) => o.has(m))))
      }
    }
  }

  private hashCommand(name: string, args: readonly string[]): Reply {
    const [key = '', field = '', third = ''] = args
    const hash = this.hash(key)
    switch (name) {
      case 'hset': {
        if (args.length % 2 === 0) return new Failure("ERR wrong number of arguments for 'hset' command")
        const target = hash ?? this.make(key, new Map<string, string>())
        const before = target.size
        for (let i = 1; i < args.length; i += 2) target.set(args[i]!, args[i + 1]!)
        return target.size - before
      }
      case 'hget':
        return hash?.get(field) ?? null
      case 'hmget':
        return args.slice(1).map((f) => hash?.get(f) ?? null)
      case 'hgetall':
        return [...(hash ?? [])].flat()
      case 'hkeys':
        return [...(hash?.keys() ?? [])]
      case 'hvals':
        return [...(hash?.values() ?? [])]
      case 'hlen':
        return hash?.size ?? 0
      case 'hexists':
        return hash?.has(field) ? 1 : 0
      case 'hincrby': {
        const target = hash ?? this.make(key, new Map<string, string>())
        const next = integer(target.get(field) ?? '0') + integer(third)
        target.set(field, String(next))
        return next
      }
      default: {
        const removed = args.slice(1).filter((f) => hash?.delete(f)).length
        this.tidy(key, hash?.size ?? 1)
        return removed
      }
    }
  }

  private sortedCommand(name: string, args: readonly string[]): Reply {
    const [key = '', second = '', third = ''] = args
    const scores = this.sorted(key)
    const ordered = (): [string, number][] => [...(scores ?? [])].sort(([a, x], [b, y]) => x - y || (a < b ? -1 : 1))
    switch (name) {
      case 'zadd': {
        const target = scores ?? this.make(key, { scores: new Map<string, number>() }).scores
        const before = target.size
        for (let i = 1; i + 1 < args.length; i += 2) target.set(args[i + 1]!, float(args[i]!))
        return target.size - before
      }
      case 'zincrby': {
        const target = scores ?? this.make(key, { scores: new Map<string, number>() }).scores
        const next = (target.get(third) ?? 0) + float(second)
        target.set(third, next)
        return String(next)
      }
      case 'zscore':
        return scores?.has(second) ? String(scores.get(second)) : null
      case 'zcard':
        return scores?.size ?? 0
      case 'zrank': {
        const rank = ordered().findIndex(([member]) => member === second)
        return rank < 0 ? null : rank
      }
      case 'zrem': {
        const removed = args.slice(1).filter((m) => scores?.delete(m)).length
        this.tidy(key, scores?.size ?? 1)
        return removed
      }
      default: {
        const options = args.slice(3).map((a) => a.toLowerCase())
        const all = ordered()
        if (name === 'zrevrange' || options.includes('rev')) all.reverse()
        const part = slice(all, integer(second), integer(third))
        return part.flatMap(([member, score]) => (options.includes('withscores') ? [member, String(score)] : [member]))
      }
    }
  }

  private keys(pattern: string): string[] {
    const glob = new RegExp(
      `^${pattern
        .replace(/[.+^${}()|\\]/g, '\\$&')
        .replaceAll('*', '.*')
        .replaceAll('?', '.')}$`,
      's',
    )
    return [...this.entries.keys()].filter((key) => this.find(key) && glob.test(key))
  }
}

function integer(text: string): number {
  const n = Number(text)
  if (!/^-?\d+$/.test(text) || !Number.isSafeInteger(n)) throw new Refused(NOT_INTEGER)
  return n
}

function float(text: string): number {
  const n = Number(text)
  if (text === '' || Number.isNaN(n)) throw new Refused(new Failure('ERR value is not a valid float'))
  return n
}

/** Both ends included; negative numbers count from the end. */
function slice<T>(list: readonly T[], start: number, end: number): T[] {
  const from = start < 0 ? Math.max(0, list.length + start) : start
  const to = end < 0 ? list.length + end : end
  return list.slice(from, to + 1)
}
