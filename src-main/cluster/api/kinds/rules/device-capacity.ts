/** How the capacity of a device that serves several claims may be asked for. */
import { field, type FieldError } from '../../errors.js'
import { POSITIVE } from './checks.js'
import { checkSet } from './device-lists.js'
import { addQuantities, compareQuantities, formatQuantity, quantityValue, tryParseQuantity, type Quantity } from './quantity.js'
import { items, type Sent } from './sent.js'
import type * as k8s from '@kubernetes/client-node'

type Capacity = Sent<k8s.V1DeviceCapacity>
/** On the wire the default is `default`; the client library calls it otherwise. */
type Policy = Sent<k8s.V1CapacityRequestPolicy> & { default?: string | null }
type Range = NonNullable<Policy['validRange']>

const MOST_VALUES = 10
const NOTHING: Quantity = { nano: 0n, format: 'DecimalSI' }

const amount = (text: string | null | undefined): Quantity => tryParseQuantity(text) ?? NOTHING
const exceeds = (a: Quantity, b: Quantity): boolean => compareQuantities(a, b) > 0

/** Checks one capacity of a device. Only one that may be allocated several times says how it may be asked for. */
export function validateDeviceCapacity(capacity: Capacity, isShared: boolean, path: string, errors: FieldError[]): void {
  const policy = capacity.requestPolicy as Policy | null | undefined
  if (!policy) return
  const at = `${path}.requestPolicy`
  const values = items(policy.validValues)
  if (!isShared) errors.push(field.forbidden(at, 'allowMultipleAllocations must be true'))
  else if (values.length > 0 && policy.validRange) {
    const why = 'exactly one policy can be specified, cannot specify "validValues" and "validRange" at the same time'
    errors.push(field.forbidden(at, why))
  } else if (values.length > 0) {
    if (checkDefault(policy, 'validValues', at, errors))
      validateValues(values.map(amount), amount(policy.default), amount(capacity.value), `${at}.validValues`, errors)
  } else if (policy.validRange && checkDefault(policy, 'validRange', at, errors))
    validateRange(policy.validRange, amount(policy.default), amount(capacity.value), `${at}.validRange`, errors)
}

function checkDefault(policy: Policy, what: string, path: string, errors: FieldError[]): boolean {
  if (typeof policy.default === 'string') return true
  errors.push(field.required(`${path}.default`, `required when ${what} is defined`))
  return false
}

function validateValues(values: readonly Quantity[], usual: Quantity, capacity: Quantity, path: string, errors: FieldError[]): void {
  values.forEach((v, i) => {
    if (i > 0 && exceeds(values[i - 1]!, v))
      errors.push(field.invalid(`${path}[${i}]`, formatQuantity(v), 'values must be sorted in ascending order'))
  })
  const key = (v: Quantity): string => String(quantityValue(v))
  checkSet(values, MOST_VALUES, key, path, errors, (v, at) => {
    if (exceeds(v, capacity))
      errors.push(field.invalid(at, formatQuantity(v), `option is larger than capacity value: ${formatQuantity(capacity)}`))
  })
  const found = values.length <= MOST_VALUES && values.some((v) => compareQuantities(v, usual) === 0)
  if (!found) errors.push(field.invalid(path, formatQuantity(usual), 'default value is not valid according to the requestPolicy'))
}

function validateRange(range: Range, usual: Quantity, capacity: Quantity, path: string, errors: FieldError[]): void {
  if (typeof range.min !== 'string') {
    errors.push(field.required(`${path}.min`, 'required when validRange is defined'))
    return
  }
  const min = amount(range.min)
  const limit = formatQuantity(capacity)
  const wrong = (name: string, value: Quantity, why: string): void => {
    errors.push(field.invalid(`${path}.${name}`, formatQuantity(value), why))
  }
  if (exceeds(min, capacity)) wrong('min', min, `min is larger than capacity value: ${limit}`)
  if (exceeds(min, usual)) wrong('default', usual, `default is less than min: ${formatQuantity(min)}`)
  const max = typeof range.max === 'string' ? amount(range.max) : undefined
  if (max) {
    if (exceeds(min, max)) wrong('max', min, `min is larger than max: ${formatQuantity(max)}`)
    if (exceeds(max, capacity)) wrong('max', max, `max is larger than capacity value: ${limit}`)
    if (exceeds(usual, max)) wrong('default', usual, `default is more than max: ${formatQuantity(max)}`)
  }
  if (typeof range.step !== 'string') return
  const step = amount(range.step)
  if (step.nano <= 0n) {
    wrong('step', step, POSITIVE)
    return
  }
  const next = addQuantities(min, step)
  if (exceeds(next, capacity)) wrong('step', step, `one step ${formatQuantity(next)} is larger than capacity value: ${limit}`)
  for (const value of max ? [usual, max] : [usual]) {
    const off = (BigInt(quantityValue(value)) - BigInt(quantityValue(min))) % BigInt(quantityValue(step))
    if (off !== 0n) wrong('step', value, `value is not a multiple of a given step (${formatQuantity(step)}) from (${formatQuantity(min)})`)
  }
}
