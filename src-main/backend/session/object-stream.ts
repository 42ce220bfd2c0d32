/** The `object` stream: one whole object, each time it changes. And the `events` and `counts` streams beside it. */
import type { EventRow, ObjectEvent, ObjectRef, Streams } from '../rpc/contract.js'
import type { StreamContext } from '../rpc/serve.js'
import type { SeenVersions } from '../history/seen-versions.js'
import type { Json } from '../kinds/kind.js'
import { collectionPath } from './paths.js'
import { pause } from './retry.js'
import type { Session } from './session.js'
import type { WatchSpec } from './shared-watch.js'
import type { WatchedObject } from './watch-events.js'

/** An object without what only the server needs. */
export function withoutManagedFields<T extends WatchedObject>(object: T): T {
  if (!object.metadata?.managedFields) return object
  const { managedFields: _, ...metadata } = object.metadata
  return { ...object, metadata }
}

type StatePhase = Extract<ObjectEvent, { type: 'state' }>['phase']

/** What is watched of one object: all of it, shared by everybody who looks at it. */
export function wholeObject(ref: ObjectRef): WatchSpec<WatchedObject> {
  return {
    resource: { group: ref.group, version: ref.version, resource: ref.resource },
    ...(ref.namespace ? { namespace: ref.namespace } : {}),
    fieldSelector: `metadata.name=${ref.name}`,
    projection: 'whole',
    project: (object) => object,
  }
}

/** @param history keeps the versions that come by */
export function streamObject(session: Session, ref: ObjectRef, history: SeenVersions, stream: StreamContext<'object'>): void {
  let seen = false
  const stop = session.watches.subscribe(wholeObject(ref), {
    changes: (upserts, removes) => {
      for (const object of upserts) {
        seen = true
        history.record(session.context, ref, object)
        stream.emit({ type: 'object', object: withoutManagedFields(object) })
      }
      if (!removes.length || upserts.length) return
      history.recordDeleted(session.context, ref)
      stream.emit({ type: 'deleted' })
    },
    listed: () => {
      if (!seen) stream.emit({ type: 'state', phase: 'missing' })
    },
    state: (phase, error) => {
      if (phase === 'live' && !seen) return
      stream.emit({ type: 'state', phase: phase as StatePhase, ...(error ? { error } : {}) })
    },
  })
  stream.signal.addEventListener('abort', stop, { once: true })
}

/** An event of core/v1 or events.k8s.io/v1 as a row. */
export function eventRow(e: Json): EventRow {
  const time = (t: unknown): number => (typeof t === 'string' ? Date.parse(t) : NaN)
  const first = time(e.firstTimestamp) || time(e.eventTime) || time(e.metadata?.creationTimestamp) || 0
  const last = time(e.series?.lastObservedTime) || time(e.lastTimestamp) || first
  const source = [e.source?.component || e.reportingComponent, e.source?.host].filter(Boolean).join(', ')
  return {
    id: e.metadata?.uid ?? e.metadata?.name ?? '',
    type: e.type ?? '',
    reason: e.reason ?? '',
    message: e.message ?? '',
    source,
    count: e.series?.count ?? e.count ?? 1,
    first,
    last,
  }
}

export function streamEvents(session: Session, ref: Streams['events']['params']['ref'], stream: StreamContext<'events'>): void {
  const rows = new Map<string, EventRow>()
  const fields = [
    `involvedObject.name=${ref.name}`,
    `involvedObject.kind=${ref.kind}`,
    ...(ref.uid ? [`involvedObject.uid=${ref.uid}`] : []),
  ]
  const stop = session.watches.subscribe<EventRow>(
    // Events of objects without a namespace are kept in "default".
    {
      resource: { group: '', version: 'v1', resource: 'events' },
      namespace: ref.namespace || 'default',
      fieldSelector: fields.join(','),
      projection: 'event',
      project: eventRow,
    },
    {
      reset: () => rows.clear(),
      changes: (upserts, removes) => {
        for (const r of upserts) rows.set(r.id, r)
        for (const id of removes) rows.delete(id)
        stream.emit([...rows.values()].sort((a, b) => b.last - a.last))
      },
      listed: () => {
        if (!rows.size) stream.emit([])
      },
    },
  )
  stream.signal.addEventListener('abort', stop, { once: true })
}

/** How often the sidebar's counts are asked for, ms. A list that is open has its own, exact numbers. */
const COUNT_EVERY = 5_000

/** Counts by `limit=1` and `remainingItemCount`: one small request per kind, however many objects there are. */
export async function streamCounts(session: Session, params: Streams['counts']['params'], stream: StreamContext<'counts'>): Promise<void> {
  let told = ''
  while (!stream.signal.aborted) {
    try {
      const api = await session.api()
      // Those of the whole cluster are in no namespace, whichever are chosen.
      const namespaced = new Set((await session.kinds()).filter((k) => k.namespaced).map((k) => `${k.group}/${k.resource}`))
      const counts: Record<string, number | null> = {}
      await Promise.all(
        params.resources.map(async (r) => {
          const namespaces = params.namespaces?.length && namespaced.has(`${r.group}/${r.resource}`) ? params.namespaces : [undefined]
          let n: number | null = 0
          for (const namespace of namespaces) {
            try {
              const list = await api.json<{ metadata?: { remainingItemCount?: number; continue?: string }; items?: unknown[] }>(
                `${collectionPath(r, namespace)}?limit=1`,
                {
                  accept: 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json',
                  signal: stream.signal,
                },
              )
              n = n === null ? null : n + (list.items?.length ?? 0) + (list.metadata?.remainingItemCount ?? 0)
            } catch {
              n = null
            }
          }
          counts[`${r.group}/${r.resource}`] = n
        }),
      )
      const key = JSON.stringify(counts)
      if (key !== told && !stream.signal.aborted) {
        told = key
        stream.emit(counts)
      }
    } catch {
      // The connection's own state says why; counts simply wait for it.
    }
    await pause(COUNT_EVERY, stream.signal)
    await session.whenLive(stream.signal).catch(() => undefined)
  }
}
