import type { Kind } from './kind.js'
import { field, type FieldError } from '../errors.js'
import type { ObjectMeta, Wire } from '../object.js'
import { checkImmutable, collect } from './rules/checks.js'
import { ageColumn, column, containerColumns, nameColumn } from './rules/columns.js'
import { humanDuration } from './rules/duration.js'
import { hostnameWarnings } from './rules/hostname-warning.js'
import { setJobSpecDefaults, validateJobSpec } from './rules/job-spec.js'
import { jobSpecWarnings } from './rules/job-warnings.js'
import { validateJobStatus } from './rules/job-status.js'
import { validateTemplateUpdate } from './rules/job-template-update.js'
import { isDns1123Label } from './rules/names.js'
import { DOES_NOT_MATCH } from './rules/pod-template.js'
import { formatSelector, isBrokenSelector, matchesSelector, shownSelector, validateSelector } from './rules/selectors.js'
import { isEmpty, items, shownMap } from './rules/sent.js'
import { checkStructure } from './rules/server-form.js'
import { keepStatus, statusSubresource } from './rules/subresources.js'
import type * as k8s from '@kubernetes/client-node'

export type Job = Wire<k8s.V1Job> & { metadata: ObjectMeta }
type Spec = NonNullable<Job['spec']>

const UID_LABEL = 'batch.kubernetes.io/controller-uid'
const NAME_LABEL = 'batch.kubernetes.io/job-name'
/** The names of these labels before 1.27, which Jobs still set. */
const OLD_UID_LABEL = 'controller-uid'
const OLD_NAME_LABEL = 'job-name'

/** https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/job-v1/ */
export const job: Kind<Job> = {
  group: 'batch',
  version: 'v1',
  kind: 'Job',
  plural: 'jobs',
  singular: 'job',
  dependents: 'orphaned',
  orphaningWarning:
    'child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning',
  categories: ['all'],
  namespaced: true,
  model: 'V1Job',
  metadataOnUpdate: 1,
  generational: true,

  setDefaults(object) {
    setJobSpecDefaults((object.spec ??= {} as NonNullable<typeof object.spec>))
    setLabelDefaults(object)
  },
  setDefaultsBesidesSpec: setLabelDefaults,
  prepareForCreate(object) {
    object.status = {}
    if (object.spec && !object.spec.manualSelector) generateSelector(object, object.spec)
  },
  prepareForUpdate: keepStatus,
  validate: (object) =>
    collect((errors) => {
      const spec = object.spec ?? ({} as Spec)
      if (!spec.manualSelector) validateGeneratedSelector(object, errors)
      validateSpec(spec, errors)
      validateHostnames(object, errors)
    }),
  validateUpdate: (object, old) => collect((errors) => validateJobUpdate(object, old, errors)),
  warnings: (object, old) => [...hostnameWarnings(object, old), ...jobSpecWarnings(object, old, object.spec, 'spec')],

  columns: [
    nameColumn(),
    column('Status', 'Status of the job.', statusText),
    column('Completions', '@status.succeeded', completions),
    column('Duration', 'Time required to complete the job.', duration),
    ageColumn(),
    ...containerColumns<Job>((o) => o.spec?.template?.spec?.containers),
    column('Selector', '@spec.selector', (o) => formatSelector(o.spec?.selector), { wide: true }),
  ],
  fields: { 'status.successful': (o) => String(o.status?.succeeded ?? 0) },
  subresources: {
    status: statusSubresource<Job>({
      validateUpdate: (object, old) => collect((errors) => validateJobStatus(object, old, errors)),
    }),
  },
}

/** A Job without labels takes those of its pods. */
function setLabelDefaults(object: Job): void {
  const labels = object.spec?.template?.metadata?.labels
  if (!isEmpty(labels) && isEmpty(object.metadata?.labels)) object.metadata = { ...object.metadata, labels: { ...labels } }
}

function validateSpec(spec: Spec, errors: FieldError[]): void {
  validateJobSpec(spec, 'spec', errors)
  if (!spec.selector) errors.push(field.required('spec.selector'))
  else validateSelector(spec.selector, 'spec.selector', errors)
  const labels = spec.template?.metadata?.labels
  if (!isBrokenSelector(spec.selector) && !matchesSelector(spec.selector, labels))
    errors.push(field.invalid('spec.template.metadata.labels', shownMap(labels), DOES_NOT_MATCH))
}

/** The pods of an indexed Job have its name and their index as their hostname, which has to be a DNS label. */
function validateHostnames({ metadata, spec }: Job, errors: FieldError[]): void {
  const completions = spec?.completions ?? 0
  if (spec?.completionMode !== 'Indexed' || completions <= 0) return
  const longest = `${metadata.name ?? ''}-${completions - 1}`
  if (!isDns1123Label(longest))
    errors.push(field.invalid('metadata.name', metadata.name, `will not able to create pod with invalid DNS label: ${longest}`))
}

