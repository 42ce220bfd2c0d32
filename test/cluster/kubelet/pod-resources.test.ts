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
})
