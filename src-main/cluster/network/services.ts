/**
 * What kube-proxy does on every node, done where a connection is opened: ClusterIPs, NodePorts, load-balancer and external
 * IPs are translated to an endpoint. Rules after the Kubernetes documentation, "Virtual IPs and Service Proxies" (iptables
 * mode): the choice is random, unready endpoints get nothing, a service with no endpoint refuses.
 */
import { isIPv4 } from 'node:net'
import type { Informers } from '../api/client.js'
import { resources } from '../api/client.js'
import { keyOf, type EndpointSlice, type Node, type Service } from '../api/object.js'
import type { Clock } from '../clock.js'
import type { Random } from '../random.js'
import { isLoopback, isWithin } from './addresses.js'
import type { Fabric } from './fabric.js'
import type { ConnectionAttempt, Translation } from './route.js'
import { kubeProxyTables, type ServedPort } from './kube-proxy-rules.js'
import { nearest, type EndpointHints } from './topology.js'

const SERVICE_NAME = 'kubernetes.io/service-name'
/** Who has one of these labels is left to another proxy, or needs none. */
const LEFT_TO_OTHERS = ['service.kubernetes.io/service-proxy-name', 'service.kubernetes.io/headless'] as const
/** Seconds that `sessionAffinity: ClientIP` remembers a client by default. */
const AFFINITY_TIMEOUT = 10_800
const POD_NETWORK = '10.244.0.0/16'

interface ServicePort {
  /** `namespace/name` of the service. */
  key: string
  service: Service
  /** The name of the port, by which EndpointSlices know it. */
  name: string
  protocol: string
  /** As in `default/web:80`. */
  label: string
}

interface Endpoint extends EndpointHints {
  address: string
  port: number
  node: string
  ready: boolean
  /** Serves still, though it terminates: used when nothing else is left. */
  draining: boolean
}

export interface ServicesOptions {
  network: Fabric
  informers: Informers
  clock: Clock
  random: Random
  /** Where pods are; `10.244.0.0/16` when left out. */
  podNetwork?: string
}

/** Follows Services and EndpointSlices and translates connections to them. Returns a function that stops. */
export function attachServices(options: ServicesOptions): () => void {
  const proxy = new ServiceProxy(options)
  options.network.translate = (attempt) => proxy.translate(attempt)
  options.network.filterTables = (node) => kubeProxyTables(proxy.servedOn(node), options.podNetwork ?? POD_NETWORK)
  const services = options.informers.for<Service>(resources.services)
  const slices = options.informers.for<EndpointSlice>(resources.endpointslices)
  const stops = [
    services.on({
      add: (service) => proxy.setService(service),
      update: (_, service) => proxy.setService(service),
      delete: (service) => proxy.removeService(service),
    }),
    slices.on({
      add: (slice) => proxy.setSlice(slice),
      update: (old, slice) => {
        if (serviceKey(old) !== serviceKey(slice)) proxy.removeSlice(old)
        proxy.setSlice(slice)
      },
      delete: (slice) => proxy.removeSlice(slice),
    }),
  ]
  return () => {
    for (const stop of stops) stop()
    options.network.translate = () => undefined
    options.network.filterTables = () => []
  }
}

/** `namespace/name` of the service a slice belongs to; undefined for one that belongs to none. */
export function serviceKey(slice: EndpointSlice): string | undefined {
  const name = slice.metadata.labels?.[SERVICE_NAME]
  return name ? `${slice.metadata.namespace}/${name}` : undefined
}

/** Whether the proxy of the nodes has nothing to do with a Service or a slice. */
function isLeftToOthers({ metadata }: Service | EndpointSlice): boolean {
  return LEFT_TO_OTHERS.some((label) => metadata.labels?.[label] !== undefined)
}

/** The addresses of load balancers that nodes short-cut: with `ipMode: Proxy` the balancer ends connections itself. */
function balancersOf({ status }: Service): string[] {
  return (status?.loadBalancer?.ingress ?? []).flatMap(({ ip, ipMode }) => (ip && ipMode !== 'Proxy' ? [ip] : []))
}

