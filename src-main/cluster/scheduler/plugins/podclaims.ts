/** The claims a pod's volumes name, and the volumes behind them. */
import type * as k8s from '@kubernetes/client-node'
import type { ObjectMeta, Pod, Wire } from '../../api/object.js'

export type Claim = Wire<k8s.V1PersistentVolumeClaim> & { metadata: ObjectMeta }
export type Volume = Wire<k8s.V1PersistentVolume> & { metadata: ObjectMeta }
export type StorageClass = Wire<k8s.V1StorageClass> & { metadata: ObjectMeta }
type PodVolume = NonNullable<NonNullable<Pod['spec']>['volumes']>[number]

/** The name of the claim behind a volume of a pod: its own, or that of a generic ephemeral volume; undefined for any other volume. */
export function claimNameOf(pod: Pod, volume: PodVolume): string | undefined {
  return volume.persistentVolumeClaim?.claimName ?? (volume.ephemeral ? `${pod.metadata.name}-${volume.name}` : undefined)
}

/** The names of all claims of a pod, in the order of its volumes. */
export function claimNamesOf(pod: Pod): string[] {
  const names: string[] = []
  for (const volume of pod.spec!.volumes ?? []) {
    const name = claimNameOf(pod, volume)
    if (name !== undefined) names.push(name)
  }
  return names
}
