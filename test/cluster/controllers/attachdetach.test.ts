/** Volumes that have to be attached to a node before its pods can mount them, with real machines. */
import { afterEach, expect, test } from 'vitest'
import { resources } from '../../../src-main/cluster/api/client.js'
import type { Node, Pod } from '../../../src-main/cluster/api/object.js'
import type { VolumeAttachment } from '../../../src-main/cluster/controllers/volumeattachment-model.js'
import type { WholeCluster } from '../support/whole-cluster.js'
import { startWholeCluster } from '../support/whole-cluster.js'

let c: WholeCluster
afterEach(() => c.stop())

const { nodes, pods, persistentvolumes, persistentvolumeclaims, csidrivers, volumeattachments } = resources
const VOLUME = 'kubernetes.io/csi/csi.example.com^vol-1'

/** A cluster of two nodes with a claim that is bound to a volume of a CSI driver. */
async function start(driver: object | undefined, accessModes = ['ReadWriteOnce']): Promise<void> {
  c = await startWholeCluster({ nodes: 2 })
  if (driver)
    await c.create(csidrivers, { apiVersion: 'storage.k8s.io/v1', kind: 'CSIDriver', metadata: { name: 'csi.example.com' }, spec: driver })
  const csi = { driver: 'csi.example.com', volumeHandle: 'vol-1' }
  const common = { accessModes, storageClassName: '' }
  await c.create(persistentvolumes, {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: 'pv' },
    spec: { ...common, capacity: { storage: '1Gi' }, csi },
  })
  await c.create(persistentvolumeclaims, {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'data', namespace: 'default' },
    spec: { ...common, resources: { requests: { storage: '1Gi' } } },
  })
  await c.clock.advance(1_000)
}
const user = (name: string, nodeName: string, extra: object = {}) =>
  c.pod(name, {
    nodeName,
    terminationGracePeriodSeconds: 0,
    containers: [{ name: 'main', image: 'busybox', command: ['sleep', 'inf'], volumeMounts: [{ name: 'v', mountPath: '/data' }] }],
    volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }],
    ...extra,
  })
const attachments = async (): Promise<string[]> =>
  (await c.list<VolumeAttachment>(volumeattachments)).map(
    ({ spec, status }) => `${spec!.source.persistentVolumeName} by ${spec!.attacher} on ${spec!.nodeName}: ${status!.attached}`,
  )
const volumesOf = async (name: string): Promise<unknown[]> => {
  const { status } = await c.get<Node>(nodes, '', name)
  return [status!.volumesInUse, status!.volumesAttached]
}
const phase = async (name: string): Promise<string> => (await c.get<Pod>(pods, 'default', name)).status!.phase!
const about = async (name: string): Promise<string[]> => (await c.eventsOf(name)).filter((e) => /Volume|Mount/.test(e))

test('a volume is attached to the node of its pod, is in use there, and is detached when the pod is gone', async () => {
  await start({})
  await user('web', 'drydock')
  await c.clock.advance(10_000)
  expect(await phase('web')).toBe('Running')
  expect(await attachments()).toEqual(['pv by csi.example.com on drydock: true'])
  const [attachment] = await c.list<VolumeAttachment>(volumeattachments)
  // The hash of handle, driver and node.
  expect(attachment!.metadata.name).toBe('csi-feef6e6b2273a575ec9ddb6ee81e3a8ac524fdc937eee0b5a995da07f69b5d9c')
  expect(await volumesOf('drydock')).toEqual([[VOLUME], [{ name: VOLUME, devicePath: '' }]])
  expect(await about('web')).toEqual(['Normal SuccessfulAttachVolume AttachVolume.Attach succeeded for volume "pv" '])
  await c.admin.resource(pods).delete('default', 'web')
  await c.clock.advance(5_000)
  expect(await attachments()).toEqual([])
  expect(await volumesOf('drydock')).toEqual([undefined, undefined])
  expect(c.errors).toEqual([])
})

test.each([
  ['a driver that says that its volumes need not be attached', { attachRequired: false }],
  ['a driver that nobody has described', undefined],
])('the volumes of %s are mounted without', async (_which, driver) => {
  await start(driver)
  await user('web', 'drydock')
  await c.clock.advance(10_000)
  expect([await phase('web'), await attachments(), await volumesOf('drydock')]).toEqual(['Running', [], [undefined, undefined]])
})

test('a volume for one node is not attached to a second one while it is used; then it moves', async () => {
  await start({})
  await user('first', 'drydock')
  await c.clock.advance(10_000)
  await user('second', 'drydock-m02')
  await c.clock.advance(130_000)
  expect([await phase('second'), await attachments()]).toEqual(['Pending', ['pv by csi.example.com on drydock: true']])
  expect(await about('second')).toEqual([
    'Warning FailedAttachVolume Multi-Attach error for volume "pv" Volume is already used by pod(s) first',
  ])
  await c.admin.resource(pods).delete('default', 'first')
  await c.clock.advance(10_000)
  expect([await phase('second'), await attachments()]).toEqual(['Running', ['pv by csi.example.com on drydock-m02: true']])
})

test('a volume for many nodes is attached to each of them', async () => {
  await start({}, ['ReadWriteMany'])
  await user('first', 'drydock')
  await user('second', 'drydock-m02')
  await c.clock.advance(10_000)
  expect([await phase('first'), await phase('second')]).toEqual(['Running', 'Running'])
  expect((await attachments()).sort()).toEqual(['pv by csi.example.com on drydock-m02: true', 'pv by csi.example.com on drydock: true'])
})

test('a pod that has ended has no more use for its volume', async () => {
  await start({})
  const containers = [{ name: 'main', image: 'busybox', command: ['true'], volumeMounts: [{ name: 'v', mountPath: '/data' }] }]
  await user('task', 'drydock', { restartPolicy: 'Never', containers })
  await c.clock.advance(10_000)
  expect([await phase('task'), await attachments()]).toEqual(['Succeeded', []])
})

test('a node that is lost keeps its volume for six minutes after its pod was given up', async () => {
  await start({})
  await user('web', 'drydock-m02')
  await c.clock.advance(10_000)
  await c.kubelets.stopNode('drydock-m02')
  await c.clock.advance(60_000)
  await c.admin.resource(pods).delete('default', 'web', { gracePeriodSeconds: 0 })
  await c.clock.advance(359_000)
  expect(await attachments()).toEqual(['pv by csi.example.com on drydock-m02: true'])
  await user('heir', 'drydock')
  await c.clock.advance(500)
  expect(await about('heir')).toEqual([
    'Warning FailedAttachVolume Multi-Attach error for volume "pv" ' +
      "Volume is already exclusively attached to one node and can't be attached to another",
  ])
  await c.clock.advance(10_000)
  expect([await phase('heir'), await attachments()]).toEqual(['Running', ['pv by csi.example.com on drydock: true']])
})

test('a node that is out of service gives its volume up at once', async () => {
  await start({})
  await user('web', 'drydock-m02')
  await c.clock.advance(10_000)
  await c.kubelets.stopNode('drydock-m02')
  await c.clock.advance(60_000)
  const taints = [{ key: 'node.kubernetes.io/out-of-service', value: 'nodeshutdown', effect: 'NoExecute' }]
  await c.admin.resource<Node>(nodes).patch('', 'drydock-m02', { spec: { taints } }, { type: 'strategic' })
  await c.clock.advance(5_000)
  expect(await attachments()).toEqual([])
})
