/**
 * Finds out whether a pod could be placed by removing pods of lower priority, and which ones
 * (https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/).
 */
import type * as k8s from '@kubernetes/client-node'
import type { ObjectMeta, Wire } from '../api/object.js'
import { matcherOf } from '../controllers/selector.js'
import { podCondition, timeOf } from '../controllers/pods.js'
import type { Random } from '../random.js'
import type { NodeFilter, Rejection } from './framework.js'
import { noNodeFits } from './messages.js'
import type { NodeInfo } from './nodeinfo.js'
import type { Nominations } from './nominations.js'
import type { PodInfo } from './podinfo.js'
import { firstRejection } from './selection.js'

export type PodDisruptionBudget = Wire<k8s.V1PodDisruptionBudget> & { metadata: ObjectMeta }

export interface PreemptionInput {
  pod: PodInfo
  filters: readonly { plugin: string; filter: NodeFilter }[]
  /** Room that was made for others of no lower priority is not there. */
  nominations: Nominations
  /** All nodes with the reason why each did not fit. */
  rejections: ReadonlyMap<NodeInfo, Rejection>
  nominatedNode: NodeInfo | undefined
  budgets: readonly PodDisruptionBudget[]
  random: Random
}

export interface Preemption {
  node: NodeInfo
  victims: readonly PodInfo[]
}

interface Candidate extends Preemption {
  violations: number
}

/** At least so many candidates are worked out before the best is taken. */
const MIN_CANDIDATES = 100
const MIN_CANDIDATES_PERCENT = 10

/** Gives the node and the victims, or why there are none, in kube-scheduler's words. */
export function findPreemption(input: PreemptionInput): Preemption | string {
  const { pod, rejections, nominatedNode } = input
  if (pod.pod.spec!.preemptionPolicy === 'Never') return 'not eligible due to preemptionPolicy=Never.'
  if (nominatedNode && !rejections.get(nominatedNode)?.unresolvable) {
    // Room is being made already: whoever is on the way out there must be waited for.
    for (const other of nominatedNode.pods.values())
      if (other.priority < pod.priority && isBeingPreempted(other)) return 'not eligible due to a terminating pod on the nominated node.'
  }
  const reasons = new Map<string, number>()
  const count = (reason: string): void => void reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
  const promising: NodeInfo[] = []
  for (const [node, rejection] of rejections) {
    if (rejection.unresolvable) count('Preemption is not helpful for scheduling')
    else promising.push(node)
  }
  const enough = Math.max(MIN_CANDIDATES, Math.floor((promising.length * MIN_CANDIDATES_PERCENT) / 100))
  const offset = promising.length ? input.random.int(promising.length) : 0
  const candidates: Candidate[] = []
  // Enough are enough only when one of them breaks no budget.
  const goOn = (): boolean => candidates.length < enough || candidates.every((c) => c.violations > 0)
  for (let i = 0; i < promising.length && goOn(); i++) {
    const found = tryNode(promising[(offset + i) % promising.length]!, input)
    if ('victims' in found) candidates.push(found)
    else for (const reason of found.reasons) count(reason)
  }
  return best(candidates) ?? noNodeFits(rejections.size, reasons)
}

/** Removes all pods of lower priority, and if the pod then fits gives back as many as possible, the important ones first. */
function tryNode(node: NodeInfo, { pod, filters, nominations, budgets }: PreemptionInput): Candidate | Rejection {
  const lower = [...node.pods.values()].filter((other) => other.priority < pod.priority)
  if (lower.length === 0) return { reasons: ['No preemption victims found for incoming pod'], unresolvable: true }
  const move = (other: PodInfo, by: 1 | -1): void => {
    if (by > 0) node.addPod(other)
    else node.removePod(other)
    for (const { filter } of filters) filter.shift?.(other, node, by)
  }
  const rejected = (): Rejection | undefined => firstRejection(node, filters, { pod, nominations })?.rejection
  for (const other of lower) move(other, -1)
  const removed = new Set(lower)
  try {
    const why = rejected()
    if (why) return why
    const { violating, others } = splitByBudget(lower.sort(moreImportantFirst), budgets)
    const victims: PodInfo[] = []
    let violations = 0
    const giveBack = (other: PodInfo): boolean => {
      move(other, 1)
      removed.delete(other)
      if (!rejected()) return true
      move(other, -1)
      removed.add(other)
      victims.push(other)
      return false
    }
    for (const other of violating) if (!giveBack(other)) violations++
    for (const other of others) giveBack(other)
    if (victims.length === 0) return { reasons: ['No preemption victims found for incoming pod'], unresolvable: true }
    return { node, victims: victims.sort(moreImportantFirst), violations }
  } finally {
    for (const other of removed) move(other, 1)
  }
}

/** Whether a pod goes because a scheduler has made room; who goes for another reason keeps nobody waiting. */
function isBeingPreempted({ pod }: PodInfo): boolean {
  if (pod.metadata.deletionTimestamp === undefined) return false
  const target = podCondition(pod, 'DisruptionTarget')
  return target?.status === 'True' && target.reason === 'PreemptionByScheduler'
}

function startOf(info: PodInfo): number {
  const t = timeOf(info.pod.status?.startTime)
  return Number.isNaN(t) ? Infinity : t
}

function moreImportantFirst(a: PodInfo, b: PodInfo): number {
  return b.priority - a.priority || startOf(a) - startOf(b) || 0
}

/** Pods whose removal would break a PodDisruptionBudget, and the others. */
function splitByBudget(pods: readonly PodInfo[], budgets: readonly PodDisruptionBudget[]): { violating: PodInfo[]; others: PodInfo[] } {
  const allowed = budgets.map((b) => b.status?.disruptionsAllowed ?? 0)
  const violating: PodInfo[] = []
  const others: PodInfo[] = []
  for (const info of pods) {
    let breaks = false
    budgets.forEach((budget, i) => {
      if (budget.metadata.namespace !== info.namespace || !matcherOf(budget.spec?.selector)(info.pod.metadata.labels)) return
      // One that was evicted already is counted in the budget's status.
      if (budget.status?.disruptedPods?.[info.pod.metadata.name!]) return
      allowed[i]!--
      if (allowed[i]! < 0) breaks = true
    })
    ;(breaks ? violating : others).push(info)
  }
  return { violating, others }
}

/** Fewest broken budgets, then the least important victim first, then the smallest sum, then the fewest, then the youngest. */
function best(candidates: readonly Candidate[]): Candidate | undefined {
  const highest = (c: Candidate): number => c.victims[0]!.priority
  // Priorities may be negative: shifted so that more victims always weigh more.
  const sum = (c: Candidate): number => c.victims.reduce((s, v) => s + v.priority + 2 ** 31, 0)
  const youngest = (c: Candidate): number =>
    -c.victims.filter((v) => v.priority === highest(c)).reduce((min, v) => Math.min(min, startOf(v)), Infinity)
  const criteria: ((c: Candidate) => number)[] = [(c) => c.violations, highest, sum, (c) => c.victims.length, youngest]
  let left = [...candidates]
  for (const measure of criteria) {
    if (left.length <= 1) break
    const least = Math.min(...left.map(measure))
    left = left.filter((c) => measure(c) === least)
  }
  return left[0]
}
