import type { Cell, ColumnInfo, Row } from '../../src-main/backend/rpc/contract.js'
import { sortValue } from './row-model.js'
import { cellOf, plainText } from './table-cell.js'

/** What the cells of one column have to be: see {@link parseColumnFilter}. */
export interface ColumnFilter {
  /** The column's id. */
  column: string
  text: string
}

/** A test of one cell, or why there is none. */
export type CellTest = ((cell: Cell) => boolean) | { error: string }

const units: Record<string, number> = {
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  '%': 0.01,
}
const times: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, y: 31_536_000_000 }

/** An amount as Kubernetes and kubectl write it: `5`, `250m`, `1.5Gi`, `80%`. */
function amountOf(text: string): number | undefined {
  const m = /^(-?\d+(?:\.\d+)?)([a-zA-Z%]*)$/.exec(text)
  const unit = m?.[2] ? units[m[2]] : 1
  return m && unit !== undefined ? Number(m[1]) * unit : undefined
}
/** A duration as kubectl writes it, in ms: `90s`, `2h30m`, `3d`. */
function durationOf(text: string): number | undefined {
  if (!/^(?:\d+[smhdy])+$/.test(text)) return undefined
  return [...text.matchAll(/(\d+)([smhdy])/g)].reduce((ms, [, n, unit]) => ms + Number(n) * times[unit!]!, 0)
}

const timed = new Set<ColumnInfo['type']>(['age', 'until', 'duration'])

/** What a cell is compared by: the time that it tells of, ms, or the number by which it sorts. */
function measureOf(cell: Cell, column: ColumnInfo, present: () => number): number | undefined {
  if (cell === null) return undefined
  if (column.type === 'duration') {
    if (typeof cell !== 'object') return undefined
    return cell.since === undefined ? cell.spent : present() - cell.since
  }
  const value = sortValue(cell)
  const number = typeof value === 'string' ? amountOf(value) : value
  if (typeof number !== 'number') return undefined
  if (column.type === 'age') return present() - number
  return column.type === 'until' ? number - present() : number
}

/** Splits at commas that are not within quotes or a regular expression. */
function alternatives(text: string): string[] {
  return [...text.matchAll(/(?:"[^"]*"|\/(?:\\.|[^/\\])+\/|[^,])+/g)].map(([part]) => part.trim()).filter(Boolean)
}

/**
 * Reads what the cells of a column have to be. One of several alternatives is enough, which commas separate: a part of the text, `=whole`
 * for all of it (`="a, b"` with a comma), `/regex/`; and `>5`, `<=1Gi`, `>80%`, `<2h` for numbers, amounts, shares and times. `!` before
 * all of it turns it around. Null for an empty text.
 * @param present by which ages are counted, ms since the epoch
 */
export function parseColumnFilter(text: string, column: ColumnInfo, present: () => number): CellTest | null {
  const inverse = text.trim().startsWith('!')
  const tests: ((cell: Cell) => boolean)[] = []
  for (const part of alternatives(text.trim().replace(/^!/, ''))) {
    const compared = /^([<>]=?)\s*(.+)$/.exec(part)
    if (compared) {
      const limit = timed.has(column.type) ? durationOf(compared[2]!) : amountOf(compared[2]!)
      if (limit === undefined) return { error: compared[2]! }
      const [over, equal] = [compared[1]!.startsWith('>'), compared[1]!.endsWith('=')]
      tests.push((cell) => {
        const n = measureOf(cell, column, present)
        return n !== undefined && (n === limit ? equal : over ? n > limit : n < limit)
      })
      continue
    }
    const regex = /^\/(.+)\/$/.exec(part)
    if (regex) {
      try {
        const pattern = new RegExp(regex[1]!, 'i')
        tests.push((cell) => pattern.test(plainText(cell, column)))
      } catch (e) {
        return { error: e instanceof Error ? e.message : String(e) }
      }
      continue
    }
    const whole = part.startsWith('=')
    const wanted = part
      .replace(/^=/, '')
      .replace(/^"([^"]*)"$/, '$1')
      .toLowerCase()
    tests.push((cell) => {
      const have = plainText(cell, column).toLowerCase()
      return whole ? have === wanted : have.includes(wanted)
    })
  }
  if (tests.length === 0) return null
  return (cell) => tests.some((test) => test(cell)) !== inverse
}

/** A text as one alternative of a filter that stands for all of a cell. */
export function wholeText(text: string): string {
  return /[",]|^[=<>!/\s]|\s$/.test(text) || text === '' ? `="${text.replaceAll('"', '')}"` : `=${text}`
}

/** What rows have to be for all filters; null when there are none. Filters that cannot be read, or are of columns that are not there, let all rows pass. */
export function rowFilter(
  filters: readonly ColumnFilter[],
  columns: readonly ColumnInfo[],
  presentOf: (row: Row) => number,
): ((row: Row) => boolean) | null {
  let present = 0
  const tests = filters.flatMap((f) => {
    const index = columns.findIndex((c) => c.id === f.column)
    const column =
      columns[index] ?? (f.column === 'namespace' || f.column === 'name' ? { id: f.column, title: '', type: 'text' as const } : undefined)
    const test = column && parseColumnFilter(f.text, column, () => present)
    return typeof test === 'function' ? [{ column: column!, index, test }] : []
  })
  if (tests.length === 0) return null
  return (row) => {
    present = presentOf(row)
    return tests.every(({ column, index, test }) => test(cellOf(row, column, index)))
  }
}

/** The values that most rows have in a column, with how many have each. */
export function commonValues(rows: readonly Row[], column: ColumnInfo, index: number, most: number): [value: string, n: number][] {
  const counts = new Map<string, number>()
  for (const row of rows) {
    const text = plainText(cellOf(row, column, index), column)
    counts.set(text, (counts.get(text) ?? 0) + 1)
  }
  return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, most)
}

/** Whether the cells of a column tell times, which pass. */
export const tellsTime = (column: ColumnInfo): boolean => timed.has(column.type)
