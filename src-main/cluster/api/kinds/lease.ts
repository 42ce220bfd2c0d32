import type { Kind } from './kind.js'
import type { Lease } from '../object.js'
import { ageColumn, column, nameColumn } from './rules/columns.js'

/** https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/lease-v1/ */
export const lease: Kind<Lease> = {
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  plural: 'leases',
  singular: 'lease',
  namespaced: true,
  model: 'V1Lease',
  createOnUpdate: true,
  unconditionalUpdate: false,

  columns: [nameColumn(), column('Holder', '@spec.holderIdentity', (o) => o.spec?.holderIdentity ?? ''), ageColumn()],
}
