/**
 * `application/strategic-merge-patch+json`: like a merge patch, but lists of the built-in types merge by their keys,
 * with directives (`$patch`, `$deleteFromPrimitiveList`, `$setElementOrder`, `$retainKeys`). Follows "Strategic Merge
 * Patch" in the Kubernetes API conventions, including the order that a merged list ends up in.
 */
import { badRequest, withoutReason, type StatusError } from '../errors.js'
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
 * Applies a strategic merge patch. The document is not changed; what the patch does not touch is shared.
 * @param patch is used up: directives that are carried out are taken out of it, as the API server does
 * @throws StatusError 400, 422 or 500 (without a reason), as the API server answers
 */
export function applyStrategicMergePatch(document: unknown, patch: unknown, model: ModelLike): unknown {
  // A patch that is null changes nothing.
  if (patch === null) return document
  if (!isObject(patch)) throw badRequest(`json: cannot unmarshal ${goKind(patch)} into Go value of type map[string]interface {}`)
  return mergeMap(isObject(document) ? document : {}, patch, modelOf(model))
}

const badPatchType = (type: unknown, map: Json): StatusError => withoutReason(`unknown patch type: ${goText(type)} in map: ${goText(map)}`)
const noMergeKey = (map: Json, key: string): StatusError => withoutReason(`map: ${goText(map)} does not contain declared merge key: ${key}`)
const noList = (value: unknown): StatusError => withoutReason(`expected a []interface {}, but received a ${goType(value)}`)

/** How Go names the type of a JSON value. */
function goType(value: unknown): string {
  if (value === null || value === undefined) return '%!s(<nil>)'
  if (Array.isArray(value)) return '[]interface {}'
  if (typeof value === 'object') return 'map[string]interface {}'
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64'
  if (typeof value === 'bigint') return 'int64'
  return typeof value === 'boolean' ? 'bool' : 'string'
}

/** @param model the fields of the map; undefined for maps with free keys */
function mergeMap(original: Json, patch: Json, model: Model | undefined): Json {
  if (PATCH in patch) {
    const directive = patch[PATCH]
    if (directive === 'delete') return {}
    if (directive !== 'replace') throw badPatchType(directive, patch)
    delete patch[PATCH]
    return patch
  }
  const out = { ...original }
  retainKeys(out, patch)
  mergeOrderedLists(out, patch, model)
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith(DELETE_FROM)) deleteFromList(out, key.slice(DELETE_FROM.length), value)
    else if (value === null) delete out[key]
    else mergeField(out, key, value, model?.properties.get(key))
  }
  return out
}

function mergeField(out: Json, key: string, value: unknown, property: Property | undefined): void {
  const before = Object.hasOwn(out, key) ? out[key] : undefined
  if (isObject(before) && isObject(value)) {
    out[key] = property?.patchStrategy.includes('replace') ? value : mergeMap(before, value, property?.model)
  } else if (Array.isArray(before) && Array.isArray(value)) {
    out[key] = mergeList(before, value, property)
  } else {
    const kept = withoutDirectives(withoutNulls(value))
    if (kept === undefined) delete out[key]
    else out[key] = kept
  }
}

/** `$deleteFromPrimitiveList`: takes values out of a list. What is no list, or not there, stays as it is. */
function deleteFromList(out: Json, name: string, values: unknown): void {
  if (values === null) delete out[name]
  else if (Array.isArray(out[name]) && Array.isArray(values)) out[name] = (out[name] as unknown[]).filter((v) => !values.includes(v))
}

/** `$retainKeys`: of the original only the listed keys stay; the patch may hold no others. */
function retainKeys(out: Json, patch: Json): void {
  if (!(RETAIN_KEYS in patch)) return
  const keep = patch[RETAIN_KEYS]
  delete patch[RETAIN_KEYS]
  if (!Array.isArray(keep)) throw badRequest('invalid patch format of retainKeys')
  for (const key of Object.keys(patch)) {
    if (!key.startsWith('$') && patch[key] !== null && !keep.includes(key)) throw badRequest('invalid patch format of retainKeys')
  }
  for (const key of Object.keys(out)) if (!keep.includes(key)) delete out[key]
}

