/** What was allocated for a claim, for whom, and what drivers say of the devices. */
import { field, type FieldError } from '../../errors.js'
import type { RuleContext } from '../kind.js'
import { checkName, checkOneOf, checkRequired } from './checks.js'
import { validateConditions } from './conditions.js'
import {
  checkAdminNamespace,
  requestNames,
  validateRequestRef,
  validateRequestRefs,
  type ClaimSpec,
  type RequestNames,
} from './device-claim.js'
import { checkRawObject, validateOpaque } from './device-config.js'
import { checkList, checkSet } from './device-lists.js'
import { checkDriverName, checkPoolName, checkUid } from './device-names.js'
import { validateBindingConditions, validateDeviceTolerations } from './device-taints.js'
import { checkInterfaceAddress } from './ip.js'
import { dns1123Label } from './names.js'
import { validateNodeSelector } from './node-affinity.js'
import { items, semanticEqual, strings, type Sent } from './sent.js'
import { checkStructure } from './server-form.js'
import type * as k8s from '@kubernetes/client-node'

export type ClaimStatus = Sent<k8s.V1ResourceClaimStatus>
type Allocation = Sent<k8s.V1AllocationResult>
type Result = Sent<k8s.V1DeviceRequestAllocationResult>
type DeviceStatus = Sent<k8s.V1AllocatedDeviceStatus>

const MOST_CONSUMERS = 256
const MOST_RESULTS = 32
const MOST_CONFIGS = 64
const MOST_CONDITIONS = 8
const MOST_ADDRESSES = 16
/** Bytes. */
const LONGEST_INTERFACE = 256
const LONGEST_HARDWARE_ADDRESS = 128

/** How messages name a device: its driver, pool and name, and the share of it that a claim has. */
const deviceId = (d: Result | DeviceStatus): string =>
  [d.driver ?? '', d.pool ?? '', d.device ?? '', ...(d.shareID ? [d.shareID] : [])].join('/')

const results = (status: ClaimStatus | null | undefined): Result[] => items(status?.allocation?.devices?.results)

/** Drops what drivers have said of devices that are no longer allocated, in place. */
export function dropDeallocated(status: ClaimStatus | null | undefined, old: ClaimStatus | null | undefined): void {
  if (!status?.devices) return
  const name = (d: Result | DeviceStatus): string => [d.driver, d.pool, d.device].join('/')
  const kept = new Set(results(status).map(name))
  const gone = new Set(
    results(old)
      .map(name)
      .filter((n) => !kept.has(n)),
  )
  const devices = items(status.devices).filter((d) => !gone.has(name(d)))
  if (devices.length > 0) status.devices = devices
  else delete status.devices
}

/** Checks a new status of a claim. What has been allocated stays as it is until it is given back whole. */
export function validateClaimStatus(
  claim: { spec?: ClaimSpec | null; status?: ClaimStatus | null; isDeleted: boolean },
  old: ClaimStatus | null | undefined,
  ctx: RuleContext,
  errors: FieldError[],
): void {
  const status = claim.status ?? {}
  const isRequest = requestNames(claim.spec ?? {})
  const forAdmins = (r: Result): boolean => Boolean(r.adminAccess)
  const admin = results(status).findIndex(forAdmins)
  if (admin >= 0 && !results(old).some(forAdmins))
    checkAdminNamespace(`status.allocation.devices.results[${admin}].adminAccess`, ctx, errors)
  validateConsumers(status, errors)
  validateDevices(status, errors)
  validateReservation(status, old, claim.isDeleted, errors)
  if (status.allocation && old?.allocation)
    checkStructure('AllocationResult', status.allocation, old.allocation, 'status.allocation', errors)
  else if (status.allocation) validateAllocation(status.allocation, isRequest, errors)
}

function validateConsumers(status: ClaimStatus, errors: FieldError[]): void {
  checkSet(
    items(status.reservedFor),
    MOST_CONSUMERS,
    (c) => c.uid ?? '',
    'status.reservedFor',
    errors,
    (c, at) => {
      checkRequired(c.resource, `${at}.resource`, errors)
      checkRequired(c.name, `${at}.name`, errors)
      checkRequired(c.uid, `${at}.uid`, errors)
    },
  )
}

