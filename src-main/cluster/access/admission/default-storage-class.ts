import type * as k8s from '@kubernetes/client-node'
import type { KubeObject, Wire } from '../../api/object.js'
import type { AdmissionPlugin } from './plugin.js'
import { isAbout } from './refuse.js'

const DEFAULT = 'storageclass.kubernetes.io/is-default-class'
const BETA_DEFAULT = 'storageclass.beta.kubernetes.io/is-default-class'
const BETA_CLASS = 'volume.beta.kubernetes.io/storage-class'

/** DefaultStorageClass: a claim that names no class gets the default one; should there be several, the newest. */
export const defaultStorageClass: AdmissionPlugin = {
  name: 'DefaultStorageClass',
  operations: ['CREATE'],
  mutate(a) {
    if (!isAbout(a, '', 'PersistentVolumeClaim')) return
    const claim = a.object as unknown as Wire<k8s.V1PersistentVolumeClaim>
    if (!claim.spec || claim.spec.storageClassName !== undefined || claim.metadata?.annotations?.[BETA_CLASS] !== undefined) return
    const found = newest(
      a
        .lookupAll('storage.k8s.io', 'storageclasses')
        .filter((c) => c.metadata.annotations?.[DEFAULT] === 'true' || c.metadata.annotations?.[BETA_DEFAULT] === 'true'),
    )
    if (found) claim.spec.storageClassName = found.metadata.name!
  },
}

/** The newest of some objects; of equally old ones the first by name. */
export function newest(objects: readonly KubeObject[]): KubeObject | undefined {
  const time = (o: KubeObject): string => (o.metadata.creationTimestamp as string | undefined) ?? ''
  return [...objects].sort((x, y) => {
    if (time(x) !== time(y)) return time(x) > time(y) ? -1 : 1
    return (x.metadata.name ?? '') < (y.metadata.name ?? '') ? -1 : 1
  })[0]
}
