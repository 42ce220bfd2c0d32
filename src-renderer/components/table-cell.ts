import { cloneVNode, h, type FunctionalComponent, type VNode } from 'vue'
import type { Cell, ColumnInfo, Row } from '../../src-main/backend/rpc/contract.js'
import BrickRow from './BrickRow.vue'
import { cronText } from './cron-text.js'
import { cutMiddle } from './middle-cut.js'
import StatusMark from './StatusMark.vue'
import { clusterNow, humanDuration, localTime } from './time.js'

/** The cell of a row in a column; name and namespace are columns like others. */
export function cellOf(row: Row, column: ColumnInfo, index: number): Cell {
  if (column.id === 'name') return row.name
  if (column.id === 'namespace') return row.namespace || null
  return row.cells[index] ?? null
}

/** A cell as plain text: for copying, CSV and tooltips. Ages are given as times. */
export function plainText(cell: Cell, column: ColumnInfo): string {
  if (cell === null) return ''
  if (typeof cell === 'number') return column.type === 'age' || column.type === 'until' ? new Date(cell).toISOString() : String(cell)
  if (typeof cell === 'string') return cell
  if (cell.since !== undefined) return humanDuration(clusterNow.value - cell.since)
  return cell.spent === undefined ? cell.text : humanDuration(cell.spent)
}

const none = () => h('span', { class: 'none' }, '–')
/** Text on one line. Where it is cut, the list shows it whole while the pointer is on it: a title of its own is only for what says more. */
const plain = (text: string, title?: string) =>
  h('span', title === undefined || title === text ? { class: 'ellipsis' } : { class: 'ellipsis', title }, text)

/** The room that a name has, and how wide text in it is; px. */
export interface NameRoom {
  width: number
  measure: (text: string) => number
}

/** A long name cut in the middle, where names of a kind differ least; the whole is in the tooltip and on copy. */
function middle(text: string, room: NameRoom | undefined): VNode {
  return plain(room ? cutMiddle(text, room.width, room.measure) : text, text)
}

/** What is in a cell of a list. @param present by which clock ages are counted, ms since the epoch */
export function renderCell(cell: Cell, column: ColumnInfo, room?: NameRoom, present = () => clusterNow.value): VNode {
  if (column.id === 'name') return middle(cell as string, room)
  if (cell === null || cell === '') return none()
  // What a schedule means is told where it is pointed at.
  if (column.id === 'schedule' && typeof cell === 'string') return plain(cell, cronText(cell) || cell)
  if (column.type === 'age') {
    const at = typeof cell === 'object' ? cell.sort : cell
    if (typeof at === 'number') return plain(humanDuration(present() - at), localTime(at))
  }
  if (column.type === 'until' && typeof cell === 'number') return plain(humanDuration(cell - present()), localTime(cell))
  if (typeof cell === 'number') return plain(cell.toLocaleString('en-US'))
  if (typeof cell === 'object' && cell.since !== undefined) return plain(humanDuration(present() - cell.since), localTime(cell.since))
  if (typeof cell === 'object' && cell.spent !== undefined) return plain(humanDuration(cell.spent))
  const { text, tone, title } = typeof cell === 'string' ? { text: cell, tone: undefined, title: undefined } : cell
  if (text === '') return none()
  if (column.type === 'bricks') return h(BrickRow, { text })
  // Outside of status columns "as it should be" needs no mark; the rest does.
  const marked = tone && (column.type === 'status' || tone === 'warn' || tone === 'bad')
  if (!marked) return plain(text, title)
  return h('span', { class: ['status', tone], ...(title ? { title } : {}) }, [
    h(StatusMark, { tone }),
    h('span', { class: 'ellipsis' }, text),
  ])
}

/** {@link renderCell} as a component, for tables that are no lists. */
export const TableCell: FunctionalComponent<{ cell: Cell; column: ColumnInfo }> = ({ cell, column }) => {
  const shown = renderCell(cell, column)
  return shown.type === 'span' && !shown.props?.title ? cloneVNode(shown, { title: plainText(cell, column) }) : shown
}
TableCell.props = ['cell', 'column']
