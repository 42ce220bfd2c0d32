import { describe, expect, test } from 'vitest'
import { resources } from '../../../src-main/cluster/api/client.js'
import type { Pod } from '../../../src-main/cluster/api/object.js'
import type { Claim, StatefulSet } from '../../../src-main/cluster/controllers/statefulset-pods.js'
import type { Harness } from './harness.js'
import { setReady } from '../support/simple-kubelet.js'
import { pod as podOf, podTemplate, startHarness } from './harness.js'

const { pods, statefulsets, persistentvolumeclaims: claims } = resources

const db = (replicas: number, extra: object = {}) =>
  ({
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'db', namespace: 'default' },
    spec: {
      replicas,
      serviceName: 'db',
      selector: { matchLabels: { app: 'db' } },
      template: podTemplate({ app: 'db' }, 'v1'),
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
      podManagementPolicy: 'OrderedReady',
      ...extra,
    },
    status: { replicas: 0 },
  }) as unknown as StatefulSet
const names = (h: Harness) =>
  h.cluster
    .all<Pod>(pods)
    .map((p) => p.metadata.name)
    .sort()
const images = (h: Harness) => Object.fromEntries(h.cluster.all<Pod>(pods).map((p) => [p.metadata.name, p.spec!.containers[0]!.image]))
const status = (h: Harness) => h.cluster.get<StatefulSet>(statefulsets, 'default', 'db').status
const patch = (h: Harness, spec: object) => h.user.resource(statefulsets).patch('default', 'db', { spec }, { type: 'merge' })
async function started(replicas: number, extra: object = {}, prepare: (h: Harness) => void = () => {}) {
  const h = startHarness(['statefulset-controller'])
  prepare(h)
  await h.user.resource<StatefulSet>(statefulsets).create('default', db(replicas, extra))
  await h.clock.advance(2000)
  return h
}

