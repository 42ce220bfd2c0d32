/**
 * One simulated process as the kernel keeps it: identity, descriptors, signals, children, accounting. It is what
 * programs see as {@link Process}; the shell and a few system programs use the wider interface.
 */
import type { NetworkNamespace } from '../network/network.js'
import type { Random } from '../random.js'
import { errorText, systemError } from './errors.js'
import { FileCalls, type FileCaller } from './fs-calls.js'
import { descriptionOf, type FileDescription } from './open-file.js'
import { Killed, SystemError, type ChildProcess, type Process, type Program, type Signal, type SpawnOptions } from './process.js'
import { resolveProgram } from './program-file.js'
import { TerminalFile, type Pty } from './pty.js'
import { defaultAction } from './signals.js'
import { WaitQueue } from './waiting.js'
import { type ExitReason, exitCode } from './exit-reason.js'
import type { Namespaces } from './namespaces.js'
import { DescriptorTable } from './descriptor-table.js'
type Disposition = (() => void) | 'ignore' | 'default'

/** What a new process starts with. */
export interface TaskOptions {
  argv: readonly string[]
  /** Copied; one that is made when somebody looks at it is given as a function. */
  env: Readonly<Record<string, string>> | (() => Readonly<Record<string, string>>)
  cwd: string
  uid: number
  gid: number
  groups: readonly number[]
  fds: ReadonlyMap<number, FileDescription>
  umask?: number
  parent?: Task
  /** 0 for a group of its own; the parent's when left out. */
  processGroup?: number
  newSession?: boolean
  ignoredSignals?: readonly Signal[]
  /** Since when it has been there, ms since the epoch; now when left out. */
  startedAt?: number | undefined
}

/** What a process may take at most: the second is what the first may be raised to. */
export interface Limit {
  soft: number
  hard: number
}

export interface ForkOptions {
  /** 0 for a group of its own; the parent's when left out. */
  processGroup?: number
  /** Descriptors that the child has instead of its parent's; undefined for a closed one. */
  fds?: ReadonlyMap<number, FileDescription | undefined>
}
/** Resident bytes of a process that does not say otherwise. */
export const BASE_MEMORY = 409_600

/** A copy in which no name is there but those of the variables. */
const ownEnvironment = (given: Readonly<Record<string, string>>) => ({
  own: Object.assign(Object.create(null) as Record<string, string>, given),
})

/** Of nearly all processes, and kept once. */
const IN_ITS_OWN = Object.freeze({})

export class Task extends DescriptorTable implements Process, FileCaller {
  readonly pid: number
  argv: readonly string[]
  cwd: string
  uid: number
  gid: number
  groups: readonly number[]
  umask: number
  /** What was set of its limits, by bash's letter of `ulimit`. */
  readonly limits: Map<string, Limit>
  /** How much it lets others go first: -20 to 19. */
  niceness: number
  processGroup: number
  sessionId: number
  /** The controlling terminal of its session. */
  terminal: Pty | undefined
  readonly startedAt: number
  readonly fs: FileCalls
  /** Woken when a child ends, stops or continues, and when a signal handler has run. */
  readonly events = new WaitQueue()
  /** What most main processes of a large cluster never look at is copied when somebody does. */
  private environment: { readonly given: () => Readonly<Record<string, string>> } | { readonly own: Record<string, string> }
  private parentTask: Task | undefined
  /** The namespaces of other containers, or of the machine, that it has entered. */
  private entered: { readonly net?: NetworkNamespace; readonly uts?: Namespaces }
  private children: Set<Task> | undefined
  private readonly dispositions = new Map<Signal, Disposition>()
  private readonly exitListeners: ((reason: ExitReason) => void)[] = []
  private pendingHandlers: (() => void)[] = []

