/** The container runtime over the simulated machine: what the kubelet calls ({@link ContainerRuntime}). */
import { createHash } from 'node:crypto'
import { posix } from 'node:path'
import type { Readable } from 'node:stream'
import type { Clock } from '../clock.js'
import type { ExecOptions, LogOptions, Session } from '../kubelet/endpoint.js'
import type { Network } from '../network/network.js'
import type { Random } from '../random.js'
import { Container } from './container.js'
import type {
  ContainerConfig,
  ContainerInfo,
  ContainerRuntime,
  ContainerStats,
  PodSandbox,
  PodSandboxConfig,
  PulledImage,
  RegistryLogin,
  Volume,
} from './cri.js'
import { ImageError, RUNTIME_HANDLERS } from './cri.js'
import type { Image } from './images/image.js'
import { buildLayer } from './layer.js'
import type { MachineInfo } from './proc.js'
import { ProcessTable } from './process-table.js'
import type { CgroupLimits } from './cgroup.js'
import type { ContainerHost, ImageLayer } from './container-inside.js'
import { nodeMounts } from './node-mounts.js'
import { Sandbox } from './sandbox.js'
import { KernelSettings } from './sysctls.js'
import { DirectoryNode, FileNode } from './tree.js'
import { NodeProcesses } from './node-processes.js'
import { NodeDisk, nodeLayer } from './node-disk.js'
import { NodeImages } from './node-images.js'
import { addNodeLogs } from './node-logs.js'
import { nodeCri, type NodeCri } from './node-cri.js'
import { checkProfiles } from './security-profiles.js'
import { USERS_OF_NAMESPACE } from './security.js'
import { ImageVolume } from './image-volume.js'
import { crictl } from './programs/crictl/crictl.js'
import { TreeVolume } from './volume.js'
import { MemoryBudget } from './memory-budget.js'
import { Breather } from './waiting.js'
import { startPause } from './waiting-process.js'

/** What the catalogue says of a reference. Throws {@link ImageError} for one that cannot be had. */
export interface ResolvedImage {
  /** The full reference, as in `docker.io/library/nginx:1.25`. */
  reference: string
  image: Image
  placeholder: boolean
}

export interface RuntimeOptions {
  clock: Clock
  random: Random
  network: Network
  resolveImage: (reference: string) => ResolvedImage
  /** Throws {@link ImageError} for an image that its registry does not give to somebody with these logins. */
  authorizePull?: (reference: string, logins: readonly RegistryLogin[]) => void
  /** Bytes that a pull transfers per second of cluster time; 0 pulls at once (default 50 MB). */
  pullBytesPerSecond?: number
  /** What a container may write besides its volumes, in bytes (default 1 GiB). */
  layerLimit?: number
  /** How much of a container's log is kept, in bytes (default 10 MiB). */
  logLimit?: number
  /** How many processes a pod may have at once (default 1024). */
  pidLimit?: number
  /** The nodes as containers see them in /proc. */
  machine?: Partial<MachineInfo>
}

const DEFAULT_PULL_RATE = 50_000_000
const DEFAULT_LAYER_LIMIT = 1024 ** 3
/** An image that is there since less than this is about to be used, ms (imageMinimumGCAge). */
const MIN_IMAGE_AGE_MS = 120_000

const HOST_PATH_WORDS = { Socket: 'socket file', CharDevice: 'character device', BlockDevice: 'block device' } as const

/** Makes the runtime of all nodes. */
export function createRuntime(options: RuntimeOptions): Runtime {
  return new Runtime(options)
}

export class Runtime implements ContainerRuntime {
  private readonly sandboxes = new Map<string, Sandbox>()
  private readonly containers = new Map<string, Container>()
  /** By node. */
  private readonly images = new Map<string, NodeImages>()
  private readonly layers = new Map<string, ImageLayer>()
  /** The simulated disk of each node, which hostPath volumes are parts of. */
  private readonly disks = new Map<string, NodeDisk>()
  private nodeLayer: DirectoryNode | undefined
  /** The processes of the nodes whose own namespace somebody has been in. */
  private readonly processes = new Map<string, NodeProcesses>()
  /** The settings of the nodes' kernels that somebody asked for. */
  private readonly kernels = new Map<string, KernelSettings>()
  private readonly listeners = new Set<(info: ContainerInfo) => void>()
  /** How many user namespaces were made: each has a range of users of its own. */
  private userNamespaces = 0
  private readonly host: ContainerHost
  private readonly random: Random

