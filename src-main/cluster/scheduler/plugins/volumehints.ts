/** Which changes of claims, volumes, classes and drivers may help a pod that a volume plugin has refused. */
import type * as k8s from '@kubernetes/client-node'
import { equalJson } from '../../api/copy.js'
import { compareQuantities, parseQuantity } from '../../api/kinds/rules/quantity.js'
import type { Informer } from '../../api/client.js'
import type { Node, ObjectMeta, Wire } from '../../api/object.js'
import type { CSIDriver } from '../../controllers/volumeattachment-model.js'
import type { ClusterEvent } from '../framework.js'
import type { PodInfo } from '../podinfo.js'
import type { Claim, StorageClass, Volume } from './podclaims.js'
import { claimNamesOf } from './podclaims.js'

export type CSINode = Wire<k8s.V1CSINode> & { metadata: ObjectMeta }
export type CSIStorageCapacity = Wire<k8s.V1CSIStorageCapacity> & { metadata: ObjectMeta }

interface VolumeKinds {
  PersistentVolumeClaim: Claim
  PersistentVolume: Volume
  StorageClass: StorageClass
  CSINode: CSINode
  CSIDriver: CSIDriver
  CSIStorageCapacity: CSIStorageCapacity
}

/** Something that volumes depend on has come, or is not as it was; of what goes only a VolumeAttachment helps anybody. */
export type VolumeChange =
  | { kind: 'VolumeAttachment' }
  | { [K in keyof VolumeKinds]: { kind: K; old?: VolumeKinds[K]; now: VolumeKinds[K] } }[keyof VolumeKinds]

/** Tells of what comes and changes. Returns what ends that. */
export function follow<K extends keyof VolumeKinds>(
  kind: K,
  informer: Informer<VolumeKinds[K]>,
  changed: (change: VolumeChange) => void,
): () => void {
  return informer.on({
    add: (now) => changed({ kind, now } as VolumeChange),
    update: (old, now) => changed({ kind, old, now } as VolumeChange),
  })
}

/** Whether a claim of the pod is what has changed. */
export function isOwnClaim(change: VolumeChange, pod: PodInfo): boolean {
  if (change.kind !== 'PersistentVolumeClaim') return false
  const { namespace, name } = change.now.metadata
  return namespace === pod.namespace && claimNamesOf(pod.pod).includes(name!)
}

/** Whether a node has come, or has other labels than it had. */
export function isPlace(event: ClusterEvent): boolean {
  return event.type === 'NodeAdd' || (event.type === 'NodeUpdate' && !equalJson(labelsOf(event.old), labelsOf(event.node)))
}

/** Whether a change may let a pod's volumes be bound: for VolumeBinding. */
export function letsBind(change: VolumeChange, pod: PodInfo): boolean {
  switch (change.kind) {
    case 'PersistentVolumeClaim':
      return isOwnClaim(change, pod)
    case 'StorageClass':
      return !change.old || !equalJson(change.old.allowedTopologies ?? [], change.now.allowedTopologies ?? [])
    case 'CSIDriver':
      // A driver that does not look at room any more refuses nobody for it.
      return change.old?.spec?.storageCapacity === true && change.now.spec?.storageCapacity !== true
    case 'CSIStorageCapacity':
      return !change.old || hasMore(change.old, change.now)
    case 'CSINode':
      return !change.old || !equalJson(migrated(change.old), migrated(change.now))
    case 'PersistentVolume':
      return true
    case 'VolumeAttachment':
      return false
  }
}

/** Whether a driver of a node holds more volumes now, or the node tells of its drivers for the first time, or a volume was detached: for NodeVolumeLimits. */
export function letsAttach(change: VolumeChange, pod: PodInfo): boolean {
  if (change.kind === 'VolumeAttachment') return claimNamesOf(pod.pod).length > 0
  if (change.kind !== 'CSINode') return !('old' in change) && isOwnClaim(change, pod)
  if (!change.old) return true
  const before = new Map((change.old.spec?.drivers ?? []).map((d) => [d.name, d.allocatable?.count]))
  return (change.now.spec?.drivers ?? []).some(({ name, allocatable }) => {
    const had = before.get(name)
    return had !== undefined && had < (allocatable?.count ?? Infinity)
  })
}

/** Whether the places of a pod's volumes may be others: for VolumeZone. */
export function movesPlaces(change: VolumeChange, pod: PodInfo, places: readonly string[]): boolean {
  switch (change.kind) {
    case 'PersistentVolumeClaim':
      return isOwnClaim(change, pod)
    case 'StorageClass':
      // How a class binds cannot change later; one that binds at once leaves no claim to wait for here.
      return !change.old && change.now.volumeBindingMode === 'WaitForFirstConsumer'
    case 'PersistentVolume': {
      const [was, is] = [change.old?.metadata.labels ?? {}, change.now.metadata.labels ?? {}]
      return !change.old || places.some((key) => was[key] !== is[key])
    }
    default:
      return false
  }
}

function labelsOf(node: Node): Readonly<Record<string, string>> {
  return node.metadata.labels ?? {}
}

function migrated(node: CSINode): string {
  return node.metadata.annotations?.['storage.alpha.kubernetes.io/migrated-plugins'] ?? ''
}

function hasMore(old: CSIStorageCapacity, now: CSIStorageCapacity): boolean {
  const [was, is] = [roomOf(old), roomOf(now)]
  return is !== undefined && (was === undefined || compareQuantities(parseQuantity(is), parseQuantity(was)) > 0)
}

/** How large a volume may be; how large one may be at most says more than how much there is in all. */
export function roomOf({ maximumVolumeSize, capacity }: CSIStorageCapacity): string | undefined {
  return maximumVolumeSize ?? capacity
}
