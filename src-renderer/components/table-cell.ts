import { cloneVNode, h, type FunctionalComponent, type VNode } from 'vue'
import type { Cell, ColumnInfo, Row } from '../../src-main/backend/rpc/contract.js'
import BrickRow from './BrickRow.vue'
import { brickText, readBricks } from './bricks.js'
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
  if (column.type === 'bricks') return readBricks(cell.text).map(brickText).join(', ')
  if (cell.since !== undefined) return humanDuration(clusterNow.value - cell.since)
  return cell.spent === undefined ? cell.text : humanDuration(cell.spent)
}

const digits = new Intl.NumberFormat('en-US')
/** A number with its thousands set apart. Most are small, and to format is slow. */
const grouped = (n: number): string => (Number.isInteger(n) && n >= 0 && n < 1000 ? String(n) : digits.format(n))

/** A state, shown by colour and by shape. */
type Tone = NonNullable<Extract<Cell, { text: string }>['tone']>

/** What a cell shows, in plain data: as long as it is the same, nothing of the cell is made anew. */
export interface CellFace {
  as: 'nothing' | 'text' | 'bricks' | 'status'
  text: string
  /** What the pointer is told, where it is more than the text. */
  title?: string
  tone?: Tone
}

/** The room that a name has, and how wide text in it is; px. */
export interface NameRoom {
  width: number
  measure: (text: string) => number
}

const line = (shown: string, title?: string): CellFace =>
  title === undefined || title === shown ? { as: 'text', text: shown } : { as: 'text', text: shown, title }

/** What a cell of a list shows. @param present by which clock ages are counted, ms since the epoch */
export function faceOf(cell: Cell, column: ColumnInfo, room?: NameRoom, present = clusterNow.value): CellFace {
  // Names are cut in the middle, where those of a kind differ least; the whole is in the tooltip and on copy.
  if (column.id === 'name') return line(room ? cutMiddle(cell as string, room.width, room.measure) : (cell as string), cell as string)
  if (cell === null || cell === '') return { as: 'nothing', text: '' }
  // What a schedule means is told where it is pointed at.
  if (column.id === 'schedule' && typeof cell === 'string') return line(cell, cronText(cell) || cell)
  if (column.type === 'age') {
    const at = typeof cell === 'object' ? cell.sort : cell
    if (typeof at === 'number') return line(humanDuration(present - at), localTime(at))
  }
  if (column.type === 'until' && typeof cell === 'number') return line(humanDuration(cell - present), localTime(cell))
  if (typeof cell === 'number') return line(grouped(cell))
  if (typeof cell === 'object' && cell.since !== undefined) return line(humanDuration(present - cell.since), localTime(cell.since))
  if (typeof cell === 'object' && cell.spent !== undefined) return line(humanDuration(cell.spent))
  const shown: { text: string; title?: string; tone?: Tone } = typeof cell === 'string' ? { text: cell } : cell
  if (shown.text === '') return { as: 'nothing', text: '' }
  if (column.type === 'bricks') return { as: 'bricks', text: shown.text }
  // Outside of status columns "as it should be" needs no mark; the rest does.
  const marked = shown.tone && (column.type === 'status' || shown.tone === 'warn' || shown.tone === 'bad')
  if (!marked) return line(shown.text, shown.title)
  return { as: 'status', text: shown.text, ...(shown.title ? { title: shown.title } : {}), tone: shown.tone! }
}

/**
 * Draws what a cell shows. Text on one line: where it is cut, the list shows it whole while the pointer is on it. Texts are nodes of
 * their own, so that another text is put into the node that is there.
 */
export function drawFace({ as, text, title, tone }: CellFace): VNode {
  if (as === 'nothing') return h('span', { class: 'none' }, '–')
  if (as === 'bricks') return h(BrickRow, { text })
  if (as === 'text') return h('span', title === undefined ? { class: 'ellipsis' } : { class: 'ellipsis', title }, [text])
  return h('span', { class: ['status', tone], ...(title ? { title } : {}) }, [
    h(StatusMark, { tone: tone! }),
    h('span', { class: 'ellipsis' }, [text]),
  ])
}

/** A cell as a component, for tables that are no lists. */
export const TableCell: FunctionalComponent<{ cell: Cell; column: ColumnInfo }> = ({ cell, column }) => {
  const shown = drawFace(faceOf(cell, column))
  return shown.type === 'span' && !shown.props?.title ? cloneVNode(shown, { title: plainText(cell, column) }) : shown
}
TableCell.props = ['cell', 'column']
