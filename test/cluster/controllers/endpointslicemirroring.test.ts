/** Endpoints that a person wrote, as the EndpointSlices that are made of them; and what is said when slices cannot be written. */
import { expect, test } from 'vitest'
import { resources } from '../../../src-main/cluster/api/client.js'
import type { Endpoints, EndpointSlice, Service } from '../../../src-main/cluster/api/object.js'
import type { Harness } from './harness.js'
import { startHarness } from './harness.js'

const { services, endpoints, endpointslices } = resources

const service = (extra: object = {}): Service => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'db', namespace: 'default' },
  spec: { ports: [{ port: 5432 }], ...extra } as Service['spec'] & object,
})
async function mirrored(addresses: number, notReady = 0): Promise<Harness> {
  const h = startHarness(['endpointslicemirroring-controller'], { kubelet: false })
  await h.user.resource<Service>(services).create('default', service())
  const list = (count: number, net: number) =>
    Array.from({ length: count }, (_, i) => ({ ip: `192.${net}.${Math.floor(i / 250)}.${(i % 250) + 1}` }))
  const subsets = [{ addresses: list(addresses, 0), notReadyAddresses: list(notReady, 1), ports: [{ port: 5432, protocol: 'TCP' }] }]
  const object = { apiVersion: 'v1', kind: 'Endpoints', metadata: { name: 'db', namespace: 'default' }, subsets }
  await h.user.resource<Endpoints>(endpoints).create('default', object)
  await h.clock.advance(1000)
  return h
}
const sizes = (h: Harness) => h.cluster.all<EndpointSlice>(endpointslices).map((s) => s.endpoints!.length)

test('250 addresses are mirrored to slices of a hundred', async () => {
  const h = await mirrored(250)
  expect(sizes(h)).toEqual([100, 100, 50])
  expect(h.eventsOf('db')).toEqual([])
})

test('of more than a thousand the rest is left out, and an event says so', async () => {
  const h = await mirrored(900, 150)
  expect(sizes(h).reduce((a, b) => a + b, 0)).toBe(1000)
  const ready = h.cluster.all<EndpointSlice>(endpointslices).flatMap((s) => s.endpoints!.filter((e) => e.conditions!.ready))
  expect(ready).toHaveLength(900)
  expect(h.eventsOf('db')[0]).toMatch(
    /^Warning TooManyAddressesToMirror A max of 1000 addresses can be mirrored to EndpointSlices per Endpoints subset\. 50 addresses were skipped/,
  )
})

test.each([
  ['endpoint-controller', 'endpoints', 'Warning FailedToCreateEndpoint Failed to create endpoint for service default/db: quota is used up'],
  [
    'endpointslice-controller',
    'endpointslices',
    'Warning FailedToUpdateEndpointSlices Error updating Endpoint Slices for Service default/db: quota is used up',
  ],
])('the %s tells what it could not write', async (controller, refused, text) => {
  const h = startHarness([controller], { kubelet: false })
  h.cluster.refuse = (verb, resource) => (verb === 'create' && resource === refused ? new Error('quota is used up') : undefined)
  await h.user.resource<Service>(services).create('default', service({ selector: { app: 'db' } }))
  await h.clock.settle()
  expect(h.eventsOf('db')[0]).toBe(text)
})

test('a mirrored slice that somebody changes or deletes is as before', async () => {
  const h = await mirrored(2)
  const all = () => h.cluster.all<EndpointSlice>(endpointslices)
  const [slice] = all()
  const client = h.user.resource<EndpointSlice>(endpointslices)
  await client.update({ ...slice!, endpoints: [] })
  await h.clock.advance(1000)
  expect(sizes(h)).toEqual([2])
  await client.delete('default', slice!.metadata.name!)
  await h.clock.advance(1000)
  expect(sizes(h)).toEqual([2])
  expect(all()[0]!.metadata.uid).not.toBe(slice!.metadata.uid)
})
