/** What is in every cluster from its first second: the system's namespaces and the Service of the API itself. */
import type { ServerConfigMap } from '../access/server-configmaps.js'
import { rfc3339, type Clock } from '../clock.js'
import type { Random } from '../random.js'
import type { Store } from '../store/store.js'
import { apiVersionOf, storageKey } from './kindset.js'
import type { KindSet } from './kindset.js'
import { SERVICE_CIDR } from './kinds/rules/service-allocation.js'
import type { KubeObject } from './object.js'

/** The first address of the service range: the API inside the cluster. */
export const KUBERNETES_SERVICE_IP = '10.96.0.1'

const NAMESPACES = ['default', 'kube-system', 'kube-public', 'kube-node-lease']

/** The classes of the system's own pods, which kube-apiserver makes itself. */
const PRIORITY_CLASSES: readonly (readonly [name: string, value: number, description: string])[] = [
  ['system-node-critical', 2000001000, 'Used for system critical pods that must not be moved from their current node.'],
  [
    'system-cluster-critical',
    2000000000,
    'Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.',
  ],
]

/** The resources of what the server keeps in every cluster, as the store knows them. */
const SEEDED = [
  'core/namespaces',
  'scheduling.k8s.io/priorityclasses',
  'networking.k8s.io/servicecidrs',
  'core/services',
  'core/configmaps',
  'core/endpoints',
  'discovery.k8s.io/endpointslices',
  'flowcontrol.apiserver.k8s.io/flowschemas',
  'flowcontrol.apiserver.k8s.io/prioritylevelconfigurations',
] as const

/** Calls `onChange` when something was changed that the server may have to put back. Gives what stops it. */
export function watchSeeded(store: Store, onChange: () => void): () => void {
  const stops = SEEDED.map((resource) => store.watch(`/registry/${resource}/`, store.revision, onChange))
  return () => stops.forEach((stop) => stop())
}

/** Where pods reach the API server. */
export interface ControlPlaneAddress {
  /** The node's address, such as 192.168.49.2. */
  ip: string
  port: number
}

/**
 * Writes what is not there yet; the Endpoints follow the address. Visible at once; resolves when it is on disk.
 * `controlPlane` undefined leaves the Endpoints out; `configMaps` are written into kube-system.
 */
export async function seedCluster(
  store: Store,
  kinds: KindSet,
  clock: Clock,
  random: Random,
  controlPlane?: ControlPlaneAddress,
  configMaps: readonly ServerConfigMap[] = [],
): Promise<void> {
  const writes: Promise<unknown>[] = []
  const now = rfc3339(clock.now())
  const seed = (group: string, plural: string, namespace: string, name: string, body: object, labels?: Record<string, string>): void => {
    const kind = kinds.findResource(group, plural)
    if (!kind) return
    const key = storageKey(kind, namespace, name)
    const stored = store.get(key)
    const fixed = { kind: kind.kind, apiVersion: apiVersionOf(kind) }
    if (stored && JSON.stringify({ ...stored.object, ...body }) === JSON.stringify(stored.object)) return
    const metadata = stored?.object.metadata ?? {
      name,
      ...(namespace ? { namespace } : {}),
      uid: random.uuid(),
      creationTimestamp: now,
      ...(labels ? { labels } : {}),
    }
    writes.push(store.put(key, { ...fixed, metadata: { ...metadata }, ...body } as KubeObject, stored?.modRevision ?? 0))
  }
  for (const name of NAMESPACES) {
    if (store.get(`/registry/core/namespaces/${name}`)) continue
    const body = { spec: { finalizers: ['kubernetes'] }, status: { phase: 'Active' } }
    seed('', 'namespaces', '', name, body, { 'kubernetes.io/metadata.name': name })
  }
  for (const [name, value, description] of PRIORITY_CLASSES) {
    if (store.get(`/registry/scheduling.k8s.io/priorityclasses/${name}`)) continue
    seed('scheduling.k8s.io', 'priorityclasses', '', name, { value, description, preemptionPolicy: 'PreemptLowerPriority' })
  }
  if (!store.get('/registry/networking.k8s.io/servicecidrs/kubernetes')) {
    const message = 'Kubernetes default Service CIDR is ready'
    const ready = { type: 'Ready', status: 'True', lastTransitionTime: now, reason: '', message }
    seed('networking.k8s.io', 'servicecidrs', '', 'kubernetes', { spec: { cidrs: [SERVICE_CIDR] }, status: { conditions: [ready] } })
  }
  if (!store.get('/registry/core/services/default/kubernetes')) {
    const spec = {
      ports: [{ name: 'https', protocol: 'TCP', port: 443, targetPort: controlPlane?.port ?? 8443 }],
      clusterIP: KUBERNETES_SERVICE_IP,
      clusterIPs: [KUBERNETES_SERVICE_IP],
      type: 'ClusterIP',
      sessionAffinity: 'None',
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
      internalTrafficPolicy: 'Cluster',
    }
    const labels = { component: 'apiserver', provider: 'kubernetes' }
    seed('', 'services', 'default', 'kubernetes', { spec, status: { loadBalancer: {} } }, labels)
  }
  for (const { name, data, kept } of configMaps) {
    if (kept || !store.get(`/registry/core/configmaps/kube-system/${name}`)) seed('', 'configmaps', 'kube-system', name, { data })
  }
  if (controlPlane) {
    const { ip, port } = controlPlane
    const subsets = [{ addresses: [{ ip }], ports: [{ name: 'https', port, protocol: 'TCP' }] }]
    // The API server keeps these two itself; the label tells the mirroring controller to leave them alone.
    seed('', 'endpoints', 'default', 'kubernetes', { subsets }, { 'endpointslice.kubernetes.io/skip-mirror': 'true' })
    const slice = {
      addressType: 'IPv4',
      endpoints: [{ addresses: [ip], conditions: { ready: true } }],
      ports: [{ name: 'https', protocol: 'TCP', port }],
    }
    seed('discovery.k8s.io', 'endpointslices', 'default', 'kubernetes', slice, { 'kubernetes.io/service-name': 'kubernetes' })
  }
  await Promise.all(writes)
}
