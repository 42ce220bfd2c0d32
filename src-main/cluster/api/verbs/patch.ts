/** The verb patch: JSON patch, merge patch, strategic merge patch and server-side apply. */
import { rfc3339 } from '../../clock.js'
import { WriteConflictError } from '../../store/store.js'
import type { PatchType } from '../client.js'
import { copySharingSpec, copyJson, copyObject } from '../copy.js'
import { goText } from '../go-text.js'
import { badRequest, conflict, field, invalid, notFound, OPTIMISTIC_LOCK, StatusError } from '../errors.js'
import { apiVersionOf, storageKey, viewOf } from '../kindset.js'
import type { Kind } from '../kinds/kind.js'
import type { KubeObject } from '../object.js'
import { converted } from '../apply/converted.js'
import { createApplied } from './create.js'
import { checkKind, decodeValue } from '../schema/decode.js'
import { accessFault } from '../crd/scale-values.js'
import { groupVersionOf } from '../schema/groups.js'
import { modelOf } from '../schema/schema.js'
import { applyJsonPatch, unknownOperationFields } from '../patch/json.js'
import { applyMergePatch } from '../patch/merge.js'
import { patchedText } from '../patch/patched-text.js'
import { applyStrategicMergePatch } from '../patch/strategic.js'
import type { Answer, Call, Machinery } from './machinery.js'
import { checkRevision, namedRevision } from './preconditions.js'
import { resetFields } from './resetfields.js'
import { checkName, replace, sharesSpec } from './update.js'

/** How often a patch without a resourceVersion is made again when somebody else was faster. */
const ATTEMPTS = 5

export interface PatchRequest {
  type: PatchType
  /** The parsed patch. For apply the configuration, decoded. */
  patch: unknown
  /** Only for apply: takes over fields that others own. */
  force?: boolean
  subresource?: string
  /** Keys that a client's patch says twice; set when the result must be read like a client's object, since it may hold anything. */
  repeated?: readonly string[]
}

/** Changes an object by a patch. Throws the API's refusals. */
export async function patch(m: Machinery, kind: Kind, call: Call, name: string, request: PatchRequest): Promise<Answer> {
  const resource = { group: kind.group, resource: kind.plural }
  const key = storageKey(m.kinds.rulesOf(kind), call.namespace, name)
  let last: StatusError | undefined
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const current = m.store.get(key)
    if (!current) {
      if (request.type !== 'apply' || request.subresource) throw notFound(resource, name)
      return createApplied(m, kind, call, applied(m, kind, call, name, request, undefined))
    }
    const live = viewOf(kind, current).object
    const object = request.type === 'apply' ? applied(m, kind, call, name, request, live) : patched(kind, call, name, request, live)
    checkRevision(kind, name, namedRevision(object.metadata.resourceVersion), current)
    try {
      return await replace(m, kind, call, current, object, request.subresource ?? '', request.type === 'apply' ? 'applied' : 'update')
    } catch (error) {
      if (!(error instanceof WriteConflictError)) throw error
      last = conflict(resource, name, OPTIMISTIC_LOCK)
    }
  }
  throw last!
}

/** What a patch that is no apply makes of an object; a copy. Throws what the API refuses such a patch with. */
export function patched(kind: Kind, call: Call, name: string, request: PatchRequest, live: KubeObject): KubeObject {
  // No patch changes its document in place: what it leaves alone is the stored, frozen object's until all is copied here.
  const sent = request.type === 'strategic' ? copyJson(request.patch) : request.patch
  const outcome = merged(request.type, sent, live, kind, call.fieldValidation !== 'Ignore')
  const shown = (): string => (request.type === 'strategic' ? goText(sent) : patchedText(live, outcome))
  const known = request.repeated === undefined ? outcome : read(kind, call, outcome, request, shown)
  const object = sharesSpec(kind, request.subresource ?? '', known, live) ? copySharingSpec(known) : copyObject(known)
  const metadata = (object.metadata ??= {})
  if (request.type === 'strategic') {
    // It ends in a Go struct, whose type is what counts, not what the patch says it is.
    object.kind = live.kind
    object.apiVersion = live.apiVersion
  } else {
    const model = modelOf(kind.model)
    // What the patch took away follows from the endpoint, but a custom resource must say what it is.
    if (model.custom && (typeof object.kind !== 'string' || !object.kind))
      throw unreadable(shown(), `Object 'Kind' is missing in '${shown()}'`)
    object.kind ||= kind.kind
    object.apiVersion ??= ''
    if (typeof object.apiVersion !== 'string') throw unreadable(shown(), accessFault('.apiVersion', object.apiVersion, 'string'))
    const type = { ...groupVersionOf(object.apiVersion), kind: object.kind }
    checkKind(type, kind, model, name, (why) => unreadable(shown(), why))
  }
  checkName(kind, call, name, metadata)
  return object
}

