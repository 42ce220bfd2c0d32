/** One container: its namespaces and mounts, its main process, its output, and what else runs in it. */
import type { Writable } from 'node:stream'
import type { ExecOptions, ExitStatus, Session } from '../kubelet/endpoint.js'
import type { CgroupLimits } from './cgroup.js'
import { ContainerInside, type ContainerHost, type ImageLayer } from './container-inside.js'
import type { ContainerLog } from './container-log.js'
import type { ContainerConfig, ContainerInfo, ContainerStats } from './cri.js'
import type { Signal } from './process.js'
import { lookupUser, type Identity } from './identity.js'
import { isAside, knownStart, rememberStart, startKey, type KnownStart } from './known-starts.js'
import type { FileDescription } from './open-file.js'
import type { ProcessTable } from './process-table.js'
import { nullDevice } from './devices.js'
import { makePipe, type PipeWriter } from './pipe.js'
import { argumentsFit, type Resolved } from './program-file.js'
import { Pty, TerminalFile } from './pty.js'
import { cannotBeRefused } from './root-file-system.js'
import type { Sandbox } from './sandbox.js'
import { pipeInput, terminalInput, whenInputAnswered } from './streams.js'
import { BASE_MEMORY, Task } from './task.js'
import { terminationMessage } from './termination-message.js'
import { exitCode, type ExitReason } from './exit-reason.js'
import { FileCalls } from './fs-calls.js'
import { failedSession, fileCalls, pipeStreams, terminalStreams } from './container-streams.js'
import { commandLine, containerEnvironment, resolveCommand, workingDirectory } from './container-command.js'

export class Container {
  private state: ContainerInfo['state'] = 'created'
  private readonly createdAt: number
  private startedAt: number | undefined
  private finishedAt: number | undefined
  private exit: { code: number; reason: string; message?: string } | undefined
  private made: ContainerInside | undefined
  private main: Task | undefined
  /** What its main process is, as long as that has done nothing and is not there: see `Program.idle`. */
  private parked: KnownStart | undefined
  private user: ContainerInfo['user']
  private pty: Pty | undefined
  private stdin: PipeWriter | undefined
  private outOfMemory = false
  private exitListeners: (() => void)[] | undefined

  /** Throws for mounts that cannot be made. */
  constructor(
    readonly id: string,
    readonly sandboxId: string,
    readonly config: ContainerConfig,
    private readonly host: ContainerHost,
    private readonly sandbox: Sandbox,
    private readonly from: ImageLayer,
  ) {
    this.createdAt = host.clock.now()
    if (config.processesOf !== undefined) this.made = this.inside
    if (!cannotBeRefused(config, from.layer)) this.inside.mounts.build()
  }

  private get inside(): ContainerInside {
    if (!this.made) {
      this.made = new ContainerInside(this.host, this.sandbox, this.from, this.config, this.createdAt, this.target()?.processes)
      this.made.cgroup.onOutOfMemory = () => this.killForMemory()
    }
    return this.made
  }

  /** The running container whose processes this one shares. */
  private target(): Container | undefined {
    const { processesOf } = this.config
    return processesOf === undefined ? undefined : this.sandbox.containers.find((c) => c.config.name === processesOf && c.running)
  }

  /** Its process table, with its own processes in it, for who looks into this container. */
  get processes(): ProcessTable {
    this.wake()
    return this.inside.pids
  }

  get log(): ContainerLog {
    return this.inside.log
  }

  /** Whether a process is one of its own. */
  has(task: Task): boolean {
    return this.made?.namespaces === task.namespaces
  }

  get running(): boolean {
    return this.state === 'running'
  }

