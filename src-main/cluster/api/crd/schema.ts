/**
 * The schema of a custom resource as a CustomResourceDefinition says it (`apiextensions.k8s.io/v1` JSONSchemaProps).
 * https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema
 */

/** One node of a structural schema. Explicit nulls mean absent. */
export interface SchemaNode {
  type?: string | null
  format?: string | null
  title?: string | null
  description?: string | null
  externalDocs?: object | null
  properties?: Record<string, SchemaNode> | null
  additionalProperties?: SchemaNode | boolean | null
  items?: SchemaNode | null
  allOf?: SchemaNode[] | null
  anyOf?: SchemaNode[] | null
  oneOf?: SchemaNode[] | null
  not?: SchemaNode | null
  default?: unknown
  enum?: unknown[] | null
  required?: string[] | null
  nullable?: boolean | null
  maximum?: number | null
  exclusiveMaximum?: boolean | null
  minimum?: number | null
  exclusiveMinimum?: boolean | null
  maxLength?: number | null
  minLength?: number | null
  pattern?: string | null
  maxItems?: number | null
  minItems?: number | null
  multipleOf?: number | null
  maxProperties?: number | null
  minProperties?: number | null
  'x-kubernetes-preserve-unknown-fields'?: boolean | null
  'x-kubernetes-embedded-resource'?: boolean | null
  'x-kubernetes-int-or-string'?: boolean | null
  'x-kubernetes-list-type'?: string | null
  'x-kubernetes-list-map-keys'?: string[] | null
  'x-kubernetes-map-type'?: string | null
  'x-kubernetes-validations'?: ValidationRule[] | null
}

/** A rule in the Common Expression Language that the values of a node keep to. */
export interface ValidationRule {
  rule?: string | null
  message?: string | null
  messageExpression?: string | null
  reason?: string | null
  fieldPath?: string | null
  optionalOldSelf?: boolean | null
}

export type Json = Record<string, unknown>

/** Whether a value is a JSON object. */
export const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)

/** The schema that all values of an object with free keys have; undefined when they have none. */
export function valuesOf(node: SchemaNode): SchemaNode | undefined {
  const { additionalProperties } = node
  return typeof additionalProperties === 'object' && additionalProperties !== null ? additionalProperties : undefined
}

/** Whether keys that are not declared are kept. */
export function keepsUnknown(node: SchemaNode): boolean {
  return node['x-kubernetes-preserve-unknown-fields'] === true || (node.additionalProperties ?? false) !== false
}

/** The schema of one field of an object; undefined when it has none. */
export function fieldOf(node: SchemaNode, name: string): SchemaNode | undefined {
  const { properties } = node
  return properties && Object.hasOwn(properties, name) ? properties[name] : valuesOf(node)
}

/** Fields that every resource has, whatever its schema says. */
export function isTypeOrMetadata(name: string): boolean {
  return name === 'apiVersion' || name === 'kind' || name === 'metadata'
}
