import { expect, it } from 'vitest'
import { resources } from '../../../src-main/cluster/api/client.js'
import type { KubeObject, Pod } from '../../../src-main/cluster/api/object.js'
import { startWholeCluster } from '../support/whole-cluster.js'
import { pod, startServer } from './fixture.js'

it('pods of one template own their fields by one set, also once they are bound, run and are to end', async () => {
  const c = await startWholeCluster({ nodes: 1 })
  const spec = { containers: [{ name: 'main', image: 'registry.k8s.io/pause:3.10' }], terminationGracePeriodSeconds: 30 }
  for (const name of ['a', 'b']) await c.pod(name, spec, { labels: { app: 'web' }, finalizers: ['example.com/held'] })
  await c.clock.advance(5_000)
  await c.admin.resource(resources.pods).delete('default', 'a')
  await c.admin.resource(resources.pods).delete('default', 'b')
  await c.clock.advance(60_000)
  const [a, b] = await c.list<Pod>(resources.pods, 'default')
  expect([a, b].map((p) => [p!.spec!.nodeName, p!.metadata.deletionTimestamp !== undefined])).toEqual([
    ['drydock', true],
    ['drydock', true],
  ])
  const ownedBy = (pod: Pod, manager: string): Record<string, object> =>
    pod.metadata.managedFields!.find((m) => m.manager === manager)!.fieldsV1 as Record<string, object>
  const creator = a!.metadata.managedFields![0]!.manager!
  for (const part of ['f:containers', 'f:restartPolicy'] as const) {
    const of = (pod: Pod): unknown => (ownedBy(pod, creator)['f:spec'] as Record<string, object>)[part]
    expect(of(a!)).toBeTypeOf('object')
    expect(of(a!)).toBe(of(b!))
  }
  await c.stop()
})

it('what admission gives to all pods alike is there once: the projection of the token volume and the tolerations', async () => {
  const c = await startWholeCluster({ nodes: 1 })
  for (const name of ['a', 'b']) await c.pod(name, { containers: [{ name: 'main', image: 'registry.k8s.io/pause:3.10' }] })
  await c.clock.advance(5_000)
  const [a, b] = await c.list<Pod>(resources.pods, 'default')
  expect([a, b].map((p) => p!.status!.phase)).toEqual(['Running', 'Running'])
  expect(a!.spec!.volumes![0]!.projected!.sources).toHaveLength(3)
  expect(a!.spec!.volumes![0]!.projected).toBe(b!.spec!.volumes![0]!.projected)
  expect(a!.spec!.tolerations).toHaveLength(2)
  for (const i of [0, 1]) expect(a!.spec!.tolerations![i]).toBe(b!.spec!.tolerations![i])
  await c.stop()
})

it.each(['patch', 'update'] as const)(
  'the %s of a status leaves what it does not touch to be of the version before: the spec, the labels and the other conditions',
  async (verb) => {
    const { admin } = startServer()
    const pods = admin.resource<Pod>(resources.pods)
    await pods.create('default', { ...pod('web'), metadata: { name: 'web', labels: { app: 'web' } } } as Pod)
    const conditions = ['Initialized', 'Ready'].map((type) => ({ type, status: 'False', reason: 'Starting' }))
    const options = { type: 'strategic', subresource: 'status' } as const
    const before = await pods.patch('default', 'web', { status: { phase: 'Pending', conditions } }, options)
    const ready = { type: 'Ready', status: 'True', reason: 'Started' }
    const after = await (verb === 'patch'
      ? pods.patch('default', 'web', { status: { phase: 'Running', conditions: [ready] } }, options)
      : pods.update(
          { ...before, status: { ...before.status, phase: 'Running', conditions: [before.status!.conditions![0]!, ready] } } as Pod,
          options,
        ))
    const added = { lastProbeTime: null, lastTransitionTime: null }
    expect(after.status).toMatchObject({
      phase: 'Running',
      conditions: [
        { type: 'Initialized', status: 'False', reason: 'Starting', ...added },
        { type: 'Ready', status: 'True', reason: 'Started', ...added },
      ],
    })
    expect(after.spec).toBe(before.spec)
    expect(after.metadata.labels).toBe(before.metadata.labels)
    expect(after.status!.conditions![0]).toBe(before.status!.conditions![0])
  },
)

const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'main', image: 'nginx' }] } }
const selector = { matchLabels: { app: 'web' } }
const once = { metadata: {}, spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'nginx' }] } }
const METADATA_PATCHES: readonly [type: 'merge' | 'strategic' | 'json', body: unknown][] = [
  ['merge', { metadata: { labels: { tier: 'a' } } }],
  ['strategic', { metadata: { labels: { tier: 'b' } } }],
  ['json', [{ op: 'add', path: '/metadata/labels/tier', value: 'c' }]],
]

it.each([
  ['pods', { group: '', version: 'v1', resource: 'pods' }, template.spec],
  ['deployments', resources.deployments, { selector, template }],
  ['replicasets', resources.replicasets, { selector, template }],
  ['statefulsets', resources.statefulsets, { serviceName: 'web', selector, template }],
  ['daemonsets', resources.daemonsets, { selector, template }],
  ['jobs', resources.jobs, { template: once }],
  ['cronjobs', resources.cronjobs, { schedule: '@hourly', jobTemplate: { spec: { template: once } } }],
] as const)('a patch of the labels of %s leaves the spec and the status to be of the version before', async (_, gvr, spec) => {
  const { admin } = startServer()
  const client = admin.resource<KubeObject>(gvr)
  let before = await client.create('default', { metadata: { name: 'web', labels: { app: 'web' } }, spec } as unknown as KubeObject)
  for (const [type, body] of METADATA_PATCHES) {
    const after = await client.patch('default', 'web', body, { type })
    expect(after.metadata.labels).toEqual({ app: 'web', tier: type === 'merge' ? 'a' : type === 'strategic' ? 'b' : 'c' })
    expect(after.metadata.generation).toBe(1)
    expect(after['spec']).toBe(before['spec'])
    expect(after['status']).toBe(before['status'])
    before = after
  }
})

it.each([
  ['a label that cannot be', { labels: { app: 'not one' } }],
  ['an annotation that only a kubelet sets', { annotations: { 'kubernetes.io/config.mirror': 'hash' } }],
  ['a profile that there is not', { annotations: { 'seccomp.security.alpha.kubernetes.io/pod': 'unlimited' } }],
])('a patch with %s is refused in the words of an update of the whole pod', async (_, metadata) => {
  const { admin } = startServer()
  const pods = admin.resource<Pod>(resources.pods)
  const before = await pods.create('default', pod('web') as Pod)
  const message = (write: Promise<unknown>): Promise<string> =>
    write.then(
      () => 'taken',
      (error: Error) => error.message,
    )
  // A copy has a spec of its own.
  const whole = await message(pods.update({ ...structuredClone(before), metadata: { ...before.metadata, ...metadata } } as Pod))
  expect(whole).toMatch(/^Pod "web" is invalid: /)
  expect(await message(pods.patch('default', 'web', { metadata }, { type: 'merge' }))).toBe(whole)
})
