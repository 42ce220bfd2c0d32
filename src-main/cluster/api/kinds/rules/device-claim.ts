/** Requests for devices. https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/ */
import { field, type FieldError } from '../../errors.js'
import { checkName, checkRequired } from './checks.js'
import { dns1123Label, dns1123Subdomain } from './names.js'
import { isEmpty, items, strings, type Sent } from './sent.js'
import type * as k8s from '@kubernetes/client-node'

type ClaimSpec = Sent<k8s.V1ResourceClaimSpec>
type Request = Sent<k8s.V1DeviceRequest>
type Exact = Sent<k8s.V1ExactDeviceRequest>
type Selectors = Sent<k8s.V1DeviceClassSpec>['selectors']

/** How many requests, constraints and selectors there may be at most. */
const MOST = 32
const MODES = ['All', 'ExactCount']

/** One device of its class unless the request says otherwise, in place. */
export function setClaimDefaults(spec: ClaimSpec | null | undefined): void {
  for (const r of items(spec?.devices?.requests))
    for (const exact of [r.exactly, ...items(r.firstAvailable)]) {
      if (!exact) continue
      exact.allocationMode ||= 'ExactCount'
      if (exact.allocationMode === 'ExactCount') exact.count ||= 1
      for (const t of items(exact.tolerations)) t.operator ||= 'Equal'
    }
}

/** Checks what a claim or a template for claims asks for. */
export function validateClaimSpec(spec: ClaimSpec, path: string, errors: FieldError[]): void {
  const requests = items(spec.devices?.requests)
  const at = `${path}.devices`
  if (requests.length > MOST) errors.push(field.tooMany(`${at}.requests`, requests.length, MOST))
  const seen = new Set<string>()
  const names = new Set<string>()
  requests.forEach((r, i) => {
    const here = `${at}.requests[${i}]`
    validateRequestName(r.name, `${here}.name`, seen, errors)
    names.add(r.name ?? '')
    for (const sub of items(r.firstAvailable)) names.add(`${r.name}/${sub.name}`)
    validateRequest(r, here, errors)
  })
  const known = (list: string[], where: string): void =>
    list.forEach((n, i) => {
      if (!names.has(n))
        errors.push(
          field.invalid(
            `${where}[${i}]`,
            n,
            "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'",
          ),
        )
    })
  items(spec.devices?.constraints).forEach((c, i) => {
    const here = `${at}.constraints[${i}]`
    known(strings(c.requests), `${here}.requests`)
    if (!c.matchAttribute && !c.distinctAttribute)
      errors.push(field.required(here, 'exactly one of matchAttribute or distinctAttribute is required'))
  })
  items(spec.devices?.config).forEach((c, i) => {
    known(strings(c.requests), `${at}.config[${i}].requests`)
    validateOpaque(c.opaque, `${at}.config[${i}].opaque`, errors)
  })
}

function validateRequest(r: Request, path: string, errors: FieldError[]): void {
  const alternatives = items(r.firstAvailable)
  if (Boolean(r.exactly) === alternatives.length > 0) {
    const text = 'exactly one of `exactly` or `firstAvailable` is required'
    errors.push(r.exactly ? field.invalid(path, r, `${text}, but multiple fields are set`) : field.required(path, text))
    return
  }
  if (r.exactly) validateExact(r.exactly, `${path}.exactly`, errors)
  const seen = new Set<string>()
  alternatives.forEach((sub, i) => {
    const here = `${path}.firstAvailable[${i}]`
    validateRequestName(sub.name, `${here}.name`, seen, errors)
    validateExact(sub, here, errors)
  })
}

function validateRequestName(name: string | null | undefined, path: string, seen: Set<string>, errors: FieldError[]): void {
  if (!checkRequired(name, path, errors)) return
  checkName(dns1123Label, name!, path, errors)
  if (seen.has(name!)) errors.push(field.duplicate(path, name!))
  seen.add(name!)
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
}

/** Checks CEL selectors of devices; the expressions themselves are not compiled. */
export function validateDeviceSelectors(selectors: Selectors, path: string, errors: FieldError[]): void {
  const list = items(selectors)
  if (list.length > MOST) errors.push(field.tooMany(path, list.length, MOST))
  list.forEach((s, i) => {
    if (!s.cel) errors.push(field.required(`${path}[${i}].cel`))
    else if (isEmpty({ ...s.cel }) || !s.cel.expression) errors.push(field.required(`${path}[${i}].cel.expression`))
  })
}

/** Checks a configuration that only a driver understands. */
export function validateOpaque(opaque: Sent<k8s.V1OpaqueDeviceConfiguration> | null | undefined, path: string, errors: FieldError[]): void {
  if (!opaque) {
    errors.push(field.required(path))
    return
  }
  if (checkRequired(opaque.driver, `${path}.driver`, errors)) checkName(dns1123Subdomain, opaque.driver!, `${path}.driver`, errors)
  if (opaque.parameters === undefined || opaque.parameters === null) errors.push(field.required(`${path}.parameters`))
}
