/** Merge patches the other way round (https://www.rfc-editor.org/rfc/rfc7386), and whether what they set still stands. */
import type { Json } from '../kinds/kind.js'
import { fieldBelow, isMap } from './fields.js'

/** The merge patch that takes a merge patch back, from the object as it was before. */
export function inverseOf(patch: Json, before: Json): Json {
  if (!isMap(patch)) return before === undefined ? null : before
  const old = isMap(before) ? before : {}
  return Object.fromEntries(Object.entries(patch).map(([k, v]) => [k, inverseOf(v, old[k])]))
}

/** The fields of a patch whose values in `live` are not those in `made` any more. */
export function changedSince(patch: Json, made: Json, live: Json, path = ''): string[] {
  if (!isMap(patch)) return same(made, live) ? [] : [path]
  return Object.keys(patch).flatMap((key) =>
    changedSince(patch[key], isMap(made) ? made[key] : undefined, isMap(live) ? live[key] : undefined, fieldBelow(path, key)),
  )
}

/** Whether two values are the same, whatever the order of their keys. */
function same(a: Json, b: Json): boolean {
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((v, i) => same(v, b[i]))
  if (!isMap(a) || !isMap(b)) return (a ?? null) === (b ?? null)
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].every((k) => same(a[k], b[k]))
}
