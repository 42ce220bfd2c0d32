/** Objects of the API inside of a custom resource (`x-kubernetes-embedded-resource`): they say what they are. */
import { field, type FieldError } from '../errors.js'
import type { Kind } from '../kinds/kind.js'
import { dns1035Label, pathSegmentName } from '../kinds/rules/names.js'
import { validateMetadata } from '../metadata.js'
import type { KubeObject } from '../object.js'
import { isObject, keepsUnknown, valuesOf, type Json, type SchemaNode } from './schema.js'

/** Checks all of them in a value at a path. The value itself is one when its schema says so, unless it is the resource. */
export function validateEmbedded(value: unknown, node: SchemaNode, path = '', isRoot = true): FieldError[] {
  if (Array.isArray(value)) {
    const { items } = node
    return items ? value.flatMap((v, i) => validateEmbedded(v, items, `${path}[${i}]`, false)) : []
  }
  if (!isObject(value)) return []
  const errors = !isRoot && node['x-kubernetes-embedded-resource'] ? resourceFaults(value, path) : []
  if (!node.properties && !valuesOf(node) && keepsUnknown(node)) return errors
  for (const name of Object.keys(value)) {
    const schema = node.properties?.[name] ?? valuesOf(node)
    if (schema) errors.push(...validateEmbedded(value[name], schema, path ? `${path}.${name}` : name, false))
  }
  return errors
}

function resourceFaults(resource: Json, path: string): FieldError[] {
  const errors: FieldError[] = []
  const { apiVersion, kind, metadata } = resource
  checkText(apiVersion, `${path}.apiVersion`, versionFault, errors)
  checkText(kind, `${path}.kind`, kindFault, errors)
  if (isMetadata(metadata)) errors.push(...metadataFaults(metadata, path))
  return errors
}

function checkText(value: unknown, at: string, fault: (text: string) => string | undefined, errors: FieldError[]): void {
  if (value === undefined) {
    errors.push(field.required(at, 'must not be empty'))
    return
  }
  const why = typeof value !== 'string' ? 'must be a string' : value === '' ? 'must not be empty' : fault(value)
  if (why !== undefined) errors.push(field.invalid(at, value, why))
}

const versionFault = (version: string): string | undefined =>
  version.split('/').length > 2 ? `unexpected GroupVersion string: ${version}` : undefined

function kindFault(kind: string): string | undefined {
  const faults = dns1035Label(kind.toLowerCase())
  return faults.length > 0 ? `may have mixed case, but should otherwise match: ${faults.join(',')}` : undefined
}

/** The metadata as that of any resource, which need not have a name. */
function metadataFaults(metadata: KubeObject['metadata'], path: string): FieldError[] {
  const named = { metadata: { ...metadata, name: metadata.name || 'fakename' } } as KubeObject
  const rules = { namespaced: Boolean(metadata.namespace), validateName: pathSegmentName } as Kind
  return validateMetadata(named, rules).map((fault) => ({ ...fault, field: `${path}.${fault.field}` }))
}

/** Whether names and labels are texts, as the rules of metadata expect. */
function isMetadata(value: unknown): value is KubeObject['metadata'] {
  if (!isObject(value)) return false
  const { name = '', generateName = '', namespace = '', labels = {}, annotations = {} } = value
  const isText = (v: unknown): boolean => typeof v === 'string'
  return (
    [name, generateName, namespace].every(isText) && [labels, annotations].every((map) => isObject(map) && Object.values(map).every(isText))
  )
}
