/**
 * Which of a Service's EndpointSlices to change, so that as few as possible are written: endpoints stay in the slice they
 * are in, new ones go where something changes anyway, and a slice that is not needed any more becomes one that is.
 * https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/#distribution-of-endpointslices
 */
import type { EndpointSlice } from '../api/object.js'
import type { PortMapping } from './endpoints-model.js'
import { canonical } from './templatehash.js'

export type Endpoint = NonNullable<EndpointSlice['endpoints']>[number]

/** Endpoints in one slice, kube-controller-manager's --max-endpoints-per-slice. */
export const MAX_PER_SLICE = 100

/** Endpoints that have the same ports. */
export interface EndpointGroup {
  ports: readonly PortMapping[]
  endpoints: readonly Endpoint[]
}

/** What a slice is to contain. */
export interface SliceContent {
  ports: readonly PortMapping[]
  endpoints: Endpoint[]
}

export interface SlicePlan {
  create: SliceContent[]
  update: (SliceContent & { slice: EndpointSlice })[]
  remove: EndpointSlice[]
}

/** @param labels that every slice should have */
export function planSlices(
  groups: Iterable<EndpointGroup>,
  existing: readonly EndpointSlice[],
  labels: Readonly<Record<string, string>>,
): SlicePlan {
  const plan: SlicePlan = { create: [], update: [], remove: [] }
  const unused = new Set(existing)
  for (const group of groups) {
    const text = canonical(group.ports)
    const own = existing.filter((slice) => canonical(slice.ports ?? []) === text)
    for (const slice of own) unused.delete(slice)
    planGroup(group, own, labels, plan)
  }
  plan.remove.push(...unused)
  keepOne(existing, labels, plan)
  while (plan.create.length && plan.remove.length) plan.update.push({ ...plan.create.pop()!, slice: plan.remove.shift()! })
  return plan
}

function planGroup(group: EndpointGroup, own: readonly EndpointSlice[], labels: Readonly<Record<string, string>>, plan: SlicePlan): void {
  const { ports } = group
  const missing = new Map(group.endpoints.map((e) => [e.addresses[0]!, e]))
  const changed: (SliceContent & { slice: EndpointSlice })[] = []
  const unchanged: EndpointSlice[] = []
  for (const slice of own) {
    const before = slice.endpoints ?? []
    const endpoints: Endpoint[] = []
    for (const { addresses } of before) {
      const now = missing.get(addresses[0]!)
      if (!now) continue
      endpoints.push(now)
      missing.delete(addresses[0]!)
    }
    if (endpoints.length === 0) plan.remove.push(slice)
    else if (canonical(before) !== canonical(endpoints) || canonical(slice.metadata.labels) !== canonical(labels))
      changed.push({ slice, ports, endpoints })
    else unchanged.push(slice)
  }
  const rest = [...missing.values()]
  const fill = (endpoints: Endpoint[]): void => {
    endpoints.push(...rest.splice(0, MAX_PER_SLICE - endpoints.length))
  }
  for (const { endpoints } of changed.sort((a, b) => b.endpoints.length - a.endpoints.length)) fill(endpoints)
  while (rest.length) {
    const slice = tightest(unchanged, rest.length)
    const content = { ports, endpoints: [...(slice?.endpoints ?? [])] }
    fill(content.endpoints)
    if (slice) changed.push({ ...content, slice })
    else plan.create.push(content)
  }
  plan.update.push(...changed)
}

/** The slice that is fullest once it has taken so many endpoints more; taken out of the list. Undefined when none has room for all. */
function tightest(slices: EndpointSlice[], count: number): EndpointSlice | undefined {
  const sizeOf = (slice: EndpointSlice): number => slice.endpoints?.length ?? 0
  const [best] = slices.filter((s) => sizeOf(s) + count <= MAX_PER_SLICE).sort((a, b) => sizeOf(b) - sizeOf(a))
  if (best) slices.splice(slices.indexOf(best), 1)
  return best
}

/** A Service without pods keeps one empty slice, so that others see that it is known. */
function keepOne(existing: readonly EndpointSlice[], labels: Readonly<Record<string, string>>, plan: SlicePlan): void {
  if (plan.create.length || plan.remove.length < existing.length) return
  const [only, ...others] = plan.remove
  const isEmpty = only && others.length === 0 && !only.endpoints?.length && !only.ports?.length
  if (isEmpty && canonical(only.metadata.labels) === canonical(labels)) plan.remove = []
  else plan.create.push({ ports: [], endpoints: [] })
}
