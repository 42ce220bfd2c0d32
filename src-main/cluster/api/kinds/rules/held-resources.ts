/**
 * What a pod holds while its resources change: until the node has given and taken all, the greater of what it wants and
 * what it has; only what it has when the node cannot ever give what it wants
 * (https://kubernetes.io/docs/tasks/configure-pod-container/resize-container-resources/).
 */
import type { Container, Pod, PodSpec } from '../../object.js'
import { compareQuantities, tryParseQuantity } from './quantity.js'

type Amounts = Readonly<Record<string, string>>

interface Requirements {
  requests?: Amounts
  limits?: Amounts
}

/** What is kept for something: granted, and in use. */
interface Kept {
  allocatedResources?: Amounts
  resources?: Requirements
}

/** Of each resource the greatest amount. */
function greatest(lists: readonly (Amounts | undefined)[]): Amounts {
  const most: Record<string, string> = {}
  for (const list of lists)
    for (const [name, amount] of Object.entries(list ?? {})) {
      const [known, other] = [tryParseQuantity(most[name]), tryParseQuantity(amount)]
      if (!known || (other && compareQuantities(other, known) > 0)) most[name] = amount
    }
  return most
}

function isSame(a: Amounts = {}, b: Amounts | undefined): boolean {
  if (!b) return true
  for (const name in b) if (a[name] !== b[name]) return false
  for (const name in a) if (a[name] !== b[name]) return false
  return true
}

/** Whether what is kept is just what is asked for, as it is of nearly all pods. */
function isAsked({ requests, limits }: Requirements, { allocatedResources, resources }: Kept): boolean {
  return isSame(requests, allocatedResources) && isSame(requests, resources?.requests) && isSame(limits, resources?.limits)
}

function isInfeasible({ status }: Pod): boolean {
  return status?.conditions?.find((c) => c.type === 'PodResizePending')?.reason === 'Infeasible'
}

/** The spec of a pod with the requests and limits that count, for its node and for quotas. */
export function heldSpec(pod: Pod): PodSpec {
  const spec = pod.spec!
  const { status } = pod
  if (!status?.containerStatuses?.length) return spec
  const statuses = new Map<string, Kept>()
  for (const s of [...status.containerStatuses, ...(status.initContainerStatuses ?? [])]) if (s.resources) statuses.set(s.name, s as Kept)
  const changed = <T extends { resources?: object }>(of: T, kept: Kept | undefined): kept is Kept =>
    kept !== undefined && !isAsked((of.resources ?? {}) as Requirements, kept)
  const whole = spec.resources && (status as Kept).resources ? (status as Kept) : undefined
  const lasting = (c: Container): boolean => c.restartPolicy === 'Always'
  const changes = (c: Container): boolean => changed(c, statuses.get(c.name))
  const init = spec.initContainers ?? []
  if (!changed(spec, whole) && !spec.containers.some(changes) && !init.some((c) => lasting(c) && changes(c))) return spec
  const infeasible = isInfeasible(pod)
  const held = <T extends { resources?: object }>(of: T, kept: Kept | undefined): T => {
    if (!changed(of, kept)) return of
    const asked: Requirements = infeasible ? {} : (of.resources ?? {})
    const requests = greatest([asked.requests, kept.resources?.requests, kept.allocatedResources])
    const limits = greatest([asked.limits, kept.resources?.limits])
    return { ...of, resources: { ...of.resources, requests, limits } }
  }
  return held(
    {
      ...spec,
      containers: spec.containers.map((c) => held(c, statuses.get(c.name))),
      ...(init.length ? { initContainers: init.map((c) => (lasting(c) ? held(c, statuses.get(c.name)) : c)) } : {}),
    },
    whole,
  )
}
