import type { Kind } from './kind.js'
import { field, type FieldError } from '../errors.js'
import type { ReplicationController } from '../object.js'
import { checkNotNegative, collect } from './rules/checks.js'
import { ageColumn, column, containerColumns, nameColumn } from './rules/columns.js'
import { setTemplateDefaults, validateAlwaysRestarts, validateTemplateForMap } from './rules/pod-template.js'
import { hostnameWarnings } from './rules/hostname-warning.js'
import { formatLabels } from './rules/selectors.js'
import { isEmpty } from './rules/sent.js'
import { keepStatus, scaleSubresource, statusSubresource } from './rules/subresources.js'
import { validateReplicaCounts } from './rules/workload-status.js'
import { templateWarnings } from './rules/workload-warnings.js'

/** https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/replication-controller-v1/ */
export const replicationController: Kind<ReplicationController> = {
  group: '',
  version: 'v1',
  kind: 'ReplicationController',
  plural: 'replicationcontrollers',
  singular: 'replicationcontroller',
  dependents: 'orphaned',
  shortNames: ['rc'],
  categories: ['all'],
  namespaced: true,
  model: 'V1ReplicationController',
  metadataOnUpdate: 1,
  generational: true,

  setDefaults(object) {
    const spec = (object.spec ??= {})
    const labels = spec.template?.metadata?.labels
    if (!isEmpty(labels)) {
      if (isEmpty(spec.selector)) spec.selector = { ...labels }
      if (isEmpty(object.metadata?.labels)) object.metadata = { ...object.metadata, labels: { ...labels } }
    }
    spec.replicas ??= 1
    if (spec.template) setTemplateDefaults(spec.template)
  },
  prepareForCreate(object) {
    object.status = { replicas: 0 }
  },
  prepareForUpdate: keepStatus,
  validate: ({ spec }) => collect((errors) => validateSpec(spec ?? {}, errors)),
  // It is checked once for itself and once as part of the update.
  validateUpdate: ({ spec }) => collect((errors) => validateSpec(spec ?? {}, errors)),
  warnings: (object, old) => [...hostnameWarnings(object, old), ...templateWarnings(object, old, object.spec?.template, 'template')],

  columns: [
    nameColumn(),
    column('Desired', '@spec.replicas', (o) => o.spec?.replicas ?? 0, { type: 'integer' }),
    column('Current', '@status.replicas', (o) => o.status?.replicas ?? 0, { type: 'integer' }),
    column('Ready', '@status.readyReplicas', (o) => o.status?.readyReplicas ?? 0, { type: 'integer' }),
    ageColumn(),
    ...containerColumns<ReplicationController>((o) => o.spec?.template?.spec?.containers),
    column('Selector', '@spec.selector', (o) => formatLabels(o.spec?.selector), { wide: true }),
  ],
  fields: { 'status.replicas': (o) => String(o.status?.replicas ?? 0) },
  subresources: {
    scale: scaleSubresource(),
    status: statusSubresource<ReplicationController>({
      validateUpdate({ status }) {
        const errors: FieldError[] = []
        validateReplicaCounts(status, errors)
        return errors
      },
    }),
  },
}

function validateSpec(spec: NonNullable<ReplicationController['spec']>, errors: FieldError[]): void {
  checkNotNegative(spec.minReadySeconds, 'spec.minReadySeconds', errors)
  if (isEmpty(spec.selector)) errors.push(field.required('spec.selector'))
  checkNotNegative(spec.replicas, 'spec.replicas', errors)
  validateTemplateForMap(spec.template, spec.selector, 'spec.template', errors)
  if (spec.template) validateAlwaysRestarts(spec.template, 'ReplicationController', 'spec.template', errors)
}
