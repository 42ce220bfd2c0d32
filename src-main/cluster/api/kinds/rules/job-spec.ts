/** What a Job is to do, in Jobs and in the templates of CronJobs. https://kubernetes.io/docs/concepts/workloads/controllers/job/ */
import { field, type FieldError } from '../../errors.js'
import { checkName, checkNotNegative, checkSupported } from './checks.js'
import { checkDomainPath } from './domain-path.js'
import { qualifiedName } from './names.js'
import { setTemplateDefaults, validateTemplate } from './pod-template.js'
import { isEmpty, items, type Sent } from './sent.js'
import type * as k8s from '@kubernetes/client-node'

export type SentJobSpec = Sent<k8s.V1JobSpec>

const LARGEST_INDEXED = 100_000
const FAILURE_ACTIONS = ['Count', 'FailIndex', 'FailJob', 'Ignore']

const unbounded = (n: number | null | undefined): boolean => n === undefined || n === null

/** Fills in the defaults, in place. */
export function setJobSpecDefaults(spec: SentJobSpec | null | undefined): void {
  if (!spec) return
  if (unbounded(spec.completions) && unbounded(spec.parallelism)) spec.completions = 1
  spec.parallelism ??= 1
  spec.backoffLimit ??= typeof spec.backoffLimitPerIndex === 'number' ? 2147483647 : 6
  spec.completionMode ||= 'NonIndexed'
  spec.suspend ??= false
  spec.manualSelector ??= false
  spec.podReplacementPolicy ??= spec.podFailurePolicy ? 'Failed' : 'TerminatingOrFailed'
  for (const rule of items(spec.podFailurePolicy?.rules)) for (const p of items(rule.onPodConditions)) p.status ||= 'True'
  setTemplateDefaults(spec.template)
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
  validateIndexes(spec, path, errors)
  if (typeof spec.managedBy === 'string') {
    checkDomainPath(spec.managedBy, `${path}.managedBy`, errors)
    if (Buffer.byteLength(spec.managedBy) > 63) errors.push(field.tooLong(`${path}.managedBy`, 63))
  }
  checkSupported(spec.completionMode, ['Indexed', 'NonIndexed'], `${path}.completionMode`, errors)
  validateFailurePolicy(spec, `${path}.podFailurePolicy`, errors)
  validateSuccessPolicy(spec, `${path}.successPolicy`, errors)
  if (spec.podFailurePolicy) checkSupported(spec.podReplacementPolicy, ['Failed'], `${path}.podReplacementPolicy`, errors)
  else checkSupported(spec.podReplacementPolicy, ['Failed', 'TerminatingOrFailed'], `${path}.podReplacementPolicy`, errors)
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
  const indexed = spec.completionMode === 'Indexed'
  const { completions, parallelism, backoffLimitPerIndex, maxFailedIndexes } = spec
  if (typeof backoffLimitPerIndex === 'number' && !indexed)
    errors.push(field.invalid(`${path}.backoffLimitPerIndex`, backoffLimitPerIndex, 'requires indexed completion mode'))
  if (typeof maxFailedIndexes === 'number') {
    if (typeof backoffLimitPerIndex !== 'number')
      errors.push(field.required(`${path}.backoffLimitPerIndex`, 'when maxFailedIndexes is specified'))
    if (typeof completions === 'number' && maxFailedIndexes > completions)
      errors.push(field.invalid(`${path}.maxFailedIndexes`, maxFailedIndexes, `must be less than or equal to completions`))
  }
  if (!indexed) return
  if (typeof completions !== 'number') errors.push(field.required(`${path}.completions`, 'when completion mode is Indexed'))
  if ((parallelism ?? 0) > LARGEST_INDEXED)
    errors.push(
      field.invalid(`${path}.parallelism`, parallelism, `must be less than or equal to ${LARGEST_INDEXED} when completion mode is Indexed`),
    )
}