  /** Made by {@link start} and {@link fork}; takes a pid at once. Throws EAGAIN when there are too many processes. */
  constructor(namespaces: Namespaces, options: TaskOptions) {
    super(namespaces)
    this.pid = namespaces.pids.allocate()
    this.argv = options.argv
    const { env } = options
    this.environment = typeof env === 'function' ? { given: env } : ownEnvironment(env)
    this.cwd = options.cwd
    this.uid = options.uid
    this.gid = options.gid
    this.groups = options.groups
    this.umask = options.umask ?? 0o022
    this.startedAt = options.startedAt ?? namespaces.clock.now()
    this.parentTask = options.parent
    const { parent } = options
    this.processGroup = parent && options.processGroup === undefined ? parent.processGroup : options.processGroup || this.pid
    this.sessionId = parent?.sessionId ?? this.pid
    this.niceness = parent?.niceness ?? 0
    this.entered = parent?.entered ?? IN_ITS_OWN
    this.limits = new Map(parent?.limits)
    this.terminal = parent?.terminal
    if (options.newSession) {
      this.processGroup = this.sessionId = this.pid
      this.terminal = undefined
    }
    for (const [n, description] of options.fds) this.setDescriptor(n, description)
    for (const signal of options.ignoredSignals ?? []) this.dispositions.set(signal, 'ignore')
    this.fs = new FileCalls(options.parent?.fs.table ?? namespaces.mounts, this)
    namespaces.pids.add(this)
    if (parent) this.inherit(parent)
    parent?.addChild(this)
    this.setMemory(BASE_MEMORY)
  }

  /** Its environment variables, which it may change. */
  get env(): Record<string, string> {
    if ('given' in this.environment) this.environment = ownEnvironment(this.environment.given())
    return this.environment.own
  }

  get ppid(): number {
    return this.parentTask?.pid ?? this.namespaces.pids.parentOf(this)
  }
  get parent(): Task | undefined {
    return this.parentTask
  }
  get hostname(): string {
    return this.entered.uts?.hostname ?? this.namespaces.hostname
  }
  get random(): Random {
    return this.namespaces.random
  }
  get net(): NetworkNamespace {
    return this.entered.net ?? this.namespaces.net
  }

  /**
   * setns(2): has a namespace of another process from now on, here and in processes started from here. It stays a process
   * of its container, whose limits count for it and whose end is its own.
   */
  enter(kind: 'mnt' | 'net' | 'uts', of: Task): void {
    if (kind === 'net') this.entered = { ...this.entered, net: of.net }
    else if (kind === 'uts') this.entered = { ...this.entered, uts: of.entered.uts ?? of.namespaces }
    else {
      this.fs.enterMounts(of.fs.table)
      this.cwd = '/'
    }
  }
  /** Runs a program in this process, once the starter has finished what it is doing; its result, or what it throws, ends the process. */
  run(program: Program<Task>): this {
    void this.execute(program, Promise.resolve())
    return this
  }

  /** Runs a program that has been running for long: what it does first is done when this is back. */
  resume(program: Program<Task>): void {
    void this.execute(program)
  }

  private async execute(program: Program<Task>, first?: Promise<void>): Promise<void> {
    try {
      if (first) await first
      this.check()
      this.finish({ code: (await program(this)) & 255 })
    } catch (error) {
      if (this.ended) return
      if (error instanceof Killed) this.finish({ signal: error.signal })
      else await this.crash(error)
    }
  }

  /** A program let an error through: it says so, as a program that gives up does, and exits with 1. */
  private async crash(error: unknown): Promise<void> {
    const name = (this.argv[0] ?? '').split('/').at(-1)
    try {
      await this.writeError(`${name}: ${errorText(error)}\n`)
    } catch (e) {
      if (this.ended) return
      void e // standard error is gone, too: there is nobody to tell
    }
    this.finish({ code: 1 })
  }

  controllingTerminal(): FileDescription | undefined {
    return this.terminal && !this.terminal.closed ? new TerminalFile(this.terminal) : undefined
  }

  // Signals.

  onSignal(signal: Signal, handler: Disposition): void {
    if (signal === 'KILL' || signal === 'STOP') throw systemError('EINVAL')
    if (handler === 'default') this.dispositions.delete(signal)
    else this.dispositions.set(signal, handler)
    if (signal === 'CHLD' && handler === 'ignore') for (const child of this.childList()) if (child.ended) this.reap(child)
  }

  disposition(signal: Signal): Disposition {
    return this.dispositions.get(signal) ?? 'default'
  }

  ignoredSignals(): Signal[] {
    return [...this.dispositions].filter(([, d]) => d === 'ignore').map(([s]) => s)
  }

