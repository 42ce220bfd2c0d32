import { afterEach, describe, expect, test } from 'vitest'
import { resources } from '../../../src-main/cluster/api/client.js'
import type { Event, Pod } from '../../../src-main/cluster/api/object.js'
import type { Claim, Volume } from '../../../src-main/cluster/controllers/persistentvolume-model.js'
import type { RealCluster } from '../support/real-cluster.js'
import { startRealCluster } from '../support/real-cluster.js'

const { pods, persistentvolumes: volumes, persistentvolumeclaims: claims, storageclasses } = resources
let c: RealCluster
afterEach(() => c?.stop())

const volume = (name: string, storage: string, extra: object = {}) => ({
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  metadata: { name },
  spec: {
    capacity: { storage },
    accessModes: ['ReadWriteOnce'],
    hostPath: { path: `/data/${name}` },
    storageClassName: 'manual',
    ...extra,
  },
})
const claim = (name: string, storage: string, extra: object = {}) => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name, namespace: 'default' },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } }, storageClassName: 'manual', ...extra },
})
const storageClass = (volumeBindingMode: string, extra: object = {}) => ({
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name: 'standard' },
  provisioner: 'drydock.dev/hostpath',
  reclaimPolicy: 'Delete',
  volumeBindingMode,
  ...extra,
})
const consumer = (name: string, claimName: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default' },
  spec: { containers: [{ name: 'main', image: 'nginx' }], volumes: [{ name: 'data', persistentVolumeClaim: { claimName } }] },
})
const getClaim = (name: string) => c.get<Claim>(claims, 'default', name)
const getVolume = (name: string) => c.get<Volume>(volumes, '', name)

