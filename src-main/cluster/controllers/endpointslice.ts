/** The EndpointSlice controller (https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/): up to 100 endpoints in each slice. */
import { resources } from '../api/client.js'
import { isReason } from '../api/errors.js'
import type { EndpointSlice, Node, Pod, Service } from '../api/object.js'
import { controllerOf, controllerRef, keyOf, splitKey } from '../api/object.js'
import { rfc3339 } from '../clock.js'
import type { Controller, ControllerContext } from './controller.js'
import { KeyedController } from './controller.js'
import type { PortMapping } from './endpoints-model.js'
import {
  HEADLESS_LABEL,
  LAST_CHANGE,
  batchDelay,
  endpointChanged,
  endpointHostname,
  isHeadless,
  podsBehind,
  portsIn,
  servicesOf,
  wantsEndpoints,
} from './endpoints-model.js'
import { referenceTo } from './events.js'
import { isNamespaceTerminating } from './podcontrol.js'
import { isPodReady, podInformer } from './pods.js'
import { canonical } from './templatehash.js'

type Endpoint = NonNullable<EndpointSlice['endpoints']>[number]

export const SERVICE_NAME = 'kubernetes.io/service-name'
export const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by'
const MANAGER = 'endpointslice-controller.k8s.io'
/** Endpoints in one slice, kube-controller-manager's --max-endpoints-per-slice. */
export const MAX_PER_SLICE = 100
const ZONE = 'topology.kubernetes.io/zone'

const SLICES_INDEX = 'endpointslices-by-service'

