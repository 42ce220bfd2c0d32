/**
 * The cluster's DNS, as CoreDNS' kubernetes plugin answers (Kubernetes DNS-Based Service Discovery, version 1.1.0):
 * services, headless endpoints, named ports, pods by their addresses, and reverse lookups. Of the world outside it knows
 * the hosts of outside.ts: other names do not exist.
 */
import type { Informers } from '../api/client.js'
import { resources } from '../api/client.js'
import { keyOf, type EndpointSlice, type Namespace, type Service } from '../api/object.js'
import { parseIPv4 } from './addresses.js'
import type { Fabric } from './fabric.js'
import { DnsError, type DnsAnswer, type DnsType } from './network.js'
import type { NameService } from './resolver.js'
import { serviceKey } from './services.js'

/** Seconds, as in the usual Corefile. */
const TTL = 30
/** CNAMEs in a row before the resolver gives up. */
const LONGEST_CHAIN = 8

export interface DnsOptions {
  network: Fabric
  informers: Informers
  /** The ClusterIP of kube-dns: who has another nameserver in /etc/resolv.conf does not reach this one. */
  address: string
  /** `cluster.local` when left out. */
  domain?: string
  /** Whether the servers answer; queries time out when not. Always when left out. */
  available?(): boolean
}

/** Follows Services and EndpointSlices and answers for the whole network. Returns a function that stops. */
export function attachDns(options: DnsOptions): () => void {
  options.network.names = new ClusterDns(options)
  return () => {
    options.network.names = undefined
  }
}

interface NamedEndpoint {
  /** What it is called under its service: its hostname, or its address with dashes. */
  name: string
  /** With the service and the zone, and a dot at the end. */
  fullName: string
  address: string
  slice: EndpointSlice
}

class ClusterDns implements NameService {
  readonly address: string
  private readonly domain: string
  private readonly namespaces
  private readonly services
  private readonly slices

  constructor(private readonly options: DnsOptions) {
    this.address = options.address
    this.domain = (options.domain ?? 'cluster.local').toLowerCase()
    this.namespaces = options.informers.for<Namespace>(resources.namespaces)
    this.services = options.informers.for<Service>(resources.services)
    this.slices = options.informers.for<EndpointSlice>(resources.endpointslices)
    this.services.addIndex('dns-clusterIP', (service) => clusterIPs(service))
    this.slices.addIndex('dns-service', (slice) => [serviceKey(slice) ?? ''])
    this.slices.addIndex('dns-address', (slice) => (slice.endpoints ?? []).flatMap((e) => e.addresses))
  }

  available(): boolean {
    return this.options.available?.() ?? true
  }

  query(name: string, type: DnsType): DnsAnswer[] {
    const asked = name.toLowerCase().replace(/\.?$/, '.')
    const answers = this.follow(asked, type, 0)
    if (!answers) throw new DnsError('NXDOMAIN', name)
    return answers
  }

  /** Undefined when the name does not exist; empty when it has no record of this type. */
  private follow(name: string, type: DnsType, depth: number): DnsAnswer[] | undefined {
    const records = this.records(name)
    if (!records) return undefined
    const wanted = records.filter((r) => type === 'ANY' || r.type === type)
    const alias = records.find((r) => r.type === 'CNAME')
    if (!alias || type === 'CNAME' || type === 'ANY' || depth >= LONGEST_CHAIN) return wanted
    return [alias, ...(this.follow(alias.data.toLowerCase(), type, depth + 1) ?? [])]
  }

  outside(name: string): string | undefined {
    return this.options.network.outside.get(name.slice(0, -1))
  }

  private outsideRecords(name: string): DnsAnswer[] | undefined {
    const address = this.outside(name)
    return address === undefined ? undefined : [record(name, 'A', address)]
  }

  /** All records of a name in lower case with its last dot. */
  private records(name: string): DnsAnswer[] | undefined {
    if (name.endsWith('.in-addr.arpa.')) return this.reverse(name)
    const suffix = `.${this.domain}.`
    if (name === suffix.slice(1)) {
      const serial = Math.floor(this.options.network.clock.now() / 1000)
      return [
        record(name, 'NS', `ns.dns${suffix}`),
        record(name, 'SOA', `ns.dns${suffix} hostmaster${suffix} ${serial} 7200 1800 86400 ${TTL}`),
      ]
    }
    if (name === `dns-version${suffix}`) return [record(name, 'TXT', '"1.1.0"')]
    if (name === `ns.dns${suffix}`) return [record(name, 'A', this.address)]
    if (!name.endsWith(suffix)) return this.outsideRecords(name)
    const labels = name.slice(0, -suffix.length).split('.')
    const kind = labels.at(-1)
    const namespace = labels.at(-2)
    if (kind !== 'svc' && kind !== 'pod') return undefined
    // `svc` and `pod` alone, and a namespace under them, are there but hold nothing themselves.
    if (namespace === undefined) return []
    if (!this.namespaces.get('', namespace)) return undefined
    if (labels.length === 2) return []
    if (kind === 'pod') return labels.length === 3 ? podRecord(name, labels[0]!) : undefined
    const service = this.services.get(namespace, labels.at(-3) ?? '')
    if (!service) return undefined
    const rest = labels.slice(0, -3)
    if (rest.length === 0) return this.serviceRecords(name, service)
    if (rest.length === 2 && rest[0]!.startsWith('_') && rest[1]!.startsWith('_'))
      return this.portRecords(name, service, rest[0]!.slice(1), rest[1]!.slice(1))
    if (rest.length === 1) return this.endpointRecords(name, service, rest[0]!)
    return undefined
  }

