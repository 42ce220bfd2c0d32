/** Puts the addons into a new cluster, keeps the control plane's pods there, and tells whether CoreDNS answers. */
import { resources, type Client, type GroupVersionResource, type Informers } from '../api/client.js'
import { isReason } from '../api/errors.js'
import type { EndpointSlice, KubeObject, Node, Pod } from '../api/object.js'
import { addonObjects, controlPlanePods } from './manifests.js'

const byKind: Readonly<Record<string, GroupVersionResource>> = {
  ServiceAccount: resources.serviceaccounts,
  ConfigMap: resources.configmaps,
  Service: resources.services,
  Deployment: resources.deployments,
  DaemonSet: resources.daemonsets,
  StorageClass: resources.storageclasses,
  Pod: resources.pods,
}

async function create(client: Client, object: KubeObject): Promise<void> {
  try {
    await client.resource(byKind[object.kind!]!).create(object.metadata.namespace ?? '', object)
  } catch (error) {
    if (!isReason(error, 'AlreadyExists')) throw error
  }
}

export interface AddonsOptions {
  client: Client
  informers: Informers
  /** The name of the control plane's node. */
  controlPlane: string
  /** True when the cluster has just been created: what a person deleted later stays deleted. */
  isNew: boolean
  log(message: string, error: unknown): void
}

/** Installs the addons of a new cluster and brings back static pods that are deleted. Returns a function that stops. */
export function startAddons(options: AddonsOptions): () => void {
  const { client, informers, controlPlane, log } = options
  const pods = informers.for<Pod>(resources.pods)
  const nodes = informers.for<Node>(resources.nodes)
  let stopped = false

  const staticPods = async (): Promise<void> => {
    const node = nodes.get('', controlPlane)
    if (!node || stopped) return
    const address = node.status?.addresses?.find((a) => a.type === 'InternalIP')?.address ?? ''
    for (const pod of controlPlanePods({ name: controlPlane, uid: node.metadata.uid!, address })) {
      if (!pods.get('kube-system', pod.metadata.name!)) await create(client, pod)
    }
  }
  const ensure = (): void => void staticPods().catch((error: unknown) => log('a pod of the control plane cannot be created', error))

  // A kubelet creates the mirror of a static pod again whenever somebody deletes it.
  const stop = pods.on({
    delete: (pod) => {
      if (
        pod.metadata.namespace === 'kube-system' &&
        pod.metadata.annotations?.['kubernetes.io/config.mirror'] &&
        pod.spec?.nodeName === controlPlane
      )
        ensure()
    },
  })
  void Promise.all([pods.synced, nodes.synced])
    .then(async () => {
      if (options.isNew) for (const object of addonObjects()) if (!stopped) await create(client, object)
      await staticPods()
    })
    .catch((error: unknown) => log('the addons cannot be installed', error))
  return () => {
    stopped = true
    stop()
  }
}

/** Whether a CoreDNS pod is ready, as the kube-dns Service sees it: names are answered only then. */
export function dnsAvailability(informers: Informers): () => boolean {
  const slices = informers.for<EndpointSlice>(resources.endpointslices)
  slices.addIndex('kube-dns', (s) =>
    s.metadata.namespace === 'kube-system' && s.metadata.labels?.['kubernetes.io/service-name'] === 'kube-dns' ? ['kube-dns'] : [],
  )
  return () => slices.byIndex('kube-dns', 'kube-dns').some((s) => s.endpoints?.some((e) => e.conditions?.ready !== false))
}