/**
 * The addresses under which a service is reached from anywhere: ClusterIPs, external IPs, load balancers. None for a
 * service without a ClusterIP: what leads to it otherwise is no matter of the nodes either.
 */
function addressesOf(service: Service): string[] {
  const { spec } = service
  const clusterIPs = (spec?.clusterIPs ?? [spec?.clusterIP ?? '']).filter((ip) => ip !== 'None' && ip !== '')
  if (!spec || spec.type === 'ExternalName' || clusterIPs.length === 0) return []
  return [...clusterIPs, ...(spec.externalIPs ?? []), ...balancersOf(service)]
}

class ServiceProxy {
  private readonly services = new Map<string, Service>()
  private readonly slices = new Map<string, Map<string, EndpointSlice>>()
  /** `TCP address:port` to the service's port. */
  private readonly frontends = new Map<string, ServicePort>()
  /** How many services own an address: what is dialled there on another port goes nowhere. */
  private readonly owned = new Map<string, number>()
  private readonly nodePorts = new Map<string, ServicePort>()
  /** The endpoints of the ports that were asked for, by service, protocol and name of the port. */
  private readonly endpoints = new Map<string, { port: ServicePort; list: readonly Endpoint[] }>()
  private readonly affinity = new Map<string, { endpoint: string; until: number }>()
  private readonly random: Random
  private readonly nodes

  constructor(private readonly options: ServicesOptions) {
    this.random = options.random.fork('services')
    this.nodes = options.informers.for<Node>(resources.nodes)
  }

  setService(service: Service): void {
    if (isLeftToOthers(service)) return this.removeService(service)
    const key = keyOf(service)
    const old = this.services.get(key)
    if (old) this.removeFrontends(key, old)
    this.services.set(key, service)
    for (const address of addressesOf(service)) this.owned.set(address, (this.owned.get(address) ?? 0) + 1)
    for (const port of service.spec?.ports ?? []) {
      const protocol = port.protocol ?? 'TCP'
      const entry: ServicePort = { key, service, name: port.name ?? '', protocol, label: `${key}:${port.port}` }
      for (const address of addressesOf(service)) this.frontends.set(`${protocol} ${address}:${port.port}`, entry)
      if (port.nodePort && service.spec?.type !== 'ClusterIP') this.nodePorts.set(`${protocol} ${port.nodePort}`, entry)
    }
  }

  removeService(service: Service): void {
    const key = keyOf(service)
    const old = this.services.get(key)
    if (old) this.removeFrontends(key, old)
    this.services.delete(key)
    for (const known of this.affinity.keys()) if (known.startsWith(`${key}:`)) this.affinity.delete(known)
  }

  setSlice(slice: EndpointSlice): void {
    if (isLeftToOthers(slice)) return this.removeSlice(slice)
    const key = serviceKey(slice)
    if (!key) return
    let slices = this.slices.get(key)
    if (!slices) this.slices.set(key, (slices = new Map()))
    slices.set(slice.metadata.name!, slice)
    this.forgetEndpoints(key)
  }

  removeSlice(slice: EndpointSlice): void {
    const key = serviceKey(slice)
    if (!key) return
    const slices = this.slices.get(key)
    slices?.delete(slice.metadata.name!)
    if (slices?.size === 0) this.slices.delete(key)
    this.forgetEndpoints(key)
  }

