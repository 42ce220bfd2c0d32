/**
 * The network of a cluster: nodes and pods with addresses, and the routes between them. Where a connection goes is
 * decided when it is opened, in the order of a real node: service translation (kube-proxy), network policy, the route
 * to the address, the listener there.
 */
import type { Clock } from '../clock.js'
import type { Random } from '../random.js'
import { contains, isLoopback, isPrivate, parseIPv4 } from './addresses.js'
import { ConnectionEnd, Wire } from './connection.js'
import { DatagramFlows } from './datagram.js'
import { AddressPool } from './ipam.js'
import { Namespace } from './namespace.js'
import { showHandshake, showQuestion, showRejection, showReset, showSilence, shownResolver } from './packets.js'
import { DnsError, NetworkError, type Connection, type Listener, type Network, type NetworkNamespace, type Protocol } from './network.js'
import { verdictOn } from './own-rules.js'
import type { FilterTable } from './packet-filter.js'
import type { NameService, Resolver } from './resolver.js'
import type { ConnectionAttempt, Flow, Hop, Route, Trace, Translation } from './route.js'

/** Cluster milliseconds until the kernel gives up on an address that does not answer ARP. */
const NO_HOST_AFTER = 3_000
/** Cluster milliseconds until six retries of a SYN have gone unanswered. */
const SYN_TIMEOUT = 127_000

export interface FabricOptions {
  clock: Clock
  random: Random
  /** Cluster milliseconds from one end to the other; 0 when left out. */
  latency?: number
}

/** The network of a cluster, and the places where services, DNS, policy and tracing hook in. */
export class Fabric implements Network {
  readonly clock: Clock
  readonly random: Random
  readonly datagrams: DatagramFlows
  private readonly wire: Wire
  private readonly nodes = new Map<string, Namespace>()
  private readonly pools = new Map<string, AddressPool>()
  private readonly byAddress = new Map<string, Namespace>()
  private readonly tracers = new Set<(trace: Trace) => void>()
  /** Service addresses to endpoints; undefined for what is no service address. Set by services.ts. */
  translate: (attempt: ConnectionAttempt) => Translation | undefined = () => undefined
  /** `hostPort`s of pods on their nodes; asked where no service is meant. Set by host-ports.ts. */
  translateHostPort: (attempt: ConnectionAttempt) => Translation | undefined = () => undefined
  /** NetworkPolicy, asked after translation: whether traffic may pass. What may not is dropped. Set by policy.ts. */
  allows: (flow: Flow) => boolean = () => true
  /** What the packet filter of a node holds. Set by services.ts. */
  filterTables: (node: string) => readonly FilterTable[] = () => []
  /** Cluster DNS; set by dns.ts. */
  names: NameService | undefined
  /** The names of the hosts outside, and their addresses. */
  readonly outside = new Map<string, string>()

  constructor(options: FabricOptions) {
    this.clock = options.clock
    this.random = options.random.fork('network')
    this.wire = new Wire(options.clock, options.latency ?? 0)
    this.datagrams = new DatagramFlows(this)
  }

  /** Cluster milliseconds from one end to the other, for connections opened from now on. */
  set latency(ms: number) {
    this.wire.latency = ms
  }
  get latency(): number {
    return this.wire.latency
  }

  addNode(name: string, address: string, podCIDR: string): NetworkNamespace {
    if (this.nodes.has(name)) throw new Error(`node ${name} is there already`)
    if (this.byAddress.has(address)) throw new Error(`address ${address} is in use`)
    if (podCIDR) this.pools.set(name, new AddressPool(podCIDR))
    const namespace = new Namespace(this, name, name, address, undefined)
    this.nodes.set(name, namespace)
    this.byAddress.set(address, namespace)
    // Its end of the links of its pods, which is an address of the node as well.
    const gateway = this.pools.get(name)?.gateway
    if (gateway) this.byAddress.set(gateway, namespace)
    return namespace
  }

