/** The keyspace of a Redis server. */
import { Failure } from './resp.js'

type Value = string | string[] | Set<string> | Map<string, string> | { scores: Map<string, number> }

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
  protected readonly entries = new Map<string, Entry>()
  /** Writes since the last save. */
  dirty = 0

  constructor(protected readonly now: () => number) {}

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

  protected find(key: string): Entry | undefined {
    const entry = this.entries.get(key)
    if (entry?.expires !== undefined && entry.expires <= this.now()) {
      this.entries.delete(key)
      return undefined
    }
    return entry
  }

  protected text(key: string): string | undefined {
    const value = this.find(key)?.value
    if (value !== undefined && typeof value !== 'string') throw new Refused(WRONG_TYPE)
    return value
  }

  protected list(key: string): string[] | undefined {
    const value = this.find(key)?.value
    if (value !== undefined && !Array.isArray(value)) throw new Refused(WRONG_TYPE)
    return value as string[] | undefined
  }

  protected set(key: string): Set<string> | undefined {
    const value = this.find(key)?.value
    if (value !== undefined && !(value instanceof Set)) throw new Refused(WRONG_TYPE)
    return value as Set<string> | undefined
  }

  protected hash(key: string): Map<string, string> | undefined {
    const value = this.find(key)?.value
    if (value !== undefined && !(value instanceof Map)) throw new Refused(WRONG_TYPE)
    return value as Map<string, string> | undefined
  }

  protected sorted(key: string): Map<string, number> | undefined {
    const value = this.find(key)?.value
    if (value === undefined) return undefined
    if (typeof value === 'string' || !('scores' in value)) throw new Refused(WRONG_TYPE)
    return value.scores
  }

  protected make<T extends Value>(key: string, value: T): T {
    this.entries.set(key, { value })
    return value
  }

  /** A collection that became empty is no key any more. */
  protected tidy(key: string, size: number): void {
    if (size === 0) this.entries.delete(key)
  }

  protected keys(pattern: string): string[] {
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
