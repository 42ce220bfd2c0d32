/** /proc: what a container sees of its processes and of the machine. */
import type { CpuTime } from './accounting.js'
import { signalNumbers } from './process.js'
import type { FileDescription } from './open-file.js'
import type { Task } from './task.js'
import type { Mount } from './mounts.js'
import type { Namespaces } from './namespaces.js'
import { securityStatus, userMap, type ContainerSecurity } from './security.js'
import { memoryMap, namespaceLinks } from './proc-process.js'
import { networkFiles } from './proc-net.js'
import { searchPath } from './program-file.js'
import { makeProcSys } from './sysctls.js'
import { FileNode, SymlinkNode, VirtualDirectory, type Inode, type Tree, type Viewer } from './tree.js'

/** The node as its containers see it. */
export interface MachineInfo {
  /** Bytes. */
  memory: number
  cpus: number
  /** Cluster time, ms. */
  bootedAt: number
  kernel: string
}

export function processState(task: Task, viewer: Viewer): string {
  if (task.ended) return 'Z'
  if (task.stopped) return 'T'
  return task.pid === viewer.pid || task.computing ? 'R' : 'S'
}

const STATE_NAMES: Record<string, string> = { R: 'running', S: 'sleeping', T: 'stopped', Z: 'zombie' }

/** The name of a process: what ps shows in brackets for a zombie. */
export function commandName(task: Task): string {
  return (task.argv[0] ?? '').split('/').at(-1)!.slice(0, 15)
}

/** Resident bytes that files of /proc tell in kB. */
const kb = (bytes: number): number => Math.round(bytes / 1024)

/** Makes the /proc tree of a container. `tree` owns its inodes. */
export function makeProc(tree: Tree, namespaces: Namespaces, machine: MachineInfo): VirtualDirectory {
  const { clock, pids, cgroup } = namespaces
  const now = clock.now()
  const file = (generate: (viewer: Viewer) => string, mode = 0o444): FileNode => {
    const n = new FileNode(tree.inode(), mode, 0, 0, now)
    n.generate = generate
    return n
  }
  const uptime = (): number => (clock.now() - machine.bootedAt) / 1000
  const usedMemory = (): number => cgroup.memory
  const load = (): string => {
    const busy = pids.list().filter((t) => !t.ended && !t.stopped && isBusy(t, clock.now())).length
    return `${busy.toFixed(2)} ${busy.toFixed(2)} ${busy.toFixed(2)}`
  }

  const files: Record<string, (viewer: Viewer) => string> = {
    uptime: () => `${uptime().toFixed(2)} ${(uptime() * machine.cpus).toFixed(2)}\n`,
    loadavg: () => `${load()} 1/${pids.size} ${Math.max(...pids.list().map((t) => t.pid), 1)}\n`,
    version: () => `Linux version ${machine.kernel} (drydock@build) (gcc 12.2.0) #1 SMP\n`,
    meminfo: () => meminfo(machine.memory, usedMemory()),
    cpuinfo: () => cpuinfo(machine.cpus),
    stat: () => {
      const ticks = Math.round(cgroup.cpuNanos() / 1e7)
      const idle = Math.round(uptime() * 100 * machine.cpus)
      const cpus = Array.from(
        { length: machine.cpus },
        (_, i) => `cpu${i} ${Math.round(ticks / machine.cpus)} 0 0 ${Math.round(idle / machine.cpus)} 0 0 0 0 0 0\n`,
      )
      return `cpu  ${ticks} 0 0 ${idle} 0 0 0 0 0 0\n${cpus.join('')}btime ${Math.floor(machine.bootedAt / 1000)}\nprocesses ${pids.size}\n`
    },
    mounts: () => mounts(namespaces),
    filesystems: () => 'nodev\tproc\nnodev\ttmpfs\nnodev\toverlay\n\text4\n',
    cmdline: () => 'BOOT_IMAGE=/boot/vmlinuz console=ttyS0\n',
    swaps: () => 'Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n',
    partitions: () => 'major minor  #blocks  name\n\n 254        0   62915584 vda\n 254        1   62914560 vda1\n',
    kcore: () => '',
    keys: () => '',
    timer_list: () => '',
    'sysrq-trigger': () => '',
  }
  const nodes = new Map<string, Inode>(Object.entries(files).map(([name, generate]) => [name, file(generate)]))
  nodes.set('mounts', new SymlinkNode(tree.inode(), 'self/mounts', 0, 0, now))
  nodes.set('self', selfLink(tree, now))
  nodes.set('sys', makeProcSys(tree, namespaces, machine, now))
  for (const name of ['acpi', 'bus', 'fs', 'irq']) nodes.set(name, directory(tree, now, {}))
  const network = Object.entries(networkFiles(namespaces.net)).map(([name, generate]) => [name, file(generate)] as const)
  nodes.set('net', directory(tree, now, Object.fromEntries(network)))

  return new VirtualDirectory(
    tree.inode(),
    now,
    (name, viewer) => {
      if (name === 'self') return selfOf(tree, viewer, now)
      const task = /^\d+$/.test(name) ? pids.get(Number(name)) : undefined
      return task ? processDirectory(tree, task, namespaces, machine, file) : nodes.get(name)
    },
    () => [...pids.list().map((t) => String(t.pid)), ...nodes.keys()],
  )
}

