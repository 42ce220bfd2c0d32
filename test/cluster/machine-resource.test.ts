/** The machines of a cluster as objects of its API. */
import { afterEach, describe, expect, test } from 'vitest'
import { resources } from '../../src-main/cluster/api/client.js'
import type { MachineObject } from '../../src-main/cluster/api/kinds/machine.js'
import type { Deployment, KubeObject, Lease, Node, Pod } from '../../src-main/cluster/api/object.js'
import { MACHINES } from '../../src-main/cluster/machine-resource.js'
import type { WholeCluster } from './support/whole-cluster.js'
import { startWholeCluster } from './support/whole-cluster.js'

let c: WholeCluster

afterEach(async () => {
  await c.stop()
  expect(c.errors).toEqual([])
})

type Machine = MachineObject & KubeObject
const node = (name: string): Promise<Node> => c.get<Node>(resources.nodes, '', name)
const machine = (name: string): Promise<Machine> => c.get<Machine>(MACHINES, '', name)
const nodeNames = async (): Promise<string[]> => (await c.list<Node>(resources.nodes)).map((n) => n.metadata.name!)
const ready = (n: Node): string => n.status!.conditions!.find((x) => x.type === 'Ready')!.status

async function patch(name: string, spec: object): Promise<void> {
  await c.admin.resource<Machine>(MACHINES).patch('', name, { spec }, { type: 'merge' })
  await c.clock.settle()
}

const sleepers = (replicas: number) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'sleepers', namespace: 'default' },
  spec: {
    replicas,
    selector: { matchLabels: { app: 'sleepers' } },
    template: {
      metadata: { labels: { app: 'sleepers' } },
      spec: { containers: [{ name: 'main', image: 'busybox', command: ['sleep', '1000000'] }] },
    },
  },
})

