import { describe, expect, test } from 'vitest'
import { resources } from '../../../src-main/cluster/api/client.js'
import type { CronJob } from '../../../src-main/cluster/controllers/cronjob.js'
import type { Job } from '../../../src-main/cluster/controllers/job-policy.js'
import type { Harness } from './harness.js'
import { podTemplate, START, startHarness } from './harness.js'

const { jobs, cronjobs } = resources
const MINUTE = 60_000

async function started(schedule: string, extra: object = {}): Promise<Harness> {
  const h = startHarness(['cronjob-controller'], { kubelet: false })
  const cronJob = {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: 'tick', namespace: 'default' },
    spec: { schedule, concurrencyPolicy: 'Allow', suspend: false, jobTemplate: { spec: { template: podTemplate({}) } }, ...extra },
    status: {},
  }
  await h.user.resource<CronJob>(cronjobs).create('default', cronJob as unknown as CronJob)
  await h.clock.settle()
  return h
}
const get = (h: Harness) => h.cluster.get<CronJob>(cronjobs, 'default', 'tick')
const times = (h: Harness) =>
  h.cluster.all<Job>(jobs).map((j) => j.metadata.annotations!['batch.kubernetes.io/cronjob-scheduled-timestamp'])
function finish(h: Harness, type: 'Complete' | 'Failed' = 'Complete'): void {
  const now = new Date(h.clock.now()).toISOString().slice(0, 19) + 'Z'
  for (const job of h.cluster.all<Job>(jobs))
    if (!job.status?.conditions)
      h.cluster.edit<Job>(jobs, 'default', job.metadata.name!, (j) => {
        j.status = { startTime: now, ...(type === 'Complete' ? { completionTime: now } : {}), conditions: [{ type, status: 'True' }] }
      })
}

