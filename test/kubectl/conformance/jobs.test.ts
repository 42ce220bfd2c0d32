import { describe, expect, it } from 'vitest'
import { type Api, eventually, refusal, type Json } from '../support/api.js'
import { eachInNamespace } from '../support/stage.js'

/** Jobs and CronJobs: completions and failures, policies, and what runs when. */

let api: Api
let core: string
let batch: string
eachInNamespace('jobs', (on) => {
  ;({ api, core } = on)
  batch = on.group('batch/v1')
})

const BUSYBOX = 'registry.k8s.io/e2e-test-images/busybox:1.36.1-1'
const pods = async (labelSelector: string): Promise<Json[]> => (await api.get(`${core}/pods`, { labelSelector })).items
const living = async (labelSelector: string): Promise<Json[]> => (await pods(labelSelector)).filter((p) => !p.metadata.deletionTimestamp)
const ready = (p: Json): boolean => p.status.conditions?.some((c: Json) => c.type === 'Ready' && c.status === 'True')
const nameOf = (o: Json): string => o.metadata.name

describe('a Job', () => {
  const jobs = (): string => `${batch}/jobs`
  const created = (command: string[], spec: Json = {}, pod: Json = {}): Promise<Json> =>
    api.create(jobs(), {
      metadata: { name: 'job', labels: { e2e: 'job' } },
      spec: {
        parallelism: 2,
        completions: 4,
        template: {
          metadata: { labels: { job: 'job' } },
          spec: { restartPolicy: 'Never', terminationGracePeriodSeconds: 0, containers: [{ name: 'c', image: BUSYBOX, command }], ...pod },
        },
        ...spec,
      },
    })
  const ended = async (type: string): Promise<Json> =>
    eventually(
      () => api.get(`${jobs()}/job`),
      (j) => j.status.conditions?.some((c: Json) => c.type === type && c.status === 'True'),
    )
  const sleeps = ['sleep', '1000000']
  const conditionsOf = (j: Json): Json[] => j.status.conditions.map((c: Json) => [c.type, c.status, c.reason, c.message])

  it('completes when its tasks fail once and are restarted where they are', async () => {
    const once = 'if [[ -r /data/foo ]]; then exit 0; else touch /data/foo; exit 1; fi'
    await created(
      ['/bin/sh', '-c', once],
      {},
      {
        restartPolicy: 'OnFailure',
        volumes: [{ name: 'data', emptyDir: {} }],
        containers: [{ name: 'c', image: BUSYBOX, command: ['/bin/sh', '-c', once], volumeMounts: [{ name: 'data', mountPath: '/data' }] }],
      },
    )
    const job = await ended('Complete')
    expect([job.status.succeeded, job.status.active, job.status.ready, job.status.uncountedTerminatedPods]).toEqual([4, undefined, 0, {}])
  })

  it('with indexes runs each in a pod of its own, with the hostname of it', async () => {
    await created(['/bin/sh', '-c', 'exit 0'], { completionMode: 'Indexed' })
    const job = await ended('Complete')
    expect(job.status.completedIndexes).toBe('0-3')
    const found = (await pods('job=job')).map((p) => [p.metadata.annotations['batch.kubernetes.io/job-completion-index'], p.spec.hostname])
    expect(found.sort()).toEqual([0, 1, 2, 3].map((i) => [`${i}`, `job-${i}`]))
  })

  it('fails early by its pod failure policy', async () => {
    const podFailurePolicy = { rules: [{ action: 'FailJob', onExitCodes: { operator: 'In', values: [1] } }] }
    await created(['/bin/sh', '-c', 'exit 1'], { completions: 1, parallelism: 1, backoffLimit: 6, podFailurePolicy })
    expect(conditionsOf(await ended('Failed')).at(-1)).toEqual([
      'Failed',
      'True',
      'PodFailurePolicy',
      expect.stringMatching(/^Container c for pod jobs-\d+\/job-\w{5} failed with exit code 1 matching FailJob rule at index 0$/),
    ])
  })

  it('does not count evicted pods that its pod failure policy ignores', async () => {
    const podFailurePolicy = { rules: [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] }] }
    await created(sleeps, { completions: 2, completionMode: 'Indexed', backoffLimit: 0, podFailurePolicy })
    const running = await eventually(
      () => living('job=job'),
      (all) => all.length === 2 && all.every(ready),
    )
    for (const p of running)
      await api.create(`${core}/pods/${nameOf(p)}/eviction`, { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: nameOf(p) } })
    await eventually(
      () => living('job=job'),
      (all) => all.length === 2 && all.every((p) => ready(p) && !running.some((r) => nameOf(r) === nameOf(p))),
    )
    const job = await api.get(`${jobs()}/job`)
    expect([job.status.failed ?? 0, job.status.conditions]).toEqual([0, undefined])
  })

  it('goes on past the indexes that fail by their own limit, and fails when too many do', async () => {
    const odd = ['/bin/sh', '-c', 'exit $((JOB_COMPLETION_INDEX % 2))']
    await created(odd, { completionMode: 'Indexed', backoffLimitPerIndex: 1 })
    const job = await ended('Failed')
    expect([job.status.completedIndexes, job.status.failedIndexes, job.status.succeeded, job.status.failed]).toEqual(['0,2', '1,3', 2, 4])
    expect(conditionsOf(job)).toEqual([
      ['FailureTarget', 'True', 'FailedIndexes', 'Job has failed indexes'],
      ['Failed', 'True', 'FailedIndexes', 'Job has failed indexes'],
    ])
  })

  it('terminates all pods when more indexes fail than may', async () => {
    await created(['/bin/sh', '-c', 'exit 1'], { completionMode: 'Indexed', backoffLimitPerIndex: 0, maxFailedIndexes: 0 })
    expect(conditionsOf(await ended('Failed')).at(-1)).toEqual([
      'Failed',
      'True',
      'MaxFailedIndexesExceeded',
      'Job has exceeded the specified maximal number of failed indexes',
    ])
  })

  it.each([
    ['all indexes', {}, 'exit 0', '0,1'],
    ['the indexes that it names', { succeededIndexes: '0' }, '[ $JOB_COMPLETION_INDEX = 0 ] || sleep 10000', '0'],
    ['as many as it says', { succeededCount: 1 }, '[ $JOB_COMPLETION_INDEX = 0 ] || sleep 10000', '0'],
  ])('succeeds by its success policy with %s', async (_, rule, script, completedIndexes) => {
    const successPolicy = { rules: [Object.keys(rule).length ? rule : { succeededCount: 2 }] }
    await created(['/bin/sh', '-c', script], { completions: 2, completionMode: 'Indexed', successPolicy })
    const job = await ended('Complete')
    expect(job.status.completedIndexes).toBe(completedIndexes)
    expect(conditionsOf(job)).toEqual([
      ['SuccessCriteriaMet', 'True', 'SuccessPolicy', 'Matched rules at index 0'],
      ['Complete', 'True', 'SuccessPolicy', 'Matched rules at index 0'],
    ])
  })

  it('adopts a pod that was orphaned and releases one whose labels are gone', async () => {
    await created(sleeps)
    const [pod] = await eventually(
      () => living('job=job'),
      (all) => all.length === 2 && all.every(ready),
    )
    const path = `${core}/pods/${nameOf(pod)}`
    await api.change(path, (p) => (p.metadata.ownerReferences = undefined))
    await eventually(
      () => api.get(path),
      (p) => p.metadata.ownerReferences?.[0].name === 'job',
    )
    await api.change(path, (p) => (p.metadata.labels = undefined))
    await eventually(
      () => api.get(path),
      (p) => p.metadata.ownerReferences === undefined,
    )
  })

  it('goes with its pods when it is deleted', async () => {
    await created(sleeps)
    await eventually(
      () => living('job=job'),
      (all) => all.length === 2 && all.every(ready),
    )
    await api.delete(`${jobs()}/job`, { propagationPolicy: 'Background' })
    expect(await refusal(api.get(`${jobs()}/job`))).toMatchObject({ code: 404 })
    await eventually(
      () => pods('job=job'),
      (all) => all.length === 0,
    )
  })

  it('is suspended, patched, updated, listed everywhere and deleted with its collection', async () => {
    const watch = await api.watch(jobs())
    await created(['true'], { suspend: true, backoffLimit: 6 })
    await eventually(
      () => api.get(`${jobs()}/job`),
      (j) => conditionsOf({ status: { conditions: [], ...j.status } })[0]?.[0] === 'Suspended',
    )
    await api.patch(`${jobs()}/job`, 'strategic', { metadata: { labels: { 'e2e-job': 'patched' } } })
    await api.change(`${jobs()}/job`, (j) => (j.metadata.annotations = { updated: 'true' }))
    await watch.until((e) => e.type === 'MODIFIED' && e.object.metadata.annotations?.updated === 'true')
    expect((await api.get('/apis/batch/v1/jobs', { labelSelector: 'e2e-job=patched' })).items.map(nameOf)).toEqual(['job'])
    await api.patch(`${jobs()}/job`, 'merge', { spec: { suspend: false } })
    await ended('Complete')
    await api.request('DELETE', `${jobs()}?propagationPolicy=Foreground`)
    await watch.until((e) => e.type === 'DELETED')
    watch.close()
  })

  it('has a status that others patch and update', async () => {
    await created(sleeps)
    await eventually(
      () => api.get(`${jobs()}/job`),
      (j) => j.status.active === 2 && j.status.ready === 2,
    )
    const conditions = [
      {
        type: 'CustomConditionType',
        status: 'True',
        reason: 'E2E',
        message: 'Set from e2e test',
        lastTransitionTime: '2026-01-01T00:00:00Z',
        lastProbeTime: '2026-01-01T00:00:00Z',
      },
    ]
    const patched = await api.patch(`${jobs()}/job/status`, 'merge', {
      metadata: { annotations: { patchedstatus: 'true' } },
      status: { conditions },
    })
    expect([patched.metadata.annotations.patchedstatus, patched.status.conditions]).toEqual(['true', conditions])
    const updated = await api.change(`${jobs()}/job`, (j) => (j.status.conditions[0].message = 'Updated'), '/status')
    expect(updated.status.conditions[0].message).toBe('Updated')
    expect((await api.get(`${jobs()}/job/status`)).status.active).toBe(2)
  })
})

