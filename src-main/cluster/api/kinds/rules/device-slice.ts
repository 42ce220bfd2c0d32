/** Devices that a driver offers in a slice of its pool. */
import { field, type FieldError } from '../../errors.js'
import { checkName, checkRequired } from './checks.js'
import { validateDeviceCapacity } from './device-capacity.js'
import { checkMap, checkSet } from './device-lists.js'
import { checkAttributeName } from './device-names.js'
import { validateBindingConditions, validateDeviceTaints } from './device-taints.js'
import { dns1123Label, dns1123Subdomain } from './names.js'
import { validateNodeSelector } from './node-affinity.js'
import { entries, isEmpty, items, type Sent, type SentMap } from './sent.js'
import { serverForm } from './server-form.js'
import type * as k8s from '@kubernetes/client-node'

export type SliceSpec = Sent<k8s.V1ResourceSliceSpec>
type Device = Sent<k8s.V1Device>
/** On the wire a number is `int`; the client library calls it otherwise. */
type Attribute = Sent<k8s.V1DeviceAttribute> & { int?: number | null }

const MOST_DEVICES = 128
const MOST_TAINTED_OR_COUNTED = 64
const MOST_ATTRIBUTES = 32
const MOST_COUNTER_SETS = 8
const MOST_CONSUMPTIONS = 2
const MOST_COUNTERS = 32
/** Bytes. */
const LONGEST_VALUE = 64
/** A semantic version: https://semver.org/spec/v2.0.0.html */
const SEMVER =
  /^(0|[1-9]\d*)(\.(0|[1-9]\d*)){2}(-(0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(\.(0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*)?(\+[0-9a-zA-Z-]+(\.[0-9a-zA-Z-]+)*)?$/

/** Lists of attributes and what devices take of a node's resources: their features are off by default in v1.36. */
export function dropDisabledDeviceFields(spec: SliceSpec | null | undefined): void {
  for (const device of items(spec?.devices)) {
    delete device.nodeAllocatableResourceMappings
    for (const [, attribute] of entries(device.attributes as SentMap<Attribute>))
      for (const list of ['bools', 'ints', 'strings', 'versions'] as const) delete attribute[list]
  }
}

/** Gives taints the time at which they were added, in place. */
export function stampTaints(spec: SliceSpec | null | undefined, now: string): void {
  for (const device of items(spec?.devices)) for (const taint of items(device.taints)) taint.timeAdded ??= now
}

/** Checks the devices of a slice and the counters that they share. */
export function validateSliceDevices(spec: SliceSpec, errors: FieldError[]): void {
  const devices = items(spec.devices)
  if (spec.sharedCounters && spec.devices) errors.push(field.invalid('spec', '', 'only one of `sharedCounters` or `devices` is allowed'))
  const advanced = devices.some((d) => !isEmpty(d.taints) || !isEmpty(d.consumesCounters))
  checkSet(
    devices,
    advanced ? MOST_TAINTED_OR_COUNTED : MOST_DEVICES,
    (d) => d.name ?? '',
    'spec.devices',
    errors,
    (d, at) => validateDevice(d, at, spec.perDeviceNodeSelection === true, errors),
  )
  checkSet(
    items(spec.sharedCounters),
    MOST_COUNTER_SETS,
    (set) => set.name ?? '',
    'spec.sharedCounters',
    errors,
    (set, at) => {
      if (checkRequired(set.name, `${at}.name`, errors)) checkName(dns1123Label, set.name!, `${at}.name`, errors)
      validateCounters(set.counters, `${at}.counters`, errors)
    },
  )
}

function validateDevice(device: Device, path: string, choosesNodes: boolean, errors: FieldError[]): void {
  checkName(dns1123Label, device.name ?? '', `${path}.name`, errors)
  const attributes = device.attributes as SentMap<Attribute>
  const count = entries(attributes).length + entries(device.capacity).length
  if (count > MOST_ATTRIBUTES)
    errors.push(field.invalid(path, count, `the total number of attributes and capacities must not exceed ${MOST_ATTRIBUTES}`))
  const checkKey = (key: string, at: string): void => checkAttributeName(key, at, errors)
  checkMap(attributes, Infinity, `${path}.attributes`, errors, checkKey, (a, at) => validateAttribute(a ?? {}, at, errors))
  const isShared = device.allowMultipleAllocations === true
  checkMap(device.capacity, Infinity, `${path}.capacity`, errors, checkKey, (c, at) =>
    validateDeviceCapacity(c ?? {}, isShared, at, errors),
  )
  validateDeviceTaints(device.taints, `${path}.taints`, errors)
  checkSet(
    items(device.consumesCounters),
    MOST_CONSUMPTIONS,
    (c) => c.counterSet ?? '',
    `${path}.consumesCounters`,
    errors,
    (c, at) => {
      if (checkRequired(c.counterSet, `${at}.counterSet`, errors)) checkName(dns1123Label, c.counterSet!, `${at}.counterSet`, errors)
      validateCounters(c.counters, `${at}.counters`, errors)
    },
  )
  validatePlace(device, path, choosesNodes, errors)
  validateBindingConditions(device, path, errors)
}

function validateCounters(counters: SentMap<unknown>, path: string, errors: FieldError[]): void {
  if (isEmpty(counters)) errors.push(field.required(path))
  // Any quantity will do.
  else
    checkMap(
      counters,
      MOST_COUNTERS,
      path,
      errors,
      (key, at) => checkName(dns1123Label, key, at, errors),
      () => undefined,
    )
}

function validateAttribute(attribute: Attribute, path: string, errors: FieldError[]): void {
  const { bool, int, string, version } = attribute
  if (typeof string === 'string' && Buffer.byteLength(string) > LONGEST_VALUE) errors.push(field.tooLong(`${path}.string`, LONGEST_VALUE))
  if (typeof version === 'string') {
    if (!SEMVER.test(version))
      errors.push(field.invalid(`${path}.version`, version, 'must be a string compatible with semver.org spec 2.0.0'))
    if (Buffer.byteLength(version) > LONGEST_VALUE) errors.push(field.tooLong(`${path}.version`, LONGEST_VALUE))
  }
  const given = [bool, int, string, version].filter((v) => v !== undefined && v !== null).length
  if (given === 1) return
  errors.push(field.invalid(path, given === 0 ? '' : serverForm('DeviceAttribute', attribute), 'exactly one value must be specified'))
}

/** Where a device is: said of each by itself when the slice says so, and of none otherwise. */
function validatePlace(device: Device, path: string, choosesNodes: boolean, errors: FieldError[]): void {
  const { nodeName, nodeSelector, allNodes } = device
  const why = '`perDeviceNodeSelection` is set to true in the ResourceSlice spec'
  if (!choosesNodes) {
    if (typeof nodeName === 'string' || nodeSelector || typeof allNodes === 'boolean')
      errors.push(field.invalid(path, 'null', `\`nodeName\`, \`nodeSelector\` and \`allNodes\` can only be set if ${why}`))
    return
  }
  const places: string[] = []
  if (nodeName) {
    places.push('`nodeName`')
    checkName(dns1123Subdomain, nodeName, `${path}.nodeName`, errors)
  } else if (nodeName === '') errors.push(field.invalid(`${path}.nodeName`, nodeName, 'must not be empty'))
  if (nodeSelector) {
    places.push('`nodeSelector`')
    validateNodeSelector(nodeSelector, `${path}.nodeSelector`, errors)
  }
  if (allNodes) places.push('`allNodes`')
  else if (allNodes === false) errors.push(field.invalid(`${path}.allNodes`, allNodes, 'must be either unset or set to true'))
  const one = `exactly one of \`nodeName\`, \`nodeSelector\`, or \`allNodes\` is required when ${why}`
  if (places.length === 0) errors.push(field.required(path, one))
  if (places.length > 1) errors.push(field.invalid(path, `{${places.join(', ')}}`, one))
}
