/** Devices that drivers offer and that claims ask for (https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/). */
import type * as k8s from '@kubernetes/client-node'
import type { ResourceClaim } from '../../api/kinds/resourceclaim.js'
import type { ResourceSlice } from '../../api/kinds/resourceslice.js'
import type { KubeObject, Wire } from '../../api/object.js'

export type Device = Wire<k8s.V1Device>
export type DeviceClass = KubeObject & { spec?: Wire<k8s.V1DeviceClassSpec> }
export type Allocation = NonNullable<NonNullable<ResourceClaim['status']>['allocation']>
export type AllocatedDevice = NonNullable<NonNullable<Allocation['devices']>['results']>[number]
export type DeviceRequest = NonNullable<NonNullable<ResourceClaim['spec']['devices']>['requests']>[number]
export type ExactRequest = NonNullable<DeviceRequest['exactly']>
export type NodeSelector = NonNullable<Allocation['nodeSelector']>

/** A device where it is offered. */
export interface OfferedDevice {
  readonly id: string
  readonly device: Device
  readonly slice: ResourceSlice
  readonly pool: Pool
}

/** The devices of a pool that a node can reach, as of the newest generation of the pool. */
export interface Pool {
  /** `driver/pool` */
  readonly id: string
  readonly driver: string
  readonly name: string
  /** Whether all slices of that generation are there. */
  readonly isComplete: boolean
  /** What is wrong with it; nothing is taken from such a pool. */
  readonly fault: string | undefined
  readonly devices: OfferedDevice[]
  /** What the devices share, by counter set and counter, in the nano units of quantities. */
  readonly counters: ReadonlyMap<string, ReadonlyMap<string, bigint>>
  /** All devices of the pool by name, those that the node cannot reach included. */
  readonly byName: ReadonlyMap<string, Device>
}

/** How a device is told from all others. */
export const deviceId = (driver: string, pool: string, device: string): string => `${driver}/${pool}/${device}`
