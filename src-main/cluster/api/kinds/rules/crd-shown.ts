/** Parts of a definition as messages print the API server's own form of them: all fields, with capitals. */
import type { JsonSchema } from './crd-schema.js'
import { isEmpty, items } from './sent.js'

type Json = Record<string, unknown>

const TEXTS = ['ID', 'Schema', 'Description', 'Type', 'Format', 'Title', 'Pattern']
const FLAGS = ['Nullable', 'ExclusiveMaximum', 'ExclusiveMinimum', 'UniqueItems', 'XEmbeddedResource', 'XIntOrString']

const SCHEMA_FIELDS =
  'ID Schema Ref Description Type Nullable Format Title Default Maximum ExclusiveMaximum Minimum ExclusiveMinimum MaxLength MinLength Pattern MaxItems MinItems UniqueItems MultipleOf Enum MaxProperties MinProperties Required Items AllOf OneOf AnyOf Not Properties AdditionalProperties PatternProperties Dependencies AdditionalItems Definitions ExternalDocs Example XPreserveUnknownFields XEmbeddedResource XIntOrString XListMapKeys XListType XMapType XValidations'.split(
    ' ',
  )

/** How a field is spelled on the wire. */
function wireName(name: string): string {
  if (name === 'ID') return 'id'
  if (name === 'Schema' || name === 'Ref') return `$${name.toLowerCase()}`
  if (/^X[A-Z]/.test(name))
    return `x-kubernetes-${name
      .slice(1)
      .replace(/(?!^)[A-Z]/g, '-$&')
      .toLowerCase()}`
  return name.charAt(0).toLowerCase() + name.slice(1)
}

/** A schema; what is not said is null, an empty text or false. */
export function shownSchema(schema: JsonSchema): Json {
  const sent = schema as Json
  return Object.fromEntries(SCHEMA_FIELDS.map((name) => [name, shownField(name, sent[wireName(name)])]))
}

function shownField(name: string, value: unknown): unknown {
  if (value === undefined || value === null) return TEXTS.includes(name) ? '' : FLAGS.includes(name) ? false : null
  switch (name) {
    case 'Not':
      return shownSchema(value as JsonSchema)
    case 'Items':
      return { Schema: shownSchema(value as JsonSchema), JSONSchemas: null }
    case 'AllOf':
    case 'OneOf':
    case 'AnyOf':
      return items(value as JsonSchema[]).map(shownSchema)
    case 'Properties':
    case 'PatternProperties':
    case 'Definitions': {
      return Object.fromEntries(Object.entries(value as Record<string, JsonSchema>).map(([key, part]) => [key, shownSchema(part)]))
    }
    case 'AdditionalProperties':
    case 'AdditionalItems':
      return typeof value === 'object' ? { Allows: true, Schema: shownSchema(value as JsonSchema) } : { Allows: value, Schema: null }
    case 'ExternalDocs':
      return capitals(value as Json, ['description', 'url'], '')
    case 'XValidations':
      return items(value as Json[]).map((rule) => ({
        ...capitals(rule, ['rule', 'message', 'messageExpression'], ''),
        Reason: rule['reason'] ?? null,
        FieldPath: rule['fieldPath'] ?? '',
        OptionalOldSelf: rule['optionalOldSelf'] ?? null,
      }))
    default:
      return value
  }
}

function capitals(value: Json, names: readonly string[], zero: unknown): Json {
  const capital = (name: string): string => (name === 'url' ? 'URL' : name.charAt(0).toUpperCase() + name.slice(1))
  return Object.fromEntries(names.map((name) => [capital(name), value[name] ?? zero]))
}

/** What of its versions a definition has alike, and so says for all of them at once. */
export interface Alike {
  readonly schema: boolean
  readonly subresources: boolean
  readonly columns: boolean
  readonly selectable: boolean
}

/** The versions of a definition. */
export function shownVersions(versions: readonly Json[], alike: Alike): Json[] {
  return versions.map((v) => {
    const schema = (v['schema'] as { openAPIV3Schema?: JsonSchema } | undefined)?.openAPIV3Schema
    return {
      Name: v['name'] ?? '',
      Served: v['served'] ?? false,
      Storage: v['storage'] ?? false,
      Deprecated: v['deprecated'] ?? false,
      DeprecationWarning: v['deprecationWarning'] ?? null,
      Schema: alike.schema || !v['schema'] ? null : { OpenAPIV3Schema: schema ? shownSchema(schema) : null },
      Subresources: alike.subresources ? null : shownSubresources(v['subresources'] as Json | undefined),
      AdditionalPrinterColumns: alike.columns
        ? null
        : list(v['additionalPrinterColumns'], (c) => ({
            ...capitals(c, ['name', 'type', 'format', 'description'], ''),
            Priority: c['priority'] ?? 0,
            JSONPath: c['jsonPath'] ?? '',
          })),
      SelectableFields: alike.selectable ? null : list(v['selectableFields'], (f) => ({ JSONPath: f['jsonPath'] ?? '' })),
    }
  })
}

const list = (value: unknown, shown: (element: Json) => Json): Json[] | null =>
  isEmpty(value as object) ? null : items(value as Json[]).map(shown)

function shownSubresources(subresources: Json | null | undefined): Json | null {
  if (!subresources) return null
  const scale = subresources['scale'] as Json | null | undefined
  return {
    Status: subresources['status'] ? {} : null,
    Scale: scale
      ? { ...capitals(scale, ['specReplicasPath', 'statusReplicasPath'], ''), LabelSelectorPath: scale['labelSelectorPath'] ?? null }
      : null,
  }
}
