/** RoleBindings and ClusterRoleBindings. */
import type { ColumnInfo } from '../rpc/contract.js'
import { ageColumn, born, nameColumn, namespaceColumn, type Json, type ListKind } from './kind.js'

const who = (id: string, title: string): ColumnInfo => ({ id, title, type: 'text', width: 170 })
const columns = (namespaced: boolean): ColumnInfo[] => [
  nameColumn,
  ...(namespaced ? [namespaceColumn] : []),
  { id: 'role', title: 'Role', type: 'text', width: 220, stays: 'long' },
  who('users', 'Users'),
  who('groups', 'Groups'),
  who('serviceAccounts', 'Service accounts'),
  ageColumn,
]

function subjects(o: Json, kind: string): string {
  const list: Json[] = (o.subjects ?? []).filter((s: Json) => s.kind === kind)
  return list.map((s) => (kind === 'ServiceAccount' ? `${s.namespace}/${s.name}` : s.name)).join(', ')
}

const cells = (o: Json, namespaced: boolean) => [
  o.metadata?.name ?? '',
  ...(namespaced ? [o.metadata?.namespace ?? ''] : []),
  o.roleRef ? `${o.roleRef.kind}/${o.roleRef.name}` : '',
  subjects(o, 'User'),
  subjects(o, 'Group'),
  subjects(o, 'ServiceAccount'),
  born(o),
]

export const roleBindings: ListKind = {
  group: 'rbac.authorization.k8s.io',
  resource: 'rolebindings',
  columns: columns(true),
  cells: (o) => cells(o, true),
}

export const clusterRoleBindings: ListKind = {
  group: 'rbac.authorization.k8s.io',
  resource: 'clusterrolebindings',
  columns: columns(false),
  cells: (o) => cells(o, false),
}
