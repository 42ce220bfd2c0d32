/**
 * What makes a schema structural: everything that objects may hold is said once, outside of allOf, anyOf, oneOf and not,
 * which only judge values.
 * https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema
 */
import { compilePattern } from '../cel/functions/patterns.js'
import { equalJson } from '../copy.js'
import { field, type FieldError } from '../errors.js'
import { isEmbedded } from './rule-types.js'
import { valuesOf, type SchemaNode } from './schema.js'

type Level = 'root' | 'item' | 'field'

const EMPTY_TYPE: Readonly<Record<Level, string>> = {
  root: 'must not be empty at the root',
  item: 'must not be empty for specified array items',
  field: 'must not be empty for specified object fields',
}

/** All that keeps a schema from being structural, in the order of the texts. */
export function structuralFaults(schema: SchemaNode, path: string): FieldError[] {
  const errors: FieldError[] = []
  checkNode(schema, 'root', path, errors)
  checkComplete(schema, schema, path, path, errors)
  const text = (e: FieldError): string => `${e.field}: ${e.body}`
  return errors.sort((a, b) => (text(a) < text(b) ? -1 : 1))
}

function checkNode(s: SchemaNode, level: Level, path: string, errors: FieldError[]): void {
  const embedded = isEmbedded(s)
  const intOrString = s['x-kubernetes-int-or-string'] === true
  const preserves = s['x-kubernetes-preserve-unknown-fields'] === true
  if (s.items) checkNode(s.items, 'item', `${path}.items`, errors)
  else if (s.type === 'array') errors.push(field.required(`${path}.items`, 'must be specified'))
  for (const [name, property] of Object.entries(s.properties ?? {}))
    checkNode(orEmpty(property), 'field', `${path}.properties[${name}]`, errors)
  checkAdditional(s, level, path, errors)
  if (intOrString && preserves)
    errors.push(field.invalid(`${path}.x-kubernetes-preserve-unknown-fields`, true, 'must be false if x-kubernetes-int-or-string is true'))
  if (intOrString && embedded)
    errors.push(field.invalid(`${path}.x-kubernetes-embedded-resource`, true, 'must be false if x-kubernetes-int-or-string is true'))
  checkJunctors(s, level, path, errors)
  if (embedded && s.type !== 'object') {
    const text = 'must be object if x-kubernetes-embedded-resource is true'
    errors.push(s.type ? field.invalid(`${path}.type`, s.type, text) : field.required(`${path}.type`, text))
  } else if (!s.type && !intOrString && !preserves) errors.push(field.required(`${path}.type`, EMPTY_TYPE[level]))
  if (level === 'root' && s.type && s.type !== 'object') errors.push(field.invalid(`${path}.type`, s.type, 'must be object at the root'))
  checkMetadata(s, level, path, errors)
  if (embedded && !preserves && Object.keys(s.properties ?? {}).length === 0) {
    const text = 'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields'
    errors.push(field.required(`${path}.properties`, text))
  }
}

function checkAdditional(s: SchemaNode, level: Level, path: string, errors: FieldError[]): void {
  if (s.additionalProperties === undefined || s.additionalProperties === null) return
  const at = `${path}.additionalProperties`
  if (level === 'root') errors.push(field.forbidden(at, 'must not be used at the root'))
  const values = valuesOf(s)
  if (values) checkNode(values, 'field', at, errors)
  if (isEmbedded(s)) errors.push(field.forbidden(at, 'must not be used if x-kubernetes-embedded-resource is set'))
}

/** Of the metadata only the name may be restricted; the type is text. */
function checkMetadata({ properties, ...s }: SchemaNode, level: Level, path: string, errors: FieldError[]): void {
  const isResource = level === 'root' || isEmbedded(s)
  for (const name of ['kind', 'apiVersion']) {
    const type = properties?.[name]
    if (isResource && type && type.type !== 'string')
      errors.push(field.invalid(`${path}.properties[${name}].type`, type.type ?? '', 'must be string'))
  }
  const metadata = properties?.['metadata']
  if (!metadata || !isResource) return
  const at = `${path}.properties[metadata]`
  if (metadata.type !== 'object') errors.push(field.invalid(`${at}.type`, metadata.type ?? '', 'must be object'))
  const { type: _type, default: _default, properties: names, ...rest } = metadata
  const namesOnly = Object.keys(names ?? {}).every((name) => name === 'name' || name === 'generateName')
  if (level === 'root' && !(namesOnly && Object.values(rest).every((v) => v === undefined || v === null || v === false)))
    errors.push(field.forbidden(at, 'must not specify anything other than name and generateName, but metadata is implicitly specified'))
}

