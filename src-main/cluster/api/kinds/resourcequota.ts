import type { Kind } from './kind.js'
import { field, type FieldError } from '../errors.js'
import type { ObjectMeta, Wire } from '../object.js'
import { collect, FIELD_IMMUTABLE, internal } from './rules/checks.js'
import { ageColumn, column, nameColumn } from './rules/columns.js'
import { tryParseQuantity } from './rules/quantity.js'
import { isStandardQuotaResource, roundResources, validateResourceAmount, validateResourceName } from './rules/resources.js'
import { entries, isEmpty, items, strings, type Sent, type SentMap } from './rules/sent.js'
import { keepStatus, statusSubresource } from './rules/subresources.js'
import type * as k8s from '@kubernetes/client-node'

export type ResourceQuota = Wire<k8s.V1ResourceQuota> & { metadata: ObjectMeta }

const SCOPES = [
  'BestEffort',
  'NotBestEffort',
  'Terminating',
  'NotTerminating',
  'PriorityClass',
  'CrossNamespacePodAffinity',
  'VolumeAttributesClass',
]
const POD_COUNTS = ['pods']
const POD_RESOURCES = ['pods', 'cpu', 'memory', 'requests.cpu', 'requests.memory', 'limits.cpu', 'limits.memory']
const CONFLICTS: readonly [string, string][] = [
  ['BestEffort', 'NotBestEffort'],
  ['Terminating', 'NotTerminating'],
]

/** https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/resource-quota-v1/ */
export const resourceQuota: Kind<ResourceQuota> = {
  group: '',
  version: 'v1',
  kind: 'ResourceQuota',
  plural: 'resourcequotas',
  singular: 'resourcequota',
  shortNames: ['quota'],
  namespaced: true,
  model: 'V1ResourceQuota',
  metadataOnUpdate: 1,
  changesGeneration: () => false,

  setDefaults(object) {
    const spec = (object.spec ??= {})
    const { status } = object
    roundResources(spec.hard)
    roundResources(status?.hard)
    roundResources(status?.used)
  },
  prepareForCreate(object) {
    object.status = {}
  },
  prepareForUpdate: keepStatus,
  validate: ({ spec, status }) =>
    collect((errors) => {
      validateSpec(spec ?? {}, errors)
      validateStatus(status ?? {}, errors)
    }),
  validateUpdate: (object, old) =>
    collect((errors) => {
      // It is checked once for itself and once as part of the update.
      validateSpec(object.spec ?? {}, errors)
      if (scopesText(object) !== scopesText(old)) errors.push(field.invalid('spec.scopes', object.spec?.scopes ?? null, FIELD_IMMUTABLE))
    }),

  columns: [
    nameColumn(),
    column('Request', 'Request represents a minimum amount of cpu/memory that a container may consume.', (o) => used(o, false)),
    column(
      'Limit',
      'Limits control the maximum amount of cpu/memory that a container may use independent of contention on the node.',
      (o) => used(o, true),
    ),
    ageColumn(),
  ],
  subresources: {
    status: statusSubresource<ResourceQuota>({
      validateUpdate: ({ status }) => collect((errors) => validateStatus(status ?? {}, errors)),
    }),
  },
}

function scopesText({ spec }: ResourceQuota): string {
  return strings(spec?.scopes).sort().join(',')
}

function used({ status }: ResourceQuota, limits: boolean): string {
  return entries(status?.hard)
    .filter(([name]) => name.startsWith('limits.') === limits)
    .map(([name, hard]) => `${name}: ${status?.used?.[name] ?? '0'}/${hard}`)
    .join(', ')
}

function validateAmounts(list: SentMap, path: string, errors: FieldError[]): void {
  for (const [name, text] of entries(list)) {
    const at = `${path}[${name}]`
    validateResourceName(name, at, errors)
    if (!name.includes('/') && !isStandardQuotaResource(name)) errors.push(field.invalid(at, name, 'must be a standard resource for quota'))
    validateResourceAmount(name, tryParseQuantity(text), at, errors)
  }
}

type Spec = Sent<k8s.V1ResourceQuotaSpec>

function validateSpec(spec: Spec, errors: FieldError[]): void {
  validateAmounts(spec.hard, 'spec.hard', errors)
  validateScopes(spec, errors)
  validateScopeSelector(spec, errors)
}

function validateStatus(status: Sent<k8s.V1ResourceQuotaStatus>, errors: FieldError[]): void {
  validateAmounts(status.hard, 'status.hard', errors)
  validateAmounts(status.used, 'status.used', errors)
}

/** Whether a quota with a scope can count a resource. */
function fits(scope: string, resource: string): boolean {
  if (!isStandardQuotaResource(resource)) return true
  if (scope === 'BestEffort') return POD_COUNTS.includes(resource)
  if (scope === 'VolumeAttributesClass') return resource === 'persistentvolumeclaims' || resource === 'requests.storage'
  if (SCOPES.includes(scope)) return POD_RESOURCES.includes(resource)
  return true
}

function validateScopes(spec: Spec, errors: FieldError[]): void {
  const scopes = strings(spec.scopes)
  for (const scope of scopes) {
    if (!SCOPES.includes(scope)) errors.push(field.invalid('spec.scopes', scopes, 'unsupported scope'))
    for (const [name] of entries(spec.hard))
      if (!fits(scope, name)) errors.push(field.invalid('spec.scopes', scopes, 'unsupported scope applied to resource'))
  }
  for (const pair of CONFLICTS)
    if (pair.every((s) => scopes.includes(s))) errors.push(field.invalid('spec.scopes', scopes, 'conflicting scopes'))
}

function validateScopeSelector(spec: Spec, errors: FieldError[]): void {
  if (!spec.scopeSelector) return
  const at = 'spec.scopeSelector.matchExpressions'
  const named: string[] = []
  for (const r of items(spec.scopeSelector.matchExpressions)) {
    const scope = r.scopeName ?? ''
    named.push(scope)
    if (!SCOPES.includes(scope)) errors.push(field.invalid(`${at}.scopeName`, scope, 'unsupported scope'))
    for (const [name] of entries(spec.hard))
      if (!fits(scope, name)) errors.push(field.invalid(at, shownSelector(spec), 'unsupported scope applied to resource'))
    if (scope !== 'PriorityClass' && scope !== 'VolumeAttributesClass' && SCOPES.includes(scope) && r.operator !== 'Exists') {
      const text =
        "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity"
      errors.push(field.invalid(`${at}.operator`, r.operator ?? '', text))
    }
    if (r.operator === 'In' || r.operator === 'NotIn') {
      if (isEmpty(r.values))
        errors.push(field.required(`${at}.values`, "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"))
    } else if (r.operator === 'Exists' || r.operator === 'DoesNotExist') {
      if (!isEmpty(r.values))
        errors.push(
          field.invalid(`${at}.values`, r.values, "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector"),
        )
    } else errors.push(field.invalid(`${at}.operator`, r.operator ?? '', 'not a valid selector operator'))
  }
  for (const pair of CONFLICTS)
    if (pair.every((s) => named.includes(s))) errors.push(field.invalid('spec.scopes', spec.scopes ?? null, 'conflicting scopes'))
}

function shownSelector(spec: Spec): unknown {
  const shown = items(spec.scopeSelector?.matchExpressions).map((r) => internal(r, ['scopeName', 'operator', 'values']))
  return { MatchExpressions: shown }
}
