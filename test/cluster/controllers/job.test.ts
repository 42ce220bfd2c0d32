import { afterEach, describe, expect, test } from 'vitest'
import { resources } from '../../../src-main/cluster/api/client.js'
import type { Pod } from '../../../src-main/cluster/api/object.js'
import { formatIndexes, indexOf, parseIndexes } from '../../../src-main/cluster/controllers/job-indexes.js'
import type { Job } from '../../../src-main/cluster/controllers/job-policy.js'
import type { RealCluster } from '../support/real-cluster.js'
import { startRealCluster } from '../support/real-cluster.js'

const { pods, jobs } = resources
let c: RealCluster
afterEach(() => c?.stop())

async function started(spec: object = {}, podSpec: object = {}): Promise<void> {
  c = await startRealCluster()
  await c.create(jobs, {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'sum', namespace: 'default' },
    spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'busybox' }], ...podSpec } }, ...spec },
  })
  await c.clock.advance(1000)
}
const get = () => c.get<Job>(jobs, 'default', 'sum')
const running = async () =>
  (await c.list<Pod>(pods, 'default')).filter((p) => p.status!.phase === 'Running' && !p.metadata.deletionTimestamp)
const conditions = async () => ((await get()).status!.conditions ?? []).map((x) => `${x.type} ${x.status} ${x.reason} ${x.message}`)
async function finish(pod: Pod, phase: 'Succeeded' | 'Failed', exitCode = phase === 'Failed' ? 1 : 0): Promise<void> {
  const finishedAt = new Date(c.clock.now()).toISOString().slice(0, 19) + 'Z'
  const containerStatuses = [
    {
      name: 'main',
      image: 'busybox',
      imageID: '',
      ready: false,
      restartCount: 0,
      state: { terminated: { exitCode, finishedAt, reason: exitCode ? 'Error' : 'Completed' } },
    },
  ]
  const body = { status: { phase, containerStatuses, conditions: [{ type: 'Ready', status: 'False' }] } }
  await c.admin.resource(pods).patch('default', pod.metadata.name!, body, { type: 'merge', subresource: 'status' })
  await c.clock.advance(10)
}
const byIndex = async (i: number) => (await running()).find((p) => indexOf(p) === i)!