/** Merges the lists that come with a `$setElementOrder`, and puts them in that order. */
function mergeOrderedLists(out: Json, patch: Json, model: Model | undefined): void {
  for (const [key, order] of Object.entries(patch)) {
    if (!key.startsWith(SET_ORDER)) continue
    delete patch[key]
    if (!Array.isArray(order)) throw noList(order)
    const name = key.slice(SET_ORDER.length)
    const property = model?.properties.get(name)
    const mergeKey = property?.patchMergeKey ?? ''
    const before = Object.hasOwn(out, name) ? out[name] : undefined
    const change = patch[name]
    if (before !== undefined && !Array.isArray(before)) throw noList(before)
    if (change !== undefined && !Array.isArray(change)) throw noList(change)
    if (model && !property) throw withoutReason(`unable to find api field in struct ${model.goName} for the json field "${name}"`)
    if (change) checkOrder(change, order, mergeKey)
    if (!before && !change) continue
    if (!before?.length && !change?.length) throw withoutReason('no elements in any of the given slices')
    const merged = before ? (change ? mergeList(before, change, property) : before) : (withoutDirectives(change) as unknown[])
    checkElements([before ?? [], change ?? []])
    if (mergeKey) for (const element of merged) keyOf(element, mergeKey)
    out[name] = inOrder(merged, order, before ?? [], mergeKey)
    delete patch[name]
  }
}

/** The elements of a patch must come in the order that `$setElementOrder` tells. */
function checkOrder(list: readonly unknown[], order: readonly unknown[], mergeKey: string): void {
  if (order.length === 0) return
  let at = 0
  for (const element of list) {
    if (isObject(element) && PATCH in element) continue
    while (at < order.length && !sameElement(element, order[at], mergeKey)) at++
    if (at >= order.length) {
      throw withoutReason(`The order in patch list:\n${goText(list)}\n doesn't match ${SET_ORDER.slice(0, -1)} list:\n${goText(order)}\n`)
    }
    at++
  }
}

function sameElement(element: unknown, ordered: unknown, mergeKey: string): boolean {
  return mergeKey ? keyOf(element, mergeKey) === keyOf(ordered, mergeKey) : element === ordered
}

/** The value of an element's merge key. Throws when there is none. */
function keyOf(element: unknown, mergeKey: string): unknown {
  if (!isObject(element)) throw withoutReason(`expected a map[string]interface {}, but received a ${goType(element)}`)
  if (!(mergeKey in element)) throw noMergeKey(element, mergeKey)
  return element[mergeKey]
}

/** Lists to be merged hold elements of one type, and no lists. */
function checkElements(lists: readonly (readonly unknown[])[]): void {
  const elements = lists.flat(1)
  if (Array.isArray(elements[0])) throw unprocessable()
  if (elements.some((e) => goType(e) !== goType(elements[0]))) throw withoutReason(`list element types are not identical: ${goText(lists)}`)
}

function mergeList(original: readonly unknown[], patch: readonly unknown[], property: Property | undefined): unknown[] {
  if (!property?.patchStrategy.includes('merge')) return [...patch]
  if (original.length === 0 && patch.length === 0) return []
  checkElements([original, patch])
  if (!isObject(original[0] ?? patch[0])) return inOrder([...new Set([...original, ...patch])], patch, original, '')
  const mergeKey = property.patchMergeKey
  if (!mergeKey) throw withoutReason(`cannot merge lists without merge key for type ${property.items?.goType ?? ''}`)
  let kept = [...original] as Json[]
  const changes: Json[] = []
  let replace = false
  for (const element of patch as readonly Json[]) {
    if (!(PATCH in element)) {
      changes.push(element)
      continue
    }
    const directive = element[PATCH]
    if (directive === 'delete') {
      const key = keyOf(element, mergeKey)
      kept = kept.filter((o) => o[mergeKey] !== key)
    } else if (directive === 'replace') replace = true
    else if (directive === 'merge') throw withoutReason('merging lists cannot yet be specified in the patch')
    else throw badPatchType(directive, element)
  }
  if (replace) kept = []
  const merged = [...kept]
  for (const change of changes) {
    const key = keyOf(change, mergeKey)
    const at = merged.findIndex((o) => o[mergeKey] === key)
    if (at < 0) merged.push(change)
    else merged[at] = mergeMap(merged[at]!, change, property.items?.model)
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

/** A value that is new to the document: without the maps that have a directive. Undefined when it is such a map itself. */
function withoutDirectives(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDirectives).filter((v) => v !== undefined)
  if (!isObject(value)) return value
  if (PATCH in value) return undefined
  return mapFields(value, withoutDirectives)
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls)
  return isObject(value) ? mapFields(value, (field) => (field === null ? undefined : withoutNulls(field))) : value
}

/** The fields of a map, changed; those that become undefined are left out. */
function mapFields(map: Json, change: (field: unknown) => unknown): Json {
  const out: Json = {}
  for (const [key, field] of Object.entries(map)) {
    const changed = change(field)
    if (changed !== undefined) out[key] = changed
  }
  return out
}
