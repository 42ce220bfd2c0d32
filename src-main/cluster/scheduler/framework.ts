/**
 * What a scheduling plugin is. The extension points are Kubernetes' (PreEnqueue, PreFilter, Filter, PreScore, Score,
 * NormalizeScore, Reserve/PreBind), in a form that suits a single thread: the preparation for one pod gives back a
 * function over nodes, or nothing when the plugin has nothing to say about that pod.
 */
import type { Node, Pod } from '../api/object.js'
import type { LabelMatcher } from '../controllers/selector.js'
import type { SchedulerCache } from './cache.js'
import type { NodeInfo } from './nodeinfo.js'
import type { VolumeChange } from './plugins/volumehints.js'
import type { PodInfo } from './podinfo.js'

/** Why a pod does not fit. */
export interface Rejection {
  readonly reasons: readonly string[]
  /** True when removing pods from the node cannot help, so that preemption does not try. */
  readonly unresolvable: boolean
}

/** The verdict of one plugin over nodes, for one pod. */
export interface NodeFilter {
  /** The names of the only nodes that can do, where the pod itself names them: no other node is looked at. */
  readonly only?: ReadonlySet<string>
  check(node: NodeInfo): Rejection | undefined
  /** Takes into account that `other` is removed from or added to a node, when preemption tries that. */
  shift?(other: PodInfo, node: NodeInfo, by: 1 | -1): void
}

/** The score of one plugin over the nodes that passed, for one pod. */
export interface NodeScorer {
  score(node: NodeInfo): number
  /** Brings the scores to 0..100, in place; left out when they are already. */
  normalize?(scores: Float64Array, nodes: readonly NodeInfo[]): void
}

/** What may change so that a pod that did not fit fits. */
export type ClusterEvent =
  | { type: 'NodeAdd'; node: Node }
  | { type: 'NodeUpdate'; old: Node; node: Node }
  | { type: 'NodeDelete'; node: Node }
  | { type: 'AssignedPodAdd'; pod: Pod }
  | { type: 'AssignedPodUpdate'; old: Pod; pod: Pod }
  | { type: 'AssignedPodDelete'; pod: Pod }
  /** The waiting pod itself. */
  | { type: 'PodUpdate'; old: Pod; pod: Pod }
  | { type: 'VolumeChange'; change: VolumeChange }
  | { type: 'NamespaceUpdate' }
  /** A claim for devices, with its uid and whether it has given devices back, or else what is offered. */
  | { type: 'ClaimChange'; uid?: string; freed?: boolean }

/** What plugins may look at besides pod and node. */
export interface SchedulerView {
  readonly cache: SchedulerCache
  /** The pods that a pod should be spread against by default: those of its Services and its workload. */
  spreadSelector(pod: PodInfo): { signature: string; selects: LabelMatcher } | undefined
  namespaceLabels(namespace: string): Record<string, string> | undefined
}

export interface Plugin {
  readonly name: string
  /** The weight of its score; 0 or absent when it has none. */
  readonly weight?: number
  /** Holds a pod back before it may be tried at all. */
  holdsBack?(pod: Pod): Rejection | undefined
  /** Prepares the filter for one pod. A Rejection means that no node will do. */
  filter?(pod: PodInfo, view: SchedulerView): NodeFilter | Rejection | undefined
  /** Prepares the score for one pod over the nodes that passed all filters. */
  score?(pod: PodInfo, view: SchedulerView, nodes: readonly NodeInfo[]): NodeScorer | undefined
  /** Whether an event may help a pod that this plugin rejected: of what cannot help nothing is tried, and nothing told. */
  helps?(event: ClusterEvent, pod: PodInfo, view: SchedulerView): boolean
  /** Sets aside what the pod needs on its node, until it is bound. */
  reserve?(pod: PodInfo, node: NodeInfo): void
  /** Gives back what was set aside for a pod that could not be bound. */
  unreserve?(pod: PodInfo): void
  /** Does what must be done before the pod is bound, such as binding its volumes. */
  preBind?(pod: PodInfo, node: NodeInfo): Promise<void> | undefined
  /** Ends that, since the pod is gone. */
  abandon?(uid: string): void
}

export function isRejection(value: NodeFilter | Rejection | undefined): value is Rejection {
  return value !== undefined && 'reasons' in value
}

export function reject(reason: string, unresolvable = false): Rejection {
  return { reasons: [reason], unresolvable }
}

export const MAX_SCORE = 100

/** Scales scores so that the largest becomes 100; with `reverse` the largest becomes 0. */
export function normalizeByMax(scores: Float64Array, reverse: boolean): void {
  let max = 0
  for (const s of scores) if (s > max) max = s
  if (max === 0) {
    if (reverse) scores.fill(MAX_SCORE)
    return
  }
  for (let i = 0; i < scores.length; i++) {
    const s = Math.floor((MAX_SCORE * scores[i]!) / max)
    scores[i] = reverse ? MAX_SCORE - s : s
  }
}
