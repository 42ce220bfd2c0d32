/** The CronJob controller: makes a Job at each time of a schedule (https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/). */
import type * as k8s from '@kubernetes/client-node'
import { resources } from '../api/client.js'
import { isReason } from '../api/errors.js'
import { isTimeZone, scheduleProblem } from '../api/kinds/rules/cron-schedule.js'
import type { ObjectMeta, Wire } from '../api/object.js'
import { controllerOf, controllerRef, keyOf, mutable, splitKey } from '../api/object.js'
import { rfc3339 } from '../clock.js'
import type { Controller, ControllerContext } from './controller.js'
import { KeyedController } from './controller.js'
import type { CronSchedule, DueTime } from './cron-schedule.js'
import { dueTime, scheduleOf } from './cron-schedule.js'
import type { ObjectReference } from './events.js'
import { referenceTo } from './events.js'
import type { Job } from './job-policy.js'
import { finishedAs } from './job-conditions.js'
import { resolveOwner } from './ownedpods.js'
import { isNamespaceTerminating } from './podcontrol.js'
import { timeOf } from './pods.js'
import { updateStatus } from './status.js'
import { sameValue } from './templatehash.js'
import { rfc3339In } from './timezone-offset.js'

export type CronJob = Wire<k8s.V1CronJob> & { metadata: ObjectMeta }

const SCHEDULED_AT = 'batch.kubernetes.io/cronjob-scheduled-timestamp'
/** The first look at a time is a little late, so that it has surely passed (as kube-controller-manager does). */
const SKEW_MS = 100
const INDEX = 'jobs-by-cronjob'
const DOCUMENTATION = 'https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/'