describe('a claim', () => {
  test('is bound to the smallest volume that is large enough', async () => {
    c = await startRealCluster()
    await c.create(volumes, volume('large', '10Gi'))
    await c.create(volumes, volume('fits', '2Gi'))
    await c.create(volumes, volume('small', '100Mi'))
    await c.clock.advance(100)
    expect((await getVolume('fits')).status!.phase).toBe('Available')
    await c.create(claims, claim('data', '1Gi'))
    await c.clock.advance(1000)
    const bound = await getClaim('data')
    expect(bound.spec!.volumeName).toBe('fits')
    expect(bound.status).toEqual({ phase: 'Bound', accessModes: ['ReadWriteOnce'], capacity: { storage: '2Gi' } })
    expect(bound.metadata.annotations).toMatchObject({
      'pv.kubernetes.io/bind-completed': 'yes',
      'pv.kubernetes.io/bound-by-controller': 'yes',
    })
    const { spec, status } = await getVolume('fits')
    expect(status!.phase).toBe('Bound')
    expect(spec!.claimRef).toMatchObject({ kind: 'PersistentVolumeClaim', namespace: 'default', name: 'data', uid: bound.metadata.uid })
    expect(c.errors).toEqual([])
  })

  test('waits for a volume, and says that there is none', async () => {
    c = await startRealCluster()
    await c.create(claims, claim('data', '1Gi', { storageClassName: '' }))
    await c.clock.advance(1000)
    expect((await getClaim('data')).status!.phase).toBe('Pending')
    expect(await c.eventsOf('data')).toEqual([
      'Normal FailedBinding no persistent volumes available for this claim and no storage class is set',
    ])
    await c.create(volumes, volume('pv', '1Gi', { storageClassName: '' }))
    await c.clock.advance(1000)
    expect((await getClaim('data')).status!.phase).toBe('Bound')
  })

  test('says again every 15 seconds what it waits for, and every five minutes after some time', async () => {
    c = await startRealCluster()
    await c.create(claims, claim('data', '1Gi', { storageClassName: '' }))
    const told = async () => {
      const events = (await c.admin.resource<Event>(resources.events).list({ namespace: 'default' })).items
      return events.filter((e) => e.reason === 'FailedBinding').map((e) => e.count)
    }
    await c.clock.advance(61_000)
    expect(await told()).toEqual([5])
    await c.clock.advance(3_600_000)
    const [count] = await told()
    expect(count).toBeGreaterThan(30)
    expect(count).toBeLessThan(40)
  })

  test('of a class that is not there says so', async () => {
    c = await startRealCluster()
    await c.create(claims, claim('data', '1Gi', { storageClassName: 'fast' }))
    await c.clock.advance(1000)
    expect(await c.eventsOf('data')).toEqual(['Warning ProvisioningFailed storageclass.storage.k8s.io "fast" not found'])
  })

  test('that names a volume which does not serve it says why, and is bound to one that does', async () => {
    c = await startRealCluster()
    await c.create(volumes, volume('small', '100Mi'))
    await c.create(volumes, volume('other', '1Gi', { storageClassName: 'other' }))
    await c.create(volumes, volume('shared', '1Gi', { accessModes: ['ReadWriteMany'] }))
    await c.create(volumes, volume('raw', '1Gi', { volumeMode: 'Block' }))
    await c.create(volumes, volume('right', '1Gi'))
    for (const name of ['small', 'other', 'shared', 'raw', 'right']) await c.create(claims, claim(name, '1Gi', { volumeName: name }))
    await c.clock.advance(1000)
    expect((await c.list<Claim>(claims)).map((x) => `${x.metadata.name} ${x.status!.phase}`)).toEqual([
      'other Pending',
      'raw Pending',
      'right Bound',
      'shared Pending',
      'small Pending',
    ])
    expect(await c.eventsOf('small')).toEqual(['Warning VolumeMismatch Cannot bind to requested volume "small": requested PV is too small'])
    expect(await c.eventsOf('other')).toEqual([
      'Warning VolumeMismatch Cannot bind to requested volume "other": storageClassName does not match',
    ])
    expect(await c.eventsOf('shared')).toEqual(['Warning VolumeMismatch Cannot bind to requested volume "shared": incompatible accessMode'])
    expect(await c.eventsOf('raw')).toEqual(['Warning VolumeMismatch Cannot bind to requested volume "raw": incompatible volumeMode'])
  })

  test('that names a volume of another claim waits for it', async () => {
    c = await startRealCluster()
    await c.create(volumes, volume('pv', '1Gi', { persistentVolumeReclaimPolicy: 'Retain' }))
    await c.create(claims, claim('first', '1Gi', { volumeName: 'pv' }))
    await c.clock.advance(1000)
    await c.create(claims, claim('second', '1Gi', { volumeName: 'pv' }))
    await c.clock.advance(1000)
    expect((await getClaim('second')).status!.phase).toBe('Pending')
    expect(await c.eventsOf('second')).toEqual(['Warning FailedBinding volume "pv" already bound to a different claim.'])
  })

  test('of a class that nobody provisions for says so until somebody makes a volume', async () => {
    c = await startRealCluster()
    await c.create(storageclasses, storageClass('Immediate', { provisioner: 'kubernetes.io/no-provisioner' }))
    await c.create(claims, claim('data', '1Gi', { storageClassName: 'standard' }))
    await c.clock.advance(1000)
    expect(await c.eventsOf('data')).toEqual(['Warning ProvisioningFailed no volume plugin matched name: kubernetes.io/no-provisioner'])
    await c.create(volumes, volume('pv', '1Gi', { storageClassName: 'standard' }))
    await c.clock.advance(1000)
    expect((await getClaim('data')).status!.phase).toBe('Bound')
  })

  test('that names no class gets the default one as soon as there is one, unless it is bound or wants none', async () => {
    c = await startRealCluster()
    await c.create(volumes, volume('pv', '1Gi', { storageClassName: '' }))
    for (const name of ['bound', 'open']) {
      await c.create(claims, claim(name, '1Gi', { storageClassName: undefined }))
      await c.clock.advance(1000)
    }
    await c.create(claims, claim('none', '1Gi', { storageClassName: '' }))
    await c.clock.advance(1000)
    const marked = { 'storageclass.kubernetes.io/is-default-class': 'true' }
    const made = storageClass('Immediate', { provisioner: 'example.com/disks' })
    await c.create(storageclasses, { ...made, metadata: { name: 'older', annotations: marked } })
    await c.clock.advance(500)
    const classes = async () =>
      (await c.list<Claim>(claims)).map((x) => `${x.metadata.name} ${x.spec!.storageClassName} ${x.status!.phase}`)
    expect(await classes()).toEqual(['bound undefined Bound', 'none  Pending', 'open older Pending'])
    expect((await c.eventsOf('open')).at(-1)).toMatch(
      /^Normal ExternalProvisioning Waiting for a volume to be created either by the external provisioner 'example.com\/disks'/,
    )
  })

  test('keeps one volume: another that is said to be its own is free again', async () => {
    c = await startRealCluster()
    await c.create(volumes, volume('pv', '1Gi'))
    await c.create(claims, claim('data', '1Gi'))
    await c.clock.advance(1000)
    const { uid } = (await getClaim('data')).metadata
    const claimRef = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace: 'default', name: 'data', uid }
    const byController = { annotations: { 'pv.kubernetes.io/bound-by-controller': 'yes' } }
    await c.create(volumes, volume('by-hand', '1Gi', { claimRef }))
    await c.create(volumes, { ...volume('by-controller', '1Gi', { claimRef }), metadata: { name: 'by-controller', ...byController } })
    await c.clock.advance(1000)
    for (const name of ['by-hand', 'by-controller']) expect((await getVolume(name)).status!.phase).toBe('Available')
    expect((await getVolume('by-hand')).spec!.claimRef).toEqual({ ...claimRef, uid: undefined })
    expect((await getVolume('by-controller')).spec!.claimRef).toBeUndefined()
    expect((await getVolume('by-controller')).metadata.annotations).toBeUndefined()
  })

  test('whose volume is lost says so', async () => {
    c = await startRealCluster()
    await c.create(volumes, volume('pv', '1Gi'))
    await c.create(claims, claim('data', '1Gi'))
    await c.clock.advance(1000)
    await c.admin.resource(volumes).patch('', 'pv', { metadata: { finalizers: null } }, { type: 'merge' })
    await c.admin.resource(volumes).delete('', 'pv')
    await c.clock.advance(1000)
    expect((await getClaim('data')).status!.phase).toBe('Lost')
    expect(await c.eventsOf('data')).toContain('Warning ClaimLost Bound claim has lost its PersistentVolume. Data on the volume is lost!')
  })
})

