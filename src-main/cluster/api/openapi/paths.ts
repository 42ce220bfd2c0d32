/** The operations of each kind as OpenAPI describes them, in a form of our own that both document versions print. */
import type { Kind, Verb } from '../kinds/kind.js'
import { apiVersionOf } from '../schema/groups.js'
import { loadSchema, modelOf } from '../schema/schema.js'
import { connectPaths } from './connect-paths.js'
import {
  DELETE,
  DRY_RUN,
  FIELD_MANAGER,
  FIELD_VALIDATION,
  FORCE,
  LIST,
  NAME,
  NAMESPACE,
  PATCH_FIELD_MANAGER,
  PRETTY,
  type Parameter,
} from './parameters.js'
import { article, capital, has, idPrefix, rootPath } from './operation-names.js'
import { STREAMED_TYPES, watchPaths } from './watch-paths.js'
import type { Model, ModelLike } from '../schema/schema.js'

/** One operation. */
export interface Operation {
  method: 'get' | 'post' | 'put' | 'patch' | 'delete' | 'head' | 'options'
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
  /** The media types of the answer, where they are others than those of objects. */
  makes?: readonly string[]
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

/** The list model that belongs to a kind's model; custom resources have none in the generated schema. */
export function listModelOf(model: Model): Model | undefined {
  if (model.list) return model.list
  const schema = loadSchema()
  return schema.has(`${model.name}List`) ? schema.model(`${model.name}List`) : undefined
}

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
  const custom = typeof kind.model === 'string' ? {} : { custom: true }
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
    ...custom,
    ...rest,
  })

  const collection: Operation[] = []
  const streamed = typeof kind.model === 'string' && has(kind, 'watch') ? { makes: STREAMED_TYPES } : {}
  const answerList = { ...(list ? { answer: list } : {}), ...streamed }
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
      operation('delete', 'delete', 'deletecollection', `delete collection of ${kind.kind}`, {
        id: `delete${prefix}Collection${scope}${kind.kind}`,
        parameters: [...LIST.filter((p) => p.name !== 'watch' && p.name !== 'allowWatchBookmarks'), ...DELETE],
        body: schema.model('V1DeleteOptions'),
        answer: status,
        codes: [200],
      }),
    )
  }
  const write = [DRY_RUN, FIELD_MANAGER, FIELD_VALIDATION]
  const patched = [DRY_RUN, PATCH_FIELD_MANAGER, FIELD_VALIDATION, FORCE]
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
        parameters: patched,
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
          ...custom,
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
      out.push(...connectPaths(kind, name, sub, path))
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
          { parameters: patched, body: 'Patch', answer: subModel, codes: [200, 201], gvk: subGvk },
          suffix,
        ),
      )
    }
    if (operations.length) out.push({ path, parameters, operations })
  }
  if (typeof kind.model === 'string') out.push(...watchPaths(kind))
  return out
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
  for (const kind of ['Status', 'APIGroup', 'APIGroupList', 'APIResourceList', 'APIVersions'])
    add(schema.model(`V1${kind}`).definition, '', 'v1', kind)
  for (const { group, version } of groups.values()) {
    add(schema.model('V1DeleteOptions').definition, group, version, 'DeleteOptions')
    add(schema.model('V1WatchEvent').definition, group, version, 'WatchEvent')
  }
  return (definition) => of.get(definition) ?? []
}
