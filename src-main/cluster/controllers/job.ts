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
import { failuresBefore, formatIndexes, indexOf, lastFailed, parseIndexes } from './job-indexes.js'
import type { Job } from './job-policy.js'
import type { Condition, End } from './job-conditions.js'
import { isFinished, plannedEnd, withCondition } from './job-conditions.js'
import { hasFinalizer, newPod, TRACKING_FINALIZER } from './job-pods.js'
import { backoffLeft, dueIndexes, failuresOf, failureVerdict, finishTime, restartsOf, successVerdict } from './job-policy.js'
import { listenToOwnedPods, resolveOwner } from './ownedpods.js'
import { createPod, deleteOwnedPod, firstError, isNamespaceTerminating, slowStart } from './podcontrol.js'
import { byDeletionPriority, isPodActive, isPodReady, podInformer, podsControlledBy, podsWithoutController, timeOf } from './pods.js'
import { matcherOf } from './selector.js'
import { updateStatus } from './status.js'
import { canonical } from './templatehash.js'

const BURST = 500

type JobStatus = NonNullable<Job['status']>

/** What one sync knows of a Job. */
interface Progress {
  active: Pod[]
  terminating: Pod[]
  /** Ended pods that have not been counted yet, by how. */
  newlySucceeded: Pod[]
  newlyFailed: Pod[]
  /** Ended pods that need not be counted: they only lose their finalizer. */
  ignored: Pod[]
  succeeded: number
  failed: number
  succeededIndexes: Set<number>
  failedIndexes: Set<number>
  /** A FailJob rule that matched. */
  policyMessage: string | undefined
}

