/**
 * Objects seen through the schema, as server-side apply sees them: which fields they have, how two of them differ, how
 * they merge, and what remains when fields are taken away. Follows "Merge strategy" in the documentation of
 * Server-Side Apply: lists are atomic, sets or maps by key; objects and maps are granular unless said otherwise.
 */
import { canonicalQuantity } from '../kinds/rules/quantity.js'
import type { Model, Property } from '../schema/schema.js'
import { isEmptySet, LEAF } from './fields.js'
import type { Fields } from './fields.js'

export type Json = Record<string, unknown>
type Building = Record<string, Fields>

/** Whether a value is a JSON object. */
export const isMap = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)

/** How a value is merged: field by field, element by element, or as a whole. */
type Shape = 'fields' | 'set' | 'keyed' | 'leaf'

function shapeOf(property: Property | undefined): Shape {
  if (!property) return 'leaf'
  switch (property.type) {
    case 'object':
    case 'map':
      return property.atomic ? 'leaf' : 'fields'
    case 'any':
      return property.deduced ? 'fields' : 'leaf'
    case 'array':
      return property.list === 'map' ? 'keyed' : property.list === 'set' ? 'set' : 'leaf'
    default:
      return 'leaf'
  }
}

/** Path elements of fields by name. Names come from schemas, mostly; those of free maps must not fill the memory. */
const fieldElements = new Map<string, string>()
const MAX_FIELD_ELEMENTS = 10_000

/** The path element of a field. */
function fieldElement(name: string): string {
  let element = fieldElements.get(name)
  if (element === undefined) {
    element = `f:${name}`
    if (fieldElements.size < MAX_FIELD_ELEMENTS) fieldElements.set(name, element)
  }
  return element
}

/** The property of a field of a map or object. */
function fieldOf(property: Property, name: string): Property | undefined {
  if (property.deduced) return property
  return property.type === 'map' ? property.items : property.model?.properties.get(name)
}

/** The path element of a list's element: by its keys, or by itself in a set. Missing keys take their defaults. */
export function elementOf(value: unknown, list: Property): string {
  if (list.list === 'set') return `v:${JSON.stringify(value)}`
  const keys: Json = {}
  for (const key of sortedKeys(list)) {
    const own = isMap(value) ? value[key] : undefined
    const v = own ?? list.items?.model?.properties.get(key)?.default
    if (v !== undefined) keys[key] = v
  }
  return `k:${JSON.stringify(keys)}`
}

const orders = new WeakMap<Property, readonly string[]>()

function sortedKeys(list: Property): readonly string[] {
  let keys = orders.get(list)
  if (!keys) orders.set(list, (keys = [...list.keys].sort()))
  return keys
}

/** Whether two values are the same JSON. */
export function equal(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false
    for (let i = 0; i < a.length; i++) if (!equal(a[i], b[i])) return false
    return true
  }
  if (Array.isArray(b)) return false
  const keys = Object.keys(a)
  if (keys.length !== Object.keys(b).length) return false
  for (const key of keys) if (!(key in b) || !equal((a as Json)[key], (b as Json)[key])) return false
  return true
}

const isEmpty = (value: unknown): boolean =>
  value === null || value === undefined || (typeof value === 'object' && Object.keys(value).length === 0)

/**
 * The fields that a configuration has an opinion about. Elements of lists are fields themselves, and so is an object
 * that is there with nothing in it; other maps and objects are known by what is in them.
 */
export function fieldsOfConfig(object: Json, model: Model): Fields {
  const out: Building = {}
  for (const [name, value] of Object.entries(object)) {
    const set = configured(value, model.properties.get(name))
    if (set) out[`f:${name}`] = set
  }
  return out
}

function configured(value: unknown, property: Property | undefined): Fields | undefined {
  const shape = shapeOf(property)
  if (shape === 'leaf' || value === null) return LEAF
  const out: Building = {}
  if (shape === 'fields') {
    if (!isMap(value)) return LEAF
    for (const name in value) {
      const set = configured(value[name], fieldOf(property!, name))
      if (set) out[`f:${name}`] = set
    }
    return isEmpty(out) ? (property!.type === 'object' ? LEAF : undefined) : out
  }
  if (!Array.isArray(value)) return LEAF
  for (const element of value) {
    if (shape === 'set') {
      out[elementOf(element, property!)] = LEAF
      continue
    }
    const set = configured(element, property!.items)
    out[elementOf(element, property!)] = !set || isEmpty(set) ? LEAF : { '.': LEAF, ...set }
  }
  return isEmpty(out) ? undefined : out
}

