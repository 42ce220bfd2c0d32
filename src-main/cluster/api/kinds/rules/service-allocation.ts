/**
 * Cluster IPs and node ports of Services. https://kubernetes.io/docs/concepts/services-networking/cluster-ip-allocation/
 *
 * What is in use is read from the store once, then kept in an index. The index is never trusted against a Service: an
 * entry whose Service is gone, or has another address by now, is free. An entry younger than {@link PENDING} counts as
 * used, since its Service may be on its way to the store. There is one index per server (it hangs on the server's random
 * source); it goes with the server, and nothing else resets it.
 */
import { field, invalid, type FieldError } from '../../errors.js'
import type { Service } from '../../object.js'
import type { Random } from '../../../random.js'
import type { RuleContext } from '../kind.js'
import { blockContains, parseCIDR, parseIP } from './ip.js'
import { isEmpty, items } from './sent.js'
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

/** Gives a new Service, or one whose type has changed, the addresses and ports it lacks. In place; throws a 422 Status. */
export function allocate(object: Service, old: Service | undefined, ctx: RuleContext): void {
  const spec = object.spec
  if (!spec || !needsClusterIP(spec)) return
  const allocation = new Allocation(object, ctx)
  setFamilies(spec)
  const before = new Set(ipsOf(old?.spec))
  if (!isHeadless(spec)) {
    if (isEmpty(spec.clusterIPs)) spec.clusterIPs = [allocation.anyIP()]
    else for (const ip of ipsOf(spec)) if (!before.has(ip)) allocation.thisIP(ip)
    spec.clusterIP = spec.clusterIPs?.[0]
  }
  if (mayHaveNodePorts(spec)) allocateNodePorts(spec, new Set(portsOf(old?.spec)), allocation)
  if (allocation.errors.length) throw invalid({ group: '', kind: 'Service' }, object.metadata?.name ?? '', allocation.errors)
}

function setFamilies(spec: Spec): void {
  const wrongIP = ipsOf(spec).some((ip) => !parseIP(ip))
  if (wrongIP) return
  if (isHeadless(spec) && isEmpty(spec.selector)) {
    // Without a selector the endpoints can be of any family.
    spec.ipFamilies = isEmpty(spec.ipFamilies) ? ['IPv4'] : spec.ipFamilies
    spec.ipFamilyPolicy ??= 'RequireDualStack'
    if (spec.ipFamilyPolicy !== 'SingleStack' && spec.ipFamilies!.length < 2)
      spec.ipFamilies = [...spec.ipFamilies!, spec.ipFamilies![0] === 'IPv4' ? 'IPv6' : 'IPv4']
    return
  }
  spec.ipFamilyPolicy ??= 'SingleStack'
  if (isEmpty(spec.ipFamilies)) spec.ipFamilies = ['IPv4']
}

function allocateNodePorts(spec: Spec, before: ReadonlySet<number>, allocation: Allocation): void {
  // One port may serve two protocols of the same Service.
  const own = new Set<number>()
  items(spec.ports).forEach((p, i) => {
    if (p.nodePort && !before.has(p.nodePort) && !own.has(p.nodePort)) allocation.thisPort(p.nodePort, `spec.ports[${i}].nodePort`)
    if (p.nodePort) own.add(p.nodePort)
  })
  if (needsNodePorts(spec)) {
    for (const p of items(spec.ports)) {
      if (p.nodePort) continue
      const shared = items(spec.ports).find((o) => o.port === p.port && o.nodePort && o.protocol !== p.protocol)
      p.nodePort = shared?.nodePort ?? allocation.anyPort()
    }
  }
  if (!needsHealthCheckPort(spec)) return
  if (!spec.healthCheckNodePort) spec.healthCheckNodePort = allocation.anyPort()
  else if (!before.has(spec.healthCheckNodePort)) allocation.thisPort(spec.healthCheckNodePort, 'spec.healthCheckNodePort')
}

/** The allocations of one write. */
class Allocation {
  readonly errors: FieldError[] = []
  private readonly index: Index
  private readonly use: Use

  constructor(
    private readonly service: Service,
    private readonly ctx: RuleContext,
  ) {
    this.index = indexFor(ctx)
    const since = ctx.dryRun ? -Infinity : ctx.clock.now()
    this.use = { namespace: ctx.namespace, name: service.metadata?.name ?? '', since }
  }

  anyIP(): string {
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
    const address = parseIP(ip)
    // What is no address is refused by validation.
    if (!address) return
    const refuse = (why: string): void => {
      this.errors.push(field.invalid('spec.clusterIPs', this.service.spec?.clusterIPs, `failed to allocate IP ${ip}: ${why}`))
    }
    if (!blockContains(parseCIDR(SERVICE_CIDR)!, address))
      refuse(`the provided IP (${ip}) is not in the valid range. The range of valid IPs is ${SERVICE_CIDR}`)
    else if (!this.take(this.index.ips, ip)) refuse('provided IP is already allocated')
  }

  anyPort(): number {
    const { first, last } = NODE_PORTS
    for (let i = 0; i < ATTEMPTS; i++) {
      const port = first + STATIC_PORTS + this.ctx.random.int(last - first - STATIC_PORTS + 1)
      if (this.take(this.index.ports, port)) return port
    }
    for (let port: number = last; port >= first; port--) if (this.take(this.index.ports, port)) return port
    throw new Error('range is full')
  }

  thisPort(port: number, path: string): void {
    const { first, last } = NODE_PORTS
    if (port < first || port > last) {
      const text = `provided port is not in the valid range. The range of valid ports is ${first}-${last}`
      this.errors.push(field.invalid(path, port, text))
    } else if (!this.take(this.index.ports, port)) {
      this.errors.push(field.invalid(path, port, 'provided port is already allocated'))
    }
  }

  /** Takes an address or port unless another Service has it. */
  private take<K extends string | number>(map: Map<K, Use>, key: K): boolean {
    const use = map.get(key)
    if (use && !this.isStale(use, key)) return false
    if (!this.ctx.dryRun) map.set(key, this.use)
    return true
  }

  private isStale(use: Use, key: string | number): boolean {
    const isOwn = use.namespace === this.use.namespace && use.name === this.use.name
    if (isOwn) return true
    const stored = this.ctx.lookup('', 'services', use.namespace, use.name) as unknown as Service | undefined
    if (stored) return typeof key === 'string' ? !ipsOf(stored.spec).includes(key) : !portsOf(stored.spec).includes(key)
    return this.ctx.clock.now() - use.since > PENDING
  }
}
