/**
 * Extended resources (`example.com/gpu: 1`) that nodes have no plugin for, and that a DeviceClass stands for: the scheduler
 * makes a claim for them in the name of the pod.
 * https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/#extended-resources-allocation-by-dra
 */
import type { ResourceClaim } from '../../api/kinds/resourceclaim.js'
import { quantityValue, tryParseQuantity } from '../../api/kinds/rules/quantity.js'
import type { Pod } from '../../api/object.js'
import { controllerOf } from '../../api/object.js'
import type { NodeInfo } from '../nodeinfo.js'
import type { PodInfo } from '../podinfo.js'
import type { DeviceClass, DeviceRequest } from './model.js'

/** Each class stands for a resource of this name, whatever else it stands for. */
const IMPLICIT = 'deviceclass.resource.kubernetes.io/'
/** Marks the claim that was made for the extended resources of its pod. */
const ANNOTATION = 'resource.kubernetes.io/extended-resource-claim'

type Container = NonNullable<Pod['spec']>['containers'][number]

/** Which request of the claim serves a container's resource, as `status.extendedResourceClaimStatus` tells it. */
export interface RequestMapping {
  containerName: string
  resourceName: string
  requestName: string
}

/** The claim that a pod needs on a node. */
export interface ExtendedClaim {
  readonly claim: ResourceClaim
  readonly mappings: readonly RequestMapping[]
}

/** The class that stands for a resource; of several that name it the newest, of those made at once the first by name. */
export function classFor(resource: string, classes: Iterable<DeviceClass>): DeviceClass | undefined {
  let found: DeviceClass | undefined
  for (const candidate of classes) {
    if (resource === IMPLICIT + candidate.metadata.name) return candidate
    if (candidate.spec?.extendedResourceName !== resource) continue
    if (!found || comesFirst(candidate, found)) found = candidate
  }
  return found
}

function comesFirst({ metadata: a }: DeviceClass, { metadata: b }: DeviceClass): boolean {
  const age = Date.parse(a.creationTimestamp ?? '') - Date.parse(b.creationTimestamp ?? '')
  return age > 0 || (age === 0 && a.name! < b.name!)
}

/** Whether the claim was made for the extended resources of a pod. */
export const isExtendedClaimOf = (claim: ResourceClaim, podUid: string): boolean =>
  claim.metadata.annotations?.[ANNOTATION] === 'true' && controllerOf(claim)?.uid === podUid

/** Which of a pod's resources a node has not itself. */
export const lacking = (names: readonly string[], { allocatable }: NodeInfo): string[] =>
  names.filter((name) => !allocatable.scalars?.get(name))

/**
 * The claim for resources of a pod. Containers that run at the same time have requests of their own; init containers use
 * those of the containers after them, and share one for what they need beyond these.
 * @param uid stands for the claim until it is stored
 */
export function extendedClaim({ pod }: PodInfo, names: readonly string[], classOf: (name: string) => string, uid: string): ExtendedClaim {
  const requests: DeviceRequest[] = []
  const mappings: RequestMapping[] = []
  for (const name of [...names].sort()) {
    const made = requestsFor(pod, name, classOf(name))
    requests.push(...made.requests)
    mappings.push(...made.mappings)
  }
  requests.sort((a, b) => (a.name < b.name ? -1 : 1))
  const { namespace, name: podName, uid: podUid } = pod.metadata
  const claim = {
    apiVersion: 'resource.k8s.io/v1',
    kind: 'ResourceClaim',
    metadata: {
      namespace: namespace!,
      generateName: `${podName}-extended-resources-`,
      annotations: { [ANNOTATION]: 'true' },
      ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: podName!, uid: podUid!, controller: true }],
      uid,
    },
    spec: { devices: { requests } },
  }
  return { claim, mappings }
}

type CountedRequest = DeviceRequest & { exactly: { count: number } }

function requestsFor({ spec }: Pod, resource: string, deviceClassName: string): { requests: CountedRequest[]; mappings: RequestMapping[] } {
  const init = spec!.initContainers ?? []
  const containers = [...init, ...spec!.containers]
  const ends = (i: number): boolean => i < init.length && containers[i]!.restartPolicy !== 'Always'
  const mappings: RequestMapping[] = []
  const map = (i: number, { name }: CountedRequest): number =>
    mappings.push({ containerName: containers[i]!.name, resourceName: resource, requestName: name })
  const request = (i: number, count: number): CountedRequest => ({
    name: `container-${i}-request-${positionOf(containers[i]!, resource)}`,
    exactly: { deviceClassName, allocationMode: 'ExactCount', count },
  })
  const lasting = containers.map((container, i) => {
    const count = ends(i) ? 0 : amountOf(container, resource)
    if (count === 0) return undefined
    const own = request(i, count)
    map(i, own)
    return own
  })
  let shared: CountedRequest | undefined
  const extra: number[] = []
  containers.forEach((container, i) => {
    let missing = ends(i) ? amountOf(container, resource) : 0
    for (const later of lasting.slice(i)) {
      if (missing <= 0) return
      if (!later) continue
      map(i, later)
      missing -= later.exactly.count
    }
    if (missing <= 0) return
    extra.push(i)
    if (!shared || shared.exactly.count < missing) shared = request(i, missing)
  })
  for (const i of extra) map(i, shared!)
  return { requests: [...(shared ? [shared] : []), ...lasting.filter((r) => r !== undefined)], mappings }
}

function amountOf({ resources }: Container, resource: string): number {
  const quantity = tryParseQuantity(resources?.requests?.[resource] ?? '')
  return quantity ? quantityValue(quantity) : 0
}

/** Where a resource stands among those that a container asks for, by name. */
const positionOf = ({ resources }: Container, resource: string): number => Object.keys(resources!.requests!).sort().indexOf(resource)
