/**
 * Where a request to a proxy subresource goes: the names that its path may hold, and the address of a pod, of an endpoint
 * of a service, or of a node. Follows "Access Services Running on Clusters" of the Kubernetes documentation.
 */
import { badRequest, notFound, StatusError } from '../errors.js'
import type { Endpoints, Node, Pod, Service } from '../object.js'
import type { Random } from '../../random.js'
import type { Store } from '../../store/store.js'

/** An address that a proxied request is sent to. */
export interface ProxyTarget {
  readonly scheme: 'http' | 'https'
  readonly host: string
  readonly port: number
}

/** Reads the name in the path: `name`, `name:port` or `scheme:name:port`, with a port that may be empty. */
function splitName(id: string, what: string): { scheme: 'http' | 'https'; name: string; port: string } {
  const parts = id.split(':')
  const [scheme, name, port] = parts.length === 3 ? (parts as [string, string, string]) : ['', parts[0]!, parts[1] ?? '']
  if (parts.length > 3 || !['', 'http', 'https'].includes(scheme) || !name) {
    throw badRequest(`invalid ${what} request ${JSON.stringify(id)}`)
  }
  return { scheme: scheme === 'https' ? 'https' : 'http', name, port }
}

/** 503, as for a service that has nobody to answer. */
export function unavailable(message: string): StatusError {
  return new StatusError(503, 'ServiceUnavailable', message)
}

/** The ports that Go's resolver knows by name without asking anybody. */
const KNOWN_PORTS: Readonly<Record<string, number>> = { http: 80, https: 443, domain: 53, ftp: 21, smtp: 25, ssh: 22 }

/** The number of a port that is dialled as it stands. Throws 503 for a name that means nothing outside of the pod. */
function dialledPort(port: string, fallback: number): number {
  if (!port) return fallback
  const number = /^\d+$/.test(port) ? Number(port) : KNOWN_PORTS[port]
  if (number === undefined) throw unavailable(`error trying to reach service: dial tcp: lookup tcp/${port}: unknown port`)
  if (number > 65_535) throw unavailable(`error trying to reach service: dial tcp: address ${port}: invalid port`)
  return number
}

/** Finds pods, services and nodes in the store. All throw a `StatusError`: 400, 404 or 503. */
export class ProxyTargets {
  constructor(
    private readonly store: Store,
    private readonly random: Random,
  ) {}

  /** The pod's address; without a port the first that its containers declare. */
  pod(namespace: string, id: string): ProxyTarget {
    const { scheme, name, port } = splitName(id, 'pod')
    const pod = this.get<Pod>('pods', namespace, name)
    const declared = pod.spec?.containers.flatMap((c) => c.ports?.slice(0, 1) ?? [])[0]?.containerPort
    return {
      scheme,
      host: proxyable(pod.status?.podIP),
      port: dialledPort(port || String(declared ?? ''), scheme === 'https' ? 443 : 80),
    }
  }

  /**
   * A ready endpoint of the service's port, by chance. The port is a number or a name; without one it is the port that
   * has no name. Only endpoints that are pods count.
   */
  service(namespace: string, id: string): ProxyTarget {
    const { scheme, name, port } = splitName(id, 'service')
    let portName = port
    if (/^\d+$/.test(port)) {
      const declared = this.get<Service>('services', namespace, name).spec?.ports?.find((p) => p.port === Number(port))
      if (!declared) throw unavailable(`no service port ${port} found for service ${JSON.stringify(name)}`)
      portName = declared.name ?? ''
    }
    const { subsets = [] } = this.get<Endpoints>('endpoints', namespace, name)
    if (subsets.length === 0) throw unavailable(`no endpoints available for service ${JSON.stringify(name)}`)
    const found: ProxyTarget[] = []
    for (const { addresses = [], ports = [] } of subsets) {
      const endpoint = ports.find((p) => (p.name ?? '') === portName)
      if (!endpoint) continue
      for (const { ip, targetRef } of addresses) if (targetRef?.kind === 'Pod') found.push({ scheme, host: ip, port: endpoint.port })
    }
    if (found.length === 0) throw unavailable(`no endpoints available for service ${JSON.stringify(id)}`)
    return found[this.random.int(found.length)]!
  }

  /** The node, and the port when it is another one than the kubelet's. */
  node(id: string): { name: string; target: ProxyTarget | undefined } {
    const { scheme, name, port } = splitName(id, 'node')
    const node = this.get<Node>('nodes', '', name)
    const kubelet = node.status?.daemonEndpoints?.kubeletEndpoint?.Port || 10250
    if (!port || port === String(kubelet)) return { name, target: undefined }
    const host = proxyable(node.status?.addresses?.find((a) => a.type === 'InternalIP')?.address)
    return { name, target: { scheme, host, port: dialledPort(port, kubelet) } }
  }

  private get<T>(resource: string, namespace: string, name: string): T {
    const stored = this.store.get(`/registry/core/${resource}/${namespace ? `${namespace}/` : ''}${name}`)
    if (!stored) throw notFound({ group: '', resource }, name)
    return stored.object as unknown as T
  }
}

/** Refuses what is not the address of one other machine: none yet, the loopback, link-local, multicast. */
function proxyable(ip: string | undefined): string {
  if (!ip || /^(0\.|127\.|169\.254\.|22[4-9]\.|23\d\.)/.test(ip)) throw badRequest('address not allowed')
  return ip
}
