/** What a node says of itself. Kubernetes documentation, "Node Status". */
import type { Node } from '../api/object.js'
import { RUNTIME_HANDLERS, RUNTIME_VERSION } from '../runtime/cri.js'
import { allocatableOf } from './allocatable.js'
import type { KubeletConfiguration } from './kubelet-configuration.js'

export const KUBELET_VERSION = 'v1.36.0'

/** The machine behind a node. Quantities as Kubernetes writes them. */
export interface Machine {
  name: string
  /** InternalIP. */
  address: string
  controlPlane: boolean
  cpu: string
  memory: string
  ephemeralStorage: string
  pods: string
  /** How many processes there may be at once; 32768 when left out. */
  pids?: number
  /** Labels besides the well-known ones. */
  labels?: Readonly<Record<string, string>>
  /** Taints that the Node is registered with. */
  taints?: readonly { key: string; value?: string; effect: string }[]
  /** What its kubelet is told at its start, where that is not the default. */
  kubelet?: KubeletConfiguration
  machineID: string
  systemUUID: string
  /** Another one with every start. */
  bootID: string
}

/** The mark of a node whose machine is simulated here: such nodes are adopted again after a restart. */
export const SIMULATED_ANNOTATION = 'drydock.dev/simulated-machine'

/** The labels that the kubelet gives its node. */
export function nodeLabels(machine: Machine): Record<string, string> {
  return {
    'beta.kubernetes.io/arch': 'amd64',
    'beta.kubernetes.io/os': 'linux',
    'kubernetes.io/arch': 'amd64',
    'kubernetes.io/hostname': machine.name,
    'kubernetes.io/os': 'linux',
    ...machine.labels,
  }
}

/** The labels of a control-plane node: set by the installer, since a kubelet may not give itself a role. */
export const CONTROL_PLANE_LABELS = {
  'node-role.kubernetes.io/control-plane': '',
  'node.kubernetes.io/exclude-from-external-load-balancers': '',
} as const

export function nodeAnnotations(): Record<string, string> {
  return { [SIMULATED_ANNOTATION]: 'true', 'volumes.kubernetes.io/controller-managed-attach-detach': 'true' }
}

/** The capacity. All of it is allocatable where the kubelet is not told otherwise, as in minikube. */
export function nodeResources(machine: Machine): Record<string, string> {
  return {
    cpu: machine.cpu,
    'ephemeral-storage': machine.ephemeralStorage,
    'hugepages-1Gi': '0',
    'hugepages-2Mi': '0',
    memory: machine.memory,
    pods: machine.pods,
  }
}

/** What of the capacity pods may have. */
export function allocatableResources(machine: Machine): Record<string, string> {
  const capacity = nodeResources(machine)
  return machine.kubelet ? allocatableOf(capacity, machine.kubelet) : capacity
}

type NodeStatus = NonNullable<Node['status']>

/** No more images than this are told of, the largest ones (nodeStatusMaxImages). */
const MAX_IMAGES = 50

/**
 * What others have put into the capacity, such as `example.com/dongle`: the kubelet keeps it, and all of it is allocatable
 * (https://kubernetes.io/docs/tasks/administer-cluster/extended-resource-node/).
 */
function givenResources(own: Readonly<Record<string, string>>, previous: NodeStatus | undefined): Record<string, string> {
  return Object.fromEntries(Object.entries(previous?.capacity ?? {}).filter(([name]) => !(name in own)))
}

/** A patch that makes a status of the one before: what is allocatable or in use no longer is taken out. */
export function statusPatch(status: NodeStatus, previous: NodeStatus | undefined): object {
  const gone = Object.keys(previous?.allocatable ?? {}).filter((name) => !(name in (status.allocatable ?? {})))
  const unused = previous?.volumesInUse?.length && !status.volumesInUse?.length ? { volumesInUse: null } : {}
  return {
    status: { ...status, ...unused, allocatable: { ...status.allocatable, ...Object.fromEntries(gone.map((name) => [name, null])) } },
  }
}
type NodeCondition = NonNullable<NodeStatus['conditions']>[number]

/** Why a node without a pod network is not ready. */
export const NETWORK_NOT_READY =
  'container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized'

/** Why a node that shuts down is not ready. */
const SHUTTING_DOWN = 'node is shutting down'

/**
 * The conditions, each with its `lastTransitionTime` kept while its status stays.
 *
 * @param problems why the node is not ready
 * @param now RFC 3339
 */
