/** What a node takes and what it refuses, in a whole cluster. */
import { afterEach, describe, expect, test } from 'vitest'
import { resources } from '../../../src-main/cluster/api/client.js'
import type { Pod } from '../../../src-main/cluster/api/object.js'
import type { WholeCluster } from '../support/whole-cluster.js'
import { startWholeCluster } from '../support/whole-cluster.js'

let c: WholeCluster
afterEach(() => c.stop())

const asking = (cpu: string, extra: object = {}) => ({
  containers: [{ name: 'main', image: 'busybox', command: ['sleep', '3600'], resources: { requests: { cpu } } }],
  ...extra,
})
const get = (name: string): Promise<Pod> => c.get<Pod>(resources.pods, 'default', name)

describe('a node that is full', () => {
  test('refuses a pod that names it: the pod has failed, with a reason and nothing of its containers', async () => {
    c = await startWholeCluster({ nodes: 1 })
    await c.pod('first', asking('3'))
    await c.pod('second', asking('2', { nodeName: 'drydock' }))
    const { status } = await get('second')
    expect(status).toEqual({
      observedGeneration: 1,
      phase: 'Failed',
      reason: 'OutOfcpu',
      message: "Pod was rejected: Node didn't have enough resource: cpu, requested: 2000, used: 3000, capacity: 4000",
      startTime: '2026-11-21T09:00:01Z',
      qosClass: 'Burstable',
    })
    expect(await c.eventsOf('second')).toEqual([
      "Warning OutOfcpu Node didn't have enough resource: cpu, requested: 2000, used: 3000, capacity: 4000",
    ])
  })

  test('takes the next pod as soon as one that was deleted is gone', async () => {
    c = await startWholeCluster({ nodes: 1 })
    await c.pod('first', asking('3'))
    await c.pod('waiting', asking('3'))
    expect((await get('waiting')).spec!.nodeName).toBeUndefined()
    await c.admin.resource(resources.pods).delete('default', 'first', { gracePeriodSeconds: 1 })
    await c.clock.advance(5_000)
    expect((await get('waiting')).status!.phase).toBe('Running')
  })
})
