/**
 * Topology labels of endpoints, which v1 of the API reads and no longer writes: only the name of a node that was among
 * them before is carried over into the field that it has now.
 * https://kubernetes.io/docs/reference/kubernetes-api/service-resources/endpoint-slice-v1/
 */
import type { EndpointSlice } from '../../object.js'
import { dns1123Subdomain } from './names.js'
import { items, semanticEqual } from './sent.js'

const HOSTNAME = 'kubernetes.io/hostname'

/** Leaves the labels out of a slice that is created, or whose endpoints an update changes, in place. */
export function dropTopology(slice: EndpointSlice, old: EndpointSlice | undefined): void {
  if (old && semanticEqual(slice.endpoints, old.endpoints)) return
  const before = new Set(items(old?.endpoints).flatMap((e) => e.deprecatedTopology?.[HOSTNAME] || []))
  for (const endpoint of slice.endpoints ?? []) {
    if (!endpoint) continue
    const node = endpoint.deprecatedTopology?.[HOSTNAME]
    const unnamed = endpoint.nodeName === undefined || endpoint.nodeName === null
    if (unnamed && node !== undefined && before.has(node) && dns1123Subdomain(node).length === 0) endpoint.nodeName = node
    delete endpoint.deprecatedTopology
  }
}
