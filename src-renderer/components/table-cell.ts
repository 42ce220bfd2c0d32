import { h, type FunctionalComponent } from 'vue'
import type { Cell, ColumnInfo, Row } from '../../src-main/backend/rpc/contract.js'
import BrickRow from './BrickRow.vue'
import MiddleText from './MiddleText.vue'
import StatusMark from './StatusMark.vue'
import { humanDuration, localTime, now } from './time.js'

/** The cell of a row in a column; name and namespace are columns like others. */
export function cellOf(row: Row, column: ColumnInfo, index: number): Cell {
  if (column.id === 'name') return row.name
  if (column.id === 'namespace') return row.namespace || null
  return row.cells[index] ?? null
}

/** A cell as plain text: for copying, CSV and tooltips. Ages are given as times. */
export function plainText(cell: Cell, column: ColumnInfo): string {
  if (cell === null) return ''
  if (typeof cell === 'number') return column.type === 'age' ? new Date(cell).toISOString() : String(cell)
  return typeof cell === 'string' ? cell : cell.text
}

const none = () => h('span', { class: 'none' }, '–')

/** What is in a cell of a list. */
export const TableCell: FunctionalComponent<{ cell: Cell; column: ColumnInfo }> = ({ cell, column }) => {
  if (column.id === 'name') return h(MiddleText, { text: cell as string })
  if (cell === null || cell === '') return none()
  if (column.type === 'age') {
    if (typeof cell === 'number') return h('span', { title: localTime(cell) }, humanDuration(now.value - cell))
    if (typeof cell === 'object' && typeof cell.sort === 'number')
      return h('span', { title: localTime(cell.sort) }, humanDuration(now.value - cell.sort))
  }
  if (typeof cell === 'number') return h('span', { class: 'ellipsis' }, cell.toLocaleString('en-US'))
  if (typeof cell === 'string') {
    if (column.type === 'bricks') return h(BrickRow, { text: cell })
    return h('span', { class: 'ellipsis', title: cell }, cell)
  }
  if (cell.text === '') return none()
  const title = cell.title ?? cell.text
  if (column.type === 'bricks') return h(BrickRow, { text: cell.text })
  // Outside of status columns "as it should be" needs no mark; the rest does.
  const marked = cell.tone && (column.type === 'status' || cell.tone === 'warn' || cell.tone === 'bad')
  if (!marked) return h('span', { class: 'ellipsis', title }, cell.text)
  return h('span', { class: ['status', cell.tone], title }, [
    h(StatusMark, { tone: cell.tone! }),
    h('span', { class: 'ellipsis' }, cell.text),
  ])
}
TableCell.props = ['cell', 'column']
