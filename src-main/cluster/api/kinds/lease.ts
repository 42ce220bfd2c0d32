import type { Kind } from './kind.js'
import { field } from '../errors.js'
import type { Lease } from '../object.js'
import { checkName, collect } from './rules/checks.js'
import { ageColumn, column, nameColumn } from './rules/columns.js'
import { qualifiedName } from './rules/names.js'

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

  validate({ spec }) {
    return collect((errors) => {
      const seconds = spec?.leaseDurationSeconds
      if (typeof seconds === 'number' && seconds <= 0)
        errors.push(field.invalid('spec.leaseDurationSeconds', seconds, 'must be greater than 0'))
      const transitions = spec?.leaseTransitions
      if (typeof transitions === 'number' && transitions < 0)
        errors.push(field.invalid('spec.leaseTransitions', transitions, 'must be greater than or equal to 0'))
      if (spec?.strategy) checkName(qualifiedName, spec.strategy, 'spec.strategy', errors)
      if (spec?.preferredHolder && !spec.strategy)
        errors.push(field.forbidden('spec.preferredHolder', 'may only be specified if `strategy` is defined'))
    })
  },

  columns: [nameColumn(), column('Holder', '@spec.holderIdentity', (o) => o.spec?.holderIdentity ?? ''), ageColumn()],
}
