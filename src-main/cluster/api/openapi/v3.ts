/** `/openapi/v3`: the index of the groups' documents, and each document. */
import { createHash } from 'node:crypto'
import { jsonText } from '../../../exact-json.js'
import type { Kind } from '../kinds/kind.js'
import { loadSchema, modelOf } from '../schema/schema.js'
import { rootPath, tagOf } from './operation-names.js'
import { definitionKinds, pathsOf } from './paths.js'
import type { Parameter } from './parameters.js'
import type { ModelOfKind, Operation } from './paths.js'
import { Definitions, PATCH } from './schemas.js'
import type { OpenApiObject } from './schemas.js'
import { serverPaths } from './server-paths.js'

/** The version that documents carry. */
export const API_VERSION = 'v1.36.0'

const MEDIA_TYPES = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf']
const CUSTOM_MEDIA_TYPES = ['application/json', 'application/yaml']
const STRATEGIC = 'application/strategic-merge-patch+json'
const PATCH_TYPES = ['application/json-patch+json', 'application/merge-patch+json', STRATEGIC, 'application/apply-patch+yaml']

/** The index: where each group's document is, with a hash of its contents so that clients may cache it for good. */
export function openApiV3Index(kinds: readonly Kind[], modelOfKind?: ModelOfKind): { paths: OpenApiObject } {
  const groups = new Map<string, Kind[]>()
  for (const kind of kinds) {
    const root = rootPath(kind.group, kind.version).slice(1)
    groups.set(root, [...(groups.get(root) ?? []), kind])
  }
  for (const { document } of serverPaths(kinds)) if (!groups.has(document)) groups.set(document, [])
  const paths: OpenApiObject = {}
  for (const [root, members] of [...groups].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const hash = members.length > 0 ? hashOf(members, modelOfKind) : serverHash(root)
    paths[root] = { serverRelativeURL: `/openapi/v3/${root}?hash=${hash}` }
  }
  return { paths }
}

/** The hash that `?hash=` of a group's document must have. */
export function openApiV3Hash(kinds: readonly Kind[], group: string, version: string, modelOfKind?: ModelOfKind): string {
  return hashOf(
    kinds.filter((k) => k.group === group && k.version === version),
    modelOfKind,
  )
}

/** That of a document of the server itself. */
const serverHash = (name: string): string => createHash('sha512').update(`${API_VERSION} ${name}`).digest('hex').toUpperCase()

/** What the document depends on: this is much cheaper than the document, and all are asked for together. */
function hashOf(kinds: readonly Kind[], modelOfKind: ModelOfKind = (k) => k.model): string {
  const hash = createHash('sha512').update(API_VERSION)
  for (const kind of kinds) {
    const { kind: name, plural, namespaced, verbs, subresources } = kind
    hash.update(JSON.stringify([name, plural, namespaced, verbs ?? null, subresources ?? null]))
    const model = modelOf(modelOfKind(kind))
    if (model.custom) hash.update(jsonText(new Definitions(3, () => []).model(model) && describe(model)))
  }
  return hash.digest('hex').toUpperCase()
}

function describe(model: ReturnType<typeof modelOf>): OpenApiObject {
  const definitions = new Definitions(3, () => [])
  definitions.model(model)
  return definitions.all()
}

/** The document of one group and version; undefined when no kind is in it. */
export function openApiV3Group(
  kinds: readonly Kind[],
  group: string,
  version: string,
  modelOfKind: ModelOfKind = (k) => k.model,
): OpenApiObject | undefined {
  const members = kinds.filter((k) => k.group === group && k.version === version)
  if (members.length === 0) return undefined
  const definitions = new Definitions(3, definitionKinds(kinds, modelOfKind))
  const paths: OpenApiObject = {}
  for (const kind of members) {
    for (const item of pathsOf(kind, modelOfKind)) {
      const operations: OpenApiObject = {}
      for (const operation of item.operations) operations[operation.method] = renderOperation(operation, definitions, tagOf(group, version))
      paths[item.path] = { ...operations, parameters: item.parameters.map(renderParameter) }
    }
  }
  addServerPaths(paths, definitions, kinds, rootPath(group, version).slice(1))
  return documentOf(paths, definitions)
}

