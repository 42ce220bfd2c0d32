import type { Kind } from './kind.js'
import type { ObjectMeta, Wire } from '../object.js'
import { checkImmutable, collect } from './rules/checks.js'
import { ageColumn, column, nameColumn } from './rules/columns.js'
import { setClaimDefaults, validateClaimSpec } from './rules/device-claim.js'
import { isEmpty } from './rules/sent.js'
import { keepStatus, OWN_METADATA, statusSubresource } from './rules/subresources.js'
import type * as k8s from '@kubernetes/client-node'

export type ResourceClaim = Wire<k8s.ResourceV1ResourceClaim> & { metadata: ObjectMeta }

/** https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/resource-claim-v1/ */
export const resourceClaim: Kind<ResourceClaim> = {
  group: 'resource.k8s.io',
  version: 'v1',
  kind: 'ResourceClaim',
  plural: 'resourceclaims',
  singular: 'resourceclaim',
  namespaced: true,
  model: 'ResourceV1ResourceClaim',

  setDefaults: ({ spec }) => setClaimDefaults(spec),
  prepareForCreate: (object) => void (object.status = {}),
  prepareForUpdate: keepStatus,
  validate: ({ spec }) => collect((errors) => validateClaimSpec(spec ?? {}, 'spec', errors)),
  validateUpdate: (object, old) => collect((errors) => checkImmutable(object.spec, old.spec, 'spec', errors)),

  columns: [nameColumn(), column('State', 'A summary of the current state (allocated, pending, reserved, etc.).', state), ageColumn()],
  subresources: { status: statusSubresource<ResourceClaim>({ keep: OWN_METADATA }) },
}

function state({ metadata, status }: ResourceClaim): string {
  const states = [
    metadata?.deletionTimestamp ? 'deleted' : '',
    status?.allocation ? 'allocated' : metadata?.deletionTimestamp ? '' : 'pending',
    isEmpty(status?.reservedFor) ? '' : 'reserved',
  ]
  return states.filter(Boolean).join(',')
}
