/** Pools of devices, put together from the slices in which their drivers publish them. */
import type { ResourceSlice } from '../../api/kinds/resourceslice.js'
import { parseQuantity } from '../../api/kinds/rules/quantity.js'
import type { NodeInfo } from '../nodeinfo.js'
import { nodeSelectorMatcher } from '../plugins/nodeaffinity.js'
import { deviceId, type Device, type OfferedDevice, type Pool } from './model.js'

/** The slices of the newest generation of each pool, in the order of drivers, pools and slices. */
export function slicesByPool(slices: Iterable<ResourceSlice>): ReadonlyMap<string, readonly ResourceSlice[]> {
  const pools = new Map<string, ResourceSlice[]>()
  for (const slice of slices) {
    const id = poolId(slice)
    const found = pools.get(id)
    const newest = found?.[0]!.spec.pool.generation ?? -1
    const { generation } = slice.spec.pool
    if (!found || generation > newest) pools.set(id, [slice])
    else if (generation === newest) found.push(slice)
  }
  const byName = (a: ResourceSlice, b: ResourceSlice): number => (a.metadata.name! < b.metadata.name! ? -1 : 1)
  const sorted = [...pools].sort(([a], [b]) => (a < b ? -1 : 1))
  return new Map(sorted.map(([id, list]) => [id, list.sort(byName)]))
}

const poolId = ({ spec }: ResourceSlice): string => `${spec.driver}/${spec.pool.name}`

/** The pools that have devices for a node: first those with devices that are ready at once. */
export function poolsFor(node: NodeInfo, pools: ReadonlyMap<string, readonly ResourceSlice[]>): Pool[] {
  const found = [...pools].flatMap(([id, slices]) => {
    const reached = slices.filter((slice) => slice.spec.perDeviceNodeSelection || isReached(slice.spec, node))
    return reached.length > 0 ? [poolOf(id, slices, reached, node)] : []
  })
  const waits = (pool: Pool): boolean => pool.devices.some(({ device }) => device.bindingConditions?.length)
  return [...found.filter((pool) => !waits(pool)), ...found.filter(waits)]
}

type Place = Pick<Device, 'nodeName' | 'nodeSelector' | 'allNodes'>

/** Whether what is at a place can be used from a node. */
function isReached({ nodeName, nodeSelector, allNodes }: Place, { name, labels }: NodeInfo): boolean {
  if (allNodes) return true
  if (nodeName) return nodeName === name
  return nodeSelector ? nodeSelectorMatcher(nodeSelector.nodeSelectorTerms)(name, labels) : false
}

function poolOf(id: string, slices: readonly ResourceSlice[], reached: readonly ResourceSlice[], node: NodeInfo): Pool {
  const { driver, pool } = slices[0]!.spec
  const devices: OfferedDevice[] = []
  const byName = new Map<string, Device>()
  const twice = new Set<string>()
  for (const { spec } of slices)
    for (const device of spec.devices ?? []) {
      if (byName.has(device.name)) twice.add(device.name)
      byName.set(device.name, device)
    }
  const result: Pool = {
    id,
    driver,
    name: pool.name,
    isComplete: slices.length >= pool.resourceSliceCount,
    fault: twice.size > 0 ? `duplicate device name ${[...twice][0]}` : undefined,
    devices,
    counters: countersOf(slices),
    byName,
  }
  for (const slice of reached)
    for (const device of slice.spec.devices ?? []) {
      if (slice.spec.perDeviceNodeSelection && !isReached(device, node)) continue
      devices.push({ id: deviceId(driver, pool.name, device.name), device, slice, pool: result })
    }
  return result
}

function countersOf(slices: readonly ResourceSlice[]): ReadonlyMap<string, ReadonlyMap<string, bigint>> {
  const sets = slices.flatMap(({ spec }) => spec.sharedCounters ?? [])
  return new Map(
    sets.map(({ name, counters }) => [
      name,
      new Map(Object.entries(counters).map(([counter, { value }]) => [counter, parseQuantity(value).nano])),
    ]),
  )
}
