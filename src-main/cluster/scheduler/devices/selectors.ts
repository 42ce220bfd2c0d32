/** Which devices the selectors and tolerations of a request and its class let through. */
import { deviceSelector, type DeviceFacts } from '../../api/kinds/rules/device-selector.js'
import { tolerates } from '../plugins/tainttoleration.js'
import { hasCapacity } from './capacity.js'
import type { DeviceClass, ExactRequest, OfferedDevice } from './model.js'

type Selectors = ExactRequest['selectors']

/** The effects of taints for which a device is not given to what does not tolerate them. */
const KEEPS_OFF: ReadonlySet<string> = new Set(['NoSchedule', 'NoExecute'])

/** Why devices cannot be allocated at all, on whatever node: something is wrong with a claim, a class or a pool. */
export class AllocationFault extends Error {}

/**
 * Whether a device may serve a request.
 * @param claim how messages name the claim, `namespace/name`
 * @throws AllocationFault for an expression that gives no value for the device
 */
export function isSelectable(offered: OfferedDevice, request: ExactRequest, deviceClass: DeviceClass, claim: string): boolean {
  const { driver } = offered.pool
  const { attributes, capacity, allowMultipleAllocations } = offered.device
  const facts: DeviceFacts = { driver, attributes, capacity, allowMultipleAllocations }
  return (
    hasCapacity(offered.device, request) &&
    allMatch(deviceClass.spec?.selectors, facts, `class ${deviceClass.metadata.name}`) &&
    allMatch(request.selectors, facts, `claim ${claim}`) &&
    (offered.device.taints ?? []).every((taint) => !KEEPS_OFF.has(taint.effect) || tolerates(request.tolerations, taint))
  )
}

function allMatch(selectors: Selectors, facts: DeviceFacts, whose: string): boolean {
  return (selectors ?? []).every(({ cel }, i) => {
    try {
      return deviceSelector(cel?.expression ?? '')(facts)
    } catch (error) {
      throw new AllocationFault(`${whose}: selector #${i}: ${(error as Error).message}`)
    }
  })
}