  translate(attempt: ConnectionAttempt): Translation | undefined {
    const frontend = this.frontends.get(`${attempt.protocol} ${attempt.address}:${attempt.port}`)
    if (frontend) {
      const { spec } = frontend.service
      const internal = spec?.clusterIPs?.includes(attempt.address) || spec?.clusterIP === attempt.address
      if (!admits(frontend.service, attempt)) return { verdict: 'dropped', service: frontend.label }
      // Inside the cluster an external address is a short cut: its traffic policy holds back what comes from outside only.
      const local = internal && spec?.internalTrafficPolicy === 'Local'
      return this.choose(frontend, attempt, local ? attempt.sourceNode : undefined)
    }
    if (this.owned.has(attempt.address)) return { verdict: 'dropped', service: `nothing on ${attempt.address}:${attempt.port}` }
    const nodePort = this.nodePorts.get(`${attempt.protocol} ${attempt.port}`)
    const node = nodePort && this.nodeHearing(attempt)
    if (!nodePort || !node) return undefined
    // What comes from the node itself is never held to its own endpoints, whatever the policy.
    const local = nodePort.service.spec?.externalTrafficPolicy === 'Local' && attempt.sourceNode !== node
    const chosen = this.choose(nodePort, attempt, local ? node : undefined)
    // With the Local policy the source stays; otherwise the node puts its own address there.
    return 'to' in chosen && !local ? { ...chosen, source: this.options.network.node(node)!.ip } : chosen
  }

