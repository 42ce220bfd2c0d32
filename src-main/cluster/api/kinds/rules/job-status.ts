/**
 * What may be written to a Job's status. Jobs may be run by controllers from outside (`managedBy`), so the API server
 * sees to it that their conditions, counts and times fit each other; what an update leaves as it was is not looked at.
 * https://kubernetes.io/docs/concepts/workloads/controllers/job/#delegation-of-managing-a-job-object-to-external-controller
 */
import { field, type FieldError } from '../../errors.js'
import { invalidAsWhole } from './checks.js'
import { countIndexes, firstSharedIndex } from './job-indexes.js'
import { isEmpty, items, semanticEqual, strings, type Sent } from './sent.js'
import { validateNotNegativeCounts } from './workload-status.js'
import type * as k8s from '@kubernetes/client-node'

type SentJob = Sent<Pick<k8s.V1Job, 'spec' | 'status'>>
type Status = NonNullable<SentJob['status']>

const COUNTS = ['active', 'succeeded', 'failed', 'ready', 'terminating']
const CONDITIONS = 'status.conditions'

const hasCondition = (status: Status, type: string): boolean => items(status.conditions).some((c) => c.type === type && c.status === 'True')
const isFinished = (status: Status): boolean => hasCondition(status, 'Complete') || hasCondition(status, 'Failed')

/** Checks a new status against the old one. */
export function validateJobStatus(job: SentJob, old: SentJob, errors: FieldError[]): void {
  const status = job.status ?? {}
  const before = old.status ?? {}
  validateNotNegativeCounts(status, COUNTS, errors)
  validateUncounted(status, errors)
  validateConditions(job, status, before, errors)
  validateTimes(job, status, before, errors)
  validateFinished(job, status, before, errors)
  validateIndexes(job, status, before, errors)
  validateSteps(job, status, before, errors)
}

function validateUncounted({ uncountedTerminatedPods: uncounted }: Status, errors: FieldError[]): void {
  const seen = new Set<string>()
  for (const name of ['succeeded', 'failed'] as const) {
    strings(uncounted?.[name]).forEach((uid, i) => {
      const at = `status.uncountedTerminatedPods.${name}[${i}]`
      if (!uid) errors.push(field.invalid(at, uid, 'must not be empty'))
      else if (seen.has(uid)) errors.push(field.duplicate(at, uid))
      seen.add(uid)
    })
  }
}

function validateConditions(job: SentJob, status: Status, before: Status, errors: FieldError[]): void {
  const refuse = (why: string): void => void errors.push(invalidAsWhole(CONDITIONS, why))
  const is = (type: string): boolean => hasCondition(status, type)
  const changed = (...types: string[]): boolean => types.some((t) => is(t) !== hasCondition(before, t))
  if (changed('Complete', 'Failed') && is('Complete') && is('Failed')) refuse('cannot set Complete=True and Failed=true conditions')
  if (changed('Complete', 'FailureTarget') && is('Complete') && is('FailureTarget'))
    refuse('cannot set Complete=True and FailureTarget=true conditions')
  if (changed('Failed', 'FailureTarget') && is('Failed') && !is('FailureTarget'))
    refuse('cannot set Failed=True condition without the FailureTarget=true condition')
  if (changed('Complete', 'SuccessCriteriaMet') && is('Complete') && !is('SuccessCriteriaMet'))
    refuse('cannot set Complete=True condition without the SuccessCriteriaMet=true condition')
  if (is('SuccessCriteriaMet') && is('Failed')) refuse('cannot set SuccessCriteriaMet=True and Failed=true conditions')
  if (is('SuccessCriteriaMet') && is('FailureTarget')) refuse('cannot set SuccessCriteriaMet=True and FailureTarget=true conditions')
  if (job.spec?.successPolicy && is('Complete') && !is('SuccessCriteriaMet'))
    refuse('cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True')
  for (const type of ['Failed', 'Complete', 'FailureTarget', 'SuccessCriteriaMet'])
    if (hasCondition(before, type) && !is(type))
      refuse(`cannot disable the ${type === 'SuccessCriteriaMet' ? '' : 'terminal '}${type}=True condition`)
  if (hasCondition(before, 'Complete') && !hasCondition(before, 'SuccessCriteriaMet') && is('SuccessCriteriaMet'))
    refuse('cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions')
}

