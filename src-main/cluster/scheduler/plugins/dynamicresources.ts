/**
 * Pods that ask for devices by claims
 * (https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/): they wait until their claims
 * are there, go where the devices that they have, or can have, are, and before they are bound the claims are allocated to
 * these and reserved for them.
 */
import type { Client, Informer, Informers } from '../../api/client.js'
import { resources } from '../../api/client.js'
import type { ResourceClaim } from '../../api/kinds/resourceclaim.js'
import type { ResourceSlice } from '../../api/kinds/resourceslice.js'
import type { Pod } from '../../api/object.js'
import type { Clock } from '../../clock.js'
import { rfc3339 } from '../../clock.js'
import type { Random } from '../../random.js'
import { allocationOf } from '../devices/allocation.js'
import { allocate, type Choice, type Stock } from '../devices/allocator.js'
import { ClaimWriter, isReservedFor } from '../devices/claim-writer.js'
import type { Allocation, DeviceClass } from '../devices/model.js'
import { hasBindingConditions, isBindingHopeless, untilReady } from '../devices/binding-conditions.js'
import { classFor, extendedClaim, isExtendedClaimOf, lacking, type ExtendedClaim } from '../devices/extended-resources.js'
import { claimsOf } from '../devices/pod-claims.js'
import { poolsFor, slicesByPool } from '../devices/pools.js'
import { claimKey, exactRequests, requestsOf } from '../devices/requests.js'
import { AllocationFault } from '../devices/selectors.js'
import { Usage } from '../devices/usage.js'
import type { ClusterEvent, NodeFilter, Plugin, Rejection } from '../framework.js'
import { reject } from '../framework.js'
import type { NodeInfo } from '../nodeinfo.js'
import type { PodInfo } from '../podinfo.js'
import { nodeSelectorMatcher } from './nodeaffinity.js'

export interface DynamicResourcesOptions {
  client: Client
  informers: Informers
  clock: Clock
  /** Of the ids of shares. */
  random: Random
  /** Called when something has changed that pods with claims may wait for. */
  changed(event: ClusterEvent & { type: 'ClaimChange' }): void
}

/** How many pods may use a claim at once. */
const MOST_CONSUMERS = 256

const notAllocated = reject('cannot allocate all claims', true)
const elsewhere = reject('resourceclaim not available on the node', true)

/** What was found out about a pod in its last attempt. */
interface Attempt {
  readonly claims: readonly ResourceClaim[]
  /** The claims that are still to be allocated. */
  readonly waiting: readonly ResourceClaim[]
  /** The devices for these, by node. */
  readonly found: Map<string, readonly (readonly Choice[])[]>
  /** Claims that have devices elsewhere than on some node. */
  readonly elsewhere: Set<ResourceClaim>
  /** The claim for extended resources that a node has not itself, by node: its devices are the last of those found. */
  readonly extended: Map<string, ExtendedClaim>
  /** The one of these that was chosen, or, of a try before, is still there. */
  chosen?: { readonly node: string; readonly extended: ExtendedClaim; stored?: ResourceClaim }
}

export class DynamicResources implements Plugin {
  readonly name = 'DynamicResources'
  readonly synced: Promise<unknown>
  /** Stops following claims, classes and slices. */
  readonly stop: () => void
  private readonly claims: Informer<ResourceClaim>
  private readonly classes: Informer<DeviceClass>
  private readonly slices: Informer<ResourceSlice>
  private readonly writer: ClaimWriter
  private readonly clock: Clock
  private readonly random: Random
  /** Allocations that are on their way into the status of their claims, by the claim's uid. */
  private readonly pending = new Map<string, Allocation>()
  private readonly attempts = new WeakMap<PodInfo, Attempt>()

  constructor({ client, informers, clock, random, changed }: DynamicResourcesOptions) {
    this.clock = clock
    this.random = random
    this.claims = informers.for<ResourceClaim>(resources.resourceclaims)
    this.classes = informers.for<DeviceClass>(resources.deviceclasses)
    this.slices = informers.for<ResourceSlice>(resources.resourceslices)
    this.writer = new ClaimWriter(client, this.claims)
    this.synced = Promise.all([this.claims.synced, this.classes.synced, this.slices.synced])
    const any = (): void => changed({ type: 'ClaimChange' })
    const onClaim = (claim: ResourceClaim, freed: boolean): void => {
      const { uid } = claim.metadata
      if (freed || claim.status?.allocation) this.pending.delete(uid!)
      changed({ type: 'ClaimChange', uid: uid!, freed })
    }
    const stops = [
      this.classes.on({ add: any, update: any }),
      this.slices.on({ add: any, update: any }),
      this.claims.on({
        add: (claim) => onClaim(claim, false),
        update: (old, claim) => onClaim(claim, Boolean(old.status?.allocation && !claim.status?.allocation)),
        delete: (claim) => onClaim(claim, true),
      }),
    ]
    this.stop = () => stops.forEach((stop) => stop())
  }

