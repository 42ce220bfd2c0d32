/**
 * Critical pods: static ones, their mirrors, and pods of system priority. They are not evicted, and when one does not
 * fit on a node that it must run on, others make room for it
 * (https://kubernetes.io/docs/tasks/administer-cluster/guaranteed-scheduling-critical-addon-pods/).
 */
import type { Pod } from '../api/object.js'
import type { EventRecorder } from '../controllers/events.js'
import { referenceTo } from '../controllers/events.js'
import type { Resources } from '../scheduler/resources.js'
import type { PodShare, Refusal, Shortage } from './admission.js'
import type { PodWorker } from './pod-worker.js'
import { qosClass } from './qos.js'
import { isMirror } from './static-pods.js'

/** Pods from this priority on are critical (`system-cluster-critical`). */
export const CRITICAL_PRIORITY = 2_000_000_000

/** What the event and the status of a pod say that has made room. */
const PREEMPTED = 'Preempted in order to admit critical pod'
/** What its condition `DisruptionTarget` says. */
const PREEMPTED_DISRUPTION = 'Pod was preempted by Kubelet to accommodate a critical pod.'

export function isCritical(pod: Pod): boolean {
  return isMirror(pod) || (pod.spec!.priority ?? 0) >= CRITICAL_PRIORITY
}

function mayPreempt(pod: Pod, other: Pod): boolean {
  if (isCritical(pod) && !isCritical(other)) return true
  return (pod.spec!.priority ?? 0) > (other.spec!.priority ?? 0)
}

function amountOf(requests: Resources, resource: string): number {
  if (resource === 'pods') return 1
  if (resource === 'cpu' || resource === 'memory') return requests[resource]
  if (resource === 'ephemeral-storage') return requests.ephemeralStorage
  return requests.scalars?.get(resource) ?? 0
}

/** What is still missing, by resource. */
type Missing = ReadonlyMap<string, number>

/** Anything that takes resources of its node, with the pod that it is. */
interface Taker {
  pod: Pod
  share: PodShare
}

/** What is missing once some pods are gone. */
function without(missing: Missing, gone: readonly Taker[]): Missing {
  const left = new Map<string, number>()
  for (const [resource, amount] of missing) {
    const rest = gone.reduce((sum, { share }) => sum - amountOf(share.requests, resource), amount)
    if (rest > 0) left.set(resource, rest)
  }
  return left
}

/** How far a pod's end is from giving all that is missing: 0 when it gives all, 1 for each resource that it gives nothing of. */
function distance(missing: Missing, { share }: Taker): number {
  let sum = 0
  for (const [resource, amount] of missing) {
    const rest = amount - amountOf(share.requests, resource)
    if (rest > 0) sum += (rest / amount) ** 2
  }
  return sum
}

/** Whether ending the first of two pods that help alike costs no more: by memory, then by cpu. */
function isSmaller({ share: { requests: a } }: Taker, { share: { requests: b } }: Taker): boolean {
  return a.memory === b.memory ? a.cpu <= b.cpu : a.memory < b.memory
}

/** Of some pods as many as it takes, the nearest to what is missing first. */
function nearest<T extends Taker>(pods: readonly T[], missing: Missing): T[] {
  const left = [...pods]
  const chosen: T[] = []
  for (let rest = missing; rest.size && left.length; rest = without(rest, chosen.slice(-1))) {
    let best = 0
    left.forEach((pod, i) => {
      const difference = distance(rest, pod) - distance(rest, left[best]!)
      if (difference < 0 || (difference === 0 && i > 0 && isSmaller(pod, left[best]!))) best = i
    })
    chosen.push(left[best]!)
    left[best] = left.at(-1)!
    left.pop()
  }
  return chosen
}

/**
 * The pods that have to go so that a critical one has what is short: of the best quality of service only what all others
 * together would not give, and of each class as few as it takes.
 *
 * @returns what would be missing if all of them went, when that is not enough
 */
export function victimsFor<T extends Taker>(pod: Pod, short: readonly Shortage[], running: readonly T[]): T[] | Missing {
  const missing: Missing = new Map(short.map((s) => [s.resource, s.requested - (s.capacity - s.used)]))
  const candidates = running.filter((r) => mayPreempt(pod, r.pod))
  const lacking = without(missing, candidates)
  if (lacking.size) return lacking
  const of = (quality: string): T[] => candidates.filter((r) => qosClass(r.pod) === quality)
  const [effortless, burstable, guaranteed] = [of('BestEffort'), of('Burstable'), of('Guaranteed')]
  const best = nearest(guaranteed, without(missing, [...effortless, ...burstable]))
  const middle = nearest(burstable, without(missing, [...effortless, ...best]))
  const least = nearest(effortless, without(missing, [...middle, ...best]))
  return [...least, ...middle, ...best]
}

/** Why no room could be made, in the kubelet's words. */
function noVictims(lacking: Missing): string {
  const list = [...lacking].map(([resource, amount]) => `(res: ${resource}, q: ${amount}), `).join('')
  return (
    'Unexpected error while attempting to recover from admission failure: preemption: error finding a set of pods to preempt: ' +
    `no set of running pods found to reclaim resources: [${list}]`
  )
}

/**
 * Ends other pods when what they take is all that keeps a critical one off the node.
 *
 * @param others the workers that are active on the node
 * @param why what keeps the pod off; undefined for a pod that fits
 * @returns what still keeps it off
 */
export function afterMakingRoom(
  events: EventRecorder,
  pod: Pod,
  others: readonly PodWorker[],
  why: Refusal | undefined,
): Refusal | undefined {
  if (!why?.short || !isCritical(pod)) return why
  const running = others.map((worker) => ({ worker, pod: worker.state.pod, share: worker.share }))
  const victims = victimsFor(pod, why.short, running)
  if (!Array.isArray(victims)) return { reason: 'UnexpectedAdmissionError', message: noVictims(victims as Missing) }
  for (const { worker, pod: victim } of victims) {
    events.event(referenceTo('v1', 'Pod', victim), 'Warning', 'Preempting', PREEMPTED)
    worker.evict('Preempting', PREEMPTED, { disrupted: PREEMPTED_DISRUPTION })
  }
  return undefined
}
