/**
 * The Job controller: runs pods until enough of them have succeeded (https://kubernetes.io/docs/concepts/workloads/controllers/job/).
 * Every pod carries a finalizer until it has been counted, so that none is forgotten and none counted twice.
 */
import { resources } from '../api/client.js'
import { isReason } from '../api/errors.js'
import type { Pod } from '../api/object.js'
import { controllerOf, controllerRef, keyOf, splitKey } from '../api/object.js'
import { rfc3339 } from '../clock.js'
import { claim } from './adoption.js'
import type { Controller, ControllerContext } from './controller.js'
import { KeyedController } from './controller.js'
import { referenceTo } from './events.js'
import { Expectations } from './expectations.js'
import type { Failures } from './job-backoff.js'
import { backoffLeft, dueIndexes, failuresAfter } from './job-backoff.js'
import type { Condition, End } from './job-conditions.js'
import { isFinished, plannedEnd, withCondition } from './job-conditions.js'
import { countReleased, hasNoted, noteEnded } from './job-counting.js'
import { indexOf, surplusOfIndexes } from './job-indexes.js'
import { hasFinalizer, newPod, TRACKING_FINALIZER } from './job-pods.js'
import type { Job } from './job-policy.js'
import { failuresOf } from './job-policy.js'
import type { Progress } from './job-progress.js'
import { earlyEnd, isDone, isIndexed, progressOf, replacesOnlyFailed } from './job-progress.js'
import { listenToOwnedPods, resolveOwner } from './ownedpods.js'
import { byActivity } from './pod-ranking.js'
import { createPod, deleteOwnedPod, firstError, isNamespaceTerminating, slowStart } from './podcontrol.js'
import { isPodReady, podInformer, podsControlledBy, podsWithoutController, timeOf } from './pods.js'
import { matcherOf } from './selector.js'
import { updateStatus } from './status.js'
import { sameValue } from './templatehash.js'

const BURST = 500
/** The name by which `spec.managedBy` means this controller. */
const OWN_NAME = 'kubernetes.io/job-controller'

type JobStatus = NonNullable<Job['status']>

