/** Devices that have to be made ready before their pod is bound. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { resources } from '../../../src-main/cluster/api/client.js'
import type { ResourceClaim } from '../../../src-main/cluster/api/kinds/resourceclaim.js'
import type { Pod } from '../../../src-main/cluster/api/object.js'
import type { WholeCluster } from '../support/whole-cluster.js'
import { startWholeCluster } from '../support/whole-cluster.js'

let c: WholeCluster
let node: string

const DRIVER = 'fabric.example.com'
const conditions = { bindingConditions: ['Attached'], bindingFailureConditions: ['AttachFailed'] }

const slice = (pool: string, device: object): object => ({
  metadata: { name: pool },
  spec: {
    driver: DRIVER,
    allNodes: true,
    pool: { name: pool, generation: 1, resourceSliceCount: 1 },
    devices: [{ name: 'gpu', ...device }],
  },
})

beforeEach(async () => {
  c = await startWholeCluster({ nodes: 1 })
  node = (await c.list<Pod>(resources.nodes))[0]!.metadata.name!
  await c.create(resources.deviceclasses, {
    metadata: { name: 'gpu' },
    spec: { selectors: [{ cel: { expression: `device.driver == "${DRIVER}"` } }] },
  })
  await c.create(resources.resourceclaims, {
    metadata: { name: 'claim', namespace: 'default' },
    spec: { devices: { requests: [{ name: 'gpu', exactly: { deviceClassName: 'gpu' } }] } },
  })
})
afterEach(() => c.stop())

async function train(): Promise<void> {
  await c.pod('train', {
    containers: [{ name: 'main', image: 'busybox', command: ['sleep', '3600'], resources: { claims: [{ name: 'gpu' }] } }],
    resourceClaims: [{ name: 'gpu', resourceClaimName: 'claim' }],
  })
  await c.clock.advance(10_000)
}
const claim = () => c.get<ResourceClaim>(resources.resourceclaims, 'default', 'claim')
const pool = async () => (await claim()).status?.allocation?.devices!.results![0]!.pool
const place = async () => (await c.get<Pod>(resources.pods, 'default', 'train')).spec!.nodeName

/** What the driver tells of the device. */
async function tell(type: string, reason: string, message = ''): Promise<void> {
  const found = await claim()
  const condition = { type, status: 'True', reason, message, lastTransitionTime: '2026-11-21T09:00:00Z' }
  const devices = [{ driver: DRIVER, pool: (await pool())!, device: 'gpu', conditions: [condition] }]
  const status = { ...found.status, devices } as NonNullable<ResourceClaim['status']>
  await c.admin.resource<ResourceClaim>(resources.resourceclaims).update({ ...found, status }, { subresource: 'status' })
  await c.clock.advance(1)
}

test('a pod is bound once all binding conditions of its devices are true', async () => {
  await c.create(resources.resourceslices, slice('rack', { ...conditions, bindsToNode: true }))
  await train()
  expect(await place()).toBeUndefined()
  expect((await claim()).status!.allocation).toEqual({
    allocationTimestamp: expect.stringMatching(/^2026-/),
    devices: { results: [{ request: 'gpu', driver: DRIVER, pool: 'rack', device: 'gpu', ...conditions }] },
    nodeSelector: { nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [node] }] }] },
  })
  await tell('Attaching', 'Started')
  expect(await place()).toBeUndefined()
  await tell('Attached', 'Done')
  expect(await place()).toBe(node)
})

test('a device that cannot be made ready is given back, and the pod gets another when there is one', async () => {
  await c.create(resources.resourceslices, slice('rack', conditions))
  await train()
  await c.create(resources.resourceslices, slice('spare', {}))
  await tell('AttachFailed', 'NoLink', 'the link is down')
  expect((await c.eventsOf('train')).at(-1)).toBe(
    'Warning FailedScheduling running PreBind plugin "DynamicResources": claim claim binding failed: reason=NoLink, message="the link is down"',
  )
  await c.clock.advance(30_000)
  expect([await place(), await pool(), (await claim()).status!.devices]).toEqual([node, 'spare', undefined])
})

test('after ten minutes a pod waits no longer for its devices, and seeks others', async () => {
  await c.create(resources.resourceslices, slice('rack', conditions))
  await train()
  await c.create(resources.resourceslices, slice('spare', {}))
  await c.clock.advance(589_000)
  expect([await place(), await pool()]).toEqual([undefined, 'rack'])
  await c.clock.advance(30_000)
  expect(await c.eventsOf('train')).toContain('Warning FailedScheduling running PreBind plugin "DynamicResources": device binding timeout')
  expect([await place(), await pool()]).toEqual([node, 'spare'])
})

test('a device that is ready at once is taken before one that is not', async () => {
  await c.create(resources.resourceslices, slice('a', conditions))
  await c.create(resources.resourceslices, slice('b', {}))
  await train()
  expect([await place(), await pool()]).toEqual([node, 'b'])
})