describe('a StatefulSet', () => {
  test('makes pods with lasting names, one after the other', async () => {
    const h = await started(3, {}, (x) => (x.kubelet.ready = (p) => p.metadata.name !== 'db-1'))
    expect(names(h)).toEqual(['db-0', 'db-1'])
    expect(h.eventsOf('db')).toEqual([
      'Normal SuccessfulCreate create Pod db-0 in StatefulSet db successful',
      'Normal SuccessfulCreate create Pod db-1 in StatefulSet db successful',
    ])
    const pod = h.cluster.get<Pod>(pods, 'default', 'db-0')
    expect(pod.metadata.labels).toEqual({
      app: 'db',
      'apps.kubernetes.io/pod-index': '0',
      'statefulset.kubernetes.io/pod-name': 'db-0',
      'controller-revision-hash': status(h)!.currentRevision,
    })
    expect([pod.spec!.hostname, pod.spec!.subdomain]).toEqual(['db-0', 'db'])
    expect(h.errors).toEqual([])
  })

  test('with Parallel makes all at once, beginning at the start ordinal', async () => {
    const h = await started(3, { podManagementPolicy: 'Parallel', ordinals: { start: 5 } }, (x) => (x.kubelet.ready = () => false))
    expect(names(h)).toEqual(['db-5', 'db-6', 'db-7'])
  })

  test('reports revisions and counts', async () => {
    const h = await started(2)
    const revision = status(h)!.currentRevision
    expect(revision).toMatch(/^db-\w+$/)
    expect(status(h)).toEqual({
      observedGeneration: 1,
      replicas: 2,
      readyReplicas: 2,
      currentReplicas: 2,
      updatedReplicas: 2,
      availableReplicas: 2,
      currentRevision: revision,
      updateRevision: revision,
      collisionCount: 0,
    })
  })

  test('brings back a deleted pod under its name only when the old one is gone', async () => {
    const h = await started(2)
    h.kubelet.lets = () => false
    const { uid } = h.cluster.get<Pod>(pods, 'default', 'db-0').metadata
    await h.user.resource(pods).delete('default', 'db-0')
    await h.clock.advance(1000)
    expect(h.cluster.get<Pod>(pods, 'default', 'db-0').metadata.uid).toBe(uid)
    await h.user.resource(pods).delete('default', 'db-0', { gracePeriodSeconds: 0 })
    await h.clock.advance(1000)
    expect(h.cluster.get<Pod>(pods, 'default', 'db-0').metadata.uid).not.toBe(uid)
  })

  test('scales down from the highest ordinal, one after the other', async () => {
    const h = await started(3)
    h.kubelet.lets = (p) => p.metadata.name !== 'db-1'
    await patch(h, { replicas: 0 })
    await h.clock.advance(1000)
    expect(names(h)).toEqual(['db-0', 'db-1'])
    expect(h.cluster.get<Pod>(pods, 'default', 'db-0').metadata.deletionTimestamp).toBeUndefined()
    expect(h.eventsOf('db').slice(-2)).toEqual([
      'Normal SuccessfulDelete delete Pod db-2 in StatefulSet db successful',
      'Normal SuccessfulDelete delete Pod db-1 in StatefulSet db successful',
    ])
  })

  test('takes away the lowest of several surplus pods that are not ready first', async () => {
    const h = await started(3, { podManagementPolicy: 'Parallel' })
    for (const name of ['db-1', 'db-2']) h.cluster.edit<Pod>(pods, 'default', name, (p) => setReady(p, false, h.clock.now()))
    h.kubelet.lets = () => false
    await patch(h, { podManagementPolicy: 'OrderedReady', replicas: 1 })
    await h.clock.advance(1000)
    const going = h.cluster.all<Pod>(pods).filter((p) => p.metadata.deletionTimestamp)
    // The highest has to wait until the one below it is healthy or gone.
    expect(going.map((p) => p.metadata.name)).toEqual([])
    h.cluster.edit<Pod>(pods, 'default', 'db-1', (p) => setReady(p, true, h.clock.now()))
    await h.clock.advance(1000)
    expect(h.cluster.get<Pod>(pods, 'default', 'db-2').metadata.deletionTimestamp).toBeDefined()
  })

  test('gives a pod the label of its name back', async () => {
    const h = await started(1)
    h.cluster.edit<Pod>(pods, 'default', 'db-0', (p) => void delete p.metadata.labels!['statefulset.kubernetes.io/pod-name'])
    await h.clock.advance(1000)
    expect(h.cluster.get<Pod>(pods, 'default', 'db-0').metadata.labels).toMatchObject({ 'statefulset.kubernetes.io/pod-name': 'db-0' })
    expect(h.eventsOf('db').at(-1)).toBe('Normal SuccessfulUpdate update Pod db-0 in StatefulSet db successful')
  })

  test('says what it could not make', async () => {
    const volumeClaimTemplates = [{ metadata: { name: 'data' }, spec: {} }]
    const failing = async (refused: string): Promise<string[]> => {
      const refuse = (h: Harness): void => {
        h.cluster.refuse = (verb, resource) => (verb === 'create' && resource === refused ? new Error('quota is used up') : undefined)
      }
      const h = await started(1, { volumeClaimTemplates }, refuse)
      return [...new Set(h.eventsOf('db').map((e) => e.replace(/ \(x\d+\)$/, '')))]
    }
    expect(await failing('persistentvolumeclaims')).toEqual([
      'Warning FailedCreate create Claim data-db-0 for Pod db-0 in StatefulSet db failed error: quota is used up',
      'Warning FailedCreate create Pod db-0 in StatefulSet db failed error: failed to create PVC data-db-0: quota is used up',
    ])
    expect(await failing('pods')).toEqual([
      'Normal SuccessfulCreate create Claim data-db-0 Pod db-0 in StatefulSet db success',
      'Warning FailedCreate create Pod db-0 in StatefulSet db failed error: quota is used up',
    ])
  })

  test('waits for a claim that is being deleted', async () => {
    const h = await started(1, { volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: {} }] })
    h.cluster.edit<Claim>(claims, 'default', 'data-db-0', (x) => {
      x.metadata.finalizers = ['kubernetes.io/pvc-protection']
    })
    await h.user.resource(claims).delete('default', 'data-db-0')
    await h.user.resource(pods).delete('default', 'db-0')
    await h.clock.advance(1000)
    expect(names(h)).toEqual([])
    expect(h.eventsOf('db').at(-1)).toMatch(
      /^Warning FailedCreate create Pod db-0 in StatefulSet db failed error: pvc data-db-0 is being deleted/,
    )
  })

  test('waits until a pod of its pod’s name is gone that is not its own, and says nothing of it', async () => {
    const h = startHarness(['statefulset-controller'])
    await h.user.resource<Pod>(pods).create('default', podOf('db-0', { app: 'another' }))
    await h.user.resource<StatefulSet>(statefulsets).create('default', db(1))
    await h.clock.advance(5_000)
    expect(h.eventsOf('db')).toEqual([])
    await h.user.resource(pods).delete('default', 'db-0', { gracePeriodSeconds: 0 })
    await h.clock.advance(10_000)
    expect(h.cluster.get<Pod>(pods, 'default', 'db-0').metadata.labels).toMatchObject({ app: 'db' })
    expect(h.eventsOf('db')).toEqual(['Normal SuccessfulCreate create Pod db-0 in StatefulSet db successful'])
    expect(h.errors).toEqual([])
  })

  test('replaces a failed pod, and one that has succeeded', async () => {
    const h = await started(1)
    h.cluster.edit<Pod>(pods, 'default', 'db-0', (p) => void (p.status!.phase = 'Failed'))
    await h.clock.advance(1000)
    expect(h.cluster.get<Pod>(pods, 'default', 'db-0').status!.phase).toBe('Running')
    h.cluster.edit<Pod>(pods, 'default', 'db-0', (p) => void (p.status!.phase = 'Succeeded'))
    await h.clock.advance(1000)
    expect(h.cluster.get<Pod>(pods, 'default', 'db-0').status!.phase).toBe('Running')
    expect(h.eventsOf('db')).toEqual([
      'Normal SuccessfulCreate create Pod db-0 in StatefulSet db successful (x3)',
      'Normal SuccessfulDelete delete Pod db-0 in StatefulSet db successful (x2)',
    ])
  })
})

