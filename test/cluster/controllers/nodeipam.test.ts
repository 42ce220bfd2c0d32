/** Parts of the pod network for nodes. */
import { expect, test } from 'vitest'
import { resources } from '../../../src-main/cluster/api/client.js'
import type { Node } from '../../../src-main/cluster/api/object.js'
import { startHarness } from './harness.js'

const { nodes } = resources

test('a part that was given back is given out again only after all others', async () => {
  const h = startHarness(['node-ipam-controller'], { kubelet: false, clusterCIDR: '10.244.0.0/22' })
  const add = (name: string) => h.user.resource<Node>(nodes).create('', { apiVersion: 'v1', kind: 'Node', metadata: { name } } as Node)
  for (const name of ['a', 'b']) await add(name)
  await h.clock.settle()
  await h.user.resource(nodes).delete('', 'a')
  for (const name of ['c', 'd', 'e']) await add(name)
  await h.clock.settle()
  const cidrs = ['c', 'd', 'e'].map((name) => h.cluster.get<Node>(nodes, '', name).spec!.podCIDR)
  expect(cidrs).toEqual(['10.244.2.0/24', '10.244.3.0/24', '10.244.0.0/24'])
})

test('a node for which no part is left is told so, and gets that of one that goes', async () => {
  const h = startHarness(['node-ipam-controller'], { kubelet: false, clusterCIDR: '10.244.0.0/23' })
  const add = (name: string) => h.user.resource<Node>(nodes).create('', { apiVersion: 'v1', kind: 'Node', metadata: { name } } as Node)
  for (const name of ['a', 'b', 'c']) await add(name)
  await h.clock.settle()
  const cidrs = () => h.cluster.all<Node>(nodes).map((n) => n.spec?.podCIDR)
  expect(cidrs()).toEqual(['10.244.0.0/24', '10.244.1.0/24', undefined])
  expect(h.eventsOf('c')).toEqual(['Normal CIDRNotAvailable Node c status is now: CIDRNotAvailable'])
  await h.user.resource(nodes).delete('', 'a')
  await add('d')
  await h.clock.settle()
  expect(h.cluster.get<Node>(nodes, '', 'd').spec!.podCIDRs).toEqual(['10.244.0.0/24'])
})
