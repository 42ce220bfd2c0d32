import type { Kind } from './kind.js'
import { field, type FieldError } from '../errors.js'
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

  setDefaults: (object) => void (object.spec ??= {}),
  prepareForCreate: ({ spec }) => dropElection(spec, undefined),
  prepareForUpdate: ({ spec }, old) => dropElection(spec, old.spec),
  validate({ spec }) {
    return collect((errors) => {
      const seconds = spec?.leaseDurationSeconds
      if (typeof seconds === 'number' && seconds <= 0)
        errors.push(field.invalid('spec.leaseDurationSeconds', seconds, 'must be greater than 0'))
      const transitions = spec?.leaseTransitions
      if (typeof transitions === 'number' && transitions < 0)
        errors.push(field.invalid('spec.leaseTransitions', transitions, 'must be greater than or equal to 0'))
      if (typeof spec?.strategy === 'string') validateStrategy(spec.strategy, errors)
      if (spec?.preferredHolder && !spec.strategy)
        errors.push(field.forbidden('spec.preferredHolder', 'may only be specified if `strategy` is defined'))
    })
  },

  columns: [nameColumn(), column('Holder', '@spec.holderIdentity', (o) => o.spec?.holderIdentity ?? ''), ageColumn()],
}

/** Coordinated leader election is off by default in v1.36: what was not there already is left out. */
function dropElection(spec: Lease['spec'], old: Lease['spec']): void {
  if (!old?.strategy) delete spec?.strategy
  if (!old?.preferredHolder) delete spec?.preferredHolder
}

/** A strategy of Kubernetes' own has no prefix; one of others is a qualified name. The API server names the field twice. */
function validateStrategy(strategy: string, errors: FieldError[]): void {
  const at = 'spec.strategy.strategy'
  if (strategy.includes('/')) checkName(qualifiedName, strategy, at, errors)
  else if (strategy !== 'OldestEmulationVersion') errors.push(field.notSupported(at, strategy, ['OldestEmulationVersion']))
}