export function startJobController(ctx: ControllerContext): Controller {
  const client = ctx.client.resource<Job>(resources.jobs)
  const podClient = ctx.client.resource<Pod>(resources.pods)
  const jobs = ctx.informers.for<Job>(resources.jobs)
  const pods = podInformer(ctx.informers)
  const expectations = new Expectations(ctx.clock)
  /** Failures in a row of each job, and when the last was. */
  const backoffs = new Map<string, { failures: number; last: number }>()
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
  }
  void Promise.all([jobs.synced, pods.synced]).then(() => controller.listen(pods, { add: onPod, update: (_old, pod) => onPod(pod) }))
  return controller.startAfter(jobs, pods)

  async function releaseOrphan(pod: Pod): Promise<void> {
    const ref = controllerOf(pod)
    if (ref && ref.kind !== 'Job') return
    const job = resolveOwner(jobs, 'Job', pod.metadata.namespace!, ref)
    if (job && !isFinished(job)) return
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
    if (isFinished(job) || job.spec?.managedBy) return
    const mayAct = expectations.satisfied(key)
    const mine = await claimPods(job)
    const progress = progressOf(job, mine)
    const suspended = job.spec?.suspend === true
    const now = ctx.clock.now()
    const status: JobStatus = { ...job.status }
    let conditions: Condition[] = [...(job.status?.conditions ?? [])]

    // Suspending and resuming.
    const wasSuspended = conditions.find((c) => c.type === 'Suspended')?.status === 'True'
    if (suspended && !wasSuspended) {
      conditions = withCondition(conditions, 'Suspended', 'True', 'JobSuspended', 'Job suspended', now)
      delete status.startTime
    } else if (!suspended && wasSuspended) {
      conditions = withCondition(conditions, 'Suspended', 'False', 'JobResumed', 'Job resumed', now)
      status.startTime = rfc3339(now)
    } else if (!suspended && !status.startTime) status.startTime = rfc3339(now)

    // Whether it is over.
    let end = plannedEnd(conditions) ?? endOf(job, progress, status, now)
    if (end) {
      const target = end.type === 'Complete' ? 'SuccessCriteriaMet' : 'FailureTarget'
      conditions = withCondition(conditions, target, 'True', end.reason, end.message, now)
    } else if (job.spec?.activeDeadlineSeconds !== undefined && status.startTime && !suspended)
      controller.queue.addAfter(key, timeOf(status.startTime) + job.spec.activeDeadlineSeconds * 1000 - now)

    // Pods: all go when it is over or suspended.
    let failure: unknown
    let { active } = progress
    if (mayAct && job.metadata.deletionTimestamp === undefined) {
      if (end || suspended) {
        // Pods of a suspended Job have not failed; those of one that is over are counted as they end.
        failure = await removePods(key, job, active, suspended && !end)
        if (failure === undefined) {
          progress.terminating.push(...active.filter((p) => p.spec?.nodeName))
          active = []
        }
      } else {
        const managed = await manage(key, job, progress, mine)
        failure = managed.error
        active = managed.active
      }
    }
    const noted = await count(job, progress, status)

    const stillThere = progress.terminating.length
    // Over only when nothing runs any more, so that whoever waits for it finds no pod left.
    if (end && (active.length > 0 || stillThere > 0 || !mayAct)) end = undefined
    if (end) {
      conditions = withCondition(conditions, end.type, 'True', end.reason, end.message, now)
      if (end.type === 'Complete') status.completionTime = rfc3339(now)
    }
    Object.assign(status, { active: active.length, ready: active.filter(isPodReady).length, terminating: stillThere })
    if (active.length === 0) delete status.active
    if (conditions.length) status.conditions = conditions
    if (canonical(status) !== canonical(noted.status)) await updateStatus(client, noted, status)
    announce(job, status, conditions, end)
    if (failure !== undefined) throw failure
  }

  function claimPods(job: Job): Promise<Pod[]> {
    const { namespace, name, uid } = job.metadata
    return claim([...podsControlledBy(pods, uid!), ...podsWithoutController(pods, namespace!)], {
      owner: controllerRef('batch/v1', 'Job', job),
      ownerDeleted: job.metadata.deletionTimestamp !== undefined,
      selects: matcherOf(job.spec?.selector),
      client: podClient,
      async stillThere() {
        const live = await client.get(namespace!, name!)
        return live.metadata.uid === uid && live.metadata.deletionTimestamp === undefined
      },
    })
  }

  function progressOf(job: Job, mine: readonly Pod[]): Progress {
    const onlyFailed = job.spec?.podReplacementPolicy === 'Failed' || job.spec?.podFailurePolicy !== undefined
    const p: Progress = {
      active: [],
      terminating: [],
      newlySucceeded: [],
      newlyFailed: [],
      ignored: [],
      succeeded: job.status?.succeeded ?? 0,
      failed: job.status?.failed ?? 0,
      succeededIndexes: parseIndexes(job.status?.completedIndexes),
      failedIndexes: parseIndexes(job.status?.failedIndexes),
      policyMessage: undefined,
    }
    const indexed = job.spec?.completionMode === 'Indexed'
    for (const pod of mine) {
      const phase = pod.status?.phase
      const leaving = pod.metadata.deletionTimestamp !== undefined
      if (isPodActive(pod)) p.active.push(pod)
      else if (leaving && phase !== 'Succeeded' && phase !== 'Failed') p.terminating.push(pod)
      if (!hasFinalizer(pod)) continue
      const index = indexOf(pod)
      // A pod of an index that does not exist (any more) counts for nothing.
      const stray = indexed && (index === undefined || index >= (job.spec?.completions ?? 0))
      if (phase === 'Succeeded') {
        if (stray || (indexed && p.succeededIndexes.has(index!))) p.ignored.push(pod)
        else {
          p.newlySucceeded.push(pod)
          p.succeeded++
          if (indexed) p.succeededIndexes.add(index!)
        }
      } else if (phase === 'Failed' || (leaving && !onlyFailed)) {
        const verdict = phase === 'Failed' ? failureVerdict(job, pod) : undefined
        if (verdict?.action === 'FailJob') p.policyMessage ??= verdict.message
        if (stray || verdict?.action === 'Ignore') p.ignored.push(pod)
        else {
          p.newlyFailed.push(pod)
          p.failed++
          if (indexed && job.spec?.backoffLimitPerIndex !== undefined && indexFailed(job, pod, verdict?.action)) p.failedIndexes.add(index!)
        }
      }
    }
    return p
  }

  /** Whether an index has used up its failures with this pod. */
  function indexFailed(job: Job, pod: Pod, action: string | undefined): boolean {
    return action === 'FailIndex' || failuresBefore(pod).counted >= job.spec!.backoffLimitPerIndex!
  }

  function endOf(job: Job, p: Progress, status: JobStatus, now: number): End | undefined {
    const spec = job.spec!
    const failed = (reason: string, message: string): End => ({ type: 'Failed', reason, message })
    if (p.policyMessage) return failed('PodFailurePolicy', p.policyMessage)
    const limit = spec.backoffLimit ?? 6
    const restarts = spec.template.spec?.restartPolicy === 'OnFailure' ? restartsOf(p.active) : 0
    if (p.failed > limit || (restarts > 0 && restarts >= limit))
      return failed('BackoffLimitExceeded', 'Job has reached the specified backoff limit')
    if (spec.activeDeadlineSeconds !== undefined && status.startTime && !spec.suspend) {
      if (now - timeOf(status.startTime) >= spec.activeDeadlineSeconds * 1000)
        return failed('DeadlineExceeded', 'Job was active longer than specified deadline')
    }
    if (spec.maxFailedIndexes !== undefined && p.failedIndexes.size > spec.maxFailedIndexes)
      return failed('MaxFailedIndexesExceeded', 'Job has exceeded the specified maximal number of failed indexes')
    const { completions } = spec
    if (spec.completionMode === 'Indexed' && completions !== undefined) {
      const policy = successVerdict(job, p.succeededIndexes)
      if (policy) return { type: 'Complete', reason: 'SuccessPolicy', message: policy }
      if (p.failedIndexes.size > 0 && p.failedIndexes.size + p.succeededIndexes.size >= completions)
        return failed('FailedIndexes', 'Job has failed indexes')
    }
    const done = completions === undefined ? p.succeeded > 0 && p.active.length === 0 : p.succeeded >= completions
    return done ? { type: 'Complete', reason: 'CompletionsReached', message: 'Reached expected number of succeeded pods' } : undefined
  }

  // ---- pods ----

  /** Makes what is missing or deletes what is too much. Gives the pods that are active afterwards. */
  async function manage(key: string, job: Job, p: Progress, mine: readonly Pod[]): Promise<{ active: Pod[]; error?: unknown }> {
    const spec = job.spec!
    const parallelism = spec.parallelism ?? 1
    const wanted =
      spec.completions === undefined
        ? p.succeeded > 0
          ? p.active.length
          : parallelism
        : Math.max(0, Math.min(parallelism, spec.completions - p.succeeded - p.failedIndexes.size))
    if (p.active.length > wanted) {
      const ranked = byDeletionPriority(p.active, new Map(), ctx.clock.now())
      const victims = ranked.slice(0, p.active.length - wanted)
      const error = await removePods(key, job, victims, true)
      return { active: p.active.filter((pod) => !victims.includes(pod)), error }
    }
    const waitsForTerminating = spec.podReplacementPolicy === 'Failed' || spec.podFailurePolicy !== undefined
    const missing = wanted - p.active.length - (waitsForTerminating ? p.terminating.length : 0)
    const each = spec.backoffLimitPerIndex !== undefined
    let left = each ? 0 : backoff(job, p)
    if (missing <= 0) return { active: p.active }
    let indexes = spec.completionMode === 'Indexed' ? freeIndexes(job, p, missing) : undefined
    if (indexes && each) ({ indexes, left } = dueIndexes(indexes, mine, ctx.clock.now()))
    if (left > 0) {
      controller.queue.addAfter(key, left)
      if (!indexes?.length) return { active: p.active }
    }
    const amount = Math.min(indexes ? indexes.length : missing, BURST)
    expectations.expectCreations(key, amount)
    const made: Pod[] = []
    const { succeeded, error } = await slowStart(amount, async (i) => {
      const index = indexes?.[i]
      const failures = each && index !== undefined ? failuresOf(job, lastFailed(mine, index)) : undefined
      made.push(await createPod(ctx, newPod(job, index, failures), referenceTo('batch/v1', 'Job', job)))
    })
    if (succeeded < amount) expectations.creationObserved(key, amount - succeeded)
    return { active: [...p.active, ...made], error: isNamespaceTerminating(error) ? undefined : error }
  }

  /** How long to wait before pods are made again; counts the failures that this sync has found. */
  function backoff(job: Job, p: Progress): number {
    const { uid } = job.metadata
    const now = ctx.clock.now()
    const record = backoffs.get(uid!) ?? { failures: 0, last: 0 }
    const ended = [
      ...p.newlyFailed.map((pod) => ({ at: finishTime(pod, now), ok: false })),
      ...p.newlySucceeded.map((pod) => ({ at: finishTime(pod, now), ok: true })),
    ]
    ended.sort((a, b) => a.at - b.at)
    for (const { at, ok } of ended) {
      if (ok) record.failures = 0
      else {
        record.failures++
        record.last = at
      }
    }
    backoffs.set(uid!, record)
    return backoffLeft(record.failures, record.last, now)
  }

  function freeIndexes(job: Job, p: Progress, count: number): number[] {
    const busy = new Set(p.active.map(indexOf))
    const free: number[] = []
    for (let i = 0; i < (job.spec!.completions ?? 0) && free.length < count; i++)
      if (!p.succeededIndexes.has(i) && !p.failedIndexes.has(i) && !busy.has(i)) free.push(i)
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

  // ---- counting ----

  /** Notes ended pods in the status before they lose their finalizer, then adds them to the counts. */
  async function count(job: Job, p: Progress, status: JobStatus): Promise<Job> {
    const uncounted = job.status?.uncountedTerminatedPods
    const fresh = (list: readonly Pod[], known: readonly string[] | undefined): string[] =>
      list.map((pod) => pod.metadata.uid!).filter((uid) => !known?.includes(uid))
    const succeeded = fresh(p.newlySucceeded, uncounted?.succeeded)
    const failed = fresh(p.newlyFailed, uncounted?.failed)
    let latest = job
    if (succeeded.length + failed.length > 0) {
      const uids = {
        ...(p.newlySucceeded.length ? { succeeded: p.newlySucceeded.map((pod) => pod.metadata.uid!) } : {}),
        ...(p.newlyFailed.length ? { failed: p.newlyFailed.map((pod) => pod.metadata.uid!) } : {}),
      }
      latest = (await updateStatus(client, job, { ...job.status, uncountedTerminatedPods: uids })) ?? job
    }
    const ended = [...p.newlySucceeded, ...p.newlyFailed, ...p.ignored]
    const error = await firstError(ended.map(removeFinalizer))
    if (error !== undefined) throw error
    status.uncountedTerminatedPods = {}
    if (p.succeeded) status.succeeded = p.succeeded
    if (p.failed) status.failed = p.failed
    if (job.spec?.completionMode === 'Indexed') {
      if (p.succeededIndexes.size) status.completedIndexes = formatIndexes(p.succeededIndexes)
      if (job.spec.backoffLimitPerIndex !== undefined) status.failedIndexes = formatIndexes(p.failedIndexes)
    }
    return latest
  }

  async function removeFinalizer(pod: Pod): Promise<void> {
    const { namespace, name } = pod.metadata
    const live = pods.get(namespace!, name!) ?? pod
    const finalizers = (live.metadata.finalizers ?? []).filter((f) => f !== TRACKING_FINALIZER)
    if (finalizers.length === (live.metadata.finalizers ?? []).length) return
    const patch = { metadata: { finalizers: finalizers.length ? finalizers : null, uid: live.metadata.uid } }
    await podClient.patch(namespace!, name!, patch, { type: 'merge' }).catch((error: unknown) => {
      if (!isReason(error, 'NotFound')) throw error
    })
  }

  /** Events for what has changed with this sync. */
  function announce(job: Job, status: JobStatus, conditions: readonly Condition[], end: End | undefined): void {
    const ref = referenceTo('batch/v1', 'Job', job)
    const before = job.status?.conditions?.find((c) => c.type === 'Suspended')?.status
    const after = conditions.find((c) => c.type === 'Suspended')?.status
    if (after === 'True' && before !== 'True') ctx.events.event(ref, 'Normal', 'Suspended', 'Job suspended')
    if (after === 'False' && before === 'True') ctx.events.event(ref, 'Normal', 'Resumed', 'Job resumed')
    const { completions } = job.spec!
    if (end?.type === 'Complete' && completions !== undefined && (status.succeeded ?? 0) > completions) {
      const text = 'Too many succeeded pods running after completion count reached'
      ctx.events.event(ref, 'Warning', 'TooManySucceededPods', text)
    }
    if (end?.type === 'Complete') ctx.events.event(ref, 'Normal', 'Completed', 'Job completed')
    if (end?.type === 'Failed') ctx.events.event(ref, 'Warning', end.reason, end.message)
    if (end) backoffs.delete(job.metadata.uid!)
  }
}
