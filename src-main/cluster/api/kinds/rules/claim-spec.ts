/** What a PersistentVolumeClaim asks for, in the claim itself and in templates of claims. */
import { field, type FieldError } from '../../errors.js'
import { checkName, checkRequired, checkSupported, POSITIVE } from './checks.js'
import { dns1123Label, dns1123Subdomain } from './names.js'
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
  checkSupported(spec.volumeMode, VOLUME_MODES, `${path}.volumeMode`, errors)
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
  const namespace = dataSourceRef?.namespace
  if (namespace) checkName(dns1123Label, namespace, `${path}.dataSourceRef.namespace`, errors)
  if (!dataSource || !dataSourceRef) return
  const same =
    (dataSource.apiGroup ?? null) === (dataSourceRef.apiGroup ?? null) &&
    dataSource.kind === dataSourceRef.kind &&
    dataSource.name === dataSourceRef.name
  if (namespace) errors.push(field.invalid(path, `${path}.dataSource`, 'may not be specified when dataSourceRef.namespace is specified'))
  else if (!same) errors.push(field.invalid(path, `${path}.dataSource`, 'must match dataSourceRef'))
}

/** `dataSource` and `dataSourceRef` are two names of one thing, unless the reference crosses namespaces: in place. */
export function mirrorDataSource(spec: SentClaimSpec | null | undefined): void {
  if (!spec) return
  if (spec.dataSourceRef?.namespace) return
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
