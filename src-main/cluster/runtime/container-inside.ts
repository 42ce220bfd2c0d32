/**
 * What a container is inside: its file systems, its accounting, the namespaces of its processes. It is made when its first
 * process runs or somebody looks; most containers of a large cluster hold nothing but a process that waits.
 */
import type { Clock } from '../clock.js'
import type { Random } from '../random.js'
import { AttachedClients } from './attached-clients.js'
import { Cgroup } from './cgroup.js'
import { ContainerLog } from './container-log.js'
import { ContainerOutput } from './container-output.js'
import type { ContainerConfig, ContainerInfo } from './cri.js'
import type { Image } from './images/image.js'
import type { MountTable } from './mounts.js'
import type { Namespaces } from './namespaces.js'
import type { MachineInfo } from './proc.js'
import { ProcessTable } from './process-table.js'
import { containerMounts } from './root-file-system.js'
import type { Sandbox } from './sandbox.js'
import { containerSecurity } from './security.js'
import type { KernelSettings } from './sysctls.js'
import type { DirectoryNode } from './tree.js'
import type { MemoryBudget } from './memory-budget.js'
import type { Breather } from './waiting.js'

/** What all containers are made in. */
export interface ContainerHost {
  readonly clock: Clock
  readonly random: Random
  readonly breather: Breather
  readonly memory: MemoryBudget
  readonly machine: MachineInfo
  /** Bytes that a container may write to its own layer. */
  readonly layerLimit: number
  /** The settings of a node's kernel. */
  readonly kernelOf: (node: string) => KernelSettings
  readonly logLimit?: number | undefined
  /** How many processes a container may have at once. */
  readonly pidLimit?: number | undefined
  readonly changed: (info: ContainerInfo) => void
}

/** An image as containers share it. */
export interface ImageLayer {
  readonly image: Image
  readonly layer: DirectoryNode
  readonly placeholder: boolean
}

export class ContainerInside {
  readonly cgroup: Cgroup
  readonly namespaces: Namespaces
  readonly mounts: MountTable
  readonly log: ContainerLog
  readonly attached = new AttachedClients()
  readonly output: ContainerOutput
  /** The process table: the container's own, or the pod's. */
  readonly pids: ProcessTable

  /**
   * Throws for mounts that cannot be made.
   *
   * @param createdAt when the container was made, ms since the epoch: so old are its files
   */
  constructor(
    host: ContainerHost,
    sandbox: Sandbox,
    { image, layer }: ImageLayer,
    config: ContainerConfig,
    createdAt: number,
    shared?: ProcessTable,
  ) {
    const { clock, random, breather, memory } = host
    this.log = new ContainerLog(clock, host.logLimit)
    this.output = new ContainerOutput(clock, this.log, this.attached)
    const { cpuLimit, memoryLimit, cpuRequest } = config
    this.cgroup = new Cgroup(clock, { cpuLimit, memoryLimit, cpuRequest, baseMemory: image.baseMemory }, sandbox.cgroup)
    this.pids = shared ?? sandbox.pids ?? new ProcessTable(host.pidLimit)
    this.mounts = containerMounts({
      clock,
      random,
      machine: host.machine,
      sandbox: sandbox.config,
      config,
      layer,
      layerLimit: host.layerLimit,
      namespaces: () => this.namespaces,
      asOf: createdAt,
    })
    this.namespaces = {
      clock,
      random,
      breather,
      memory,
      pids: this.pids,
      mounts: this.mounts,
      cgroup: this.cgroup,
      net: sandbox.network,
      hostname: sandbox.config.hostname,
      sysctls: sandbox.kernelSettings(host.kernelOf),
      security: containerSecurity(config, sandbox.firstUser),
    }
  }
}
