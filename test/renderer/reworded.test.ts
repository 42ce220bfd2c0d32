import { flushPromises, mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, expect, it } from 'vitest'
import { nextTick } from 'vue'
import { createMemoryHistory, createRouter } from 'vue-router'
import { i18n } from '../../src-renderer/app/i18n/i18n.js'
import { firstObject } from '../../src-renderer/create/draft.js'
import ClustersCompare from '../../src-renderer/views/list/ClustersCompare.vue'
import DrainTab from '../../src-renderer/views/DrainTab.vue'
import { StreamStub } from './stream-stub.js'

/** What was told before the language was changed, and is still in sight. */

let streams: StreamStub
const router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/', component: { template: '<div />' } }] })
const speak = async (language: 'en' | 'zh-CN'): Promise<void> => {
  i18n.global.locale.value = language
  await nextTick()
}
beforeEach(() => {
  setActivePinia(createPinia())
  streams = new StreamStub()
  return speak('en')
})

it('why a pod stays on a node that is drained is told in the language of the moment', async () => {
  const tab = mount(DrainTab, { props: { context: 'drydock', node: 'm02', options: {} as never }, global: { plugins: [i18n, router] } })
  await flushPromises()
  streams.of('drain')[0]!.emit({ type: 'pods', pods: [{ namespace: 'kube-system', name: 'kube-proxy-x', skipped: 'daemonset' }] })
  await flushPromises()
  expect(tab.find('li').text()).toBe('kube-system / kube-proxy-xstaysits DaemonSet would put it back')
  await speak('zh-CN')
  expect(tab.find('li').text()).toBe('kube-system / kube-proxy-x保留DaemonSet 会立即重建它')
  await speak('en')
  tab.unmount()
})

it('how clusters compare is told in the language of the moment', async () => {
  const of = (context: string) => ({ id: `${context}1`, name: 'web', namespace: 'shop', cells: ['nginx:1.27'] })
  const rows = [of('a'), of('b')]
  const parts = ['a', 'b'].map((context) => ({ context, title: context, state: { phase: 'live' }, rows: 1 }))
  const view = mount(ClustersCompare, {
    props: {
      parts: parts as never,
      columns: [{ column: { id: 'images', title: 'Images', type: 'text' }, index: 0 }],
      rows,
      contextOf: (row: { id: string }) => row.id[0]!,
    },
    global: {
      plugins: [i18n, router],
      stubs: { DataTable: { props: ['rows'], template: '<p>{{ rows.map((r) => r.cells[0].text).join() }}</p>' } },
    },
  })
  await flushPromises()
  expect(view.find('p').text()).toBe('Same')
  await speak('zh-CN')
  expect(view.find('p').text()).toBe('相同')
  await speak('en')
  view.unmount()
})

it('a draft is called by its first object, as far as that is typed', () => {
  expect(firstObject('apiVersion: v1\nkind: Service\nmetadata:\n  labels: {}\n  name: web\nspec:\n  name: no\n')).toBe('Service web')
  expect(firstObject('kind: "Deployment"\nspec:\n  name: no\n')).toBe('Deployment')
  expect(firstObject('- half')).toBe('')
})
