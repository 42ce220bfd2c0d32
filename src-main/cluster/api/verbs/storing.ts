/** The end of a write: a version is stored, if it is not too large. */
import { TooLargeError, type StoredObject } from '../../store/store.js'
import { without } from '../copy.js'
import { withoutReason } from '../errors.js'
import type { KubeObject } from '../object.js'
import type { Machinery } from './machinery.js'
import type { Tracking } from './update.js'

/**
 * Stores a version. What is too large is stored without its managedFields, unless an apply has just made them: only
 * appliers need them. Throws WriteConflictError, and 500 for what is still too large.
 */
export async function store(m: Machinery, key: string, object: KubeObject, expected: number, tracking: Tracking): Promise<StoredObject> {
  try {
    return await m.store.put(key, object, expected)
  } catch (error) {
    if (!(error instanceof TooLargeError)) throw error
    if (tracking === 'applied' || !object.metadata.managedFields) throw withoutReason('etcdserver: request is too large')
    const metadata = without(object.metadata, 'managedFields')
    return await store(m, key, { ...object, metadata }, expected, tracking)
  }
}
