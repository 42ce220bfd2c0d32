/** Three versions of an object: as it was opened, as it was edited, as it is on the server now. */
import { jsonText } from '../../exact-json.js'
import type { Json } from '../kinds/kind.js'
import type { FieldConflict } from '../rpc/contract.js'
import { fieldBelow, isMap } from './fields.js'
import { mergePatch, toYaml } from './yaml.js'

const same = (a: unknown, b: unknown): boolean => jsonText(a) === jsonText(b)

/** What a merge patch (RFC 7386) makes of a value. */
export function withMergePatch(value: Json, patch: Json): Json {
  if (!isMap(patch)) return patch
  const out: Record<string, Json> = isMap(value) ? { ...value } : {}
  for (const [key, change] of Object.entries(patch)) {
    if (change === null) delete out[key]
    else out[key] = withMergePatch(out[key], change)
  }
  return out
}

/** The merge patch of an edit. The version that was opened is no part of it: an edit is about fields, not about versions. */
export function editOf(original: Json, edited: Json): Json | undefined {
  const patch = mergePatch(original, edited)
  if (isMap(patch?.metadata)) delete patch.metadata.resourceVersion
  return patch
}

/** The fields that were changed here and, to something else, on the server. A list counts as one field: a merge patch replaces it whole. */
export function fieldConflicts(original: Json, edited: Json, live: Json): FieldConflict[] {
  const conflicts: FieldConflict[] = []
  const walk = (patch: Json, path: string, was: Json, mine: Json, theirs: Json): void => {
    if (isMap(patch) && isMap(was)) {
      for (const key of Object.keys(patch)) {
        walk(patch[key], fieldBelow(path, key), was[key], isMap(mine) ? mine[key] : undefined, isMap(theirs) ? theirs[key] : undefined)
      }
      return
    }
    if (!same(theirs, was) && !same(theirs, mine))
      conflicts.push({ field: path, original: text(was), mine: text(mine), theirs: text(theirs) })
  }
  const patch = editOf(original, edited)
  if (patch) walk(patch, '', original, edited, live)
  return conflicts
}

const text = (value: Json): string => (value === undefined ? '' : toYaml(value).trimEnd())

/** What was changed between `original` and `edited`, put onto `live`. */
export function rebased(original: Json, edited: Json, live: Json): Json {
  const patch = editOf(original, edited)
  if (!patch) return live
  return withMergePatch(live, patch)
}
