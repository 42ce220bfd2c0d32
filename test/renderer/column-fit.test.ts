import { describe, expect, it } from 'vitest'
import { horizontalPodAutoscalers } from '../../src-main/backend/kinds/autoscalers.js'
import type { ColumnInfo, Row } from '../../src-main/backend/rpc/contract.js'
import { fitColumns } from '../../src-renderer/components/column-fit.js'
import type { PlacedColumn } from '../../src-renderer/components/table-row.js'
import { widestCells } from '../../src-renderer/components/widest-cells.js'
import { projectionOf } from './fake-columns.js'

const pods = projectionOf('pods')
  .columns.filter((c) => !c.wide)
  .map((column, index) => ({ column, index }))
const heading = (c: ColumnInfo) => c.title
const ids = (width: number, sized: Record<string, number> = {}) => fitColumns(pods, width, heading, { sized }).shown.map((c) => c.column.id)

describe('columns', () => {
  it('are all shown where there is room', () => {
    expect(ids(1600)).toEqual(['name', 'namespace', 'containers', 'ready', 'status', 'restarts', 'node', 'owner', 'age'])
  })

  it('give way from the least telling, and name, status and age stay', () => {
    expect(ids(1000)).toEqual(['name', 'namespace', 'containers', 'ready', 'status', 'restarts', 'node', 'age'])
    expect(ids(615)).toEqual(['name', 'namespace', 'containers', 'status', 'age'])
    expect(ids(300)).toEqual(['name', 'status', 'age'])
  })

  it('of what bricks show go first, and times of the past before the namespace', () => {
    const of = (...columns: ColumnInfo[]) => columns.map((column, index) => ({ column, index }))
    const shown = (columns: PlacedColumn[], width: number) => fitColumns(columns, width, heading).shown.map((c) => c.column.id)
    const name: ColumnInfo = { id: 'name', title: 'Name', type: 'text' }
    const namespace: ColumnInfo = { id: 'namespace', title: 'Namespace', type: 'text', width: 130 }
    const deployments = of(
      name,
      namespace,
      { id: 'ready', title: 'Ready', type: 'status', width: 70 },
      { id: 'pods', title: 'Pods', type: 'bricks', width: 96 },
      { id: 'upToDate', title: 'Up-to-date', type: 'number', width: 86 },
      { id: 'images', title: 'Images', type: 'text', width: 200 },
    )
    expect(shown(deployments, 660)).toEqual(['name', 'namespace', 'ready', 'pods', 'images'])
    const cronJobs = of(
      name,
      namespace,
      { id: 'lastSchedule', title: 'Last schedule', type: 'age', width: 100 },
      { id: 'age', title: 'Age', type: 'age', width: 70 },
    )
    expect(shown(cronJobs, 400)).toEqual(['name', 'namespace', 'age'])
  })

  it('of an autoscaler keep what it measures longer than the numbers beside it', () => {
    const shown = (width: number) => {
      const columns = horizontalPodAutoscalers.columns.filter((c) => !c.wide)
      return fitColumns(
        columns.map((column, index) => ({ column, index })),
        width,
        heading,
      ).shown.map((c) => c.column.id)
    }
    expect(shown(760)).toEqual(['name', 'namespace', 'targets', 'min', 'max', 'replicas', 'age'])
    expect(shown(480)).toEqual(['name', 'namespace', 'targets', 'age'])
    expect(shown(420)).toEqual(['name', 'namespace', 'age'])
  })

  it('that a person has sized keep their size and stay', () => {
    const fitted = fitColumns(pods, 615, heading, { sized: { owner: 333 } })
    expect(fitted.shown.map((c) => c.column.id)).toContain('owner')
    expect(fitted.template).toContain(' 333px ')
  })

  it('never need more than the list has before it scrolls sideways', () => {
    for (const width of [615, 720, 950, 1280, 1920]) expect(fitColumns(pods, width, heading).minWidth).toBeLessThanOrEqual(width)
  })

  it('of states keep room for the longest usual one where there is some, so that a state is read the moment it changes', () => {
    const nodes = projectionOf('nodes')
      .columns.filter((c) => !c.wide)
      .map((column, index) => ({ column, index }))
    const content = { name: 110, status: 80, roles: 110, version: 80, internalIP: 110 }
    const tracks = (width: number) => {
      const { shown, template } = fitColumns(nodes, width, heading, { content })
      return template.split(/ (?![^(]*\))/)[shown.findIndex((c) => c.column.id === 'status') + 1]
    }
    expect(tracks(1120)).toBe('160px')
    // Where there is none, it gives no other column's away.
    expect(tracks(290)).toBe('80px')
  })

  it('are as wide as what they hold, and so more of them fit', () => {
    const content = { name: 120, namespace: 80, status: 90, node: 100, owner: 160, containers: 96 }
    const shownAt = (known: object) => fitColumns(pods, 780, heading, known).shown.map((c) => c.column.id)
    expect(shownAt({})).toEqual(['name', 'namespace', 'containers', 'ready', 'status', 'age'])
    expect(shownAt({ content })).toEqual(['name', 'namespace', 'containers', 'ready', 'status', 'restarts', 'node', 'age'])
    expect(fitColumns(pods, 780, heading, { content }).template).toMatch(/^32px minmax\(120px, 120fr\) minmax\(80px, 80fr\) 96px /)
  })

  it('give way before a long name is cut, up to a quarter of the list', () => {
    const content = { name: 300, namespace: 80, status: 90, node: 100, owner: 160, containers: 96 }
    const { shown, template } = fitColumns(pods, 1030, heading, { content })
    expect(shown.map((c) => c.column.id)).toEqual(['name', 'namespace', 'containers', 'ready', 'status', 'restarts', 'node', 'age'])
    expect(template).toContain('minmax(300px, 300fr)')
  })

  it('give a state that is cut what is left before a name, and no name takes all the room', () => {
    const content = { name: 2000, namespace: 80, status: 176, containers: 96 }
    const tracks = (width: number) => fitColumns(pods.slice(0, 5), width, heading, { content }).template
    expect(tracks(700)).toContain(' 176px')
    expect(tracks(700)).toContain(' minmax(252px, 252fr) ')
    expect(tracks(1400)).toContain(' minmax(630px, 630fr) ')
  })
})

