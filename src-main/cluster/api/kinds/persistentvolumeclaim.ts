import type { Kind } from './kind.js'
import { field, type FieldError } from '../errors.js'
import type { ObjectMeta, Wire } from '../object.js'
import { checkImmutable, checkName, checkSupported, collect } from './rules/checks.js'
import { CLASS_ANNOTATION, classAnnotationWarnings } from './rules/class-annotation.js'
import { accessModesText, settleDataSource, validateClaimSpec } from './rules/claim-spec.js'
import { ageColumn, column, nameColumn } from './rules/columns.js'
import { qualifiedName } from './rules/names.js'
import { compareQuantities, tryParseQuantity, type Quantity } from './rules/quantity.js'
import { checkBasicAmount, isNative, roundResources } from './rules/resources.js'
import { entries, semanticEqual } from './rules/sent.js'
import { specDiff } from './rules/spec-diff.js'
import { keepStatus, statusSubresource } from './rules/subresources.js'
import { fractionWarning } from './rules/volume-warnings.js'
import { withConditionTimes } from './rules/zero-times.js'
import type * as k8s from '@kubernetes/client-node'

export type PersistentVolumeClaim = Wire<k8s.V1PersistentVolumeClaim> & { metadata: ObjectMeta }

const RESIZE_STATUSES = [
  'ControllerResizeInProgress',
  'ControllerResizeInfeasible',
  'NodeResizeInProgress',
  'NodeResizeInfeasible',
  'NodeResizePending',
].sort()

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
  metadataOnUpdate: 2,
  changesGeneration: () => false,

  setDefaults(object) {
    object.status ??= {}
    object.status.phase ||= 'Pending'
    if (object.status.conditions) object.status.conditions = withConditionTimes(object.status.conditions)
    if (!object.spec) return
    object.spec.volumeMode ??= 'Filesystem'
    object.spec.resources ??= {}
    roundResources(object.spec.resources.requests)
    roundResources(object.spec.resources.limits)
  },
  prepareForCreate(object) {
    object.status = { phase: 'Pending' }
    settleDataSource(object.spec)
  },
  prepareForUpdate(object, old) {
    keepStatus(object, old)
    settleDataSource(object.spec, old.spec)
  },
  validate: ({ spec }) => collect((errors) => validateClaimSpec(spec, 'spec', errors)),
  validateUpdate: (object, old) =>
    collect((errors) => {
      // It is checked once for itself and once as part of the update.
      validateClaimSpec(object.spec, 'spec', errors)
      validateUpdate(object, old, errors)
    }),
  warnings: claimWarnings,

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
          for (const [name, text] of entries(status?.capacity)) {
            const amount = tryParseQuantity(text)
            if (amount) checkBasicAmount(amount, `status.capacity[${name}]`, errors)
          }
          for (const [name, state] of entries(status?.allocatedResourceStatuses)) {
            checkResourceKey(name, 'status.allocatedResourceStatuses', errors)
            if (!RESIZE_STATUSES.includes(state)) errors.push(field.notSupported('status.allocatedResourceStatuses', name, RESIZE_STATUSES))
          }
          for (const [name, text] of entries(status?.allocatedResources)) {
            const amount = tryParseQuantity(text)
            if (checkResourceKey(name, 'status.allocatedResources', errors) && amount)
              checkBasicAmount(amount, `status.allocatedResources[${name}]`, errors)
          }
        }),
    }),
  },
}

function claimWarnings({ metadata, spec }: PersistentVolumeClaim): string[] {
  return [
    ...classAnnotationWarnings(metadata),
    ...fractionWarning(spec?.resources?.requests?.['storage'], 'spec.resources.requests[storage]'),
    ...fractionWarning(spec?.resources?.limits?.['storage'], 'spec.resources.limits[storage]'),
  ]
}

function checkResourceKey(name: string, path: string, errors: FieldError[]): boolean {
  const count = errors.length
  checkName(qualifiedName, name, path, errors)
  if (errors.length === count && isNative(name)) checkSupported(name, ['storage'], path, errors)
  return errors.length === count
}

/** A claim is what it is; only a bound one may ask for more room, or for another class of attributes. */
function validateUpdate(object: PersistentVolumeClaim, old: PersistentVolumeClaim, errors: FieldError[]): void {
  const spec = structuredClone(object.spec ?? {})
  const before = structuredClone(old.spec ?? {})
  if (!before.volumeName) before.volumeName = spec.volumeName
  const annotation = old.metadata.annotations?.[CLASS_ANNOTATION]
  const classFits = annotation === undefined || annotation === spec.storageClassName
  const classGiven = before.storageClassName === undefined && spec.storageClassName !== undefined && classFits
  if (classGiven) before.storageClassName = spec.storageClassName
  // An annotation may become the field of the same name.
  if (!(classGiven && annotation !== undefined && [undefined, annotation].includes(object.metadata.annotations?.[CLASS_ANNOTATION]))) {
    const now = object.metadata.annotations?.[CLASS_ANNOTATION] ?? ''
    checkImmutable(now, annotation ?? '', `metadata.annotations.${CLASS_ANNOTATION}`, errors)
  }
  if (old.status?.phase === 'Bound') {
    const size = before.resources?.requests?.['storage']
    if (spec.resources?.requests && size !== undefined) spec.resources.requests['storage'] = size
    if (before.volumeAttributesClassName === undefined) delete spec.volumeAttributesClassName
    else spec.volumeAttributesClassName = before.volumeAttributesClassName
  }
  if (!semanticEqual(spec, before)) {
    const text = 'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims'
    errors.push(field.forbidden('spec', `${text}\n${specDiff('PersistentVolumeClaimSpec', before, spec)}`))
  }
  const amount = (text: string | undefined): Quantity => tryParseQuantity(text) ?? { nano: 0n, format: 'BinarySI' }
  const size = amount(object.spec?.resources?.requests?.['storage'])
  const was = amount(old.spec?.resources?.requests?.['storage'])
  const has = amount(old.status?.capacity?.['storage'])
  if (compareQuantities(size, was) < 0 && compareQuantities(size, has) <= 0)
    errors.push(field.forbidden('spec.resources.requests.storage', 'field can not be less than status.capacity'))
  checkImmutable(object.spec?.volumeMode, old.spec?.volumeMode, 'volumeMode', errors)
  // A class of attributes that holds can be changed for another, not taken away.
  const attributes = object.spec?.volumeAttributesClassName
  const applied = typeof old.status?.currentVolumeAttributesClassName === 'string'
  if (applied && attributes !== old.spec?.volumeAttributesClassName && !attributes) {
    const what = attributes === '' ? 'empty string' : 'nil'
    const text = `update to ${what} is forbidden when status.currentVolumeAttributesClassName is not nil`
    errors.push(field.forbidden('spec.volumeAttributesClassName', text))
  }
}
