import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { effectScope, nextTick, shallowRef, type EffectScope } from 'vue'
import type { Row } from '../../src-main/backend/rpc/contract.js'
import { useContentWidths } from '../../src-renderer/components/content-widths.js'
import type { PlacedColumn } from '../../src-renderer/components/table-row.js'

const columns: PlacedColumn[] = [{ column: { id: 'name', title: 'N', type: 'text' }, index: -1 }]
const row = (name: string): Row => ({ id: name, name, namespace: '', cells: [] })
const rows = shallowRef<Row[]>([])
const held = shallowRef(false)
let letter = 10
let scope: EffectScope
let content: ReturnType<typeof useContentWidths>

beforeEach(() => {
  vi.useFakeTimers()
  rows.value = []
  held.value = false
  letter = 10
  scope = effectScope()
  content = scope.run(() =>
    useContentWidths(
      () => columns,
      () => rows.value,
      () => (text: string) => text.length * letter,
      (c) => c.title,
      () => held.value,
    ),
  )!
})
afterEach(() => {
  scope.stop()
  vi.useRealTimers()
})
const show = async (...names: string[]): Promise<void> => {
  rows.value = names.map(row)
  await nextTick()
}

it('the first rows give columns their widths at once, later ones a moment later', async () => {
  await show('four')
  expect(content.widths.value).toEqual({ name: 40 + 20 + 18 })
  await show('four', 'sixsix')
  expect(content.widths.value).toEqual({ name: 40 + 20 + 18 })
  await vi.advanceTimersByTimeAsync(1000)
  expect(content.widths.value).toEqual({ name: 60 + 20 + 18 })
})

it('a list that comes in parts is measured at once when it has doubled', async () => {
  await show('four')
  await show('four', 'sixsix', 'eightful')
  expect(content.widths.value).toEqual({ name: 80 + 20 + 18 })
})

it('a column gets no narrower when its longest row goes', async () => {
  await show('sixsix')
  await show('four')
  await vi.advanceTimersByTimeAsync(5000)
  expect(content.widths.value).toEqual({ name: 60 + 20 + 18 })
})

it('nothing changes while the list is held', async () => {
  await show('four')
  held.value = true
  await show('four', 'sixsix')
  await vi.advanceTimersByTimeAsync(5000)
  expect(content.widths.value).toEqual({ name: 40 + 20 + 18 })
  held.value = false
  await vi.advanceTimersByTimeAsync(1000)
  expect(content.widths.value).toEqual({ name: 60 + 20 + 18 })
})

it('another typeface is measured anew', async () => {
  await show('sixsix')
  letter = 5
  content.again()
  expect(content.widths.value).toEqual({ name: 30 + 20 + 18 })
})
