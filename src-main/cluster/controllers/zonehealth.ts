/** How many nodes of each zone are Ready, kept up as nodes change: asking costs the same with three nodes and with thousands. */
import type { Node } from '../api/object.js'

interface Count {
  nodes: number
  ready: number
}

/** The status of a node's Ready condition; `False` for one that has none yet. */
export function readiness(node: Node): string {
  return node.status?.conditions?.find((c) => c.type === 'Ready')?.status ?? 'False'
}

/** `REGION/ZONE`, each empty where the node has no such label. */
export function zoneOf(node: Node): string {
  const labels = node.metadata.labels ?? {}
  return `${labels['topology.kubernetes.io/region'] ?? ''}/${labels['topology.kubernetes.io/zone'] ?? ''}`
}

export class ZoneHealth {
  private readonly zones = new Map<string, Count>()
  private readonly all: Count = { nodes: 0, ready: 0 }

  add(node: Node): void {
    this.count(node, 1)
  }

  update(old: Node, node: Node): void {
    this.count(old, -1)
    this.count(node, 1)
  }

  delete(node: Node): void {
    this.count(node, -1)
  }

  /** The nodes of a zone and how many of them are Ready. */
  of(zone: string): Readonly<Count> {
    return this.zones.get(zone) ?? { nodes: 0, ready: 0 }
  }

  /** The nodes of all zones. */
  total(): Readonly<Count> {
    return this.all
  }

  private count(node: Node, by: 1 | -1): void {
    const zone = zoneOf(node)
    const inZone = this.zones.get(zone) ?? { nodes: 0, ready: 0 }
    const ready = readiness(node) === 'True' ? by : 0
    for (const count of [inZone, this.all]) {
      count.nodes += by
      count.ready += ready
    }
    if (inZone.nodes) this.zones.set(zone, inZone)
    else this.zones.delete(zone)
  }
}
