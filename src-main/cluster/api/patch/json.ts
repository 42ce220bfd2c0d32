/** `application/json-patch+json`: RFC 6902. */
import fastJsonPatch from 'fast-json-patch'
import type { Operation } from 'fast-json-patch'
import { copyJson } from '../copy.js'
import { badRequest, StatusError } from '../errors.js'

/** More operations than this in one patch are refused, as by the API server. */
const MAX_OPERATIONS = 10_000

/** How much the copy operations of one patch may copy together, bytes, as in the API server: copies of copies double. */
const MAX_COPIED = 3 * 1024 ** 2

/**
 * Applies a JSON patch. The document is not changed.
 * @param patch the parsed body
 * @throws StatusError 400 when it is no list of operations, 413 when there are too many, 422 when one cannot be done
 */
export function applyJsonPatch(document: unknown, patch: unknown): unknown {
  if (!Array.isArray(patch)) {
    throw badRequest(`json: cannot unmarshal ${goKind(patch)} into Go value of type jsonpatch.Patch`)
  }
  for (const operation of patch as unknown[]) {
    if (typeof operation !== 'object' || operation === null || Array.isArray(operation)) {
      throw badRequest(`json: cannot unmarshal ${goKind(operation)} into Go value of type jsonpatch.Operation`)
    }
  }
  if (patch.length > MAX_OPERATIONS) {
    throw new StatusError(
      413,
      'RequestEntityTooLarge',
      `The allowed maximum operations in a JSON patch is ${MAX_OPERATIONS}, got ${patch.length}`,
    )
  }
  let copy = copyJson(document)
  let copied = 0
  // The library also finds its own mistakes by validation: a path that is not there, a `test` that fails.
  const operations = copyJson(patch) as Operation[]
  try {
    for (const [i, operation] of operations.entries()) {
      if (operation.op === 'copy') {
        copied += Buffer.byteLength(JSON.stringify(fastJsonPatch.getValueByPointer(copy, operation.from)) ?? '')
        if (copied > MAX_COPIED) throw unprocessable()
      }
      // RFC 6902: what is moved cannot move into itself.
      if (operation.op === 'move' && operation.path.startsWith(`${operation.from}/`)) throw unprocessable()
      copy = fastJsonPatch.applyOperation(copy, operation, true, true, true, i).newDocument
    }
    return copy
  } catch (error) {
    if (error instanceof RangeError) throw error
    throw unprocessable()
  }
}

/** What a client is told whose patch does not fit the document. The API server does not say more. */
export function unprocessable(): StatusError {
  return new StatusError(422, 'Invalid', 'the server rejected our request due to an error in our request', {})
}

/** How encoding/json names a value of the wrong type. */
export function goKind(value: unknown): string {
  if (value === null || value === undefined) return 'null'
  if (Array.isArray(value)) return 'array'
  return typeof value === 'boolean' ? 'bool' : typeof value
}
