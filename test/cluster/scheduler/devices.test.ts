/** Pods that ask for devices, in a whole cluster: how claims are allocated, shared and given back. */
import { afterEach, expect, test } from 'vitest'
import { resources } from '../../../src-main/cluster/api/client.js'
import type { ResourceClaim } from '../../../src-main/cluster/api/kinds/resourceclaim.js'
import type { Pod } from '../../../src-main/cluster/api/object.js'
import type { WholeCluster } from '../support/whole-cluster.js'
import { startWholeCluster } from '../support/whole-cluster.js'

let c: WholeCluster
afterEach(() => c.stop())

const apiVersion = 'resource.k8s.io/v1'
const DRIVER = 'gpu.example.com'
const deviceClass = {
  apiVersion,
  kind: 'DeviceClass',
  metadata: { name: DRIVER },
  spec: { selectors: [{ cel: { expression: `device.driver == "${DRIVER}"` } }] },
}
const slice = (node: string, ...memory: string[]) => ({
  apiVersion,
  kind: 'ResourceSlice',
  metadata: { name: `${node}-${DRIVER}` },
  spec: {
    driver: DRIVER,
    nodeName: node,
    pool: { name: node, generation: 1, resourceSliceCount: 1 },
    devices: memory.map((value, i) => ({ name: `gpu-${i}`, attributes: { index: { int: i } }, capacity: { memory: { value } } })),
  },
})
const claim = (name: string, expression = 'true') => ({
  apiVersion,
  kind: 'ResourceClaim',
  metadata: { name, namespace: 'default' },
  spec: { devices: { requests: [{ name: 'gpu', exactly: { deviceClassName: DRIVER, selectors: [{ cel: { expression } }] } }] } },
})
const using = (resourceClaimName: string) => ({
  terminationGracePeriodSeconds: 0,
  containers: [{ name: 'main', image: 'busybox', command: ['sleep', '3600'], resources: { claims: [{ name: 'gpu' }] } }],
  resourceClaims: [{ name: 'gpu', resourceClaimName }],
})
const claimOf = (name: string) => c.admin.resource<ResourceClaim>(resources.resourceclaims).get('default', name)
const podOf = (name: string) => c.admin.resource<Pod>(resources.pods).get('default', name)
const place = async (name: string) => {
  const { spec, status } = await podOf(name)
  return [spec!.nodeName, status!.phase]
}
const remove = async (name: string): Promise<void> => {
  await c.admin.resource(resources.pods).delete('default', name)
  await c.clock.advance(5_000)
}
async function start(...offered: object[]): Promise<string[]> {
  c = await startWholeCluster({ nodes: 2 })
  await c.create(resources.deviceclasses, deviceClass)
  for (const item of offered) await c.create(resources.resourceslices, item)
  return (await c.list<Pod>(resources.nodes)).map((n) => n.metadata.name!).sort()
}

test('a claim is allocated on the node that has what it selects, reserved for its pod, and given back with it', async () => {
  const [first, second] = await start()
  await c.create(resources.resourceslices, slice(first!, '10Gi'))
  await c.create(resources.resourceslices, slice(second!, '10Gi', '80Gi'))
  await c.create(resources.resourceclaims, claim('large', `device.capacity['${DRIVER}'].memory.compareTo(quantity('40Gi')) >= 0`))
  const pod = await c.pod('train', using('large'))
  await c.clock.advance(10_000)
  expect(await place('train')).toEqual([second, 'Running'])
  const allocated = await claimOf('large')
  expect(allocated.metadata.finalizers).toEqual(['resource.kubernetes.io/delete-protection'])
  expect(allocated.status).toEqual({
    allocation: {
      allocationTimestamp: expect.stringMatching(/^\d{4}-/),
      devices: { results: [{ request: 'gpu', driver: DRIVER, pool: second, device: 'gpu-1' }] },
      nodeSelector: { nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [second] }] }] },
    },
    reservedFor: [{ resource: 'pods', name: 'train', uid: pod.metadata.uid }],
  })
  await remove('train')
  const free = await claimOf('large')
  expect([free.metadata.finalizers, free.status]).toEqual([undefined, {}])
})

test('a device is for one claim at a time: who comes later waits until it is given back', async () => {
  const [first] = await start()
  await c.create(resources.resourceslices, slice(first!, '10Gi'))
  for (const name of ['one', 'two']) await c.create(resources.resourceclaims, claim(name))
  await c.pod('early', using('one'))
  await c.pod('late', using('two'))
  await c.clock.advance(10_000)
  expect([await place('early'), await place('late')]).toEqual([
    [first, 'Running'],
    [undefined, 'Pending'],
  ])
  expect((await c.eventsOf('late')).at(-1)).toBe(
    'Warning FailedScheduling 0/2 nodes are available: 2 cannot allocate all claims. still not schedulable, ' +
      'preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.',
  )
  await remove('early')
  await c.clock.advance(10_000)
  expect(await place('late')).toEqual([first, 'Running'])
})

