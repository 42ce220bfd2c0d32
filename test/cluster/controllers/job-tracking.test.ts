/** How a Job keeps account of its pods: finalizers, indexes that come and go, and failures in a row. */
import { afterEach, describe, expect, test } from 'vitest'
import { resources } from '../../../src-main/cluster/api/client.js'
import type { Pod } from '../../../src-main/cluster/api/object.js'
import { dueIndexes, failuresAfter, finishTime } from '../../../src-main/cluster/controllers/job-backoff.js'
import { indexOf, parseIndexes } from '../../../src-main/cluster/controllers/job-indexes.js'
import { newPod } from '../../../src-main/cluster/controllers/job-pods.js'
import type { Job } from '../../../src-main/cluster/controllers/job-policy.js'
import { byActivity, byDeletionPriority } from '../../../src-main/cluster/controllers/pod-ranking.js'
import type { RealCluster } from '../support/real-cluster.js'
import { START, startRealCluster } from '../support/real-cluster.js'
import { pod as podOf } from './harness.js'

const { pods, jobs } = resources
const FINALIZER = 'batch.kubernetes.io/job-tracking'
let c: RealCluster
afterEach(() => c?.stop())

async function started(spec: object, ...there: Pod[]): Promise<void> {
  c = await startRealCluster()
  for (const pod of there) await c.create(pods, pod)
  const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'busybox' }] } }
  const metadata = { name: 'sum', namespace: 'default' }
  await c.create(jobs, { apiVersion: 'batch/v1', kind: 'Job', metadata, spec: { template, ...spec } })
  await c.clock.advance(1000)
}
const status = async () => (await c.get<Job>(jobs, 'default', 'sum')).status!
const all = () => c.list<Pod>(pods, 'default')
const byIndex = async (i: number) => (await all()).filter((p) => indexOf(p) === i)
const conditions = async () => ((await status()).conditions ?? []).map((x) => `${x.type} ${x.reason}`)
const change = (spec: object) => c.admin.resource(jobs).patch('default', 'sum', { spec }, { type: 'merge' })
async function finish(pod: Pod | undefined, phase: 'Succeeded' | 'Failed'): Promise<void> {
  const at = new Date(c.clock.now()).toISOString().slice(0, 19) + 'Z'
  const body = { status: { phase, conditions: [{ type: 'Ready', status: 'False', lastTransitionTime: at }] } }
  await c.admin.resource(pods).patch('default', pod!.metadata.name!, body, { type: 'merge', subresource: 'status' })
  await c.clock.advance(10)
}
const indexed = (completions: number, more: object = {}) => ({ completions, parallelism: completions, completionMode: 'Indexed', ...more })

describe('an Indexed Job', () => {
  test('that is made smaller removes the pods beyond, and forgets the indexes that it no longer has', async () => {
    await started(indexed(4))
    await finish((await byIndex(1))[0], 'Succeeded')
    await finish((await byIndex(3))[0], 'Succeeded')
    expect(await status()).toMatchObject({ succeeded: 2, completedIndexes: '1,3' })
    await change({ completions: 2, parallelism: 2 })
    await c.clock.advance(1000)
    expect(await byIndex(2)).toEqual([])
    expect(await status()).toMatchObject({ active: 1, succeeded: 1, completedIndexes: '1' })
    expect((await status()).failed).toBeUndefined()
    await change({ completions: 3, parallelism: 3 })
    await c.clock.advance(1000)
    expect((await status()).active).toBe(2)
    expect((await byIndex(2))[0]!.status!.phase).toBe('Running')
  })

  test('keeps one pod of an index that has two, and none without an index', async () => {
    await started(indexed(2))
    const [one] = await byIndex(1)
    const { name: _name, uid: _uid, resourceVersion: _version, creationTimestamp: _made, ...metadata } = one!.metadata
    const copy = { apiVersion: 'v1', kind: 'Pod', metadata: { ...metadata, name: 'twin' }, spec: { containers: one!.spec!.containers } }
    await c.create(pods, copy)
    await c.create(pods, { ...copy, metadata: { ...copy.metadata, name: 'stray', annotations: {} } })
    await c.clock.advance(1000)
    expect((await all()).map((p) => p.metadata.name)).toHaveLength(2)
    expect(await byIndex(0)).toHaveLength(1)
    expect(await byIndex(1)).toHaveLength(1)
    expect((await status()).failed).toBeUndefined()
  })

  test('has failed when its last index has, though a success policy is met in the same moment', async () => {
    await started(indexed(2, { backoffLimitPerIndex: 0, successPolicy: { rules: [{ succeededCount: 1 }] } }))
    const [zero, one] = [(await byIndex(0))[0]!, (await byIndex(1))[0]!]
    const write = (pod: Pod, phase: string) =>
      c.admin.resource(pods).patch('default', pod.metadata.name!, { status: { phase } }, { type: 'merge', subresource: 'status' })
    await Promise.all([write(zero, 'Failed'), write(one, 'Succeeded')])
    await c.clock.advance(1000)
    expect(await conditions()).toEqual(['FailureTarget FailedIndexes', 'Failed FailedIndexes'])
  })

  test('that has succeeded early does not count the pods that it ends', async () => {
    await started(indexed(3, { successPolicy: { rules: [{ succeededIndexes: '0' }] } }))
    await finish((await byIndex(0))[0], 'Succeeded')
    await c.clock.advance(1000)
    expect(await conditions()).toEqual(['SuccessCriteriaMet SuccessPolicy', 'Complete SuccessPolicy'])
    const { succeeded, failed, active, ready, terminating } = await status()
    expect({ succeeded, failed, active, ready, terminating }).toEqual({
      succeeded: 1,
      failed: undefined,
      active: undefined,
      ready: 0,
      terminating: 0,
    })
  })

  test('with a limit for each index keeps a failed pod, uncounted, until another takes its place', async () => {
    await started(indexed(1, { backoffLimitPerIndex: 2 }))
    const [first] = await byIndex(0)
    await finish(first, 'Failed')
    await c.clock.advance(5000)
    const failed = async () => (await all()).find((p) => p.metadata.name === first!.metadata.name)!
    expect([(await failed()).metadata.finalizers, (await status()).failed]).toEqual([[FINALIZER], undefined])
    await c.clock.advance(6000)
    expect([(await failed()).metadata.finalizers, (await status()).failed]).toEqual([undefined, 1])
  })

  test('with a very long name still has the index in the names of its pods', () => {
    const job = { metadata: { name: 'a'.repeat(61), namespace: 'default', uid: 'u' }, spec: { template: { spec: { containers: [] } } } }
    expect(newPod(job as unknown as Job, 12).metadata.generateName).toBe(`${'a'.repeat(54)}-12-`)
  })
})

