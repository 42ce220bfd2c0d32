/** What the controllers of Endpoints and EndpointSlices share: which pods stand behind a Service, and under which ports. */
import type { Informer } from '../api/client.js'
import type { Pod, Service } from '../api/object.js'
import { isPodFinished, isPodReady } from './pods.js'
import { mapMatcherOf } from './selector.js'

const HEADLESS_LABEL = 'service.kubernetes.io/headless'
export const LAST_CHANGE = 'endpoints.kubernetes.io/last-change-trigger-time'

export type ServicePort = NonNullable<NonNullable<Service['spec']>['ports']>[number]

/** A port of an endpoint, the container's own number. */
export interface PortMapping {
  name: string
  port: number | undefined
  protocol: string
  appProtocol?: string
}

export function isHeadless(service: Service): boolean {
  return service.spec?.clusterIP === 'None'
}

/** The labels that what belongs to a Service has from it: whether it is headless is told by what it is, not by its own label. */
export function labelsFrom(service: Service): Record<string, string> {
  const { [HEADLESS_LABEL]: _said, ...labels } = service.metadata.labels ?? {}
  return isHeadless(service) ? { ...labels, [HEADLESS_LABEL]: '' } : labels
}

/** Whether endpoints are kept for a Service: not for those without selector, nor for ExternalName. */
export function wantsEndpoints(service: Service): boolean {
  return Object.keys(service.spec?.selector ?? {}).length > 0 && service.spec?.type !== 'ExternalName'
}

/** The number behind a target port in a pod; undefined when the pod has no port of that name. */
export function targetPort(pod: Pod, port: ServicePort): number | undefined {
  const target = (port.targetPort ?? port.port) as number | string
  if (typeof target === 'number') return target
  const sidecars = (pod.spec?.initContainers ?? []).filter((c) => c.restartPolicy === 'Always')
  for (const c of [...(pod.spec?.containers ?? []), ...sidecars])
    for (const p of c.ports ?? []) if (p.name === target && (p.protocol ?? 'TCP') === (port.protocol ?? 'TCP')) return p.containerPort
  return undefined
}

/** The ports of a Service as they are in one pod; ports that the pod does not have are left out. */
export function portsIn(pod: Pod, service: Service): PortMapping[] {
  const mappings: PortMapping[] = []
  for (const p of service.spec?.ports ?? []) {
    const port = targetPort(pod, p)
    if (port === undefined) continue
    const { name = '', protocol = 'TCP', appProtocol } = p
    mappings.push({ name, port, protocol, ...(appProtocol ? { appProtocol } : {}) })
  }
  return mappings
}

/** The selected pods that can have an endpoint: they have an address and have not finished. */
export function podsBehind(service: Service, pods: Informer<Pod>, includeTerminating: boolean): Pod[] {
  const selects = mapMatcherOf(service.spec?.selector)
  const behind: Pod[] = []
  for (const pod of pods.list(service.metadata.namespace)) {
    if (!pod.status?.podIP || isPodFinished(pod) || !selects(pod.metadata.labels)) continue
    if (pod.metadata.deletionTimestamp !== undefined && !includeTerminating) continue
    behind.push(pod)
  }
  return behind
}

/** The host name under which DNS knows a pod of a headless Service. */
export function endpointHostname(pod: Pod, service: Service): string | undefined {
  const { hostname, subdomain } = pod.spec ?? {}
  return hostname && subdomain === service.metadata.name ? hostname : undefined
}

/** Whether a change of a pod can change an endpoint. */
export function endpointChanged(old: Pod, pod: Pod): boolean {
  return (
    old.status?.podIP !== pod.status?.podIP ||
    isPodReady(old) !== isPodReady(pod) ||
    isPodFinished(old) !== isPodFinished(pod) ||
    old.spec?.nodeName !== pod.spec?.nodeName ||
    old.metadata.deletionTimestamp !== pod.metadata.deletionTimestamp ||
    JSON.stringify(old.metadata.labels) !== JSON.stringify(pod.metadata.labels)
  )
}

/** The keys of the Services that select a pod. */
export function servicesOf(pod: Pod, services: Informer<Service>): string[] {
  const keys: string[] = []
  for (const service of services.list(pod.metadata.namespace))
    if (mapMatcherOf(service.spec?.selector)(pod.metadata.labels)) keys.push(`${pod.metadata.namespace}/${service.metadata.name}`)
  return keys
}