export function startJobController(ctx: ControllerContext): Controller {
  const client = ctx.client.resource<Job>(resources.jobs)
  const podClient = ctx.client.resource<Pod>(resources.pods)
  const jobs = ctx.informers.for<Job>(resources.jobs)
  const pods = podInformer(ctx.informers)
  const expectations = new Expectations(ctx.clock)
  /** Failures in a row of each job, by uid. */
  const backoffs = new Map<string, Failures>()
  /** Uids of pods that have lost their finalizer, until the cache has them without it. */
  const released = new Set<string>()
  const isTracked = (pod: Pod): boolean => hasFinalizer(pod) && !released.has(pod.metadata.uid!)
  const controller = new KeyedController(ctx, { name: 'job-controller', sync })

  controller.listen(jobs, {
    add: (job) => controller.queue.add(keyOf(job)),
    update: (_old, job) => controller.queue.add(keyOf(job)),
    delete(job) {
      expectations.delete(keyOf(job))
      backoffs.delete(job.metadata.uid!)
      for (const pod of podsControlledBy(pods, job.metadata.uid!)) void releaseOrphan(pod)
    },
  })
  listenToOwnedPods<Job>({
    controller,
    pods,
    ownerKind: 'Job',
    owners: jobs,
    expectations,
    *matching(pod) {
      for (const job of jobs.list(pod.metadata.namespace)) if (matcherOf(job.spec?.selector)(pod.metadata.labels)) yield job
    },
  })
  // Pods whose Job is gone or is through would keep their finalizer for ever.
  const onPod = (pod: Pod): void => {
    if (hasFinalizer(pod)) void releaseOrphan(pod)
    else released.delete(pod.metadata.uid!)
  }
  const afterJobs = {
    add: onPod,
    update: (_old: Pod, pod: Pod) => onPod(pod),
    delete: (pod: Pod) => void released.delete(pod.metadata.uid!),
  }
  void Promise.all([jobs.synced, pods.synced]).then(() => controller.listen(pods, afterJobs))
  return controller.startAfter(jobs, pods)

  async function releaseOrphan(pod: Pod): Promise<void> {
    const ref = controllerOf(pod)
    if (ref && ref.kind !== 'Job') return
    const job = resolveOwner(jobs, 'Job', pod.metadata.namespace!, ref)
    if (job && (!isFinished(job) || isManagedElsewhere(job))) return
    if (!job && ref) {
      const live = await client.get(pod.metadata.namespace!, ref.name).catch(() => undefined)
      if (live?.metadata.uid === ref.uid) return
    }
    await removeFinalizer(pod).catch((error: unknown) => ctx.log(`releasing the pod ${keyOf(pod)} failed`, error))
  }

  async function sync(key: string): Promise<void> {
    const { namespace, name } = splitKey(key)
    const job = jobs.get(namespace, name)
    if (!job) return expectations.delete(key)
    if (isManagedElsewhere(job)) return
    if (isFinished(job)) return void backoffs.delete(job.metadata.uid!)
    const mayAct = expectations.satisfied(key)
    const progress = progressOf(job, await claimPods(job), isTracked)
    const suspended = job.spec?.suspend === true
    const now = ctx.clock.now()
    const status: JobStatus = { ...job.status }
    let conditions: Condition[] = [...(job.status?.conditions ?? [])]
    if (!status.startTime && !suspended) status.startTime = rfc3339(now)
    const failures = failuresAfter(backoffs.get(job.metadata.uid!), progress.newlySucceeded, progress.newlyFailed)

    // Whether it is over, and what is done about its pods.
    let end = plannedEnd(conditions) ?? earlyEnd(job, progress, status.startTime, now)
    let { active, terminating } = progress
    let error: unknown
    const removed = (victims: readonly Pod[]): void => {
      terminating += victims.length
      active = active.filter((pod) => !victims.includes(pod))
    }
    if (end) {
      // It is not over while pods may be there that the cache does not have.
      if (!mayAct) end = undefined
      else {
        error = await removePods(key, job, active, false)
        if (error === undefined) removed(active)
        else end = undefined
      }
    } else {
      if (job.spec?.activeDeadlineSeconds !== undefined && status.startTime && !suspended)
        controller.queue.addAfter(key, timeOf(status.startTime) + Number(job.spec.activeDeadlineSeconds) * 1000 - now)
      const manages = mayAct && job.metadata.deletionTimestamp === undefined
      if (manages) {
        const managed = await manage(key, job, progress, failures)
        error = managed.error
        if (error === undefined) removed(managed.removed)
        active = [...active, ...managed.made]
      }
      if (isDone(job, progress.succeeded, active.length))
        end = { type: 'Complete', reason: 'CompletionsReached', message: 'Reached expected number of succeeded pods' }
      else if (manages) conditions = withSuspension(conditions, suspended, status, now)
    }
    if (end) {
      const target = end.type === 'Complete' ? 'SuccessCriteriaMet' : 'FailureTarget'
      conditions = withCondition(conditions, target, 'True', end.reason, end.message, now)
    }
    Object.assign(status, { active: active.length, ready: active.filter(isPodReady).length, terminating })
    if (active.length === 0) delete status.active
    if (conditions.length) status.conditions = conditions

    await settle(job, progress, status, end, failures)
    if (error !== undefined) throw error
  }

  /** The conditions of a Job that goes on, and its start, which a suspended one does not have. */
  function withSuspension(conditions: readonly Condition[], suspended: boolean, status: JobStatus, now: number): Condition[] {
    const was = conditions.find((c) => c.type === 'Suspended')?.status === 'True'
    if (suspended === was) return [...conditions]
    if (suspended) {
      delete status.startTime
      return withCondition(conditions, 'Suspended', 'True', 'JobSuspended', 'Job suspended', now)
    }
    // The active deadline counts from here.
    status.startTime = rfc3339(now)
    return withCondition(conditions, 'Suspended', 'False', 'JobResumed', 'Job resumed', now)
  }

  /**
   * Stores the status with the ended pods noted, takes their finalizers, and stores the counts; a Job that has come to
   * its `end` is over with that, as soon as no pod is left.
   */
  async function settle(job: Job, p: Progress, status: JobStatus, end: End | undefined, failures: Failures): Promise<void> {
    const held = new Set(p.tracked.map((pod) => pod.metadata.uid!))
    countReleased(status, held)
    const { release, all } = noteEnded(job, p, status, end)
    let stored: Job | undefined = job
    const store = async (): Promise<void> => {
      if (stored && !sameValue(status, stored.status)) stored = await updateStatus(client, stored, { ...status })
    }
    await store()
    if (!stored) return
    backoffs.set(job.metadata.uid!, failures)
    const error = await firstError(
      release.map(async (pod) => {
        await removeFinalizer(pod)
        held.delete(pod.metadata.uid!)
      }),
    )
    countReleased(status, held)
    const finished = error === undefined && end && all && !hasNoted(status) && !status.terminating ? end : undefined
    if (finished) {
      const now = ctx.clock.now()
      status.conditions = withCondition(status.conditions ?? [], finished.type, 'True', finished.reason, finished.message, now)
      if (finished.type === 'Complete') status.completionTime = rfc3339(now)
    }
    await store()
    announce(job, status, finished)
    if (error !== undefined) throw error
  }

  function claimPods(job: Job): Promise<Pod[]> {
    const { namespace, name, uid } = job.metadata
    return claim([...podsControlledBy(pods, uid!), ...podsWithoutController(pods, namespace!)], {
      owner: controllerRef('batch/v1', 'Job', job),
      ownerDeleted: job.metadata.deletionTimestamp !== undefined,
      selects: matcherOf(job.spec?.selector),
      client: podClient,
      finalizer: TRACKING_FINALIZER,
      async stillThere() {
        const live = await client.get(namespace!, name!)
        return live.metadata.uid === uid && live.metadata.deletionTimestamp === undefined
      },
    })
  }

  // ---- pods ----

  interface Managed {
    made: Pod[]
    removed: readonly Pod[]
    error?: unknown
  }

  /** Makes what is missing or deletes what is too much; what a suspended Job has is all too much. */
  async function manage(key: string, job: Job, p: Progress, failures: Failures): Promise<Managed> {
    const surplus = surplusOf(job, p)
    if (surplus.length || job.spec?.suspend) return { made: [], removed: surplus, error: await removePods(key, job, surplus, true) }
    const missing = wantedOf(job, p) - p.active.length - (replacesOnlyFailed(job) ? p.terminating : 0)
    if (missing <= 0) return { made: [], removed: [] }
    const now = ctx.clock.now()
    let left = p.failedIndexes ? 0 : backoffLeft(failures, now)
    let indexes = isIndexed(job) ? freeIndexes(job, p, Math.min(missing, BURST)) : undefined
    if (indexes && p.failedIndexes) ({ indexes, left } = dueIndexes(indexes, p.awaitingReplacement, now))
    if (left > 0) {
      controller.queue.addAfter(key, left)
      if (!p.failedIndexes || !indexes?.length) return { made: [], removed: [] }
    }
    const amount = Math.min(indexes ? indexes.length : missing, BURST)
    expectations.expectCreations(key, amount)
    const made: Pod[] = []
    const { succeeded, error } = await slowStart(amount, async (i) => {
      const index = indexes?.[i]
      const before = p.failedIndexes && index !== undefined ? failuresOf(job, p.awaitingReplacement.get(index)) : undefined
      made.push(await createPod(ctx, newPod(job, index, before), referenceTo('batch/v1', 'Job', job)))
    })
    if (succeeded < amount) expectations.creationObserved(key, amount - succeeded)
    return { made, removed: [], error: isNamespaceTerminating(error) ? undefined : error }
  }

  /** How many pods should run at once. */
  function wantedOf(job: Job, p: Progress): number {
    const { suspend, parallelism = 1, completions } = job.spec!
    if (suspend) return 0
    // Of a Job without completions whatever runs may end once one pod has succeeded.
    if (completions === undefined) return p.succeeded > 0 ? p.active.length : parallelism
    return Math.max(0, Math.min(parallelism, completions - p.succeeded))
  }

  /** The pods that run and should not: what an index has twice, then as many as there are too many. */
  function surplusOf(job: Job, p: Progress): Pod[] {
    const byWorth = byActivity(p.active)
    const doubled = isIndexed(job) ? surplusOfIndexes(byWorth, job.spec!.completions ?? 0) : []
    const more = p.active.length - wantedOf(job, p) - doubled.length
    const others = more > 0 ? byWorth.filter((pod) => !doubled.includes(pod)).slice(0, more) : []
    return [...doubled, ...others].slice(0, job.spec?.suspend ? undefined : BURST)
  }

  function freeIndexes(job: Job, p: Progress, count: number): number[] {
    const busy = new Set(p.active.map(indexOf))
    const free: number[] = []
    for (let i = 0; i < (job.spec!.completions ?? 0) && free.length < count; i++)
      if (!p.succeededIndexes.has(i) && !p.failedIndexes?.has(i) && !busy.has(i)) free.push(i)
    return free
  }

  /** @param forget lets the pods go without counting them as failures */
  async function removePods(key: string, job: Job, victims: readonly Pod[], forget: boolean): Promise<unknown> {
    if (victims.length === 0) return undefined
    expectations.expectDeletions(key, victims.map(keyOf))
    return firstError(
      victims.map(async (pod) => {
        try {
          if (forget) await removeFinalizer(pod)
          await deleteOwnedPod(ctx, pod, referenceTo('batch/v1', 'Job', job))
        } catch (error) {
          expectations.deletionObserved(key, keyOf(pod))
          if (!isReason(error, 'NotFound')) throw error
        }
      }),
    )
  }

  async function removeFinalizer(pod: Pod): Promise<void> {
    const { namespace, name } = pod.metadata
    const live = pods.get(namespace!, name!) ?? pod
    const finalizers = (live.metadata.finalizers ?? []).filter((f) => f !== TRACKING_FINALIZER)
    if (finalizers.length === (live.metadata.finalizers ?? []).length) return
    const patch = { metadata: { finalizers: finalizers.length ? finalizers : null, uid: live.metadata.uid } }
    try {
      const left = await podClient.patch(namespace!, name!, patch, { type: 'merge' })
      const seen = pods.get(namespace!, name!)
      if (seen && hasFinalizer(seen)) released.add(left.metadata.uid!)
    } catch (error) {
      if (!isReason(error, 'NotFound')) throw error
    }
  }

  /** Events for what has changed with this sync. `end`: how the Job is over now. */
  function announce(job: Job, status: JobStatus, end: End | undefined): void {
    const ref = referenceTo('batch/v1', 'Job', job)
    const suspension = (of: JobStatus | undefined): string | undefined => of?.conditions?.find((c) => c.type === 'Suspended')?.status
    const [before, after] = [suspension(job.status), suspension(status)]
    if (after === 'True' && before !== 'True') ctx.events.event(ref, 'Normal', 'Suspended', 'Job suspended')
    if (after === 'False' && before === 'True') ctx.events.event(ref, 'Normal', 'Resumed', 'Job resumed')
    const { completions } = job.spec!
    if (end?.type === 'Complete' && completions !== undefined && (status.succeeded ?? 0) > completions) {
      const text = 'Too many succeeded pods running after completion count reached'
      ctx.events.event(ref, 'Warning', 'TooManySucceededPods', text)
    }
    if (end?.type === 'Complete') ctx.events.event(ref, 'Normal', 'Completed', 'Job completed')
    if (end?.type === 'Failed') ctx.events.event(ref, 'Warning', end.reason, end.message)
  }
}

/** Whether somebody else runs this Job. */
function isManagedElsewhere(job: Job): boolean {
  return job.spec?.managedBy !== undefined && job.spec.managedBy !== OWN_NAME
}
