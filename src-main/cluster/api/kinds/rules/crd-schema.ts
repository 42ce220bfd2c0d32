/**
 * What makes the schema of a custom resource valid: an OpenAPI v3 schema that is structural.
 * https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema
 */
import { compilePattern } from '../../cel/functions/patterns.js'
import { checkRuleExpressions, checkRuleFields } from '../../crd/rule-definitions.js'
import type { SchemaNode, ValidationRule } from '../../crd/schema.js'
import { field, type FieldError } from '../../errors.js'
import { entries, isEmpty, items, strings } from './sent.js'

/** A schema as it is on the wire; the fields that rules look at. */
export interface JsonSchema {
  type?: string | null
  format?: string | null
  properties?: Record<string, JsonSchema | null> | null
  additionalProperties?: JsonSchema | boolean | null
  items?: JsonSchema | null
  allOf?: (JsonSchema | null)[] | null
  anyOf?: (JsonSchema | null)[] | null
  oneOf?: (JsonSchema | null)[] | null
  not?: JsonSchema | null
  default?: unknown
  pattern?: string | null
  enum?: unknown[] | null
  required?: string[] | null
  uniqueItems?: boolean | null
  nullable?: boolean | null
  $ref?: string | null
  id?: string | null
  definitions?: object | null
  dependencies?: object | null
  patternProperties?: object | null
  additionalItems?: object | boolean | null
  'x-kubernetes-preserve-unknown-fields'?: boolean | null
  'x-kubernetes-embedded-resource'?: boolean | null
  'x-kubernetes-int-or-string'?: boolean | null
  'x-kubernetes-list-type'?: string | null
  'x-kubernetes-list-map-keys'?: string[] | null
  'x-kubernetes-map-type'?: string | null
  'x-kubernetes-validations'?: (ValidationRule | null)[] | null
}

const TYPES = ['array', 'boolean', 'integer', 'number', 'object', 'string']

/** Checks the schema of a whole resource. */
export function validateSchema(schema: JsonSchema, path: string, errors: FieldError[]): void {
  if (schema.nullable) errors.push(field.forbidden(`${path}.nullable`, 'nullable cannot be true at the root'))
  if (!schema.type) errors.push(field.required(`${path}.type`, 'must not be empty at the root'))
  else if (schema.type !== 'object') errors.push(field.invalid(`${path}.type`, schema.type, 'must be object at the root'))
  const before = errors.length
  validateNode(schema, path, { isRoot: true, inLogic: false }, errors)
  // Expressions over a schema that is wrong would be told of for nothing.
  if (errors.length === before) checkRuleExpressions(schema as SchemaNode, path, errors)
}

interface Place {
  isRoot: boolean
  /** Inside allOf, anyOf, oneOf or not, where only values are judged. */
  inLogic: boolean
}

function validateNode(s: JsonSchema, path: string, place: Place, errors: FieldError[]): void {
  validateForbidden(s, path, errors)
  const intOrString = s['x-kubernetes-int-or-string'] === true
  const preserve = s['x-kubernetes-preserve-unknown-fields'] === true
  if (s.type && !TYPES.includes(s.type)) errors.push(field.notSupported(`${path}.type`, s.type, TYPES))
  if (!place.isRoot && !place.inLogic && !s.type && !intOrString && !preserve)
    errors.push(field.required(`${path}.type`, 'must not be empty for specified object fields'))
  if (intOrString && s.type) errors.push(field.invalid(`${path}.type`, s.type, 'must be empty if x-kubernetes-int-or-string is true'))
  if (s['x-kubernetes-embedded-resource'] && s.type !== 'object')
    errors.push(field.invalid(`${path}.type`, s.type ?? '', 'must be object if x-kubernetes-embedded-resource is true'))
  if (preserve && s.type && s.type !== 'object')
    errors.push(field.invalid(`${path}.type`, s.type, 'must be object if x-kubernetes-preserve-unknown-fields is true'))
  if (s['x-kubernetes-preserve-unknown-fields'] === false)
    errors.push(field.invalid(`${path}.x-kubernetes-preserve-unknown-fields`, false, 'must be true or undefined'))
  if (place.inLogic) validateLogicOnly(s, path, errors)
  if (typeof s.pattern === 'string') {
    const problem = patternProblem(s.pattern)
    if (problem) errors.push(field.invalid(`${path}.pattern`, s.pattern, `must be a valid regular expression, but isn't: ${problem}`))
  }
  validateLists(s, path, errors)
  checkRuleFields(s as SchemaNode, path, errors)
  if (!isEmpty(s.properties) && s.additionalProperties)
    errors.push(field.forbidden(`${path}.additionalProperties`, 'additionalProperties and properties are mutual exclusive'))
  const inner = { isRoot: false, inLogic: place.inLogic }
  for (const [name, p] of entries(s.properties)) if (p) validateNode(p, `${path}.properties[${name}]`, inner, errors)
  if (s.additionalProperties && typeof s.additionalProperties === 'object')
    validateNode(s.additionalProperties, `${path}.additionalProperties`, inner, errors)
  if (s.items) validateNode(s.items, `${path}.items`, inner, errors)
  else if (s.type === 'array' && !place.inLogic) errors.push(field.required(`${path}.items`, 'must be specified'))
  const logic = { isRoot: false, inLogic: true }
  for (const name of ['allOf', 'anyOf', 'oneOf'] as const) {
    // Ints or strings say so in a form that is not structural.
    if (intOrString && name === 'anyOf') continue
    items(s[name]).forEach((e, i) => validateNode(e, `${path}.${name}[${i}]`, logic, errors))
  }
  if (s.not) validateNode(s.not, `${path}.not`, logic, errors)
}

