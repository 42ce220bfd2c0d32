/** The defaults of a pod's volumes. https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/volume/ */
import { pullPolicyFor, mutableItems } from './pod-defaults.js'
import type { Sent } from './sent.js'
import type * as k8s from '@kubernetes/client-node'

export type SentVolume = Sent<k8s.V1Volume>

/** Permissions of projected files: 0644. */
const FILE_MODE = 420

/** Fills in one volume, in place. A volume of no type is an emptyDir. */
export function setVolumeDefaults(v: SentVolume): void {
  if (!Object.entries(v).some(([name, source]) => name !== 'name' && source)) v.emptyDir = {}
  if (v.secret) v.secret.defaultMode ??= FILE_MODE
  if (v.configMap) v.configMap.defaultMode ??= FILE_MODE
  if (v.downwardAPI) {
    v.downwardAPI.defaultMode ??= FILE_MODE
    setDownwardDefaults(v.downwardAPI.items)
  }
  if (v.projected) {
    v.projected.defaultMode ??= FILE_MODE
    for (const s of mutableItems(v.projected.sources)) {
      if (s.serviceAccountToken) s.serviceAccountToken.expirationSeconds ??= 3600
      setDownwardDefaults(s.downwardAPI?.items)
    }
  }
  if (v.hostPath) v.hostPath.type ??= ''
  if (v.image) v.image.pullPolicy ||= pullPolicyFor(v.image.reference ?? '')
  const claim = v.ephemeral?.volumeClaimTemplate
  if (claim) {
    // Metadata is no pointer, and is there whether it was sent or not.
    claim.metadata ??= {}
    if (claim.spec) claim.spec.volumeMode ??= 'Filesystem'
  }
  setPluginDefaults(v)
}

/** Defaults of the storage systems that a volume and a PersistentVolume name directly. */
export function setPluginDefaults(v: Pick<SentVolume, 'iscsi' | 'rbd' | 'azureDisk' | 'scaleIO'>): void {
  if (v.iscsi) v.iscsi.iscsiInterface ||= 'default'
  if (v.rbd) {
    v.rbd.pool ||= 'rbd'
    v.rbd.user ||= 'admin'
    v.rbd.keyring ||= '/etc/ceph/keyring'
  }
  if (v.azureDisk) {
    v.azureDisk.cachingMode ??= 'ReadWrite'
    v.azureDisk.kind ??= 'Shared'
    v.azureDisk.fsType ??= 'ext4'
    v.azureDisk.readOnly ??= false
  }
  if (v.scaleIO) {
    v.scaleIO.storageMode ||= 'ThinProvisioned'
    v.scaleIO.fsType ||= 'xfs'
  }
}

function setDownwardDefaults(list: (Sent<k8s.V1DownwardAPIVolumeFile> | null)[] | null | undefined): void {
  for (const f of mutableItems(list)) {
    if (f.fieldRef) f.fieldRef.apiVersion ||= 'v1'
    if (f.resourceFieldRef) f.resourceFieldRef.divisor ??= '0'
  }
}