function validateReservation(status: ClaimStatus, old: ClaimStatus | null | undefined, isDeleted: boolean, errors: FieldError[]): void {
  const consumers = items(status.reservedFor)
  if (consumers.length === 0) return
  const at = 'status.reservedFor'
  if (!status.allocation) errors.push(field.forbidden(at, 'may not be specified when `allocated` is not set'))
  else if (isDeleted && consumers.some((c) => !items(old?.reservedFor).some((o) => semanticEqual(o, c)))) {
    const why = 'new entries may not be added while `deallocationRequested` or `deletionTimestamp` are set'
    errors.push(field.forbidden(at, why))
  }
}

function validateDevices(status: ClaimStatus, errors: FieldError[]): void {
  const allocated = new Set(results(status).map(deviceId))
  const at = 'status.devices'
  const devices = items(status.devices)
  devices.forEach((d, i) => validateDevice(d, allocated, `${at}[${i}]`, errors))
  const seen = new Set<string>()
  devices.forEach((d, i) => {
    const id = deviceId(d)
    if (seen.has(id)) errors.push({ reason: 'FieldValueDuplicate', field: `${at}[${i}]`, body: `Duplicate value: ${id}` })
    seen.add(id)
  })
}

function validateDevice(d: DeviceStatus, allocated: ReadonlySet<string>, path: string, errors: FieldError[]): void {
  checkDriverName(d.driver, `${path}.driver`, errors)
  checkPoolName(d.pool, `${path}.pool`, errors)
  checkName(dns1123Label, d.device ?? '', `${path}.device`, errors)
  if (typeof d.shareID === 'string') checkUid(d.shareID, `${path}.shareID`, errors)
  const id = deviceId(d)
  if (!allocated.has(id)) {
    const body = `Invalid value: ${id}: must be an allocated device in the claim`
    errors.push({ reason: 'FieldValueInvalid', field: path, body })
  }
  const conditions = items(d.conditions)
  if (conditions.length > MOST_CONDITIONS) errors.push(field.tooMany(`${path}.conditions`, conditions.length, MOST_CONDITIONS))
  validateConditions(conditions, `${path}.conditions`, errors)
  if (d.data !== undefined && d.data !== null) checkRawObject(d.data, `${path}.data`, errors)
  const network = d.networkData
  if (!network) return
  const longest = (name: 'interfaceName' | 'hardwareAddress', most: number): void => {
    if (Buffer.byteLength(network[name] ?? '') > most) errors.push(field.tooLong(`${path}.networkData.${name}`, most))
  }
  longest('interfaceName', LONGEST_INTERFACE)
  longest('hardwareAddress', LONGEST_HARDWARE_ADDRESS)
  checkSet(
    strings(network.ips),
    MOST_ADDRESSES,
    (address) => address,
    `${path}.networkData.ips`,
    errors,
    (address, at) => checkInterfaceAddress(address, at, errors),
  )
}

function validateAllocation(allocation: Allocation, isRequest: RequestNames, errors: FieldError[]): void {
  const at = 'status.allocation'
  checkList(items(allocation.devices?.results), MOST_RESULTS, `${at}.devices.results`, errors, (r, here) => {
    validateRequestRef(r.request ?? '', isRequest, `${here}.request`, errors)
    checkDriverName(r.driver, `${here}.driver`, errors)
    checkPoolName(r.pool, `${here}.pool`, errors)
    checkName(dns1123Label, r.device ?? '', `${here}.device`, errors)
    validateBindingConditions(r, here, errors)
    validateDeviceTolerations(r.tolerations, `${here}.tolerations`, errors)
    if (typeof r.shareID === 'string') checkUid(r.shareID, `${here}.shareID`, errors)
  })
  checkList(items(allocation.devices?.config), MOST_CONFIGS, `${at}.devices.config`, errors, (c, here) => {
    checkOneOf(c.source, ['FromClaim', 'FromClass'], `${here}.source`, errors)
    validateRequestRefs(c.requests, isRequest, `${here}.requests`, errors)
    validateOpaque(c.opaque, `${here}.opaque`, errors)
  })
  if (allocation.nodeSelector) validateNodeSelector(allocation.nodeSelector, `${at}.nodeSelector`, errors)
}
