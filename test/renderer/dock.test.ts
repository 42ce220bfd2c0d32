import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, describe, expect, it } from 'vitest'
import { useDock } from '../../src-renderer/stores/dock.js'

beforeEach(() => setActivePinia(createPinia()))

const log = (pod: string) => ({ type: 'logs', namespace: 'shop', pod }) as const
const shell = (pod: string) => ({ type: 'shell', namespace: 'shop', pod, mode: 'exec' }) as const
const titles = () => useDock().panes.map((p) => p.tabs.map((id) => useDock().get(id)!.title))

describe('after a restart', () => {
  it('tabs come back where they were; those of closed clusters, and pods made for a tab, do not', () => {
    const dock = useDock()
    dock.open('drydock', 'web-0', log('web-0'))
    dock.open('gone', 'web-1', log('web-1'))
    dock.open('drydock', 'node', { ...shell('node-debugger'), deleteAfter: true })
    dock.open('drydock', 'web-0 shell', shell('web-0'))
    dock.split(dock.activeId, 'right')
    dock.open('drydock', 'Port forwards', { type: 'forwards' })
    const memory = JSON.parse(JSON.stringify(dock.kept())) as ReturnType<typeof dock.kept>
    expect(memory.tabs.map((t) => t.title)).toEqual(['web-0', 'web-1', 'web-0 shell', 'Port forwards'])

    setActivePinia(createPinia())
    const after = useDock()
    after.restore(memory, (context) => context === 'drydock')
    expect(titles()).toEqual([['web-0'], ['web-0 shell', 'Port forwards']])
    expect([after.active?.title, after.shown]).toEqual(['Port forwards', true])
  })

  it('terminals wait to be started again', () => {
    const dock = useDock()
    dock.open('drydock', 'web-0', shell('web-0'))
    dock.open('drydock', 'web-0', log('web-0'))
    const memory = dock.kept()
    setActivePinia(createPinia())
    useDock().restore(memory, () => true)
    expect(useDock().tabs.map((t) => t.dormant ?? false)).toEqual([true, false])
    useDock().wake(useDock().tabs[0]!.id)
    expect(useDock().tabs.map((t) => t.dormant ?? false)).toEqual([false, false])
  })

  it('a memory of before there were panes, or one that names tabs twice, gives one pane', () => {
    const tabs = ['a', 'b'].map((pod) => ({ context: 'drydock', title: pod, content: log(pod) }))
    for (const layout of [undefined, { id: 1, tabs: [0, 0], active: 0 }]) {
      setActivePinia(createPinia())
      useDock().restore({ tabs, active: 1, shown: true, ...(layout ? { layout } : {}) }, () => true)
      expect(titles()).toEqual([['a', 'b']])
      expect(useDock().active?.title).toBe('b')
    }
  })
})

describe('a split', () => {
  it('takes the tab along, and new tabs go to the pane that was used last', () => {
    const dock = useDock()
    const first = dock.open('drydock', 'a', log('a'))
    dock.open('drydock', 'b', log('b'))
    dock.split(dock.activeId, 'down')
    expect(titles()).toEqual([['a'], ['b']])
    dock.open('drydock', 'c', log('c'))
    expect(titles()).toEqual([['a'], ['b', 'c']])
    dock.show(first)
    dock.open('drydock', 'd', log('d'))
    expect(titles()).toEqual([
      ['a', 'd'],
      ['b', 'c'],
    ])
    expect(dock.panes.map((p) => dock.inFront(p.active))).toEqual([true, true])
  })

  it('of a tab that is alone opens it a second time, where two of it make sense', () => {
    const dock = useDock()
    const id = dock.open('drydock', 'a', shell('a'))
    dock.split(id, 'right')
    expect(titles()).toEqual([['a'], ['a']])
    expect(dock.activeId).not.toBe(id)
    const other = dock.open('drydock', 'new', { type: 'create', namespace: 'shop' })
    dock.split(other, 'down')
    expect(titles()).toEqual([['a'], ['a'], ['new']])
    expect(dock.canSplit(other)).toBe(false)
  })

  it('is reached by keys: a tab goes to the pane on that side, or makes one', () => {
    const dock = useDock()
    dock.open('drydock', 'a', log('a'))
    const b = dock.open('drydock', 'b', log('b'))
    dock.shift(b, 'right')
    expect(titles()).toEqual([['a'], ['b']])
    dock.shift(b, 'right')
    expect(titles()).toEqual([['a'], ['b']])
    dock.shift(b, 'left')
    expect(titles()).toEqual([['a', 'b']])
  })

  it('goes with its last tab, and the next tab of the keyboard runs through all panes', async () => {
    const dock = useDock()
    const a = dock.open('drydock', 'a', log('a'))
    const b = dock.open('drydock', 'b', log('b'))
    dock.split(b, 'right')
    dock.cycle(1)
    expect(dock.activeId).toBe(a)
    dock.cycle(-1)
    expect(dock.activeId).toBe(b)
    await dock.close(b)
    expect(titles()).toEqual([['a']])
    expect(dock.activeId).toBe(a)
    await dock.close(a)
    expect([dock.tabs, dock.shown, dock.activeId]).toEqual([[], false, 0])
  })
})
