/** `/openapi/v2`: the one document of everything, for older clients and for kubectl's client-side checks. */
import type { Kind } from '../kinds/kind.js'
import { loadSchema } from '../schema/schema.js'
import { tagOf } from './operation-names.js'
import { definitionKinds, pathsOf } from './paths.js'
import type { Parameter } from './parameters.js'
import type { ModelOfKind, Operation } from './paths.js'
import { encodeDocument } from './protobuf-v2.js'
import { Definitions, PATCH } from './schemas.js'
import type { OpenApiObject } from './schemas.js'
import { serverPaths, type ServerPath } from './server-paths.js'
import { API_VERSION } from './v3.js'

/** The media type of {@link openApiV2Protobuf}, as the answer's Content-Type has it. */
export const OPENAPI_V2_PROTOBUF = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf'

const documents = new WeakMap<readonly Kind[], OpenApiObject>()
const encoded = new WeakMap<readonly Kind[], Buffer>()

/** The document as JSON. It is made once per list of kinds. */
export function openApiV2(kinds: readonly Kind[], modelOfKind?: ModelOfKind): OpenApiObject {
  const known = documents.get(kinds)
  if (known) return known
  const document = build(kinds, modelOfKind)
  documents.set(kinds, document)
  return document
}

/** The document as a protobuf `openapi.v2.Document`. It is made once per list of kinds. */
export function openApiV2Protobuf(kinds: readonly Kind[], modelOfKind?: ModelOfKind): Buffer {
  const known = encoded.get(kinds)
  if (known) return known
  const bytes = encodeDocument(openApiV2(kinds, modelOfKind))
  encoded.set(kinds, bytes)
  return bytes
}

function build(kinds: readonly Kind[], modelOfKind?: ModelOfKind): OpenApiObject {
  const definitions = new Definitions(2, definitionKinds(kinds, modelOfKind))
  const paths: OpenApiObject = {}
  for (const kind of kinds) {
    for (const item of pathsOf(kind, modelOfKind)) {
      const operations: OpenApiObject = {}
      for (const operation of item.operations)
        operations[operation.method] = renderOperation(operation, definitions, tagOf(kind.group, kind.version))
      paths[item.path] = { ...operations, parameters: item.parameters.map(renderParameter) }
    }
  }
  for (const item of serverPaths(kinds)) paths[item.path] = { get: renderServerPath(item, definitions) }
  return {
    swagger: '2.0',
    info: { title: 'Kubernetes', version: API_VERSION },
    paths: Object.fromEntries(Object.entries(paths).sort(([a], [b]) => (a < b ? -1 : 1))),
    definitions: definitions.all(),
    securityDefinitions: {
      BearerToken: { description: 'Bearer Token authentication', type: 'apiKey', name: 'authorization', in: 'header' },
    },
    security: [{ BearerToken: [] }],
  }
}

function renderServerPath({ description, id, mediaTypes, model, tag }: ServerPath, definitions: Definitions): OpenApiObject {
  return {
    description,
    ...(model ? { consumes: mediaTypes } : {}),
    produces: mediaTypes,
    schemes: ['https'],
    tags: [tag],
    operationId: id,
    responses: {
      200: { description: 'OK', schema: model ? definitions.model(loadSchema().model(model)) : { type: 'string' } },
      401: { description: 'Unauthorized' },
    },
  }
}

function renderParameter(p: Parameter): OpenApiObject {
  return {
    uniqueItems: true,
    type: p.type,
    description: p.description,
    name: p.name,
    in: p.in,
    ...(p.in === 'path' ? { required: true } : {}),
  }
}

function renderOperation(operation: Operation, definitions: Definitions, tag: string): OpenApiObject {
  const { answer, body } = operation
  const responses: OpenApiObject = {}
  const schema = answer ? definitions.model(answer) : { type: 'string' }
  for (const code of operation.codes) responses[code] = { description: { 200: 'OK', 201: 'Created', 202: 'Accepted' }[code], schema }
  responses[401] = { description: 'Unauthorized' }
  const bodySchema = body === 'Patch' ? definitions.scalar(PATCH) : body ? definitions.model(body) : undefined
  return {
    description: operation.description,
    consumes:
      body === 'Patch'
        ? [
            'application/json-patch+json',
            'application/merge-patch+json',
            ...(operation.custom ? [] : ['application/strategic-merge-patch+json']),
            'application/apply-patch+yaml',
          ]
        : operation.custom
          ? ['application/json', 'application/yaml']
          : ['*/*'],
    produces: operation.makes ?? [
      'application/json',
      'application/yaml',
      ...(operation.custom ? [] : ['application/vnd.kubernetes.protobuf']),
    ],
    schemes: ['https'],
    tags: [tag],
    operationId: operation.id,
    parameters: [
      ...(bodySchema
        ? [{ name: 'body', in: 'body', ...(operation.method === 'delete' ? {} : { required: true }), schema: bodySchema }]
        : []),
      ...operation.parameters.map(renderParameter),
    ],
    responses,
    'x-kubernetes-action': operation.action,
    'x-kubernetes-group-version-kind': operation.gvk,
  }
}
