/** The verb update, for objects and for the subresources that are written like objects (status). */
import { badRequest, conflict, field, invalid, methodNotSupported, notFound, OPTIMISTIC_LOCK, type FieldError } from '../errors.js'
import { WriteConflictError, type StoredObject } from '../../store/store.js'
import { deepFreeze } from '../../store/version.js'
import { copyJson, equalJson, without } from '../copy.js'
import { arranged, storageKey, viewOf } from '../kindset.js'
import type { Kind, ObjectSubresource, RuleContext } from '../kinds/kind.js'
import { keepSystemFields, validateMetadataUpdate } from '../metadata.js'
import type { KubeObject } from '../object.js'
import { create, track } from './create.js'
import { dropRepeatedOwners } from './ownerreferences.js'
import { checkRevision, namedRevision, preconditionFailed } from './preconditions.js'
import { store } from './storing.js'
import { attributesOf, ruleContext, type Answer, type Call, type Machinery, type Write } from './machinery.js'

/** How a write comes by its managedFields: recorded as an update, or already there from an apply. */
export type Tracking = 'update' | 'applied'

/**
 * Replaces an object, or with `subresource` the part of it that the subresource writes. The object given is changed on
 * the way and must not be shared. Throws the API's refusals.
 */
export async function update(m: Machinery, kind: Kind, call: Call, name: string, sent: KubeObject, subresource = ''): Promise<Answer> {
  const resource = { group: kind.group, resource: kind.plural }
  checkName(kind, call, name, (sent.metadata ??= {}))
  dropRepeatedOwners(sent, call, 'client')
  const stored = m.store.get(storageKey(m.kinds.rulesOf(kind), call.namespace, name))
  const { uid } = sent.metadata
  if (!stored) {
    if (uid) throw preconditionFailed(m.kinds.rulesOf(kind), call.namespace, name, 'UID', uid, '')
    if (!kind.createOnUpdate || subresource) throw notFound(resource, name)
    if (sent.metadata.resourceVersion) throw notFound(resource, name)
    return create(m, kind, call, sent)
  }
  checkUid(m, kind, call, name, uid, stored)
  const revision = namedRevision(sent.metadata.resourceVersion)
  if (!revision && m.kinds.rulesOf(kind).unconditionalUpdate === false) {
    throw invalid({ group: kind.group, kind: kind.plural }, name, [
      field.invalid('metadata.resourceVersion', 0, 'must be specified for an update'),
    ])
  }
  for (let current: StoredObject | undefined = stored; current;) {
    checkUid(m, kind, call, name, uid, current)
    checkRevision(kind, name, revision, current)
    try {
      return await replace(m, kind, call, current, revision ? sent : copyJson(sent), subresource, 'update')
    } catch (error) {
      if (!(error instanceof WriteConflictError)) throw error
      if (revision) throw conflict(resource, name, OPTIMISTIC_LOCK)
      current = error.actual
    }
  }
  throw notFound(resource, name)
}

/** Throws a 409 when the client names another uid than the stored object has: it was deleted and made again. */
function checkUid(m: Machinery, kind: Kind, call: Call, name: string, uid: string | undefined, stored: StoredObject): void {
  const is = stored.object.metadata.uid ?? ''
  if (uid && uid !== is) throw preconditionFailed(m.kinds.rulesOf(kind), call.namespace, name, 'UID', uid, is)
}

