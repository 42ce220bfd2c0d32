/** What a namespace says while it is Terminating. */
import { afterEach, expect, test } from 'vitest'
import { resources } from '../../../src-main/cluster/api/client.js'
import type { Namespace } from '../../../src-main/cluster/api/object.js'
import type { RealCluster } from '../support/real-cluster.js'
import { startRealCluster } from '../support/real-cluster.js'

const { configmaps, namespaces, pods } = resources
const apiServices = { group: 'apiregistration.k8s.io', version: 'v1', resource: 'apiservices' }
let c: RealCluster
afterEach(() => c.stop())

const ALL_WELL = [
  'NamespaceDeletionDiscoveryFailure False ResourcesDiscovered All resources successfully discovered',
  'NamespaceDeletionGroupVersionParsingFailure False ParsedGroupVersions All legacy kube types successfully parsed',
  'NamespaceDeletionContentFailure False ContentDeleted All content successfully deleted, may be waiting on finalization',
  'NamespaceContentRemaining False ContentRemoved All content successfully removed',
  'NamespaceFinalizersRemaining False ContentHasNoFinalizers All content-preserving finalizers finished',
]

async function conditions(): Promise<string[]> {
  const { status } = await c.get<Namespace>(namespaces, '', 'team')
  return status!.conditions!.map((x) => `${x.type} ${x.status} ${x.reason} ${x.message}`)
}

const namespace = (metadata: object = {}): object => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'team', ...metadata } })
const isThere = async (): Promise<boolean> => (await c.list<Namespace>(namespaces)).some((n) => n.metadata.name === 'team')

test('a namespace that only its own finalizer holds says that all is well', async () => {
  c = await startRealCluster()
  await c.create(namespaces, namespace({ finalizers: ['example.com/wait'] }))
  await c.admin.resource(namespaces).delete('', 'team')
  await c.clock.advance(1000)
  expect(await conditions()).toEqual(ALL_WELL)
})

test('a namespace is not let go while a group of the API cannot be discovered, though it is emptied', async () => {
  c = await startRealCluster()
  await c.create(namespaces, namespace())
  await c.create(configmaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings', namespace: 'team' } })
  const spec = { group: 'custom.example.com', version: 'v1', groupPriorityMinimum: 100, versionPriority: 100 }
  const service = { name: 'adapter', namespace: 'default' }
  await c.create(apiServices, {
    apiVersion: 'apiregistration.k8s.io/v1',
    kind: 'APIService',
    metadata: { name: 'v1.custom.example.com' },
    spec: { ...spec, insecureSkipTLSVerify: true, service },
  })
  await c.clock.advance(1000)
  await c.admin.resource(namespaces).delete('', 'team')
  await c.clock.advance(20_000)
  expect(await c.list(configmaps, 'team')).toEqual([])
  expect(await conditions()).toEqual([
    'NamespaceDeletionDiscoveryFailure True DiscoveryFailed Discovery failed for some groups, 1 failing: unable to retrieve the complete list of server APIs: ' +
      'custom.example.com/v1: stale GroupVersion discovery: custom.example.com/v1',
    ...ALL_WELL.slice(1),
  ])
  await c.admin.resource(apiServices).delete('', 'v1.custom.example.com')
  await c.clock.advance(20_000)
  expect(await isThere()).toBe(false)
})

test('nothing but pods goes while pods are there, and several finalizers are named in order', async () => {
  c = await startRealCluster()
  await c.create(namespaces, namespace())
  const held = (name: string, ...finalizers: string[]): object => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'team', finalizers },
    spec: { containers: [{ name: 'c', image: 'nginx' }] },
  })
  await c.clock.advance(1000)
  await c.create(pods, held('a', 'example.com/b', 'example.com/a'))
  await c.create(pods, held('b', 'example.com/b'))
  await c.create(configmaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings', namespace: 'team' } })
  await c.clock.advance(1000)
  await c.admin.resource(namespaces).delete('', 'team')
  await c.clock.advance(20_000)
  expect((await c.list<{ metadata: { name: string } }>(configmaps, 'team')).map((m) => m.metadata.name)).toEqual([
    'kube-root-ca.crt',
    'settings',
  ])
  expect((await conditions()).slice(3)).toEqual([
    'NamespaceContentRemaining True SomeResourcesRemain Some resources are remaining: pods. has 2 resource instances',
    'NamespaceFinalizersRemaining True SomeFinalizersRemain Some content in the namespace has finalizers remaining: example.com/a in 1 resource instances, example.com/b in 2 resource instances',
  ])
})