describe('a CronJob', () => {
  const crons = (): string => `${batch}/cronjobs`
  const created = (concurrencyPolicy: string, command: string[], spec: Json = {}): Promise<Json> =>
    api.create(crons(), {
      metadata: { name: 'cron' },
      spec: {
        schedule: '*/1 * * * ?',
        concurrencyPolicy,
        jobTemplate: {
          spec: {
            parallelism: 1,
            completions: 1,
            template: {
              spec: { restartPolicy: 'OnFailure', terminationGracePeriodSeconds: 0, containers: [{ name: 'c', image: BUSYBOX, command }] },
            },
          },
        },
        ...spec,
      },
    })
  const active = (holds: (names: string[]) => boolean): Promise<string[]> =>
    eventually(async () => ((await api.get(`${crons()}/cron`)).status.active ?? []).map((r: Json) => r.name), holds)
  const jobs = async (): Promise<Json[]> => (await api.get(`${batch}/jobs`)).items
  const sleeps = ['sleep', '1000000']

  it('runs several of its jobs together where it may', async () => {
    await created('Allow', sleeps)
    await active((names) => names.length >= 2)
    expect((await jobs()).length).toBeGreaterThanOrEqual(2)
  })

  it('runs none while it is suspended', async () => {
    await created('Allow', ['true'], { suspend: true })
    await api.jump(300)
    expect(await jobs()).toEqual([])
    expect((await api.get(`${crons()}/cron`)).status).toEqual({})
  })

  it('leaves a job alone that still runs, or replaces it', async () => {
    await created('Forbid', sleeps)
    const [first] = await active((names) => names.length === 1)
    await api.jump(120)
    expect(await active((names) => names.length === 1)).toEqual([first])
    expect((await jobs()).length).toBe(1)
    await api.patch(`${crons()}/cron`, 'merge', { spec: { concurrencyPolicy: 'Replace' } })
    await active((names) => names.length === 1 && names[0] !== first)
    // Its place may have been taken in turn when the next minute begins.
    await eventually(jobs, (all) => all.length === 1 && nameOf(all[0]!) !== first)
  })
})
