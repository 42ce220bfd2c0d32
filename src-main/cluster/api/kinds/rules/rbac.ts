/** Roles and what binds them. https://kubernetes.io/docs/reference/access-authn-authz/rbac/ */
import { field, type FieldError } from '../../errors.js'
import { checkName, checkRequired } from './checks.js'
import { dns1123Subdomain, pathSegmentName } from './names.js'
import { isEmpty, items, type Sent } from './sent.js'
import type * as k8s from '@kubernetes/client-node'

export const RBAC_GROUP = 'rbac.authorization.k8s.io'

type Rule = Sent<k8s.V1PolicyRule>
type Subject = Sent<k8s.RbacV1Subject>
type RoleRef = Sent<k8s.V1RoleRef>

/** Checks the rules of a Role (`namespaced`) or a ClusterRole. */
export function validateRules(rules: (Rule | null)[] | null | undefined, namespaced: boolean, errors: FieldError[]): void {
  items(rules).forEach((r, i) => {
    const at = `rules[${i}]`
    if (isEmpty(r.verbs)) errors.push(field.required(`${at}.verbs`, 'verbs must contain at least one value'))
    if (!isEmpty(r.nonResourceURLs)) {
      const refuse = (why: string): void => void errors.push(field.invalid(`${at}.nonResourceURLs`, r.nonResourceURLs, why))
      if (namespaced) refuse('namespaced rules cannot apply to non-resource URLs')
      if (!isEmpty(r.apiGroups) || !isEmpty(r.resources) || !isEmpty(r.resourceNames))
        refuse('rules cannot apply to both regular resources and non-resource URLs')
      return
    }
    if (isEmpty(r.apiGroups)) errors.push(field.required(`${at}.apiGroups`, 'resource rules must supply at least one api group'))
    if (isEmpty(r.resources)) errors.push(field.required(`${at}.resources`, 'resource rules must supply at least one resource'))
  })
}

interface BindingShape {
  roleRef?: RoleRef | null
  subjects?: (Subject | null)[] | null
}

/** Fills in the groups that follow from kinds, in place. */
export function setBindingDefaults(binding: BindingShape): void {
  if (binding.roleRef) binding.roleRef.apiGroup ||= RBAC_GROUP
  for (const s of items(binding.subjects)) {
    if (s.apiGroup) continue
    if (s.kind === 'User' || s.kind === 'Group') s.apiGroup = RBAC_GROUP
  }
}

/** Checks a RoleBinding (`namespaced`) or a ClusterRoleBinding. */
export function validateBinding(binding: BindingShape, namespaced: boolean, errors: FieldError[]): void {
  const ref = binding.roleRef ?? {}
  const kinds = namespaced ? ['Role', 'ClusterRole'] : ['ClusterRole']
  if ((ref.apiGroup || RBAC_GROUP) !== RBAC_GROUP) errors.push(field.notSupported('roleRef.apiGroup', ref.apiGroup, [RBAC_GROUP]))
  if (!kinds.includes(ref.kind ?? '')) errors.push(field.notSupported('roleRef.kind', ref.kind ?? '', kinds))
  if (checkRequired(ref.name, 'roleRef.name', errors)) checkName(pathSegmentName, ref.name!, 'roleRef.name', errors)
  items(binding.subjects).forEach((s, i) => validateSubject(s, namespaced, `subjects[${i}]`, errors))
}

function validateSubject(s: Subject, namespaced: boolean, path: string, errors: FieldError[]): void {
  checkRequired(s.name, `${path}.name`, errors)
  switch (s.kind) {
    case 'ServiceAccount':
      if (s.name) checkName(dns1123Subdomain, s.name, `${path}.name`, errors)
      if (s.apiGroup) errors.push(field.notSupported(`${path}.apiGroup`, s.apiGroup, ['']))
      // In a namespace of its own a binding finds the account by itself.
      if (!namespaced && !s.namespace) errors.push(field.required(`${path}.namespace`))
      return
    case 'User':
    case 'Group':
      if (s.apiGroup !== RBAC_GROUP) errors.push(field.notSupported(`${path}.apiGroup`, s.apiGroup ?? '', [RBAC_GROUP]))
      return
    default:
      errors.push(field.notSupported(`${path}.kind`, s.kind ?? '', ['ServiceAccount', 'User', 'Group']))
  }
}

/** A binding stays with its role. All the rest is checked once more: the API server checks an update twice and tells both. */
export function validateBindingUpdate(binding: BindingShape, old: BindingShape, namespaced: boolean, errors: FieldError[]): void {
  validateBinding(binding, namespaced, errors)
  if (roleKey(binding.roleRef) !== roleKey(old.roleRef))
    errors.push(field.invalid('roleRef', shownRef(binding.roleRef ?? {}), 'cannot change roleRef'))
}

/** A reference as messages print the server's own form of it. */
const shownRef = ({ apiGroup, kind, name }: RoleRef): object => ({ APIGroup: apiGroup ?? '', Kind: kind ?? '', Name: name ?? '' })

function roleKey(ref: RoleRef | null | undefined): string {
  return `${ref?.apiGroup}/${ref?.kind}/${ref?.name}`
}

/** The subjects of one kind for a table. */
export function subjectsText(subjects: (Subject | null)[] | null | undefined, kind: string): string {
  return items(subjects)
    .filter((s) => s.kind === kind)
    .map((s) => (kind === 'ServiceAccount' ? `${s.namespace ?? ''}/${s.name ?? ''}` : (s.name ?? '')))
    .join(', ')
}