test('pods that name the same claim share its devices, and keep them until the last has gone', async () => {
  const [first] = await start()
  await c.create(resources.resourceslices, slice(first!, '10Gi'))
  await c.create(resources.resourceclaims, claim('shared'))
  for (const name of ['one', 'two']) await c.pod(name, using('shared'))
  await c.clock.advance(10_000)
  expect([await place('one'), await place('two')]).toEqual([
    [first, 'Running'],
    [first, 'Running'],
  ])
  expect((await claimOf('shared')).status!.reservedFor!.map((r) => r.name).sort()).toEqual(['one', 'two'])
  // It is protected as long as it is used.
  await c.admin.resource(resources.resourceclaims).delete('default', 'shared')
  await remove('one')
  expect((await claimOf('shared')).status!.reservedFor!.map((r) => r.name)).toEqual(['two'])
  await remove('two')
  expect(await c.list(resources.resourceclaims, 'default')).toEqual([])
})

test('a pod waits for devices that are offered later', async () => {
  const [first] = await start()
  await c.create(resources.resourceclaims, claim('any'))
  await c.pod('train', using('any'))
  await c.clock.advance(10_000)
  expect(await place('train')).toEqual([undefined, 'Pending'])
  await c.create(resources.resourceslices, slice(first!, '10Gi'))
  await c.clock.advance(10_000)
  expect(await place('train')).toEqual([first, 'Running'])
})

test('a selector that gives no value is told as an error of the scheduler, and tried again', async () => {
  const [first] = await start()
  await c.create(resources.resourceslices, slice(first!, '10Gi'))
  await c.create(resources.resourceclaims, claim('wrong', `device.attributes["${DRIVER}"].model == "x"`))
  await c.pod('train', using('wrong'))
  await c.clock.advance(1_000)
  const said = 'running "DynamicResources" filter plugin: claim default/wrong: selector #0: CEL runtime error: no such key: model'
  expect((await c.eventsOf('train'))[0]).toBe(`Warning FailedScheduling ${said}`)
  const condition = (await podOf('train')).status!.conditions!.find((x) => x.type === 'PodScheduled')
  expect(condition).toMatchObject({ status: 'False', reason: 'SchedulerError', message: said })
})

const taint = async (node: string, ...taints: object[]): Promise<void> => {
  const { spec } = slice(node, '10Gi')
  const devices = [{ ...spec.devices[0], taints }]
  await c.admin.resource(resources.resourceslices).patch('', `${node}-${DRIVER}`, { spec: { devices } }, { type: 'merge' })
}
const broken = { key: 'gpu.example.com/broken', effect: 'NoExecute' }

test('a pod is evicted when its device gets a taint that its claim does not tolerate', async () => {
  const [first] = await start()
  await c.create(resources.resourceslices, slice(first!, '10Gi'))
  await c.create(resources.resourceclaims, claim('one'))
  await c.pod('train', { ...using('one'), terminationGracePeriodSeconds: 30 })
  await c.clock.advance(10_000)
  await taint(first!, { ...broken, effect: 'NoSchedule' })
  await c.clock.advance(5_000)
  expect((await podOf('train')).metadata.deletionTimestamp).toBeUndefined()
  await taint(first!, broken)
  await c.clock.advance(1_000)
  const { metadata, status } = await podOf('train')
  expect(metadata.deletionTimestamp).toBeDefined()
  expect(status!.conditions).toContainEqual(
    expect.objectContaining({
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'DeletionByDeviceTaintManager',
      message: 'Device Taint manager: deleting due to NoExecute taint',
    }),
  )
  expect(await c.eventsOf('train')).toContainEqual('Normal DeviceTaintManagerEviction Marking for deletion')
})

test('a claim that tolerates the taint for some time keeps its pod as long, and for good when the taint goes', async () => {
  const [first] = await start()
  await c.create(resources.resourceslices, slice(first!, '10Gi'))
  const one = claim('one')
  const tolerations = [{ key: broken.key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 100 }]
  Object.assign(one.spec.devices.requests[0]!.exactly, { tolerations })
  await c.create(resources.resourceclaims, one)
  await c.pod('train', using('one'))
  await c.clock.advance(10_000)
  await taint(first!, broken)
  await c.clock.advance(50_000)
  await taint(first!)
  await c.clock.advance(100_000)
  expect(await place('train')).toEqual([first, 'Running'])
  expect(await c.eventsOf('train')).toContainEqual('Normal DeviceTaintManagerEviction Cancelling deletion')
  await taint(first!, broken)
  await c.clock.advance(98_000)
  expect(await place('train')).toEqual([first, 'Running'])
  await c.clock.advance(5_000)
  expect(await c.list(resources.pods, 'default')).toEqual([])
})
