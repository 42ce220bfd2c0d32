/** Claims and volumes: which serves which. */
import type * as k8s from '@kubernetes/client-node'
import { compareQuantities, parseQuantity } from '../api/kinds/rules/quantity.js'
import type { ObjectMeta, Wire } from '../api/object.js'
import { matcherOf } from './selector.js'

export type Claim = Wire<k8s.V1PersistentVolumeClaim> & { metadata: ObjectMeta }
export type Volume = Wire<k8s.V1PersistentVolume> & { metadata: ObjectMeta }
export type StorageClass = Wire<k8s.V1StorageClass> & { metadata: ObjectMeta }

export const BIND_COMPLETED = 'pv.kubernetes.io/bind-completed'
export const BOUND_BY_CONTROLLER = 'pv.kubernetes.io/bound-by-controller'
export const PROVISIONED_BY = 'pv.kubernetes.io/provisioned-by'
export const STORAGE_PROVISIONER = 'volume.kubernetes.io/storage-provisioner'
export const BETA_STORAGE_PROVISIONER = 'volume.beta.kubernetes.io/storage-provisioner'
export const SELECTED_NODE = 'volume.kubernetes.io/selected-node'
const BETA_CLASS = 'volume.beta.kubernetes.io/storage-class'

export function classNameOf(object: Claim | Volume): string {
  return object.metadata.annotations?.[BETA_CLASS] ?? object.spec?.storageClassName ?? ''
}

export function isClaimOf(volume: Volume, claim: Claim): boolean {
  const ref = volume.spec?.claimRef
  if (!ref || ref.namespace !== claim.metadata.namespace || ref.name !== claim.metadata.name) return false
  return !ref.uid || ref.uid === claim.metadata.uid
}

/** Whether a volume is as large as a claim wants it. */
function isLargeEnough(volume: Volume, claim: Claim): boolean {
  const wanted = parseQuantity(claim.spec?.resources?.requests?.storage ?? '0')
  return compareQuantities(parseQuantity(volume.spec?.capacity?.storage ?? '0'), wanted) >= 0
}

/** Why a volume that a claim names itself cannot serve it, in the binder's words; undefined when it can. */
export function mismatch(volume: Volume, claim: Claim): string | undefined {
  if (!isLargeEnough(volume, claim)) return 'requested PV is too small'
  if (classNameOf(volume) !== classNameOf(claim)) return 'storageClassName does not match'
  if ((volume.spec?.volumeMode ?? 'Filesystem') !== (claim.spec?.volumeMode ?? 'Filesystem')) return 'incompatible volumeMode'
  if (!(claim.spec?.accessModes ?? []).every((m) => volume.spec?.accessModes?.includes(m))) return 'incompatible accessMode'
  return undefined
}

/** The volume that serves a claim best: one that was set aside for it, else the smallest that is large enough. */
export function bestVolume(claim: Claim, volumes: Iterable<Volume>): Volume | undefined {
  let best: Volume | undefined
  for (const volume of volumes) {
    const spec = volume.spec!
    if (isClaimOf(volume, claim)) {
      if (isLargeEnough(volume, claim)) return volume
      continue
    }
    if (spec.claimRef || volume.metadata.deletionTimestamp !== undefined || !['Available', undefined].includes(volume.status?.phase))
      continue
    if (mismatch(volume, claim) !== undefined) continue
    if (claim.spec?.selector && !matcherOf(claim.spec.selector)(volume.metadata.labels)) continue
    const size = parseQuantity(spec.capacity?.storage ?? '0')
    if (!best || compareQuantities(size, parseQuantity(best.spec!.capacity?.storage ?? '0')) < 0) best = volume
  }
  return best
}
