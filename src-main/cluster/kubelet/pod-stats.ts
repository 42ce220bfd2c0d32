/** What the containers of a pod use at this moment, as the metrics of the kubelet and metrics-server tell it. */
import type { Traffic } from '../network/network.js'
import type { ContainerRuntime, ContainerStats } from '../runtime/cri.js'
import type { PodState } from './pod-state.js'
import type { PodWorker } from './pod-worker.js'
import type { ProbeCount } from './probes/pod-probes.js'

/** What one container uses. */
export interface ContainerUsage extends ContainerStats {
  name: string
  /** The id of the run: a new one starts counting from zero. */
  id: string
}

/** What one pod uses. */
export interface PodUsage {
  namespace: string
  name: string
  uid: string
  node: string
  containers: ContainerUsage[]
}

/** What a volume of a pod holds. */
export interface VolumeUsage {
  /** As the pod calls it. */
  readonly name: string
  readonly usedBytes: number
  readonly inodes: number
}

/** What one pod uses, with what takes longer to find out. */
export interface PodStats extends PodUsage {
  /** The id of the sandbox that holds its network. */
  sandbox: string
  volumes: readonly VolumeUsage[]
  probes: readonly ProbeCount[]
  /** What its network interface has carried; undefined for a pod on the node's own network. */
  network?: Traffic
}

/** Undefined for a pod of which nothing runs. */
export function podUsageNow(state: PodState, node: string, runtime: ContainerRuntime): PodUsage | undefined {
  const containers: ContainerUsage[] = []
  for (const { name, current } of state.containers.values()) {
    const stats = current?.state === 'running' ? runtime.containerStats(current.id) : undefined
    if (stats) containers.push({ name, id: current!.id, ...stats })
  }
  const { namespace, name, uid } = state.pod.metadata
  return containers.length > 0 ? { namespace: namespace!, name: name!, uid: uid!, node, containers } : undefined
}

/** Undefined for a pod of which nothing runs. */
export function podStats({ state, probes }: PodWorker, node: string, runtime: ContainerRuntime): PodStats | undefined {
  const usage = podUsageNow(state, node, runtime)
  if (!usage) return undefined
  const network = state.pod.spec!.hostNetwork ? undefined : state.sandbox?.network.traffic?.()
  const volumes = [...state.volumes].map(([name, volume]) => ({ name, usedBytes: volume.usage(), inodes: volume.inodes?.() ?? 1 }))
  return { ...usage, sandbox: state.sandbox?.id ?? '', volumes, probes: probes.counts(), ...(network ? { network } : {}) }
}
