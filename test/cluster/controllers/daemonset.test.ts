import { afterEach, expect, test } from 'vitest'
import { resources } from '../../../src-main/cluster/api/client.js'
import type { Node, Pod } from '../../../src-main/cluster/api/object.js'
import type { DaemonSet } from '../../../src-main/cluster/controllers/daemonset-placement.js'
import type { RealCluster } from '../support/real-cluster.js'
import { readyNode, startRealCluster } from '../support/real-cluster.js'

const { pods, nodes, daemonsets } = resources
let c: RealCluster
afterEach(() => c.stop())

const agent = (podSpec: object = {}, extra: object = {}) => ({
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { name: 'agent', namespace: 'default' },
  spec: {
    selector: { matchLabels: { app: 'agent' } },
    template: { metadata: { labels: { app: 'agent' } }, spec: { containers: [{ name: 'main', image: 'agent:1' }], ...podSpec } },
    ...extra,
  },
})
const where = async () =>
  (await c.list<Pod>(pods, 'default'))
    .filter((p) => !p.metadata.deletionTimestamp)
    .map((p) => p.spec!.nodeName)
    .sort()
const images = async () =>
  (await c.list<Pod>(pods, 'default'))
    .filter((p) => !p.metadata.deletionTimestamp)
    .map((p) => p.spec!.containers[0]!.image)
    .sort()
const label = (node: string, labels: object) => c.admin.resource(nodes).patch('', node, { metadata: { labels } }, { type: 'merge' })
const status = async () => (await c.get<DaemonSet>(daemonsets, 'default', 'agent')).status
const setImage = (image: string) =>
  c.admin
    .resource(daemonsets)
    .patch('default', 'agent', { spec: { template: { spec: { containers: [{ name: 'main', image }] } } } }, { type: 'strategic' })

test('runs one pod on every node, new ones included', async () => {
  c = await startRealCluster({ nodes: 2 })
  await c.create(daemonsets, agent())
  await c.clock.advance(1000)
  expect(await where()).toEqual(['node-1', 'node-2'])
  await c.create(nodes, readyNode('node-3', c.clock))
  await c.clock.advance(1000)
  expect(await where()).toEqual(['node-1', 'node-2', 'node-3'])
  expect(await status()).toMatchObject({
    desiredNumberScheduled: 3,
    currentNumberScheduled: 3,
    numberReady: 3,
    numberAvailable: 3,
    updatedNumberScheduled: 3,
    numberMisscheduled: 0,
  })
  const created = (await c.list<Pod>(pods, 'default')).map((p) => `Normal SuccessfulCreate Created pod: ${p.metadata.name}`)
  expect((await c.eventsOf('agent')).sort()).toEqual(created.sort())
  expect(c.errors).toEqual([])
})

test('a pod appears when a node is labelled and goes when the label goes', async () => {
  c = await startRealCluster({ nodes: 2 })
  await c.create(daemonsets, agent({ nodeSelector: { disk: 'ssd' } }))
  await c.clock.advance(1000)
  expect(await where()).toEqual([])
  await label('node-2', { disk: 'ssd' })
  await c.clock.advance(1000)
  expect(await where()).toEqual(['node-2'])
  await label('node-2', { disk: 'hdd' })
  await c.clock.advance(1000)
  expect(await where()).toEqual([])
})

test('leaves out tainted nodes unless it tolerates the taint, but runs on cordoned ones', async () => {
  c = await startRealCluster({ nodes: 2 })
  const spec = { taints: [{ key: 'team', value: 'a', effect: 'NoSchedule' }], unschedulable: true }
  await c.admin.resource(nodes).patch('', 'node-1', { spec }, { type: 'merge' })
  await c.admin.resource(nodes).patch('', 'node-2', { spec: { unschedulable: true } }, { type: 'merge' })
  await c.create(daemonsets, agent())
  await c.clock.advance(1000)
  expect(await where()).toEqual(['node-2'])
  const tolerations = [{ key: 'team', operator: 'Exists' }]
  await c.admin.resource(daemonsets).patch('default', 'agent', { spec: { template: { spec: { tolerations } } } }, { type: 'merge' })
  await c.clock.advance(5000)
  expect(await where()).toEqual(['node-1', 'node-2'])
})