/** Whether a process has computed for most of its time, and for more than a moment. */
function isBusy(task: Task, now: number): boolean {
  const { cpuMs } = task
  return cpuMs > 50 && now - task.startedAt < cpuMs * 4
}

/** utime, stime, cutime and cstime of proc_pid_stat(5), in hundredths of a second. */
function times(task: Task): string {
  const ticks = ({ all, kernel }: CpuTime): string => `${Math.floor((all - kernel) / 10)} ${Math.floor(kernel / 10)}`
  return `${ticks(task.cpu())} ${ticks(task.childCpu)}`
}

function selfLink(tree: Tree, now: number): SymlinkNode {
  return new SymlinkNode(tree.inode(), '1', 0, 0, now)
}

function selfOf(tree: Tree, viewer: Viewer, now: number): SymlinkNode {
  return new SymlinkNode(tree.inode(), String(viewer.pid), 0, 0, now)
}

function processDirectory(
  tree: Tree,
  task: Task,
  namespaces: Namespaces,
  machine: MachineInfo,
  file: (generate: (viewer: Viewer) => string, mode?: number) => FileNode,
): VirtualDirectory {
  const at = task.startedAt
  const started = Math.max(0, Math.round((task.startedAt - machine.bootedAt) / 10))
  const files: Record<string, () => Inode> = {
    cmdline: () => file(() => (task.ended ? '' : task.argv.map((a) => `${a}\0`).join(''))),
    comm: () => file(() => `${commandName(task)}\n`),
    environ: () => {
      const text = (): string =>
        Object.entries(task.env)
          .map(([k, v]) => `${k}=${v}\0`)
          .join('')
      return Object.assign(file(text, 0o400), { uid: task.uid, gid: task.gid })
    },
    status: () => file((viewer) => status(task, viewer)),
    stat: () =>
      file(
        (viewer) =>
          `${task.pid} (${commandName(task)}) ${processState(task, viewer)} ${task.ppid} ${task.processGroup} ${task.sessionId} ${task.terminal ? 34_816 + task.terminal.index : 0} ${task.terminal?.foreground ?? -1} 4194304 0 0 0 0 ${times(task)} 20 0 1 0 ${started} ${task.memory * 3} ${Math.round(task.memory / 4096)} 18446744073709551615\n`,
      ),
    statm: () => file(() => `${Math.round((task.memory * 3) / 4096)} ${Math.round(task.memory / 4096)} 0 0 0 0 0\n`),
    mounts: () => file(() => mounts(namespaces)),
    mountinfo: () => file(() => mountinfo(namespaces)),
    cgroup: () => file(() => '0::/\n'),
    limits: () =>
      file(
        () =>
          'Limit                     Soft Limit           Hard Limit           Units\nMax open files            1048576              1048576              files\n',
      ),
    uid_map: () => file(() => userMap(securityOf(task)), 0o644),
    gid_map: () => file(() => userMap(securityOf(task)), 0o644),
    oom_score_adj: () => file(() => `${securityOf(task).oomScoreAdj}\n`, 0o644),
    cwd: () => new SymlinkNode(tree.inode(), task.cwd, task.uid, task.gid, at),
    root: () => {
      const link = new SymlinkNode(tree.inode(), '/', task.uid, task.gid, at)
      // Of a container that shares its processes.
      if (task.namespaces !== namespaces) link.leadsTo = task.namespaces.mounts
      return link
    },
    exe: () => new SymlinkNode(tree.inode(), exePath(task), task.uid, task.gid, at),
    maps: () => file(() => memoryMap(task.ended ? undefined : exePath(task), task.memory)),
    ns: () =>
      directory(
        tree,
        at,
        Object.fromEntries(
          namespaceLinks({ ...task.namespaces, mounts: task.fs.table, net: task.net }).map(([name, target]) => {
            const link = new SymlinkNode(tree.inode(), target, task.uid, task.gid, at)
            link.namespaceOf = task
            return [name, link]
          }),
        ),
      ),
    fd: () => fdDirectory(tree, task, at),
  }
  const made = new VirtualDirectory(
    tree.inode(),
    at,
    (name) => (Object.hasOwn(files, name) ? files[name]!() : undefined),
    () => Object.keys(files),
  )
  made.uid = task.uid
  made.gid = task.gid
  return made
}

/** The file that a process runs; instead of a command its first argument may be a title (`nginx: master process …`). */
function exePath(task: Task): string {
  const [name = ''] = (task.argv[0] ?? '').split(/[:\s]/)
  return searchPath(task.fs, name, task.env['PATH']).path ?? `/bin/${name}`
}

