/**
 * Taking back a change: the fields that it touched get the values that they had, and no others. Whoever has set one of
 * them to something else since keeps that: then nothing is changed, and the fields are named.
 */
import { jsonText } from '../../exact-json.js'
import { toRpcError, problem } from '../errors.js'
import type { Json } from '../kinds/kind.js'
import type { Calls, ObjectRef } from '../rpc/contract.js'
import { withoutManagedFields } from '../session/object-stream.js'
import { objectPath, query } from '../session/paths.js'
import type { Session } from '../session/session.js'
import { MANAGER } from './apply-documents.js'
import { changedSince, inverseOf } from './inverse.js'
import { editOf } from './three-way.js'
import { fromYaml } from './yaml.js'

/** How often it is tried anew when the object was written to between reading and patching it. */
const TRIES = 5

/** See {@link Calls} `objects.undo`. */
export async function undoChange(session: Session, p: Parameters<Calls['objects.undo']>[0]): Promise<Json> {
  return takeBack(session, p.ref, p.patch, p.before, p.made, p.subresource)
}

/** See {@link Calls} `objects.undoSave`. */
export async function undoSave(session: Session, p: Parameters<Calls['objects.undoSave']>[0]): Promise<Json> {
  const [original, edited, prior] = [p.original, p.edited, p.prior ?? p.original].map((text) => fromYaml(text)[0] as Json)
  return takeBack(session, p.ref, editOf(original, edited) ?? {}, prior, p.made)
}

async function takeBack(session: Session, ref: ObjectRef, patch: Json, before: Json, made: Json, subresource?: string): Promise<Json> {
  const api = await session.api()
  const path = objectPath(ref, subresource)
  const inverse = inverseOf(patch, before)
  for (let tries = 1; ; tries++) {
    const live = await api.json<Json>(path)
    const changed = changedSince(patch, made, live)
    if (changed.length)
      throw problem(
        'Conflict',
        changed.length === 1 ? 'changedSince' : 'changedSinceMany',
        changed.length === 1 ? { field: changed[0]! } : { count: changed.length },
        { code: 409, causes: changed.map((field) => ({ field, reason: 'Changed', message: 'changed since' })) },
      )
    const { resourceVersion } = live.metadata
    try {
      return withoutManagedFields(
        await api.json<Json>(path + query({ fieldManager: MANAGER }), {
          method: 'PATCH',
          contentType: 'application/merge-patch+json',
          body: jsonText({ ...inverse, metadata: { ...inverse.metadata, resourceVersion } }),
        }),
      )
    } catch (error) {
      if (toRpcError(error).code !== 409 || tries === TRIES) throw error
    }
  }
}
