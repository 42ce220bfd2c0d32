import type { Row } from '../../../src-main/backend/rpc/contract.js'
import { cellOf, plainText } from '../../components/table-cell.js'
import type { PlacedColumn } from '../../components/table-row.js'

const quote = (s: string): string => (/[",\r\n]/.test(s) ? `"${s.replaceAll('"', '""')}"` : s)
/** A cell that a spreadsheet would take for a formula is kept a text. */
const safe = (s: string): string => (/^[=+\-@\t\r]/.test(s) && !/^[+-]?[\d.]+$/.test(s) ? `'${s}` : s)

/** The texts of a row in these columns. */
export const rowTexts = (row: Row, columns: readonly PlacedColumn[]): string[] =>
  columns.map((c) => plainText(cellOf(row, c.column, c.index), c.column))

/** Rows as CSV (RFC 4180), the headings first. */
export function toCsv(rows: readonly Row[], columns: readonly PlacedColumn[], title: (c: PlacedColumn['column']) => string): string {
  const lines = [columns.map((c) => title(c.column)), ...rows.map((r) => rowTexts(r, columns))]
  return lines.map((cells) => `${cells.map((c) => quote(safe(c))).join(',')}\r\n`).join('')
}
