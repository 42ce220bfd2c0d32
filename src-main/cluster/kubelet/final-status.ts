/** What the statuses of a pod's containers say when the pod has ended, whatever was seen of them (https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#container-states). */
import type { ContainerStatus, Pod } from '../api/object.js'
import { isSidecar } from './pod-state.js'

/** The statuses of a pod's containers, in the order of its spec. */
export interface Statuses {
  init: ContainerStatus[]
  main: ContainerStatus[]
}

/** Whether a container has ever been more than about to start. */
function hasBegun({ state, lastState }: ContainerStatus): boolean {
  return state?.waiting === undefined || lastState?.terminated !== undefined
}

/** Whether it had come to the main containers: always so without init containers. */
function cameToMain(pod: Pod, { init, main }: Statuses): boolean {
  const last = init.at(-1)
  if (!last || main.some(hasBegun)) return true
  if (isSidecar(pod.spec!.initContainers!.at(-1)!, 'init')) return last.state?.running !== undefined && last.started === true
  return last.lastState?.terminated?.exitCode === 0 || last.state?.terminated?.exitCode === 0
}

/**
 * Fills what is unknown at the end of a pod: a container whose end nobody saw counts as failed, also one that never ran
 * though its turn had come. Those that still waited for others to initialize the pod go on waiting.
 */
export function closeStatuses(pod: Pod, { init, main }: Statuses): Statuses {
  // The first of them had its turn in any case.
  const begun = Math.max(1, init.map(hasBegun).lastIndexOf(true) + 1)
  return { init: init.map((s, i) => (i < begun ? closed(s) : s)), main: cameToMain(pod, { init, main }) ? main.map(closed) : main }
}

function closed(status: ContainerStatus): ContainerStatus {
  if (status.state?.terminated) return status
  return {
    ...status,
    ready: false,
    state: {
      terminated: {
        exitCode: 137,
        reason: 'ContainerStatusUnknown',
        message: 'The container could not be located when the pod was terminated',
      },
    },
  }
}