function validateFailurePolicy(spec: SentJobSpec, path: string, errors: FieldError[]): void {
  if (!spec.podFailurePolicy) return
  const rules = items(spec.podFailurePolicy.rules)
  if (rules.length > 20) errors.push(field.tooMany(`${path}.rules`, rules.length, 20))
  const containers = [...items(spec.template?.spec?.containers), ...items(spec.template?.spec?.initContainers)].map((c) => c.name)
  rules.forEach((r, i) => {
    const at = `${path}.rules[${i}]`
    if (!r.action) errors.push(field.required(`${at}.action`, `valid values: ${FAILURE_ACTIONS.map((a) => `"${a}"`).join(', ')}`))
    else if (!FAILURE_ACTIONS.includes(r.action)) errors.push(field.notSupported(`${at}.action`, r.action, FAILURE_ACTIONS))
    else if (r.action === 'FailIndex' && typeof spec.backoffLimitPerIndex !== 'number')
      errors.push(field.invalid(`${at}.action`, r.action, 'requires the backoffLimitPerIndex to be set'))
    const byCode = r.onExitCodes
    if (byCode) {
      if (!isEmpty(r.onPodConditions))
        errors.push(field.invalid(at, '', 'specifying both OnExitCodes and OnPodConditions is not supported'))
      const codes = `${at}.onExitCodes`
      if (!byCode.operator) errors.push(field.required(`${codes}.operator`, 'valid values: "In", "NotIn"'))
      else checkSupported(byCode.operator, ['In', 'NotIn'], `${codes}.operator`, errors)
      if (byCode.containerName && !containers.includes(byCode.containerName))
        errors.push(
          field.invalid(
            `${codes}.containerName`,
            byCode.containerName,
            'must be one of the container or initContainer names in the pod template',
          ),
        )
      const values = byCode.values ?? []
      if (values.length === 0) errors.push(field.invalid(`${codes}.values`, values, 'at least one value is required'))
      if (values.length > 255) errors.push(field.tooMany(`${codes}.values`, values.length, 255))
      values.forEach((v, j) => {
        if (byCode.operator === 'In' && v === 0) errors.push(field.invalid(`${codes}.values[${j}]`, v, 'must not be 0 for the In operator'))
        else if (j > 0 && v === values[j - 1]) errors.push(field.duplicate(`${codes}.values[${j}]`, v))
        else if (j > 0 && (v ?? 0) < (values[j - 1] ?? 0)) errors.push(field.invalid(`${codes}.values`, values, 'must be ordered'))
      })
    } else if (isEmpty(r.onPodConditions)) {
      errors.push(field.invalid(at, '', 'specifying one of OnExitCodes and OnPodConditions is required'))
    }
    items(r.onPodConditions).forEach((p, j) => {
      checkName(qualifiedName, p.type ?? '', `${at}.onPodConditions[${j}].type`, errors)
      checkSupported(p.status, ['False', 'True', 'Unknown'], `${at}.onPodConditions[${j}].status`, errors)
    })
  })
}

function validateSuccessPolicy(spec: SentJobSpec, path: string, errors: FieldError[]): void {
  if (!spec.successPolicy) return
  if (spec.completionMode !== 'Indexed') errors.push(field.invalid(path, spec.successPolicy, 'requires indexed completion mode'))
  const rules = items(spec.successPolicy.rules)
  if (rules.length === 0)
    errors.push(field.required(`${path}.rules`, 'at least one rules must be specified when the successPolicy is specified'))
  if (rules.length > 20) errors.push(field.tooMany(`${path}.rules`, rules.length, 20))
  rules.forEach((r, i) => {
    const at = `${path}.rules[${i}]`
    if (!r.succeededIndexes && typeof r.succeededCount !== 'number')
      errors.push(field.required(at, 'at least one of succeededCount or succeededIndexes must be specified'))
    if (typeof r.succeededCount === 'number') {
      checkNotNegative(r.succeededCount, `${at}.succeededCount`, errors)
      if (typeof spec.completions === 'number' && r.succeededCount > spec.completions)
        errors.push(
          field.invalid(
            `${at}.succeededCount`,
            r.succeededCount,
            `must be less than or equal to ${spec.completions} (the number of specified completions)`,
          ),
        )
    }
  })
}
