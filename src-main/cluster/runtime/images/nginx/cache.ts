/** `proxy_cache`: answers of other servers kept in files (https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_cache). */
import { createHash } from 'node:crypto'
import type { FileSystem } from '../../fs.js'
import { ConfigError, type Directive } from './conf.js'
import { bytes, milliseconds } from './units.js'

/** How long answers of some statuses are good. */
export interface CacheValid {
  readonly status: number | 'any'
  /** Milliseconds. */
  readonly time: number
}

/** The head of an answer as it is kept; its body is in its file. */
interface Entry {
  readonly file: string
  readonly status: number
  readonly message: string
  /** Names and values in turns. */
  readonly headers: readonly string[]
  /** Where the body begins in the file. */
  readonly bodyAt: number
  /** Cluster ms. */
  validUntil: number
  usedAt: number
}

/** A folder of proxy_cache_path. */
export interface CacheZone {
  readonly name: string
  readonly path: string
  readonly levels: readonly number[]
  /** Bytes; Infinity for no limit. */
  readonly maxSize: number
  /** Ms without use after which an answer is dropped. */
  readonly inactive: number
  readonly entries: Map<string, Entry>
  readonly uses: Map<string, number>
}

/** What is kept for a key. */
export interface Kept {
  readonly status: number
  readonly message: string
  readonly headers: readonly string[]
  readonly body: Uint8Array
  readonly fresh: boolean
}

/** The folders of the http block. Throws {@link ConfigError} in nginx' words. */
export function cacheZonesOf(block: readonly Directive[]): Map<string, CacheZone> {
  const zones = new Map<string, CacheZone>()
  for (const d of block.filter(({ name }) => name === 'proxy_cache_path')) {
    const [path = '', ...options] = d.args
    let [name, levels, maxSize, inactive] = ['', [] as number[], Infinity, 600_000]
    for (const option of options) {
      const [key = '', value = ''] = option.split(/=(.*)/s)
      if (key === 'levels') {
        if (!/^[12](:[12]){0,2}$/.test(value)) throw new ConfigError(`invalid "levels" "${option}"`, d)
        levels = value.split(':').map(Number)
      } else if (key === 'keys_zone') {
        const [, zone, size] = /^(.+):(\d+[km]?)$/i.exec(value) ?? []
        if (zone === undefined || size === undefined) throw new ConfigError(`invalid keys zone size "${option}"`, d)
        if (bytes(size)! < 8192) throw new ConfigError(`keys zone "${option}" is too small`, d)
        name = zone
      } else if (key === 'max_size') {
        maxSize = bytes(value) ?? invalid(`invalid max_size value "${option}"`, d)
      } else if (key === 'inactive') inactive = milliseconds(value) ?? invalid(`invalid inactive value "${option}"`, d)
      else if (!/^(use_temp_path|min_free|manager_\w+|loader_\w+|purger\w*)$/.test(key))
        throw new ConfigError(`invalid parameter "${option}"`, d)
    }
    if (name === '') throw new ConfigError('"proxy_cache_path" must have "keys_zone" parameter', d)
    const at = path.startsWith('/') ? path : `/etc/nginx/${path}`
    zones.set(name, { name, path: at.replace(/\/$/, ''), levels, maxSize, inactive, entries: new Map(), uses: new Map() })
  }
  return zones
}

function invalid(message: string, d: Directive): never {
  throw new ConfigError(message, d)
}

/** Reads a `proxy_cache_valid`. Throws {@link ConfigError} in nginx' words. */
export function readCacheValid(d: Directive): CacheValid[] {
  const time = milliseconds(d.args.at(-1)!) ?? invalid(`invalid time value "${d.args.at(-1)}"`, d)
  if (d.args.length === 1) return [200, 301, 302].map((status) => ({ status, time }))
  return d.args.slice(0, -1).map((status) => {
    if (status === 'any') return { status, time }
    if (!/^[1-5]\d\d$/.test(status)) throw new ConfigError(`invalid status "${status}"`, d)
    return { status: Number(status), time }
  })
}

