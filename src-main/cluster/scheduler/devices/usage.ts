/** What claims have of devices. */
import { parseQuantity } from '../../api/kinds/rules/quantity.js'
import { deviceId, type AllocatedDevice, type Allocation } from './model.js'

/** An amount of each capacity of a device, in the nano units of quantities. */
export type Amounts = ReadonlyMap<string, bigint>

export class Usage {
  /** Devices that one claim has for itself, by id. */
  readonly whole = new Set<string>()
  /** What is taken of devices that several claims may have, by id. */
  private readonly shares = new Map<string, Map<string, bigint>>()

  /** Adds what was allocated. What administrators look into is not taken from anybody. */
  add(allocation: Allocation | undefined): void {
    for (const result of allocation?.devices?.results ?? []) if (!result.adminAccess) this.addResult(result)
  }

  /** How much is taken of a capacity of a shared device. */
  taken(id: string, capacity: string): bigint {
    return this.shares.get(id)?.get(capacity) ?? 0n
  }

  /** Takes, or with -1n gives back, a share of a device. */
  share(id: string, amounts: Amounts, times: 1n | -1n = 1n): void {
    let taken = this.shares.get(id)
    if (!taken) this.shares.set(id, (taken = new Map()))
    for (const [capacity, amount] of amounts) taken.set(capacity, (taken.get(capacity) ?? 0n) + times * amount)
  }

  private addResult({ driver, pool, device, shareID, consumedCapacity }: AllocatedDevice): void {
    const id = deviceId(driver, pool, device)
    if (!shareID) this.whole.add(id)
    else this.share(id, new Map(Object.entries(consumedCapacity ?? {}).map(([name, amount]) => [name, parseQuantity(amount).nano])))
  }
}
