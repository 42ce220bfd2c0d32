/** Spreads pods over nodes, zones and other domains (https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/). */
import type { Node, Pod } from '../../api/object.js'
import type { LabelMatcher } from '../../controllers/selector.js'
import { matcherOf, selectorString } from '../../controllers/selector.js'
import type { NodeFilter, NodeScorer, Plugin, SchedulerView } from '../framework.js'
import { MAX_SCORE, reject } from '../framework.js'
import type { NodeInfo } from '../nodeinfo.js'
import type { PodInfo, SpreadConstraint } from '../podinfo.js'
import { withKeys } from '../podinfo.js'
import { requiredNodeAffinity } from './nodeaffinity.js'
import { tolerates } from './tainttoleration.js'

const HOSTNAME = 'kubernetes.io/hostname'
const skewed = reject("node(s) didn't match pod topology spread constraints")
const unlabeled = reject("node(s) didn't match pod topology spread constraints (missing required label)", true)

interface Constraint {
  key: string
  maxSkew: number
  minDomains: number
  selects: LabelMatcher
  signature: string
  /** Whether a node of a domain counts for this pod; undefined when all do. */
  includes: ((node: NodeInfo) => boolean) | undefined
}

function constraintsOf(pod: PodInfo, whenUnsatisfiable: string): Constraint[] {
  const wanted = pod.spread.filter((c) => c.whenUnsatisfiable === whenUnsatisfiable)
  if (wanted.length === 0) return []
  const affinity = requiredNodeAffinity(pod.pod)
  const { tolerations } = pod.pod.spec!
  return wanted.map((c: SpreadConstraint): Constraint => {
    const selector = withKeys(c.labelSelector, pod.pod, c.matchLabelKeys)
    const honorAffinity = c.nodeAffinityPolicy !== 'Ignore' && affinity !== undefined
    const honorTaints = c.nodeTaintsPolicy === 'Honor'
    return {
      key: c.topologyKey,
      maxSkew: c.maxSkew,
      minDomains: c.minDomains ?? 1,
      selects: matcherOf(selector),
      signature: selector ? selectorString(selector) : '-',
      includes:
        honorAffinity || honorTaints
          ? (node) =>
              (!honorAffinity || affinity(node.name, node.labels)) &&
              (!honorTaints || node.taints.every((t) => t.effect === 'PreferNoSchedule' || tolerates(tolerations, t)))
          : undefined,
    }
  })
}

export const podTopologySpread: Plugin = {
  name: 'PodTopologySpread',
  weight: 2,

  filter(pod, { cache }) {
    const constraints = constraintsOf(pod, 'DoNotSchedule')
    if (constraints.length === 0) return undefined
    const states = constraints.map((constraint) => {
      const counts = cache.countsInNamespace(pod.namespace, constraint.signature, constraint.selects)
      const domains = new Map<string, number>()
      for (const node of cache.list) {
        if (!constraints.every((c) => c.key in node.labels) || constraint.includes?.(node) === false) continue
        const value = node.labels[constraint.key]!
        domains.set(value, (domains.get(value) ?? 0) + (counts.byNode.get(node) ?? 0))
      }
      const self = constraint.selects(pod.pod.metadata.labels) ? 1 : 0
      return { constraint, domains, self, least: leastOf(domains, constraint) }
    })
    const filter: NodeFilter = {
      check(node) {
        for (const { constraint, domains, self, least } of states) {
          const value = node.labels[constraint.key]
          if (value === undefined) return unlabeled
          if ((domains.get(value) ?? 0) + self - least > constraint.maxSkew) return skewed
        }
        return undefined
      },
      shift(other, node, by) {
        if (other.namespace !== pod.namespace || !constraints.every((c) => c.key in node.labels)) return
        for (const state of states) {
          const value = node.labels[state.constraint.key]
          const { domains, constraint } = state
          if (value === undefined || !domains.has(value) || constraint.includes?.(node) === false) continue
          if (!constraint.selects(other.pod.metadata.labels)) continue
          domains.set(value, domains.get(value)! + by)
          state.least = leastOf(domains, constraint)
        }
      },
    }
    return filter
  },

  score(pod, view, nodes) {
    const own = constraintsOf(pod, 'ScheduleAnyway')
    const constraints = pod.spread.length > 0 ? own : defaultConstraints(pod, view)
    return constraints.length ? scorer(pod, constraints, view, nodes, pod.spread.length > 0) : undefined
  },

  helps(event, pod) {
    const constraints = constraintsOf(pod, 'DoNotSchedule')
    const counts = ({ metadata }: Node): boolean => constraints.every((c) => c.key in (metadata.labels ?? {}))
    const counted = ({ metadata }: Pod): boolean =>
      metadata.namespace === pod.namespace && constraints.every((c) => c.selects(metadata.labels))
    switch (event.type) {
      case 'NodeAdd':
      case 'NodeDelete':
        return counts(event.node)
      case 'NodeUpdate': {
        const { old, node } = event
        if (counts(old) !== counts(node)) return true
        return counts(node) && constraints.some((c) => old.metadata.labels![c.key] !== node.metadata.labels![c.key])
      }
      case 'AssignedPodAdd':
      case 'AssignedPodDelete':
        return counted(event.pod)
      case 'PodUpdate':
      case 'AssignedPodUpdate':
        return counted(event.old) !== counted(event.pod)
      default:
        return false
    }
  },
}

