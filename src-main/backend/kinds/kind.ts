/**
 * How a kind is shown in lists: ONE FILE PER KIND that wants columns of its own, each exporting one {@link ListKind};
 * every other kind is shown by the server's own Table (`table.ts`).
 */
import type { Cell, ColumnInfo, Row } from '../rpc/contract.js'

/** An object as JSON, read without trust: every field may be missing. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Json = any

export interface ListKind {
  group: string
  resource: string
  columns: ColumnInfo[]
  /** One cell per column. `age` columns want the creation time in ms. */
  cells(object: Json): Cell[]
}

/** The row of an object. */
export function rowOf(kind: ListKind, object: Json): Row {
  const m = object.metadata ?? {}
  return {
    id: m.uid ?? `${m.namespace ?? ''}/${m.name}`,
    name: m.name ?? '',
    namespace: m.namespace ?? '',
    cells: kind.cells(object),
    ...(m.labels ? { labels: m.labels } : {}),
    ...(m.deletionTimestamp ? { deleting: true } : {}),
  }
}

/** The creation time in ms, null when there is none. */
export function born(object: Json): number | null {
  const t = object.metadata?.creationTimestamp
  return t ? Date.parse(t) : null
}

/** Columns that most kinds have. */
export const nameColumn: ColumnInfo = { id: 'name', title: 'Name', type: 'text', width: 260 }
export const namespaceColumn: ColumnInfo = { id: 'namespace', title: 'Namespace', type: 'text', width: 130 }
export const ageColumn: ColumnInfo = { id: 'age', title: 'Age', type: 'age', width: 70, align: 'right' }
