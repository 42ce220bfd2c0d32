/** Which changes around volumes let a pod be tried again that a plugin of volumes has refused. */
import { describe, expect, test } from 'vitest'
import { resources } from '../../../src-main/cluster/api/client.js'
import type { Node } from '../../../src-main/cluster/api/object.js'
import type { ClusterEvent } from '../../../src-main/cluster/scheduler/framework.js'
import type { VolumeChange } from '../../../src-main/cluster/scheduler/plugins/volumehints.js'
import { isPlace, letsAttach, letsBind, movesPlaces } from '../../../src-main/cluster/scheduler/plugins/volumehints.js'
import { podInfo } from '../../../src-main/cluster/scheduler/podinfo.js'
import { node, pod, startSchedulerHarness } from './harness.js'

const waiting = podInfo(pod('web', { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] }))
const ephemeral = podInfo(pod('web', { volumes: [{ name: 'data', ephemeral: { volumeClaimTemplate: { spec: {} } } }] }))
const claim = (name: string, namespace = 'default') => ({ metadata: { name, namespace }, spec: { storageClassName: 'fast' } })
const of = (kind: VolumeChange['kind'], now: object, old?: object): VolumeChange =>
  ({ kind, now: { metadata: {}, ...now }, ...(old ? { old: { metadata: {}, ...old } } : {}) }) as VolumeChange
const topology = (zone: string) => ({ allowedTopologies: [{ matchLabelExpressions: [{ key: 'zone', values: [zone] }] }] })
const drivers = (...counts: (readonly [string, number | undefined])[]) => ({
  spec: { drivers: counts.map(([name, count]) => ({ name, ...(count === undefined ? {} : { allocatable: { count } }) })) },
})
const moved = (migrated: string) => ({ metadata: { annotations: { 'storage.alpha.kubernetes.io/migrated-plugins': migrated } } })
const tracks = (storageCapacity: boolean) => ({ spec: { storageCapacity } })

describe('VolumeBinding tries again after', () => {
  test.each<[string, VolumeChange, boolean]>([
    ['a claim of the pod comes', of('PersistentVolumeClaim', claim('data')), true],
    ['a claim of the pod changes', of('PersistentVolumeClaim', claim('data'), claim('data')), true],
    ['another claim comes', of('PersistentVolumeClaim', claim('other')), false],
    ['a claim of that name comes in another namespace', of('PersistentVolumeClaim', claim('data', 'other')), false],
    ['a class comes', of('StorageClass', {}), true],
    ['a class allows other places', of('StorageClass', topology('b'), topology('a')), true],
    ['a class changes otherwise', of('StorageClass', { allowVolumeExpansion: true, ...topology('a') }, topology('a')), false],
    ['a volume comes', of('PersistentVolume', {}), true],
    ['a volume changes', of('PersistentVolume', {}, {}), true],
    ['a node tells of its drivers', of('CSINode', drivers()), true],
    ['a node tells of other migrated plugins', of('CSINode', moved('a,b'), moved('a')), true],
    ['a node tells of another driver', of('CSINode', drivers(['x', 1]), drivers()), false],
    ['a driver comes', of('CSIDriver', tracks(true)), false],
    ['a driver does not look at room any more', of('CSIDriver', tracks(false), tracks(true)), true],
    ['a driver looks at room now', of('CSIDriver', tracks(true), tracks(false)), false],
    ['a driver is as it was', of('CSIDriver', tracks(true), tracks(true)), false],
    ['room is told of', of('CSIStorageCapacity', { capacity: '1Gi' }), true],
    ['there is more room', of('CSIStorageCapacity', { capacity: '2Gi' }, { capacity: '1Gi' }), true],
    ['there is less room', of('CSIStorageCapacity', { capacity: '1Gi' }, { capacity: '2Gi' }), false],
    ['volumes may be larger', of('CSIStorageCapacity', { maximumVolumeSize: '2Gi' }, { maximumVolumeSize: '1024Mi' }), true],
    [
      'there is more in all, and volumes may not be larger',
      of('CSIStorageCapacity', { capacity: '9Gi', maximumVolumeSize: '1Gi' }, { capacity: '2Gi', maximumVolumeSize: '1Gi' }),
      false,
    ],
    ['volumes may be as large as before', of('CSIStorageCapacity', { maximumVolumeSize: '1Gi' }, { maximumVolumeSize: '1024Mi' }), false],
  ])('%s', (_what, change, helps) => expect(letsBind(change, waiting)).toBe(helps))

  test('the claim of a volume of its own comes', () => {
    expect(letsBind(of('PersistentVolumeClaim', claim('web-data')), ephemeral)).toBe(true)
    expect(letsBind(of('PersistentVolumeClaim', claim('data')), ephemeral)).toBe(false)
  })
})

