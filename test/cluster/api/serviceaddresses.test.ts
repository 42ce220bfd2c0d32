/** The IPAddresses that say which Service has which cluster IP. */
import { afterEach, beforeEach, expect, it } from 'vitest'
import { resources, type ResourceClient } from '../../../src-main/cluster/api/client.js'
import type { IPAddress } from '../../../src-main/cluster/api/kinds/ipaddress.js'
import type { KubeObject } from '../../../src-main/cluster/api/object.js'
import { startServer, type Fixture } from './fixture.js'

let f: Fixture
beforeEach(async () => {
  f = startServer()
  await f.server.seeded
  await f.clock.advance(0)
})
afterEach(() => f.server.close())

const addresses = (): ResourceClient<IPAddress> => f.admin.resource({ group: 'networking.k8s.io', version: 'v1', resource: 'ipaddresses' })

async function listed(): Promise<Record<string, string>> {
  await f.clock.advance(0)
  const { items } = await addresses().list()
  return Object.fromEntries(
    items.map(({ metadata, spec }) => [metadata.name!, `${spec.parentRef!.resource}/${spec.parentRef!.namespace}/${spec.parentRef!.name}`]),
  )
}

const service = (name: string, spec: object): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name },
  spec: { ports: [{ port: 80 }], ...spec },
})

it('the API itself has one, with the labels of the allocator', async () => {
  expect(await listed()).toEqual({ '10.96.0.1': 'services/default/kubernetes' })
  expect((await addresses().get('', '10.96.0.1')).metadata.labels).toEqual({
    'ipaddress.kubernetes.io/ip-family': 'IPv4',
    'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io',
  })
})

it('they come and go with the Services, headless ones have none', async () => {
  const services = f.admin.resource(resources.services)
  await services.create('default', service('web', { clusterIP: '10.96.0.7' }) as never)
  await services.create('default', service('headless', { clusterIP: 'None' }) as never)
  expect(await listed()).toEqual({ '10.96.0.1': 'services/default/kubernetes', '10.96.0.7': 'services/default/web' })
  const external = { spec: { type: 'ExternalName', externalName: 'example.com', clusterIP: null, clusterIPs: null } }
  await services.patch('default', 'web', external, { type: 'merge' })
  expect(await listed()).toEqual({ '10.96.0.1': 'services/default/kubernetes' })
  await services.patch('default', 'web', { spec: { type: 'ClusterIP', clusterIP: '10.96.0.8' } }, { type: 'merge' })
  expect(await listed()).toEqual({ '10.96.0.1': 'services/default/kubernetes', '10.96.0.8': 'services/default/web' })
  await services.delete('default', 'web')
  expect(await listed()).toEqual({ '10.96.0.1': 'services/default/kubernetes' })
})

it('one that is deleted is made again while its Service has the address', async () => {
  const before = (await addresses().get('', '10.96.0.1')).metadata.uid
  await addresses().delete('', '10.96.0.1')
  expect(await listed()).toEqual({ '10.96.0.1': 'services/default/kubernetes' })
  expect((await addresses().get('', '10.96.0.1')).metadata.uid).not.toBe(before)
})

it('an address that is held for something else is not given to a Service', async () => {
  const parentRef = { group: 'gateway.networking.k8s.io', resource: 'gateways', namespace: 'default', name: 'g' }
  await addresses().create('', {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IPAddress',
    metadata: { name: '10.96.0.9' },
    spec: { parentRef },
  } as never)
  const made = f.admin.resource(resources.services).create('default', service('late', { clusterIP: '10.96.0.9' }) as never)
  await expect(made).rejects.toThrow(
    'Service "late" is invalid: spec.clusterIPs: Invalid value: ["10.96.0.9"]: failed to allocate IP 10.96.0.9: provided IP is already allocated',
  )
})
