import type { Kind } from './kind.js'
import { field, type FieldError } from '../errors.js'
import type { ObjectMeta, Wire } from '../object.js'
import { checkNotNegative, checkOneOf, collect } from './rules/checks.js'
import { ageColumn, column, containerColumns, nameColumn } from './rules/columns.js'
import { isTimeZone, scheduleProblem } from './rules/cron-schedule.js'
import { since } from './rules/duration.js'
import { hostnameWarnings } from './rules/hostname-warning.js'
import { setTemplateDefaults } from './rules/pod-template.js'
import { validateJobSpec, type SentJobSpec } from './rules/job-spec.js'
import { jobSpecWarnings } from './rules/job-warnings.js'
import { formatSelector } from './rules/selectors.js'
import { keepStatus, statusSubresource } from './rules/subresources.js'
import type * as k8s from '@kubernetes/client-node'

export type CronJob = Wire<k8s.V1CronJob> & { metadata: ObjectMeta }
type Spec = NonNullable<CronJob['spec']>

/** A Job's name is the CronJob's with eleven characters more, within 63. */
const LONGEST_NAME = 52

/** What may stand between the slashes of a time zone's name. */
const ZONE_PART = /^(?!-)[A-Za-z.\-_0-9+]{1,14}$/
const ZONE_IN_SCHEDULE = 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead'
const ZONE_IN_OLD_SCHEDULE =
  'cannot use TZ or CRON_TZ in spec.spec.schedule, use timeZone instead, see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details'

/** https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/cron-job-v1/ */
export const cronJob: Kind<CronJob> = {
  group: 'batch',
  version: 'v1',
  kind: 'CronJob',
  plural: 'cronjobs',
  singular: 'cronjob',
  shortNames: ['cj'],
  categories: ['all'],
  namespaced: true,
  model: 'V1CronJob',
  generational: true,

  setDefaults(object) {
    const spec = (object.spec ??= {} as NonNullable<typeof object.spec>)
    spec.concurrencyPolicy ||= 'Allow'
    spec.suspend ??= false
    spec.successfulJobsHistoryLimit ??= 3
    spec.failedJobsHistoryLimit ??= 1
    // The defaults of a Job are left to the Jobs; those of its pods are shown.
    const template = (spec.jobTemplate ??= {})
    template.metadata ??= {}
    const job = (template.spec ??= {} as NonNullable<typeof template.spec>)
    setTemplateDefaults((job.template ??= {}))
  },
  setDefaultsBesidesSpec: () => undefined,
  prepareForCreate(object) {
    object.status = {}
  },
  prepareForUpdate: keepStatus,
  // Names were once allowed to be longer: those that are there can still be updated.
  validateCreate: ({ metadata, spec }) =>
    collect((errors) => {
      validateSpec(spec ?? ({} as Spec), undefined, errors)
      if (Buffer.byteLength(metadata.name ?? '') > LONGEST_NAME)
        errors.push(field.invalid('metadata.name', metadata.name, `must be no more than ${LONGEST_NAME} characters`))
    }),
  validateUpdate: ({ spec }, old) => collect((errors) => validateSpec(spec ?? ({} as Spec), old.spec ?? ({} as Spec), errors)),
  warnings(object, old) {
    const texts = [
      ...hostnameWarnings(object, old),
      ...jobSpecWarnings(object, old, object.spec?.jobTemplate?.spec, 'spec.jobTemplate.spec'),
    ]
    // A new one is refused for it. The API server's path has the spec twice.
    if (old && object.spec?.schedule?.includes('TZ')) texts.push(ZONE_IN_OLD_SCHEDULE)
    return texts
  },

  columns: [
    nameColumn(),
    column('Schedule', '@spec.schedule', (o) => o.spec?.schedule ?? ''),
    column('Timezone', '@spec.timeZone', (o) => o.spec?.timeZone ?? '<none>'),
    column('Suspend', '@spec.suspend', (o) => (typeof o.spec?.suspend === 'boolean' ? (o.spec.suspend ? 'True' : 'False') : '<unset>'), {
      type: 'boolean',
    }),
    column('Active', '@status.active', (o) => o.status?.active?.length ?? 0, { type: 'integer' }),
    column('Last Schedule', '@status.lastScheduleTime', (o, now) =>
      o.status?.lastScheduleTime ? since(o.status.lastScheduleTime, now) : '<none>',
    ),
    ageColumn(),
    ...containerColumns<CronJob>((o) => o.spec?.jobTemplate?.spec?.template?.spec?.containers),
    column('Selector', '@spec.jobTemplate.spec.selector', (o) => formatSelector(o.spec?.jobTemplate?.spec?.selector), { wide: true }),
  ],
  subresources: { status: statusSubresource<CronJob>() },
}

/** Checks a spec, and against the old one what may only stay as it is. */
function validateSpec(spec: Spec, old: Spec | undefined, errors: FieldError[]): void {
  if (spec.schedule) validateSchedule(spec, old, errors)
  else errors.push(field.required('spec.schedule'))
  checkNotNegative(spec.startingDeadlineSeconds, 'spec.startingDeadlineSeconds', errors)
  if (!old || spec.timeZone !== old.timeZone) validateTimeZone(spec.timeZone, errors)
  checkOneOf(spec.concurrencyPolicy, ['Allow', 'Forbid', 'Replace'], 'spec.concurrencyPolicy', errors)
  const at = 'spec.jobTemplate.spec'
  const jobSpec: SentJobSpec = spec.jobTemplate?.spec ?? {}
  validateJobSpec(jobSpec, at, errors)
  if (jobSpec.selector) errors.push(field.invalid(`${at}.selector`, jobSpec.selector, '`selector` will be auto-generated'))
  if (jobSpec.manualSelector) errors.push(field.notSupported(`${at}.manualSelector`, true, ['nil', 'false']))
  checkNotNegative(spec.successfulJobsHistoryLimit, 'spec.successfulJobsHistoryLimit', errors)
  checkNotNegative(spec.failedJobsHistoryLimit, 'spec.failedJobsHistoryLimit', errors)
}

function validateSchedule({ schedule, timeZone }: Spec, old: Spec | undefined, errors: FieldError[]): void {
  const refuse = (why: string): void => void errors.push(field.invalid('spec.schedule', schedule, why))
  const problem = scheduleProblem(schedule)
  if (problem) refuse(problem)
  if (!schedule.includes('TZ')) return
  // A zone in the schedule was let pass once: what has one keeps it, but not besides a zone of its own.
  if (!old?.schedule?.includes('TZ')) refuse(ZONE_IN_SCHEDULE)
  else if (typeof timeZone === 'string') refuse('cannot use both timeZone field and TZ or CRON_TZ in schedule')
}

function validateTimeZone(zone: string | null | undefined, errors: FieldError[]): void {
  if (zone === undefined || zone === null) return
  const refuse = (why: string): void => void errors.push(field.invalid('spec.timeZone', zone, why))
  if (zone === '') refuse('timeZone must be nil or non-empty string')
  else if (zone.split('/').some((part) => part === '.' || part === '..' || !ZONE_PART.test(part))) refuse(`unknown time zone ${zone}`)
  else if (zone.toLowerCase() === 'local') {
    refuse('timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones')
    // The machine's own zone goes by this one spelling; any other is no zone at all.
    if (zone !== 'Local') refuse(`unknown time zone ${zone}`)
  } else if (!isTimeZone(zone)) refuse(`unknown time zone ${zone}`)
}