/** @param sent a strategic merge patch is used up: what is left of it is what a refusal shows */
function merged(type: PatchType, sent: unknown, document: KubeObject, kind: Kind, validated: boolean): KubeObject {
  switch (type) {
    case 'json':
      return applyJsonPatch(document, sent, validated) as KubeObject
    case 'merge':
      return applyMergePatch(document, sent) as KubeObject
    default:
      return applyStrategicMergePatch(document, sent, kind.model) as KubeObject
  }
}

/** @param shown what is made known of the patch */
const unreadable = (shown: string, why: string): StatusError => invalid({ group: '', kind: '' }, '', [field.invalid('patch', shown, why)])

/** Reads what a patch has made of an object: drops or refuses unknown fields, refuses wrong types. */
function read(kind: Kind, call: Call, value: unknown, { type, repeated = [], patch: sent }: PatchRequest, shown: () => string): KubeObject {
  const refused = (why: string): Error => unreadable(shown(), why)
  let decoded: ReturnType<typeof decodeValue>
  try {
    decoded = decodeValue(value, kind.model, type === 'strategic')
  } catch (error) {
    throw error instanceof StatusError ? refused(error.message) : error
  }
  const ofPatch = type === 'json' ? [...repeated, ...unknownOperationFields(sent)].map((text) => `json patch ${text}`) : repeated
  const faults = [...ofPatch, ...decoded.faults]
  if (faults.length > 0 && call.fieldValidation === 'Strict') throw refused(`strict decoding error: ${faults.join(', ')}`)
  if (call.fieldValidation === 'Warn') call.warnings.push(...faults)
  return decoded.object
}

function applied(m: Machinery, kind: Kind, call: Call, name: string, request: PatchRequest, live: KubeObject | undefined): KubeObject {
  if (!call.fieldManager) {
    throw invalid({ group: 'meta.k8s.io', kind: 'PatchOptions' }, '', [field.required('fieldManager', 'is required for apply patch')])
  }
  // An empty document is an empty configuration, in Go.
  const config = (request.patch ?? {}) as KubeObject
  // What is no object, or has metadata that is none, is refused below, where the configuration meets the schema.
  const metadata = isObject(config) && isReadable((config.metadata ??= {})) ? config.metadata : { name }
  if (metadata.managedFields?.length) throw badRequest('metadata.managedFields must be nil')
  if (isObject(config)) checkApplied(kind, config)
  metadata.name ??= name
  checkName(kind, call, name, metadata)
  if (!live && metadata.uid) {
    const resource = { group: kind.group, resource: kind.plural }
    throw conflict(resource, name, `uid mismatch: the provided object specified uid ${metadata.uid}, and no existing object was found`)
  }
  if (!live && metadata.resourceVersion) throw notFound({ group: kind.group, resource: kind.plural }, name)
  const merged = m.fields.applyServerSide({
    live,
    config,
    manager: call.fieldManager,
    force: request.force ?? false,
    model: kind.model,
    subresource: request.subresource ?? '',
    resets: resetFields(m.kinds.rulesOf(kind), request.subresource ?? ''),
    apiVersion: apiVersionOf(kind),
    apiVersions: kind.storedAs?.apiVersions,
    time: rfc3339(m.clock.now()),
  })
  return copyJson(converted(merged, config, kind))
}

/** Refuses a configuration of another version or kind than that of its endpoint. */
export function checkApplied(kind: Kind, config: KubeObject): void {
  const apiVersion = typeof config.apiVersion === 'string' ? config.apiVersion : ''
  if (apiVersion === apiVersionOf(kind) && config.kind === kind.kind) return
  // Without a group there is still its slash.
  const version = apiVersion.includes('/') ? apiVersion : `/${apiVersion}`
  throw badRequest(`invalid object type: ${version}, Kind=${typeof config.kind === 'string' ? config.kind : ''}`)
}

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value)

/** Whether metadata that a client sent says its names as texts. */
function isReadable(metadata: { name?: unknown; namespace?: unknown }): boolean {
  return isObject(metadata) && [metadata.name, metadata.namespace].every((name) => typeof (name ?? '') === 'string')
}
