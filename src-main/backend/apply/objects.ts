/** Reading and changing objects: get, save an edit as a patch, apply documents, delete, scale, restart. */
import { BackendError, toRpcError } from '../errors.js'
import type { Json } from '../kinds/kind.js'
import type { Calls, KindInfo, ObjectRef } from '../rpc/contract.js'
import { withoutManagedFields } from '../session/object-stream.js'
import { collectionPath, objectPath, query } from '../session/paths.js'
import type { Session } from '../session/session.js'
import { fromYaml, mergePatch, toYaml } from './yaml.js'

const MANAGER = 'drydock'
const patchTypes = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
} as const

export async function getObject(session: Session, ref: ObjectRef, managedFields = false): Promise<Json> {
  const object = await (await session.api()).json<Json>(objectPath(ref))
  return managedFields ? object : withoutManagedFields(object)
}

export async function patchObject(session: Session, p: Parameters<Calls['objects.patch']>[0], dryRun = false): Promise<Json> {
  const api = await session.api()
  return withoutManagedFields(
    await api.json<Json>(objectPath(p.ref, p.subresource) + query({ fieldManager: MANAGER, dryRun: dryRun ? 'All' : undefined }), {
      method: 'PATCH',
      contentType: patchTypes[p.type],
      body: JSON.stringify(p.patch),
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

/** Saves an edit as what changed in it, so that a busy object's other fields are left alone. */
export async function saveObject(session: Session, p: Parameters<Calls['objects.save']>[0]): Promise<Json> {
  const [from] = fromYaml(p.original)
  const edited = fromYaml(p.edited)
  if (edited.length !== 1)
    throw new BackendError({ reason: 'Invalid', message: `The text holds ${edited.length} documents; one is expected.` })
  const to = edited[0]
  for (const path of ['apiVersion', 'kind', 'metadata.name', 'metadata.namespace']) {
    const at = (o: Json): unknown => path.split('.').reduce((v: Json, k) => v?.[k], o)
    if (at(from) !== at(to))
      throw new BackendError({ reason: 'Invalid', message: `${path} cannot be changed; create another object instead.` })
  }
  const patch = mergePatch(from, to)
  if (patch?.metadata) delete patch.metadata.resourceVersion
  if (!patch) return getObject(session, p.ref)
  return patchObject(session, { context: p.context, ref: p.ref, type: 'merge', patch }, p.dryRun)
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

/** Applies documents one after the other with server-side apply; one that fails does not stop the rest. */
export async function applyYaml(session: Session, p: Parameters<Calls['objects.apply']>[0]): Promise<ReturnType<Calls['objects.apply']>> {
  const api = await session.api()
  const documents = fromYaml(p.yaml).flatMap((d) => (d.kind === 'List' && Array.isArray(d.items) ? (d.items as Json[]) : [d]))
  if (!documents.length) throw new BackendError({ reason: 'Invalid', message: 'The text holds no document.' })
  const results: ReturnType<Calls['objects.apply']> = []
  for (const document of documents) {
    const ref: ObjectRef = { group: '', version: '', resource: '', name: document.metadata?.name ?? '' }
    try {
      Object.assign(ref, await locate(session, document, p.namespace))
      const path = objectPath(ref)
      const before = await api.json<Json>(path).catch((error: unknown) => {
        if (toRpcError(error).code === 404) return undefined
        throw error
      })
      const after = await api.json<Json>(
        path + query({ fieldManager: MANAGER, fieldValidation: 'Strict', dryRun: p.dryRun ? 'All' : undefined }),
        {
          method: 'PATCH',
          contentType: 'application/apply-patch+yaml',
          body: JSON.stringify(document),
        },
      )
      const same = before && JSON.stringify(withoutServerFields(before)) === JSON.stringify(withoutServerFields(after))
      results.push({ ref, action: !before ? 'created' : same ? 'unchanged' : 'configured' })
    } catch (error) {
      results.push({ ref, action: 'failed', error: toRpcError(error) })
    }
  }
  return results
}

function withoutServerFields(object: Json): Json {
  const { managedFields: _m, resourceVersion: _r, generation: _g, ...metadata } = object.metadata ?? {}
  return { ...object, metadata }
}

/** The URL of a document's object, by its apiVersion and kind. */
async function locate(session: Session, document: Json, namespace: string | undefined): Promise<ObjectRef> {
  const { apiVersion, kind } = document
  if (!apiVersion || !kind) throw new BackendError({ reason: 'Invalid', message: `${!apiVersion ? 'apiVersion' : 'kind'} is not set.` })
  if (!document.metadata?.name)
    throw new BackendError({ reason: 'Invalid', message: 'metadata.name is not set; server-side apply needs it.' })
  const slash = String(apiVersion).indexOf('/')
  const group = slash < 0 ? '' : String(apiVersion).slice(0, slash)
  const version = slash < 0 ? String(apiVersion) : String(apiVersion).slice(slash + 1)
  const kinds: KindInfo[] = await session.kinds()
  const info = kinds.find((k) => k.group === group && k.kind === kind)
  if (!info) throw new BackendError({ reason: 'NotFound', message: `no matches for kind "${kind}" in version "${apiVersion}"` })
  const ns = info.namespaced ? (document.metadata.namespace ?? namespace ?? 'default') : undefined
  return { group, version, resource: info.resource, name: document.metadata.name, ...(ns ? { namespace: ns } : {}) }
}

export async function scale(session: Session, ref: ObjectRef, replicas: number): Promise<void> {
  if (!Number.isInteger(replicas) || replicas < 0)
    throw new BackendError({ reason: 'Invalid', message: 'replicas must be a whole number from 0 up.' })
  await patchObject(session, { context: session.context, ref, type: 'merge', patch: { spec: { replicas } }, subresource: 'scale' })
}

/** What `kubectl rollout restart` does: an annotation on the pod template. */
export async function restart(session: Session, ref: ObjectRef): Promise<void> {
  const restartedAt = new Date().toISOString().replace(/\.\d+Z$/, 'Z')
  await patchObject(session, {
    context: session.context,
    ref,
    type: 'strategic',
    patch: { spec: { template: { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': restartedAt } } } } },
  })
}

export async function objectYaml(session: Session, ref: ObjectRef, managedFields = false): Promise<string> {
  return toYaml(await getObject(session, ref, managedFields))
}
