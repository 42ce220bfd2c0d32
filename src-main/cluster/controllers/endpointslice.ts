/** The EndpointSlice controller (https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/): up to 100 endpoints in each slice. */
import { resources } from '../api/client.js'
import { isReason } from '../api/errors.js'
import type { EndpointSlice, Node, ObjectMeta, Pod, Service } from '../api/object.js'
import { controllerOf, controllerRef, keyOf, splitKey } from '../api/object.js'
import type { Controller, ControllerContext } from './controller.js'
import { KeyedController } from './controller.js'
import type { Endpoint, EndpointGroup, SliceContent } from './endpointslice-plan.js'
import { planSlices } from './endpointslice-plan.js'
import type { PortMapping } from './endpoints-model.js'
import { endpointHostname, labelsFrom, podsBehind, portsIn, wantsEndpoints } from './endpoints-model.js'
import { followServices } from './endpoints-sources.js'
import { TriggerTimes } from './endpoints-trigger-times.js'
import { referenceTo } from './events.js'
import { isNamespaceTerminating } from './podcontrol.js'
import { isPodReady, podInformer } from './pods.js'
import { canonical } from './templatehash.js'
import { HINTS_DISABLED, HINTS_ENABLED, isTopologyAware, topologyOf, zonesOfEndpoints } from './topology-hints.js'

export const SERVICE_NAME = 'kubernetes.io/service-name'
export const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by'
const MANAGER = 'endpointslice-controller.k8s.io'
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

  const sizes = followServices(controller, services, pods)
  const triggers = new TriggerTimes()
  /** Services whose endpoints are hinted by topology. */
  const topologyAware = new Set<string>()
  controller.listen(slices, {
    delete(slice) {
      const name = slice.metadata.labels?.[SERVICE_NAME]
      if (name && slice.metadata.labels?.[MANAGED_BY] === MANAGER) controller.queue.add(`${slice.metadata.namespace}/${name}`)
    },
  })
  const onNode = (): void => {
    for (const service of services.list()) if (isTopologyAware(service)) controller.queue.add(keyOf(service))
  }
  controller.listen(nodes, {
    add: onNode,
    update: (old, node) => topologyOf(old) !== topologyOf(node) && onNode(),
    delete: onNode,
  })
  return controller.startAfter(services, pods, slices, nodes)

  async function sync(key: string): Promise<void> {
    const { namespace, name } = splitKey(key)
    const service = services.get(namespace, name)
    // Its slices go with the Service: they are owned by it.
    if (!service) {
      sizes.delete(key)
      triggers.forget(key)
      topologyAware.delete(key)
    }
    if (!service || !wantsEndpoints(service) || service.metadata.deletionTimestamp !== undefined) return
    const behind = podsBehind(service, pods, true)
    const annotations = triggers.annotation(key, service, behind)
    const groups = hinted(key, service, groupsOf(service, behind))
    sizes.set(
      key,
      groups.reduce((n, g) => n + g.endpoints.length, 0),
    )
    const existing = slices.byIndex(SLICES_INDEX, key).filter((s) => controllerOf(s)?.uid === service.metadata.uid)
    const type = addressTypeOf(service)
    const labels = labelsOf(service)
    const plan = planSlices(
      groups,
      existing.filter((s) => s.addressType === type),
      labels,
    )
    try {
      for (const content of plan.create) await create(service, content, { labels, annotations })
      for (const { slice, endpoints, ports } of plan.update)
        await client.update({
          ...slice,
          metadata: { ...slice.metadata, labels, annotations },
          endpoints,
          ports: ports as EndpointSlice['ports'] & object,
        })
      // What has addresses of another family cannot become anything else.
      for (const slice of [...plan.remove, ...existing.filter((s) => s.addressType !== type)]) await remove(slice)
    } catch (error) {
      if (isNamespaceTerminating(error)) return
      const text = `Error updating Endpoint Slices for Service ${key}: ${(error as Error).message}`
      ctx.events.event(referenceTo('v1', 'Service', service), 'Warning', 'FailedToUpdateEndpointSlices', text)
      throw error
    }
  }

  function groupsOf(service: Service, behind: readonly Pod[]): EndpointGroup[] {
    const groups = new Map<string, { ports: PortMapping[]; endpoints: Endpoint[] }>()
    for (const pod of behind) {
      const ports = portsIn(pod, service)
      const key = canonical(ports)
      let group = groups.get(key)
      if (!group) groups.set(key, (group = { ports, endpoints: [] }))
      group.endpoints.push(endpointOf(pod, service))
    }
    return [...groups.values()]
  }

  /** The endpoints with hints of where their traffic should come from, as the Service asks for it. */
  function hinted(key: string, service: Service, groups: readonly EndpointGroup[]): EndpointGroup[] {
    const zones = topologyZones(key, service, groups)
    const hintsOf = (endpoint: Endpoint): Endpoint['hints'] => {
      if (!zones) return hintsFor(endpoint, isTopologyAware(service) ? undefined : service.spec?.trafficDistribution)
      const zone = zones.get(endpoint)
      return zone === undefined ? undefined : { forZones: [{ name: zone }] }
    }
    const withHints = (endpoint: Endpoint): Endpoint => {
      const hints = hintsOf(endpoint)
      return hints ? { ...endpoint, hints } : endpoint
    }
    return groups.map(({ ports, endpoints }) => ({ ports, endpoints: endpoints.map(withHints) }))
  }

  /** The zones of a Service's endpoints by topology; undefined when it does not ask for them, or cannot have them. Tells of changes. */
  function topologyZones(key: string, service: Service, groups: readonly EndpointGroup[]): Map<Endpoint, string> | undefined {
    const tell = (type: 'Normal' | 'Warning', text: string): void => {
      const reason = type === 'Normal' ? 'TopologyAwareHintsEnabled' : 'TopologyAwareHintsDisabled'
      ctx.events.event(referenceTo('v1', 'Service', service), type, reason, `${text}, addressType: ${addressTypeOf(service)}`)
    }
    if (!isTopologyAware(service)) {
      if (topologyAware.delete(key)) tell('Warning', HINTS_DISABLED)
      return undefined
    }
    try {
      const zones = zonesOfEndpoints(
        groups.flatMap((g) => g.endpoints),
        nodes.list(),
      )
      if (!topologyAware.has(key)) tell('Normal', HINTS_ENABLED)
      topologyAware.add(key)
      return zones
    } catch (error) {
      topologyAware.delete(key)
      tell('Warning', (error as Error).message)
      return undefined
    }
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

  async function create(
    service: Service,
    { ports, endpoints }: SliceContent,
    metadata: Pick<ObjectMeta, 'labels' | 'annotations'>,
  ): Promise<void> {
    const { namespace, name } = service.metadata
    await client.create(namespace!, {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: {
        generateName: `${name}-`,
        namespace: namespace!,
        ...metadata,
        ownerReferences: [controllerRef('v1', 'Service', service)],
      },
      addressType: addressTypeOf(service),
      endpoints,
      ports: ports as EndpointSlice['ports'] & object,
    })
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

function addressTypeOf(service: Service): string {
  return service.spec?.ipFamilies?.[0] ?? 'IPv4'
}

function labelsOf(service: Service): Record<string, string> {
  return { ...labelsFrom(service), [MANAGED_BY]: MANAGER, [SERVICE_NAME]: service.metadata.name! }
}
