/** What makes lists and maps of a custom resource's schema valid: their types, and the keys of lists that are maps. */
import { field, type FieldError } from '../../errors.js'
import type { JsonSchema } from './crd-schema.js'
import { strings } from './sent.js'

const LIST_TYPE = 'x-kubernetes-list-type'
const LIST_KEYS = 'x-kubernetes-list-map-keys'
const MAP_TYPE = 'x-kubernetes-map-type'
const WANTED: Readonly<Record<string, readonly string[]>> = {
  [LIST_TYPE]: ['atomic', 'set', 'map'],
  [MAP_TYPE]: ['atomic', 'granular'],
}

const isSet = (value: unknown): value is string => value !== undefined && value !== null

/** Checks the extensions for lists and maps of one node. */
export function checkListsAndMaps(s: JsonSchema, path: string, errors: FieldError[]): void {
  checkMapType(s, path, errors)
  checkListType(s, path, errors)
  checkKeys(s, path, errors)
  checkElements(s, path, errors)
}

function checkMapType(s: JsonSchema, path: string, errors: FieldError[]): void {
  if (!isSet(s[MAP_TYPE])) return
  wrongType(s, 'object', 'must be object if x-kubernetes-map-type is specified', path, errors)
  checkKnown(s, MAP_TYPE, path, errors)
}

/** Whether the node has another type than an extension wants, which is told. */
function wrongType(s: JsonSchema, wanted: string, text: string, path: string, errors: FieldError[]): boolean {
  if (s.type === wanted) return false
  errors.push(s.type ? field.invalid(`${path}.type`, s.type, text) : field.required(`${path}.type`, text))
  return true
}

function checkKnown(s: JsonSchema, name: typeof LIST_TYPE | typeof MAP_TYPE, path: string, errors: FieldError[]): void {
  if (!WANTED[name]!.includes(s[name]!)) errors.push(field.notSupported(`${path}.${name}`, s[name], WANTED[name]!))
}

function checkListType(s: JsonSchema, path: string, errors: FieldError[]): void {
  if (!isSet(s[LIST_TYPE])) return
  if (!wrongType(s, 'array', 'must be array if x-kubernetes-list-type is specified', path, errors)) checkSetElements(s, path, errors)
  checkKnown(s, LIST_TYPE, path, errors)
}

/** Elements of a set are compared as a whole. */
function checkSetElements(s: JsonSchema, path: string, errors: FieldError[]): void {
  if (s[LIST_TYPE] !== 'set' || !s.items) return
  const text = 'must be atomic as item of a list with x-kubernetes-list-type=set'
  const { items: element } = s
  const listType = element[LIST_TYPE] ?? null
  // The API server shows the type as a list in both cases.
  if (element.type === 'array' && listType !== null && listType !== 'atomic')
    errors.push(field.invalid(`${path}.items.${LIST_TYPE}`, listType, text))
  if (element.type === 'object' && element[MAP_TYPE] !== 'atomic') errors.push(field.invalid(`${path}.items.${MAP_TYPE}`, listType, text))
}

function checkKeys(s: JsonSchema, path: string, errors: FieldError[]): void {
  const listType = s[LIST_TYPE]
  const keys = strings(s[LIST_KEYS])
  const at = `${path}.${LIST_KEYS}`
  if (keys.length > 0 && listType !== 'map') {
    const text = 'must be map if x-kubernetes-list-map-keys is non-empty'
    errors.push(isSet(listType) ? field.invalid(`${path}.${LIST_TYPE}`, listType, text) : field.required(`${path}.${LIST_TYPE}`, text))
  }
  if (listType !== 'map') return
  if (keys.length === 0) errors.push(field.required(at, 'must not be empty if x-kubernetes-list-type is map'))
  if (!s.items) {
    errors.push(field.required(`${path}.items`, 'must have a schema if x-kubernetes-list-type is map'))
    return
  }
  const { type, properties } = s.items
  if (type !== 'object') {
    errors.push(field.invalid(`${path}.items.type`, type ?? '', "must be object if parent array's x-kubernetes-list-type is map"))
    return
  }
  keys.forEach((k, i) => {
    const key = properties && Object.hasOwn(properties, k) ? properties[k] : undefined
    if (!key) errors.push(field.invalid(at, keys, 'entries must all be names of item properties'))
    else if (key.type === 'array' || key.type === 'object') {
      // The API server shows the type of the element.
      const text = "must be a scalar type if parent array's x-kubernetes-list-type is map"
      errors.push(field.invalid(`${path}.items.properties[${k}].type`, type, text))
    }
    if (keys.indexOf(k) < i) errors.push(field.invalid(at, keys, 'must not contain duplicate entries'))
  })
}

/** Elements of sets and maps are there, and so are the keys of a map's. */
function checkElements(s: JsonSchema, path: string, errors: FieldError[]): void {
  const listType = s[LIST_TYPE]
  if (!s.items || (listType !== 'set' && listType !== 'map')) return
  if (s.items.nullable)
    errors.push(field.forbidden(`${path}.items.nullable`, `cannot be nullable when x-kubernetes-list-type is ${listType}`))
  if (listType !== 'map') return
  const { properties, required } = s.items
  for (const k of strings(s[LIST_KEYS])) {
    const key = properties && Object.hasOwn(properties, k) ? properties[k] : undefined
    if (!key) continue
    const at = `${path}.items.properties[${k}]`
    const why = 'this property is in x-kubernetes-list-map-keys, so it'
    if (!required?.includes(k) && !isSet(key.default))
      errors.push(field.required(`${at}.default`, `${why} must have a default or be a required property`))
    if (key.nullable) errors.push(field.forbidden(`${at}.nullable`, `${why} cannot be nullable`))
  }
}
