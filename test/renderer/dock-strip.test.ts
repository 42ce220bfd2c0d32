import { mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { expect, it, vi } from 'vitest'
import { nextTick } from 'vue'
import DockPaneHead from '../../src-renderer/app/DockPaneHead.vue'
import { i18n } from '../../src-renderer/app/i18n/i18n.js'
import { useDock } from '../../src-renderer/stores/dock.js'
import { StreamStub } from './stream-stub.js'

it('of more tabs than there is room for the one in front is in sight, and a wheel moves the others there', async () => {
  new StreamStub()
  setActivePinia(createPinia())
  const dock = useDock()
  for (const pod of ['a', 'b']) dock.open('drydock', pod, { type: 'logs', namespace: 'shop', pod })
  const [first, second] = dock.tabs.map((tab) => tab.id) as [number, number]
  const seen: string[] = []
  const scroll = vi.spyOn(Element.prototype, 'scrollIntoView').mockImplementation(function (this: Element) {
    seen.push(this.textContent!.trim())
  })
  const pane = (active: number) => ({ id: 1, tabs: [first, second], active })
  const head = mount(DockPaneHead, {
    props: { pane: pane(second), number: 0, corner: true, dragged: 0 },
    global: { plugins: [i18n] },
  })
  await nextTick()
  await head.setProps({ pane: pane(first) })
  expect(seen).toEqual(['b', 'a'])
  const strip = head.find('.tabs')
  await strip.trigger('wheel', { deltaY: 40 })
  expect(strip.element.scrollLeft).toBe(40)
  scroll.mockRestore()
  head.unmount()
})
