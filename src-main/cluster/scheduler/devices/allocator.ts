/**
 * Finds devices for all claims of a pod on one node: the first way in which every request of every claim has the devices
 * it asks for, and every constraint holds.
 */
import type { ResourceClaim } from '../../api/kinds/resourceclaim.js'
import { parseQuantity } from '../../api/kinds/rules/quantity.js'
import { Constraint } from './constraints.js'
import { shareOf } from './capacity.js'
import { SharedCounters } from './counters.js'
import type { DeviceClass, OfferedDevice, Pool } from './model.js'
import { deviceId } from './model.js'
import { claimKey, optionsOf, requestsOf, type Option } from './requests.js'
import { AllocationFault } from './selectors.js'
import type { Amounts, Usage } from './usage.js'

/** A device that was found for a request. */
export interface Choice {
  readonly option: Option
  readonly offered: OfferedDevice
  /** Of a device that several claims may have: how much of it. */
  readonly share: Amounts | undefined
}

/** What the allocator looks at. */
export interface Stock {
  readonly pools: readonly Pool[]
  /** What other claims have; while devices are sought, what is chosen is added to it and given back. */
  readonly inUse: Usage
  classOf(name: string): DeviceClass | undefined
}

/** How many devices a claim may have. */
const MOST_DEVICES = 32

/**
 * The devices for each claim, in the order of the claims; undefined when they cannot all be had on the node.
 * @throws AllocationFault when that cannot be told
 */
export function allocate(claims: readonly ResourceClaim[], stock: Stock): (readonly Choice[])[] | undefined {
  const search = new Search(claims, stock)
  return search.run() ? search.chosen : undefined
}

class Search {
  readonly chosen: Choice[][]
  /** For each claim and each of its requests, the ways to serve it. */
  private readonly options: Option[][][]
  private readonly constraints: Constraint[][]
  private readonly counters: SharedCounters

  constructor(
    claims: readonly ResourceClaim[],
    private readonly stock: Stock,
  ) {
    const { pools, inUse } = stock
    this.options = claims.map((claim) => {
      const options = requestsOf(claim).map((request) => optionsOf(claim, request, pools, (name) => stock.classOf(name)))
      const least = options.reduce((sum, ways) => sum + Math.min(...ways.map((o) => o.count)), 0)
      if (least > MOST_DEVICES)
        throw new AllocationFault(
          `claim ${claimKey(claim)}: number of requested devices ${least} exceeds the claim limit of ${MOST_DEVICES}`,
        )
      return options
    })
    this.constraints = claims.map((claim) => (claim.spec.devices?.constraints ?? []).map((c) => new Constraint(c)))
    this.counters = new SharedCounters((pool, device) => inUse.whole.has(deviceId(pool.driver, pool.name, device)))
    this.chosen = claims.map(() => [])
  }

  /** Whether there is a way to serve all claims. Leaves the usage as it was. */
  run(): boolean {
    const found = this.serve(0, 0)
    for (const choice of this.chosen.flat()) this.count(choice, -1n)
    return found
  }

  /** Serves a request of a claim and all that come after it. */
  private serve(claim: number, request: number): boolean {
    const requests = this.options[claim]
    if (!requests) return true
    const options = requests[request]
    if (!options) return this.serve(claim + 1, 0)
    return options.some((option) => {
      if (this.chosen[claim]!.length + option.count > MOST_DEVICES || option.all?.length === 0) return false
      const devices = option.all ?? this.stock.pools.flatMap((pool) => pool.devices)
      return this.choose({ claim, request, option, devices }, 0, 0)
    })
  }

  /** Chooses the devices of a request from the `from`th on, `had` of which it has, and serves what comes after it. */
  private choose(
    at: { claim: number; request: number; option: Option; devices: readonly OfferedDevice[] },
    from: number,
    had: number,
  ): boolean {
    const { claim, request, option, devices } = at
    if (had === option.count) return this.serve(claim, request + 1)
    for (let i = from; i < devices.length; i++) {
      const offered = devices[i]!
      const { pool } = offered
      if (pool.fault) throw new AllocationFault(`pool ${pool.name} is invalid: ${pool.fault}`)
      if (!this.take(claim, option, offered)) {
        // Where all are wanted, one that cannot be had settles it.
        if (option.all) return false
        continue
      }
      // Of a device that may be had several times there may be enough for the next one too.
      const next = offered.device.allowMultipleAllocations && !option.all ? i : i + 1
      if (this.choose(at, next, had + 1)) return true
      this.giveBack(claim)
      if (option.all) return false
    }
    return false
  }

  private take(claim: number, option: Option, offered: OfferedDevice): boolean {
    const { inUse } = this.stock
    const { adminAccess } = option.request
    const own = this.chosen[claim]!
    // Administrators may look into devices that others use, but once in a claim.
    const isUsed = adminAccess ? own.some((c) => c.offered.id === offered.id) : inUse.whole.has(offered.id)
    if (isUsed || !option.selects(offered)) return false
    const share = offered.device.allowMultipleAllocations ? shareOf(offered.device, option.request) : undefined
    if (!adminAccess && !this.isLeft(offered, share)) return false
    const constraints = this.constraints[claim]!
    const broken = constraints.findIndex((c) => !c.add(option.names, offered))
    if (broken >= 0) {
      for (const c of constraints.slice(0, broken)) c.remove(option.names)
      return false
    }
    const choice = { option, offered, share }
    this.count(choice, 1n)
    own.push(choice)
    return true
  }

  /** Whether there is enough left of a device, and of the counters that it shares with others. */
  private isLeft({ id, device, pool }: OfferedDevice, share: Amounts | undefined): boolean {
    if (!device.allowMultipleAllocations) return this.counters.hasRoomFor(device, pool)
    if (!share) return false
    return [...share].every(
      ([name, amount]) => this.stock.inUse.taken(id, name) + amount <= parseQuantity(device.capacity![name]!.value).nano,
    )
  }

  private giveBack(claim: number): void {
    const choice = this.chosen[claim]!.pop()!
    for (const c of this.constraints[claim]!) c.remove(choice.option.names)
    this.count(choice, -1n)
  }

  /** Counts a choice as used, or with -1n as used no more. */
  private count({ option, offered: { id, device, pool }, share }: Choice, times: 1n | -1n): void {
    if (option.request.adminAccess) return
    if (share) this.stock.inUse.share(id, share, times)
    else {
      if (times > 0n) this.stock.inUse.whole.add(id)
      else this.stock.inUse.whole.delete(id)
      this.counters.take(device, pool, times)
    }
  }
}
