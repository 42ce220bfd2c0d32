import type { Kind } from './kind.js'
import { field, type FieldError } from '../errors.js'
import type { ObjectMeta, Wire } from '../object.js'
import { checkImmutable, checkName, checkSupported, collect } from './rules/checks.js'
import { accessModesText, mirrorDataSource, validateClaimSpec } from './rules/claim-spec.js'
import { ageColumn, column, nameColumn } from './rules/columns.js'
import { qualifiedName } from './rules/names.js'
import { compareQuantities, tryParseQuantity } from './rules/quantity.js'
import { roundResources } from './rules/resources.js'
import { entries, semanticEqual } from './rules/sent.js'
import { specDiff } from './rules/spec-diff.js'
import { keepStatus, statusSubresource } from './rules/subresources.js'
import type * as k8s from '@kubernetes/client-node'

export type PersistentVolumeClaim = Wire<k8s.V1PersistentVolumeClaim> & { metadata: ObjectMeta }

/** Where the class was named before it had a field. */
const CLASS_ANNOTATION = 'volume.beta.kubernetes.io/storage-class'
const RESIZE_STATUSES = [
  'ControllerResizeInProgress',
  'ControllerResizeInfeasible',
  'NodeResizeInProgress',
  'NodeResizeInfeasible',
  'NodeResizePending',
]

/** https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/persistent-volume-claim-v1/ */
export const persistentVolumeClaim: Kind<PersistentVolumeClaim> = {
  group: '',
  version: 'v1',
  kind: 'PersistentVolumeClaim',
  plural: 'persistentvolumeclaims',
  singular: 'persistentvolumeclaim',
  shortNames: ['pvc'],
  namespaced: true,
  model: 'V1PersistentVolumeClaim',
  changesGeneration: () => false,

  setDefaults(object) {
    object.status ??= {}
    object.status.phase ||= 'Pending'
    if (!object.spec) return
    object.spec.volumeMode ??= 'Filesystem'
    object.spec.resources ??= {}
    roundResources(object.spec.resources.requests)
    roundResources(object.spec.resources.limits)
    mirrorDataSource(object.spec)
  },
  prepareForCreate(object) {
    object.status = { phase: 'Pending' }
  },
  prepareForUpdate: keepStatus,
  validate: ({ spec }) => collect((errors) => validateClaimSpec(spec, 'spec', errors)),
  validateUpdate: (object, old) => collect((errors) => validateUpdate(object, old, errors)),

  columns: [
    nameColumn(),
    column('Status', '@status.phase', (o) => (o.metadata?.deletionTimestamp ? 'Terminating' : (o.status?.phase ?? ''))),
    column('Volume', '@spec.volumeName', (o) => o.spec?.volumeName ?? ''),
    column('Capacity', '@status.capacity', (o) => (o.spec?.volumeName ? (o.status?.capacity?.['storage'] ?? '0') : '')),
    column('Access Modes', '@status.accessModes', (o) => (o.spec?.volumeName ? accessModesText(o.status?.accessModes) : '')),
    column('StorageClass', 'StorageClass of the pvc', (o) => o.metadata?.annotations?.[CLASS_ANNOTATION] ?? o.spec?.storageClassName ?? ''),
    column('VolumeAttributesClass', 'VolumeAttributesClass of the pvc', (o) => o.spec?.volumeAttributesClassName ?? '<unset>'),
    ageColumn(),
    column('VolumeMode', '@spec.volumeMode', (o) => o.spec?.volumeMode ?? '<unset>', { wide: true }),
  ],
  subresources: {
    status: statusSubresource<PersistentVolumeClaim>({
      validateUpdate: ({ status }) =>
        collect((errors) => {
          for (const [name, text] of entries(status?.capacity))
            if ((tryParseQuantity(text)?.nano ?? 0n) < 0n)
              errors.push(field.invalid(`status.capacity[${name}]`, text, 'must be a valid resource quantity'))
          for (const [name, state] of entries(status?.allocatedResourceStatuses)) {
            checkResourceKey(name, 'status.allocatedResourceStatus', errors)
            if (!RESIZE_STATUSES.includes(state)) errors.push(field.notSupported('status.allocatedResourceStatus', name, RESIZE_STATUSES))
          }
          for (const [name] of entries(status?.allocatedResources)) checkResourceKey(name, 'status.allocatedResources', errors)
        }),
    }),
  },
}

function checkResourceKey(name: string, path: string, errors: FieldError[]): void {
  checkName(qualifiedName, name, path, errors)
  if (!name.includes('/') || name.includes('kubernetes.io/')) checkSupported(name, ['storage'], path, errors)
}

/** A claim is what it is; only a bound one may ask for more room, or for another class of attributes. */
function validateUpdate(object: PersistentVolumeClaim, old: PersistentVolumeClaim, errors: FieldError[]): void {
  const spec = structuredClone(object.spec ?? {})
  const before = structuredClone(old.spec ?? {})
  if (!before.volumeName) before.volumeName = spec.volumeName
  const annotation = old.metadata.annotations?.[CLASS_ANNOTATION]
  const classFits = annotation === undefined || annotation === spec.storageClassName
  if (before.storageClassName === undefined && spec.storageClassName !== undefined && classFits)
    before.storageClassName = spec.storageClassName
  else {
    const now = object.metadata.annotations?.[CLASS_ANNOTATION] ?? ''
    checkImmutable(now, annotation ?? '', `metadata.annotations.${CLASS_ANNOTATION}`, errors)
  }
  if (old.status?.phase === 'Bound') {
    const size = before.resources?.requests?.['storage']
    if (spec.resources?.requests && size !== undefined) spec.resources.requests['storage'] = size
    if (spec.volumeAttributesClassName !== undefined) {
      if (before.volumeAttributesClassName === undefined) delete spec.volumeAttributesClassName
      else spec.volumeAttributesClassName = before.volumeAttributesClassName
    }
  }
  if (!semanticEqual(spec, before)) {
    const text = 'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims'
    errors.push(field.forbidden('spec', `${text}\n${specDiff('V1PersistentVolumeClaimSpec', before, spec)}`))
  }
  const size = tryParseQuantity(object.spec?.resources?.requests?.['storage'])
  const was = tryParseQuantity(old.spec?.resources?.requests?.['storage'])
  const has = tryParseQuantity(old.status?.capacity?.['storage']) ?? { nano: 0n, format: 'BinarySI' as const }
  if (size && was && compareQuantities(size, was) < 0 && compareQuantities(size, has) <= 0)
    errors.push(field.forbidden('spec.resources.requests.storage', 'field can not be less than status.capacity'))
  checkImmutable(object.spec?.volumeMode, old.spec?.volumeMode, 'volumeMode', errors)
  const attributes = object.spec?.volumeAttributesClassName
  if (typeof old.spec?.volumeAttributesClassName === 'string' && attributes !== old.spec.volumeAttributesClassName) {
    const at = 'spec.volumeAttributesClassName'
    if (attributes === undefined) errors.push(field.forbidden(at, 'update from non-nil value to nil is forbidden'))
    else if (attributes === '') errors.push(field.forbidden(at, 'update from non-nil value to an empty string is forbidden'))
  }
}