/** All fields of a value that was not there before (or is no longer), the containers themselves included. */
function whole(value: unknown, property: Property | undefined): Fields {
  const shape = shapeOf(property)
  // A custom resource is tracked before it is validated: what is not of its type has no fields of its own.
  if (shape === 'leaf' || typeof value !== 'object' || value === null || (shape === 'fields') === Array.isArray(value)) return LEAF
  // Made in the order in which it is written, so that it need not be copied to be sorted.
  const out: Building = {}
  if (shape === 'fields') {
    const names = Object.keys(value)
    if (names.length === 0) return LEAF
    out['.'] = LEAF
    for (const name of names.sort()) out[fieldElement(name)] = whole((value as Json)[name], fieldOf(property!, name))
    return out
  }
  if ((value as unknown[]).length === 0) return LEAF
  out['.'] = LEAF
  if (shape === 'keyed') return Object.assign(out, elementsOf(value as unknown[], property!))
  for (const key of (value as unknown[]).map((element) => elementOf(element, property!)).sort()) out[key] = LEAF
  return out
}

/**
 * The fields that an object has beyond those of the empty one it is created from, in the order in which they are
 * written. What `compare` says of the two is the same, at a multiple of the cost.
 * @param empty see `emptyObject`
 */
export function fieldsBeyond(empty: Json, object: Json, model: Model): Fields {
  return beyond(empty, object, (name) => model.properties.get(name))
}

function beyond(empty: Json, object: Json, propertyOf: (name: string) => Property | undefined): Fields {
  const out: Building = {}
  for (const name of Object.keys(object).sort()) {
    const value = object[name]
    const base = empty[name]
    if (value === undefined) continue
    const property = propertyOf(name)
    if (base === undefined) out[fieldElement(name)] = whole(value, property)
    else if (isMap(base) !== isMap(value) || Array.isArray(base) !== Array.isArray(value)) out[fieldElement(name)] = LEAF
    else {
      // A part that every new object has is no field itself: only what is in it.
      const inner = isMap(value) ? beyond(base as Json, value, (n) => fieldOf(property!, n)) : elementsOf(value as unknown[], property!)
      if (!isEmptySet(inner)) out[fieldElement(name)] = inner
    }
  }
  return out
}

/** The elements of a keyed list, each with all its fields, in their order. */
function elementsOf(list: readonly unknown[], property: Property): Building {
  const elements = list.map((element) => [elementOf(element, property), element] as const)
  const out: Building = {}
  for (const [key, element] of elements.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))) out[key] = whole(element, property.items)
  return out
}

/** How two versions of an object differ. A part that is undefined is empty. */
export interface Difference {
  added?: Fields | undefined
  modified?: Fields | undefined
  removed?: Fields | undefined
}

/** Compares two objects; undefined when they have the same fields with the same values. */
export function compare(before: Json, after: Json, model: Model): Difference | undefined {
  return compareFields(before, after, (name) => model.properties.get(name))
}

type Parts = { added?: Building; modified?: Building; removed?: Building }

function put(parts: Parts, part: keyof Parts, element: string, set: Fields): void {
  ;(parts[part] ??= {})[element] = set
}

function compareFields(before: Json, after: Json, propertyOf: (name: string) => Property | undefined): Difference | undefined {
  let parts: Parts | undefined
  if (before === after) return undefined
  for (const name in after) {
    const a = before[name]
    const b = after[name]
    if (a === b) continue
    parts = compareValue(parts, fieldElement(name), a, b, propertyOf(name))
  }
  for (const name in before) {
    if (name in after || before[name] === undefined) continue
    parts = compareValue(parts, fieldElement(name), before[name], undefined, propertyOf(name))
  }
  return parts
}

function compareValue(
  parts: Parts | undefined,
  element: string,
  a: unknown,
  b: unknown,
  property: Property | undefined,
): Parts | undefined {
  if (a === undefined || b === undefined) {
    if (a === b) return parts
    parts ??= {}
    if (a === undefined) put(parts, 'added', element, whole(b, property))
    else put(parts, 'removed', element, whole(a, property))
    return parts
  }
  const shape = shapeOf(property)
  let inner: Difference | undefined
  if (shape === 'fields' && isMap(a) && isMap(b)) inner = compareFields(a, b, (name) => fieldOf(property!, name))
  else if ((shape === 'keyed' || shape === 'set') && Array.isArray(a) && Array.isArray(b)) inner = compareLists(a, b, property!, shape)
  else if (!equal(a, b)) put((parts ??= {}), 'modified', element, LEAF)
  if (inner) {
    parts ??= {}
    if (inner.added) put(parts, 'added', element, inner.added)
    if (inner.modified) put(parts, 'modified', element, inner.modified)
    if (inner.removed) put(parts, 'removed', element, inner.removed)
  }
  return parts
}