describe('the default provisioner', () => {
  test('makes a volume for a claim at once', async () => {
    c = await startRealCluster()
    await c.create(storageclasses, storageClass('Immediate'))
    await c.create(claims, claim('data', '3Gi', { storageClassName: 'standard' }))
    const seen: string[] = []
    c.informers.for<Claim>(claims).on({ update: (_old, { status }) => void seen.push(`${c.clock.now() - made} ${status!.phase}`) })
    const made = c.clock.now()
    await c.clock.advance(400)
    expect((await getClaim('data')).status).toEqual({ phase: 'Pending' })
    expect(await c.list(volumes)).toEqual([])
    await c.clock.advance(1000)
    expect(new Set(seen)).toEqual(new Set(['0 Pending', '500 Pending', '500 Bound']))
    const bound = await getClaim('data')
    const name = `pvc-${bound.metadata.uid}`
    expect(bound.status).toMatchObject({ phase: 'Bound', capacity: { storage: '3Gi' } })
    expect((await getVolume(name)).spec).toMatchObject({
      capacity: { storage: '3Gi' },
      persistentVolumeReclaimPolicy: 'Delete',
      storageClassName: 'standard',
      hostPath: { path: '/tmp/hostpath-provisioner/default/data' },
    })
    expect(await c.eventsOf('data')).toEqual([
      "Normal ExternalProvisioning Waiting for a volume to be created either by the external provisioner 'drydock.dev/hostpath' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.",
      'Normal Provisioning External provisioner is provisioning volume for claim "default/data"',
      `Normal ProvisioningSucceeded Successfully provisioned volume ${name}`,
    ])
    const sources = (await c.list<Event>(resources.events, 'default')).map((e) => e.source!.component!)
    expect(sources.filter((s) => s.startsWith('drydock.dev')).map((s) => s.replace(/[0-9a-f-]{36}$/, 'UUID'))).toEqual([
      'drydock.dev/hostpath_storage-provisioner_UUID',
      'drydock.dev/hostpath_storage-provisioner_UUID',
    ])
    expect(c.errors).toEqual([])
  })

  test('with WaitForFirstConsumer waits for a pod, and makes the volume on its node', async () => {
    c = await startRealCluster()
    await c.create(storageclasses, storageClass('WaitForFirstConsumer'))
    await c.create(claims, claim('data', '1Gi', { storageClassName: 'standard' }))
    await c.clock.advance(1000)
    expect(await c.eventsOf('data')).toEqual(['Normal WaitForFirstConsumer waiting for first consumer to be created before binding'])
    await c.create(pods, consumer('web', 'data'))
    await c.clock.advance(2000)
    const pod = await c.get<Pod>(pods, 'default', 'web')
    expect(pod.status!.phase).toBe('Running')
    const { spec } = await getVolume((await getClaim('data')).spec!.volumeName!)
    expect(spec!.nodeAffinity!.required!.nodeSelectorTerms).toEqual([
      { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [pod.spec!.nodeName] }] },
    ])
    // The next pod that uses it has to go to the same node.
    await c.create(pods, consumer('next', 'data'))
    await c.clock.advance(2000)
    expect((await c.get<Pod>(pods, 'default', 'next')).spec!.nodeName).toBe(pod.spec!.nodeName)
    expect(c.errors).toEqual([])
  })

  test('with WaitForFirstConsumer says which pods it waits for', async () => {
    c = await startRealCluster({ nodes: 0 })
    await c.create(storageclasses, storageClass('WaitForFirstConsumer'))
    await c.create(claims, claim('data', '1Gi', { storageClassName: 'standard' }))
    await c.clock.advance(1000)
    await c.create(pods, consumer('web', 'data'))
    await c.clock.advance(20_000)
    expect((await c.eventsOf('data')).at(-1)).toBe('Normal WaitForPodScheduled waiting for pod web to be scheduled')
  })

  test('lets a volume grow when its class allows it', async () => {
    c = await startRealCluster()
    await c.create(storageclasses, storageClass('Immediate', { allowVolumeExpansion: true }))
    await c.create(claims, claim('data', '1Gi', { storageClassName: 'standard' }))
    await c.clock.advance(1000)
    await c.admin.resource(claims).patch('default', 'data', { spec: { resources: { requests: { storage: '5Gi' } } } }, { type: 'merge' })
    await c.clock.advance(1000)
    const grown = await getClaim('data')
    expect(grown.status!.capacity).toEqual({ storage: '5Gi' })
    expect((await getVolume(grown.spec!.volumeName!)).spec!.capacity).toEqual({ storage: '5Gi' })
    expect((await c.eventsOf('data')).slice(-3)).toEqual([
      'Normal ExternalExpanding waiting for an external controller to expand this PVC',
      `Normal Resizing External resizer is resizing volume ${grown.spec!.volumeName}`,
      'Normal VolumeResizeSuccessful Resize volume succeeded',
    ])
    const sources = (await c.list<Event>(resources.events, 'default')).map((e) => `${e.reason} ${e.source!.component}`)
    expect(sources).toContain('Resizing external-resizer drydock.dev/hostpath')
    expect(sources).toContain('ExternalExpanding volume_expand')
  })

  test('whose volume nobody can make larger waits for somebody who can', async () => {
    c = await startRealCluster()
    await c.create(storageclasses, storageClass('Immediate', { provisioner: 'example.com/none', allowVolumeExpansion: true }))
    await c.create(volumes, volume('pv', '1Gi', { storageClassName: 'standard' }))
    await c.create(claims, claim('data', '1Gi', { storageClassName: 'standard' }))
    await c.clock.advance(1000)
    await c.admin.resource(claims).patch('default', 'data', { spec: { resources: { requests: { storage: '5Gi' } } } }, { type: 'merge' })
    await c.clock.advance(1000)
    expect((await getClaim('data')).status).toMatchObject({ phase: 'Bound', capacity: { storage: '1Gi' } })
    expect((await c.eventsOf('data')).at(-1)).toBe('Normal ExternalExpanding waiting for an external controller to expand this PVC')
  })
})

