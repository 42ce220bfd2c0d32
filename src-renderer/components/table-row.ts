import { Ellipsis } from '@lucide/vue'
import { h, type Component } from 'vue'
import type { ColumnInfo, Row } from '../../src-main/backend/rpc/contract.js'
import { CellElement, copyOf, type WarningMark } from './cell-element.js'
import { isFaulty } from './row-search.js'
import { cellOf, faceOf, type NameRoom } from './table-cell.js'

/** The height of a row, px. */
export const ROW = 28

/** What the mark of a warning takes of the room of a name, px. */
const WARNING_WIDTH = 18

/** A column of the table, and where its cell is in a row (name and namespace are not among the cells). */
export interface PlacedColumn {
  column: ColumnInfo
  index: number
}

/** What can be done with one click at the end of a row. */
export interface QuickAction {
  id: string
  label: string
  icon: Component
  /** Left out where it does not apply to a row. */
  applies?(row: Row): boolean
}

/** What the rows of a list have in common; another object whenever something of it changes. */
export interface RowSetting {
  columns: readonly PlacedColumn[]
  /** Left out before the list has been measured. */
  room?: NameRoom | undefined
  quick: readonly QuickAction[]
  /** What the check box of a row is called. */
  select: (name: string) => string
  /** What the button of a row's menu is called. */
  more: string
}

/** How one row stands out. */
export interface RowLook {
  focused: boolean
  selected: boolean
  current: boolean
  /** The pointer or the keyboard is here: the quick actions show. */
  hot: boolean
}

function warningOf(row: Row): WarningMark | undefined {
  const w = row.warning
  return w && { text: `${w.reason}: ${w.message}${w.count > 1 ? ` (×${w.count})` : ''}`, past: !isFaulty(row) }
}

/** The actions at the end of a row, and the button of its menu. */
function drawTools({ quick, more }: RowSetting, row: Row): HTMLElement {
  const button = (icon: Component, id: string, title: string, data: [string, string]) => {
    const element = copyOf(`tool ${id}`, () => h('button', { type: 'button', tabindex: -1, class: 'icon-button' }, h(icon)))
    element.title = title
    element.setAttribute('aria-label', `${title} ${row.name}`)
    element.setAttribute(...data)
    return element
  }
  const tools = document.createElement('div')
  tools.className = 'tools'
  tools.setAttribute('role', 'gridcell')
  tools.append(
    ...quick.filter((q) => q.applies?.(row) ?? true).map((q) => button(q.icon, q.id, q.label, ['data-action', q.id])),
    button(Ellipsis, 'menu', more, ['data-part', 'menu']),
  )
  return tools
}

/**
 * The element of one row of a list, used again for one row after the other. It is no component: some thirty rows of a dozen cells change
 * in one frame of a jump, and to compare them as virtual nodes takes longer than to change them.
 */
export class TableRow {
  readonly element = document.createElement('div')
  private readonly check = document.createElement('div')
  private readonly box = document.createElement('input')
  private cells: CellElement[] = []
  private tools: HTMLElement | undefined
  private row: Row | undefined
  private index = -1
  private setting: RowSetting | undefined
  private present = Number.NaN
  private look = ''

  constructor() {
    this.element.setAttribute('role', 'row')
    this.check.className = 'cell check'
    this.check.setAttribute('role', 'gridcell')
    this.box.type = 'checkbox'
    this.box.tabIndex = -1
    this.box.dataset.part = 'check'
    this.check.append(this.box)
  }

  /** @param present by which clock the ages of the row are counted, ms since the epoch */
  show(row: Row, index: number, look: RowLook, setting: RowSetting, present: number): void {
    const same = row === this.row && setting === this.setting
    if (setting.columns !== this.setting?.columns) this.makeCells(setting.columns)
    if (!same || present !== this.present) this.showCells(row, setting, present)
    if (!same) this.showName(row, setting)
    if (index !== this.index) this.move(index)
    this.showLook(row, look)
    this.showTools(row, look.hot, setting)
    this.row = row
    this.setting = setting
    this.present = present
  }

  private makeCells(columns: readonly PlacedColumn[]): void {
    this.cells = columns.map((c) => new CellElement(c.column))
    this.tools = undefined
    this.element.replaceChildren(this.check, ...this.cells.map((c) => c.element))
  }

  private showCells(row: Row, { columns, room }: RowSetting, present: number): void {
    const warning = warningOf(row)
    for (let i = 0; i < columns.length; i++) {
      const { column, index } = columns[i]!
      const cell = cellOf(row, column, index)
      if (column.id !== 'name') {
        this.cells[i]!.show(faceOf(cell, column, room, present))
        continue
      }
      const left = warning && room ? { ...room, width: room.width - WARNING_WIDTH } : room
      this.cells[i]!.show(faceOf(cell, column, left, present), row.name, warning)
    }
  }

  private showName(row: Row, setting: RowSetting): void {
    if (row.id !== this.row?.id) this.element.id = `row-${row.id}`
    if (row.name !== this.row?.name || setting !== this.setting) this.box.setAttribute('aria-label', setting.select(row.name))
  }

  private move(index: number): void {
    this.index = index
    this.element.setAttribute('aria-rowindex', String(index + 2))
    this.element.dataset.index = String(index)
    this.element.style.top = `${index * ROW}px`
  }

  /** The buttons stay what they are while the row only says something else: a person may be pressing one. */
  private showTools(row: Row, hot: boolean, setting: RowSetting): void {
    const { quick, more } = this.setting ?? setting
    const same = row.id === this.row?.id && row.name === this.row.name && quick === setting.quick && more === setting.more
    if (this.tools && (!hot || !same)) {
      this.tools.remove()
      this.tools = undefined
    }
    if (hot && !this.tools) this.element.append((this.tools = drawTools(setting, row)))
  }

  private showLook(row: Row, { focused, selected, current }: RowLook): void {
    const look = `row${focused ? ' focused' : ''}${selected ? ' selected' : ''}${current ? ' current' : ''}${row.deleting === true ? ' deleting' : ''}`
    // A person's click has changed the box already.
    if (this.box.checked !== selected) this.box.checked = selected
    if (look === this.look) return
    this.element.className = this.look = look
    this.element.setAttribute('aria-selected', String(selected))
  }
}
