/** Mirrors Endpoints that people write for Services without a selector into EndpointSlices. */
import { resources } from '../api/client.js'
import { isReason } from '../api/errors.js'
import type { EndpointSlice, Endpoints, Service } from '../api/object.js'
import { keyOf, splitKey } from '../api/object.js'
import type { Controller, ControllerContext } from './controller.js'
import { KeyedController } from './controller.js'
import { LAST_CHANGE } from './endpoints-model.js'
import { referenceTo } from './events.js'
import { MANAGED_BY, SERVICE_NAME } from './endpointslice.js'
import { MAX_PER_SLICE } from './endpointslice-plan.js'
import { canonical } from './templatehash.js'

const MANAGER = 'endpointslicemirroring-controller.k8s.io'
const SKIP = 'endpointslice.kubernetes.io/skip-mirror'
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'
const LEADER = 'control-plane.alpha.kubernetes.io/leader'
/** --mirroring-max-endpoints-per-subset */
const MAX_PER_SUBSET = 1000
const INDEX = 'mirrored-endpointslices-by-endpoints'

type Endpoint = NonNullable<EndpointSlice['endpoints']>[number]

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
    for (const slice of wanted) {
      const type = slice.addressType
      const at = left.findIndex((s) => s.addressType === type && canonical(s.ports ?? []) === canonical(slice.ports ?? []))
      if (at < 0) {
        await client.create(namespace, slice)
        continue
      }
      const [existing] = left.splice(at, 1)
      const same =
        canonical(existing!.endpoints ?? []) === canonical(slice.endpoints) &&
        canonical(existing!.metadata.labels) === canonical(slice.metadata.labels) &&
        canonical(ownAnnotations(existing!)) === canonical(ownAnnotations(slice))
      if (same) continue
      const { labels, annotations } = slice.metadata
      await client.update({
        ...existing!,
        metadata: { ...existing!.metadata, labels: labels!, annotations: annotations! },
        endpoints: slice.endpoints,
      })
    }
    for (const slice of left)
      await client.delete(namespace, slice.metadata.name!).catch((error: unknown) => {
        if (!isReason(error, 'NotFound')) throw error
      })
  }

  function shouldMirror(source: Endpoints, service: Service): boolean {
    const skipped = source.metadata.labels?.[SKIP] === 'true' || source.metadata.annotations?.[LEADER] !== undefined
    return !skipped && Object.keys(service.spec?.selector ?? {}).length === 0 && source.metadata.deletionTimestamp === undefined
  }

  function slicesOf(source: Endpoints, service: Service): EndpointSlice[] {
    const { name, namespace, uid } = source.metadata
    const made: EndpointSlice[] = []
    let skipped = 0
    for (const subset of source.subsets ?? []) {
      const byType = new Map<string, Endpoint[]>()
      const add = (address: NonNullable<typeof subset.addresses>[number], ready: boolean): void => {
        const type = address.ip.includes(':') ? 'IPv6' : 'IPv4'
        const list = byType.get(type) ?? []
        const { ip, hostname, nodeName, targetRef } = address
        list.push({
          addresses: [ip],
          conditions: { ready },
          ...(hostname ? { hostname } : {}),
          ...(nodeName ? { nodeName } : {}),
          ...(targetRef ? { targetRef } : {}),
        })
        byType.set(type, list)
      }
      const all = [
        ...(subset.addresses ?? []).map((a) => ({ a, ready: true })),
        ...(subset.notReadyAddresses ?? []).map((a) => ({ a, ready: false })),
      ]
      for (const { a, ready } of all.slice(0, MAX_PER_SUBSET)) add(a, ready)
      skipped += Math.max(0, all.length - MAX_PER_SUBSET)
      for (const [addressType, list] of byType)
        for (let i = 0; i < list.length; i += MAX_PER_SLICE)
          made.push({
            apiVersion: 'discovery.k8s.io/v1',
            kind: 'EndpointSlice',
            metadata: {
              generateName: `${name}-`,
              namespace: namespace!,
              labels: { ...source.metadata.labels, [SERVICE_NAME]: service.metadata.name!, [MANAGED_BY]: MANAGER },
              annotations: mirroredAnnotations(source),
              ownerReferences: [
                { apiVersion: 'v1', kind: 'Endpoints', name: name!, uid: uid!, controller: true, blockOwnerDeletion: true },
              ],
            },
            addressType,
            endpoints: list.slice(i, i + MAX_PER_SLICE),
            ports: (subset.ports ?? []).map((p) => ({ ...p, name: p.name ?? '' })) as EndpointSlice['ports'] & object,
          })
    }
    if (skipped) {
      const text = `A max of ${MAX_PER_SUBSET} addresses can be mirrored to EndpointSlices per Endpoints subset. ${skipped} addresses were skipped`
      ctx.events.event(referenceTo('v1', 'Endpoints', source), 'Warning', 'TooManyAddressesToMirror', text)
    }
    return made
  }
}

/** What a slice has of the annotations of the Endpoints that it mirrors: all but the note of `kubectl apply`. */
function mirroredAnnotations({ metadata }: Endpoints): Record<string, string> {
  const annotations = { ...metadata.annotations }
  delete annotations[LAST_APPLIED]
  return annotations
}

/** The annotations that say something of the endpoints themselves, and not when they were last changed. */
function ownAnnotations({ metadata }: EndpointSlice): Record<string, string> {
  const annotations = { ...metadata.annotations }
  delete annotations[LAST_CHANGE]
  return annotations
}
