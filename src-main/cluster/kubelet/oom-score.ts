/**
 * How readily the kernel kills the processes of a container when a node runs out of memory
 * (https://kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction/#node-out-of-memory-behavior).
 */
import type { Container, Pod } from '../api/object.js'
import { isCritical } from './critical-pods.js'
import { isSidecar } from './pod-state.js'
import { qosClass } from './qos.js'
import { bytes } from './quantity.js'

const GUARANTEED = -997
const BEST_EFFORT = 1000
const NODE_CRITICAL = 'system-node-critical'

/**
 * The `oom_score_adj` of a container.
 *
 * @param capacity the memory of the node, bytes
 */
export function oomScoreAdjust(pod: Pod, container: Container, capacity: number): number {
  const spec = pod.spec!
  if (isCritical(pod) && spec.priorityClassName === NODE_CRITICAL) return GUARANTEED
  const quality = qosClass(pod)
  if (quality !== 'Burstable') return quality === 'Guaranteed' ? GUARANTEED : BEST_EFFORT
  const share = unclaimedShare(pod)
  const scoreOf = (request: number): number => BEST_EFFORT - Math.floor((BEST_EFFORT * (request + share)) / capacity)
  let score = scoreOf(requestOf(container))
  // One that serves the others is not killed before them.
  const isHelper = spec.initContainers?.some((c) => c.name === container.name && isSidecar(c, 'init'))
  if (isHelper) score = Math.min(score, scoreOf(Math.min(...spec.containers.map(requestOf))))
  // Between those that have all they asked for, and those that asked for nothing.
  return Math.min(Math.max(score, BEST_EFFORT + GUARANTEED), BEST_EFFORT - 1)
}

/** What each container has of the memory that the pod asks for as a whole and none of them does, bytes. */
function unclaimedShare({ spec }: Pod): number {
  const whole = spec!.resources?.requests?.memory
  if (whole === undefined) return 0
  const all = [...(spec!.initContainers ?? []).filter((c) => isSidecar(c, 'init')), ...spec!.containers]
  const left = bytes(whole) - all.reduce((sum, c) => sum + requestOf(c), 0)
  return left > 0 ? Math.floor(left / all.length) : 0
}

function requestOf({ resources }: Container): number {
  return bytes(resources?.requests?.memory)
}
