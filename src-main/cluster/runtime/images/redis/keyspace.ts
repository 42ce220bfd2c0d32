/** The keyspace of a Redis server. */
import { starPattern, type StarPattern } from '../../star-pattern.js'
import { Failure } from './resp.js'

/** The entries of a stream in their order: ids as `ms-sequence`, fields and values in turn. */
export interface Stream {
  items: { id: string; fields: string[] }[]
  /** The id of the entry that came last, though it may be gone. */
  last: string
}

export type Value = string | string[] | Set<string> | Map<string, string> | { scores: Map<string, number> } | { stream: Stream }

interface Entry {
  value: Value
  /** Cluster time in ms; undefined for ever. */
  expires?: number | undefined
}

const WRONG_TYPE = new Failure('WRONGTYPE Operation against a key holding the wrong kind of value')
const NOT_INTEGER = new Failure('ERR value is not an integer or out of range')

/** A command that ends early with an error. */
export class Refused extends Error {
  constructor(readonly failure: Failure) {
    super(failure.text)
  }
}

/** The keys of a server with their values, each of one type, and when they end. */
export abstract class Keyspace {
  readonly entries = new Map<string, Entry>()
  /** Writes since the last save. */
  dirty = 0

  constructor(readonly now: () => number) {}

  get size(): number {
    for (const key of this.entries.keys()) this.find(key)
    return this.entries.size
  }

  /** How many keys have a time to end. */
  get expiring(): number {
    return [...this.entries.values()].filter(({ expires }) => expires !== undefined).length
  }

  /** All that is needed to bring it back. */
  dump(): string {
    const plain = [...this.entries].map(([key, { value, expires }]) => {
      if (typeof value === 'string') return [key, 's', value, expires]
      if (Array.isArray(value)) return [key, 'l', value, expires]
      if (value instanceof Set) return [key, 'S', [...value], expires]
      if (value instanceof Map) return [key, 'h', [...value], expires]
      if ('stream' in value) return [key, 'x', value.stream, expires]
      return [key, 'z', [...value.scores], expires]
    })
    return JSON.stringify(plain)
  }

  load(text: string): void {
    for (const [key, kind, data, expires] of JSON.parse(text) as [string, string, never, number | undefined][]) {
      const kept: Readonly<Record<string, () => Value>> = {
        S: () => new Set(data),
        h: () => new Map(data),
        z: () => ({ scores: new Map(data) }),
        x: () => ({ stream: data }),
      }
      const value: Value = kept[kind]?.() ?? data
      this.entries.set(key, { value, ...(expires ? { expires } : {}) })
    }
  }

  find(key: string): Entry | undefined {
    const entry = this.entries.get(key)
    if (entry?.expires !== undefined && entry.expires <= this.now()) {
      this.entries.delete(key)
      return undefined
    }
    return entry
  }

  text(key: string): string | undefined {
    const value = this.find(key)?.value
    if (value !== undefined && typeof value !== 'string') throw new Refused(WRONG_TYPE)
    return value
  }

  list(key: string): string[] | undefined {
    const value = this.find(key)?.value
    if (value !== undefined && !Array.isArray(value)) throw new Refused(WRONG_TYPE)
    return value as string[] | undefined
  }

  set(key: string): Set<string> | undefined {
    const value = this.find(key)?.value
    if (value !== undefined && !(value instanceof Set)) throw new Refused(WRONG_TYPE)
    return value as Set<string> | undefined
  }

  hash(key: string): Map<string, string> | undefined {
    const value = this.find(key)?.value
    if (value !== undefined && !(value instanceof Map)) throw new Refused(WRONG_TYPE)
    return value as Map<string, string> | undefined
  }

  sorted(key: string): Map<string, number> | undefined {
    const value = this.find(key)?.value
    if (value === undefined) return undefined
    if (typeof value === 'string' || !('scores' in value)) throw new Refused(WRONG_TYPE)
    return value.scores
  }

  stream(key: string): Stream | undefined {
    const value = this.find(key)?.value
    if (value === undefined) return undefined
    if (typeof value === 'string' || !('stream' in value)) throw new Refused(WRONG_TYPE)
    return value.stream
  }

  make<T extends Value>(key: string, value: T): T {
    this.entries.set(key, { value })
    return value
  }

  /** A collection that became empty is no key any more. */
  tidy(key: string, size: number): void {
    if (size === 0) this.entries.delete(key)
  }

  keys(pattern: string): string[] {
    const glob = globOf(pattern)
    return [...this.entries.keys()].filter((key) => this.find(key) && glob.test(key))
  }
}

const literal = (text: string): string => text.replace(/\W/g, String.raw`\$&`)

/** A set such as `[a-c]`; the ends of a range may come in any order. */
function setOf(set: string): string {
  const [, not, body] = /^\[(\^?)(.*)\]$/s.exec(set)!
  const parts = [...body!.matchAll(/\\(.)|(.)-(.)|./gs)].map(([whole, escaped, from, to]) => {
    if (from === undefined) return literal(escaped ?? whole)
    return [from, to!].sort().map(literal).join('-')
  })
  return `[${not}${parts.join('')}]`
}

/** What a pattern of KEYS stands for: `*`, `?`, `[a-c]` and `[^a]`, and what is behind a backslash. */
export function globOf(pattern: string): StarPattern {
  const pieces = ['']
  for (const [whole, escaped, set] of pattern.matchAll(/\\(.)|(\[\^?[^\]]*\])|./gs)) {
    if (whole === '*') pieces.push('')
    else pieces[pieces.length - 1] += set ? setOf(set) : whole === '?' ? '.' : literal(escaped ?? whole)
  }
  return starPattern(pieces)
}

export function integer(text: string): number {
  const n = Number(text)
  if (!/^-?\d+$/.test(text) || !Number.isSafeInteger(n)) throw new Refused(NOT_INTEGER)
  return n
}

export function float(text: string): number {
  const n = Number(text)
  if (text === '' || Number.isNaN(n)) throw new Refused(new Failure('ERR value is not a valid float'))
  return n
}
