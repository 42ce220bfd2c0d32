/** Commands of a Redis server over keys of any type and over strings. */
import { Refused, float, integer, type Keyspace, type Value } from './keyspace.js'
import { Failure, OK, type Reply } from './resp.js'

/** One command: how many words it takes, its name included, or at least so many where negative; and what it does. */
export interface KeyspaceCommand {
  readonly arity: number
  /** It may change the data. */
  readonly writes?: boolean
  run(space: Keyspace, args: readonly string[]): Reply
}

/** The type of a value by its name. */
export function typeOf(value: Value | undefined): string {
  if (value === undefined) return 'none'
  if (typeof value === 'string') return 'string'
  if (Array.isArray(value)) return 'list'
  if (value instanceof Set) return 'set'
  if (value instanceof Map) return 'hash'
  return 'stream' in value ? 'stream' : 'zset'
}

/** How many parts a value may have, and how long each may be, to be kept in one piece. */
const SMALL_PARTS = 128
const SMALL_PART = 64
/** The longest string that is kept beside its key. */
const EMBEDDED = 44
/** Bytes that a key takes besides what is in it. */
const KEY_BYTES = 48

/** How a value is kept, as OBJECT ENCODING names it. */
function encodingOf(value: Value): string {
  if (typeof value === 'string') {
    const number = /^(0|-?[1-9]\d{0,17})$/.test(value)
    return number ? 'int' : Buffer.byteLength(value) <= EMBEDDED ? 'embstr' : 'raw'
  }
  if ('stream' in value) return 'stream'
  const parts =
    Array.isArray(value) || value instanceof Set ? [...value] : [...('scores' in value ? value.scores : value)].flat().map(String)
  const small = parts.length <= SMALL_PARTS && parts.every((part) => part.length <= SMALL_PART)
  if (Array.isArray(value)) return small ? 'listpack' : 'quicklist'
  if (value instanceof Set)
    return parts.length <= 512 && parts.every((part) => /^-?\d+$/.test(part)) ? 'intset' : small ? 'listpack' : 'hashtable'
  return small ? 'listpack' : value instanceof Map ? 'hashtable' : 'skiplist'
}

/** About the bytes that a key takes. */
export function bytesOf(key: string, value: Value): number {
  const parts =
    typeof value === 'string'
      ? [value]
      : Array.isArray(value) || value instanceof Set
        ? [...value]
        : value instanceof Map
          ? [...value].flat()
          : 'scores' in value
            ? [...value.scores].flat().map(String)
            : value.stream.items.flatMap(({ id, fields }) => [id, ...fields])
  const bytes = parts.reduce(
    (sum, part) => sum + Buffer.byteLength(part) + (typeof value === 'string' ? 1 : 3),
    KEY_BYTES + Buffer.byteLength(key),
  )
  return Math.ceil(bytes / 8) * 8
}

function endAt(space: Keyspace, key: string, at: number): Reply {
  const entry = space.find(key)
  if (!entry) return 0
  entry.expires = at
  return 1
}

/** The bytes of a string from one to another, both included; negative numbers count from the end. */
function part(text: string, start: string, end: string): string {
  const bytes = Buffer.from(text)
  const at = (n: number): number => (n < 0 ? Math.max(0, bytes.length + n) : n)
  return bytes.subarray(at(integer(start)), at(integer(end)) + 1).toString()
}

const bytesAt = (space: Keyspace, key: string): Buffer => Buffer.from(space.text(key) ?? '', 'latin1')

function setText(space: Keyspace, key: string, value: string): void {
  space.entries.set(key, { value, expires: space.find(key)?.expires })
}

function bitOffset(text: string): number {
  const n = /^\d+$/.test(text) ? Number(text) : -1
  if (n < 0 || n >= 2 ** 32) throw new Refused(new Failure('ERR bit offset is not an integer or out of range'))
  return n
}

/** A number as Redis writes one that is no integer. */
export const floatText = (n: number): string => (Number.isInteger(n) ? String(n) : String(Number(n.toPrecision(17))))

