import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { ColumnInfo, Row } from '../../src-main/backend/rpc/contract.js'
import { RowModel, naturalKey, rowOrder, sortRows } from '../../src-renderer/components/row-model.js'

const columns: ColumnInfo[] = [
  { id: 'restarts', title: 'Restarts', type: 'number' },
  { id: 'age', title: 'Age', type: 'age' },
]
const row = (name: string, restarts = 0, born = 0, namespace = 'default'): Row => ({
  id: `uid-${namespace}-${name}`,
  name,
  namespace,
  cells: [restarts, born],
})
const names = (m: RowModel) => m.view.value.map((r) => r.name)

describe('the order of rows', () => {
  it('is by namespace and name with numbers in names counted as numbers', () => {
    const m = new RowModel()
    m.replace([row('web-10'), row('web-2'), row('api', 0, 0, 'kube-system'), row('web-1')])
    expect(names(m)).toEqual(['web-1', 'web-2', 'web-10', 'api'])
  })

  it('puts the youngest first when ages ascend', () => {
    const m = new RowModel()
    m.setOrder(rowOrder(columns, { column: 'age', descending: false }))
    m.replace([row('old', 0, 100), row('new', 0, 300), row('middle', 0, 200)])
    expect(names(m)).toEqual(['new', 'middle', 'old'])
  })

  it('keeps rows with equal cells in the order of their names, both ways', () => {
    const m = new RowModel()
    m.replace([row('b', 1), row('a', 1), row('c', 5)])
    m.setOrder(rowOrder(columns, { column: 'restarts', descending: true }))
    expect(names(m)).toEqual(['c', 'a', 'b'])
    m.setOrder(rowOrder(columns, { column: 'restarts', descending: false }))
    expect(names(m)).toEqual(['a', 'b', 'c'])
  })
})

describe('a natural key', () => {
  it.each([
    ['web-2', 'web-10'],
    ['web-010', 'web-11'],
    ['node9-a', 'node10-a'],
    ['a', 'b'],
    ['10.244.2.9', '10.244.10.1'],
  ])('puts %s before %s', (a, b) => expect(naturalKey(a) < naturalKey(b)).toBe(true))
})

describe('changes', () => {
  it('of a large batch are merged to the same result as one by one', () => {
    const order = rowOrder(columns, { column: 'restarts', descending: false })
    const rows = Array.from({ length: 3000 }, (_, i) => row(`p${i}`, (i * 7919) % 1000))
    const changed = rows.slice(0, 600).map((r, i) => ({ ...r, cells: [i % 13, 0] }))
    const m = new RowModel()
    m.setOrder(order)
    m.replace(rows)
    m.change(
      changed,
      rows.slice(700, 720).map((r) => r.id),
    )
    m.flush()
    expect(m.view.value).toEqual(sortRows([...changed, ...rows.slice(600, 700), ...rows.slice(720)], order))
  })

  it('appear in their places after a flush', () => {
    const m = new RowModel()
    m.replace([row('a'), row('c')])
    m.change([row('b'), row('d')], ['uid-default-a'])
    expect(names(m)).toEqual(['a', 'c'])
    m.flush()
    expect(names(m)).toEqual(['b', 'c', 'd'])
    expect(m.total.value).toBe(3)
  })

  it('show in place without moving, adding or removing a row while places are held', () => {
    const m = new RowModel()
    m.setOrder(rowOrder(columns, { column: 'restarts', descending: true }))
    m.replace([row('a', 3), row('b', 2), row('c', 1)])
    m.change([row('c', 9), row('d', 5)], ['uid-default-b'])
    m.flushInPlace()
    expect(names(m)).toEqual(['a', 'b', 'c'])
    expect(m.view.value[2]!.cells[0]).toBe(9)
    expect(m.pending).toBe(true)
    m.flush()
    expect(names(m)).toEqual(['c', 'd', 'a'])
  })

  it('leave rows that did not change identical, so that they are not painted again', () => {
    const m = new RowModel()
    const a = row('a')
    m.replace([a, row('b')])
    m.change([row('b', 7)], [])
    m.flush()
    expect(m.view.value[0]).toBe(a)
  })

  it('come to the same as sorting everything, whatever comes in whatever order', () => {
    const change = fc.record({
      upserts: fc.array(fc.tuple(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 5 })), { maxLength: 12 }),
      removes: fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 6 }),
    })
    fc.assert(
      fc.property(fc.array(change, { maxLength: 12 }), fc.boolean(), (changes, filtered) => {
        const m = new RowModel()
        const order = rowOrder(columns, { column: 'restarts', descending: true })
        const filter = filtered ? (r: Row) => (r.cells[0] as number) > 1 : null
        m.setOrder(order)
        m.setFilter(filter)
        const expected = new Map<string, Row>()
        for (const c of changes) {
          const upserts = c.upserts.map(([n, restarts]) => row(`p${n}`, restarts))
          const removes = c.removes.map((n) => row(`p${n}`).id)
          for (const r of upserts) expected.set(r.id, r)
          for (const id of removes) expected.delete(id)
          m.change(upserts, removes)
          m.flush()
        }
        expect(m.view.value).toEqual(sortRows([...expected.values()].filter(filter ?? (() => true)), order))
      }),
      { numRuns: 150, seed: 5 },
    )
  })
})

