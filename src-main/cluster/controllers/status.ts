/** Writes an object's status subresource. */
import type { ResourceClient } from '../api/client.js'
import { isReason } from '../api/errors.js'
import type { ObjectMeta } from '../api/object.js'

/**
 * Replaces the status of the object that the cache knew. When somebody else has written meanwhile, tries once more on
 * top of what is there now: nobody but its controller writes a status. An object that is gone or was replaced is left.
 *
 * @returns the object as stored; undefined when it is gone
 */
export async function writeStatus<T extends { metadata: ObjectMeta; status?: unknown }>(
  client: ResourceClient<T>,
  object: T,
  status: T['status'],
): Promise<T | undefined> {
  try {
    return await client.update({ ...object, status }, { subresource: 'status' })
  } catch (error) {
    if (isReason(error, 'NotFound')) return undefined
    if (!isReason(error, 'Conflict')) throw error
  }
  try {
    const live = await client.get(object.metadata.namespace ?? '', object.metadata.name!)
    if (live.metadata.uid !== object.metadata.uid) return undefined
    return await client.update({ ...live, status }, { subresource: 'status' })
  } catch (error) {
    if (isReason(error, 'NotFound')) return undefined
    throw error
  }
}