export function startCronJobController(ctx: ControllerContext): Controller {
  const client = ctx.client.resource<CronJob>(resources.cronjobs)
  const jobClient = ctx.client.resource<Job>(resources.jobs)
  const cronJobs = ctx.informers.for<CronJob>(resources.cronjobs)
  const jobs = ctx.informers.for<Job>(resources.jobs)
  jobs.addIndex(INDEX, (job) => {
    const ref = controllerOf(job)
    return ref?.kind === 'CronJob' ? [ref.uid] : []
  })
  const controller = new KeyedController(ctx, { name: 'cronjob-controller', sync })
  controller.listen(cronJobs, {
    add: (cronJob) => controller.queue.add(keyOf(cronJob)),
    update: onUpdate,
  })
  const onJob = (job: Job): void => {
    const owner = resolveOwner(cronJobs, 'CronJob', job.metadata.namespace!, controllerOf(job))
    if (owner) controller.queue.add(keyOf(owner))
  }
  controller.listen(jobs, { add: onJob, update: (_old, job) => onJob(job), delete: onJob })
  return controller.startAfter(cronJobs, jobs)

  /** With another schedule it is looked at again at the next time of that one: a time of it that has passed starts nothing now. */
  function onUpdate(old: CronJob, cronJob: CronJob): void {
    const [before, spec] = [old.spec!, cronJob.spec!]
    if (before.schedule === spec.schedule && before.timeZone === spec.timeZone) return controller.queue.add(keyOf(cronJob))
    if (scheduleProblem(spec.schedule) !== undefined) {
      const text = `unparseable schedule for cronjob: ${spec.schedule}`
      return ctx.events.event(aboutCronJob(cronJob), 'Warning', 'UnParseableCronJobSchedule', text)
    }
    // One without a time that follows, or in a time zone that is unknown, is looked at now, which tells of it.
    const now = ctx.clock.now()
    const known = spec.timeZone === undefined || isTimeZone(spec.timeZone)
    const next = known ? nextLook(scheduleOf(spec), sinceOf(cronJob), now) : undefined
    controller.queue.addAfter(keyOf(cronJob), next === undefined ? 0 : next - now + SKEW_MS)
  }

  async function sync(key: string): Promise<void> {
    const { namespace, name } = splitKey(key)
    const cronJob = cronJobs.get(namespace, name)
    if (!cronJob) return
    const mine = jobs.byIndex(INDEX, cronJob.metadata.uid!)
    const status = { ...cronJob.status }
    let active = await dropMissing(cronJob, mine, await followActive(cronJob, mine, status))
    try {
      if (cronJob.metadata.deletionTimestamp === undefined) active = await runDue(key, cronJob, mine, active, status)
    } finally {
      if (active.length) status.active = active
      else delete status.active
      if (!sameValue(status, cronJob.status)) await updateStatus(client, cronJob, status)
      // After the status: what is deleted here would be missed in the list of active Jobs.
      await trimHistory(cronJob, mine)
    }
  }

  type Status = NonNullable<CronJob['status']>
  type Reference = NonNullable<Status['active']>[number]

  /** Drops ended Jobs from the list of active ones, and tells of those that somebody else has made. */
  async function followActive(cronJob: CronJob, mine: readonly Job[], status: Status): Promise<Reference[]> {
    let active = [...(cronJob.status?.active ?? [])]
    const about = aboutCronJob(cronJob)
    for (const job of mine) {
      let at = active.findIndex((a) => a.uid === job.metadata.uid)
      const end = finishedAs(job)
      if (!end && at < 0) {
        // The cache may be behind of what was noted when the Job was made.
        const { metadata, status: latest } = await client.get(cronJob.metadata.namespace!, cronJob.metadata.name!)
        at = latest?.active?.findIndex((a) => a.uid === job.metadata.uid) ?? -1
        if (at >= 0 && metadata.uid === cronJob.metadata.uid) active = [...latest!.active!]
        else {
          const text = `Saw a job that the controller did not create or forgot: ${job.metadata.name}`
          ctx.events.event(about, 'Warning', 'UnexpectedJob', text)
        }
      }
      if (!end) continue
      if (at >= 0) {
        active.splice(at, 1)
        ctx.events.event(about, 'Normal', 'SawCompletedJob', `Saw completed job: ${job.metadata.name}, condition: ${end.type}`)
      }
      if (end.type === 'Complete') {
        const time = job.status?.completionTime
        if (time && !(timeOf(status.lastSuccessfulTime) >= timeOf(time))) status.lastSuccessfulTime = time
      }
    }
    return active
  }

  /** Drops active Jobs that somebody has deleted; one that was made a moment ago may only be missing in the cache. */
  async function dropMissing(cronJob: CronJob, mine: readonly Job[], active: Reference[]): Promise<Reference[]> {
    const kept: Reference[] = []
    for (const a of active) {
      if (!mine.some((job) => job.metadata.uid === a.uid)) {
        const live = await jobClient.get(cronJob.metadata.namespace!, a.name!).catch((error: unknown) => {
          if (!isReason(error, 'NotFound')) throw error
        })
        if (live?.metadata.uid !== a.uid) {
          ctx.events.event(aboutCronJob(cronJob), 'Normal', 'MissingJob', `Active job went missing: ${a.name}`)
          continue
        }
      }
      kept.push(a)
    }
    return kept
  }

  async function trimHistory(cronJob: CronJob, mine: readonly Job[]): Promise<void> {
    const { successfulJobsHistoryLimit = 3, failedJobsHistoryLimit = 1 } = cronJob.spec ?? {}
    const ended = (type: string): Job[] =>
      mine.filter((job) => finishedAs(job)?.type === type && job.metadata.deletionTimestamp === undefined)
    for (const [list, limit] of [
      [ended('Complete'), successfulJobsHistoryLimit],
      [ended('Failed'), failedJobsHistoryLimit],
    ] as const) {
      list.sort((a, b) => startOf(a) - startOf(b) || 0 || (a.metadata.name! < b.metadata.name! ? -1 : 1))
      for (const job of list.slice(0, Math.max(0, list.length - limit))) await removeJob(cronJob, job)
    }
  }

  async function removeJob(cronJob: CronJob, job: Job): Promise<void> {
    try {
      await jobClient.delete(job.metadata.namespace!, job.metadata.name!, { propagationPolicy: 'Background' })
      ctx.events.event(aboutCronJob(cronJob), 'Normal', 'SuccessfulDelete', `Deleted job ${job.metadata.name}`)
    } catch (error) {
      if (isReason(error, 'NotFound')) return
      ctx.events.event(aboutCronJob(cronJob), 'Warning', 'FailedDelete', `Deleted job: ${(error as Error).message}`)
      throw error
    }
  }

  /** Starts the Job of the latest time that has passed, if there is one, and comes back at the next. */
  async function runDue(key: string, cronJob: CronJob, mine: readonly Job[], active: Reference[], status: Status): Promise<Reference[]> {
    const spec = cronJob.spec!
    const about = aboutCronJob(cronJob)
    const quoted = JSON.stringify(spec.schedule)
    if (spec.timeZone !== undefined && !isTimeZone(spec.timeZone)) {
      const text = `invalid timeZone: ${JSON.stringify(spec.timeZone)}: unknown time zone ${spec.timeZone}`
      ctx.events.event(about, 'Warning', 'UnknownTimeZone', text)
      return active
    }
    if (spec.suspend) return active
    if (spec.schedule.includes('TZ')) {
      const text = `CRON_TZ or TZ used in schedule ${quoted} is not officially supported, see ${DOCUMENTATION} for more details`
      ctx.events.event(about, 'Warning', 'UnsupportedSchedule', text)
    }
    const now = ctx.clock.now()
    const problem = scheduleProblem(spec.schedule)
    if (problem !== undefined) {
      ctx.events.event(about, 'Warning', 'UnparseableSchedule', `unparseable schedule: ${quoted} : ${problem}`)
      return active
    }
    const schedule = scheduleOf(spec)
    const since = sinceOf(cronJob)
    const next = nextLook(schedule, since, now)
    if (next !== undefined) controller.queue.addAfter(key, next - now + SKEW_MS)

    const deadline = spec.startingDeadlineSeconds === undefined ? undefined : Number(spec.startingDeadlineSeconds)
    const earliest = deadline === undefined ? since : Math.max(since, now - deadline * 1000)
    let due: DueTime
    try {
      due = dueTime(schedule, earliest, now)
    } catch (error) {
      const text = `invalid schedule: ${spec.schedule} : ${(error as Error).message}`
      ctx.events.event(about, 'Warning', 'InvalidSchedule', text)
      return active
    }
    const { latest, missed } = due
    if (missed === 'many')
      ctx.events.event(
        about,
        'Warning',
        'TooManyMissedTimes',
        'too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew',
      )
    if (latest === undefined) return active
    if (deadline !== undefined && latest + deadline * 1000 < now) {
      ctx.events.event(about, 'Warning', 'MissSchedule', `Missed scheduled time to start a job: ${rfc1123(latest)}`)
      return active
    }
    const name = `${cronJob.metadata.name}-${Math.floor(latest / 60_000)}`
    if (active.some((a) => a.name === name) || timeOf(cronJob.status?.lastScheduleTime) === latest) return active
    if (spec.concurrencyPolicy === 'Forbid' && active.length > 0) {
      const text = 'Not starting job because prior execution is running and concurrency policy is Forbid'
      ctx.events.event(about, 'Normal', 'JobAlreadyActive', text)
      return active
    }
    if (spec.concurrencyPolicy === 'Replace') {
      for (const a of active) {
        const job = mine.find((j) => j.metadata.uid === a.uid)
        if (job) await removeJob(cronJob, job)
      }
      active = []
    }
    const created = await createJob(cronJob, jobFor(cronJob, name, latest))
    if (!created || active.some((a) => a.uid === created.metadata.uid)) return active
    status.lastScheduleTime = rfc3339(latest)
    return [...active, jobReference(created)]
  }

  /** Makes a Job. One that is there already is taken when an earlier sync has made it and got no further; else undefined. */
  async function createJob(cronJob: CronJob, job: Job): Promise<Job | undefined> {
    const { namespace, name } = job.metadata
    const about = aboutCronJob(cronJob)
    try {
      const created = await jobClient.create(namespace!, job)
      ctx.events.event(about, 'Normal', 'SuccessfulCreate', `Created job ${name}`)
      return created
    } catch (error) {
      if (isNamespaceTerminating(error)) return undefined
      if (!isReason(error, 'AlreadyExists')) {
        ctx.events.event(about, 'Warning', 'FailedCreate', `Error creating job: ${(error as Error).message}`)
        throw error
      }
    }
    const existing = await jobClient.get(namespace!, name!)
    return controllerOf(existing)?.uid === cronJob.metadata.uid ? existing : undefined
  }
}

