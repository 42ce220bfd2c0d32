/**
 * The processes of a node, as its own PID namespace has them: what `hostPID: true` and `kubectl debug node/…` show. Those
 * of its system and of pods with `hostPID` are at home here; those of all other containers have a pid here besides the
 * one that they know themselves by (pid_namespaces(7)).
 */
import type { Random } from '../random.js'
import { Cgroup } from './cgroup.js'
import type { ContainerHost } from './container-inside.js'
import type { MountTable } from './mounts.js'
import type { NetworkNamespace } from '../network/network.js'
import { ProcessTable } from './process-table.js'
import type { Sandbox } from './sandbox.js'
import type { Task } from './task.js'
import type { Namespaces } from './namespaces.js'
import { startWaiting } from './waiting-process.js'

/** kernel.pid_max of a small machine. */
const MOST = 32_768

const CONTAINERD = '/run/containerd/containerd.sock'
/** What runs on a node besides its pods; the first is PID 1, the mother of the others. */
const SYSTEM: readonly (readonly string[])[] = [
  ['/sbin/init'],
  ['/lib/systemd/systemd-journald'],
  ['/usr/bin/containerd'],
  [
    '/usr/bin/kubelet',
    '--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf',
    '--kubeconfig=/etc/kubernetes/kubelet.conf',
    '--config=/var/lib/kubelet/config.yaml',
  ],
]

export interface NodeProcessesOptions {
  readonly host: ContainerHost
  readonly random: Random
  readonly name: string
  readonly network: NetworkNamespace
  /** The disk of the node, as its own processes see it. */
  readonly mounts: MountTable
  /** The sandboxes of the node, by their ids. */
  sandboxes(): Iterable<readonly [id: string, sandbox: Sandbox]>
}

export class NodeProcesses extends ProcessTable {
  /** Those of the node's own processes. */
  readonly namespaces: Namespaces
  private system: Task[] = []
  /** The shim and the pause container of each sandbox. */
  private readonly shims = new Map<string, { shim: Task; pause: Task | undefined }>()
  /** What tasks of other namespaces look like from here. */
  private views = new Map<Task, Task>()

  constructor(private readonly options: NodeProcessesOptions) {
    super(MOST)
    const { host, random, name, network, mounts } = options
    const { clock, breather, memory } = host
    const cgroup = new Cgroup(clock)
    this.namespaces = { clock, random, breather, memory, pids: this, mounts, cgroup, net: network, hostname: name }
    this.startSystem()
  }

  override get(pid: number): Task | undefined {
    return this.list().find((task) => task.pid === pid)
  }

  override list(): Task[] {
    this.startSystem()
    this.look()
    return [...super.list(), ...this.views.values()].sort((a, b) => a.pid - b.pid)
  }

  /** What a pod with the processes of the node starts has the shim of that pod for its parent. */
  override parentOf(task: Task): number {
    for (const [id, sandbox] of this.options.sandboxes())
      if (!sandbox.stopped && sandbox.containers.some((container) => container.has(task))) return this.shimOf(id, sandbox).pid
    return 0
  }

  protected override isTaken(pid: number): boolean {
    return super.isTaken(pid) || [...this.views.values()].some((view) => view.pid === pid)
  }

  /** Starts what does not run: systemd does so with services that have ended. */
  private startSystem(): void {
    const { bootedAt } = this.options.host.machine
    this.system = SYSTEM.map((argv, i) => {
      const known = this.system[i]
      return known && !known.ended
        ? known
        : startWaiting(this.namespaces, 0, { argv, parent: this.init, startedAt: known ? undefined : bootedAt })
    })
  }

  /** Finds what runs in the pods of the node now. */
  private look(): void {
    const before = this.views
    this.views = new Map()
    const gone = new Set(this.shims.keys())
    for (const [id, sandbox] of this.options.sandboxes()) {
      if (sandbox.stopped) continue
      gone.delete(id)
      const shim = this.shimOf(id, sandbox)
      for (const table of sandbox.processTables()) {
        if (table === this) continue
        for (const task of table.list()) this.views.set(task, before.get(task) ?? this.viewOf(task, shim))
      }
    }
    for (const id of gone) {
      const { shim, pause } = this.shims.get(id)!
      for (const task of [pause, shim]) task?.deliver('KILL', 'outside')
      this.shims.delete(id)
    }
  }

  /** The process of containerd that stands between it and a pod; its first child holds the namespaces of the pod. */
  private shimOf(id: string, { pids, createdAt: startedAt }: Sandbox): Task {
    const known = this.shims.get(id)
    if (known && !known.shim.ended && !known.pause?.ended) return known.shim
    known?.pause?.deliver('KILL', 'outside')
    const argv = ['/usr/bin/containerd-shim-runc-v2', '-namespace', 'k8s.io', '-id', id, '-address', CONTAINERD]
    const shim = known && !known.shim.ended ? known.shim : startWaiting(this.namespaces, 0, { argv, parent: this.init, startedAt })
    // Where the pod shares its processes, its first one is in their table.
    const shares = pids !== undefined && pids !== this
    const pause = shares ? undefined : startWaiting(this.namespaces, 65_535, { argv: ['/pause'], parent: shim, startedAt })
    this.shims.set(id, { shim, pause })
    return shim
  }

  /** A task of another namespace with the numbers that it has here. Signals reach it from outside of its own. */
  private viewOf(task: Task, shim: Task): Task {
    const pid = this.allocate()
    const numberOf = (other: Task | undefined): number | undefined => other && this.views.get(other)?.pid
    const leader = (id: number): number => numberOf(task.namespaces.pids.get(id)) ?? 0
    return Object.create(task, {
      pid: { value: pid },
      ppid: { get: () => numberOf(task.parent) ?? shim.pid },
      processGroup: { get: () => leader(task.processGroup) },
      sessionId: { get: () => leader(task.sessionId) },
      deliver: { value: (...[signal]: Parameters<Task['deliver']>) => task.deliver(signal, 'outside') },
    }) as Task
  }
}
