/** How long a Job waits before it makes pods again after failures: 10 s, 20 s, 40 s … at most 10 min (https://kubernetes.io/docs/concepts/workloads/controllers/job/#pod-backoff-failure-policy). */
import type { Pod } from '../api/object.js'
import { failuresBefore } from './job-indexes.js'
import { podCondition, timeOf } from './pods.js'

const BACKOFF_MS = 10_000
const MAX_BACKOFF_MS = 600_000

/** Failures since a Job's last success, and when the last of them was (ms). */
export interface Failures {
  readonly count: number
  readonly last: number
}

const NONE: Failures = { count: 0, last: 0 }

/** The failures in a row once pods that have just ended are added: a success forgives all failures up to it. */
export function failuresAfter(before: Failures = NONE, succeeded: readonly Pod[], failed: readonly Pod[]): Failures {
  const success = Math.max(...succeeded.map(finishTime))
  const since = failed.map(finishTime).filter((at) => at > success)
  const count = (succeeded.length ? 0 : before.count) + since.length
  return count === 0 ? NONE : { count, last: since.length ? Math.max(...since) : before.last }
}

/** Milliseconds until the next pod may be made after some failures; 0 or less when it may be now. */
export function backoffLeft({ count, last }: Failures, now: number): number {
  if (count === 0) return 0
  return last + Math.min(BACKOFF_MS * 2 ** (count - 1), MAX_BACKOFF_MS) - now
}

/**
 * Of indexes that want a pod those that may have one now, and how long the first of the others has to wait, ms.
 *
 * @param failed the failed pod that waits to be replaced, by index
 */
export function dueIndexes(indexes: readonly number[], failed: ReadonlyMap<number, Pod>, now: number): { indexes: number[]; left: number } {
  const due: number[] = []
  let left = Infinity
  for (const index of indexes) {
    const last = failed.get(index)
    const before = last && failuresBefore(last)
    const wait = before ? backoffLeft({ count: before.counted + before.ignored + 1, last: finishTime(last) }, now) : 0
    if (wait <= 0) due.push(index)
    else left = Math.min(left, wait)
  }
  return { indexes: due, left: left === Infinity ? 0 : left }
}

/**
 * When a pod ended, ms: when the last of its containers did; else when it stopped to be ready; else when its deletion was
 * asked for; else when it was made.
 */
export function finishTime(pod: Pod): number {
  const sidecars = (pod.status?.initContainerStatuses ?? []).filter((s) =>
    pod.spec?.initContainers?.some((c) => c.name === s.name && c.restartPolicy === 'Always'),
  )
  // NaN wins: the end is only known when every container has one.
  const ends = [...(pod.status?.containerStatuses ?? []), ...sidecars].map((s) => timeOf(s.state?.terminated?.finishedAt))
  const ended = ends.length ? Math.max(...ends) : NaN
  if (!Number.isNaN(ended)) return ended
  const ready = podCondition(pod, 'Ready')
  const unready = ready?.status === 'False' ? timeOf(ready.lastTransitionTime) : NaN
  if (!Number.isNaN(unready)) return unready
  const { deletionTimestamp, deletionGracePeriodSeconds = 0, creationTimestamp } = pod.metadata
  return deletionTimestamp === undefined ? timeOf(creationTimestamp) : timeOf(deletionTimestamp) - Number(deletionGracePeriodSeconds) * 1000
}
