/**
 * Any kind without columns of its own: the server's Table, which is what `kubectl get` shows, custom resources with
 * their printer columns included.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-tables
 */
import type { Cell, ColumnInfo, Row } from '../rpc/contract.js'
import type { WatchedObject } from '../session/watch-events.js'
import { born, type Json } from './kind.js'

export const TABLE_ACCEPT = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json'

interface TableRow extends WatchedObject {
  /** The cells as the server gave them. */
  $cells: unknown[]
}

/** Remembers the columns of a Table, which come with the first answer only, and turns its rows into ours. */
export class TableProjection {
  columns: ColumnInfo[] = []
  private date: boolean[] = []

  /** @param onColumns told when the columns are known or change */
  constructor(
    private readonly namespaced: boolean,
    private readonly onColumns: (columns: ColumnInfo[]) => void,
  ) {}

  /** One page or watch event as objects with cells; a server without Tables sends plain lists. */
  unpack(body: Record<string, unknown>): WatchedObject[] {
    if (body.kind !== 'Table') {
      this.setColumns([
        { name: 'Name', type: 'string', priority: 0 },
        { name: 'Age', type: 'date', priority: 0 },
      ])
      const items = (Array.isArray(body.items) ? body.items : [body]) as WatchedObject[]
      return items.map((o) => ({ ...o, $cells: [o.metadata.name, null] }))
    }
    const definitions = body.columnDefinitions as Json[] | undefined
    if (definitions?.length) this.setColumns(definitions)
    return ((body.rows ?? []) as Json[]).map((r) => ({
      ...r.object,
      metadata: r.object?.metadata ?? { name: String(r.cells?.[0]) },
      $cells: r.cells ?? [],
    }))
  }

  row(object: WatchedObject): Row {
    const m = object.metadata
    const raw = (object as TableRow).$cells
    const cells: Cell[] = raw.map((c, i) =>
      this.date[i] ? born(object) : c === null || c === undefined ? '' : typeof c === 'number' || typeof c === 'string' ? c : String(c),
    )
    if (this.namespaced) cells.splice(1, 0, m.namespace ?? '')
    return {
      id: m.uid ?? `${m.namespace ?? ''}/${m.name}`,
      name: m.name ?? '',
      namespace: m.namespace ?? '',
      cells,
      ...(m.labels ? { labels: m.labels as Record<string, string> } : {}),
      ...(m.deletionTimestamp ? { deleting: true } : {}),
    }
  }

  private setColumns(definitions: Json[]): void {
    this.date = definitions.map((d) => /^age$/i.test(d.name))
    const columns: ColumnInfo[] = definitions.map((d, i) => ({
      id: idOf(d.name),
      title: d.name,
      served: true,
      type: this.date[i] ? 'age' : d.type === 'integer' || d.type === 'number' ? 'number' : 'text',
      ...(TELLING.test(d.name) ? { stays: 'always' as const } : {}),
      ...(d.priority > 0 ? { wide: true } : {}),
      ...(this.date[i] || d.type === 'integer' || d.type === 'number' ? { align: 'right' as const } : {}),
      ...(i === 0 ? { width: 260 } : this.date[i] ? { width: 70 } : {}),
    }))
    if (this.namespaced) columns.splice(1, 0, { id: 'namespace', title: 'Namespace', type: 'text', width: 130 })
    if (JSON.stringify(columns) === JSON.stringify(this.columns)) return
    this.columns = columns
    this.onColumns(columns)
  }
}

/** Headings under which a server says how an object is, or what it does. */
const TELLING = /^(ready|status|phase|state|health|reason|message|schedule|object)$/i

/** `Reclaim Policy` → `reclaimPolicy`. */
function idOf(title: string): string {
  const words = title
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter(Boolean)
  return words.map((w, i) => (i ? w[0]!.toUpperCase() + w.slice(1) : w)).join('')
}
