/** How many pods of a kind are on each node and, for topology keys that were asked for, in each domain. */
import type { NodeInfo } from './nodeinfo.js'

export class PodCounts {
  /** Only nodes with some. */
  readonly byNode = new Map<NodeInfo, number>()
  private readonly domains = new Map<string, Map<string, number>>()

  add(node: NodeInfo, by: number): void {
    bump(this.byNode, node, by)
    for (const [key, values] of this.domains) {
      const value = node.labels[key]
      if (value !== undefined) bump(values, value, by)
    }
  }

  /** The sums over all nodes with the same value of a label. Counted once and kept up to date from then on. */
  byDomain(key: string): ReadonlyMap<string, number> {
    let values = this.domains.get(key)
    if (!values) {
      this.domains.set(key, (values = new Map()))
      for (const [node, n] of this.byNode) {
        const value = node.labels[key]
        if (value !== undefined) bump(values, value, n)
      }
    }
    return values
  }

  /** The labels of nodes have changed. */
  forgetDomains(): void {
    this.domains.clear()
  }
}

function bump<K>(counts: Map<K, number>, key: K, by: number): void {
  const n = (counts.get(key) ?? 0) + by
  if (n > 0) counts.set(key, n)
  else counts.delete(key)
}