test('a volume of a plugin that was built in is made larger by the driver that has taken its place', async () => {
  c = await startRealCluster()
  await c.create(storageclasses, storageClass('Immediate', { provisioner: 'kubernetes.io/aws-ebs', allowVolumeExpansion: true }))
  const disk = { hostPath: undefined, awsElasticBlockStore: { volumeID: 'vol-3', fsType: 'ext4' } }
  await c.create(volumes, volume('pv', '1Gi', { storageClassName: 'standard', ...disk }))
  await c.create(claims, claim('data', '1Gi', { storageClassName: 'standard' }))
  await c.clock.advance(1000)
  await c.admin.resource(claims).patch('default', 'data', { spec: { resources: { requests: { storage: '5Gi' } } } }, { type: 'merge' })
  await c.clock.advance(1000)
  expect((await c.eventsOf('data')).at(-1)).toBe(
    'Normal ExternalExpanding CSI migration enabled for kubernetes.io/aws-ebs; waiting for external resizer to expand the pvc',
  )
  expect((await getClaim('data')).metadata.annotations!['volume.kubernetes.io/storage-resizer']).toBe('ebs.csi.aws.com')
  expect(c.errors).toEqual([])
})

describe('when a claim is deleted', () => {
  test.each([
    ['below /tmp', { hostPath: { path: '/tmp/data' } }, undefined],
    ['elsewhere', { hostPath: { path: '/data/x' } }, 'host_path deleter only supports /tmp/.+ but received provided /data/x'],
    [
      'that is local',
      {
        hostPath: undefined,
        local: { path: '/mnt/disk' },
        nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'Exists' }] }] } },
      },
      'error getting deleter volume plugin for volume "pv": no deletable volume plugin matched',
    ],
  ])('a volume %s that a person made goes with it if it can', async (_what, source, failure) => {
    c = await startRealCluster()
    await c.create(volumes, volume('pv', '1Gi', { persistentVolumeReclaimPolicy: 'Delete', ...source }))
    await c.create(claims, claim('data', '1Gi'))
    await c.clock.advance(1000)
    await c.admin.resource(claims).delete('default', 'data')
    await c.clock.advance(1000)
    const left = await c.list<Volume>(volumes)
    expect(left.map((v) => [v.status!.phase, v.status!.message])).toEqual(failure ? [['Failed', failure]] : [])
    expect(await c.eventsOf('pv')).toEqual(failure ? [`Warning VolumeFailedDelete ${failure}`] : [])
  })

  async function bound(): Promise<string> {
    c = await startRealCluster()
    await c.create(storageclasses, storageClass('Immediate'))
    await c.create(claims, claim('data', '1Gi', { storageClassName: 'standard' }))
    await c.clock.advance(1000)
    return (await getClaim('data')).spec!.volumeName!
  }

  test('a provisioned volume goes with it', async () => {
    await bound()
    await c.admin.resource(claims).delete('default', 'data')
    await c.clock.advance(1000)
    expect([await c.list(claims, 'default'), await c.list(volumes)]).toEqual([[], []])
  })

  test('a retained volume is released and given to nobody else', async () => {
    c = await startRealCluster()
    await c.create(volumes, volume('pv', '1Gi'))
    await c.create(claims, claim('data', '1Gi'))
    await c.clock.advance(1000)
    await c.admin.resource(claims).delete('default', 'data')
    await c.create(claims, claim('other', '1Gi'))
    await c.clock.advance(1000)
    expect((await getVolume('pv')).status!.phase).toBe('Released')
    expect((await getClaim('other')).status!.phase).toBe('Pending')
  })

  test('it stays as long as a pod is there that used it, though that has ended', async () => {
    await bound()
    const protect = { metadata: { finalizers: ['kubernetes.io/pvc-protection'] } }
    await c.admin.resource(claims).patch('default', 'data', protect, { type: 'merge' })
    await c.create(pods, consumer('web', 'data'))
    await c.clock.advance(1000)
    await c.admin.resource(claims).delete('default', 'data')
    await c.admin.resource(pods).patch('default', 'web', { status: { phase: 'Succeeded' } }, { type: 'merge', subresource: 'status' })
    await c.clock.advance(1000)
    expect((await getClaim('data')).metadata.deletionTimestamp).toBeDefined()
    await c.admin.resource(pods).delete('default', 'web', { gracePeriodSeconds: 0 })
    await c.clock.advance(1000)
    expect(await c.list(claims, 'default')).toEqual([])
  })

  test('it stays as long as a pod uses it', async () => {
    await bound()
    await c.admin
      .resource(claims)
      .patch('default', 'data', { metadata: { finalizers: ['kubernetes.io/pvc-protection'] } }, { type: 'merge' })
    await c.create(pods, consumer('web', 'data'))
    await c.clock.advance(1000)
    await c.admin.resource(claims).delete('default', 'data')
    await c.clock.advance(1000)
    expect((await getClaim('data')).metadata.deletionTimestamp).toBeDefined()
    await c.admin.resource(pods).delete('default', 'web')
    await c.clock.advance(1000)
    expect(await c.list(claims, 'default')).toEqual([])
  })
})