describe('a Job', () => {
  test('runs one pod to its end and is complete', async () => {
    await started()
    const [pod] = await running()
    expect(pod!.metadata.finalizers).toEqual(['batch.kubernetes.io/job-tracking'])
    expect((await get()).status).toMatchObject({ active: 1, ready: 1, startTime: '2026-11-21T09:00:01Z' })
    await finish(pod!, 'Succeeded')
    const { status } = await get()
    expect(status).toMatchObject({
      succeeded: 1,
      ready: 0,
      terminating: 0,
      completionTime: '2026-11-21T09:00:02Z',
      uncountedTerminatedPods: {},
    })
    expect(status!.active).toBeUndefined()
    expect(await conditions()).toEqual([
      'SuccessCriteriaMet True CompletionsReached Reached expected number of succeeded pods',
      'Complete True CompletionsReached Reached expected number of succeeded pods',
    ])
    expect((await c.list<Pod>(pods, 'default'))[0]!.metadata.finalizers).toBeUndefined()
    expect(await c.eventsOf('sum')).toEqual([
      `Normal SuccessfulCreate Created pod: ${pod!.metadata.name}`,
      'Normal Completed Job completed',
    ])
    expect(c.errors).toEqual([])
  })

  test('runs as many pods at once as its parallelism until the completions are reached', async () => {
    await started({ completions: 5, parallelism: 2 })
    let most = 0
    for (let i = 0; i < 5; i++) {
      const now = await running()
      most = Math.max(most, now.length)
      await finish(now[0]!, 'Succeeded')
    }
    expect(most).toBe(2)
    expect((await get()).status).toMatchObject({ succeeded: 5 })
    expect(await running()).toEqual([])
  })

  test('replaces a failed pod after 10 s, then after 20 s', async () => {
    await started()
    await finish((await running())[0]!, 'Failed')
    await c.clock.advance(9_000)
    expect(await running()).toEqual([])
    await c.clock.advance(2_000)
    const [second] = await running()
    expect(second).toBeDefined()
    await finish(second!, 'Failed')
    await c.clock.advance(18_500)
    expect(await running()).toEqual([])
    await c.clock.advance(2_500)
    expect(await running()).toHaveLength(1)
    expect((await get()).status!.failed).toBe(2)
  })

  test('fails when there were more failures than backoffLimit', async () => {
    await started({ backoffLimit: 1 })
    await finish((await running())[0]!, 'Failed')
    await c.clock.advance(15_000)
    await finish((await running())[0]!, 'Failed')
    await c.clock.advance(60_000)
    expect(await running()).toEqual([])
    expect(await conditions()).toEqual([
      'FailureTarget True BackoffLimitExceeded Job has reached the specified backoff limit',
      'Failed True BackoffLimitExceeded Job has reached the specified backoff limit',
    ])
    expect((await c.eventsOf('sum')).at(-1)).toBe('Warning BackoffLimitExceeded Job has reached the specified backoff limit')
    expect((await get()).status!.failed).toBe(2)
  })

  test('is not stopped before a deadline of 64 bits', async () => {
    await started({ activeDeadlineSeconds: 2n ** 63n - 1n })
    c.kubelet.ends = () => false
    await c.clock.advance(31_000)
    expect(await conditions()).toEqual([])
    expect(await c.list(pods, 'default')).toHaveLength(1)
  })

  test('is stopped at its deadline, and failed once its pods are gone', async () => {
    await started({ activeDeadlineSeconds: 30 })
    c.kubelet.ends = () => false
    await c.clock.advance(31_000)
    expect(await conditions()).toEqual(['FailureTarget True DeadlineExceeded Job was active longer than specified deadline'])
    const [pod] = await c.list<Pod>(pods, 'default')
    await c.admin.resource(pods).delete('default', pod!.metadata.name!, { gracePeriodSeconds: 0 })
    await c.clock.advance(1000)
    expect(await c.list(pods, 'default')).toEqual([])
    expect((await conditions()).at(-1)).toBe('Failed True DeadlineExceeded Job was active longer than specified deadline')
  })

  test('that is suspended has no pods, and starts when it is resumed', async () => {
    await started({ suspend: true })
    expect(await running()).toEqual([])
    expect((await get()).status!.startTime).toBeUndefined()
    expect(await conditions()).toEqual(['Suspended True JobSuspended Job suspended'])
    await c.admin.resource(jobs).patch('default', 'sum', { spec: { suspend: false } }, { type: 'merge' })
    await c.clock.advance(1000)
    expect(await running()).toHaveLength(1)
    await c.admin.resource(jobs).patch('default', 'sum', { spec: { suspend: true } }, { type: 'merge' })
    await c.clock.advance(1000)
    expect(await c.list(pods, 'default')).toEqual([])
    expect((await get()).status!.failed).toBeUndefined()
    expect((await c.eventsOf('sum')).filter((e) => !e.includes('pod'))).toEqual(
      ['Normal Suspended Job suspended', 'Normal Resumed Job resumed', 'Normal Suspended Job suspended'].slice(0, 2),
    )
  })

  test('that is deleted lets its pods go', async () => {
    await started()
    await c.admin.resource(jobs).delete('default', 'sum', { propagationPolicy: 'Background' })
    await c.clock.advance(2000)
    expect(await c.list(pods, 'default')).toEqual([])
  })

  test('goes with its pods ttlSecondsAfterFinished after its end', async () => {
    await started({ ttlSecondsAfterFinished: 60 })
    await finish((await running())[0]!, 'Succeeded')
    await c.clock.advance(58_000)
    expect(await c.list(jobs, 'default')).toHaveLength(1)
    await c.clock.advance(4000)
    expect([await c.list(jobs, 'default'), await c.list(pods, 'default')]).toEqual([[], []])
  })
})

