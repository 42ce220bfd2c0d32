/** Owners in another namespace, owners that cannot be one, and objects with several: what the garbage collector does and says. */
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
  const owner = await c.create<ConfigMap & KubeObject>(configmaps, map('other', 'owner'))
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

const refTo = (owner: KubeObject, more: object = {}): object => {
  const { name, uid } = owner.metadata
  return { apiVersion: owner.apiVersion, kind: owner.kind, name, uid, ...more }
}
const mapNames = async (namespace: string): Promise<string[]> =>
  (await c.list<ConfigMap>(configmaps, namespace)).map((m) => m.metadata.name!).filter((name) => name !== 'kube-root-ca.crt')
const ownersOf = async (name: string): Promise<(string | undefined)[]> =>
  ((await c.get<ConfigMap>(configmaps, 'default', name)).metadata.ownerReferences ?? []).map((o) => o.name)

test('a reference from another namespace to an owner does no harm to those of its own', async () => {
  c = await startRealCluster()
  await c.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'other' } })
  const good = await c.create<KubeObject>(configmaps, map('default', 'good'))
  const passing = await c.create<KubeObject>(configmaps, map('default', 'passing'))
  await c.create(configmaps, map('default', 'child', [refTo(good), refTo(passing)]))
  await c.create(configmaps, map('other', 'stray', [refTo(good)]))
  await c.clock.advance(2000)
  expect(await mapNames('other')).toEqual([])
  await c.admin.resource(configmaps).delete('default', 'passing')
  await c.clock.advance(2000)
  expect(await mapNames('default')).toEqual(['child', 'good'])
  expect(await ownersOf('child')).toEqual(['good'])
})

test('an object with an owner of a kind that nobody knows is left as it is', async () => {
  c = await startRealCluster()
  const passing = await c.create<KubeObject>(configmaps, map('default', 'passing'))
  const widget = { apiVersion: 'example.com/v1', kind: 'Widget', name: 'w', uid: 'e8ff1f07-3d5c-4b0e-a1e3-3ae6a6ee6a10' }
  await c.create(configmaps, map('default', 'child', [widget, refTo(passing)]))
  await c.clock.advance(1000)
  await c.admin.resource(configmaps).delete('default', 'passing')
  await c.clock.advance(60_000)
  expect(await ownersOf('child')).toEqual(['w', 'passing'])
})

test('an owner that goes in the foreground takes all that is only its own at once, and is waited for by nothing that has another owner', async () => {
  c = await startRealCluster()
  const held = { ...map('default', 'held'), metadata: { ...map('default', 'held').metadata, finalizers: ['example.com/wait'] } }
  const owner = await c.create<KubeObject>(configmaps, map('default', 'owner'))
  const solid = await c.create<KubeObject>(configmaps, map('default', 'solid'))
  const blocking = refTo(owner, { blockOwnerDeletion: true })
  await c.create(configmaps, { ...held, metadata: { ...held.metadata, ownerReferences: [blocking] } })
  await c.create(configmaps, map('default', 'loose', [refTo(owner)]))
  await c.create(configmaps, map('default', 'shared', [blocking, refTo(solid)]))
  await c.create(configmaps, map('default', 'shared-loosely', [refTo(owner), refTo(solid)]))
  await c.clock.advance(1000)
  await c.admin.resource(configmaps).delete('default', 'owner', { propagationPolicy: 'Foreground' })
  await c.clock.advance(2000)
  expect(await mapNames('default')).toEqual(['held', 'owner', 'shared', 'shared-loosely', 'solid'])
  expect([await ownersOf('shared'), await ownersOf('shared-loosely')]).toEqual([['solid'], ['solid']])
  await c.admin.resource(configmaps).patch('default', 'held', { metadata: { finalizers: null } }, { type: 'merge' })
  await c.clock.advance(2000)
  expect(await mapNames('default')).toEqual(['shared', 'shared-loosely', 'solid'])
})
