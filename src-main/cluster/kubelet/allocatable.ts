/**
 * What of a node pods may have: its capacity without what is reserved for daemons, and without what is to stay free before
 * pods are evicted (https://kubernetes.io/docs/tasks/administer-cluster/reserve-compute-resources/#node-allocatable).
 */
import { formatQuantity, parseQuantity, quantityValue, subtractQuantities, type Quantity } from '../api/kinds/rules/quantity.js'
import { amountOf } from './eviction-thresholds.js'
import type { KubeletConfiguration } from './kubelet-configuration.js'

/** The eviction signal that a resource is kept free by. */
const KEPT_FREE: Readonly<Record<string, string>> = { memory: 'memory.available', 'ephemeral-storage': 'nodefs.available' }

/**
 * @param capacity quantities by resource
 * @param configuration of the kubelet: hard thresholds count where they are given, and not as defaults
 */
export function allocatableOf(capacity: Readonly<Record<string, string>>, configuration: KubeletConfiguration): Record<string, string> {
  const { kubeReserved = {}, systemReserved = {}, evictionHard = {} } = configuration
  return Object.fromEntries(
    Object.entries(capacity).map(([resource, text]) => {
      const all = parseQuantity(text)
      const threshold = evictionHard[KEPT_FREE[resource] ?? '']
      const held = [kubeReserved[resource], systemReserved[resource], threshold === undefined ? undefined : freed(threshold, all)]
      const taken = held.filter((amount) => amount !== undefined).map((amount) => parseQuantity(amount))
      if (taken.length === 0) return [resource, text]
      const left = taken.reduce<Quantity>((rest, amount) => subtractQuantities(rest, amount), all)
      return [resource, left.nano < 0n ? '0' : formatQuantity(left)]
    }),
  )
}

/** What a threshold comes to, as a quantity. */
function freed(threshold: string, capacity: Quantity): string {
  return threshold.endsWith('%') ? String(amountOf(threshold, quantityValue(capacity))) : threshold
}
