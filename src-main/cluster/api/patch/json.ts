/** `application/json-patch+json`: RFC 6902. */
import fastJsonPatch from 'fast-json-patch'
import type { Operation } from 'fast-json-patch'
import { jsonText } from '../../../exact-json.js'
import { copyJson } from '../copy.js'
import { badRequest, StatusError } from '../errors.js'

/** More operations than this in one patch are refused, as by the API server. */
const MAX_OPERATIONS = 10_000

/** How much the copy operations of one patch may copy together, bytes, as in the API server: copies of copies double. */
const MAX_COPIED = 3 * 1024 ** 2

/**
 * Applies a JSON patch. The document is not changed; a patch that is null changes nothing.
 * @param patch the parsed body
 * @param validated false when fields are not to be validated: then less of the operations is looked at before
 * @throws StatusError 400 when it is no list of operations, 413 when there are too many, 422 when one cannot be done
 */
export function applyJsonPatch(document: unknown, patch: unknown, validated = true): unknown {
  if (patch === null) return document
  const problem = validated ? unreadable(patch) : undecodable(patch)
  if (problem || !Array.isArray(patch)) throw badRequest(problem ?? '')
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
    for (const [i, sentOperation] of operations.entries()) {
      let operation = sentOperation
      // The API server takes a value that is left out for null.
      if ('path' in operation && operation.path !== '' && NEED_VALUES.has(operation.op) && !('value' in operation))
        operation = { ...(operation as object), value: null } as Operation
      if (operation.op === 'copy') {
        const source: unknown = fastJsonPatch.getValueByPointer(copy, operation.from)
        // What is not there cannot be copied, which the library does not look at.
        if (source === undefined) throw unprocessable()
        copied += Buffer.byteLength(jsonText(source))
        if (copied > MAX_COPIED) throw unprocessable()
        // The library copies and moves through JSON, which has no bigints.
        operation = { op: 'add', path: operation.path, value: copyJson(source) }
      }
      // The document as a whole can be tested and replaced, nothing else: the API server looks for what is around it.
      if (operation.op !== 'test' && operation.op !== 'replace' && operation.path === '') throw unprocessable()
      if (operation.op === 'move') {
        const value: unknown = fastJsonPatch.getValueByPointer(copy, operation.from)
        if (value === undefined) throw unprocessable()
        // RFC 6902: what is moved cannot move into itself.
        if (operation.path.startsWith(`${operation.from}/`)) throw unprocessable()
        copy = fastJsonPatch.applyOperation(copy, { op: 'remove', path: operation.from }, true, true, true, i).newDocument
        operation = { op: 'add', path: operation.path, value }
      }
      copy = fastJsonPatch.applyOperation(copy, operation, true, true, true, i).newDocument
    }
    return copy
  } catch (error) {
    if (error instanceof RangeError) throw error
    throw unprocessable()
  }
}

/** The operations that have a value. */
const NEED_VALUES: ReadonlySet<string> = new Set(['add', 'replace', 'test'])

/** The fields of an operation. */
const FIELDS = ['op', 'path', 'from', 'value']

/** What of a list of operations the API server, which validates fields, cannot read. */
function unreadable(patch: unknown): string | undefined {
  const refused = (value: unknown, into: string): string => `error decoding patch: json: cannot unmarshal ${goKind(value)} into Go ${into}`
  if (!Array.isArray(patch)) return refused(patch, 'value of type []handlers.jsonPatchOp')
  for (const operation of patch as unknown[]) {
    if (operation === null) continue
    if (typeof operation !== 'object' || Array.isArray(operation)) return refused(operation, 'value of type handlers.jsonPatchOp')
    for (const [name, value] of Object.entries(operation as object))
      if (name !== 'value' && FIELDS.includes(name) && typeof value !== 'string' && value !== null)
        return refused(value, `struct field jsonPatchOp.${name} of type string`)
  }
  return undefined
}

/** What of a list of operations the patch library cannot read. */
function undecodable(patch: unknown): string | undefined {
  const refused = (value: unknown, type: string): string =>
    `json: cannot unmarshal ${goKind(value)} into Go value of type jsonpatch.${type}`
  if (!Array.isArray(patch)) return refused(patch, 'Patch')
  const odd: unknown = patch.find((o) => o !== null && (typeof o !== 'object' || Array.isArray(o)))
  return odd === undefined ? undefined : refused(odd, 'Operation')
}

/** The fields of operations that there are none of, as strict decoding tells them. */
export function unknownOperationFields(patch: unknown): string[] {
  if (!Array.isArray(patch)) return []
  return (patch as unknown[]).flatMap((operation, i) =>
    typeof operation === 'object' && operation !== null && !Array.isArray(operation)
      ? Object.keys(operation).flatMap((name) => (FIELDS.includes(name) ? [] : [`unknown field "[${i}].${name}"`]))
      : [],
  )
}

/** What a client is told whose patch does not fit the document. The API server does not say more. */
export function unprocessable(): StatusError {
  return new StatusError(422, 'Invalid', 'the server rejected our request due to an error in our request', {})
}

/** How encoding/json names a value of the wrong type. */
export function goKind(value: unknown): string {
  if (value === null || value === undefined) return 'null'
  if (Array.isArray(value)) return 'array'
  return typeof value === 'boolean' ? 'bool' : typeof value === 'bigint' ? 'number' : typeof value
}
