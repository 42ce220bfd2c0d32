/**
 * /sys/fs/cgroup: what a container is given and uses, as cgroup v2 shows it in the container's own cgroup namespace
 * (https://kubernetes.io/docs/concepts/architecture/cgroups/).
 */
import type { Cgroup } from './cgroup.js'
import type { Namespaces } from './namespaces.js'
import { FileNode, VirtualDirectory, type Inode, type Tree } from './tree.js'

/** The period of the CPU quota, µs. */
const PERIOD_US = 100_000
const LEAST_QUOTA_US = 1_000
const LEAST_SHARES = 2
const MOST_SHARES = 262_144
/** Memory is given in pages of so many bytes. */
const PAGE = 4096

/**
 * The weight that a container's CPU request has, 1 to 10000: the kubelet turns millicores into shares of 1024 a core, and
 * the runtime turns those into a weight (https://kubernetes.io/blog/2026/01/30/new-cgroup-v1-to-v2-cpu-conversion-formula/).
 *
 * @param request millicores; undefined for none
 */
export function cpuWeight(request = 0): number {
  const shares = Math.floor((request * 1024) / 1000)
  if (shares <= LEAST_SHARES) return 1
  if (shares >= MOST_SHARES) return 10_000
  const l = Math.log2(shares)
  return Math.ceil(10 ** ((l * l + 125 * l) / 612 - 7 / 34))
}

function cpuMax({ cpuLimit }: Cgroup): string {
  const quota = cpuLimit ? String(Math.max(LEAST_QUOTA_US, (cpuLimit * PERIOD_US) / 1000)) : 'max'
  return `${quota} ${PERIOD_US}`
}

/** Everything is counted as time of the programs themselves. */
function cpuStat(cgroup: Cgroup): string {
  const used = Math.round(cgroup.cpuNanos() / 1000)
  return `usage_usec ${used}\nuser_usec ${used}\nsystem_usec 0`
}

/** Makes the directory. `tree` owns its inodes; its files are made when somebody looks. */
export function makeCgroupFiles(tree: Tree, namespaces: () => Namespaces, asOf: number): VirtualDirectory {
  const cgroup = (): Cgroup => namespaces().cgroup
  const pids = (): string[] => {
    const own = namespaces()
    return own.pids.list().flatMap((t) => (!t.ended && t.namespaces === own ? [String(t.pid)] : []))
  }
  const files: Readonly<Record<string, () => string>> = {
    'cgroup.controllers': () => 'cpuset cpu io memory hugetlb pids rdma misc',
    'cgroup.events': () => `populated ${pids().length > 0 ? 1 : 0}\nfrozen 0`,
    'cgroup.procs': () => pids().join('\n'),
    'cgroup.subtree_control': () => '',
    'cgroup.threads': () => pids().join('\n'),
    'cgroup.type': () => 'domain',
    'cpu.max': () => cpuMax(cgroup()),
    'cpu.stat': () => cpuStat(cgroup()),
    'cpu.weight': () => String(cpuWeight(cgroup().cpuRequest)),
    'memory.current': () => String(cgroup().memory),
    'memory.high': () => 'max',
    'memory.low': () => '0',
    'memory.max': () => {
      const { memoryLimit } = cgroup()
      return memoryLimit === undefined ? 'max' : String(Math.floor(memoryLimit / PAGE) * PAGE)
    },
    'memory.min': () => '0',
    'memory.oom.group': () => '1',
    'memory.stat': () => `anon ${cgroup().memory}\nfile 0\ninactive_file 0`,
    'memory.swap.current': () => '0',
    'memory.swap.max': () => '0',
    'pids.current': () => String(pids().length),
    'pids.max': () => 'max',
  }
  const made = new Map<string, Inode>()
  const file = (name: string): Inode => {
    const node = new FileNode(tree.inode(), 0o644, 0, 0, asOf)
    node.generate = () => {
      const text = files[name]!()
      return text ? `${text}\n` : ''
    }
    made.set(name, node)
    return node
  }
  return new VirtualDirectory(
    tree.inode(),
    asOf,
    (name) => made.get(name) ?? (Object.hasOwn(files, name) ? file(name) : undefined),
    () => Object.keys(files),
  )
}
