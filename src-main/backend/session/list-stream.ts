/** The `list` stream: rows of one kind or of all workloads, over all or some namespaces, a snapshot first and then batched changes. */
import { customColumns, needsWhole } from '../kinds/custom-columns.js'
import { rowOf, type ListKind } from '../kinds/kind.js'
import { listKind } from '../kinds/registry.js'
import { TABLE_ACCEPT, TableProjection } from '../kinds/table.js'
import { isWorkloads, listedWorkloads, workloadColumns, type ListedWorkload } from '../kinds/workload-list.js'
import { toRpcError } from '../errors.js'
import type { ColumnInfo, KindInfo, ListEvent, ListParams, ResourceRef, Row, RpcError } from '../rpc/contract.js'
import type { StreamContext } from '../rpc/serve.js'
import { untilRetry } from './retry.js'
import { RowMarks, type KeptRow } from './row-marks.js'
import type { Session } from './session.js'
import { idOf } from './shared-watch.js'
import type { WatchedObject } from './watch-events.js'

type Phase = Extract<ListEvent, { type: 'state' }>['phase']
/** The worst phase of several namespaces is what is told. */
const severity: Phase[] = ['live', 'stale', 'loading', 'failed', 'forbidden']

/** Rows sent at most in one event. */
const CHUNK = 2000

/** Until kinds that could not be had are asked for again, ms. */
const AGAIN = 1000

/** What one watch brings to a list. */
interface Part {
  resource: ResourceRef
  namespace: string | undefined
  /** Left out: the server's Table. */
  kind: ListKind | undefined
  /** Set in a list of several kinds. */
  workload?: ListedWorkload
  phase: Phase
  error: RpcError | undefined
  complete: boolean
  rows: Map<string, KeptRow>
}

export async function streamList(session: Session, params: ListParams, stream: StreamContext<'list'>): Promise<void> {
  const kind = listKind(params.resource)
  const mixed = isWorkloads(params.resource)
  const namespaces = params.namespaces?.length ? params.namespaces : [undefined]
  let parts: Part[] = []
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
  else if (mixed) tellColumns([...workloadColumns])
  const kinds = kind ? [] : await kindsOf(session, stream)
  const { group, resource } = params.resource
  const namespaced = kinds.find((k) => k.group === group && k.resource === resource)?.namespaced ?? true
  const asked: Pick<Part, 'resource' | 'kind' | 'workload'>[] = mixed
    ? listedWorkloads(kinds).map((workload) => ({ resource: workload.resource, kind: workload.list, workload }))
    : [{ resource: params.resource, kind }]
  parts = namespaces.flatMap((namespace) =>
    asked.map((what) => ({ ...what, namespace, phase: 'loading' as Phase, error: undefined, complete: false, rows: new Map() })),
  )

  if (parts.length === 0) sendRows([])

  const stops = parts.map((part, i) => {
    const { namespace, kind: own, workload } = part
    // Server-side Tables keep their column state per subscription, so each list of theirs is its own watch.
    const table = own ? undefined : new TableProjection(namespaced, (columns) => i === 0 && tellColumns(columns))
    const keep = (o: WatchedObject): KeptRow => {
      if (workload && !params.controlled && workload.controlled(o)) return { row: nothing(o), out: true }
      const row = table ? table.row(o) : rowOf(own!, o)
      if (workload) row.kind = workload.key
      if (custom.columns.length) row.cells = [...row.cells, ...custom.cells(o)]
      return { row, ...(own?.usage ? { allowance: own.usage.allowance(o) } : {}) }
    }
    const form = workload ? (params.controlled ? 'workload' : 'workload alone') : 'row'
    return session.watches.subscribe<KeptRow>(
      {
        resource: part.resource,
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
          : { projection: `${form} ${JSON.stringify(params.custom ?? [])}` }),
        project: keep,
      },
      {
        reset: () => {
          if (part.rows.size) stream.emit({ type: 'changes', upserts: [], removes: [...part.rows.keys()] })
          part.rows.clear()
        },
        changes: (come, gone, initial) => {
          const upserts = workload ? come.filter((k) => !k.out) : come
          // One that has got a controller meanwhile is not shown any more.
          const removes = workload ? [...gone, ...come.filter((k) => k.out && part.rows.has(k.row.id)).map((k) => k.row.id)] : gone
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

/** What is kept of an object that is not shown. */
const nothing = (o: WatchedObject): Row => ({ id: idOf(o), name: '', namespace: '', cells: [] })

/** The kinds of the server, as soon as they can be had; until then the reason is told. */
async function kindsOf(session: Session, stream: StreamContext<'list'>): Promise<KindInfo[]> {
  for (;;)
    try {
      return await session.kinds()
    } catch (error) {
      if (stream.signal.aborted) throw error
      stream.emit({ type: 'state', phase: 'failed', error: toRpcError(error) })
      await untilRetry(session, AGAIN, stream.signal)
    }
}
