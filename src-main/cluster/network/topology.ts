/**
 * Which endpoints of a service a node prefers, by the hints that the EndpointSlice controller gives them. Kubernetes
 * documentation, "Topology Aware Routing" and "Traffic distribution": hints count only when every endpoint has one and
 * some are for this node or zone; otherwise they all serve.
 */

const ZONE = 'topology.kubernetes.io/zone'

/** What a slice says of where an endpoint's traffic should come from. */
export interface EndpointHints {
  hints?: { forZones?: readonly { name: string }[]; forNodes?: readonly { name: string }[] }
}

/** The endpoints of these that a client on a node is sent to. */
export function nearest<T extends EndpointHints>(
  endpoints: readonly T[],
  node: string,
  nodeLabels: Readonly<Record<string, string>> | undefined,
): readonly T[] {
  const hinted = (what: 'forNodes' | 'forZones', name: string | undefined): readonly T[] => {
    if (name === undefined || !endpoints.every((e) => e.hints?.[what]?.length)) return []
    return endpoints.filter((e) => e.hints![what]!.some((hint) => hint.name === name))
  }
  const onNode = hinted('forNodes', node)
  if (onNode.length > 0) return onNode
  const inZone = hinted('forZones', nodeLabels?.[ZONE])
  return inZone.length > 0 ? inZone : endpoints
}
