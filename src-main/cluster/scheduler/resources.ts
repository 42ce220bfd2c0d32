/** Amounts of resources as the scheduler counts them: what a pod asks for, what a node has. */
import { heldSpec } from '../api/kinds/rules/held-resources.js'
import { quantityMilli, quantityValue, tryParseQuantity } from '../api/kinds/rules/quantity.js'
import type { Pod, PodSpec } from '../api/object.js'

/** Millicores, bytes, bytes, and whole units of everything else (hugepages, devices). */
export interface Resources {
  cpu: number
  memory: number
  ephemeralStorage: number
  /** Other resources by name; left out when there are none. */
  scalars?: Map<string, number>
}

/** What a container without requests is counted with when nodes are scored, so that such pods spread as well. */
const DEFAULT_CPU = 100
const DEFAULT_MEMORY = 200 * 1024 * 1024

type Quantities = Readonly<Record<string, string | number>> | undefined

/** Reads a map of quantities, such as `requests` or `allocatable`. */
export function readResources(quantities: Quantities): Resources {
  const r: Resources = { cpu: 0, memory: 0, ephemeralStorage: 0 }
  for (const [name, text] of Object.entries(quantities ?? {})) {
    const q = tryParseQuantity(text)
    if (!q) continue
    if (name === 'cpu') r.cpu = quantityMilli(q)
    else if (name === 'memory') r.memory = quantityValue(q)
    else if (name === 'ephemeral-storage') r.ephemeralStorage = quantityValue(q)
    else if (name !== 'pods') (r.scalars ??= new Map()).set(name, quantityValue(q))
  }
  return r
}

/** Adds `sign` times `b` to `a`, in place. */
export function addResources(a: Resources, b: Resources, sign: 1 | -1 = 1): void {
  a.cpu += sign * b.cpu
  a.memory += sign * b.memory
  a.ephemeralStorage += sign * b.ephemeralStorage
  if (b.scalars) {
    a.scalars ??= new Map()
    for (const [name, n] of b.scalars) a.scalars.set(name, (a.scalars.get(name) ?? 0) + sign * n)
  }
}

/** Whether two amounts are the same. */
export function equalResources(a: Resources, b: Resources): boolean {
  if (a.cpu !== b.cpu || a.memory !== b.memory || a.ephemeralStorage !== b.ephemeralStorage) return false
  const [x, y] = [a.scalars ?? new Map<string, number>(), b.scalars ?? new Map<string, number>()]
  return x.size === y.size && [...x].every(([name, n]) => y.get(name) === n)
}

function maxResources(a: Resources, b: Resources): void {
  a.cpu = Math.max(a.cpu, b.cpu)
  a.memory = Math.max(a.memory, b.memory)
  a.ephemeralStorage = Math.max(a.ephemeralStorage, b.ephemeralStorage)
  if (b.scalars) {
    a.scalars ??= new Map()
    for (const [name, n] of b.scalars) a.scalars.set(name, Math.max(a.scalars.get(name) ?? 0, n))
  }
}

const nothing = (): Resources => ({ cpu: 0, memory: 0, ephemeralStorage: 0 })

/**
 * What a pod needs of a node at any time of its life: its containers and sidecars together, or an init container with
 * the sidecars started before it if that is more; requests of the pod as a whole replace the sum; overhead comes on top
 * (https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/#resource-sharing-within-containers).
 */
export function podRequests(spec: PodSpec, read: (requests: Quantities) => Resources = readResources): Resources {
  const total = nothing()
  for (const c of spec.containers) addResources(total, read(c.resources?.requests))
  const sidecars = nothing()
  const largestInit = nothing()
  for (const c of spec.initContainers ?? []) {
    const own = read(c.resources?.requests)
    if (c.restartPolicy === 'Always') {
      addResources(sidecars, own)
      maxResources(largestInit, sidecars)
    } else {
      addResources(own, sidecars)
      maxResources(largestInit, own)
    }
  }
  addResources(total, sidecars)
  maxResources(total, largestInit)
  const whole = spec.resources?.requests
  if (whole) {
    const asked = readResources(whole)
    if ('cpu' in whole) total.cpu = asked.cpu
    if ('memory' in whole) total.memory = asked.memory
    for (const [name, n] of asked.scalars ?? []) (total.scalars ??= new Map()).set(name, n)
  }
  if (spec.overhead) addResources(total, readResources(spec.overhead))
  return total
}

/** What a pod holds of its node, also while that changes. */
export function heldRequests(pod: Pod): Resources {
  return podRequests(heldSpec(pod))
}

/** The same as {@link podRequests} with the default amounts for containers that ask for no cpu or memory: only for scoring. */
export function nonZeroRequests(spec: PodSpec): { cpu: number; memory: number } {
  const { cpu, memory } = podRequests(spec, (requests) => {
    const r = readResources(requests)
    if (requests?.cpu === undefined) r.cpu = DEFAULT_CPU
    if (requests?.memory === undefined) r.memory = DEFAULT_MEMORY
    return r
  })
  return { cpu, memory }
}