  /**
   * A signal arrives. PID 1 only gets from its own namespace what it has a handler for (pid_namespaces(7)); from outside
   * KILL and STOP always work, others need a handler there, too.
   */
  deliver(signal: Signal, from: 'inside' | 'outside'): void {
    if (this.ended) return
    const isInit = this.pid === 1
    if (signal === 'KILL') return isInit && from === 'inside' ? undefined : this.finish({ signal })
    if (signal === 'CONT' && this.stopped) {
      this.stopped = undefined
      const handlers = this.pendingHandlers
      this.pendingHandlers = []
      for (const handler of handlers) this.handle(handler)
      this.continued.wake()
      this.parentTask?.events.wake()
    }
    const disposition = signal === 'STOP' ? 'default' : this.disposition(signal)
    if (disposition === 'ignore') return
    if (disposition !== 'default') {
      if (this.stopped) this.pendingHandlers.push(disposition)
      else this.handle(disposition)
      return
    }
    const action = defaultAction(signal)
    if (isInit && !(signal === 'STOP' && from === 'outside')) return
    if (action === 'terminate') this.finish({ signal })
    else if (action === 'stop' && !this.stopped) {
      this.stopped = signal
      this.parentTask?.events.wake()
    }
  }

  private handle(handler: () => void): void {
    queueMicrotask(() => {
      if (this.ended) return
      handler()
      this.events.wake()
    })
  }

  brokenPipe(): void {
    this.deliver('PIPE', 'inside')
    this.check()
  }

  async stopForTerminal(signal: 'TTIN' | 'TTOU'): Promise<void> {
    if (this.disposition(signal) === 'ignore') throw systemError('EIO')
    this.namespaces.pids.signalGroup(this.processGroup, signal)
    await this.pauseWhileStopped()
    // A group that nobody can continue (no job control) fails the call instead of turning in circles.
    if (this.disposition(signal) !== 'default' || this.pid === 1) throw systemError('EIO')
  }

  alarm(ms: number, ring: () => void): () => void {
    const timer = this.namespaces.clock.after(ms, ring)
    return () => timer.cancel()
  }

  kill(pid: number, signal: Signal): void {
    this.check()
    this.signal(pid, signal)
  }

  /** kill(2): 0 for the own group, -1 for all, -n for group n. Without a signal only checks. Throws ESRCH, EPERM. */
  signal(pid: number, signal: Signal | undefined): void {
    const { pids } = this.namespaces
    const all = pids.list()
    let targets: Task[]
    if (pid > 0) targets = all.filter((t) => t.pid === pid)
    else if (pid === -1) targets = all.filter((t) => t.pid !== 1 && t !== this)
    else targets = all.filter((t) => t.processGroup === (pid === 0 ? this.processGroup : -pid))
    if (targets.length === 0) throw systemError('ESRCH')
    const allowed = targets.filter((t) => this.uid === 0 || t.uid === this.uid)
    if (allowed.length === 0) throw systemError('EPERM')
    if (signal) for (const t of allowed) t.deliver(signal, 'inside')
    this.check()
  }

  // Children.

  /** A child that runs a function of its own with copies of this process' descriptors: what a subshell is. */
  fork(run: (child: Task) => Promise<number> | number, options: ForkOptions = {}): Task {
    this.check()
    const child = new Task(this.namespaces, {
      argv: this.argv,
      env: this.env,
      cwd: this.cwd,
      uid: this.uid,
      gid: this.gid,
      groups: this.groups,
      umask: this.umask,
      fds: this.table,
      parent: this,
      processGroup: options.processGroup,
      ignoredSignals: this.ignoredSignals(),
    })
    for (const [n, description] of options.fds ?? []) child.setDescriptor(n, description)
    return child.run(run)
  }

  async spawn(options: SpawnOptions): Promise<ChildProcess> {
    const child = this.startChild(options)
    return { pid: child.pid, wait: () => this.waitFor(child).then(exitCode), kill: (signal) => child.deliver(signal, 'inside') }
  }

