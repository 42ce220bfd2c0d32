import type { Kind } from './kind.js'
import { field, type FieldError } from '../errors.js'
import type { ObjectMeta, Wire } from '../object.js'
import { checkName, checkRequired, collect } from './rules/checks.js'
import { ageColumn, column, nameColumn } from './rules/columns.js'
import { dns1123Label, dns1123Subdomain } from './rules/names.js'
import { isEmpty, items, strings, type Sent } from './rules/sent.js'
import { keepStatus, OWN_METADATA, statusSubresource } from './rules/subresources.js'
import type * as k8s from '@kubernetes/client-node'

export type FlowSchema = Wire<k8s.V1FlowSchema> & { metadata: ObjectMeta }
type Rule = Sent<k8s.V1PolicyRulesWithSubjects>
type Subject = Sent<k8s.FlowcontrolV1Subject>

const VERBS = ['*', 'connect', 'create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'proxy', 'update', 'watch']
const METHODS = ['ByNamespace', 'ByUser']
const SUBJECTS = { Group: 'group', ServiceAccount: 'serviceAccount', User: 'user' } as const

/** https://kubernetes.io/docs/concepts/cluster-administration/flow-control/ */
export const flowSchema: Kind<FlowSchema> = {
  group: 'flowcontrol.apiserver.k8s.io',
  version: 'v1',
  kind: 'FlowSchema',
  plural: 'flowschemas',
  singular: 'flowschema',
  namespaced: false,
  model: 'V1FlowSchema',
  generational: true,

  setDefaults({ spec }) {
    if (spec) spec.matchingPrecedence ||= 1000
  },
  prepareForCreate: (object) => void (object.status = {}),
  prepareForUpdate: keepStatus,
  validate: ({ metadata, spec }) =>
    collect((errors) => {
      const precedence = spec?.matchingPrecedence ?? 0
      if (precedence <= 0) errors.push(field.invalid('spec.matchingPrecedence', precedence, 'must be a positive value'))
      if (precedence > 10000) errors.push(field.invalid('spec.matchingPrecedence', precedence, 'must not be greater than 10000'))
      if (precedence === 1 && metadata.name !== 'exempt')
        errors.push(field.invalid('spec.matchingPrecedence', precedence, "only the schema named 'exempt' may have matchingPrecedence 1"))
      const method = spec?.distinguisherMethod
      if (method && !METHODS.includes(method.type ?? ''))
        errors.push(field.notSupported('spec.distinguisherMethod.type', method.type ?? '', METHODS))
      const level = spec?.priorityLevelConfiguration?.name ?? ''
      if (level) checkName(dns1123Subdomain, level, 'spec.priorityLevelConfiguration.name', errors)
      else errors.push(field.required('spec.priorityLevelConfiguration.name', 'must reference a priority level'))
      items(spec?.rules).forEach((r, i) => validateRule(r, `spec.rules[${i}]`, errors))
    }),

  /** Schemas are shown in the order in which they are tried. */
  rowOrder: (a, b) =>
    (a.spec?.matchingPrecedence ?? 0) - (b.spec?.matchingPrecedence ?? 0) || (a.metadata.name! < b.metadata.name! ? -1 : 1),

  columns: [
    nameColumn(),
    column('PriorityLevel', '@spec.priorityLevelConfiguration', (o) => o.spec?.priorityLevelConfiguration?.name ?? ''),
    column('MatchingPrecedence', '@spec.matchingPrecedence', (o) => o.spec?.matchingPrecedence ?? 0),
    column('DistinguisherMethod', '@spec.distinguisherMethod', (o) => o.spec?.distinguisherMethod?.type ?? '<none>'),
    ageColumn(),
    column(
      'MissingPL',
      'references a broken or non-existent PriorityLevelConfiguration',
      (o) => items(o.status?.conditions).find((c) => c.type === 'Dangling')?.status ?? '?',
    ),
  ],
  subresources: { status: statusSubresource<FlowSchema>({ keep: OWN_METADATA }) },
}

function validateRule(rule: Rule, path: string, errors: FieldError[]): void {
  if (isEmpty(rule.subjects)) errors.push(field.required(`${path}.subjects`, 'subjects must contain at least one value'))
  items(rule.subjects).forEach((s, i) => validateSubject(s, `${path}.subjects[${i}]`, errors))
  if (isEmpty(rule.resourceRules) && isEmpty(rule.nonResourceRules))
    errors.push(field.required(path, 'at least one of resourceRules and nonResourceRules has to be non-empty'))
  items(rule.resourceRules).forEach((r, i) => {
    const at = `${path}.resourceRules[${i}]`
    validateVerbs(strings(r.verbs), `${at}.verbs`, errors)
    validateWildcard(strings(r.apiGroups), `${at}.apiGroups`, 'resource rules must supply at least one api group', errors)
    validateWildcard(strings(r.resources), `${at}.resources`, 'resource rules must supply at least one resource', errors)
    const namespaces = strings(r.namespaces)
    if (namespaces.length === 0 && !r.clusterScope)
      errors.push(field.required(`${at}.namespaces`, 'resource rules that are not cluster scoped must supply at least one namespace'))
    namespaces.forEach((n, j) => n !== '*' && checkName(dns1123Label, n, `${at}.namespaces[${j}]`, errors))
  })
  items(rule.nonResourceRules).forEach((r, i) => {
    const at = `${path}.nonResourceRules[${i}]`
    validateVerbs(strings(r.verbs), `${at}.verbs`, errors)
    validateWildcard(strings(r.nonResourceURLs), `${at}.nonResourceURLs`, 'nonResourceURLs must contain at least one value', errors)
  })
}

function validateVerbs(verbs: string[], path: string, errors: FieldError[]): void {
  validateWildcard(verbs, path, 'verbs must contain at least one value', errors)
  if (verbs.some((v) => !VERBS.includes(v))) errors.push(field.notSupported(path, verbs, VERBS))
}

function validateWildcard(list: string[], path: string, whenEmpty: string, errors: FieldError[]): void {
  if (list.length === 0) errors.push(field.required(path, whenEmpty))
  else if (list.length > 1 && list.includes('*')) errors.push(field.invalid(path, list, "if '*' is present, must not specify other items"))
}

function validateSubject(s: Subject, path: string, errors: FieldError[]): void {
  const own = SUBJECTS[s.kind as keyof typeof SUBJECTS]
  if (!own) {
    errors.push(field.notSupported(`${path}.kind`, s.kind ?? '', Object.keys(SUBJECTS)))
    return
  }
  for (const name of Object.values(SUBJECTS)) {
    if (name === own && !s[name]) errors.push(field.required(`${path}.${name}`, `${name} is required when subject kind is '${s.kind}'`))
    if (name !== own && s[name])
      errors.push(field.forbidden(`${path}.${name}`, `${name} is forbidden when subject kind is not '${s.kind}'`))
  }
  const subject = s[own]
  if (subject) checkRequired(subject.name, `${path}.${own}.name`, errors)
}
