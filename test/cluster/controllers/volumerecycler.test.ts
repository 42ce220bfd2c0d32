/** Volumes with the reclaim policy Recycle, with real machines: they are emptied, and can be claimed again. */
import { afterEach, expect, test } from 'vitest'
import { resources } from '../../../src-main/cluster/api/client.js'
import type { Pod } from '../../../src-main/cluster/api/object.js'
import type { Volume } from '../../../src-main/cluster/controllers/persistentvolume-model.js'
import type { WholeCluster } from '../support/whole-cluster.js'
import { startWholeCluster } from '../support/whole-cluster.js'

let c: WholeCluster
afterEach(() => c.stop())

const volume = (source: object) => ({
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  metadata: { name: 'pv' },
  spec: { capacity: { storage: '4Gi' }, accessModes: ['ReadWriteOnce'], persistentVolumeReclaimPolicy: 'Recycle', ...source },
})
const claim = {
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'data', namespace: 'default' },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, storageClassName: '' },
}
const pv = () => c.get<Volume>(resources.persistentvolumes, '', 'pv')
const { pods, persistentvolumeclaims } = resources

/** A volume that was claimed and written to, and is free again. */
async function released(source: object): Promise<void> {
  c = await startWholeCluster({ nodes: 1 })
  await c.create(resources.persistentvolumes, volume(source))
  await c.create(persistentvolumeclaims, claim)
  await c.pod('writer', {
    restartPolicy: 'Never',
    containers: [
      { name: 'main', image: 'busybox', command: ['touch', '/data/a', '/data/.b'], volumeMounts: [{ name: 'v', mountPath: '/data' }] },
    ],
    volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }],
  })
  await c.clock.advance(20_000)
  expect((await c.get<Pod>(pods, 'default', 'writer')).status!.phase).toBe('Succeeded')
  await c.admin.resource(pods).delete('default', 'writer')
  await c.clock.advance(1_000)
  await c.admin.resource(persistentvolumeclaims).delete('default', 'data')
  await c.clock.advance(100)
}

test.each([
  ['of a host', { hostPath: { path: '/data/pv' } }, 120],
  ['of a file server', { nfs: { server: 'nfs.example.com', path: '/exports' } }, 300],
])('a volume %s is emptied by a pod of its own, and is free for another claim', async (_where, source, seconds) => {
  await released(source)
  const { spec } = await c.get<Pod>(pods, 'default', 'recycler-for-pv')
  expect([spec!.activeDeadlineSeconds, spec!.restartPolicy, spec!.volumes![0]]).toEqual([
    seconds,
    'Never',
    { name: 'vol', ...withDefaults(source) },
  ])
  expect((await pv()).status!.phase).toBe('Released')
  await c.clock.advance(20_000)
  const { status, spec: freed } = await pv()
  expect([status!.phase, freed!.claimRef]).toEqual(['Available', undefined])
  expect(await c.list(pods, 'default')).toEqual([])
  expect(await c.eventsOf('pv')).toEqual([
    'Normal RecyclerPod Recycler pod: Successfully assigned default/recycler-for-pv to drydock',
    expect.stringMatching(/^Normal RecyclerPod Recycler pod: Pulling image "registry.k8s.io\/build-image\/debian-base:bookworm-v/),
    expect.stringMatching(/^Normal RecyclerPod Recycler pod: Successfully pulled image /),
    'Normal RecyclerPod Recycler pod: Container created',
    'Normal RecyclerPod Recycler pod: Container started',
    'Normal VolumeRecycled Volume recycled',
  ])
  await c.create(persistentvolumeclaims, claim)
  await c.pod('reader', {
    restartPolicy: 'Never',
    containers: [{ name: 'main', image: 'busybox', command: ['ls', '-A', '/data'], volumeMounts: [{ name: 'v', mountPath: '/data' }] }],
    volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }],
  })
  await c.clock.advance(20_000)
  expect(await c.logs('reader', 'main')).toBe('')
})

test('a volume that nobody can empty has failed', async () => {
  await released({ local: { path: '/data/pv' }, nodeAffinity: onNode('drydock') })
  const { status } = await pv()
  expect([status!.phase, status!.message]).toEqual(['Failed', 'No recycler plugin found for the volume!'])
  expect(await c.eventsOf('pv')).toEqual(['Warning VolumeFailedRecycle No recycler plugin found for the volume!'])
})

test('a pod that is deleted before it is done leaves the volume failed, until the next one is done', async () => {
  await released({ hostPath: { path: '/data/pv' } })
  await c.admin.resource(pods).delete('default', 'recycler-for-pv', { gracePeriodSeconds: 0 })
  await c.clock.advance(100)
  const { status } = await pv()
  expect([status!.phase, status!.message]).toEqual(['Failed', 'Recycle failed: recycler pod was deleted'])
  await c.clock.advance(40_000)
  const { status: now } = await pv()
  expect([now!.phase, now!.message]).toEqual(['Available', undefined])
})

const onNode = (name: string) => ({
  required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [name] }] }] },
})
const withDefaults = (source: Record<string, object>) => ('hostPath' in source ? { hostPath: { ...source.hostPath, type: '' } } : source)
