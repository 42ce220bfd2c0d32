/** The operations of each kind as OpenAPI describes them, in a form of our own that both document versions print. */
import type { Kind, Verb } from '../kinds/kind.js'
import { apiVersionOf } from '../schema/groups.js'
import { loadSchema, modelOf } from '../schema/schema.js'
import type { Model, ModelLike } from '../schema/schema.js'

/** One parameter of the path or the query. */
export interface Parameter {
  name: string
  in: 'path' | 'query'
  type: 'string' | 'boolean' | 'integer'
  description: string
}

/** One operation. */
export interface Operation {
  method: 'get' | 'post' | 'put' | 'patch' | 'delete'
  id: string
  description: string
  /** As in `x-kubernetes-action`. */
  action: string
  gvk: { group: string; version: string; kind: string }
  parameters: Parameter[]
  /** The model of the request's body; `Patch` for patches. */
  body?: Model | 'Patch'
  /** The model of the answer; text when there is none. */
  answer?: Model
  /** The statuses that it answers with. */
  codes: readonly number[]
  /** Of a custom resource: no strategic merge patches, no protobuf. */
  custom?: boolean
}

/** One path with its operations. */
export interface PathItem {
  path: string
  parameters: Parameter[]
  operations: Operation[]
}

/** Where the model of a kind comes from; custom resources bring their own. */
export type ModelOfKind = (kind: Kind) => ModelLike

const query = (name: string, type: Parameter['type'], description: string): Parameter => ({ name, in: 'query', type, description })

