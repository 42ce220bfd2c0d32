import { flushPromises, mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, expect, it } from 'vitest'
import { i18n } from '../../src-renderer/app/i18n/i18n.js'
import { useNotices } from '../../src-renderer/stores/notices.js'
import { useToasts } from '../../src-renderer/stores/toasts.js'
import DrainTab from '../../src-renderer/views/DrainTab.vue'
import { StreamStub } from './stream-stub.js'

let streams: StreamStub
beforeEach(() => {
  setActivePinia(createPinia())
  streams = new StreamStub()
})

const error = { message: 'cannot delete Pods that declare no controller (use --force to override): shop/solo', reason: 'DrainRefused' }

/** What is told of a drain that fails while its tab is in sight, or is not. */
async function failed(inSight: boolean) {
  const tab = mount(DrainTab, { props: { context: 'drydock', node: 'm02', options: {} as never }, global: { plugins: [i18n] } })
  tab.element.checkVisibility = () => inSight
  await flushPromises()
  streams.of('drain')[0]!.emit({ type: 'done', error })
  await flushPromises()
  const told = {
    tab: tab.text(),
    toasts: useToasts().list.map((x) => x.text()),
    notices: useNotices().list.map((n) => [n.text(), n.detail?.(), n.read]),
  }
  tab.unmount()
  return told
}

it('a drain that fails in sight is told in its tab, and no toast lies over that', async () => {
  const told = await failed(true)
  expect(told.tab).toContain(error.message)
  expect(told.toasts).toEqual([])
  expect(told.notices).toEqual([['Draining m02 failed', expect.stringContaining(error.message), true]])
})

it('one that fails behind another tab is told by a toast', async () => {
  const told = await failed(false)
  expect(told.toasts).toEqual(['Draining m02 failed'])
  expect(told.notices).toEqual([['Draining m02 failed', expect.stringContaining(error.message), false]])
})
