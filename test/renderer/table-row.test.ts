import { beforeEach, expect, it } from 'vitest'
import { h } from 'vue'
import type { Row } from '../../src-main/backend/rpc/contract.js'
import { TableRow, type PlacedColumn, type RowLook, type RowSetting } from '../../src-renderer/components/table-row.js'

const columns: PlacedColumn[] = [
  { column: { id: 'name', title: 'Name', type: 'text' }, index: -1 },
  { column: { id: 'status', title: 'Status', type: 'status' }, index: 0 },
  { column: { id: 'containers', title: 'Containers', type: 'bricks' }, index: 1 },
  { column: { id: 'age', title: 'Age', type: 'age', align: 'right' }, index: 2 },
]
const setting = (change: Partial<RowSetting> = {}): RowSetting => ({
  columns,
  quick: [{ id: 'logs', label: 'Logs', icon: () => h('svg') }],
  select: (name) => `Select ${name}`,
  more: 'More',
  ...change,
})
const plain: RowLook = { focused: false, selected: false, current: false, hot: false }
const born = Date.parse('2026-11-21T09:00:00Z')
const web: Row = {
  id: 'u1',
  namespace: 'shop',
  name: 'web',
  cells: [{ text: 'Running', tone: 'ok' }, 'main\trunning\tok', { text: '', sort: born }],
}
const sick: Row = {
  id: 'u2',
  namespace: 'shop',
  name: 'db',
  cells: [{ text: 'CrashLoopBackOff', tone: 'bad' }, null, { text: '', sort: born - 60_000 }],
  warning: { reason: 'BackOff', message: 'restarting', count: 3, last: born },
  deleting: true,
}

let row: TableRow
const texts = () => [...row.element.querySelectorAll('.cell:not(.check)')].map((c) => c.textContent)
const cell = (id: string) => row.element.querySelector(`.cell.${id}`)!
beforeEach(() => {
  row = new TableRow()
})

it('a row that is used again says all of the next row and nothing of the last', () => {
  const common = setting()
  row.show(sick, 4, { focused: true, selected: true, current: true, hot: true }, common, born)
  expect(row.element.className).toBe('row focused selected current deleting')
  expect(texts()).toEqual(['db', 'CrashLoopBackOff', '–', '60s'])
  expect(cell('name').querySelector('.warned')!.getAttribute('aria-label')).toBe('BackOff: restarting (×3)')
  row.show(web, 5, plain, common, born)
  expect(row.element.outerHTML).not.toMatch(/\b(db|u2)\b|Crash|BackOff|Logs/)
  expect(row.element.className).toBe('row')
  expect(row.element.id).toBe('row-u1')
  expect(row.element.getAttribute('aria-rowindex')).toBe('7')
  expect(row.element.getAttribute('aria-selected')).toBe('false')
  expect(row.element.style.top).toBe('140px')
  expect(texts()).toEqual(['web', 'Running', '', '0s'])
  expect(cell('name').getAttribute('aria-label')).toBe('web')
  expect(cell('containers').firstElementChild!.getAttribute('aria-label')).toBe('main: running')
  expect(cell('status').querySelector('svg')!.classList.contains('ok')).toBe(true)
  expect(row.element.querySelector('input')!.checked).toBe(false)
  expect(row.element.querySelector('input')!.getAttribute('aria-label')).toBe('Select web')
})

it('ages go on with the clock, and nothing else of the row is touched', async () => {
  const common = setting()
  row.show(web, 0, plain, common, born + 5000)
  const touched: string[] = []
  const watching = new MutationObserver((all) => touched.push(...all.map((m) => m.type)))
  watching.observe(row.element, { subtree: true, childList: true, attributes: true, characterData: true })
  row.show(web, 0, plain, common, born + 6000)
  touched.push(...watching.takeRecords().map((m) => m.type))
  watching.disconnect()
  expect(cell('age').textContent).toBe('6s')
  expect(touched).toEqual(['characterData'])
})

it('the actions of a row that is pointed at are called by its name, and by the language in use', () => {
  const hot = { ...plain, hot: true }
  const names = () => [...row.element.querySelectorAll('.tools button')].map((b) => b.getAttribute('aria-label'))
  row.show(web, 0, hot, setting(), born)
  expect(names()).toEqual(['Logs web', 'More web'])
  row.show(sick, 0, hot, setting({ more: '更多' }), born)
  expect(names()).toEqual(['Logs db', '更多 db'])
  row.show(sick, 0, plain, setting(), born)
  expect(names()).toEqual([])
})

it('the button that a person presses stays while its row changes', () => {
  const hot = { ...plain, hot: true }
  const common = setting()
  row.show(web, 0, hot, common, born)
  const button = row.element.querySelector('.tools button')
  row.show({ ...web, cells: [{ text: 'Failed', tone: 'bad' }, null, null] }, 1, hot, { ...common, room: undefined }, born)
  expect(row.element.querySelector('.tools button')).toBe(button)
})

it('a row of other columns has their cells, and what is done with a row still stands at its end', () => {
  const hot = { ...plain, hot: true }
  row.show(web, 0, hot, setting(), born)
  row.show(web, 0, hot, setting({ columns: [columns[0]!, columns[3]!] }), born)
  expect([...row.element.children].map((c) => c.className.trim())).toEqual(['cell check', 'cell name', 'cell age right', 'tools'])
  expect(texts()).toEqual(['web', '0s'])
})

it('a box that a person has ticked shows what is selected', () => {
  const common = setting()
  row.show(web, 0, { ...plain, selected: true }, common, born)
  row.element.querySelector('input')!.checked = false
  row.show(web, 0, { ...plain, selected: true }, common, born)
  expect(row.element.querySelector('input')!.checked).toBe(true)
})