test('a StatefulSet with Parallel that cannot make pods tries one, not all', async () => {
  const refuse = (h: Harness): void => {
    h.cluster.refuse = (verb, resource) => (verb === 'create' && resource === 'pods' ? new Error('quota is used up') : undefined)
  }
  const h = await started(5, { podManagementPolicy: 'Parallel' }, refuse)
  expect([...new Set(h.eventsOf('db').map((e) => e.split(' in StatefulSet')[0]))]).toEqual(['Warning FailedCreate create Pod db-0'])
})

describe('an update of a StatefulSet', () => {
  const v2 = { template: podTemplate({ app: 'db' }, 'v2') }

  test('goes from the highest ordinal down and waits for each pod', async () => {
    const h = await started(3)
    h.kubelet.ready = (p) => p.metadata.name !== 'db-1'
    await patch(h, v2)
    await h.clock.advance(2000)
    expect(images(h)).toEqual({ 'db-0': 'v1', 'db-1': 'v2', 'db-2': 'v2' })
    expect(status(h)).toMatchObject({ updatedReplicas: 2, currentReplicas: 1, readyReplicas: 2 })
    expect(status(h)!.currentRevision).not.toBe(status(h)!.updateRevision)
  })

  test('ends with one revision', async () => {
    const h = await started(3)
    await patch(h, v2)
    await h.clock.advance(2000)
    expect(images(h)).toEqual({ 'db-0': 'v2', 'db-1': 'v2', 'db-2': 'v2' })
    expect(status(h)!.currentRevision).toBe(status(h)!.updateRevision)
  })

  test('stops at the partition, and pods below it come back as they were', async () => {
    const h = await started(3, { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 2 } } })
    await patch(h, v2)
    await h.clock.advance(2000)
    await h.user.resource(pods).delete('default', 'db-0')
    await h.clock.advance(2000)
    expect(images(h)).toEqual({ 'db-0': 'v1', 'db-1': 'v1', 'db-2': 'v2' })
  })

  test('with Parallel goes on though a lower pod is not ready, and replaces pods that never were', async () => {
    const h = await started(3, { podManagementPolicy: 'Parallel' }, (x) => (x.kubelet.ready = (p) => p.metadata.name !== 'db-0'))
    await patch(h, v2)
    await h.clock.advance(2000)
    expect(images(h)).toEqual({ 'db-0': 'v2', 'db-1': 'v2', 'db-2': 'v2' })
  })

  test('with Parallel waits for the pod that it has replaced', async () => {
    const h = await started(3, { podManagementPolicy: 'Parallel' })
    h.kubelet.ready = () => false
    await patch(h, v2)
    await h.clock.advance(2000)
    expect(images(h)).toEqual({ 'db-0': 'v1', 'db-1': 'v1', 'db-2': 'v2' })
  })

  test('with OnDelete waits for somebody to delete the pods', async () => {
    const h = await started(2, { updateStrategy: { type: 'OnDelete' } })
    await patch(h, v2)
    await h.clock.advance(2000)
    expect(images(h)).toEqual({ 'db-0': 'v1', 'db-1': 'v1' })
    await h.user.resource(pods).delete('default', 'db-1')
    await h.clock.advance(2000)
    expect(images(h)).toEqual({ 'db-0': 'v1', 'db-1': 'v2' })
  })
})

