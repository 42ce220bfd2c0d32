import { describe, expect, it } from 'vitest'
import type { Cell, ColumnInfo, Row } from '../../src-main/backend/rpc/contract.js'
import { commonValues, parseColumnFilter, rowFilter, wholeText } from '../../src-renderer/components/column-filter.js'
import { columnFilterQuery, columnFiltersOf } from '../../src-renderer/views/list/list-filters.js'

const column = (type: ColumnInfo['type'], id = 'x'): ColumnInfo => ({ id, title: 'X', type })
const NOW = Date.parse('2026-11-21T09:00:00Z')
const minutes = (n: number) => n * 60_000
const matches = (text: string, cell: Cell, type: ColumnInfo['type'] = 'text') => {
  const test = parseColumnFilter(text, column(type), () => NOW)
  return typeof test === 'function' ? test(cell) : test
}

describe('the filter of a column', () => {
  it.each<[string, Cell, ColumnInfo['type'], boolean]>([
    ['run', { text: 'Running', tone: 'ok' }, 'status', true],
    ['=run', { text: 'Running' }, 'status', false],
    ['=running', { text: 'Running' }, 'status', true],
    ['Pending,Running', { text: 'Running' }, 'status', true],
    ['!running', { text: 'Running' }, 'status', false],
    ['!pending,failed', { text: 'Running' }, 'status', true],
    ['/^run.*g$/', 'Running', 'text', true],
    ['/a{1,2}/', 'caat', 'text', true],
    ['="nginx:1.27, busybox"', 'nginx:1.27, busybox', 'text', true],
    ['nginx:1.25', 'nginx:1.27, busybox', 'text', false],
    ['=""', null, 'text', true],
    ['>3', 4, 'number', true],
    ['>4', 4, 'number', false],
    ['>=4', 4, 'number', true],
    ['<4', null, 'number', false],
    ['>100Mi', { text: '110Mi', sort: 110 * 2 ** 20 }, 'text', true],
    ['<250m', { text: '100m', sort: 0.1 }, 'text', true],
    ['>80%', { text: '84%', sort: 0.84 }, 'text', true],
    ['>1Gi', '2Gi', 'text', true],
    ['<1h', NOW - minutes(30), 'age', true],
    ['>1h', NOW - minutes(30), 'age', false],
    ['>1h30m', NOW - minutes(100), 'age', true],
    ['<10m', NOW + minutes(5), 'until', true],
    ['>1m', { text: '', spent: 90_000 }, 'duration', true],
    ['<1m', { text: '', since: NOW - 30_000 }, 'duration', true],
  ])('%s on %j, a %s, is %s', (text, cell, type, yes) => {
    expect(matches(text, cell, type)).toBe(yes)
  })

  it('says what it cannot read, and asks for nothing when it is empty', () => {
    expect(matches('/(/', 'x')).toEqual({ error: expect.stringContaining('Invalid regular expression') as string })
    expect(matches('>soon', 1, 'age')).toEqual({ error: 'soon' })
    expect(matches('  ', 'x')).toBeNull()
    expect(matches('!', 'x')).toBeNull()
  })

  it('of a value that was chosen stands for all of it', () => {
    for (const value of ['Running', 'a, b', '=odd', '!x', '/x/', '']) expect(matches(`=other,${wholeText(value)}`, value), value).toBe(true)
    expect(matches(wholeText('a'), 'ab')).toBe(false)
  })
})

describe('filters of several columns', () => {
  const columns = [column('text', 'name'), column('status', 'status'), column('age', 'age')]
  const row = (name: string, status: string, age: number): Row => ({ id: name, name, namespace: 'shop', cells: [name, status, NOW - age] })
  const rows = [row('a', 'Running', minutes(1)), row('b', 'Running', minutes(90)), row('c', 'Pending', minutes(1))]
  const shown = (...filters: [string, string][]) =>
    rows
      .filter(
        rowFilter(
          filters.map(([id, text]) => ({ column: id, text })),
          columns,
          () => NOW,
        ) ?? (() => true),
      )
      .map((r) => r.name)

  it('all hold', () => {
    expect(shown(['status', '=Running'], ['age', '<1h'])).toEqual(['a'])
    expect(shown(['namespace', '=shop'], ['name', '!a'])).toEqual(['b', 'c'])
  })

  it('that cannot be read, or are of columns that a list has not, let all rows pass', () => {
    expect(shown(['status', '/(/'], ['nothing', 'x'])).toEqual(['a', 'b', 'c'])
  })

  it('are offered the values that most rows have', () => {
    expect(commonValues(rows, columns[1]!, 1, 5)).toEqual([
      ['Running', 2],
      ['Pending', 1],
    ])
  })

  it('are in the address, whatever is in them', () => {
    const filters = [{ column: 'status', text: '=Running,=Pending' }]
    expect(columnFilterQuery(filters)).toEqual(['status|=Running,=Pending'])
    expect(columnFiltersOf({ f: columnFilterQuery(filters)! })).toEqual(filters)
    expect(columnFiltersOf({ f: 'status|/x|y/' })).toEqual([{ column: 'status', text: '/x|y/' }])
    expect([columnFiltersOf({}), columnFilterQuery([])]).toEqual([[], undefined])
  })
})
