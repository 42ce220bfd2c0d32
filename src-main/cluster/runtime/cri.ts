/**
 * The container runtime as the kubelet sees it, after the Container Runtime Interface: images, pod sandboxes and
 * containers. `runtime.ts` implements it over the simulated machine.
 */
import type { Readable } from 'node:stream'
import type { ExecOptions, LogOptions, Session } from '../kubelet/endpoint.js'
import type { NetworkNamespace } from '../network/network.js'

/** Why an image could not be had; `reason` is what the kubelet shows in `waiting.reason`. */
export class ImageError extends Error {
  constructor(
    readonly reason: 'ErrImagePull' | 'InvalidImageName' | 'ErrImageNeverPull',
    message: string,
  ) {
    super(message)
    this.name = 'ImageError'
  }
}

export interface PulledImage {
  /** The full reference, as in `docker.io/library/nginx:1.25`. */
  reference: string
  /** `docker.io/library/nginx@sha256:…`, shown as `imageID`. */
  id: string
  /** Bytes, as told in the Pulled event. */
  size: number
  /** True when the catalogue does not know the image and a placeholder stands in. */
  placeholder: boolean
  /** Who it runs as: `uid[:gid]` or a name; root when left out. */
  user?: string
}

/** What runs the containers of the nodes, as `status.nodeInfo.containerRuntimeVersion` tells it. */
export const RUNTIME_VERSION = 'containerd://2.1.4'

/** What the nodes' containerd can run pods with: its default, by no name and by its own. A RuntimeClass names one. */
export const RUNTIME_HANDLERS: readonly string[] = ['', 'runc']

/** Who somebody is to a registry. */
export interface RegistryLogin {
  /** The registry's host, or a path in it, as a Docker configuration names it. */
  registry: string
  username: string
  password: string
}

/** A file that is put into a volume: its bytes or text, or what gives its text once somebody looks; `uid` where it is not root's. */
export interface FileOfVolume {
  data: Uint8Array | string | (() => string)
  /** As chmod has it. */
  mode: number
  uid?: number
}

/** A directory tree that outlives a container: what volumes are made of. */
export interface Volume {
  /** Replaces all files at once, by their paths, as the kubelet's atomic writer does. */
  replaceFiles(files: Readonly<Record<string, FileOfVolume>>, owner?: { uid?: number; gid?: number }): void
  /** Bytes used. */
  usage(): number
  /** How many files and directories there are in it. */
  inodes?(): number
  /** Gives everything in it to a group that can write it, as fsGroup wants it; what is made later is the group's too. */
  giveToGroup?(gid: number): void
  /** Whether its root is a group's already, as {@link giveToGroup} leaves it. */
  belongsToGroup?(gid: number): boolean
  /** The text of a file, links followed as if the volume were the root; undefined when there is no such file. */
  readFile?(path: string): string | undefined
  /** Set for one that is a block device: how many bytes it has. */
  readonly deviceBytes?: number
  /** The same as a block device of so many bytes, whatever else lies in it. */
  asDevice?(bytes: number): Volume
  /** Makes the directory of a subPath where it is missing. Throws for one that leads out of the volume. */
  prepareSubPath?(path: string): void
}

export interface Mount {
  volume: Volume
  containerPath: string
  readOnly: boolean
  /** A path inside the volume to mount instead of its root; made if missing. */
  subPath?: string
  /** Which way mounts below it go on between the node and the container; neither when left out. */
  propagation?: 'HostToContainer' | 'Bidirectional'
}

export interface PodSandboxConfig {
  namespace: string
  name: string
  uid: string
  node: string
  hostname: string
  /** Lines of /etc/hosts and /etc/resolv.conf, made by the kubelet. */
  hosts: string
  resolvConf: string
  hostNetwork: boolean
  /** The labels of the pod. */
  labels?: Readonly<Record<string, string>>
  /** An address to keep (a pod that is brought back after a restart). */
  ip?: string
  shareProcessNamespace?: boolean
  /** Its containers have the processes of the node. */
  hostPID?: boolean
  /** A user namespace of its own: hostUsers is false. */
  ownUsers?: boolean
  /** What runs the pod, by the name that a RuntimeClass gives; '' for the default. */
  runtimeHandler?: string
  /** Kernel settings by their dotted names, as in `kernel.shm_rmid_forced`. */
  sysctls?: Readonly<Record<string, string>>
  /** What all its containers may use together: millicores and bytes; undefined for no limit. */
  cpuLimit?: number
  memoryLimit?: number
}

export interface PodSandbox {
  id: string
  ip: string
  network: NetworkNamespace
}

