/** What the container runtime of one node tells and does for whoever reaches its socket there, such as crictl. */
import type { Readable } from 'node:stream'
import type { ExecOptions, LogOptions, Session } from '../kubelet/endpoint.js'
import type { ContainerInfo, ContainerRuntime, ContainerStats, PodSandboxConfig, PulledImage } from './cri.js'
import type { NodeImages } from './node-images.js'
import type { Sandbox } from './sandbox.js'

/** A sandbox as the runtime lists it. */
export interface ListedSandbox {
  readonly id: string
  readonly config: PodSandboxConfig
  /** ms since the epoch */
  readonly createdAt: number
  readonly ready: boolean
  readonly ip: string
  /** Those of the pod, and the kubelet's own that name it. */
  readonly labels: Readonly<Record<string, string>>
}

/** A container as the runtime lists it. */
export interface ListedContainer extends ContainerInfo {
  readonly sandbox: ListedSandbox
  /** How many runs came before. */
  readonly attempt: number
  readonly image: PulledImage | undefined
  readonly labels: Readonly<Record<string, string>>
  readonly logPath: string
  readonly mounts: readonly { containerPath: string; readOnly: boolean }[]
}

export interface NodeCri {
  readonly node: string
  sandboxes(): ListedSandbox[]
  containers(): ListedContainer[]
  /** Each once. */
  images(): readonly PulledImage[]
  /** Rejects as {@link ContainerRuntime.exec} does. */
  exec(id: string, options: ExecOptions): Promise<Session>
  logs(id: string, options: LogOptions): Readable
  /** What a container uses; undefined for one that is gone. */
  stats(id: string): ContainerStats | undefined
  stop(id: string, graceSeconds: number): Promise<void>
  /** Removes a container, running or not, with its log. */
  remove(id: string): Promise<void>
  stopSandbox(id: string): Promise<void>
  /** Removes a sandbox with all that is in it. */
  removeSandbox(id: string): Promise<void>
  /** Removes an image from the node; what runs of it runs on. */
  removeImage(image: PulledImage): void
  pull(image: string, signal: AbortSignal): Promise<PulledImage>
}

const POD = 'io.kubernetes.pod'

/** @param sandboxes those of the node, with their ids @param images those of the node */
export function nodeCri(
  runtime: ContainerRuntime,
  node: string,
  sandboxes: () => Iterable<readonly [id: string, sandbox: Sandbox]>,
  images: NodeImages,
): NodeCri {
  const listed = (id: string, { config, createdAt, stopped, network }: Sandbox): ListedSandbox => {
    const { name, namespace, uid, labels } = config
    const own = { [`${POD}.name`]: name, [`${POD}.namespace`]: namespace, [`${POD}.uid`]: uid }
    return { id, config, createdAt, ready: !stopped, ip: network.ip, labels: { ...labels, ...own } }
  }
  return {
    node,
    sandboxes: () => [...sandboxes()].map(([id, sandbox]) => listed(id, sandbox)),
    containers: () =>
      [...sandboxes()].flatMap(([id, sandbox]) => {
        const of = listed(id, sandbox)
        const { namespace, name: pod, uid } = sandbox.config
        const names = Object.fromEntries(Object.entries(of.labels).filter(([key]) => key.startsWith(`${POD}.`)))
        return sandbox.containers.map((container): ListedContainer => {
          const { name, attempt = 0, image, mounts } = container.config
          return {
            ...container.info(),
            sandbox: of,
            attempt,
            image: runtime.imageStatus(node, image),
            labels: { 'io.kubernetes.container.name': name, ...names },
            logPath: `/var/log/pods/${namespace}_${pod}_${uid}/${name}/${attempt}.log`,
            mounts: mounts.map(({ containerPath, readOnly }) => ({ containerPath, readOnly })),
          }
        })
      }),
    images: () => images.list(),
    exec: (id, options) => runtime.exec(id, options),
    logs: (id, options) => runtime.logs(id, options),
    stats: (id) => runtime.containerStats(id),
    stop: (id, graceSeconds) => runtime.stopContainer(id, graceSeconds),
    remove: (id) => runtime.removeContainer(id),
    stopSandbox: (id) => runtime.stopPodSandbox(id),
    removeSandbox: (id) => runtime.removePodSandbox(id),
    removeImage: ({ reference }) => void images.forget(reference),
    pull: (image, signal) => runtime.pullImage(node, image, signal),
  }
}
