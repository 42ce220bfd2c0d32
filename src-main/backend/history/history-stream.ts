/** The `history` stream of an object: its field managers, and the versions that were seen of it, again with each change. */
import type { ObjectRef } from '../rpc/contract.js'
import type { StreamContext } from '../rpc/serve.js'
import { wholeObject } from '../session/object-stream.js'
import type { Session } from '../session/session.js'
import { fieldManagers } from './managed-fields.js'
import { masked, type SeenVersions } from './seen-versions.js'

export function streamHistory(session: Session, ref: ObjectRef, seen: SeenVersions, stream: StreamContext<'history'>): void {
  let managers: ReturnType<typeof fieldManagers> = []
  const tell = (): void => stream.emit({ managers, seen: seen.of(session.context, ref) })
  const stop = session.watches.subscribe(wholeObject(ref), {
    changes: (upserts, removes) => {
      for (const object of upserts) {
        seen.record(session.context, ref, object)
        managers = fieldManagers(object.metadata.managedFields, masked(ref, object))
      }
      if (removes.length && !upserts.length) seen.recordDeleted(session.context, ref)
      tell()
    },
    listed: tell,
  })
  if (stream.signal.aborted) stop()
  else stream.signal.addEventListener('abort', stop, { once: true })
}
