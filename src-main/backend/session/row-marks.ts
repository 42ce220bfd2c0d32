/** What rows show that is not in their objects: what pods, workloads and nodes use, how pods are, and the last warning about an object. */
import { keptPodsCells, keptPodsColumns, type WorkloadPod } from '../kinds/kept-pods.js'
import type { ListKind } from '../kinds/kind.js'
import { isWorkloads, workloadColumns } from '../kinds/workload-list.js'
import { podUsageCells, type Allowance, type Sample } from '../metrics/usage-cells.js'
import { sampleKey, type Samples } from '../metrics/usage-polls.js'
import type { ListParams, Row, RowWarning } from '../rpc/contract.js'
import { resourceKey } from './paths.js'
import { placeOf, takeCensus, type PodCensus } from './pod-census.js'
import { RowWarnings } from './row-warnings.js'
import type { Session } from './session.js'
import { workloadPlace, WorkloadPods } from './workload-pods.js'

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
  private workloads: WorkloadPods | undefined
  private readonly stops: (() => void)[] = []
  private readonly places: number[]
  private readonly nodes: boolean
  /** Where the columns of what keeps pods begin; -1 in other lists. */
  private readonly keptAt: number
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
    const columns = kind?.keepsPods ? kind.columns : isWorkloads(params.resource) ? workloadColumns : []
    this.keptAt = columns.findIndex((c) => c.id === keptPodsColumns[0]!.id)
  }

  /** Asks for marks from now on; the rows themselves come first. */
  follow(): void {
    if (this.followed || this.closed) return
    this.followed = true
    const { session, params, kind } = this
    const namespaces = params.namespaces?.length ? params.namespaces : [undefined]
    const keeps = this.keptAt >= 0 && params.pods === true
    const used = kind?.usage?.resource ?? (keeps ? 'pods' : undefined)
    if (used)
      for (const namespace of namespaces)
        this.stops.push(
          session.usage.subscribe(used, namespace ?? '', (samples) => {
            this.usage.set(namespace ?? '', samples)
            this.onChange()
          }),
        )
    if (keeps) this.workloads = new WorkloadPods(session, namespaces, () => this.onChange())
    // Pods of all namespaces are on a node.
    if (kind?.pods && params.pods) this.census = takeCensus(session, this.nodes ? [undefined] : namespaces, () => this.onChange())
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
    const kept = this.keptPods(row)?.map((pod) => usedText(this.sampleOf(pod)))
    const used = [usedText(allowance && this.sampleOf(row)), ...(kept ?? []), this.workloads?.turn(this.workloadOf(row))].join()
    const place = this.placeOf(row)
    const pods = (place && this.census?.turn(place)) ?? ''
    return warning ? `${used} ${pods} ${warning.last} ${warning.count}` : `${used} ${pods}`
  }

  /** The row with its marks. */
  apply({ row, allowance }: KeptRow): Row {
    const warning = this.warningOf(row)
    const cells = this.cellsWithPods(row, this.cellsWithKept(row, allowance, this.cellsWithUsage(row, allowance)))
    return warning || cells !== row.cells ? { ...row, cells, ...(warning ? { warning } : {}) } : row
  }

  close(): void {
    this.closed = true
    this.warnings?.close()
    this.census?.close()
    this.workloads?.close()
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
  private cellsWithKept(row: Row, allowance: Allowance | undefined, before: Row['cells']): Row['cells'] {
    const pods = this.keptPods(row)
    if (!pods) return before
    const cells = before.slice()
    const own = keptPodsCells(pods, (pod) => this.sampleOf(pod))
    // A pod among workloads is its own.
    const sample = allowance && this.sampleOf(row)
    if (sample) own.splice(1, own.length, ...podUsageCells(sample, allowance))
    cells.splice(this.keptAt, own.length, ...own)
    return cells
  }
  /** The pods that a row's object keeps; undefined where they are not known. */
  private keptPods(row: Row): WorkloadPod[] | undefined {
    return this.workloads?.of(this.workloadOf(row))
  }
  private workloadOf(row: Row): string {
    return workloadPlace(row.kind ?? resourceKey(this.params.resource), row.namespace, row.name)
  }
  private placeOf(row: Row): string | undefined {
    return this.kind?.pods && placeOf(this.kind.pods.of, row.namespace, row.name)
  }
  private sampleOf({ namespace, name }: Pick<Row, 'namespace' | 'name'>): Sample | undefined {
    const key = sampleKey(namespace, name)
    return this.usage.get('')?.get(key) ?? this.usage.get(namespace)?.get(key)
  }

  private warningOf(row: Row): RowWarning | undefined {
    return this.warnings?.of(this.nodes ? row.name : row.id)
  }
}

/** What of a sample is shown. */
const usedText = (s: Sample | undefined): string => (s ? `${Math.round(s.cpuCores * 1000)} ${Math.round(s.memoryBytes / 2 ** 20)}` : '')
