/** What a claim asks for, request by request. */
import type { ResourceClaim } from '../../api/kinds/resourceclaim.js'
import type { DeviceClass, DeviceRequest, ExactRequest, OfferedDevice, Pool } from './model.js'
import { AllocationFault, isSelectable } from './selectors.js'

/** One way to serve a request: the request itself, or one of those of which the first that can be had will do. */
export interface Option {
  /** What results and configurations call it: `request`, or `request/subrequest`. */
  readonly name: string
  /** What constraints may call it. */
  readonly names: readonly string[]
  readonly request: ExactRequest
  readonly deviceClass: DeviceClass
  /** How many devices are wanted. */
  readonly count: number
  /** Where all devices are wanted: these. */
  readonly all: readonly OfferedDevice[] | undefined
  /** Whether a device may serve it; looked at once for each device. */
  selects(offered: OfferedDevice): boolean
}

export const claimKey = ({ metadata }: ResourceClaim): string => `${metadata.namespace}/${metadata.name}`

/** The requests of a claim. */
export const requestsOf = (claim: ResourceClaim): readonly DeviceRequest[] => claim.spec.devices?.requests ?? []

/** The exact requests in a request, with the names that results have for them. */
export function exactRequests({ name, exactly, firstAvailable }: DeviceRequest): { name: string; request: ExactRequest }[] {
  if (!firstAvailable?.length) return exactly ? [{ name, request: exactly }] : []
  return firstAvailable.map((request) => ({ name: `${name}/${request.name}`, request }))
}

/**
 * The ways to serve a request on a node.
 * @throws AllocationFault when all devices are wanted and it is not known yet which those are
 */
export function optionsOf(
  claim: ResourceClaim,
  request: DeviceRequest,
  pools: readonly Pool[],
  classOf: (name: string) => DeviceClass | undefined,
): Option[] {
  const key = claimKey(claim)
  return exactRequests(request).map(({ name, request: exact }) => {
    const deviceClass = classOf(exact.deviceClassName)
    const where = `claim ${key}, request ${name.slice(name.indexOf('/') + 1)}`
    if (!deviceClass) throw new AllocationFault(`${where}: could not retrieve device class ${exact.deviceClassName}`)
    const known = new Map<OfferedDevice, boolean>()
    const selects = (offered: OfferedDevice): boolean => {
      let fits = known.get(offered)
      if (fits === undefined) known.set(offered, (fits = isSelectable(offered, exact, deviceClass, key)))
      return fits
    }
    const all = exact.allocationMode === 'All' ? allOf(pools, selects, where) : undefined
    const names = name === request.name ? [name] : [request.name, name]
    return { name, names, request: exact, deviceClass, count: all?.length ?? Number(exact.count ?? 1), all, selects }
  })
}

function allOf(pools: readonly Pool[], selects: (offered: OfferedDevice) => boolean, where: string): OfferedDevice[] {
  for (const { id, isComplete, fault } of pools) {
    if (!isComplete) throw new AllocationFault(`${where}: asks for all devices, but resource pool ${id} is currently being updated`)
    if (fault) throw new AllocationFault(`${where}: asks for all devices, but resource pool ${id} is currently invalid`)
  }
  return pools.flatMap((pool) => pool.devices.filter(selects))
}
