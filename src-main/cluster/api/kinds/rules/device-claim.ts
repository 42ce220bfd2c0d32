/** Requests for devices. https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/ */
import { field, type FieldError } from '../../errors.js'
import type { RuleContext } from '../kind.js'
import { checkName, checkRequired } from './checks.js'
import { validateOpaque } from './device-config.js'
import { checkList, checkSet } from './device-lists.js'
import { checkFullAttributeName } from './device-names.js'
import { validateDeviceSelectors } from './device-selector.js'
import { validateDeviceTolerations } from './device-taints.js'
import { dns1123Label, dns1123Subdomain } from './names.js'
import { items, strings, type Sent } from './sent.js'
import type * as k8s from '@kubernetes/client-node'

export type ClaimSpec = Sent<k8s.V1ResourceClaimSpec>
type Request = Sent<k8s.V1DeviceRequest>
type Exact = Sent<k8s.V1ExactDeviceRequest>

/** How many requests, constraints and configurations there may be at most, and how many alternatives of a request. */
const MOST = 32
const MOST_ALTERNATIVES = 8
const MODES = ['All', 'ExactCount']
const ADMIN_LABEL = 'resource.kubernetes.io/admin-access'

/** One device of its class unless the request says otherwise, in place. */
export function setClaimDefaults(spec: ClaimSpec): void {
  // Go has no way to leave this out.
  spec.devices ??= {}
  for (const r of items(spec.devices.requests))
    for (const exact of [r.exactly, ...items(r.firstAvailable)]) {
      if (!exact) continue
      exact.allocationMode ||= 'ExactCount'
      if (exact.allocationMode === 'ExactCount') exact.count ||= 1
      for (const t of items(exact.tolerations)) t.operator ||= 'Equal'
    }
}

/** Whether a name is one of a claim's requests, or one of those and, after a slash, one of its alternatives. */
export type RequestNames = (name: string) => boolean

/** The names of a claim's requests. */
export function requestNames(spec: ClaimSpec): RequestNames {
  const names = new Set<string>()
  for (const r of items(spec.devices?.requests)) {
    names.add(r.name ?? '')
    for (const sub of items(r.firstAvailable)) names.add(`${r.name ?? ''}/${sub.name ?? ''}`)
  }
  return (name) => names.has(name)
}

/** Checks what a claim or a template for claims asks for. */
export function validateClaimSpec(spec: ClaimSpec, path: string, errors: FieldError[]): void {
  const at = `${path}.devices`
  const isRequest = requestNames(spec)
  checkSet(
    items(spec.devices?.requests),
    MOST,
    (r) => r.name ?? '',
    `${at}.requests`,
    errors,
    (r, here) => validateRequest(r, here, errors),
  )
  checkList(items(spec.devices?.constraints), MOST, `${at}.constraints`, errors, (c, here) => {
    validateRequestRefs(c.requests, isRequest, `${here}.requests`, errors)
    if (typeof c.matchAttribute === 'string') checkFullAttributeName(c.matchAttribute, `${here}.matchAttribute`, errors)
    else if (typeof c.distinctAttribute === 'string') checkFullAttributeName(c.distinctAttribute, `${here}.distinctAttribute`, errors)
    // The API server ends this text as it does the one for too many of them.
    else
      errors.push(field.required(here, 'exactly one of "matchAttribute" or "distinctAttribute" is required, but multiple fields are set'))
  })
  checkList(items(spec.devices?.config), MOST, `${at}.config`, errors, (c, here) => {
    validateRequestRefs(c.requests, isRequest, `${here}.requests`, errors)
    validateOpaque(c.opaque, `${here}.opaque`, errors)
  })
}

/** Only in a namespace that is labelled for it may a request be for administrators. */
export function validateAdminAccess(spec: ClaimSpec | null | undefined, ctx: RuleContext, errors: FieldError[]): void {
  const i = items(spec?.devices?.requests).findIndex((r) => r.exactly?.adminAccess)
  if (i >= 0) checkAdminNamespace(`spec.devices.requests[${i}].adminAccess`, ctx, errors)
}

/** Adds an error unless the namespace of the request is one of administrators. */
export function checkAdminNamespace(path: string, ctx: RuleContext, errors: FieldError[]): void {
  const namespace = ctx.lookup('', 'namespaces', '', ctx.namespace)
  if (namespace?.metadata.labels?.[ADMIN_LABEL] === 'true') return
  errors.push(field.forbidden(path, `admin access to devices requires the \`${ADMIN_LABEL}: true\` label on the containing namespace`))
}

/** Checks the names of requests that a constraint or a configuration is for. */
export function validateRequestRefs(
  names: readonly (string | null)[] | null | undefined,
  isRequest: RequestNames,
  path: string,
  errors: FieldError[],
): void {
  checkSet(
    strings(names),
    MOST,
    (name) => name,
    path,
    errors,
    (name, here) => validateRequestRef(name, isRequest, here, errors),
  )
}

/** Checks one such name. */
export function validateRequestRef(name: string, isRequest: RequestNames, path: string, errors: FieldError[]): void {
  const segments = name.split('/')
  if (segments.length <= 2) for (const s of segments) checkName(dns1123Label, s, path, errors)
  if (segments.length > 2 || !isRequest(name)) {
    const why = "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'"
    errors.push(field.invalid(path, name, why))
  }
}

function validateRequest(r: Request, path: string, errors: FieldError[]): void {
  checkName(dns1123Label, r.name ?? '', `${path}.name`, errors)
  const alternatives = items(r.firstAvailable)
  const one = 'exactly one of `exactly` or `firstAvailable` is required'
  if (r.exactly && alternatives.length > 0) errors.push(field.invalid(path, 'null', `${one}, but multiple fields are set`))
  else if (r.exactly) validateExact(r.exactly, `${path}.exactly`, errors)
  else if (alternatives.length === 0) errors.push(field.required(path, one))
  else
    checkSet(
      alternatives,
      MOST_ALTERNATIVES,
      (sub) => sub.name ?? '',
      `${path}.firstAvailable`,
      errors,
      (sub, here) => {
        checkName(dns1123Label, sub.name ?? '', `${here}.name`, errors)
        validateExact(sub, here, errors)
      },
    )
}

function validateExact(exact: Exact, path: string, errors: FieldError[]): void {
  if (checkRequired(exact.deviceClassName, `${path}.deviceClassName`, errors))
    checkName(dns1123Subdomain, exact.deviceClassName!, `${path}.deviceClassName`, errors)
  validateDeviceSelectors(exact.selectors, `${path}.selectors`, errors)
  const count = exact.count ?? 0
  if (exact.allocationMode === 'All') {
    if (count !== 0) errors.push(field.invalid(`${path}.count`, count, "must not be specified when allocationMode is 'All'"))
  } else if (exact.allocationMode === 'ExactCount') {
    if (count <= 0) errors.push(field.invalid(`${path}.count`, count, 'must be greater than zero'))
  } else errors.push(field.notSupported(`${path}.allocationMode`, exact.allocationMode ?? '', MODES))
  validateDeviceTolerations(exact.tolerations, `${path}.tolerations`, errors)
}
