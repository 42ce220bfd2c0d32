/**
 * How much of a device's capacity a request takes, where several claims may have the device
 * (https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/#consumable-capacity).
 */
import type * as k8s from '@kubernetes/client-node'
import { parseQuantity } from '../../api/kinds/rules/quantity.js'
import type { Wire } from '../../api/object.js'
import type { Device, ExactRequest } from './model.js'
import type { Amounts } from './usage.js'

type Capacity = NonNullable<Device['capacity']>[string]
/** On the wire the default is `default`; the client library calls it otherwise. */
type Policy = Wire<k8s.V1CapacityRequestPolicy> & { default?: string }

const nano = (quantity: string): bigint => parseQuantity(quantity).nano

/** Whether a device has what a request asks of its capacities at all. */
export function hasCapacity(device: Device, request: ExactRequest): boolean {
  return Object.entries(request.capacity?.requests ?? {}).every(([name, wanted]) => {
    const capacity = device.capacity?.[name]
    return capacity !== undefined && nano(wanted) <= nano(capacity.value)
  })
}

/** What a request takes of each capacity of a shared device; undefined when the device does not give out such amounts. */
export function shareOf(device: Device, request: ExactRequest): Amounts | undefined {
  const amounts = new Map<string, bigint>()
  for (const [name, capacity] of Object.entries(device.capacity ?? {})) {
    const wanted = request.capacity?.requests?.[name]
    const amount = granted(capacity, wanted === undefined ? undefined : nano(wanted))
    if (amount === undefined || amount > nano(capacity.value)) return undefined
    amounts.set(name, amount)
  }
  return amounts
}

/** The amount that is given for what is wanted: the next that the policy of the capacity allows. */
function granted({ value, requestPolicy }: Capacity, wanted: bigint | undefined): bigint | undefined {
  const policy: Policy | undefined = requestPolicy
  const usual = policy?.default
  if (wanted === undefined) return nano(usual ?? value)
  const values = policy?.validValues
  if (values?.length) return values.map(nano).find((v) => v >= wanted)
  const range = policy?.validRange
  if (!range?.min) return wanted
  const min = nano(range.min)
  const step = range.step ? nano(range.step) : 0n
  let amount = wanted < min ? min : wanted
  const over = step > 0n ? (amount - min) % step : 0n
  if (over > 0n) amount += step - over
  return range.max && amount > nano(range.max) ? undefined : amount
}
