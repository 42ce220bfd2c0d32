/**
 * Cluster IPs and node ports of Services. https://kubernetes.io/docs/concepts/services-networking/cluster-ip-allocation/
 *
 * What is in use is read from the store once, then kept in an index. The index is never trusted against a Service: an
 * entry whose Service is gone, or has another address by now, is free. An entry younger than {@link PENDING} counts as
 * used, since its Service may be on its way to the store, until that is deleted. There is one index per server (it hangs on the server's random
 * source); it goes with the server, and nothing else resets it.
 */
import { field, internalError, invalid, withoutReason, type FieldError } from '../../errors.js'
import type { Service } from '../../object.js'
import type { Random } from '../../../random.js'
import type { IPAddress } from '../ipaddress.js'
import type { ServiceCIDR } from '../servicecidr.js'
import type { RuleContext } from '../kind.js'
import { blockContains, parseCIDR, parseIP } from './ip.js'
import { isEmpty, items } from './sent.js'
import { settleFamilies } from './service-families.js'
import { isHeadless, mayHaveNodePorts, needsClusterIP, needsHealthCheckPort, needsNodePorts } from './service-shape.js'

/** The addresses that Services get. */
export const SERVICE_CIDR = '10.96.0.0/16'
export const NODE_PORTS = { first: 30000, last: 32767 } as const

/** Below these, addresses and ports are given only to those who name them, while there are others. */
const STATIC_IPS = 256
const STATIC_PORTS = 86
/** How long an allocation whose Service is not stored counts, in milliseconds. */
const PENDING = 10_000
const ATTEMPTS = 64
/** What a dry run shows in place of a port that it does not look for: this one and those after it. */
const DRY_RUN_PORT = NODE_PORTS.last + 2

interface Use {
  namespace: string
  name: string
  since: number
}

interface Index {
  ips: Map<string, Use>
  ports: Map<number, Use>
}

const indexes = new WeakMap<Random, Index>()

type Spec = NonNullable<Service['spec']>

function indexFor(ctx: RuleContext): Index {
  let index = indexes.get(ctx.random)
  if (!index) {
    indexes.set(ctx.random, (index = { ips: new Map(), ports: new Map() }))
    for (const stored of ctx.lookupAll('', 'services')) {
      const { namespace = '', name = '' } = stored.metadata
      const use: Use = { namespace, name, since: 0 }
      const spec = (stored as unknown as Service).spec
      for (const ip of ipsOf(spec)) index.ips.set(ip, use)
      for (const port of portsOf(spec)) index.ports.set(port, use)
    }
  }
  return index
}

const ipsOf = (spec: Spec | undefined): string[] => (spec?.clusterIPs ?? []).filter((ip) => ip && ip !== 'None')

function portsOf(spec: Spec | undefined): number[] {
  const ports = items(spec?.ports).map((p) => p.nodePort ?? 0)
  return [...ports, spec?.healthCheckNodePort ?? 0].filter((p) => p > 0)
}

/** Gives a new Service, or one whose type has changed, the addresses and ports it lacks. In place; throws the Status of the first refusal. */
export function allocate(object: Service, old: Service | undefined, ctx: RuleContext): void {
  const spec = object.spec
  if (!spec) return
  const allocation = new Allocation(object, old?.spec, ctx)
  if (needsClusterIP(spec)) {
    const errors = settleFamilies(spec, old?.spec)
    if (errors.length) allocation.refuse(errors)
    // An address stays what it is; validation refuses a change.
    const isNew = !old || !needsClusterIP(old.spec)
    if (!isHeadless(spec)) {
      if (isEmpty(spec.clusterIPs)) spec.clusterIPs = [allocation.anyIP()]
      else if (isNew) for (const ip of ipsOf(spec)) allocation.thisIP(ip)
      spec.clusterIP = spec.clusterIPs?.[0]
    }
  }
  if (mayHaveNodePorts(spec)) allocateNodePorts(spec, old?.spec, allocation)
}

/** What a Service has that is being deleted is free as soon as it is gone: it is not on its way to the store any more. */
export function settle({ metadata, spec }: Service, ctx: RuleContext): void {
  const index = indexFor(ctx)
  const uses = [...ipsOf(spec).map((ip) => index.ips.get(ip)), ...portsOf(spec).map((port) => index.ports.get(port))]
  for (const use of uses) if (use?.namespace === metadata.namespace && use?.name === metadata.name) use!.since = -Infinity
}

