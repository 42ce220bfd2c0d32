/**
 * How often clients may ask: limit_req, a bucket that leaks (https://nginx.org/en/docs/http/ngx_http_limit_req_module.html),
 * and how much at once: limit_conn (https://nginx.org/en/docs/http/ngx_http_limit_conn_module.html).
 */
import { ConfigError, type Directive } from './conf.js'

/** How much a client has asked above its rate, in thousandths of a request, and when that was so. */
interface Bucket {
  excess: number
  at: number
}

/** A zone of limit_req_zone: the buckets of all keys. */
export interface LimitZone {
  readonly key: string
  /** Thousandths of a request that leak in a second. */
  readonly rate: number
  readonly buckets: Map<string, Bucket>
}

/** One limit_req. */
export interface RequestLimit {
  readonly zone: string
  /** Thousandths of a request above the rate that are taken, and that are taken at once. */
  readonly burst: number
  readonly undelayed: number
}

/** What is to be done with a request: refused, or answered after so many ms. */
export type Verdict = { refused: true; excess: number } | { refused: false; wait: number; excess: number }

/** Buckets that are kept; a full zone forgets those that were used longest ago. */
const MOST_BUCKETS = 16_000

/** The zones of the http block. Throws {@link ConfigError} in nginx' words. */
export function zonesOf(block: readonly Directive[]): Map<string, LimitZone> {
  const zones = new Map<string, LimitZone>()
  for (const d of block.filter(({ name }) => name === 'limit_req_zone')) {
    const [key = '', ...options] = d.args
    let [name, rate] = ['', 1000]
    for (const option of options) {
      const [, zone, size] = /^zone=([^:]+):(\d+[km]?)$/i.exec(option) ?? []
      const [, count, unit] = /^rate=(\d+)r\/([sm])$/.exec(option) ?? []
      if (zone !== undefined && size !== undefined) name = zone
      else if (count !== undefined && Number(count) > 0) rate = (Number(count) * 1000) / (unit === 'm' ? 60 : 1)
      else if (option.startsWith('zone=')) throw new ConfigError(`invalid zone size "${option.slice(5)}"`, d)
      else if (option.startsWith('rate=')) throw new ConfigError(`invalid rate "${option}"`, d)
      else throw new ConfigError(`invalid parameter "${option}"`, d)
    }
    if (name === '') throw new ConfigError('"limit_req_zone" must have "zone" parameter', d)
    if (zones.has(name)) throw new ConfigError(`limit_req_zone "${name}" is already bound to key "${zones.get(name)!.key}"`, d)
    zones.set(name, { key, rate: Math.floor(rate), buckets: new Map() })
  }
  return zones
}

/** What a limit_req says. Throws {@link ConfigError} in nginx' words. */
export function limitOf(d: Directive): RequestLimit {
  let [zone, burst, undelayed] = ['', 0, 0]
  for (const option of d.args) {
    const [, name, value = ''] = /^(\w+)(?:=(.*))?$/.exec(option) ?? []
    if (name === 'zone') zone = value
    else if (name === 'burst' && /^\d+$/.test(value)) burst = Number(value) * 1000
    else if (name === 'delay' && /^\d+$/.test(value)) undelayed = Number(value) * 1000
    else if (name === 'nodelay') undelayed = Infinity
    else throw new ConfigError(name === 'burst' ? `invalid burst value "${option}"` : name === 'delay' ? `invalid delay value "${option}"` : `invalid parameter "${option}"`, d) // prettier-ignore
  }
  if (zone === '') throw new ConfigError('"limit_req" must have "zone" parameter', d)
  return { zone, burst, undelayed }
}

/** Counts a request of a key. @param now cluster ms */
export function count({ rate, buckets }: LimitZone, { burst, undelayed }: RequestLimit, key: string, now: number): Verdict {
  const bucket = buckets.get(key)
  const excess = bucket ? Math.max(0, bucket.excess - (rate * Math.max(0, now - bucket.at)) / 1000 + 1000) : 0
  if (excess > burst) return { refused: true, excess }
  buckets.delete(key)
  buckets.set(key, { excess, at: now })
  if (buckets.size > MOST_BUCKETS) buckets.delete(buckets.keys().next().value!)
  return { refused: false, excess, wait: excess > undelayed ? ((excess - undelayed) * 1000) / rate : 0 }
}

/** A zone of limit_conn_zone: how many requests of each key are being answered. */
export interface ConnectionZone {
  readonly key: string
  readonly counts: Map<string, number>
}

/** One limit_conn. */
export interface ConnectionLimit {
  readonly zone: string
  readonly most: number
}

/** The zones of limit_conn_zone. Throws {@link ConfigError} in nginx' words. */
export function connectionZonesOf(block: readonly Directive[]): Map<string, ConnectionZone> {
  const zones = new Map<string, ConnectionZone>()
  for (const d of block.filter(({ name }) => name === 'limit_conn_zone')) {
    const [key = '', option = ''] = d.args
    const [, name, size] = /^zone=([^:]*):(.*)$/.exec(option) ?? []
    if (!option.startsWith('zone=')) throw new ConfigError(`invalid parameter "${option}"`, d)
    if (!name || !/^\d+[km]?$/i.test(size!)) throw new ConfigError(`invalid zone size "${option}"`, d)
    if (zones.has(name)) throw new ConfigError(`limit_conn_zone "${name}" is already bound to key "${zones.get(name)!.key}"`, d)
    zones.set(name, { key, counts: new Map() })
  }
  return zones
}

/** What a limit_conn says. Throws {@link ConfigError} in nginx' words. */
export function connectionLimitOf(d: Directive): ConnectionLimit {
  const [zone = '', most = ''] = d.args
  if (!/^[1-9]\d*$/.test(most)) throw new ConfigError(`invalid number of connections "${most}"`, d)
  if (Number(most) > 65535) throw new ConfigError('connection limit must be less 65536', d)
  return { zone, most: Number(most) }
}

/** Takes a place among the requests of a key; undefined when there is none, else what gives it back. */
export function occupy({ counts }: ConnectionZone, { most }: ConnectionLimit, key: string): (() => void) | undefined {
  const taken = counts.get(key) ?? 0
  if (taken >= most) return undefined
  counts.set(key, taken + 1)
  return () => {
    const left = counts.get(key)! - 1
    if (left > 0) counts.set(key, left)
    else counts.delete(key)
  }
}
