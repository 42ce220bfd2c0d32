/** Which addresses the controller publishes in the status of Ingresses: its flags decide, as ingress-nginx documents them. */
import type { Node, Pod, Service } from '../../../api/object.js'
import type { Process } from '../../process.js'
import type { InClusterApi } from '../in-cluster-api.js'

export interface PublishOptions {
  /** `--publish-service=namespace/name`. */
  publishService: string | undefined
  /** `--publish-status-address`. */
  publishAddress: string | undefined
  /** `--report-node-internal-ip-address`. */
  internalAddress: boolean
}

export interface PublishedAddress {
  ip?: string
  hostname?: string
}

const asAddress = (text: string): PublishedAddress => (/^[\d.]+$/.test(text) || text.includes(':') ? { ip: text } : { hostname: text })

/** The addresses by which the controller is reached. Rejects with an ApiError. */
export async function addressesOf(process: Process, api: InClusterApi, options: PublishOptions): Promise<PublishedAddress[]> {
  if (options.publishAddress) return options.publishAddress.split(',').map((a) => asAddress(a.trim()))
  if (options.publishService) {
    const [namespace, name] = options.publishService.split('/')
    return ofService(await api.request<Service>('GET', `/api/v1/namespaces/${namespace}/services/${name}`))
  }
  return ofNodes(process, api, options.internalAddress)
}

function ofService({ spec, status }: Service): PublishedAddress[] {
  if (spec?.type === 'ExternalName') return [{ hostname: spec.externalName! }]
  const external = (spec?.externalIPs ?? []).map((ip) => ({ ip }))
  if (spec?.type === 'LoadBalancer') {
    const balancers = (status?.loadBalancer?.ingress ?? []).map(({ ip, hostname }) => (ip ? { ip } : { hostname: hostname ?? '' }))
    return [...balancers, ...external]
  }
  if (spec?.type === 'NodePort' && external.length > 0) return external
  return spec?.clusterIP ? [{ ip: spec.clusterIP }] : []
}

/** The nodes on which pods with this pod's labels run. */
async function ofNodes(process: Process, api: InClusterApi, internal: boolean): Promise<PublishedAddress[]> {
  const { POD_NAME: name, POD_NAMESPACE: namespace } = process.env
  if (!name || !namespace) return []
  const own = await api.request<Pod>('GET', `/api/v1/namespaces/${namespace}/pods/${name}`)
  const labels = Object.entries(own.metadata.labels ?? {}).filter(([key]) => !/^(pod-template-hash|controller-revision-hash)$/.test(key))
  const selector = encodeURIComponent(labels.map(([key, value]) => `${key}=${value}`).join(','))
  const { items } = await api.request<{ items: Pod[] }>('GET', `/api/v1/namespaces/${namespace}/pods?labelSelector=${selector}`)
  const nodes = new Set(items.filter((p) => p.status?.phase === 'Running').map((p) => p.spec?.nodeName ?? ''))
  const found: string[] = []
  for (const node of nodes) {
    const { status } = await api.request<Node>('GET', `/api/v1/nodes/${node}`)
    const by = (type: string): string | undefined => status?.addresses?.find((a) => a.type === type)?.address
    const address = internal ? by('InternalIP') : (by('ExternalIP') ?? by('InternalIP'))
    if (address) found.push(address)
  }
  return [...new Set(found)].sort().map((ip) => ({ ip }))
}
