import { describe, expect, test } from 'vitest'
import { resources } from '../../../src-main/cluster/api/client.js'
import { StatusError } from '../../../src-main/cluster/api/errors.js'
import type { Event, Pod, ReplicaSet, ReplicationController } from '../../../src-main/cluster/api/object.js'
import { pod, podTemplate, replicaSet, startHarness } from './harness.js'

const { pods, replicasets, replicationcontrollers, events } = resources
const sets = (h: ReturnType<typeof startHarness>) => h.user.resource<ReplicaSet>(replicasets)

async function running(replicas: number, extra: object = {}) {
  const h = startHarness(['replicaset-controller', 'replication-controller'])
  await sets(h).create('default', replicaSet('web', replicas, extra))
  await h.clock.settle()
  return h
}

describe('a ReplicaSet', () => {
  test('creates its pods from the template, owned and named after it', async () => {
    const h = await running(3)
    const made = h.cluster.all<Pod>(pods)
    const { uid } = h.cluster.get<ReplicaSet>(replicasets, 'default', 'web').metadata
    expect(made).toHaveLength(3)
    for (const p of made) {
      expect(p.metadata.name).toMatch(/^web-[bcdfghjklmnpqrstvwxz2456789]{5}$/)
      expect(p.metadata.ownerReferences).toEqual([
        { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', uid, controller: true, blockOwnerDeletion: true },
      ])
      expect(p.spec!.containers).toEqual([{ name: 'main', image: 'nginx:1.25' }])
    }
    expect(h.errors).toEqual([])
  })

  test('reports its pods in status', async () => {
    const h = await running(3)
    expect(h.cluster.get<ReplicaSet>(replicasets, 'default', 'web').status).toEqual({
      replicas: 3,
      fullyLabeledReplicas: 3,
      readyReplicas: 3,
      availableReplicas: 3,
      terminatingReplicas: 0,
      observedGeneration: 1,
    })
  })

  test('says in events which pods it made and deleted', async () => {
    const h = await running(2)
    const names = h.cluster.all<Pod>(pods).map((p) => p.metadata.name)
    expect(h.eventsOf('web')).toEqual(names.map((n) => `Normal SuccessfulCreate Created pod: ${n}`))
    await sets(h).patch('default', 'web', { spec: { replicas: 1 } }, { type: 'merge' })
    await h.clock.settle()
    const left = h.cluster.all<Pod>(pods).map((p) => p.metadata.name)
    expect(left).toHaveLength(1)
    expect(h.eventsOf('web').at(-1)).toBe(`Normal SuccessfulDelete Deleted pod: ${names.find((n) => n !== left[0])}`)
    const [event] = h.cluster.all<Event>(events)
    expect(event).toMatchObject({ count: 1, source: { component: 'replicaset-controller' }, reportingComponent: 'replicaset-controller' })
    expect(event!.metadata.name).toMatch(/^web\.[0-9a-f]{16}$/)
    expect(event!.firstTimestamp).toBe('2026-11-21T09:00:00Z')
  })

  test('replaces a pod that is deleted', async () => {
    const h = await running(2)
    const [first] = h.cluster.all<Pod>(pods)
    await h.user.resource(pods).delete('default', first!.metadata.name!)
    await h.clock.settle()
    const names = h.cluster.all<Pod>(pods).map((p) => p.metadata.name)
    expect(names).toHaveLength(2)
    expect(names).not.toContain(first!.metadata.name)
  })

  test('replaces a pod as soon as its deletion begins, not when it is gone', async () => {
    const h = startHarness(['replicaset-controller'])
    h.kubelet.lets = () => false
    await sets(h).create('default', replicaSet('web', 1))
    await h.clock.settle()
    const [first] = h.cluster.all<Pod>(pods)
    await h.user.resource(pods).delete('default', first!.metadata.name!)
    await h.clock.settle()
    expect(h.cluster.all<Pod>(pods)).toHaveLength(2)
    expect(h.cluster.get<ReplicaSet>(replicasets, 'default', 'web').status).toMatchObject({ replicas: 1, terminatingReplicas: 1 })
  })

  test('adopts a stray pod that matches, and deletes it as surplus when there are enough', async () => {
    const h = await running(2)
    const before = h.cluster.all<Pod>(pods).map((p) => p.metadata.name)
    h.kubelet.starts = () => false
    await h.user.resource<Pod>(pods).create('default', pod('stray', { app: 'web' }))
    await h.clock.settle()
    expect(h.cluster.all<Pod>(pods).map((p) => p.metadata.name)).toEqual(before)
    expect(h.eventsOf('web').at(-1)).toBe('Normal SuccessfulDelete Deleted pod: stray')
  })

  test('adopts a pod that was there first instead of making one', async () => {
    const h = startHarness(['replicaset-controller'])
    await h.user.resource<Pod>(pods).create('default', pod('first', { app: 'web' }))
    await sets(h).create('default', replicaSet('web', 2))
    await h.clock.advance(1000)
    expect(h.cluster.all<Pod>(pods)).toHaveLength(2)
    expect(h.cluster.get<Pod>(pods, 'default', 'first').metadata.ownerReferences).toHaveLength(1)
  })

  test('releases a pod whose label is changed, and makes another', async () => {
    const h = await running(2)
    const [first] = h.cluster.all<Pod>(pods)
    await h.user.resource(pods).patch('default', first!.metadata.name!, { metadata: { labels: { app: 'debug' } } }, { type: 'merge' })
    await h.clock.settle()
    expect(h.cluster.get<Pod>(pods, 'default', first!.metadata.name!).metadata.ownerReferences).toBeUndefined()
    expect(h.cluster.all<Pod>(pods).filter((p) => p.metadata.labels!.app === 'web')).toHaveLength(2)
    expect(h.cluster.get<ReplicaSet>(replicasets, 'default', 'web').status!.replicas).toBe(2)
  })

  test('keeps a pod that has ended, whatever its labels say later', async () => {
    const h = await running(1)
    const [first] = h.cluster.all<Pod>(pods)
    h.cluster.edit<Pod>(pods, 'default', first!.metadata.name!, (p) => void (p.status = { phase: 'Failed', reason: 'Evicted' }))
    await h.clock.settle()
    await h.user.resource(pods).patch('default', first!.metadata.name!, { metadata: { labels: { app: 'debug' } } }, { type: 'merge' })
    await h.clock.settle()
    expect(h.cluster.get<Pod>(pods, 'default', first!.metadata.name!).metadata.ownerReferences).toMatchObject([{ name: 'web' }])
  })

  test('does not count pods that have finished, and makes new ones for them', async () => {
    const h = await running(1)
    const [first] = h.cluster.all<Pod>(pods)
    h.cluster.edit<Pod>(pods, 'default', first!.metadata.name!, (p) => void (p.status = { phase: 'Failed', reason: 'Evicted' }))
    await h.clock.settle()
    expect(h.cluster.all<Pod>(pods).map((p) => p.status!.phase)).toEqual(['Failed', 'Running'])
  })

  test('shows why it cannot create pods in a condition, and stops at the first failure', async () => {
    const h = startHarness(['replicaset-controller'])
    const text = 'pods "web-" is forbidden: exceeded quota: small, requested: pods=1, used: pods=0, limited: pods=0'
    h.cluster.refuse = (verb, resource) => (verb === 'create' && resource === 'pods' ? new StatusError(403, 'Forbidden', text) : undefined)
    await sets(h).create('default', replicaSet('web', 100))
    await h.clock.settle()
    // One try for the set, one more because its status has changed; not a hundred each.
    expect(h.cluster.requests.filter((r) => r.startsWith('create pods'))).toHaveLength(2)
    expect(h.cluster.get<ReplicaSet>(replicasets, 'default', 'web').status!.conditions).toEqual([
      { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: text, lastTransitionTime: '2026-11-21T09:00:00Z' },
    ])
    expect(h.eventsOf('web')).toEqual([`Warning FailedCreate Error creating: ${text} (x2)`])
    h.cluster.refuse = () => undefined
    await h.clock.advance(60_000)
    expect(h.cluster.get<ReplicaSet>(replicasets, 'default', 'web').status).toMatchObject({ replicas: 100, availableReplicas: 100 })
    expect(h.cluster.get<ReplicaSet>(replicasets, 'default', 'web').status!.conditions).toBeUndefined()
  })

  test('counts a pod as available only after minReadySeconds', async () => {
    const h = await running(1, { minReadySeconds: 10 })
    const status = () => h.cluster.get<ReplicaSet>(replicasets, 'default', 'web').status!
    expect(status()).toMatchObject({ readyReplicas: 1 })
    expect(status().availableReplicas).toBeUndefined()
    await h.clock.advance(9_999)
    expect(status().availableReplicas).toBeUndefined()
    await h.clock.advance(1)
    expect(status().availableReplicas).toBe(1)
  })

  test('with zero replicas deletes all its pods', async () => {
    const h = await running(3)
    await sets(h).patch('default', 'web', { spec: { replicas: 0 } }, { type: 'merge' })
    await h.clock.settle()
    expect(h.cluster.all<Pod>(pods)).toEqual([])
    expect(h.cluster.get<ReplicaSet>(replicasets, 'default', 'web').status).toEqual({
      replicas: 0,
      terminatingReplicas: 0,
      observedGeneration: 2,
    })
  })

  test('of a thousand replicas asks for each pod once', async () => {
    const h = await running(1000)
    expect(h.cluster.requests.filter((r) => r.startsWith('create pods'))).toHaveLength(1000)
    expect(h.cluster.get<ReplicaSet>(replicasets, 'default', 'web').status!.availableReplicas).toBe(1000)
    // Nine events by name, then one that combines the rest, until the component has said enough about one object.
    const told = h.eventsOf('web')
    expect(told).toHaveLength(10)
    expect(told.at(-1)).toMatch(/^Normal SuccessfulCreate \(combined from similar events\): Created pod: web-\w{5} \(x16\)$/)
  })
})

describe('which pods of a ReplicaSet go first', () => {
  async function scaledTo(replicas: number, change: (names: string[], h: Awaited<ReturnType<typeof running>>) => void, count = 3) {
    const h = await running(count)
    const names = h.cluster.all<Pod>(pods).map((p) => p.metadata.name!)
    change(names, h)
    await h.clock.settle()
    await sets(h).patch('default', 'web', { spec: { replicas } }, { type: 'merge' })
    await h.clock.settle()
    const left = h.cluster.all<Pod>(pods).map((p) => p.metadata.name!)
    return names.filter((n) => !left.includes(n)).map((n) => names.indexOf(n))
  }
  const edit = (h: Awaited<ReturnType<typeof running>>, name: string, change: (p: Pod) => void) =>
    h.cluster.edit<Pod>(pods, 'default', name, change)

  test('those that are not ready before those that are', async () => {
    const gone = await scaledTo(2, (names, h) => edit(h, names[1]!, (p) => void (p.status!.conditions![0]!.status = 'False')))
    expect(gone).toEqual([1])
  })

  test('those with the lowest deletion cost', async () => {
    const gone = await scaledTo(2, (names, h) =>
      names.forEach((n, i) =>
        edit(h, n, (p) => void (p.metadata.annotations = { 'controller.kubernetes.io/pod-deletion-cost': String([5, 10, -3][i]) })),
      ),
    )
    expect(gone).toEqual([2])
  })

  test('those on the node with most pods of the set', async () => {
    const gone = await scaledTo(2, (names, h) => edit(h, names[0]!, (p) => void (p.spec!.nodeName = 'node-2')))
    expect(gone).not.toContain(0)
    expect(gone).toHaveLength(1)
  })

  test('those with more restarts', async () => {
    const gone = await scaledTo(2, (names, h) =>
      edit(h, names[2]!, (p) => void (p.status!.containerStatuses = [{ name: 'main', restartCount: 4 } as never])),
    )
    expect(gone).toEqual([2])
  })

  test('the younger of those that differ by magnitudes', async () => {
    const h = await running(1)
    const [old] = h.cluster.all<Pod>(pods)
    await h.clock.advance(3_600_000)
    await sets(h).patch('default', 'web', { spec: { replicas: 2 } }, { type: 'merge' })
    await h.clock.advance(10_000)
    await sets(h).patch('default', 'web', { spec: { replicas: 1 } }, { type: 'merge' })
    await h.clock.settle()
    expect(h.cluster.all<Pod>(pods).map((p) => p.metadata.name)).toEqual([old!.metadata.name])
  })
})

test('a ReplicationController does the same under its own name', async () => {
  const h = startHarness(['replicaset-controller', 'replication-controller'])
  const kubia = {
    apiVersion: 'v1',
    kind: 'ReplicationController',
    metadata: { name: 'kubia', namespace: 'default' },
    spec: { replicas: 3, selector: { app: 'kubia' }, template: podTemplate({ app: 'kubia' }, 'luksa/kubia') },
    status: { replicas: 0 },
  }
  await h.user.resource<ReplicationController>(replicationcontrollers).create('default', kubia as ReplicationController)
  await h.clock.settle()
  expect(h.cluster.all<Pod>(pods)).toHaveLength(3)
  expect(h.cluster.all<Pod>(pods)[0]!.metadata.ownerReferences![0]).toMatchObject({ apiVersion: 'v1', kind: 'ReplicationController' })
  expect(h.cluster.get<ReplicationController>(replicationcontrollers, 'default', 'kubia').status).toEqual({
    replicas: 3,
    fullyLabeledReplicas: 3,
    readyReplicas: 3,
    availableReplicas: 3,
    observedGeneration: 1,
  })
  expect(h.cluster.all<Event>(events)[0]!.source).toEqual({ component: 'replication-controller' })
})
