/** The commands over values of many parts. */
import { Failure, OK, type Reply } from './resp.js'
import { Keyspace, float, integer } from './keyspace.js'

/** The commands over lists, sets, hashes and sorted sets. */
export abstract class Collections extends Keyspace {
  protected listCommand(name: string, args: readonly string[]): Reply {
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

  protected setOfCommand(name: string, args: readonly string[]): Reply {
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

  protected hashCommand(name: string, args: readonly string[]): Reply {
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

  protected sortedCommand(name: string, args: readonly string[]): Reply {
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
}

/** Both ends included; negative numbers count from the end. */
export function slice<T>(list: readonly T[], start: number, end: number): T[] {
  const from = start < 0 ? Math.max(0, list.length + start) : start
  const to = end < 0 ? list.length + end : end
  return list.slice(from, to + 1)
}
