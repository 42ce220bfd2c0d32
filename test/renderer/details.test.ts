import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import App from '../../src-renderer/app/App.vue'
import { i18n } from '../../src-renderer/app/i18n/i18n.js'
import { Rpc, setBackend } from '../../src-renderer/app/rpc.js'
import { router } from '../../src-renderer/app/router.js'
import { useContexts } from '../../src-renderer/stores/contexts.js'
import { useSettings } from '../../src-renderer/stores/settings.js'
import './loaded-views.js'
import { FakeBackend } from './fake-backend.js'

// What happy-dom has not.
globalThis.ResizeObserver = class {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
} as typeof ResizeObserver

let fake: FakeBackend
let app: VueWrapper
async function settle(): Promise<void> {
  for (let i = 0; i < 5; i++) {
    await flushPromises()
    await vi.advanceTimersByTimeAsync(60)
  }
}
async function open(path: string): Promise<void> {
  const pinia = createPinia()
  setActivePinia(pinia)
  setBackend(new Rpc(fake.connect))
  await router.push(path)
  app = mount(App, { global: { plugins: [pinia, i18n, router] }, attachTo: document.body })
  await Promise.all([useSettings().load(), useContexts().load()])
  await settle()
}
const details = () => app.find('.details')

beforeEach(async () => {
  vi.useFakeTimers({ now: Date.parse('2026-11-21T09:00:00Z') })
  fake = new FakeBackend({ time: Date.now() })
  await router.push('/')
})
afterEach(() => {
  app.unmount()
  fake.close()
  document.body.innerHTML = ''
  vi.useRealTimers()
})

it('a Secret hides its values, and one edited key is saved as a patch of that key', async () => {
  await open('/c/drydock/secrets?o=secrets/shop/db')
  expect(details().text()).not.toContain('correct horse')
  await details().find('button[aria-label="Edit password"]').trigger('click')
  await details().find('textarea').setValue('hunter2')
  await details().find('form').trigger('submit')
  await settle()
  const patches = fake.calls.filter((c) => c.method === 'objects.patch').map((c) => (c.params as { patch: unknown }).patch)
  expect(patches).toEqual([{ data: { password: btoa('hunter2') } }])
  expect(details().text()).not.toContain('hunter2')
})

it('a key cannot be edited on a read-only context, and the reason is told', async () => {
  fake.settings.clusters = { drydock: { protection: 'read-only' } }
  await open('/c/drydock/configmaps?o=configmaps/shop/app-config')
  const edit = details().find('button[aria-label="Edit CURRENCY"]')
  expect(edit.attributes('disabled')).toBe('')
  expect(edit.attributes('title')).toContain('read-only')
})

it('a node shows what its pods ask for of what it can give', async () => {
  await open('/c/drydock/nodes?o=nodes/drydock-worker')
  const meters = details().findAll('[role=meter]')
  expect(meters.map((m) => m.attributes('aria-label'))).toEqual([
    'CPU · Requests',
    'CPU · Limits',
    'Memory · Requests',
    'Memory · Limits',
    'Pods',
  ])
})
