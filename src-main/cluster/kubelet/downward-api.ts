/**
 * The values of `fieldRef` and `resourceFieldRef`, for environment variables and downwardAPI volumes.
 * Kubernetes documentation, "Downward API".
 */
import type { Container, Pod } from '../api/object.js'
import { bytes, millicores } from './quantity.js'

/** What a pod runs on, as its containers may ask. */
export interface NodeFacts {
  name: string
  address: string
  /** What is left for pods: the limit of a container that sets none. Quantities by resource name. */
  allocatable: Readonly<Record<string, string>>
}

/** `key="value"` lines, sorted by key, the value quoted as in Go. */
function mapLines(map: Readonly<Record<string, string>> | undefined): string {
  return Object.entries(map ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([k, v]) => `${k}=${JSON.stringify(v)}`)
    .join('\n')
}

/** The value of a field of the pod. Throws an Error for a path that is not supported. */
export function fieldValue(path: string, pod: Pod, node: NodeFacts, podIP: string): string {
  switch (path) {
    case 'spec.nodeName':
      return node.name
    case 'spec.serviceAccountName':
      return pod.spec?.serviceAccountName ?? ''
    case 'status.hostIP':
    case 'status.hostIPs':
      return node.address
    case 'status.podIP':
    case 'status.podIPs':
      return podIP
    case 'metadata.name':
      return pod.metadata.name ?? ''
    case 'metadata.namespace':
      return pod.metadata.namespace ?? ''
    case 'metadata.uid':
      return pod.metadata.uid ?? ''
    case 'metadata.labels':
      return mapLines(pod.metadata.labels)
    case 'metadata.annotations':
      return mapLines(pod.metadata.annotations)
  }
  const m = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(path)
  if (m) return pod.metadata[m[1] as 'labels' | 'annotations']?.[m[2]!] ?? ''
  throw new Error(`unsupported fieldPath: ${path}`)
}

/** A `resourceFieldRef`: its unit is the divisor, rounded up; a missing limit is what the node has for pods. */
export function resourceValue(
  ref: { containerName?: string; resource: string; divisor?: string },
  pod: Pod,
  container: Container | undefined,
  node: NodeFacts,
): string {
  const spec = pod.spec!
  const target = ref.containerName
    ? [...spec.containers, ...(spec.initContainers ?? [])].find((c) => c.name === ref.containerName)
    : container
  if (!target) throw new Error(`container ${ref.containerName} not found`)
  const m = /^(limits|requests)\.(.+)$/.exec(ref.resource)
  if (!m) throw new Error(`unsupported container resource : ${ref.resource}`)
  const [, bound, name] = m as unknown as [string, 'limits' | 'requests', string]
  const own = target.resources?.[bound]?.[name]
  const quantity = own ?? (bound === 'limits' ? node.allocatable[name] : '0')
  const divisor = !ref.divisor || ref.divisor === '0' ? '1' : ref.divisor
  const value = name === 'cpu' ? millicores(quantity) / millicores(divisor) : bytes(quantity) / bytes(divisor)
  return String(Math.ceil(value))
}
