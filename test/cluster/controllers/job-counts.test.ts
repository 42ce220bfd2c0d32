/** What a Job's status counts while its pods come and go, as far as upstream's integration tests of Jobs ask for it. */
import { afterEach, describe, expect, test } from 'vitest'
import { resources } from '../../../src-main/cluster/api/client.js'
import type { Pod } from '../../../src-main/cluster/api/object.js'
import { indexOf } from '../../../src-main/cluster/controllers/job-indexes.js'
import type { Job } from '../../../src-main/cluster/controllers/job-policy.js'
import type { RealCluster } from '../support/real-cluster.js'
import { startRealCluster } from '../support/real-cluster.js'

const { pods, jobs } = resources
/** Keeps a pod that has ended or is deleted. */
const HELD = { finalizers: ['example.com/held'] }
let c: RealCluster
afterEach(() => c?.stop())

/** Pods run, are never ready, and end only when a test says so. */
async function started(spec: object, metadata: object = {}): Promise<void> {
  c = await startRealCluster()
  c.kubelet.ready = () => false
  c.kubelet.ends = () => false
  const template = { metadata, spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'busybox' }] } }
  const object = { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'sum', namespace: 'default' }, spec: { template, ...spec } }
  await c.create(jobs, object)
  await c.clock.advance(1_000)
}
const status = async () => (await c.get<Job>(jobs, 'default', 'sum')).status!
/** Active, ready, succeeded, failed and terminating pods. */
async function counts(): Promise<(number | undefined)[]> {
  const { active = 0, ready, succeeded = 0, failed = 0, terminating } = await status()
  return [active, ready, succeeded, failed, terminating]
}
const conditions = async () => ((await status()).conditions ?? []).map((x) => `${x.type} ${x.reason}`)
const all = () => c.list<Pod>(pods, 'default')
const alive = async () => (await all()).filter((p) => p.status!.phase === 'Running')
async function end(ending: readonly Pod[], phase: 'Succeeded' | 'Failed'): Promise<void> {
  for (const { metadata } of ending)
    await c.admin.resource(pods).patch('default', metadata.name!, { status: { phase } }, { type: 'merge', subresource: 'status' })
  await c.clock.advance(2_000)
}
const endSome = async (n: number, phase: 'Succeeded' | 'Failed') => end((await alive()).slice(0, n), phase)
const endIndex = async (i: number, phase: 'Succeeded' | 'Failed') =>
  end(
    (await alive()).filter((p) => indexOf(p) === i),
    phase,
  )
async function change(spec: object): Promise<void> {
  await c.admin.resource(jobs).patch('default', 'sum', { spec }, { type: 'merge' })
  await c.clock.advance(2_000)
}
/** What a kubelet does at the end of a pod that is being deleted. */
async function letGo(): Promise<void> {
  for (const { metadata } of (await all()).filter((p) => p.metadata.deletionTimestamp))
    await c.admin.resource(pods).delete('default', metadata.name!, { gracePeriodSeconds: 0 })
  await c.clock.advance(2_000)
}

