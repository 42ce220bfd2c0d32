import type { Kind } from './kind.js'
import type { ObjectMeta, Wire } from '../object.js'
import { checkImmutable, collect } from './rules/checks.js'
import { ageColumn, nameColumn } from './rules/columns.js'
import { setClaimDefaults, validateClaimSpec } from './rules/device-claim.js'
import { validateTemplateMetadata } from './rules/template-metadata.js'
import type * as k8s from '@kubernetes/client-node'

export type ResourceClaimTemplate = Wire<k8s.V1ResourceClaimTemplate> & { metadata: ObjectMeta }

/** https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/resource-claim-template-v1/ */
export const resourceClaimTemplate: Kind<ResourceClaimTemplate> = {
  group: 'resource.k8s.io',
  version: 'v1',
  kind: 'ResourceClaimTemplate',
  plural: 'resourceclaimtemplates',
  singular: 'resourceclaimtemplate',
  namespaced: true,
  model: 'V1ResourceClaimTemplate',

  setDefaults: ({ spec }) => setClaimDefaults(spec?.spec),
  validate: ({ spec }) =>
    collect((errors) => {
      validateTemplateMetadata(spec?.metadata, 'spec.metadata', errors)
      validateClaimSpec(spec?.spec ?? {}, 'spec.spec', errors)
    }),
  validateUpdate: (object, old) => collect((errors) => checkImmutable(object.spec, old.spec, 'spec', errors)),

  columns: [nameColumn(), ageColumn()],
}
