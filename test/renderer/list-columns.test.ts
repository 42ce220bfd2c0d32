import { describe, expect, it } from 'vitest'
import type { ColumnInfo, Row } from '../../src-main/backend/rpc/contract.js'
import { orderAfter, orderOf } from '../../src-renderer/views/list/list-order.js'
import { fitColumns } from '../../src-renderer/components/column-fit.js'
import { isFaulty } from '../../src-renderer/components/row-search.js'
import { toCsv } from '../../src-renderer/views/list/csv.js'
import { inOrder } from '../../src-renderer/views/list/kind-columns.js'

const column = (id: string, extra: Partial<ColumnInfo> = {}): ColumnInfo => ({ id, title: id, type: 'text', ...extra })
const placed = (...columns: ColumnInfo[]) => columns.map((c, index) => ({ column: c, index }))
const row = (cells: Row['cells'], extra: Partial<Row> = {}): Row => ({ id: 'u', name: 'web', namespace: 'shop', cells, ...extra })
const warning = { reason: 'BackOff', message: 'again', count: 3, last: 0 }

describe('the order of a list', () => {
  it('is that of names, of events that of when they were seen, the last first; an address may ask for another', () => {
    expect(orderOf('', 'pods')).toBeNull()
    expect(orderOf('', 'events')).toEqual({ column: 'lastSeen', descending: false })
    expect(orderOf('-restarts', 'pods')).toEqual({ column: 'restarts', descending: true })
    expect(orderOf('reason', 'events')).toEqual({ column: 'reason', descending: false })
  })

  it('goes from a column to the other way to the usual one, click by click', () => {
    expect(orderAfter(null, 'age')).toBe('age')
    expect(orderAfter(orderOf('age', 'pods'), 'age')).toBe('-age')
    expect(orderAfter(orderOf('-age', 'pods'), 'age')).toBeUndefined()
    expect(orderAfter(orderOf('-age', 'pods'), 'status')).toBe('status')
  })
})

describe('the order of columns', () => {
  it('is the one that was chosen; a column that came later keeps its place', () => {
    const ids = inOrder(placed(column('a'), column('b'), column('new'), column('c')), ['c', 'a', 'b', 'gone']).map((c) => c.column.id)
    expect(ids).toEqual(['c', 'a', 'new', 'b'])
  })
})

describe('a column that a person made or asked for', () => {
  it('is shown where there is too little room, before others', () => {
    const all = placed(column('name'), column('ip'), column('mine', { custom: true }), column('qos', { wide: true }))
    expect(fitColumns(all, 400, (c) => c.title).shown.map((c) => c.column.id)).toEqual(['name', 'mine', 'qos'])
  })
})

describe('CSV', () => {
  it('quotes what needs it, gives times as such, and lets no cell be a formula', () => {
    const columns = [
      { column: column('name'), index: -1 },
      ...placed(column('message'), column('count', { type: 'number' }), column('age', { type: 'age' })),
    ]
    const rows = [row(['say "hi", twice', -2, Date.UTC(2026, 10, 21)]), row(['=1+1', null, null])]
    expect(toCsv(rows, columns, (c) => c.id)).toBe(
      'name,message,count,age\r\nweb,"say ""hi"", twice",-2,2026-11-21T00:00:00.000Z\r\nweb,\'=1+1,,\r\n',
    )
  })
})

describe('an object is in trouble', () => {
  it('when a cell says so, or a warning about it while it is not well', () => {
    expect(isFaulty(row([{ text: 'CrashLoopBackOff', tone: 'bad' }]))).toBe(true)
    expect(isFaulty(row([{ text: 'Pending', tone: 'busy' }], { warning }))).toBe(true)
    expect(isFaulty(row(['x'], { warning }))).toBe(true)
  })
  it('but not when it is well again, or done', () => {
    expect(isFaulty(row([{ text: 'Running', tone: 'ok' }], { warning }))).toBe(false)
    expect(isFaulty(row([{ text: 'Completed', tone: 'off' }], { warning }))).toBe(false)
    expect(isFaulty(row([{ text: 'Pending', tone: 'busy' }]))).toBe(false)
  })
})
