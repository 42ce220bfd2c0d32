/**
 * `healthCheckNodePort`: on every node kube-proxy tells load balancers whether the node has endpoints of a service with
 * `externalTrafficPolicy: Local`. Kubernetes documentation, "Create an External Load Balancer", preserving the client
 * source IP.
 */
import type { Informers } from '../api/client.js'
import { resources } from '../api/client.js'
import { keyOf, type EndpointSlice, type Node, type Service } from '../api/object.js'
import type { Fabric } from './fabric.js'
import { serveHttp, type HttpListener } from './http.js'
import { NetworkError } from './network.js'
import { serviceKey } from './services.js'

export interface HealthCheckPortsOptions {
  network: Fabric
  informers: Informers
}

/** Follows Services and Nodes and serves the ports. Returns a function that stops. */
export function attachHealthCheckPorts(options: HealthCheckPortsOptions): () => void {
  const ports = new HealthCheckPorts(options)
  const { informers } = options
  const nodes = informers.for<Node>(resources.nodes)
  const stops = [
    informers.for<Service>(resources.services).on({
      add: (service) => ports.set(service),
      update: (_, service) => ports.set(service),
      delete: (service) => ports.remove(keyOf(service)),
    }),
    // A node's network may be made after the Node: the next heartbeat finds it.
    nodes.on({ add: () => ports.openAll(), update: () => ports.openAll() }),
  ]
  return () => {
    for (const stop of stops) stop()
    ports.close()
  }
}

class HealthCheckPorts {
  /** Services with a port, by key. */
  private readonly services = new Map<string, { service: Service; port: number; listeners: Map<string, HttpListener> }>()
  private readonly nodes
  private readonly slices

  constructor(private readonly options: HealthCheckPortsOptions) {
    this.nodes = options.informers.for<Node>(resources.nodes)
    this.slices = options.informers.for<EndpointSlice>(resources.endpointslices)
    this.slices.addIndex('health-check-service', (slice) => [serviceKey(slice) ?? ''])
  }

  set(service: Service): void {
    const key = keyOf(service)
    const port = service.spec?.externalTrafficPolicy === 'Local' ? service.spec.healthCheckNodePort : undefined
    if (this.services.get(key)?.port !== port) this.remove(key)
    if (!port) return
    this.services.set(key, { service, port, listeners: this.services.get(key)?.listeners ?? new Map() })
    this.open(key)
  }

  remove(key: string): void {
    for (const listener of this.services.get(key)?.listeners.values() ?? []) listener.destroy()
    this.services.delete(key)
  }

  openAll(): void {
    for (const key of this.services.keys()) this.open(key)
  }

  close(): void {
    for (const key of this.services.keys()) this.remove(key)
  }

  /** Listens on the nodes that have a network and do not listen yet. */
  private open(key: string): void {
    const { service, port, listeners } = this.services.get(key)!
    const { network } = this.options
    for (const { metadata } of this.nodes.list()) {
      const node = metadata.name!
      const namespace = listeners.has(node) ? undefined : network.node(node)
      if (!namespace) continue
      try {
        const listener = serveHttp(
          namespace,
          port,
          (_request, response) => {
            const count = this.localEndpoints(key, node)
            response.writeHead(count > 0 ? 200 : 503, {
              'Content-Type': 'application/json',
              'X-Content-Type-Options': 'nosniff',
              'X-Load-Balancing-Endpoint-Weight': String(count),
            })
            response.end(report(service, count))
          },
          { clock: network.clock },
        )
        listeners.set(node, listener)
      } catch (error) {
        // A pod on the host's network has the port; kube-proxy tries again with the next change, too.
        if (!(error instanceof NetworkError)) throw error
      }
    }
  }

  /** How many ready endpoints a node has. */
  private localEndpoints(key: string, node: string): number {
    const local = this.slices
      .byIndex('health-check-service', key)
      .flatMap((slice) => slice.endpoints ?? [])
      .filter((e) => e.nodeName === node && e.conditions?.ready !== false)
    return new Set(local.map((e) => e.addresses[0])).size
  }
}

/** The body, as kube-proxy lays it out. */
function report({ metadata }: Service, count: number): string {
  return [
    '{',
    '\t"service": {',
    `\t\t"namespace": ${JSON.stringify(metadata.namespace)},`,
    `\t\t"name": ${JSON.stringify(metadata.name)}`,
    '\t},',
    `\t"localEndpoints": ${count},`,
    '\t"serviceProxyHealthy": true',
    '}',
  ].join('\n')
}
