import type { OpenApiSchema } from '../../src-main/backend/rpc/contract.js'
import type { PathStep } from './yaml-place.js'

/** The schemas of one group and version by their OpenAPI names. */
export type Schemas = Record<string, OpenApiSchema>

/** The schema of a kind; undefined when the cluster does not have it. */
export function kindSchema(all: Schemas, gvk: { group: string; version: string; kind: string }): OpenApiSchema | undefined {
  return Object.values(all).find((s) =>
    s['x-kubernetes-group-version-kind']?.some((x) => x.group === gvk.group && x.version === gvk.version && x.kind === gvk.kind),
  )
}

/** Follows references; what is written beside one (a description, a default) wins over what it leads to. */
export function resolve(all: Schemas, schema: OpenApiSchema | undefined): OpenApiSchema | undefined {
  let found = schema
  for (let depth = 0; found && depth < 20; depth++) {
    const ref: string | undefined = found.$ref ?? (found.allOf?.length === 1 ? found.allOf[0]!.$ref : undefined)
    if (!ref) return found
    const { $ref: _, allOf: __, ...beside } = found
    const target: OpenApiSchema | undefined = all[ref.slice(ref.lastIndexOf('/') + 1)]
    found = target && { ...target, ...beside }
  }
  return found
}

/** The schema of one member: a property, a value of a map, an item of a list. */
export function member(all: Schemas, schema: OpenApiSchema | undefined, step: PathStep): OpenApiSchema | undefined {
  const s = resolve(all, schema)
  if (typeof step === 'number') return resolve(all, s?.items)
  const rest = s?.additionalProperties
  return resolve(all, s?.properties?.[step] ?? (typeof rest === 'object' ? rest : undefined))
}

/** The schema at a path. */
export const schemaAt = (all: Schemas, root: OpenApiSchema | undefined, path: readonly PathStep[]): OpenApiSchema | undefined =>
  path.reduce<OpenApiSchema | undefined>((s, step) => member(all, s, step), resolve(all, root))

/** Whether a mapping may have keys that its schema does not name. */
export function isOpen(schema: OpenApiSchema): boolean {
  if (schema['x-kubernetes-preserve-unknown-fields'] || schema.additionalProperties) return true
  return !schema.properties
}

/** A type in the words of `kubectl explain`: `string`, `[]Object`, `map[string]string`. */
export function typeName(all: Schemas, schema: OpenApiSchema | undefined): string {
  const s = resolve(all, schema)
  if (!s) return 'Object'
  if (s.type === 'array') return `[]${typeName(all, s.items)}`
  if (typeof s.additionalProperties === 'object') return `map[string]${typeName(all, s.additionalProperties)}`
  if (s.oneOf || s.format === 'int-or-string') return s.format === 'int-or-string' ? 'IntOrString' : 'Quantity'
  return !s.type || s.type === 'object' ? 'Object' : s.type
}

/** What a value is, in the words of a schema's `type`. */
export function foundType(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number'
  return typeof value
}

/** Whether a value has the type that its schema asks for. Null stands for "not set" everywhere. */
export function hasType(schema: OpenApiSchema, value: unknown): boolean {
  const { type } = schema
  if (value === null || !type || schema.oneOf || schema.format === 'int-or-string') return true
  const found = foundType(value)
  return found === type || (type === 'number' && found === 'integer')
}
