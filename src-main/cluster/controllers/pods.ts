/** What controllers ask of pods: their conditions, whether they count, and whom they belong to. */
import type { Client, Informer, Informers } from '../api/client.js'
import { resources } from '../api/client.js'
import type { Pod, PodCondition } from '../api/object.js'
import { controllerOf } from '../api/object.js'

/** Milliseconds since the epoch of an RFC 3339 time; NaN when there is none. */
export function timeOf(time: string | undefined | null): number {
  return time ? Date.parse(time) : NaN
}

/** Go's zero time, the first of January of the year 1: what a time that is missing is there. */
const ZERO_TIME = -62_135_596_800_000

/** As {@link timeOf}; a time that is missing is long ago, as the zero time of Go is. */
export function timeOrLongAgo(time: string | undefined | null): number {
  return time ? Date.parse(time) : ZERO_TIME
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
