/** The namespaces of a container. */
import type { Clock } from '../clock.js'
import type { NetworkNamespace } from '../network/network.js'
import type { Random } from '../random.js'
import type { Cgroup } from './cgroup.js'
import type { MemoryBudget } from './memory-budget.js'
import type { MountTable } from './mounts.js'
import type { KernelSettings } from './sysctls.js'
import type { ProcessTable } from './process-table.js'
import type { ContainerSecurity } from './security.js'
import type { Breather } from './waiting.js'

/** The namespaces that the processes of a container share. */
export interface Namespaces {
  readonly clock: Clock
  readonly random: Random
  readonly breather: Breather
  /** What its processes and all others may hold of the simulator's memory. */
  readonly memory: MemoryBudget
  readonly pids: ProcessTable
  readonly mounts: MountTable
  readonly cgroup: Cgroup
  readonly net: NetworkNamespace
  hostname: string
  /** What its processes may do; undefined for what is no container. */
  readonly security?: ContainerSecurity
  /** The settings of the kernel that were changed. */
  readonly sysctls?: KernelSettings
}
