/** What the parts of the kubelet share on one node. */
import type { Client } from '../api/client.js'
import type { Service } from '../api/object.js'
import type { Clock } from '../clock.js'
import type { EventRecorder } from '../controllers/events.js'
import type { NetworkNamespace } from '../network/network.js'
import type { Random } from '../random.js'
import type { ContainerRuntime } from '../runtime/cri.js'
import type { BackOff } from './backoff.js'
import type { NodeFacts } from './downward-api.js'
import type { ReferencedObjects } from './env.js'
import type { NodeImages } from './images.js'
import type { ClusterDns } from './pod-dns.js'
import type { Relist } from './relist.js'
import type { NodeVolumes } from './volumes/volumes.js'

export interface NodeKubelet {
  readonly facts: NodeFacts
  readonly client: Client
  readonly clock: Clock
  readonly random: Random
  readonly runtime: ContainerRuntime
  readonly events: EventRecorder
  readonly images: NodeImages
  readonly volumes: NodeVolumes
  readonly objects: ReferencedObjects
  /** Back-off of containers that end, by pod uid and container. */
  readonly crashes: BackOff
  readonly dns: ClusterDns
  /** When it learns that containers have ended. */
  readonly relist: Relist
  /** The node's own network; undefined until the node has its pod CIDR. */
  network(): NetworkNamespace | undefined
  services(): Iterable<Service>
  /** Told of what the kubelet cannot deal with itself, for the cluster's log. */
  log(message: string, error: unknown): void
}
