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
      /** A duration that still runs, from this moment on (ms since the epoch): the window counts on, instead of the text. */
      since?: number
      /** A duration that is over, ms. */
      spent?: number
    }

/** One column of a list. */
export interface ColumnInfo {
  id: string
  /** English heading; the window looks up `columns.ID` in its translations first. */
  title: string
  /** `age` and `until` cells are times (ms since the epoch) shown as time passed and time left; see also {@link Cell} for `duration`. */
  type: 'text' | 'number' | 'age' | 'until' | 'duration' | 'status' | 'bricks' | 'labels'
  /** Hidden until chosen. */
  wide?: boolean
  /**
   * How long it stays where there is too little room, if not as long as others of its type: one that is `brief` goes before all others,
   * one that stays `long` goes after other text and numbers, one that stays `always` never goes.
   */
  stays?: 'brief' | 'long' | 'always'
  /** Half of it says nothing, as of an address: it is shown whole, or not at all. */
  whole?: true
  /** Preferred width in px. */
  width?: number
  align?: 'left' | 'right'
  /** Needs all pods to be read: sent only when {@link ListParams.pods} asks for it. */
  ofPods?: true
  /** Made by a person: see {@link CustomColumn}. */
  custom?: true
  /** Of the server's own Table: what it means is for the server to say. */
  served?: true
}

/** A column that a person made for a kind. */
export interface CustomColumn {
  source: 'label' | 'annotation' | 'path'
  /** The key of the label or annotation, or a JSONPath as in `kubectl get -o custom-columns`. */
  of: string
  title: string
}

/** One object as a list shows it. Compact: it crosses by the thousand. */
export interface Row {
  /** The uid. */
  id: string
  name: string
  namespace: string
  /** In a list of several kinds: that of the object, as `pods` or `deployments.apps`. */
  kind?: string
  /** One per column. `age` columns hold the time of birth, ms since the epoch. */
  cells: Cell[]
  /** For search. */
  labels?: Record<string, string>
  /** `metadata.deletionTimestamp` is set. */
  deleting?: boolean
  /** The last Warning event about the object. */
  warning?: RowWarning
}

/** What a Warning event says, for a mark on the object's row. */
export interface RowWarning {
  reason: string
  message: string
  count: number
  /** ms since the epoch. */
  last: number
}

export interface ListParams {
  context: string
  /** `workloads` of the core group, which no server has, are the workloads of all kinds, each row with its {@link Row.kind}. */
  resource: ResourceRef
  /** Empty or left out: all namespaces that the user may list. */
  namespaces?: string[]
  labelSelector?: string
  fieldSelector?: string
  /** Fill the columns that tell of pods: of these kinds all pods are watched for it. */
  pods?: boolean
  /** Of the list of all workloads: those too that another one controls. */
  controlled?: boolean
  /** Columns beside the kind's own. */
  custom?: CustomColumn[]
}

/** What a list stream sends: a snapshot first (again after a reconnect that lost track), then batched changes. */
export type ListEvent =
  | { type: 'columns'; columns: ColumnInfo[] }
  | { type: 'snapshot'; rows: Row[]; /** More rows follow in `more` events. */ complete: boolean; total: number }
  | { type: 'more'; rows: Row[]; complete: boolean }
  | { type: 'changes'; upserts: Row[]; removes: string[] }
  | { type: 'state'; phase: 'loading' | 'live' | 'stale' | 'forbidden' | 'failed'; error?: RpcError }