/** A schema that was sent as null is one that says nothing. */
const orEmpty = (s: SchemaNode | null | undefined): SchemaNode => s ?? {}

const INT_OR_STRING = [{ type: 'integer' }, { type: 'string' }]
const saysIntOrString = (s: SchemaNode | undefined): boolean => equalJson(s?.anyOf, INT_OR_STRING)

function checkJunctors(s: SchemaNode, level: Level, path: string, errors: FieldError[], withoutAnyOf = saysIntOrString(s)): void {
  if (!withoutAnyOf) s.anyOf?.forEach((inner, i) => checkNested(orEmpty(inner), level, `${path}.anyOf[${i}]`, errors))
  s.allOf?.forEach((inner, i) => checkNested(orEmpty(inner), level, `${path}.allOf[${i}]`, errors, i === 0 && saysIntOrString(inner)))
  s.oneOf?.forEach((inner, i) => checkNested(orEmpty(inner), level, `${path}.oneOf[${i}]`, errors))
  if (s.not) checkNested(s.not, level, `${path}.not`, errors)
  const problem = s.pattern ? compilePattern(s.pattern) : undefined
  if (typeof problem === 'string')
    errors.push(field.invalid(`${path}.pattern`, s.pattern, `must be a valid regular expression, but isn't: ${problem}`))
}

/** What only judges values says nothing about structure. */
const FORBIDDEN_INSIDE: readonly (readonly [keyof SchemaNode, string])[] = [
  ['type', 'must be empty to be structural'],
  ['additionalProperties', 'must be undefined to be structural'],
  ['default', 'must be undefined to be structural'],
  ['title', 'must be empty to be structural'],
  ['description', 'must be empty to be structural'],
  ['nullable', 'must be false to be structural'],
  ['externalDocs', 'must be undefined to be structural'],
  ['x-kubernetes-preserve-unknown-fields', 'must be false to be structural'],
  ['x-kubernetes-embedded-resource', 'must be false to be structural'],
  ['x-kubernetes-int-or-string', 'must be false to be structural'],
  ['x-kubernetes-list-map-keys', 'must be empty to be structural'],
  ['x-kubernetes-list-type', 'must be undefined to be structural'],
  ['x-kubernetes-map-type', 'must be undefined to be structural'],
  ['x-kubernetes-validations', 'must be empty to be structural'],
]

function checkNested(s: SchemaNode, level: Level, path: string, errors: FieldError[], withoutAnyOf = false): void {
  checkJunctors(s, level, path, errors, withoutAnyOf)
  if (s.items) checkNested(s.items, level, `${path}.items`, errors)
  for (const [name, property] of Object.entries(s.properties ?? {}))
    checkNested(orEmpty(property), 'field', `${path}.properties[${name}]`, errors)
  for (const [name, text] of FORBIDDEN_INSIDE) {
    const value = s[name]
    const isSet = Array.isArray(value) ? value.length > 0 : name === 'default' ? value !== undefined && value !== null : Boolean(value)
    if (isSet) errors.push(field.forbidden(`${path}.${name}`, text))
  }
  if (s.properties?.['metadata']) errors.push(field.forbidden(`${path}.properties[metadata]`, 'must not be specified in a nested context'))
}

/** Whatever the junctors of the root judge is said outside of them as well. */
function checkComplete(judged: SchemaNode, s: SchemaNode, at: string, path: string, errors: FieldError[]): void {
  const junctors: [SchemaNode, string][] = []
  if (judged.not) junctors.push([judged.not, `${path}.not`])
  for (const name of ['allOf', 'anyOf', 'oneOf'] as const)
    judged[name]?.forEach((inner, i) => junctors.push([orEmpty(inner), `${path}.${name}[${i}]`]))
  for (const [inner, where] of junctors) checkCovered(inner, s, at, where, errors)
}

function checkCovered(judged: SchemaNode, s: SchemaNode | null | undefined, at: string, path: string, errors: FieldError[]): void {
  if (!s) {
    errors.push(field.required(at, `because it is defined in ${path}`))
    return
  }
  checkComplete(judged, s, at, path, errors)
  if (judged.items) checkCovered(judged.items, s.items, `${at}.items`, `${path}.items`, errors)
  for (const [name, property] of Object.entries(judged.properties ?? {}))
    checkCovered(orEmpty(property), s.properties?.[name], `${at}.properties[${name}]`, `${path}.properties[${name}]`, errors)
}
