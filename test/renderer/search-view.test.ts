import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { nextTick, shallowRef } from 'vue'
import type { SearchHit, SearchParams } from '../../src-main/backend/rpc/contract.js'
import { grouped, useSearch } from '../../src-renderer/stores/search.js'
import { inScope, StreamStub } from './stream-stub.js'

const hit = (kind: string, name: string, context = 'drydock'): SearchHit => ({
  id: `${context} ${kind} ${name}`,
  context,
  kind,
  ref: { group: '', version: 'v1', resource: `${kind.toLowerCase()}s`, name, namespace: 'shop' },
  created: null,
  matches: [],
})
const params = shallowRef<SearchParams | null>(null)
const of = (query: string): SearchParams => ({ query, clusters: [{ context: 'drydock' }] })
let stub: StreamStub
let search: ReturnType<typeof useSearch> & { stop: () => void }
const names = () => search.groups.value.map((g) => `${g.kind}: ${g.hits.map((h) => h.ref.name).join(' ')}`)
const last = () => stub.of('search').at(-1)!

beforeEach(() => {
  vi.useFakeTimers()
  stub = new StreamStub()
  setActivePinia(createPinia())
  params.value = of('web')
  search = inScope(() => useSearch(() => params.value))
})
afterEach(() => {
  search.stop()
  vi.useRealTimers()
})

describe('a search in the window', () => {
  it('groups hits by kind, in the order of names, whenever they come', async () => {
    await nextTick()
    last().emit({ type: 'progress', read: 0, of: 2 })
    last().emit({ type: 'hits', hits: [hit('Service', 'web'), hit('Pod', 'web-2')] })
    last().emit({ type: 'hits', hits: [hit('Pod', 'web-1'), hit('Pod', 'web-1', 'real')] })
    await vi.advanceTimersByTimeAsync(100)
    expect(names()).toEqual(['Pod: web-1 web-1 web-2', 'Service: web'])
    expect(search.state.value).toMatchObject({ phase: 'reading', read: 0, of: 2 })
    last().emit({ type: 'done', looked: 40 })
    expect(search.state.value).toMatchObject({ phase: 'done', looked: 40 })
  })

  it('asks once after a person has typed, leaves off the search before, and keeps its hits in sight until then', async () => {
    await nextTick()
    last().emit({ type: 'hits', hits: [hit('Pod', 'web-1')] })
    last().emit({ type: 'done', looked: 1 })
    for (const text of ['web', 'web-', 'web-2']) {
      params.value = of(text)
      await nextTick()
      await vi.advanceTimersByTimeAsync(100)
    }
    expect(stub.opened.length).toBe(1)
    await vi.advanceTimersByTimeAsync(200)
    expect(stub.opened.map((o) => [(o.params as SearchParams).query, o.closed])).toEqual([
      ['web', true],
      ['web-2', false],
    ])
    expect(names()).toEqual(['Pod: web-1'])
    last().emit({ type: 'done', looked: 1 })
    expect(names()).toEqual([])
  })

  it('shows what becomes of the objects that were found', async () => {
    await nextTick()
    last().emit({ type: 'hits', hits: [hit('Pod', 'web-1'), hit('Pod', 'web-2')] })
    last().emit({ type: 'done', looked: 2 })
    last().emit({ type: 'hits', hits: [{ ...hit('Pod', 'web-2'), status: 'Failed' }, hit('Pod', 'web-3')] })
    last().emit({ type: 'gone', ids: [hit('Pod', 'web-1').id] })
    await vi.advanceTimersByTimeAsync(100)
    expect(names()).toEqual(['Pod: web-2 web-3'])
    expect(search.groups.value[0]!.hits[0]!.status).toBe('Failed')
    last().emit({ type: 'begin' })
    expect(search.state.value.phase).toBe('reading')
    last().emit({ type: 'hits', hits: [hit('Pod', 'web-4')] })
    last().emit({ type: 'done', looked: 1 })
    expect(names()).toEqual(['Pod: web-4'])
  })

  it('keeps what was found in sight while the same is read anew, and takes out what is there no more in the end', async () => {
    await nextTick()
    last().emit({ type: 'hits', hits: [hit('Pod', 'web-1'), hit('Pod', 'web-2'), hit('Pod', 'web-3')] })
    last().emit({ type: 'done', looked: 3 })
    search.refresh()
    last().emit({ type: 'begin' })
    last().emit({ type: 'hits', hits: [{ ...hit('Pod', 'web-2'), status: 'Failed' }] })
    last().emit({ type: 'gone', ids: [hit('Pod', 'web-3').id] })
    await vi.advanceTimersByTimeAsync(100)
    expect(names()).toEqual(['Pod: web-1 web-2'])
    expect(search.groups.value[0]!.hits[1]!.status).toBe('Failed')
    last().emit({ type: 'done', looked: 1 })
    expect(names()).toEqual(['Pod: web-2'])
  })

  it('shows nothing of a search before among what another one finds', async () => {
    await nextTick()
    last().emit({ type: 'hits', hits: [hit('Pod', 'web-1')] })
    last().emit({ type: 'done', looked: 1 })
    params.value = of('db')
    await nextTick()
    await vi.advanceTimersByTimeAsync(300)
    last().emit({ type: 'begin' })
    last().emit({ type: 'hits', hits: [hit('Pod', 'db-1')] })
    await vi.advanceTimersByTimeAsync(100)
    expect(names()).toEqual(['Pod: db-1'])
  })

  it('tells how each cluster stands, and what is not shown', async () => {
    await nextTick()
    const real = { context: 'real', refused: ['Secret'], unwatched: [] }
    last().emit({ type: 'cluster', cluster: { ...real, error: { reason: 'Refused', message: 'Refused' } } })
    last().emit({ type: 'cut', context: 'drydock', kind: 'Pod' })
    last().emit({ type: 'done', looked: 1 })
    last().emit({ type: 'cluster', cluster: real })
    expect(search.state.value).toMatchObject({ clusters: [real], cut: [{ context: 'drydock', kind: 'Pod' }] })
    params.value = null
    await nextTick()
    await vi.advanceTimersByTimeAsync(300)
    expect(search.state.value.phase).toBe('idle')
  })

  it('keeps kinds of one name and different groups apart', () => {
    const other = hit('Service', 'web')
    other.ref.group = 'serving.example'
    expect(grouped([hit('Service', 'web'), other]).map((g) => g.key)).toEqual(['services', 'services.serving.example'])
  })
})
