/** Requests for resources: from a method and a path to a verb, and from its outcome to an answer. */
import type { KubeObject } from '../object.js'
import type { Kind } from '../kinds/kind.js'
import { badRequest, invalid, field, methodNotSupported, type FieldError } from '../errors.js'
import type { PatchType } from '../client.js'
import { componentStatuses, componentStatusNamed } from '../componentstatuses.js'
import type { ConnectHandlers, UpgradedConnection } from '../connect.js'
import { decodeObject, decodePatch, decodeYaml, repeatedYamlKeys } from '../schema/decode.js'
import { loadSchema, type ModelLike } from '../schema/schema.js'
import { groupVersionKindOf } from '../schema/groups.js'
import { arranged } from '../kindset.js'
import { checkNamespace, create, track } from '../verbs/create.js'
import { remove, removeAll, type Deleted, type DeleteRequest } from '../verbs/delete.js'
import type { FieldValidation, Machinery } from '../verbs/machinery.js'
import { patch, patched } from '../verbs/patch.js'
import { get, list, parseResourceVersion, tooLarge } from '../verbs/read.js'
import { getScale, SCALE, updateScale, type Scale, type ScaleChange } from '../verbs/scale.js'
import { update } from '../verbs/update.js'
import { answerList, answerObject, checkFormOfList, checkFormOfObject } from './answers.js'
import { admitConnection, refuseDryRun } from './connect-admission.js'
import type { Exchange } from './exchange.js'
import { mediaTypeOf, PATCH_TYPES, readableBody, unsupportedMediaType } from './negotiate.js'
import { deleteOptions, listOptions, timeoutSeconds, watchOptions, writeCall } from './options.js'
import { nameInPath } from './requestinfo.js'
import { noSuchMethod } from './routes.js'
import { watchOverHttp } from './watchstream.js'
import { isCustom } from './answers.js'

/** Answers a request for a resource that has been authorised. Rejects with what is to be answered instead. */
export async function serveResource(m: Machinery, connect: ConnectHandlers, exchange: Exchange, kind: Kind): Promise<void> {
  const { info } = exchange
  const { namespace, subresource } = { namespace: kind.namespaced ? info.namespace : '', subresource: info.subresource }
  const sub = subresource ? m.kinds.rulesOf(kind).subresources?.[subresource] : undefined
  const name = nameInPath(info)
  if (kind.deprecation && !subresource) exchange.warnings.push(kind.deprecation)
  if (kind.plural === 'componentstatuses' && kind.group === '') return serveComponentStatuses(m, exchange, kind)
  if (sub?.type === 'connect' || (kind.virtual && !kind.objects && !subresource)) return serveConnect(m, connect, exchange, kind, namespace)
  if (sub?.type === 'scale') return serveScale(m, exchange, kind, namespace)
  switch (info.verb) {
    case 'get': {
      // What cannot be told at all is not looked for.
      exchange.form()
      const wanted = parseResourceVersion(info.query.get('resourceVersion') ?? undefined, 'get') ?? 0
      if (wanted > m.store.revision) throw tooLarge(wanted, m.store.revision)
      return answerObject(m, kind, exchange, 200, await get(m, kind, namespace, name))
    }
    case 'list':
      exchange.form()
      timeoutSeconds(info.query)
      return answerList(m, kind, exchange, await list(m, kind, listOptions(info.query, namespace)))
    case 'watch':
      return watchOverHttp(m, kind, watchOptions(info, namespace), exchange)
    case 'create': {
      checkFormOfObject(kind, exchange.form())
      const call = writeCall(exchange, namespace, 'CreateOptions')
      const object = decodeBody(kind, await exchange.body(), exchange)
      return answerObject(m, kind, exchange, 201, await kept(m, create(m, kind, call, object)))
    }
    case 'update': {
      checkFormOfObject(kind, exchange.form())
      const call = writeCall(exchange, namespace, 'UpdateOptions')
      const object = decodeBody(kind, await exchange.body(), exchange)
      const answer = await kept(m, update(m, kind, call, name, object, subresource))
      return answerObject(m, kind, exchange, answer.created ? 201 : 200, answer)
    }
    case 'patch':
      return servePatch(m, exchange, kind, namespace, name, subresource)
    case 'delete': {
      checkFormOfObject(kind, exchange.form())
      const { options, call } = await readDelete(exchange, namespace)
      return answerDeleted(m, kind, exchange, options, await kept(m, remove(m, kind, call, name, options)))
    }
    case 'deletecollection': {
      checkFormOfList(kind, exchange.form())
      const { options, call } = await readDelete(exchange, namespace)
      const listed = await list(m, kind, listOptions(info.query, namespace))
      await kept(m, removeAll(m, kind, call, listed.items, options))
      return answerList(m, kind, exchange, listed)
    }
    default:
      throw noSuchMethod()
  }
}