  constructor(private readonly options: RuntimeOptions) {
    this.random = options.random.fork('runtime')
    const { clock, layerLimit = DEFAULT_LAYER_LIMIT, logLimit, pidLimit } = options
    this.host = {
      clock,
      random: this.random,
      breather: new Breather(clock),
      memory: new MemoryBudget(),
      machine: {
        memory: 8 * 1024 ** 3,
        cpus: 4,
        bootedAt: clock.now() - 60_000,
        kernel: '6.1.0-drydock',
        ...options.machine,
      },
      layerLimit,
      logLimit,
      pidLimit,
      kernelOf: (node) => this.kernelOf(node),
      changed: (info) => this.notify(info),
    }
  }

  // Images.

  async pullImage(node: string, image: string, signal?: AbortSignal, logins: readonly RegistryLogin[] = []): Promise<PulledImage> {
    this.options.authorizePull?.(image, logins)
    const resolved = this.options.resolveImage(image)
    const known = this.nodeImages(node).get(resolved.reference)
    const rate = this.options.pullBytesPerSecond ?? DEFAULT_PULL_RATE
    if (!known && rate > 0) await this.options.clock.sleep((resolved.image.size / rate) * 1000, signal)
    return this.keepImage(node, image, resolved, this.options.clock.now())
  }

  mayUse(image: string, logins: readonly RegistryLogin[]): boolean {
    try {
      this.options.authorizePull?.(image, logins)
      return true
    } catch (error) {
      if (error instanceof ImageError) return false
      throw error
    }
  }

  adoptImage(node: string, image: string): void {
    this.keepImage(node, image, this.options.resolveImage(image), 0)
  }

  private keepImage(node: string, image: string, resolved: ResolvedImage, since: number): PulledImage {
    const store = this.nodeImages(node)
    const pulled: PulledImage = store.get(resolved.reference) ?? {
      reference: resolved.reference,
      id: imageId(resolved),
      size: resolved.image.size,
      placeholder: resolved.placeholder,
      ...(resolved.image.user ? { user: resolved.image.user } : {}),
    }
    store.keep(image, pulled, since)
    return pulled
  }

  imageStatus(node: string, image: string): PulledImage | undefined {
    const store = this.images.get(node)
    if (!store) return undefined
    const direct = store.get(image)
    if (direct) return direct
    try {
      return store.get(this.options.resolveImage(image).reference)
    } catch (error) {
      if (error instanceof ImageError) return undefined
      throw error
    }
  }

  listImages(node: string): readonly { names: string[]; sizeBytes: number }[] {
    const images = this.images.get(node)?.list() ?? []
    return images.map((i) => ({ names: [i.id, i.reference], sizeBytes: i.size }))
  }

  removeUnusedImages(node: string, bytes: number): number {
    const inUse = new Set<string>()
    for (const { sandboxId, config } of this.containers.values()) {
      if (this.sandboxes.get(sandboxId)?.config.node !== node) continue
      inUse.add(this.options.resolveImage(config.image).reference)
      for (const { volume } of config.mounts) if (volume instanceof ImageVolume) inUse.add(volume.reference)
    }
    return this.nodeImages(node).remove({ inUse, before: this.options.clock.now() - MIN_IMAGE_AGE_MS, bytes })
  }

  private nodeImages(node: string): NodeImages {
    let store = this.images.get(node)
    if (!store) this.images.set(node, (store = new NodeImages()))
    return store
  }

  private imageLayer(resolved: ResolvedImage): ImageLayer {
    let known = this.layers.get(resolved.reference)
    if (!known) {
      const { image, placeholder } = resolved
      known = { image, placeholder, layer: buildLayer(this.options.clock, image.files()) }
      this.layers.set(resolved.reference, known)
    }
    return known
  }

  // Volumes.

  createVolume(options: { sizeLimit?: number; medium?: 'Memory' | '' } = {}): Volume {
    return new TreeVolume(this.options.clock, options.medium ?? '', options.sizeLimit)
  }

  imageVolume(_node: string, image: string): Volume {
    const resolved = this.options.resolveImage(image)
    return new ImageVolume(this.options.clock, resolved.reference, resolved.placeholder ? undefined : this.imageLayer(resolved).layer)
  }

