/**
 * The scheduler's picture of the cluster: nodes with the pods that are on them or have just been given to them
 * (assumed). Everything is kept up to date by single changes; nothing here walks over all pods.
 */
import type { Node } from '../api/object.js'
import type { LabelMatcher } from '../controllers/selector.js'
import { NodeInfo } from './nodeinfo.js'
import { PodCounts } from './podcounts.js'
import type { AffinityTerm, PodInfo } from './podinfo.js'

/** One (anti-)affinity term that pods on nodes have, however many of them have it. */
export interface TermGroup {
  /** What the term asks: keep away, stay near, or prefer either with a weight. */
  kind: 'anti' | 'required' | 'preferred' | 'preferredAnti'
  term: AffinityTerm
  weight: number
  counts: PodCounts
}

interface Counter {
  counts: PodCounts
  matches(info: PodInfo): boolean
}

/** Counters that nobody asked for lately are forgotten. */
const MAX_COUNTERS = 256

const ZONE = 'topology.kubernetes.io/zone'

export class SchedulerCache {
  readonly nodes = new Map<string, NodeInfo>()
  /** The (anti-)affinity terms of all pods on nodes: the pods of one workload share theirs, so these are few. */
  readonly termGroups = new Map<string, TermGroup>()
  /** How many nodes have an image, by name. */
  readonly imageNodes = new Map<string, number>()
  private readonly where = new Map<string, { info: PodInfo; node: NodeInfo }>()
  /** Pods on nodes that are not known (yet). */
  private readonly homeless = new Map<string, Map<string, PodInfo>>()
  private readonly assumed = new Set<string>()
  private readonly counters = new Map<string, Counter>()
  private ordered: NodeInfo[] | undefined

  /** All nodes, those of different zones taking turns, so that a sample is spread over the zones. */
  get list(): readonly NodeInfo[] {
    return (this.ordered ??= interleaved([...this.nodes.values()]))
  }

  setNode(node: Node): NodeInfo {
    const name = node.metadata.name!
    let info = this.nodes.get(name)
    if (info) {
      this.countImages(info, -1)
      const labels = info.labels
      info.update(node)
      if (!sameLabels(labels, info.labels)) this.relabeled()
    } else {
      info = new NodeInfo(node)
      this.nodes.set(name, info)
      this.ordered = undefined
      for (const pod of this.homeless.get(name)?.values() ?? []) this.place(pod, info)
      this.homeless.delete(name)
    }
    this.countImages(info, 1)
    return info
  }

  removeNode(name: string): void {
    const info = this.nodes.get(name)
    if (!info) return
    this.countImages(info, -1)
    for (const pod of info.pods.values()) {
      this.unplace(pod, info)
      this.keepHomeless(name, pod)
    }
    this.nodes.delete(name)
    this.ordered = undefined
  }

  podOn(key: string): { info: PodInfo; node: NodeInfo } | undefined {
    return this.where.get(key)
  }

  isAssumed(key: string): boolean {
    return this.assumed.has(key)
  }

  /** Counts a pod on the node it is about to be bound to. */
  assume(info: PodInfo, node: NodeInfo): void {
    this.assumed.add(info.key)
    this.place(info, node)
  }

  /** Takes an assumed pod away again: its binding has failed. */
  forget(key: string): void {
    if (this.assumed.delete(key)) this.removePod(key)
  }

  /** Adds or replaces a pod that is bound to a node. */
  setPod(info: PodInfo): void {
    const nodeName = info.pod.spec!.nodeName!
    this.assumed.delete(info.key)
    const known = this.where.get(info.key)
    if (known) this.unplace(known.info, known.node)
    const node = this.nodes.get(nodeName)
    if (node) this.place(info, node)
    else this.keepHomeless(nodeName, info)
  }

  removePod(key: string): void {
    this.assumed.delete(key)
    const known = this.where.get(key)
    if (known) this.unplace(known.info, known.node)
    else for (const pods of this.homeless.values()) pods.delete(key)
  }

