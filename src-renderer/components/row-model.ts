import { shallowRef, type ShallowRef } from 'vue'
import type { Cell, ColumnInfo, Row } from '../../src-main/backend/rpc/contract.js'
import { mergeInSteps, runAtOnce, runInSlices, sortInSteps } from './slices.js'

/** Which column sorts, and which way. */
export interface Sorting {
  column: string
  descending: boolean
}

/** How rows are sorted: by `value`, then by namespace, name and uid, so that equal cells never change places. */
export interface RowOrder {
  /** What a row sorts by; null comes first. `undefined` for no column: by namespace and name. */
  value: ((row: Row) => string | number | null) | undefined
  /** -1 turns the values around, never what breaks ties. */
  sign: 1 | -1
}

/** A row with what it sorts by, worked out once. */
interface Entry {
  row: Row
  value: string | number | null
  tie: string
}

/** What a cell sorts by. */
export function sortValue(cell: Cell | undefined): string | number | null {
  if (cell === null || cell === undefined) return null
  if (typeof cell !== 'object') return cell
  return cell.sort ?? cell.text
}

/**
 * A text that sorts with plain `<` as a person would: each run of digits has its length before it, so that `web-2` comes before
 * `web-10`. Comparing such keys is many times faster than a collator, which matters at 50,000 rows.
 */
export function naturalKey(text: string): string {
  return /\d/.test(text)
    ? text.replace(/0*(\d+)/g, (_, digits: string) => String.fromCharCode(0x30 + Math.min(digits.length, 9)) + digits)
    : text
}

/** The order that a sorting means. `age` columns hold the time of birth: ascending ages are descending times, the youngest first. */
export function rowOrder(columns: readonly ColumnInfo[], sorting: Sorting | null): RowOrder {
  if (!sorting) return { value: undefined, sign: 1 }
  const sign = sorting.descending ? -1 : 1
  if (sorting.column === 'name') return { value: (r) => naturalKey(r.name), sign }
  if (sorting.column === 'namespace') return { value: (r) => naturalKey(r.namespace), sign }
  const index = columns.findIndex((c) => c.id === sorting.column)
  if (index < 0) return { value: undefined, sign: 1 }
  const value = (r: Row) => {
    const v = sortValue(r.cells[index])
    return typeof v === 'string' ? naturalKey(v) : v
  }
  return { value, sign: columns[index]?.type === 'age' ? (-sign as 1 | -1) : sign }
}

/** What breaks ties. It never changes while an object lives, so it is worked out once. */
function tieOf(row: Row): string {
  return `${naturalKey(row.namespace)}\u0000${naturalKey(row.name)}\u0000${row.id}`
}

function entryOf(row: Row, order: RowOrder, tie = tieOf(row)): Entry {
  return { row, value: order.value ? order.value(row) : null, tie }
}

function compareValues(a: string | number | null, b: string | number | null): number {
  if (a === b) return 0
  if (a === null) return -1
  if (b === null) return 1
  // Numbers before texts where a column has both.
  if (typeof a !== typeof b) return typeof a === 'number' ? -1 : 1
  return a < b ? -1 : 1
}

function compareEntries(a: Entry, b: Entry, sign: 1 | -1): number {
  const c = compareValues(a.value, b.value)
  if (c !== 0) return c * sign
  return a.tie < b.tie ? -1 : a.tie > b.tie ? 1 : 0
}

function sortEntries(entries: Entry[], order: RowOrder): Entry[] {
  return entries.sort((a, b) => compareEntries(a, b, order.sign))
}

/** Rows in order, all of them sorted anew. */
export function sortRows(rows: readonly Row[], order: RowOrder): Row[] {
  return sortEntries(
    rows.map((r) => entryOf(r, order)),
    order,
  ).map((e) => e.row)
}

/**
 * A list after some of its items have gone and others have come. What stays between two of them is copied as one, which for a list of
 * 50,000 is many times faster than to look at each.
 * @param gone where those were that are gone, ascending
 * @param places before which item of the list each of `come` belongs, ascending
 */
