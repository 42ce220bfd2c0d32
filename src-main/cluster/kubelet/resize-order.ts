/** Which of the pods that wait for more resources are given room first (https://kubernetes.io/docs/tasks/configure-pod-container/resize-container-resources/#priority-of-deferred-resizes). */
import type { Pod } from '../api/object.js'
import { podCondition, timeOf } from '../controllers/pods.js'
import { qosClass } from './qos.js'

const QUALITIES = ['Guaranteed', 'Burstable', 'BestEffort'] as const

function waitingSince(pod: Pod): number {
  const since = timeOf(podCondition(pod, 'PodResizePending')?.lastTransitionTime)
  return Number.isNaN(since) ? Infinity : since
}

/** Orders pods by priority, by quality of service, and by how long they have waited. */
export function resizeOrder(a: Pod, b: Pod): number {
  const priority = (b.spec!.priority ?? 0) - (a.spec!.priority ?? 0)
  const quality = QUALITIES.indexOf(qosClass(a)) - QUALITIES.indexOf(qosClass(b))
  const [first, second] = [waitingSince(a), waitingSince(b)]
  return priority || quality || (first === second ? 0 : first - second)
}
