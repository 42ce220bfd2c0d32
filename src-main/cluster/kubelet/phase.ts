/** The phase of a pod from its containers' statuses. Kubernetes documentation, "Pod Lifecycle", "Pod phase". */
import type { ContainerStatus, Pod } from '../api/object.js'
import { isSidecar, restartsAfter } from './pod-state.js'
import { RESTARTING_ALL } from './restart-all.js'

export type Phase = 'Pending' | 'Running' | 'Succeeded' | 'Failed'

/** Whether a container waits because all containers of its pod begin anew: how it ended does not matter then. */
function beginsAnew(status: ContainerStatus | undefined): boolean {
  return status?.state?.waiting !== undefined && status.lastState?.terminated?.reason === RESTARTING_ALL.reason
}

/**
 * @param statuses of init and main containers
 * @param terminal no container will be started again, whatever the restart policy
 * @param initialized a main container is running or about to: sidecars that restart do not take the pod back to Pending
 */
export function podPhase(pod: Pod, statuses: readonly ContainerStatus[], terminal: boolean, initialized: boolean): Phase {
  const byName = new Map(statuses.map((s) => [s.name, s]))
  let pendingInit = 0
  let pendingSidecars = 0
  let waiting = 0
  let running = 0
  let stopped = 0
  let finished = 0
  let succeeded = 0
  let unknown = 0

  for (const c of pod.spec!.initContainers ?? []) {
    const s = byName.get(c.name)
    const ended = s?.state?.terminated ?? (s?.state?.waiting ? s.lastState?.terminated : undefined)
    if (isSidecar(c, 'init')) {
      if (s?.state?.running) {
        running++
        if (!s.started) pendingSidecars++
      } else if (!ended) {
        pendingSidecars++
        if (s?.state?.waiting) waiting++
        else unknown++
      }
    } else if (!ended || s?.state?.running || beginsAnew(s)) {
      pendingInit++
    } else if (ended.exitCode !== 0 && !restartsAfter(c, 'init', pod, ended.exitCode)) {
      return 'Failed'
    } else if (ended.exitCode !== 0) {
      pendingInit++
    }
  }

  for (const c of pod.spec!.containers) {
    const s = byName.get(c.name)
    if (s?.state?.running) {
      running++
      continue
    }
    const ended = s?.state?.terminated ?? (s?.state?.waiting ? s.lastState?.terminated : undefined)
    if (ended) {
      stopped++
      if (ended.exitCode === 0 && s?.state?.terminated) succeeded++
      if (!beginsAnew(s) && !restartsAfter(c, 'main', pod, ended.exitCode)) finished++
    } else if (s?.state?.waiting) waiting++
    else unknown++
  }

  if (pendingInit > 0 || (pendingSidecars > 0 && !initialized) || waiting > 0) return 'Pending'
  if (running > 0 && unknown === 0) return 'Running'
  if (running === 0 && stopped > 0 && unknown === 0) {
    if (!terminal && stopped !== finished) return 'Running'
    return stopped === succeeded ? 'Succeeded' : 'Failed'
  }
  return 'Pending'
}
