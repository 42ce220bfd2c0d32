import type { Kind } from './kind.js'
import type { ReplicaSet } from '../object.js'
import { ageColumn, column, containerColumns, nameColumn } from './rules/columns.js'
import { formatSelector } from './rules/selectors.js'
import { keepStatus, scaleSubresource, statusSubresource } from './rules/subresources.js'

/** https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/replica-set-v1/ */
export const replicaSet: Kind<ReplicaSet> = {
  group: 'apps',
  version: 'v1',
  kind: 'ReplicaSet',
  plural: 'replicasets',
  singular: 'replicaset',
  shortNames: ['rs'],
  categories: ['all'],
  namespaced: true,
  model: 'V1ReplicaSet',
  generational: true,

  setDefaults(object) {
    if (object.spec) object.spec.replicas ??= 1
  },
  prepareForCreate(object) {
    object.status = { replicas: 0 }
  },
  prepareForUpdate: keepStatus,

  columns: [
    nameColumn(),
    column('Desired', '@spec.replicas', (o) => o.spec?.replicas ?? 0, { type: 'integer' }),
    column('Current', '@status.replicas', (o) => o.status?.replicas ?? 0, { type: 'integer' }),
    column('Ready', '@status.readyReplicas', (o) => o.status?.readyReplicas ?? 0, { type: 'integer' }),
    ageColumn(),
    ...containerColumns<ReplicaSet>((o) => o.spec?.template?.spec?.containers),
    column('Selector', '@spec.selector', (o) => formatSelector(o.spec?.selector), { wide: true }),
  ],
  fields: { 'status.replicas': (o) => String(o.status?.replicas ?? 0) },
  subresources: {
    scale: scaleSubresource(),
    status: statusSubresource<ReplicaSet>(),
  },
}
