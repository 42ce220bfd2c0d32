/** The verbs delete and deletecollection: grace periods, finalizers, what happens to dependents. */
import { badRequest, conflict, field, invalid, notFound } from '../errors.js'
import { rfc3339 } from '../../clock.js'
import { WriteConflictError, type StoredObject } from '../../store/store.js'
import { copyObject, equalJson } from '../copy.js'
import { arranged, storageKey, viewOf } from '../kindset.js'
import type { Kind } from '../kinds/kind.js'
import type { KubeObject, ObjectMeta } from '../object.js'
import { attributesOf, ruleContext, type Call, type Machinery } from './machinery.js'

/** `meta/v1.DeleteOptions` as it arrives, less dryRun. */
export interface DeleteRequest {
  gracePeriodSeconds?: number | undefined
  propagationPolicy?: string | undefined
  orphanDependents?: boolean | undefined
  preconditions?: { uid?: string | undefined; resourceVersion?: string | undefined } | undefined
}

/** What a delete answers: the object, or a Status with these details when it is gone and the kind answers so. */
export type Deleted =
  | { object: KubeObject; bytes?: Buffer | undefined; gone: boolean }
  | { status: { name: string; group?: string; kind: string; uid: string } }

/** The finalizers that a propagation policy adds. */
const ORPHAN = 'orphan'
const FOREGROUND = 'foregroundDeletion'

/** Kinds whose deletion answers the last object instead of a Status, as their storage is configured in kube-apiserver. */
const ANSWER_OBJECT = new Set([
  'pods',
  'persistentvolumeclaims',
  'persistentvolumes',
  'podtemplates',
  'resourcequotas',
  'serviceaccounts',
  'services',
])

/** Refuses options that contradict each other. */
export function validateDeleteOptions(options: DeleteRequest): void {
  const { orphanDependents, propagationPolicy } = options
  const errors = []
  if (orphanDependents !== undefined && propagationPolicy !== undefined) {
    errors.push(field.invalid('propagationPolicy', propagationPolicy, 'orphanDependents and deletionPropagation cannot be both set'))
  }
  if (propagationPolicy !== undefined && !['Foreground', 'Background', 'Orphan'].includes(propagationPolicy)) {
    errors.push(field.notSupported('propagationPolicy', propagationPolicy, ['Foreground', 'Background', 'Orphan', 'nil']))
  }
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', kind: 'DeleteOptions' }, '', errors)
}

/** Deletes one object, or starts to. Throws the API's refusals. */
export async function remove(m: Machinery, kind: Kind, call: Call, name: string, options: DeleteRequest): Promise<Deleted> {
  validateDeleteOptions(options)
  const rules = m.kinds.rulesOf(kind)
  const resource = { group: kind.group, resource: kind.plural }
  const key = storageKey(rules, call.namespace, name)
  warnOfOrphans(rules, call, options)
  for (let current = m.store.get(key); current;) {
    checkPreconditions(kind, name, current, options)
    const attributes = attributesOf(m, call, {
      kind: rules,
      requested: kind,
      operation: 'DELETE',
      object: undefined,
      oldObject: current.object,
      name,
      subresource: '',
    })
    await m.admission.admit(attributes)
    await m.admission.validate(attributes)
    try {
      return await removeStored(m, kind, call, current, options)
    } catch (error) {
      if (!(error instanceof WriteConflictError)) throw error
      current = error.actual
    }
  }
  throw notFound(resource, name)
}

function checkPreconditions(kind: Kind, name: string, stored: StoredObject, options: DeleteRequest): void {
  const { uid, resourceVersion } = options.preconditions ?? {}
  // The API names the kind here, not the resource.
  const named = { group: kind.group, resource: kind.kind }
  const { metadata } = stored.object
  if (uid !== undefined && uid !== metadata.uid) {
    const why = `the UID in the precondition (${uid}) does not match the UID in record (${metadata.uid}). The object might have been deleted and then recreated`
    throw conflict(named, name, why)
  }
  if (resourceVersion !== undefined && resourceVersion !== String(stored.modRevision)) {
    const why = `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${stored.modRevision}). The object might have been modified`
    throw conflict(named, name, why)
  }
}

async function removeStored(m: Machinery, kind: Kind, call: Call, current: StoredObject, options: DeleteRequest): Promise<Deleted> {
  const rules = m.kinds.rulesOf(kind)
  const old = current.object
  const grace = rules.gracefulDeletion?.(old, options.gracePeriodSeconds, ruleContext(m, kind, call))
  if (grace !== undefined && isPending(old.metadata, options.gracePeriodSeconds)) {
    await m.store.durable(current.modRevision)
    return answer(kind, false, viewOf(kind, current))
  }
  const object = copyObject(old)
  rules.prepareForDelete?.(object, ruleContext(m, kind, call))
  object.metadata.finalizers = finalizersAfter(object.metadata.finalizers ?? [], options, rules.dependents)
  const namespaceHeld = isHeldNamespace(rules, object)
  const held = object.metadata.finalizers.length > 0 || namespaceHeld
  // What its spec holds a namespace with has no grace period, not even one of zero.
  if (namespaceHeld) object.metadata.deletionTimestamp ??= rfc3339(m.clock.now())
  else if (grace !== undefined) markWithGrace(m, object.metadata, grace)
  else if (held) markHeld(m, object.metadata)
  if (namespaceHeld) object['status'] = { ...(object['status'] as object), phase: 'Terminating' }

  const final = arranged(rules, object)
  const gone = !held && !grace
  if (call.dryRun) return answer(kind, gone, { object: final, bytes: undefined })
  if (gone && grace === undefined) return answer(kind, true, viewOf(kind, await m.store.delete(current.key, current.modRevision)))
  if (equalJson(final, old)) {
    await m.store.durable(current.modRevision)
    return answer(kind, gone, viewOf(kind, current))
  }
  const marked = await m.store.put(current.key, final, current.modRevision)
  if (!gone) return answer(kind, false, viewOf(kind, marked))
  // What knows of grace is marked first even when it goes at once: watches and the answer see when and with what grace.
  return answer(kind, true, viewOf(kind, await deleteMarked(m, marked)))
}

