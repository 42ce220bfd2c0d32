/** What the node controller says of nodes and does to their pods when a kubelet itself reports trouble. */
import { expect, test } from 'vitest'
import { resources } from '../../../src-main/cluster/api/client.js'
import type { Node, Pod } from '../../../src-main/cluster/api/object.js'
import { readyNode } from '../support/real-cluster.js'
import type { Harness } from './harness.js'
import { pod, startHarness } from './harness.js'

const { nodes, pods } = resources

test('a node whose kubelet says that it is not ready is told of, tainted, and its pods are not ready', async () => {
  const h = startHarness(['node-controller'])
  await h.user.resource<Node>(nodes).create('', readyNode('node-1', h.clock))
  await h.user.resource<Pod>(pods).create('default', pod('web', {}))
  await h.clock.settle()
  h.cluster.edit<Node>(nodes, '', 'node-1', (n) => {
    const ready = n.status!.conditions!.find((c) => c.type === 'Ready')!
    Object.assign(ready, { status: 'False', reason: 'KubeletNotReady', message: 'container runtime is down' })
  })
  await h.clock.settle()
  expect(h.eventsOf('node-1', 'default')).toEqual([
    'Normal RegisteredNode Node node-1 event: Registered Node node-1 in Controller',
    'Normal NodeNotReady Node node-1 status is now: NodeNotReady',
  ])
  const taints = h.cluster.get<Node>(nodes, '', 'node-1').spec!.taints!.map((t) => `${t.key}:${t.effect}`)
  expect(taints).toContain('node.kubernetes.io/not-ready:NoSchedule')
  expect(h.eventsOf('web')).toEqual(['Warning NodeNotReady Node is not ready'])
  expect(h.cluster.get<Pod>(pods, 'default', 'web').status!.conditions).toMatchObject([{ type: 'Ready', status: 'False' }])
})

test('a node that nobody has spoken of is not ready, its pods are let alone, and after a minute nobody knows of it', async () => {
  const h = startHarness(['node-controller'])
  await h.user.resource<Node>(nodes).create('', readyNode('node-2', h.clock))
  await h.user.resource<Node>(nodes).create('', { apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-1' } })
  await h.user.resource<Pod>(pods).create('default', pod('web', {}))
  const seen = (): unknown[] => {
    const { spec, status } = h.cluster.get<Node>(nodes, '', 'node-1')
    const ready = status?.conditions?.find((c) => c.type === 'Ready')
    return [spec!.taints!.map((t) => `${t.key}:${t.effect}`), ready?.reason, h.eventsOf('web')]
  }
  await h.clock.advance(59_000)
  expect(seen()).toEqual([['node.kubernetes.io/not-ready:NoSchedule'], undefined, []])
  await h.clock.advance(2_000)
  expect(seen()[1]).toBe('NodeStatusNeverUpdated')
})

/** Nodes of a zone, as many as are asked for. */
async function zone(h: Harness, name: string, count: number): Promise<string[]> {
  const names = Array.from({ length: count }, (_, i) => `${name}-${i}`)
  for (const n of names) {
    const node = readyNode(n, h.clock)
    const metadata = { ...node.metadata, labels: { ...node.metadata.labels, 'topology.kubernetes.io/zone': name } }
    await h.user.resource<Node>(nodes).create('', { ...node, metadata })
  }
  await h.clock.settle()
  return names
}
function setReady(h: Harness, names: readonly string[], status: 'True' | 'False'): void {
  for (const name of names)
    h.cluster.edit<Node>(nodes, '', name, (n) => {
      n.status!.conditions!.find((c) => c.type === 'Ready')!.status = status
    })
}
/** The nodes from which pods are evicted. */
const evicting = (h: Harness): string[] =>
  h.cluster
    .all<Node>(nodes)
    .filter((n) => n.spec?.taints?.some((t) => t.effect === 'NoExecute'))
    .map((n) => n.metadata.name!)

test('when no node is left that is ready, nobody is evicted from any; when one is back, the others are not spared', async () => {
  const h = startHarness(['node-controller'], { kubelet: false })
  const [first, second] = (await zone(h, 'a', 2)) as [string, string]
  const seen = new Set<string>()
  h.cluster.for<Node>(nodes).on({ update: () => evicting(h).forEach((n) => seen.add(n)) })
  setReady(h, [second], 'False')
  await h.clock.settle()
  expect(evicting(h)).toEqual([second])
  setReady(h, [first], 'False')
  await h.clock.advance(15_000)
  expect(evicting(h)).toEqual([])
  setReady(h, [first], 'True')
  await h.clock.advance(15_000)
  expect(evicting(h)).toEqual([second])
  expect([...seen]).toEqual([second])
})

test.each<[string, number, number, number, number]>([
  ['one node in ten seconds', 5, 2, 30, 2],
  ['nobody from a small zone of which most is lost', 5, 3, 600, 0],
  ['at the usual rate from a zone that is lost altogether', 3, 3, 15, 2],
  ['one node in a hundred seconds from a large zone of which most is lost', 60, 40, 150, 2],
])('pods are evicted: %s', async (_, size, lost, seconds, expected) => {
  const h = startHarness(['node-controller'], { kubelet: false, nodeGracePeriodMs: 86_400_000 })
  await zone(h, 'other', 1)
  const names = await zone(h, 'a', size)
  setReady(h, names.slice(0, lost), 'False')
  await h.clock.advance(seconds * 1000)
  expect(evicting(h)).toHaveLength(expected)
})
