/**
 * Label selectors as objects carry them (`matchLabels`, `matchExpressions`, or the plain map of a Service), compiled
 * once and matched often.
 */
import type { LabelSelector } from '../api/object.js'

export type Labels = Readonly<Record<string, string>> | undefined
/** Whether labels are selected. */
export type LabelMatcher = (labels: Labels) => boolean

const none: LabelMatcher = () => false
const compiled = new WeakMap<object, LabelMatcher>()

/**
 * The matcher of a `metav1.LabelSelector`: an absent one selects nothing, an empty one everything. The selector is
 * expected to be frozen; its matcher is kept for as long as it lives.
 */
export function matcherOf(selector: LabelSelector | undefined): LabelMatcher {
  if (!selector) return none
  let matcher = compiled.get(selector)
  if (!matcher) {
    matcher = compile(selector)
    compiled.set(selector, matcher)
  }
  return matcher
}

/** The matcher of a plain map, as in a Service or a ReplicationController: an absent or empty one selects nothing. */
export function mapMatcherOf(selector: Readonly<Record<string, string>> | undefined): LabelMatcher {
  if (!selector) return none
  let matcher = compiled.get(selector)
  if (!matcher) {
    const pairs = Object.entries(selector)
    matcher = pairs.length === 0 ? none : (labels) => hasAll(labels, pairs)
    compiled.set(selector, matcher)
  }
  return matcher
}

/** Whether a selector selects everything, which workload controllers refuse to act on. */
export function isEmptySelector(selector: LabelSelector | undefined): boolean {
  return !!selector && Object.keys(selector.matchLabels ?? {}).length === 0 && (selector.matchExpressions ?? []).length === 0
}

/** The selector as a query string of the API, as in `app=web,tier in (a,b)`. */
export function selectorString(selector: LabelSelector | undefined): string {
  if (!selector) return ''
  const parts = Object.entries(selector.matchLabels ?? {}).map(([k, v]) => `${k}=${v}`)
  for (const { key, operator, values = [] } of selector.matchExpressions ?? []) {
    if (operator === 'In') parts.push(`${key} in (${[...values].sort().join(',')})`)
    else if (operator === 'NotIn') parts.push(`${key} notin (${[...values].sort().join(',')})`)
    else parts.push(operator === 'Exists' ? key : `!${key}`)
  }
  return parts.sort().join(',')
}

function hasAll(labels: Labels, pairs: readonly (readonly [string, string])[]): boolean {
  if (!labels) return false
  for (const [k, v] of pairs) if (labels[k] !== v) return false
  return true
}

function compile(selector: LabelSelector): LabelMatcher {
  const pairs = Object.entries(selector.matchLabels ?? {})
  const expressions = (selector.matchExpressions ?? []).map(({ key, operator, values }) => expressionMatcher(key, operator, values ?? []))
  if (expressions.length === 0) return pairs.length === 0 ? () => true : (labels) => hasAll(labels, pairs)
  return (labels) => (pairs.length === 0 || hasAll(labels, pairs)) && expressions.every((matches) => matches(labels))
}

/** One requirement; used for node selectors as well, which know `Gt` and `Lt` besides. */
export function expressionMatcher(key: string, operator: string, values: readonly string[]): LabelMatcher {
  const set = new Set(values)
  const valueIn = (labels: Labels): string | undefined => (labels && Object.hasOwn(labels, key) ? labels[key] : undefined)
  switch (operator) {
    case 'In':
      return (labels) => {
        const v = valueIn(labels)
        return v !== undefined && set.has(v)
      }
    case 'NotIn':
      return (labels) => {
        const v = valueIn(labels)
        return v === undefined || !set.has(v)
      }
    case 'Exists':
      return (labels) => valueIn(labels) !== undefined
    case 'DoesNotExist':
      return (labels) => valueIn(labels) === undefined
    case 'Gt':
    case 'Lt': {
      const bound = wholeNumber(values[0])
      return (labels) => {
        const v = wholeNumber(valueIn(labels))
        if (v === undefined || bound === undefined) return false
        return operator === 'Gt' ? v > bound : v < bound
      }
    }
    default:
      return none
  }
}

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^[+-]?\d+$/.test(text) ? Number(text) : undefined
}

/** A label selector as Go prints the type of the API: some events show one so. */
export function printedSelector(selector: LabelSelector | undefined): string {
  if (!selector) return 'nil'
  const byName = Object.entries(selector.matchLabels ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))
  const labels = byName.map(([k, v]) => `${k}: ${v},`).join('')
  const expressions = (selector.matchExpressions ?? []).map(
    ({ key, operator, values = [] }) => `LabelSelectorRequirement{Key:${key},Operator:${operator},Values:[${values.join(' ')}],},`,
  )
  return `&LabelSelector{MatchLabels:map[string]string{${labels}},MatchExpressions:[]LabelSelectorRequirement{${expressions.join('')}},}`
}