describe('an Indexed Job', () => {
  test('gives each pod its index in name, host name, label and environment', async () => {
    await started({ completions: 3, parallelism: 3, completionMode: 'Indexed' })
    const pod = await byIndex(1)
    expect(pod.metadata.name).toMatch(/^sum-1-\w{5}$/)
    expect(pod.spec!.hostname).toBe('sum-1')
    expect(pod.metadata.labels!['batch.kubernetes.io/job-completion-index']).toBe('1')
    expect(pod.spec!.containers[0]!.env).toMatchObject([
      {
        name: 'JOB_COMPLETION_INDEX',
        valueFrom: { fieldRef: { fieldPath: "metadata.labels['batch.kubernetes.io/job-completion-index']" } },
      },
    ])
  })

  test('repeats a failed index and lists the completed ones', async () => {
    await started({ completions: 4, parallelism: 4, completionMode: 'Indexed' })
    await finish(await byIndex(0), 'Succeeded')
    await finish(await byIndex(2), 'Failed')
    await finish(await byIndex(3), 'Succeeded')
    await finish(await byIndex(1), 'Succeeded')
    expect((await get()).status!.completedIndexes).toBe('0,1,3')
    await c.clock.advance(15_000)
    await finish(await byIndex(2), 'Succeeded')
    expect((await get()).status).toMatchObject({ completedIndexes: '0-3', succeeded: 4, failed: 1 })
  })

  test('with backoffLimitPerIndex goes on with the others when one index has failed', async () => {
    await started({ completions: 2, parallelism: 2, completionMode: 'Indexed', backoffLimitPerIndex: 0 })
    await finish(await byIndex(0), 'Failed')
    await c.clock.advance(60_000)
    await finish(await byIndex(1), 'Succeeded')
    expect((await get()).status).toMatchObject({ failedIndexes: '0', completedIndexes: '1' })
    expect((await conditions()).at(-1)).toBe('Failed True FailedIndexes Job has failed indexes')
  })

  test('with backoffLimitPerIndex waits for each index alone, and its pods tell of the failures before them', async () => {
    await started({ completions: 2, parallelism: 2, completionMode: 'Indexed', backoffLimitPerIndex: 3 })
    const failures = (pod: Pod): string | undefined => pod.metadata.annotations!['batch.kubernetes.io/job-index-failure-count']
    expect(failures(await byIndex(0))).toBe('0')
    await finish(await byIndex(0), 'Failed')
    await c.clock.advance(5_000)
    await finish(await byIndex(1), 'Failed')
    await c.clock.advance(6_000)
    // Ten seconds for each, from its own failure.
    expect([await byIndex(0), await byIndex(1)].map((p) => p && failures(p))).toEqual(['1', undefined])
    await c.clock.advance(6_000)
    expect(failures(await byIndex(1))).toBe('1')
    await finish(await byIndex(0), 'Failed')
    await c.clock.advance(18_000)
    expect(await byIndex(0)).toBeUndefined()
    await c.clock.advance(3_000)
    expect(failures(await byIndex(0))).toBe('2')
  })

  test('with maxFailedIndexes ends when more have failed', async () => {
    await started({ completions: 3, parallelism: 3, completionMode: 'Indexed', backoffLimitPerIndex: 0, maxFailedIndexes: 1 })
    await finish(await byIndex(0), 'Failed')
    expect(await running()).toHaveLength(2)
    await finish(await byIndex(2), 'Failed')
    await c.clock.advance(1000)
    expect(await running()).toEqual([])
    const text = 'True MaxFailedIndexesExceeded Job has exceeded the specified maximal number of failed indexes'
    expect(await conditions()).toEqual([`FailureTarget ${text}`, `Failed ${text}`])
    expect((await c.eventsOf('sum')).at(-1)).toBe(
      'Warning MaxFailedIndexesExceeded Job has exceeded the specified maximal number of failed indexes',
    )
    expect((await get()).status).toMatchObject({ failed: 3 })
  })

  test('is complete as soon as its success policy is met', async () => {
    await started({ completions: 3, parallelism: 3, completionMode: 'Indexed', successPolicy: { rules: [{ succeededIndexes: '0' }] } })
    await finish(await byIndex(0), 'Succeeded')
    await c.clock.advance(1000)
    expect((await conditions()).at(-1)).toBe('Complete True SuccessPolicy Matched rules at index 0')
    expect(await running()).toEqual([])
  })
})