  hostPathVolume(node: string, path: string, type: string): Volume {
    const disk = this.disk(node)
    const found = disk.find(path)
    const isFile = type === 'File' || type === 'FileOrCreate'
    if (!found && (type === 'Directory' || type === 'File'))
      throw new Error(`hostPath type check failed: ${path} is not a ${type.toLowerCase()}`)
    // Nodes have neither sockets nor devices of their own.
    if (type === 'Socket' || type === 'CharDevice' || type === 'BlockDevice')
      throw new Error(`hostPath type check failed: ${path} is not a ${HOST_PATH_WORDS[type]}`)
    if (found && type !== '' && (found.type === 'file') !== isFile)
      throw new Error(`hostPath type check failed: ${path} is not a ${isFile ? 'file' : 'directory'}`)
    if (/^\/*$/.test(path)) return disk
    const part = disk.part(path, isFile)
    part.onNode = { path: posix.normalize(`/${path}`).replace(/\/$/, ''), disk }
    return part
  }

  private disk(node: string): NodeDisk {
    const { clock, network } = this.options
    let disk = this.disks.get(node)
    if (!disk) {
      this.nodeLayer ??= nodeLayer(clock, { '/usr/bin/crictl': (p) => crictl(this.cri(p.net.node))(p) })
      this.disks.set(node, (disk = new NodeDisk(clock, this.nodeLayer, node, network.node(node)?.ip)))
      disk.mounted = () => this.processesOf(node).namespaces.mounts
      disk.hasProcesses = () => this.processes.has(node)
      addNodeLogs(disk, clock, () => this.sandboxesOn(node).map(([, sandbox]) => sandbox))
    }
    return disk
  }

  private sandboxesOn(node: string): [string, Sandbox][] {
    return [...this.sandboxes].filter(([, { config }]) => config.node === node)
  }

  /** What answers on the socket of a node's runtime. */
  private cri(node: string): NodeCri {
    const sandboxes = () => this.sandboxesOn(node)
    return nodeCri(this, node, sandboxes, this.nodeImages(node))
  }

  hostFiles(node: string, path: string): ReadonlyMap<string, string> | undefined {
    const directory = this.disks.get(node)?.find(path)
    if (!(directory instanceof DirectoryNode)) return undefined
    const files = new Map<string, string>()
    for (const name of directory.names().sort()) {
      const file = directory.get(name)
      if (file instanceof FileNode) files.set(name, Buffer.from(file.content).toString('utf8'))
    }
    return files
  }

  writeHostFile(node: string, path: string, text: string): void {
    const { tree, node: file } = this.hostPathVolume(node, path, 'FileOrCreate') as TreeVolume
    tree.write(file as FileNode, Buffer.from(text), 0)
  }

  // Sandboxes.

  async runPodSandbox(config: PodSandboxConfig): Promise<PodSandbox> {
    const { network } = this.options
    const { runtimeHandler = '' } = config
    if (!RUNTIME_HANDLERS.includes(runtimeHandler)) {
      const why = `no runtime for "${runtimeHandler}" is configured`
      throw new Error(`rpc error: code = Unknown desc = failed to get sandbox runtime: ${why}`)
    }
    const host = config.hostNetwork ? network.node(config.node) : undefined
    const namespace =
      host ?? network.addPod({ node: config.node, namespace: config.namespace, name: config.name, ...(config.ip ? { ip: config.ip } : {}) })
    if (!host) {
      namespace.hosts = config.hosts
      namespace.resolvConf = config.resolvConf
    }
    const id = this.random.hex(32)
    const sandbox = new Sandbox(this.options.clock, config, namespace)
    if (config.ownUsers) sandbox.firstUser = USERS_OF_NAMESPACE * ++this.userNamespaces
    if (config.hostPID) sandbox.pids = this.processesOf(config.node)
    else if (config.shareProcessNamespace) {
      sandbox.pids = new ProcessTable(this.options.pidLimit)
      startPause(this.host, this.random, sandbox.pids, namespace, config.hostname)
    }
    this.sandboxes.set(id, sandbox)
    return { id, ip: namespace.ip, network: namespace }
  }

  private kernelOf(node: string): KernelSettings {
    let kernel = this.kernels.get(node)
    if (!kernel) this.kernels.set(node, (kernel = new KernelSettings()))
    return kernel
  }

  private processesOf(node: string): NodeProcesses {
    let processes = this.processes.get(node)
    if (!processes) {
      const { sandboxes, host, random } = this
      const { clock } = this.options
      const made: NodeProcesses = new NodeProcesses({
        host,
        random,
        name: node,
        network: this.options.network.node(node)!,
        mounts: nodeMounts({ disk: this.disk(node), clock, random, machine: host.machine, namespaces: () => made.namespaces }),
        sandboxes: () => [...sandboxes].filter(([, { config }]) => config.node === node),
      })
      this.processes.set(node, (processes = made))
    }
    return processes
  }

  async stopPodSandbox(id: string): Promise<void> {
    const sandbox = this.sandboxes.get(id)
    if (!sandbox || sandbox.stopped) return
    sandbox.stopped = true
    const mine = [...sandbox.containers]
    for (const c of mine) c.kill()
    await Promise.all(mine.map((c) => c.whenExited()))
    if (!sandbox.config.hostPID) sandbox.pids?.init?.deliver('KILL', 'outside')
    if (!sandbox.config.hostNetwork) sandbox.network.close()
  }

  sandboxReady(id: string): boolean {
    return this.sandboxes.get(id)?.stopped === false
  }

  async removePodSandbox(id: string): Promise<void> {
    await this.stopPodSandbox(id)
    for (const c of this.sandboxes.get(id)?.containers ?? []) this.containers.delete(c.id)
    this.sandboxes.delete(id)
  }

  // Containers.

  async createContainer(sandboxId: string, config: ContainerConfig): Promise<string> {
    const sandbox = this.sandboxes.get(sandboxId)
    if (!sandbox || sandbox.stopped) throw new Error(`failed to find sandbox id "${sandboxId}": not found`)
    const resolved = this.options.resolveImage(config.image)
    if (!config.id) checkProfiles(config, () => this.disk(sandbox.config.node))
    const id = config.id ?? this.random.hex(32)
    const container = new Container(id, sandboxId, config, this.host, sandbox, this.imageLayer(resolved))
    this.containers.set(id, container)
    sandbox.containers.push(container)
    return id
  }

  async startContainer(id: string): Promise<void> {
    this.container(id).start()
  }

  async stopContainer(id: string, graceSeconds: number): Promise<void> {
    await this.containers.get(id)?.stop(graceSeconds)
  }

  async removeContainer(id: string): Promise<void> {
    const container = this.containers.get(id)
    if (!container) return
    if (container.running) {
      container.kill()
      await container.whenExited()
    }
    this.containers.delete(id)
    const sandbox = this.sandboxes.get(container.sandboxId)
    sandbox?.forget(container)
    if (sandbox)
      this.images.get(sandbox.config.node)?.wasUsed(this.options.resolveImage(container.config.image).reference, this.options.clock.now())
  }

  containerInfo(id: string): ContainerInfo | undefined {
    return this.containers.get(id)?.info()
  }

  updatePodSandbox(id: string, limits: CgroupLimits): void {
    this.sandboxes.get(id)?.setLimits(limits)
  }

  updateContainer(id: string, limits: CgroupLimits): void {
    this.container(id).setLimits(limits)
  }

  containerStats(id: string): ContainerStats | undefined {
    return this.containers.get(id)?.stats()
  }

  async exec(id: string, options: ExecOptions): Promise<Session> {
    return this.container(id).exec(options, this.random.hex(32))
  }

  async attach(id: string, options: Omit<ExecOptions, 'command'>): Promise<Session> {
    return this.container(id).attach(options)
  }

  logs(id: string, options: LogOptions): Readable {
    return this.container(id).log.read(options)
  }

  onChange(listener: (info: ContainerInfo) => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  private container(id: string): Container {
    const container = this.containers.get(id)
    if (!container) throw new Error(`an error occurred when try to find container "${id}": not found`)
    return container
  }

  private notify(info: ContainerInfo): void {
    for (const listener of Array.from(this.listeners)) listener(info)
  }
}

/** `docker.io/library/nginx@sha256:…`: the same for the same reference. */
function imageId(resolved: ResolvedImage): string {
  const repository = resolved.reference.replace(/@sha256:.*$/, '').replace(/:[^:/]*$/, '')
  const digest = /@(sha256:[0-9a-f]{64})$/.exec(resolved.reference)?.[1]
  return `${repository}@${digest ?? `sha256:${createHash('sha256').update(resolved.reference).digest('hex')}`}`
}
