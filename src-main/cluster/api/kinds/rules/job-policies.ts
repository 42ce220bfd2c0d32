/**
 * When a Job fails and when it succeeds before all its pods have.
 * https://kubernetes.io/docs/concepts/workloads/controllers/job/#pod-failure-policy and #success-policy
 */
import { field, type FieldError } from '../../errors.js'
import { checkName, checkNotNegative, invalidAsWhole } from './checks.js'
import { countIndexes } from './job-indexes.js'
import type { SentJobSpec } from './job-spec.js'
import { qualifiedName } from './names.js'
import { isEmpty, items } from './sent.js'
import { serverForm } from './server-form.js'

type FailureRule = NonNullable<NonNullable<NonNullable<SentJobSpec['podFailurePolicy']>['rules']>[number]>
type ExitCodes = NonNullable<FailureRule['onExitCodes']>
type SuccessRule = NonNullable<NonNullable<NonNullable<SentJobSpec['successPolicy']>['rules']>[number]>

const ACTIONS = ['Count', 'FailIndex', 'FailJob', 'Ignore']
const OPERATORS = ['In', 'NotIn']
const STATUSES = ['False', 'True', 'Unknown']
const MOST_RULES = 20
const MOST_EXIT_CODES = 255
const MOST_CONDITIONS = 20
/** Bytes of a text of indexes. */
const LONGEST_INDEXES = 64 * 1024

/** A choice out of a list that must be made, in the words of these policies. */
function checkChoice(value: string | null | undefined, valid: readonly string[], path: string, errors: FieldError[]): void {
  if (!value) errors.push(field.required(path, `valid values: [${valid.map((v) => JSON.stringify(v)).join(' ')}]`))
  else if (!valid.includes(value)) errors.push(field.notSupported(path, value, valid))
}

/** Checks `podFailurePolicy`. */
export function validateFailurePolicy(spec: SentJobSpec, path: string, errors: FieldError[]): void {
  if (!spec.podFailurePolicy) return
  const rules = items(spec.podFailurePolicy.rules)
  if (rules.length > MOST_RULES) errors.push(field.tooMany(`${path}.rules`, rules.length, MOST_RULES))
  const pod = spec.template?.spec
  const containers = [...items(pod?.containers), ...items(pod?.initContainers)].map((c) => c.name ?? '')
  rules.forEach((r, i) => validateFailureRule(spec, r, containers, `${path}.rules[${i}]`, errors))
}

function validateFailureRule(spec: SentJobSpec, r: FailureRule, containers: string[], path: string, errors: FieldError[]): void {
  if (r.action === 'FailIndex') {
    if (typeof spec.backoffLimitPerIndex !== 'number')
      errors.push(field.invalid(`${path}.action`, r.action, 'requires the backoffLimitPerIndex to be set'))
  } else checkChoice(r.action, ACTIONS, `${path}.action`, errors)
  if (r.onExitCodes) validateExitCodes(r.onExitCodes, containers, `${path}.onExitCodes`, errors)
  const conditions = items(r.onPodConditions)
  if (conditions.length > MOST_CONDITIONS) errors.push(field.tooMany(`${path}.onPodConditions`, conditions.length, MOST_CONDITIONS))
  conditions.forEach((c, i) => {
    const at = `${path}.onPodConditions[${i}]`
    checkName(qualifiedName, c.type ?? '', `${at}.type`, errors)
    checkChoice(c.status, STATUSES, `${at}.status`, errors)
  })
  if (r.onExitCodes && !isEmpty(conditions))
    errors.push(invalidAsWhole(path, 'specifying both OnExitCodes and OnPodConditions is not supported'))
  if (!r.onExitCodes && isEmpty(conditions))
    errors.push(invalidAsWhole(path, 'specifying one of OnExitCodes and OnPodConditions is required'))
}

function validateExitCodes(codes: ExitCodes, containers: string[], path: string, errors: FieldError[]): void {
  checkChoice(codes.operator, OPERATORS, `${path}.operator`, errors)
  if (typeof codes.containerName === 'string' && !containers.includes(codes.containerName)) {
    const why = 'must be one of the container or initContainer names in the pod template'
    errors.push(field.invalid(`${path}.containerName`, codes.containerName, why))
  }
  const at = `${path}.values`
  const values = (codes.values ?? []).map((v) => v ?? 0)
  if (values.length === 0) errors.push(field.invalid(at, codes.values ?? null, 'at least one value is required'))
  else if (values.length > MOST_EXIT_CODES) errors.push(field.tooMany(at, values.length, MOST_EXIT_CODES))
  values.forEach((v, i) => {
    if (codes.operator === 'In' && v === 0) errors.push(field.invalid(`${at}[${i}]`, v, 'must not be 0 for the In operator'))
    if (values.indexOf(v) < i) errors.push(field.duplicate(`${at}[${i}]`, v))
  })
  if (values.some((v, i) => i > 0 && values[i - 1]! > v)) errors.push(field.invalid(at, values, 'must be ordered'))
}

/** Checks `successPolicy`. */
export function validateSuccessPolicy(spec: SentJobSpec, path: string, errors: FieldError[]): void {
  if (!spec.successPolicy) return
  const rules = items(spec.successPolicy.rules)
  if (spec.completionMode !== 'Indexed') {
    errors.push(field.invalid(path, serverForm('SuccessPolicy', spec.successPolicy), 'requires indexed completion mode'))
    return
  }
  if (rules.length === 0)
    errors.push(field.required(`${path}.rules`, 'at least one rules must be specified when the successPolicy is specified'))
  if (rules.length > MOST_RULES) errors.push(field.tooMany(`${path}.rules`, rules.length, MOST_RULES))
  rules.forEach((r, i) => validateSuccessRule(r, spec.completions ?? 0, `${path}.rules[${i}]`, errors))
}

function validateSuccessRule(r: SuccessRule, completions: number, path: string, errors: FieldError[]): void {
  const { succeededCount: count, succeededIndexes: indexes } = r
  const hasIndexes = typeof indexes === 'string'
  if (typeof count !== 'number' && !hasIndexes)
    errors.push(field.required(path, 'at least one of succeededCount or succeededIndexes must be specified'))
  let total = 0
  if (hasIndexes) {
    if (Buffer.byteLength(indexes) > LONGEST_INDEXES) errors.push(field.tooLong(`${path}.succeededIndexes`, LONGEST_INDEXES))
    const counted = countIndexes(indexes, completions)
    if (typeof counted === 'string')
      errors.push(field.invalid(`${path}.succeededIndexes`, indexes, `error parsing succeededIndexes: ${counted}`))
    else total = counted
  }
  if (typeof count !== 'number') return
  const at = `${path}.succeededCount`
  checkNotNegative(count, at, errors)
  if (count > completions)
    errors.push(field.invalid(at, count, `must be less than or equal to ${completions} (the number of specified completions)`))
  if (hasIndexes && count > total) {
    const why = `must be less than or equal to ${total} (the number of indexes in the specified succeededIndexes field)`
    errors.push(field.invalid(at, count, why))
  }
}
