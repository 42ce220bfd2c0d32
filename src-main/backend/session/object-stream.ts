/** The `object` stream: one whole object, each time it changes. And the `events` and `counts` streams beside it. */
import type { EventRow, ObjectEvent, ObjectRef, Streams } from '../rpc/contract.js'
import type { StreamContext } from '../rpc/serve.js'
import type { Json } from '../kinds/kind.js'
import { collectionPath } from './paths.js'
import type { Session } from './session.js'
import type { WatchedObject } from './shared-watch.js'

/** An object without what only the server needs. */
export function withoutManagedFields<T extends WatchedObject>(object: T): T {
  if (!object.metadata?.managedFields) return object
  const { managedFields: _, ...metadata } = object.metadata
  return { ...object, metadata }
}

type StatePhase = Extract<ObjectEvent, { type: 'state' }>['phase']

export function streamObject(session: Session, ref: ObjectRef, stream: StreamContext<'object'>): void {
  let seen = false
  const stop = session.watches.subscribe<WatchedObject>(
    {
      resource: { group: ref.group, version: ref.version, resource: ref.resource },
      ...(ref.namespace ? { namespace: ref.namespace } : {}),
      fieldSelector: `metadata.name=${ref.name}`,
      projection: 'whole',
      project: withoutManagedFields,
    },
    {
      changes: (upserts, removes) => {
        for (const object of upserts) {
          seen = true
          stream.emit({ type: 'object', object })
        }
        if (removes.length && !upserts.length) stream.emit({ type: 'deleted' })
      },
      listed: () => {
        if (!seen) stream.emit({ type: 'state', phase: 'missing' })
      },
      state: (phase, error) => {
        if (phase === 'live' && !seen) return
        stream.emit({ type: 'state', phase: phase as StatePhase, ...(error ? { error } : {}) })
      },
    },
  )
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
      const counts: Record<string, number | null> = {}
      await Promise.all(
        params.resources.map(async (r) => {
          const namespaces = params.namespaces?.length ? params.namespaces : [undefined]
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
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, COUNT_EVERY)
      stream.signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true })
    })
    await session.whenLive(stream.signal).catch(() => undefined)
  }
}
