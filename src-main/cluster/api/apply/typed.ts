/**
 * Objects seen through the schema, as server-side apply sees them: which fields they have, and how two of them differ.
 * Follows "Merge strategy" in the documentation of Server-Side Apply: lists are atomic, sets or maps by key; objects and
 * maps are granular unless said otherwise.
 */
import { jsonText } from '../../../exact-json.js'
import type { Model, Property } from '../schema/schema.js'
import { isEmptySet, LEAF } from './fields.js'
import type { Fields } from './fields.js'

export type Json = Record<string, unknown>
type Building = Record<string, Fields>

/** Whether a value is a JSON object. */
export const isMap = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)

/** How a value is merged: field by field, element by element, or as a whole. */
export type Shape = 'fields' | 'set' | 'keyed' | 'leaf'

/** How values of a property are merged; of an unknown one, as a whole. */
export function shapeOf(property: Property | undefined): Shape {
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
export function fieldOf(property: Property, name: string): Property | undefined {
  if (property.deduced) return property
  return property.type === 'map' ? property.items : property.model?.properties.get(name)
}

/** The path element of a list's element: by its keys, or by itself in a set. Missing keys take their defaults. */
export function elementOf(value: unknown, list: Property): string {
  if (list.list === 'set') return `v:${jsonText(value)}`
  const keys: Json = {}
  for (const key of sortedKeys(list)) {
    const own = isMap(value) ? value[key] : undefined
    const v = own ?? list.items?.model?.properties.get(key)?.default
    if (v !== undefined) keys[key] = v
  }
  return `k:${jsonText(keys)}`
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

/** Whether there is nothing in a value. */
export const isEmpty = (value: unknown): boolean =>
  value === null || value === undefined || (typeof value === 'object' && Object.keys(value).length === 0)

/**
 * The fields that a configuration has an opinion about. Elements of lists are fields themselves, so are the keys of a
 * map (all that no schema names), and so is an object that is there with nothing in it; other maps and objects are
 * known by what is in them.
 */
export function fieldsOfConfig(object: Json, model: Model): Fields {
  const out: Building = {}
  for (const [name, value] of Object.entries(object)) {
    const set = configured(value, model.properties.get(name))
    if (!model.properties.has(name)) out[`f:${name}`] = itself(set)
    else if (set) out[`f:${name}`] = set
  }
  return out
}

/** An element that is in the set itself, with what is below it. */
const itself = (below: Fields | undefined): Fields => (!below || isEmptySet(below) ? LEAF : { '.': LEAF, ...below })

const isDeclared = (property: Property, name: string): boolean =>
  property.type === 'object' && property.model?.properties.has(name) === true

function configured(value: unknown, property: Property | undefined): Fields | undefined {
  const shape = shapeOf(property)
  if (shape === 'leaf' || value === null) return LEAF
  const out: Building = {}
  if (shape === 'fields') {
    if (!isMap(value)) return LEAF
    for (const name in value) {
      const set = configured(value[name], fieldOf(property!, name))
      if (!isDeclared(property!, name)) out[`f:${name}`] = itself(set)
      else if (set) out[`f:${name}`] = set
    }
    return isEmpty(out) ? (property!.type === 'object' ? LEAF : undefined) : out
  }
  if (!Array.isArray(value)) return LEAF
  for (const element of value) {
    if (shape === 'set') {
      out[elementOf(element, property!)] = LEAF
      continue
    }
    out[elementOf(element, property!)] = itself(configured(element, property!.items))
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
    // A time or list that nobody set is null in a new object too, a number zero.
    if (value === undefined || value === base) continue
    const property = propertyOf(name)
    if (base === undefined || base === null) out[fieldElement(name)] = whole(value, property)
    else if (typeof base !== 'object' || isMap(base) !== isMap(value) || Array.isArray(base) !== Array.isArray(value))
      out[fieldElement(name)] = LEAF
    else {
      // A part that every new object has is no field itself: only what is in it.
      const inner = isMap(value) ? beyond(base as Json, value, (n) => fieldOf(property!, n)) : elementsOf(value as unknown[], property!)
      if (!isEmptySet(inner)) out[fieldElement(name)] = inner
    }
  }
  return out
}

/** The elements of a keyed list, each with all its fields, in their order. Several of one key are one field, as a whole. */
function elementsOf(list: readonly unknown[], property: Property): Building {
  const elements = list.map((element) => [elementOf(element, property), element] as const)
  const out: Building = {}
  for (const [key, element] of elements.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
    out[key] = key in out ? LEAF : whole(element, property.items)
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

/** Whether null in a field is what Go writes of nothing, such as a list without elements; the schema of a definition may say otherwise. */
const isNothing = (property: Property | undefined): boolean => property !== undefined && !property.nullable

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
    if (a === b || (b === null && a === undefined && isNothing(propertyOf(name)))) continue
    parts = compareValue(parts, fieldElement(name), a, b, propertyOf(name))
  }
  for (const name in before) {
    const a = before[name]
    if (name in after || a === undefined || (a === null && isNothing(propertyOf(name)))) continue
    parts = compareValue(parts, fieldElement(name), a, undefined, propertyOf(name))
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
  const old = byKey(before, list)
  const fieldsOf = (elements: readonly unknown[]): Fields =>
    shape === 'set' || elements.length > 1 ? LEAF : whole(elements[0], list.items)
  for (const [key, elements] of byKey(after, list)) {
    const were = old.get(key)
    old.delete(key)
    if (!were) put((parts ??= {}), 'added', key, fieldsOf(elements))
    else if (were.length === 1 && elements.length === 1) {
      if (shape === 'keyed') parts = compareValue(parts, key, were[0], elements[0], list.items)
    } else if (were.length > 1 && elements.length > 1) {
      if (!equal(were, elements)) put((parts ??= {}), 'modified', key, LEAF)
    } else {
      // One became several, or several one: they have other fields now.
      put((parts ??= {}), 'removed', key, fieldsOf(were))
      put(parts, 'added', key, fieldsOf(elements))
    }
  }
  for (const [key, elements] of old) put((parts ??= {}), 'removed', key, fieldsOf(elements))
  return parts
}

/** The elements of a list by their path elements; an object that was not applied may have several of one. */
function byKey(elements: readonly unknown[], list: Property): Map<string, unknown[]> {
  const out = new Map<string, unknown[]>()
  for (const element of elements) {
    const key = elementOf(element, list)
    const known = out.get(key)
    if (known) known.push(element)
    else out.set(key, [element])
  }
  return out
}
