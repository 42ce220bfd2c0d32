/** Owners in another namespace, and owners that cannot be one: what the garbage collector does and says. */
import { afterEach, expect, test } from 'vitest'
import { resources } from '../../../src-main/cluster/api/client.js'
import type { ConfigMap, KubeObject, Namespace } from '../../../src-main/cluster/api/object.js'
import type { RealCluster } from '../support/real-cluster.js'
import { startRealCluster } from '../support/real-cluster.js'

const { configmaps, namespaces } = resources
let c: RealCluster
afterEach(() => c.stop())

const map = (namespace: string, name: string, ownerReferences: object[] = []) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace, ownerReferences },
})

test('an object whose owner is in another namespace is deleted, and an event tells why', async () => {
  c = await startRealCluster()
  await c.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'other' } })
  const root = await c.create<ConfigMap & KubeObject>(configmaps, map('other', 'root'))
  const { uid } = root.metadata
  // The collector knows the owner, because it has an owner of its own.
  const owner = await c.create<ConfigMap & KubeObject>(
    configmaps,
    map('other', 'owner', [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'root', uid }]),
  )
  await c.clock.advance(1000)
  const ref = { apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: owner.metadata.uid }
  await c.create(configmaps, map('default', 'stray', [ref]))
  await c.clock.advance(2000)
  expect((await c.list<ConfigMap>(configmaps, 'default')).map((m) => m.metadata.name)).not.toContain('stray')
  expect(await c.eventsOf('stray')).toEqual([
    `Warning OwnerRefInvalidNamespace ownerRef [v1/ConfigMap, namespace: default, name: owner, uid: ${ref.uid}] does not exist in namespace "default"`,
  ])
  expect((await c.list<ConfigMap>(configmaps, 'other')).map((m) => m.metadata.name)).toContain('owner')
})

test('an object of the whole cluster that names an owner in a namespace stays, and an event tells why', async () => {
  c = await startRealCluster()
  const owner = await c.create<ConfigMap & KubeObject>(configmaps, map('default', 'owner'))
  const ref = { apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: owner.metadata.uid }
  await c.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'wide', ownerReferences: [ref] } })
  await c.clock.advance(1000)
  await c.admin.resource(configmaps).delete('default', 'owner')
  await c.clock.advance(2000)
  expect((await c.get<Namespace>(namespaces, '', 'wide')).metadata.deletionTimestamp).toBeUndefined()
  expect(
    (await c.eventsOf('wide')).every((e) =>
      e.startsWith('Warning OwnerRefInvalidNamespace ownerRef [v1/ConfigMap, namespace: , name: owner,'),
    ),
  ).toBe(true)
  expect(await c.eventsOf('wide')).not.toEqual([])
})
