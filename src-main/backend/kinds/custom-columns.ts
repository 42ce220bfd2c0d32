/** Columns that a person made: the value of a label, of an annotation, or of a JSONPath, beside a kind's own. */
import type { Cell, ColumnInfo, CustomColumn } from '../rpc/contract.js'
import { jsonPath } from './json-path.js'
import type { Json } from './kind.js'

/** A value as a cell: numbers sort as numbers, times as times, lists are joined. */
function cellOf(values: Json[]): Cell {
  const parts = values.filter((v) => v !== null && v !== undefined)
  if (parts.length === 0) return null
  if (parts.length === 1 && typeof parts[0] === 'number') return parts[0]
  return parts.map((v) => (typeof v === 'object' ? JSON.stringify(v) : String(v))).join(', ')
}

/** How a column gets its value; throws an Error when its expression cannot be read. */
function reader(column: CustomColumn): (object: Json) => Cell {
  if (column.source === 'label') return (o) => o.metadata?.labels?.[column.of] ?? null
  if (column.source === 'annotation') return (o) => o.metadata?.annotations?.[column.of] ?? null
  const find = jsonPath(column.of)
  return (o) => cellOf(find(o))
}

/** What is wrong with a column, undefined when nothing is. */
export function columnProblem(column: CustomColumn): string | undefined {
  if (!column.of.trim()) return 'the expression is empty'
  try {
    reader(column)
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** Whether whole objects are needed: labels and annotations come with metadata alone. */
export const needsWhole = (columns: readonly CustomColumn[]): boolean => columns.some((c) => c.source === 'path')

/** The columns of a list, and the cells of an object in them. A column that cannot be read stays empty. */
export function customColumns(columns: readonly CustomColumn[]): { columns: ColumnInfo[]; cells(object: Json): Cell[] } {
  const readers = columns.map((c) => (columnProblem(c) === undefined ? reader(c) : () => null))
  return {
    columns: columns.map((c) => ({ id: `custom:${c.source}:${c.of}`, title: c.title || c.of, type: 'text', width: 140, custom: true })),
    cells: (object) => readers.map((read) => read(object)),
  }
}
