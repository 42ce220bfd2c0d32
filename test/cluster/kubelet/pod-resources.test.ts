/** Resources of a pod as a whole (`spec.resources`), in a whole cluster. */
import { afterEach, describe, expect, test } from 'vitest'
import { resources } from '../../../src-main/cluster/api/client.js'
import type { Pod } from '../../../src-main/cluster/api/object.js'
import type { WholeCluster } from '../support/whole-cluster.js'
import { startWholeCluster } from '../support/whole-cluster.js'

let c: WholeCluster
afterEach(() => c.stop())

const get = (name: string): Promise<Pod> => c.get<Pod>(resources.pods, 'default', name)

describe('resources of a pod as a whole', () => {
  test('are what the scheduler and the node count, and make its quality of service', async () => {
    c = await startWholeCluster({ nodes: 1 })
    const whole = { requests: { cpu: '3', memory: '1Gi' }, limits: { cpu: '3', memory: '1Gi' } }
    const container = (name: string) => ({ name, image: 'busybox', command: ['sleep', '3600'] })
    await c.pod('pair', { resources: whole, containers: [container('one'), container('two')] })
    await c.pod('more', { containers: [{ ...container('main'), resources: { requests: { cpu: '2' } } }] })
    await c.clock.advance(10_000)
    const pair = await get('pair')
    expect([pair.status!.phase, pair.status!.qosClass]).toEqual(['Running', 'Guaranteed'])
    expect((await get('more')).status!.conditions!.map((x) => x.message)).toEqual([
      '0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preemption: 0/1 nodes are available: 1 No preemption ' +
        'victims found for incoming pod.',
    ])
  })

  test('are the limit of containers that have none of their own', async () => {
    c = await startWholeCluster({ nodes: 1 })
    const eater = { image: 'polinux/stress', command: ['stress', '--vm', '1', '--vm-bytes', '100M', '--vm-hang', '0'] }
    await c.pod('greedy', {
      restartPolicy: 'Never',
      resources: { limits: { memory: '150Mi' } },
      containers: [
        { name: 'fits', ...eater },
        { name: 'limited', ...eater, resources: { limits: { memory: '50Mi' } } },
      ],
    })
    await c.clock.advance(10_000)
    const statuses = (await get('greedy')).status!.containerStatuses!
    expect(statuses.map((s) => [s.name, s.state!.running ? 'running' : s.state!.terminated!.reason])).toEqual([
      ['fits', 'running'],
      ['limited', 'OOMKilled'],
    ])
    await c.pod('alone', { restartPolicy: 'Never', resources: { limits: { memory: '50Mi' } }, containers: [{ name: 'main', ...eater }] })
    await c.clock.advance(10_000)
    expect((await get('alone')).status!.containerStatuses![0]!.state!.terminated).toMatchObject({ exitCode: 137, reason: 'OOMKilled' })
  })

  test('are shared: of containers that use too much together the largest is killed', async () => {
    c = await startWholeCluster({ nodes: 1 })
    const eater = (name: string, megabytes: number) => ({
      name,
      image: 'polinux/stress',
      command: ['sh', '-c', `sleep 30; exec stress --vm 1 --vm-bytes ${megabytes}M --vm-hang 0`],
    })
    await c.pod('pair', {
      restartPolicy: 'Never',
      resources: { limits: { memory: '150Mi' } },
      containers: [eater('small', 60), eater('large', 100)],
    })
    await c.clock.advance(60_000)
    const statuses = (await get('pair')).status!.containerStatuses!
    expect(statuses.map((s) => [s.name, s.state!.running ? 'running' : s.state!.terminated!.reason])).toEqual([
      ['large', 'OOMKilled'],
      ['small', 'running'],
    ])
  })

  test('are shared: the CPU of all containers together is throttled to the limit', async () => {
    c = await startWholeCluster({ nodes: 1 })
    const busy = (name: string) => ({ name, image: 'busybox', command: ['sh', '-c', 'while true; do :; done'] })
    await c.pod('pair', { resources: { limits: { cpu: '500m' } }, containers: [busy('one'), busy('two')] })
    await c.clock.advance(120_000)
    const used = c.kubelets
      .metrics()
      .find((p) => p.name === 'pair')!
      .containers.reduce((sum, x) => sum + x.cpuNanos, 0)
    const { startedAt } = (await get('pair')).status!.containerStatuses![0]!.state!.running!
    const seconds = (c.clock.now() - Date.parse(startedAt as unknown as string)) / 1000
    expect(used / 1e9 / seconds).toBeCloseTo(0.5, 1)
  })

  test('are told in the status of the pod', async () => {
    c = await startWholeCluster({ nodes: 1 })
    const whole = { requests: { cpu: '1', memory: '100Mi' }, limits: { cpu: '2', memory: '200Mi' } }
    await c.pod('told', { resources: whole, containers: [{ name: 'main', image: 'busybox', command: ['sleep', '3600'] }] })
    await c.clock.advance(10_000)
    const { allocatedResources, resources: applied } = (await get('told')).status!
    expect([allocatedResources, applied]).toEqual([whole.requests, whole])
  })
})

