/** Volumes that have to be attached to a node before they can be mounted there: their names, and what keeps them to one node. */
import { createHash } from 'node:crypto'
import type * as k8s from '@kubernetes/client-node'
import type { ObjectMeta, Wire } from '../api/object.js'
import type { Volume } from './persistentvolume-model.js'

export type VolumeAttachment = Wire<k8s.V1VolumeAttachment> & { metadata: ObjectMeta }
export type CSIDriver = Wire<k8s.V1CSIDriver> & { metadata: ObjectMeta }

interface CsiSource {
  driver: string
  volumeHandle: string
}

/** Whether the volumes of a driver have to be attached: not those of one that nobody has described. */
export function requiresAttach(driver: CSIDriver | undefined): boolean {
  return driver !== undefined && driver.spec?.attachRequired !== false
}

/** What `volumesInUse` and `volumesAttached` of a node call a volume. */
export function uniqueVolumeName({ driver, volumeHandle }: CsiSource): string {
  return `kubernetes.io/csi/${driver}^${volumeHandle}`
}

/** The name of the VolumeAttachment of a volume to a node. */
export function attachmentName({ driver, volumeHandle }: CsiSource, node: string): string {
  return `csi-${createHash('sha256').update(`${volumeHandle}${driver}${node}`).digest('hex')}`
}

/** Whether a volume can be attached to one node only: it says how it may be accessed, and not that it may be from several. */
export function isExclusive({ spec }: Volume): boolean {
  const modes = spec?.accessModes ?? []
  return modes.length > 0 && !modes.some((m) => m === 'ReadWriteMany' || m === 'ReadOnlyMany')
}