describe('a CronJob', () => {
  test('makes a Job at each time of its schedule, named after the minute', async () => {
    const h = await started('*/5 * * * *')
    await h.clock.advance(4 * MINUTE)
    expect(times(h)).toEqual([])
    await h.clock.advance(7 * MINUTE)
    expect(times(h)).toEqual(['2026-11-21T09:05:00Z', '2026-11-21T09:10:00Z'])
    const [job] = h.cluster.all<Job>(jobs)
    expect(job!.metadata.name).toBe(`tick-${(START + 5 * MINUTE) / MINUTE}`)
    expect(job!.metadata.ownerReferences).toMatchObject([{ kind: 'CronJob', name: 'tick', controller: true }])
    expect(get(h).status).toMatchObject({ lastScheduleTime: '2026-11-21T09:10:00Z' })
    expect(get(h).status!.active!.map((a) => a.name)).toEqual(h.cluster.all<Job>(jobs).map((j) => j.metadata.name))
    expect(h.eventsOf('tick')).toEqual(h.cluster.all<Job>(jobs).map((j) => `Normal SuccessfulCreate Created job ${j.metadata.name}`))
    expect(h.errors).toEqual([])
  })

  test('sees its Jobs end, and keeps three that succeeded and one that failed', async () => {
    const h = await started('* * * * *')
    await h.clock.advance(1000)
    for (let i = 0; i < 6; i++) {
      await h.clock.advance(MINUTE)
      finish(h, i === 1 || i === 2 ? 'Failed' : 'Complete')
    }
    await h.clock.advance(1000)
    // Those of 9:02 and 9:03 failed.
    expect(times(h)).toEqual(['03', '04', '05', '06'].map((m) => `2026-11-21T09:${m}:00Z`))
    expect(
      h.cluster
        .all<Job>(jobs)
        .map((j) => j.status!.conditions![0]!.type)
        .sort(),
    ).toEqual(['Complete', 'Complete', 'Complete', 'Failed'])
    expect(get(h).status!.active).toBeUndefined()
    expect(get(h).status!.lastSuccessfulTime).toBe('2026-11-21T09:06:01Z')
    expect(h.eventsOf('tick')).toContain(`Normal SawCompletedJob Saw completed job: tick-${START / MINUTE + 1}, condition: Complete`)
    expect(h.eventsOf('tick').some((e) => e.startsWith('Normal SuccessfulDelete Deleted job tick-'))).toBe(true)
  })

  test('with Forbid does not start while one is running', async () => {
    const h = await started('* * * * *', { concurrencyPolicy: 'Forbid' })
    await h.clock.advance(3 * MINUTE + 1000)
    expect(times(h)).toEqual(['2026-11-21T09:01:00Z'])
    expect(h.eventsOf('tick').at(-1)).toMatch(
      /^Normal JobAlreadyActive Not starting job because prior execution is running and concurrency policy is Forbid/,
    )
  })

  test('with Replace ends the running one', async () => {
    const h = await started('* * * * *', { concurrencyPolicy: 'Replace' })
    await h.clock.advance(2 * MINUTE + 1000)
    expect(times(h)).toEqual(['2026-11-21T09:02:00Z'])
  })

  test('that is suspended makes none, and none of those it missed beyond its deadline', async () => {
    const h = await started('* * * * *', { suspend: true, startingDeadlineSeconds: 30 })
    await h.clock.advance(10 * MINUTE + 45_000)
    expect(times(h)).toEqual([])
    await h.user.resource(cronjobs).patch('default', 'tick', { spec: { suspend: false } }, { type: 'merge' })
    await h.clock.advance(10_000)
    expect(times(h)).toEqual([])
    await h.clock.advance(10_000)
    expect(times(h)).toEqual(['2026-11-21T09:11:00Z'])
  })

  test('makes up for what it missed within a deadline of 64 bits', async () => {
    const h = await started('* * * * *', { suspend: true, startingDeadlineSeconds: 2n ** 63n - 1n })
    await h.clock.advance(10 * MINUTE + 45_000)
    await h.user.resource(cronjobs).patch('default', 'tick', { spec: { suspend: false } }, { type: 'merge' })
    await h.clock.advance(1000)
    expect(times(h)).toEqual(['2026-11-21T09:10:00Z'])
  })

  test('makes up for the last missed time only', async () => {
    const h = await started('* * * * *', { suspend: true })
    await h.clock.advance(10 * MINUTE + 5000)
    await h.user.resource(cronjobs).patch('default', 'tick', { spec: { suspend: false } }, { type: 'merge' })
    await h.clock.settle()
    expect(times(h)).toEqual(['2026-11-21T09:10:00Z'])
  })

  test('goes by its time zone', async () => {
    const h = await started('30 18 * * *', { timeZone: 'Asia/Shanghai' })
    await h.clock.advance(2 * 60 * MINUTE)
    expect(times(h)).toEqual(['2026-11-21T18:30:00+08:00'])
    expect(get(h).status!.lastScheduleTime).toBe('2026-11-21T10:30:00Z')
  })

  test('with a schedule nobody understands says so', async () => {
    const h = await started('every day')
    expect(h.eventsOf('tick')).toEqual([
      'Warning UnparseableSchedule unparseable schedule: "every day" : expected exactly 5 fields, found 2: [every day]',
    ])
  })

  test('whose schedule is changed starts nothing for the times of the new one that have passed', async () => {
    const h = await started('0 12 * * *')
    await h.clock.advance(10.5 * MINUTE)
    const change = (spec: object) => h.user.resource(cronjobs).patch('default', 'tick', { spec }, { type: 'merge' })
    await change({ schedule: '*/5 * * * *' })
    await h.clock.advance(4 * MINUTE)
    expect(times(h)).toEqual([])
    await h.clock.advance(MINUTE)
    expect(times(h)).toEqual(['2026-11-21T09:15:00Z'])
    await change({ schedule: 'every day' })
    await h.clock.advance(1000)
    expect(h.eventsOf('tick')).toContain('Warning UnParseableCronJobSchedule unparseable schedule for cronjob: every day')
    await change({ timeZone: 'Mars/Olympus', schedule: '0 1 * * *' })
    await h.clock.advance(1000)
    expect(h.eventsOf('tick').at(-1)).toMatch('Warning UnknownTimeZone invalid timeZone: "Mars/Olympus"')
  })

  test('with a schedule that never comes says so', async () => {
    const h = await started('59 23 31 2 *')
    expect(h.eventsOf('tick')).toEqual([
      'Warning InvalidSchedule invalid schedule: 59 23 31 2 * : time difference between two schedules is less than 1 second',
    ])
  })

  test('in a time zone nobody knows says so', async () => {
    const h = await started('0 * * * *', { timeZone: 'Mars/Olympus' })
    await h.clock.advance(2 * 60 * MINUTE)
    expect(times(h)).toEqual([])
    expect(h.eventsOf('tick')).toEqual(['Warning UnknownTimeZone invalid timeZone: "Mars/Olympus": unknown time zone Mars/Olympus'])
  })

  test('with its time zone in its schedule runs, and is told that this is not supported', async () => {
    const h = await started('TZ=Asia/Shanghai 30 18 * * *')
    await h.clock.advance(2 * 60 * MINUTE)
    expect(times(h)).toEqual(['2026-11-21T10:30:00Z'])
    expect(h.eventsOf('tick')[0]).toMatch(
      /^Warning UnsupportedSchedule CRON_TZ or TZ used in schedule "TZ=Asia\/Shanghai 30 18 \* \* \*" is not officially supported, see https:\/\/kubernetes\.io\/docs\/concepts\/workloads\/controllers\/cron-jobs\/ for more details/,
    )
  })

  test('tells of a Job that somebody else made in its name, and of one of its own that is gone', async () => {
    const h = await started('*/30 * * * *')
    const cronJob = get(h)
    const owner = { apiVersion: 'batch/v1', kind: 'CronJob', name: 'tick', uid: cronJob.metadata.uid!, controller: true }
    const metadata = { name: 'by-hand', namespace: 'default', ownerReferences: [owner] }
    const job = { apiVersion: 'batch/v1', kind: 'Job', metadata, spec: { template: podTemplate({}) } }
    await h.user.resource<Job>(jobs).create('default', job as unknown as Job)
    await h.clock.settle()
    expect(h.eventsOf('tick')).toEqual(['Warning UnexpectedJob Saw a job that the controller did not create or forgot: by-hand'])
    expect(get(h).status!.active).toBeUndefined()
    await h.user.resource(jobs).delete('default', 'by-hand')
    await h.clock.advance(30 * MINUTE + 1000)
    const [made] = h.cluster.all<Job>(jobs)
    await h.user.resource(jobs).delete('default', made!.metadata.name!)
    await h.clock.settle()
    expect(h.eventsOf('tick').slice(-2)).toEqual([
      `Normal SuccessfulCreate Created job ${made!.metadata.name}`,
      `Normal MissingJob Active job went missing: ${made!.metadata.name}`,
    ])
    expect(get(h).status!.active).toBeUndefined()
  })

  test('that has missed more than a hundred times says so, and runs once', async () => {
    const h = await started('* * * * *', { suspend: true })
    await h.clock.advance(101 * MINUTE + 5000)
    await h.user.resource(cronjobs).patch('default', 'tick', { spec: { suspend: false } }, { type: 'merge' })
    await h.clock.settle()
    expect(times(h)).toEqual(['2026-11-21T10:41:00Z'])
    expect(h.eventsOf('tick')[0]).toMatch(
      /^Warning TooManyMissedTimes too many missed start times\. Set or decrease \.spec\.startingDeadlineSeconds or check clock skew/,
    )
  })

  test('takes up a Job that it made and could not note', async () => {
    const h = await started('*/5 * * * *')
    const { uid } = get(h).metadata
    const name = `tick-${START / MINUTE + 5}`
    const ownerReferences = [{ apiVersion: 'batch/v1', kind: 'CronJob', name: 'tick', uid: uid!, controller: true }]
    const job = { apiVersion: 'batch/v1', kind: 'Job', metadata: { name, namespace: 'default', ownerReferences } }
    await h.user.resource<Job>(jobs).create('default', { ...job, spec: { template: podTemplate({}) } } as unknown as Job)
    await h.clock.advance(5 * MINUTE + 1000)
    expect(get(h).status).toMatchObject({ lastScheduleTime: '2026-11-21T09:05:00Z', active: [{ name }] })
    expect(h.eventsOf('tick').filter((e) => e.includes('SuccessfulCreate'))).toEqual([])
  })

  test('that keeps no history sees a Job end before it deletes it', async () => {
    const h = await started('*/5 * * * *', { successfulJobsHistoryLimit: 0 })
    await h.clock.advance(5 * MINUTE + 1000)
    finish(h)
    await h.clock.settle()
    const name = `tick-${START / MINUTE + 5}`
    expect(h.eventsOf('tick').slice(1)).toEqual([
      `Normal SawCompletedJob Saw completed job: ${name}, condition: Complete`,
      `Normal SuccessfulDelete Deleted job ${name}`,
    ])
  })

  test('with an interval counts from its last Job', async () => {
    const h = await started('@every 1h30m')
    await h.clock.advance(3 * 60 * MINUTE + 1000)
    expect(times(h)).toEqual(['2026-11-21T10:30:00Z', '2026-11-21T12:00:00Z'])
  })

  test('says what it could not make', async () => {
    const h = await started('* * * * *')
    h.cluster.refuse = (verb, resource) => (verb === 'create' && resource === 'jobs' ? new Error('quota is used up') : undefined)
    await h.clock.advance(MINUTE + 1000)
    expect(h.eventsOf('tick')[0]).toMatch(/^Warning FailedCreate Error creating job: quota is used up/)
  })

  test('lives through a week exactly', async () => {
    const h = await started('0 * * * *', { successfulJobsHistoryLimit: 1000 })
    const seen = new Set<string>()
    h.cluster.for<Job>(jobs).on({
      add(job) {
        seen.add(job.metadata.name!)
        h.clock.after(1000, () => finish(h))
      },
    })
    await h.clock.advance(7 * 24 * 60 * MINUTE + 1000)
    expect(seen.size).toBe(168)
    expect(get(h).status!.lastScheduleTime).toBe('2026-11-28T09:00:00Z')
  })
})
