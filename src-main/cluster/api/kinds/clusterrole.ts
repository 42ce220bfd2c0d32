import type { Kind } from './kind.js'
import { field, type FieldError } from '../errors.js'
import type { ObjectMeta, Wire } from '../object.js'
import { collect } from './rules/checks.js'
import { createdAtColumn, nameColumn } from './rules/columns.js'
import { pathSegmentName } from './rules/names.js'
import { validateRules } from './rules/rbac.js'
import { isBrokenSelector, validateSelector } from './rules/selectors.js'
import { items } from './rules/sent.js'
import type * as k8s from '@kubernetes/client-node'

export type ClusterRole = Wire<k8s.V1ClusterRole> & { metadata: ObjectMeta }

/** https://kubernetes.io/docs/reference/kubernetes-api/authorization-resources/cluster-role-v1/ */
export const clusterRole: Kind<ClusterRole> = {
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  kind: 'ClusterRole',
  plural: 'clusterroles',
  singular: 'clusterrole',
  createOnUpdate: true,
  namespaced: false,
  model: 'V1ClusterRole',
  metadataOnUpdate: 2,
  nullLists: ['rules'],

  validateName: pathSegmentName,
  validate: (object) => collect((errors) => validateRole(object, errors)),
  // The API server checks an update twice and tells both.
  validateUpdate: (object) => collect((errors) => validateRole(object, errors)),

  columns: [nameColumn(), createdAtColumn()],
}

function validateRole({ rules, aggregationRule }: ClusterRole, errors: FieldError[]): void {
  validateRules(rules, false, errors)
  if (!aggregationRule) return
  const at = 'aggregationRule.clusterRoleSelectors'
  const selectors = items(aggregationRule.clusterRoleSelectors)
  if (selectors.length === 0) errors.push(field.required(at, 'at least one clusterRoleSelector required if aggregationRule is non-nil'))
  selectors.forEach((s, i) => {
    validateSelector(s, `${at}[${i}]`, errors)
    // What makes no query is told once more, of the selector as a whole.
    if (isBrokenSelector(s)) errors.push(field.invalid(`${at}[${i}]`, null, 'invalid label selector.'))
  })
}