export function startEndpointSliceController(ctx: ControllerContext): Controller {
  const client = ctx.client.resource<EndpointSlice>(resources.endpointslices)
  const services = ctx.informers.for<Service>(resources.services)
  const slices = ctx.informers.for<EndpointSlice>(resources.endpointslices)
  const nodes = ctx.informers.for<Node>(resources.nodes)
  const pods = podInformer(ctx.informers)
  slices.addIndex(SLICES_INDEX, (slice) =>
    slice.metadata.labels?.[MANAGED_BY] === MANAGER ? [`${slice.metadata.namespace}/${slice.metadata.labels[SERVICE_NAME]}`] : [],
  )
  const controller = new KeyedController(ctx, { name: 'endpointslice-controller', sync })

  const enqueue = (service: Service): void => controller.queue.add(keyOf(service))
  controller.listen(services, { add: enqueue, update: (_old, service) => enqueue(service), delete: enqueue })
  const sizes = new Map<string, number>()
  const onPod = (pod: Pod): void => {
    for (const key of servicesOf(pod, services)) controller.queue.addAfter(key, batchDelay(sizes.get(key)))
  }
  controller.listen(pods, {
    add: onPod,
    update(old, pod) {
      if (!endpointChanged(old, pod)) return
      onPod(pod)
      onPod(old)
    },
    delete: onPod,
  })
  controller.listen(slices, {
    delete(slice) {
      const name = slice.metadata.labels?.[SERVICE_NAME]
      if (name && slice.metadata.labels?.[MANAGED_BY] === MANAGER) controller.queue.add(`${slice.metadata.namespace}/${name}`)
    },
  })
  return controller.startAfter(services, pods, slices, nodes)

  async function sync(key: string): Promise<void> {
    const { namespace, name } = splitKey(key)
    const service = services.get(namespace, name)
    // Its slices go with the Service: they are owned by it.
    if (!service) sizes.delete(key)
    if (!service || !wantsEndpoints(service) || service.metadata.deletionTimestamp !== undefined) return
    const wanted = groupsOf(service)
    sizes.set(
      key,
      [...wanted.values()].reduce((n, g) => n + g.endpoints.length, 0),
    )
    const existing = slices.byIndex(SLICES_INDEX, key).filter((s) => controllerOf(s)?.uid === service.metadata.uid)
    const byPorts = new Map<string, EndpointSlice[]>()
    for (const slice of existing) {
      const ports = canonical(slice.ports ?? [])
      const list = byPorts.get(ports)
      if (list) list.push(slice)
      else byPorts.set(ports, [slice])
    }
    const labels = labelsOf(service)
    try {
      for (const [ports, group] of wanted) {
        await reconcile(service, group.ports, group.endpoints, byPorts.get(ports) ?? [], labels)
        byPorts.delete(ports)
      }
      for (const unused of byPorts.values()) for (const slice of unused) await remove(slice)
    } catch (error) {
      if (isNamespaceTerminating(error)) return
      const text = `Error updating Endpoint Slices for Service ${key}: ${(error as Error).message}`
      ctx.events.event(referenceTo('v1', 'Service', service), 'Warning', 'FailedToUpdateEndpointSlices', text)
      throw error
    }
  }

  function groupsOf(service: Service): Map<string, { ports: PortMapping[]; endpoints: Endpoint[] }> {
    const groups = new Map<string, { ports: PortMapping[]; endpoints: Endpoint[] }>()
    for (const pod of podsBehind(service, pods, true)) {
      const ports = portsIn(pod, service)
      const key = canonical(ports)
      let group = groups.get(key)
      if (!group) groups.set(key, (group = { ports, endpoints: [] }))
      const endpoint = endpointOf(pod, service)
      const hints = hintsFor(endpoint, service.spec?.trafficDistribution)
      group.endpoints.push(hints ? { ...endpoint, hints } : endpoint)
    }
    // A Service without pods keeps one empty slice, so that others see that it is known.
    if (groups.size === 0) groups.set('[]', { ports: [], endpoints: [] })
    return groups
  }

  function endpointOf(pod: Pod, service: Service): Endpoint {
    const serving = isPodReady(pod)
    const terminating = pod.metadata.deletionTimestamp !== undefined
    const ready = service.spec?.publishNotReadyAddresses === true || (serving && !terminating)
    const hostname = endpointHostname(pod, service)
    const nodeName = pod.spec?.nodeName
    const zone = nodeName ? nodes.get('', nodeName)?.metadata.labels?.[ZONE] : undefined
    const { namespace, name, uid } = pod.metadata
    return {
      addresses: [pod.status!.podIP!],
      conditions: { ready, serving, terminating },
      ...(hostname ? { hostname } : {}),
      ...(nodeName ? { nodeName } : {}),
      targetRef: { kind: 'Pod', namespace: namespace!, name: name!, uid: uid! },
      ...(zone ? { zone } : {}),
    }
  }

  /** Changes as few slices as possible: endpoints stay where they are, new ones fill what has room. */
  async function reconcile(
    service: Service,
    ports: readonly PortMapping[],
    endpoints: readonly Endpoint[],
    existing: readonly EndpointSlice[],
    labels: Record<string, string>,
  ): Promise<void> {
    const missing = new Map(endpoints.map((e) => [e.addresses[0]!, e]))
    const planned = existing.map((slice) => {
      const kept: Endpoint[] = []
      for (const old of slice.endpoints ?? []) {
        const now = missing.get(old.addresses[0]!)
        if (!now) continue
        kept.push(now)
        missing.delete(old.addresses[0]!)
      }
      return { slice, kept }
    })
    const rest = [...missing.values()]
    for (const p of planned.sort((a, b) => b.kept.length - a.kept.length))
      while (rest.length && p.kept.length < MAX_PER_SLICE) p.kept.push(rest.shift()!)
    const emptyToKeep = endpoints.length === 0 ? planned[0] : undefined
    for (const p of planned) {
      if (p.kept.length === 0 && p !== emptyToKeep) await remove(p.slice)
      else if (canonical(p.slice.endpoints ?? []) !== canonical(p.kept) || canonical(p.slice.metadata.labels) !== canonical(labels))
        await client.update({ ...p.slice, metadata: { ...p.slice.metadata, labels, annotations: stamped() }, endpoints: p.kept })
    }
    const newOnes: Endpoint[][] = []
    while (rest.length) newOnes.push(rest.splice(0, MAX_PER_SLICE))
    if (endpoints.length === 0 && planned.length === 0) newOnes.push([])
    for (const list of newOnes) await create(service, ports, list, labels)
  }

  async function create(
    service: Service,
    ports: readonly PortMapping[],
    endpoints: Endpoint[],
    labels: Record<string, string>,
  ): Promise<void> {
    const { namespace, name } = service.metadata
    await client.create(namespace!, {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: {
        generateName: `${name}-`,
        namespace: namespace!,
        labels,
        annotations: stamped(),
        ownerReferences: [controllerRef('v1', 'Service', service)],
      },
      addressType: service.spec?.ipFamilies?.[0] ?? 'IPv4',
      endpoints,
      ports: ports as EndpointSlice['ports'] & object,
    })
  }

  function stamped(): Record<string, string> {
    return { [LAST_CHANGE]: rfc3339(ctx.clock.now()) }
  }

  async function remove(slice: EndpointSlice): Promise<void> {
    await client.delete(slice.metadata.namespace!, slice.metadata.name!).catch((error: unknown) => {
      if (!isReason(error, 'NotFound')) throw error
    })
  }
}

/**
 * Where an endpoint's traffic should come from (Kubernetes documentation, "Traffic distribution"): a ready one is hinted
 * to its zone, and with PreferSameNode to its node, too. Undefined where there is nothing to hint.
 */
export function hintsFor(endpoint: Endpoint, distribution: string | undefined): Endpoint['hints'] {
  const sameNode = distribution === 'PreferSameNode'
  if (!sameNode && distribution !== 'PreferClose' && distribution !== 'PreferSameZone') return undefined
  const { conditions, zone, nodeName } = endpoint
  if (conditions?.ready !== true || !(zone || (sameNode && nodeName))) return undefined
  return { ...(zone ? { forZones: [{ name: zone }] } : {}), ...(sameNode && nodeName ? { forNodes: [{ name: nodeName }] } : {}) }
}

function labelsOf(service: Service): Record<string, string> {
  return {
    ...service.metadata.labels,
    [MANAGED_BY]: MANAGER,
    [SERVICE_NAME]: service.metadata.name!,
    ...(isHeadless(service) ? { [HEADLESS_LABEL]: '' } : {}),
  }
}
