/** What validating and mutating admission policies and their bindings have alike. CEL expressions are stored, not compiled. */
import { field, type FieldError } from '../../errors.js'
import { FAILURE_POLICIES, setMatchDefaults, validateMatch, validateMatchConditions } from './admission-rules.js'
import { checkName, checkOneOf, checkRequired, checkSupported } from './checks.js'
import { cIdentifier, dns1123Label, dns1123Subdomain } from './names.js'
import { formatSelector, validateSelector } from './selectors.js'
import { isEmpty, items, type Sent } from './sent.js'
import type * as k8s from '@kubernetes/client-node'

type PolicySpec = Pick<
  Sent<k8s.V1ValidatingAdmissionPolicySpec>,
  'failurePolicy' | 'matchConditions' | 'matchConstraints' | 'paramKind' | 'variables'
>
type BindingSpec = Pick<Sent<k8s.V1ValidatingAdmissionPolicyBindingSpec>, 'matchResources' | 'paramRef' | 'policyName'>

export function setPolicyDefaults(spec: PolicySpec): void {
  spec.failurePolicy ??= 'Fail'
  setMatchDefaults(spec.matchConstraints)
}

export function validatePolicy(spec: PolicySpec, errors: FieldError[]): void {
  checkOneOf(spec.failurePolicy, FAILURE_POLICIES, 'spec.failurePolicy', errors)
  if (spec.paramKind) {
    const { apiVersion, kind } = spec.paramKind
    if (checkRequired(apiVersion, 'spec.paramKind.apiVersion', errors)) {
      const parts = apiVersion!.split('/')
      if (parts.length > 2 || parts.some((p) => !p)) errors.push(field.invalid('spec.paramKind.apiVersion', apiVersion, 'invalid format'))
    }
    if (checkRequired(kind, 'spec.paramKind.kind', errors) && dns1123Label(kind!.toLowerCase()).length > 0)
      errors.push(field.invalid('spec.paramKind.kind', kind, 'may have mixed case, but should otherwise match: a DNS-1035 label'))
  }
  const match = spec.matchConstraints
  if (!match) errors.push(field.required('spec.matchConstraints'))
  else {
    validateMatch(match, 'spec.matchConstraints', errors)
    if (isEmpty(match.resourceRules)) errors.push(field.required('spec.matchConstraints.resourceRules'))
  }
  validateMatchConditions(spec.matchConditions, 'spec.matchConditions', errors)
  const seen = new Set<string>()
  items(spec.variables).forEach((v, i) => {
    const at = `spec.variables[${i}]`
    if (!v.name) errors.push(field.required(`${at}.name`, 'name is not specified'))
    else checkName(cIdentifier, v.name, `${at}.name`, errors)
    if (!v.expression?.trim()) errors.push(field.required(`${at}.expression`, 'expression is not specified'))
    if (v.name && seen.has(v.name)) errors.push(field.duplicate(`${at}.name`, v.name))
    seen.add(v.name ?? '')
  })
}

export function setPolicyBindingDefaults(spec: BindingSpec | null | undefined): void {
  setMatchDefaults(spec?.matchResources)
}

export function validatePolicyBinding(spec: BindingSpec, errors: FieldError[]): void {
  if (checkRequired(spec.policyName, 'spec.policyName', errors)) checkName(dns1123Subdomain, spec.policyName!, 'spec.policyName', errors)
  const ref = spec.paramRef
  if (ref) {
    const at = 'spec.paramRef'
    if (ref.name && ref.selector) errors.push(field.forbidden(`${at}.name`, 'name and selector are mutually exclusive'))
    if (!ref.name && !ref.selector) errors.push(field.required(at, 'one of name or selector must be specified'))
    if (ref.name) checkName(dns1123Subdomain, ref.name, `${at}.name`, errors)
    validateSelector(ref.selector, `${at}.selector`, errors)
    checkRequired(ref.parameterNotFoundAction, `${at}.parameterNotFoundAction`, errors)
    checkSupported(ref.parameterNotFoundAction, ['Allow', 'Deny'], `${at}.parameterNotFoundAction`, errors)
  }
  if (spec.matchResources) validateMatch(spec.matchResources, 'spec.matchResources', errors)
}

/** The kind of a policy's parameters, for a table. */
export function paramKindText(kind: PolicySpec['paramKind']): string {
  return kind ? `${kind.apiVersion ?? ''}/${kind.kind ?? ''}` : '<unset>'
}

/** The parameters a binding names, for a table. */
export function paramRefText(ref: BindingSpec['paramRef']): string {
  if (!ref) return '<unset>'
  if (ref.name) return ref.namespace ? `${ref.namespace}/${ref.name}` : `*/${ref.name}`
  return ref.selector ? formatSelector(ref.selector) : '<unset>'
}
