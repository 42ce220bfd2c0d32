/** The allocation of a claim as its status tells it. */
import { jsonText } from '../../../exact-json.js'
import type { ResourceClaim } from '../../api/kinds/resourceclaim.js'
import { formatQuantity, parseQuantity } from '../../api/kinds/rules/quantity.js'
import type { Choice } from './allocator.js'
import type { AllocatedDevice, Allocation, NodeSelector } from './model.js'

type Config = NonNullable<NonNullable<Allocation['devices']>['config']>[number]

/**
 * What is written into the status of a claim.
 * @param node the name of the node that was chosen for its pod
 * @param shareId makes an id for a share of a device that several claims may have
 */
export function allocationOf(claim: ResourceClaim, chosen: readonly Choice[], node: string, shareId: () => string): Allocation {
  const config = configOf(claim, chosen)
  const nodeSelector = nodeSelectorOf(chosen, node)
  return {
    devices: { results: chosen.map((choice) => resultOf(choice, shareId)), ...(config.length > 0 ? { config } : {}) },
    ...(nodeSelector ? { nodeSelector } : {}),
  }
}

function resultOf({ option, offered, share }: Choice, shareId: () => string): AllocatedDevice {
  const { adminAccess, tolerations } = option.request
  const { bindingConditions, bindingFailureConditions } = offered.device
  const consumed = [...(share ?? [])].map(([name, nano]) => [name, amountOf(nano, offered.device.capacity![name]!.value)])
  return {
    request: option.name,
    driver: offered.pool.driver,
    pool: offered.pool.name,
    device: offered.device.name,
    ...(adminAccess ? { adminAccess } : {}),
    ...(tolerations?.length ? { tolerations } : {}),
    ...(bindingConditions?.length ? { bindingConditions } : {}),
    ...(bindingFailureConditions?.length ? { bindingFailureConditions } : {}),
    ...(share && !adminAccess ? { shareID: shareId(), consumedCapacity: Object.fromEntries(consumed) as Record<string, string> } : {}),
  }
}

/** An amount as a quantity, written as the capacity that it is of. */
const amountOf = (nano: bigint, capacity: string): string => formatQuantity({ nano, format: parseQuantity(capacity).format })

/** The configurations of the classes first, each with the requests it is for, and then those of the claim. */
function configOf(claim: ResourceClaim, chosen: readonly Choice[]): Config[] {
  const options = new Set(chosen.map((c) => c.option))
  const classes = new Set([...options].map((o) => o.deviceClass))
  const fromClasses = [...classes].flatMap((deviceClass) => {
    const requests = [...options].filter((o) => o.deviceClass === deviceClass).map((o) => o.name)
    return (deviceClass.spec?.config ?? []).map((config): Config => ({ ...config, source: 'FromClass', requests }))
  })
  const names = new Set([...options].flatMap((o) => o.names))
  const fromClaim = (claim.spec.devices?.config ?? [])
    .filter(({ requests }) => !requests?.length || requests.some((r) => names.has(r)))
    .map((config): Config => ({ ...config, source: 'FromClaim' }))
  return [...fromClasses, ...fromClaim]
}

/** The nodes from which all of the devices can be used; undefined when that is all nodes. */
function nodeSelectorOf(chosen: readonly Choice[], chosenNode: string): NodeSelector | undefined {
  const places = chosen.map(({ offered: { slice, device } }) => (slice.spec.perDeviceNodeSelection ? device : slice.spec))
  // A device that many nodes could have had may be made ready for one of them alone.
  const isBound = chosen.some(({ offered }) => offered.device.bindsToNode)
  const node = isBound ? chosenNode : places.find((p) => p.nodeName)?.nodeName
  if (node) return { nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [node] }] }] }
  const terms = places.flatMap((p) => p.nodeSelector?.nodeSelectorTerms ?? [])
  if (terms.length === 0) return undefined
  const matchExpressions = distinct(terms.flatMap((t) => t.matchExpressions ?? []))
  const matchFields = distinct(terms.flatMap((t) => t.matchFields ?? []))
  return {
    nodeSelectorTerms: [
      { ...(matchExpressions.length > 0 ? { matchExpressions } : {}), ...(matchFields.length > 0 ? { matchFields } : {}) },
    ],
  }
}

const distinct = <T>(list: readonly T[]): T[] => [...new Map(list.map((item) => [jsonText(item), item])).values()]
