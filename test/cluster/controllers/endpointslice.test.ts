import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { resources } from '../../../src-main/cluster/api/client.js'
import type { EndpointSlice } from '../../../src-main/cluster/api/object.js'
import type { RealCluster } from '../support/real-cluster.js'
import { startRealCluster } from '../support/real-cluster.js'

const { deployments, nodes, services, endpointslices } = resources

let c: RealCluster
beforeEach(async () => {
  c = await startRealCluster()
  for (const n of ['1', '2'])
    await c.admin
      .resource(nodes)
      .patch('', `node-${n}`, { metadata: { labels: { 'topology.kubernetes.io/zone': `zone-${n}` } } }, { type: 'merge' })
  await c.clock.advance(100)
})
afterEach(() => c.stop())

/** What the endpoints of the service are hinted to, by their node. */
async function hints(): Promise<Record<string, unknown>> {
  const slices = await c.list<EndpointSlice>(endpointslices, 'default')
  const own = slices.filter((s) => s.metadata.labels!['kubernetes.io/service-name'] === 'web')
  return Object.fromEntries(own.flatMap((s) => s.endpoints ?? []).map((e) => [e.nodeName!, e.hints]))
}

const service = (trafficDistribution?: string) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'default' },
  spec: { selector: { app: 'web' }, ports: [{ port: 80 }], ...(trafficDistribution ? { trafficDistribution } : {}) },
})
const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'default' },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: 'web' } },
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'main', image: 'nginx' }] } },
  },
}

describe('the hints of an EndpointSlice', () => {
  test.each(['PreferClose', 'PreferSameZone'])('name the zone of each ready endpoint with %s', async (distribution) => {
    await c.create(services, service(distribution))
    await c.create(deployments, deployment)
    await c.clock.advance(3000)
    expect(await hints()).toEqual({ 'node-1': { forZones: [{ name: 'zone-1' }] }, 'node-2': { forZones: [{ name: 'zone-2' }] } })
  })

  test('name the node as well with PreferSameNode, and only of what is ready', async () => {
    c.kubelet.ready = (pod) => pod.spec!.nodeName === 'node-1'
    await c.create(services, service('PreferSameNode'))
    await c.create(deployments, deployment)
    await c.clock.advance(3000)
    expect(await hints()).toEqual({
      'node-1': { forZones: [{ name: 'zone-1' }], forNodes: [{ name: 'node-1' }] },
      'node-2': undefined,
    })
  })

  test('come and go with trafficDistribution', async () => {
    await c.create(services, service())
    await c.create(deployments, deployment)
    await c.clock.advance(3000)
    expect(await hints()).toEqual({ 'node-1': undefined, 'node-2': undefined })
    const prefer = (trafficDistribution: string | null) =>
      c.admin.resource(services).patch('default', 'web', { spec: { trafficDistribution } }, { type: 'merge' })
    await prefer('PreferClose')
    await c.clock.advance(3000)
    expect((await hints())['node-2']).toEqual({ forZones: [{ name: 'zone-2' }] })
    await prefer(null)
    await c.clock.advance(3000)
    expect(await hints()).toEqual({ 'node-1': undefined, 'node-2': undefined })
  })

  test('come by topology when the Service asks for it, and tell so', async () => {
    const asks = service('PreferClose')
    await c.create(deployments, deployment)
    await c.create(services, { ...asks, metadata: { ...asks.metadata, annotations: { 'service.kubernetes.io/topology-mode': 'Auto' } } })
    await c.clock.advance(3000)
    expect(await hints()).toEqual({ 'node-1': { forZones: [{ name: 'zone-1' }] }, 'node-2': { forZones: [{ name: 'zone-2' }] } })
    await c.admin
      .resource(nodes)
      .patch('', 'node-2', { metadata: { labels: { 'topology.kubernetes.io/zone': 'zone-1' } } }, { type: 'merge' })
    await c.clock.advance(3000)
    expect(await hints()).toEqual({ 'node-1': undefined, 'node-2': undefined })
    expect((await c.eventsOf('web')).filter((e) => e.includes('Topology')).slice(-2)).toEqual([
      'Normal TopologyAwareHintsEnabled Topology Aware Hints has been enabled, addressType: IPv4',
      'Warning TopologyAwareHintsDisabled Nodes only ready in one zone, addressType: IPv4',
    ])
  })
})
