/** Brings pods together and keeps them apart (https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#inter-pod-affinity-and-anti-affinity). */
import type { Pod } from '../../api/object.js'
import type { NodeFilter, Plugin, SchedulerView } from '../framework.js'
import { MAX_SCORE, reject } from '../framework.js'
import type { NodeInfo } from '../nodeinfo.js'
import type { PodCounts } from '../podcounts.js'
import type { AffinityTerm } from '../podinfo.js'
import { podInfo, termMatches } from '../podinfo.js'

const noAffinity = reject("node(s) didn't match pod affinity rules", true)
const noAntiAffinity = reject("node(s) didn't match pod anti-affinity rules")
const existingAntiAffinity = reject("node(s) didn't satisfy existing pods anti-affinity rules")
/** How much a required affinity of another pod counts in favour of its domain. */
const HARD_AFFINITY_WEIGHT = 1

/** Amounts by topology key and value. */
class Domains {
  private readonly byKey = new Map<string, Map<string, number>>()

  add(key: string, node: NodeInfo, by: number): void {
    const value = node.labels[key]
    if (value !== undefined) this.addTo(key, value, by)
  }

  addAll(key: string, counts: PodCounts, factor = 1): void {
    for (const [value, n] of counts.byDomain(key)) this.addTo(key, value, n * factor)
  }

  private addTo(key: string, value: string, by: number): void {
    let values = this.byKey.get(key)
    if (!values) this.byKey.set(key, (values = new Map()))
    const n = (values.get(value) ?? 0) + by
    if (n === 0) values.delete(value)
    else values.set(value, n)
    if (values.size === 0) this.byKey.delete(key)
  }

  get(key: string, node: NodeInfo): number {
    const value = node.labels[key]
    return value === undefined ? 0 : (this.byKey.get(key)?.get(value) ?? 0)
  }

  /** Whether one of the node's domains has something. */
  touches(node: NodeInfo): boolean {
    for (const [key, values] of this.byKey) {
      const value = node.labels[key]
      if (value !== undefined && (values.get(value) ?? 0) > 0) return true
    }
    return false
  }

  sum(node: NodeInfo): number {
    let sum = 0
    for (const [key, values] of this.byKey) {
      const value = node.labels[key]
      if (value !== undefined) sum += values.get(value) ?? 0
    }
    return sum
  }

  get isEmpty(): boolean {
    return this.byKey.size === 0
  }
}

function countsFor(terms: readonly AffinityTerm[], view: SchedulerView): PodCounts {
  const signature = `affinity|${terms.map((t) => t.signature).join('&')}`
  const labelsOf = (namespace: string): Record<string, string> | undefined => view.namespaceLabels(namespace)
  return view.cache.countsOf(signature, (other) => terms.every((t) => termMatches(t, other.pod, labelsOf)))
}

