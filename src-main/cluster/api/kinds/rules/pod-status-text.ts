/**
 * What `kubectl get pods` says of a pod: READY, STATUS and RESTARTS. The documented order of what wins: the pod's own
 * reason, scheduling gates, init containers until they are done, containers from last to first, deletion.
 */
import type { Pod, ContainerStatus } from '../../object.js'
import { humanDuration } from './duration.js'
import { items } from './sent.js'

export interface PodText {
  ready: string
  status: string
  restarts: string
}

/** The three cells of a pod. `now` is in milliseconds since the epoch. */
export function podText(pod: Pod, now: number): PodText {
  const status = pod.status ?? {}
  const containers = items(pod.spec?.containers)
  const initContainers = items(pod.spec?.initContainers)
  const sidecars = new Set(initContainers.filter((c) => c.restartPolicy === 'Always').map((c) => c.name))

  let reason = status.reason || status.phase || ''
  const scheduled = items(status.conditions).find((c) => c.type === 'PodScheduled')
  if (scheduled?.reason === 'SchedulingGated') reason = 'SchedulingGated'

  const init = initProgress(items(status.initContainerStatuses), sidecars, initContainers.length)
  let ready = init.ready
  let restarts = init.restarts
  if (init.reason) reason = init.reason
  if (!init.reason || isTrue(pod, 'Initialized')) {
    restarts = init.sidecarRestarts
    let running = false
    const statuses = items(status.containerStatuses)
    for (let i = statuses.length - 1; i >= 0; i--) {
      const c = statuses[i]!
      restarts = restarts.with(c)
      const { waiting, terminated } = c.state ?? {}
      if (waiting?.reason) reason = waiting.reason
      else if (terminated) reason = terminated.reason || exitText(terminated)
      else if (c.ready && c.state?.running) {
        running = true
        ready++
      }
    }
    // One container that still runs makes it a running pod, whatever the others have completed.
    if (reason === 'Completed' && running) reason = isTrue(pod, 'Ready') ? 'Running' : 'NotReady'
  }

  if (pod.metadata?.deletionTimestamp) {
    if (status.reason === 'NodeLost') reason = 'Unknown'
    else if (status.phase !== 'Succeeded' && status.phase !== 'Failed') reason = 'Terminating'
  }
  return { ready: `${ready}/${containers.length + sidecars.size}`, status: reason, restarts: restarts.text(now) }
}

/** Counts restarts and remembers the latest one. */
class Restarts {
  constructor(
    readonly count = 0,
    readonly last = 0,
  ) {}

  with(c: ContainerStatus): Restarts {
    const finished = Date.parse(c.lastState?.terminated?.finishedAt ?? '') || 0
    return new Restarts(this.count + (c.restartCount ?? 0), Math.max(this.last, finished))
  }

  text(now: number): string {
    return this.count !== 0 && this.last > 0 ? `${this.count} (${humanDuration(now - this.last)} ago)` : String(this.count)
  }
}

function initProgress(statuses: ContainerStatus[], sidecars: ReadonlySet<string>, total: number) {
  let restarts = new Restarts()
  let sidecarRestarts = new Restarts()
  let ready = 0
  let reason = ''
  for (const [i, c] of statuses.entries()) {
    const sidecar = sidecars.has(c.name)
    restarts = restarts.with(c)
    if (sidecar) sidecarRestarts = sidecarRestarts.with(c)
    const { waiting, terminated } = c.state ?? {}
    if (terminated && !terminated.exitCode) continue
    if (sidecar && c.started) {
      if (c.ready) ready++
      continue
    }
    if (terminated) reason = `Init:${terminated.reason || exitText(terminated)}`
    else if (waiting?.reason && waiting.reason !== 'PodInitializing') reason = `Init:${waiting.reason}`
    else reason = `Init:${i}/${total}`
    break
  }
  return { restarts, sidecarRestarts, ready, reason }
}

function exitText(terminated: { signal?: number; exitCode?: number }): string {
  return terminated.signal ? `Signal:${terminated.signal}` : `ExitCode:${terminated.exitCode ?? 0}`
}

function isTrue(pod: Pod, type: string): boolean {
  return items(pod.status?.conditions).find((c) => c.type === type)?.status === 'True'
}

/** The READINESS GATES cell: how many of the pod's gates have a true condition. */
export function readinessGates(pod: Pod): string {
  const gates = items(pod.spec?.readinessGates)
  if (gates.length === 0) return '<none>'
  return `${gates.filter((g) => isTrue(pod, g.conditionType)).length}/${gates.length}`
}