/** The fewest pods in a domain; none when there are fewer domains than asked for. */
function leastOf(domains: ReadonlyMap<string, number>, constraint: Constraint): number {
  if (domains.size < constraint.minDomains) return 0
  let least = Infinity
  for (const n of domains.values()) if (n < least) least = n
  return least === Infinity ? 0 : least
}

/** What Kubernetes does for pods without constraints: spread a workload over nodes a little and over zones a little less. */
function defaultConstraints(pod: PodInfo, view: SchedulerView): Constraint[] {
  const selector = view.spreadSelector(pod)
  if (!selector) return []
  const affinity = requiredNodeAffinity(pod.pod)
  const includes = affinity && ((node: NodeInfo): boolean => affinity(node.name, node.labels))
  const common = { minDomains: 1, selects: selector.selects, signature: selector.signature, includes }
  return [
    { key: HOSTNAME, maxSkew: 3, ...common },
    { key: 'topology.kubernetes.io/zone', maxSkew: 5, ...common },
  ]
}

function scorer(
  pod: PodInfo,
  constraints: readonly Constraint[],
  { cache }: SchedulerView,
  nodes: readonly NodeInfo[],
  all: boolean,
): NodeScorer {
  const ignored = new Set<NodeInfo>()
  if (all) for (const node of nodes) if (!constraints.every((c) => c.key in node.labels)) ignored.add(node)
  const states = constraints.map((constraint) => {
    const counts = cache.countsInNamespace(pod.namespace, constraint.signature, constraint.selects)
    if (constraint.key === HOSTNAME) return { constraint, counts, domains: undefined, weight: Math.log(nodes.length - ignored.size + 2) }
    const domains = new Map<string, number>()
    for (const node of nodes) {
      const value = node.labels[constraint.key]
      if (value !== undefined && !ignored.has(node)) domains.set(value, 0)
    }
    const { includes } = constraint
    // A node that lacks the key of another constraint counts for none.
    const partly = all && constraints.length > 1
    if (domains.size > 0 && (includes || partly)) {
      for (const [node, n] of counts.byNode) {
        const value = node.labels[constraint.key]
        if (value === undefined || !domains.has(value) || includes?.(node) === false) continue
        if (!partly || constraints.every((c) => c.key in node.labels)) domains.set(value, domains.get(value)! + n)
      }
    } else if (domains.size > 0) {
      for (const [value, n] of counts.byDomain(constraint.key)) if (domains.has(value)) domains.set(value, n)
    }
    return { constraint, counts, domains, weight: Math.log(domains.size + 2) }
  })
  return {
    score(node) {
      if (ignored.has(node)) return 0
      let sum = 0
      for (const { constraint, counts, domains, weight } of states) {
        const value = node.labels[constraint.key]
        if (value === undefined) continue
        const n = domains ? (domains.get(value) ?? 0) : (counts.byNode.get(node) ?? 0)
        sum += n * weight + (constraint.maxSkew - 1)
      }
      return Math.round(sum)
    },
    normalize(scores, scored) {
      let min = Infinity
      let max = -Infinity
      for (let i = 0; i < scores.length; i++) {
        if (ignored.size && ignored.has(scored[i]!)) continue
        min = Math.min(min, scores[i]!)
        max = Math.max(max, scores[i]!)
      }
      for (let i = 0; i < scores.length; i++) {
        if (ignored.size && ignored.has(scored[i]!)) scores[i] = 0
        else scores[i] = max === 0 ? MAX_SCORE : Math.floor((MAX_SCORE * (max + min - scores[i]!)) / max)
      }
    },
  }
}
