import type { RelatedObject, Relation } from '../../../src-main/backend/rpc/contract.js'
import { resourceKey } from '../../app/routes.js'
import type { MapPart } from './components.js'

/** A box of the map: one object, or the pods of one owner. All sizes and places in px. */
export interface MapCard {
  id: string
  objects: RelatedObject[]
  /** Pods of the same owner that have no line in the box. */
  more: number
  column: number
  x: number
  y: number
  width: number
  height: number
}

/** A line between two boxes, for `<path d>`. */
export interface MapLine {
  from: string
  to: string
  type: Relation['type']
  path: string
}

export interface MapLayout {
  cards: MapCard[]
  lines: MapLine[]
  width: number
  height: number
}

/** From what comes from outside to what is read: way in, Service, workload, what it makes, pods, what they use. */
const columns: Record<string, number> = {
  'ingresses.networking.k8s.io': 0,
  services: 1,
  'horizontalpodautoscalers.autoscaling': 1,
  'poddisruptionbudgets.policy': 1,
  pods: 4,
  persistentvolumeclaims: 5,
  configmaps: 5,
  secrets: 5,
}
const CARD = 44
const LINE = 20
const PADDING = 6
const GAP = 8
const BETWEEN = 24
const ASIDE = 32
/** The most pods of one owner with a line of their own. */
const MOST_PODS = 5
const LEAST_WIDTH = 148
const MOST_WIDTH = 240

const worst: Record<string, number> = { bad: 0, warn: 1, busy: 2, ok: 3, off: 4 }
const rankOf = (o: RelatedObject): number => worst[o.tone ?? 'off'] ?? 4

/** Lays parts out below each other in columns that fill `width`; columns that nothing is in take no room. */
export function layoutMap(parts: readonly MapPart[], width: number): MapLayout {
  const placed: (MapCard & { part: number })[] = []
  const lines: Omit<MapLine, 'path'>[] = []
  let top = 0
  for (const [i, part] of parts.entries()) {
    const { cards, links, height } = layoutPart(part)
    for (const c of cards) placed.push({ ...c, y: c.y + top, part: i })
    lines.push(...links)
    top += height + BETWEEN
  }
  const used = [...new Set(placed.map((c) => c.column))].sort((a, b) => a - b)
  const room = (width - ASIDE * (used.length - 1)) / Math.max(1, used.length)
  const each = Math.floor(Math.min(MOST_WIDTH, Math.max(LEAST_WIDTH, room)))
  const cards = placed.map(({ part: _, ...c }) => ({ ...c, x: used.indexOf(c.column) * (each + ASIDE), width: each }))
  const byId = new Map(cards.map((c) => [c.id, c]))
  return {
    cards,
    lines: lines.map((l) => ({ ...l, path: curve(byId.get(l.from)!, byId.get(l.to)!) })),
    width: used.length * (each + ASIDE) - ASIDE,
    height: Math.max(0, top - BETWEEN),
  }
}

/** From the right side of one box to the left side of the other; within a column around its right side. */
function curve(from: MapCard, to: MapCard): string {
  const [x1, y1] = [from.x + from.width, from.y + from.height / 2]
  const y2 = to.y + to.height / 2
  if (from.column === to.column) return `M${x1} ${y1}C${x1 + 24} ${y1} ${x1 + 24} ${y2} ${x1} ${y2}`
  const bend = Math.max(16, (to.x - x1) / 2)
  return `M${x1} ${y1}C${x1 + bend} ${y1} ${to.x - bend} ${y2} ${to.x} ${y2}`
}