/** The outcome of a write, once it survives the end of this process: somebody outside will rely on it. */
async function kept<T>(m: Machinery, write: Promise<T>): Promise<T> {
  const answer = await write
  await m.store.settled()
  return answer
}

function decodeBody(kind: Kind, body: Buffer, exchange: Exchange): KubeObject {
  const validation = (exchange.info.query.get('fieldValidation') || 'Warn') as 'Strict' | 'Warn' | 'Ignore'
  return read(exchange, body, kind.model, validation, kind)
}

/** Decodes a body as an object of a model; what is odd about it becomes warnings. Throws 400 and 415. */
function read(
  exchange: Exchange,
  body: Buffer,
  model: ModelLike,
  validation: FieldValidation,
  expected?: { group: string; version: string; kind: string },
): KubeObject {
  const { bytes, type } = readableBody(body, exchange.header('content-type'))
  const { object, warnings } = decodeObject(bytes, type, model, validation, expected)
  exchange.warnings.push(...warnings)
  return object
}

/** How a query says yes: any text but these. */
const isTrue = (text: string | null): boolean => text !== null && text !== 'false' && text !== '0'

/** The type of a patch, by its media type. Throws 415, and 422 for options that do not go with it. */
function patchType(exchange: Exchange, kind: Kind): PatchType {
  const type = PATCH_TYPES[mediaTypeOf(exchange.header('content-type'))]
  const accepted = Object.keys(PATCH_TYPES).filter((t) => !(isCustom(kind) && PATCH_TYPES[t] === 'strategic'))
  if (!type || (isCustom(kind) && type === 'strategic')) throw unsupportedMediaType(accepted)
  const { query } = exchange.info
  const refuse = (error: FieldError): Error => invalid({ group: 'meta.k8s.io', kind: 'PatchOptions' }, '', [error])
  if (type === 'apply' && !query.get('fieldManager')) throw refuse(field.required('fieldManager', 'is required for apply patch'))
  if (type !== 'apply' && query.get('force') !== null) throw refuse(field.forbidden('force', 'may not be specified for non-apply patch'))
  return type
}

/** Reads the configuration of an apply. Keys that it repeats are a warning, or refused; unknown fields are found later. */
function readConfiguration(exchange: Exchange, body: Buffer, validation: FieldValidation): unknown {
  const configuration = decodeYaml(body)
  const repeated = validation === 'Ignore' ? [] : repeatedYamlKeys(body)
  if (repeated.length > 0 && validation === 'Strict') {
    const lines = repeated.map((text) => `  ${text}`).join('\n')
    throw badRequest(`error strict decoding YAML: error converting YAML to JSON: yaml: unmarshal errors:\n${lines}`)
  }
  exchange.warnings.push(...repeated)
  return configuration
}

/** Reads a patch. Where fields are validated, it is read once before, and what is wrong is told with another beginning. */
function readPatch(body: Buffer, type: PatchType, validated: boolean): { patch: unknown; repeated: string[] } {
  return decodePatch(body, validated, validated && type !== 'strategic' ? 'error decoding patch: ' : '')
}

