/** Graceful node shutdown: https://kubernetes.io/docs/concepts/cluster-administration/node-shutdown/ */
import { afterEach, describe, expect, test } from 'vitest'
import { resources } from '../../../src-main/cluster/api/client.js'
import type { Node, Pod } from '../../../src-main/cluster/api/object.js'
import type { KubeletConfiguration } from '../../../src-main/cluster/kubelet/kubelet-configuration.js'
import { shutdownSteps, stepOf } from '../../../src-main/cluster/kubelet/node-shutdown.js'
import { MACHINES } from '../../../src-main/cluster/machine-resource.js'
import type { WholeCluster } from '../support/whole-cluster.js'
import { startWholeCluster } from '../support/whole-cluster.js'

const byPriority = {
  shutdownGracePeriodByPodPriority: [100_000, 10_000, 1_000, 0].map((p, i) => ({ priority: p, shutdownGracePeriodSeconds: 10 * (i + 1) })),
}

describe('the steps of a shutdown', () => {
  test.each<[string, KubeletConfiguration, [number, number][]]>([
    ['are none by default', {}, []],
    [
      'are for ordinary pods, then for critical ones',
      { shutdownGracePeriod: '30s', shutdownGracePeriodCriticalPods: '10s' },
      [
        [0, 20],
        [2_000_000_000, 10],
      ],
    ],
    [
      'leave critical pods no time of their own where none is given',
      { shutdownGracePeriod: '1m' },
      [
        [0, 60],
        [2_000_000_000, 0],
      ],
    ],
    [
      'go by priority',
      byPriority,
      [
        [0, 40],
        [1_000, 30],
        [10_000, 20],
        [100_000, 10],
      ],
    ],
  ])('%s', (_, configuration, expected) => {
    expect(shutdownSteps(configuration).map((s) => [s.priority, s.seconds])).toEqual(expected)
  })

  test.each([
    [-1, 40],
    [0, 40],
    [999, 40],
    [1_000, 30],
    [99_999, 20],
    [2_000_001_000, 10],
  ])('a pod of priority %i gets %i s', (priority, seconds) => {
    expect(stepOf(shutdownSteps(byPriority), priority).seconds).toBe(seconds)
  })
})

