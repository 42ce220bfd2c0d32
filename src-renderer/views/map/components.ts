import type { RelatedObject, Relation, RelationGraph } from '../../../src-main/backend/rpc/contract.js'

/** Objects that hang together, and how. */
export interface MapPart {
  namespace: string
  /** Its first workload, or whatever it is about: what it is called and sorted by. */
  name: string
  objects: RelatedObject[]
  relations: Relation[]
}

const trouble = (o: RelatedObject): boolean => o.tone === 'bad' || o.tone === 'warn'
/** Whether something in it is not as it should be. */
export const isTroubled = (part: MapPart): boolean => part.objects.some(trouble)

/** Splits a graph into parts that have nothing to do with each other: by namespace, then name; what stands alone comes last, in one part. */
export function partsOf(graph: Pick<RelationGraph, 'objects' | 'relations'>): MapPart[] {
  const parent = new Map(graph.objects.map((o) => [o.id, o.id]))
  const top = (id: string): string => {
    let at = id
    while (parent.get(at) !== at) {
      const up = parent.get(parent.get(at)!)!
      parent.set(at, up)
      at = up
    }
    return at
  }
  for (const { from, to } of graph.relations) if (parent.has(from) && parent.has(to)) parent.set(top(from), top(to))
  const groups = new Map<string, MapPart>()
  const tops = new Map<string, string>()
  const linked = new Set(graph.relations.flatMap((r) => [r.from, r.to]))
  const owned = new Set(graph.relations.filter((r) => r.type === 'owns').map((r) => r.to))
  for (const o of graph.objects) {
    const namespace = o.ref.namespace ?? ''
    const alone = !linked.has(o.id)
    const key = alone ? `alone ${namespace}` : top(o.id)
    tops.set(o.id, key)
    const part = groups.get(key) ?? { namespace, name: alone ? '\uffff' : '', objects: [], relations: [] }
    groups.set(key, part)
    part.objects.push(o)
    if (!alone && !owned.has(o.id) && (!part.name || isWorkload(o))) part.name ||= o.ref.name
  }
  for (const r of graph.relations) groups.get(tops.get(r.from) ?? '')?.relations.push(r)
  return [...groups.values()].sort((a, b) => a.namespace.localeCompare(b.namespace) || a.name.localeCompare(b.name))
}

const isWorkload = (o: RelatedObject): boolean => o.kind.group === 'apps' || o.kind.group === 'batch'

/** The part that an object is in; what stands alone is alone. */
export function partOf(graph: Pick<RelationGraph, 'objects' | 'relations'>, id: string): MapPart | undefined {
  const part = partsOf(graph).find((p) => p.objects.some((o) => o.id === id))
  if (!part || part.relations.length > 0) return part
  return { ...part, objects: part.objects.filter((o) => o.id === id) }
}
