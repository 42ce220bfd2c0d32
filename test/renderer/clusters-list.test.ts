import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { nextTick, shallowRef } from 'vue'
import type { Cell, ColumnInfo, Row } from '../../src-main/backend/rpc/contract.js'
import { rowOrder } from '../../src-renderer/components/row-model.js'
import { useClustersList, type ClusterSource, type ClustersList } from '../../src-renderer/stores/clusters-list.js'
import { ComparedRows } from '../../src-renderer/views/list/compared-rows.js'
import { inScope, StreamStub } from './stream-stub.js'

const deployments = { group: 'apps', version: 'v1', resource: 'deployments' }
const own: ColumnInfo[] = [
  { id: 'name', title: 'Name', type: 'text' },
  { id: 'images', title: 'Images', type: 'text' },
]
const source = (context: string): ClusterSource => ({ context, title: context, params: { context, resource: deployments } })
const row = (name: string, image: string, namespace = 'shop'): Row => ({ id: `uid-${name}`, name, namespace, cells: [name, image] })

let stub: StreamStub
let list: ClustersList & { stop: () => void }
const sources = shallowRef<ClusterSource[]>([])
const of = (context: string) => stub.of('list').find((s) => s.params.context === context)!
const shown = () => list.model.view.value.map((r) => `${list.contextOf(r)} ${r.name}`)

/** Opens a list and gives each of its clusters a first snapshot. */
async function open(rows: Record<string, Row[]>): Promise<void> {
  stub = new StreamStub()
  sources.value = Object.keys(rows).map(source)
  list = inScope(() => useClustersList(() => sources.value))
  await nextTick()
  for (const [context, first] of Object.entries(rows)) {
    of(context).emit({ type: 'columns', columns: own })
    of(context).emit({ type: 'snapshot', rows: first, complete: true, total: first.length })
    of(context).emit({ type: 'state', phase: 'live' })
  }
}
beforeEach(() => vi.useFakeTimers({ now: Date.parse('2026-11-21T09:00:00Z') }))
afterEach(() => {
  list.stop()
  vi.useRealTimers()
})

describe('a list over several clusters', () => {
  it('holds the rows of each, with the cluster as a column that sorts', async () => {
    await open({ staging: [row('web', 'web:2'), row('api', 'api:1')], prod: [row('web', 'web:1')] })
    expect(list.columns.value.map((c) => c.id)).toEqual(['cluster', 'name', 'images'])
    expect(shown()).toEqual(['staging api', 'prod web', 'staging web'])
    expect(list.model.view.value.map((r) => r.cells)).toEqual([
      ['staging', 'api', 'api:1'],
      ['prod', 'web', 'web:1'],
      ['staging', 'web', 'web:2'],
    ])
    list.model.setOrder(rowOrder(list.columns.value, { column: 'cluster', descending: true }))
    expect(shown()).toEqual(['staging api', 'staging web', 'prod web'])
  })

  it('keeps objects apart that have one uid because two contexts are of one cluster', async () => {
    await open({ admin: [row('web', 'web:1')], viewer: [row('web', 'web:1')] })
    expect(shown()).toEqual(['admin web', 'viewer web'])
    of('viewer').emit({ type: 'changes', upserts: [], removes: ['uid-web'] })
    await vi.advanceTimersByTimeAsync(500)
    expect(shown()).toEqual(['admin web'])
  })

  it('shows a cluster that is gone as offline, row by row, and leaves the others live', async () => {
    await open({ staging: [row('web', 'web:2')], prod: [row('web', 'web:1')] })
    of('prod').emit({ type: 'state', phase: 'stale', error: { reason: 'Unreachable', message: 'connect ECONNREFUSED' } })
    await vi.advanceTimersByTimeAsync(500)
    expect(list.state.value.phase).toBe('live')
    expect(list.parts.value.map((p) => [p.context, p.state.phase, p.rows])).toEqual([
      ['staging', 'live', 1],
      ['prod', 'stale', 1],
    ])
    const cluster = (context: string): Cell => list.model.view.value.find((r) => list.contextOf(r) === context)!.cells[0]!
    expect(cluster('staging')).toBe('staging')
    expect(cluster('prod')).toEqual({ text: 'prod', tone: 'off', title: 'connect ECONNREFUSED' })
    of('prod').emit({ type: 'state', phase: 'live' })
    await vi.advanceTimersByTimeAsync(500)
    expect(cluster('prod')).toBe('prod')
  })

  it('tells of a cluster that refuses or has no such kind, and is forbidden as a whole only when all refuse', async () => {
    await open({ staging: [row('web', 'web:2')], prod: [] })
    of('prod').emit({ type: 'state', phase: 'forbidden', error: { reason: 'Forbidden', message: 'no' } })
    expect(list.state.value.phase).toBe('live')
    sources.value = [
      ...sources.value,
      { context: 'old', title: 'old', params: null, problem: { reason: 'NotFound', message: 'no such kind' } },
    ]
    await nextTick()
    expect(list.parts.value.map((p) => p.state.phase)).toEqual(['live', 'forbidden', 'failed'])
    expect(shown()).toEqual(['staging web'])
    of('staging').emit({ type: 'state', phase: 'forbidden', error: { reason: 'Forbidden', message: 'no' } })
    expect(list.state.value.phase).toBe('forbidden')
  })

  it('takes a cluster in and out without opening the others again', async () => {
    await open({ staging: [row('web', 'web:2')], prod: [row('web', 'web:1')] })
    const before = of('staging')
    sources.value = [source('staging'), source('prod'), source('test')]
    await nextTick()
    of('test').emit({ type: 'columns', columns: [own[0]!, { id: 'paused', title: 'Paused', type: 'text' }] })
    of('test').emit({ type: 'snapshot', rows: [row('web', 'yes')], complete: true, total: 1 })
    expect(of('staging')).toBe(before)
    // A column that only one cluster has comes last; the cells of the others keep their places.
    expect(list.columns.value.map((c) => c.id)).toEqual(['cluster', 'name', 'images', 'paused'])
    expect(list.model.view.value.find((r) => list.contextOf(r) === 'test')!.cells).toEqual(['test', 'web', null, 'yes'])
    sources.value = [source('staging'), source('test')]
    await nextTick()
    expect(shown()).toEqual(['staging web', 'test web'])
    expect(of('prod')).toBeUndefined()
  })

  it('of one cluster is a plain list: its rows as they came, without a column for the cluster', async () => {
    await open({ staging: [row('web', 'web:2')] })
    expect(list.columns.value.map((c) => c.id)).toEqual(['name', 'images'])
    expect(list.model.view.value).toEqual([row('web', 'web:2')])
    expect(list.contextOf(list.model.view.value[0]!)).toBe('staging')
  })

  it('is stale everywhere when the window loses its backend', async () => {
    await open({ staging: [row('web', 'web:2')], prod: [row('web', 'web:1')] })
    await Promise.resolve()
    stub.lose()
    await nextTick()
    expect(list.parts.value.map((p) => p.state.phase)).toEqual(['stale', 'stale'])
  })
})

