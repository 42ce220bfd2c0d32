import { describe, expect, it } from 'vitest'
import type { ColumnInfo } from '../../src-main/backend/rpc/contract.js'
import { fitColumns } from '../../src-renderer/components/column-fit.js'
import { projectionOf } from './fake-columns.js'

const pods = projectionOf('pods')
  .columns.filter((c) => !c.wide)
  .map((column, index) => ({ column, index }))
const heading = (c: ColumnInfo) => c.title
const ids = (width: number, sized: Record<string, number> = {}) => fitColumns(pods, width, sized, heading).shown.map((c) => c.column.id)

describe('columns', () => {
  it('are all shown where there is room', () => {
    expect(ids(1600)).toEqual(['name', 'namespace', 'containers', 'ready', 'status', 'restarts', 'node', 'owner', 'age'])
  })

  it('give way from the least telling, and name, status and age stay', () => {
    expect(ids(950)).toEqual(['name', 'namespace', 'containers', 'ready', 'status', 'restarts', 'node', 'age'])
    expect(ids(615)).toEqual(['name', 'namespace', 'containers', 'status', 'age'])
    expect(ids(300)).toEqual(['name', 'status', 'age'])
  })

  it('that a person has sized keep their size and stay', () => {
    const fitted = fitColumns(pods, 615, { owner: 333 }, heading)
    expect(fitted.shown.map((c) => c.column.id)).toContain('owner')
    expect(fitted.template).toContain(' 333px ')
  })

  it('never need more than the list has before it scrolls sideways', () => {
    for (const width of [615, 720, 950, 1280, 1920]) expect(fitColumns(pods, width, {}, heading).minWidth).toBeLessThanOrEqual(width)
  })
})