describe('a Job', () => {
  test('without completions makes no more pods once one has succeeded, also when others fail', async () => {
    await started({ parallelism: 5 })
    expect(await counts()).toEqual([5, 0, 0, 0, 0])
    await endSome(2, 'Failed')
    await c.clock.advance(25_000)
    expect(await counts()).toEqual([5, 0, 0, 2, 0])
    await endSome(1, 'Succeeded')
    expect(await counts()).toEqual([4, 0, 1, 2, 0])
    await endSome(2, 'Failed')
    await c.clock.advance(600_000)
    expect(await counts()).toEqual([2, 0, 1, 4, 0])
    await endSome(2, 'Succeeded')
    expect(await counts()).toEqual([0, 0, 3, 4, 0])
    expect(await conditions()).toEqual(['SuccessCriteriaMet CompletionsReached', 'Complete CompletionsReached'])
  })

  test('whose parallelism is lowered by more than its backoffLimit has not failed, and may grow again', async () => {
    await started({ parallelism: 5, backoffLimit: 2 })
    await change({ parallelism: 2 })
    expect(await counts()).toEqual([2, 0, 0, 0, 3])
    await change({ parallelism: 4 })
    expect(await counts()).toEqual([4, 0, 0, 0, 3])
    await letGo()
    expect(await counts()).toEqual([4, 0, 0, 0, 0])
  })

  test.each([
    ['TerminatingOrFailed', 'Indexed', [2, 0, 0, 2, 2], [2, 0, 0, 2, 0]],
    ['TerminatingOrFailed', 'NonIndexed', [2, 0, 0, 2, 2], [2, 0, 0, 2, 0]],
    ['Failed', 'Indexed', [0, 0, 0, 0, 2], [2, 0, 0, 2, 0]],
    ['Failed', 'NonIndexed', [0, 0, 0, 0, 2], [2, 0, 0, 2, 0]],
  ])('with podReplacementPolicy %s, %s, replaces deleted pods in its time', async (policy, mode, deleted, failed) => {
    await started({ parallelism: 2, completions: 2, completionMode: mode, podReplacementPolicy: policy }, HELD)
    const before = await alive()
    for (const { metadata } of before) await c.admin.resource(pods).delete('default', metadata.name!)
    await c.clock.advance(25_000)
    expect(await counts()).toEqual(deleted)
    await end(before, 'Failed')
    await c.clock.advance(25_000)
    expect(await counts()).toEqual(failed)
  })

  test('that has failed says so only when its last pod has ended', async () => {
    await started({ parallelism: 2, completions: 2, backoffLimit: 0 }, HELD)
    await endSome(1, 'Failed')
    expect([await counts(), await conditions()]).toEqual([[0, 0, 0, 2, 1], ['FailureTarget BackoffLimitExceeded']])
    await endSome(1, 'Succeeded')
    expect([await counts(), await conditions()]).toEqual([
      [0, 0, 0, 2, 0],
      ['FailureTarget BackoffLimitExceeded', 'Failed BackoffLimitExceeded'],
    ])
  })

  test('that is made as small as its successes is complete only when its last pod has ended', async () => {
    await started({ parallelism: 2, completions: 2, completionMode: 'Indexed' }, HELD)
    await endIndex(0, 'Succeeded')
    await change({ parallelism: 1, completions: 1 })
    expect([await counts(), await conditions()]).toEqual([[0, 0, 1, 0, 1], ['SuccessCriteriaMet CompletionsReached']])
    await endSome(1, 'Succeeded')
    expect([await counts(), await conditions()]).toEqual([
      [0, 0, 1, 0, 0],
      ['SuccessCriteriaMet CompletionsReached', 'Complete CompletionsReached'],
    ])
    expect((await status()).completedIndexes).toBe('0')
  })

  test('that is made to want nothing is complete once its pods are gone', async () => {
    await started({ parallelism: 3, completions: 3, completionMode: 'Indexed' })
    await change({ parallelism: 0, completions: 0 })
    expect([await counts(), await conditions()]).toEqual([[0, 0, 0, 0, 3], ['SuccessCriteriaMet CompletionsReached']])
    await letGo()
    expect((await conditions()).at(-1)).toBe('Complete CompletionsReached')
  })

  test('of which one index is enough ends the pods of the others, and does not count them', async () => {
    await started({ parallelism: 2, completions: 2, completionMode: 'Indexed', successPolicy: { rules: [{ succeededCount: 1 }] } })
    await endIndex(1, 'Succeeded')
    expect([await counts(), await conditions()]).toEqual([[0, 0, 1, 0, 1], ['SuccessCriteriaMet SuccessPolicy']])
    await letGo()
    expect([await counts(), await conditions()]).toEqual([
      [0, 0, 1, 0, 0],
      ['SuccessCriteriaMet SuccessPolicy', 'Complete SuccessPolicy'],
    ])
  })

  test('takes other nodes while it is suspended, and its pods that wait for a node are counted until they are gone', async () => {
    await started({ parallelism: 2, suspend: true })
    await change({ suspend: false, template: { spec: { nodeSelector: { disk: 'ssd' } } } })
    expect((await all()).map((p) => p.spec!.nodeSelector)).toEqual([{ disk: 'ssd' }, { disk: 'ssd' }])
    await expect(change({ template: { spec: { nodeSelector: { disk: 'hdd' } } } })).rejects.toThrow('spec.template: Invalid value')
    const seen: (number | undefined)[] = []
    const stop = c.informers.for<Job>(jobs).on({ update: (_, job) => void seen.push(job.status!.terminating) })
    await change({ suspend: true })
    stop()
    expect([seen.includes(2), await counts()]).toEqual([true, [0, 0, 0, 0, 0]])
  })

  test.each(['Orphan', 'Background', 'Foreground'] as const)(
    'that is deleted with propagation %s leaves no finalizer behind',
    async (policy) => {
      await started({ parallelism: 2 })
      await c.admin.resource(jobs).delete('default', 'sum', { propagationPolicy: policy })
      await c.clock.advance(5_000)
      const left = (await all()).map((p) => [p.metadata.finalizers, p.metadata.deletionTimestamp !== undefined])
      expect(left).toEqual([
        [undefined, policy !== 'Orphan'],
        [undefined, policy !== 'Orphan'],
      ])
    },
  )
})