  removeNode(name: string): void {
    const node = this.nodes.get(name)
    if (!node) return
    const gateway = this.pools.get(name)?.gateway
    if (gateway) this.byAddress.delete(gateway)
    for (const namespace of this.byAddress.values()) if (namespace.node === name) namespace.close()
    this.nodes.delete(name)
    this.pools.delete(name)
  }

  node(name: string): NetworkNamespace | undefined {
    return this.nodes.get(name)
  }

  addPod(options: { node: string; namespace: string; name: string; ip?: string }): NetworkNamespace {
    const pool = this.pools.get(options.node)
    if (!pool) throw new Error(`node ${options.node} has no pod CIDR`)
    const ip = pool.allocate(options.ip)
    const namespace = new Namespace(this, options.node, [options.namespace, options.name].join('/'), ip, pool)
    this.byAddress.set(ip, namespace)
    return namespace
  }

  /** A host of the world outside, under a public name: it stands on no node. */
  addOutside(name: string, address: string): NetworkNamespace {
    const namespace = new Namespace(this, '', name, address, undefined)
    this.byAddress.set(address, namespace)
    this.outside.set(name, address)
    return namespace
  }

  /** The node whose own address this is: NodePorts are heard there. */
  nodeAt(address: string): string | undefined {
    const owner = this.byAddress.get(address)
    return owner && this.nodes.get(owner.node) === owner ? owner.node : undefined
  }

  /** The pod whose sandbox has an address, which is known before the pod's own status tells it. */
  podAt(address: string): { namespace: string; name: string } | undefined {
    const owner = this.byAddress.get(address)
    if (!owner?.pool) return undefined
    const [namespace = '', name = ''] = owner.name.split('/')
    return { namespace, name }
  }

  /** Tells every connection that is opened, or is not, and its way. Returns a function that stops. */
  onTrace(tracer: (trace: Trace) => void): () => void {
    this.tracers.add(tracer)
    return () => this.tracers.delete(tracer)
  }

  /** For {@link Namespace}: it is closed. */
  forget(namespace: Namespace): void {
    if (this.byAddress.get(namespace.ip) === namespace) this.byAddress.delete(namespace.ip)
    if (this.nodes.get(namespace.node) === namespace) this.nodes.delete(namespace.node)
  }

  /** For {@link Namespace}: opens a connection. */
  async open(from: Namespace, address: string, port: number, signal: AbortSignal | undefined, localPort?: number): Promise<Connection> {
    signal?.throwIfAborted()
    const hops: Hop[] = [{ at: 'source', what: `${from.name} (${from.ip})` }]
    try {
      const connection = await this.route(from, { address, port }, localPort ?? from.ephemeralPort(), hops, signal)
      this.trace(hops)
      return connection
    } catch (error) {
      this.trace(hops, error)
      throw error
    }
  }

  /** For {@link Namespace}: the steady listener that would hear a connection. */
  steadyListener(from: Namespace, address: string, port: number): Listener | undefined {
    if (this.tracers.size > 0 || this.latency > 0) return undefined
    const route = this.decide(from, 'TCP', address, port)
    if ('verdict' in route) return undefined
    const listener = route.to.listenerFor(route.address, route.port)
    return listener?.steady ? listener : undefined
  }

  private trace(hops: Hop[], error?: unknown): void {
    if (this.tracers.size === 0) return
    const code = error === undefined ? undefined : error instanceof NetworkError ? error.code : 'ECANCELED'
    const trace: Trace = { time: this.clock.now(), hops, ...(code ? { error: code } : {}) }
    for (const tracer of this.tracers) tracer(trace)
  }