/** A Job selects its pods by its own uid, so that no other Job's pods are taken for its own. */
function generateSelector({ metadata }: Job, spec: Spec): void {
  const template = (spec.template ??= {})
  const meta = (template.metadata ??= {})
  const labels = (meta.labels ??= {})
  if (labels[OLD_NAME_LABEL] === undefined) {
    labels[OLD_NAME_LABEL] = metadata.name ?? ''
    labels[NAME_LABEL] = metadata.name ?? ''
  }
  if (labels[OLD_UID_LABEL] === undefined) {
    labels[OLD_UID_LABEL] = metadata.uid ?? ''
    labels[UID_LABEL] = metadata.uid ?? ''
  }
  const selector = (spec.selector ??= {})
  const wanted = (selector.matchLabels ??= {})
  wanted[UID_LABEL] ??= metadata.uid ?? ''
}

function validateGeneratedSelector({ metadata, spec }: Job, errors: FieldError[]): void {
  if (!spec?.selector) return
  if (!metadata.uid) errors.push(field.required('metadata.uid'))
  const labels = spec.template?.metadata?.labels
  const expected = {
    [UID_LABEL]: metadata.uid ?? '',
    [NAME_LABEL]: metadata.name ?? '',
    [OLD_UID_LABEL]: metadata.uid ?? '',
    [OLD_NAME_LABEL]: metadata.name ?? '',
  }
  for (const [key, value] of Object.entries(expected)) {
    const at = `spec.template.metadata.labels[${key}]`
    if (labels?.[key] === undefined) errors.push(field.required(at, `must be '${value}'`))
    else if (labels[key] !== value) errors.push(field.invalid(at, shownMap(labels), `must be '${value}'`))
  }
  if (!isBrokenSelector(spec.selector) && !matchesSelector(spec.selector, expected))
    errors.push(field.invalid('spec.selector', shownSelector(spec.selector), '`selector` not auto-generated'))
}

function validateJobUpdate(object: Job, old: Job, errors: FieldError[]): void {
  const spec = object.spec ?? ({} as Spec)
  const before = old.spec ?? ({} as Spec)
  // The API server checks the spec of an update twice and tells both.
  validateSpec(spec, errors)
  if (spec.completionMode === 'Indexed') {
    // An indexed Job can grow and shrink as long as all indexes run at once.
    const { completions, parallelism } = spec
    if (typeof completions === 'number' && completions !== before.completions && completions !== parallelism)
      errors.push(field.invalid('spec.completions', completions, 'can only be modified in tandem with spec.parallelism'))
  } else checkImmutable(spec.completions, before.completions, 'spec.completions', errors)
  checkImmutable(spec.selector, before.selector, 'spec.selector', errors)
  validateTemplateUpdate(object, old, errors)
  checkImmutable(spec.completionMode, before.completionMode, 'spec.completionMode', errors)
  checkStructure('PodFailurePolicy', spec.podFailurePolicy, before.podFailurePolicy, 'spec.podFailurePolicy', errors)
  checkImmutable(spec.backoffLimitPerIndex, before.backoffLimitPerIndex, 'spec.backoffLimitPerIndex', errors)
  checkImmutable(spec.managedBy, before.managedBy, 'spec.managedBy', errors)
  checkStructure('SuccessPolicy', spec.successPolicy, before.successPolicy, 'spec.successPolicy', errors)
}

function statusText({ metadata, status }: Job): string {
  const is = (type: string): boolean => items(status?.conditions).find((c) => c.type === type)?.status === 'True'
  if (is('Complete')) return 'Complete'
  if (is('Failed')) return 'Failed'
  if (metadata.deletionTimestamp) return 'Terminating'
  if (is('Suspended')) return 'Suspended'
  if (is('FailureTarget')) return 'FailureTarget'
  if (is('SuccessCriteriaMet')) return 'SuccessCriteriaMet'
  return 'Running'
}

function completions({ spec, status }: Job): string {
  const succeeded = status?.succeeded ?? 0
  if (typeof spec?.completions === 'number') return `${succeeded}/${spec.completions}`
  return (spec?.parallelism ?? 0) > 1 ? `${succeeded}/1 of ${spec?.parallelism}` : `${succeeded}/1`
}

function duration({ status }: Job, now: number): string {
  if (!status?.startTime) return ''
  const end = status.completionTime ? Date.parse(status.completionTime) : now
  return humanDuration(end - Date.parse(status.startTime))
}