export function nodeConditions(
  problems: readonly string[],
  pressures: readonly string[],
  previous: readonly NodeCondition[],
  now: string,
): NodeCondition[] {
  const drafts: [string, string, string, string][] = [
    pressures.includes('MemoryPressure')
      ? ['MemoryPressure', 'True', 'KubeletHasInsufficientMemory', 'kubelet has insufficient memory available']
      : ['MemoryPressure', 'False', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'],
    pressures.includes('DiskPressure')
      ? ['DiskPressure', 'True', 'KubeletHasDiskPressure', 'kubelet has disk pressure']
      : ['DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'],
    pressures.includes('PIDPressure')
      ? ['PIDPressure', 'True', 'KubeletHasInsufficientPID', 'kubelet has insufficient PID available']
      : ['PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'],
    problems.length === 0
      ? ['Ready', 'True', 'KubeletReady', 'kubelet is posting ready status']
      : ['Ready', 'False', 'KubeletNotReady', problems.length === 1 ? problems[0]! : `[${problems.join(', ')}]`],
  ]
  return drafts.map(([type, status, reason, message]) => {
    const old = previous.find((c) => c.type === type)
    return {
      type,
      status,
      lastHeartbeatTime: now,
      lastTransitionTime: old?.status === status && old.lastTransitionTime ? old.lastTransitionTime : now,
      reason,
      message,
    }
  })
}

/**
 * What this kubelet can do that others in a cluster of several versions may not.
 * https://kubernetes.io/docs/concepts/scheduling-eviction/node-declared-features/
 */
const DECLARED_FEATURES = [
  'ExtendWebSocketsToKubelet',
  'InPlacePodLevelResourcesVerticalScaling',
  'InPlacePodVerticalScalingInitContainers',
  'RestartAllContainersOnContainerExits',
]

/** The whole status. */
export function nodeStatus(
  machine: Machine,
  options: {
    networkReady: boolean
    shuttingDown?: boolean
    /** What it is short of: `MemoryPressure`, `DiskPressure`, `PIDPressure`. */
    pressures: readonly string[]
    /** The largest first. */
    images: readonly { names: string[]; sizeBytes: number }[]
    /** The volumes that had to be attached and that pods use. */
    volumesInUse: string[]
    previous: NodeStatus | undefined
    now: string
  },
): NodeStatus {
  const own = nodeResources(machine)
  const given = givenResources(own, options.previous)
  const problems = [...(options.networkReady ? [] : [NETWORK_NOT_READY]), ...(options.shuttingDown ? [SHUTTING_DOWN] : [])]
  const handler = { features: { recursiveReadOnlyMounts: true, userNamespaces: true } }
  return {
    capacity: { ...own, ...given },
    allocatable: { ...allocatableResources(machine), ...given },
    conditions: nodeConditions(problems, options.pressures, options.previous?.conditions ?? [], options.now),
    addresses: [
      { type: 'InternalIP', address: machine.address },
      { type: 'Hostname', address: machine.name },
    ],
    daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
    nodeInfo: {
      machineID: machine.machineID,
      systemUUID: machine.systemUUID,
      bootID: machine.bootID,
      kernelVersion: '6.8.0-64-generic',
      osImage: 'Debian GNU/Linux 12 (bookworm)',
      containerRuntimeVersion: RUNTIME_VERSION,
      kubeletVersion: KUBELET_VERSION,
      kubeProxyVersion: '',
      operatingSystem: 'linux',
      architecture: 'amd64',
    },
    ...(options.volumesInUse.length || options.previous?.volumesInUse?.length ? { volumesInUse: options.volumesInUse } : {}),
    ...(options.images.length ? { images: options.images.slice(0, MAX_IMAGES).map(shownImage) } : {}),
    runtimeHandlers: RUNTIME_HANDLERS.map((name) => ({ name, ...handler })),
    features: { supplementalGroupsPolicy: true },
    declaredFeatures: [...DECLARED_FEATURES],
  }
}

const shownImage = (image: { names: readonly string[]; sizeBytes: number }): { names: string[]; sizeBytes: number } => ({
  names: [...image.names],
  sizeBytes: image.sizeBytes,
})

/** A status without the times that change with every report. */
export function timeless(status: NodeStatus | undefined): unknown {
  return { ...status, conditions: status?.conditions?.map((c) => ({ ...c, lastHeartbeatTime: undefined })) }
}

/** The reasons of the events that tell of a condition, when it is True and when it is not. */
const CHANGE_REASONS: Readonly<Record<string, readonly [string, string]>> = {
  MemoryPressure: ['NodeHasInsufficientMemory', 'NodeHasSufficientMemory'],
  DiskPressure: ['NodeHasDiskPressure', 'NodeHasNoDiskPressure'],
  PIDPressure: ['NodeHasInsufficientPID', 'NodeHasSufficientPID'],
  Ready: ['NodeReady', 'NodeNotReady'],
}

/** The reasons of the events that tell of a change from one status to another. */
export function statusChanges(before: NodeStatus | undefined, after: NodeStatus): string[] {
  const statusOf = (status: NodeStatus | undefined, type: string): string | undefined =>
    status?.conditions?.find((c) => c.type === type)?.status
  return Object.entries(CHANGE_REASONS).flatMap(([type, [yes, no]]) => {
    const now = statusOf(after, type)
    return statusOf(before, type) === now ? [] : [now === 'True' ? yes : no]
  })
}
