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
/** Tells the provisioner on which node the claim is wanted. */
export const SELECTED_NODE = 'volume.kubernetes.io/selected-node'
const DEFAULT_CLASS = ['storageclass.kubernetes.io/is-default-class', 'storageclass.beta.kubernetes.io/is-default-class']
export const BETA_CLASS = 'volume.beta.kubernetes.io/storage-class'

export function classNameOf(object: Claim | Volume): string {
  return object.metadata.annotations?.[BETA_CLASS] ?? object.spec?.storageClassName ?? ''
}

/** Who provisions in the place of plugins that Kubernetes had built in. */
const MIGRATED: Readonly<Record<string, string>> = {
  'kubernetes.io/aws-ebs': 'ebs.csi.aws.com',
  'kubernetes.io/azure-disk': 'disk.csi.azure.com',
  'kubernetes.io/azure-file': 'file.csi.azure.com',
  'kubernetes.io/cinder': 'cinder.csi.openstack.org',
  'kubernetes.io/gce-pd': 'pd.csi.storage.gke.io',
  'kubernetes.io/portworx-volume': 'pxd.portworx.com',
  'kubernetes.io/vsphere-volume': 'csi.vsphere.vmware.com',
}

/** Who makes the volumes of classes with a provisioner, and makes them larger; undefined for a name of Kubernetes' own behind which nobody is. */
export function provisionerOf(provisioner: string): string | undefined {
  return MIGRATED[provisioner] ?? (provisioner.startsWith('kubernetes.io/') ? undefined : provisioner)
}

/** The class of claims that name none: of several that are marked the newest, of those made at once the first by name. */
export function defaultClass(classes: Iterable<StorageClass>): StorageClass | undefined {
  const marked = [...classes].filter(({ metadata: { annotations } }) => DEFAULT_CLASS.some((name) => annotations?.[name] === 'true'))
  const age = ({ metadata }: StorageClass): number => Date.parse(metadata.creationTimestamp ?? '')
  return marked.sort((a, b) => age(b) - age(a) || (a.metadata.name! < b.metadata.name! ? -1 : 1))[0]
}

export function isClaimOf(volume: Volume, claim: Claim): boolean {
  const ref = volume.spec?.claimRef
  if (!ref || ref.namespace !== claim.metadata.namespace || ref.name !== claim.metadata.name) return false
  return !ref.uid || ref.uid === claim.metadata.uid
}

function hasModeFor(volume: Volume, claim: Claim): boolean {
  return (volume.spec?.volumeMode ?? 'Filesystem') === (claim.spec?.volumeMode ?? 'Filesystem')
}

function hasAttributesFor(volume: Volume, claim: Claim): boolean {
  return (volume.spec?.volumeAttributesClassName ?? '') === (claim.spec?.volumeAttributesClassName ?? '')
}

function isAccessibleFor(volume: Volume, claim: Claim): boolean {
  return (claim.spec?.accessModes ?? []).every((m) => volume.spec?.accessModes?.includes(m))
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
  if (!hasAttributesFor(volume, claim)) return 'volumeAttributesClassName does not match'
  if (!hasModeFor(volume, claim)) return 'incompatible volumeMode'
  if (!isAccessibleFor(volume, claim)) return 'incompatible accessMode'
  return undefined
}

/**
 * The volume that serves a claim best: of those that can be accessed in no more ways than it takes, one that was set
 * aside for it, else the smallest that is large enough.
 */
export function bestVolume(claim: Claim, volumes: Iterable<Volume>): Volume | undefined {
  let best: Volume | undefined
  for (const volume of volumes) if (canServe(volume, claim) && (!best || isBetter(volume, best, claim))) best = volume
  return best
}

function isBetter(a: Volume, b: Volume, claim: Claim): boolean {
  const modes = (a.spec?.accessModes?.length ?? 0) - (b.spec?.accessModes?.length ?? 0)
  if (modes) return modes < 0
  const own = Number(isClaimOf(a, claim)) - Number(isClaimOf(b, claim))
  if (own) return own > 0
  return compareQuantities(parseQuantity(a.spec?.capacity?.storage ?? '0'), parseQuantity(b.spec?.capacity?.storage ?? '0')) < 0
}

/** Whether a volume is free, or set aside for this claim, and is what the claim asks for. */
export function canServe(volume: Volume, claim: Claim): boolean {
  if (volume.metadata.deletionTimestamp !== undefined) return false
  // Whoever set it aside has thought of its class.
  if (isClaimOf(volume, claim))
    return isLargeEnough(volume, claim) && hasAttributesFor(volume, claim) && hasModeFor(volume, claim) && isAccessibleFor(volume, claim)
  if (volume.spec?.claimRef || !['Available', undefined].includes(volume.status?.phase) || mismatch(volume, claim) !== undefined)
    return false
  return !claim.spec?.selector || matcherOf(claim.spec.selector)(volume.metadata.labels)
}
