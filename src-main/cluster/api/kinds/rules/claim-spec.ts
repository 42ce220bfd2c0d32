/** What a PersistentVolumeClaim asks for, in the claim itself and in templates of claims. */
import { field, type FieldError } from '../../errors.js'
import { checkGiven, checkName, checkRequired, POSITIVE } from './checks.js'
import { dns1123Subdomain } from './names.js'
import { formatQuantity, tryParseQuantity } from './quantity.js'
import { validateSelector } from './selectors.js'
import { isEmpty, strings, type Sent } from './sent.js'
import type * as k8s from '@kubernetes/client-node'

export const ACCESS_MODES = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod']
export const VOLUME_MODES = ['Block', 'Filesystem']

export type SentClaimSpec = Sent<k8s.V1PersistentVolumeClaimSpec>

/** Access modes: known ones, and `ReadWriteOncePod` only alone. */
export function validateAccessModes(modes: readonly (string | null)[] | null | undefined, path: string, errors: FieldError[]): void {
  const list = strings(modes)
  for (const m of list) if (!ACCESS_MODES.includes(m)) errors.push(field.notSupported(path, m, ACCESS_MODES))
  const known = list.filter((m) => ACCESS_MODES.includes(m))
  if (known.includes('ReadWriteOncePod') && known.some((m) => m !== 'ReadWriteOncePod'))
    errors.push(field.forbidden(path, 'may not use ReadWriteOncePod with other access modes'))
}

/** Checks a claim's spec. */
export function validateClaimSpec(sent: SentClaimSpec | null | undefined, path: string, errors: FieldError[]): void {
  const spec = sent ?? {}
  if (isEmpty(spec.accessModes)) errors.push(field.required(`${path}.accessModes`, 'at least 1 access mode is required'))
  validateSelector(spec.selector, `${path}.selector`, errors)
  validateAccessModes(spec.accessModes, `${path}.accessModes`, errors)
  const at = `${path}.resources[storage]`
  const size = tryParseQuantity(spec.resources?.requests?.['storage'])
  if (!size) errors.push(field.required(at))
  else if (size.nano <= 0n) errors.push(field.invalid(at, formatQuantity(size), POSITIVE))
  if (spec.storageClassName) checkName(dns1123Subdomain, spec.storageClassName, `${path}.storageClassName`, errors)
  checkGiven(spec.volumeMode, VOLUME_MODES, `${path}.volumeMode`, errors)
  validateDataSources(spec, path, errors)
  if (spec.volumeAttributesClassName)
    checkName(dns1123Subdomain, spec.volumeAttributesClassName, `${path}.volumeAttributesClassName`, errors)
}

function validateDataSources(spec: SentClaimSpec, path: string, errors: FieldError[]): void {
  for (const name of ['dataSource', 'dataSourceRef'] as const) {
    const source = spec[name]
    if (!source) continue
    const at = `${path}.${name}`
    checkRequired(source.name, `${at}.name`, errors)
    checkRequired(source.kind, `${at}.kind`, errors)
    if (!source.apiGroup && source.kind !== 'PersistentVolumeClaim')
      errors.push(field.invalid(at, source.kind ?? '', "must be 'PersistentVolumeClaim' when referencing the default apiGroup"))
    if (source.apiGroup) checkName(dns1123Subdomain, source.apiGroup, `${at}.apiGroup`, errors)
  }
  const { dataSource, dataSourceRef } = spec
  if (!dataSource || !dataSourceRef) return
  const same =
    (dataSource.apiGroup ?? null) === (dataSourceRef.apiGroup ?? null) &&
    dataSource.kind === dataSourceRef.kind &&
    dataSource.name === dataSourceRef.name
  // The API server shows the path of the field as its value, which prints as nothing.
  if (!same) errors.push(field.invalid(path, {}, 'must match dataSourceRef'))
}

const isEmptyGroup = (group: string | null | undefined): boolean => group === undefined || group === null || group === ''

/**
 * What becomes of the source of a claim's data, in place; `old` is the claim's spec before an update. A reference across namespaces is behind a gate that is off
 * by default, so it is dropped; `dataSource` only ever takes claims and snapshots. Then `dataSource` and `dataSourceRef`
 * are two names of one thing. https://kubernetes.io/docs/concepts/storage/persistent-volumes/#volume-populators-and-data-sources
 */
export function settleDataSource(spec: SentClaimSpec | null | undefined, old?: SentClaimSpec | null): void {
  if (!spec) return
  if (spec.dataSourceRef?.namespace && !old?.dataSourceRef) delete spec.dataSourceRef
  const { dataSource } = spec
  const hadSource = old?.dataSource || old?.dataSourceRef
  if (dataSource && !spec.dataSourceRef && !hadSource) {
    const isClaim = dataSource.kind === 'PersistentVolumeClaim' && isEmptyGroup(dataSource.apiGroup)
    const isSnapshot = dataSource.kind === 'VolumeSnapshot' && dataSource.apiGroup === 'snapshot.storage.k8s.io'
    if (!isClaim && !isSnapshot) delete spec.dataSource
  }
  mirrorDataSource(spec)
}

/** Makes the one from the other, in place. */
export function mirrorDataSource(spec: SentClaimSpec | null | undefined): void {
  if (!spec) return
  if (spec.dataSource && !spec.dataSourceRef) spec.dataSourceRef = { ...spec.dataSource }
  else if (spec.dataSourceRef && !spec.dataSource) spec.dataSource = { ...spec.dataSourceRef }
}

const SHORT_MODES: readonly [string, string][] = [
  ['ReadWriteOnce', 'RWO'],
  ['ReadOnlyMany', 'ROX'],
  ['ReadWriteMany', 'RWX'],
  ['ReadWriteOncePod', 'RWOP'],
]

/** Access modes as tables show them: `RWO,RWX`. */
export function accessModesText(modes: readonly (string | null)[] | null | undefined): string {
  const list = strings(modes)
  return SHORT_MODES.filter(([mode]) => list.includes(mode))
    .map(([, short]) => short)
    .join(',')
}