/** One part by itself, from y = 0: the workloads with all that they own, then what is linked to them, each as near as there is room. */
function layoutPart(part: MapPart): { cards: MapCard[]; links: Omit<MapLine, 'path'>[]; height: number } {
  const owns = part.relations.filter((r) => r.type === 'owns')
  const ownerOf = new Map(owns.map((r) => [r.to, r.from]))
  const byId = new Map(part.objects.map((o) => [o.id, o]))
  const isPod = (o: RelatedObject): boolean => resourceKey(o.kind) === 'pods'
  const children = (id: string): RelatedObject[] => owns.filter((r) => r.from === id).map((r) => byId.get(r.to)!)
  const columnOf = (o: RelatedObject): number => {
    const fixed = columns[resourceKey(o.kind)]
    if (fixed !== undefined) return fixed
    if (ownerOf.has(o.id) && !children(o.id).some((c) => children(c.id).length > 0)) return 3
    // An owner of workloads, such as an operator's resource, stands before them.
    return !ownerOf.has(o.id) && children(o.id).some((c) => children(c.id).some((g) => !isPod(g))) ? 1 : 2
  }

  const cards: MapCard[] = []
  const cardOf = new Map<string, string>()
  function put(id: string, objects: RelatedObject[], column: number, y: number): MapCard {
    const sorted = objects.length > 1 ? objects.sort((a, b) => rankOf(a) - rankOf(b) || a.ref.name.localeCompare(b.ref.name)) : objects
    const shown = sorted.length > MOST_PODS + 1 ? sorted.slice(0, MOST_PODS) : sorted
    const rows = shown.length + (shown.length < sorted.length ? 1 : 0)
    const height = column === 4 ? rows * LINE + 2 * PADDING : CARD
    const card = { id, objects: shown, more: sorted.length - shown.length, column, x: 0, y, width: 0, height }
    cards.push(card)
    for (const o of objects) cardOf.set(o.id, id)
    return card
  }

  const seen = new Set<string>()
  /** A tree of owners from `y` on; gives where it ends. */
  function putTree(o: RelatedObject, y: number): number {
    if (seen.has(o.id)) return y
    seen.add(o.id)
    const below = children(o.id)
    const pods = below.filter(isPod)
    let end = y
    for (const child of below.filter((c) => !isPod(c) && columns[resourceKey(c.kind)] === undefined)) end = putTree(child, end) + GAP
    if (pods.length) {
      const card = put(`pods of ${o.id}`, pods, 4, end)
      end += card.height + GAP
    }
    const depth = Math.max(CARD, end - GAP - y)
    put(o.id, [o], columnOf(o), y + (depth - CARD) / 2)
    return y + depth
  }

  let end = 0
  const roots = part.objects.filter((o) => !ownerOf.has(o.id) && columns[resourceKey(o.kind)] === undefined)
  for (const root of roots.sort((a, b) => a.ref.name.localeCompare(b.ref.name))) end = putTree(root, end) + GAP * 2
  for (const pod of part.objects.filter((o) => isPod(o) && !cardOf.has(o.id))) end = put(pod.id, [pod], 4, end).y + LINE + 2 * PADDING + GAP

  // What uses something does so through its pods, where it has some: the line is shorter.
  const near = (id: string): string => {
    const own = [id, ...children(id).map((c) => c.id)].map((x) => `pods of ${x}`)
    return cards.find((c) => own.includes(c.id))?.id ?? cardOf.get(id) ?? id
  }
  const links = (): Omit<MapLine, 'path'>[] => {
    const all = new Map<string, Omit<MapLine, 'path'>>()
    for (const r of part.relations) {
      const from = r.type === 'uses' ? near(r.from) : cardOf.get(r.from)
      const to = cardOf.get(r.to)
      if (from && to && from !== to && cards.some((c) => c.id === from)) all.set(`${from} ${to}`, { from, to, type: r.type })
    }
    return [...all.values()]
  }
  // What an Ingress alone uses stands beside its Services: the line is short and leads past nothing else.
  const users = (id: string): string[] => part.relations.filter((r) => r.to === id).map((r) => r.from)
  const isWayIn = (id: string): boolean => columns[resourceKey(byId.get(id)!.kind)] === 0
  const asideOf = (o: RelatedObject): number | undefined => {
    const column = columns[resourceKey(o.kind)]
    return column === 5 && users(o.id).length > 0 && users(o.id).every(isWayIn) ? 1 : column
  }
  for (const column of [1, 0, 5]) {
    const rest = part.objects.filter((o) => !cardOf.has(o.id) && asideOf(o) === column)
    const wanted = rest.map((o) => {
      const others = part.relations
        .filter((r) => r.from === o.id || r.to === o.id)
        .map((r) => (r.from === o.id ? r.to : r.type === 'uses' ? near(r.from) : r.from))
        .map((id) => cards.find((c) => c.id === (cardOf.get(id) ?? id)))
        .filter((c) => c !== undefined)
      const middle = others.reduce((n, c) => n + c.y + c.height / 2, 0) / Math.max(1, others.length)
      return { o, y: others.length ? middle - CARD / 2 : Number.POSITIVE_INFINITY }
    })
    let y = Math.max(0, ...cards.filter((c) => c.column === column).map((c) => c.y + c.height + GAP))
    for (const w of wanted.sort((a, b) => a.y - b.y || a.o.id.localeCompare(b.o.id))) {
      const at = Math.max(y, Number.isFinite(w.y) ? w.y : 0)
      put(w.o.id, [w.o], column, at)
      y = at + CARD + GAP
    }
  }
  return { cards, links: links(), height: Math.max(CARD, ...cards.map((c) => c.y + c.height)) }
}

/** How far an arrow key goes to the right and down. */
const steps: Record<string, [right: number, down: number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
}

/**
 * The box that an arrow key leads to from another. To the sides it follows the lines, where there are some; else, and within a column, it
 * is the nearest one.
 */
export function nextCard({ cards, lines }: Pick<MapLayout, 'cards' | 'lines'>, from: string, key: string): MapCard | undefined {
  const at = cards.find((c) => c.id === from)
  const step = steps[key]
  if (!at || !step) return undefined
  const [right, down] = step
  const middle = (c: MapCard): [number, number] => [c.x + c.width / 2, c.y + c.height / 2]
  const [x, y] = middle(at)
  const nearest = (among: readonly MapCard[]): MapCard | undefined => {
    let best: MapCard | undefined
    let least = Number.POSITIVE_INFINITY
    for (const c of among) {
      const [cx, cy] = middle(c)
      const ahead = (cx - x) * right + (cy - y) * down
      if (c === at || ahead <= 0 || (down !== 0 && c.column !== at.column)) continue
      const cost = ahead + 2 * (right === 0 ? Math.abs(cx - x) : Math.abs(cy - y))
      if (cost < least) [best, least] = [c, cost]
    }
    return best
  }
  const linked = new Set(lines.flatMap((l) => (l.from === from ? [l.to] : l.to === from ? [l.from] : [])))
  return (right !== 0 && nearest(cards.filter((c) => linked.has(c.id)))) || nearest(cards)
}