function fdDirectory(tree: Tree, task: Task, at: number): VirtualDirectory {
  const link = (n: number, description: FileDescription): SymlinkNode => {
    const node = new SymlinkNode(tree.inode(), description.describe(), task.uid, task.gid, at)
    node.opens = () => task.description(n)
    return node
  }
  const made = new VirtualDirectory(
    tree.inode(),
    at,
    (name) => {
      const description = /^\d+$/.test(name) ? task.description(Number(name)) : undefined
      return description && link(Number(name), description)
    },
    () => task.descriptors().map(String),
    0o500,
  )
  // Its owner goes through it to /dev/stdout and to what stands for process substitutions.
  made.uid = task.uid
  made.gid = task.gid
  return made
}

/** What the process may do; that of no container has no limits but its user's. */
function securityOf({ namespaces }: Task): ContainerSecurity {
  return namespaces.security ?? { capabilities: new Set(), noNewPrivileges: false, seccomp: 0, oomScoreAdj: 0 }
}

function status(task: Task, viewer: Viewer): string {
  const state = processState(task, viewer)
  const ignored = task.ignoredSignals().reduce((mask, s) => mask | (1n << BigInt(signalNumbers[s] - 1)), 0n)
  const lines = [
    ['Name', commandName(task)],
    ['Umask', task.umask.toString(8).padStart(4, '0')],
    ['State', `${state} (${STATE_NAMES[state]})`],
    ['Tgid', task.pid],
    ['Ngid', 0],
    ['Pid', task.pid],
    ['PPid', task.ppid],
    ['TracerPid', 0],
    ['Uid', Array(4).fill(task.uid).join('\t')],
    ['Gid', Array(4).fill(task.gid).join('\t')],
    ['FDSize', 64],
    ['Groups', `${[...task.groups].sort((a, b) => a - b).join(' ')} `],
    ['VmPeak', `${String(kb(task.memory * 3)).padStart(8)} kB`],
    ['VmSize', `${String(kb(task.memory * 3)).padStart(8)} kB`],
    ['VmRSS', `${String(kb(task.memory)).padStart(8)} kB`],
    ['Threads', 1],
    ['SigIgn', ignored.toString(16).padStart(16, '0')],
    ...securityStatus(securityOf(task), task.uid),
  ]
  return lines.map(([k, v]) => `${k}:\t${v}\n`).join('')
}

function meminfo(total: number, used: number): string {
  const free = Math.max(0, total - used)
  const rows: [string, number][] = [
    ['MemTotal', total],
    ['MemFree', free * 0.6],
    ['MemAvailable', free * 0.9],
    ['Buffers', total * 0.01],
    ['Cached', free * 0.3],
    ['SwapCached', 0],
    ['SwapTotal', 0],
    ['SwapFree', 0],
    ['Shmem', 0],
    ['SReclaimable', total * 0.005],
  ]
  return rows.map(([k, v]) => `${`${k}:`.padEnd(16)}${String(kb(v)).padStart(8)} kB\n`).join('')
}

function cpuinfo(cpus: number): string {
  return Array.from(
    { length: cpus },
    (_, i) =>
      `processor\t: ${i}\nvendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 85\nmodel name\t: Simulated CPU @ 2.50GHz\ncpu MHz\t\t: 2500.000\ncache size\t: 32768 KB\ncpu cores\t: ${cpus}\nbogomips\t: 5000.00\n\n`,
  ).join('')
}

function mounts(namespaces: Namespaces): string {
  return namespaces.mounts
    .list()
    .map((m) => `${m.source} ${m.path} ${m.fstype} ${mountOptions(m)} 0 0\n`)
    .join('')
}

function mountOptions({ readOnly, options = 'relatime' }: Mount): string {
  return `${readOnly ? 'ro' : 'rw'},${options}`
}

/** What belongs to the mount, and not to the file system. */
const OF_THE_MOUNT = new Set(['nosuid', 'nodev', 'noexec', 'relatime'])

/** proc_pid_mountinfo(5): the parent is what is mounted at the nearest path above. */
function mountinfo(namespaces: Namespaces): string {
  const mounts = namespaces.mounts.list()
  const minors = new Map<unknown, number>()
  for (const { tree } of mounts) if (!minors.has(tree)) minors.set(tree, 50 + minors.size)
  return mounts
    .map((m, i) => {
      const above = (p: Mount): boolean => p !== m && (p.path === '/' || m.path.startsWith(`${p.path}/`))
      const parent = mounts.reduce((best, p, at) => (above(p) && (best < 0 || p.path.length > mounts[best]!.path.length) ? at : best), -1)
      const device = m.fstype === 'ext4' ? '254:1' : `0:${minors.get(m.tree)}`
      const options = mountOptions(m).split(',')
      const [own, all] = [options.slice(0, 1), ['rw']]
      for (const option of options.slice(1)) (OF_THE_MOUNT.has(option) ? own : all).push(option)
      return `${100 + i} ${parent < 0 ? 99 : 100 + parent} ${device} ${m.from ?? '/'} ${m.path} ${own.join(',')} - ${m.fstype} ${m.source} ${all.join(',')}\n`
    })
    .join('')
}

function directory(tree: Tree, now: number, entries: Readonly<Record<string, Inode>>): VirtualDirectory {
  return new VirtualDirectory(
    tree.inode(),
    now,
    (name) => (Object.hasOwn(entries, name) ? entries[name] : undefined),
    () => Object.keys(entries),
  )
}
