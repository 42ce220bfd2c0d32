/** What the node controller says of nodes and does to their pods when a kubelet itself reports trouble. */
import { expect, test } from 'vitest'
import { resources } from '../../../src-main/cluster/api/client.js'
import type { Node, Pod } from '../../../src-main/cluster/api/object.js'
import { readyNode } from '../support/real-cluster.js'
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