/** When a Job began; one that has not comes after all that have. */
function startOf(job: Job): number {
  return job.status?.startTime ? timeOf(job.status.startTime) : Infinity
}

/** From when on its times count. */
function sinceOf({ metadata, status }: CronJob): number {
  return timeOf(status?.lastScheduleTime ?? metadata.creationTimestamp)
}

/** When to look again: at the time after the last one that has passed, whether it was used or not. */
function nextLook(schedule: CronSchedule, since: number, now: number): number | undefined {
  try {
    const { latest, missed } = dueTime(schedule, since, now)
    return schedule.after(latest ?? (missed === 'none' ? since : now))
  } catch {
    return schedule.after(now)
  }
}

function aboutCronJob(cronJob: CronJob): ObjectReference {
  return referenceTo('batch/v1', 'CronJob', cronJob)
}

function jobReference(job: Job): {
  apiVersion: string
  kind: string
  name: string
  namespace: string
  resourceVersion: string
  uid: string
} {
  const { name, namespace, resourceVersion, uid } = job.metadata
  return { apiVersion: 'batch/v1', kind: 'Job', name: name!, namespace: namespace!, resourceVersion: resourceVersion!, uid: uid! }
}

/** `Sat, 21 Nov 2026 09:05:00 +0000`, as the event of a missed time prints it. */
function rfc1123(ms: number): string {
  return new Date(ms).toUTCString().replace('GMT', '+0000')
}

function jobFor(cronJob: CronJob, name: string, at: number): Job {
  const { metadata, spec } = mutable(cronJob.spec!.jobTemplate)
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name,
      namespace: cronJob.metadata.namespace!,
      ...(metadata?.labels ? { labels: metadata.labels } : {}),
      annotations: { ...metadata?.annotations, [SCHEDULED_AT]: rfc3339In(cronJob.spec!.timeZone, at) },
      ownerReferences: [controllerRef('batch/v1', 'CronJob', cronJob)],
    },
    spec: spec!,
  }
}
