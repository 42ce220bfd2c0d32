/** Processes that are there and do nothing but wait, such as the first one of a pod that shares its processes. */
import type { NetworkNamespace } from '../network/network.js'
import type { Random } from '../random.js'
import { Cgroup } from './cgroup.js'
import type { ContainerHost } from './container-inside.js'
import { MountTable } from './mounts.js'
import type { Namespaces } from './namespaces.js'
import type { ProcessTable } from './process-table.js'
import { Task, type TaskOptions } from './task.js'
import { Tree } from './tree.js'

/** Starts a process that waits until it is killed, and reaps what becomes its child. */
export function startWaiting(namespaces: Namespaces, user: number, options: Pick<TaskOptions, 'argv' | 'parent' | 'startedAt'>): Task {
  const identity = { uid: user, gid: user, groups: [user] }
  const task = new Task(namespaces, { ...options, ...identity, env: {}, cwd: '/', fds: new Map(), newSession: true })
  task.onSignal('CHLD', 'ignore')
  return task.run(() => task.block(() => () => undefined).then(() => 0))
}

/** PID 1 of a shared process namespace, which SIGTERM ends. */
export function startPause(host: ContainerHost, random: Random, pids: ProcessTable, net: NetworkNamespace, hostname: string): void {
  const { clock, breather, memory } = host
  const tree = new Tree(clock)
  const mounts = new MountTable({ path: '/', tree, root: tree.root, readOnly: true, fstype: 'overlay', source: 'overlay' })
  const namespaces = { clock, random, breather, memory, pids, mounts, cgroup: new Cgroup(clock), net, hostname }
  const task = startWaiting(namespaces, 65_535, { argv: ['/pause'] })
  task.onSignal('TERM', () => task.deliver('KILL', 'outside'))
}
