/**
 * How ended pods come into a Job's counts: their uids are noted in the status first, then they lose their finalizer, and
 * only then they are numbers. Whatever breaks in between, none is forgotten and none counted twice
 * (https://kubernetes.io/docs/concepts/workloads/controllers/job/#job-tracking-with-finalizers).
 */
import type { Pod } from '../api/object.js'
import type { End } from './job-conditions.js'
import { formatIndexes, indexOf } from './job-indexes.js'
import type { Job } from './job-policy.js'
import type { Progress } from './job-progress.js'
import { counts, hasFailed, isIndexed, isOfJobsIndexes } from './job-progress.js'

/** So many ended pods are noted in one sync, which keeps the status small. */
const MAX_NOTED = 500

type JobStatus = NonNullable<Job['status']>

/** What a sync writes: the counts of the status, and the uids of pods on their way into them. */
export interface Tally {
  status: JobStatus
  /** Pods that may lose their finalizer once the status is stored. */
  release: Pod[]
  /** Whether there was room to note all of them. */
  all: boolean
}

/**
 * Notes in `status` which pods have ended, and tells which may go. When a Job is over all of them may: those that still
 * run have failed with it, and do not matter to one that has succeeded.
 */
export function noteEnded(job: Job, p: Progress, status: JobStatus, end: End | undefined): Tally {
  const noted = {
    succeeded: [...(status.uncountedTerminatedPods?.succeeded ?? [])],
    failed: [...(status.uncountedTerminatedPods?.failed ?? [])],
  }
  const indexed = isIndexed(job)
  const release: Pod[] = []
  let all = true
  for (const pod of p.tracked) {
    const uid = pod.metadata.uid!
    const succeeded = pod.status?.phase === 'Succeeded'
    const failed = hasFailed(job, pod)
    if (!mayGo(job, p, pod, end, succeeded, failed)) continue
    if (noted.succeeded.length + noted.failed.length >= MAX_NOTED) {
      all = false
      break
    }
    release.push(pod)
    // The index of a success is enough to know it again.
    if (succeeded && !noted.failed.includes(uid)) {
      if (!indexed && !noted.succeeded.includes(uid)) noted.succeeded.push(uid)
    } else if ((failed || end?.type === 'Failed') && isOfJobsIndexes(job, pod) && counts(job, pod) && !noted.failed.includes(uid)) {
      noted.failed.push(uid)
    }
  }
  setNoted(status, noted)
  if (indexed) {
    setOrDrop(status, 'succeeded', p.succeededIndexes.size || undefined)
    setOrDrop(status, 'completedIndexes', formatIndexes(p.succeededIndexes) || undefined)
    setOrDrop(status, 'failedIndexes', p.failedIndexes && formatIndexes(p.failedIndexes))
  }
  return { status, release, all }
}

function mayGo(job: Job, p: Progress, pod: Pod, end: End | undefined, succeeded: boolean, failed: boolean): boolean {
  if (job.metadata.deletionTimestamp !== undefined || end || succeeded) return true
  const index = indexOf(pod)
  return failed && (index === undefined || p.awaitingReplacement.get(index)?.metadata.uid !== pod.metadata.uid)
}

/** Turns the noted pods that no longer hold their finalizer into numbers. `held`: uids of those that do. */
export function countReleased(status: JobStatus, held: ReadonlySet<string>): void {
  const { succeeded = [], failed = [] } = status.uncountedTerminatedPods ?? {}
  const left = { succeeded: succeeded.filter((uid) => held.has(uid)), failed: failed.filter((uid) => held.has(uid)) }
  const add = (count: number | undefined, more: number): number | undefined => (count ?? 0) + more || undefined
  setOrDrop(status, 'succeeded', add(status.succeeded, succeeded.length - left.succeeded.length))
  setOrDrop(status, 'failed', add(status.failed, failed.length - left.failed.length))
  setNoted(status, left)
}

/** Whether pods are noted that are not counted yet. */
export function hasNoted({ uncountedTerminatedPods: noted }: JobStatus): boolean {
  return !!(noted?.succeeded?.length || noted?.failed?.length)
}

function setNoted(status: JobStatus, { succeeded, failed }: { succeeded: string[]; failed: string[] }): void {
  status.uncountedTerminatedPods = { ...(succeeded.length ? { succeeded } : {}), ...(failed.length ? { failed } : {}) }
}

function setOrDrop<K extends keyof JobStatus>(status: JobStatus, key: K, value: JobStatus[K] | undefined): void {
  if (value === undefined) delete status[key]
  else status[key] = value
}
