/** `activeDeadlineSeconds` of a pod (https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#lifecycle). */
import { referenceTo } from '../controllers/events.js'
import type { NodeKubelet } from './node-kubelet.js'
import type { PodState } from './pod-state.js'

const MESSAGE = 'Pod was active on the node longer than the specified deadline'

/** Gives a pod its verdict that has been active for too long. Returns how long it may still be, ms; undefined when that does not matter. */
export function enforceDeadline({ clock, events }: NodeKubelet, state: PodState): number | undefined {
  const { activeDeadlineSeconds: seconds } = state.pod.spec!
  if (seconds === undefined || state.verdict) return undefined
  const left = state.startTime + seconds * 1000 - clock.now()
  if (left > 0) return left
  events.event(referenceTo('v1', 'Pod', state.pod), 'Normal', 'DeadlineExceeded', MESSAGE)
  state.verdict = { phase: 'Failed', reason: 'DeadlineExceeded', message: MESSAGE }
  return undefined
}
