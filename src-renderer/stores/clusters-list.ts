import { onScopeDispose, shallowRef, watch, type ShallowRef } from 'vue'
import type { Cell, ColumnInfo, ListParams, Row, RpcError } from '../../src-main/backend/rpc/contract.js'
import { errorText } from '../app/error-text.js'
import { backend } from '../app/rpc.js'
import { RowModel } from '../components/row-model.js'
import { ListFeed, loading, type ListState } from './list-feed.js'
import type { LiveList } from './list.js'
import { RowPace } from './row-pace.js'

/** The list of one cluster among several. */
export interface ClusterSource {
  context: string
  /** What the cluster is called. */
  title: string
  /** Null: it cannot be listed there now; `problem` says why, or nothing while that is not known yet. */
  params: ListParams | null
  problem?: RpcError
}

/** A row of a list over several clusters: it knows whose it is. */
export interface ClusterRow extends Row {
  context: string
}

/** How the list of one cluster among several is. */
export interface ClusterPart {
  context: string
  title: string
  state: ListState
  rows: number
}

/** A list over one or several clusters. */
export interface ClustersList extends LiveList {
  /** One for each cluster, in the order that was asked for. */
  parts: ShallowRef<ClusterPart[]>
  /** Whose object a row is. */
  contextOf(row: Row): string
}

const clusterColumn: ColumnInfo = { id: 'cluster', title: 'Cluster', type: 'status', width: 130 }

/** The feed of one cluster and where its cells belong among the columns of all. */
interface Part {
  source: ClusterSource
  /** What its feed was opened with. */
  key: string
  feed: ListFeed | undefined
  state: ListState
  ids: Set<string>
  /** Its columns' places among those of all; null where they are the same. */
  places: number[] | null
}

/**
 * Opens a list stream for each cluster and shows their rows as one list, with a column for the cluster before all others where there
 * are several. A cluster that is offline, refuses or has not the kind says so in its part; the rows of the others stay live.
 */
