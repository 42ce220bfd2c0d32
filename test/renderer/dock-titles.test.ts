import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { titleOfTab } from '../../src-renderer/app/dock-titles.js'
import { i18n } from '../../src-renderer/app/i18n/i18n.js'
import type { DockContent } from '../../src-renderer/stores/dock.js'
import { StreamStub } from './stream-stub.js'

beforeEach(() => {
  new StreamStub()
  setActivePinia(createPinia())
})
afterEach(() => void (i18n.global.locale.value = 'en'))

/** How a tab that was opened in English is called, in English and in Chinese. */
function titles(content: DockContent, opened: string): string[] {
  return (['en', 'zh-CN'] as const).map((locale) => {
    i18n.global.locale.value = locale
    return titleOfTab({ context: 'drydock', title: opened, content })
  })
}
const log = { type: 'logs', namespace: 'shop', pod: 'web-0' } as const
const shell = { type: 'shell', namespace: 'shop', pod: 'web-0', mode: 'exec' } as const

it.each<[string, DockContent, string, string[]]>([
  ['port-forwards', { type: 'forwards' }, 'Port forwards', ['Port forwards', '端口转发']],
  ['what is being written', { type: 'create', namespace: 'shop' }, 'Create from YAML', ['Create from YAML', '用 YAML 创建']],
  ['a terminal of this machine', { type: 'local' }, 'Local: drydock', ['Local: drydock', '本地：drydock']],
  ['the logs of several pods', { ...log, also: [{ namespace: 'shop', pod: 'web-1' }] }, '2 pods', ['2 pods', '2 个 Pod']],
  ['the log of the run before', { ...log, previous: true }, 'web-0', ['web-0 (previous)', 'web-0（上一次）']],
  ['what a container reads', { ...shell, mode: 'attach' }, 'web-0', ['web-0 (attached)', 'web-0（附加）']],
  ['a shell', shell, 'web-0', ['web-0', 'web-0']],
  ['the log of a pod', log, 'web-0', ['web-0', 'web-0']],
])('the tab of %s is called in the language of the window, also when that changes', (_what, content, opened, shown) => {
  expect(titles(content, opened)).toEqual(shown)
})