  /** The ports of all services as the proxy of a node serves them, by name. */
  servedOn(node: string): ServedPort[] {
    const ports: ServedPort[] = []
    for (const [key, service] of this.services) {
      const { spec } = service
      const clusterIP = spec?.clusterIPs?.[0] ?? spec?.clusterIP ?? ''
      if (!spec || addressesOf(service).length === 0 || !isIPv4(clusterIP)) continue
      for (const port of spec.ports ?? []) {
        const protocol = port.protocol ?? 'TCP'
        const all = this.endpointsOf({ key, service, name: port.name ?? '', protocol, label: '' })
        const usable = serving(all)
        ports.push({
          name: port.name ? `${key}:${port.name}` : key,
          protocol: protocol.toLowerCase() as ServedPort['protocol'],
          port: port.port,
          clusterIP,
          externalIPs: spec.externalIPs ?? [],
          balancers: balancersOf(service),
          sourceRanges: spec.loadBalancerSourceRanges ?? [],
          nodePort: spec.type === 'ClusterIP' ? undefined : port.nodePort,
          healthCheckNodePort: spec.healthCheckNodePort,
          endpoints: nearest(usable, node, this.nodes.get('', node)?.metadata.labels),
          localEndpoints: serving(all.filter((e) => e.node === node)),
          internalLocal: spec.internalTrafficPolicy === 'Local',
          externalLocal: spec.externalTrafficPolicy === 'Local',
          affinity:
            spec.sessionAffinity === 'ClientIP' ? (spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? AFFINITY_TIMEOUT) : undefined,
        })
      }
    }
    return ports.sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  /** The node on whose addresses something was dialled: also its loopback, from the node itself (`localhostNodePorts`). */
  private nodeHearing({ address, sourceNode, sourceAddress }: ConnectionAttempt): string | undefined {
    const { network } = this.options
    if (!isLoopback(address)) return network.nodeAt(address)
    // Loopback addresses of IPv6 cannot be translated.
    return address !== '::1' && network.nodeAt(sourceAddress) === sourceNode ? sourceNode : undefined
  }

  private choose(port: ServicePort, attempt: ConnectionAttempt, onlyOn: string | undefined): Translation {
    const service = port.label
    const all = this.endpointsOf(port)
    const usable = serving(all)
    if (usable.length === 0) return { verdict: 'refused', service }
    const allowed =
      onlyOn === undefined
        ? nearest(usable, attempt.sourceNode, this.nodes.get('', attempt.sourceNode)?.metadata.labels)
        : serving(all.filter((e) => e.node === onlyOn))
    if (allowed.length === 0) return { verdict: 'dropped', service }
    const { address, port: number } = this.stick(port, attempt.sourceAddress, allowed)
    return { to: { address, port: number }, service }
  }

  /** The endpoint a client is bound to by session affinity, or one at random. */
  private stick(port: ServicePort, client: string, allowed: readonly Endpoint[]): Endpoint {
    const { spec } = port.service
    if (spec?.sessionAffinity !== 'ClientIP') return this.random.pick(allowed)
    const now = this.options.clock.now()
    const key = `${port.label} ${client}`
    const known = this.affinity.get(key)
    const kept = known && known.until > now ? allowed.find((e) => socketOf(e) === known.endpoint) : undefined
    const chosen = kept ?? this.random.pick(allowed)
    const seconds = spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? AFFINITY_TIMEOUT
    this.affinity.set(key, { endpoint: socketOf(chosen), until: now + seconds * 1000 })
    return chosen
  }

  private endpointsOf(port: ServicePort): readonly Endpoint[] {
    const key = `${port.key} ${port.protocol} ${port.name}`
    let known = this.endpoints.get(key)
    if (!known) this.endpoints.set(key, (known = { port, list: this.readEndpoints(port) }))
    return known.list
  }

  private readEndpoints(port: ServicePort): Endpoint[] {
    const list: Endpoint[] = []
    for (const slice of this.slices.get(port.key)?.values() ?? []) {
      const target = slice.ports?.find((p) => (p.name ?? '') === port.name && (p.protocol ?? 'TCP') === port.protocol)?.port
      if (slice.addressType !== 'IPv4' || target === undefined) continue
      for (const { addresses, conditions, nodeName, hints } of slice.endpoints ?? []) {
        const address = addresses[0]
        if (address === undefined) continue
        const draining = conditions?.terminating === true && conditions.serving === true
        list.push({ address, port: target, node: nodeName ?? '', ready: conditions?.ready !== false, draining, hints })
      }
    }
    return list
  }

  /** The slices of a service have changed. What was sent on to an endpoint that serves no more finds another with its next datagram. */
  private forgetEndpoints(key: string): void {
    for (const [known, { port, list }] of this.endpoints) {
      if (port.key !== key) continue
      if (port.protocol === 'UDP') {
        const now = this.readEndpoints(port)
        this.endpoints.set(known, { port, list: now })
        this.forgetFlows(list, now)
      } else this.endpoints.delete(known)
    }
  }

  private forgetFlows(before: readonly Endpoint[], after: readonly Endpoint[]): void {
    const serving = (endpoints: readonly Endpoint[]): string[] => endpoints.filter((e) => e.ready || e.draining).map(socketOf)
    const left = new Set(serving(after))
    for (const e of before) if (!left.has(socketOf(e))) this.options.network.datagrams.forgetServer(e.address, e.port)
  }

  /** Affinity is kept when a service changes, as its clients would notice; only endpoints that are gone lose it. */
  private removeFrontends(key: string, service: Service): void {
    for (const address of addressesOf(service)) {
      const left = (this.owned.get(address) ?? 1) - 1
      if (left > 0) this.owned.set(address, left)
      else this.owned.delete(address)
    }
    // A frontend that another service has taken over meanwhile stays with that one.
    for (const port of service.spec?.ports ?? []) {
      for (const address of addressesOf(service)) {
        const frontend = `${port.protocol ?? 'TCP'} ${address}:${port.port}`
        if (this.frontends.get(frontend)?.key === key) this.frontends.delete(frontend)
      }
      const nodePort = `${port.protocol ?? 'TCP'} ${port.nodePort}`
      if (this.nodePorts.get(nodePort)?.key === key) this.nodePorts.delete(nodePort)
    }
  }
}

function socketOf({ address, port }: Endpoint): string {
  return `${address}:${port}`
}

/** Whether `loadBalancerSourceRanges` lets somebody in, where an address of the load balancer is dialled. */
function admits(service: Service, { address, sourceAddress }: ConnectionAttempt): boolean {
  const ranges = service.spec?.loadBalancerSourceRanges ?? []
  return ranges.length === 0 || !balancersOf(service).includes(address) || ranges.some((range) => isWithin(range.trim(), sourceAddress))
}

/** The ready endpoints, or those that drain when there are no others. */
function serving(endpoints: readonly Endpoint[]): readonly Endpoint[] {
  const ready = endpoints.filter((e) => e.ready)
  return ready.length > 0 ? ready : endpoints.filter((e) => e.draining)
}
