/** What a Job is to do, in Jobs and in the templates of CronJobs. https://kubernetes.io/docs/concepts/workloads/controllers/job/ */
import { field, type FieldError } from '../../errors.js'
import { checkGiven, checkNotNegative } from './checks.js'
import { checkDomainPath } from './domain-path.js'
import { validateFailurePolicy, validateSuccessPolicy } from './job-policies.js'
import { setTemplateDefaults, validateTemplate } from './pod-template.js'
import { items, type Sent } from './sent.js'
import type * as k8s from '@kubernetes/client-node'

export type SentJobSpec = Sent<k8s.V1JobSpec>

const LARGEST_INDEXED = 100_000
const MANY_COMPLETIONS = 100_000
const LARGEST_FOR_MANY = 10_000
const COMPLETION_MODES = ['NonIndexed', 'Indexed']

const unbounded = (n: number | null | undefined): boolean => n === undefined || n === null

/** Fills in the defaults, in place. */
export function setJobSpecDefaults(spec: SentJobSpec): void {
  if (unbounded(spec.completions) && unbounded(spec.parallelism)) spec.completions = 1
  spec.parallelism ??= 1
  spec.backoffLimit ??= typeof spec.backoffLimitPerIndex === 'number' ? 2147483647 : 6
  spec.completionMode ??= 'NonIndexed'
  spec.suspend ??= false
  spec.manualSelector ??= false
  spec.podReplacementPolicy ??= spec.podFailurePolicy ? 'Failed' : 'TerminatingOrFailed'
  for (const rule of items(spec.podFailurePolicy?.rules)) for (const p of items(rule.onPodConditions)) p.status ||= 'True'
  setTemplateDefaults((spec.template ??= {}))
}

/** Checks everything but the selector. */
export function validateJobSpec(spec: SentJobSpec, path: string, errors: FieldError[]): void {
  for (const name of [
    'parallelism',
    'completions',
    'activeDeadlineSeconds',
    'backoffLimit',
    'ttlSecondsAfterFinished',
    'backoffLimitPerIndex',
    'maxFailedIndexes',
  ] as const)
    checkNotNegative(spec[name], `${path}.${name}`, errors)
  if (typeof spec.maxFailedIndexes === 'number' && typeof spec.backoffLimitPerIndex !== 'number')
    errors.push(field.required(`${path}.backoffLimitPerIndex`, 'when maxFailedIndexes is specified'))
  if (typeof spec.managedBy === 'string') {
    checkDomainPath(spec.managedBy, `${path}.managedBy`, errors)
    if (Buffer.byteLength(spec.managedBy) > 63) errors.push(field.tooLong(`${path}.managedBy`, 63))
  }
  checkGiven(spec.completionMode, COMPLETION_MODES, `${path}.completionMode`, errors)
  validateIndexes(spec, path, errors)
  validateFailurePolicy(spec, `${path}.podFailurePolicy`, errors)
  validateSuccessPolicy(spec, `${path}.successPolicy`, errors)
  if (spec.podFailurePolicy) checkGiven(spec.podReplacementPolicy, ['Failed'], `${path}.podReplacementPolicy`, errors)
  else checkGiven(spec.podReplacementPolicy, ['Failed', 'TerminatingOrFailed'], `${path}.podReplacementPolicy`, errors)
  validateTemplate(spec.template, `${path}.template`, errors)

  const policy = spec.template?.spec?.restartPolicy
  const at = `${path}.template.spec.restartPolicy`
  // A policy that was left out has become Always: it is the user's to choose.
  if (!policy || policy === 'Always') errors.push(field.required(at, 'valid values: "OnFailure", "Never"'))
  else if (policy !== 'OnFailure' && policy !== 'Never') errors.push(field.notSupported(at, policy, ['OnFailure', 'Never']))
  else if (spec.podFailurePolicy && policy !== 'Never')
    errors.push(field.invalid(at, policy, 'only "Never" is supported when podFailurePolicy is specified'))
}

function validateIndexes(spec: SentJobSpec, path: string, errors: FieldError[]): void {
  const { completionMode: mode, completions, parallelism, backoffLimitPerIndex, maxFailedIndexes } = spec
  const hasMost = typeof maxFailedIndexes === 'number'
  const refuse = (name: string, value: number, why: string): void => void errors.push(field.invalid(`${path}.${name}`, value, why))
  if (mode === 'Indexed') {
    const when = 'when completion mode is Indexed'
    if (typeof completions !== 'number') errors.push(field.required(`${path}.completions`, when))
    if ((parallelism ?? 0) > LARGEST_INDEXED)
      refuse('parallelism', parallelism!, `must be less than or equal to ${LARGEST_INDEXED} ${when}`)
    if (hasMost && typeof completions === 'number' && maxFailedIndexes > completions)
      refuse('maxFailedIndexes', maxFailedIndexes, 'must be less than or equal to completions')
    if (hasMost && maxFailedIndexes > LARGEST_INDEXED)
      refuse('maxFailedIndexes', maxFailedIndexes, `must be less than or equal to ${LARGEST_INDEXED}`)
    if ((completions ?? 0) > MANY_COMPLETIONS && typeof backoffLimitPerIndex === 'number') validateManyIndexes(spec, path, errors)
  } else if (!mode || mode === 'NonIndexed') {
    if (typeof backoffLimitPerIndex === 'number') refuse('backoffLimitPerIndex', backoffLimitPerIndex, 'requires indexed completion mode')
    if (hasMost) refuse('maxFailedIndexes', maxFailedIndexes, 'requires indexed completion mode')
  }
}

/** Jobs with very many indexes, each with a limit of its own, are bounded so that their status stays small. */
function validateManyIndexes({ parallelism, maxFailedIndexes }: SentJobSpec, path: string, errors: FieldError[]): void {
  if (typeof maxFailedIndexes !== 'number')
    errors.push(field.required(`${path}.maxFailedIndexes`, `must be specified when completions is above ${MANY_COMPLETIONS}`))
  const why = `must be less than or equal to ${LARGEST_FOR_MANY} when completions are above ${MANY_COMPLETIONS} and used with backoff limit per index`
  if ((parallelism ?? 0) > LARGEST_FOR_MANY) errors.push(field.invalid(`${path}.parallelism`, parallelism, why))
  if ((maxFailedIndexes ?? 0) > LARGEST_FOR_MANY) errors.push(field.invalid(`${path}.maxFailedIndexes`, maxFailedIndexes, why))
}
