import type { Row } from '../../src-main/backend/rpc/contract.js'
import { readBricks } from './bricks.js'
import { cellOf, plainText } from './table-cell.js'
import type { PlacedColumn } from './table-row.js'

/** The padding of a cell on both sides, and what kerning may add to its text, px. */
const PADDING = 18
/** A state's mark before its word, px. */
const MARK = 16
/** The mark of a warning behind a name, px: its room is kept, so that no name is cut when a warning comes. */
const WARNING = 20
/** A brick and the gap behind it, px. */
const BRICK = 13
/** The arrow of a sorted column, px. */
const ARROW = 16

/** How many rows are looked at, from the beginning to the end of a list. */
const SAMPLE = 120

/**
 * What the widest cell of each column takes, its heading included, by column in px: of at most some hundred rows, evenly from the whole
 * list. Numbers and times have narrow columns of fixed widths, so that nothing moves while they count; they are left out.
 * @param measure the width of a text as the list writes it, px; when it gives 0, nothing can be measured and nothing is told
 */
export function widestCells(
  columns: readonly PlacedColumn[],
  rows: readonly Row[],
  measure: (text: string) => number,
  heading: (c: PlacedColumn['column']) => string,
): Record<string, number> {
  const widest: Record<string, number> = {}
  if (rows.length === 0 || measure('m') === 0) return widest
  const step = Math.max(1, rows.length / SAMPLE)
  for (const { column, index } of columns) {
    if (column.align === 'right' || !['text', 'status', 'bricks', 'labels'].includes(column.type)) continue
    let most = measure(heading(column)) + ARROW
    for (let at = 0; at < rows.length; at += step) {
      const row = rows[Math.floor(at)]!
      const cell = cellOf(row, column, index)
      const text = plainText(cell, column)
      const marked = typeof cell === 'object' && cell?.tone !== undefined
      most = Math.max(
        most,
        column.type === 'bricks'
          ? readBricks(typeof cell === 'object' && cell ? cell.text : '').reduce(
              (px, b) => px + BRICK + (b.number === undefined ? 0 : measure(String(b.number)) + 5),
              0,
            )
          : measure(text) + (marked ? MARK : 0) + (column.id === 'name' ? WARNING : 0),
      )
    }
    widest[column.id] = Math.ceil(most) + PADDING
  }
  return widest
}
