/** Values as they pass through a jq program, with the path by which they were reached. */
import { compare, format, type Json } from './json.js'
import { get } from './paths.js'
import type { Item } from './scope.js'

/** What `if` and `select` take for true. */
export function truthy(value: Json): boolean {
  return value !== null && value !== false
}

/** A value without its path. */
export function plain(item: Item): Item {
  return item.path ? { value: item.value } : item
}

/** The item at a key of another one. */
export function child(of: Item, key: Json): Item {
  const value = get(of.value, key)
  return of.path ? { value, path: [...of.path, key] } : { value }
}

/** Whether two values are the same to jq. */
export function equal(a: Json, b: Json): boolean {
  return compare(a, b) === 0
}

/** The text of a value: a string as it is, others as JSON. */
export function toText(value: Json): string {
  return typeof value === 'string' ? value : format(value)
}
