/** What OpenAPI publishes of a custom resource: its schema as it is, with the metadata that all objects have. */
import { loadSchema, type Model, type Property } from '../schema/schema.js'
import { isObject, type Json, type SchemaNode } from './schema.js'

const API_VERSION =
  'APIVersion defines the versioned schema of this representation of an object. Servers should convert recognized schemas to the latest internal value, and may reject unrecognized values. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#resources'
const KIND =
  'Kind is a string value representing the REST resource this object represents. Servers may infer this from the endpoint the client submits requests to. Cannot be updated. In CamelCase. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds'
const METADATA =
  "Standard object's metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata"
const LIST_METADATA =
  'Standard list metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds'

/** Turns a model into a reference to its definition, and makes it part of the document. */
export type Refer = (model: Model) => Json

/**
 * The model with what OpenAPI says of it and of its lists.
 * @param selectable the fields that field selectors may name, such as `spec.color`
 */
export function publishedSchema(
  model: Model,
  names: { group: string; version: string; kind: string },
  listKind: string,
  schema: SchemaNode,
  selectable: readonly string[] = [],
): Model {
  const extension = selectable.length ? { 'x-kubernetes-selectable-fields': selectable.map((fieldPath) => ({ fieldPath })) } : {}
  const published = Object.create(model, {
    publish: { value: (version: 2 | 3, refer: Refer) => ({ ...resourceSchema(schema, version, refer), ...extension }) },
    list: { value: listModel(() => published, names, listKind) },
  }) as Model
  return published
}

function resourceSchema(schema: SchemaNode, version: 2 | 3, refer: Refer): Json {
  // Beside any named field kubectl would refuse all others.
  if (version === 2 && schema['x-kubernetes-preserve-unknown-fields']) return { type: 'object' }
  const metadata = refer(loadSchema().model('V1ObjectMeta'))
  const fields: TypeFields = {
    apiVersion: { description: API_VERSION, type: 'string' },
    kind: { description: KIND, type: 'string' },
    metadata: version === 2 ? { description: METADATA, ...metadata } : { description: METADATA, allOf: [metadata] },
  }
  const rest = documented(schema, version, fields)
  return { ...rest, type: 'object', properties: { ...fields, ...without(rest['properties'] as Json, fields) } }
}

/** The fields of every resource. */
type TypeFields = Readonly<Record<'apiVersion' | 'kind' | 'metadata', Json>>

function without(properties: Json | undefined, fields: TypeFields): Json {
  return Object.fromEntries(Object.entries(properties ?? {}).filter(([name]) => !(name in fields)))
}

/**
 * A copy without nulls, and with the fields of embedded resources written out. OpenAPI v2 as clients read it has no
 * alternatives, no nulls and no open parts: kubectl would refuse what the server takes, so such parts say less ("Publish
 * Validation Schema in OpenAPI").
 */
function documented(node: SchemaNode, version: 2 | 3, fields: TypeFields): Json {
  const out: Json = {}
  for (const [name, value] of Object.entries(node)) {
    if (value === null || value === undefined || (value === false && name !== 'default')) continue
    if (version === 2 && NOT_IN_VERSION_2.has(name)) continue
    out[name] = SUBSCHEMAS.has(name) ? mapSchemas(name, value, (inner) => documented(inner, version, fields)) : value
  }
  if (version === 2) sayLess(out, node)
  if (version === 3 && node['x-kubernetes-int-or-string'] && !node.anyOf && !node.allOf) {
    out['anyOf'] = [{ type: 'integer' }, { type: 'string' }]
  }
  const open = node['x-kubernetes-preserve-unknown-fields'] === true
  if (node['x-kubernetes-embedded-resource'] && !(version === 2 && open)) {
    out['properties'] = { ...fields, ...without(out['properties'] as Json, fields) }
    out['required'] = [...new Set([...((out['required'] as string[] | undefined) ?? []), 'kind', 'apiVersion'])]
  }
  return out
}

const SUBSCHEMAS = new Set(['properties', 'additionalProperties', 'items', 'allOf', 'anyOf', 'oneOf', 'not'])
const NOT_IN_VERSION_2 = new Set(['allOf', 'anyOf', 'oneOf', 'not', 'nullable'])

function mapSchemas(name: string, value: unknown, convert: (node: SchemaNode) => Json): unknown {
  if (Array.isArray(value)) return value.map((v) => convert(v as SchemaNode))
  if (!isObject(value)) return value
  if (name !== 'properties') return convert(value as SchemaNode)
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, convert(v as SchemaNode)]))
}

/** Takes from a part in version 2 what kubectl would misread: what may be null or hold anything has no type there. */
function sayLess(out: Json, node: SchemaNode): void {
  const open = node['x-kubernetes-preserve-unknown-fields'] === true
  if (node.nullable || open) {
    delete out['items']
    delete out['properties']
  }
  if (node.nullable || node['x-kubernetes-int-or-string']) delete out['type']
  if ((open && node.type === 'object') || (!out['items'] && node.type === 'array')) delete out['type']
  const mayBeNull = Object.entries(node.properties ?? {}).filter(([, value]) => value.nullable)
  const required = ((out['required'] as string[] | undefined) ?? []).filter((name) => !mayBeNull.some(([other]) => other === name))
  const nullValues = isObject(node.additionalProperties) && node.additionalProperties['nullable'] === true
  if (required.length > 0 && !nullValues) out['required'] = required
  else delete out['required']
}

function listModel(item: () => Model, names: { group: string; version: string; kind: string }, listKind: string): Model {
  const definition = `${names.group.split('.').reverse().join('.')}.${names.version}.${listKind}`
  return {
    name: definition,
    definition,
    description: `${listKind} is a list of ${names.kind}`,
    properties: new Map<string, Property>(),
    required: ['items'],
    atomic: false,
    goName: listKind,
    publish: (version, refer) => {
      const metadata = refer(loadSchema().model('V1ListMeta'))
      return {
        description: `${listKind} is a list of ${names.kind}`,
        type: 'object',
        required: ['items'],
        properties: {
          apiVersion: { description: API_VERSION, type: 'string' },
          items: {
            description: `List of ${names.kind.toLowerCase()}s. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md`,
            type: 'array',
            items: refer(item()),
          },
          kind: { description: KIND, type: 'string' },
          metadata: version === 2 ? { description: LIST_METADATA, ...metadata } : { description: LIST_METADATA, allOf: [metadata] },
        },
      }
    },
  }
}
