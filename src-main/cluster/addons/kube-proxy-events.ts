/** What the kube-proxy of a node tells of its node: that it has started. */
import type { Client, Informers } from '../api/client.js'
import { resources } from '../api/client.js'
import type { Pod } from '../api/object.js'
import type { Clock } from '../clock.js'
import { EventRecorder } from '../controllers/events.js'

const NAMESPACE = 'kube-system'
const NAME = 'kube-proxy'

export interface KubeProxyEventsOptions {
  /** As the ServiceAccount of kube-proxy. */
  client: Client
  informers: Informers
  clock: Clock
}

/** The run of kube-proxy in a pod: its id, once it has started. */
function runOf({ metadata, status }: Pod): { id: string; startedAt: number } | undefined {
  if (metadata.namespace !== NAMESPACE || metadata.labels?.['k8s-app'] !== NAME) return undefined
  const container = status?.containerStatuses?.find(({ name }) => name === NAME)
  const startedAt = container?.state?.running?.startedAt
  return startedAt ? { id: container.containerID ?? '', startedAt: Date.parse(startedAt) } : undefined
}

/** Records an event about its node for each kube-proxy that starts from now on. Returns a function that stops. */
export function followKubeProxies({ client, informers, clock }: KubeProxyEventsOptions): () => void {
  // Times of a status are whole seconds.
  const since = Math.floor(clock.now() / 1000) * 1000
  const told = (pod: Pod | undefined): string | undefined => pod && runOf(pod)?.id
  const tell = (before: Pod | undefined, pod: Pod): void => {
    const run = runOf(pod)
    const node = pod.spec?.nodeName
    if (!run || !node || run.startedAt < since || run.id === told(before)) return
    const recorder = new EventRecorder({ client, clock, component: NAME, host: node, style: 'series' })
    // It names the node by its name where others use the uid, and no version.
    recorder.event({ kind: 'Node', name: node, uid: node }, 'Normal', 'Starting', '', { action: 'StartKubeProxy' })
  }
  return informers.for<Pod>(resources.pods).on({
    add: (pod) => tell(undefined, pod),
    update: (before, pod) => tell(before, pod),
    delete: () => undefined,
  })
}
