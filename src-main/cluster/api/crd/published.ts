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

/** The model with what OpenAPI says of it and of its lists. */
export function publishedSchema(
  model: Model,
  names: { group: string; version: string; kind: string },
  listKind: string,
  schema: SchemaNode,
): Model {
  const published = Object.create(model, {
    publish: { value: (version: 2 | 3, refer: Refer) => resourceSchema(schema, version, refer) },
    list: { value: listModel(() => published, names, listKind) },
  }) as Model
  return published
}

function resourceSchema(schema: SchemaNode, version: 2 | 3, refer: Refer): Json {
  const rest = version === 2 ? forVersion2(schema) : cleaned(schema)
  return { ...rest, type: 'object', properties: withTypeMeta(rest['properties'] as Json | undefined, version, refer) }
}

/** The fields of every resource, before its own. */
function withTypeMeta(properties: Json | undefined, version: 2 | 3, refer: Refer): Json {
  const metadata = refer(loadSchema().model('V1ObjectMeta'))
  return {
    apiVersion: { description: API_VERSION, type: 'string' },
    kind: { description: KIND, type: 'string' },
    metadata: version === 2 ? { description: METADATA, ...metadata } : { description: METADATA, allOf: [metadata] },
    ...Object.fromEntries(Object.entries(properties ?? {}).filter(([name]) => !['apiVersion', 'kind', 'metadata'].includes(name))),
  }
}

/** A copy without nulls, and with the fields of embedded resources written out. */
function cleaned(node: SchemaNode): Json {
  const out: Json = {}
  for (const [name, value] of Object.entries(node)) {
    if (value === null || value === undefined || value === false) continue
    out[name] = SUBSCHEMAS.has(name) ? mapSchemas(name, value, cleaned) : value
  }
  return out
}

const SUBSCHEMAS = new Set(['properties', 'additionalProperties', 'items', 'allOf', 'anyOf', 'oneOf', 'not'])

function mapSchemas(name: string, value: unknown, convert: (node: SchemaNode) => Json): unknown {
  if (Array.isArray(value)) return value.map((v) => convert(v as SchemaNode))
  if (!isObject(value)) return value
  if (name !== 'properties') return convert(value as SchemaNode)
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, convert(v as SchemaNode)]))
}

/**
 * OpenAPI v2 as clients read it has no alternatives, no nulls and no closed parts: kubectl would refuse what the server
 * takes, so such parts say less ("Publish Validation Schema in OpenAPI").
 */
function forVersion2(node: SchemaNode): Json {
  const out = cleaned(node)
  for (const name of ['allOf', 'anyOf', 'oneOf', 'not', 'nullable', 'title', 'default']) delete out[name]
  for (const name of ['properties', 'additionalProperties', 'items'] as const) {
    if (isObject(node[name])) out[name] = mapSchemas(name, node[name], forVersion2)
  }
  if (node['x-kubernetes-int-or-string']) delete out['type']
  if (node.nullable) {
    // A null has no type there.
    delete out['type']
    delete out['items']
    delete out['properties']
  }
  if (node['x-kubernetes-preserve-unknown-fields'] && node.type === 'object') {
    delete out['items']
    delete out['properties']
  }
  return out
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
