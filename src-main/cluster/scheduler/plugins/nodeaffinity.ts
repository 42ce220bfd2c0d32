/** Node selector and node affinity (https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#node-affinity). */
import type * as k8s from '@kubernetes/client-node'
import type { Node, Pod, Wire } from '../../api/object.js'
import { expressionMatcher } from '../../controllers/selector.js'
import type { Plugin } from '../framework.js'
import { normalizeByMax, reject } from '../framework.js'

type NodeSelectorTerm = Wire<k8s.V1NodeSelectorTerm>
type NodeMatcher = (name: string, labels: Readonly<Record<string, string>>) => boolean

const rejection = reject("node(s) didn't match Pod's node affinity/selector", true)

/** One term: all its expressions must match; an empty term matches nothing. */
function termMatcher(term: NodeSelectorTerm): NodeMatcher {
  const labels = (term.matchExpressions ?? []).map((e) => expressionMatcher(e.key, e.operator, e.values ?? []))
  const fields = (term.matchFields ?? []).map((e) => expressionMatcher(e.key, e.operator, e.values ?? []))
  if (labels.length === 0 && fields.length === 0) return () => false
  return (name, nodeLabels) => labels.every((m) => m(nodeLabels)) && fields.every((m) => m({ 'metadata.name': name }))
}

/** A node selector: one of its terms must match. */
export function nodeSelectorMatcher(terms: readonly NodeSelectorTerm[]): NodeMatcher {
  const matchers = terms.map(termMatcher)
  return (name, labels) => matchers.some((m) => m(name, labels))
}

/** What a pod demands of a node's labels and name; undefined when it demands nothing. */
export function requiredNodeAffinity(pod: Pod): NodeMatcher | undefined {
  const pairs = Object.entries(pod.spec!.nodeSelector ?? {})
  const required = pod.spec!.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  if (pairs.length === 0 && !required) return undefined
  const terms = required && nodeSelectorMatcher(required.nodeSelectorTerms)
  return (name, labels) => pairs.every(([k, v]) => labels[k] === v) && (!terms || terms(name, labels))
}

/**
 * The nodes that a pod's required affinity names by `metadata.name`, as the pods of a DaemonSet have it; undefined when
 * one of its terms does without names.
 */
function namedNodes(pod: Pod): Set<string> | undefined {
  const terms = pod.spec!.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms
  if (!terms) return undefined
  const names = new Set<string>()
  for (const { matchFields = [] } of terms) {
    const fields = matchFields.filter((f) => f.key === 'metadata.name' && f.operator === 'In')
    if (fields.length === 0) return undefined
    for (const name of fields[0]!.values ?? []) if (fields.every((f) => f.values?.includes(name))) names.add(name)
  }
  return names
}

export const nodeAffinity: Plugin = {
  name: 'NodeAffinity',
  weight: 2,
  filter(pod) {
    const matches = requiredNodeAffinity(pod.pod)
    if (!matches) return undefined
    const only = namedNodes(pod.pod)
    if (only?.size === 0) return reject('pod affinity terms conflict', true)
    return { ...(only && { only }), check: (node) => (matches(node.name, node.labels) ? undefined : rejection) }
  },
  score(pod) {
    const preferred = pod.pod.spec!.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution
    if (!preferred?.length) return undefined
    const terms = preferred.map((p) => ({ weight: p.weight, matches: termMatcher(p.preference) }))
    return {
      score: (node) => terms.reduce((sum, t) => (t.matches(node.name, node.labels) ? sum + t.weight : sum), 0),
      normalize: (scores) => normalizeByMax(scores, false),
    }
  },
  helps(event, pod) {
    const matches = requiredNodeAffinity(pod.pod)
    const fits = (node: Node): boolean => !matches || matches(node.metadata.name!, node.metadata.labels ?? {})
    if (event.type === 'NodeAdd') return fits(event.node)
    return event.type === 'NodeUpdate' && !fits(event.old) && fits(event.node)
  },
}
