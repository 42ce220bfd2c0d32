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

test('250 addresses are mirrored to one slice', async () => {
  const h = await mirrored(250)
  expect(sizes(h)).toEqual([250])
  expect(h.eventsOf('db')).toEqual([])
})

type Subset = NonNullable<Endpoints['subsets']>[number]
const subset = (addresses: string[], ports: object[], notReady: string[] = []): Subset => ({
  ...(addresses.length ? { addresses: addresses.map((ip) => ({ ip })) } : {}),
  ...(notReady.length ? { notReadyAddresses: notReady.map((ip) => ({ ip })) } : {}),
  ports: ports as Subset['ports'] & object,
})
const [http, dns] = [
  { name: 'http', port: 80, protocol: 'TCP' },
  { name: 'dns', port: 53, protocol: 'UDP' },
]
test.each<[string, Subset[], string[]]>([
  ['no subsets', [], []],
  ['a subset without addresses', [subset([], [http])], []],
  ['addresses that are ready and not', [subset(['10.0.0.1'], [http], ['10.0.0.2'])], ['IPv4 http 10.0.0.1 !10.0.0.2']],
  ['no ports', [subset(['10.0.0.1'], [])], ['IPv4  10.0.0.1']],
  ['two ports', [subset(['10.0.0.1'], [http, dns])], ['IPv4 http,dns 10.0.0.1']],
  ['both address families', [subset(['10.0.0.1', 'fd00::1'], [http])], ['IPv4 http 10.0.0.1', 'IPv6 http fd00::1']],
  [
    'two subsets of different ports',
    [subset(['10.0.0.1'], [http]), subset(['10.0.0.2'], [dns])],
    ['IPv4 http 10.0.0.1', 'IPv4 dns 10.0.0.2'],
  ],
  ['two subsets of the same addresses', [subset(['10.0.0.1'], [http]), subset(['10.0.0.1'], [dns])], ['IPv4 http,dns 10.0.0.1']],
  [
    'an address that is ready and is not',
    [subset(['10.0.0.1', '10.0.0.2'], [http]), subset([], [http], ['10.0.0.2'])],
    ['IPv4 http 10.0.0.1 !10.0.0.2'],
  ],
  ['two subsets of the same ports', [subset(['10.0.0.1'], [http]), subset(['10.0.0.2'], [http])], ['IPv4 http 10.0.0.1 10.0.0.2']],
])('%s: a slice for each set of ports and address family', async (_, subsets, expected) => {
  const h = startHarness(['endpointslicemirroring-controller'], { kubelet: false })
  await h.user.resource<Service>(services).create('default', service())
  await h.user
    .resource<Endpoints>(endpoints)
    .create('default', { apiVersion: 'v1', kind: 'Endpoints', metadata: { name: 'db', namespace: 'default' }, subsets })
  await h.clock.advance(1000)
  const shown = h.cluster.all<EndpointSlice>(endpointslices).map((s) => {
    const list = s.endpoints!.map((e) => `${e.conditions!.ready ? '' : '!'}${e.addresses[0]}`)
    return [s.addressType, s.ports!.map((p) => p.name).join(), ...list].join(' ')
  })
  expect(shown).toEqual(expected)
})

test('with other ports the slice that is there becomes the one that is wanted; notes of apply and of the last change stay behind', async () => {
  const h = await mirrored(1)
  const [before] = h.cluster.all<EndpointSlice>(endpointslices)
  const client = h.user.resource<Endpoints>(endpoints)
  const annotations = {
    'kubectl.kubernetes.io/last-applied-configuration': '{}',
    'endpoints.kubernetes.io/last-change-trigger-time': '2026-11-21T09:00:00Z',
    team: 'blue',
  }
  await client.patch('default', 'db', { metadata: { annotations }, subsets: [subset(['10.0.0.9'], [dns])] }, { type: 'merge' })
  await h.clock.advance(1000)
  const [after, ...others] = h.cluster.all<EndpointSlice>(endpointslices)
  expect([after!.metadata.uid, others]).toEqual([before!.metadata.uid, []])
  expect([after!.ports, after!.endpoints!.map((e) => e.addresses[0])]).toEqual([[dns], ['10.0.0.9']])
  expect(after!.metadata.annotations).toEqual({ team: 'blue' })
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