function withMoves<T>(list: readonly T[], gone: readonly number[], places: readonly number[], come: readonly T[]): T[] {
  const parts: T[][] = []
  let at = 0
  let g = 0
  const leaveOut = (end: number): void => {
    for (; g < gone.length && gone[g]! < end; g++) {
      parts.push(list.slice(at, gone[g]))
      at = gone[g]! + 1
    }
  }
  for (const [i, place] of places.entries()) {
    leaveOut(place)
    parts.push(list.slice(at, place), [come[i]!])
    at = place
  }
  leaveOut(list.length)
  parts.push(list.slice(at))
  return ([] as T[]).concat(...parts)
}

/** How many rows are arranged anew at once; more of them in slices, and what was shown stays until they are. */
const AT_ONCE = 4000
/** How many rows are looked at between two moments at which an arrangement may be interrupted. */
const STEP = 200

/**
 * The rows of a list, sorted and filtered. A change that leaves a row in its place costs a binary search; a batch that moves some, a
 * copy of the list; the whole is arranged only when the order or the filter changes, or when a batch is a good part of it. `view` is
 * replaced when something visible changed; rows are immutable and keep their identity while unchanged.
 */
export class RowModel {
  /** Rows that match, in order. */
  readonly view: ShallowRef<Row[]> = shallowRef([])
  /** How many rows there are before the filter. */
  readonly total: ShallowRef<number> = shallowRef(0)
  private readonly all = new Map<string, Row>()
  private readonly ties = new Map<string, string>()
  private order: RowOrder = { value: undefined, sign: 1 }
  private matches: ((row: Row) => boolean) | null = null
  /** What is in the view, by uid, with the values that gave it its place; cells shown may be newer (see flushInPlace). */
  private placed = new Map<string, Entry>()
  private entries: Entry[] = []
  /** The order that the entries are in. */
  private entered = this.order
  /** Ids changed since the last flush. */
  private readonly dirty = new Set<string>()
  private stale = false
  /** The rows are being arranged anew: until they are, what is shown stays. */
  private arranging = false
  private stop: () => void = () => undefined

  /** @param later runs the next slice of a long arrangement */
  constructor(private readonly later?: (slice: () => void) => void) {}

  /** Sets the order; the view is sorted anew. */
  setOrder(order: RowOrder): void {
    this.order = order
    this.rebuild()
  }

  /** Sets the filter (`null`: none); the view is made anew. */
  setFilter(matches: ((row: Row) => boolean) | null): void {
    this.matches = matches
    this.rebuild()
  }

  /** Takes a snapshot: what was there is forgotten. */
  replace(rows: readonly Row[]): void {
    this.all.clear()
    this.ties.clear()
    for (const r of rows) this.all.set(r.id, r)
    this.rebuild()
  }

  /** Takes changes; {@link flush} shows them. */
  change(upserts: readonly Row[], removes: readonly string[]): void {
    for (const r of upserts) {
      this.all.set(r.id, r)
      this.dirty.add(r.id)
    }
    for (const id of removes) {
      this.ties.delete(id)
      if (this.all.delete(id)) this.dirty.add(id)
    }
    if (this.dirty.size > 1000 && this.dirty.size > this.all.size / 4) this.stale = true
  }

  /** Whether {@link flush} has something to do. */
  get pending(): boolean {
    return this.dirty.size > 0 || this.stale
  }

  /** Shows changed cells in their places; rows that come, go or move wait for {@link flush}. For while the pointer is on the list. */
  flushInPlace(): void {
    if (this.arranging) return
    let next: Row[] | null = null
    for (const id of this.dirty) {
      const entry = this.placed.get(id)
      const row = this.all.get(id)
      if (!entry || !row) continue
      const i = this.indexOf(entry)
      if (this.view.value[i] !== row) (next ??= this.view.value.slice())[i] = row
    }
    if (next) this.view.value = next
  }