  /** A child with a program of its own (fork and execve at once). Throws when there is no such program. */
  startChild(options: SpawnOptions): Task {
    this.check()
    const env = options.env ?? this.env
    const cwd = options.cwd ?? this.cwd
    const found = resolveProgram(this, options.argv, { path: env['PATH'] })
    const fds = new Map<number, FileDescription>()
    for (const n of [0, 1, 2]) {
      const own = this.table.get(n)
      if (own) fds.set(n, own)
    }
    for (const [n, file] of options.fds ?? []) fds.set(n, descriptionOf(file))
    return new Task(this.namespaces, {
      argv: found.argv,
      env,
      cwd,
      uid: this.uid,
      gid: this.gid,
      groups: this.groups,
      umask: this.umask,
      fds,
      parent: this,
      processGroup: options.processGroup,
      newSession: options.newSession,
      ignoredSignals: this.ignoredSignals(),
    }).run(found.program)
  }

  /** Replaces the program of this process (execve): handlers are reset, and the process ends with the new program. */
  async exec(program: Program, argv: readonly string[], env: Readonly<Record<string, string>>): Promise<never> {
    this.argv = argv
    this.environment = ownEnvironment(env)
    for (const [signal, d] of this.dispositions) if (d !== 'ignore') this.dispositions.delete(signal)
    this.letGo()
    this.setMemory(BASE_MEMORY)
    return this.exit(await program(this))
  }

  /** Waits until `child` has ended, and reaps it. */
  async waitFor(child: Task): Promise<ExitReason> {
    while (!child.ended) await this.events.wait(this)
    this.reap(child)
    return child.reason!
  }

  /** Forgets a child that has ended. */
  reap(child: Task): void {
    if (this.children?.delete(child) && this.disposition('CHLD') !== 'ignore') {
      const { all, kernel } = child.cpu()
      const { childCpu } = child
      this.childCpu = { all: this.childCpu.all + all + childCpu.all, kernel: this.childCpu.kernel + kernel + childCpu.kernel }
    }
    this.namespaces.pids.remove(child)
  }

  childList(): Task[] {
    return [...(this.children ?? [])]
  }

  private addChild(child: Task): void {
    ;(this.children ??= new Set()).add(child)
  }

  exit(code: number): never {
    this.finish({ code: code & 255 })
    throw new Killed('KILL')
  }

  /** Told once when the process ends. */
  onExit(listener: (reason: ExitReason) => void): void {
    if (this.reason) listener(this.reason)
    else this.exitListeners.push(listener)
  }

  /** setsid(2): leads a session and a group of its own, without a terminal. */
  newSession(): void {
    this.sessionId = this.processGroup = this.pid
    this.terminal = undefined
  }

  /** Makes a terminal the controlling one of this session leader. */
  takeTerminal(pty: Pty): void {
    this.terminal = pty
    pty.session = this.sessionId
    pty.foreground = this.processGroup
  }

  private finish(reason: ExitReason): void {
    if (this.reason) return
    this.reason = reason
    this.stopped = undefined
    const { pids, cgroup } = this.namespaces
    this.stopComputing()
    cgroup.addMemory(-this.memory)
    this.letGo()
    for (const n of this.descriptors()) this.setDescriptor(n, undefined)
    this.closeOpened()
    this.interrupt()
    const { terminal } = this
    if (terminal && this.sessionId === this.pid && terminal.session === this.pid) terminal.hangUp()
    this.leaveChildren()
    const { parentTask } = this
    if (!parentTask || parentTask.ended) pids.remove(this)
    else if (parentTask.disposition('CHLD') === 'ignore') parentTask.reap(this)
    if (parentTask && !parentTask.ended) {
      parentTask.deliver('CHLD', 'inside')
      parentTask.events.wake()
    }
    for (const listener of this.exitListeners) listener(reason)
    if (this.pid === 1) pids.collapse()
  }

  /** Orphans become children of PID 1, which has to reap them. */
  private leaveChildren(): void {
    const { init } = this.namespaces.pids
    for (const child of this.childList()) {
      if (init && init !== this && !init.ended) {
        child.parentTask = init
        init.addChild(child)
        if (child.ended && init.disposition('CHLD') === 'ignore') init.reap(child)
        else if (child.ended) init.events.wake()
      } else {
        child.parentTask = undefined
        if (child.ended) this.namespaces.pids.remove(child)
      }
    }
    this.children = undefined
  }
}

/** The kernel's view of a process. Throws for a Process that this kernel did not make. */
export function taskOf(process: Process): Task {
  if (process instanceof Task) return process
  throw new SystemError('EPERM', 'not a process of this machine')
}
