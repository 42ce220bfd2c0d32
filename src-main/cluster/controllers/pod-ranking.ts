/** Which of a workload's pods to delete first when there are too many. */
import type { Pod } from '../api/object.js'
import { isPodActive, isPodReady, podCondition, timeOf } from './pods.js'

/** Annotation by which a user ranks pods for deletion; lower goes first (KEP-2255). */
const DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost'

function deletionCost(pod: Pod): number {
  const text = pod.metadata.annotations?.[DELETION_COST]
  return text !== undefined && /^(0|[-+]?[1-9]\d*)$/.test(text) ? Number(text) : 0
}

const phaseRank: Record<string, number> = { Pending: 0, Unknown: 1, Running: 2 }

/** The most restarts of a container and of a sidecar; init containers that have ended long ago tell nothing. */
function restarts(pod: Pod): { containers: number; sidecars: number } {
  let containers = 0
  let sidecars = 0
  for (const s of pod.status?.containerStatuses ?? []) containers = Math.max(containers, s.restartCount)
  for (const s of pod.status?.initContainerStatuses ?? []) {
    const isSidecar = pod.spec?.initContainers?.some((c) => c.name === s.name && c.restartPolicy === 'Always')
    if (isSidecar) sidecars = Math.max(sidecars, s.restartCount)
  }
  return { containers, sidecars }
}

/** Unassigned pods first, then those that are pending, then those that are not ready. */
function byProgress(a: Pod, b: Pod): number {
  return (
    Number(!!a.spec?.nodeName) - Number(!!b.spec?.nodeName) ||
    (phaseRank[a.status?.phase ?? 'Pending'] ?? 0) - (phaseRank[b.status?.phase ?? 'Pending'] ?? 0) ||
    Number(isPodReady(a)) - Number(isPodReady(b))
  )
}

function byRestarts(a: Pod, b: Pod): number {
  const [ra, rb] = [restarts(a), restarts(b)]
  return rb.containers - ra.containers || rb.sidecars - ra.sidecars
}

const readySince = (pod: Pod): number => timeOf(podCondition(pod, 'Ready')?.lastTransitionTime)
const madeAt = (pod: Pod): number => timeOf(pod.metadata.creationTimestamp)

/** The later time first, and what has no time before all. */
function laterFirst(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(b)) - Number(Number.isNaN(a))
  return b - a
}

/** Ages are compared by their order of magnitude, so that no pod's lifetime is decided by seconds (KEP-2185). */
function magnitude(ageMs: number): number {
  return ageMs <= 0 ? -1 : Math.floor(Math.log2(ageMs * 1e6))
}

/**
 * Sorts pods by who should be deleted first, as the ReplicaSet controller documents it: unassigned, pending, not ready,
 * lower deletion cost, more colocated, ready for less time, more restarts, younger. Two times of one order of magnitude
 * decide nothing, and leave the choice to the uids.
 *
 * @param colocated for each pod how many pods of the same family run on its node
 * @param now cluster time in ms
 */
export function byDeletionPriority(pods: readonly Pod[], colocated: ReadonlyMap<Pod, number>, now: number): Pod[] {
  const byAge = (a: Pod, b: Pod, time: (pod: Pod) => number): number => {
    const [ta, tb] = [time(a), time(b)]
    if (ta === tb || Number.isNaN(ta) || Number.isNaN(tb)) return laterFirst(ta, tb)
    return magnitude(now - ta) - magnitude(now - tb) || (a.metadata.uid! < b.metadata.uid! ? -1 : 1)
  }
  return [...pods].sort(
    (a, b) =>
      byProgress(a, b) ||
      deletionCost(a) - deletionCost(b) ||
      (colocated.get(b) ?? 0) - (colocated.get(a) ?? 0) ||
      (isPodReady(a) && isPodReady(b) ? byAge(a, b, readySince) : 0) ||
      byRestarts(a, b) ||
      byAge(a, b, madeAt),
  )
}

/** The same for the pods of a Job, whose ages count to the second: no costs, no neighbours. */
export function byActivity(pods: readonly Pod[]): Pod[] {
  return [...pods].sort(
    (a, b) =>
      byProgress(a, b) ||
      (isPodReady(a) && isPodReady(b) ? laterFirst(readySince(a), readySince(b)) : 0) ||
      byRestarts(a, b) ||
      laterFirst(madeAt(a), madeAt(b)),
  )
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
