import { describe, expect, it } from 'vitest'
import {
  areas,
  emptyLayout,
  frontTab,
  moveEdge,
  neighbour,
  panesOf,
  placeTab,
  removeTab,
  renameTabs,
  splitPane,
  type Layout,
} from '../../src-renderer/stores/dock-layout.js'

/** A pane's tabs with the one in front in brackets. */
const shown = (layout: Layout) => panesOf(layout).map((p) => p.tabs.map((t) => (t === p.active ? `[${t}]` : `${t}`)).join(' '))
const three = (): Layout => [1, 2, 3].reduce<Layout>((l, tab) => placeTab(l, 1, tab), emptyLayout())
/** Two panes side by side, the right one cut in two: 1 | 2 above 3. */
const quarters = (): Layout => splitPane(splitPane(three(), 1, 'right', 2, 2), 2, 'down', 3, 3)

describe('tabs in panes', () => {
  it('come at the end and in front', () => {
    expect(shown(three())).toEqual(['1 2 [3]'])
    expect(shown(frontTab(three(), 1))).toEqual(['[1] 2 3'])
  })

  it('keep their order but for the one that is moved', () => {
    expect(shown(placeTab(three(), 1, 3, 0))).toEqual(['[3] 1 2'])
    expect(shown(placeTab(three(), 1, 1, 1))).toEqual(['2 [1] 3'])
  })

  it('leave the one beside them in front when they are closed, and the last pane stays', () => {
    expect(shown(removeTab(frontTab(three(), 2), 2))).toEqual(['1 [3]'])
    expect(shown(removeTab(removeTab(removeTab(three(), 1), 2), 3))).toEqual([''])
  })
})

describe('splits', () => {
  it('give the tab a pane of its own and halve the room', () => {
    expect(shown(quarters())).toEqual(['[1]', '[2]', '[3]'])
    expect(areas(quarters()).panes.map(({ x, y, width, height }) => [x, y, width, height])).toEqual([
      [0, 0, 0.5, 1],
      [0.5, 0, 0.5, 0.5],
      [0.5, 0.5, 0.5, 0.5],
    ])
  })

  it('to the left and above come before', () => {
    expect(shown(splitPane(three(), 1, 'left', 3, 2))).toEqual(['[3]', '1 [2]'])
    expect(shown(splitPane(three(), 1, 'up', 1, 2))).toEqual(['[1]', '2 [3]'])
  })

  it('of the same direction lie in one row', () => {
    const row = splitPane(splitPane(three(), 1, 'right', 3, 2), 1, 'right', 2, 3)
    expect(row).toEqual({
      direction: 'row',
      parts: [
        { share: 0.25, layout: { id: 1, tabs: [1], active: 1 } },
        { share: 0.25, layout: { id: 3, tabs: [2], active: 2 } },
        { share: 0.5, layout: { id: 2, tabs: [3], active: 3 } },
      ],
    })
  })

  it('do nothing with the only tab of a pane', () => {
    const one = placeTab(emptyLayout(), 1, 1)
    expect(splitPane(one, 1, 'right', 1, 2)).toBe(one)
  })

  it('go when their last tab goes, and the others take the room', () => {
    expect(areas(removeTab(quarters(), 1)).panes.map((a) => [a.pane.tabs[0], a.height])).toEqual([
      [2, 0.5],
      [3, 0.5],
    ])
    expect(removeTab(removeTab(quarters(), 2), 3)).toEqual({ id: 1, tabs: [1], active: 1 })
  })

  it('are moved by their edge, and never to nothing', () => {
    const [edge, inner] = areas(quarters()).edges
    expect([edge!.direction, edge!.share, inner!.direction, inner!.path]).toEqual(['row', 0.5, 'column', [1]])
    const wide = moveEdge(quarters(), edge!.path, edge!.index, 0.8)
    expect(areas(wide).panes.map((a) => Math.round(a.width * 100))).toEqual([80, 20, 20])
    const low = moveEdge(wide, inner!.path, inner!.index, 0)
    expect(areas(low).panes.map((a) => Math.round(a.height * 100))).toEqual([100, 10, 90])
  })
})

it('a pane has neighbours on its sides, the one with the longest common edge first', () => {
  expect(neighbour(quarters(), 1, 'right')?.id).toBe(2)
  expect(neighbour(quarters(), 3, 'up')?.id).toBe(2)
  expect(neighbour(quarters(), 3, 'left')?.id).toBe(1)
  expect(neighbour(quarters(), 1, 'left')).toBeUndefined()
  const low = moveEdge(quarters(), [1], 0, 0.2)
  expect(neighbour(low, 1, 'right')?.id).toBe(3)
})

it('tabs that are not named anew go, with their panes', () => {
  expect(renameTabs(quarters(), (t) => (t === 3 ? undefined : t * 10))).toEqual({
    direction: 'row',
    parts: [
      { share: 0.5, layout: { id: 1, tabs: [10], active: 10 } },
      { share: 0.5, layout: { id: 2, tabs: [20], active: 20 } },
    ],
  })
  expect(renameTabs(three(), () => undefined)).toBeNull()
})
