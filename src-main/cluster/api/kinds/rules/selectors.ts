/** Label selectors: how they match, how they print, and what makes one invalid. */
import { field, type FieldError } from '../../errors.js'
import { labelValue, qualifiedName } from './names.js'
import { entries, isEmpty, items, shownMap, strings, type Sent, type SentMap } from './sent.js'
import type * as k8s from '@kubernetes/client-node'

export type SentSelector = Sent<k8s.V1LabelSelector>
type Requirement = Sent<k8s.V1LabelSelectorRequirement>

/** Whether labels match a selector. A missing selector matches nothing, an empty one everything. */
export function matchesSelector(selector: SentSelector | null | undefined, labels: SentMap): boolean {
  if (!selector) return false
  const have = labels ?? {}
  for (const [k, v] of entries(selector.matchLabels)) if (have[k] === undefined || have[k] !== v) return false
  for (const r of items(selector.matchExpressions)) {
    const key = r.key ?? ''
    const present = have[key] !== undefined && have[key] !== null
    const among = present && strings(r.values).includes(have[key]!)
    if (r.operator === 'In' && !among) return false
    if (r.operator === 'NotIn' && among) return false
    if (r.operator === 'Exists' && !present) return false
    if (r.operator === 'DoesNotExist' && present) return false
    if (!['In', 'NotIn', 'Exists', 'DoesNotExist'].includes(r.operator ?? '')) return false
  }
  return true
}

/** Whether labels have every pair of a plain map selector; an empty map matches everything. */
export function matchesLabels(selector: SentMap, labels: SentMap): boolean {
  for (const [k, v] of entries(selector)) if ((labels ?? {})[k] !== v) return false
  return true
}

/** A map selector as text: `app=web,tier=front`, or `<none>`. */
export function formatLabels(labels: SentMap): string {
  const text = entries(labels)
    .map(([k, v]) => `${k}=${v ?? ''}`)
    .join(',')
  return text || '<none>'
}

/** A label selector as the query text that selects the same: `app=web,tier in (a,b),!old`; empty when it selects all. */
export function selectorQuery(selector: SentSelector | null | undefined): string {
  const parts: [string, string][] = entries(selector?.matchLabels).map(([k, v]) => [k, `${k}=${v ?? ''}`])
  for (const r of items(selector?.matchExpressions)) {
    const key = r.key ?? ''
    const values = [...strings(r.values)].sort().join(',')
    if (r.operator === 'In') parts.push([key, `${key} in (${values})`])
    else if (r.operator === 'NotIn') parts.push([key, `${key} notin (${values})`])
    else if (r.operator === 'Exists') parts.push([key, key])
    else if (r.operator === 'DoesNotExist') parts.push([key, `!${key}`])
  }
  return parts
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([, text]) => text)
    .join(',')
}

/** A label selector for a table cell: its query, or `<none>`. */
export function formatSelector(selector: SentSelector | null | undefined): string {
  return selectorQuery(selector) || '<none>'
}

/** Checks a label selector: keys, operators and the values they need. */
export function validateSelector(
  selector: SentSelector | null | undefined,
  path: string,
  errors: FieldError[],
  options: { allowInvalidValues?: boolean } = {},
): void {
  if (!selector) return
  validateLabelMap(selector.matchLabels, `${path}.matchLabels`, errors)
  items(selector.matchExpressions).forEach((r, i) => validateRequirement(r, `${path}.matchExpressions[${i}]`, errors, options))
}

/** Checks that `In` and `NotIn` have values, and `Exists` and `DoesNotExist` none. False when the operator is none of these. */
export function validateSetOperator(operator: unknown, values: readonly unknown[], path: string, errors: FieldError[]): boolean {
  if (operator === 'In' || operator === 'NotIn') {
    if (values.length === 0) errors.push(field.required(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'"))
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    if (values.length > 0)
      errors.push(field.forbidden(`${path}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"))
  } else return false
  return true
}

function validateRequirement(r: Requirement, path: string, errors: FieldError[], options: { allowInvalidValues?: boolean }): void {
  const values = strings(r.values)
  if (!validateSetOperator(r.operator, values, path, errors))
    errors.push(field.invalid(`${path}.operator`, r.operator ?? '', 'not a valid selector operator'))
  for (const m of qualifiedName(r.key ?? '')) errors.push(field.invalid(`${path}.key`, r.key ?? '', m))
  if (options.allowInvalidValues) return
  values.forEach((v, i) => {
    for (const m of labelValue(v)) errors.push(field.invalid(`${path}.values[${i}]`, v, m))
  })
}

/** Checks a map of labels: each key a qualified name, each value a label value. */
export function validateLabelMap(labels: SentMap, path: string, errors: FieldError[]): void {
  for (const [k, v] of entries(labels)) {
    for (const m of qualifiedName(k)) errors.push(field.invalid(path, k, m))
    for (const m of labelValue(v ?? '')) errors.push(field.invalid(path, v ?? '', m))
  }
}

/** A selector as messages print it. */
export function shownSelector(selector: SentSelector): object {
  const labels = shownMap(selector.matchLabels)
  const expressions = items(selector.matchExpressions)
  return { ...(labels ? { matchLabels: labels } : {}), ...(expressions.length ? { matchExpressions: expressions } : {}) }
}

/** Whether a selector could not be turned into a query: an unknown operator, bad values or keys. */
export function isBrokenSelector(selector: SentSelector | null | undefined): boolean {
  const errors: FieldError[] = []
  validateSelector(selector, '', errors)
  return errors.length > 0
}

/** Whether a selector has neither labels nor expressions. */
export function isEmptySelector(selector: SentSelector | null | undefined): boolean {
  return !selector || (isEmpty(selector.matchLabels) && isEmpty(selector.matchExpressions))
}