function compareLists(
  before: readonly unknown[],
  after: readonly unknown[],
  list: Property,
  shape: 'keyed' | 'set',
): Difference | undefined {
  if (equal(before, after)) return undefined
  let parts: Parts | undefined
  const old = new Map<string, unknown>()
  for (const element of before) old.set(elementOf(element, list), element)
  for (const element of after) {
    const key = elementOf(element, list)
    const was = old.get(key)
    if (!old.has(key)) put((parts ??= {}), 'added', key, shape === 'set' ? LEAF : whole(element, list.items))
    else if (shape === 'keyed') parts = compareValue(parts, key, was, element, list.items)
    old.delete(key)
  }
  for (const [key, element] of old) put((parts ??= {}), 'removed', key, shape === 'set' ? LEAF : whole(element, list.items))
  return parts
}

/** Lays a configuration over an object. Neither is changed. */
export function merge(live: Json, config: Json, model: Model): Json {
  return mergeFields(live, config, (name) => model.properties.get(name))
}

function mergeFields(live: Json, config: Json, propertyOf: (name: string) => Property | undefined): Json {
  const out: Json = { ...live }
  for (const [name, value] of Object.entries(config)) {
    if (value === null) delete out[name]
    else out[name] = mergeValue(live[name], value, propertyOf(name))
  }
  return out
}

function mergeValue(live: unknown, config: unknown, property: Property | undefined): unknown {
  const shape = shapeOf(property)
  if (shape === 'fields' && isMap(config)) return mergeFields(isMap(live) ? live : {}, config, (name) => fieldOf(property!, name))
  if ((shape === 'keyed' || shape === 'set') && Array.isArray(config))
    return mergeLists(Array.isArray(live) ? live : [], config, property!, shape)
  if (property?.type === 'quantity' && live !== undefined && sameQuantity(live, config)) return live
  return config
}

/** `1000m` in a configuration is no change to a live `1`. */
function sameQuantity(live: unknown, config: unknown): boolean {
  try {
    return canonicalQuantity(live as string) === canonicalQuantity(config as string)
  } catch {
    return false
  }
}

/** Elements keep the live order, and those that only the configuration has come where it has them. */
function mergeLists(live: readonly unknown[], config: readonly unknown[], list: Property, shape: 'keyed' | 'set'): unknown[] {
  const liveKeys = live.map((e) => elementOf(e, list))
  const configKeys = config.map((e) => elementOf(e, list))
  const inLive = new Map(liveKeys.map((key, i) => [key, i]))
  const inConfig = new Set(configKeys)
  const done = new Set<string>()
  const out: unknown[] = []
  let l = 0
  let c = 0
  const takeConfig = (): void => {
    const key = configKeys[c]!
    const at = inLive.get(key)
    out.push(
      shape === 'set' || at === undefined ? mergeValue(undefined, config[c], list.items) : mergeValue(live[at], config[c], list.items),
    )
    done.add(key)
    c++
  }
  while (l < live.length || c < config.length) {
    if (l < live.length && done.has(liveKeys[l]!)) l++
    else if (l < live.length && !inConfig.has(liveKeys[l]!)) out.push(live[l++])
    else takeConfig()
  }
  return out
}

/**
 * Takes away from an object what `gone` names and nobody owns any more.
 * @param gone what the applying manager owned before and does not apply any more
 * @param owned what anybody owns now
 */
export function prune(object: Json, gone: Fields, owned: Fields, model: Model): Json {
  return pruneFields(object, gone, owned, (name) => model.properties.get(name), true)
}

function pruneFields(
  object: Json,
  gone: Fields,
  owned: Fields,
  propertyOf: (name: string) => Property | undefined,
  /** Whether these are declared fields; the keys of a free map go only when they are named themselves. */
  declared: boolean,
): Json {
  let out: Json | undefined
  for (const element in gone) {
    const name = element.slice(2)
    if (!element.startsWith('f:') || !(name in object)) continue
    const child = gone[element]!
    const owners = owned[element]
    if (!owners) {
      const named = isEmpty(child) || '.' in child
      if (declared || named) {
        out ??= { ...object }
        delete out[name]
        continue
      }
    }
    const after = pruneValue(object[name], child, owners ?? LEAF, propertyOf(name))
    if (after !== object[name]) {
      out ??= { ...object }
      out[name] = after
    }
  }
  return out ?? object
}

function pruneValue(value: unknown, gone: Fields, owned: Fields, property: Property | undefined): unknown {
  const shape = shapeOf(property)
  if (shape === 'fields' && isMap(value)) {
    return pruneFields(value, gone, owned, (name) => fieldOf(property!, name), property!.type === 'object')
  }
  if ((shape !== 'keyed' && shape !== 'set') || !Array.isArray(value)) return value
  let changed = false
  const out: unknown[] = []
  for (const element of value) {
    const key = elementOf(element, property!)
    const child = gone[key]
    if (!child) {
      out.push(element)
      continue
    }
    if (!owned[key]) {
      changed = true
      continue
    }
    const after = shape === 'set' ? element : pruneValue(element, child, owned[key]!, property!.items)
    if (after !== element) changed = true
    out.push(after)
  }
  return changed ? out : value
}
