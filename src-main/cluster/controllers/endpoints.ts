/** The Endpoints controller: one Endpoints object for each Service with a selector, the older form of EndpointSlices. */
import { resources } from '../api/client.js'
import { isReason } from '../api/errors.js'
import type { Endpoints, Pod, Service } from '../api/object.js'
import { keyOf, splitKey } from '../api/object.js'
import type { Controller, ControllerContext } from './controller.js'
import { KeyedController } from './controller.js'
import type { PortMapping } from './endpoints-model.js'
import { LAST_CHANGE, endpointHostname, labelsFrom, podsBehind, portsIn, wantsEndpoints } from './endpoints-model.js'
import { followServices } from './endpoints-sources.js'
import { TriggerTimes } from './endpoints-trigger-times.js'
import { referenceTo } from './events.js'
import { isNamespaceTerminating } from './podcontrol.js'
import { isPodReady, podInformer } from './pods.js'
import { canonical, sameValue } from './templatehash.js'

type Subset = NonNullable<Endpoints['subsets']>[number]
type Address = NonNullable<Subset['addresses']>[number]

/** More addresses than this are cut off, and an annotation says so. */
const MAX_ADDRESSES = 1000
const OVER_CAPACITY = 'endpoints.kubernetes.io/over-capacity'
const MANAGED_BY = 'endpoints.kubernetes.io/managed-by'

export function startEndpointsController(ctx: ControllerContext): Controller {
  const client = ctx.client.resource<Endpoints>(resources.endpoints)
  const services = ctx.informers.for<Service>(resources.services)
  const endpoints = ctx.informers.for<Endpoints>(resources.endpoints)
  const pods = podInformer(ctx.informers)
  const controller = new KeyedController(ctx, { name: 'endpoint-controller', sync })

  const sizes = followServices(controller, services, pods)
  const triggers = new TriggerTimes()
  controller.listen(endpoints, { delete: (e) => controller.queue.add(keyOf(e)) })
  return controller.startAfter(services, pods, endpoints)

  async function sync(key: string): Promise<void> {
    const { namespace, name } = splitKey(key)
    const service = services.get(namespace, name)
    if (!service) {
      sizes.delete(key)
      triggers.forget(key)
      await client.delete(namespace, name).catch(ignoreNotFound)
      return
    }
    if (!wantsEndpoints(service)) return
    const behind = podsBehind(service, pods, service.spec?.publishNotReadyAddresses === true)
    sizes.set(key, behind.length)
    const { subsets, truncated } = subsetsOf(service, behind)
    const existing = endpoints.get(namespace, name)
    const trigger = triggers.annotation(key, service, behind)
    const { [LAST_CHANGE]: _old, [OVER_CAPACITY]: _wasOver, ...annotations } = existing?.metadata.annotations ?? {}
    if (truncated) annotations[OVER_CAPACITY] = 'truncated'
    const labels = { ...labelsFrom(service), [MANAGED_BY]: 'endpoint-controller' }
    if (
      existing &&
      sameValue(existing.subsets ?? [], subsets) &&
      sameValue(existing.metadata.labels, labels) &&
      (existing.metadata.annotations?.[OVER_CAPACITY] ?? '') === (annotations[OVER_CAPACITY] ?? '')
    )
      return
    const metadata = { name, namespace, labels, annotations: { ...annotations, ...trigger } }
    const wanted: Endpoints = { apiVersion: 'v1', kind: 'Endpoints', ...existing, metadata: { ...existing?.metadata, ...metadata } }
    if (subsets.length) wanted.subsets = subsets
    else delete wanted.subsets
    try {
      await (existing ? client.update(wanted) : client.create(namespace, wanted))
    } catch (error) {
      if (!existing && isNamespaceTerminating(error)) return
      tellFailure(key, existing ?? { metadata }, existing !== undefined, error as Error)
      throw error
    }
  }

  function tellFailure(key: string, about: { metadata: Endpoints['metadata'] }, exists: boolean, { message }: Error): void {
    const reason = exists ? 'FailedToUpdateEndpoint' : 'FailedToCreateEndpoint'
    const what = exists ? `Failed to update endpoint ${key}` : `Failed to create endpoint for service ${key}`
    ctx.events.event(referenceTo('v1', 'Endpoints', about), 'Warning', reason, `${what}: ${message}`)
  }

  function subsetsOf(service: Service, behind: readonly Pod[]): { subsets: Subset[]; truncated: boolean } {
    const groups = new Map<string, { ports: PortMapping[]; ready: Address[]; notReady: Address[] }>()
    const publishAll = service.spec?.publishNotReadyAddresses === true
    for (const pod of behind) {
      const ports = portsIn(pod, service)
      if (ports.length === 0 && (service.spec?.ports?.length ?? 0) > 0) continue
      const key = canonical(ports)
      let group = groups.get(key)
      if (!group) groups.set(key, (group = { ports, ready: [], notReady: [] }))
      const hostname = endpointHostname(pod, service)
      const { kind, namespace, name, uid } = referenceTo('v1', 'Pod', pod)
      const targetRef = { kind, namespace, name, uid }
      const address: Address = {
        ip: pod.status!.podIP!,
        ...(hostname ? { hostname } : {}),
        ...(pod.spec?.nodeName ? { nodeName: pod.spec.nodeName } : {}),
        targetRef,
      }
      ;(publishAll || isPodReady(pod) ? group.ready : group.notReady).push(address)
    }
    const byIP = (a: Address, b: Address): number => (a.ip < b.ip ? -1 : 1)
    const subsets = [...groups.values()].map(({ ports, ready, notReady }): Subset => ({
      ...(ready.length ? { addresses: ready.sort(byIP) } : {}),
      ...(notReady.length ? { notReadyAddresses: notReady.sort(byIP) } : {}),
      ...(ports.length ? { ports: ports.map(({ name, ...rest }) => (name ? { name, ...rest } : rest)) as never } : {}),
    }))
    return { subsets, truncated: truncate(subsets) }
  }
}

/** Cuts off what is above the capacity, of each subset its share; ready addresses stay before others. Says whether it has. */
function truncate(subsets: Subset[]): boolean {
  const count = (field: 'addresses' | 'notReadyAddresses'): number => subsets.reduce((n, s) => n + (s[field]?.length ?? 0), 0)
  const [ready, notReady] = [count('addresses'), count('notReadyAddresses')]
  if (ready + notReady <= MAX_ADDRESSES) return false
  const onlyReady = ready > MAX_ADDRESSES
  const field = onlyReady ? 'addresses' : 'notReadyAddresses'
  const room = onlyReady ? MAX_ADDRESSES : MAX_ADDRESSES - ready
  let left = room
  for (const subset of subsets) {
    const all = subset[field] ?? []
    const kept = all.slice(0, Math.min(left, Math.ceil((all.length / (onlyReady ? ready : notReady)) * room)))
    left -= kept.length
    if (onlyReady) delete subset.notReadyAddresses
    if (kept.length) subset[field] = kept
    else delete subset[field]
  }
  return true
}

function ignoreNotFound(error: unknown): void {
  if (!isReason(error, 'NotFound')) throw error
}
