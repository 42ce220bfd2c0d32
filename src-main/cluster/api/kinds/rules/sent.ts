/**
 * Objects as a client may have sent them. The decoder has dropped unknown fields and checked the types of the others,
 * but any field may be missing or null, required ones too: rules must not trip over that. Reading through {@link Sent}
 * makes the compiler see to it.
 */
import { equalBesides } from '../../copy.js'

/** A model of the API in which every field may be missing or null. */
export type Sent<T> = T extends Date
  ? string
  : T extends string | number | boolean
    ? T
    : T extends (infer E)[]
      ? (Sent<E> | null)[]
      : T extends object
        ? { [K in keyof T]?: Sent<T[K]> | null }
        : T

/** A map of strings as it may arrive. */
export type SentMap<V = string> = { [key: string]: V | null | undefined } | null | undefined

/** The elements of a list that may be missing; a null element reads as an empty object, as the API server decodes it. */
export function items<T>(list: readonly (T | null | undefined)[] | null | undefined): T[] {
  if (!list) return []
  return list.map((e) => e ?? ({} as T))
}

/** The elements of a list of strings; null reads as the empty string. */
export function strings(list: readonly (string | null | undefined)[] | null | undefined): string[] {
  return (list ?? []).map((e) => e ?? '')
}

/** The entries of a map that may be missing, in the order of their keys, as Kubernetes reports them. */
export function entries<V>(map: SentMap<V>): [string, V][] {
  if (!map) return []
  return (Object.entries(map) as [string, V][]).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
}

/** A map as messages print it: in the order of its keys, or null when there is nothing in it. */
export function shownMap<V>(map: SentMap<V>): { [key: string]: V } | null {
  return isEmpty(map) ? null : Object.fromEntries(entries(map))
}

/** Whether a list or map is missing or has nothing in it. */
export function isEmpty(value: object | null | undefined): boolean {
  if (!value) return true
  return Array.isArray(value) ? value.length === 0 : Object.keys(value).length === 0
}

/** Whether a field was left out: missing, null or the empty string, which the API's own encoding cannot tell apart. */
export function unset(value: unknown): value is undefined | null | '' {
  return value === undefined || value === null || value === ''
}

/** Whether two pieces of JSON mean the same; missing, null and empty are the same as in the API's own comparison. */
export const semanticEqual = (a: unknown, b: unknown): boolean => equalBesides(a, b, isNothing)

function isNothing(v: unknown): boolean {
  return v === undefined || v === null || v === '' || (Array.isArray(v) && v.length === 0)
}
