/** What controllers ask of pods: their conditions, whether they count, and which to delete first. */
import type { Client, Informer, Informers } from '../api/client.js'
import { resources } from '../api/client.js'
import type { Pod, PodCondition } from '../api/object.js'
import { controllerOf } from '../api/object.js'

/** Milliseconds since the epoch of an RFC 3339 time; NaN when there is none. */
export function timeOf(time: string | undefined | null): number {
  return time ? Date.parse(time) : NaN
}

export function podCondition(pod: Pod, type: string): PodCondition | undefined {
  return pod.status?.conditions?.find((c) => c.type === type)
}

/** Whether the pod's Ready condition is true. */
export function isPodReady(pod: Pod): boolean {
  return podCondition(pod, 'Ready')?.status === 'True'
}

/**
 * Whether the pod is ready since at least `minReadySeconds`. When it is ready but not long enough, says how many
 * milliseconds are missing through `wait`.
 */
export function isPodAvailable(pod: Pod, minReadySeconds: number, now: number, wait?: (ms: number) => void): boolean {
  const ready = podCondition(pod, 'Ready')
  if (ready?.status !== 'True') return false
  if (minReadySeconds === 0) return true
  const since = timeOf(ready.lastTransitionTime)
  if (Number.isNaN(since)) return false
  const missing = since + minReadySeconds * 1000 - now
  if (missing <= 0) return true
  wait?.(missing)
  return false
}

/** Whether the pod's containers have all ended and will not be started again. */
export function isPodFinished(pod: Pod): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed'
}

/** Whether the pod counts as a replica: it has not finished and is not being deleted. */
export function isPodActive(pod: Pod): boolean {
  return !isPodFinished(pod) && pod.metadata.deletionTimestamp === undefined
}

/** Whether the pod is being deleted but still there. */
export function isPodTerminating(pod: Pod): boolean {
  return !isPodFinished(pod) && pod.metadata.deletionTimestamp !== undefined
}

const BY_CONTROLLER = 'pods-by-controller'

/** The shared informer of pods, indexed by controlling owner; see {@link podsControlledBy} and {@link podsWithoutController}. */
export function podInformer(informers: Informers): Informer<Pod> {
  const informer = informers.for<Pod>(resources.pods)
  informer.addIndex(BY_CONTROLLER, controllerIndexKeys)
  return informer
}

function controllerIndexKeys(pod: Pod): readonly string[] {
  const owner = controllerOf(pod)
  return [owner ? owner.uid : `orphans/${pod.metadata.namespace}`]
}

/** The pods whose controller has this uid. */
export function podsControlledBy(informer: Informer<Pod>, uid: string): readonly Pod[] {
  return informer.byIndex(BY_CONTROLLER, uid)
}

/** The pods of a namespace that nobody controls. */
export function podsWithoutController(informer: Informer<Pod>, namespace: string): readonly Pod[] {
  return informer.byIndex(BY_CONTROLLER, `orphans/${namespace}`)
}

/** Annotation by which a user ranks pods for deletion; lower goes first (KEP-2255). */
const DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost'

function deletionCost(pod: Pod): number {
  const text = pod.metadata.annotations?.[DELETION_COST]
  return text !== undefined && /^(0|[-+]?[1-9]\d*)$/.test(text) ? Number(text) : 0
}

const phaseRank: Record<string, number> = { Pending: 0, Unknown: 1, Running: 2 }

function restarts(pod: Pod): { containers: number; sidecars: number } {
  let containers = 0
  let sidecars = 0
  for (const s of pod.status?.containerStatuses ?? []) containers = Math.max(containers, s.restartCount)
  for (const s of pod.status?.initContainerStatuses ?? []) sidecars = Math.max(sidecars, s.restartCount)
  return { containers, sidecars }
}

/** Ages are compared by their order of magnitude, so that no pod's lifetime is decided by seconds (KEP-2185). */
function magnitude(ageMs: number): number {
  return ageMs <= 0 ? -1 : Math.floor(Math.log2(ageMs * 1e6))
}

function byAge(a: number, b: number, now: number): number {
  // Without a time first; then the younger by magnitude.
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(b)) - Number(Number.isNaN(a))
  return magnitude(now - a) - magnitude(now - b)
}

/**
 * Sorts pods by who should be deleted first, as the ReplicaSet controller documents it: unassigned, pending, not ready,
 * lower deletion cost, more colocated, ready for less time, more restarts, younger.
 *
 * @param colocated for each pod how many pods of the same family run on its node
 * @param now cluster time in ms
 */
export function byDeletionPriority(pods: readonly Pod[], colocated: ReadonlyMap<Pod, number>, now: number): Pod[] {
  const compare = (a: Pod, b: Pod): number => {
    const assigned = Number(!!a.spec?.nodeName) - Number(!!b.spec?.nodeName)
    if (assigned) return assigned
    const phase = (phaseRank[a.status?.phase ?? 'Pending'] ?? 0) - (phaseRank[b.status?.phase ?? 'Pending'] ?? 0)
    if (phase) return phase
    const ready = Number(isPodReady(a)) - Number(isPodReady(b))
    if (ready) return ready
    const cost = deletionCost(a) - deletionCost(b)
    if (cost) return cost
    const rank = (colocated.get(b) ?? 0) - (colocated.get(a) ?? 0)
    if (rank) return rank
    if (isPodReady(a) && isPodReady(b)) {
      const since = byAge(timeOf(podCondition(a, 'Ready')?.lastTransitionTime), timeOf(podCondition(b, 'Ready')?.lastTransitionTime), now)
      if (since) return since
    }
    const ra = restarts(a)
    const rb = restarts(b)
    if (ra.containers !== rb.containers) return rb.containers - ra.containers
    if (ra.sidecars !== rb.sidecars) return rb.sidecars - ra.sidecars
    const age = byAge(timeOf(a.metadata.creationTimestamp), timeOf(b.metadata.creationTimestamp), now)
    if (age) return age
    return a.metadata.uid! < b.metadata.uid! ? -1 : 1
  }
  return [...pods].sort(compare)
}

/** How many active pods of `family` share the node of each of `pods`. */
export function colocation(pods: readonly Pod[], family: Iterable<Pod>): Map<Pod, number> {
  const onNode = new Map<string, number>()
  for (const p of family) {
    const node = p.spec?.nodeName
    if (node && isPodActive(p)) onNode.set(node, (onNode.get(node) ?? 0) + 1)
  }
  return new Map(pods.map((p) => [p, onNode.get(p.spec?.nodeName ?? '') ?? 0]))
}

/** A pod's condition as it should be written; null when nothing would change. */
export function withPodCondition(pod: Pod, condition: PodCondition, now: string): PodCondition[] | null {
  const conditions = pod.status?.conditions ?? []
  const old = conditions.find((c) => c.type === condition.type)
  if (old && old.status === condition.status && old.reason === condition.reason && old.message === condition.message) return null
  const since = old?.status === condition.status ? old.lastTransitionTime : now
  const fresh = { ...condition, lastTransitionTime: since ?? now }
  return old ? conditions.map((c) => (c === old ? fresh : c)) : [...conditions, fresh]
}

/** Deletes a pod only if it is still the very one that was meant. A pod that is gone already is fine. */
export async function deletePod(client: Client, pod: Pod, gracePeriodSeconds?: number): Promise<void> {
  await client.resource<Pod>(resources.pods).delete(pod.metadata.namespace!, pod.metadata.name!, {
    preconditions: { uid: pod.metadata.uid! },
    ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
  })
}
