/** Reading and changing objects: get, save an edit as a patch, apply documents, delete, scale, restart. */
import { jsonText } from '../../exact-json.js'
import { problem } from '../errors.js'
import type { Json } from '../kinds/kind.js'
import type { Calls, ObjectRef } from '../rpc/contract.js'
import { withoutManagedFields } from '../session/object-stream.js'
import { collectionPath, objectPath, query } from '../session/paths.js'
import type { Session } from '../session/session.js'
import { MANAGER } from './apply-documents.js'
import { editOf, fieldConflicts, rebased } from './three-way.js'
import { fromYaml, toYaml } from './yaml.js'

const patchTypes = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
} as const

export async function getObject(session: Session, ref: ObjectRef, managedFields = false, subresource?: string): Promise<Json> {
  const object = await (await session.api()).json<Json>(objectPath(ref, subresource))
  return managedFields ? object : withoutManagedFields(object)
}

/** The object with all digits of whole numbers beyond 2^53, as bigints: for texts and comparisons, not for the window. */
async function exactObject(session: Session, ref: ObjectRef, managedFields = false): Promise<Json> {
  const object = await (await session.api()).json<Json>(objectPath(ref), { exact: true })
  return managedFields ? object : withoutManagedFields(object)
}

export async function patchObject(
  session: Session,
  p: Parameters<Calls['objects.patch']>[0],
  options: { dryRun?: boolean | undefined; strict?: boolean } = {},
): Promise<Json> {
  const api = await session.api()
  const asked = {
    fieldManager: MANAGER,
    // A field that there is not is refused, as `kubectl edit` has it: else it would be left out without a word.
    fieldValidation: options.strict ? 'Strict' : undefined,
    dryRun: options.dryRun ? 'All' : undefined,
  }
  return withoutManagedFields(
    await api.json<Json>(objectPath(p.ref, p.subresource) + query(asked), {
      method: 'PATCH',
      contentType: patchTypes[p.type],
      body: jsonText(p.patch),
    }),
  )
}

/** The first objects of a collection. */
export async function listObjects(session: Session, p: Parameters<Calls['objects.list']>[0]): Promise<Json[]> {
  const api = await session.api()
  const { labelSelector, fieldSelector, limit = 500 } = p
  const list = await api.json<{ items?: Json[] }>(
    collectionPath(p.resource, p.resource.namespace) + query({ labelSelector, fieldSelector, limit }),
  )
  return (list.items ?? []).map((o) => withoutManagedFields(o))
}

/** Creates an object with a POST to its collection. */
export async function createObject(session: Session, p: Parameters<Calls['objects.create']>[0]): Promise<Json> {
  const api = await session.api()
  const path = collectionPath(p.resource, p.resource.namespace)
  return withoutManagedFields(
    await api.json<Json>(path + query({ fieldManager: MANAGER, fieldValidation: 'Strict', dryRun: p.dryRun ? 'All' : undefined }), {
      method: 'POST',
      body: JSON.stringify(p.object),
    }),
  )
}

/** Posts to a subresource (an eviction, a token request) or replaces it (an approval). */
export async function writeSubresource(session: Session, p: Parameters<Calls['objects.subresource']>[0]): Promise<Json> {
  const api = await session.api()
  return withoutManagedFields(
    await api.json<Json>(objectPath(p.ref, p.subresource) + query({ fieldManager: MANAGER }), {
      method: p.verb === 'create' ? 'POST' : 'PUT',
      body: JSON.stringify(p.object),
    }),
  )
}

/** The versions of an edit; throws when the edit would make another object of it. */
function versions(p: { original: string; edited: string }): { from: Json; to: Json } {
  const [from] = fromYaml(p.original)
  const edited = fromYaml(p.edited)
  if (edited.length !== 1) throw problem('Invalid', 'manyDocuments', { count: edited.length })
  const to = edited[0]
  for (const path of ['apiVersion', 'kind', 'metadata.name', 'metadata.namespace']) {
    const at = (o: Json): unknown => path.split('.').reduce((v: Json, k) => v?.[k], o)
    if (at(from) !== at(to)) throw problem('Invalid', 'immutable', { path })
  }
  return { from, to }
}

/** Saves an edit as what changed in it, so that a busy object's other fields are left alone. */
export async function saveObject(session: Session, p: Parameters<Calls['objects.save']>[0]): Promise<Json> {
  const { from, to } = versions(p)
  const patch = editOf(from, to)
  if (!patch) return getObject(session, p.ref)
  const live = await exactObject(session, p.ref)
  const conflicts = p.force ? [] : fieldConflicts(from, to, live)
  if (conflicts.length)
    throw problem(
      'Conflict',
      conflicts.length === 1 ? 'changedField' : 'changedFields',
      conflicts.length === 1 ? { field: conflicts[0]!.field } : { count: conflicts.length },
      { code: 409, causes: conflicts.map((c) => ({ field: c.field, reason: 'Changed', message: 'changed on the server too' })) },
    )
  return patchObject(session, { context: p.context, ref: p.ref, type: 'merge', patch }, { dryRun: p.dryRun, strict: true })
}

/** Puts an edit onto the object as it is now. */
export async function rebaseObject(
  session: Session,
  p: Parameters<Calls['objects.rebase']>[0],
): Promise<ReturnType<Calls['objects.rebase']>> {
  const { from, to } = versions(p)
  const live = await exactObject(session, p.ref)
  return { live: toYaml(live), merged: toYaml(rebased(from, to, live)), conflicts: fieldConflicts(from, to, live) }
}

export async function deleteObject(session: Session, p: Parameters<Calls['objects.delete']>[0]): Promise<void> {
  const api = await session.api()
  await api.text(objectPath(p.ref), {
    method: 'DELETE',
    body: JSON.stringify({
      kind: 'DeleteOptions',
      apiVersion: 'v1',
      ...(p.gracePeriodSeconds !== undefined ? { gracePeriodSeconds: p.gracePeriodSeconds } : {}),
      ...(p.propagation ? { propagationPolicy: p.propagation } : { propagationPolicy: 'Background' }),
    }),
  })
}

export async function scale(session: Session, ref: ObjectRef, replicas: number): Promise<void> {
  if (!Number.isInteger(replicas) || replicas < 0) throw problem('Invalid', 'replicas')
  await patchObject(session, { context: session.context, ref, type: 'merge', patch: { spec: { replicas } }, subresource: 'scale' })
}

/** What `kubectl rollout restart` does: an annotation on the pod template. */
export async function restart(session: Session, ref: ObjectRef): Promise<Json> {
  const restartedAt = new Date().toISOString().replace(/\.\d+Z$/, 'Z')
  return patchObject(session, {
    context: session.context,
    ref,
    type: 'strategic',
    patch: { spec: { template: { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': restartedAt } } } } },
  })
}

export async function objectYaml(session: Session, ref: ObjectRef, managedFields = false): Promise<string> {
  return toYaml(await exactObject(session, ref, managedFields))
}
