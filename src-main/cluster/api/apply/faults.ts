/** Whether a configuration follows the schema, as server-side apply asks before it merges anything. */
import { jsonText, parseExactJson } from '../../../exact-json.js'
import type { Model, Property } from '../schema/schema.js'
import { elementOf, isMap } from './typed.js'
import type { Json } from './typed.js'

/**
 * What is wrong with a configuration: fields that the schema does not declare, values of a wrong type, elements of a
 * keyed list that repeat or lack their keys. In the wording of structured-merge-diff.
 */
export function faultsOf(object: Json, model: Model): string[] {
  const faults: string[] = []
  checkFields(object, (name) => model.properties.get(name), model.preserveUnknown === true, '', faults)
  return faults
}

function checkFields(
  object: Json,
  propertyOf: (name: string) => Property | undefined,
  open: boolean,
  path: string,
  faults: string[],
): void {
  for (const name of Object.keys(object)) {
    const property = propertyOf(name)
    const at = `${path}.${name}`
    if (property) checkValue(object[name], property, at, faults)
    else if (!open) faults.push(`${at}: field not declared in schema`)
  }
}

const goKind = (value: unknown): string => {
  if (Array.isArray(value)) return 'list'
  if (typeof value === 'boolean') return 'boolean'
  if (typeof value === 'bigint') return 'int'
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float'
  return isMap(value) ? 'map' : 'string'
}

function checkValue(value: unknown, property: Property, path: string, faults: string[]): void {
  if (value === null) return
  switch (property.type) {
    case 'string':
    case 'bytes':
    case 'time':
      if (typeof value !== 'string') faults.push(`${path}: expected string, got ${goKind(value)}`)
      return
    case 'boolean':
      if (typeof value !== 'boolean') faults.push(`${path}: expected boolean, got ${goKind(value)}`)
      return
    case 'integer':
    case 'number':
      if (typeof value !== 'number' && typeof value !== 'bigint')
        faults.push(`${path}: expected numeric (int or float), got ${goKind(value)}`)
      return
    case 'object':
      if (!isMap(value)) faults.push(`${path}: expected map, got ${goKind(value)}`)
      else checkFields(value, (name) => property.model?.properties.get(name), property.model?.preserveUnknown === true, path, faults)
      return
    case 'map':
      if (!isMap(value)) faults.push(`${path}: expected map, got ${goKind(value)}`)
      else for (const [key, v] of Object.entries(value)) checkValue(v, property.items!, `${path}.${key}`, faults)
      return
    case 'array':
      checkList(value, property, path, faults)
      return
    default:
  }
}

function checkList(value: unknown, property: Property, path: string, faults: string[]): void {
  if (!Array.isArray(value)) {
    faults.push(`${path}: expected list, got ${goKind(value)}`)
    return
  }
  const seen = new Set<string>()
  value.forEach((element: unknown, i) => {
    let at = `${path}[${i}]`
    if (property.list === 'map') {
      if (!isMap(element)) {
        faults.push(`${path}: element ${i}: associative list with keys may not have non-map elements`)
        return
      }
      const lacking = property.keys.find(
        (key) => (element[key] ?? null) === null && property.items?.model?.properties.get(key)?.default === undefined,
      )
      if (lacking !== undefined && property.keys.length === 1) {
        faults.push(
          `${path}: element ${i}: associative list with keys has an element that omits key field ${JSON.stringify(lacking)} (and doesn't have default value)`,
        )
        return
      }
    }
    if (property.list !== 'atomic') {
      const key = elementOf(element, property)
      at = path + (key.startsWith('v:') ? `[=${key.slice(2)}]` : shownKeys(key))
      if (seen.has(key)) faults.push(`${path}: duplicate entries for key ${at.slice(path.length)}`)
      seen.add(key)
    }
    checkValue(element, property.items!, at, faults)
  })
}

function shownKeys(element: string): string {
  const keys = parseExactJson(element.slice(2)) as Json
  return `[${Object.keys(keys)
    .map((k) => `${k}=${jsonText(keys[k])}`)
    .join(',')}]`
}
