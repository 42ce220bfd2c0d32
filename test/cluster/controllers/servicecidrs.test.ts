import { afterEach, expect, test } from 'vitest'
import { resources } from '../../../src-main/cluster/api/client.js'
import type { Service } from '../../../src-main/cluster/api/object.js'
import type { ServiceCIDR } from '../../../src-main/cluster/api/kinds/servicecidr.js'
import type { RealCluster } from '../support/real-cluster.js'
import { startRealCluster } from '../support/real-cluster.js'

const { services, servicecidrs } = resources
let c: RealCluster
afterEach(() => c?.stop())

const service = (clusterIP: string): object => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: {
    name: 'web',
    namespace: 'default',
  },
  spec: {
    clusterIP,
    ports: [{ port: 80 }],
  },
})
const range = (name: string, cidr: string): object => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'ServiceCIDR',
  metadata: { name },
  spec: { cidrs: [cidr] },
})
const ready = async (name: string): Promise<unknown> => {
  const { metadata, status } = await c.get<ServiceCIDR>(servicecidrs, '', name)
  const condition = status!.conditions!.find(({ type }) => type === 'Ready')!
  return [metadata.finalizers, condition.status, condition.reason, condition.message]
}
const FINALIZERS = ['networking.k8s.io/service-cidr-finalizer']

test('a range more is ready at once, and Services can have addresses of it, but for its first and last', async () => {
  c = await startRealCluster()
  await expect(c.create(services, service('10.196.0.7'))).rejects.toThrow('the provided network does not match the current range')
  await c.create(servicecidrs, range('more', '10.196.0.0/24'))
  await c.clock.advance(100)
  expect(await ready('more')).toEqual([FINALIZERS, 'True', '', 'Kubernetes Service CIDR is ready'])
  await expect(c.create(services, service('10.196.0.255'))).rejects.toThrow('The range of valid IPs is 10.196.0.0/24')
  await c.create(services, service('10.196.0.7'))
  expect((await c.get<Service>(services, 'default', 'web')).spec!.clusterIPs).toEqual(['10.196.0.7'])
})

test('a range goes only after its last address, and not before ten seconds', async () => {
  c = await startRealCluster()
  const remove = (): Promise<unknown> => c.admin.resource(servicecidrs).delete('', 'more')
  const gone = async (): Promise<boolean> => (await c.admin.resource(servicecidrs).list()).items.every((o) => o.metadata.name !== 'more')
  await c.create(servicecidrs, range('more', '10.196.0.0/24'))
  await c.clock.advance(100)
  await c.create(services, service('10.196.0.7'))
  await c.clock.advance(100)
  await remove()
  await c.clock.advance(30_000)
  const why = 'There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR'
  expect(await ready('more')).toEqual([FINALIZERS, 'False', 'Terminating', why])
  await c.admin.resource(services).delete('default', 'web')
  await c.clock.advance(100)
  expect(await gone()).toBe(true)

  await c.create(servicecidrs, range('more', '10.196.0.0/24'))
  await c.clock.advance(100)
  await remove()
  await c.clock.advance(8_000)
  expect(await gone()).toBe(false)
  await c.clock.advance(3_000)
  expect(await gone()).toBe(true)
})

test('a range that lies in another one goes though it has addresses', async () => {
  c = await startRealCluster()
  await c.create(servicecidrs, range('more', '10.196.0.0/24'))
  await c.create(servicecidrs, range('larger', '10.196.0.0/16'))
  await c.clock.advance(100)
  await c.create(services, service('10.196.0.7'))
  await c.admin.resource(servicecidrs).delete('', 'more')
  await c.clock.advance(11_000)
  expect((await c.admin.resource(servicecidrs).list()).items.map((o) => o.metadata.name)).toEqual(['kubernetes', 'larger'])
})
