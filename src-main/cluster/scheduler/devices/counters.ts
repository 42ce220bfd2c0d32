/** Counters that the devices of a pool share: partitions of one device, of which only so many fit beside each other. */
import { parseQuantity } from '../../api/kinds/rules/quantity.js'
import type { Device, Pool } from './model.js'

export class SharedCounters {
  /** What is left, by pool, counter set and counter. */
  private readonly left = new Map<Pool, Map<string, Map<string, bigint>>>()

  /** @param inUse whether a device of a pool has been allocated before */
  constructor(private readonly inUse: (pool: Pool, device: string) => boolean) {}

  /** Whether there is enough left for a device. */
  hasRoomFor(device: Device, pool: Pool): boolean {
    if (!device.consumesCounters?.length) return true
    const left = this.leftOf(pool)
    return consumption(device).every(([set, counter, amount]) => (left.get(set)?.get(counter) ?? -1n) >= amount)
  }

  /** Takes what a device consumes, or with -1n gives it back. */
  take(device: Device, pool: Pool, times: 1n | -1n): void {
    if (device.consumesCounters?.length) subtract(this.leftOf(pool), device, times)
  }

  private leftOf(pool: Pool): Map<string, Map<string, bigint>> {
    let left = this.left.get(pool)
    if (left) return left
    left = new Map([...pool.counters].map(([set, counters]) => [set, new Map(counters)]))
    for (const [name, device] of pool.byName) if (this.inUse(pool, name)) subtract(left, device, 1n)
    this.left.set(pool, left)
    return left
  }
}

function subtract(left: ReadonlyMap<string, Map<string, bigint>>, device: Device, times: bigint): void {
  for (const [set, counter, amount] of consumption(device)) {
    const counters = left.get(set)
    if (counters?.has(counter)) counters.set(counter, counters.get(counter)! - times * amount)
  }
}

function consumption(device: Device): [set: string, counter: string, nano: bigint][] {
  return (device.consumesCounters ?? []).flatMap(({ counterSet, counters }) =>
    Object.entries(counters).map(([counter, { value }]): [string, string, bigint] => [counterSet, counter, parseQuantity(value).nano]),
  )
}
