import type { Kind } from './kind.js'
import type { ObjectMeta, Wire } from '../object.js'
import { collect } from './rules/checks.js'
import { ageColumn, column, nameColumn } from './rules/columns.js'
import { pathSegmentName } from './rules/names.js'
import { setBindingDefaults, subjectsText, validateBinding, validateBindingUpdate } from './rules/rbac.js'
import type * as k8s from '@kubernetes/client-node'

export type ClusterRoleBinding = Wire<k8s.V1ClusterRoleBinding> & { metadata: ObjectMeta }

/** https://kubernetes.io/docs/reference/kubernetes-api/authorization-resources/cluster-role-binding-v1/ */
export const clusterRoleBinding: Kind<ClusterRoleBinding> = {
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  kind: 'ClusterRoleBinding',
  plural: 'clusterrolebindings',
  singular: 'clusterrolebinding',
  createOnUpdate: true,
  namespaced: false,
  model: 'V1ClusterRoleBinding',
  metadataOnUpdate: 2,

  setDefaults: setBindingDefaults,
  validateName: pathSegmentName,
  validate: (object) => collect((errors) => validateBinding(object, false, errors)),
  validateUpdate: (object, old) => collect((errors) => validateBindingUpdate(object, old, false, errors)),

  columns: [
    nameColumn(),
    column('Role', '@roleRef', (o) => `${o.roleRef?.kind ?? ''}/${o.roleRef?.name ?? ''}`),
    ageColumn(),
    column('Users', 'Users in the clusterRoleBinding', (o) => subjectsText(o.subjects, 'User'), { wide: true }),
    column('Groups', 'Groups in the clusterRoleBinding', (o) => subjectsText(o.subjects, 'Group'), { wide: true }),
    column('ServiceAccounts', 'ServiceAccounts in the clusterRoleBinding', (o) => subjectsText(o.subjects, 'ServiceAccount'), {
      wide: true,
    }),
  ],
}