/** Deletes what was marked for it, whatever is written to it meanwhile. The kubelet, who sees the mark, may be the first to. */
async function deleteMarked(m: Machinery, marked: StoredObject): Promise<StoredObject> {
  for (let current = marked; ;) {
    try {
      return await m.store.delete(current.key, current.modRevision)
    } catch (error) {
      if (!(error instanceof WriteConflictError)) throw error
      if (error.actual?.object.metadata.uid !== current.object.metadata.uid) return current
      current = error.actual!
    }
  }
}

/** Whether a grace period is running that the request does not shorten: then it changes nothing. */
function isPending(metadata: ObjectMeta, requested: number | undefined): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds } = metadata
  if (deletionTimestamp === undefined || deletionGracePeriodSeconds === undefined) return false
  return requested === undefined || requested >= deletionGracePeriodSeconds
}

/** Starts a grace period, or shortens the one that is running: it counts from when the deletion was first asked for. */
function markWithGrace(m: Machinery, metadata: ObjectMeta, grace: number): void {
  const { deletionTimestamp, deletionGracePeriodSeconds } = metadata
  if (deletionTimestamp !== undefined) {
    const asked = Date.parse(deletionTimestamp) - spanOf(deletionGracePeriodSeconds ?? 0)
    metadata.deletionTimestamp = rfc3339(asked + spanOf(grace))
  } else {
    metadata.deletionTimestamp = rfc3339(m.clock.now() + spanOf(grace))
    if (metadata.generation) metadata.generation++
  }
  metadata.deletionGracePeriodSeconds = grace
}

/** Seconds as milliseconds. The API server counts spans in nanoseconds, of which 64 bits hold 292 years: longer ones come round. */
function spanOf(seconds: number): number {
  if (seconds < 1e9) return seconds * 1000
  return Number(BigInt.asIntN(64, BigInt(seconds) * 1_000_000_000n) / 1_000_000n)
}

/** Marks an object that only finalizers keep. */
function markHeld(m: Machinery, metadata: ObjectMeta): void {
  if (metadata.deletionTimestamp === undefined) {
    metadata.deletionTimestamp = rfc3339(m.clock.now())
    if (metadata.generation) metadata.generation++
  }
  metadata.deletionGracePeriodSeconds = 0
}

/** Whether a deletion says what is to become of dependents. */
const saysOfDependents = ({ orphanDependents, propagationPolicy }: DeleteRequest): boolean =>
  orphanDependents !== undefined || propagationPolicy !== undefined

function warnOfOrphans({ orphaningWarning }: Kind, call: Call, options: DeleteRequest): void {
  if (orphaningWarning && !saysOfDependents(options)) call.warnings.push(orphaningWarning)
}

/** The finalizers after the wish for the dependents has been noted: that of the request, of the object, or of its kind. */
function finalizersAfter(finalizers: readonly string[], options: DeleteRequest, dependents: Kind['dependents']): string[] {
  if (dependents === 'ignored') return [...finalizers]
  if (!saysOfDependents(options)) {
    const orphaned = dependents === 'orphaned' && !finalizers.includes(ORPHAN) && !finalizers.includes(FOREGROUND)
    return orphaned ? [...finalizers, ORPHAN] : [...finalizers]
  }
  const { orphanDependents, propagationPolicy } = options
  const others = finalizers.filter((f) => f !== ORPHAN && f !== FOREGROUND)
  if (orphanDependents === true || propagationPolicy === 'Orphan') others.push(ORPHAN)
  if (propagationPolicy === 'Foreground') others.push(FOREGROUND)
  return others
}

/** A namespace is held by the finalizers in its spec until its content is gone. */
function isHeldNamespace(kind: Kind, object: KubeObject): boolean {
  if (kind.group !== '' || kind.plural !== 'namespaces') return false
  return ((object['spec'] as { finalizers?: string[] } | undefined)?.finalizers ?? []).length > 0
}

function answer(kind: Kind, gone: boolean, view: { object: KubeObject; bytes: Buffer | undefined }): Deleted {
  if (!gone || (kind.group === '' && ANSWER_OBJECT.has(kind.plural))) return { ...view, object: view.object, bytes: view.bytes, gone }
  const { name, uid } = view.object.metadata
  return { status: { name: name!, ...(kind.group ? { group: kind.group } : {}), kind: kind.plural, uid: uid! } }
}

/** Deletes the objects of a list, each as {@link remove} does; those that went meanwhile are skipped. */
export async function removeAll(
  m: Machinery,
  kind: Kind,
  call: Call,
  items: readonly { readonly object: KubeObject }[],
  options: DeleteRequest,
): Promise<void> {
  validateDeleteOptions(options)
  warnOfOrphans(m.kinds.rulesOf(kind), call, options)
  if (options.preconditions?.uid !== undefined && items.length > 1) throw badRequest('a precondition on the UID fits one object only')
  await Promise.all(
    items.map(async ({ object }) => {
      const { namespace = '', name } = object.metadata
      try {
        await remove(m, kind, { ...call, namespace }, name!, options)
      } catch (error) {
        if ((error as { code?: number }).code !== 404) throw error
      }
    }),
  )
}