export function useClustersList(sources: () => readonly ClusterSource[]): ClustersList {
  const columns = shallowRef<ColumnInfo[]>([])
  const state = shallowRef<ListState>(loading())
  const parts = shallowRef<ClusterPart[]>([])
  const model = new RowModel()
  const hold = shallowRef(false)
  const pace = new RowPace(model, hold)
  let open: Part[] = []
  let many = false
  /** The columns of all clusters, without that of the cluster. Never shrinks while the list is open: cells keep their places. */
  let union: ColumnInfo[] = []
  let counting: ReturnType<typeof setTimeout> | undefined

  function tell(): void {
    clearTimeout(counting)
    counting = undefined
    parts.value = open.map((p) => ({ context: p.source.context, title: p.source.title, state: p.state, rows: p.ids.size }))
    state.value = together(open.map((p) => p.state))
  }
  /** Numbers of rows follow a moment later, for all that changes meanwhile. */
  function tellSoon(): void {
    counting ??= setTimeout(tell, 250)
  }

  /** The columns of a part find their places; new ones come last. */
  function place(part: Part, own: readonly ColumnInfo[]): void {
    if (!many) {
      columns.value = [...own]
      return
    }
    const at = new Map(union.map((c, i) => [c.id, i]))
    for (const c of own)
      if (!at.has(c.id)) {
        at.set(c.id, union.length)
        union.push(c)
      }
    const places = own.map((c) => at.get(c.id)!)
    part.places = places.every((to, from) => to === from) ? null : places
    columns.value = [clusterColumn, ...union]
  }

  const idOf = (part: Part, id: string): string => `${encodeURIComponent(part.source.context)}:${id}`
  function cellOf(part: Part): Cell {
    const { title } = part.source
    const { phase, error } = part.state
    return phase === 'stale' || phase === 'failed' ? { text: title, tone: 'off', title: error ? errorText(error) : title } : title
  }
  function rowsOf(part: Part, rows: readonly Row[]): ClusterRow[] {
    const cluster = cellOf(part)
    return rows.map((row) => {
      const cells = [cluster]
      if (part.places) part.places.forEach((to, from) => (cells[to + 1] = row.cells[from] ?? null))
      else cells.push(...row.cells)
      // Places that its columns do not fill.
      for (let i = 0; i < cells.length; i++) cells[i] ??= null
      return { ...row, id: idOf(part, row.id), cells, context: part.source.context }
    })
  }

  function listen(part: Part): void {
    const { params } = part.source
    if (!params) return
    part.feed = new ListFeed(params, {
      columns: (own) => place(part, own),
      snapshot: (rows) => {
        if (!many) {
          part.ids = new Set(rows.map((r) => r.id))
          model.replace(rows)
          return
        }
        const next = rowsOf(part, rows)
        const gone = part.ids
        part.ids = new Set(next.map((r) => r.id))
        for (const id of part.ids) gone.delete(id)
        model.change(next, [...gone])
        model.flush()
      },
      changes: (upserts, removes) => {
        const gone = many ? removes.map((id) => idOf(part, id)) : removes
        const come = many ? rowsOf(part, upserts) : upserts
        for (const r of come) part.ids.add(r.id)
        for (const id of gone) part.ids.delete(id)
        model.change(come, gone)
        pace.schedule()
        if (many) tellSoon()
      },
      state: (now) => {
        const before = part.state.phase
        part.state = now
        if (many && (before === 'stale') !== (now.phase === 'stale')) remark(part)
        tell()
      },
    })
  }

  /** The cells that name a cluster say whether it is there. */
  function remark(part: Part): void {
    const cluster = cellOf(part)
    const rows = [...part.ids].flatMap((id) => {
      const row = model.get(id)
      return row ? [{ ...row, cells: [cluster, ...row.cells.slice(1)] }] : []
    })
    model.change(rows, [])
    pace.schedule()
  }

  function close(part: Part): void {
    part.feed?.close()
    if (part.ids.size) model.change([], [...part.ids])
    part.ids = new Set()
  }

  function follow(): void {
    const wanted = sources()
    const several = wanted.length > 1
    if (several !== many || !several) {
      for (const part of open) part.feed?.close()
      open = []
      union = []
      model.replace([])
      many = several
    }
    const before = new Map(open.map((p) => [p.source.context, p]))
    const begun: Part[] = []
    open = wanted.map((source) => {
      const key = JSON.stringify(source)
      const known = before.get(source.context)
      if (known?.key === key) {
        before.delete(source.context)
        return known
      }
      const error = source.problem
      const first: ListState = error ? { phase: 'failed', since: Date.now(), more: false, error } : loading()
      const part: Part = { source, key, feed: undefined, state: first, ids: new Set(), places: null }
      begun.push(part)
      return part
    })
    for (const gone of before.values()) close(gone)
    if (model.pending) model.flush()
    tell()
    begun.forEach(listen)
  }

  watch(() => JSON.stringify(sources()), follow, { immediate: true })
  // The window's own line to the backend can be lost too.
  watch(backend.link, (link) => {
    if (link.phase === 'lost') for (const part of open) part.feed?.lost()
  })
  onScopeDispose(() => {
    for (const part of open) part.feed?.close()
    clearTimeout(counting)
    pace.stop()
  })
  return {
    columns,
    state,
    model,
    hold,
    parts,
    contextOf: (row) => (row as Partial<ClusterRow>).context ?? open[0]?.source.context ?? '',
  }
}

/** What the list says as a whole: it is live while one cluster is; what the others lack, their parts tell. */
function together(states: readonly ListState[]): ListState {
  const [first] = states
  if (!first) return loading()
  if (states.length === 1) return first
  const order: ListState['phase'][] = ['live', 'loading', 'stale', 'forbidden', 'failed']
  const best = states.reduce((a, b) => (order.indexOf(b.phase) < order.indexOf(a.phase) ? b : a))
  return { ...best, more: states.some((s) => s.more) }
}