function validateTimes({ spec }: SentJob, status: Status, before: Status, errors: FieldError[]): void {
  const { startTime: start, completionTime: end } = status
  const complete = hasCondition(status, 'Complete')
  const at = 'status.completionTime'
  const endChanged = !semanticEqual(end, before.completionTime)
  const startChanged = !semanticEqual(start, before.startTime)
  if (complete !== hasCondition(before, 'Complete') || endChanged) {
    if (end && !complete) errors.push(field.invalid(at, end, 'cannot set completionTime when there is no Complete=True condition'))
    if (!end && complete) errors.push(field.required(at, 'completionTime is required for Complete jobs'))
  }
  if ((startChanged || endChanged) && start && end && Date.parse(end) < Date.parse(start))
    errors.push(field.invalid(at, end, 'must be equal to or after `startTime`'))
  if (end && before.completionTime && endChanged) errors.push(field.invalid(at, end, 'field is immutable'))
  if (before.startTime && startChanged && !spec?.suspend)
    errors.push(field.required('status.startTime', 'startTime cannot be removed for unsuspended job'))
}

function validateFinished({ spec }: SentJob, status: Status, before: Status, errors: FieldError[]): void {
  if (!isFinished(status)) return
  const finished = !isFinished(before)
  const changed = (name: keyof Status): boolean => finished || !semanticEqual(status[name], before[name])
  if (changed('active') && (status.active ?? 0) > 0)
    errors.push(field.invalid('status.active', status.active, 'active>0 is invalid for finished job'))
  // A Job that is suspended with nothing to do is complete before it has started.
  const nothingToDo = spec?.suspend === true && spec.completions === 0
  if (changed('startTime') && !status.startTime && !nothingToDo)
    errors.push(field.required('status.startTime', 'startTime is required for finished job'))
  const uncounted = status.uncountedTerminatedPods
  if (changed('uncountedTerminatedPods') && (!isEmpty(uncounted?.succeeded) || !isEmpty(uncounted?.failed))) {
    const shown = { Succeeded: uncounted?.succeeded ?? null, Failed: uncounted?.failed ?? null }
    errors.push(field.invalid('status.uncountedTerminatedPods', shown, 'must be empty for finished job'))
  }
  if (changed('terminating') && (status.terminating ?? 0) > 0)
    errors.push(field.invalid('status.terminating', status.terminating, 'terminating>0 is invalid for finished job'))
}

function validateIndexes({ spec }: SentJob, status: Status, before: Status, errors: FieldError[]): void {
  const { completedIndexes: done = '', failedIndexes: failed } = status
  const completions = spec?.completions
  const check = (name: 'completedIndexes' | 'failedIndexes', text: string): void => {
    const counted = countIndexes(text, completions ?? 0)
    if (typeof counted === 'string') errors.push(field.invalid(`status.${name}`, text, `error parsing ${name}: ${counted}`))
  }
  const doneChanged = !semanticEqual(done, before.completedIndexes)
  const failedChanged = !semanticEqual(failed, before.failedIndexes)
  if (doneChanged && typeof completions === 'number') check('completedIndexes', done ?? '')
  if (failedChanged && typeof completions === 'number' && typeof spec?.backoffLimitPerIndex === 'number' && failed)
    check('failedIndexes', failed)
  if (doneChanged && done && spec?.completionMode !== 'Indexed') {
    const why = 'cannot set non-empty completedIndexes when non-indexed completion mode'
    errors.push(field.invalid('status.completedIndexes', done, why))
  }
  if (failedChanged && typeof failed === 'string' && typeof spec?.backoffLimitPerIndex !== 'number') {
    const why = 'cannot set non-null failedIndexes when backoffLimitPerIndex is null'
    errors.push(field.invalid('status.failedIndexes', failed, why))
  }
  if ((!doneChanged && !failedChanged) || typeof completions !== 'number' || !done || !failed) return
  const shared = firstSharedIndex(done, failed, completions)
  if (shared !== undefined)
    errors.push(field.invalid('status.failedIndexes', failed, `failedIndexes and completedIndexes overlap at index: ${shared}`))
}

/** What only goes up, and what cannot be more than something else. */
function validateSteps({ spec }: SentJob, status: Status, before: Status, errors: FieldError[]): void {
  const { ready, active = 0, failed = 0, succeeded = 0 } = status
  if ((!semanticEqual(ready, before.ready) || !semanticEqual(active, before.active)) && (ready ?? 0) > (active ?? 0))
    errors.push(field.invalid('status.ready', ready, 'cannot set more ready pods than active'))
  if ((failed ?? 0) < (before.failed ?? 0)) errors.push(field.invalid('status.failed', failed ?? 0, 'cannot decrease the failed counter'))
  // An indexed Job can be made smaller.
  const shrinks = spec?.completionMode === 'Indexed' && spec.completions === spec.parallelism
  if (!shrinks && (succeeded ?? 0) < (before.succeeded ?? 0))
    errors.push(field.invalid('status.succeeded', succeeded ?? 0, 'cannot decrease the succeeded counter'))
}