  info(): ContainerInfo {
    return {
      id: this.id,
      sandboxId: this.sandboxId,
      name: this.config.name,
      state: this.state,
      createdAt: this.createdAt,
      ...(this.from.placeholder ? { placeholder: true } : {}),
      ...(this.startedAt !== undefined ? { startedAt: this.startedAt } : {}),
      ...(this.finishedAt !== undefined ? { finishedAt: this.finishedAt } : {}),
      ...(this.user ? { user: this.user } : {}),
      ...(this.exit ? { exitCode: this.exit.code, reason: this.exit.reason } : {}),
      ...(this.exit?.message !== undefined ? { message: this.exit.message } : {}),
    }
  }

  /** Millicores and bytes; what is left out has no limit. */
  setLimits(limits: CgroupLimits): void {
    this.wake()
    this.inside.cgroup.setLimits(limits)
  }

  stats(): ContainerStats {
    if (this.parked)
      return { cpuNanos: 0, memoryBytes: (this.from.image.baseMemory ?? 0) + BASE_MEMORY, diskBytes: 0, logBytes: 0, processes: 1 }
    const { cgroup, mounts, log, pids, namespaces } = this.inside
    return {
      cpuNanos: cgroup.cpuNanos(),
      memoryBytes: this.running ? cgroup.memory : 0,
      diskBytes: (mounts.isMade ? mounts.root.tree.usage : 0) + log.size,
      logBytes: log.size,
      processes: this.running ? pids.countIn(namespaces) : 0,
    }
  }

  /** Its processes, also in a table shared by the pod. */
  private tasks(): Task[] {
    const { pids, namespaces } = this.inside
    return pids.list().filter((t) => t.namespaces === namespaces)
  }

  // Starting.

  /** Starts the main process. Throws an Error in the runtime's words; then the container has exited with 128. */
  start(): void {
    if (this.state !== 'created') throw new Error(`container ${this.id} is already ${this.state}`)
    const { config, host, from } = this
    let start: KnownStart
    const argv = commandLine(config, from.image, from.placeholder)
    try {
      if (argv.length === 0) throw new Error('failed to create containerd task: no command specified')
      start = this.lookUpStart(argv, this.environment()['PATH'])
    } catch (error) {
      this.failStart(error as Error)
      throw error
    }
    this.user = start.user
    this.startedAt = host.clock.now()
    if (start.found.program.idle && this.mayPark()) this.parked = start
    else this.runMain(start).run(start.found.program)
    this.state = 'running'
    host.changed(this.info())
  }

  /** Whether nobody could tell that a process which only waits is not there. */
  private mayPark(): boolean {
    const { tty, stdin, memoryLimit } = this.config
    const alone = this.config.processesOf === undefined && !this.sandbox.pids
    return !tty && !stdin && memoryLimit === undefined && alone && !this.sandbox.limitsMemory
  }

  /** Makes the main process of a container whose program has only waited, as if it had been there since the start. */
  wake(): void {
    const start = this.parked
    if (!start) return
    this.parked = undefined
    this.runMain(start).resume(start.found.program)
  }

  private runMain({ identity, found }: KnownStart): Task {
    const env = (): Record<string, string> => {
      const variables = this.environment()
      variables['HOME'] ??= identity.home
      return variables
    }
    const { namespaces, cgroup } = this.inside
    const fds = this.openStreams()
    cgroup.join()
    const { startedAt, workingDir: cwd } = this
    const task = new Task(namespaces, { argv: found.argv, env, cwd, ...identity, fds, newSession: true, startedAt })
    if (this.pty) task.takeTerminal(this.pty)
    this.main = task
    task.onExit((reason) => void this.finished(reason))
    return task
  }

  private get workingDir(): string {
    return workingDirectory(this.config, this.from.image)
  }

  private environment(): Record<string, string> {
    return containerEnvironment(this.config, this.from.image, this.sandbox.config.hostname)
  }

  private calls(uid: number, gid: number): FileCalls {
    return fileCalls(this.inside.mounts, uid, gid)
  }

