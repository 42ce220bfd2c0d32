import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { CheckReport, Finding } from '../../src-main/backend/rpc/contract.js'
import { i18n } from '../../src-renderer/app/i18n/i18n.js'
import { router } from '../../src-renderer/app/router.js'
import { backend } from '../../src-renderer/app/rpc.js'
import { now } from '../../src-renderer/components/time.js'
import ChecksView from '../../src-renderer/views/checks/ChecksView.vue'

vi.mock('../../src-renderer/app/rpc.js', () => ({
  backend: { call: vi.fn(), open: vi.fn() },
  asRpcError: (e: unknown) => e,
}))

/** A Service that selects no pods. */
function finding(name: string): Finding {
  const ref = { group: '', version: 'v1', resource: 'services', namespace: 'shop', name }
  const kind = { ...ref, kind: 'Service', namespaced: true, verbs: [], shortNames: [], categories: [] }
  return { rule: 'serviceNoPods', severity: 'warn', kind, ref, values: {} }
}
const report = (...names: string[]): CheckReport => ({ findings: names.map(finding), looked: 12, cut: [], forbidden: [] })

let view: VueWrapper
beforeEach(async () => {
  vi.useFakeTimers()
  now.value = Date.now()
  setActivePinia(createPinia())
  await router.push('/c/drydock/checks?ns=shop')
})
afterEach(() => {
  view.unmount()
  vi.useRealTimers()
})
/** What the backend answers from now on. */
const answers = (answer: CheckReport | Error) =>
  vi.mocked(backend.call).mockImplementation((() => (answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer))) as never)
async function open(answer: CheckReport): Promise<void> {
  answers(answer)
  view = mount(ChecksView, { global: { plugins: [router, i18n], stubs: { NamespaceFilter: true } } })
  await flushPromises()
}
const links = () => view.findAll('.shown a').map((a) => a.text())
async function later(ms: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms)
  now.value = Date.now()
  await flushPromises()
}

it('checks are looked through again by themselves every ten seconds, and tell how long ago that was', async () => {
  await open(report('till', 'web'))
  expect(links()).toEqual(['till', 'web'])
  expect(view.text()).toContain('12 objects looked at, 0s ago')
  answers(report('web'))
  await later(9_000)
  expect(links()).toEqual(['till', 'web'])
  expect(view.text()).toContain('12 objects looked at, 9s ago')
  await later(1_000)
  expect(links()).toEqual(['web'])
  expect(view.text()).toContain('12 objects looked at, 0s ago')
})

it('checks that can be looked through no more stay, and tell why', async () => {
  await open(report('till'))
  answers(new Error('the server is on fire'))
  await later(10_000)
  expect(links()).toEqual(['till'])
  expect(view.text()).toContain('Not read again: the server is on fire')
  answers(report('till'))
  await later(10_000)
  expect(view.text()).not.toContain('Not read again')
})

it('a look that takes long is taken less often', async () => {
  let done = (_: CheckReport): void => undefined
  await open(report('till'))
  vi.mocked(backend.call).mockClear()
  vi.mocked(backend.call).mockImplementation((() => new Promise((resolve) => (done = resolve))) as never)
  await later(12_000)
  done(report('web'))
  await flushPromises()
  expect(links()).toEqual(['web'])
  await later(39_000)
  expect(backend.call).toHaveBeenCalledTimes(1)
  await later(1_000)
  expect(backend.call).toHaveBeenCalledTimes(2)
})

it('nothing is looked through once the page is left', async () => {
  await open(report('till'))
  vi.mocked(backend.call).mockClear()
  view.unmount()
  await later(60_000)
  expect(backend.call).not.toHaveBeenCalled()
})