/** Gives the ports of a new Service their node ports: one number serves all protocols of a port, and no other port. */
function createNodePorts(spec: Spec, allocation: Allocation): void {
  const ports = items(spec.ports)
  const givenTo = new Map<number | undefined, number>()
  ports.forEach((p, i) => {
    if (!p.nodePort && !needsNodePorts(spec)) return
    const shared = givenTo.get(p.port)
    if (shared === undefined) {
      const named = ports.find((o) => o.port === p.port && o.nodePort)?.nodePort
      if (named) allocation.takeNodePort(named, i)
      p.nodePort = named || allocation.anyPort()
      givenTo.set(p.port, p.nodePort)
    } else if (!p.nodePort) p.nodePort = shared
    else if (p.nodePort !== shared) allocation.takeNodePort(p.nodePort, i)
  })
}

/** Gives ports node ports that they lack. Here protocols share a number only if the client says so. */
function updateNodePorts(spec: Spec, old: Spec, allocation: Allocation): void {
  const before = new Set(portsOf(old))
  const own = new Set<number>()
  const inUse = new Set<string>()
  items(spec.ports).forEach((p, i) => {
    if (!p.nodePort && !needsNodePorts(spec)) return
    if (!p.nodePort) p.nodePort = allocation.anyPort()
    else if (!before.has(p.nodePort) && !own.has(p.nodePort)) {
      allocation.takeNodePort(p.nodePort, i)
      own.add(p.nodePort)
    }
    const use = `{${p.protocol} ${p.nodePort}}`
    if (inUse.has(use)) throw withoutReason(`duplicate nodePort: ${use}`)
    inUse.add(use)
  })
}

function allocateNodePorts(spec: Spec, old: Spec | undefined, allocation: Allocation): void {
  if (old) updateNodePorts(spec, old, allocation)
  else createNodePorts(spec, allocation)
  if (!needsHealthCheckPort(spec)) return
  if (!spec.healthCheckNodePort) spec.healthCheckNodePort = allocation.anyPort()
  // A change of the port is refused by validation.
  else if (!needsHealthCheckPort(old)) {
    const why = allocation.thisPort(spec.healthCheckNodePort)
    if (why) throw internalError(`failed to allocate requested HealthCheck NodePort ${spec.healthCheckNodePort}: ${why}`)
  }
}

/** The ranges of IPv4 that addresses may be given from: the cluster's own, and those of ServiceCIDRs that are ready. */
function readyRanges(ctx: RuleContext): string[] {
  const ready = (ctx.lookupAll('networking.k8s.io', 'servicecidrs') as readonly ServiceCIDR[]).filter(
    ({ metadata, status }) => !metadata.deletionTimestamp && status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True'),
  )
  return [SERVICE_CIDR, ...ready.flatMap(({ spec }) => (spec?.cidrs ?? []) as string[])].filter(
    (cidr) => parseCIDR(cidr)?.address.length === 4,
  )
}

/** Whether an address is the first or last of its block of IPv4, which name the network and all of it. */
function isEdge(address: readonly number[], prefix: number): boolean {
  if (prefix > 30) return false
  const value = address.reduce((sum, byte) => sum * 256 + byte, 0)
  const size = 2 ** (32 - prefix)
  return value % size === 0 || value % size === size - 1
}

/** The allocations of one write. */
class Allocation {
  private readonly index: Index
  private readonly use: Use
  /** The ports of this write, and those that the Service has had so far. */
  private readonly ports: Set<number>
  /** The largest port of this write that was new, in a dry run. */
  private largest = 0

  constructor(
    private readonly service: Service,
    old: Spec | undefined,
    private readonly ctx: RuleContext,
  ) {
    this.index = indexFor(ctx)
    this.ports = new Set(portsOf(old))
    const since = ctx.dryRun ? -Infinity : ctx.clock.now()
    this.use = { namespace: ctx.namespace, name: service.metadata?.name ?? '', since }
  }