const PRETTY = query('pretty', 'string', "If 'true', then the output is pretty printed.")
const DRY_RUN = query(
  'dryRun',
  'string',
  'When present, indicates that modifications should not be persisted. Valid values are: - All: all dry run stages will be processed',
)
const FIELD_MANAGER = query(
  'fieldManager',
  'string',
  'The name of the actor or entity that is making these changes: at most 128 printable characters. Required for apply requests.',
)
const FIELD_VALIDATION = query(
  'fieldValidation',
  'string',
  'What is done about unknown and duplicate fields. Valid values are: - Ignore: they are dropped silently. - Warn: each is told in a warning (the default). - Strict: the request fails.',
)
const FORCE = query('force', 'boolean', 'Acquires conflicting fields of other managers. For apply requests only.')
const RESOURCE_VERSION = query('resourceVersion', 'string', 'Which version of the resource may be answered from.')
const LIST: readonly Parameter[] = [
  query('allowWatchBookmarks', 'boolean', 'Asks for watch events of type BOOKMARK.'),
  query('continue', 'string', 'Continues a list that was cut by a limit.'),
  query('fieldSelector', 'string', 'Restricts the list by fields of the objects.'),
  query('labelSelector', 'string', 'Restricts the list by labels of the objects.'),
  query('limit', 'integer', 'The most objects to answer with at once.'),
  RESOURCE_VERSION,
  query('resourceVersionMatch', 'string', 'How resourceVersion is applied to a list.'),
  query('sendInitialEvents', 'boolean', 'Begins a watch with the objects that are there.'),
  query('timeoutSeconds', 'integer', 'Ends the request after so many seconds.'),
  query('watch', 'boolean', 'Watches for changes and answers with a stream of events.'),
]
const DELETE: readonly Parameter[] = [
  DRY_RUN,
  query('gracePeriodSeconds', 'integer', 'The seconds before the object is deleted; zero is at once.'),
  query('orphanDependents', 'boolean', 'Deprecated: use propagationPolicy.'),
  query('propagationPolicy', 'string', "Whether and how dependents are deleted: 'Orphan', 'Background' or 'Foreground'."),
]
const NAME = (kind: string): Parameter => ({ name: 'name', in: 'path', type: 'string', description: `name of the ${kind}` })
const NAMESPACE: Parameter = {
  name: 'namespace',
  in: 'path',
  type: 'string',
  description: 'object name and auth scope, such as for teams and projects',
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

/** `AppsV1`, `CoreV1`, `RbacAuthorizationV1`: how operation ids name a group and version. */
function idPrefix(group: string, version: string): string {
  const words = (group || 'core').replace(/\.k8s\.io$/, '').split(/[.-]/)
  return words.map(capital).join('') + capital(version)
}

/** The tag of a group and version: `apps_v1`, `core_v1`. */
export function tagOf(group: string, version: string): string {
  const words = (group || 'core').replace(/\.k8s\.io$/, '').split(/[.-]/)
  return `${words[0]}${words.slice(1).map(capital).join('')}_${version}`
}

/** `/api/v1` or `/apis/apps/v1`. */
export function rootPath(group: string, version: string): string {
  return group ? `/apis/${group}/${version}` : `/api/${version}`
}

/** The list model that belongs to a kind's model; custom resources have none in the generated schema. */
export function listModelOf(model: Model): Model | undefined {
  if (model.list) return model.list
  const schema = loadSchema()
  return schema.has(`${model.name}List`) ? schema.model(`${model.name}List`) : undefined
}

const has = (kind: Kind, verb: Verb): boolean => !kind.verbs || kind.verbs.includes(verb)

/** All paths of one kind. */
export function pathsOf(kind: Kind, modelOfKind: ModelOfKind = (k) => k.model): PathItem[] {
  const schema = loadSchema()
  const model = modelOf(modelOfKind(kind))
  const list = listModelOf(model)
  const status = schema.model('V1Status')
  const prefix = idPrefix(kind.group, kind.version)
  const root = rootPath(kind.group, kind.version)
  const scope = kind.namespaced ? 'Namespaced' : ''
  const gvk = { group: kind.group, version: kind.version, kind: kind.kind }
  const base = kind.namespaced ? `${root}/namespaces/{namespace}/${kind.plural}` : `${root}/${kind.plural}`
  const common = kind.namespaced ? [NAMESPACE, PRETTY] : [PRETTY]
  const operation = (
    verb: string,
    method: Operation['method'],
    action: string,
    description: string,
    rest: Partial<Operation> & { parameters: Parameter[]; codes: readonly number[] },
    suffix = '',
  ): Operation => ({
    method,
    id: `${verb}${prefix}${scope}${kind.kind}${suffix}`,
    description,
    action,
    gvk,
    ...(typeof kind.model === 'string' ? {} : { custom: true }),
    ...rest,
  })

  const collection: Operation[] = []
  const answerList = list ? { answer: list } : {}
  if (has(kind, 'list')) {
    collection.push(
      operation('list', 'get', 'list', `list or watch objects of kind ${kind.kind}`, {
        parameters: [...LIST],
        codes: [200],
        ...answerList,
      }),
    )
  }
  if (has(kind, 'create')) {
    collection.push(
      operation('create', 'post', 'post', `create ${article(kind.kind)}`, {
        parameters: [DRY_RUN, FIELD_MANAGER, FIELD_VALIDATION],
        body: model,
        answer: model,
        codes: [200, 201, 202],
      }),
    )
  }
  if (has(kind, 'deletecollection')) {
    collection.push(
      operation('deleteCollection', 'delete', 'deletecollection', `delete collection of ${kind.kind}`, {
        parameters: [...LIST.filter((p) => p.name !== 'watch' && p.name !== 'allowWatchBookmarks'), ...DELETE],
        body: schema.model('V1DeleteOptions'),
        answer: status,
        codes: [200],
      }),
    )
  }
  const write = [DRY_RUN, FIELD_MANAGER, FIELD_VALIDATION]
  const item: Operation[] = []
  if (has(kind, 'get'))
    item.push(operation('read', 'get', 'get', `read the specified ${kind.kind}`, { parameters: [], answer: model, codes: [200] }))
  if (has(kind, 'update')) {
    item.push(
      operation('replace', 'put', 'put', `replace the specified ${kind.kind}`, {
        parameters: write,
        body: model,
        answer: model,
        codes: [200, 201],
      }),
    )
  }
  if (has(kind, 'patch')) {
    item.push(
      operation('patch', 'patch', 'patch', `partially update the specified ${kind.kind}`, {
        parameters: [...write, FORCE],
        body: 'Patch',
        answer: model,
        codes: [200, 201],
      }),
    )
  }
  if (has(kind, 'delete')) {
    item.push(
      operation('delete', 'delete', 'delete', `delete ${article(kind.kind)}`, {
        parameters: [...DELETE],
        body: schema.model('V1DeleteOptions'),
        answer: status,
        codes: [200, 202],
      }),
    )
  }
  const out: PathItem[] = []
  if (collection.length) out.push({ path: base, parameters: common, operations: collection })
  if (kind.namespaced && has(kind, 'list')) {
    out.push({
      path: `${root}/${kind.plural}`,
      parameters: [...LIST, PRETTY],
      operations: [
        {
          method: 'get',
          id: `list${prefix}${kind.kind}ForAllNamespaces`,
          description: `list or watch objects of kind ${kind.kind}`,
          action: 'list',
          gvk,
          parameters: [],
          codes: [200],
          ...answerList,
        },
      ],
    })
  }
  if (item.length) out.push({ path: `${base}/{name}`, parameters: [NAME(kind.kind), ...common], operations: item })
  for (const [name, sub] of Object.entries(kind.subresources ?? {})) {
    const suffix = name.split('/').map(capital).join('')
    const path = `${base}/{name}/${name}`
    const parameters = [NAME(sub.type === 'scale' ? 'Scale' : kind.kind), ...common]
    if (sub.type === 'connect') {
      const own = { group: sub.group ?? kind.group, version: sub.version ?? kind.version, kind: sub.kind }
      const known = schema
        .names()
        .map((n) => schema.model(n))
        .find((m) => m.definition.endsWith(`.${own.version}.${own.kind}`))
      const operations = sub.verbs.map((verb): Operation => {
        const method = verb === 'create' ? 'post' : verb === 'update' ? 'put' : 'get'
        return {
          method,
          id: `${verb === 'create' ? 'create' : verb === 'get' ? 'read' : 'connect'}${prefix}${scope}${kind.kind}${suffix}`,
          description: `${verb} ${name} of ${kind.kind}`,
          action: verb === 'create' ? 'post' : verb,
          gvk: own,
          parameters: method === 'get' ? [] : [DRY_RUN, FIELD_MANAGER, FIELD_VALIDATION],
          codes: [200],
          ...(known ? { answer: known, ...(method === 'get' ? {} : { body: known }) } : {}),
        }
      })
      const unique = operations.filter((o, i) => operations.findIndex((p) => p.method === o.method) === i)
      out.push({ path, parameters, operations: unique })
      continue
    }
    const subModel = sub.type === 'scale' ? schema.model('V1Scale') : model
    const subGvk = sub.type === 'scale' ? { group: 'autoscaling', version: 'v1', kind: 'Scale' } : gvk
    const verbs: readonly Verb[] = sub.type === 'scale' ? ['get', 'update', 'patch'] : sub.verbs
    const operations: Operation[] = []
    const about = `${name} of the specified ${kind.kind}`
    if (verbs.includes('get'))
      operations.push(
        operation('read', 'get', 'get', `read ${about}`, { parameters: [], answer: subModel, codes: [200], gvk: subGvk }, suffix),
      )
    if (verbs.includes('update')) {
      operations.push(
        operation(
          'replace',
          'put',
          'put',
          `replace ${about}`,
          { parameters: write, body: subModel, answer: subModel, codes: [200, 201], gvk: subGvk },
          suffix,
        ),
      )
    }
    if (verbs.includes('patch')) {
      operations.push(
        operation(
          'patch',
          'patch',
          'patch',
          `partially update ${about}`,
          { parameters: [...write, FORCE], body: 'Patch', answer: subModel, codes: [200, 201], gvk: subGvk },
          suffix,
        ),
      )
    }
    if (operations.length) out.push({ path, parameters, operations })
  }
  return out
}

function article(kind: string): string {
  return `${/^[AEIOU]/.test(kind) ? 'an' : 'a'} ${kind}`
}

/** The kinds (with group and version) that each definition stands for, for `x-kubernetes-group-version-kind`. */
export function definitionKinds(
  kinds: readonly Kind[],
  modelOfKind: ModelOfKind = (k) => k.model,
): (definition: string) => readonly Record<string, unknown>[] {
  const of = new Map<string, { group: string; kind: string; version: string }[]>()
  const add = (definition: string, group: string, version: string, kind: string): void => {
    const entries = of.get(definition) ?? []
    if (!entries.some((e) => e.group === group && e.version === version && e.kind === kind)) entries.push({ group, kind, version })
    of.set(definition, entries)
  }
  const schema = loadSchema()
  const groups = new Map<string, { group: string; version: string }>()
  for (const kind of kinds) {
    const model = modelOf(modelOfKind(kind))
    add(model.definition, kind.group, kind.version, kind.kind)
    const list = listModelOf(model)
    if (list) add(list.definition, kind.group, kind.version, kind.listKind ?? `${kind.kind}List`)
    groups.set(apiVersionOf(kind.group, kind.version), { group: kind.group, version: kind.version })
    for (const sub of Object.values(kind.subresources ?? {}))
      if (sub.type === 'scale') add(schema.model('V1Scale').definition, 'autoscaling', 'v1', 'Scale')
  }
  add(schema.model('V1Status').definition, '', 'v1', 'Status')
  for (const { group, version } of groups.values()) {
    add(schema.model('V1DeleteOptions').definition, group, version, 'DeleteOptions')
    add(schema.model('V1WatchEvent').definition, group, version, 'WatchEvent')
  }
  return (definition) => of.get(definition) ?? []
}
