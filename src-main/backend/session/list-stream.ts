/** The `list` stream: rows of one kind, over all or some namespaces, a snapshot first and then batched changes. */
import { listKind } from '../kinds/registry.js'
import { rowOf } from '../kinds/kind.js'
import { TABLE_ACCEPT, TableProjection } from '../kinds/table.js'
import type { ListEvent, ListParams, Row, RpcError } from '../rpc/contract.js'
import type { StreamContext } from '../rpc/serve.js'
import type { Session } from './session.js'

type Phase = Extract<ListEvent, { type: 'state' }>['phase']
/** The worst phase of several namespaces is what is told. */
const severity: Phase[] = ['live', 'stale', 'loading', 'failed', 'forbidden']

/** Rows sent at most in one event. */
const CHUNK = 2000

export async function streamList(session: Session, params: ListParams, stream: StreamContext<'list'>): Promise<void> {
  const kind = listKind(params.resource)
  const namespaces = params.namespaces?.length ? params.namespaces : [undefined]
  const parts = namespaces.map(() => ({
    phase: 'loading' as Phase,
    error: undefined as RpcError | undefined,
    complete: false,
    rows: new Set<string>(),
  }))
  let told = ''
  let snapshotSent = false

  const tellState = (): void => {
    const worst = parts.reduce((a, b) => (severity.indexOf(b.phase) > severity.indexOf(a.phase) ? b : a))
    const key = `${worst.phase}|${worst.error?.message ?? ''}`
    if (key === told) return
    told = key
    stream.emit({ type: 'state', phase: worst.phase, ...(worst.error ? { error: worst.error } : {}) })
  }
  const complete = (): boolean => parts.every((p) => p.complete || p.phase === 'forbidden')
  const sendRows = (rows: Row[]): void => {
    for (let i = 0; i === 0 || i < rows.length; i += CHUNK) {
      const chunk = rows.slice(i, i + CHUNK)
      const last = i + CHUNK >= rows.length
      if (!snapshotSent) {
        snapshotSent = true
        stream.emit({ type: 'snapshot', rows: chunk, complete: last && complete(), total: rows.length })
      } else if (chunk.length || last) stream.emit({ type: 'more', rows: chunk, complete: last && complete() })
    }
  }

  if (kind) stream.emit({ type: 'columns', columns: kind.columns })
  const namespaced = kind
    ? true
    : ((await session.kinds()).find((k) => k.group === params.resource.group && k.resource === params.resource.resource)?.namespaced ??
      true)

  const stops = namespaces.map((namespace, i) => {
    const part = parts[i]!
    // Server-side Tables keep their column state per subscription, so each list of theirs is its own watch.
    const table = kind ? undefined : new TableProjection(namespaced, (columns) => i === 0 && stream.emit({ type: 'columns', columns }))
    return session.watches.subscribe<Row>(
      {
        resource: params.resource,
        ...(namespace ? { namespace } : {}),
        ...(params.labelSelector ? { labelSelector: params.labelSelector } : {}),
        ...(params.fieldSelector ? { fieldSelector: params.fieldSelector } : {}),
        ...(table
          ? { projection: `table-${tableSerial++}`, accept: TABLE_ACCEPT, project: (o) => table.row(o), unpack: (b) => table.unpack(b) }
          : { projection: 'row', project: (o) => rowOf(kind!, o) }),
      },
      {
        reset: () => {
          if (part.rows.size) stream.emit({ type: 'changes', upserts: [], removes: [...part.rows] })
          part.rows.clear()
        },
        changes: (upserts, removes, initial) => {
          for (const r of upserts) part.rows.add(r.id)
          for (const id of removes) part.rows.delete(id)
          if (initial) sendRows(upserts)
          else if (upserts.length || removes.length) {
            if (!snapshotSent) sendRows([])
            for (let at = 0; at === 0 || at < upserts.length; at += CHUNK)
              stream.emit({ type: 'changes', upserts: upserts.slice(at, at + CHUNK), removes: at === 0 ? removes : [] })
          }
        },
        listed: () => {
          part.complete = true
          if (!snapshotSent) sendRows([])
          else if (complete()) stream.emit({ type: 'more', rows: [], complete: true })
        },
        state: (phase, error) => {
          part.phase = phase
          part.error = error
          tellState()
        },
      },
    )
  })
  stream.signal.addEventListener('abort', () => stops.forEach((stop) => stop()), { once: true })
  if (stream.signal.aborted) stops.forEach((stop) => stop())
}

let tableSerial = 0
