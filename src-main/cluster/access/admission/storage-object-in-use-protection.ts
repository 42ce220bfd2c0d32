import type { AdmissionPlugin } from './plugin.js'

const FINALIZERS: Readonly<Record<string, string>> = {
  PersistentVolumeClaim: 'kubernetes.io/pvc-protection',
  PersistentVolume: 'kubernetes.io/pv-protection',
}

/** StorageObjectInUseProtection: claims and volumes get a finalizer, so that they are not deleted while they are used. */
export const storageObjectInUseProtection: AdmissionPlugin = {
  name: 'StorageObjectInUseProtection',
  operations: ['CREATE'],
  mutate(a) {
    if (a.kind.group !== '' || a.subresource !== '') return
    const finalizer = FINALIZERS[a.kind.kind]
    if (!finalizer) return
    const { metadata } = a.object!
    if (!metadata.finalizers?.includes(finalizer)) metadata.finalizers = [...(metadata.finalizers ?? []), finalizer]
  },
}