function fileOf({ path, levels }: CacheZone, key: string): string {
  const name = createHash('md5').update(key).digest('hex')
  let end = name.length
  const folders = levels.map((length) => name.slice(end - length, (end -= length) + length))
  return [path, ...folders, name].join('/')
}

/** What is kept for a key; undefined when nothing is, or its file is gone. @param now cluster ms */
export function recall(zone: CacheZone, fs: FileSystem, key: string, now: number): Kept | undefined {
  for (const [each, { usedAt, file }] of zone.entries) if (now - usedAt > zone.inactive) drop(zone, fs, each, file)
  const entry = zone.entries.get(key)
  if (!entry) return undefined
  try {
    const body = fs.readFile(entry.file).subarray(entry.bodyAt)
    entry.usedAt = now
    return { status: entry.status, message: entry.message, headers: entry.headers, body, fresh: now < entry.validUntil }
  } catch {
    zone.entries.delete(key)
    return undefined
  }
}

/** Keeps an answer for `time` ms; false when its file cannot be written. */
export function keep(zone: CacheZone, fs: FileSystem, key: string, answer: Omit<Kept, 'fresh'>, time: number, now: number): boolean {
  const file = fileOf(zone, key)
  const lines: string[] = []
  for (let i = 0; i < answer.headers.length; i += 2) lines.push(`${answer.headers[i]}: ${answer.headers[i + 1]}\r\n`)
  const head = Buffer.from(`\nKEY: ${key}\nHTTP/1.1 ${answer.status} ${answer.message}\r\n${lines.join('')}\r\n`, 'latin1')
  try {
    fs.mkdir(file.slice(0, file.lastIndexOf('/')), { recursive: true, mode: 0o700 })
    fs.writeFile(file, Buffer.concat([head, answer.body]), { mode: 0o600 })
  } catch {
    return false
  }
  const { status, message, headers } = answer
  zone.entries.delete(key)
  zone.entries.set(key, { file, status, message, headers, bodyAt: head.length, validUntil: now + time, usedAt: now })
  shrink(zone, fs)
  return true
}

/** Drops what was used longest ago until the folder is as small as it must be. */
function shrink(zone: CacheZone, fs: FileSystem): void {
  if (zone.maxSize === Infinity) return
  const sizes = [...zone.entries].map(([key, entry]) => ({ key, entry, size: fs.exists(entry.file) ? fs.stat(entry.file).size : 0 }))
  let total = sizes.reduce((sum, { size }) => sum + size, 0)
  for (const { key, entry, size } of sizes.sort((a, b) => a.entry.usedAt - b.entry.usedAt)) {
    if (total <= zone.maxSize) break
    drop(zone, fs, key, entry.file)
    total -= size
  }
}

function drop(zone: CacheZone, fs: FileSystem, key: string, file: string): void {
  zone.entries.delete(key)
  try {
    fs.remove(file)
  } catch {
    // Somebody removed it before.
  }
}

/**
 * How many ms an answer may be kept, by its headers and else by proxy_cache_valid; 0 for not at all.
 * @param header the answer's header of a name in lower case, '' without it
 * @param ignored those of proxy_ignore_headers
 */
export function lifetime(
  status: number,
  header: (name: string) => string,
  valid: readonly CacheValid[],
  ignored: readonly string[],
  now: number,
): number {
  const told = (name: string): string => (ignored.includes(name) ? '' : header(name))
  if (told('set-cookie') !== '' || told('vary') === '*') return 0
  const accel = told('x-accel-expires')
  if (/^\d+$/.test(accel)) return Number(accel) * 1000
  const control = told('cache-control').toLowerCase()
  if (/\b(no-cache|no-store|private)\b/.test(control)) return 0
  const age = /s-maxage=(\d+)/.exec(control)?.[1] ?? /max-age=(\d+)/.exec(control)?.[1]
  if (age !== undefined) return Number(age) * 1000
  const expires = Date.parse(told('expires'))
  if (told('expires') !== '') return Number.isNaN(expires) ? 0 : Math.max(0, expires - now)
  return valid.find((each) => each.status === 'any' || each.status === status)?.time ?? 0
}
