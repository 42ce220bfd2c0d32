import type { Kind } from './kind.js'
import { field } from '../errors.js'
import type { ObjectMeta, Wire } from '../object.js'
import { checkImmutable, checkName, collect } from './rules/checks.js'
import { ageColumn, column, nameColumn } from './rules/columns.js'
import { dns1123Subdomain } from './rules/names.js'
import { keepStatus, statusSubresource } from './rules/subresources.js'
import { validateCsiDriverName } from './rules/volume-plugins.js'
import type * as k8s from '@kubernetes/client-node'

export type VolumeAttachment = Wire<k8s.V1VolumeAttachment> & { metadata: ObjectMeta }

/** https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/volume-attachment-v1/ */
export const volumeAttachment: Kind<VolumeAttachment> = {
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'VolumeAttachment',
  plural: 'volumeattachments',
  singular: 'volumeattachment',
  namespaced: false,
  model: 'V1VolumeAttachment',
  changesGeneration: () => false,

  prepareForCreate(object) {
    object.status = { attached: false }
  },
  prepareForUpdate: keepStatus,
  validate: ({ spec }) =>
    collect((errors) => {
      if (!spec?.attacher) errors.push(field.required('spec.attacher'))
      else validateCsiDriverName(spec.attacher, 'spec.attacher', errors)
      const { persistentVolumeName: name, inlineVolumeSpec: inline } = spec?.source ?? {}
      const at = 'spec.source'
      if (inline && name) errors.push(field.forbidden(at, 'inlineVolumeSpec and persistentVolumeName cannot be set at the same time'))
      else if (!inline && !name) errors.push(field.required(at, 'must specify exactly one of inlineVolumeSpec and persistentVolumeName'))
      else if (name) checkName(dns1123Subdomain, name, `${at}.persistentVolumeName`, errors)
      checkName(dns1123Subdomain, spec?.nodeName ?? '', 'spec.nodeName', errors)
    }),
  validateUpdate: (object, old) => collect((errors) => checkImmutable(object.spec, old.spec, 'spec', errors)),

  columns: [
    nameColumn(),
    column('Attacher', '@spec.attacher', (o) => o.spec?.attacher ?? '', { format: 'name' }),
    column('PV', '@spec.source.persistentVolumeName', (o) => o.spec?.source?.persistentVolumeName ?? ''),
    column('Node', '@spec.nodeName', (o) => o.spec?.nodeName ?? ''),
    column('Attached', '@status.attached', (o) => o.status?.attached ?? false, { type: 'boolean' }),
    ageColumn(),
  ],
  subresources: { status: statusSubresource<VolumeAttachment>() },
}