describe('text that is cut', () => {
  it('is that of as few columns as possible: what lacks little is given it before a long name gets more', () => {
    const columns = [
      { column: { id: 'name', title: 'Name', type: 'text' as const, width: 260 }, index: -1 },
      { column: { id: 'node', title: 'Node', type: 'text' as const, width: 130 }, index: 0 },
    ]
    const { template } = fitColumns(columns, 32 + 220 + 100 + 30, heading, { content: { name: 400, node: 110 } })
    expect(template).toBe('32px minmax(240px, 240fr) minmax(110px, 110fr)')
  })
})

describe('the widest cells', () => {
  const columns: PlacedColumn[] = [
    { column: { id: 'name', title: 'Name', type: 'text' }, index: -1 },
    { column: { id: 'status', title: 'Status', type: 'status' }, index: 0 },
    { column: { id: 'restarts', title: 'Restarts', type: 'number', align: 'right' }, index: 1 },
    { column: { id: 'containers', title: 'C', type: 'bricks' }, index: 2 },
  ]
  const row = (name: string, status: string, warning = false): Row => ({
    id: name,
    name,
    namespace: 'shop',
    cells: [{ text: status, tone: 'bad' }, 3, { text: 'a\trunning\tok\nb\trunning\tok\nc\trunning\tok' }],
    ...(warning ? { warning: { reason: 'BackOff', message: 'Back-off', count: 1, last: 0 } } : {}),
  })
  const tenEach = (text: string) => text.length * 10

  it('count the marks of states and warnings, and leave out numbers, which count up', () => {
    const rows = [row('web', 'Running'), row('web-1', 'CrashLoopBackOff', true)]
    expect(widestCells(columns, rows, tenEach, heading)).toEqual({ name: 50 + 20 + 18, status: 160 + 16 + 18, containers: 3 * 13 + 18 })
  })

  it('are no narrower than their headings', () => {
    expect(widestCells(columns, [row('a', 'x')], tenEach, heading)).toMatchObject({ name: 40 + 16 + 18, status: 60 + 16 + 18 })
  })

  it('are not known without rows, or where nothing has a width', () => {
    expect(widestCells(columns, [], tenEach, heading)).toEqual({})
    expect(widestCells(columns, [row('a', 'x')], () => 0, heading)).toEqual({})
  })
})