  holdsBack(pod: Pod): Rejection | undefined {
    const claims = claimsOf(pod, this.claims)
    return typeof claims === 'string' ? reject(claims, true) : undefined
  }

  /** Whether a DeviceClass stands for a resource: then nodes need not have it themselves. */
  isBackedByDevices(resource: string): boolean {
    return classFor(resource, this.classes.list()) !== undefined
  }

  filter(info: PodInfo): NodeFilter | Rejection | undefined {
    this.attempts.delete(info)
    const { resourceClaims } = info.pod.spec!
    const names = this.extendedResourcesOf(info)
    if (!resourceClaims?.length && names.length === 0) return undefined
    const claims = claimsOf(info.pod, this.claims)
    if (typeof claims === 'string') return reject(claims, true)
    const obstacle = this.obstacle(claims, info)
    if (obstacle) return obstacle
    const waiting = claims.filter((c) => !c.status?.allocation)
    const attempt: Attempt = { claims, waiting, found: new Map(), elsewhere: new Set(), extended: new Map() }
    this.attempts.set(info, attempt)
    if (names.length > 0) {
      const left = [...this.claims.list()].find((claim) => isExtendedClaimOf(claim, info.uid))
      // That of a try that failed has to go first.
      if (left) {
        attempt.elsewhere.add(left)
        return { check: () => reject('cannot schedule extended resource claim', true) }
      }
    }
    const extendedFor = this.extendedClaims(info, names)
    const stockOf = waiting.length > 0 || names.length > 0 ? this.stocks() : undefined
    const places = claims.flatMap((claim) => {
      const terms = claim.status?.allocation?.nodeSelector?.nodeSelectorTerms
      return terms ? [{ claim, reaches: nodeSelectorMatcher(terms) }] : []
    })
    // Devices that were not made ready are given back, and others sought.
    const hopeless = claims.filter((claim) => claim.status?.allocation && isBindingHopeless(claim, this.clock.now()))
    for (const claim of hopeless) attempt.elsewhere.add(claim)
    const check = (node: NodeInfo): Rejection | undefined => {
      if (hopeless.length > 0) return elsewhere
      const unreached = places.filter(({ reaches }) => !reaches(node.name, node.labels))
      for (const { claim } of unreached) attempt.elsewhere.add(claim)
      const extended = extendedFor(node)
      const wanted = extended ? [...waiting, extended.claim] : waiting
      if (stockOf && wanted.length > 0) {
        const found = this.allocate(wanted, stockOf(node))
        if (!found) return notAllocated
        attempt.found.set(node.name, found)
        if (extended) attempt.extended.set(node.name, extended)
      }
      return unreached.length > 0 ? elsewhere : undefined
    }
    return { check }
  }

  helps(event: ClusterEvent, { pod }: PodInfo): boolean {
    switch (event.type) {
      case 'ClaimChange': {
        if (event.uid === undefined || event.freed) return true
        const claims = claimsOf(pod, this.claims)
        return typeof claims !== 'string' && claims.some((c) => c.metadata.uid === event.uid)
      }
      case 'NodeAdd':
      case 'NodeUpdate':
        return true
      case 'PodUpdate':
        return event.pod === pod
      default:
        return false
    }
  }

  /** Gives back one claim of a pod that fits nowhere, when nobody uses it and its devices are what stands in the way. */
  postFilter(info: PodInfo): string {
    const attempt = this.attempts.get(info)
    if (!attempt && !info.pod.spec!.resourceClaims?.length) return 'no new claims to deallocate'
    const { uid } = info
    for (const claim of attempt?.elsewhere ?? []) {
      if (isExtendedClaimOf(claim, uid)) {
        void this.clock.track(this.writer.remove(claim).catch(() => undefined))
        return 'deletion of ResourceClaim completed'
      }
      const users = claim.status?.reservedFor ?? []
      if (users.some((u) => u.uid !== uid)) continue
      void this.clock.track(this.writer.deallocate(claim).catch(() => undefined))
      return 'deallocation of ResourceClaim completed'
    }
    return 'still not schedulable'
  }

  reserve(info: PodInfo, node: NodeInfo): void {
    const attempt = this.attempts.get(info)
    const found = attempt?.found.get(node.name)
    if (!found) return
    const extended = attempt!.extended.get(node.name)
    if (extended) attempt!.chosen = { node: node.name, extended }
    const claims = extended ? [...attempt!.waiting, extended.claim] : attempt!.waiting
    claims.forEach((claim, i) => {
      const allocation = allocationOf(claim, found[i]!, node.name, () => this.random.uuid())
      this.pending.set(claim.metadata.uid!, { ...allocation, allocationTimestamp: rfc3339(this.clock.now()) })
    })
  }

