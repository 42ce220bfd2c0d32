/** How long a VolumeAttributesClass stays that somebody deletes, in a whole cluster. */
import { afterEach, expect, test } from 'vitest'
import { resources } from '../../../src-main/cluster/api/client.js'
import type { VolumeAttributesClass } from '../../../src-main/cluster/api/kinds/volumeattributesclass.js'
import { VOLUME_ATTRIBUTES_CLASSES as classes } from '../../../src-main/cluster/controllers/volumeprotection.js'
import type { WholeCluster } from '../support/whole-cluster.js'
import { startWholeCluster } from '../support/whole-cluster.js'

const { persistentvolumeclaims: claims, persistentvolumes: volumes } = resources

let c: WholeCluster
afterEach(() => c.stop())

const storage = { accessModes: ['ReadWriteOnce'], storageClassName: 'slow', volumeAttributesClassName: 'fast' }
const claim = {
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'data', namespace: 'default' },
  spec: { ...storage, resources: { requests: { storage: '1Gi' } } },
}
const volume = {
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  metadata: { name: 'disk' },
  spec: { ...storage, capacity: { storage: '1Gi' }, csi: { driver: 'example.com', volumeHandle: 'disk' } },
}
const make = async (): Promise<void> => {
  c = await startWholeCluster({ nodes: 1 })
  const metadata = { name: 'fast' }
  await c.create(classes, {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'VolumeAttributesClass',
    metadata,
    driverName: 'example.com',
    parameters: { iops: '500' },
  })
}
const finalizers = async (): Promise<string[] | undefined> =>
  (await c.get<VolumeAttributesClass>(classes, '', 'fast').catch(() => undefined))?.metadata.finalizers
const remove = async (gvr: { group: string; version: string; resource: string }, namespace: string, name: string): Promise<void> => {
  await c.admin.resource(gvr).delete(namespace, name)
  await c.clock.settle()
}

test('one that nothing names goes at once', async () => {
  await make()
  expect(await finalizers()).toEqual(['kubernetes.io/vac-protection'])
  await remove(classes, '', 'fast')
  expect(await finalizers()).toBeUndefined()
})

test('one that a claim and a volume name stays until both have gone', async () => {
  await make()
  await c.create(volumes, volume)
  await c.create(claims, claim)
  await c.clock.advance(1_000)
  await remove(classes, '', 'fast')
  expect(await finalizers()).toEqual(['kubernetes.io/vac-protection'])
  await remove(claims, 'default', 'data')
  expect(await finalizers()).toEqual(['kubernetes.io/vac-protection'])
  await remove(volumes, '', 'disk')
  expect(await finalizers()).toBeUndefined()
})

test('one whose protection somebody takes away has it back', async () => {
  await make()
  await c.admin.resource(classes).patch('', 'fast', { metadata: { finalizers: null } }, { type: 'merge' })
  await c.clock.settle()
  expect(await finalizers()).toEqual(['kubernetes.io/vac-protection'])
})