  /**
   * Decides where something sent to an address and port goes. `hops` is told the way.
   * @param icmp it is no connection but an echo request
   */
  decide(from: Namespace, protocol: Protocol, dialled: string, port: number, hops: Hop[] = [], icmp = false): Route {
    const kind = icmp ? 'icmp' : protocol === 'UDP' ? 'udp' : 'tcp'
    const first = { protocol: kind, source: from.ip, sourcePort: 0, state: 'NEW' } as const
    const led = from.rules?.lead('OUTPUT', {
      ...first,
      destination: dialled,
      destinationPort: port,
      out: isLoopback(dialled) ? 'lo' : 'eth0',
    })
    const [address, wanted] = led ? [led.address ?? '127.0.0.1', led.port ?? port] : [dialled, port]
    const route = this.routed(from, protocol, address, wanted, hops)
    if ('verdict' in route) {
      const verdict = from.rules?.filter('OUTPUT', { ...first, destination: address, destinationPort: wanted, out: 'eth0' })
      return verdict === 'REJECT' || verdict === 'DROP' ? { verdict: verdict === 'DROP' ? 'dropped' : 'refused' } : route
    }
    const redirected = route.to === from ? undefined : route.to.rules?.lead('PREROUTING', { ...first, source: route.source, destination: route.address, destinationPort: route.port, in: 'eth0' }) // prettier-ignore
    const to = redirected?.port === undefined ? route : { ...route, port: redirected.port }
    const between = new Set([from, to.to].filter(({ pool }) => pool).map(({ node }) => this.nodes.get(node)))
    const verdict = verdictOn({
      protocol: kind,
      from,
      to: to.to,
      forwarders: to.to === from ? [] : [...between].filter((node) => node !== from && node !== to.to),
      client: { address: to.source, port: 0 },
      own: { address: to.local ? to.source : from.ip, port: 0 },
      // What a node sends itself is translated before it is filtered.
      dialled: from.pool ? { address, port: icmp ? 0 : wanted } : { address: to.address, port: icmp ? 0 : to.port },
      server: { address: to.address, port: icmp ? 0 : to.port },
      local: to.local || to.to === from,
    })
    if (verdict === 'ACCEPT') return to
    hops.push({ at: 'policy', what: `${to.address}:${to.port} ${verdict === 'DROP' ? 'dropped' : 'rejected'} by iptables` })
    return { verdict: verdict === 'DROP' ? 'dropped' : 'refused' }
  }

  private routed(from: Namespace, protocol: Protocol, dialled: string, port: number, hops: Hop[]): Route {
    const attempt: ConnectionAttempt = { protocol, sourceAddress: from.ip, sourceNode: from.node, address: dialled, port }
    const translation = this.translate(attempt) ?? this.translateHostPort(attempt)
    let target = { address: dialled, port }
    if (translation) {
      hops.push({ at: 'service', what: translation.service })
      if ('verdict' in translation) return { verdict: translation.verdict }
      target = translation.to
    }
    const local = isLoopback(target.address)
    const to = local ? from : this.byAddress.get(target.address)
    const source = to
      ? (translation?.source ?? this.sourceAddress(from, to, local ? target.address : undefined, translation !== undefined))
      : from.ip
    if (!local && to !== from && !this.allows({ ...attempt, ...target, seenSource: source })) {
      hops.push({ at: 'policy', what: `${target.address}:${target.port} denied` })
      return { verdict: 'dropped' }
    }
    hops.push({ at: 'destination', what: `${to?.name ?? 'nobody'} (${target.address}:${target.port})` })
    return to ? { to, ...target, source, local } : { verdict: 'nobody', address: target.address }
  }

