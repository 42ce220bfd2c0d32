/** Taints of devices and what tolerates them, and conditions that a device must have before pods are bound. */
import { field, type FieldError } from '../../errors.js'
import { checkName, checkOneOf } from './checks.js'
import { checkList } from './device-lists.js'
import { checkLabelKey } from './device-names.js'
import { labelValue } from './names.js'
import { items, strings, type Sent } from './sent.js'
import type * as k8s from '@kubernetes/client-node'

const EFFECTS = ['NoExecute', 'NoSchedule', 'None']
const MOST_TAINTS = 16
const MOST_TOLERATIONS = 16
const MOST_CONDITIONS = 4

/** Checks the taints of a device. */
export function validateDeviceTaints(taints: Sent<k8s.V1Device>['taints'], path: string, errors: FieldError[]): void {
  checkList(items(taints), MOST_TAINTS, path, errors, (taint, at) => {
    checkLabelKey(taint.key, `${at}.key`, errors)
    checkName(labelValue, taint.value ?? '', `${at}.value`, errors)
    checkOneOf(taint.effect, EFFECTS, `${at}.effect`, errors)
  })
}

/** Checks what a request for devices tolerates. */
export function validateDeviceTolerations(
  tolerations: Sent<k8s.V1ExactDeviceRequest>['tolerations'],
  path: string,
  errors: FieldError[],
): void {
  checkList(items(tolerations), MOST_TOLERATIONS, path, errors, (t, at) => {
    if (t.key) checkLabelKey(t.key, `${at}.key`, errors)
    if (t.operator === 'Exists') {
      if (t.value) errors.push(field.invalid(`${at}.value`, t.value, 'must be empty for operator `Exists`'))
    } else if (t.operator === 'Equal') checkName(labelValue, t.value ?? '', `${at}.value`, errors)
    else checkOneOf(t.operator, ['Equal', 'Exists'], `${at}.operator`, errors)
    if (t.effect) checkOneOf(t.effect, EFFECTS, `${at}.effect`, errors)
  })
}

type BindingConditions = Pick<Sent<k8s.V1Device>, 'bindingConditions' | 'bindingFailureConditions'>

/** Checks the conditions that let pods be bound, and those that keep them from it: both are there, or neither. */
export function validateBindingConditions(device: BindingConditions, path: string, errors: FieldError[]): void {
  const good = strings(device.bindingConditions)
  const bad = strings(device.bindingFailureConditions)
  const atGood = `${path}.bindingConditions`
  const atBad = `${path}.bindingFailureConditions`
  checkList(good, MOST_CONDITIONS, atGood, errors, (type, at) => checkLabelKey(type, at, errors))
  checkList(bad, MOST_CONDITIONS, atBad, errors, (type, at) => checkLabelKey(type, at, errors))
  good.forEach((type, i) => {
    if (good.indexOf(type) < i) errors.push(field.duplicate(`${atGood}[${i}]`, type))
  })
  bad.forEach((type, i) => {
    if (bad.indexOf(type) < i) errors.push(field.duplicate(`${atBad}[${i}]`, type))
    if (good.includes(type))
      errors.push(field.invalid(`${atBad}[${i}]`, type, 'bindingFailureConditions must not overlap with bindingConditions'))
  })
  if (good.length === 0 && bad.length > 0)
    errors.push(field.invalid(atGood, device.bindingConditions, 'bindingConditions are required to use bindingFailureConditions'))
  if (bad.length === 0 && good.length > 0)
    errors.push(field.invalid(atBad, device.bindingFailureConditions, 'bindingFailureConditions are required to use bindingConditions'))
}
