/** Taints and tolerations. https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/ */
import { field, type FieldError } from '../../errors.js'
import { checkName, isNumber, withDetail } from './checks.js'
import { labelValue, qualifiedName } from './names.js'
import { items, type Sent } from './sent.js'
import type * as k8s from '@kubernetes/client-node'

const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute']
const OPERATORS = ['Equal', 'Exists']
/** `Lt` and `Gt` compare numbers. They are behind a gate that is off by default, and yet named when they are refused. */
const COMPARISONS = ['Lt', 'Gt']

/** Checks the tolerations of a pod. */
export function validateTolerations(list: (Sent<k8s.V1Toleration> | null)[] | null | undefined, path: string, errors: FieldError[]): void {
  items(list).forEach((t, i) => {
    const at = `${path}[${i}]`
    const operator = t.operator ?? ''
    if (t.key) checkName(qualifiedName, t.key, `${at}.key`, errors)
    else if (operator !== 'Exists') {
      const text = 'operator must be Exists when `key` is empty, which means "match all values and all keys"'
      errors.push(field.invalid(`${at}.operator`, operator, text))
    }
    if (isNumber(t.tolerationSeconds) && t.effect !== 'NoExecute')
      errors.push(field.invalid(`${at}.effect`, t.effect ?? '', "effect must be 'NoExecute' when `tolerationSeconds` is set"))
    if (operator === '' || operator === 'Equal') {
      const messages = labelValue(t.value ?? '')
      if (messages.length) errors.push(field.invalid(`${at}.operator`, t.value, messages.join(';')))
    } else if (operator === 'Exists') {
      if (t.value) errors.push(field.invalid(`${at}.operator`, t.value, "value must be empty when `operator` is 'Exists'"))
    } else {
      const valid = COMPARISONS.includes(operator) ? [...OPERATORS, ...COMPARISONS] : OPERATORS
      errors.push(field.notSupported(`${at}.operator`, operator, valid))
    }
    if (t.effect && !EFFECTS.includes(t.effect)) errors.push(field.notSupported(`${at}.effect`, t.effect, EFFECTS))
  })
}

/** Checks the taints of a node: each pair of key and effect once. */
export function validateTaints(list: (Sent<k8s.V1Taint> | null)[] | null | undefined, path: string, errors: FieldError[]): void {
  const seen = new Set<string>()
  items(list).forEach((t, i) => {
    const at = `${path}[${i}]`
    checkName(qualifiedName, t.key ?? '', `${at}.key`, errors)
    const messages = labelValue(t.value ?? '')
    if (messages.length) errors.push(field.invalid(`${at}.value`, t.value, messages.join(';')))
    if (!t.effect) errors.push(field.required(`${at}.effect`))
    else if (!EFFECTS.includes(t.effect)) errors.push(field.notSupported(`${at}.effect`, t.effect, EFFECTS))
    const pair = `${t.key}:${t.effect}`
    if (seen.has(pair)) {
      const shown = { Key: t.key ?? '', Value: t.value ?? '', Effect: t.effect ?? '', TimeAdded: t.timeAdded ?? null }
      errors.push(withDetail(field.duplicate(at, shown), 'taints must be unique by key and effect pair'))
    }
    seen.add(pair)
  })
}
