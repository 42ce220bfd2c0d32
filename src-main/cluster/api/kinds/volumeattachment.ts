import type { Kind } from './kind.js'
import { field, type FieldError } from '../errors.js'
import type { ObjectMeta, Wire } from '../object.js'
import { checkImmutable, checkName, collect } from './rules/checks.js'
import { ageColumn, column, nameColumn } from './rules/columns.js'
import { dns1123Subdomain } from './rules/names.js'
import { entries } from './rules/sent.js'
import { keepStatus, statusSubresource } from './rules/subresources.js'
import { validateCsiDriverName } from './rules/volume-plugins.js'
import type * as k8s from '@kubernetes/client-node'

export type VolumeAttachment = Wire<k8s.V1VolumeAttachment> & { metadata: ObjectMeta }

const ONE_SOURCE = 'must specify exactly one of inlineVolumeSpec and persistentVolumeName'
/** Bytes of all keys and values. */
const LARGEST_METADATA = 256 * 1024
const LONGEST_MESSAGE = 1024

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
      const named = typeof name === 'string'
      if (inline && named) errors.push(field.forbidden(at, ONE_SOURCE))
      else if (!inline && !named) errors.push(field.required(at, ONE_SOURCE))
      else if (name === '') errors.push(field.required(`${at}.persistentVolumeName`, 'must specify non empty persistentVolumeName'))
      if (named) checkName(dns1123Subdomain, name, `${at}.persistentVolumeName`, errors)
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
  subresources: {
    status: statusSubresource<VolumeAttachment>({ validateUpdate: ({ status }) => collect((errors) => validateStatus(status, errors)) }),
  },
}

function validateStatus(status: VolumeAttachment['status'], errors: FieldError[]): void {
  const size = entries(status?.attachmentMetadata).reduce((n, [k, v]) => n + Buffer.byteLength(k) + Buffer.byteLength(v), 0)
  if (size > LARGEST_METADATA) errors.push(field.tooLong('status.attachmentMetadata', LARGEST_METADATA))
  for (const name of ['attachError', 'detachError'] as const) {
    const { message = '', errorCode } = status?.[name] ?? {}
    if (Buffer.byteLength(message) > LONGEST_MESSAGE) errors.push(field.tooLong(`status.${name}.message`, LONGEST_MESSAGE))
    if ((errorCode ?? 0) < 0)
      errors.push(field.invalid(`status.${name}.errorCode`, errorCode, 'must be between 0 and 2147483647, inclusive'))
  }
}
