/**
 * Keeps one IPAddress for each cluster IP of a Service, which says whose it is.
 * https://kubernetes.io/docs/concepts/services-networking/cluster-ip-allocation/
 */
import type { StoreEvent } from '../store/store.js'
import { isReason } from './errors.js'
import { prefixOf } from './kindset.js'
import type { IPAddress } from './kinds/ipaddress.js'
import { isIPv6Address } from './kinds/rules/ip.js'
import type { KubeObject, Service } from './object.js'
import { serverCall } from './server-call.js'
import { create } from './verbs/create.js'
import { remove } from './verbs/delete.js'
import type { Machinery } from './verbs/machinery.js'

const GROUP = 'networking.k8s.io'
const FAMILY = 'ipaddress.kubernetes.io/ip-family'
const MANAGED_BY = 'ipaddress.kubernetes.io/managed-by'
const ALLOCATOR = 'ipallocator.k8s.io'

/** Starts to follow the Services of a server; those that are there get what they lack. Does nothing without the kinds. */
export function keepServiceAddresses(m: Machinery): { stop(): void } {
  const services = m.kinds.findResource('', 'services')
  const addresses = m.kinds.findResource(GROUP, 'ipaddresses')
  if (!services || !addresses) return { stop: () => undefined }
  const prefix = { services: prefixOf(services), addresses: prefixOf(addresses) }
  let stopped = false

  const write = (done: Promise<unknown>): void => {
    const settled = done.catch((error: unknown) => {
      // Somebody was faster, or the server is on its way out.
      if (!stopped && !isReason(error, 'AlreadyExists', 'NotFound', 'Conflict')) throw error
    })
    void m.clock.track(settled)
  }
  const make = (ip: string, service: Service): void => {
    if (!m.store.get(prefix.addresses + ip)) write(create(m, addresses, serverCall(), addressOf(ip, service)))
  }
  const drop = (ip: string, service: Service): void => {
    const stored = m.store.get(prefix.addresses + ip)?.object as unknown as IPAddress | undefined
    if (!stored || !isOf(stored, service)) return
    const preconditions = { uid: stored.metadata.uid! }
    write(remove(m, addresses, serverCall(), ip, { preconditions }))
  }
  const ownerOf = (address: IPAddress): Service | undefined => {
    const ref = address.spec?.parentRef
    if (!ref || ref.group || ref.resource !== 'services') return undefined
    const service = m.store.get(`${prefix.services}${ref.namespace}/${ref.name}`)?.object as unknown as Service | undefined
    return service && ipsOf(service).includes(address.metadata.name!) ? service : undefined
  }

  const { revision } = m.store
  for (const { object } of m.store.list(prefix.services).items) {
    const service = object as unknown as Service
    for (const ip of ipsOf(service)) make(ip, service)
  }
  for (const { object } of m.store.list(prefix.addresses).items) {
    const address = object as unknown as IPAddress
    const isOurs = address.metadata.labels?.[MANAGED_BY] === ALLOCATOR
    if (isOurs && !ownerOf(address)) write(remove(m, addresses, serverCall(), address.metadata.name!, {}))
  }
  const stopServices = m.store.watch(prefix.services, revision, (events) => {
    for (const event of events) {
      const { service, had, has } = change(event)
      for (const ip of had) if (!has.includes(ip)) drop(ip, service)
      for (const ip of has) make(ip, service)
    }
  })
  const stopAddresses = m.store.watch(prefix.addresses, revision, (events) => {
    for (const { type, current } of events) {
      if (type !== 'delete') continue
      // One that a user deletes is made again while its Service has the address.
      const owner = ownerOf(current.object as unknown as IPAddress)
      if (owner) make(current.object.metadata.name!, owner)
    }
  })
  return {
    stop() {
      stopped = true
      stopServices()
      stopAddresses()
    },
  }
}

/** What a change of a Service does to its addresses. */
function change({ type, current, previous }: StoreEvent): { service: Service; had: string[]; has: string[] } {
  const service = current.object as unknown as Service
  const before = (previous?.object ?? (type === 'delete' ? current.object : undefined)) as unknown as Service | undefined
  return { service, had: before ? ipsOf(before) : [], has: type === 'delete' ? [] : ipsOf(service) }
}

function ipsOf({ spec }: Service): string[] {
  return (spec?.clusterIPs ?? []).filter((ip) => ip && ip !== 'None')
}

function isOf({ spec }: IPAddress, { metadata }: Service): boolean {
  const ref = spec?.parentRef
  return ref?.resource === 'services' && !ref.group && ref.namespace === metadata.namespace && ref.name === metadata.name
}

function addressOf(ip: string, { metadata }: Service): KubeObject {
  return {
    apiVersion: `${GROUP}/v1`,
    kind: 'IPAddress',
    metadata: { name: ip, labels: { [FAMILY]: isIPv6Address(ip) ? 'IPv6' : 'IPv4', [MANAGED_BY]: ALLOCATOR } },
    spec: { parentRef: { resource: 'services', namespace: metadata.namespace, name: metadata.name } },
  } as KubeObject
}
