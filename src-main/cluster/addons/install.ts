/** Puts the addons into a new cluster, keeps the control plane's pods there, and tells whether CoreDNS answers. */
import { resources, type Client, type Informers } from '../api/client.js'
import type { EndpointSlice, Node, Pod } from '../api/object.js'
import { createObject } from './create.js'
import { nginxIngressClass, startIngressAddon } from './ingress-nginx.js'
import { kubeadmObjects } from './kubeadm.js'
import { addonObjects, controlPlanePods, KUBERNETES } from './manifests.js'

export interface AddonsOptions {
  client: Client
  informers: Informers
  /** The name of the control plane's node. */
  controlPlane: string
  /** The pods' network, such as `10.244.0.0/16`. */
  clusterCIDR: string
  /** Where nodes reach the API server, and the certificate (PEM) by which they know it. */
  server: string
  ca: string
  /** True when the cluster has just been created: what a person deleted later stays deleted. */
  isNew: boolean
  log(message: string, error: unknown): void
}

/** Installs the addons of a new cluster and brings back static pods that are deleted. Returns a function that stops. */
export function startAddons(options: AddonsOptions): () => void {
  const { client, informers, controlPlane, clusterCIDR, server, ca, log } = options
  const pods = informers.for<Pod>(resources.pods)
  const nodes = informers.for<Node>(resources.nodes)
  let stopped = false

  const staticPods = async (): Promise<void> => {
    const node = nodes.get('', controlPlane)
    if (!node || stopped) return
    const address = node.status?.addresses?.find((a) => a.type === 'InternalIP')?.address ?? ''
    for (const pod of controlPlanePods({ name: controlPlane, uid: node.metadata.uid!, address, clusterCIDR })) {
      if (!pods.get('kube-system', pod.metadata.name!)) await createObject(client, pod)
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
      const kubeadm = kubeadmObjects({ clusterName: controlPlane, clusterCIDR, server, ca, version: KUBERNETES })
      const objects = options.isNew ? [...kubeadm, ...addonObjects(), nginxIngressClass] : []
      for (const object of objects) if (!stopped) await createObject(client, object)
      await staticPods()
    })
    .catch((error: unknown) => log('the addons cannot be installed', error))
  const stopIngress = startIngressAddon({ client, informers, log })
  return () => {
    stopped = true
    stop()
    stopIngress()
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