test('a rolling update replaces one pod at a time, and the old template is kept as a revision', async () => {
  c = await startRealCluster({ nodes: 3 })
  await c.create(daemonsets, agent())
  await c.clock.advance(1000)
  c.kubelet.ready = (p) => p.spec!.containers[0]!.image !== 'broken'
  await setImage('broken')
  await c.clock.advance(5000)
  expect(await images()).toEqual(['agent:1', 'agent:1', 'broken'])
  await setImage('agent:2')
  await c.clock.advance(5000)
  expect(await images()).toEqual(['agent:2', 'agent:2', 'agent:2'])
  expect(
    (await c.list<{ revision: number; metadata: object }>(resources.controllerrevisions, 'default')).map((r) => r.revision).sort(),
  ).toEqual([1, 2, 3])
})

test('with OnDelete a pod changes only when it is deleted', async () => {
  c = await startRealCluster({ nodes: 2 })
  await c.create(daemonsets, agent({}, { updateStrategy: { type: 'OnDelete' } }))
  await c.clock.advance(1000)
  await setImage('agent:2')
  await c.clock.advance(5000)
  expect(await images()).toEqual(['agent:1', 'agent:1'])
  const [first] = await c.list<Pod>(pods, 'default')
  await c.admin.resource(pods).delete('default', first!.metadata.name!)
  await c.clock.advance(5000)
  expect(await images()).toEqual(['agent:1', 'agent:2'])
})

test('with maxSurge the new pod is available before the old one goes', async () => {
  c = await startRealCluster({ nodes: 2 })
  await c.create(daemonsets, agent({}, { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } } }))
  await c.clock.advance(1000)
  c.kubelet.ready = (p) => p.spec!.containers[0]!.image !== 'broken'
  await setImage('broken')
  await c.clock.advance(5000)
  expect(await images()).toEqual(['agent:1', 'agent:1', 'broken'])
  await setImage('agent:2')
  await c.clock.advance(5000)
  expect(await images()).toEqual(['agent:2', 'agent:2'])
})

test('replaces a failed pod and says so', async () => {
  c = await startRealCluster({ nodes: 1 })
  await c.create(daemonsets, agent())
  await c.clock.advance(1000)
  const [pod] = await c.list<Pod>(pods, 'default')
  await c.admin
    .resource(pods)
    .patch('default', pod!.metadata.name!, { status: { phase: 'Failed' } }, { type: 'merge', subresource: 'status' })
  await c.clock.advance(2000)
  expect(await c.eventsOf('agent')).toContain(
    `Warning FailedDaemonPod Found failed daemon pod default/${pod!.metadata.name} on node node-1, will try to kill it`,
  )
  expect((await c.list<Pod>(pods, 'default')).map((p) => p.status!.phase)).toEqual(['Running'])
  expect((await c.list<Node>(nodes)).length).toBe(1)
})

test('goes by required node affinity', async () => {
  c = await startRealCluster({ nodes: 3 })
  await label('node-1', { disk: 'ssd' })
  await label('node-3', { disk: 'nvme' })
  const expression = { key: 'disk', operator: 'In', values: ['ssd', 'nvme'] }
  const affinity = {
    nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [expression] }] } },
  }
  await c.create(daemonsets, agent({ affinity }))
  await c.clock.advance(1000)
  expect(await where()).toEqual(['node-1', 'node-3'])
  await label('node-1', { disk: 'hdd' })
  await c.clock.advance(1000)
  expect(await where()).toEqual(['node-3'])
  expect(await status()).toMatchObject({ desiredNumberScheduled: 1, currentNumberScheduled: 1, numberMisscheduled: 0 })
})

test.each([
  [2, 2],
  ['50%', 2],
  ['30%', 2],
])('a rolling update with maxUnavailable %s replaces %i of four at a time', async (maxUnavailable, atOnce) => {
  c = await startRealCluster({ nodes: 4 })
  await c.create(daemonsets, agent({}, { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable } } }))
  await c.clock.advance(1000)
  c.kubelet.ready = () => false
  await setImage('agent:2')
  await c.clock.advance(5000)
  expect((await images()).filter((i) => i === 'agent:2')).toHaveLength(atOnce)
  expect(await status()).toMatchObject({ updatedNumberScheduled: atOnce, numberUnavailable: atOnce })
})