  /** Who the main process is, whose home goes into its environment, and what it runs. */
  private lookUpStart(argv: readonly string[], path: string | undefined): KnownStart {
    const { config, from, workingDir } = this
    const untouched = !this.made?.mounts.isMade && isAside(config.mounts, argv, path, workingDir)
    const key = startKey(config, argv, path, workingDir)
    const known = untouched && argumentsFit(argv) ? knownStart(from.layer, key, argv) : undefined
    if (known) return known
    const calls = this.calls(0, 0)
    const identity = lookupUser(calls, config, from.image.user)
    const hasDirectory = calls.exists(workingDir)
    if (!hasDirectory) calls.mkdir(workingDir, { recursive: true, mode: 0o755 })
    const { uid, gid, groups } = identity
    const found = resolveCommand(this.inside.mounts, argv, path, identity, workingDir)
    const start = { identity, user: { uid, gid, groups }, found, given: argv.length - 1 }
    if (untouched && hasDirectory) rememberStart(from.layer, key, start)
    return start
  }

  private failStart(error: Error): void {
    this.state = 'exited'
    this.startedAt = undefined
    this.finishedAt = this.host.clock.now()
    this.exit = { code: 128, reason: 'StartError', message: error.message }
    this.log.end()
    this.tellExited()
    this.host.changed(this.info())
  }

  private openStreams(): Map<number, FileDescription> {
    const { config } = this
    const { output, pids } = this.inside
    if (config.tty) {
      this.pty = new Pty((group, signal) => pids.signalGroup(group, signal), 0)
      const file = new TerminalFile(this.pty)
      output.ofTerminal(this.pty)
      return new Map([0, 1, 2].map((n) => [n, file]))
    }
    const table = new Map<number, FileDescription>()
    if (config.stdin) {
      const { reader, writer } = makePipe()
      this.stdin = writer.retain()
      table.set(0, reader)
    } else table.set(0, nullDevice())
    for (const [n, stream] of [
      [1, 'stdout'],
      [2, 'stderr'],
    ] as const) {
      const { reader, writer } = makePipe()
      reader.retain()
      table.set(n, writer)
      output.ofPipe(reader.pipe, stream)
    }
    return table
  }

  // Ending.

  private async finished(reason: ExitReason): Promise<void> {
    const { output, log, cgroup, pids } = this.inside
    // With its first process a process namespace ends, and with it those who only look into it.
    const ending = this.main === pids.init ? pids.list() : this.tasks()
    for (const task of ending) if (!task.ended) task.deliver('KILL', 'outside')
    await output.ended()
    log.end()
    this.stdin?.release()
    this.stdin = undefined
    const code = exitCode(reason)
    cgroup.leave()
    this.state = 'exited'
    this.finishedAt = this.host.clock.now()
    // Where nobody has looked at a file nobody has written one.
    const files = this.inside.mounts.isMade ? this.calls(0, 0) : undefined
    const message = terminationMessage(this.config, code, files, log)
    this.exit = {
      code,
      reason: this.outOfMemory ? 'OOMKilled' : code === 0 ? 'Completed' : 'Error',
      ...(message ? { message } : {}),
    }
    this.tellExited()
    this.host.changed(this.info())
  }

  /** Above the memory limit all processes of the container are killed (cgroup v2, memory.oom.group). */
  private killForMemory(): void {
    if (this.outOfMemory) return
    this.outOfMemory = true
    for (const task of this.tasks().reverse()) task.deliver('KILL', 'outside')
  }

  /** The stop signal, then after `graceSeconds` SIGKILL. Resolves when it has exited. */
  async stop(graceSeconds: number): Promise<void> {
    if (this.state !== 'running') return
    this.wake()
    this.main!.deliver(this.from.image.stopSignal ?? 'TERM', 'outside')
    const abort = new AbortController()
    const timer = this.host.clock.sleep(graceSeconds * 1000, abort.signal).then(
      () => this.kill(),
      () => undefined,
    )
    await this.whenExited()
    abort.abort()
    await timer
  }

