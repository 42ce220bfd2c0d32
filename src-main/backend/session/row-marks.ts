/** What rows show that is not in their objects: what pods and nodes use, and the last warning about an object. */
import type { ListKind } from '../kinds/kind.js'
import type { Allowance, Sample } from '../metrics/usage-cells.js'
import { sampleKey, type Samples } from '../metrics/usage-polls.js'
import type { ListParams, Row, RowWarning } from '../rpc/contract.js'
import { placeOf, PodCensus } from './pod-census.js'
import { RowWarnings } from './row-warnings.js'
import type { Session } from './session.js'

/** A row as a watch keeps it, before its marks. */
export interface KeptRow {
  row: Row
  allowance?: Allowance
  /** Does not belong to the list as the object is now. */
  out?: boolean
}

/** The marks of the rows of one list. */
export class RowMarks {
  private readonly usage = new Map<string, Samples>()
  private warnings: RowWarnings | undefined
  private census: PodCensus | undefined
  private readonly stops: (() => void)[] = []
  private readonly places: number[]
  private readonly nodes: boolean
  private followed = false
  private closed = false

  /** @param onChange told when marks may have changed: of these objects, or of all */
  constructor(
    private readonly session: Session,
    private readonly params: ListParams,
    private readonly kind: ListKind | undefined,
    private readonly onChange: (objects?: ReadonlySet<string>) => void,
  ) {
    const usage = kind?.usage
    this.places = usage ? usage.columns.map((id) => kind.columns.findIndex((c) => c.id === id)) : []
    this.nodes = params.resource.resource === 'nodes'
  }

  /** Asks for marks from now on; the rows themselves come first. */
  follow(): void {
    if (this.followed || this.closed) return
    this.followed = true
    const { session, params, kind } = this
    const namespaces = params.namespaces?.length ? params.namespaces : [undefined]
    if (kind?.usage)
      for (const namespace of namespaces)
        this.stops.push(
          session.usage.subscribe(kind.usage.resource, namespace ?? '', (samples) => {
            this.usage.set(namespace ?? '', samples)
            this.onChange()
          }),
        )
    // Pods of all namespaces are on a node.
    if (kind?.pods && params.pods) this.census = new PodCensus(session, this.nodes ? [undefined] : namespaces, () => this.onChange())
    if (params.resource.resource !== 'events') this.warnings = new RowWarnings(session, namespaces, this.onChange)
  }

  /** The rows of these objects, as {@link RowWarnings} names them. */
  rowsOf(objects: ReadonlySet<string>, rows: ReadonlyMap<string, KeptRow>): KeptRow[] {
    if (this.nodes) return [...rows.values()].filter((k) => objects.has(k.row.name))
    return [...objects].map((id) => rows.get(id)).filter((k) => k !== undefined)
  }

  /** What tells whether the marks of a row are still those that were sent. */
  signature({ row, allowance }: KeptRow): string {
    const warning = this.warningOf(row)
    const sample = allowance ? this.sampleOf(row) : undefined
    const used = sample ? `${Math.round(sample.cpuCores * 1000)} ${Math.round(sample.memoryBytes / 2 ** 20)}` : ''
    const place = this.placeOf(row)
    const pods = (place && this.census?.turn(place)) ?? ''
    return warning ? `${used} ${pods} ${warning.last} ${warning.count}` : `${used} ${pods}`
  }

  /** The row with its marks. */
  apply({ row, allowance }: KeptRow): Row {
    const warning = this.warningOf(row)
    const cells = this.cellsWithPods(row, this.cellsWithUsage(row, allowance))
    return warning || cells !== row.cells ? { ...row, cells, ...(warning ? { warning } : {}) } : row
  }

  close(): void {
    this.closed = true
    this.warnings?.close()
    this.census?.close()
    for (const stop of this.stops) stop()
  }

  private cellsWithUsage(row: Row, allowance: Allowance | undefined): Row['cells'] {
    if (!allowance || !this.kind?.usage) return row.cells
    const sample = this.sampleOf(row)
    if (!sample) return row.cells
    const cells = row.cells.slice()
    this.kind.usage.cells(sample, allowance).forEach((cell, i) => (cells[this.places[i]!] = cell))
    return cells
  }

  private cellsWithPods(row: Row, before: Row['cells']): Row['cells'] {
    const pods = this.kind?.pods
    const place = this.placeOf(row)
    const names = place && this.census?.of(place)
    if (!pods || !names) return before
    const at = this.kind.columns.findIndex((c) => c.id === pods.column)
    const cells = before.slice()
    cells[at] = pods.cell(names, before[at] ?? null)
    return cells
  }
  private placeOf(row: Row): string | undefined {
    return this.kind?.pods && placeOf(this.kind.pods.of, row.namespace, row.name)
  }
  private sampleOf(row: Row): Sample | undefined {
    const key = sampleKey(row.namespace, row.name)
    return this.usage.get('')?.get(key) ?? this.usage.get(row.namespace)?.get(key)
  }

  private warningOf(row: Row): RowWarning | undefined {
    return this.warnings?.of(this.nodes ? row.name : row.id)
  }
}