describe('a Job', () => {
  test('counts a pod that it adopts, and lets go of one whose labels no longer match', async () => {
    const template = {
      metadata: { labels: { job: 'mine' } },
      spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'busybox' }] },
    }
    const selector = { matchLabels: { job: 'mine' } }
    await started({ completions: 2, parallelism: 1, manualSelector: true, selector, template }, podOf('found', { job: 'mine' }))
    const found = async () => (await all()).find((p) => p.metadata.name === 'found')!
    expect([(await found()).metadata.finalizers, (await found()).metadata.ownerReferences?.[0]?.name]).toEqual([[FINALIZER], 'sum'])
    await finish(await found(), 'Succeeded')
    expect((await status()).succeeded).toBe(1)
    await c.clock.advance(1000)
    const [other] = (await all()).filter((p) => p.metadata.name !== 'found')
    await c.admin.resource(pods).patch('default', other!.metadata.name!, { metadata: { labels: { job: 'other' } } }, { type: 'merge' })
    await c.clock.advance(1000)
    const freed = (await all()).find((p) => p.metadata.name === other!.metadata.name)!
    expect([freed.metadata.finalizers, freed.metadata.ownerReferences]).toEqual([undefined, undefined])
  })

  test('counts what still runs as failed when it fails, in the same write that takes the finalizers', async () => {
    await started({ parallelism: 2, completions: 2, backoffLimit: 0 })
    c.kubelet.ends = () => false
    await finish((await all())[0], 'Failed')
    expect(await status()).toMatchObject({ failed: 2, terminating: 1, ready: 0, uncountedTerminatedPods: {} })
    expect(await conditions()).toEqual(['FailureTarget BackoffLimitExceeded'])
    expect((await all()).map((p) => p.metadata.finalizers)).toEqual([undefined, undefined])
  })

  test('goes on with the pods that were noted before it was interrupted', async () => {
    await started({ completions: 3, parallelism: 1, suspend: true })
    const uncounted = { succeeded: ['gone-1'], failed: ['gone-2'] }
    await c.admin
      .resource(jobs)
      .patch('default', 'sum', { status: { uncountedTerminatedPods: uncounted } }, { type: 'merge', subresource: 'status' })
    await c.clock.advance(1000)
    expect(await status()).toMatchObject({ succeeded: 1, failed: 1, uncountedTerminatedPods: {} })
  })

  test('that names this controller as its manager is run by it, one that names another is not', async () => {
    await started({ managedBy: 'kubernetes.io/job-controller' })
    expect((await status()).active).toBe(1)
    await c.stop()
    await started({ managedBy: 'example.com/other' })
    expect(await status()).toEqual({})
  })
})

