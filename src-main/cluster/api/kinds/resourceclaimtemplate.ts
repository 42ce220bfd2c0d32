import type { Kind } from './kind.js'
import type { ObjectMeta, Wire } from '../object.js'
import { collect } from './rules/checks.js'
import { ageColumn, nameColumn } from './rules/columns.js'
import { setClaimDefaults, validateAdminAccess, validateClaimSpec } from './rules/device-claim.js'
import { checkStructure } from './rules/server-form.js'
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

  setDefaults(object) {
    const template = (object.spec ??= {} as ResourceClaimTemplate['spec'])
    template.metadata ??= {}
    setClaimDefaults((template.spec ??= {}))
  },
  validate: ({ spec }) =>
    collect((errors) => {
      validateTemplateMetadata(spec?.metadata, 'spec.metadata', errors)
      validateClaimSpec(spec?.spec ?? {}, 'spec.spec', errors)
    }),
  // The path of what only administrators may ask for is that of a claim.
  validateCreate: ({ spec }, ctx) => collect((errors) => validateAdminAccess(spec?.spec, ctx, errors)),
  validateUpdate: (object, old) => collect((errors) => checkStructure('ResourceClaimTemplateSpec', object.spec, old.spec, 'spec', errors)),

  columns: [nameColumn(), ageColumn()],
}
