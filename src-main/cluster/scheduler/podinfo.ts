/** A pod as the scheduler sees it: what its plugins need again and again, worked out once. */
import type * as k8s from '@kubernetes/client-node'
import { heldSpec } from '../api/kinds/rules/held-resources.js'
import type { LabelSelector, Pod, Wire } from '../api/object.js'
import { controllerOf, keyOf } from '../api/object.js'
import type { LabelMatcher } from '../controllers/selector.js'
import { matcherOf, selectorString } from '../controllers/selector.js'
import type { Resources } from './resources.js'
import { nonZeroRequests, podRequests } from './resources.js'

export type AffinityTermSpec = Wire<k8s.V1PodAffinityTerm>
export type SpreadConstraint = Wire<k8s.V1TopologySpreadConstraint>
export type Toleration = Wire<k8s.V1Toleration>

/** One term of pod affinity or anti-affinity, ready to be matched. */
export interface AffinityTerm {
  topologyKey: string
  /** Names the pods the term means: equal texts mean equal pods. */
  signature: string
  namespaces: ReadonlySet<string>
  /** Further namespaces by their labels; undefined when the term names none that way. */
  namespaceSelector: LabelMatcher | undefined
  selects: LabelMatcher
}

export interface WeightedTerm extends AffinityTerm {
  weight: number
}

export interface HostPort {
  protocol: string
  ip: string
  port: number
}

export interface PodInfo {
  readonly key: string
  readonly uid: string
  readonly namespace: string
  /** Frozen; the latest version that was seen. */
  readonly pod: Pod
  readonly priority: number
  readonly requests: Resources
  readonly nonZero: { readonly cpu: number; readonly memory: number }
  readonly hostPorts: readonly HostPort[]
  readonly affinity: readonly AffinityTerm[]
  readonly antiAffinity: readonly AffinityTerm[]
  readonly preferredAffinity: readonly WeightedTerm[]
  readonly preferredAntiAffinity: readonly WeightedTerm[]
  readonly spread: readonly SpreadConstraint[]
  readonly ownerUid: string | undefined
}

const none: readonly never[] = []

export function podInfo(pod: Pod): PodInfo {
  const spec = pod.spec!
  const { podAffinity, podAntiAffinity } = spec.affinity ?? {}
  const held = heldSpec(pod)
  return {
    key: keyOf(pod),
    uid: pod.metadata.uid!,
    namespace: pod.metadata.namespace!,
    pod,
    priority: spec.priority ?? 0,
    requests: podRequests(held),
    nonZero: nonZeroRequests(held),
    hostPorts: hostPortsOf(pod),
    affinity: terms(pod, podAffinity?.requiredDuringSchedulingIgnoredDuringExecution),
    antiAffinity: terms(pod, podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution),
    preferredAffinity: weighted(pod, podAffinity?.preferredDuringSchedulingIgnoredDuringExecution),
    preferredAntiAffinity: weighted(pod, podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution),
    spread: spec.topologySpreadConstraints ?? none,
    ownerUid: controllerOf(pod)?.uid,
  }
}

/** Whether a term of `owner` means `pod`. `labelsOf` gives a namespace's labels. */
export function termMatches(term: AffinityTerm, pod: Pod, labelsOf: (namespace: string) => Record<string, string> | undefined): boolean {
  const namespace = pod.metadata.namespace!
  if (!term.namespaces.has(namespace) && !(term.namespaceSelector && term.namespaceSelector(labelsOf(namespace)))) return false
  return term.selects(pod.metadata.labels)
}

function terms(pod: Pod, list: readonly AffinityTermSpec[] | undefined): readonly AffinityTerm[] {
  return list?.length ? list.map((t) => term(pod, t)) : none
}

function weighted(pod: Pod, list: readonly { weight: number; podAffinityTerm: AffinityTermSpec }[] | undefined): readonly WeightedTerm[] {
  return list?.length ? list.map((t) => ({ ...term(pod, t.podAffinityTerm), weight: t.weight })) : none
}

function term(pod: Pod, spec: AffinityTermSpec): AffinityTerm {
  const selector = withKeys(spec.labelSelector, pod, spec.matchLabelKeys, spec.mismatchLabelKeys)
  // Without namespaces and without a selector of namespaces a term means the pod's own namespace.
  const named = spec.namespaces ?? []
  const namespaces = new Set(named.length || spec.namespaceSelector ? named : [pod.metadata.namespace!])
  const bySelector = spec.namespaceSelector ? selectorString(spec.namespaceSelector) : '-'
  return {
    topologyKey: spec.topologyKey,
    signature: `${[...namespaces].sort().join(',')}|${bySelector}|${selector ? selectorString(selector) : '-'}`,
    namespaces,
    namespaceSelector: spec.namespaceSelector ? matcherOf(spec.namespaceSelector) : undefined,
    selects: matcherOf(selector),
  }
}

/** A selector that asks besides for the pod's own values of some label keys, or for others than these. */
export function withKeys(
  selector: LabelSelector | undefined,
  pod: Pod,
  match: readonly string[] | undefined,
  mismatch?: readonly string[],
): LabelSelector | undefined {
  const labels = pod.metadata.labels ?? {}
  const extra = [
    ...(match ?? []).filter((k) => k in labels).map((key) => ({ key, operator: 'In', values: [labels[key]!] })),
    ...(mismatch ?? []).filter((k) => k in labels).map((key) => ({ key, operator: 'NotIn', values: [labels[key]!] })),
  ]
  if (!selector || extra.length === 0) return selector
  return { ...selector, matchExpressions: [...(selector.matchExpressions ?? []), ...extra] }
}

/** Whether two pods cannot have these ports on one node; `0.0.0.0` stands for all addresses. */
export function portsClash(a: HostPort, b: HostPort): boolean {
  return a.port === b.port && a.protocol === b.protocol && (a.ip === b.ip || a.ip === '0.0.0.0' || b.ip === '0.0.0.0')
}

/** The ports of its node that a pod takes. */
export function hostPortsOf(pod: Pod): readonly HostPort[] {
  const ports: HostPort[] = []
  const spec = pod.spec!
  const lasting = (spec.initContainers ?? []).filter((c) => c.restartPolicy === 'Always')
  for (const c of [...spec.containers, ...lasting])
    for (const p of c.ports ?? []) {
      const port = p.hostPort ?? (spec.hostNetwork ? p.containerPort : 0)
      if (port > 0) ports.push({ protocol: p.protocol ?? 'TCP', ip: p.hostIP || '0.0.0.0', port })
    }
  return ports.length ? ports : none
}
