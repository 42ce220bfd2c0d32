import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, vi } from 'vitest'
import { nextTick } from 'vue'
import App from '../../src-renderer/app/App.vue'
import { i18n } from '../../src-renderer/app/i18n/i18n.js'
import { router } from '../../src-renderer/app/router.js'
import { Rpc, setBackend } from '../../src-renderer/app/rpc.js'
import { useContexts } from '../../src-renderer/stores/contexts.js'
import { useSettings } from '../../src-renderer/stores/settings.js'
import './loaded-views.js'
import { FakeBackend } from './fake-backend.js'

/** The whole window on a backend that answers from made-up objects, and what a person does in it. */

// What happy-dom has not.
globalThis.ResizeObserver = class {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
} as typeof ResizeObserver
Element.prototype.scrollIntoView = () => {}

/** Those of the test that runs. */
export let fake: FakeBackend
export let app: VueWrapper

/** Lets promises, microtask frames and the list's timers run. */
export async function settle(ms = 300): Promise<void> {
  for (let i = 0; i < 5; i++) {
    await flushPromises()
    await vi.advanceTimersByTimeAsync(ms / 5)
  }
  await nextTick()
}

/** Opens the window at a place. */
export async function open(path: string): Promise<void> {
  const pinia = createPinia()
  setActivePinia(pinia)
  setBackend(new Rpc(fake.connect))
  await router.push(path)
  app = mount(App, { global: { plugins: [pinia, i18n, router] }, attachTo: document.body })
  await Promise.all([useSettings().load(), useContexts().load()])
  await settle()
}

/** The names in the list. */
export const names = () => app.findAll('.row .cell.name').map((c) => c.text())
/** Presses a key where the keyboard is. */
export const press = (key: string, init: KeyboardEventInit = {}) =>
  (document.activeElement ?? document.body).dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...init }))
/** Types a line after `:` and takes the first thing that it leads to. */
export async function goTo(line: string): Promise<void> {
  press(':')
  await settle()
  const input = document.querySelector<HTMLInputElement>('.palette input')!
  input.value = line
  input.dispatchEvent(new Event('input'))
  await settle()
  input.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }))
  await settle()
}
export const dialog = () => document.querySelector<HTMLElement>('[role=dialog]')
export const button = (text: string, within: ParentNode = document) =>
  [...within.querySelectorAll<HTMLButtonElement>('button')].find((b) => b.textContent?.trim() === text)

/** Gives each test of a file a backend of its own, and takes the window away after it. */
export function withWindow(): void {
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
}