describe('Machine', () => {
  test('a new cluster has one for each node, and they say what the machines are', async () => {
    c = await startWholeCluster()
    const all = await c.list<Machine>(MACHINES)
    expect(all.map((m) => [m.metadata.name, m.spec.controlPlane, m.status!.phase, m.status!.address])).toEqual([
      ['drydock', true, 'Running', '192.168.49.2'],
      ['drydock-m02', undefined, 'Running', '192.168.49.3'],
      ['drydock-m03', undefined, 'Running', '192.168.49.4'],
    ])
    const { nodeInfo } = (await node('drydock-m02')).status!
    expect(all[1]!.status).toMatchObject({ machineID: nodeInfo!.machineID, systemUUID: nodeInfo!.systemUUID, bootID: nodeInfo!.bootID })
  })

  test('creating one adds a node that registers itself with its capacity, labels, zone and taints', async () => {
    c = await startWholeCluster({ nodes: 1 })
    await c.create(MACHINES, {
      apiVersion: 'drydock.dev/v1',
      kind: 'Machine',
      metadata: { name: 'gpu' },
      spec: { cpu: 8, memory: '16Gi', zone: 'eu-1a', labels: { gpu: 'true' }, taints: [{ key: 'gpu', effect: 'NoSchedule' }] },
    })
    await c.clock.advance(1_000)
    const made = await node('gpu')
    expect(ready(made)).toBe('True')
    expect(made.spec!.taints).toEqual([{ key: 'gpu', effect: 'NoSchedule' }])
    expect(made.metadata.labels).toMatchObject({ gpu: 'true', 'topology.kubernetes.io/zone': 'eu-1a', 'kubernetes.io/hostname': 'gpu' })
    expect(made.status!.capacity).toMatchObject({ cpu: '8', memory: '16Gi', pods: '110' })
    expect((await machine('gpu')).status).toMatchObject({ phase: 'Running', address: '192.168.49.3', observedGeneration: 1 })
  })

  test('without power it is silent: the node becomes Unknown, is tainted, and its pods are replaced elsewhere', async () => {
    c = await startWholeCluster({ nodes: 2 })
    await c.create(resources.deployments, sleepers(2))
    await c.clock.advance(10_000)
    const placed = await c.list<Pod>(resources.pods, 'default')
    expect(placed.map((p) => p.spec!.nodeName).sort()).toEqual(['drydock', 'drydock-m02'])
    await patch('drydock-m02', { running: false })
    expect((await machine('drydock-m02')).status!.phase).toBe('Stopped')
    const silentSince = (await c.get<Lease>(resources.leases, 'kube-node-lease', 'drydock-m02')).spec!.renewTime
    await c.clock.advance(40_000)
    expect(ready(await node('drydock-m02'))).toBe('True')
    await c.clock.advance(20_000)
    const gone = await node('drydock-m02')
    expect((await c.get<Lease>(resources.leases, 'kube-node-lease', 'drydock-m02')).spec!.renewTime).toBe(silentSince)
    expect(gone.status!.conditions!.map((x) => `${x.type} ${x.status} ${x.reason}`)).toEqual([
      'MemoryPressure Unknown NodeStatusUnknown',
      'DiskPressure Unknown NodeStatusUnknown',
      'PIDPressure Unknown NodeStatusUnknown',
      'Ready Unknown NodeStatusUnknown',
    ])
    expect(gone.spec!.taints!.map((t) => `${t.key}:${t.effect}`)).toEqual([
      'node.kubernetes.io/unreachable:NoSchedule',
      'node.kubernetes.io/unreachable:NoExecute',
    ])
    await c.clock.advance(310_000)
    const after = await c.list<Pod>(resources.pods, 'default')
    expect(after.map((p) => [p.spec!.nodeName, p.metadata.deletionTimestamp !== undefined]).sort()).toEqual([
      ['drydock', false],
      ['drydock', false],
      ['drydock-m02', true],
    ])
    const { bootID } = (await machine('drydock-m02')).status!
    await patch('drydock-m02', { running: true, cpu: 16 })
    await c.clock.advance(20_000)
    const back = await node('drydock-m02')
    expect([ready(back), back.spec!.taints, back.status!.capacity!.cpu]).toEqual(['True', undefined, '16'])
    expect(back.status!.nodeInfo!.bootID).not.toBe(bootID)
    expect((await c.list<Pod>(resources.pods, 'default')).map((p) => p.spec!.nodeName)).toEqual(['drydock', 'drydock'])
    expect((await c.get<Deployment>(resources.deployments, 'default', 'sleepers')).status!.availableReplicas).toBe(2)
    expect(await c.eventsOf('drydock-m02')).toContain(
      `Warning Rebooted Node drydock-m02 has been rebooted, boot id: ${back.status!.nodeInfo!.bootID}`,
    )
  })

  test('of which nothing was heard for a while has its pods ready again once it is heard of', async () => {
    c = await startWholeCluster({ nodes: 2 })
    await c.pod('web', { nodeName: 'drydock-m02', containers: [{ name: 'main', image: 'busybox', command: ['sleep', '1000000'] }] })
    await c.clock.advance(10_000)
    const before = await c.get<Pod>(resources.pods, 'default', 'web')
    // As the node controller does when the node has become Unknown.
    const conditions = [{ type: 'Ready', status: 'False', lastTransitionTime: '2026-11-21T09:00:11Z' }]
    await c.admin
      .resource<Pod>(resources.pods)
      .patch('default', 'web', { status: { conditions } }, { type: 'strategic', subresource: 'status' })
    await c.clock.settle()
    expect((await c.get<Pod>(resources.pods, 'default', 'web')).status).toEqual(before.status)
  })

  test('deleting one takes its Node along, and waits until it has', async () => {
    c = await startWholeCluster({ nodes: 2 })
    await c.admin.resource(MACHINES).delete('', 'drydock-m02')
    await c.clock.settle()
    expect(await nodeNames()).toEqual(['drydock'])
    await expect(machine('drydock-m02')).rejects.toMatchObject({ reason: 'NotFound' })
    expect(c.kubelets.nodes().map((n) => n.name)).toEqual(['drydock'])
  })

  test('a pod that has another address after a reboot of its machine runs under it', async () => {
    c = await startWholeCluster({ nodes: 2 })
    const asleep = { nodeName: 'drydock-m02', containers: [{ name: 'main', image: 'busybox', command: ['sleep', '1000000'] }] }
    await c.pod('first', asleep)
    await c.clock.advance(5_000)
    await c.pod('second', asleep)
    await c.clock.advance(5_000)
    await c.admin.resource(resources.pods).delete('default', 'first', { gracePeriodSeconds: 0 })
    expect((await c.get<Pod>(resources.pods, 'default', 'second')).status!.podIPs).toEqual([{ ip: '10.244.1.3' }])
    await patch('drydock-m02', { running: false })
    await patch('drydock-m02', { running: true })
    await c.clock.advance(10_000)
    const { status } = await c.get<Pod>(resources.pods, 'default', 'second')
    expect([status!.podIP, status!.podIPs, status!.containerStatuses![0]!.restartCount]).toEqual(['10.244.1.2', [{ ip: '10.244.1.2' }], 1])
    expect(status!.conditions!.filter((x) => x.status !== 'True')).toEqual([])
  })

  test('a Node that is deleted stays away while its kubelet runs, and comes back when the machine is started again', async () => {
    c = await startWholeCluster({ nodes: 2 })
    await c.pod('stray', { nodeName: 'drydock-m02', containers: [{ name: 'main', image: 'busybox', command: ['sleep', '1000000'] }] })
    await c.clock.advance(10_000)
    await c.admin.resource(resources.nodes).delete('', 'drydock-m02')
    await c.clock.advance(120_000)
    expect(await nodeNames()).toEqual(['drydock'])
    await expect(c.get(resources.pods, 'default', 'stray')).rejects.toMatchObject({ reason: 'NotFound' })
    expect((await machine('drydock-m02')).status!.phase).toBe('Running')
    await patch('drydock-m02', { running: false })
    await patch('drydock-m02', { running: true })
    await c.clock.advance(1_000)
    expect(await nodeNames()).toEqual(['drydock', 'drydock-m02'])
    expect(ready(await node('drydock-m02'))).toBe('True')
  })

  test('what is stopped stays stopped over a restart, and what was added is there again', async () => {
    c = await startWholeCluster({ nodes: 2 })
    await c.create(MACHINES, { apiVersion: 'drydock.dev/v1', kind: 'Machine', metadata: { name: 'extra' }, spec: {} })
    await patch('drydock-m02', { running: false })
    const before = await machine('extra')
    await c.restart()
    expect(c.kubelets.nodes()).toEqual([
      { name: 'drydock', address: '192.168.49.2', powered: true },
      { name: 'drydock-m02', address: '192.168.49.3', powered: false },
      { name: 'extra', address: '192.168.49.4', powered: true },
    ])
    expect(await machine('extra')).toEqual(before)
  })

  test.each([
    [{ cpu: 0 }, 'spec.cpu: Invalid value: "0": must be greater than zero'],
    [
      { memory: 'lots' },
      `spec.memory: Invalid value: "lots": quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'`,
    ],
    [{ controlPlane: true }, 'spec.controlPlane: Invalid value: true: field is immutable'],
    [
      { kubelet: { evictionSoft: { 'memory.available': '1Gi' } } },
      'spec.kubelet.evictionSoftGracePeriod[memory.available]: Required value: grace period must be specified for the soft eviction threshold memory.available',
    ],
  ])('refuses %j', async (spec, message) => {
    c = await startWholeCluster({ nodes: 2 })
    await expect(patch('drydock-m02', spec)).rejects.toThrow(`Machine.drydock.dev "drydock-m02" is invalid: ${message}`)
  })

  test('the one that the control plane runs on can be neither stopped nor deleted', async () => {
    c = await startWholeCluster({ nodes: 1 })
    await expect(patch('drydock', { running: false })).rejects.toThrow(
      'Machine.drydock.dev "drydock" is invalid: spec.running: Forbidden: the control plane runs on this machine',
    )
    await expect(c.admin.resource(MACHINES).delete('', 'drydock')).rejects.toThrow(
      'machines.drydock.dev "drydock" is forbidden: the control plane runs on it',
    )
  })
})