describe('a list of thousands', () => {
  const byRestarts = rowOrder(columns, { column: 'restarts', descending: true })
  const byName = rowOrder(columns, { column: 'name', descending: true })
  const thousands = Array.from({ length: 4500 }, (_, i) => row(`p${(i * 7919) % 4500}`, i % 97))
  let waiting: (() => void)[]
  let m: RowModel
  const finish = (): void => {
    while (waiting.length) waiting.shift()!()
  }
  beforeEach(() => {
    // Each slice ends where it first may.
    let time = 0
    vi.spyOn(performance, 'now').mockImplementation(() => (time += 1000))
    waiting = []
    m = new RowModel((slice) => waiting.push(slice))
    m.replace(thousands)
    finish()
  })
  afterEach(() => {
    vi.restoreAllMocks()
  })

  it('is arranged in slices, and shows what it showed until it is', () => {
    const before = m.view.value
    m.setOrder(byRestarts)
    for (let i = 0; i < 20; i++) waiting.shift()!()
    expect(waiting).toHaveLength(1)
    expect(m.view.value).toBe(before)
    finish()
    expect(m.view.value).toEqual(sortRows(thousands, byRestarts))
  })

  it('that gets another order or filter while it is arranged ends in the last ones', () => {
    m.setOrder(byName)
    m.setOrder(byRestarts)
    m.setFilter((r) => r.name.endsWith('7'))
    finish()
    expect(m.view.value).toEqual(
      sortRows(
        thousands.filter((r) => r.name.endsWith('7')),
        byRestarts,
      ),
    )
    m.setFilter((r) => r.name.endsWith('17') || r.name.endsWith('4'))
    finish()
    expect(m.view.value).toEqual(
      sortRows(
        thousands.filter((r) => r.name.endsWith('17') || r.name.endsWith('4')),
        byRestarts,
      ),
    )
  })

  it('shows with a new arrangement what changed meanwhile, at whatever moment', () => {
    const few = (r: Row) => (r.cells[0] as number) < 60
    const expected = new Map(thousands.map((r) => [r.id, r]))
    m.setOrder(byRestarts)
    m.setFilter(few)
    for (let turn = 0; waiting.length > 0; turn++) {
      waiting.shift()!()
      if (turn >= 50) continue
      const upserts = [row(`p${turn * 83}`, (turn * 31) % 97), row(`new-${turn}`, turn)]
      const removes = [row(`p${turn * 89}`).id, row(`new-${turn - 3}`).id]
      for (const r of upserts) expected.set(r.id, r)
      for (const id of removes) expected.delete(id)
      m.change(upserts, removes)
      m.flush()
      m.flushInPlace()
    }
    expect(m.pending).toBe(false)
    expect(m.total.value).toBe(expected.size)
    expect(m.view.value).toEqual(sortRows([...expected.values()].filter(few), byRestarts))
  })

  it('whose pages still come shows those that are there', () => {
    m.setOrder(byRestarts)
    const page = (n: number) => Array.from({ length: 4500 }, (_, i) => row(`q${n}-${i}`, i % 7))
    waiting.shift()!()
    m.change(page(1), [])
    finish()
    expect(m.view.value).toEqual(sortRows([...thousands, ...page(1)], byRestarts))
  })
})
