/**
 * Where the dock's tabs are: panes side by side or one above the other, each with tabs of its own. A layout is plain data and never
 * changed in place; tabs and panes are named by numbers.
 */

/** Tabs of which one is in sight. */
export interface Pane {
  id: number
  tabs: readonly number[]
  /** The tab in sight; 0: none. */
  active: number
}

/** Parts in a row (side by side) or a column; their shares add up to 1. */
export interface Split {
  direction: 'row' | 'column'
  parts: readonly { share: number; layout: Layout }[]
}

export type Layout = Pane | Split

/** A side of a pane. */
export type Side = 'left' | 'right' | 'up' | 'down'

/** A rectangle in shares of the whole, 0 to 1. */
export interface Area {
  x: number
  y: number
  width: number
  height: number
}

/** The movable edge after part `index` of the split at `path` (the numbers of the parts that lead to it). */
export interface Edge {
  path: readonly number[]
  index: number
  direction: Split['direction']
  /** The area of the two parts that it divides, and the share of the first of them. */
  area: Area
  share: number
}

/** No part gets narrower than this share of its two neighbours. */
const LEAST = 0.1

const isSplit = (layout: Layout): layout is Split => 'parts' in layout

/** An empty dock. */
export const emptyLayout = (): Pane => ({ id: 1, tabs: [], active: 0 })

/** The panes, in reading order. */
export function panesOf(layout: Layout): Pane[] {
  return isSplit(layout) ? layout.parts.flatMap((p) => panesOf(p.layout)) : [layout]
}

export const paneOf = (layout: Layout, tab: number): Pane | undefined => panesOf(layout).find((p) => p.tabs.includes(tab))

/** Replaces each pane by what `change` gives for it; null takes it out. A split of one part becomes that part. */
function mapPanes(layout: Layout, change: (pane: Pane) => Layout | null): Layout | null {
  if (!isSplit(layout)) return change(layout)
  const parts = layout.parts.flatMap(({ share, layout: l }) => {
    const next = mapPanes(l, change)
    return next ? [{ share, layout: next }] : []
  })
  if (parts.length === 0) return null
  if (parts.length === 1) return parts[0]!.layout
  return { direction: layout.direction, parts: even(layout.direction, parts) }
}

/** Makes shares add up to 1, and takes the parts of a split of the same direction into this one. */
function even(direction: Split['direction'], parts: Split['parts']): Split['parts'] {
  const flat = parts.flatMap(({ share, layout }) =>
    isSplit(layout) && layout.direction === direction
      ? layout.parts.map((p) => ({ share: p.share * share, layout: p.layout }))
      : [{ share, layout }],
  )
  const sum = flat.reduce((n, p) => n + p.share, 0)
  return flat.map((p) => ({ ...p, share: p.share / sum }))
}

/** Puts a tab into a pane at `index` (the end by default) and in front. A tab that is elsewhere is moved. */
export function placeTab(layout: Layout, paneId: number, tab: number, index = Infinity): Layout {
  const from = paneOf(layout, tab)
  const put = mapPanes(layout, (p) => {
    if (p.id !== paneId) return p
    const others = p.tabs.filter((t) => t !== tab)
    return { ...p, tabs: [...others.slice(0, index), tab, ...others.slice(index)], active: tab }
  })!
  return from && from.id !== paneId ? takeFrom(put, from.id, tab) : put
}

function takeFrom(layout: Layout, paneId: number, tab: number): Layout {
  const next = mapPanes(layout, (p) => {
    if (p.id !== paneId) return p
    const at = p.tabs.indexOf(tab)
    const tabs = p.tabs.filter((t) => t !== tab)
    if (tabs.length === 0) return null
    return { ...p, tabs, active: p.active === tab ? (tabs[at] ?? tabs[at - 1])! : p.active }
  })
  return next ?? { ...emptyLayout(), id: paneId }
}

/** Takes a tab out. Its pane goes with its last tab, unless it is the only pane. */
export function removeTab(layout: Layout, tab: number): Layout {
  const pane = paneOf(layout, tab)
  return pane ? takeFrom(layout, pane.id, tab) : layout
}

/** Brings a tab to the front of its pane. */
export function frontTab(layout: Layout, tab: number): Layout {
  return mapPanes(layout, (p) => (p.tabs.includes(tab) ? { ...p, active: tab } : p))!
}

