/** A PID namespace: the processes of a container, or of a pod that shares them. */
import { systemError } from './errors.js'
import type { Signal } from './process.js'
import type { Task } from './task.js'

const MAX_PID = 32_768

export class ProcessTable {
  private readonly tasks = new Map<number, Task>()
  private lastPid = 0
  private nextTerminal = 0
  private dead = false

  /** @param limit how many processes there may be at once; a fork beyond it fails with EAGAIN */
  constructor(readonly limit = 1024) {}

  /** PID 1. */
  get init(): Task | undefined {
    return this.tasks.get(1)
  }

  get size(): number {
    return this.tasks.size
  }

  /** How many processes of a container there are; containers may share the table. */
  countIn(namespaces: Task['namespaces']): number {
    let count = 0
    for (const task of this.tasks.values()) if (task.namespaces === namespaces) count++
    return count
  }

  get(pid: number): Task | undefined {
    return this.tasks.get(pid)
  }

  /** All processes in the order of their pids, zombies included. */
  list(): Task[] {
    return [...this.tasks.values()].sort((a, b) => a.pid - b.pid)
  }

  /** The pid that a process without a parent in this table has for its parent: 0, which is outside. */
  parentOf(_task: Task): number {
    return 0
  }

  group(id: number): Task[] {
    return this.list().filter((t) => t.processGroup === id && !t.ended)
  }

  /** A pid that no process and no process group uses. Throws EAGAIN at the limit, ENOMEM when PID 1 is gone. */
  allocate(): number {
    if (this.dead) throw systemError('ENOMEM')
    if (this.tasks.size >= this.limit) throw systemError('EAGAIN')
    const groups = this.lastPid >= MAX_PID ? new Set(this.list().map((t) => t.processGroup)) : undefined
    do {
      this.lastPid = this.lastPid >= MAX_PID ? 2 : this.lastPid + 1
    } while (this.isTaken(this.lastPid) || groups?.has(this.lastPid))
    return this.lastPid
  }

  protected isTaken(pid: number): boolean {
    return this.tasks.has(pid)
  }

  add(task: Task): void {
    this.tasks.set(task.pid, task)
  }

  remove(task: Task): void {
    if (this.tasks.get(task.pid) === task) this.tasks.delete(task.pid)
  }

  /** The number of the next /dev/pts entry. */
  terminalIndex(): number {
    return this.nextTerminal++
  }

  signalGroup(id: number, signal: Signal): void {
    for (const task of this.group(id)) task.deliver(signal, 'inside')
  }

  /** PID 1 has ended: the kernel kills everything else in its namespace. */
  collapse(): void {
    this.dead = true
    for (const task of this.list()) if (!task.ended) task.deliver('KILL', 'outside')
    this.tasks.clear()
  }
}
