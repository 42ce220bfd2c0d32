/** Extended resources that a DeviceClass stands for: the scheduler makes the claim. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { resources } from '../../../src-main/cluster/api/client.js'
import type { ResourceClaim } from '../../../src-main/cluster/api/kinds/resourceclaim.js'
import type { Node, Pod } from '../../../src-main/cluster/api/object.js'
import type { WholeCluster } from '../support/whole-cluster.js'
import { startWholeCluster } from '../support/whole-cluster.js'

let c: WholeCluster
let first: string
let second: string

const DRIVER = 'gpu.example.com'

beforeEach(async () => {
  c = await startWholeCluster({ nodes: 2 })
  const names = (await c.list<Node>(resources.nodes)).map((n) => n.metadata.name!).sort()
  first = names[0]!
  second = names[1]!
  await c.create(resources.deviceclasses, {
    metadata: { name: 'gpu' },
    spec: { selectors: [{ cel: { expression: `device.driver == "${DRIVER}"` } }], extendedResourceName: 'example.com/gpu' },
  })
})
afterEach(() => c.stop())

const offer = (node: string, count: number): Promise<unknown> =>
  c.create(resources.resourceslices, {
    metadata: { name: node },
    spec: {
      driver: DRIVER,
      nodeName: node,
      pool: { name: node, generation: 1, resourceSliceCount: 1 },
      devices: Array.from({ length: count }, (_, i) => ({ name: `gpu-${i}` })),
    },
  })
const asking = (amounts: Record<string, number>, more: object = {}): object => ({
  name: 'main',
  image: 'busybox',
  command: ['sleep', '3600'],
  resources: { limits: amounts },
  ...more,
})
const run = async (name: string, spec: object): Promise<Pod> => {
  await c.pod(name, { terminationGracePeriodSeconds: 0, ...spec })
  await c.clock.advance(10_000)
  return c.get<Pod>(resources.pods, 'default', name)
}
const claims = () => c.list<ResourceClaim>(resources.resourceclaims, 'default')

test('a pod gets devices of the class, in a claim that goes with it', async () => {
  await offer(second, 2)
  const pod = await run('train', { containers: [asking({ 'example.com/gpu': 2 })] })
  expect([pod.spec!.nodeName, pod.status!.phase]).toEqual([second, 'Running'])
  const [claim] = await claims()
  expect(claim!.metadata).toMatchObject({
    name: expect.stringMatching(/^train-extended-resources-\w{5}$/),
    annotations: { 'resource.kubernetes.io/extended-resource-claim': 'true' },
    ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'train', uid: pod.metadata.uid, controller: true }],
  })
  expect(claim!.spec.devices!.requests).toEqual([
    { name: 'container-0-request-0', exactly: { deviceClassName: 'gpu', allocationMode: 'ExactCount', count: 2 } },
  ])
  expect(claim!.status!.allocation!.devices!.results!.map((r) => `${r.request} ${r.device}`)).toEqual([
    'container-0-request-0 gpu-0',
    'container-0-request-0 gpu-1',
  ])
  expect(claim!.status!.reservedFor).toEqual([{ resource: 'pods', name: 'train', uid: pod.metadata.uid }])
  expect(pod.status!.extendedResourceClaimStatus).toEqual({
    resourceClaimName: claim!.metadata.name,
    requestMappings: [{ containerName: 'main', resourceName: 'example.com/gpu', requestName: 'container-0-request-0' }],
  })

  const late = await run('late', { containers: [asking({ 'example.com/gpu': 1 })] })
  expect([late.spec!.nodeName, (await c.eventsOf('late')).at(-1)]).toEqual([
    undefined,
    'Warning FailedScheduling 0/2 nodes are available: 2 cannot allocate all claims. still not schedulable, ' +
      'preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.',
  ])
  await c.admin.resource(resources.pods).delete('default', 'train')
  await c.clock.advance(20_000)
  expect((await c.get<Pod>(resources.pods, 'default', 'late')).spec!.nodeName).toBe(second)
  expect((await claims()).map((claim) => claim.metadata.ownerReferences![0]!.name)).toEqual(['late'])
})

test('a node that has the resource itself is counted as before, and no claim is made', async () => {
  await c.admin
    .resource<Node>(resources.nodes)
    .patch(
      '',
      first,
      { status: { capacity: { 'example.com/gpu': '1' }, allocatable: { 'example.com/gpu': '1' } } },
      { type: 'strategic', subresource: 'status' },
    )
  const pod = await run('train', { containers: [asking({ 'example.com/gpu': 1 })] })
  expect([pod.spec!.nodeName, pod.status!.extendedResourceClaimStatus, await claims()]).toEqual([first, undefined, []])
})

test('every class stands for a resource of its own name', async () => {
  await offer(first, 1)
  const pod = await run('train', { containers: [asking({ 'deviceclass.resource.kubernetes.io/gpu': 1 })] })
  expect([pod.spec!.nodeName, pod.status!.extendedResourceClaimStatus!.requestMappings![0]!.resourceName]).toEqual([
    first,
    'deviceclass.resource.kubernetes.io/gpu',
  ])
})

test('init containers use the devices of those after them, and share what they need beyond', async () => {
  await offer(first, 5)
  const done = { command: ['true'] }
  const pod = await run('train', {
    initContainers: [
      asking({ 'example.com/gpu': 3 }, { name: 'a', ...done }),
      asking({ 'example.com/gpu': 4, cpu: 1 }, { name: 'b', ...done }),
    ],
    containers: [asking({ 'example.com/gpu': 1 }), asking({ 'example.com/gpu': 1 }, { name: 'side' })],
  })
  expect((await claims())[0]!.spec.devices!.requests!.map((r) => `${r.name} ${r.exactly!.count}`)).toEqual([
    'container-1-request-1 2',
    'container-2-request-0 1',
    'container-3-request-0 1',
  ])
  expect(pod.status!.extendedResourceClaimStatus!.requestMappings!.map((m) => `${m.containerName} ${m.requestName}`)).toEqual([
    'main container-2-request-0',
    'side container-3-request-0',
    'a container-2-request-0',
    'a container-3-request-0',
    'b container-2-request-0',
    'b container-3-request-0',
    'a container-1-request-1',
    'b container-1-request-1',
  ])
})

test('a pod that has ended gives its devices back', async () => {
  await offer(first, 1)
  const pod = await run('once', { restartPolicy: 'Never', containers: [asking({ 'example.com/gpu': 1 }, { command: ['true'] })] })
  expect([pod.status!.phase, await claims()]).toEqual(['Succeeded', []])
})
