import { afterEach, beforeEach, expect, it } from 'vitest'
import { effectScope, nextTick, shallowRef, type EffectScope } from 'vue'
import type { Row } from '../../src-main/backend/rpc/contract.js'
import { useRowSelection, type RowSelection } from '../../src-renderer/views/list/row-selection.js'

const row = (id: string, namespace = 'shop'): Row => ({ id, namespace, name: id, cells: [] })
const list = shallowRef<Row[]>([])
let scope: EffectScope
let selection: RowSelection
beforeEach(() => {
  list.value = [row('a'), row('b'), row('c', 'bank'), row('d', 'bank')]
  scope = effectScope()
  selection = scope.run(() => useRowSelection(list, (r) => (r.id === 'd' ? 'east' : 'west')))!
})
afterEach(() => scope.stop())

it('has its rows in the order of the list, as they are now', () => {
  selection.ids.value = new Set(['c', 'a'])
  expect(selection.rows.value.map((r) => r.id)).toEqual(['a', 'c'])
  list.value = [row('c', 'bank'), { ...row('a'), cells: [1] }, row('b')]
  expect(selection.rows.value).toEqual([row('c', 'bank'), { ...row('a'), cells: [1] }])
})

it('loses what is gone or filtered away', async () => {
  selection.ids.value = new Set(['a', 'b', 'd'])
  list.value = [row('d', 'bank'), row('b'), row('new')]
  await nextTick()
  expect([...selection.ids.value]).toEqual(['d', 'b'])
})

it('stays the same object while nothing of it goes', async () => {
  const ids = new Set(['a', 'b'])
  selection.ids.value = ids
  list.value = [row('b'), row('a')]
  await nextTick()
  expect(selection.ids.value).toBe(ids)
})

it('names one row of each cluster and namespace', () => {
  selection.ids.value = new Set(['a', 'b', 'c', 'd'])
  expect(selection.places.value.map((r) => r.id)).toEqual(['a', 'c', 'd'])
})
