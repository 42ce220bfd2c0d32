/** The `list` stream: rows of one kind, over all or some namespaces, a snapshot first and then batched changes. */
import { customColumns, needsWhole } from '../kinds/custom-columns.js'
import { rowOf } from '../kinds/kind.js'
import { listKind } from '../kinds/registry.js'
import { TABLE_ACCEPT, TableProjection } from '../kinds/table.js'
import type { ColumnInfo, ListEvent, ListParams, Row, RpcError } from '../rpc/contract.js'
import type { StreamContext } from '../rpc/serve.js'
import { RowMarks, type KeptRow } from './row-marks.js'
import type { Session } from './session.js'
import type { WatchedObject } from './watch-events.js'

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
    rows: new Map<string, KeptRow>(),
  }))
  const custom = customColumns(params.custom ?? [])
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

  // Marks: what is shown of an object that is not in it. They are told once the rows are there.
  const marked = new Map<string, string>()
  const mark = (kept: readonly KeptRow[]): Row[] =>
    kept.map((k) => {
      marked.set(k.row.id, marks.signature(k))
      return marks.apply(k)
    })
  const remark = (objects?: ReadonlySet<string>): void => {
    const touched = parts.flatMap(({ rows }) => (objects ? marks.rowsOf(objects, rows) : [...rows.values()]))
    const changed = touched.filter((k) => marked.get(k.row.id) !== marks.signature(k))
    if (changed.length) sendChanges(mark(changed), [])
  }
  const sendChanges = (upserts: Row[], removes: string[]): void => {
    for (let at = 0; at === 0 || at < upserts.length; at += CHUNK)
      stream.emit({ type: 'changes', upserts: upserts.slice(at, at + CHUNK), removes: at === 0 ? removes : [] })
  }
  const marks = new RowMarks(session, params, kind, remark)

  const tellColumns = (columns: ColumnInfo[]): void => stream.emit({ type: 'columns', columns: [...columns, ...custom.columns] })
  if (kind) tellColumns(kind.columns)
  const namespaced = kind
    ? true
    : ((await session.kinds()).find((k) => k.group === params.resource.group && k.resource === params.resource.resource)?.namespaced ??
      true)

  const stops = namespaces.map((namespace, i) => {
    const part = parts[i]!
    // Server-side Tables keep their column state per subscription, so each list of theirs is its own watch.
    const table = kind ? undefined : new TableProjection(namespaced, (columns) => i === 0 && tellColumns(columns))
    const keep = (o: WatchedObject): KeptRow => {
      const row = table ? table.row(o) : rowOf(kind!, o)
      if (custom.columns.length) row.cells = [...row.cells, ...custom.cells(o)]
      return { row, ...(kind?.usage ? { allowance: kind.usage.allowance(o) } : {}) }
    }
    return session.watches.subscribe<KeptRow>(
      {
        resource: params.resource,
        ...(namespace ? { namespace } : {}),
        ...(params.labelSelector ? { labelSelector: params.labelSelector } : {}),
        ...(params.fieldSelector ? { fieldSelector: params.fieldSelector } : {}),
        ...(table
          ? {
              projection: `table-${tableSerial++}`,
              accept: TABLE_ACCEPT,
              includeObject: needsWhole(params.custom ?? []) ? 'Object' : 'Metadata',
              unpack: (b) => table.unpack(b),
            }
          : { projection: `row ${JSON.stringify(params.custom ?? [])}` }),
        project: keep,
      },
      {
        reset: () => {
          if (part.rows.size) stream.emit({ type: 'changes', upserts: [], removes: [...part.rows.keys()] })
          part.rows.clear()
        },
        changes: (upserts, removes, initial) => {
          for (const k of upserts) part.rows.set(k.row.id, k)
          for (const id of removes) {
            part.rows.delete(id)
            marked.delete(id)
          }
          if (initial) sendRows(mark(upserts))
          else if (upserts.length || removes.length) {
            if (!snapshotSent) sendRows([])
            sendChanges(mark(upserts), removes)
          }
        },
        listed: () => {
          part.complete = true
          if (complete()) marks.follow()
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
  const close = (): void => {
    for (const stop of stops) stop()
    marks.close()
  }
  if (stream.signal.aborted) close()
  else stream.signal.addEventListener('abort', close, { once: true })
}

let tableSerial = 0