/** Makes a pane `id` on a side of another, with `tab` in it; a tab that is elsewhere is moved. Both get half of the room. */
export function splitPane(layout: Layout, paneId: number, side: Side, tab: number, id: number): Layout {
  const from = paneOf(layout, tab)
  const pane: Pane = { id, tabs: [tab], active: tab }
  const direction = side === 'left' || side === 'right' ? 'row' : 'column'
  const first = side === 'left' || side === 'up'
  const split = (p: Pane): Split => {
    const parts = [p, pane].map((l) => ({ share: 0.5, layout: l as Layout }))
    return { direction, parts: first ? parts.reverse() : parts }
  }
  // A pane is not split by its only tab: there would be nothing left of it.
  if (from?.id === paneId && from.tabs.length === 1) return layout
  const without = from ? takeFrom(layout, from.id, tab) : layout
  return mapPanes(without, (p) => (p.id === paneId ? split(p) : p))!
}

/** Where each pane is, and the edges between them. */
export function areas(
  layout: Layout,
  area: Area = { x: 0, y: 0, width: 1, height: 1 },
  path: readonly number[] = [],
): { panes: (Area & { pane: Pane })[]; edges: Edge[] } {
  if (!isSplit(layout)) return { panes: [{ ...area, pane: layout }], edges: [] }
  const panes: (Area & { pane: Pane })[] = []
  const edges: Edge[] = []
  const row = layout.direction === 'row'
  let at = row ? area.x : area.y
  layout.parts.forEach((part, index) => {
    const own = part.share * (row ? area.width : area.height)
    const inner = areas(part.layout, row ? { ...area, x: at, width: own } : { ...area, y: at, height: own }, [...path, index])
    panes.push(...inner.panes)
    edges.push(...inner.edges)
    const next = layout.parts[index + 1]
    if (next) {
      const both = own + next.share * (row ? area.width : area.height)
      edges.push({
        path,
        index,
        direction: layout.direction,
        area: row ? { ...area, x: at, width: both } : { ...area, y: at, height: both },
        share: part.share / (part.share + next.share),
      })
    }
    at += own
  })
  return { panes, edges }
}

/** Moves an edge: `share` is what the first of its two parts gets of both. */
export function moveEdge(layout: Layout, path: readonly number[], index: number, share: number): Layout {
  if (!isSplit(layout)) return layout
  const [step, ...rest] = path
  if (step !== undefined)
    return { ...layout, parts: layout.parts.map((p, i) => (i === step ? { ...p, layout: moveEdge(p.layout, rest, index, share) } : p)) }
  const first = layout.parts[index]
  const second = layout.parts[index + 1]
  if (!first || !second) return layout
  const both = first.share + second.share
  const mine = both * Math.min(1 - LEAST, Math.max(LEAST, share))
  return {
    ...layout,
    parts: layout.parts.map((p, i) => (i === index ? { ...p, share: mine } : i === index + 1 ? { ...p, share: both - mine } : p)),
  }
}

/** The pane that lies next to another on a side: of several, the one that shares the longest edge with it. */
export function neighbour(layout: Layout, paneId: number, side: Side): Pane | undefined {
  const all = areas(layout).panes
  const here = all.find((a) => a.pane.id === paneId)
  if (!here) return undefined
  const near = (a: number, b: number) => Math.abs(a - b) < 1e-6
  const overlap = (a: number, aSize: number, b: number, bSize: number) => Math.min(a + aSize, b + bSize) - Math.max(a, b)
  const touching = all
    .map((there) => {
      const beside =
        side === 'left'
          ? near(there.x + there.width, here.x)
          : side === 'right'
            ? near(there.x, here.x + here.width)
            : side === 'up'
              ? near(there.y + there.height, here.y)
              : near(there.y, here.y + here.height)
      const shared =
        side === 'left' || side === 'right'
          ? overlap(there.y, there.height, here.y, here.height)
          : overlap(there.x, there.width, here.x, here.width)
      return { pane: there.pane, shared: beside ? shared : 0 }
    })
    .filter((x) => x.shared > 1e-6)
    .sort((a, b) => b.shared - a.shared)
  return touching[0]?.pane
}

/** A layout with each tab named anew; those for which `name` gives nothing go, and empty panes with them. */
export function renameTabs(layout: Layout, name: (tab: number) => number | undefined): Layout | null {
  return mapPanes(layout, (p) => {
    const tabs = p.tabs.map(name).filter((t) => t !== undefined)
    if (tabs.length === 0) return null
    return { id: p.id, tabs, active: name(p.active) ?? tabs[0]! }
  })
}
