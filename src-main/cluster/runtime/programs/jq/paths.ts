/** Reading and changing values at paths: `.a`, `.[0]`, `.[2:4]`, getpath, setpath, delpaths. Values are never changed in place. */
import { compare, format, typeOf, type Json, type JsonObject } from './json.js'

/** What a program raises: `error(x)` and the errors of the builtins. */
export class JqError extends Error {
  constructor(readonly value: Json) {
    super(typeof value === 'string' ? value : `${format(value)} (not a string)`)
  }
}

/** Elements that an array may grow to by one assignment. */
const LONGEST_ARRAY = 1 << 24

/** A value as an error message quotes it. */
export function excerpt(value: Json): string {
  const text = format(value)
  return text.length > 11 ? `${text.slice(0, 10)}...` : text
}

/** `a:b` of a slice as a path has it: an object of start and end. */
export function sliceKey(from: Json, to: Json): JsonObject {
  return new Map([
    ['start', from],
    ['end', to],
  ])
}

/** The bounds of a slice in a value of `length` items. */
function bounds(key: JsonObject, length: number): [number, number] {
  const place = (n: Json | undefined, otherwise: number, round: (x: number) => number): number => {
    if (n === null || n === undefined) return otherwise
    if (typeof n !== 'number') throw new JqError('Start and end indices of an array slice must be numbers')
    return Math.min(length, Math.max(0, round(n < 0 ? n + length : n)))
  }
  const from = place(key.get('start'), 0, Math.floor)
  return [from, Math.max(from, place(key.get('end'), length, Math.ceil))]
}

/** The value at one key. */
export function get(of: Json, key: Json): Json {
  if (of instanceof Map && typeof key === 'string') return of.get(key) ?? null
  if (Array.isArray(of) && typeof key === 'number') {
    const i = Math.floor(key)
    return of[i < 0 ? i + of.length : i] ?? null
  }
  if (key instanceof Map && (Array.isArray(of) || typeof of === 'string')) {
    if (typeof of !== 'string') return of.slice(...bounds(key, of.length))
    const characters = [...of]
    return characters.slice(...bounds(key, characters.length)).join('')
  }
  if (of === null && (typeof key === 'string' || typeof key === 'number' || key === null || key instanceof Map)) return null
  if (Array.isArray(of) && Array.isArray(key)) return indexesOf(of, key)
  if (typeof key === 'string') throw new JqError(`Cannot index ${typeOf(of)} with "${key}"`)
  throw new JqError(`Cannot index ${typeOf(of)} with ${typeOf(key)}`)
}

/** Where an array stands in another one. */
export function indexesOf(of: readonly Json[], part: readonly Json[]): number[] {
  const out: number[] = []
  if (part.length === 0) return out
  for (let i = 0; i + part.length <= of.length; i++) if (part.every((p, j) => compare(p, of[i + j]!) === 0)) out.push(i)
  return out
}

function set(of: Json, key: Json, value: Json): Json {
  if (typeof key === 'string' && (of === null || of instanceof Map)) return new Map(of ?? []).set(key, value)
  if (typeof key === 'number' && (of === null || Array.isArray(of))) {
    const copy = (of ?? []).slice()
    let i = Math.floor(key)
    if (i < 0) i += copy.length
    if (i < 0) throw new JqError('Out of bounds negative array index')
    if (i >= LONGEST_ARRAY) throw new JqError('Array index too large')
    while (copy.length < i) copy.push(null)
    copy[i] = value
    return copy
  }
  if (key instanceof Map && (of === null || Array.isArray(of))) {
    if (!Array.isArray(value)) throw new JqError('A slice of an array can only be assigned another array')
    const copy = (of ?? []).slice()
    const [from, to] = bounds(key, copy.length)
    copy.splice(from, to - from, ...value)
    return copy
  }
  if (typeof key === 'string') throw new JqError(`Cannot index ${typeOf(of)} with "${key}"`)
  throw new JqError(
    `Cannot ${typeOf(key) === 'object' ? 'update field at object index of' : 'index'} ${typeOf(of)}${typeOf(key) === 'object' ? '' : ` with ${typeOf(key)}`}`,
  )
}

export function getPath(of: Json, path: readonly Json[]): Json {
  let value = of
  for (const key of path) {
    if (value === null) return null
    value = get(value, key)
  }
  return value
}

/** `of` with the value at `path` replaced. */
export function setPath(of: Json, path: readonly Json[], value: Json, from = 0): Json {
  if (from === path.length) return value
  const key = path[from]!
  return set(of, key, setPath(get(of, key), path, value, from + 1))
}

/** `of` without what is at the paths. */
export function deletePaths(of: Json, paths: readonly Json[]): Json {
  let value = of
  // The later ones first, so that the indexes of the others still hold.
  for (const path of [...paths].sort(compare).reverse()) {
    if (!Array.isArray(path)) throw new JqError('Path must be specified as an array')
    value = deletePath(value, path, 0)
  }
  return value
}

function deletePath(of: Json, path: readonly Json[], from: number): Json {
  if (from === path.length || of === null) return null
  const key = path[from]!
  if (from < path.length - 1) {
    const inner = get(of, key)
    return inner === null ? of : set(of, key, deletePath(inner, path, from + 1))
  }
  if (of instanceof Map && typeof key === 'string') {
    const copy = new Map(of)
    copy.delete(key)
    return copy
  }
  if (Array.isArray(of) && typeof key === 'number') return without(of, key)
  if (Array.isArray(of) && key instanceof Map) {
    const [start, end] = bounds(key, of.length)
    return [...of.slice(0, start), ...of.slice(end)]
  }
  throw new JqError(`Cannot delete field at ${typeOf(key) === 'string' ? 'object' : 'array'} index of ${typeOf(of)}`)
}

function without(of: Json[], index: number): Json[] {
  const i = Math.floor(index) < 0 ? Math.floor(index) + of.length : Math.floor(index)
  return of.filter((_, j) => j !== i)
}