describe('clusters side by side', () => {
  const images = { column: own[1]!, index: 2 }
  const words = { same: 'Same', differs: 'Differs', absent: 'not there' }
  const compare = () => new ComparedRows(['staging', 'prod'], images, list.contextOf, words)
  const texts = (compared: ComparedRows) =>
    compared.model.view.value.map((r) => [r.name, ...r.cells.map((c) => (typeof c === 'object' ? c!.text : c))])

  it('show what a column says of the objects of one name, and whether it is the same', async () => {
    await open({
      staging: [row('api', 'api:1'), row('web', 'web:2'), row('cart', 'cart:1')],
      prod: [row('api', 'api:1'), row('web', 'web:1')],
    })
    const compared = compare()
    compared.update(list.model.view.value)
    expect(texts(compared)).toEqual([
      ['api', 'Same', 'api:1', 'api:1'],
      ['cart', 'Differs', 'cart:1', 'not there'],
      ['web', 'Differs', 'web:2', 'web:1'],
    ])
  })

  it('follow changes, and make no row anew that has not changed', async () => {
    await open({ staging: [row('api', 'api:1'), row('web', 'web:2')], prod: [row('api', 'api:1'), row('web', 'web:1')] })
    const compared = compare()
    compared.update(list.model.view.value)
    const [api] = compared.model.view.value
    of('prod').emit({ type: 'changes', upserts: [row('web', 'web:2')], removes: [] })
    await vi.advanceTimersByTimeAsync(500)
    compared.update(list.model.view.value)
    expect(texts(compared)[1]).toEqual(['web', 'Same', 'web:2', 'web:2'])
    expect(compared.model.view.value[0]).toBe(api)
    of('staging').emit({ type: 'changes', upserts: [], removes: ['uid-web'] })
    of('prod').emit({ type: 'changes', upserts: [], removes: ['uid-web'] })
    await vi.advanceTimersByTimeAsync(500)
    compared.update(list.model.view.value)
    expect(texts(compared)).toEqual([['api', 'Same', 'api:1', 'api:1']])
  })

  it('open the object of the first cluster that has it', async () => {
    await open({ staging: [], prod: [row('web', 'web:1')] })
    const compared = compare()
    compared.update(list.model.view.value)
    expect(list.contextOf(compared.firstOf(compared.model.view.value[0]!)!)).toBe('prod')
  })
})
