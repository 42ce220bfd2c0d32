/** Conditions of the common form (`metav1.Condition`). https://kubernetes.io/docs/reference/using-api/api-concepts/ */
import { field, type FieldError } from '../../errors.js'
import { checkName } from './checks.js'
import { qualifiedName, regexError } from './names.js'
import { items, type Sent } from './sent.js'
import type * as k8s from '@kubernetes/client-node'

type Condition = Sent<k8s.V1Condition>

const STATUSES = ['False', 'True', 'Unknown']
const REASON = '[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?'
const isReason = new RegExp(`^${REASON}$`)
const REASON_MESSAGE =
  "a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_'"
/** Bytes. */
const LONGEST_REASON = 1024
const LONGEST_MESSAGE = 32 * 1024

/** Checks a list of conditions: each is whole, and no two are of one type. */
export function validateConditions(conditions: (Condition | null)[] | null | undefined, path: string, errors: FieldError[]): void {
  const types = new Set<string>()
  items(conditions).forEach((condition, i) => {
    const at = `${path}[${i}]`
    const type = condition.type ?? ''
    if (types.has(type)) errors.push(field.duplicate(`${at}.type`, type))
    types.add(type)
    checkName(qualifiedName, type, `${at}.type`, errors)
    const status = condition.status ?? ''
    if (!STATUSES.includes(status)) errors.push(field.notSupported(`${at}.status`, status, STATUSES))
    const generation = condition.observedGeneration ?? 0
    if (generation < 0) errors.push(field.invalid(`${at}.observedGeneration`, generation, 'must be greater than or equal to zero'))
    if (!condition.lastTransitionTime) errors.push(field.required(`${at}.lastTransitionTime`, 'must be set'))
    checkReason(condition.reason ?? '', `${at}.reason`, errors)
    if (Buffer.byteLength(condition.message ?? '') > LONGEST_MESSAGE) errors.push(field.tooLong(`${at}.message`, LONGEST_MESSAGE))
  })
}

function checkReason(reason: string, path: string, errors: FieldError[]): void {
  if (reason === '') {
    errors.push(field.required(path, 'must be set'))
    return
  }
  if (!isReason.test(reason))
    errors.push(
      field.invalid(path, reason, regexError(REASON_MESSAGE, REASON, 'my_name', 'MY_NAME', 'MyName', 'ReasonA,ReasonB', 'ReasonA:ReasonB')),
    )
  if (Buffer.byteLength(reason) > LONGEST_REASON) errors.push(field.tooLong(path, LONGEST_REASON))
}
