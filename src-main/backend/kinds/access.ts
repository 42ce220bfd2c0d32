/** ServiceAccounts, Roles and ClusterRoles. */
import type { ColumnInfo } from '../rpc/contract.js'
import { ageColumn, born, nameColumn, namespaceColumn, type Json, type ListKind } from './kind.js'

const names = (list: Json[] | undefined): string => (list ?? []).map((x) => x.name ?? '').join(', ')

export const serviceAccounts: ListKind = {
  group: '',
  resource: 'serviceaccounts',
  columns: [
    nameColumn,
    namespaceColumn,
    { id: 'secrets', title: 'Secrets', type: 'text', width: 160 },
    { id: 'pullSecrets', title: 'Image pull secrets', type: 'text', width: 160 },
    { id: 'automount', title: 'Mounts token', type: 'text', width: 104, stays: 'brief' },
    ageColumn,
  ],
  cells: (o) => [
    o.metadata?.name ?? '',
    o.metadata?.namespace ?? '',
    names(o.secrets),
    names(o.imagePullSecrets),
    String(o.automountServiceAccountToken ?? true),
    born(o),
  ],
}

/** `get, list pods, deployments.apps; * *` for each rule; `*` is all. */
function rulesText(o: Json): string {
  return ((o.rules ?? []) as Json[])
    .map((r) => {
      const groups: string[] = r.apiGroups ?? ['']
      const resources = ((r.resources ?? []) as string[]).flatMap((x) => groups.map((g) => (g && g !== '*' && x !== '*' ? `${x}.${g}` : x)))
      return `${(r.verbs ?? []).join(', ')} ${[...new Set([...resources, ...(r.nonResourceURLs ?? [])])].join(', ')}`
    })
    .join('; ')
}

const roleColumns = (namespaced: boolean): ColumnInfo[] => [
  nameColumn,
  ...(namespaced ? [namespaceColumn] : []),
  { id: 'ruleCount', title: 'Rules', type: 'number', width: 64, align: 'right' },
  { id: 'rules', title: 'Allows', type: 'text', width: 420, stays: 'long' },
  ...(namespaced ? [] : [{ id: 'aggregated', title: 'Aggregated', type: 'text', width: 100, wide: true } as const]),
  ageColumn,
]

export const roles: ListKind = {
  group: 'rbac.authorization.k8s.io',
  resource: 'roles',
  columns: roleColumns(true),
  cells: (o) => [o.metadata?.name ?? '', o.metadata?.namespace ?? '', (o.rules ?? []).length, rulesText(o), born(o)],
}

export const clusterRoles: ListKind = {
  group: 'rbac.authorization.k8s.io',
  resource: 'clusterroles',
  columns: roleColumns(false),
  cells: (o) => [o.metadata?.name ?? '', (o.rules ?? []).length, rulesText(o), String(Boolean(o.aggregationRule)), born(o)],
}