  unreserve(info: PodInfo): void {
    const attempt = this.attempts.get(info)
    if (attempt?.chosen) {
      const { extended, stored } = attempt.chosen
      for (const claim of [extended.claim, ...(stored ? [stored] : [])]) this.pending.delete(claim.metadata.uid!)
      if (stored) void this.clock.track(this.writer.remove(stored).catch(() => undefined))
    }
    for (const claim of attempt?.claims ?? []) {
      this.pending.delete(claim.metadata.uid!)
      void this.clock.track(this.writer.release(claim, info).catch(() => undefined))
    }
  }

  preBind(info: PodInfo): Promise<void> | undefined {
    const attempt = this.attempts.get(info)
    if (!attempt) return undefined
    const { claims, chosen } = attempt
    const allocations = claims.map(({ metadata, status }) => this.pending.get(metadata.uid!) ?? status!.allocation!)
    const unready = claims.filter((_, i) => hasBindingConditions(allocations[i]!))
    const unreserved = claims.filter((c) => !isReservedFor(c, info.uid))
    if (chosen) return this.storeExtended(info, chosen).then((stored) => this.bindAll([...unreserved, stored], [...unready, stored], info))
    return unreserved.length > 0 || unready.length > 0 ? this.bindAll(unreserved, unready, info) : undefined
  }

  /** Stores the claim that was made for a pod, and tells of it in the pod's status. */
  private async storeExtended(info: PodInfo, chosen: NonNullable<Attempt['chosen']>): Promise<ResourceClaim> {
    const { claim, mappings } = chosen.extended
    const stored = await this.writer.create(claim)
    chosen.stored = stored
    this.pending.set(stored.metadata.uid!, this.pending.get(claim.metadata.uid!)!)
    this.pending.delete(claim.metadata.uid!)
    await this.writer.tell(info, { requestMappings: mappings, resourceClaimName: stored.metadata.name! })
    return stored
  }

  private async bindAll(unreserved: readonly ResourceClaim[], unready: readonly ResourceClaim[], info: PodInfo): Promise<void> {
    for (const claim of unreserved) await this.writer.reserve(claim, info, this.pending.get(claim.metadata.uid!))
    if (unready.length > 0) {
      const keys = unready.map(({ metadata }) => [metadata.namespace!, metadata.name!] as const)
      await untilReady(keys, this.claims, this.clock)
    }
  }

  /** The names of a pod's resources that a DeviceClass stands for. */
  private extendedResourcesOf({ requests }: PodInfo): string[] {
    return [...(requests.scalars ?? [])].flatMap(([name, amount]) => (amount > 0 && this.isBackedByDevices(name) ? [name] : []))
  }

  /** Finds the claim that a pod needs on a node; nodes that lack the same need the same. */
  private extendedClaims(info: PodInfo, names: readonly string[]): (node: NodeInfo) => ExtendedClaim | undefined {
    const made = new Map<string, ExtendedClaim>()
    const classOf = (name: string): string => classFor(name, this.classes.list())!.metadata.name!
    return (node) => {
      const wanted = lacking(names, node)
      if (wanted.length === 0) return undefined
      const key = wanted.join()
      let found = made.get(key)
      if (!found) made.set(key, (found = extendedClaim(info, wanted, classOf, this.random.uuid())))
      return found
    }
  }

  private allocate(claims: readonly ResourceClaim[], stock: Stock): (readonly Choice[])[] | undefined {
    try {
      return allocate(claims, stock)
    } catch (error) {
      if (!(error instanceof AllocationFault)) throw error
      throw new Error(`running "${this.name}" filter plugin: ${error.message}`)
    }
  }

  /** Why no node will do, as far as the claims by themselves tell. */
  private obstacle(claims: readonly ResourceClaim[], info: PodInfo): Rejection | undefined {
    for (const claim of claims) {
      const { allocation, reservedFor = [] } = claim.status ?? {}
      if (allocation) {
        if (reservedFor.length >= MOST_CONSUMERS && !isReservedFor(claim, info.uid)) return reject('resourceclaim in use', true)
        continue
      }
      if (this.pending.has(claim.metadata.uid!))
        return reject(`resource claim ${claimKey(claim)} is in the process of being allocated`, true)
      for (const { name, request } of requestsOf(claim).flatMap(exactRequests)) {
        const wanted = request.deviceClassName
        if (!this.classes.get('', wanted)) return reject(`request ${name}: device class ${wanted} does not exist`, true)
      }
    }
    return undefined
  }

  /** What each node has to give, as things are now. */
  private stocks(): (node: NodeInfo) => Stock {
    const inUse = this.devicesInUse()
    const pools = slicesByPool(this.slices.list())
    return (node) => ({ pools: poolsFor(node, pools), inUse, classOf: (name) => this.classes.get('', name) })
  }

  private devicesInUse(): Usage {
    const usage = new Usage()
    for (const { status } of this.claims.list()) usage.add(status?.allocation)
    for (const allocation of this.pending.values()) usage.add(allocation)
    return usage
  }
}