async function servePatch(
  m: Machinery,
  exchange: Exchange,
  kind: Kind,
  namespace: string,
  name: string,
  subresource: string,
): Promise<void> {
  checkFormOfObject(kind, exchange.form())
  const type = patchType(exchange, kind)
  const call = writeCall(exchange, namespace, 'PatchOptions')
  const body = await exchange.body()
  const sent =
    type === 'apply'
      ? { patch: readConfiguration(exchange, body, call.fieldValidation), repeated: [] }
      : readPatch(body, type, call.fieldValidation !== 'Ignore')
  const request = {
    type,
    ...sent,
    subresource,
    ...(isTrue(exchange.info.query.get('force')) ? { force: true } : {}),
  }
  const answer = await kept(m, patch(m, kind, call, name, request))
  return answerObject(m, kind, exchange, answer.created ? 201 : 200, answer)
}

async function readDelete(exchange: Exchange, namespace: string): Promise<{ options: DeleteRequest; call: ReturnType<typeof writeCall> }> {
  const body = await exchange.body()
  const sent = body.length > 0 ? readDeleteOptions(readableBody(body, exchange.header('content-type'))) : undefined
  const { options, dryRun } = deleteOptions(exchange, sent as object | undefined)
  // With options in the body those of the query are not looked at.
  return { options, call: { ...writeCall(exchange, namespace, 'DeleteOptions'), dryRun } }
}

function readDeleteOptions({ bytes, type }: ReturnType<typeof readableBody>): KubeObject {
  return decodeObject(bytes, type, 'V1DeleteOptions', 'Ignore', deleteOptionsType(bytes)).object
}

/** DeleteOptions are known in every group: they are taken under whatever apiVersion they come. */
function deleteOptionsType(body: Buffer): { group: string; version: string; kind: string } {
  const apiVersion = /"?apiVersion"?\s*:\s*"?([a-z0-9./-]+)/.exec(body.toString('utf8', 0, 4096))?.[1] ?? 'v1'
  const slash = apiVersion.indexOf('/')
  return { group: slash < 0 ? '' : apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1), kind: 'DeleteOptions' }
}

function answerDeleted(m: Machinery, kind: Kind, exchange: Exchange, options: DeleteRequest, deleted: Deleted): Promise<void> {
  if ('object' in deleted) {
    // That it is still there is only said to who asked in this old way for its dependents to go too; others may not expect it.
    const accepted = !deleted.gone && options.orphanDependents === false
    return answerObject(m, kind, exchange, accepted ? 202 : 200, deleted)
  }
  const status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details: deleted.status }
  return exchange.object(200, status, undefined, exchange.form())
}

async function serveScale(m: Machinery, exchange: Exchange, kind: Kind, namespace: string): Promise<void> {
  const { info } = exchange
  const part = m.kinds.rulesOf(kind).subresources![info.subresource]!
  if (part.type !== 'scale') throw methodNotSupported({ group: kind.group, resource: `${kind.plural}/${info.subresource}` }, info.verb)
  if (info.verb === 'get') return answerObject(m, SCALE, exchange, 200, { object: await getScale(m, kind, part, namespace, info.name) })
  const form = exchange.form(false)
  const call = writeCall(exchange, namespace, info.verb === 'patch' ? 'PatchOptions' : 'UpdateOptions')
  const body = await exchange.body()
  let change: ScaleChange
  if (info.verb === 'patch') {
    const type = patchType(exchange, kind)
    if (type === 'apply') {
      const config = (readConfiguration(exchange, body, call.fieldValidation) ?? {}) as KubeObject
      change = { config, force: isTrue(info.query.get('force')) }
    } else {
      const sent = { type, ...readPatch(body, type, call.fieldValidation !== 'Ignore') }
      const scaled = { ...SCALE, namespaced: kind.namespaced }
      change = (present) => patched(scaled, call, info.name, sent, present) as Scale
    }
  } else {
    const sent = read(exchange, body, 'V1Scale', call.fieldValidation)
    change = () => structuredClone(sent) as Scale
  }
  return exchange.object(200, await kept(m, updateScale(m, kind, part, call, info.name, change)), undefined, form)
}

