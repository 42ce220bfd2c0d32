import { onScopeDispose, shallowRef, watch, type Ref, type ShallowRef } from 'vue'
import type { ColumnInfo, ListParams } from '../../src-main/backend/rpc/contract.js'
import { RowModel } from '../components/row-model.js'
import { backend } from '../app/rpc.js'
import { joinFirstFill } from './first-fill.js'
import { ListFeed, loading, type ListState } from './list-feed.js'
import { RowPace } from './row-pace.js'

/** A live list: its stream follows `params` and ends with the scope that made it. */
export interface LiveList {
  columns: ShallowRef<ColumnInfo[]>
  state: ShallowRef<ListState>
  model: RowModel
  /** While true, rows keep their places; changed cells still show. */
  hold: Ref<boolean>
}

/** Opens a list stream for whatever `params` gives; `null` opens none. */
export function useLiveList(params: () => ListParams | null): LiveList {
  const columns = shallowRef<ColumnInfo[]>([])
  const state = shallowRef<ListState>(loading())
  const model = new RowModel()
  const hold = shallowRef(false)
  const pace = new RowPace(model, hold)
  let feed: ListFeed | undefined
  joinFirstFill(() => state.value.phase !== 'loading' || params() === null)

  watch(
    () => JSON.stringify(params()),
    () => {
      feed?.close()
      feed = undefined
      const p = params()
      model.replace([])
      state.value = loading()
      if (!p) return
      feed = new ListFeed(p, {
        columns: (now) => (columns.value = now),
        snapshot: (rows) => model.replace(rows),
        changes: (upserts, removes) => {
          model.change(upserts, removes)
          pace.schedule()
        },
        state: (now) => (state.value = now),
      })
    },
    { immediate: true },
  )
  // The window's own line to the backend can be lost too.
  watch(backend.link, (link) => {
    if (link.phase === 'lost') feed?.lost()
  })
  onScopeDispose(() => {
    feed?.close()
    pace.stop()
  })
  return { columns, state, model, hold }
}
