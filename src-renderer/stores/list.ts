import { onScopeDispose, shallowRef, watch, type Ref, type ShallowRef } from 'vue'
import type { ColumnInfo, ListEvent, ListParams, RpcError } from '../../src-main/backend/rpc/contract.js'
import { RowModel } from '../components/row-model.js'
import { backend, type StreamHandle } from '../app/rpc.js'

/** What a list shows besides its rows. */
export interface ListState {
  phase: 'loading' | 'live' | 'stale' | 'forbidden' | 'failed'
  /** When the phase began, ms since the epoch. */
  since: number
  error?: RpcError
  /** More rows of the first snapshot are on their way. */
  more: boolean
}

/** A live list: its stream follows `params` and ends with the scope that made it. */
export interface LiveList {
  columns: ShallowRef<ColumnInfo[]>
  state: ShallowRef<ListState>
  model: RowModel
  /** While true, rows keep their places; changed cells still show. */
  hold: Ref<boolean>
}

/** Shortest time between two arrangements of the rows, ms. */
const ARRANGE = 250
/** Shortest time between two paintings of changed cells, ms. */
const PAINT = 50

/** Opens a list stream for whatever `params` gives; `null` opens none. */
export function useLiveList(params: () => ListParams | null): LiveList {
  const columns = shallowRef<ColumnInfo[]>([])
  const state = shallowRef<ListState>({ phase: 'loading', since: Date.now(), more: false })
  const model = new RowModel()
  const hold = shallowRef(false)
  let stream: StreamHandle<'list'> | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let arranged = 0

  function setPhase(phase: ListState['phase'], error?: RpcError): void {
    const old = state.value
    state.value = { phase, more: old.more, since: old.phase === phase ? old.since : Date.now(), ...(error ? { error } : {}) }
  }

  function schedule(): void {
    timer ??= setTimeout(show, Math.min(PAINT, Math.max(0, arranged + ARRANGE - Date.now())))
  }

  function show(): void {
    timer = undefined
    const time = Date.now()
    if (!hold.value && time - arranged >= ARRANGE) {
      arranged = time
      model.flush()
      return
    }
    model.flushInPlace()
    // What has to move waits until the pointer rests or the time has come.
    if (!hold.value) timer = setTimeout(show, arranged + ARRANGE - time)
  }

  function take(event: ListEvent): void {
    switch (event.type) {
      case 'columns':
        columns.value = event.columns
        return
      case 'snapshot':
        model.replace(event.rows)
        // A first page without rows says nothing yet while more pages are on their way.
        state.value = { phase: event.complete || event.rows.length > 0 ? 'live' : 'loading', since: Date.now(), more: !event.complete }
        return
      case 'more':
        model.change(event.rows, [])
        state.value = {
          ...state.value,
          more: !event.complete,
          ...(event.complete && state.value.phase === 'loading' ? { phase: 'live', since: Date.now() } : {}),
        }
        schedule()
        return
      case 'changes':
        model.change(event.upserts, event.removes)
        schedule()
        return
      case 'state':
        setPhase(event.phase, event.error)
    }
  }

  watch(hold, (held) => {
    if (!held && model.pending) schedule()
  })
  watch(
    () => JSON.stringify(params()),
    () => {
      stream?.close()
      stream = undefined
      const p = params()
      model.replace([])
      state.value = { phase: 'loading', since: Date.now(), more: false }
      if (!p) return
      const opened: StreamHandle<'list'> = backend.open(
        'list',
        p,
        (e) => (stream === opened ? take(e) : undefined),
        (error) => {
          if (stream === opened) setPhase(error?.reason === 'Forbidden' ? 'forbidden' : 'failed', error)
        },
      )
      stream = opened
    },
    { immediate: true },
  )
  // The window's own line to the backend can be lost too.
  watch(backend.link, (link) => {
    if (link.phase === 'lost' && state.value.phase === 'live') setPhase('stale')
  })
  onScopeDispose(() => {
    stream?.close()
    clearTimeout(timer)
  })
  return { columns, state, model, hold }
}
