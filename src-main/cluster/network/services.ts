/**
 * What kube-proxy does on every node, done where a connection is opened: ClusterIPs, NodePorts, load-balancer and external
 * IPs are translated to an endpoint. Rules after the Kubernetes documentation, "Virtual IPs and Service Proxies" (iptables
 * mode): the choice is random, unready endpoints get nothing, a service with no endpoint refuses.
 */
import type { Informers } from '../api/client.js'
import { resources } from '../api/client.js'
import { keyOf, type EndpointSlice, type Node, type Service } from '../api/object.js'
import type { Clock } from '../clock.js'
import type { Random } from '../random.js'
import { contains, parseCIDR } from './addresses.js'
import type { ConnectionAttempt, Fabric, Translation } from './fabric.js'
import { nearest, type EndpointHints } from './topology.js'

const SERVICE_NAME = 'kubernetes.io/service-name'
/** Seconds that `sessionAffinity: ClientIP` remembers a client by default. */
const AFFINITY_TIMEOUT = 10_800

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
}

/** Follows Services and EndpointSlices and translates connections to them. Returns a function that stops. */
export function attachServices(options: ServicesOptions): () => void {
  const proxy = new ServiceProxy(options)
  options.network.translate = (attempt) => proxy.translate(attempt)
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
  }
}

/** `namespace/name` of the service a slice belongs to; undefined for one that belongs to none. */
export function serviceKey(slice: EndpointSlice): string | undefined {
  const name = slice.metadata.labels?.[SERVICE_NAME]
  return name ? `${slice.metadata.namespace}/${name}` : undefined
}

/** The addresses under which a service is reached from anywhere: ClusterIPs, external IPs, load balancers. */
function addressesOf(service: Service): string[] {
  const { spec, status } = service
  if (!spec || spec.type === 'ExternalName') return []
  const clusterIPs = spec.clusterIPs ?? (spec.clusterIP ? [spec.clusterIP] : [])
  // With ipMode Proxy the balancer ends connections itself: its address is not one that nodes short-cut.
  const balancers = (status?.loadBalancer?.ingress ?? []).flatMap(({ ip, ipMode }) => (ip && ipMode !== 'Proxy' ? [ip] : []))
  return [...clusterIPs, ...(spec.externalIPs ?? []), ...balancers].filter((ip) => ip !== 'None' && ip !== '')
}

class ServiceProxy {
  private readonly services = new Map<string, Service>()
  private readonly slices = new Map<string, Map<string, EndpointSlice>>()
  /** `TCP address:port` to the service's port. */
  private readonly frontends = new Map<string, ServicePort>()
  /** How many services own an address: what is dialled there on another port goes nowhere. */
  private readonly owned = new Map<string, number>()
  private readonly nodePorts = new Map<string, ServicePort>()
  private readonly endpoints = new Map<string, Endpoint[]>()
  private readonly affinity = new Map<string, { endpoint: string; until: number }>()
  private readonly random: Random
  private readonly nodes

  constructor(private readonly options: ServicesOptions) {
    this.random = options.random.fork('services')
    this.nodes = options.informers.for<Node>(resources.nodes)
  }

  setService(service: Service): void {
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
      if (!internal && !this.admits(frontend.service, attempt)) return { verdict: 'dropped', service: frontend.label }
      // Inside the cluster an external address is a short cut: its traffic policy holds back what comes from outside only.
      const local = internal && spec?.internalTrafficPolicy === 'Local'
      return this.choose(frontend, attempt, local ? attempt.sourceNode : undefined)
    }
    if (this.owned.has(attempt.address)) return { verdict: 'dropped', service: `nothing on ${attempt.address}:${attempt.port}` }
    const nodePort = this.nodePorts.get(`${attempt.protocol} ${attempt.port}`)
    const node = nodePort && this.options.network.nodeAt(attempt.address)
    if (!nodePort || !node) return undefined
    // What comes from the node itself is never held to its own endpoints, whatever the policy.
    const local = nodePort.service.spec?.externalTrafficPolicy === 'Local' && attempt.sourceNode !== node
    const chosen = this.choose(nodePort, attempt, local ? node : undefined)
    // With the Local policy the source stays; otherwise the node puts its own address there.
    return 'to' in chosen && !local ? { ...chosen, source: attempt.address } : chosen
  }

  /** `loadBalancerSourceRanges` of a load balancer's addresses. */
  private admits(service: Service, attempt: ConnectionAttempt): boolean {
    const ranges = service.spec?.loadBalancerSourceRanges ?? []
    return ranges.length === 0 || ranges.some((range) => contains(parseCIDR(range.trim()), attempt.sourceAddress))
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
    const kept = known && known.until > now ? allowed.find((e) => `${e.address}:${e.port}` === known.endpoint) : undefined
    const chosen = kept ?? this.random.pick(allowed)
    const seconds = spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? AFFINITY_TIMEOUT
    this.affinity.set(key, { endpoint: `${chosen.address}:${chosen.port}`, until: now + seconds * 1000 })
    return chosen
  }

  private endpointsOf(port: ServicePort): readonly Endpoint[] {
    const key = `${port.key} ${port.protocol} ${port.name}`
    let list = this.endpoints.get(key)
    if (list) return list
    list = []
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
    this.endpoints.set(key, list)
    return list
  }

  private forgetEndpoints(key: string): void {
    for (const known of this.endpoints.keys()) if (known.startsWith(`${key} `)) this.endpoints.delete(known)
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

/** The ready endpoints, or those that drain when there are no others. */
function serving(endpoints: readonly Endpoint[]): readonly Endpoint[] {
  const ready = endpoints.filter((e) => e.ready)
  return ready.length > 0 ? ready : endpoints.filter((e) => e.draining)
}