  kill(signal: Signal = 'KILL'): void {
    this.wake()
    this.main?.deliver(signal, 'outside')
  }

  /** Resolves when it has exited, at once when it never started. */
  whenExited(): Promise<void> {
    if (this.state !== 'running') return Promise.resolve()
    return new Promise((resolve) => (this.exitListeners ??= []).push(resolve))
  }

  private tellExited(): void {
    for (const listener of this.exitListeners ?? []) listener()
    this.exitListeners = undefined
  }

  // Exec and attach.

  /** Runs a command in the container. What cannot be started rejects the session's status. */
  exec(options: ExecOptions, execId: string): Session {
    if (!this.running) throw new Error(`container ${this.id} is not running`)
    this.wake()
    const { config } = this
    const { mounts, namespaces, pids } = this.inside
    const env = this.environment()
    if (options.tty) env['TERM'] = 'xterm'
    const refused = (why: string): Session =>
      failedSession(
        new Error(`failed to exec in container: failed to start exec "${execId}": OCI runtime exec failed: exec failed: ${why}: unknown`),
        options,
      )
    if (options.command.length === 0) return refused('args must not be empty')
    let found: Resolved
    let identity: Identity
    try {
      identity = lookupUser(this.calls(0, 0), config, this.from.image.user)
      env['HOME'] ??= identity.home
      found = resolveCommand(mounts, options.command, env['PATH'], identity, this.workingDir)
    } catch (error) {
      const text = (error as Error).message
        .replace(/^.*?unable to start container process: (error during container init: )?/, '')
        .replace(/: unknown$/, '')
      return refused(`unable to start container process: ${text}`)
    }
    const streams = options.tty ? terminalStreams(options, pids) : pipeStreams(options)
    const task = new Task(namespaces, {
      argv: found.argv,
      env,
      cwd: this.workingDir,
      ...identity,
      fds: streams.table,
      newSession: true,
    })
    if (streams.pty) task.takeTerminal(streams.pty)
    const status = new Promise<ExitStatus>((resolve) => {
      task.onExit((reason) => {
        // A terminal goes with its session; pipes stay open for what still holds them.
        streams.pty?.hangUp()
        resolve({ code: exitCode(reason) })
      })
    })
    task.run(found.program)
    const close = (): void => {
      streams.close()
      if (streams.pty) streams.pty.hangUp()
      else if (!task.ended) pids.signalGroup(task.processGroup, 'HUP')
    }
    return {
      stdin: streams.stdin,
      stdout: streams.stdout,
      stderr: streams.stderr,
      resize: (columns, rows) => streams.pty?.resize(columns, rows),
      status,
      close,
    }
  }

  /** Joins the main process' streams. */
  attach(options: Omit<ExecOptions, 'command'>): Session {
    if (!this.running) throw new Error(`container ${this.id} is not running`)
    this.wake()
    // Who is attached is told that it is over, not how: the kubelet reports success.
    const over = [this.whenExited()]
    const stdin = options.stdin ? this.attachedInput() : undefined
    const { pty } = this
    // As in containerd: the end of a client's input detaches it, and the process stays, unless it is the process' too.
    if (pty && stdin) over.push(whenInputAnswered(pty, stdin))
    else if (stdin && !this.config.stdinOnce) over.push(new Promise((detached) => stdin.once('finish', () => detached())))
    const ended = Promise.race(over).then(() => 0)
    return this.inside.attached.attach(options, ended, {
      tty: this.config.tty,
      stdin,
      resize: (columns, rows) => this.pty?.resize(columns, rows),
    })
  }

  private attachedInput(): Writable | undefined {
    if (this.pty) return terminalInput(this.pty)
    const writer = this.stdin
    if (!writer) return undefined
    return pipeInput(writer, () => {
      if (!this.config.stdinOnce || this.stdin !== writer) return
      this.stdin = undefined
      writer.release()
    })
  }
}
