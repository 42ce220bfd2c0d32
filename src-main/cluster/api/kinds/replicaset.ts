import type { Kind } from './kind.js'
import type { FieldError } from '../errors.js'
import type { ReplicaSet } from '../object.js'
import { checkImmutable, checkNotNegative, collect } from './rules/checks.js'
import { ageColumn, column, containerColumns, nameColumn } from './rules/columns.js'
import { hostnameWarnings } from './rules/hostname-warning.js'
import { setTemplateDefaults, validateSelectorAndTemplate } from './rules/pod-template.js'
import { formatSelector } from './rules/selectors.js'
import { keepStatus, scaleSubresource, statusSubresource } from './rules/subresources.js'
import { validateReplicaCounts } from './rules/workload-status.js'
import { templateWarnings } from './rules/workload-warnings.js'

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
  metadataOnUpdate: 1,
  generational: true,

  setDefaults(object) {
    const spec = (object.spec ??= {} as NonNullable<typeof object.spec>)
    spec.replicas ??= 1
    setTemplateDefaults((spec.template ??= {}))
  },
  setDefaultsBesidesSpec: () => undefined,
  prepareForCreate(object) {
    object.status = { replicas: 0 }
  },
  prepareForUpdate: keepStatus,
  validate: ({ spec }) => collect((errors) => validateSpec(spec, errors)),
  validateUpdate: (object, old) =>
    collect((errors) => {
      // The API server checks the spec of an update twice and tells both.
      validateSpec(object.spec, errors)
      checkImmutable(object.spec?.selector, old.spec?.selector, 'spec.selector', errors)
    }),

  warnings: (object, old) => [...hostnameWarnings(object, old), ...templateWarnings(object, old, object.spec?.template)],

  columns: [
    nameColumn(),
    column('Desired', '@spec.replicas', (o) => o.spec?.replicas ?? 0, { type: 'integer' }),
    column('Current', '@status.replicas', (o) => o.status?.replicas ?? 0, { type: 'integer' }),
    column('Ready', '@status.readyReplicas', (o) => o.status?.readyReplicas ?? 0, { type: 'integer' }),
    ageColumn(),
    ...containerColumns<ReplicaSet>((o) => o.spec?.template?.spec?.containers),
    column('Selector', '@spec.selector', (o) => formatSelector(o.spec?.selector), { wide: true }),
  ],
  subresources: {
    scale: scaleSubresource(),
    status: statusSubresource<ReplicaSet>({
      validateUpdate: ({ status }) => collect((errors) => validateReplicaCounts(status, errors)),
    }),
  },
}

function validateSpec(spec: ReplicaSet['spec'], errors: FieldError[]): void {
  checkNotNegative(spec?.replicas, 'spec.replicas', errors)
  checkNotNegative(spec?.minReadySeconds, 'spec.minReadySeconds', errors)
  // The wording is shared with Deployments.
  validateSelectorAndTemplate(spec ?? {}, { kind: 'ReplicaSet', emptyFor: 'deployment' }, 'spec', errors)
}
