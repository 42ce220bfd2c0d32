/** What a FlowSchema may say of requests. https://kubernetes.io/docs/concepts/cluster-administration/flow-control/ */
import { field, type FieldError } from '../../errors.js'
import { checkName, checkRequired } from './checks.js'
import { dns1123Label, dns1123Subdomain } from './names.js'
import { isEmpty, items, strings, type Sent } from './sent.js'
import { serverForm } from './server-form.js'
import type * as k8s from '@kubernetes/client-node'

type Spec = Sent<k8s.V1FlowSchemaSpec>
type Rule = Sent<k8s.V1PolicyRulesWithSubjects>
type Subject = Sent<k8s.FlowcontrolV1Subject>

const VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'proxy', 'update', 'watch']
const METHODS = ['ByNamespace', 'ByUser']
/** The kinds of subjects with the field that each of them needs. */
const SUBJECTS = { Group: 'group', ServiceAccount: 'serviceAccount', User: 'user' } as const
/** In the order in which a subject's fields are looked at besides its own. */
const FIELDS = ['serviceAccount', 'user', 'group'] as const

/** Checks the spec of a schema of this name. */
export function validateFlowSchema(name: string | undefined, spec: Spec, errors: FieldError[]): void {
  const precedence = spec.matchingPrecedence ?? 0
  const at = 'spec.matchingPrecedence'
  if (precedence <= 0) errors.push(field.invalid(at, precedence, 'must be a positive value'))
  if (precedence > 10000) errors.push(field.invalid(at, precedence, 'must not be greater than 10000'))
  if (precedence === 1 && name !== 'exempt')
    errors.push(field.invalid(at, precedence, "only the schema named 'exempt' may have matchingPrecedence 1"))
  const method = spec.distinguisherMethod
  if (method && !METHODS.includes(method.type ?? ''))
    errors.push(field.notSupported('spec.distinguisherMethod.type', serverForm('FlowDistinguisherMethod', method), METHODS))
  const level = spec.priorityLevelConfiguration?.name ?? ''
  if (level) checkName(dns1123Subdomain, level, 'spec.priorityLevelConfiguration.name', errors)
  else errors.push(field.required('spec.priorityLevelConfiguration.name', 'must reference a priority level'))
  items(spec.rules).forEach((r, i) => validateRule(r, `spec.rules[${i}]`, errors))
}

function validateRule(rule: Rule, path: string, errors: FieldError[]): void {
  if (isEmpty(rule.subjects)) errors.push(field.required(`${path}.subjects`, 'subjects must contain at least one value'))
  items(rule.subjects).forEach((s, i) => validateSubject(s, `${path}.subjects[${i}]`, errors))
  if (isEmpty(rule.resourceRules) && isEmpty(rule.nonResourceRules))
    errors.push(field.required(path, 'at least one of resourceRules and nonResourceRules has to be non-empty'))
  items(rule.resourceRules).forEach((r, i) => validateResourceRule(r, `${path}.resourceRules[${i}]`, errors))
  items(rule.nonResourceRules).forEach((r, i) => validateOtherRule(r, `${path}.nonResourceRules[${i}]`, errors))
}

function validateResourceRule(r: Sent<k8s.V1ResourcePolicyRule>, path: string, errors: FieldError[]): void {
  validateVerbs(strings(r.verbs), `${path}.verbs`, errors)
  const wildcard = (list: string[], name: string, what: string, one: string): void => {
    if (list.length === 0) errors.push(field.required(`${path}.${name}`, `resource rules must supply at least one ${one}`))
    else checkLoneWildcard(list, `${path}.${name}`, what, errors)
  }
  wildcard(strings(r.apiGroups), 'apiGroups', 'api groups', 'api group')
  wildcard(strings(r.resources), 'resources', 'resources', 'resource')
  const namespaces = strings(r.namespaces)
  const at = `${path}.namespaces`
  if (namespaces.length === 0 && !r.clusterScope)
    errors.push(field.required(at, 'resource rules that are not cluster scoped must supply at least one namespace'))
  else if (!checkLoneWildcard(namespaces, at, 'namespaces', errors))
    namespaces.forEach((n, i) => {
      for (const m of dns1123Label(n))
        errors.push(field.invalid(`${at}[${i}]`, n, `each member of this list must be '*' or a DNS-1123 label; ${m}`))
    })
}

