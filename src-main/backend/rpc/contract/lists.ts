/** Lists: columns, rows and the changes to them. */
import type { RpcError } from './errors.js'
import type { ResourceRef } from './resources.js'

/** How a cell is shown. The words the window colours are the `tone`; numbers and times are formatted by the window. */
export type Cell =
  | string
  | number
  | null
  | {
      text: string
      tone?: 'ok' | 'warn' | 'bad' | 'busy' | 'off'
      /** Sorts instead of the text. */
      sort?: number | string
      /** Shown on hover. */
      title?: string
    }

/** One column of a list. */
export interface ColumnInfo {
  id: string
  /** English heading; the window looks up `columns.ID` in its translations first. */
  title: string
  type: 'text' | 'number' | 'age' | 'status' | 'bricks' | 'labels'
  /** Hidden until chosen. */
  wide?: boolean
  /** Preferred width in px. */
  width?: number
  align?: 'left' | 'right'
}

/** One object as a list shows it. Compact: it crosses by the thousand. */
export interface Row {
  /** The uid. */
  id: string
  name: string
  namespace: string
  /** One per column. `age` columns hold the time of birth, ms since the epoch. */
  cells: Cell[]
  /** For search. */
  labels?: Record<string, string>
  /** `metadata.deletionTimestamp` is set. */
  deleting?: boolean
}

export interface ListParams {
  context: string
  resource: ResourceRef
  /** Empty or left out: all namespaces that the user may list. */
  namespaces?: string[]
  labelSelector?: string
  fieldSelector?: string
}

/** What a list stream sends: a snapshot first (again after a reconnect that lost track), then batched changes. */
export type ListEvent =
  | { type: 'columns'; columns: ColumnInfo[] }
  | { type: 'snapshot'; rows: Row[]; /** More rows follow in `more` events. */ complete: boolean; total: number }
  | { type: 'more'; rows: Row[]; complete: boolean }
  | { type: 'changes'; upserts: Row[]; removes: string[] }
  | { type: 'state'; phase: 'loading' | 'live' | 'stale' | 'forbidden' | 'failed'; error?: RpcError }