export const interPodAffinity: Plugin = {
  name: 'InterPodAffinity',
  weight: 2,

  filter(pod, view) {
    const labelsOf = (namespace: string): Record<string, string> | undefined => view.namespaceLabels(namespace)
    const existing = new Domains()
    for (const { kind, term, counts } of view.cache.termGroups.values())
      if (kind === 'anti' && termMatches(term, pod.pod, labelsOf)) existing.addAll(term.topologyKey, counts)
    const { affinity, antiAffinity } = pod
    if (existing.isEmpty && affinity.length === 0 && antiAffinity.length === 0) return undefined

    // A pod is near only if it matches all of the affinity terms; anti-affinity terms count one by one.
    const near = new Domains()
    if (affinity.length) for (const t of affinity) near.addAll(t.topologyKey, countsFor(affinity, view))
    const away = antiAffinity.map((term) => {
      const domains = new Domains()
      domains.addAll(term.topologyKey, countsFor([term], view))
      return { term, domains }
    })
    const firstOfItsKind = affinity.length > 0 && affinity.every((t) => termMatches(t, pod.pod, labelsOf))

    const filter: NodeFilter = {
      check(node) {
        if (affinity.length) {
          if (!affinity.every((t) => t.topologyKey in node.labels)) return noAffinity
          const found = affinity.every((t) => near.get(t.topologyKey, node) > 0)
          // The first pod of a group that wants to be together may go anywhere.
          if (!found && !(near.isEmpty && firstOfItsKind)) return noAffinity
        }
        for (const { term, domains } of away) if (domains.get(term.topologyKey, node) > 0) return noAntiAffinity
        return existing.touches(node) ? existingAntiAffinity : undefined
      },
      shift(other, node, by) {
        for (const t of other.antiAffinity) if (termMatches(t, pod.pod, labelsOf)) existing.add(t.topologyKey, node, by)
        if (affinity.length && affinity.every((t) => termMatches(t, other.pod, labelsOf)))
          for (const t of affinity) near.add(t.topologyKey, node, by)
        for (const { term, domains } of away) if (termMatches(term, other.pod, labelsOf)) domains.add(term.topologyKey, node, by)
      },
    }
    return filter
  },

  score(pod, view) {
    const labelsOf = (namespace: string): Record<string, string> | undefined => view.namespaceLabels(namespace)
    const domains = new Domains()
    for (const { kind, term, weight, counts } of view.cache.termGroups.values()) {
      if (kind === 'anti' || !termMatches(term, pod.pod, labelsOf)) continue
      domains.addAll(term.topologyKey, counts, kind === 'required' ? HARD_AFFINITY_WEIGHT : kind === 'preferred' ? weight : -weight)
    }
    for (const term of pod.preferredAffinity) domains.addAll(term.topologyKey, countsFor([term], view), term.weight)
    for (const term of pod.preferredAntiAffinity) domains.addAll(term.topologyKey, countsFor([term], view), -term.weight)
    if (domains.isEmpty) return undefined
    return {
      score: (node) => domains.sum(node),
      normalize(scores) {
        let min = Infinity
        let max = -Infinity
        for (const s of scores) {
          min = Math.min(min, s)
          max = Math.max(max, s)
        }
        for (let i = 0; i < scores.length; i++) scores[i] = max > min ? Math.floor(MAX_SCORE * ((scores[i]! - min) / (max - min))) : 0
      },
    }
  },

  helps(event, pod, view) {
    const labelsOf = (namespace: string): Record<string, string> | undefined => view.namespaceLabels(namespace)
    const { affinity, antiAffinity } = pod
    const own = [...affinity, ...antiAffinity]
    const near = (other: Pod): boolean => affinity.length > 0 && affinity.every((t) => termMatches(t, other, labelsOf))
    const apart = (other: Pod): boolean =>
      antiAffinity.some((t) => termMatches(t, other, labelsOf)) ||
      (!!other.spec?.affinity?.podAntiAffinity && podInfo(other).antiAffinity.some((t) => termMatches(t, pod.pod, labelsOf)))
    switch (event.type) {
      case 'NamespaceUpdate':
        return true
      case 'NodeAdd':
        // Without terms of its own it is kept away by those of others.
        return own.length === 0 || own.some((t) => t.topologyKey in (event.node.metadata.labels ?? {}))
      case 'NodeUpdate': {
        const [before = {}, after = {}] = [event.old.metadata.labels, event.node.metadata.labels]
        return own.length === 0 ? !sameLabels(before, after) : own.some((t) => before[t.topologyKey] !== after[t.topologyKey])
      }
      case 'AssignedPodAdd':
        return near(event.pod)
      case 'AssignedPodUpdate':
        return (!near(event.old) && near(event.pod)) || (apart(event.old) && !apart(event.pod))
      case 'AssignedPodDelete':
        return apart(event.pod)
      case 'PodUpdate':
        return !sameLabels(event.old.metadata.labels ?? {}, event.pod.metadata.labels ?? {})
      default:
        return false
    }
  },
}

function sameLabels(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  return Object.keys(a).length === Object.keys(b).length && Object.entries(a).every(([key, value]) => b[key] === value)
}
