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
const CRITICAL_PRIORITY = 2_000_000_000

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

/**
 * The pods that have to go so that a critical one has what is short: of the classes of least quality of service as many
 * as it takes, those that free most of what is missing first.
 *
 * @returns undefined when all of them together would not be enough
 */
function victimsFor<T extends { pod: Pod; share: PodShare }>(pod: Pod, short: readonly Shortage[], running: readonly T[]): T[] | undefined {
  const missing = new Map(short.map((s) => [s.resource, s.requested - (s.capacity - s.used)]))
  const victims: T[] = []
  const candidates = running.filter((r) => mayPreempt(pod, r.pod))
  for (const quality of ['BestEffort', 'Burstable', 'Guaranteed']) {
    const left = candidates.filter((r) => qosClass(r.pod) === quality)
    while (left.length && missing.size) {
      const frees = ({ share }: T): number =>
        [...missing].reduce((sum, [resource, amount]) => sum + Math.min(amountOf(share.requests, resource), amount) / amount, 0)
      left.sort((a, b) => frees(b) - frees(a))
      const victim = left.shift()!
      if (frees(victim) === 0) break
      victims.push(victim)
      for (const [resource, amount] of missing) {
        const rest = amount - amountOf(victim.share.requests, resource)
        if (rest > 0) missing.set(resource, rest)
        else missing.delete(resource)
      }
    }
  }
  return missing.size ? undefined : victims
}

/** Why no room could be made, in the kubelet's words. */
function noVictims(short: readonly Shortage[]): string {
  const list = short.map((s) => `(res: ${s.resource}, q: ${s.requested - (s.capacity - s.used)}), `).join('')
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
  if (!victims) return { reason: 'UnexpectedAdmissionError', message: noVictims(why.short) }
  for (const { worker, pod: victim } of victims) {
    events.event(referenceTo('v1', 'Pod', victim), 'Warning', 'Preempting', PREEMPTED)
    worker.evict('Preempting', PREEMPTED, { disrupted: PREEMPTED_DISRUPTION })
  }
  return undefined
}