function validateForbidden(s: JsonSchema, path: string, errors: FieldError[]): void {
  if (s.uniqueItems)
    errors.push(field.forbidden(`${path}.uniqueItems`, 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic'))
  if (s.additionalProperties === false)
    errors.push(field.forbidden(`${path}.additionalProperties`, 'additionalProperties cannot be set to false'))
  for (const name of ['definitions', 'dependencies', 'patternProperties', 'additionalItems', 'id', '$ref'] as const) {
    const value = s[name]
    if (value && (typeof value !== 'object' || !isEmpty(value))) errors.push(field.forbidden(`${path}.${name}`, `${name} is not supported`))
  }
}

/** Inside logic no structure may be said that is not said outside of it. */
function validateLogicOnly(s: JsonSchema, path: string, errors: FieldError[]): void {
  const refuse = (name: string, set: boolean): void => {
    if (set) errors.push(field.forbidden(`${path}.${name}`, 'must be empty to be structural'))
  }
  refuse('type', Boolean(s.type))
  refuse('default', s.default !== undefined && s.default !== null)
  refuse('nullable', s.nullable === true)
  refuse('additionalProperties', Boolean(s.additionalProperties))
  for (const name of ['x-kubernetes-preserve-unknown-fields', 'x-kubernetes-embedded-resource', 'x-kubernetes-int-or-string'] as const)
    if (s[name]) errors.push(field.forbidden(`${path}.${name}`, 'must be false to be structural'))
}

function validateLists(s: JsonSchema, path: string, errors: FieldError[]): void {
  const listType = s['x-kubernetes-list-type']
  const keys = strings(s['x-kubernetes-list-map-keys'])
  const at = `${path}.x-kubernetes-list-map-keys`
  if (listType) {
    if (s.type !== 'array') {
      if (!s.type) errors.push(field.required(`${path}.type`, 'must be array if x-kubernetes-list-type is specified'))
      else errors.push(field.invalid(`${path}.type`, s.type, 'must be array if x-kubernetes-list-type is specified'))
    }
    if (!['atomic', 'set', 'map'].includes(listType))
      errors.push(field.notSupported(`${path}.x-kubernetes-list-type`, listType, ['atomic', 'set', 'map']))
  }
  const mapType = s['x-kubernetes-map-type']
  if (mapType) {
    if (s.type !== 'object')
      errors.push(field.invalid(`${path}.type`, s.type ?? '', 'must be object if x-kubernetes-map-type is specified'))
    if (!['granular', 'atomic'].includes(mapType))
      errors.push(field.notSupported(`${path}.x-kubernetes-map-type`, mapType, ['granular', 'atomic']))
  }
  if (listType !== 'map') {
    if (keys.length) errors.push(field.forbidden(at, 'must not be specified if x-kubernetes-list-type is not map'))
    return
  }
  if (keys.length === 0) errors.push(field.required(at, 'must not be empty if x-kubernetes-list-type is map'))
  if (!s.items) {
    errors.push(field.required(`${path}.items`, 'must have a schema if x-kubernetes-list-type is map'))
    return
  }
  if (s.items.type && s.items.type !== 'object')
    errors.push(field.invalid(`${path}.items.type`, s.items.type, "must be object if parent array's x-kubernetes-list-type is map"))
  const known = s.items.properties ?? {}
  const scalar = ['string', 'integer', 'number', 'boolean']
  if (keys.some((k) => !known[k])) errors.push(field.invalid(at, keys, 'entries must all be names of item properties'))
  for (const k of keys) {
    const key = known[k]
    if (!key) continue
    if (!scalar.includes(key.type ?? ''))
      errors.push(
        field.invalid(
          `${path}.items.properties[${k}].type`,
          key.type ?? '',
          "must be a scalar type if parent array's x-kubernetes-list-type is map",
        ),
      )
    const settled = (s.items.required ?? []).includes(k) || (key.default !== undefined && key.default !== null)
    if (!settled)
      errors.push(
        field.required(
          `${path}.items.properties[${k}].default`,
          'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property',
        ),
      )
  }
  if (new Set(keys).size < keys.length) errors.push(field.invalid(at, keys, 'must not contain duplicate entries'))
}

/** What is wrong with a regular expression, in the words of Go's parser. */
function patternProblem(pattern: string): string | undefined {
  const compiled = compilePattern(pattern)
  return typeof compiled === 'string' ? compiled : undefined
}