describe('NodeVolumeLimits tries again after', () => {
  test.each<[string, VolumeChange, boolean]>([
    ['a node tells of its drivers', of('CSINode', drivers(['x', 1])), true],
    ['a driver holds more', of('CSINode', drivers(['x', 2]), drivers(['x', 1])), true],
    ['a driver holds as much as it likes', of('CSINode', drivers(['x', undefined]), drivers(['x', 1])), true],
    ['a driver holds less', of('CSINode', drivers(['x', 1]), drivers(['x', 2])), false],
    ['a driver holds as much', of('CSINode', drivers(['x', 1]), drivers(['x', 1])), false],
    ['a claim of the pod comes', of('PersistentVolumeClaim', claim('data')), true],
    ['a claim of the pod changes', of('PersistentVolumeClaim', claim('data'), claim('data')), false],
    ['another claim comes', of('PersistentVolumeClaim', claim('other')), false],
    ['a volume comes', of('PersistentVolume', {}), false],
    ['a volume is detached', { kind: 'VolumeAttachment' }, true],
  ])('%s', (_what, change, helps) => expect(letsAttach(change, waiting)).toBe(helps))
})

describe('VolumeZone tries again after', () => {
  const labelled = (zone: string, more = {}) => ({ metadata: { labels: { zone, ...more } } })
  test.each<[string, VolumeChange, boolean]>([
    ['a claim of the pod changes', of('PersistentVolumeClaim', claim('data'), claim('data')), true],
    ['another claim changes', of('PersistentVolumeClaim', claim('other'), claim('other')), false],
    ['a class comes that waits for pods', of('StorageClass', { volumeBindingMode: 'WaitForFirstConsumer' }), true],
    ['a class comes that binds at once', of('StorageClass', { volumeBindingMode: 'Immediate' }), false],
    ['a class that waits for pods changes', of('StorageClass', { volumeBindingMode: 'WaitForFirstConsumer' }, {}), false],
    ['a volume comes', of('PersistentVolume', {}), true],
    ['a volume gets another zone', of('PersistentVolume', labelled('b'), labelled('a')), true],
    ['a volume gets another label', of('PersistentVolume', labelled('a', { x: 'y' }), labelled('a')), false],
    ['a node tells of its drivers', of('CSINode', drivers()), false],
  ])('%s', (_what, change, helps) => expect(movesPlaces(change, waiting, ['zone'])).toBe(helps))
})

test('a node is another place when it comes and when it is labelled, not when it is cordoned', () => {
  const [plain, labelled, cordoned] = [{}, { metadata: { labels: { zone: 'a' } } }, { spec: { unschedulable: true } }].map(
    (extra) => ({ metadata: { name: 'n' }, ...extra }) as Node,
  )
  const update = (old: Node, now: Node): ClusterEvent => ({ type: 'NodeUpdate', old, node: now })
  expect(isPlace({ type: 'NodeAdd', node: plain! })).toBe(true)
  expect(isPlace(update(plain!, labelled!))).toBe(true)
  expect(isPlace(update(plain!, cordoned!))).toBe(false)
})

test('a pod whose claim is not there is tried again when it comes, and not for claims of others', async () => {
  const h = await startSchedulerHarness([node('a')])
  await h.add(pod('web', { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] }))
  const attempts = (): number => h.scheduler.explain('default/web')!.attempt
  const made = (name: string) => ({ metadata: { name, namespace: 'default' }, spec: { volumeName: 'pv' }, status: { phase: 'Bound' } })
  await h.create(resources.persistentvolumeclaims, made('other'))
  await h.clock.advance(60_000)
  expect(attempts()).toBe(1)
  await h.create(resources.persistentvolumeclaims, made('data'))
  await h.clock.advance(10_000)
  expect(h.eventsOf('web').at(-1)).toContain('node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)')
  await h.create(resources.persistentvolumes, { metadata: { name: 'pv' }, spec: {} })
  await h.clock.advance(10_000)
  expect(h.nodeOf('web')).toBe('a')
})