describe('a pod failure policy', () => {
  test('fails the Job at once for an exit code', async () => {
    const rules = [{ action: 'FailJob', onExitCodes: { operator: 'In', values: [42] } }]
    await started({ podFailurePolicy: { rules } })
    const [pod] = await running()
    await finish(pod!, 'Failed', 42)
    await c.clock.advance(1000)
    expect((await conditions()).at(-1)).toBe(
      `Failed True PodFailurePolicy Container main for pod default/${pod!.metadata.name} failed with exit code 42 matching FailJob rule at index 0`,
    )
  })

  test('fails one index at once, and counts what it ignores apart', async () => {
    const rules = [
      { action: 'FailIndex', onExitCodes: { operator: 'In', values: [42] } },
      { action: 'Ignore', onExitCodes: { operator: 'In', values: [7] } },
    ]
    await started({
      completions: 2,
      parallelism: 2,
      completionMode: 'Indexed',
      backoffLimitPerIndex: 5,
      podFailurePolicy: { rules },
    })
    await finish(await byIndex(0), 'Failed', 42)
    await finish(await byIndex(1), 'Failed', 7)
    await c.clock.advance(12_000)
    expect((await get()).status).toMatchObject({ failedIndexes: '0', failed: 1 })
    expect(await byIndex(0)).toBeUndefined()
    expect((await byIndex(1)).metadata.annotations).toMatchObject({
      'batch.kubernetes.io/job-index-failure-count': '0',
      'batch.kubernetes.io/job-index-ignored-failure-count': '1',
    })
  })

  test('fails the Job for a condition of a pod, and names it', async () => {
    const rules = [{ action: 'FailJob', onPodConditions: [{ type: 'ConfigIssue', status: 'True' }] }]
    await started({ podFailurePolicy: { rules } })
    const [pod] = await running()
    const status = { phase: 'Failed', conditions: [{ type: 'ConfigIssue', status: 'True' }] }
    await c.admin.resource(pods).patch('default', pod!.metadata.name!, { status }, { type: 'merge', subresource: 'status' })
    await c.clock.advance(1000)
    const text = `Pod default/${pod!.metadata.name} has condition ConfigIssue matching FailJob rule at index 0`
    expect(await conditions()).toEqual([`FailureTarget True PodFailurePolicy ${text}`, `Failed True PodFailurePolicy ${text}`])
    expect((await c.eventsOf('sum')).at(-1)).toBe(`Warning PodFailurePolicy ${text}`)
  })

  test('ignores failures that were nobody’s fault', async () => {
    const rules = [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] }]
    await started({ backoffLimit: 0, podFailurePolicy: { rules } })
    const [pod] = await running()
    const condition = { type: 'DisruptionTarget', status: 'True' }
    await c.admin
      .resource(pods)
      .patch(
        'default',
        pod!.metadata.name!,
        { status: { phase: 'Failed', conditions: [condition] } },
        { type: 'merge', subresource: 'status' },
      )
    await c.clock.advance(1000)
    // They wait like any other failure.
    expect(await running()).toEqual([])
    await c.clock.advance(10_000)
    expect(await running()).toHaveLength(1)
    expect((await get()).status!.failed).toBeUndefined()
  })
})

test('sets of indexes are written as ranges', () => {
  expect(formatIndexes([5, 1, 3, 4, 7, 8])).toBe('1,3-5,7,8')
  expect([...parseIndexes('1,3-5,7-8')]).toEqual([1, 3, 4, 5, 7, 8])
})