function validateOtherRule(r: Sent<k8s.V1NonResourcePolicyRule>, path: string, errors: FieldError[]): void {
  validateVerbs(strings(r.verbs), `${path}.verbs`, errors)
  const at = `${path}.nonResourceURLs`
  const urls = strings(r.nonResourceURLs)
  if (urls.length === 0) errors.push(field.required(at, 'nonResourceURLs must contain at least one value'))
  else if (!checkLoneWildcard(urls, at, 'non-resource URLs', errors))
    urls.forEach((url, i) => {
      const why = pathProblem(url)
      if (why) errors.push(field.invalid(`${at}[${i}]`, url, why))
    })
}

function validateVerbs(verbs: string[], path: string, errors: FieldError[]): void {
  if (verbs.length === 0) errors.push(field.required(path, 'verbs must contain at least one value'))
  else if (!checkLoneWildcard(verbs, path, 'verbs', errors) && verbs.some((v) => !VERBS.includes(v)))
    errors.push(field.notSupported(path, verbs, VERBS))
}

/** Whether a list has a wildcard in it, which must then be all that is there. */
function checkLoneWildcard(list: string[], path: string, what: string, errors: FieldError[]): boolean {
  if (!list.includes('*')) return false
  if (list.length > 1) errors.push(field.invalid(path, list, `if '*' is present, must not specify other ${what}`))
  return true
}

/** The first thing wrong with the path of a request that is about no resource; undefined when nothing is. */
function pathProblem(path: string): string | undefined {
  if (path === '') return 'must not be empty'
  if (path === '/') return undefined
  if (!path.startsWith('/')) return 'must start with slash'
  if (path.includes(' ')) return 'must not contain white-space'
  if (path.includes('//')) return 'must not contain double slash'
  const stars = path.split('*').length - 1
  return stars > 1 || (stars === 1 && !path.endsWith('/*')) ? 'wildcard can only do suffix matching' : undefined
}

function validateSubject(s: Subject, path: string, errors: FieldError[]): void {
  const own = SUBJECTS[s.kind as keyof typeof SUBJECTS]
  if (!own) {
    errors.push(field.notSupported(`${path}.kind`, s.kind ?? '', Object.keys(SUBJECTS)))
    return
  }
  validateOwnField(s, own, `${path}.${own}`, errors)
  for (const name of FIELDS) {
    if (name === own || !s[name]) continue
    const kind = name.charAt(0).toUpperCase() + name.slice(1)
    errors.push(field.forbidden(`${path}.${name}`, `${name} is forbidden when subject kind is not '${kind}'`))
  }
}

function validateOwnField(s: Subject, own: (typeof FIELDS)[number], path: string, errors: FieldError[]): void {
  const subject = s[own]
  if (!subject) {
    errors.push(field.required(path, `${own} is required when subject kind is '${s.kind}'`))
    return
  }
  const named = checkRequired(subject.name, `${path}.name`, errors)
  if (own !== 'serviceAccount') return
  if (named && subject.name !== '*') checkName(dns1123Subdomain, subject.name!, `${path}.name`, errors)
  const namespace = s.serviceAccount?.namespace
  if (checkRequired(namespace, `${path}.namespace`, errors, 'must specify namespace for service account'))
    checkName(dns1123Label, namespace!, `${path}.namespace`, errors)
}

interface Conditions {
  conditions?: ({ type?: string | null } | null)[] | null
}

/** Checks the conditions in the status of a FlowSchema or a PriorityLevelConfiguration: each has a type, and no two the same. */
export function validateFlowConditions(status: Conditions | null | undefined, errors: FieldError[]): void {
  const types = new Set<string>()
  items(status?.conditions).forEach(({ type }, i) => {
    const at = `status.conditions[${i}].type`
    if (types.has(type ?? '')) errors.push(field.duplicate(at, type ?? ''))
    types.add(type ?? '')
    checkRequired(type, at, errors)
  })
}
