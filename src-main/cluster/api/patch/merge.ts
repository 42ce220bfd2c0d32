/** `application/merge-patch+json`: RFC 7386. */
import { badRequest } from '../errors.js'
import { goKind } from './json.js'

/**
 * Applies a merge patch: null deletes, objects merge, everything else replaces. Neither argument is changed; what the
 * patch does not touch is shared with the document.
 * @throws StatusError 400 when the patch is no object
 */
export function applyMergePatch(document: unknown, patch: unknown): unknown {
  if (patch === null) throw badRequest('Invalid JSON Patch')
  if (!isObject(patch)) {
    throw badRequest(`error decoding patch: json: cannot unmarshal ${goKind(patch)} into Go value of type map[string]interface {}`)
  }
  return merge(document, patch)
}

function merge(target: unknown, patch: Record<string, unknown>): Record<string, unknown> {
  const out: Record<string, unknown> = isObject(target) ? { ...target } : {}
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete out[key]
    else {
      const old = Object.hasOwn(out, key) ? out[key] : undefined
      if (isObject(value)) out[key] = merge(old, value)
      // The library of the API server leaves a list as it came only where it replaces an object.
      else out[key] = isObject(old) ? value : withoutNulls(value)
    }
  }
  return out
}

/** A list without the nulls of the objects in it; its own stay. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls)
  return isObject(value) ? merge(undefined, value) : value
}

/** Whether a JSON value is an object. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