  private async route(
    from: Namespace,
    { address, port }: { address: string; port: number },
    localPort: number,
    hops: Hop[],
    signal: AbortSignal | undefined,
  ): Promise<Connection> {
    const fail = (code: string): NetworkError => new NetworkError(code, `connect ${code} ${address}:${port}`)
    const dialled = address === '0.0.0.0' || address === '::' ? '127.0.0.1' : address
    const route = this.decide(from, 'TCP', dialled, port, hops)
    const other = { address: dialled, port }
    if ('verdict' in route) {
      const attempt = { from, client: { own: { address: from.ip, port: localPort }, other } }
      if (route.verdict === 'refused') {
        await this.travel(signal)
        showRejection(attempt)
        throw fail('ECONNREFUSED')
      }
      const stop = showSilence(this.clock, attempt)
      try {
        if (route.verdict === 'nobody') throw await this.nobody(route.address, fail, signal)
        return await this.silence(SYN_TIMEOUT, fail('ETIMEDOUT'), signal)
      } finally {
        stop()
      }
    }
    const { to, local, source } = route
    await this.travel(signal)
    const attempt = {
      from,
      to,
      client: { own: { address: local ? source : from.ip, port: localPort }, other },
      server: { own: { address: route.address, port: route.port }, other: { address: source, port: localPort } },
    }
    // It may have closed, or begun to listen, while the first segment was on its way.
    const listener = to.listenerFor(route.address, route.port)
    if (!listener) {
      showReset(attempt)
      throw fail('ECONNREFUSED')
    }
    showHandshake(attempt)
    const { latency } = this.wire
    const carry = (deliver: () => void): void => this.wire.carry(latency, deliver)
    const clientEnds = { localAddress: local ? source : from.ip, localPort, remoteAddress: dialled, remotePort: port }
    const serverEnds = { localAddress: route.address, localPort: route.port, remoteAddress: source, remotePort: localPort }
    const client = new ConnectionEnd(this.clock, carry, clientEnds, from, 'client')
    const server = new ConnectionEnd(this.clock, carry, serverEnds, to, 'server')
    client.join(server)
    server.join(client)
    from.connections.add(client)
    to.connections.add(server)
    server.owner = listener.owner
    listener.onConnection(server)
    await this.travel(signal)
    return client
  }

  /**
   * Whether a namespace reaches the cluster's DNS now. When not, rejects with a {@link DnsError} TIMEOUT after `patience`
   * cluster ms, as a resolver that has tried all its times.
   */
  async reachNames(from: Namespace, name: string, patience: number): Promise<Resolver> {
    const { names } = this
    if (names?.available()) {
      // Without a Service at its address the server stands outside of services and policy.
      if (!this.translate({ protocol: 'UDP', sourceAddress: from.ip, sourceNode: from.node, address: names.address, port: 53 }))
        return shownResolver(names, from, names.address)
      const route = this.decide(from, 'UDP', names.address, 53)
      if (!('verdict' in route))
        return shownResolver(resolverAt(route) ?? names, from, names.address, {
          namespace: route.to,
          address: route.address,
          source: route.source,
        })
    }
    if (names) showQuestion(from, names.address, name, 'A')
    await this.clock.sleep(patience)
    throw new DnsError('TIMEOUT', name)
  }

  /** The name server of a pod that a namespace reaches at an address, its own or a Service's; undefined when there is none. */
  nameServerAt(from: Namespace, address: string): Resolver | undefined {
    const route = this.decide(from, 'UDP', address, 53)
    const resolver = 'verdict' in route ? undefined : resolverAt(route)
    if (!resolver || 'verdict' in route) return resolver
    return shownResolver(resolver, from, address, { namespace: route.to, address: route.address, source: route.source })
  }

  /** The routers between a namespace and an address: the node's end of the pod's link, the node of the other pod. */
  routersTo(from: Namespace, address: string): string[] {
    const to = this.byAddress.get(address)
    if (isLoopback(address) || to === from) return []
    const own = this.pools.get(from.node)
    const gateway = from.pool && own ? [own.gateway] : []
    // A pod's own node answers at its end of the link already.
    if (!to) return gateway
    const sameNode = to.node === from.node
    if (!to.pool) return sameNode ? [] : gateway
    const there = sameNode ? undefined : this.nodes.get(to.node)
    return there ? [...gateway, there.ip] : gateway
  }

