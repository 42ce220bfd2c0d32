/**
 * Whose group the files of a pod's volume become, by `securityContext.fsGroup`.
 * https://kubernetes.io/docs/tasks/configure-pod-container/security-context/#configure-volume-permission-and-ownership-change-policy-for-pods
 */
import type * as k8s from '@kubernetes/client-node'
import type { Pod } from '../../api/object.js'
import { PROVISIONED_BY, type Volume as PersistentVolume } from '../../controllers/persistentvolume-model.js'
import type { CSIDriver } from '../../controllers/volumeattachment-model.js'
import type { Volume } from '../../runtime/cri.js'

/**
 * Gives what a volume holds to the group of a pod.
 * @param lasts whether it outlives pods: then `fsGroupChangePolicy: OnRootMismatch` leaves it alone where its root is the group's already
 */
export function giveToGroup(volume: Volume, pod: Pod, lasts: boolean): void {
  const { fsGroup, fsGroupChangePolicy } = pod.spec!.securityContext ?? {}
  if (fsGroup === undefined) return
  if (lasts && fsGroupChangePolicy === 'OnRootMismatch' && volume.belongsToGroup?.(fsGroup)) return
  volume.giveToGroup?.(fsGroup)
}

/**
 * Whether the files of a PersistentVolume become the group's: those of the node's own directories and of shared file
 * systems stay as they are, and a CSI driver tells of its volumes with `fsGroupPolicy`.
 */
export function takesGroup({ metadata, spec }: PersistentVolume, driver: CSIDriver | undefined): boolean {
  if (spec?.csi) return driverGives(spec.csi, spec.accessModes ?? [], driver)
  if (spec?.nfs) return false
  // What a provisioner makes is the cluster's disk, though it lies in a directory of the node.
  return !spec?.hostPath || metadata.annotations?.[PROVISIONED_BY] !== undefined
}

/** https://kubernetes-csi.github.io/docs/support-fsgroup.html */
function driverGives(
  { fsType, readOnly }: Partial<k8s.V1CSIPersistentVolumeSource>,
  accessModes: readonly string[],
  driver: CSIDriver | undefined,
): boolean {
  const policy = driver?.spec?.fsGroupPolicy ?? 'ReadWriteOnceWithFSType'
  if (policy !== 'ReadWriteOnceWithFSType') return policy === 'File'
  return !!fsType && !readOnly && accessModes.some((mode) => mode === 'ReadWriteOnce' || mode === 'ReadWriteOncePod')
}
