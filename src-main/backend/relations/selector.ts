import type { Json } from '../kinds/kind.js'

/**
 * Whether labels are selected by a LabelSelector, or by the plain map of a Service or ReplicationController. A selector that is not
 * there selects nothing; an empty LabelSelector selects everything.
 */
export function matches(selector: Json, labels: Record<string, string> = {}): boolean {
  if (!selector) return false
  const isPlain = selector.matchLabels === undefined && selector.matchExpressions === undefined && Object.keys(selector).length > 0
  const equal: Record<string, string> = isPlain ? selector : (selector.matchLabels ?? {})
  if (Object.entries(equal).some(([k, v]) => labels[k] !== v)) return false
  return ((selector.matchExpressions ?? []) as Json[]).every(({ key, operator, values = [] }) => {
    const value = labels[key]
    if (operator === 'In') return value !== undefined && values.includes(value)
    if (operator === 'NotIn') return value === undefined || !values.includes(value)
    return operator === 'Exists' ? value !== undefined : value === undefined
  })
}