/**
 * A document by the name that the index has for it, as in `apis/apps/v1`, with its hash; undefined when there is none.
 */
export function openApiV3Document(kinds: readonly Kind[], name: string): { document: OpenApiObject; hash: string } | undefined {
  const [root, ...rest] = name.split('/')
  const [group, version] = root === 'api' ? ['', rest[0]] : rest
  if (rest.length === (root === 'api' ? 1 : 2) && (root === 'api' || root === 'apis')) {
    const document = openApiV3Group(kinds, group!, version!)
    return document && { document, hash: openApiV3Hash(kinds, group!, version!) }
  }
  const definitions = new Definitions(3, definitionKinds(kinds))
  const paths: OpenApiObject = {}
  addServerPaths(paths, definitions, kinds, name)
  return Object.keys(paths).length > 0 ? { document: documentOf(paths, definitions), hash: serverHash(name) } : undefined
}

function addServerPaths(paths: OpenApiObject, definitions: Definitions, kinds: readonly Kind[], name: string): void {
  for (const { description, document, id, mediaTypes, model, path, tag } of serverPaths(kinds)) {
    if (document !== name) continue
    const schema = model ? definitions.model(loadSchema().model(model)) : { type: 'string' }
    const content = Object.fromEntries(mediaTypes.map((type) => [type, { schema }]))
    const responses = { 200: { description: 'OK', content }, 401: { description: 'Unauthorized' } }
    paths[path] = { get: { tags: [tag], description, operationId: id, responses } }
  }
}

function documentOf(paths: OpenApiObject, definitions: Definitions): OpenApiObject {
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: API_VERSION },
    paths: Object.fromEntries(Object.entries(paths).sort(([a], [b]) => (a < b ? -1 : 1))),
    components: {
      schemas: definitions.all(),
      securitySchemes: {
        BearerToken: { type: 'apiKey', description: 'Bearer Token authentication', name: 'authorization', in: 'header' },
      },
    },
  }
}

function renderParameter(p: Parameter): OpenApiObject {
  return {
    name: p.name,
    in: p.in,
    description: p.description,
    ...(p.in === 'path' ? { required: true } : {}),
    schema: { type: p.type, uniqueItems: true },
  }
}

function renderOperation(operation: Operation, definitions: Definitions, tag: string): OpenApiObject {
  const { answer, body, custom } = operation
  const mediaTypes = operation.makes ?? (custom ? CUSTOM_MEDIA_TYPES : MEDIA_TYPES)
  const content = answer
    ? { content: Object.fromEntries(mediaTypes.map((type) => [type, { schema: definitions.model(answer) }])) }
    : { content: Object.fromEntries((operation.makes ?? ['*/*']).map((type) => [type, { schema: { type: 'string' } }])) }
  const responses: OpenApiObject = {}
  for (const code of operation.codes) responses[code] = { description: { 200: 'OK', 201: 'Created', 202: 'Accepted' }[code], ...content }
  responses[401] = { description: 'Unauthorized' }
  const bodyTypes = body === 'Patch' ? PATCH_TYPES.filter((t) => !custom || t !== STRATEGIC) : custom ? CUSTOM_MEDIA_TYPES : ['*/*']
  const schema = body === 'Patch' ? definitions.scalar(PATCH) : body ? definitions.model(body) : undefined
  return {
    tags: [tag],
    description: operation.description,
    operationId: operation.id,
    ...(operation.parameters.length ? { parameters: operation.parameters.map(renderParameter) } : {}),
    ...(schema
      ? {
          requestBody: {
            content: Object.fromEntries(bodyTypes.map((type) => [type, { schema }])),
            ...(operation.method === 'delete' ? {} : { required: true }),
          },
        }
      : {}),
    responses,
    'x-kubernetes-action': operation.action,
    'x-kubernetes-group-version-kind': operation.gvk,
  }
}
