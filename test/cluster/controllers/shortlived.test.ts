/** What makes pods that do not last, in a whole cluster: time moves on all the same. */
import { afterEach, describe, expect, test } from 'vitest'
import { resources } from '../../../src-main/cluster/api/client.js'
import type { Event, Node, Pod } from '../../../src-main/cluster/api/object.js'
import type { WholeCluster } from '../support/whole-cluster.js'
import { startWholeCluster } from '../support/whole-cluster.js'

const { pods, nodes, statefulsets, replicasets } = resources

let c: WholeCluster
afterEach(() => c.stop())

const web = { nodeName: 'drydock-m02', containers: [{ name: 'main', image: 'nginx', ports: [{ containerPort: 80, hostPort: 8080 }] }] }
const make = (kind: 'StatefulSet' | 'ReplicaSet', replicas: number) =>
  c.create(kind === 'StatefulSet' ? statefulsets : replicasets, {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      replicas,
      ...(kind === 'StatefulSet' ? { serviceName: 'web' } : {}),
      selector: { matchLabels: { app: 'web' } },
      template: { metadata: { labels: { app: 'web' } }, spec: web },
    },
  })
/** How often something was said of all pods together. */
const told = async (reason: string): Promise<number> =>
  (await c.list<Event>(resources.events, 'default')).filter((e) => e.reason === reason).reduce((sum, e) => sum + (e.count ?? 1), 0)
const failed = async (): Promise<number> => (await c.list<Pod>(pods, 'default')).filter((p) => p.status!.phase === 'Failed').length

describe('pods that their node refuses', () => {
  test('are made ever more slowly by a StatefulSet, and the first that it takes runs', async () => {
    c = await startWholeCluster({ nodes: 2 })
    await c.pod('first', web)
    await c.clock.advance(5_000)
    await make('StatefulSet', 1)
    expect(await told('NodePorts')).toBe(21)
    await c.clock.advance(600_000)
    // After 0.1, 0.2, 0.4 … 25.6 s, then every 30 s.
    expect(await told('NodePorts')).toBe(21 + 9 + 18)
    await c.admin.resource(pods).delete('default', 'first', { gracePeriodSeconds: 1 })
    await c.clock.advance(35_000)
    expect((await c.get<Pod>(pods, 'default', 'web-0')).status!.phase).toBe('Running')
  })

  test('are made in rounds by a ReplicaSet, all of one round together', async () => {
    c = await startWholeCluster({ nodes: 2 })
    await c.pod('first', web)
    await c.clock.advance(5_000)
    await make('ReplicaSet', 50)
    expect(await failed()).toBe(50)
    await c.clock.advance(99)
    expect(await failed()).toBe(50)
    await c.clock.advance(1)
    expect(await failed()).toBe(100)
    await c.clock.advance(199)
    expect(await failed()).toBe(100)
    await c.clock.advance(1)
    expect(await failed()).toBe(150)
  })
})

describe('pods that a taint of their node ends', () => {
  test('are made ever more slowly, and last once the taint is gone', async () => {
    c = await startWholeCluster({ nodes: 2 })
    const taint = (taints: object[]) => c.admin.resource<Node>(nodes).patch('', 'drydock-m02', { spec: { taints } }, { type: 'merge' })
    await taint([{ key: 'maintenance', effect: 'NoExecute' }])
    await c.clock.settle()
    await make('ReplicaSet', 1)
    await c.clock.advance(1_800_000)
    expect(await told('TaintManagerEviction')).toBe(88)
    await taint([])
    await c.clock.advance(35_000)
    const [pod] = await c.list<Pod>(pods, 'default')
    expect(pod!.status!.phase).toBe('Running')
  })
})
