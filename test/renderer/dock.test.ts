import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, expect, it } from 'vitest'
import { useDock } from '../../src-renderer/stores/dock.js'

beforeEach(() => setActivePinia(createPinia()))

it('what only shows something comes back after a restart; shells and closed clusters do not', () => {
  const dock = useDock()
  dock.open('drydock', 'web-0', { type: 'logs', namespace: 'shop', pod: 'web-0' })
  dock.open('gone', 'web-1', { type: 'logs', namespace: 'shop', pod: 'web-1' })
  dock.open('drydock', 'web-0', { type: 'shell', namespace: 'shop', pod: 'web-0', mode: 'exec' })
  dock.open('drydock', 'Port forwards', { type: 'forwards' })
  const memory = dock.kept()
  expect([memory.tabs.map((t) => t.title), memory.active, memory.shown]).toEqual([['web-0', 'web-1', 'Port forwards'], 2, true])

  setActivePinia(createPinia())
  const after = useDock()
  after.restore(memory, (context) => context === 'drydock')
  expect(after.tabs.map((t) => t.title)).toEqual(['web-0', 'Port forwards'])
  expect([after.active?.title, after.shown]).toEqual(['Port forwards', true])
})
