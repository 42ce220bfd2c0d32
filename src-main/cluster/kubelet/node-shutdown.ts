/**
 * Graceful node shutdown: pods get time to end before the machine goes off, ordinary ones first
 * (https://kubernetes.io/docs/concepts/cluster-administration/node-shutdown/#graceful-node-shutdown).
 */
import type { Clock } from '../clock.js'
import { parseGoDuration } from '../go-duration.js'
import type { Refusal } from './admission.js'
import { CRITICAL_PRIORITY } from './critical-pods.js'
import type { KubeletConfiguration } from './kubelet-configuration.js'
import type { PodWorker } from './pod-worker.js'

/** What pods say that ended with their node. */
const TERMINATED = 'Pod was terminated in response to imminent node shutdown.'

/** Why a node that shuts down takes no more pods. */
export const SHUTTING_DOWN: Refusal = { reason: 'NodeShutdown', message: 'Pod was rejected as the node is shutting down.' }

/** Pods from this priority on, up to that of the next step, are waited for so long, s. */
export interface ShutdownStep {
  readonly priority: number
  readonly seconds: number
}

/** The steps of a shutdown, the lowest priority first; none when it does not wait for pods. */
export function shutdownSteps(configuration: KubeletConfiguration): ShutdownStep[] {
  const byPriority = configuration.shutdownGracePeriodByPodPriority ?? []
  if (byPriority.length)
    return byPriority
      .map(({ priority, shutdownGracePeriodSeconds: seconds }) => ({ priority, seconds }))
      .sort((a, b) => a.priority - b.priority)
  const seconds = (duration = '0s'): number => Math.floor((parseGoDuration(duration) ?? 0) / 1000)
  const all = seconds(configuration.shutdownGracePeriod)
  const critical = seconds(configuration.shutdownGracePeriodCriticalPods)
  if (all === 0 || critical > all) return []
  return [
    { priority: 0, seconds: all - critical },
    { priority: CRITICAL_PRIORITY, seconds: critical },
  ]
}

/** The step that a pod of this priority ends in: the last one that begins at it or below, or else the first. */
export function stepOf(steps: readonly ShutdownStep[], priority: number): ShutdownStep {
  return [...steps].reverse().find((step) => step.priority <= priority) ?? steps[0]!
}

/**
 * Ends the pods of a node step by step. A step is over when its pods have ended, or its time is up.
 *
 * @param workers the pods that are active on the node
 */
export async function endPods(clock: Clock, steps: readonly ShutdownStep[], workers: readonly PodWorker[]): Promise<void> {
  for (const step of steps) {
    const pods = workers.filter(({ state }) => stepOf(steps, state.pod.spec!.priority ?? 0) === step)
    if (pods.length === 0) continue
    const timeUp = new AbortController()
    const ended = pods.map((worker) => {
      const own = Number(worker.state.pod.spec!.terminationGracePeriodSeconds ?? step.seconds)
      worker.evict('Terminated', TERMINATED, { graceSeconds: Math.max(1, Math.min(own, step.seconds)), disrupted: TERMINATED })
      return worker.whenEnded()
    })
    await Promise.race([Promise.all(ended), clock.sleep(step.seconds * 1000, timeUp.signal).catch(() => undefined)])
    timeUp.abort()
  }
}
