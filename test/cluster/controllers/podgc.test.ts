import { expect, test } from 'vitest'
import { resources } from '../../../src-main/cluster/api/client.js'
import type { Node, Pod } from '../../../src-main/cluster/api/object.js'
import { startControllers } from '../../../src-main/cluster/controllers/manager.js'
import { Random } from '../../../src-main/cluster/random.js'
import { startHarness, type Harness } from './harness.js'

const { pods, nodes } = resources

async function pod(h: Harness, name: string, extra: { spec?: object; status?: object; metadata?: object } = {}): Promise<void> {
  await h.user.resource<Pod>(pods).create('default', {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', ...extra.metadata },
    spec: { containers: [{ name: 'main', image: 'nginx' }], ...extra.spec },
    status: { phase: 'Running', ...extra.status },
  } as Pod)
  await h.clock.advance(1_000)
}
const names = (h: Harness): string[] => h.cluster.all<Pod>(pods).map((p) => p.metadata.name!)

test('the oldest of too many finished pods are deleted', async () => {
  const h = startHarness(['pod-garbage-collector'], { kubelet: false, finishedPodsKept: 2 })
  await pod(h, 'running')
  for (const name of ['first', 'second', 'third', 'fourth']) await pod(h, name, { status: { phase: 'Succeeded' } })
  await h.clock.settle()
  expect(names(h).sort()).toEqual(['fourth', 'running', 'third'])
  expect(h.errors).toEqual([])
})

test('of too many finished pods those that were evicted go first', async () => {
  const h = startHarness(['pod-garbage-collector'], { kubelet: false, finishedPodsKept: 2 })
  await pod(h, 'oldest', { status: { phase: 'Failed' } })
  await pod(h, 'evicted', { status: { phase: 'Failed', reason: 'Evicted' } })
  await pod(h, 'youngest', { status: { phase: 'Succeeded' } })
  await h.clock.settle()
  expect(names(h).sort()).toEqual(['oldest', 'youngest'])
})

test('pods of a node that is gone are failed and deleted, those of one that comes back are left alone', async () => {
  const h = startHarness(['pod-garbage-collector'], { kubelet: false })
  const machine = (name: string): Node => ({ apiVersion: 'v1', kind: 'Node', metadata: { name }, spec: {}, status: {} }) as Node
  for (const name of ['gone', 'back']) await h.user.resource<Node>(nodes).create('', machine(name))
  await pod(h, 'lost', { spec: { nodeName: 'gone' } })
  await pod(h, 'kept', { spec: { nodeName: 'back' } })
  const told: string[] = []
  h.cluster.for<Pod>(pods).on({
    update: (_, p) => void told.push(`${p.status!.phase} ${p.status!.conditions?.map((c) => `${c.type} ${c.reason} ${c.message}`).join()}`),
  })
  for (const name of ['gone', 'back']) await h.user.resource<Node>(nodes).delete('', name)
  await h.clock.advance(30_000)
  await h.user.resource<Node>(nodes).create('', machine('back'))
  expect(names(h).sort()).toEqual(['kept', 'lost'])
  await h.clock.advance(15_000)
  expect(names(h)).toEqual(['kept'])
  expect(told).toEqual(['Failed DisruptionTarget DeletionByPodGC PodGC: node no longer exists'])
})

test('a pod that is deleted before it has a node goes at once', async () => {
  const h = startHarness(['pod-garbage-collector'], { kubelet: false })
  await pod(h, 'waiting', { status: { phase: 'Pending' }, metadata: { finalizers: ['example.com/hold'] } })
  await h.user.resource<Pod>(pods).delete('default', 'waiting')
  await h.clock.advance(1_000)
  expect(h.cluster.get<Pod>(pods, 'default', 'waiting').status!.phase).toBe('Failed')
  await h.user.resource<Pod>(pods).patch('default', 'waiting', { metadata: { finalizers: null } }, { type: 'merge' })
  await h.clock.advance(1_000)
  expect(names(h)).toEqual([])
})

test('pods that are being deleted on a node that is out of service go at once, the others stay', async () => {
  const h = startHarness(['pod-garbage-collector'], { kubelet: false })
  const conditions = [{ type: 'Ready', status: 'Unknown' }]
  await h.user
    .resource<Node>(nodes)
    .create('', { apiVersion: 'v1', kind: 'Node', metadata: { name: 'dead' }, spec: {}, status: { conditions } } as Node)
  for (const name of ['going', 'later', 'running']) await pod(h, name, { spec: { nodeName: 'dead', terminationGracePeriodSeconds: 30 } })
  await h.user.resource<Pod>(pods).delete('default', 'going')
  await h.clock.advance(60_000)
  expect(names(h)).toContain('going')
  const taints = [{ key: 'node.kubernetes.io/out-of-service', value: 'nodeshutdown', effect: 'NoExecute' }]
  await h.user.resource(nodes).patch('', 'dead', { spec: { taints } }, { type: 'merge' })
  await h.clock.settle()
  expect(names(h)).toEqual(['later', 'running'])
  await h.user.resource<Pod>(pods).delete('default', 'later')
  await h.clock.settle()
  expect(names(h)).toEqual(['running'])
})

test('a controller that begins while pods are being deleted takes them as they are', async () => {
  const h = startHarness([], { kubelet: false })
  const taints = [{ key: 'node.kubernetes.io/out-of-service', value: 'nodeshutdown', effect: 'NoExecute' }]
  const status = { conditions: [{ type: 'Ready', status: 'Unknown' }] }
  await h.user
    .resource<Node>(nodes)
    .create('', { apiVersion: 'v1', kind: 'Node', metadata: { name: 'dead' }, spec: { taints }, status } as Node)
  await pod(h, 'going', { spec: { nodeName: 'dead', terminationGracePeriodSeconds: 30 } })
  await h.user.resource<Pod>(pods).delete('default', 'going')
  expect(names(h)).toEqual(['going'])
  startControllers({
    client: (user) => h.cluster.client(user.username),
    informers: h.cluster,
    clock: h.clock,
    random: new Random('again'),
    only: ['pod-garbage-collector'],
    log: (message, error) => h.errors.push(`${message}: ${(error as Error).message}`),
  })
  await h.clock.settle()
  expect(names(h)).toEqual([])
  expect(h.errors).toEqual([])
})