  private serviceRecords(name: string, service: Service): DnsAnswer[] | undefined {
    if (service.spec?.type === 'ExternalName') return [record(name, 'CNAME', `${service.spec.externalName!.replace(/\.$/, '')}.`)]
    const ips = clusterIPs(service)
    if (ips.length > 0) {
      const ports = (service.spec?.ports ?? []).map((port) =>
        record(name, 'SRV', `0 ${share(service.spec!.ports!.length)} ${port.port} ${name}`),
      )
      return [...ips.map((ip) => record(name, 'A', ip)), ...ports]
    }
    const endpoints = this.readyEndpoints(service)
    // A headless service with nobody behind it does not exist for CoreDNS.
    if (endpoints.length === 0) return undefined
    return [...unique(endpoints.map((e) => e.address)).map((address) => record(name, 'A', address)), ...portsOf(name, endpoints)]
  }

  private portRecords(name: string, service: Service, port: string, protocol: string): DnsAnswer[] | undefined {
    const zone = this.zoneOf(keyOf(service))
    const matches = (p: { name?: string; protocol?: string }): boolean =>
      p.name === port && (p.protocol ?? 'TCP').toLowerCase() === protocol
    if (clusterIPs(service).length > 0) {
      const ports = (service.spec?.ports ?? []).filter(matches)
      return ports.length > 0 ? ports.map((p) => record(name, 'SRV', `0 ${share(ports.length)} ${p.port} ${zone}`)) : undefined
    }
    const found = portsOf(name, this.readyEndpoints(service), matches)
    return found.length > 0 ? found : undefined
  }

  private endpointRecords(name: string, service: Service, hostname: string): DnsAnswer[] | undefined {
    const found = this.readyEndpoints(service).filter((e) => e.name === hostname)
    return found.length > 0 ? [...found.map((e) => record(name, 'A', e.address)), ...portsOf(name, found)] : undefined
  }

  private reverse(name: string): DnsAnswer[] | undefined {
    const address = name.replace('.in-addr.arpa.', '').split('.').reverse().join('.')
    if (parseIPv4(address) === undefined) return undefined
    const [service] = this.services.byIndex('dns-clusterIP', address)
    if (service) return [record(name, 'PTR', this.zoneOf(keyOf(service)))]
    const found = this.slices.byIndex('dns-address', address).flatMap((slice) => {
      const key = serviceKey(slice)
      return key === undefined ? [] : namedEndpoints(slice, this.zoneOf(key))
    })
    // An address leads back only to an endpoint with a hostname.
    const named = found.filter((e) => e.address === address && e.name !== dashed(address))
    return named.length > 0 ? named.map((e) => record(name, 'PTR', e.fullName)) : undefined
  }

  private readyEndpoints(service: Service): NamedEndpoint[] {
    const key = keyOf(service)
    return this.slices.byIndex('dns-service', key).flatMap((slice) => namedEndpoints(slice, this.zoneOf(key)))
  }

  /** The full name of the service `namespace/name`. */
  private zoneOf(key: string): string {
    return `${key.split('/').reverse().join('.')}.svc.${this.domain}.`
  }
}

/** The SRV records that a name has for the ports of endpoints. */
function portsOf(
  name: string,
  endpoints: readonly NamedEndpoint[],
  matches: (port: { name?: string; protocol?: string }) => boolean = () => true,
): DnsAnswer[] {
  const found = endpoints.flatMap((e) => (e.slice.ports ?? []).filter(matches).map((p) => `${p.port} ${e.fullName}`))
  return found.map((target) => record(name, 'SRV', `0 ${share(found.length)} ${target}`))
}

/** The ready endpoints of a slice with the names that they have under their service. */
function namedEndpoints(slice: EndpointSlice, zone: string): NamedEndpoint[] {
  return (slice.endpoints ?? []).flatMap(({ addresses: [address], hostname, conditions }) => {
    if (conditions?.ready === false || !address) return []
    const name = hostname ?? dashed(address)
    return [{ name, fullName: `${name}.${zone}`, address, slice }]
  })
}

function dashed(address: string): string {
  return address.replaceAll('.', '-')
}

function clusterIPs(service: Service): string[] {
  const { spec } = service
  if (!spec || spec.type === 'ExternalName') return []
  return (spec.clusterIPs ?? [spec.clusterIP ?? '']).filter((ip) => ip !== '' && ip !== 'None')
}

/** `10-244-1-2.default.pod.cluster.local`, answered without looking whether there is such a pod (`pods insecure`). */
function podRecord(name: string, label: string): DnsAnswer[] | undefined {
  const address = label.replaceAll('-', '.')
  return parseIPv4(address) === undefined ? undefined : [record(name, 'A', address)]
}

function record(name: string, type: DnsType, data: string): DnsAnswer {
  return { name, type, ttl: TTL, data }
}

/** The weight of one of `n` equal SRV records. */
function share(n: number): number {
  return Math.max(1, Math.floor(100 / n))
}

function unique(list: readonly string[]): string[] {
  return [...new Set(list)]
}
