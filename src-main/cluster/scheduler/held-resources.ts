/**
 * What a pod holds of its node while its resources change: until the node has given and taken all, the greater of what
 * it wants and what it has; only what it has when the node cannot ever give what it wants
 * (https://kubernetes.io/docs/tasks/configure-pod-container/resize-container-resources/).
 */
import { compareQuantities, tryParseQuantity } from '../api/kinds/rules/quantity.js'
import type { Container, ContainerStatus, Pod, PodSpec } from '../api/object.js'
import { podCondition } from '../controllers/pods.js'
import type { Resources } from './resources.js'
import { podRequests } from './resources.js'

type Requests = Readonly<Record<string, string>>

/** What is kept for something: granted, and in use. */
interface Kept {
  allocatedResources?: Requests
  resources?: { requests?: Requests }
}

/** Of each resource the greatest amount. */
function greatest(lists: readonly (Requests | undefined)[]): Requests {
  const most: Record<string, string> = {}
  for (const list of lists)
    for (const [name, amount] of Object.entries(list ?? {})) {
      const [known, other] = [tryParseQuantity(most[name]), tryParseQuantity(amount)]
      if (!known || (other && compareQuantities(other, known) > 0)) most[name] = amount
    }
  return most
}

/** Whether what is kept is just what is asked for, as it is of nearly all pods. */
function isAsked(asked: Requests = {}, { allocatedResources, resources }: Kept): boolean {
  for (const list of [allocatedResources, resources?.requests]) {
    if (!list) continue
    for (const name in list) if (list[name] !== asked[name]) return false
    for (const name in asked) if (list[name] !== asked[name]) return false
  }
  return true
}

/** The spec of a pod with the requests that count for its node. */
export function heldSpec(pod: Pod): PodSpec {
  const spec = pod.spec!
  const { status } = pod
  if (!status?.containerStatuses?.length) return spec
  const statuses = new Map<string, ContainerStatus>()
  for (const s of status.containerStatuses) if (s.resources) statuses.set(s.name, s)
  for (const s of status.initContainerStatuses ?? []) if (s.resources) statuses.set(s.name, s)
  const keptOf = (c: Container): Kept | undefined => statuses.get(c.name) as Kept | undefined
  const whole = spec.resources && (status as Kept).resources ? (status as Kept) : undefined
  const changes = (c: Container): boolean => {
    const kept = keptOf(c)
    return kept !== undefined && !isAsked(c.resources?.requests as Requests, kept)
  }
  const sidecars = (spec.initContainers ?? []).filter((c) => c.restartPolicy === 'Always')
  const wholeChanges = whole !== undefined && !isAsked(spec.resources!.requests as Requests, whole)
  if (!wholeChanges && !spec.containers.some(changes) && !sidecars.some(changes)) return spec
  const infeasible = podCondition(pod, 'PodResizePending')?.reason === 'Infeasible'
  const held = (asked: Requests | undefined, { allocatedResources, resources }: Kept): Requests =>
    greatest([infeasible ? undefined : asked, resources?.requests, allocatedResources])
  const ofContainer = (c: Container): Container =>
    changes(c) ? { ...c, resources: { ...c.resources, requests: held(c.resources?.requests as Requests, keptOf(c)!) } } : c
  return {
    ...spec,
    containers: spec.containers.map(ofContainer),
    ...(sidecars.length ? { initContainers: spec.initContainers!.map((c) => (sidecars.includes(c) ? ofContainer(c) : c)) } : {}),
    ...(wholeChanges ? { resources: { ...spec.resources, requests: held(spec.resources!.requests as Requests, whole) } } : {}),
  }
}

/** What a pod holds of its node. */
export function heldRequests(pod: Pod): Resources {
  return podRequests(heldSpec(pod))
}