describe('a resize of a pod as a whole', () => {
  const whole = (cpu: string, memory: string) => ({ requests: { cpu, memory }, limits: { cpu, memory } })
  const main = { name: 'main', image: 'polinux/stress', command: ['sh', '-c', 'sleep 60; exec stress --vm 1 --vm-bytes 100M --vm-hang 0'] }

  async function resize(to: object): Promise<void> {
    await c.admin
      .resource<Pod>(resources.pods)
      .patch('default', 'web', { spec: { resources: to } }, { type: 'strategic', subresource: 'resize' })
    await c.clock.settle()
  }

  test('takes effect in its containers without a restart, and is told in status and events', async () => {
    c = await startWholeCluster({ nodes: 1 })
    await c.pod('web', { restartPolicy: 'Never', resources: whole('500m', '64Mi'), containers: [main] })
    await c.clock.advance(10_000)
    await resize(whole('1', '256Mi'))
    const { allocatedResources, resources: applied, containerStatuses } = (await get('web')).status!
    expect([allocatedResources, applied, containerStatuses![0]!.restartCount]).toEqual([
      { cpu: '1', memory: '256Mi' },
      whole('1', '256Mi'),
      0,
    ])
    const body =
      '{"resources":{"limits":{"cpu":"1","memory":"256Mi"},"requests":{"cpu":"1","memory":"256Mi"}},' +
      '"containers":[{"name":"main","resources":{}}],"generation":2}'
    expect((await c.eventsOf('web')).filter((e) => e.includes('Resize'))).toEqual([
      `Normal ResizeStarted Pod resize started: ${body}`,
      `Normal ResizeCompleted Pod resize completed: ${body}`,
    ])
    await c.clock.advance(120_000)
    expect((await get('web')).status!.phase).toBe('Running')
  })

  test('restarts a container that lives under its limits where the policy of the container asks for it', async () => {
    c = await startWholeCluster({ nodes: 1 })
    const resizePolicy = [{ resourceName: 'memory', restartPolicy: 'RestartContainer' }]
    const sleeper = { name: 'main', image: 'busybox', command: ['sleep', '3600'] }
    await c.pod('web', {
      resources: whole('500m', '64Mi'),
      containers: [
        { ...sleeper, resizePolicy },
        { ...sleeper, name: 'other' },
      ],
    })
    await c.clock.advance(10_000)
    await resize(whole('500m', '128Mi'))
    await c.clock.advance(60_000)
    const statuses = (await get('web')).status!.containerStatuses!
    expect(statuses.map((s) => [s.name, s.restartCount])).toEqual([
      ['main', 1],
      ['other', 0],
    ])
  })

  test('to more than the node has is refused', async () => {
    c = await startWholeCluster({ nodes: 1 })
    await c.pod('web', { resources: whole('500m', '64Mi'), containers: [main] })
    await c.clock.advance(10_000)
    await expect(resize(whole('9', '64Mi'))).rejects.toThrow(
      'pods "web" is forbidden: node didn\'t have enough allocatable resources: cpu, requested: 9000, allocatable: 4000',
    )
  })

  test('to what only the API server believes the node has waits, infeasible', async () => {
    c = await startWholeCluster({ nodes: 1 })
    await c.pod('web', { resources: whole('500m', '64Mi'), containers: [main] })
    await c.clock.advance(10_000)
    await c.believeInMore('16')
    await resize(whole('9', '64Mi'))
    const { status } = await get('web')
    expect(status!.conditions!.find((x) => x.type === 'PodResizePending')).toMatchObject({
      status: 'True',
      reason: 'Infeasible',
      message: "Node didn't have enough capacity: cpu, requested: 9000, capacity: 4000",
    })
    expect(status!.resources).toEqual(whole('500m', '64Mi'))
  })
})
