import type { RelatedObject, Relation } from '../../../src-main/backend/rpc/contract.js'
import type { MapPart } from './components.js'

/** A line of the tree of what is related to an object. */
export interface TreeLine {
  object: RelatedObject
  /** 0 for what nothing leads to. */
  depth: number
  /** How the line above it, one step less deep, is related to it. */
  via?: Relation['type']
  /** It stands further up already, with all below it. */
  again: boolean
}

const order: Record<Relation['type'], number> = { routes: 0, selects: 1, scales: 2, guards: 3, owns: 4, uses: 5 }

/**
 * What leads to an object, the object itself, and what it leads to, as a tree written in lines; what its owners use, it uses as well.
 * Other pods of the same owner and the like are left out.
 */
export function relationTree({ objects, relations }: MapPart, id: string): TreeLine[] {
  const byId = new Map(objects.map((o) => [o.id, o]))
  if (!byId.has(id)) return []
  const reach = (from: (r: Relation) => string, to: (r: Relation) => string): Set<string> => {
    const seen = new Set([id])
    const queue = [id]
    for (let at = queue.pop(); at !== undefined; at = queue.pop())
      for (const r of relations)
        if (from(r) === at && !seen.has(to(r))) {
          seen.add(to(r))
          queue.push(to(r))
        }
    return seen
  }
  const above = reach(
    (r) => r.to,
    (r) => r.from,
  )
  const below = reach(
    (r) => r.from,
    (r) => r.to,
  )
  const shown = relations.filter(
    (r) => (above.has(r.from) && above.has(r.to)) || (below.has(r.from) && below.has(r.to)) || (r.type === 'uses' && above.has(r.from)),
  )
  const led = new Set(shown.map((r) => r.to))
  const roots = [...new Set([id, ...shown.flatMap((r) => [r.from, r.to])])].filter((x) => !led.has(x))
  const lines: TreeLine[] = []
  const done = new Set<string>()
  const write = (at: string, depth: number, via?: Relation['type']): void => {
    const object = byId.get(at)
    if (!object) return
    const again = done.has(at)
    lines.push({ object, depth, again, ...(via ? { via } : {}) })
    if (again) return
    done.add(at)
    const next = shown.filter((r) => r.from === at)
    for (const r of next.sort((a, b) => order[a.type] - order[b.type] || a.to.localeCompare(b.to))) write(r.to, depth + 1, r.type)
  }
  // The way in comes first: it says most.
  const rank = (x: string): number => Math.min(...shown.filter((r) => r.from === x).map((r) => order[r.type]), 9)
  for (const root of roots.sort((a, b) => rank(a) - rank(b) || a.localeCompare(b))) write(root, 0)
  return lines
}