test('replaces a pod that has succeeded, and says so', async () => {
  c = await startRealCluster({ nodes: 1 })
  await c.create(daemonsets, agent())
  await c.clock.advance(1000)
  const [pod] = await c.list<Pod>(pods, 'default')
  const name = pod!.metadata.name!
  await c.admin.resource(pods).patch('default', name, { status: { phase: 'Succeeded' } }, { type: 'merge', subresource: 'status' })
  await c.clock.advance(1000)
  expect(await c.eventsOf('agent')).toContain(
    `Normal SucceededDaemonPod Found succeeded daemon pod default/${name} on node node-1, will try to delete it`,
  )
  expect(await where()).toEqual(['node-1'])
})

test('a pod that does not work does not count when pods are replaced: it goes besides', async () => {
  c = await startRealCluster({ nodes: 3 })
  c.kubelet.ready = (p) => !p.metadata.annotations?.['broken']
  await c.create(daemonsets, agent())
  await c.clock.advance(1000)
  const [first] = await c.list<Pod>(pods, 'default')
  const unready = { status: { conditions: [{ type: 'Ready', status: 'False' }] } }
  await c.admin.resource(pods).patch('default', first!.metadata.name!, unready, { type: 'strategic', subresource: 'status' })
  c.kubelet.ready = () => false
  await setImage('agent:2')
  await c.clock.advance(5000)
  expect(await images()).toEqual(['agent:1', 'agent:2', 'agent:2'])
})

test('with maxSurge a pod that does not work is joined by a new one beyond the surge, and then goes', async () => {
  c = await startRealCluster({ nodes: 3 })
  c.kubelet.ready = () => false
  await c.create(daemonsets, agent({}, { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } } }))
  await c.clock.advance(1000)
  await setImage('agent:2')
  await c.clock.advance(5000)
  expect(await images()).toEqual(['agent:2', 'agent:2', 'agent:2'])
})

test('with maxSurge no new pod comes where the set should not run any more, and the old one goes once enough others work', async () => {
  c = await startRealCluster({ nodes: 2 })
  await c.create(daemonsets, agent({}, { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } } }))
  await c.clock.advance(1000)
  const taints = [{ key: 'maintenance', effect: 'NoSchedule' }]
  await c.admin.resource(nodes).patch('', 'node-2', { spec: { taints } }, { type: 'merge' })
  const [first] = (await c.list<Pod>(pods, 'default')).filter((p) => p.spec!.nodeName === 'node-1')
  const unready = { status: { conditions: [{ type: 'Ready', status: 'False' }] } }
  await c.admin.resource(pods).patch('default', first!.metadata.name!, unready, { type: 'strategic', subresource: 'status' })
  c.kubelet.ready = (p) => p.spec!.containers[0]!.image !== 'broken'
  await setImage('broken')
  await c.clock.advance(5000)
  // One of each on the node that is left, and what works on the other.
  expect(await where()).toEqual(['node-1', 'node-2'])
  expect(await images()).toEqual(['agent:1', 'broken'])
  await setImage('agent:2')
  await c.clock.advance(5000)
  expect([await where(), await images()]).toEqual([['node-1'], ['agent:2']])
  expect(c.errors).toEqual([])
})

test('with maxSurge an old pod that does not work goes where the set should not run any more', async () => {
  c = await startRealCluster({ nodes: 2 })
  c.kubelet.ready = (p) => p.spec!.nodeName !== 'node-2'
  await c.create(daemonsets, agent({}, { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } } }))
  await c.clock.advance(1000)
  const taints = [{ key: 'maintenance', effect: 'NoSchedule' }]
  await c.admin.resource(nodes).patch('', 'node-2', { spec: { taints } }, { type: 'merge' })
  await c.clock.advance(1000)
  expect(await where()).toEqual(['node-1', 'node-2'])
  await setImage('agent:2')
  await c.clock.advance(5000)
  expect([await where(), await images()]).toEqual([['node-1'], ['agent:2']])
})

