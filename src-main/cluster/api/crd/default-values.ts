/**
 * The defaults of a schema: whether they follow it, and what of them takes effect. Nothing may be pruned from them but what
 * metadata of embedded resources does not have, they are valid, and the rules hold for them.
 */
import { copyJson, equalJson } from '../copy.js'
import { field, type FieldError } from '../errors.js'
import { loadSchema } from '../schema/schema.js'
import { validateEmbedded } from './embedded.js'
import { isEmbedded } from './rule-types.js'
import { ruleFaultsAlone } from './rules.js'
import { fieldOf, isObject, isTypeOrMetadata, type Json, type SchemaNode } from './schema.js'
import { validateValue } from './validate.js'
import { prune } from './values.js'

/** An embedded resource that has a value at a place of its type or metadata. */
type Surrounding = (value: unknown) => Json

const RESOURCE: SchemaNode = { 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true }

/** What is wrong with the defaults of a schema, which has the path given. */
export function defaultFaults(node: SchemaNode, path: string, inside?: Surrounding): FieldError[] {
  const errors: FieldError[] = []
  const value = node.default
  if (value !== undefined && value !== null) errors.push(...(inside ? faultsInside : faultsOf)(value, node, path, inside!))
  if (node.items) errors.push(...defaultFaults(node.items, `${path}.items`, inside && ((v) => inside([v]))))
  for (const [name, property] of Object.entries(node.properties ?? {}))
    errors.push(...defaultFaults(property, `${path}.properties[${name}]`, surroundingOf(node, name, inside)))
  return errors
}

/** The surrounding of a property; undefined for what is not part of an embedded resource's type or metadata. */
function surroundingOf(node: SchemaNode, name: string, inside: Surrounding | undefined): Surrounding | undefined {
  if (isEmbedded(node)) return isTypeOrMetadata(name) ? (v) => ({ apiVersion: 'validation/v1', kind: 'Validation', [name]: v }) : undefined
  return inside && ((v) => inside({ [name]: v }))
}

function faultsOf(value: unknown, node: SchemaNode, path: string): FieldError[] {
  const at = `${path}.default`
  const pruned = copyJson(value)
  prune(pruned, node, isEmbedded(node))
  const unknown = equalJson(pruned, value) ? [] : [field.invalid(at, value, 'must not have unknown fields')]
  const embedded = validateEmbedded(value, node, at, false)
  const found = embedded.length > 0 ? embedded : valueFaults(value, node, at)
  return [...unknown, ...(found.length > 0 ? found : ruleFaultsAlone(value, node, at))]
}

/** What is wrong with a default by the schema that has it. Messages name what is in it, as seen from there; the field is all of the path. */
function valueFaults(value: unknown, node: SchemaNode, at: string): FieldError[] {
  const rooted = ({ field: name }: FieldError): string => (name === '<nil>' ? at : `${at}.${name}`)
  return validateValue(value, ofAnyType(node)).map((error) => ({ ...error, field: rooted(error) }))
}

/** A schema whose integers-or-strings may be anything: a default is not held against what they are. */
function ofAnyType(node: SchemaNode): SchemaNode {
  const { 'x-kubernetes-int-or-string': _either, items, properties, additionalProperties: values, ...rest } = node
  const inner = Object.entries(properties ?? {}).map(([name, property]) => [name, ofAnyType(property)] as const)
  return {
    ...rest,
    ...(items && { items: ofAnyType(items) }),
    ...(properties && { properties: Object.fromEntries(inner) }),
    ...(values !== undefined && { additionalProperties: isObject(values) ? ofAnyType(values) : values }),
  }
}

function faultsInside(value: unknown, node: SchemaNode, path: string, inside: Surrounding): FieldError[] {
  const at = `${path}.default`
  const faults = validateEmbedded(inside(value), RESOURCE, '', false).map((e) => `${e.field.replace(/^\./, '')}: ${e.body}`)
  if (faults.length === 0) return valueFaults(value, node, at)
  const told = faults.length === 1 ? faults[0]! : `[${faults.join(', ')}]`
  return [field.invalid(at, value, `must result in valid metadata: ${told}`)]
}

/**
 * The schema with the defaults that take effect: of the metadata of embedded resources only what there is.
 * @param metadata whether the node is such metadata
 */
export function withKnownDefaults(node: SchemaNode, metadata = false): SchemaNode {
  let known = node
  const change = (part: Partial<SchemaNode>): void => void (known = { ...known, ...part })
  if (node.default !== undefined && node.default !== null) {
    const value = copyJson(node.default)
    if (metadata) dropUnknown(value)
    else pruneMetadata(value, node)
    if (!equalJson(value, node.default)) change({ default: value })
  }
  if (node.items) {
    const items = withKnownDefaults(node.items)
    if (items !== node.items) change({ items })
  }
  for (const [name, property] of Object.entries(node.properties ?? {})) {
    const { default: _, ...bare } = property
    const is = metadata && !metadataFields().has(name) ? bare : withKnownDefaults(property, isEmbedded(node) && name === 'metadata')
    if (is !== property && !equalJson(is, property)) change({ properties: { ...known.properties, [name]: is } })
  }
  return known
}

const metadataFields = (): ReadonlyMap<string, unknown> => loadSchema().model('V1ObjectMeta').properties

function dropUnknown(metadata: unknown): void {
  if (!isObject(metadata)) return
  for (const name of Object.keys(metadata)) if (!metadataFields().has(name)) delete metadata[name]
}

/** Drops from the metadata of all embedded resources in a value what metadata does not have, in place. */
function pruneMetadata(value: unknown, node: SchemaNode): void {
  if (Array.isArray(value)) {
    if (node.items) for (const element of value) pruneMetadata(element, node.items)
    return
  }
  if (!isObject(value)) return
  if (isEmbedded(node)) dropUnknown(value['metadata'])
  for (const name of Object.keys(value)) {
    const inner = fieldOf(node, name)
    if (inner && !(isEmbedded(node) && isTypeOrMetadata(name))) pruneMetadata(value[name], inner)
  }
}
