import type { AdmissionPlugin } from './plugin.js'

const FINALIZERS: Readonly<Record<string, string>> = {
  '/PersistentVolumeClaim': 'kubernetes.io/pvc-protection',
  '/PersistentVolume': 'kubernetes.io/pv-protection',
  'storage.k8s.io/VolumeAttributesClass': 'kubernetes.io/vac-protection',
}

/** StorageObjectInUseProtection: claims, volumes and what they name get a finalizer, so that they are not deleted while they are used. */
export const storageObjectInUseProtection: AdmissionPlugin = {
  name: 'StorageObjectInUseProtection',
  operations: ['CREATE'],
  mutate(a) {
    const finalizer = FINALIZERS[`${a.kind.group}/${a.kind.kind}`]
    if (!finalizer || a.subresource !== '') return
    const { metadata } = a.object!
    if (!metadata.finalizers?.includes(finalizer)) metadata.finalizers = [...(metadata.finalizers ?? []), finalizer]
  },
}
