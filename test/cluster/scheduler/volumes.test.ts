/** Pods and their volumes: which node can reach them, hold them or make them, and what is said when none can. */
import { describe, expect, test } from 'vitest'
import { resources } from '../../../src-main/cluster/api/client.js'
import type { ObjectMeta, Pod } from '../../../src-main/cluster/api/object.js'
import type { SchedulerHarness } from './harness.js'
import { node, pod, startSchedulerHarness } from './harness.js'

describe('volumes', () => {
  const claim = (name: string, extra: { spec?: object; status?: object } = {}) => ({
    metadata: { name, namespace: 'default' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, storageClassName: 'local', ...extra.spec },
    status: { phase: 'Pending', ...extra.status },
  })
  const volume = (name: string, nodeName: string, extra: object = {}) => ({
    metadata: { name },
    spec: {
      capacity: { storage: '5Gi' },
      accessModes: ['ReadWriteOnce'],
      storageClassName: 'local',
      nodeAffinity: {
        required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [nodeName] }] }] },
      },
      ...extra,
    },
    status: { phase: 'Available' },
  })
  const storageClass = (provisioner: string, volumeBindingMode: string) => ({ metadata: { name: 'local' }, provisioner, volumeBindingMode })
  const using = (name: string) => pod('web', { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: name } }] })

  test('an unbound claim that binds at once must be bound first', async () => {
    const h = await startSchedulerHarness([node('a')])
    await h.create(resources.storageclasses, storageClass('x', 'Immediate'))
    await h.create(resources.persistentvolumeclaims, claim('data'))
    await h.add(using('data'))
    expect(h.eventsOf('web')[0]).toContain('0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims. ')
  })

  test('a bound claim leads to the node of its volume', async () => {
    const h = await startSchedulerHarness([node('a'), node('b')])
    await h.create(resources.persistentvolumes, volume('pv', 'b'))
    await h.create(resources.persistentvolumeclaims, claim('data', { spec: { volumeName: 'pv' }, status: { phase: 'Bound' } }))
    await h.add(using('data'))
    expect(h.nodeOf('web')).toBe('b')
  })

  test('a claim that waits for its consumer is told the node, and the pod is bound when the claim is', async () => {
    const h = await startSchedulerHarness([node('a')])
    await h.create(resources.storageclasses, storageClass('drydock.dev/hostpath', 'WaitForFirstConsumer'))
    await h.create(resources.persistentvolumeclaims, claim('data'))
    await h.add(using('data'))
    const get = () => h.cluster.get<{ metadata: { annotations?: object } }>(resources.persistentvolumeclaims, 'default', 'data')
    expect(get().metadata.annotations).toEqual({ 'volume.kubernetes.io/selected-node': 'a' })
    expect(h.nodeOf('web')).toBeUndefined()
    h.cluster.edit<{ spec: object; status: object }>(resources.persistentvolumeclaims, 'default', 'data', (c) => {
      Object.assign(c.spec, { volumeName: 'pv' })
      Object.assign(c.status, { phase: 'Bound' })
    })
    await h.clock.settle()
    expect(h.nodeOf('web')).toBe('a')
  })

  test('what is attached to a node counts though its pod is gone, until it is detached', async () => {
    const h = await startSchedulerHarness([node('a')])
    await h.create(
      { group: 'storage.k8s.io', version: 'v1', resource: 'csinodes' },
      {
        metadata: { name: 'a' },
        spec: { drivers: [{ name: 'ebs.csi.aws.com', nodeID: 'i-1', topologyKeys: [], allocatable: { count: 1 } }] },
      },
    )
    for (const n of ['one', 'two']) {
      const csi = { driver: 'ebs.csi.aws.com', volumeHandle: `vol-${n}` }
      await h.create(resources.persistentvolumes, volume(n, 'a', { csi }))
      await h.create(resources.persistentvolumeclaims, claim(n, { spec: { volumeName: n }, status: { phase: 'Bound' } }))
    }
    await h.create(resources.volumeattachments, {
      metadata: { name: 'csi-one' },
      spec: { attacher: 'ebs.csi.aws.com', nodeName: 'a', source: { persistentVolumeName: 'one' } },
    })
    const mounting = (name: string, claimName: string) => pod(name, { volumes: [{ name: 'data', persistentVolumeClaim: { claimName } }] })
    await h.add(mounting('second', 'two'), mounting('first', 'one'))
    expect([h.nodeOf('first'), h.nodeOf('second')]).toEqual(['a', undefined])
    expect(h.eventsOf('second')[0]).toContain('1 node(s) exceed max volume count')
    await h.cluster.client('kubernetes-admin').resource(resources.pods).delete('default', 'first', { gracePeriodSeconds: 0 })
    await h.clock.advance(30_000)
    expect(h.nodeOf('second')).toBeUndefined()
    await h.cluster.client('kubernetes-admin').resource(resources.volumeattachments).delete('', 'csi-one')
    await h.clock.advance(30_000)
    expect(h.nodeOf('second')).toBe('a')
  })

  test('of one driver fit on a node as many as its CSINode says, each counted once however many pods share it', async () => {
    const h = await startSchedulerHarness([node('a')])
    const csinodes = { group: 'storage.k8s.io', version: 'v1', resource: 'csinodes' }
    await h.create(csinodes, {
      metadata: { name: 'a' },
      spec: { drivers: [{ name: 'ebs.csi.aws.com', nodeID: 'i-1', topologyKeys: [], allocatable: { count: 1 } }] },
    })
    for (const n of ['one', 'two']) {
      const csi = { driver: 'ebs.csi.aws.com', volumeHandle: `vol-${n}` }
      await h.create(resources.persistentvolumes, volume(n, 'a', { csi }))
      await h.create(resources.persistentvolumeclaims, claim(n, { spec: { volumeName: n }, status: { phase: 'Bound' } }))
    }
    const mounting = (name: string, claimName: string) => pod(name, { volumes: [{ name: 'data', persistentVolumeClaim: { claimName } }] })
    await h.add(mounting('first', 'one'), mounting('sharing', 'one'), mounting('second', 'two'))
    expect([h.nodeOf('first'), h.nodeOf('sharing'), h.nodeOf('second')]).toEqual(['a', 'a', undefined])
    expect(h.eventsOf('second')).toEqual([
      'Warning FailedScheduling 0/1 nodes are available: 1 node(s) exceed max volume count. no new claims to deallocate, ' +
        'preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.',
    ])
    h.cluster.edit<{ spec: { drivers: { allocatable: object }[] } }>(csinodes, '', 'a', (n) => {
      n.spec.drivers[0]!.allocatable = { count: 2 }
    })
    await h.clock.advance(1000)
    expect(h.nodeOf('second')).toBe('a')
  })

  test('a claim with the access mode ReadWriteOncePod is for one pod of the whole cluster', async () => {
    const h = await startSchedulerHarness([node('a'), node('b')])
    await h.create(resources.persistentvolumes, volume('pv', 'a', { accessModes: ['ReadWriteOncePod'], nodeAffinity: undefined }))
    await h.create(
      resources.persistentvolumeclaims,
      claim('data', { spec: { volumeName: 'pv', accessModes: ['ReadWriteOncePod'] }, status: { phase: 'Bound' } }),
    )
    const mounting = (name: string, extra: object = {}) =>
      pod(name, { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }], ...extra })
    await h.add(mounting('first'), mounting('second'))
    const firstNode = h.nodeOf('first')
    expect([firstNode !== undefined, h.nodeOf('second')]).toEqual([true, undefined])
    expect(h.eventsOf('second')).toEqual([
      'Warning FailedScheduling 0/2 nodes are available: 2 node has pod using PersistentVolumeClaim with the same name and ' +
        'ReadWriteOncePod access mode. no new claims to deallocate, preemption: 0/2 nodes are available: 2 No preemption victims found ' +
        'for incoming pod.',
    ])
    // A pod of higher priority takes it over from the one that has it.
    await h.add(mounting('urgent', { priority: 1000 }))
    expect(h.eventsOf('first').at(-1)).toContain('Normal Preempted Preempted by pod ')
    expect(h.cluster.get<Pod>(resources.pods, 'default', 'urgent').status!.nominatedNodeName).toBe(firstNode)
  })

  test('a disk that is mounted for writing is for one pod of its node, but all may read it', async () => {
    const h = await startSchedulerHarness([node('a')])
    const mounting = (name: string, readOnly: boolean, pdName = 'disk') =>
      pod(name, { volumes: [{ name: 'data', gcePersistentDisk: { pdName, readOnly } }] })
    await h.add(mounting('reader', true), mounting('other', true), mounting('writer', false), mounting('elsewhere', false, 'disk2'))
    expect(['reader', 'other', 'writer', 'elsewhere'].map(h.nodeOf)).toEqual(['a', 'a', undefined, 'a'])
    expect(h.eventsOf('writer')[0]).toContain('0/1 nodes are available: 1 node(s) had no available disk. ')
  })

  test('a volume that is labelled with a zone keeps its pod there', async () => {
    const zone = 'topology.kubernetes.io/zone'
    const h = await startSchedulerHarness([node('a', { labels: { [zone]: 'east' } })])
    await h.create(resources.persistentvolumes, {
      ...volume('pv', 'a', { nodeAffinity: undefined }),
      metadata: { name: 'pv', labels: { [zone]: 'west__north' } },
    })
    await h.create(resources.persistentvolumeclaims, claim('data', { spec: { volumeName: 'pv' }, status: { phase: 'Bound' } }))
    await h.add(using('data'))
    expect(h.eventsOf('web')).toEqual([
      'Warning FailedScheduling 0/1 nodes are available: 1 node(s) had no available volume zone. no new claims to deallocate, ' +
        'preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.',
    ])
    await h.add(node('b', { labels: { 'failure-domain.beta.kubernetes.io/zone': 'north' } }))
    await h.clock.advance(1000)
    expect(h.nodeOf('web')).toBe('b')
  })

  const mounting = (name: string, claimName: string, labels: Record<string, string> = {}) =>
    pod(name, { volumes: [{ name: 'data', persistentVolumeClaim: { claimName } }] }, labels)
  const warnings = (h: SchedulerHarness, ...names: string[]) => names.flatMap((n) => h.eventsOf(n)).filter((e) => e.startsWith('Warning'))

  test('pods that come together are not promised the same volume', async () => {
    const h = await startSchedulerHarness([node('a')])
    await h.create(resources.storageclasses, storageClass('kubernetes.io/no-provisioner', 'WaitForFirstConsumer'))
    for (const n of [1, 2, 3]) await h.create(resources.persistentvolumes, volume(`pv-${n}`, 'a'))
    const names = ['one', 'two', 'three']
    for (const name of names) await h.create(resources.persistentvolumeclaims, claim(name))
    await h.add(...names.map((name) => mounting(name, name)))
    const bound = h.cluster.all<{ metadata: ObjectMeta; spec: { claimRef?: { name: string } } }>(resources.persistentvolumes)
    expect(bound.map((v) => v.spec.claimRef?.name).sort()).toEqual(['one', 'three', 'two'])
    expect(warnings(h, ...names)).toEqual([])
    await h.create(resources.persistentvolumeclaims, claim('four'))
    await h.add(mounting('four', 'four'))
    expect(h.eventsOf('four')[0]).toContain("1 node(s) didn't find available persistent volumes to bind.")
  })

  test('pods that share a claim go where its volume is going to be', async () => {
    const h = await startSchedulerHarness([node('a'), node('b'), node('c')])
    await h.create(resources.storageclasses, storageClass('csi.example.com', 'WaitForFirstConsumer'))
    await h.create(resources.persistentvolumeclaims, claim('data'))
    const names = ['one', 'two', 'three', 'four']
    await h.add(...names.map((name) => mounting(name, 'data')))
    const { metadata } = h.cluster.get<{ metadata: ObjectMeta }>(resources.persistentvolumeclaims, 'default', 'data')
    const selected = metadata.annotations!['volume.kubernetes.io/selected-node']!
    await h.create(resources.persistentvolumes, volume('pv', selected))
    h.cluster.edit<{ spec: object; status: object }>(resources.persistentvolumeclaims, 'default', 'data', (c) => {
      Object.assign(c.spec, { volumeName: 'pv' })
      Object.assign(c.status, { phase: 'Bound' })
    })
    await h.clock.settle()
    expect(names.map((name) => h.nodeOf(name))).toEqual([selected, selected, selected, selected])
    expect(warnings(h, ...names)).toEqual([])
  })

  test('a pod that goes while it waits for its volumes is not waited for', async () => {
    const h = await startSchedulerHarness([node('a', { cpu: '1' })])
    await h.create(resources.storageclasses, storageClass('csi.example.com', 'WaitForFirstConsumer'))
    await h.create(resources.persistentvolumeclaims, claim('data'))
    await h.add(mounting('web', 'data'))
    await h.cluster.client('kubernetes-admin').resource(resources.pods).delete('default', 'web', { gracePeriodSeconds: 0 })
    await h.clock.advance(700_000)
    expect(warnings(h, 'web')).toEqual([])
    expect([h.scheduler.pending(), h.errors]).toEqual([{ active: 0, backoff: 0, unschedulable: 0 }, []])
  })

  test('each of two claims needs a volume of its own on the node', async () => {
    const h = await startSchedulerHarness([node('a'), node('b')])
    await h.create(resources.storageclasses, storageClass('kubernetes.io/no-provisioner', 'WaitForFirstConsumer'))
    for (const [name, on] of [
      ['pv-1', 'a'],
      ['pv-2', 'b'],
      ['pv-3', 'b'],
    ] as const)
      await h.create(resources.persistentvolumes, volume(name, on))
    for (const name of ['data', 'logs']) await h.create(resources.persistentvolumeclaims, claim(name))
    const volumes = ['data', 'logs'].map((claimName) => ({ name: claimName, persistentVolumeClaim: { claimName } }))
    await h.add(pod('web', { volumes }))
    const bound = h.cluster.all<{ metadata: ObjectMeta; spec: { claimRef?: { name: string } } }>(resources.persistentvolumes)
    expect(
      bound.map((v) => [v.metadata.name, v.spec.claimRef?.name, v.metadata.annotations?.['pv.kubernetes.io/bound-by-controller']]),
    ).toEqual([
      ['pv-1', undefined, undefined],
      ['pv-2', 'data', 'yes'],
      ['pv-3', 'logs', 'yes'],
    ])
    // Until they are bound the pod says where it is going to be.
    expect(h.cluster.get<Pod>(resources.pods, 'default', 'web').status!.nominatedNodeName).toBe('b')
  })

  test.each<[string, object, object | undefined, string | undefined]>([
    ['a driver that does not tell of its capacity', { storageCapacity: false }, undefined, 'a'],
    ['a driver that has told nothing', { storageCapacity: true }, undefined, undefined],
    ['room for the claim', { storageCapacity: true }, { capacity: '1Gi' }, 'a'],
    ['too little room', { storageCapacity: true }, { capacity: '500Mi' }, undefined],
    ['room for smaller volumes only', { storageCapacity: true }, { capacity: '10Gi', maximumVolumeSize: '500Mi' }, undefined],
    ['room of another class', { storageCapacity: true }, { capacity: '1Gi', storageClassName: 'other' }, undefined],
    ['room elsewhere', { storageCapacity: true }, { capacity: '1Gi', nodeTopology: { matchLabels: { zone: 'north' } } }, undefined],
    ['room nowhere in particular', { storageCapacity: true }, { capacity: '1Gi', nodeTopology: undefined }, undefined],
  ])('%s decides whether a volume is made on the node', async (_what, spec, capacity, expected) => {
    const h = await startSchedulerHarness([node('a')])
    const storage = { group: 'storage.k8s.io', version: 'v1' }
    await h.create({ ...storage, resource: 'csidrivers' }, { metadata: { name: 'csi.example.com' }, spec })
    if (capacity) {
      const object = { metadata: { name: 'room', namespace: 'default' }, storageClassName: 'local', nodeTopology: {}, ...capacity }
      await h.create({ ...storage, resource: 'csistoragecapacities' }, object)
    }
    await h.create(resources.storageclasses, storageClass('csi.example.com', 'WaitForFirstConsumer'))
    await h.create(resources.persistentvolumeclaims, claim('data'))
    await h.add(using('data'))
    const { metadata } = h.cluster.get<{ metadata: ObjectMeta }>(resources.persistentvolumeclaims, 'default', 'data')
    expect(metadata.annotations?.['volume.kubernetes.io/selected-node']).toBe(expected)
    if (!expected) expect(h.eventsOf('web')[0]).toContain('1 node(s) did not have enough free storage. ')
  })

  test.each([
    ['ten minutes without a volume', (h: SchedulerHarness) => h.clock.advance(600_000), 'context deadline exceeded'],
    [
      'a provisioner that gives the node up',
      async (h: SchedulerHarness) => {
        h.cluster.edit<{ metadata: ObjectMeta }>(
          resources.persistentvolumeclaims,
          'default',
          'data',
          (c) => void (c.metadata.annotations = {}),
        )
        await h.clock.settle()
      },
      'provisioning failed for PVC "data"',
    ],
  ])('after %s the pod says so and is tried again', async (_what, happens, why) => {
    const h = await startSchedulerHarness([node('a')])
    await h.create(resources.storageclasses, storageClass('csi.example.com', 'WaitForFirstConsumer'))
    await h.create(resources.persistentvolumeclaims, claim('data'))
    await h.add(using('data'))
    await happens(h)
    expect(h.eventsOf('web')).toEqual([`Warning FailedScheduling running PreBind plugin "VolumeBinding": binding volumes: ${why}`])
    expect(h.scheduler.pending().backoff).toBe(1)
  })

  test.each<[string, (p: Pod) => void]>([
    ['another has bound meanwhile', (p) => (p.spec!.nodeName = 'a')],
    ['is on its way out', (p) => (p.metadata.deletionTimestamp = '2026-11-21T09:00:00Z')],
  ])('a pod that %s is not tried again', async (_what, change) => {
    const h = await startSchedulerHarness([node('a')])
    await h.create(resources.storageclasses, storageClass('csi.example.com', 'WaitForFirstConsumer'))
    await h.create(resources.persistentvolumeclaims, claim('data'))
    await h.add(using('data'))
    h.cluster.edit(resources.pods, 'default', 'web', change)
    await h.clock.advance(600_000)
    expect(h.eventsOf('web')).toHaveLength(1)
    expect(h.cluster.get<Pod>(resources.pods, 'default', 'web').status!.conditions).toBeUndefined()
    expect(h.scheduler.pending()).toEqual({ active: 0, backoff: 0, unschedulable: 0 })
  })

  test('without a provisioner a node needs a volume of its own', async () => {
    const h = await startSchedulerHarness([node('a'), node('b')])
    await h.create(resources.storageclasses, storageClass('kubernetes.io/no-provisioner', 'WaitForFirstConsumer'))
    await h.create(resources.persistentvolumes, volume('small', 'a', { capacity: { storage: '100Mi' } }))
    await h.create(resources.persistentvolumeclaims, claim('data'))
    await h.add(using('data'))
    expect(h.eventsOf('web')[0]).toContain("2 node(s) didn't find available persistent volumes to bind.")
  })
})
