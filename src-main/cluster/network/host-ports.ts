/**
 * `hostPort`: what the portmap plugin of CNI does on a node. A connection to the port on an address of the node goes to
 * the pod there, as if it had been dialled itself.
 */
import type { Informers } from '../api/client.js'
import { resources } from '../api/client.js'
import type { Pod } from '../api/object.js'
import { isLoopback } from './addresses.js'
import type { Fabric } from './fabric.js'
import type { ConnectionAttempt, Translation } from './route.js'

export interface HostPortsOptions {
  network: Fabric
  informers: Informers
}

/** Follows Pods with `hostPort`s. Returns a function that stops. */
export function attachHostPorts({ network, informers }: HostPortsOptions): () => void {
  const pods = informers.for<Pod>(resources.pods)
  pods.addIndex('host-port', hostPortKeys)
  network.translateHostPort = (attempt) => translate(network, attempt, (key) => pods.byIndex('host-port', key))
  return () => {
    network.translateHostPort = () => undefined
  }
}

interface Mapping {
  hostPort: number
  hostIP: string
  protocol: string
  containerPort: number
}

/** The mappings of a pod; none while it has no address, and none on the host's network, where its ports are the node's. */
function mappings(pod: Pod): Mapping[] {
  const { spec, status } = pod
  if (!status?.podIP || spec?.hostNetwork || status.phase === 'Succeeded' || status.phase === 'Failed') return []
  const containers = [...(spec?.initContainers ?? []).filter((c) => c.restartPolicy === 'Always'), ...(spec?.containers ?? [])]
  return containers.flatMap((c) =>
    (c.ports ?? []).flatMap(({ hostPort, hostIP, protocol, containerPort }) =>
      hostPort ? [{ hostPort, hostIP: hostIP ?? '', protocol: protocol ?? 'TCP', containerPort }] : [],
    ),
  )
}

function hostPortKeys(pod: Pod): string[] {
  return mappings(pod).map((m) => `${pod.spec?.nodeName} ${m.protocol} ${m.hostPort}`)
}

function translate(network: Fabric, attempt: ConnectionAttempt, find: (key: string) => readonly Pod[]): Translation | undefined {
  const { address, port, protocol, sourceNode, sourceAddress } = attempt
  // The loopback of a node leads to its mappings, that of a pod is its own.
  const node = isLoopback(address) && network.nodeAt(sourceAddress) === sourceNode ? sourceNode : network.nodeAt(address)
  if (node === undefined) return undefined
  for (const pod of find(`${node} ${protocol} ${port}`)) {
    const mapping = mappings(pod).find(
      (m) => m.hostPort === port && m.protocol === protocol && (m.hostIP === '' || m.hostIP === '0.0.0.0' || m.hostIP === address),
    )
    if (mapping)
      return {
        to: { address: pod.status!.podIP!, port: mapping.containerPort },
        service: `${pod.metadata.namespace}/${pod.metadata.name} hostPort ${port}`,
      }
  }
  return undefined
}