function serveComponentStatuses(m: Machinery, exchange: Exchange, kind: Kind): Promise<void> {
  const name = nameInPath(exchange.info)
  if (name) return answerObject(m, kind, exchange, 200, { object: componentStatusNamed(name) })
  const items = componentStatuses().map((object) => ({ object, bytes: Buffer.from(JSON.stringify(object)) }))
  return answerList(m, kind, exchange, { items, resourceVersion: '' })
}

let models: Map<string, string> | undefined

/** The model of a kind that is no resource, such as Binding or TokenRequest. */
export function modelNamed(group: string, version: string, kind: string): string | undefined {
  if (!models) {
    models = new Map()
    const schema = loadSchema()
    for (const name of schema.names()) {
      const gvk = groupVersionKindOf(schema.model(name).definition)
      models.set(`${gvk.group}/${gvk.version}/${gvk.kind}`, name)
    }
  }
  return models.get(`${group}/${version}/${kind}`)
}

/** Hands a request over whose client asked to upgrade its connection, to the subresource that it names. */
export async function serveUpgrade(
  m: Machinery,
  connect: ConnectHandlers,
  exchange: Exchange,
  kind: Kind,
  upgrade: UpgradedConnection,
): Promise<void> {
  const { info } = exchange
  refuseDryRun(m, exchange, kind)
  const handler = info.subresource === 'proxy' ? connect.find(kind.plural, info.subresource) : undefined
  if (!handler) throw badRequest('only proxies of pods, services and nodes can be upgraded')
  const namespace = kind.namespaced ? info.namespace : ''
  const call = writeCall(exchange, namespace, 'CreateOptions')
  await admitConnection(m, exchange, kind, call)
  const { verb, subresource, name, rest: path, query } = info
  await handler({ verb, kind, subresource, namespace, name, path, query, body: undefined, user: exchange.user, call, exchange, upgrade })
}

async function serveConnect(m: Machinery, connect: ConnectHandlers, exchange: Exchange, kind: Kind, namespace: string): Promise<void> {
  const { info } = exchange
  refuseDryRun(m, exchange, kind)
  const handler = connect.find(kind.plural, info.subresource)
  if (!handler)
    throw methodNotSupported(
      { group: kind.group, resource: info.subresource ? `${kind.plural}/${info.subresource}` : kind.plural },
      info.verb,
    )
  const call = writeCall(exchange, namespace, 'CreateOptions')
  await admitConnection(m, exchange, kind, call)
  const sub = m.kinds.rulesOf(kind).subresources?.[info.subresource]
  const of = sub?.type === 'connect' ? { group: sub.group ?? kind.group, version: sub.version ?? kind.version, kind: sub.kind } : kind
  const model = sub ? modelNamed(of.group, of.version, of.kind) : kind.model
  let body: KubeObject | undefined
  if (model && !of.kind.endsWith('Options') && ['create', 'update'].includes(info.verb)) {
    exchange.form(false)
    const sent = await exchange.body()
    const asked = { ...kind, ...of, model }
    body = arranged(asked, read(exchange, sent, model, call.fieldValidation, acceptedVersion(of, sent)))
    if (info.verb === 'create') {
      if (namespace) checkNamespace(body.metadata, namespace)
      track(m, asked, call, undefined, body, info.subresource)
    }
  }
  const answer = await handler({
    verb: info.verb,
    kind,
    subresource: info.subresource,
    namespace,
    name: info.name,
    path: info.rest,
    query: info.query,
    body,
    user: exchange.user,
    call,
    exchange,
  })
  if (!answer) return
  await m.store.settled()
  const code = (answer as { code?: number }).code ?? (info.verb === 'create' ? 201 : 200)
  return exchange.object(code, answer, undefined, exchange.form(false))
}

/** Evictions are still taken under the version that their kind had first. */
function acceptedVersion<T extends { group: string; version: string; kind: string }>(of: T, body: Buffer): T {
  if (of.kind !== 'Eviction' || !body.includes('policy/v1beta1')) return of
  return { ...of, version: 'v1beta1' }
}
