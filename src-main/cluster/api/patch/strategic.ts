/**
 * `application/strategic-merge-patch+json`: like a merge patch, but lists of the built-in types merge by their keys,
 * with directives (`$patch`, `$deleteFromPrimitiveList`, `$setElementOrder`, `$retainKeys`). Follows "Strategic Merge
 * Patch" in the Kubernetes API conventions, including the order that a merged list ends up in.
 */
import { badRequest, StatusError } from '../errors.js'
import { goText } from '../go-text.js'
import { modelOf } from '../schema/schema.js'
import type { Model, ModelLike, Property } from '../schema/schema.js'
import { goKind, unprocessable } from './json.js'
import { isObject } from './merge.js'

type Json = Record<string, unknown>

const PATCH = '$patch'
const RETAIN_KEYS = '$retainKeys'
const DELETE_FROM = '$deleteFromPrimitiveList/'
const SET_ORDER = '$setElementOrder/'

/**
 * Applies a strategic merge patch. Neither argument is changed; what the patch does not touch is shared.
 * @throws StatusError 400, 422 or 500 (without a reason), as the API server answers
 */
export function applyStrategicMergePatch(document: unknown, patch: unknown, model: ModelLike): unknown {
  if (!isObject(patch)) throw badRequest(`json: cannot unmarshal ${goKind(patch)} into Go value of type map[string]interface {}`)
  return mergeMap(isObject(document) ? document : {}, patch, modelOf(model))
}

/** An error that has no reason of its own: the API server answers 500 with nothing but the message. */
function plainError(message: string): StatusError {
  const error = new StatusError(500, '', message)
  delete error.status.reason
  return error
}

const badPatchType = (type: unknown, map: Json): StatusError => plainError(`unknown patch type: ${goText(type)} in map: ${goText(map)}`)
const noMergeKey = (map: Json, key: string): StatusError => plainError(`map: ${goText(map)} does not contain declared merge key: ${key}`)

/** @param model the fields of the map; undefined for maps with free keys */
function mergeMap(original: Json, patch: Json, model: Model | undefined): Json {
  if (PATCH in patch) {
    const directive = patch[PATCH]
    if (directive === 'delete') return {}
    if (directive === 'replace') {
      const rest = { ...patch }
      delete rest[PATCH]
      return rest
    }
    if (directive !== 'merge') throw badPatchType(directive, patch)
  }
  const out = { ...original }
  retainKeys(out, patch)
  const done = mergeOrderedLists(out, patch, model)
  for (const [key, value] of Object.entries(patch)) {
    if (key === PATCH || key === RETAIN_KEYS || key.startsWith(SET_ORDER) || done.has(key)) continue
    if (key.startsWith(DELETE_FROM)) {
      const name = key.slice(DELETE_FROM.length)
      if (!Array.isArray(value)) throw badRequest('invalid patch format of primitive list')
      if (Array.isArray(out[name])) out[name] = (out[name] as unknown[]).filter((v) => !value.includes(v))
      continue
    }
    if (value === null) {
      delete out[key]
      continue
    }
    const before = Object.hasOwn(out, key) ? out[key] : undefined
    const property = model?.properties.get(key)
    if (isObject(before) && isObject(value)) {
      out[key] = property?.patchStrategy.includes('replace') ? dropDirectives(value) : mergeMap(before, value, property?.model)
    } else if (Array.isArray(before) && Array.isArray(value)) {
      out[key] = mergeList(before, value, property)
    } else {
      out[key] = dropDirectives(value)
    }
  }
  return out
}

/** `$retainKeys`: of the original only the listed keys stay; the patch may hold no others. */
function retainKeys(out: Json, patch: Json): void {
  if (!(RETAIN_KEYS in patch)) return
  const keep = patch[RETAIN_KEYS]
  if (!Array.isArray(keep)) throw badRequest('invalid patch format of retainKeys')
  for (const key of Object.keys(patch)) {
    if (!key.startsWith('$') && patch[key] !== null && !keep.includes(key)) throw badRequest('invalid patch format of retainKeys')
  }
  for (const key of Object.keys(out)) if (!keep.includes(key)) delete out[key]
}

/** Merges the lists that come with a `$setElementOrder`, and puts them in that order. Gives the keys that it did. */
function mergeOrderedLists(out: Json, patch: Json, model: Model | undefined): Set<string> {
  const done = new Set<string>()
  for (const [key, order] of Object.entries(patch)) {
    if (!key.startsWith(SET_ORDER)) continue
    if (!Array.isArray(order)) throw badRequest('invalid patch format of setElementOrder list')
    const name = key.slice(SET_ORDER.length)
    const property = model?.properties.get(name)
    const mergeKey = property?.patchMergeKey ?? ''
    const before = Object.hasOwn(out, name) ? out[name] : undefined
    const change = patch[name]
    if (change !== undefined && change !== null && !Array.isArray(change)) throw badRequest('invalid patch format of setElementOrder list')
    const original = Array.isArray(before) ? before : undefined
    const list = Array.isArray(change) ? change : undefined
    if (change === null) continue
    if (list) {
      checkOrder(list, order, mergeKey)
      done.add(name)
    }
    if (!original && !list) continue
    const merged = original ? (list ? mergeList(original, list, property) : original) : (dropDirectives(list) as unknown[])
    out[name] = inOrder(merged, order, original ?? [], mergeKey)
  }
  return done
}