test('with maxSurge a pod that is going is replaced before it is gone', async () => {
  c = await startRealCluster({ nodes: 1 })
  c.kubelet.ends = () => false
  await c.create(daemonsets, agent({}, { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } } }))
  await c.clock.advance(1000)
  const [pod] = await c.list<Pod>(pods, 'default')
  await c.admin.resource(pods).delete('default', pod!.metadata.name!)
  await c.clock.advance(2000)
  expect((await c.list<Pod>(pods, 'default')).map((p) => p.metadata.deletionTimestamp !== undefined).sort()).toEqual([false, true])
})

test('a pod that has ended and is held by a finalizer is in nobody’s way', async () => {
  c = await startRealCluster({ nodes: 1 })
  await c.create(daemonsets, agent())
  await c.clock.advance(1000)
  const [pod] = await c.list<Pod>(pods, 'default')
  const name = pod!.metadata.name!
  await c.admin.resource(pods).patch('default', name, { metadata: { finalizers: ['example.com/hold'] } }, { type: 'merge' })
  await c.admin.resource(pods).patch('default', name, { status: { phase: 'Failed' } }, { type: 'merge', subresource: 'status' })
  await c.clock.advance(2000)
  expect((await c.list<Pod>(pods, 'default')).map((p) => p.status!.phase).sort()).toEqual(['Failed', 'Running'])
  expect(await status()).toMatchObject({ currentNumberScheduled: 1, numberReady: 1, numberAvailable: 1 })
})

test('of two pods on a node the older stays', async () => {
  c = await startRealCluster({ nodes: 1 })
  await c.create(daemonsets, agent())
  await c.clock.advance(1000)
  const [pod] = await c.list<Pod>(pods, 'default')
  const { labels, ownerReferences } = pod!.metadata
  const twin = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a-twin', namespace: 'default', labels, ownerReferences } }
  await c.create(pods, { ...twin, spec: { nodeName: 'node-1', containers: [{ name: 'main', image: 'agent:1' }] } })
  await c.clock.advance(2000)
  expect((await c.list<Pod>(pods, 'default')).map((p) => p.metadata.name)).toEqual([pod!.metadata.name])
})

test('keeps no more old revisions than its limit, those that pods still have included', async () => {
  c = await startRealCluster({ nodes: 1 })
  await c.create(daemonsets, agent({}, { revisionHistoryLimit: 1, updateStrategy: { type: 'OnDelete' } }))
  await c.clock.advance(1000)
  for (const image of ['agent:2', 'agent:3', 'agent:4']) {
    await setImage(image)
    await c.clock.advance(2000)
  }
  const revisions = await c.list<{ revision: number; metadata: object }>(resources.controllerrevisions, 'default')
  expect(revisions.map((r) => r.revision).sort()).toEqual([1, 4])
})

test('of a node that is gone a pod without a node goes at once, and one that ran there once pods are collected', async () => {
  c = await startRealCluster({ nodes: 2 })
  const busy = { containers: [{ name: 'main', image: 'agent:1', resources: { requests: { cpu: '1000' } } }] }
  const name = 'waiting'
  const labels = { app: name }
  await c.create(daemonsets, agent())
  await c.create(daemonsets, {
    ...agent(),
    metadata: { name, namespace: 'default' },
    spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: busy } },
  })
  await c.clock.advance(1000)
  await c.admin.resource(nodes).delete('', 'node-2')
  await c.clock.advance(5000)
  const left = await c.list<Pod>(pods, 'default')
  expect(left.map((p) => [p.metadata.labels!['app'], p.spec!.nodeName, p.metadata.deletionTimestamp]).sort()).toEqual([
    ['agent', 'node-1', undefined],
    ['agent', 'node-2', undefined],
    ['waiting', undefined, undefined],
  ])
  await c.clock.advance(60_000)
  expect(await where()).toEqual(['node-1', undefined])
  expect((await c.eventsOf('agent')).filter((e) => e.includes('SuccessfulDelete'))).toEqual([])
})