describe('a node whose machine is switched off', () => {
  let c: WholeCluster
  afterEach(() => c.stop())
  const pod = (name: string): Promise<Pod> => c.get<Pod>(resources.pods, 'default', name)
  const here = { nodeName: 'worker', terminationGracePeriodSeconds: 60 }
  /** Ends so many seconds after it is told to. */
  const ending = (seconds: number) => ({
    name: 'main',
    image: 'busybox',
    command: ['sh', '-c', `trap 'sleep ${seconds}; exit 0' TERM; while true; do sleep 1; done`],
  })
  const ready = async (): Promise<string> => {
    const found = (await c.get<Node>(resources.nodes, '', 'worker')).status!.conditions!.find((x) => x.type === 'Ready')!
    return `${found.status} ${found.reason} ${found.message}`
  }

  test('waits for its pods, critical ones last, and takes no more; those it waited for have failed, and say why', async () => {
    c = await startWholeCluster({ nodes: 1 })
    const kubelet = { shutdownGracePeriod: '30s', shutdownGracePeriodCriticalPods: '10s' }
    const spec = { kubelet }
    await c.create(MACHINES, { apiVersion: 'drydock.dev/v1', kind: 'Machine', metadata: { name: 'worker' }, spec })
    await c.clock.advance(1_000)
    await c.pod('quick', { ...here, containers: [ending(2)] })
    await c.pod('slow', { ...here, containers: [ending(1_000)] })
    await c.pod('critical', { ...here, priorityClassName: 'system-cluster-critical', containers: [ending(3)] })
    await c.clock.advance(10_000)
    const off = c.clock.now()
    await c.admin.resource(MACHINES).patch('', 'worker', { spec: { running: false } }, { type: 'merge' })
    await c.clock.advance(5_000)
    expect(await ready()).toBe('False KubeletNotReady node is shutting down')
    expect(await c.eventsOf('worker')).toEqual(
      expect.arrayContaining([
        'Normal NodeShutdown Shutdown manager detected shutdown event',
        'Normal NodeNotReady Node worker status is now: NodeNotReady',
      ]),
    )
    const quick = (await pod('quick')).status!
    expect([quick.phase, quick.reason, quick.message]).toEqual([
      'Failed',
      'Terminated',
      'Pod was terminated in response to imminent node shutdown.',
    ])
    expect(quick.conditions!.find((x) => x.type === 'DisruptionTarget')).toMatchObject({
      status: 'True',
      reason: 'TerminationByKubelet',
      message: 'Pod was terminated in response to imminent node shutdown.',
    })
    await c.pod('late', { ...here, tolerations: [{ operator: 'Exists' }], containers: [ending(1)] })
    await c.clock.advance(1_000)
    const late = (await pod('late')).status!
    expect([late.phase, late.reason, late.message]).toEqual([
      'Failed',
      'NodeShutdown',
      'Pod was rejected: Pod was rejected as the node is shutting down.',
    ])
    expect(c.kubelets.powered('worker')).toBe(true)
    await c.clock.advance(30_000)
    expect(c.kubelets.powered('worker')).toBe(false)
    const endOf = async (name: string): Promise<[number, number]> => {
      const { exitCode, finishedAt } = (await pod(name)).status!.containerStatuses![0]!.state!.terminated!
      return [exitCode, (Date.parse(finishedAt as never) - off) / 1000]
    }
    expect([await endOf('quick'), await endOf('slow')]).toEqual([
      [0, 2],
      [137, 20],
    ])
    const [code, after] = await endOf('critical')
    expect([code, after]).toEqual([0, 23])
    expect((await c.get<{ status: object }>(MACHINES, '', 'worker')).status).toMatchObject({ phase: 'Stopped' })
    expect(c.errors).toEqual([])
  })

  test('has its static pods again when it is switched on', async () => {
    c = await startWholeCluster({ nodes: 1 })
    const kubelet = { shutdownGracePeriod: '10s' }
    await c.create(MACHINES, { apiVersion: 'drydock.dev/v1', kind: 'Machine', metadata: { name: 'worker' }, spec: { kubelet } })
    await c.clock.advance(1_000)
    const manifest = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'static' }, spec: { containers: [ending(1)] } }
    c.runtime.writeHostFile!('worker', '/etc/kubernetes/manifests/static.yaml', JSON.stringify(manifest))
    await c.clock.advance(20_000)
    const before = await pod('static-worker')
    expect(before.status!.phase).toBe('Running')
    const power = (running: boolean) => c.admin.resource(MACHINES).patch('', 'worker', { spec: { running } }, { type: 'merge' })
    await power(false)
    await c.clock.advance(15_000)
    expect((await pod('static-worker')).status).toMatchObject({ phase: 'Failed', reason: 'Terminated' })
    await power(true)
    await c.clock.advance(30_000)
    const after = await pod('static-worker')
    expect([after.status!.phase, after.metadata.uid === before.metadata.uid]).toEqual(['Running', false])
    expect(await ready()).toBe('True KubeletReady kubelet is posting ready status')
  })

  test('goes off at once without a grace period, and nobody tells of its pods', async () => {
    c = await startWholeCluster({ nodes: 1 })
    await c.create(MACHINES, { apiVersion: 'drydock.dev/v1', kind: 'Machine', metadata: { name: 'worker' }, spec: {} })
    await c.clock.advance(1_000)
    await c.pod('web', { ...here, containers: [ending(2)] })
    await c.clock.advance(10_000)
    await c.admin.resource(MACHINES).patch('', 'worker', { spec: { running: false } }, { type: 'merge' })
    await c.clock.settle()
    expect(c.kubelets.powered('worker')).toBe(false)
    expect((await pod('web')).status!.phase).toBe('Running')
    expect(await c.eventsOf('worker')).not.toContain('Normal NodeShutdown Shutdown manager detected shutdown event')
  })
})
