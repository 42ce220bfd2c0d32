/** Writes an object's status subresource. */
import type { ResourceClient } from '../api/client.js'
import { isReason } from '../api/errors.js'
import type { ObjectMeta } from '../api/object.js'

interface WithStatus {
  metadata: ObjectMeta
  status?: unknown
}

/**
 * Replaces the status of the object that the cache knew. For a status that goes on from the old one (counts, times):
 * when somebody else has written meanwhile it rejects with Conflict, and the next sync works it out anew.
 *
 * @returns the object as stored; undefined when it is gone
 */
export async function updateStatus<T extends WithStatus>(
  client: ResourceClient<T>,
  object: T,
  status: T['status'],
): Promise<T | undefined> {
  try {
    return await client.update({ ...object, status }, { subresource: 'status' })
  } catch (error) {
    if (isReason(error, 'NotFound')) return undefined
    throw error
  }
}

/**
 * The same for a status that is observed from other objects: on a Conflict it is put on top of what is there now,
 * because nobody but its controller writes it. An object that was replaced is left alone.
 */
export async function writeStatus<T extends WithStatus>(client: ResourceClient<T>, object: T, status: T['status']): Promise<T | undefined> {
  try {
    return await updateStatus(client, object, status)
  } catch (error) {
    if (!isReason(error, 'Conflict')) throw error
  }
  try {
    const live = await client.get(object.metadata.namespace ?? '', object.metadata.name!)
    return live.metadata.uid === object.metadata.uid ? await updateStatus(client, live, status) : undefined
  } catch (error) {
    if (isReason(error, 'NotFound')) return undefined
    throw error
  }
}
