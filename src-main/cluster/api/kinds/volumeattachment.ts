import type { Kind } from './kind.js'
import { field, type FieldError } from '../errors.js'
import type { ObjectMeta, Wire } from '../object.js'
import { checkName, checkRequired, collect, FIELD_IMMUTABLE } from './rules/checks.js'
import { ageColumn, column, nameColumn } from './rules/columns.js'
import { validateInlineVolume } from './rules/inline-volume.js'
import { dns1123Subdomain } from './rules/names.js'
import { entries, semanticEqual, type Sent } from './rules/sent.js'
import { keepStatus, OWN_METADATA, statusSubresource } from './rules/subresources.js'
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
  unconditionalUpdate: false,
  namespaced: false,
  model: 'V1VolumeAttachment',
  metadataOnUpdate: 1,
  changesGeneration: () => false,

  prepareForCreate(object) {
    object.status = { attached: false }
  },
  prepareForUpdate: keepStatus,
  validate: (object) => collect((errors) => validateAttachment(object, errors)),
  // Names were free once: they are looked at when it is made, besides all else.
  validateCreate: ({ spec }) =>
    collect((errors) => {
      validateCsiDriverName(spec?.attacher, 'spec.attacher', errors)
      const name = spec?.source?.persistentVolumeName
      if (typeof name === 'string') checkName(dns1123Subdomain, name, 'spec.source.persistentVolumeName', errors)
    }),
  // The API server checks an update twice and tells both.
  validateUpdate: (object, old) =>
    collect((errors) => {
      validateAttachment(object, errors)
      if (!semanticEqual(object.spec, old.spec)) errors.push(field.invalid('spec', shownSpec(object.spec), FIELD_IMMUTABLE))
    }),

  columns: [
    nameColumn(),
    column('Attacher', '@spec.attacher', (o) => o.spec?.attacher ?? '', { format: 'name' }),
    column('PV', '@spec.source.persistentVolumeName', (o) => o.spec?.source?.persistentVolumeName ?? ''),
    column('Node', '@spec.nodeName', (o) => o.spec?.nodeName ?? ''),
    column('Attached', '@status.attached', (o) => o.status?.attached ?? false, { type: 'boolean' }),
    ageColumn(),
  ],
  subresources: {
    status: statusSubresource<VolumeAttachment>({
      keep: OWN_METADATA,
      validateUpdate: ({ status }) => collect((errors) => validateStatus(status, errors)),
    }),
  },
}

function validateAttachment({ spec, status }: VolumeAttachment, errors: FieldError[]): void {
  checkRequired(spec?.attacher, 'spec.attacher', errors)
  validateSource(spec?.source ?? {}, 'spec.source', errors)
  checkName(dns1123Subdomain, spec?.nodeName ?? '', 'spec.nodeName', errors)
  validateStatus(status, errors)
}

function validateSource(source: Sent<k8s.V1VolumeAttachmentSource>, path: string, errors: FieldError[]): void {
  const { persistentVolumeName: name, inlineVolumeSpec: inline } = source
  const named = typeof name === 'string'
  if (inline && named) errors.push(field.forbidden(path, ONE_SOURCE))
  else if (inline) validateInlineVolume(inline, `${path}.inlineVolumeSpec`, errors)
  else if (!named) errors.push(field.required(path, ONE_SOURCE))
  else if (name === '') errors.push(field.required(`${path}.persistentVolumeName`, 'must specify non empty persistentVolumeName'))
}

/** What is to be attached, as messages print the server's own form of it. */
function shownSpec(spec: VolumeAttachment['spec']): object {
  const { persistentVolumeName, inlineVolumeSpec } = spec?.source ?? {}
  const source = { PersistentVolumeName: persistentVolumeName ?? null, InlineVolumeSpec: inlineVolumeSpec ?? null }
  return { Attacher: spec?.attacher ?? '', Source: source, NodeName: spec?.nodeName ?? '' }
}

function validateStatus(status: VolumeAttachment['status'], errors: FieldError[]): void {
  const size = entries(status?.attachmentMetadata).reduce((n, [k, v]) => n + Buffer.byteLength(k) + Buffer.byteLength(v ?? ''), 0)
  if (size > LARGEST_METADATA) errors.push(field.tooLong('status.attachmentMetadata', LARGEST_METADATA))
  for (const name of ['attachError', 'detachError'] as const) {
    const { message, errorCode } = status?.[name] ?? {}
    if (Buffer.byteLength(message ?? '') > LONGEST_MESSAGE) {
      // The API server tells of another limit than the one that it has.
      errors.push(field.tooLong(`status.${name}.message`, LARGEST_METADATA))
    }
    if ((errorCode ?? 0) < 0)
      errors.push(field.invalid(`status.${name}.errorCode`, errorCode, 'must be between 0 and 2147483647, inclusive'))
  }
}
