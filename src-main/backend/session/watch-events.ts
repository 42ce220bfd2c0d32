/** What one watch request tells, event by event. */
import { BackendError } from '../errors.js'
import { lines } from './lines.js'
import type { Session } from './session.js'

/** The little of an object that a watch itself needs. */
export interface WatchedObject {
  metadata: { uid?: string; name?: string; namespace?: string; resourceVersion?: string; [k: string]: unknown }
  [k: string]: unknown
}

/** One event as the API server sends it. The object of a BOOKMARK has only a resourceVersion. */
export interface WatchEvent {
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK'
  object: WatchedObject
}

/**
 * Sends a watch request and yields its events until the server ends it, the session loses its connection, or `signal` aborts. Throws
 * when the request is refused, and what an ERROR event says: a `Status`, 410 when the revision is too old.
 */
export async function* watchEvents(
  session: Session,
  path: string,
  { signal, accept }: { signal: AbortSignal; accept?: string },
): AsyncGenerator<WatchEvent> {
  const api = await session.api()
  const ended = new AbortController()
  const end = (): void => ended.abort()
  const ends = [session.untilLost, signal]
  for (const s of ends) s.addEventListener('abort', end, { once: true })
  try {
    if (ends.some((s) => s.aborted)) end()
    for await (const line of lines(await api.open(path, { timeout: 0, signal: ended.signal, ...(accept ? { accept } : {}) }))) {
      const event = JSON.parse(line) as WatchEvent | { type: 'ERROR'; object: { code?: number; message?: string; reason?: string } }
      if (event.type !== 'ERROR') {
        yield event
        continue
      }
      const { code, message, reason } = event.object
      throw new BackendError({ reason: reason ?? 'Internal', message: message ?? 'The watch failed.', ...(code ? { code } : {}) })
    }
  } finally {
    for (const s of ends) s.removeEventListener('abort', end)
  }
}

/** Whether an error says that a watch cannot go on from its revision: what it watches is to be listed anew. */
export function isExpired(error: { code?: number; reason?: string }): boolean {
  return error.code === 410 || error.reason === 'Expired' || error.reason === 'Gone'
}
