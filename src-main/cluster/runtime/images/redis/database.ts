/** The commands of a Redis server over its keyspace. */
import { Failure, OK, Simple, type Reply } from './resp.js'
import { Refused, integer } from './keyspace.js'
import { Collections } from './collections.js'
import { bytesOf, KEY_COMMANDS, typeOf } from './commands-keys.js'
import { PART_COMMANDS } from './commands-parts.js'
import { STREAM_COMMANDS } from './streams.js'

const SYNTAX = new Failure('ERR syntax error')

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

/** The commands that stand in files of their own. */
const COMMANDS = new Map(Object.entries({ ...KEY_COMMANDS, ...PART_COMMANDS, ...STREAM_COMMANDS }))

export class Database extends Collections {
  /** Whether a command is one of the keyspace's. */
  static knows(name: string): boolean {
    return Object.hasOwn(ARITY, name) || COMMANDS.has(name)
  }

  static writes(name: string): boolean {
    return WRITES.has(name) || COMMANDS.get(name)?.writes === true
  }

  /** How many commands there are. */
  static get count(): number {
    return Object.keys(ARITY).length + COMMANDS.size
  }

  /** About the bytes that its keys take. */
  get bytes(): number {
    return [...this.entries].reduce((sum, [key, { value }]) => sum + bytesOf(key, value), 0)
  }

  /** Runs one command; its name is in lower case. */
  run(name: string, args: readonly string[]): Reply {
    const own = COMMANDS.get(name)
    const arity = own?.arity ?? ARITY[name]!
    const count = args.length + 1
    if (arity > 0 ? count !== arity : count < -arity) return new Failure(`ERR wrong number of arguments for '${name}' command`)
    try {
      const reply = own ? own.run(this, args) : this.execute(name, args)
      if (Database.writes(name)) this.dirty++
      return reply
    } catch (error) {
      if (error instanceof Refused) return error.failure
      throw error
    }
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
      case 'type':
        return new Simple(typeOf(this.find(key)?.value))
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
}
