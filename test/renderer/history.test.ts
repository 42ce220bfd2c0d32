import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Component } from 'vue'
import type { FieldManager, SeenVersion } from '../../src-main/backend/rpc/contract.js'
import { i18n } from '../../src-renderer/app/i18n/i18n.js'
import { backend } from '../../src-renderer/app/rpc.js'
import type { Target } from '../../src-renderer/stores/dialogs.js'
import FieldManagers from '../../src-renderer/views/history/FieldManagers.vue'
import SeenVersions from '../../src-renderer/views/history/SeenVersions.vue'

vi.mock('../../src-renderer/editor/CodeEditor.vue', () => import('./fake-code-editor.js'))
vi.mock('../../src-renderer/app/rpc.js', () => ({
  backend: { call: vi.fn(), open: vi.fn() },
  asRpcError: (e: unknown) => e,
}))

const ref = { group: 'apps', version: 'v1', resource: 'deployments', namespace: 'shop', name: 'web' }
const target: Target = {
  context: 'drydock',
  ref,
  kind: { ...ref, kind: 'Deployment', namespaced: true, verbs: [], shortNames: [], categories: [] },
}
const version = (id: number, more: Partial<SeenVersion> = {}): SeenVersion => ({
  id,
  time: Date.now(),
  resourceVersion: String(id),
  by: [{ manager: 'kubectl', operation: 'Update', subresource: 'scale' }],
  changed: ['spec.replicas'],
  ...more,
})
const first = version(1, { by: [], changed: [] })

let view: VueWrapper | undefined
beforeEach(() => {
  setActivePinia(createPinia())
  vi.mocked(backend.call).mockReset()
  vi.mocked(backend.call).mockImplementation((async (_m: string, p: { from: number; to: number }) => ({
    from: `v: ${p.from}`,
    to: `v: ${p.to}`,
  })) as never)
})
afterEach(() => view?.unmount())

async function show(component: unknown, props: Record<string, unknown>): Promise<VueWrapper> {
  view = mount(component as Component, { props, global: { plugins: [i18n] } }) as VueWrapper
  await flushPromises()
  return view
}
const lines = (): string[] => view!.findAll('li .what').map((x) => x.text())
const compared = (text: string): Promise<void> => vi.waitFor(() => expect(view!.find('pre').text()).toBe(text), 15_000)

it('an object that has not changed yet says what will be shown', async () => {
  expect((await show(SeenVersions, { target, seen: [first] })).text()).toContain('What changes from now on shows here.')
})

it('versions name who made them and what they changed, and the newest is compared with the one before, whatever comes', async () => {
  const many = version(3, { changed: ['a', 'b', 'c', 'd', 'e'], by: [] })
  const shown = await show(SeenVersions, { target, seen: [many, version(2), first] })
  expect(lines()).toEqual(['a, b, c and 2 more', 'spec.replicas', 'as it was at first'])
  expect(shown.findAll('li .who').map((x) => x.text())).toEqual(['', 'kubectl (scale)', ''])
  await compared('v: 2 -> v: 3')
  await shown.setProps({ seen: [version(4, { changed: [] }), many, version(2), first] })
  await compared('v: 3 -> v: 4')
  expect(lines()[0]).toBe('nothing that matters')
})

it('a comparison that was chosen stays while newer versions come, until one of its versions has gone', async () => {
  const shown = await show(SeenVersions, { target, seen: [version(3), version(2), first] })
  await shown.findAll('li button')[1]!.trigger('click')
  await compared('v: 1 -> v: 2')
  await shown.setProps({ seen: [version(4), version(3), version(2), first] })
  await flushPromises()
  expect(shown.find('pre').text()).toBe('v: 1 -> v: 2')
  await shown.setProps({ seen: [version(5), version(4), version(3), version(2)] })
  await compared('v: 4 -> v: 5')
})

it('a deletion is a change, and what comes after it a beginning', async () => {
  await show(SeenVersions, { target, seen: [version(3), version(2, { deleted: true, by: [], changed: [] }), first] })
  expect(lines()).toEqual(['as it was at first', 'deleted', 'as it was at first'])
})

it('managers unfold to the fields that they own', async () => {
  const manager: FieldManager = {
    manager: 'kubelet',
    operation: 'Update',
    subresource: 'status',
    apiVersion: 'v1',
    time: null,
    fields: [{ path: 'status.phase', value: 'Running' }, { path: 'status.gone' }],
  }
  const shown = await show(FieldManagers, { managers: [manager] })
  expect(shown.find('button').text()).toBe('kubelet (status)Update2 fields')
  expect(shown.find('dl').exists()).toBe(false)
  await shown.find('button').trigger('click')
  expect(shown.findAll('dt, dd').map((x) => x.text())).toEqual(['status.phase', 'Running', 'status.gone', ''])
})

it('an object without managed fields says so', async () => {
  expect((await show(FieldManagers, { managers: [] })).text()).toContain('The object has no managed fields.')
})