export interface ContainerConfig {
  name: string
  /** How many runs came before: the name of its log on the node. */
  attempt?: number
  /** The reference as it stands in the pod. */
  image: string
  command?: readonly string[]
  args?: readonly string[]
  workingDir?: string
  env: readonly { name: string; value: string }[]
  mounts: readonly Mount[]
  /** Block devices, by the paths at which the container finds them. */
  devices?: readonly { readonly volume: Volume; readonly path: string; readonly readOnly: boolean }[]
  ports: readonly { containerPort: number; protocol: string }[]
  /** It is to end by itself: an init container that is no sidecar, or a container of a Job. */
  runsToCompletion?: boolean
  stdin: boolean
  stdinOnce: boolean
  tty: boolean
  /** The name of a container of the pod whose processes it sees (`targetContainerName`). */
  processesOf?: string
  /** Path inside the container of the termination message, and its policy. */
  terminationMessagePath: string
  terminationMessagePolicy: string
  user?: number
  group?: number
  supplementalGroups?: readonly number[]
  /** `Strict` leaves out the groups that the image's own files give the user. */
  supplementalGroupsPolicy?: 'Merge' | 'Strict'
  readOnlyRootFilesystem?: boolean
  privileged?: boolean
  /** Names of Linux capabilities, with or without `CAP_`; `ALL` for all. */
  capabilities?: { add?: readonly string[]; drop?: readonly string[] }
  /** allowPrivilegeEscalation is false. */
  noNewPrivileges?: boolean
  /** How readily its processes are killed for want of memory: oom_score_adj(5), 0 when left out. */
  oomScoreAdj?: number
  /** A seccomp profile filters its system calls. */
  seccomp?: boolean
  /** The file on the node that the seccomp profile is read from, and the AppArmor profile of the node's own, by its name. */
  seccompFile?: string
  appArmorProfile?: string
  /** Millicores and bytes; undefined for no limit. */
  cpuLimit?: number
  cpuRequest?: number
  memoryLimit?: number
  memoryRequest?: number
  /** Set when a container that ran before a restart of the simulator is brought back under its old id. */
  id?: string
}

export type ContainerState = 'created' | 'running' | 'exited'

export interface ContainerInfo {
  id: string
  sandboxId: string
  name: string
  state: ContainerState
  createdAt: number
  /** It runs a placeholder for an image that the catalogue does not know. */
  placeholder?: boolean
  startedAt?: number
  finishedAt?: number
  exitCode?: number
  /** Who its first process is, once it has started. */
  user?: { uid: number; gid: number; groups: readonly number[] }
  /** `Completed`, `Error`, `OOMKilled`, `ContainerCannotRun`, … */
  reason?: string
  message?: string
}

/** CPU and memory used by one container, for metrics. */
export interface ContainerStats {
  /** Cumulative core-nanoseconds. */
  cpuNanos: number
  memoryBytes: number
  /** What it wrote outside of volumes, and its log. */
  diskBytes?: number
  /** What its log alone takes. */
  logBytes?: number
  /** How many processes it has. */
  processes?: number
}

export interface ContainerRuntime {
  /** Pulls, taking cluster time by size. Rejects with {@link ImageError}. */
  pullImage(node: string, image: string, signal?: AbortSignal, logins?: readonly RegistryLogin[]): Promise<PulledImage>
  /** Whether somebody with these logins may use an image that is on the node already. */
  mayUse?(image: string, logins: readonly RegistryLogin[]): boolean
  /** The image if the node has it already. */
  imageStatus(node: string, image: string): PulledImage | undefined
  /** The largest first. */
  listImages(node: string): readonly { names: string[]; sizeBytes: number }[]
  /**
   * Removes images of a node that no container uses, the longest unused first, until so many bytes are free. Returns how
   * many are.
   */
  removeUnusedImages?(node: string, bytes: number): number
  /** Puts an image on a node that had it before a restart of the simulator: no time passes, nothing is transferred. */
  adoptImage?(node: string, image: string): void

  createVolume(options?: { sizeLimit?: number; medium?: 'Memory' | '' }): Volume
  /** The files of an image that is on the node, to be mounted and not to be written. */
  imageVolume?(node: string, image: string): Volume
  /** A directory of the node's own (simulated) file system; made if `create`. */
  hostPathVolume(node: string, path: string, type: string): Volume
  /** The texts of the files in a directory of the node's own file system, by name; undefined when there is none. */
  hostFiles?(node: string, path: string): ReadonlyMap<string, string> | undefined
  /** Writes a file of the node's own file system. */
  writeHostFile?(node: string, path: string, text: string): void

  runPodSandbox(config: PodSandboxConfig): Promise<PodSandbox>
  /** Sets what all containers of a sandbox may use together; what is left out has no limit. */
  updatePodSandbox?(id: string, limits: { cpuLimit?: number; memoryLimit?: number }): void
  /** Kills what still runs and frees the address. */
  stopPodSandbox(id: string): Promise<void>
  removePodSandbox(id: string): Promise<void>
  /** False for a sandbox that was stopped or is gone. */
  sandboxReady(id: string): boolean

  createContainer(sandboxId: string, config: ContainerConfig): Promise<string>
  /** Rejects with an Error whose message is the runtime's own (`exec: "x": executable file not found in $PATH`). */
  startContainer(id: string): Promise<void>
  /** Sends SIGTERM, waits `graceSeconds` of cluster time, sends SIGKILL; resolves when it has exited. */
  stopContainer(id: string, graceSeconds: number): Promise<void>
  removeContainer(id: string): Promise<void>
  /** Sets the limits and the CPU request of a running container; what is left out has none. */
  updateContainer?(id: string, limits: { cpuLimit?: number; memoryLimit?: number; cpuRequest?: number }): void
  containerInfo(id: string): ContainerInfo | undefined
  containerStats(id: string): ContainerStats | undefined

  exec(id: string, options: ExecOptions): Promise<Session>
  attach(id: string, options: Omit<ExecOptions, 'command'>): Promise<Session>
  logs(id: string, options: LogOptions): Readable
  /** Told whenever a container starts or exits. Returns a function that stops listening. */
  onChange(listener: (info: ContainerInfo) => void): () => void
}
