/**
 * NetworkPolicy: who may open a connection to whom. Kubernetes documentation, "Network Policies": a pod that no policy
 * of a direction selects accepts everything there; otherwise what any of them allows. A connection needs both ends.
 */
import type { Informers } from '../api/client.js'
import { resources } from '../api/client.js'
import type { NetworkPolicy } from '../api/kinds/networkpolicy.js'
import { matchesSelector } from '../api/kinds/rules/selectors.js'
import type { Namespace, Pod } from '../api/object.js'
import { isWithin } from './addresses.js'
import type { Fabric } from './fabric.js'
import type { Flow } from './route.js'

const NETWORK_POLICIES = { group: 'networking.k8s.io', version: 'v1', resource: 'networkpolicies' }

type Spec = NonNullable<NetworkPolicy['spec']>
type Peer = NonNullable<NonNullable<NonNullable<Spec['egress']>[number]>['to']>[number]
type PolicyPort = NonNullable<NonNullable<NonNullable<Spec['egress']>[number]>['ports']>[number]
/** A rule of either direction: `from` of ingress and `to` of egress are `peers`. */
interface Rule {
  peers: readonly Peer[]
  ports: readonly PolicyPort[]
}

export interface PolicyOptions {
  network: Fabric
  informers: Informers
}

/** Follows NetworkPolicies, Pods and Namespaces and judges every new connection. Returns a function that stops. */
export function attachPolicies(options: PolicyOptions): () => void {
  const judge = new PolicyJudge(options)
  options.network.allows = (flow) => judge.allows(flow)
  return () => {
    options.network.allows = () => true
  }
}

class PolicyJudge {
  private readonly network: Fabric
  private readonly policies
  private readonly pods
  private readonly namespaces

  constructor({ network, informers }: PolicyOptions) {
    this.network = network
    this.policies = informers.for<NetworkPolicy>(NETWORK_POLICIES)
    this.pods = informers.for<Pod>(resources.pods)
    this.namespaces = informers.for<Namespace>(resources.namespaces)
    this.policies.addIndex('policy-namespace', (policy) => [policy.metadata.namespace ?? ''])
    this.pods.addIndex('policy-address', addressesOf)
  }

  /** Whether a connection may be opened. */
  allows(flow: Flow): boolean {
    if (this.policies.size === 0) return true
    const source = this.podAt(flow.sourceAddress)
    const target = this.podAt(flow.address)
    if (source && !this.permits('Egress', source, target, flow.address, target, flow)) return false
    // The node a pod runs on always reaches it: the kubelet's probes come from there.
    const masqueraded = flow.seenSource !== flow.sourceAddress
    const fromOwnNode = target && (!source || masqueraded) && this.isNodeOf(target, flow)
    if (!target || fromOwnNode) return true
    return this.permits('Ingress', target, masqueraded ? undefined : source, flow.seenSource, target, flow)
  }

  /** Whether the policies of one direction that select `subject` let it talk with `other`, whose address is `address`. */
  private permits(
    direction: 'Ingress' | 'Egress',
    subject: Pod,
    other: Pod | undefined,
    address: string,
    target: Pod | undefined,
    flow: Flow,
  ): boolean {
    let isolated = false
    for (const policy of this.policies.byIndex('policy-namespace', subject.metadata.namespace ?? '')) {
      const { spec } = policy
      if (!spec || !directions(spec).includes(direction)) continue
      if (!matchesSelector(spec.podSelector ?? {}, subject.metadata.labels)) continue
      isolated = true
      for (const rule of rulesOf(spec, direction)) {
        if (!rule.ports.length || rule.ports.some((port) => matchesPort(port, target, flow)))
          if (!rule.peers.length || rule.peers.some((peer) => this.matchesPeer(peer, policy, other, address))) return true
      }
    }
    return !isolated
  }

  private matchesPeer(peer: Peer, policy: NetworkPolicy, pod: Pod | undefined, address: string): boolean {
    if (!peer) return false
    const { ipBlock, podSelector, namespaceSelector } = peer
    if (ipBlock) {
      if (!isWithin(ipBlock.cidr ?? '', address)) return false
      return !(ipBlock.except ?? []).some((cidr) => cidr !== null && isWithin(cidr, address))
    }
    if (!pod) return false
    const namespace = pod.metadata.namespace ?? ''
    if (namespaceSelector) {
      if (!matchesSelector(namespaceSelector, this.namespaces.get('', namespace)?.metadata.labels)) return false
    } else if (namespace !== policy.metadata.namespace) return false
    return !podSelector || matchesSelector(podSelector, pod.metadata.labels)
  }

  /** The pod with an address of its own; one on the host's network is its node, to which no policy applies. */
  private podAt(address: string): Pod | undefined {
    const [told] = this.pods.byIndex('policy-address', address)
    if (told) return told
    // The first thing that a pod does may come before its status has its address: it is that pod all the same.
    const starting = this.network.podAt(address)
    return starting && this.pods.get(starting.namespace, starting.name)
  }

  private isNodeOf(pod: Pod, flow: Flow): boolean {
    const node = pod.spec?.nodeName ?? ''
    return (flow.sourceNode === node && !this.podAt(flow.sourceAddress)) || this.network.nodeAt(flow.seenSource) === node
  }
}

/** The addresses by which policy knows a pod. */
function addressesOf(pod: Pod): string[] {
  const { status, spec } = pod
  if (!status?.podIP || spec?.hostNetwork || status.phase === 'Succeeded' || status.phase === 'Failed') return []
  return [status.podIP]
}

/** `policyTypes`, with their default for what was written before it was set: Ingress, and Egress where there are rules. */
function directions(spec: Spec): readonly (string | null)[] {
  if (spec.policyTypes?.length) return spec.policyTypes
  return spec.egress?.length ? ['Ingress', 'Egress'] : ['Ingress']
}

function rulesOf(spec: Spec, direction: 'Ingress' | 'Egress'): Rule[] {
  const rules = (direction === 'Ingress' ? spec.ingress : spec.egress) ?? []
  return rules.flatMap((rule) => {
    if (!rule) return []
    const peers = 'from' in rule ? (rule as { from?: Peer[] }).from : (rule as { to?: Peer[] }).to
    return [{ peers: peers ?? [], ports: (rule.ports as PolicyPort[] | undefined) ?? [] }]
  })
}

function matchesPort(policyPort: PolicyPort, target: Pod | undefined, flow: Flow): boolean {
  if (!policyPort || (policyPort.protocol ?? 'TCP') !== flow.protocol) return false
  const port = policyPort.port as number | string | null | undefined
  if (port === undefined || port === null) return true
  if (typeof port === 'number') return flow.port >= port && flow.port <= (policyPort.endPort ?? port)
  // A name is that of a container's port of the destination.
  const containers = [...(target?.spec?.initContainers ?? []), ...(target?.spec?.containers ?? [])]
  return containers.some((c) =>
    (c.ports ?? []).some((p) => p.name === port && p.containerPort === flow.port && (p.protocol ?? 'TCP') === flow.protocol),
  )
}
