import type { Kind } from './kind.js'
import type { ObjectMeta, Wire } from '../object.js'
import { collect } from './rules/checks.js'
import { createdAtColumn, nameColumn } from './rules/columns.js'
import { pathSegmentName } from './rules/names.js'
import { validateRules } from './rules/rbac.js'
import type * as k8s from '@kubernetes/client-node'

export type Role = Wire<k8s.V1Role> & { metadata: ObjectMeta }

/** https://kubernetes.io/docs/reference/kubernetes-api/authorization-resources/role-v1/ */
export const role: Kind<Role> = {
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  kind: 'Role',
  plural: 'roles',
  singular: 'role',
  createOnUpdate: true,
  namespaced: true,
  model: 'V1Role',
  metadataOnUpdate: 2,
  nullLists: ['rules'],

  validateName: pathSegmentName,
  validate: ({ rules }) => collect((errors) => validateRules(rules, true, errors)),
  // The API server checks an update twice and tells both.
  validateUpdate: ({ rules }) => collect((errors) => validateRules(rules, true, errors)),

  columns: [nameColumn(), createdAtColumn()],
}