  /**
   * How many pods that match are on each node. The first call for a signature walks over all pods; from then on the
   * counts are kept up to date with each change.
   *
   * @param signature equal texts must mean equal `matches`
   */
  countsOf(signature: string, matches: (info: PodInfo) => boolean): PodCounts {
    let counter = this.counters.get(signature)
    if (counter) {
      // Asked for most recently: last to be forgotten.
      this.counters.delete(signature)
    } else {
      counter = { counts: new PodCounts(), matches }
      for (const { info, node } of this.where.values()) if (matches(info)) counter.counts.add(node, 1)
      if (this.counters.size >= MAX_COUNTERS) this.counters.delete(this.counters.keys().next().value!)
    }
    this.counters.set(signature, counter)
    return counter.counts
  }

  /** The same for pods of one namespace by their labels; pods that are being deleted do not count. */
  countsInNamespace(namespace: string, selector: string, selects: LabelMatcher): PodCounts {
    return this.countsOf(
      `spread|${namespace}|${selector}`,
      (info) => info.namespace === namespace && info.pod.metadata.deletionTimestamp === undefined && selects(info.pod.metadata.labels),
    )
  }

  /** Forgets all counters: what they matched by has changed (labels of namespaces). */
  resetCounters(): void {
    this.counters.clear()
  }

  private place(info: PodInfo, node: NodeInfo): void {
    node.addPod(info)
    this.where.set(info.key, { info, node })
    for (const c of this.counters.values()) if (c.matches(info)) c.counts.add(node, 1)
    this.countTerms(info, node, 1)
  }

  private unplace(info: PodInfo, node: NodeInfo): void {
    node.removePod(info)
    this.where.delete(info.key)
    for (const c of this.counters.values()) if (c.matches(info)) c.counts.add(node, -1)
    this.countTerms(info, node, -1)
  }

  private countTerms(info: PodInfo, node: NodeInfo, by: 1 | -1): void {
    for (const term of info.antiAffinity) this.countTerm('anti', term, 0, node, by)
    for (const term of info.affinity) this.countTerm('required', term, 0, node, by)
    for (const term of info.preferredAffinity) this.countTerm('preferred', term, term.weight, node, by)
    for (const term of info.preferredAntiAffinity) this.countTerm('preferredAnti', term, term.weight, node, by)
  }

  private countTerm(kind: TermGroup['kind'], term: AffinityTerm, weight: number, node: NodeInfo, by: 1 | -1): void {
    const key = `${kind}|${weight}|${term.topologyKey}|${term.signature}`
    let group = this.termGroups.get(key)
    if (!group) this.termGroups.set(key, (group = { kind, term, weight, counts: new PodCounts() }))
    group.counts.add(node, by)
    if (group.counts.byNode.size === 0) this.termGroups.delete(key)
  }

  private keepHomeless(nodeName: string, info: PodInfo): void {
    let pods = this.homeless.get(nodeName)
    if (!pods) this.homeless.set(nodeName, (pods = new Map()))
    pods.set(info.key, info)
  }

  private relabeled(): void {
    this.ordered = undefined
    for (const c of this.counters.values()) c.counts.forgetDomains()
    for (const g of this.termGroups.values()) g.counts.forgetDomains()
  }

  private countImages(info: NodeInfo, sign: 1 | -1): void {
    for (const name of info.images.keys()) {
      const n = (this.imageNodes.get(name) ?? 0) + sign
      if (n > 0) this.imageNodes.set(name, n)
      else this.imageNodes.delete(name)
    }
  }
}

function sameLabels(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  const keys = Object.keys(a)
  return keys.length === Object.keys(b).length && keys.every((k) => a[k] === b[k])
}

function interleaved(nodes: NodeInfo[]): NodeInfo[] {
  const zones = new Map<string, NodeInfo[]>()
  for (const n of nodes) {
    const zone = n.labels[ZONE] ?? ''
    const list = zones.get(zone)
    if (list) list.push(n)
    else zones.set(zone, [n])
  }
  if (zones.size <= 1) return nodes
  const lists = [...zones.values()]
  const result: NodeInfo[] = []
  for (let i = 0; result.length < nodes.length; i++) for (const list of lists) if (i < list.length) result.push(list[i]!)
  return result
}
