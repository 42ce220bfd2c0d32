/** The annotation that named the storage class of volumes and claims before there was a field. */
import type { ObjectMeta } from '../../object.js'

export const CLASS_ANNOTATION = 'volume.beta.kubernetes.io/storage-class'

/** A warning when it is still used. */
export function classAnnotationWarnings(metadata: ObjectMeta): string[] {
  if (metadata.annotations?.[CLASS_ANNOTATION] === undefined) return []
  return [`metadata.annotations[${CLASS_ANNOTATION}]: deprecated since v1.8; use "storageClassName" attribute instead`]
}
