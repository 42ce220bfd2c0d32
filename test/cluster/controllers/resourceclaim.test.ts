/** Pods that ask for devices by claims, in a whole cluster. */
import { afterEach, expect, test } from 'vitest'
import { resources } from '../../../src-main/cluster/api/client.js'
import type { ResourceClaim } from '../../../src-main/cluster/api/kinds/resourceclaim.js'
import type { Pod } from '../../../src-main/cluster/api/object.js'
import type { WholeCluster } from '../support/whole-cluster.js'
import { startWholeCluster } from '../support/whole-cluster.js'

let c: WholeCluster
afterEach(() => c.stop())

const apiVersion = 'resource.k8s.io/v1'
const devices = { requests: [{ name: 'gpu', exactly: { deviceClassName: 'gpu.example.com' } }] }
const deviceClass = { apiVersion, kind: 'DeviceClass', metadata: { name: 'gpu.example.com' }, spec: {} }
const template = {
  apiVersion,
  kind: 'ResourceClaimTemplate',
  metadata: { name: 'one-gpu', namespace: 'default' },
  spec: { metadata: { labels: { from: 'template' } }, spec: { devices } },
}
const claim = { apiVersion, kind: 'ResourceClaim', metadata: { name: 'shared', namespace: 'default' }, spec: { devices } }
const pod = (resourceClaim: object) => ({
  restartPolicy: 'Never',
  containers: [{ name: 'main', image: 'busybox', command: ['sleep', '3600'], resources: { claims: [{ name: 'gpu' }] } }],
  resourceClaims: [{ name: 'gpu', ...resourceClaim }],
})
const get = (): Promise<Pod> => c.get<Pod>(resources.pods, 'default', 'train')
const scheduled = async (): Promise<string | undefined> => (await get()).status!.conditions?.find((x) => x.type === 'PodScheduled')?.message
const nowhere = (why: string): string =>
  `0/1 nodes are available: ${why}. still not schedulable, preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.`

test('a claim is made of a template, named in the pod, and deleted when the pod has ended', async () => {
  c = await startWholeCluster({ nodes: 1 })
  await c.create(resources.deviceclasses, deviceClass)
  await c.create(resources.resourceclaimtemplates, template)
  await c.pod('train', pod({ resourceClaimTemplateName: 'one-gpu' }))
  await c.clock.advance(1_000)
  const [made] = await c.list<ResourceClaim>(resources.resourceclaims, 'default')
  expect(made).toMatchObject({
    metadata: {
      generateName: 'train-gpu-',
      labels: { from: 'template' },
      annotations: { 'resource.kubernetes.io/pod-claim-name': 'gpu' },
      ownerReferences: [{ kind: 'Pod', name: 'train', controller: true, blockOwnerDeletion: true }],
    },
    spec: { devices: { requests: [{ name: 'gpu', exactly: { deviceClassName: 'gpu.example.com', count: 1 } }] } },
  })
  expect((await get()).status!.resourceClaimStatuses).toEqual([{ name: 'gpu', resourceClaimName: made!.metadata.name }])
  expect(await scheduled()).toBe(nowhere('1 cannot allocate all claims'))
  await c.admin.resource(resources.pods).delete('default', 'train', { gracePeriodSeconds: 0 })
  await c.clock.advance(5_000)
  expect(await c.list(resources.resourceclaims, 'default')).toEqual([])
})

test('without the template an event says so, until it is there', async () => {
  c = await startWholeCluster({ nodes: 1 })
  await c.create(resources.deviceclasses, deviceClass)
  await c.pod('train', pod({ resourceClaimTemplateName: 'one-gpu' }))
  await c.clock.advance(1_000)
  const said = 'resource claim template "one-gpu": resourceclaimtemplate.resource.k8s.io "one-gpu" not found'
  expect((await c.eventsOf('train'))[0]).toBe(`Warning FailedResourceClaimCreation PodResourceClaim gpu: ${said}`)
  expect(await scheduled()).toBeUndefined()
  await c.create(resources.resourceclaimtemplates, template)
  await c.clock.advance(10_000)
  expect(await scheduled()).toBe(nowhere('1 cannot allocate all claims'))
})

test('a pod waits for the claim that it names, for its class of devices, and for its allocation, and goes where that is', async () => {
  c = await startWholeCluster({ nodes: 1 })
  await c.pod('train', pod({ resourceClaimName: 'shared' }))
  await c.clock.advance(10_000)
  expect([(await get()).status!.phase, await scheduled()]).toEqual(['Pending', undefined])
  await c.create(resources.resourceclaims, claim)
  await c.clock.advance(10_000)
  expect(await scheduled()).toBe(nowhere('request gpu: device class gpu.example.com does not exist'))
  await c.create(resources.deviceclasses, deviceClass)
  await c.clock.advance(10_000)
  expect(await scheduled()).toBe(nowhere('1 cannot allocate all claims'))
  const allocate = (node: string): Promise<unknown> => {
    const nodeSelector = { nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [node] }] }] }
    const results = [{ request: 'gpu', driver: 'gpu.example.com', pool: node, device: 'gpu-0' }]
    const status = { allocation: { devices: { results }, nodeSelector } }
    return c.admin.resource(resources.resourceclaims).patch('default', 'shared', { status }, { type: 'merge', subresource: 'status' })
  }
  await allocate('elsewhere')
  await c.clock.advance(10_000)
  // Nobody uses it, so that it is given back to be allocated where it can be used.
  const given = nowhere('1 resourceclaim not available on the node').replace(
    'still not schedulable',
    'deallocation of ResourceClaim completed',
  )
  expect(await c.eventsOf('train')).toContainEqual(`Warning FailedScheduling ${given}`)
  expect(await scheduled()).toBe(nowhere('1 cannot allocate all claims'))
})
