import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, expect, it, vi } from 'vitest'
import type { RelationGraph } from '../../src-main/backend/rpc/contract.js'
import { i18n } from '../../src-renderer/app/i18n/i18n.js'
import { router } from '../../src-renderer/app/router.js'
import { backend } from '../../src-renderer/app/rpc.js'
import MapView from '../../src-renderer/views/map/MapView.vue'

// What happy-dom has not.
globalThis.ResizeObserver = class {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
} as typeof ResizeObserver

vi.mock('../../src-renderer/app/rpc.js', () => ({
  backend: { call: vi.fn(), open: vi.fn() },
  asRpcError: (e: unknown) => e,
}))

const pod = (name: string, tone: 'ok' | 'bad') => {
  const ref = { group: '', version: 'v1', resource: 'pods', namespace: 'shop', name }
  const kind = { ...ref, kind: 'Pod', namespaced: true, verbs: [], shortNames: [], categories: [] }
  return { id: `pods/shop/${name}`, kind, ref, status: tone === 'ok' ? 'Running' : 'Error', tone }
}

let view: VueWrapper | undefined
afterEach(() => view?.unmount())

/** The map as it is once the backend has answered with `graph`, or failed. */
async function open(query: string, graph: Partial<RelationGraph> | Error): Promise<string> {
  const answer =
    graph instanceof Error ? Promise.reject(graph) : Promise.resolve({ objects: [], relations: [], cut: [], forbidden: [], ...graph })
  vi.mocked(backend.call).mockReturnValue(answer as never)
  setActivePinia(createPinia())
  await router.push(`/c/drydock/map?ns=shop${query}`)
  view = mount(MapView, { global: { plugins: [router, i18n], stubs: { NamespaceFilter: true } } })
  await flushPromises()
  return view.text()
}

it('a map of what the user may not list says so', async () => {
  expect(await open('', { forbidden: ['Pod', 'Secret'] })).toContain('Not shown, as they may not be listed: Pod, Secret.')
})

it('a map that cannot be read tells why', async () => {
  expect(await open('', new Error('the server is on fire'))).toContain('the server is on fire')
})

it('a map shows what a search finds, and only what is in trouble when that is asked for', async () => {
  const relations = [] as RelationGraph['relations']
  const objects = [pod('web', 'ok'), pod('db', 'bad')]
  expect(await open('', { objects, relations })).toMatch(/2 objects.*web.*db|2 objects.*db.*web/s)
  view!.unmount()
  expect(await open('&q=nothing', { objects, relations })).toContain('Nothing matches')
  view!.unmount()
  expect(await open('&faults=1', { objects: [pod('web', 'ok')], relations })).toContain('Nothing matches')
})

it('a map of more than is read says which kinds were cut', async () => {
  expect(await open('', { objects: [pod('web', 'ok')], cut: ['Pod'] })).toContain('Of these kinds only the first 500 are shown: Pod.')
})
