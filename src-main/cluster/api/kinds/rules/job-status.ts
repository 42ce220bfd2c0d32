/**
 * What may be written to a Job's status. Jobs may be run by controllers from outside (`managedBy`), so the API server
 * sees to it that their conditions, counts and times fit each other; what an update leaves as it was is not looked at.
 * https://kubernetes.io/docs/concepts/workloads/controllers/job/#delegation-of-managing-a-job-object-to-external-controller
 */
import { field, type FieldError } from '../../errors.js'
import { checkImmutable, invalidAsWhole } from './checks.js'
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

/** A new status and the one before, and what is to be found out of them. */
interface Change {
  job: SentJob
  status: Status
  before: Status
  /** Whether a condition is true now. */
  is: (type: string) => boolean
  /** Whether one of some conditions is true only now, or only before. */
  turned: (...types: string[]) => boolean
  errors: FieldError[]
}

/** Checks a new status against the old one. */
export function validateJobStatus(job: SentJob, old: SentJob, errors: FieldError[]): void {
  const status = job.status ?? {}
  const before = old.status ?? {}
  const is = (type: string): boolean => hasCondition(status, type)
  const turned = (...types: string[]): boolean => types.some((t) => is(t) !== hasCondition(before, t))
  const change = { job, status, before, is, turned, errors }
  validateNotNegativeCounts(status, COUNTS, errors)
  validateUncounted(status, errors)
  validateEnds(change)
  validateCompletionTime(change)
  validateReasons(change)
  validateFinished(change)
  validateIndexes(job, status, before, errors)
  validatePodsLeft(change)
  validateSuccess(change)
  validateSteps(change)
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

function refuseConditions(errors: FieldError[], why: string): void {
  errors.push(invalidAsWhole(CONDITIONS, why))
}

/** A Job ends in one way. */
function validateEnds({ is, turned, errors }: Change): void {
  if (turned('Complete', 'Failed') && is('Complete') && is('Failed'))
    refuseConditions(errors, 'cannot set Complete=True and Failed=true conditions')
  if (turned('Complete', 'FailureTarget') && is('Complete') && is('FailureTarget'))
    refuseConditions(errors, 'cannot set Complete=True and FailureTarget=true conditions')
}

function validateCompletionTime({ status, before, is, turned, errors }: Change): void {
  const { startTime: start, completionTime: end } = status
  const at = 'status.completionTime'
  const endChanged = !semanticEqual(end, before.completionTime)
  if (turned('Complete') || endChanged) {
    if (end && !is('Complete')) errors.push(field.invalid(at, end, 'cannot set completionTime when there is no Complete=True condition'))
    if (!end && is('Complete')) errors.push(field.required(at, 'completionTime is required for Complete jobs'))
  }
  const changed = endChanged || !semanticEqual(start, before.startTime)
  if (changed && start && end && Date.parse(end) < Date.parse(start))
    errors.push(field.invalid(at, end, 'must be equal to or after `startTime`'))
}

/** What a Job is decided to end in is told before its pods are gone. */
function validateReasons({ is, turned, errors }: Change): void {
  if (turned('Failed', 'FailureTarget') && is('Failed') && !is('FailureTarget'))
    refuseConditions(errors, 'cannot set Failed=True condition without the FailureTarget=true condition')
  if (turned('Complete', 'SuccessCriteriaMet') && is('Complete') && !is('SuccessCriteriaMet'))
    refuseConditions(errors, 'cannot set Complete=True condition without the SuccessCriteriaMet=true condition')
}

/** Whether a field of a Job that is finished is to be looked at: when it has changed, or the Job has finished just now. */
function isFinal({ status, before }: Change, name: keyof Status): boolean {
  return isFinished(status) && (!isFinished(before) || !semanticEqual(status[name], before[name]))
}

function validateFinished(change: Change): void {
  const { status, errors } = change
  const spec = change.job.spec
  if (isFinal(change, 'active') && (status.active ?? 0) > 0)
    errors.push(field.invalid('status.active', status.active, 'active>0 is invalid for finished job'))
  // A Job that is suspended with nothing to do is complete before it has started.
  const nothingToDo = spec?.suspend === true && spec.completions === 0
  if (isFinal(change, 'startTime') && !status.startTime && !nothingToDo)
    errors.push(field.required('status.startTime', 'startTime is required for finished job'))
  const uncounted = status.uncountedTerminatedPods
  if (isFinal(change, 'uncountedTerminatedPods') && (!isEmpty(uncounted?.succeeded) || !isEmpty(uncounted?.failed))) {
    const shown = { Succeeded: uncounted?.succeeded ?? null, Failed: uncounted?.failed ?? null }
    errors.push(field.invalid('status.uncountedTerminatedPods', shown, 'must be empty for finished job'))
  }
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

function validatePodsLeft(change: Change): void {
  const { status, before, errors } = change
  const { ready, active, terminating } = status
  if (isFinal(change, 'terminating') && (terminating ?? 0) > 0)
    errors.push(field.invalid('status.terminating', terminating, 'terminating>0 is invalid for finished job'))
  if ((!semanticEqual(ready, before.ready) || !semanticEqual(active, before.active)) && (ready ?? 0) > (active ?? 0))
    errors.push(field.invalid('status.ready', ready, 'cannot set more ready pods than active'))
}

function validateSuccess({ job, is, errors }: Change): void {
  const succeeds = is('SuccessCriteriaMet')
  if (succeeds && is('Failed')) refuseConditions(errors, 'cannot set SuccessCriteriaMet=True and Failed=true conditions')
  if (succeeds && is('FailureTarget')) refuseConditions(errors, 'cannot set SuccessCriteriaMet=True and FailureTarget=true conditions')
  if (job.spec?.successPolicy && !succeeds && is('Complete'))
    refuseConditions(errors, 'cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True')
}

/** What is for good, and what only goes up. */
function validateSteps({ job: { spec }, status, before, is, errors }: Change): void {
  const was = (type: string): boolean => hasCondition(before, type)
  for (const type of ['Failed', 'Complete', 'FailureTarget'])
    if (was(type) && !is(type)) refuseConditions(errors, `cannot disable the terminal ${type}=True condition`)
  const { failed, succeeded, startTime, completionTime } = status
  if ((failed ?? 0) < (before.failed ?? 0)) errors.push(field.invalid('status.failed', failed ?? 0, 'cannot decrease the failed counter'))
  // An indexed Job can be made smaller.
  const shrinks = spec?.completionMode === 'Indexed' && spec.completions === spec.parallelism
  if (!shrinks && (succeeded ?? 0) < (before.succeeded ?? 0))
    errors.push(field.invalid('status.succeeded', succeeded ?? 0, 'cannot decrease the succeeded counter'))
  if (completionTime && before.completionTime) checkImmutable(completionTime, before.completionTime, 'status.completionTime', errors)
  if (before.startTime && !semanticEqual(startTime, before.startTime) && !spec?.suspend)
    errors.push(field.required('status.startTime', 'startTime cannot be removed for unsuspended job'))
  if (was('SuccessCriteriaMet') && !is('SuccessCriteriaMet'))
    refuseConditions(errors, 'cannot disable the SuccessCriteriaMet=True condition')
  if (was('Complete') && !was('SuccessCriteriaMet') && is('SuccessCriteriaMet'))
    refuseConditions(errors, 'cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions')
}