describe('the claims of a StatefulSet', () => {
  const volumeClaimTemplates = [
    { metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } },
  ]

  test('are made before the pods, one for each, and stay when it is scaled down', async () => {
    const h = await started(2, { volumeClaimTemplates })
    expect(h.cluster.all<Claim>(claims).map((c) => c.metadata.name)).toEqual(['data-db-0', 'data-db-1'])
    expect(h.cluster.get<Claim>(claims, 'default', 'data-db-0').metadata.labels).toEqual({ app: 'db' })
    expect(h.cluster.get<Pod>(pods, 'default', 'db-1').spec!.volumes).toEqual([
      { name: 'data', persistentVolumeClaim: { claimName: 'data-db-1' } },
    ])
    expect(h.eventsOf('db')[0]).toBe('Normal SuccessfulCreate create Claim data-db-0 Pod db-0 in StatefulSet db success')
    await patch(h, { replicas: 0 })
    await h.clock.advance(2000)
    expect(h.cluster.all<Claim>(claims)).toHaveLength(2)
  })

  test('belong to the set, or to a pod that is to go, as the retention policy says', async () => {
    const h = await started(2, {
      volumeClaimTemplates,
      persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete', whenScaled: 'Delete' },
    })
    const owners = (name: string) =>
      h.cluster.get<Claim>(claims, 'default', name).metadata.ownerReferences!.map((o) => `${o.kind}/${o.name}`)
    expect([owners('data-db-0'), owners('data-db-1')]).toEqual([['StatefulSet/db'], ['StatefulSet/db']])
    h.kubelet.lets = () => false
    await patch(h, { replicas: 1 })
    await h.clock.advance(2000)
    expect([owners('data-db-0'), owners('data-db-1')]).toEqual([['StatefulSet/db'], ['Pod/db-1']])
  })

  test('are made again for a pod that waits for one', async () => {
    const h = await started(1, { volumeClaimTemplates }, (x) => (x.kubelet.starts = () => false))
    await h.user.resource(claims).delete('default', 'data-db-0')
    h.cluster.edit<Pod>(pods, 'default', 'db-0', (p) => void (p.metadata.annotations = { seen: 'again' }))
    await h.clock.advance(1000)
    expect(h.cluster.all<Claim>(claims).map((c) => c.metadata.name)).toEqual(['data-db-0'])
  })

  test('that go with a pod that is gone keep the next pod waiting', async () => {
    const h = await started(2, { volumeClaimTemplates, persistentVolumeClaimRetentionPolicy: { whenScaled: 'Delete' } })
    await patch(h, { replicas: 1 })
    await h.clock.advance(1000)
    const { ownerReferences } = h.cluster.get<Claim>(claims, 'default', 'data-db-1').metadata
    expect(ownerReferences).toMatchObject([{ kind: 'Pod', name: 'db-1', controller: true, blockOwnerDeletion: true }])
    await patch(h, { replicas: 2 })
    await h.clock.advance(1000)
    expect(names(h)).toEqual(['db-0'])
    expect(h.eventsOf('db').filter((e) => e.startsWith('Warning'))).toEqual([])
    await h.user.resource(claims).delete('default', 'data-db-1')
    await h.clock.advance(2000)
    expect(names(h)).toEqual(['db-0', 'db-1'])
  })

  test('that go with a pod that is gone keep no others waiting where pods need no order', async () => {
    const h = await started(2, {
      volumeClaimTemplates,
      podManagementPolicy: 'Parallel',
      persistentVolumeClaimRetentionPolicy: { whenScaled: 'Delete' },
    })
    await patch(h, { replicas: 1 })
    await h.clock.advance(1000)
    await patch(h, { replicas: 3 })
    await h.clock.advance(1000)
    expect(names(h)).toEqual(['db-0', 'db-2'])
    await h.user.resource(claims).delete('default', 'data-db-1')
    await h.clock.advance(2000)
    expect(names(h)).toEqual(['db-0', 'db-1', 'db-2'])
  })

  test('that somebody else controls are left alone', async () => {
    const other = { apiVersion: 'v1', kind: 'ConfigMap', name: 'mine', uid: 'u', controller: true }
    const h = await started(1, { volumeClaimTemplates })
    h.cluster.edit<Claim>(claims, 'default', 'data-db-0', (x) => void (x.metadata.ownerReferences = [other]))
    await patch(h, { persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete' } })
    await h.clock.advance(1000)
    expect(h.cluster.get<Claim>(claims, 'default', 'data-db-0').metadata.ownerReferences).toEqual([other])
  })
})