  /** The host that an echo request reaches, and the sender as it sees it. Rejects as a connection to it would. */
  async hostAt(from: Namespace, address: string, signal: AbortSignal): Promise<{ namespace: Namespace; address: string; source: string }> {
    const route = this.decide(from, 'TCP', address, 1, [], true)
    const fail = (code: string): NetworkError => new NetworkError(code, `connect ${code} ${address}`)
    if (!('verdict' in route)) return { namespace: route.to, address: route.address, source: route.source }
    if (route.verdict === 'nobody') throw await this.nobody(route.address, fail, signal)
    if (route.verdict === 'refused') throw fail('ECONNREFUSED')
    return this.silence(SYN_TIMEOUT, fail('ETIMEDOUT'), signal)
  }

  /** One way over the network, for what is carried by no connection. */
  passage(signal: AbortSignal): Promise<void> {
    return this.travel(signal)
  }

  /** The namespace of a node, where what its pods send and receive passes. */
  passesThrough(node: string): Namespace | undefined {
    return this.nodes.get(node)
  }

  /** The namespaces whose packets pass through a node: its own and those of its pods. */
  on(node: string): Namespace[] {
    return [...new Set(this.byAddress.values())].filter((namespace) => namespace.node === node)
  }

  /** Carries what is not part of a connection from one end to the other. */
  carry(deliver: () => void): void {
    this.wire.carry(this.wire.latency, deliver)
  }

  /** The source address that the destination sees. @param loopback the address that was dialled, when it is one of the namespace itself */
  private sourceAddress(from: Namespace, to: Namespace, loopback: string | undefined, translated: boolean): string {
    if (loopback !== undefined) return loopback === '::1' ? loopback : '127.0.0.1'
    if (from === to) {
      // A pod that reaches itself through a service is masqueraded, or the answer would not pass the translation back.
      return translated && from.pool ? from.pool.gateway : from.ip
    }
    const fromNode = this.nodes.get(from.node) === from
    const pool = this.pools.get(from.node)
    // The node's own traffic to its pods comes from its end of their links.
    return fromNode && to.node === from.node && pool ? pool.gateway : from.ip
  }

  private async nobody(address: string, fail: (code: string) => NetworkError, signal: AbortSignal | undefined): Promise<NetworkError> {
    if (parseIPv4(address) === undefined) return fail('ENETUNREACH')
    const onNode = [...this.pools.values()].some((pool) => contains(pool.block, address))
    if (onNode || this.nearNodes(address)) {
      // The last router asks for the neighbour and hears nothing.
      await this.clock.sleep(NO_HOST_AFTER, signal)
      return fail('EHOSTUNREACH')
    }
    // Private addresses are somewhere else in the cluster's world (a service IP that is gone, a node that was removed).
    if (isPrivate(address)) await this.silence(SYN_TIMEOUT, fail('ETIMEDOUT'), signal)
    // There is no world outside but for the hosts that were added.
    return fail('ENETUNREACH')
  }

  private nearNodes(address: string): boolean {
    const n = parseIPv4(address)!
    for (const node of this.nodes.values()) if (parseIPv4(node.ip)! >>> 8 === n >>> 8) return true
    return false
  }

  /** Waits as for an answer that never comes, then throws. */
  private async silence(ms: number, error: NetworkError, signal: AbortSignal | undefined): Promise<never> {
    await this.clock.sleep(ms, signal)
    throw error
  }

  private async travel(signal: AbortSignal | undefined): Promise<void> {
    if (this.wire.latency > 0) await this.clock.sleep(this.wire.latency, signal)
  }
}

/** Makes the network of a cluster. */
export function createNetwork(options: FabricOptions): Fabric {
  return new Fabric(options)
}

/** The server at the end of a route, as a client from its start asks it. */
function resolverAt({ to, source }: { to: Namespace; source: string }): Resolver | undefined {
  const { nameServer } = to
  return nameServer && { query: (name, type) => nameServer.query(name, type, source) }
}
