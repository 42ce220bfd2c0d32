/** One pod sandbox: what the containers of a pod share. */
import type { Clock } from '../clock.js'
import type { NetworkNamespace } from '../network/network.js'
import { Cgroup, type CgroupLimits } from './cgroup.js'
import type { Container } from './container.js'
import type { PodSandboxConfig } from './cri.js'
import type { ProcessTable } from './process-table.js'
import { KernelSettings } from './sysctls.js'

export class Sandbox {
  /** The first user of its own user namespace. */
  firstUser: number | undefined
  /** The table that all containers share: with shareProcessNamespace their own, with hostPID that of the node. */
  pids: ProcessTable | undefined
  readonly createdAt: number
  stopped = false
  readonly containers: Container[] = []
  private accounting: Cgroup | undefined
  private kernel: KernelSettings | undefined

  constructor(
    private readonly clock: Clock,
    readonly config: PodSandboxConfig,
    readonly network: NetworkNamespace,
  ) {
    this.createdAt = clock.now()
  }

  /** What all containers may use together. */
  get cgroup(): Cgroup {
    const { cpuLimit, memoryLimit } = this.config
    return (this.accounting ??= new Cgroup(this.clock, { cpuLimit, memoryLimit }))
  }

  /** The kernel's settings as its containers have them: in the node's network, the node's own. */
  kernelSettings(kernelOf: (node: string) => KernelSettings): KernelSettings {
    const { node, hostNetwork, sysctls } = this.config
    return (this.kernel ??= hostNetwork ? kernelOf(node) : new KernelSettings(kernelOf(node), sysctls))
  }

  /** Whether its containers may use only so much memory together. */
  get limitsMemory(): boolean {
    return (this.accounting ?? this.config).memoryLimit !== undefined
  }

  /** Sets what all containers may use together; what is left out has no limit. */
  setLimits(limits: CgroupLimits): void {
    // From now on each of them counts.
    for (const container of this.containers) container.wake()
    this.cgroup.setLimits(limits)
  }

  /** The tables that the processes of its running containers are in, each once. */
  processTables(): Set<ProcessTable> {
    if (this.pids) return new Set([this.pids])
    return new Set(this.containers.flatMap((c) => (c.running ? [c.processes] : [])))
  }

  forget(container: Container): void {
    const at = this.containers.indexOf(container)
    if (at >= 0) this.containers.splice(at, 1)
  }
}