  /** A dry run shows the range itself. */
  anyIP(): string {
    if (this.ctx.dryRun) return SERVICE_CIDR.split('/')[0]!
    const [a, b] = parseCIDR(SERVICE_CIDR)!.address as [number, number]
    const at = (n: number): string => `${a}.${b}.${n >> 8}.${n & 255}`
    for (let i = 0; i < ATTEMPTS; i++) {
      const ip = at(STATIC_IPS + 1 + this.ctx.random.int(65534 - STATIC_IPS))
      if (this.take(this.index.ips, ip)) return ip
    }
    // Random tries fail only when the range is nearly full: then look at all of it.
    for (let n = 65534; n > 0; n--) if (this.take(this.index.ips, at(n))) return at(n)
    throw new Error(`range is full: ${SERVICE_CIDR}`)
  }

  thisIP(ip: string): void {
    const address = parseIP(ip)!
    const range = readyRanges(this.ctx).find((cidr) => blockContains(parseCIDR(cidr)!, address))
    const refuse = (why: string): void => {
      this.refuse([field.invalid('spec.clusterIPs', this.service.spec?.clusterIPs, `failed to allocate IP ${ip}: ${why}`)])
    }
    if (!range) refuse('the provided network does not match the current range')
    else if (isEdge(address, parseCIDR(range)!.prefix))
      refuse(`the provided IP (${ip}) is not in the valid range. The range of valid IPs is ${range}`)
    // A dry run does not ask who has the address.
    else if (!this.ctx.dryRun && !this.take(this.index.ips, ip)) refuse('provided IP is already allocated')
  }

  /** Ends the write with a 422. */
  refuse(errors: readonly FieldError[]): never {
    throw invalid({ group: '', kind: 'Service' }, this.service.metadata?.name ?? '', errors)
  }

  anyPort(): number {
    if (this.ctx.dryRun) return (this.largest = this.largest ? this.largest + 1 : DRY_RUN_PORT)
    const { first, last } = NODE_PORTS
    for (let i = 0; i < ATTEMPTS; i++) {
      const port = first + STATIC_PORTS + this.ctx.random.int(last - first - STATIC_PORTS + 1)
      if (this.takePort(port)) return port
    }
    for (let port: number = last; port >= first; port--) if (this.takePort(port)) return port
    throw new Error('range is full')
  }

  /** Takes a port for an entry of `spec.ports`, or ends the write. */
  takeNodePort(port: number, index: number): void {
    const why = this.thisPort(port)
    if (why) this.refuse([field.invalid(`spec.ports[${index}].nodePort`, port, why)])
  }

  /** Takes a port, or says why it cannot be had. */
  thisPort(port: number): string | undefined {
    const { first, last } = NODE_PORTS
    if (this.ctx.dryRun) this.largest = Math.max(this.largest, port)
    else if (port < first || port > last) return `provided port is not in the valid range. The range of valid ports is ${first}-${last}`
    return this.takePort(port) ? undefined : 'provided port is already allocated'
  }

  /** Takes a port unless another Service has it, or another use of this one. */
  private takePort(port: number): boolean {
    if (this.ports.has(port) || !this.take(this.index.ports, port)) return false
    this.ports.add(port)
    return true
  }

  /** Takes an address or port unless another Service has it. */
  private take<K extends string | number>(map: Map<K, Use>, key: K): boolean {
    const use = map.get(key)
    if (use && !this.isStale(use, key)) return false
    if (typeof key === 'string' && this.isReserved(key)) return false
    if (!this.ctx.dryRun) map.set(key, this.use)
    return true
  }

  /** Whether somebody holds an address for something that is no Service. */
  private isReserved(ip: string): boolean {
    const held = this.ctx.lookup('networking.k8s.io', 'ipaddresses', '', ip) as unknown as IPAddress | undefined
    const ref = held?.spec?.parentRef
    return ref !== undefined && (ref.resource !== 'services' || Boolean(ref.group))
  }

  private isStale(use: Use, key: string | number): boolean {
    const isOwn = use.namespace === this.use.namespace && use.name === this.use.name
    if (isOwn) return true
    const stored = this.ctx.lookup('', 'services', use.namespace, use.name) as unknown as Service | undefined
    if (stored) return typeof key === 'string' ? !ipsOf(stored.spec).includes(key) : !portsOf(stored.spec).includes(key)
    return this.ctx.clock.now() - use.since > PENDING
  }
}
