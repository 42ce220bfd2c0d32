/**
 * What the rules of a custom resource see: the types that a schema declares, and the values of an object as CEL's.
 * https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation-rules
 */
import { jsonText } from '../../../exact-json.js'
import { FORMAT_TYPES } from '../cel/check.js'
import { durationFrom, timestampFrom } from '../cel/functions/moments.js'
import { EvaluationError } from '../cel/functions/overload.js'
import { BOOL, DOUBLE, DYN, INT, listOf, mapOf, STRING, type Type } from '../cel/types.js'
import { markElement, markList, markUnseen, type Value } from '../cel/values.js'
import { isObject, valuesOf, type SchemaNode } from './schema.js'

const KEYWORDS = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(' '),
)

const ESCAPES: Readonly<Record<string, string>> = { __: '__underscores__', '.': '__dot__', '-': '__dash__', '/': '__slash__' }

/** A property's name as an expression spells it; undefined when no expression can. */
export function escapeName(name: string): string | undefined {
  if (!/^[A-Za-z_./-][A-Za-z0-9_./-]*$/.test(name)) return undefined
  return KEYWORDS.has(name) ? `__${name}__` : name.replace(/__|[./-]/g, (found) => ESCAPES[found]!)
}

const METADATA: SchemaNode = { type: 'object', properties: { name: { type: 'string' }, generateName: { type: 'string' } } }

/** The properties that rules see; objects of the API have their type and names besides. */
export function propertiesOf(node: SchemaNode, isResource: boolean): Record<string, SchemaNode> {
  const own = node.properties ?? {}
  return isResource ? { ...own, apiVersion: { type: 'string' }, kind: { type: 'string' }, metadata: METADATA } : own
}

export const isEmbedded = (node: SchemaNode): boolean => node['x-kubernetes-embedded-resource'] === true

const types = new WeakMap<SchemaNode, Type | null>()

/** The type of a node's values; undefined when rules cannot see them, as they have no schema. */
export function declaredType(node: SchemaNode, isResource: boolean): Type | undefined {
  let type = types.get(node)
  if (type === undefined) types.set(node, (type = typeOf(node, isResource) ?? null))
  return type ?? undefined
}

function typeOf(node: SchemaNode, isResource: boolean): Type | undefined {
  if (node['x-kubernetes-int-or-string']) return DYN
  switch (node.type) {
    case 'boolean':
      return BOOL
    case 'integer':
      return INT
    case 'number':
      return DOUBLE
    case 'string':
      return FORMAT_TYPES[node.format ?? ''] ?? STRING
    case 'array': {
      const element = node.items ? declaredType(node.items, isEmbedded(node.items)) : undefined
      return element && listOf(element)
    }
    case 'object': {
      const values = valuesOf(node)
      if (!values) return objectType(node, isResource)
      const value = declaredType(values, isEmbedded(values))
      return value && mapOf(STRING, value)
    }
    default:
      return undefined
  }
}

let objects = 0

function objectType(node: SchemaNode, isResource: boolean): Type {
  const fields = new Map<string, Type | undefined>()
  for (const [name, property] of Object.entries(propertiesOf(node, isResource))) {
    const escaped = escapeName(name)
    if (escaped !== undefined) fields.set(escaped, declaredType(property, isEmbedded(property)))
  }
  // The name is of no use to a rule: two objects of equal fields are still of two types.
  return {
    kind: 'object',
    name: `object${++objects}`,
    field: (name) => fields.get(name) ?? (KEYWORDS.has(name) ? fields.get(`__${name}__`) : undefined),
  }
}

/** A value of an object as rules see it. Values that are not as their schema says are taken as they are. */
export function celValue(value: unknown, node: SchemaNode, isResource: boolean): Value {
  if (value === null || value === undefined) return null
  switch (typeof value) {
    case 'boolean':
      return value
    case 'number':
      return node.type === 'number' || !Number.isInteger(value) ? value : BigInt(value)
    case 'bigint':
      return node.type === 'number' ? Number(value) : value
    case 'string':
      return textValue(value, node)
  }
  if (Array.isArray(value)) return listValue(value, node)
  return isObject(value) ? mapValue(value, node, isResource) : null
}

function textValue(text: string, { format, type }: SchemaNode): Value {
  if (type !== 'string' || !format) return text
  try {
    switch (format) {
      case 'byte':
        return Buffer.from(text, 'base64')
      case 'duration':
        return durationFrom(text)
      case 'date':
        return timestampFrom(`${text}T00:00:00Z`)
      case 'date-time':
      case 'datetime':
        return timestampFrom(text)
    }
  } catch (error) {
    if (!(error instanceof EvaluationError)) throw error
  }
  return text
}

function listValue(values: readonly unknown[], node: SchemaNode): Value {
  const items = node.items ?? {}
  const list = values.map((value) => celValue(value, items, isEmbedded(items)))
  const type = node['x-kubernetes-list-type']
  if (type === 'set' || type === 'map') markList(list, { type })
  if (type === 'map') {
    const keys = node['x-kubernetes-list-map-keys'] ?? []
    list.forEach((element, i) => markElement(element, jsonText(keys.map((key) => (values[i] as Record<string, unknown> | null)?.[key]))))
  }
  return list
}

function mapValue(object: Record<string, unknown>, node: SchemaNode, isResource: boolean): Value {
  const map = new Map<Value, Value>()
  const values = valuesOf(node)
  if (values) {
    for (const [name, value] of Object.entries(object)) map.set(name, celValue(value, values, isEmbedded(values)))
    return map
  }
  const properties = propertiesOf(node, isResource)
  for (const [name, property] of Object.entries(properties)) {
    const escaped = escapeName(name)
    // A field that is null is as one that is not there.
    if (escaped === undefined || object[name] === undefined || object[name] === null) continue
    const part = celValue(object[name], property, isEmbedded(property))
    map.set(escaped, part)
    // Since 1.31 a keyword may be selected as it is, where the grammar allows it.
    if (KEYWORDS.has(name)) map.set(name, part)
  }
  const unseen = Object.entries(object).filter(([name]) => !Object.hasOwn(properties, name) || escapeName(name) === undefined)
  if (unseen.length > 0) markUnseen(map, Object.fromEntries(unseen))
  return map
}
