/** What validating and mutating admission policies and their bindings have alike. */
import type { Variables } from '../../cel/check.js'
import type { Type } from '../../cel/types.js'
import { field, type FieldError } from '../../errors.js'
import { checkExpression, policyVariables, withComposed } from './admission-expressions.js'
import { FAILURE_POLICIES, setMatchDefaults, validateMatch, validateMatchConditions } from './admission-rules.js'
import { checkGiven, checkName, checkRequired } from './checks.js'
import { dns1035Label, dns1123Subdomain, pathSegmentName } from './names.js'
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

/** Checks what both kinds of policies have; gives what their other expressions may refer to. */
export function validatePolicy(spec: PolicySpec, errors: FieldError[]): Variables {
  const given = policyVariables(Boolean(spec.paramKind))
  checkGiven(spec.failurePolicy, FAILURE_POLICIES, 'spec.failurePolicy', errors)
  if (spec.paramKind) validateParamKind(spec.paramKind, 'spec.paramKind', errors)
  const match = spec.matchConstraints
  if (!match) errors.push(field.required('spec.matchConstraints'))
  else {
    validateMatch(match, 'spec.matchConstraints', errors)
    if (isEmpty(match.resourceRules)) errors.push(field.required('spec.matchConstraints.resourceRules'))
  }
  validateMatchConditions(spec.matchConditions, 'spec.matchConditions', errors, given)
  const composed = new Map<string, Type>()
  items(spec.variables).forEach((v, i) => {
    const at = `spec.variables[${i}]`
    if (!v.name?.trim()) errors.push(field.required(`${at}.name`, 'name is not specified'))
    else if (!isCelIdentifier(v.name)) errors.push(field.invalid(`${at}.name`, v.name, 'name is not a valid CEL identifier'))
    if (!v.expression?.trim()) errors.push(field.required(`${at}.expression`, 'expression is not specified'))
    // A variable may refer to those before it.
    else composed.set(v.name ?? '', checkExpression(v.expression, withComposed(given, composed), undefined, `${at}.expression`, errors))
  })
  return withComposed(given, composed)
}

/** Words of the expression language. https://github.com/google/cel-spec/blob/master/doc/langdef.md#syntax */
const CEL_WORDS =
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(' ')

const isCelIdentifier = (name: string): boolean => /^[_a-zA-Z][_a-zA-Z0-9]*$/.test(name) && !CEL_WORDS.includes(name)

/** The group, the version and the kind of parameters are each checked as those of API services are. */
function validateParamKind(param: NonNullable<PolicySpec['paramKind']>, path: string, errors: FieldError[]): void {
  const { apiVersion, kind } = param
  const at = `${path}.apiVersion`
  if (checkRequired(apiVersion, at, errors)) {
    const parts = apiVersion!.split('/')
    const [group = '', version = ''] = parts.length === 1 ? ['', parts[0]] : parts
    if (parts.length > 2) errors.push(field.invalid(at, apiVersion, `unexpected GroupVersion string: ${apiVersion}`))
    else {
      if (group && dns1123Subdomain(group).length > 0) errors.push(field.invalid(at, group, dns1123Subdomain(group).join(',')))
      if (!version) errors.push(field.invalid(at, apiVersion, 'version must be specified'))
      else if (dns1035Label(version).length > 0) errors.push(field.invalid(at, version, dns1035Label(version).join(',')))
    }
  }
  if (!checkRequired(kind, `${path}.kind`, errors)) return
  const why = dns1035Label(kind!.toLowerCase())
  if (why.length > 0) errors.push(field.invalid(`${path}.kind`, kind, `may have mixed case, but should otherwise match: ${why.join(',')}`))
}

export function setPolicyBindingDefaults(spec: BindingSpec | null | undefined): void {
  setMatchDefaults(spec?.matchResources)
}

export function validatePolicyBinding(spec: BindingSpec, errors: FieldError[]): void {
  if (checkRequired(spec.policyName, 'spec.policyName', errors)) checkName(dns1123Subdomain, spec.policyName!, 'spec.policyName', errors)
  const ref = spec.paramRef
  if (ref) {
    const at = 'spec.paramRef'
    const exclusive = 'name and selector are mutually exclusive'
    if (ref.name) {
      checkName(pathSegmentName, ref.name, `${at}.name`, errors)
      if (ref.selector) errors.push(field.forbidden(`${at}.name`, exclusive))
    }
    if (ref.selector) {
      validateSelector(ref.selector, `${at}.selector`, errors)
      if (ref.name) errors.push(field.forbidden(`${at}.selector`, exclusive))
    } else if (!ref.name) errors.push(field.required(at, 'one of name or selector must be specified'))
    const missing = `${at}.parameterNotFoundAction`
    checkGiven(ref.parameterNotFoundAction, ['Deny', 'Allow'], missing, errors)
    if (ref.parameterNotFoundAction === undefined) errors.push(field.required(missing))
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
