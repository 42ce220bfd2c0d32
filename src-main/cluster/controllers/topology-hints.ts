/**
 * Topology aware routing (`service.kubernetes.io/topology-mode: Auto`): endpoints are handed to zones by how much CPU the
 * nodes of each zone have, most of them to their own zone
 * (https://kubernetes.io/docs/concepts/services-networking/topology-aware-routing/).
 */
import { quantityMilli, tryParseQuantity } from '../api/kinds/rules/quantity.js'
import type { Node, Service } from '../api/object.js'
import type { Endpoint } from './endpointslice-plan.js'
import { readiness } from './zonehealth.js'

const MODE = 'service.kubernetes.io/topology-mode'
const DEPRECATED_MODE = 'service.kubernetes.io/topology-aware-hints'
const ZONE = 'topology.kubernetes.io/zone'
/** Nodes that take no ordinary pods. */
const EXCLUDED = ['node-role.kubernetes.io/control-plane', 'node-role.kubernetes.io/master']
/** An endpoint may get so much more traffic than it would without hints. */
const OVERLOAD = 0.2

export const HINTS_ENABLED = 'Topology Aware Hints has been enabled'
export const HINTS_DISABLED = 'Topology Aware Hints has been disabled'

/** Whether a Service asks for hints by topology. */
export function isTopologyAware({ metadata: { annotations = {} } }: Service): boolean {
  const mode = annotations[DEPRECATED_MODE] ?? annotations[MODE]
  return mode === 'Auto' || mode === 'auto'
}

/** What of a node decides on hints, as a text. */
export function topologyOf(node: Node): string {
  return `${zoneOfWorker(node) ?? '-'}|${node.status?.allocatable?.cpu}|${readiness(node)}`
}

function zoneOfWorker({ metadata: { labels = {} } }: Node): string | undefined {
  return EXCLUDED.some((label) => label in labels) ? undefined : (labels[ZONE] ?? '')
}

/** The share of each zone in the CPU of all ready nodes; undefined when a node does not tell its zone or its CPU. */
function zoneShares(nodes: Iterable<Node>): ReadonlyMap<string, number> | undefined {
  const cpu = new Map<string, number>()
  let total = 0
  for (const node of nodes) {
    const zone = zoneOfWorker(node)
    if (zone === undefined || readiness(node) !== 'True') continue
    const quantity = tryParseQuantity(node.status?.allocatable?.cpu)
    const milli = quantity ? quantityMilli(quantity) : 0
    if (zone === '' || milli === 0) return undefined
    cpu.set(zone, (cpu.get(zone) ?? 0) + milli)
    total += milli
  }
  return total ? new Map([...cpu].map(([zone, milli]) => [zone, milli / total])) : undefined
}

/**
 * The zone whose traffic each ready endpoint should get.
 *
 * @throws Error that says why there can be no hints
 */
export function zonesOfEndpoints(endpoints: readonly Endpoint[], nodes: Iterable<Node>): Map<Endpoint, string> {
  const ready = endpoints.filter((e) => e.conditions?.ready === true)
  const wanted = wantedByZone(ready.length, zoneShares(nodes))
  const zones = new Map<Endpoint, string>()
  const counts = new Map<string, number>()
  for (const endpoint of ready) {
    const { zone } = endpoint
    if (!zone) throw new Error('One or more endpoints do not have a zone specified')
    zones.set(endpoint, zone)
    counts.set(zone, (counts.get(zone) ?? 0) + 1)
  }
  const { giving, receiving } = exchange(wanted, counts)
  for (const [endpoint, own] of zones) {
    if (!giving.get(own)) continue
    const to = [...receiving].find(([, left]) => left > 0)?.[0]
    if (to === undefined) break
    zones.set(endpoint, to)
    giving.set(own, giving.get(own)! - 1)
    receiving.set(to, receiving.get(to)! - 1)
  }
  return zones
}

/** How many endpoints each zone should have, and never fewer than keep its endpoints from being overloaded. */
function wantedByZone(count: number, shares: ReadonlyMap<string, number> | undefined): Map<string, number> {
  if (!shares) throw new Error('Insufficient Node information: allocatable CPU or zone not specified on one or more nodes')
  if (shares.size < 2) throw new Error('Nodes only ready in one zone')
  const numbers = `(${count} endpoints, ${shares.size} zones)`
  if (shares.size > count) throw new Error(`Insufficient number of endpoints ${numbers}`)
  const wanted = new Map<string, number>()
  let left = count
  for (const [zone, share] of shares) {
    const least = Math.ceil((share * count) / (1 + OVERLOAD))
    wanted.set(zone, Math.max(share * count, least))
    left -= least
  }
  if (left < 0)
    throw new Error(`Unable to allocate minimum required endpoints to each zone without exceeding overload threshold ${numbers}`)
  return wanted
}

/** How many endpoints zones give away and get, the most urgent first, until it is no longer worth it. */
function exchange(
  wanted: ReadonlyMap<string, number>,
  counts: ReadonlyMap<string, number>,
): { giving: Map<string, number>; receiving: Map<string, number> } {
  const surplus = new Map<string, number>()
  const lack = new Map<string, number>()
  for (const [zone, target] of wanted) {
    const difference = (counts.get(zone) ?? 0) - target
    if (difference > 0) surplus.set(zone, difference)
    else if (difference < 0) lack.set(zone, -difference)
  }
  const giving = new Map<string, number>()
  const receiving = new Map<string, number>()
  for (;;) {
    const [from, give] = most(surplus)
    const [to, take] = most(lack)
    if (give + take < 1 || give < 0.5 || take < 0.5) return { giving, receiving }
    giving.set(from, (giving.get(from) ?? 0) + 1)
    receiving.set(to, (receiving.get(to) ?? 0) + 1)
    surplus.set(from, give - 1)
    lack.set(to, take - 1)
  }
}

function most(amounts: ReadonlyMap<string, number>): [string, number] {
  let best: [string, number] = ['', 0]
  for (const entry of amounts) if (entry[1] > best[1]) best = entry
  return best
}
