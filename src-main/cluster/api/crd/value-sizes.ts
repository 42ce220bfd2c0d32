/**
 * How large the values of a schema may be, as rules are judged by: from `maxLength`, `maxItems`, `maxProperties`, enum
 * values and formats, and where nothing is said from what fits into a request of 3 MiB.
 * https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#resource-use-by-validation-functions
 */
import type { SizeAt } from '../cel/cost.js'
import { escapeName, isEmbedded, propertiesOf } from './rule-types.js'
import { valuesOf, type SchemaNode } from './schema.js'

/** Bytes of the largest request. */
const LARGEST_REQUEST = 3 * 1024 * 1024

/** Bytes that a date, a point in time or a span has as JSON, at least. */
const LEAST: Readonly<Record<string, number>> = { date: 12, 'date-time': 21, duration: 3 }
/** And at most. */
const MOST: Readonly<Record<string, number>> = { date: 12, 'date-time': 32, duration: 32 }

/** Bytes of UTF-8 that a character may take. */
const CHARACTER = 4

/** The sizes of a node's values. */
export interface ValueSize {
  /** Characters, elements or entries, at most; 0 for what has no parts. */
  readonly max: number
  /** Bytes as JSON, at least. */
  readonly serialized: number
  /** By the names that expressions have for them. */
  readonly fields?: ReadonlyMap<string, ValueSize>
  /** Of the elements of a list, or the values of a map. */
  readonly element?: ValueSize
  readonly key?: ValueSize
}

const TEXT = 2
const KEY: ValueSize = { max: 0, serialized: TEXT }

const known = new WeakMap<SchemaNode, ValueSize | null>()

/** The sizes of a node's values; undefined when rules cannot see them. */
export function valueSize(node: SchemaNode, isResource: boolean): ValueSize | undefined {
  let size = known.get(node)
  if (size === undefined) known.set(node, (size = sizeOf(node, isResource) ?? null))
  return size ?? undefined
}

const limit = (value: number | null | undefined): number | undefined => (typeof value === 'number' ? Math.max(value, 0) : undefined)

function sizeOf(node: SchemaNode, isResource: boolean): ValueSize | undefined {
  if (node['x-kubernetes-int-or-string']) return { max: textLimit(node) ?? LARGEST_REQUEST - 2, serialized: 1 }
  switch (node.type) {
    case 'boolean':
      return { max: 0, serialized: 4 }
    case 'integer':
    case 'number':
      return { max: 0, serialized: 1 }
    case 'string':
      return textSize(node)
    case 'array': {
      const element = node.items && valueSize(node.items, isEmbedded(node.items))
      if (!element) return undefined
      return { max: limit(node.maxItems) ?? Math.floor((LARGEST_REQUEST - 2) / (element.serialized + 1)), serialized: 2, element }
    }
    case 'object':
      return valuesOf(node) ? mapSize(node) : objectSize(node, isResource)
    default:
      return undefined
  }
}

const textLimit = ({ maxLength }: SchemaNode): number | undefined => {
  const characters = limit(maxLength)
  return characters === undefined ? undefined : characters * CHARACTER
}

function textSize(node: SchemaNode): ValueSize {
  const format = node.format ?? ''
  if (Object.hasOwn(MOST, format)) return { max: MOST[format]!, serialized: LEAST[format]! }
  const most = format === 'byte' ? limit(node.maxLength) : (textLimit(node) ?? longestOf(node.enum))
  return { max: most ?? LARGEST_REQUEST - 2, serialized: TEXT }
}

function longestOf(values: readonly unknown[] | null | undefined): number | undefined {
  if (!values?.length) return undefined
  return Math.max(...values.map((v) => (typeof v === 'string' ? Buffer.byteLength(v) : 0)))
}

function mapSize(node: SchemaNode): ValueSize | undefined {
  const values = valuesOf(node)!
  const element = valueSize(values, isEmbedded(values))
  if (!element) return undefined
  // Of a pair there are the quotes of its key, a colon and a comma at least.
  return {
    max: limit(node.maxProperties) ?? Math.floor((LARGEST_REQUEST - 2) / (element.serialized + 6)),
    serialized: 2,
    element,
    key: KEY,
  }
}

function objectSize(node: SchemaNode, isResource: boolean): ValueSize {
  const fields = new Map<string, ValueSize>()
  let serialized = 2
  for (const [name, property] of Object.entries(propertiesOf(node, isResource))) {
    const size = valueSize(property, isEmbedded(property))
    if (!size) continue
    const escaped = escapeName(name)
    if (escaped !== undefined) fields.set(escaped, size)
    const filled = property.default !== undefined && property.default !== null
    if (node.required?.includes(name) && !filled) serialized += Buffer.byteLength(name) + size.serialized + 4
  }
  return { max: 0, serialized, fields }
}

/** Finds the size of what a path leads to, from a value of this size. */
export function sizesWithin(root: ValueSize): SizeAt {
  return (path) => {
    let size: ValueSize | undefined = root
    for (const name of path) {
      size = name === '@items' || name === '@values' ? size.element : name === '@keys' ? size.key : size.fields?.get(name)
      if (!size) return undefined
    }
    return size.max
  }
}

/** How often a value may occur in an object at most, when nothing else bounds it. */
export const mostOccurrences = ({ serialized }: ValueSize): number => Math.floor(LARGEST_REQUEST / (serialized + 1))