/** Refuses an object whose name or namespace is not that of the URL; fills them in where they are left out. */
export function checkName(kind: Kind, call: Call, name: string, metadata: KubeObject['metadata']): void {
  if (!metadata.name) throw badRequest(`the name of the object (${name} based on URL) was undeterminable: name must be provided`)
  if (metadata.name !== name) throw badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${name})`)
  if (!kind.namespaced) {
    // Many a manifest names one where there is none.
    delete metadata.namespace
    return
  }
  if (metadata.namespace && metadata.namespace !== call.namespace) {
    throw badRequest(`the namespace of the object (${metadata.namespace}) does not match the namespace on the request (${call.namespace})`)
  }
  metadata.namespace = call.namespace
}

/**
 * What is wrong with an update but for what would be wrong with one that changes nothing: an object that was stored under
 * older rules can still be changed in other ways ("validation ratcheting" of the API server). What its status says is
 * judged anew: the versions that a definition has been stored in.
 */
function faultsOf(rules: Kind, object: KubeObject, old: KubeObject, context: RuleContext): readonly FieldError[] {
  const judged = (o: KubeObject): FieldError[] => [
    ...(rules.validate?.(o, context, old) ?? []),
    ...(rules.validateUpdate?.(o, old, context) ?? []),
  ]
  const faults = judged(object)
  if (faults.length === 0) return faults
  const said = (e: FieldError): string => `${e.field}: ${e.body}`
  const older = new Set(judged(copyJson(old)).map(said))
  return faults.filter((e) => e.field.startsWith('status.') || !older.has(said(e)))
}

function objectSubresource(kind: Kind, subresource: string): ObjectSubresource<KubeObject> | undefined {
  if (!subresource) return undefined
  const found = kind.subresources?.[subresource]
  if (found?.type !== 'object') throw methodNotSupported({ group: kind.group, resource: `${kind.plural}/${subresource}` }, 'update')
  return found
}

/**
 * Whether a write need bring no copy of what it leaves alone: it is of the status, or of an object whose spec is that of
 * the stored one itself, and the kind is made for that.
 * @param stored left out where it is not at hand: then only a status shares
 */
export function sharesSpec(kind: Kind, subresource: string, object: KubeObject, stored?: KubeObject): boolean {
  if (kind.setDefaultsBesidesSpec === undefined || kind.storedAs) return false
  return subresource === 'status' || (subresource === '' && object['spec'] !== undefined && object['spec'] === stored?.['spec'])
}

/**
 * Writes a new version over `current`: prepares, admits, validates and stores it. Throws WriteConflictError when
 * `current` is no longer the latest. An object that would not change is not written.
 * @param admitted what admission is shown instead, where the client wrote a part of the object in another form
 */
export async function replace(
  m: Machinery,
  kind: Kind,
  call: Call,
  current: StoredObject,
  sent: KubeObject,
  subresource: string,
  tracking: Tracking,
  admitted?: Write,
): Promise<Answer> {
  const rules = m.kinds.rulesOf(kind)
  const part = objectSubresource(rules, subresource)
  const context = ruleContext(m, kind, call, subresource)
  const old = current.object
  if (sharesSpec(kind, subresource, sent, old)) kind.setDefaultsBesidesSpec?.(sent)
  else kind.setDefaults?.(sent)
  const object = kind.storedAs ? kind.storedAs.toStored(sent) : sent
  keepSystemFields(object.metadata, old.metadata)
  prepare(rules, part, object, old, context)

  const name = old.metadata.name!
  if (tracking === 'update') track(m, kind, call, old, object, subresource)
  const write: Write = { kind: rules, requested: kind, operation: 'UPDATE', object, oldObject: old, name, subresource }
  const attributes = attributesOf(m, call, admitted ?? write)
  await m.admission.admit(attributes)
  dropRepeatedOwners(object, call, 'admission')
  if (rules.generational && !part && changesGeneration(rules, object, old)) {
    object.metadata.generation = (old.metadata.generation ?? 0) + 1
  }
  const errors = validateMetadataUpdate(object, old, rules, part !== undefined)
  if (part) errors.push(...(part.validateUpdate?.(object, old, context) ?? []))
  else {
    errors.push(...faultsOf(rules, object, old, context))
    errors.push(...(kind.storedAs?.validateUpdate?.(object, old) ?? []))
  }
  if (errors.length > 0) throw invalid(kind, name, errors)
  await m.admission.validate(attributes)
  call.warnings.push(...((part ?? rules).warnings?.(object, old) ?? []))

  object.metadata.resourceVersion = String(current.modRevision)
  const written = sharing(arranged(rules, object), old)
  const final = tracking === 'applied' ? keepTimes(written, old) : written
  if (call.dryRun) return { object: deepFreeze(kind.storedAs ? arranged(kind, kind.storedAs.fromStored(final)) : final) }
  if (mayGo(rules, final, old)) {
    // The update itself is not stored: watches see the object go as it was.
    await m.store.delete(current.key, current.modRevision)
    return { object: deepFreeze(kind.storedAs ? arranged(kind, kind.storedAs.fromStored(final)) : final) }
  }
  if (equalJson(final, old)) {
    await m.store.durable(current.modRevision)
    return viewOf(kind, current)
  }
  return viewOf(kind, await store(m, current.key, final, current.modRevision, tracking))
}

/** The object; where nothing but the times of its managers has changed, as of an apply whose values are brought to another form, with the old ones. */
function keepTimes(object: KubeObject, old: KubeObject): KubeObject {
  const timeless = ({ managedFields = [] }: KubeObject['metadata']): unknown => managedFields.map((entry) => without(entry, 'time'))
  if (!equalJson(timeless(object.metadata), timeless(old.metadata))) return object
  const managedFields = old.metadata.managedFields ?? []
  const kept = { ...object, metadata: { ...object.metadata, managedFields } }
  return equalJson(kept, old) ? kept : object
}

/**
 * The object with what did not change taken from the version that it replaces: that is kept as history anyway, and
 * frozen. `object` is changed: it is as `arranged` made it, whose metadata is nobody else's.
 */
function sharing(object: KubeObject, old: KubeObject): KubeObject {
  shareFields(object, old, 'metadata')
  shareFields(object.metadata as Record<string, unknown>, old.metadata as Record<string, unknown>)
  return object
}

function shareFields(to: Record<string, unknown>, from: Record<string, unknown>, except?: string): void {
  for (const name in to) {
    const value = to[name]
    if (name !== except && typeof value === 'object' && value !== from[name] && equalJson(value, from[name])) to[name] = from[name]
  }
}

/** Puts back what this endpoint may not write. */
function prepare(
  kind: Kind,
  part: ObjectSubresource<KubeObject> | undefined,
  object: KubeObject,
  old: KubeObject,
  context: RuleContext,
): void {
  if (part) part.prepareForUpdate(object, old, context)
  else if (kind.prepareForUpdate) kind.prepareForUpdate(object, old, context)
  else if (kind.subresources?.['status']) {
    if (old['status'] === undefined) delete object['status']
    else object['status'] = old['status']
  }
}

function changesGeneration(kind: Kind, object: KubeObject, old: KubeObject): boolean {
  return kind.changesGeneration ? kind.changesGeneration(object, old) : !equalJson(object['spec'], old['spec'])
}

/** Whether an object that is being deleted has lost what held it: its last finalizer, with no grace period left. */
function mayGo(kind: Kind, object: KubeObject, old: KubeObject): boolean {
  if (!old.metadata.deletionTimestamp || (old.metadata.deletionGracePeriodSeconds ?? 0) > 0) return false
  if (object.metadata.finalizers?.length) return false
  // A namespace has finalizers in its spec besides: it goes when both lists are empty.
  const held = (object['spec'] as { finalizers?: unknown[] } | undefined)?.finalizers
  return !(kind.plural === 'namespaces' && kind.group === '' && held?.length)
}