/** The elements of a patch must come in the order that `$setElementOrder` tells. */
function checkOrder(list: readonly unknown[], order: readonly unknown[], mergeKey: string): void {
  let at = 0
  for (const element of list) {
    if (isObject(element) && element[PATCH] === 'delete') continue
    if (isObject(element) && PATCH in element) continue
    while (at < order.length && !same(order[at], element, mergeKey)) at++
    if (at >= order.length) {
      throw plainError(`The order in patch list:\n${goText(list)}\n doesn't match ${SET_ORDER.slice(0, -1)} list:\n${goText(order)}\n`)
    }
    at++
  }
}

function mergeList(original: readonly unknown[], patch: readonly unknown[], property: Property | undefined): unknown[] {
  if (!property?.patchStrategy.includes('merge')) return dropDirectives(patch) as unknown[]
  const mergeKey = property.patchMergeKey
  const first = [...original, ...patch].find((v) => v !== null)
  if (Array.isArray(first)) throw unprocessable()
  if (!isObject(first)) {
    const merged = [...new Set([...original, ...patch])]
    return inOrder(merged, patch, original, '')
  }
  if (!mergeKey) throw plainError(`cannot merge lists without merge key for type ${property.items?.goType ?? ''}`)
  let kept = [...original]
  const changes: Json[] = []
  let replace = false
  for (const element of patch) {
    if (!isObject(element)) throw plainError(`expected a map, but received a ${goKind(element)}`)
    if (!(PATCH in element)) {
      changes.push(element)
      continue
    }
    const directive = element[PATCH]
    if (directive === 'delete') {
      if (!(mergeKey in element)) throw noMergeKey(element, mergeKey)
      kept = kept.filter((o) => !isObject(o) || o[mergeKey] !== element[mergeKey])
    } else if (directive === 'replace') replace = true
    else if (directive === 'merge') throw plainError('merging lists cannot yet be specified in the patch')
    else throw badPatchType(directive, element)
  }
  if (replace) return dropDirectives(changes) as unknown[]
  const merged = [...kept]
  for (const change of changes) {
    if (!(mergeKey in change)) throw noMergeKey(change, mergeKey)
    const at = merged.findIndex((o) => isObject(o) && o[mergeKey] === change[mergeKey])
    if (at < 0) merged.push(dropDirectives(change))
    else merged[at] = mergeMap(merged[at] as Json, change, property.items?.model)
  }
  return inOrder(merged, changes, kept, mergeKey)
}

function same(a: unknown, b: unknown, mergeKey: string): boolean {
  if (!mergeKey) return a === b
  return isObject(a) && isObject(b) && a[mergeKey] === b[mergeKey]
}

/**
 * Weaves the elements that the patch speaks of (in the patch's order) and the others (in the order they had): one that
 * the patch leaves alone goes before a patched one only if it stood before it.
 */
function inOrder(merged: readonly unknown[], patchOrder: readonly unknown[], serverOrder: readonly unknown[], mergeKey: string): unknown[] {
  const rank = (element: unknown, order: readonly unknown[]): number => order.findIndex((o) => same(o, element, mergeKey))
  const patched = merged.filter((e) => rank(e, patchOrder) >= 0).sort((a, b) => rank(a, patchOrder) - rank(b, patchOrder))
  const others = merged.filter((e) => rank(e, patchOrder) < 0)
  const out: unknown[] = []
  let i = 0
  let j = 0
  while (i < others.length && j < patched.length) {
    const left = rank(others[i], serverOrder)
    const right = rank(patched[j], serverOrder)
    out.push(left >= 0 && right >= 0 && left < right ? others[i++] : patched[j++])
  }
  return [...out, ...others.slice(i), ...patched.slice(j)]
}

/** A value that is new to the document: without directives and without nulls. */
function dropDirectives(value: unknown): unknown {
  if (Array.isArray(value)) {
    const out: unknown[] = []
    for (const element of value) {
      if (isObject(element) && PATCH in element && element[PATCH] !== 'merge') continue
      out.push(dropDirectives(element))
    }
    return out
  }
  if (!isObject(value)) return value
  const out: Json = {}
  for (const [key, field] of Object.entries(value)) {
    if (field === null || key === PATCH || key === RETAIN_KEYS || key.startsWith(DELETE_FROM) || key.startsWith(SET_ORDER)) continue
    out[key] = dropDirectives(field)
  }
  return out
}
