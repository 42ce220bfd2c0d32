import { afterEach, expect, it } from 'vitest'
import { startServer, type Fixture } from './fixture.js'

/** What the API server keeps in every cluster. */

let f: Fixture
afterEach(() => f.server.close())

it.each([
  ['', 'namespaces', '', 'kube-public'],
  ['', 'services', 'default', 'kubernetes'],
  ['', 'endpoints', 'default', 'kubernetes'],
  ['discovery.k8s.io', 'endpointslices', 'default', 'kubernetes'],
  ['scheduling.k8s.io', 'priorityclasses', '', 'system-node-critical'],
  ['networking.k8s.io', 'servicecidrs', '', 'kubernetes'],
])('what somebody deletes of it is made again at the next look: %s %s %s/%s', async (group, resource, namespace, name) => {
  f = startServer({ controlPlane: { ip: '192.168.49.2', port: 8443 } })
  await f.server.seeded
  // The first look finds all as it should be.
  await f.clock.advance(10_000)
  const objects = f.admin.resource({ group, version: 'v1', resource })
  const { uid } = (await objects.get(namespace, name)).metadata
  const finalizers = { metadata: { finalizers: null } }
  await objects.patch(namespace, name, finalizers, { type: 'merge' })
  await objects.delete(namespace, name)
  if (resource === 'namespaces') {
    const namespaces = { ...(await objects.get('', name)), spec: { finalizers: [] } }
    await objects.update(namespaces as never, { subresource: 'finalize' })
  }
  await expect(objects.get(namespace, name)).rejects.toMatchObject({ reason: 'NotFound' })
  await f.clock.advance(10_000)
  expect((await objects.get(namespace, name)).metadata.uid).not.toBe(uid)
})
