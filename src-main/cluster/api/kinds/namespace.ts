import type { Kind } from './kind.js'
import { field, type FieldError } from '../errors.js'
import type { Namespace } from '../object.js'
import { checkName, collect } from './rules/checks.js'
import { ageColumn, column, nameColumn } from './rules/columns.js'
import { dns1123Label, qualifiedName } from './rules/names.js'
import { strings } from './rules/sent.js'
import { keepStatus, statusSubresource } from './rules/subresources.js'

/** The finalizer in `spec` that keeps a namespace until its content is gone. */
const KUBERNETES = 'kubernetes'

/** https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/namespace-v1/ */
export const namespace: Kind<Namespace> = {
  group: '',
  version: 'v1',
  kind: 'Namespace',
  plural: 'namespaces',
  singular: 'namespace',
  shortNames: ['ns'],
  namespaced: false,
  model: 'V1Namespace',
  metadataOnUpdate: 1,
  // A namespace goes through its finalizer, so there is no deletecollection.
  verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
  changesGeneration: () => false,

  setDefaults(object) {
    object.status ??= {}
    object.status.phase ||= 'Active'
    labelWithName(object)
  },
  prepareForCreate(object) {
    object.status = { phase: 'Active' }
    // A name that was drawn was not known before.
    labelWithName(object)
    const finalizers = object.spec?.finalizers ?? []
    if (!finalizers.includes(KUBERNETES)) object.spec = { ...object.spec, finalizers: [...finalizers, KUBERNETES] }
  },
  prepareForUpdate(object, old) {
    keepStatus(object, old)
    object.spec = { ...object.spec, finalizers: old.spec?.finalizers ?? [] }
  },
  validateName: dns1123Label,
  validate: ({ spec }) =>
    collect((errors) => {
      for (const f of strings(spec?.finalizers)) validateFinalizer(f, 'spec.finalizers', errors)
    }),

  columns: [nameColumn(), column('Status', 'The status of the namespace', (o) => o.status?.phase ?? ''), ageColumn()],
  fields: { name: (o) => o.metadata?.name ?? '', 'status.phase': (o) => o.status?.phase ?? '' },
  subresources: {
    finalize: {
      type: 'object',
      verbs: ['update'],
      prepareForUpdate(object, old) {
        keepStatus(object, old)
      },
      validateUpdate: ({ spec }) =>
        collect((errors) => strings(spec?.finalizers).forEach((f, i) => validateFinalizer(f, `spec.finalizers[${i}]`, errors))),
    },
    status: statusSubresource<Namespace>({
      validateUpdate: ({ metadata, status }) =>
        collect((errors) => {
          const phase = metadata.deletionTimestamp ? 'Terminating' : 'Active'
          const when = metadata.deletionTimestamp ? 'is not empty' : 'is empty'
          if (status?.phase !== phase)
            errors.push(field.invalid('status.Phase', status?.phase ?? '', `may only be '${phase}' if \`deletionTimestamp\` ${when}`))
        }),
    }),
  },
}

/** Every namespace can be selected by its name. */
function labelWithName({ metadata }: Namespace): void {
  if (metadata?.name) metadata.labels = { ...metadata.labels, 'kubernetes.io/metadata.name': metadata.name }
}

/** A finalizer without a domain must be one of Kubernetes' own. */
function validateFinalizer(finalizer: string, path: string, errors: FieldError[]): void {
  checkName(qualifiedName, finalizer, path, errors)
  if (!finalizer.includes('/') && ![KUBERNETES, 'orphan', 'foregroundDeletion'].includes(finalizer))
    errors.push(field.invalid(path, finalizer, 'name is neither a standard finalizer name nor is it fully qualified'))
}
