import type { Kind } from './kind.js'
import type { ObjectMeta, Wire } from '../object.js'
import { collect } from './rules/checks.js'
import { dropDeallocated, validateClaimStatus } from './rules/claim-status.js'
import { ageColumn, column, nameColumn } from './rules/columns.js'
import { setClaimDefaults, validateAdminAccess, validateClaimSpec } from './rules/device-claim.js'
import { isEmpty } from './rules/sent.js'
import { checkStructure } from './rules/server-form.js'
import { keepStatus, OWN_METADATA, statusSubresource } from './rules/subresources.js'
import type * as k8s from '@kubernetes/client-node'

export type ResourceClaim = Wire<k8s.ResourceV1ResourceClaim> & { metadata: ObjectMeta }

/** The finalizer of claims that have devices. */
export const DELETE_PROTECTION = 'resource.kubernetes.io/delete-protection'

const statusRules = statusSubresource<ResourceClaim>({
  keep: OWN_METADATA,
  validateUpdate: ({ spec, status, metadata }, old, ctx) =>
    collect((errors) => {
      const isDeleted = Boolean(metadata.deletionTimestamp)
      validateClaimStatus({ spec, status, isDeleted }, old.status, ctx, errors)
    }),
})

/** https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/resource-claim-v1/ */
export const resourceClaim: Kind<ResourceClaim> = {
  group: 'resource.k8s.io',
  version: 'v1',
  kind: 'ResourceClaim',
  plural: 'resourceclaims',
  singular: 'resourceclaim',
  namespaced: true,
  model: 'ResourceV1ResourceClaim',

  setDefaults: (object) => setClaimDefaults((object.spec ??= {})),
  prepareForCreate: (object) => void (object.status = {}),
  prepareForUpdate: keepStatus,
  validate: ({ spec }) => collect((errors) => validateClaimSpec(spec ?? {}, 'spec', errors)),
  validateCreate: ({ spec }, ctx) => collect((errors) => validateAdminAccess(spec, ctx, errors)),
  validateUpdate: (object, old) => collect((errors) => checkStructure('ResourceClaimSpec', object.spec, old.spec, 'spec', errors)),

  columns: [nameColumn(), column('State', 'A summary of the current state (allocated, pending, reserved, etc.).', state), ageColumn()],
  subresources: {
    status: {
      ...statusRules,
      prepareForUpdate(object, old, ctx) {
        statusRules.prepareForUpdate(object, old, ctx)
        dropDeallocated(object.status, old.status)
      },
    },
  },
}

function state({ metadata, status }: ResourceClaim): string {
  const states = [
    metadata?.deletionTimestamp ? 'deleted' : '',
    status?.allocation ? 'allocated' : metadata?.deletionTimestamp ? '' : 'pending',
    isEmpty(status?.reservedFor) ? '' : 'reserved',
  ]
  return states.filter(Boolean).join(',')
}
