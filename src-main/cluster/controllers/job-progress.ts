/** What one look at a Job's pods tells: what runs, what has ended and is not counted yet, and whether the Job is over. */
import type { Pod } from '../api/object.js'
import type { End } from './job-conditions.js'
import { failuresBefore, indexOf, parseIndexes } from './job-indexes.js'
import { finishTime } from './job-backoff.js'
import type { Job } from './job-policy.js'
import { failureVerdict, restartsOf, successVerdict } from './job-policy.js'
import { isPodActive, isPodTerminating, timeOf } from './pods.js'

export interface Progress {
  /** All pods of the Job that are there. */
  pods: readonly Pod[]
  active: Pod[]
  terminating: number
  /** Pods whose finalizer says that they have not been counted yet, whether they have ended or not. */
  tracked: readonly Pod[]
  /** Ended pods of the Job's indexes that nobody has noted yet; failures also when the policy ignores them. */
  newlySucceeded: Pod[]
  newlyFailed: Pod[]
  succeeded: number
  failed: number
  succeededIndexes: Set<number>
  /** Indexes that have used up their failures; undefined for a Job without a limit for each index. */
  failedIndexes: Set<number> | undefined
  /** The failed pod of each index that waits to be replaced: it is kept until another carries its count of failures. */
  awaitingReplacement: Map<number, Pod>
}

export const isIndexed = (job: Job): boolean => job.spec?.completionMode === 'Indexed'

/** Whether pods are replaced only once they have failed, and not as soon as they are being deleted. */
export function replacesOnlyFailed(job: Job): boolean {
  return job.spec?.podReplacementPolicy === 'Failed' || job.spec?.podFailurePolicy !== undefined
}

/** Whether a pod counts as failed: one that is being deleted may never get so far. */
export function hasFailed(job: Job, pod: Pod): boolean {
  return pod.status?.phase === 'Failed' || (!replacesOnlyFailed(job) && isPodTerminating(pod))
}

/** Whether a pod is of an index that the Job has; pods of a Job without indexes all are. */
export function isOfJobsIndexes(job: Job, pod: Pod): boolean {
  const index = indexOf(pod)
  return !isIndexed(job) || (index !== undefined && index < (job.spec?.completions ?? 0))
}

/** @param isTracked whether a pod still has the finalizer */
export function progressOf(job: Job, pods: readonly Pod[], isTracked: (pod: Pod) => boolean): Progress {
  const tracked = pods.filter(isTracked)
  const valid = tracked.filter((pod) => isOfJobsIndexes(job, pod))
  const { succeeded: doneBefore = 0, failed: failedBefore = 0, uncountedTerminatedPods: noted } = job.status ?? {}
  const newlySucceeded = valid.filter((pod) => pod.status?.phase === 'Succeeded' && !noted?.succeeded?.includes(pod.metadata.uid!))
  const newlyFailed = valid.filter((pod) => hasFailed(job, pod) && !noted?.failed?.includes(pod.metadata.uid!))
  const p: Progress = {
    pods,
    active: pods.filter(isPodActive),
    terminating: pods.filter(isPodTerminating).length,
    tracked,
    newlySucceeded,
    newlyFailed,
    succeeded: doneBefore + (noted?.succeeded?.length ?? 0) + newlySucceeded.length,
    failed: failedBefore + (noted?.failed?.length ?? 0) + newlyFailed.filter((pod) => counts(job, pod)).length,
    succeededIndexes: new Set(),
    failedIndexes: undefined,
    awaitingReplacement: new Map(),
  }
  if (isIndexed(job)) lookAtIndexes(job, valid, p)
  return p
}

/** Whether a failed pod counts as a failure. */
export function counts(job: Job, pod: Pod): boolean {
  return failureVerdict(job, pod)?.action !== 'Ignore'
}

function lookAtIndexes(job: Job, valid: readonly Pod[], p: Progress): void {
  const { completions, backoffLimitPerIndex } = job.spec!
  p.succeededIndexes = parseIndexes(job.status?.completedIndexes, completions)
  for (const pod of valid) if (pod.status?.phase === 'Succeeded') p.succeededIndexes.add(indexOf(pod)!)
  p.succeeded = p.succeededIndexes.size
  if (backoffLimitPerIndex === undefined) return
  p.failedIndexes = parseIndexes(job.status?.failedIndexes, completions)
  const failed = valid.filter((pod) => hasFailed(job, pod))
  for (const pod of failed) {
    const action = failureVerdict(job, pod)?.action
    const usedUp = action !== 'Ignore' && failuresBefore(pod).counted >= backoffLimitPerIndex
    if (action === 'FailIndex' || usedUp) p.failedIndexes.add(indexOf(pod)!)
  }
  const running = new Set(p.active.map(indexOf))
  for (const pod of failed) {
    const index = indexOf(pod)!
    if (running.has(index) || p.succeededIndexes.has(index) || p.failedIndexes.has(index)) continue
    const other = p.awaitingReplacement.get(index)
    if (!other || (totalBefore(other) <= totalBefore(pod) && finishTime(pod) >= finishTime(other))) p.awaitingReplacement.set(index, pod)
  }
}

function totalBefore(pod: Pod): number {
  const { counted, ignored } = failuresBefore(pod)
  return counted + ignored
}

/**
 * Why the Job is over while pods may still run: failures first, then a success policy that is met; undefined when it
 * goes on.
 *
 * @param startTime of the Job's status
 */
export function earlyEnd(job: Job, p: Progress, startTime: string | undefined, now: number): End | undefined {
  const spec = job.spec!
  const failed = (reason: string, message: string): End => ({ type: 'Failed', reason, message })
  if (spec.podFailurePolicy) {
    const verdicts = p.pods.filter((pod) => hasFailed(job, pod)).map((pod) => failureVerdict(job, pod))
    const fatal = verdicts.find((v) => v?.action === 'FailJob')
    if (fatal) return failed('PodFailurePolicy', fatal.message)
  }
  const limit = spec.backoffLimit ?? 6
  const restarts = spec.template.spec?.restartPolicy === 'OnFailure' ? restartsOf(p.pods) : 0
  if (p.failed > limit || (restarts > 0 && restarts >= limit))
    return failed('BackoffLimitExceeded', 'Job has reached the specified backoff limit')
  if (spec.activeDeadlineSeconds !== undefined && startTime && !spec.suspend) {
    if (now - timeOf(startTime) >= Number(spec.activeDeadlineSeconds) * 1000)
      return failed('DeadlineExceeded', 'Job was active longer than specified deadline')
  }
  if (!isIndexed(job)) return undefined
  const failures = p.failedIndexes?.size ?? 0
  if (spec.maxFailedIndexes !== undefined && failures > spec.maxFailedIndexes)
    return failed('MaxFailedIndexesExceeded', 'Job has exceeded the specified maximal number of failed indexes')
  if (failures > 0 && failures + p.succeeded >= spec.completions!) return failed('FailedIndexes', 'Job has failed indexes')
  const policy = successVerdict(job, p.succeededIndexes)
  return policy ? { type: 'Complete', reason: 'SuccessPolicy', message: policy } : undefined
}

/** Whether the Job has all the successes that it wants, and nothing runs any more. */
export function isDone(job: Job, succeeded: number, active: number): boolean {
  return active === 0 && (job.spec?.completions === undefined ? succeeded > 0 : succeeded >= job.spec.completions)
}
