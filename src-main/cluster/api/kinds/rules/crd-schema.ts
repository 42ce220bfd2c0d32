/**
 * What makes the schema of a custom resource valid: an OpenAPI v3 schema that is structural.
 * https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema
 */
import { defaultFaults } from '../../crd/default-values.js'
import { checkRuleExpressions, checkRuleFields } from '../../crd/rule-definitions.js'
import type { SchemaNode, ValidationRule } from '../../crd/schema.js'
import { structuralFaults } from '../../crd/structural.js'
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
  const node = schema as SchemaNode
  const structural = structuralFaults(node, path)
  errors.push(...structural)
  const defaults = structural.length === 0 ? defaultFaults(node, path) : []
  errors.push(...defaults)
  const before = errors.length
  validateNode(schema, path, errors)
  // Expressions over a schema that is wrong would be told of for nothing.
  if (structural.length + defaults.length === 0 && errors.length === before) checkRuleExpressions(node, path, errors)
}

function validateNode(s: JsonSchema, path: string, errors: FieldError[]): void {
  validateForbidden(s, path, errors)
  const intOrString = s['x-kubernetes-int-or-string'] === true
  const preserve = s['x-kubernetes-preserve-unknown-fields'] === true
  if (s.type === 'null') errors.push(field.forbidden(`${path}.type`, 'type cannot be set to null, use nullable as an alternative'))
  else if (s.type && !TYPES.includes(s.type)) errors.push(field.notSupported(`${path}.type`, s.type, TYPES))
  if (intOrString && s.type) errors.push(field.invalid(`${path}.type`, s.type, 'must be empty if x-kubernetes-int-or-string is true'))
  if (preserve && s.type && s.type !== 'object')
    errors.push(field.invalid(`${path}.type`, s.type, 'must be object if x-kubernetes-preserve-unknown-fields is true'))
  if (s['x-kubernetes-preserve-unknown-fields'] === false)
    errors.push(field.invalid(`${path}.x-kubernetes-preserve-unknown-fields`, false, 'must be true or undefined'))
  validateLists(s, path, errors)
  validateSetElements(s, path, errors)
  checkRuleFields(s as SchemaNode, path, errors)
  if (!isEmpty(s.properties) && s.additionalProperties)
    errors.push(field.forbidden(`${path}.additionalProperties`, 'additionalProperties and properties are mutual exclusive'))
  for (const [name, p] of entries(s.properties)) if (p) validateNode(p, `${path}.properties[${name}]`, errors)
  if (s.additionalProperties && typeof s.additionalProperties === 'object')
    validateNode(s.additionalProperties, `${path}.additionalProperties`, errors)
  if (s.items) validateNode(s.items, `${path}.items`, errors)
  for (const name of ['allOf', 'anyOf', 'oneOf'] as const)
    items(s[name]).forEach((e, i) => validateNode(e, `${path}.${name}[${i}]`, errors))
  if (s.not) validateNode(s.not, `${path}.not`, errors)
}

/** Elements of a set are compared as a whole. */
function validateSetElements(s: JsonSchema, path: string, errors: FieldError[]): void {
  if (s['x-kubernetes-list-type'] !== 'set' || !s.items) return
  const text = 'must be atomic as item of a list with x-kubernetes-list-type=set'
  const { items: element } = s
  const listType = element['x-kubernetes-list-type'] ?? 'atomic'
  const mapType = element['x-kubernetes-map-type'] ?? null
  if (element.type === 'array' && listType !== 'atomic') errors.push(field.invalid(`${path}.items.x-kubernetes-list-type`, listType, text))
  if (element.type === 'object' && mapType !== 'atomic') errors.push(field.invalid(`${path}.items.x-kubernetes-map-type`, mapType, text))
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
