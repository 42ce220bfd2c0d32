/** Mirrors Endpoints that people write for Services without a selector into EndpointSlices. */
import { resources } from '../api/client.js'
import { isReason } from '../api/errors.js'
import type { EndpointSlice, Endpoints, ObjectMeta, Service } from '../api/object.js'
import { keyOf, splitKey } from '../api/object.js'
import type { Controller, ControllerContext } from './controller.js'
import { KeyedController } from './controller.js'
import { LAST_CHANGE } from './endpoints-model.js'
import { referenceTo } from './events.js'
import { MANAGED_BY, SERVICE_NAME } from './endpointslice.js'
import { canonical, sameValue } from './templatehash.js'

const MANAGER = 'endpointslicemirroring-controller.k8s.io'
const SKIP = 'endpointslice.kubernetes.io/skip-mirror'
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'
const LEADER = 'control-plane.alpha.kubernetes.io/leader'
/** --mirroring-max-endpoints-per-subset */
const MAX_PER_SUBSET = 1000
const INDEX = 'mirrored-endpointslices-by-endpoints'

type Endpoint = NonNullable<EndpointSlice['endpoints']>[number]
type Subset = NonNullable<Endpoints['subsets']>[number]
type Address = NonNullable<Subset['addresses']>[number]
type Port = NonNullable<Subset['ports']>[number]

export function startEndpointSliceMirroringController(ctx: ControllerContext): Controller {
  const client = ctx.client.resource<EndpointSlice>(resources.endpointslices)
  const services = ctx.informers.for<Service>(resources.services)
  const endpoints = ctx.informers.for<Endpoints>(resources.endpoints)
  const slices = ctx.informers.for<EndpointSlice>(resources.endpointslices)
  slices.addIndex(INDEX, (slice) =>
    slice.metadata.labels?.[MANAGED_BY] === MANAGER ? [`${slice.metadata.namespace}/${slice.metadata.labels[SERVICE_NAME]}`] : [],
  )
  const controller = new KeyedController(ctx, { name: 'endpointslicemirroring-controller', sync })
  const enqueue = (object: Service | Endpoints): void => controller.queue.add(keyOf(object))
  controller.listen(services, { add: enqueue, update: (_old, service) => enqueue(service), delete: enqueue })
  controller.listen(endpoints, { add: enqueue, update: (_old, e) => enqueue(e), delete: enqueue })
  // What somebody else changes or deletes of them is put right.
  const onSlice = (slice: EndpointSlice): void => {
    const { [SERVICE_NAME]: name, [MANAGED_BY]: manager } = slice.metadata.labels ?? {}
    if (name && manager === MANAGER) controller.queue.add(`${slice.metadata.namespace}/${name}`)
  }
  controller.listen(slices, { update: (_old, slice) => onSlice(slice), delete: onSlice })
  return controller.startAfter(services, endpoints, slices)

  async function sync(key: string): Promise<void> {
    const { namespace, name } = splitKey(key)
    const source = endpoints.get(namespace, name)
    const service = services.get(namespace, name)
    const wanted = source && service && shouldMirror(source, service) ? slicesOf(source, service) : []
    const left = [...slices.byIndex(INDEX, key)]
    const missing: EndpointSlice[] = []
    for (const slice of wanted) {
      const type = slice.addressType
      const at = left.findIndex((s) => s.addressType === type && sameValue(s.ports ?? [], slice.ports ?? []))
      if (at < 0) missing.push(slice)
      else await bring(left.splice(at, 1)[0]!, slice)
    }
    for (const slice of missing) {
      // One that would be deleted becomes what would be made; its address family cannot change.
      const at = left.findIndex((s) => s.addressType === slice.addressType)
      if (at < 0) await client.create(namespace, slice)
      else await bring(left.splice(at, 1)[0]!, slice)
    }
    for (const slice of left)
      await client.delete(namespace, slice.metadata.name!).catch((error: unknown) => {
        if (!isReason(error, 'NotFound')) throw error
      })
  }

  /** Makes a slice that is there what it should be. */
  async function bring(existing: EndpointSlice, wanted: EndpointSlice): Promise<void> {
    const content = ({ endpoints: list = [], ports = [], metadata }: EndpointSlice): unknown[] => [
      list,
      ports,
      metadata.labels,
      ownAnnotations(metadata),
    ]
    if (sameValue(content(existing), content(wanted))) return
    const { labels, annotations } = wanted.metadata
    await client.update({
      ...existing,
      metadata: { ...existing.metadata, labels: labels!, annotations: annotations! },
      endpoints: wanted.endpoints,
      ports: wanted.ports!,
    })
  }

  function shouldMirror(source: Endpoints, service: Service): boolean {
    const skipped = source.metadata.labels?.[SKIP] === 'true' || source.metadata.annotations?.[LEADER] !== undefined
    return !skipped && Object.keys(service.spec?.selector ?? {}).length === 0 && source.metadata.deletionTimestamp === undefined
  }

  /** One slice for each set of ports and address family: as many addresses as are mirrored fit in it. */
  function slicesOf(source: Endpoints, service: Service): EndpointSlice[] {
    const made = new Map<string, EndpointSlice>()
    let skipped = 0
    for (const { addresses = [], notReadyAddresses = [], ports: sourcePorts = [] } of repacked(source.subsets ?? [])) {
      const ports = sourcePorts.map((p) => ({ ...p, name: p.name ?? '' })) as EndpointSlice['ports'] & object
      const all = [...addresses.map((a) => endpointOf(a, true)), ...notReadyAddresses.map((a) => endpointOf(a, false))]
      skipped += Math.max(0, all.length - MAX_PER_SUBSET)
      for (const endpoint of all.slice(0, MAX_PER_SUBSET)) {
        const addressType = endpoint.addresses[0]!.includes(':') ? 'IPv6' : 'IPv4'
        const key = canonical([addressType, ports])
        let slice = made.get(key)
        if (!slice) made.set(key, (slice = emptySlice(source, service, addressType, ports)))
        slice.endpoints!.push(endpoint)
      }
    }
    if (skipped) {
      const text = `A max of ${MAX_PER_SUBSET} addresses can be mirrored to EndpointSlices per Endpoints subset. ${skipped} addresses were skipped`
      ctx.events.event(referenceTo('v1', 'Endpoints', source), 'Warning', 'TooManyAddressesToMirror', text)
    }
    return [...made.values()]
  }
}