describe('the end of a pod', () => {
  const at = (s: number): string => new Date(START + s * 1000).toISOString()
  const ended = (name: string, s: number) => ({ name, state: { terminated: { exitCode: 0, finishedAt: at(s) } } })
  const running = (name: string) => ({ name, state: { running: {} } })
  const sidecars = { initContainers: [{ name: 'side', restartPolicy: 'Always' }] }
  test.each<[string, Parameters<typeof podOf>[2], number]>([
    ['is that of its last container', { status: { containerStatuses: [ended('a', 5), ended('b', 3)] } }, 5],
    [
      'is that of a sidecar that outlives it',
      { spec: sidecars, status: { containerStatuses: [ended('a', 5)], initContainerStatuses: [ended('side', 9)] } },
      9,
    ],
    [
      'does not wait for an init container',
      { status: { containerStatuses: [ended('a', 5)], initContainerStatuses: [ended('init', 9)] } },
      5,
    ],
    [
      'is when it was no longer ready, while a container has no end',
      {
        status: {
          containerStatuses: [ended('a', 5), running('b')],
          conditions: [{ type: 'Ready', status: 'False', lastTransitionTime: at(7) }],
        },
      },
      7,
    ],
    ['is when its deletion was asked for', { metadata: { deletionTimestamp: at(40), deletionGracePeriodSeconds: 30 } }, 10],
    ['is when it was made, when nothing else is known', { metadata: { creationTimestamp: at(2) } }, 2],
  ])('%s', (_, extra, seconds) => {
    expect(finishTime(podOf('p', {}, extra))).toBe(START + seconds * 1000)
  })

  const end = (s: number): Pod => podOf('p', {}, { status: { containerStatuses: [ended('a', s)] } })
  test.each<[string, number[], number[], { count: number; last: number }, [number, number]]>([
    ['failures add up', [], [1, 2], { count: 1, last: START }, [3, 2]],
    ['a success forgives those before it', [2], [], { count: 3, last: START }, [0, NaN]],
    ['a failure after the success is the first again', [2], [1, 3], { count: 3, last: START }, [1, 3]],
    ['a failure in the second of the success is forgiven too', [2], [2], { count: 3, last: START }, [0, NaN]],
  ])('%s', (_, succeeded, failed, before, [count, last]) => {
    const after = failuresAfter(before, succeeded.map(end), failed.map(end))
    expect(after).toEqual({ count, last: Number.isNaN(last) ? 0 : START + last * 1000 })
  })

  test('makes its index wait by all failures before it, also those that were ignored', () => {
    const annotations = { 'batch.kubernetes.io/job-index-failure-count': '1', 'batch.kubernetes.io/job-index-ignored-failure-count': '1' }
    const failed = podOf('p', {}, { metadata: { annotations, creationTimestamp: at(0) } })
    expect(dueIndexes([0], new Map([[0, failed]]), START)).toEqual({ indexes: [], left: 40_000 })
    expect(dueIndexes([0, 1], new Map([[0, failed]]), START)).toEqual({ indexes: [1], left: 40_000 })
  })
})

test('indexes beyond the completions are not read', () => {
  expect([...parseIndexes('0,2-5,7', 4)]).toEqual([0, 2, 3])
})

describe('the pod that is deleted first', () => {
  const at = (s: number): string => new Date(START + s * 1000).toISOString()
  const ready = (name: string, readySince: number, extra: { restarts?: number; init?: number; uid?: string; made?: number } = {}): Pod =>
    podOf(
      name,
      {},
      {
        spec: { nodeName: 'n' },
        metadata: { uid: extra.uid ?? name, creationTimestamp: at(extra.made ?? 0) },
        status: {
          phase: 'Running',
          conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: at(readySince) }],
          containerStatuses: [{ restartCount: extra.restarts ?? 0 }],
          initContainerStatuses: [{ name: 'init', restartCount: extra.init ?? 0 }],
        },
      },
    )
  const first = (...list: Pod[]) => byDeletionPriority(list, new Map(), START + 3_600_000)[0]!.metadata.name

  test('is chosen by uid when two became ready within one order of magnitude, whatever their restarts', () => {
    expect(first(ready('a', 0, { uid: 'y' }), ready('b', 60, { uid: 'x' }), ready('c', 30, { uid: 'z', restarts: 9 }))).toBe('b')
  })
  test('is the one with more restarts when both became ready in the same second', () => {
    expect(first(ready('a', 5), ready('b', 5, { restarts: 1 }))).toBe('b')
  })
  test('is not chosen for restarts of an init container that has ended', () => {
    expect(first(ready('b', 5, { init: 7, made: 0 }), ready('a', 5, { made: 3590 }))).toBe('a')
  })
  test('of a Job is the one that became ready last, to the second', () => {
    expect(byActivity([ready('a', 10), ready('b', 11, { uid: 'z' })]).map((p) => p.metadata.name)).toEqual(['b', 'a'])
  })
})