export const KEY_COMMANDS: Readonly<Record<string, KeyspaceCommand>> = {
  object: {
    arity: -2,
    run: (space, [action = '', key = '']) => {
      const value = space.find(key)?.value
      const wanted = action.toLowerCase()
      if (!['encoding', 'refcount', 'idletime', 'freq'].includes(wanted))
        return new Failure(`ERR unknown subcommand '${action}'. Try OBJECT HELP.`)
      if (value === undefined) return null
      if (wanted === 'freq')
        return new Failure(
          'ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust.',
        )
      return wanted === 'encoding' ? encodingOf(value) : wanted === 'refcount' ? 1 : 0
    },
  },
  memory: {
    arity: -2,
    run: (space, [action = '', key = '']) => {
      if (action.toLowerCase() === 'doctor')
        return "Hi Sam, this instance is empty or is using very little memory, my issue detector can't be used in these conditions. Please, leave for your mission on Earth and fill it with some data. The new Sam and I will be back to our programming as soon as I finished rebooting.\n"
      if (action.toLowerCase() !== 'usage') return new Failure(`ERR unknown subcommand '${action}'. Try MEMORY HELP.`)
      const value = space.find(key)?.value
      return value === undefined ? null : bytesOf(key, value)
    },
  },
  touch: { arity: -2, run: (space, keys) => keys.filter((key) => space.find(key)).length },
  expireat: { arity: -3, writes: true, run: (space, [key = '', at = '']) => endAt(space, key, integer(at) * 1000) },
  pexpireat: { arity: -3, writes: true, run: (space, [key = '', at = '']) => endAt(space, key, integer(at)) },
  expiretime: {
    arity: 2,
    run: (space, [key = '']) => {
      const entry = space.find(key)
      return entry ? (entry.expires === undefined ? -1 : Math.floor(entry.expires / 1000)) : -2
    },
  },
  renamenx: {
    arity: 3,
    writes: true,
    run: (space, [from = '', to = '']) => {
      const entry = space.find(from)
      if (!entry) return new Failure('ERR no such key')
      if (space.find(to)) return 0
      space.entries.delete(from)
      space.entries.set(to, entry)
      return 1
    },
  },
  copy: {
    arity: -3,
    writes: true,
    run: (space, [from = '', to = '', ...options]) => {
      const entry = space.find(from)
      if (!entry || (space.find(to) && !options.some((option) => option.toLowerCase() === 'replace'))) return 0
      space.entries.set(to, structuredClone(entry))
      return 1
    },
  },
  getrange: { arity: 4, run: (space, [key = '', start = '', end = '']) => part(space.text(key) ?? '', start, end) },
  substr: { arity: 4, run: (space, [key = '', start = '', end = '']) => part(space.text(key) ?? '', start, end) },
  setrange: {
    arity: 4,
    writes: true,
    run: (space, [key = '', offset = '', text = '']) => {
      const at = integer(offset)
      if (at < 0) return new Failure('ERR offset is out of range')
      const old = Buffer.from(space.text(key) ?? '')
      const added = Buffer.from(text)
      const bytes = Buffer.alloc(Math.max(old.length, at + added.length))
      old.copy(bytes)
      added.copy(bytes, at)
      if (added.length > 0) setText(space, key, bytes.toString())
      return added.length > 0 ? bytes.length : old.length
    },
  },
  incrbyfloat: {
    arity: 3,
    writes: true,
    run: (space, [key = '', by = '']) => {
      const next = floatText(Number((float(space.text(key) ?? '0') + float(by)).toPrecision(15)))
      setText(space, key, next)
      return next
    },
  },
  psetex: {
    arity: 4,
    writes: true,
    run: (space, [key = '', ms = '', value = '']) => {
      space.entries.set(key, { value, expires: space.now() + integer(ms) })
      return OK
    },
  },
  getex: {
    arity: -2,
    writes: true,
    run: (space, [key = '', option = '', amount = '']) => {
      const text = space.text(key)
      const entry = space.find(key)
      const units: Readonly<Record<string, () => number | undefined>> = {
        ex: () => space.now() + integer(amount) * 1000,
        px: () => space.now() + integer(amount),
        exat: () => integer(amount) * 1000,
        pxat: () => integer(amount),
        persist: () => undefined,
      }
      const end = units[option.toLowerCase()]
      if (option !== '' && !end) return new Failure('ERR syntax error')
      if (entry && end) entry.expires = end()
      return text ?? null
    },
  },
  msetnx: {
    arity: -3,
    writes: true,
    run: (space, args) => {
      if (args.length % 2) return new Failure("ERR wrong number of arguments for 'msetnx' command")
      const keys = args.filter((_, i) => i % 2 === 0)
      if (keys.some((key) => space.find(key))) return 0
      for (const [i, key] of keys.entries()) space.make(key, args[i * 2 + 1]!)
      return 1
    },
  },
  setbit: {
    arity: 4,
    writes: true,
    run: (space, [key = '', offset = '', bit = '']) => {
      const at = bitOffset(offset)
      if (!/^[01]$/.test(bit)) return new Failure('ERR bit is not an integer or out of range')
      const old = bytesAt(space, key)
      const bytes = Buffer.alloc(Math.max(old.length, (at >> 3) + 1))
      old.copy(bytes)
      const mask = 0x80 >> (at & 7)
      const before = bytes[at >> 3]! & mask ? 1 : 0
      bytes[at >> 3] = bit === '1' ? bytes[at >> 3]! | mask : bytes[at >> 3]! & ~mask
      setText(space, key, bytes.toString('latin1'))
      return before
    },
  },
  getbit: {
    arity: 3,
    run: (space, [key = '', offset = '']) => {
      const at = bitOffset(offset)
      return (bytesAt(space, key)[at >> 3] ?? 0) & (0x80 >> (at & 7)) ? 1 : 0
    },
  },
  bitcount: {
    arity: -2,
    run: (space, [key = '', start = '0', end = '-1']) => {
      const bytes = bytesAt(space, key)
      const at = (n: number): number => (n < 0 ? Math.max(0, bytes.length + n) : n)
      const counted = bytes.subarray(at(integer(start)), at(integer(end)) + 1)
      return counted.reduce((sum, byte) => sum + byte.toString(2).replaceAll('0', '').length, 0)
    },
  },
}