/**
 * Subsets in another form that says the same: one for all ports that are had by just the same addresses. An address that
 * is said to be ready as well as not to be is not.
 */
function repacked(subsets: readonly Subset[]): Subset[] {
  const byPort = new Map<string, { port: Port | undefined; members: Map<string, { address: Address; ready: boolean }> }>()
  for (const { addresses = [], notReadyAddresses = [], ports = [] } of subsets)
    for (const port of ports.length ? ports : [undefined]) {
      const key = canonical(port ?? null)
      const entry = byPort.get(key) ?? { port, members: new Map() }
      byPort.set(key, entry)
      const take = (address: Address, ready: boolean): void => {
        const id = `${address.ip}/${address.targetRef?.uid ?? ''}`
        const known = entry.members.get(id)
        entry.members.set(id, { address: known?.address ?? address, ready: ready && (known?.ready ?? true) })
      }
      for (const address of addresses) take(address, true)
      for (const address of notReadyAddresses) take(address, false)
    }
  const packed = new Map<string, Subset & { ports: Port[] }>()
  for (const { port, members } of byPort.values()) {
    const all = [...members.values()]
    const key = canonical([...members].map(([id, { ready }]) => `${id} ${ready}`).sort())
    const subset = packed.get(key) ?? {
      addresses: all.filter((m) => m.ready).map((m) => m.address),
      notReadyAddresses: all.filter((m) => !m.ready).map((m) => m.address),
      ports: [],
    }
    if (port) subset.ports.push(port)
    packed.set(key, subset)
  }
  return [...packed.values()]
}

function endpointOf({ ip, hostname, nodeName, targetRef }: Address, ready: boolean): Endpoint {
  return {
    addresses: [ip],
    conditions: { ready },
    ...(hostname ? { hostname } : {}),
    ...(nodeName ? { nodeName } : {}),
    ...(targetRef ? { targetRef } : {}),
  }
}

function emptySlice(source: Endpoints, service: Service, addressType: string, ports: EndpointSlice['ports'] & object): EndpointSlice {
  const { name, namespace, uid, labels } = source.metadata
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      generateName: `${name}-`,
      namespace: namespace!,
      labels: { ...labels, [SERVICE_NAME]: service.metadata.name!, [MANAGED_BY]: MANAGER },
      annotations: ownAnnotations(source.metadata),
      ownerReferences: [{ apiVersion: 'v1', kind: 'Endpoints', name: name!, uid: uid!, controller: true, blockOwnerDeletion: true }],
    },
    addressType,
    endpoints: [],
    ports,
  }
}

/** The annotations that a slice has from the Endpoints that it mirrors: neither the note of `kubectl apply` nor when these were last changed. */
function ownAnnotations({ annotations }: ObjectMeta): Record<string, string> {
  const own = { ...annotations }
  delete own[LAST_APPLIED]
  delete own[LAST_CHANGE]
  return own
}