  /** Shows all changes since the last flush; while rows are being arranged, with them. */
  flush(): void {
    if (this.arranging) return
    if (this.stale) return this.rebuild()
    if (this.dirty.size === 0) return
    const { order, entries, placed } = this
    const view = this.view.value.slice()
    const going: Entry[] = []
    const coming: Entry[] = []
    for (const id of this.dirty) {
      const old = placed.get(id)
      const row = this.all.get(id)
      const next = row && (!this.matches || this.matches(row)) ? entryOf(row, order, this.tie(row)) : undefined
      if (old && next && compareEntries(old, next, order.sign) === 0) {
        const i = this.indexOf(old)
        entries[i] = next
        view[i] = next.row
        placed.set(id, next)
        continue
      }
      if (old) going.push(old)
      if (next) coming.push(next)
    }
    this.dirty.clear()
    for (const e of going) placed.delete(e.row.id)
    for (const e of coming) placed.set(e.row.id, e)
    if (going.length + coming.length === 0) return this.show(view)
    const gone = going.map((e) => this.indexOf(e)).sort((a, b) => a - b)
    const places = sortEntries(coming, order).map((e) => this.place(e))
    this.entries = withMoves(entries, gone, places, coming)
    this.show(
      withMoves(
        view,
        gone,
        places,
        coming.map((e) => e.row),
      ),
    )
  }

  /** The row with this uid, shown or not. */
  get(id: string): Row | undefined {
    return this.all.get(id)
  }

  /** Rows, shown or not, at most so many: to see what they have in common. */
  some(most: number): Row[] {
    const rows: Row[] = []
    for (const row of this.all.values()) {
      if (rows.length >= most) break
      rows.push(row)
    }
    return rows
  }

  private tie(row: Row): string {
    let tie = this.ties.get(row.id)
    if (tie === undefined) this.ties.set(row.id, (tie = tieOf(row)))
    return tie
  }

  /** Where an entry belongs: the first index whose entry does not come before it. */
  private place(e: Entry): number {
    let low = 0
    let high = this.entries.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (compareEntries(this.entries[middle]!, e, this.order.sign) < 0) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Where an entry that is in the view is: no two are equal, for each has its uid. */
  private indexOf(e: Entry): number {
    return this.place(e)
  }

  private rebuild(): void {
    this.stop()
    this.arranging = true
    const job = this.arrange()
    if (this.all.size <= AT_ONCE) runAtOnce(job)
    else this.stop = runInSlices(job, this.later)
  }

  /** Arranges all rows anew. What changes meanwhile is dirty, and shown with the rest. */
  private *arrange(): Generator<void, void> {
    const { order } = this
    const compare = (a: Entry, b: Entry) => compareEntries(a, b, order.sign)
    do {
      this.dirty.clear()
      this.stale = false
      const { placed, stay, come } = yield* this.choose()
      this.entries = yield* mergeInSteps(stay, yield* sortInSteps(come, compare), compare)
      this.placed = placed
      this.entered = order
      if (this.stale) this.show()
    } while (this.stale)
    this.arranging = false
    this.show()
    this.flush()
  }

  /** The entries that match: those that stay where the order is as it was, and those that come, which are in no order. */
  private *choose(): Generator<void, { placed: Map<string, Entry>; stay: Entry[]; come: Entry[] }> {
    const { all, order, matches } = this
    const same = order === this.entered
    const placed = new Map<string, Entry>()
    const stay: Entry[] = []
    const come: Entry[] = []
    let n = 0
    for (const e of same ? this.entries : []) {
      if (++n % STEP === 0) yield
      if (all.get(e.row.id) !== e.row || (matches && !matches(e.row))) continue
      placed.set(e.row.id, e)
      stay.push(e)
    }
    for (const row of Array.from(all.values())) {
      if (++n % STEP === 0) yield
      // What has been looked at already, and what is gone by now.
      if (placed.has(row.id) || (same && this.placed.get(row.id)?.row === row) || !all.has(row.id)) continue
      if (matches && !matches(row)) continue
      const e = entryOf(row, order, this.tie(row))
      placed.set(row.id, e)
      come.push(e)
    }
    return { placed, stay, come }
  }

  /** @param view the rows of the entries, where they are known */
  private show(view = this.entries.map((e) => e.row)): void {
    this.total.value = this.all.size
    this.view.value = view
  }
}
