/**
 * Which requests an admission webhook or policy is asked about.
 * https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#matching-requests-rules
 */
import { field, type FieldError } from '../../errors.js'
import { ADMISSION_VARIABLES, checkExpression } from './admission-expressions.js'
import { checkGiven, checkName, checkRequired } from './checks.js'
import { pathSegmentName, qualifiedName } from './names.js'
import { validateSelector } from './selectors.js'
import { isEmpty, items, strings, type Sent } from './sent.js'
import type * as k8s from '@kubernetes/client-node'

type Rule = Sent<k8s.V1RuleWithOperations>
type NamedRule = Sent<k8s.V1NamedRuleWithOperations>
type MatchResources = Sent<k8s.V1MatchResources>
type MatchCondition = Sent<k8s.V1MatchCondition>

const OPERATIONS = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE']
export const FAILURE_POLICIES = ['Fail', 'Ignore']
export const MATCH_POLICIES = ['Equivalent', 'Exact']
export const REINVOCATION_POLICIES = ['IfNeeded', 'Never']
const MOST_CONDITIONS = 64

/** A rule without a scope holds for all, in place. */
export function setRuleDefaults(rules: (Rule | null)[] | null | undefined): void {
  for (const rule of rules ?? []) if (rule) rule.scope ??= '*'
}

/** Fills in what a policy or a binding matches, in place. */
export function setMatchDefaults(match: MatchResources | null | undefined): void {
  if (!match) return
  match.matchPolicy ??= 'Equivalent'
  match.namespaceSelector ??= {}
  match.objectSelector ??= {}
  setRuleDefaults(match.resourceRules)
  setRuleDefaults(match.excludeResourceRules)
}

export function validateRule(rule: Rule, path: string, errors: FieldError[]): void {
  const only = (list: string[], star: string, name: string, others: string): void => {
    if (list.length > 1 && list.includes(star))
      errors.push(field.invalid(`${path}.${name}`, list, `if '${star}' is present, must not specify other ${others}`))
  }
  const operations = strings(rule.operations)
  if (operations.length === 0) errors.push(field.required(`${path}.operations`))
  only(operations, '*', 'operations', 'operations')
  operations.forEach((o, i) => {
    if (!OPERATIONS.includes(o)) errors.push(field.notSupported(`${path}.operations[${i}]`, o, OPERATIONS))
  })
  if (isEmpty(rule.apiGroups)) errors.push(field.required(`${path}.apiGroups`))
  only(strings(rule.apiGroups), '*', 'apiGroups', 'API groups')
  const versions = strings(rule.apiVersions)
  if (versions.length === 0) errors.push(field.required(`${path}.apiVersions`))
  only(versions, '*', 'apiVersions', 'API versions')
  versions.forEach((v, i) => checkRequired(v, `${path}.apiVersions[${i}]`, errors))
  validateResources(strings(rule.resources), `${path}.resources`, errors)
  checkGiven(rule.scope, ['*', 'Cluster', 'Namespaced'], `${path}.scope`, errors)
}

function validateResources(resources: string[], path: string, errors: FieldError[]): void {
  if (resources.length === 0) errors.push(field.required(path))
  const allOf = new Set<string>()
  const ofAll = new Set<string>()
  // Of names without a subresource the API server looks at the last one.
  let isNamed = false
  resources.forEach((text, i) => {
    const at = `${path}[${i}]`
    if (!checkRequired(text, at, errors)) return
    const slash = text.indexOf('/')
    if (slash < 0) {
      isNamed = text !== '*'
      return
    }
    const [resource, sub] = [text.slice(0, slash), text.slice(slash + 1)]
    if (allOf.has(resource)) errors.push(field.invalid(at, text, `if '${resource}/*' is present, must not specify ${text}`))
    if (ofAll.has(sub)) errors.push(field.invalid(at, text, `if '*/${sub}' is present, must not specify ${text}`))
    if (sub === '*') allOf.add(resource)
    if (resource === '*') ofAll.add(sub)
  })
  if (resources.length > 1 && resources.includes('*/*'))
    errors.push(field.invalid(path, resources, "if '*/*' is present, must not specify other resources"))
  if (resources.includes('*') && isNamed)
    errors.push(field.invalid(path, resources, "if '*' is present, must not specify other resources without subresources"))
}

/** Checks what a policy or a binding matches. */
export function validateMatch(match: MatchResources, path: string, errors: FieldError[]): void {
  checkGiven(match.matchPolicy, MATCH_POLICIES, `${path}.matchPolicy`, errors)
  validateSelector(match.namespaceSelector, `${path}.namespaceSelector`, errors)
  validateSelector(match.objectSelector, `${path}.objectSelector`, errors)
  const each = (list: (NamedRule | null)[] | null | undefined, name: string): void =>
    items(list).forEach((r, i) => {
      const at = `${path}.${name}[${i}]`
      const names = strings(r.resourceNames)
      names.forEach((n, j) => {
        checkName(pathSegmentName, n, `${at}.resourceNames[${j}]`, errors)
        if (names.indexOf(n) < j) errors.push(field.duplicate(`${at}.resourceNames[${j}]`, n))
      })
      validateRule(r, at, errors)
    })
  each(match.resourceRules, 'resourceRules')
  each(match.excludeResourceRules, 'excludeResourceRules')
}

/** Checks the CEL conditions a request must meet. */
export function validateMatchConditions(
  conditions: (MatchCondition | null)[] | null | undefined,
  path: string,
  errors: FieldError[],
  variables = ADMISSION_VARIABLES,
): void {
  const list = items(conditions)
  if (list.length > MOST_CONDITIONS) errors.push(field.tooMany(path, list.length, MOST_CONDITIONS))
  const seen = new Set<string>()
  list.forEach((c, i) => {
    const at = `${path}[${i}]`
    const expression = c.expression?.trim() ?? ''
    if (checkRequired(expression, `${at}.expression`, errors)) checkExpression(expression, variables, ['bool'], `${at}.expression`, errors)
    if (checkRequired(c.name, `${at}.name`, errors)) {
      checkName(qualifiedName, c.name!, `${at}.name`, errors)
      if (seen.has(c.name!)) errors.push(field.duplicate(`${at}.name`, c.name!))
      seen.add(c.name!)
    }
  })
}
