/**
 * What the kernel lets the processes of a container do beyond files and signals, as /proc/PID/status shows it:
 * capabilities, seccomp, privileges that cannot be gained, the users that the container's own stand for, and who is
 * killed first for want of memory.
 * Kubernetes documentation, "Configure a Security Context for a Pod or Container"; capabilities(7).
 */
import type { ContainerConfig } from './cri.js'

/** The capabilities of Linux by their numbers. */
const CAPABILITIES =
  'CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE'.split(
    ' ',
  )

/** What containerd gives a container that says nothing. */
const DEFAULTS =
  'CHOWN DAC_OVERRIDE FSETID FOWNER MKNOD NET_RAW SETGID SETUID SETFCAP SETPCAP NET_BIND_SERVICE SYS_CHROOT KILL AUDIT_WRITE'.split(' ')

/** How many users a user namespace has. */
export const USERS_OF_NAMESPACE = 65_536

export interface ContainerSecurity {
  /** The names of the capabilities that its processes can have, without `CAP_`. */
  readonly capabilities: ReadonlySet<string>
  /** allowPrivilegeEscalation is false: setuid programs give nothing. */
  readonly noNewPrivileges: boolean
  /** 2 with a filter, 0 without. */
  readonly seccomp: 0 | 2
  /** How readily it is killed for want of memory, from -1000 to 1000. */
  readonly oomScoreAdj: number
  /** The host's user that the container's root is; undefined without a user namespace of its own. */
  readonly firstUser?: number
}

/** Sets of capabilities by what asks for them: of all containers of a cluster there are few. */
const known = new Map<string, ReadonlySet<string>>()
/** How many are remembered; beyond that all are forgotten. */
const MOST = 256

function capabilitiesOf(config: ContainerConfig): ReadonlySet<string> {
  const named = (names: readonly string[] = []): string[] => names.map((name) => name.toUpperCase().replace(/^CAP_/, ''))
  const drop = named(config.capabilities?.drop)
  const add = named(config.capabilities?.add)
  const key = JSON.stringify([config.privileged, drop, add])
  let found = known.get(key)
  if (!found) {
    const base = config.privileged || add.includes('ALL') ? CAPABILITIES : DEFAULTS
    const kept = drop.includes('ALL') && !config.privileged ? [] : base.filter((name) => config.privileged || !drop.includes(name))
    found = new Set([...kept, ...add.filter((name) => CAPABILITIES.includes(name))])
    if (known.size >= MOST) known.clear()
    known.set(key, found)
  }
  return found
}

/**
 * What a container may do.
 *
 * @param firstUser the first user of the pod's own user namespace, undefined for the host's
 */
export function containerSecurity(config: ContainerConfig, firstUser?: number): ContainerSecurity {
  return {
    capabilities: capabilitiesOf(config),
    noNewPrivileges: config.noNewPrivileges ?? false,
    seccomp: config.seccomp && !config.privileged ? 2 : 0,
    oomScoreAdj: config.oomScoreAdj ?? 0,
    ...(firstUser === undefined ? {} : { firstUser }),
  }
}

/** Whether a process of this user has a capability: root has all that its container may have, others none. */
export function hasCapability(security: ContainerSecurity, uid: number, name: string): boolean {
  return uid === 0 && security.capabilities.has(name)
}

/** The lines of /proc/PID/status that tell of it. */
export function securityStatus(security: ContainerSecurity, uid: number): [string, string | number][] {
  const bits = [...security.capabilities].reduce((mask, name) => mask | (1n << BigInt(CAPABILITIES.indexOf(name))), 0n)
  const mask = (value: bigint): string => value.toString(16).padStart(16, '0')
  const own = uid === 0 ? bits : 0n
  return [
    ['CapInh', mask(0n)],
    ['CapPrm', mask(own)],
    ['CapEff', mask(own)],
    ['CapBnd', mask(bits)],
    ['CapAmb', mask(0n)],
    ['NoNewPrivs', security.noNewPrivileges ? 1 : 0],
    ['Seccomp', security.seccomp],
    ['Seccomp_filters', security.seccomp === 2 ? 1 : 0],
  ]
}

/** The text of /proc/PID/uid_map and gid_map: which users of the host those of the container are. */
export function userMap({ firstUser }: ContainerSecurity): string {
  const row = firstUser === undefined ? [0, 0, 4_294_967_295] : [0, firstUser, USERS_OF_NAMESPACE]
  return `${row.map((n) => String(n).padStart(10)).join(' ')}\n`
}
