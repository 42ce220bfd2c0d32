import { mount, type VueWrapper } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { nextTick } from 'vue'
import type { Row } from '../../src-main/backend/rpc/contract.js'
import { i18n } from '../../src-renderer/app/i18n/i18n.js'
import DataTable from '../../src-renderer/components/DataTable.vue'
import { now } from '../../src-renderer/components/time.js'

// Before anything that counts time is loaded.
vi.hoisted(() => vi.useFakeTimers())

// What happy-dom has not.
globalThis.ResizeObserver = class {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
} as typeof ResizeObserver

const rows: Row[] = Array.from({ length: 500 }, (_, i) => ({ id: `u${i}`, namespace: 'default', name: `pod-${i}`, cells: [] }))
let table: VueWrapper

beforeEach(() => {
  setActivePinia(createPinia())
  table = mount(DataTable, {
    props: {
      label: 'Pods',
      columns: [{ column: { id: 'name', title: 'Name', type: 'text' }, index: -1 }],
      rows,
      sorting: null,
      widths: {},
      selected: new Set<string>(),
      focusedId: '',
      currentId: '',
      quick: [],
    },
    global: { plugins: [i18n] },
    attachTo: document.body,
  })
})
afterEach(() => {
  table.unmount()
})

const elements = (): Element[] => [...table.element.querySelectorAll('.body > .row')]
const inDocument = (): number[] => elements().map((e) => Number((e as HTMLElement).dataset.index))
const byPlace = (): number[] => [...inDocument()].sort((a, b) => a - b)
async function scrollTo(row: number): Promise<void> {
  table.element.scrollTop = row * 28
  await table.trigger('scroll')
  await nextTick()
}
const upFrom = (n: number): number[] => Array.from({ length: elements().length }, (_, i) => n + i)

/** Until the next frame has been made. */
const nextFrame = () => vi.advanceTimersByTimeAsync(32)

it('while a list scrolls every row in the document is used again: none is made, taken out or moved', async () => {
  await scrollTo(100)
  await vi.advanceTimersByTimeAsync(300)
  const before = elements()
  for (const row of [101, 103, 110, 150, 149, 120]) {
    await scrollTo(row)
    for (let i = 0; i < 3; i++) await nextFrame()
    expect(elements()).toEqual(before)
    // Six rows more than are in sight at each end.
    expect(byPlace()).toEqual(upFrom(row - 6))
  }
  expect(inDocument()).not.toEqual(byPlace())
})

it('a jump draws the rows in sight at once, and those beyond in the frames after it, ten at most in each', async () => {
  await scrollTo(100)
  await vi.advanceTimersByTimeAsync(300)
  await scrollTo(300)
  const inSight = Array.from({ length: 22 }, (_, i) => 300 + i)
  // The rest still shows what was there, out of sight.
  expect(byPlace().filter((i) => i >= 200)).toEqual(inSight)
  expect(byPlace()).toHaveLength(34)
  await nextFrame()
  expect(byPlace().filter((i) => i >= 200)).toEqual(Array.from({ length: 32 }, (_, i) => 295 + i))
  await nextFrame()
  expect(byPlace()).toEqual(upFrom(294))
})

it('once it stands still its rows are in the document as they are seen, for those who read it there', async () => {
  await scrollTo(103)
  await vi.advanceTimersByTimeAsync(300)
  expect(inDocument()).toEqual(upFrom(97))
  await scrollTo(0)
  await vi.advanceTimersByTimeAsync(300)
  expect(inDocument()).toEqual(upFrom(0))
})

it('at the end of the list there are no rows beyond it', async () => {
  await scrollTo(490)
  expect(Math.max(...inDocument())).toBe(499)
  expect(new Set(inDocument()).size).toBe(inDocument().length)
})

it('of a row that is used again only what says something else is touched', async () => {
  const columns = [
    { column: { id: 'name', title: 'Name', type: 'text' as const }, index: -1 },
    { column: { id: 'status', title: 'Status', type: 'status' as const }, index: 0 },
    { column: { id: 'node', title: 'Node', type: 'text' as const }, index: 1 },
  ]
  const pods = rows.map((r, i) => ({ ...r, cells: [{ text: 'Running', tone: 'ok' as const }, `node-${i % 3}`] }))
  await table.setProps({ columns, rows: pods })
  await scrollTo(100)
  await vi.advanceTimersByTimeAsync(300)
  const texts = (row: Element): (Node | null)[] => [...row.querySelectorAll('.ellipsis')].map((e) => e.firstChild)
  const row = elements()[0]!
  const before = texts(row)
  expect(before.map((n) => n?.textContent)).toEqual(['pod-94', 'Running', 'node-1'])
  const touched: string[] = []
  const watching = new MutationObserver((all) => touched.push(...all.map((m) => m.attributeName ?? m.type)))
  watching.observe(row, { subtree: true, childList: true, attributes: true, characterData: true })
  await scrollTo(101)
  watching.takeRecords().forEach((m) => touched.push(m.attributeName ?? m.type))
  watching.disconnect()
  // Its texts are the nodes that were there; its state was not touched.
  expect(texts(row)).toEqual(before)
  expect(before.map((n) => n?.textContent)).toEqual(['pod-128', 'Running', 'node-2'])
  expect(touched.filter((t) => t === 'childList')).toEqual([])
  expect(touched.filter((t) => t === 'characterData')).toHaveLength(2)
})

it('ages wait while the list scrolls, and are those of the present once it stands still', async () => {
  const age = { column: { id: 'age', title: 'Age', type: 'age' as const }, index: 0 }
  const born = now.value - 10_000
  await table.setProps({ columns: [age], rows: rows.map((r) => ({ ...r, cells: [born] })) })
  const ages = (): Set<string | null> => new Set(elements().map((e) => e.querySelector('.age')!.textContent))
  await vi.advanceTimersByTimeAsync(2000)
  expect(ages()).toEqual(new Set(['12s']))
  for (let row = 1; row <= 20; row++) {
    await scrollTo(row)
    await vi.advanceTimersByTimeAsync(100)
  }
  expect(ages()).toEqual(new Set(['12s']))
  await vi.advanceTimersByTimeAsync(200)
  expect(ages()).toEqual(new Set(['14s']))
})

it('keys go on from the rows in sight where none is focused, and act on none', async () => {
  const told = { onFocus: vi.fn(), onOpen: vi.fn(), onSelect: vi.fn() }
  await table.setProps(told as never)
  await scrollTo(200)
  const press = (key: string) => table.trigger('keydown', { key })
  await press('Enter')
  await press(' ')
  expect(told.onOpen).not.toHaveBeenCalled()
  expect(told.onSelect).not.toHaveBeenCalled()
  await press('PageDown')
  // Of 600 px 28 are the head: a page is all but one of the 20 whole rows in sight.
  expect(told.onFocus.mock.calls).toEqual([['u218']])
  await scrollTo(300)
  await press('ArrowDown')
  expect(told.onFocus.mock.calls).toEqual([['u218'], ['u300']])
})
