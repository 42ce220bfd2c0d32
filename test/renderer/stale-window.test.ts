import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, expect, it, vi } from 'vitest'
import { nextTick, shallowRef } from 'vue'
import type { LinkState } from '../../src-renderer/app/rpc.js'
import { tellStaleWindow } from '../../src-renderer/app/stale-window.js'
import { useToasts } from '../../src-renderer/stores/toasts.js'

beforeEach(() => setActivePinia(createPinia()))

/** What Vite tells of a part that cannot be loaded. */
const failed = (payload: Error) => Object.assign(new Event('vite:preloadError'), { payload })

it('a part of the window that is gone is told once, with a way to load the window anew', () => {
  const [page, reload] = [new EventTarget(), vi.fn<() => void>()]
  tellStaleWindow(shallowRef<LinkState>({ phase: 'open' }), page, reload)
  page.dispatchEvent(failed(new Error('Failed to fetch dynamically imported module')))
  page.dispatchEvent(failed(new Error('Unable to preload CSS')))
  const [toast, ...more] = useToasts().list
  expect(more).toEqual([])
  expect(toast!.text()).toBe('A part of this window could not be loaded. The app may have been updated since the window was opened.')
  expect(toast!.action!.label()).toBe('Reload the window')
  toast!.action!.run()
  expect(reload).toHaveBeenCalledOnce()
  useToasts().close(toast!.id)
  page.dispatchEvent(failed(new Error('again')))
  expect(useToasts().list).toHaveLength(1)
})

it('an error of such a part has been told, others have not', () => {
  const page = new EventTarget()
  const isStale = tellStaleWindow(shallowRef<LinkState>({ phase: 'open' }), page)
  const error = new Error('Failed to fetch dynamically imported module')
  expect(isStale(error)).toBe(false)
  page.dispatchEvent(failed(error))
  expect([isStale(error), isStale(new Error(error.message)), isStale('gone')]).toEqual([true, false, false])
})

it('while the backend does not answer that is told instead, without a way out of the window, until it answers again', async () => {
  const page = new EventTarget()
  const link = shallowRef<LinkState>({ phase: 'lost', retryAt: null })
  tellStaleWindow(link, page)
  page.dispatchEvent(failed(new Error('Failed to fetch dynamically imported module')))
  const [toast] = useToasts().list
  expect(toast!.text()).toBe('A part of this window could not be loaded, as the Drydock backend does not answer.')
  expect(toast!.action).toBeUndefined()
  link.value = { phase: 'open' }
  await nextTick()
  expect(useToasts().list).toEqual([])
  page.dispatchEvent(failed(new Error('gone')))
  expect(useToasts().list[0]!.action!.label()).toBe('Reload the window')
})
