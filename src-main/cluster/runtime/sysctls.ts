/**
 * /proc/sys: the kernel's settings by their dotted names, those of the pod's securityContext before those of the machine.
 * https://kubernetes.io/docs/tasks/administer-cluster/sysctl-cluster/
 */
import { systemError } from './errors.js'
import { generatedDirectory } from './generated-files.js'
import type { Namespaces } from './namespaces.js'
import type { MachineInfo } from './proc.js'
import type { Tree, VirtualDirectory } from './tree.js'

/** What a new namespace of a usual kernel has. Those that belong to the machine are the same in all containers. */
const DEFAULTS: Readonly<Record<string, string>> = {
  'fs.file-max': '9223372036854775807',
  'fs.mqueue.msg_max': '10',
  'fs.mqueue.queues_max': '256',
  'kernel.msgmax': '8192',
  'kernel.msgmnb': '16384',
  'kernel.msgmni': '32000',
  'kernel.ostype': 'Linux',
  'kernel.pid_max': '4194304',
  'kernel.sem': '32000\t1024000000\t500\t32000',
  'kernel.shm_rmid_forced': '0',
  'kernel.shmall': '18446744073692774399',
  'kernel.shmmax': '18446744073692774399',
  'kernel.shmmni': '4096',
  'kernel.version': '#1 SMP PREEMPT_DYNAMIC',
  'net.core.somaxconn': '4096',
  'net.ipv4.ip_forward': '1',
  'net.ipv4.ip_local_port_range': '32768\t60999',
  'net.ipv4.ip_local_reserved_ports': '',
  'net.ipv4.ip_unprivileged_port_start': '0',
  'net.ipv4.ping_group_range': '0\t2147483647',
  'net.ipv4.tcp_fin_timeout': '60',
  'net.ipv4.tcp_keepalive_intvl': '75',
  'net.ipv4.tcp_keepalive_probes': '9',
  'net.ipv4.tcp_keepalive_time': '7200',
  'net.ipv4.tcp_rmem': '4096\t131072\t6291456',
  'net.ipv4.tcp_syncookies': '1',
  'net.ipv4.tcp_wmem': '4096\t16384\t4194304',
  'vm.max_map_count': '262144',
  'vm.overcommit_memory': '1',
  'vm.swappiness': '60',
}

/** Settings of a namespace that are made when they are read. */
function computed(namespaces: Namespaces, machine: MachineInfo): Record<string, () => string> {
  return {
    'kernel.hostname': () => namespaces.hostname,
    'kernel.osrelease': () => machine.kernel,
    'kernel.random.boot_id': () => '6b1b9d3a-6d0f-4c8e-9d0a-1f2b3c4d5e6f',
    'kernel.random.uuid': () => namespaces.random.uuid(),
  }
}

/** What belongs to a namespace of a pod's own, and not to the machine. */
const NAMESPACED = /^(?:net\.|fs\.mqueue\.|kernel\.(?:shm|msg|sem$))/

/** The settings that were changed: those of a machine, and before them those of a pod's own namespaces. */
export class KernelSettings {
  private readonly changed = new Map<string, string>()

  /**
   * @param machine those of the node; none for the node's own
   * @param initial by name, as securityContext.sysctls has them: with dots or slashes
   */
  constructor(
    private readonly machine?: KernelSettings,
    initial: Readonly<Record<string, string>> = {},
  ) {
    for (const [name, value] of Object.entries(initial)) this.changed.set(name.replaceAll('/', '.'), spaced(value))
  }

  /** What a setting was changed to; undefined for one that is as it began. */
  get(name: string): string | undefined {
    return this.changed.get(name) ?? this.machine?.get(name)
  }

  /** The names of what was changed here. */
  names(): Iterable<string> {
    return this.changed.keys()
  }

  /** Changes a setting where it belongs. Throws EINVAL for what is no number where numbers are, EACCES for one that tells but does not take. */
  set(name: string, value: string): void {
    const initial = DEFAULTS[name]
    if (initial === undefined || name === 'kernel.ostype' || name === 'kernel.version') throw systemError('EACCES')
    if (/^[\d\s]+$/.test(initial) && !/^\d+(?:\s+\d+)*$/.test(value)) throw systemError('EINVAL')
    const owner = NAMESPACED.test(name) ? this : (this.machine ?? this)
    owner.changed.set(name, spaced(value))
  }
}

/** As the kernel keeps several numbers in one setting: with tabs. */
const spaced = (value: string): string => value.replace(/[ \t]+/g, '\t')

/** Makes the tree of /proc/sys. `tree` owns its inodes; `now` is cluster time, ms. */
export function makeProcSys(tree: Tree, namespaces: Namespaces, machine: MachineInfo, now: number): VirtualDirectory {
  const write = (name: string, text: string): void => namespaces.sysctls?.set(name, text.trim())
  return generatedDirectory(tree, now, () => settings(namespaces, machine), { separator: '.', mode: 0o644, write })
}

function settings(namespaces: Namespaces, machine: MachineInfo): Map<string, () => string> {
  const values = new Map<string, () => string>()
  for (const [name, value] of Object.entries(DEFAULTS)) values.set(name, () => namespaces.sysctls?.get(name) ?? value)
  for (const name of namespaces.sysctls?.names() ?? []) values.set(name, () => namespaces.sysctls!.get(name)!)
  for (const [name, value] of Object.entries(computed(namespaces, machine))) values.set(name, value)
  return values
}
