import type { Cell, Row } from '../../../src-main/backend/rpc/contract.js'
import { RowModel } from '../../components/row-model.js'
import { cellOf, plainText } from '../../components/table-cell.js'
import type { PlacedColumn } from '../../components/table-row.js'

/** The words of a comparison. */
export interface ComparisonWords {
  same: string
  differs: string
  absent: string
}

/** Objects of one name in several clusters, side by side: what one column says of each. */
export class ComparedRows {
  /** A row for each kind, namespace and name; its cells are the verdict, then one for each cluster. */
  readonly model = new RowModel()
  /** By kind, namespace and name, then by context. */
  private readonly byName = new Map<string, Map<string, Row>>()
  private known = new Map<string, Row>()

  /** @param contexts the clusters, in the order of their cells */
  constructor(
    private readonly contexts: readonly string[],
    private readonly column: PlacedColumn,
    private readonly contextOf: (row: Row) => string,
    private readonly words: ComparisonWords,
  ) {}

  /** Takes the rows as they are now; works only on those that are others than before. */
  update(rows: readonly Row[]): void {
    const next = new Map<string, Row>()
    const touched = new Set<string>()
    for (const row of rows) {
      next.set(row.id, row)
      if (this.known.get(row.id) === row) {
        this.known.delete(row.id)
        continue
      }
      this.known.delete(row.id)
      const name = nameOf(row)
      let clusters = this.byName.get(name)
      if (!clusters) this.byName.set(name, (clusters = new Map()))
      clusters.set(this.contextOf(row), row)
      touched.add(name)
    }
    for (const gone of this.known.values()) {
      const name = nameOf(gone)
      const clusters = this.byName.get(name)
      const context = this.contextOf(gone)
      // One that was made anew under the same name has taken its place already.
      if (clusters?.get(context)?.id === gone.id) clusters.delete(context)
      touched.add(name)
    }
    this.known = next
    const removes: string[] = []
    const upserts: Row[] = []
    for (const name of touched) {
      const clusters = this.byName.get(name)
      if (clusters?.size) upserts.push(this.rowOf(name, clusters))
      else {
        this.byName.delete(name)
        removes.push(name)
      }
    }
    this.model.change(upserts, removes)
    this.model.flush()
  }

  /** The object that a row of the comparison opens: that of the first cluster that has it. */
  firstOf(compared: Row): Row | undefined {
    const clusters = this.byName.get(compared.id)
    return this.contexts.map((c) => clusters?.get(c)).find((row) => row !== undefined)
  }

  private rowOf(id: string, clusters: ReadonlyMap<string, Row>): Row {
    const [first] = clusters.values()
    const texts = new Set<string | null>()
    const cells = this.contexts.map((context): Cell => {
      const row = clusters.get(context)
      if (!row) {
        texts.add(null)
        return { text: this.words.absent, tone: 'off' }
      }
      const text = plainText(cellOf(row, this.column.column, this.column.index), this.column.column)
      texts.add(text)
      return text
    })
    const verdict: Cell =
      texts.size > 1 ? { text: this.words.differs, tone: 'warn', sort: 0 } : { text: this.words.same, tone: 'ok', sort: 1 }
    return { id, name: first!.name, namespace: first!.namespace, cells: [verdict, ...cells] }
  }
}

const nameOf = (row: Row): string => `${row.kind ?? ''}/${row.namespace}/${row.name}`
