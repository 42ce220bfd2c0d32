/** The continue token of a paged list: where it stopped, at which revision and since when, as base64url of JSON. */
import { badRequest } from '../errors.js'

const VERSION = 'meta.k8s.io/v1'

/**
 * How long a list may be read on at the revision of its first page. An API server forgets revisions when etcd is compacted,
 * every five minutes; here history is kept for as long as there is room, and a token expires all the same, as documented.
 */
export const CONSISTENT_FOR_MS = 5 * 60_000

/**
 * A token that goes on after `last`, the part of a key after the list's prefix.
 *
 * @param revision -1 is "at whatever revision is current"
 * @param since when the first page of that revision was read, ms; without it the token does not expire
 */
export function continueToken(revision: number, last: string, since?: number): string {
  // As in the API server the start is the first key that may follow, which is the last one and a zero byte.
  return Buffer.from(JSON.stringify({ v: VERSION, rv: revision, start: `${last}\0`, since })).toString('base64url')
}

/** Reads a token; `since` is undefined in one that does not tell. Throws a 400 in the API's wording. */
export function readContinueToken(token: string): { revision: number; start: string; since: number | undefined } {
  const bad = (why: string): Error => badRequest(`invalid continue token: continue key is not valid: ${why}`)
  const illegal = /[^A-Za-z0-9_-]/.exec(token)
  if (illegal) throw bad(`illegal base64 data at input byte ${illegal.index}`)
  const text = Buffer.from(token, 'base64url').toString('latin1')
  let parsed: { v?: unknown; rv?: unknown; start?: unknown; since?: unknown }
  try {
    parsed = JSON.parse(Buffer.from(token, 'base64url').toString('utf8')) as typeof parsed
  } catch {
    throw bad(`invalid character '${text[0] ?? ''}' looking for beginning of value`)
  }
  if (typeof parsed !== 'object' || parsed === null) throw bad('json: cannot unmarshal into Go value of type storage.continueToken')
  if (parsed.v !== VERSION) throw bad(`server does not recognize this encoded version ${JSON.stringify(parsed.v ?? '')}`)
  if (typeof parsed.start !== 'string' || parsed.start === '')
    throw badRequest('invalid continue token: continue key is not valid: encoded start key empty (version meta.k8s.io/v1)')
  if (!Number.isSafeInteger(parsed.rv) || parsed.rv === 0)
    throw badRequest('invalid continue token: continue key is not valid: incorrect encoded start resourceVersion (version meta.k8s.io/v1)')
  if (parsed.start.includes('..')) throw bad(`invalid encoded start key ${JSON.stringify(parsed.start)}`)
  const since = typeof parsed.since === 'number' ? parsed.since : undefined
  return { revision: parsed.rv as number, start: parsed.start.replace(/\0$/, ''), since }
}
