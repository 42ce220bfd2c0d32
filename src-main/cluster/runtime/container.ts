/** One container: its namespaces and mounts, its main process, its output, and what else runs in it. */
import type { Writable } from 'node:stream'
import type { Clock } from '../clock.js'
import type { ExecOptions, ExitStatus, Session } from '../kubelet/endpoint.js'
import type { Random } from '../random.js'
import { Cgroup, type CgroupLimits } from './cgroup.js'
import { ContainerLog } from './container-log.js'
import { ContainerOutput } from './container-output.js'
import type { ContainerConfig, ContainerInfo, ContainerStats, PodSandboxConfig } from './cri.js'
import type { Signal } from './process.js'
import type { Image } from './images/image.js'
import { lookupUser, type Identity } from './identity.js'
import { knownStart, rememberStart, startKey, type KnownStart } from './known-starts.js'
import type { MountTable } from './mounts.js'
import type { NetworkNamespace } from '../network/network.js'
import type { FileDescription } from './open-file.js'
import { nullDevice } from './devices.js'
import { makePipe, type PipeWriter } from './pipe.js'
import type { ProcessTable } from './process-table.js'
import type { Resolved } from './program-file.js'
import { Pty, TerminalFile } from './pty.js'
import { containerMounts } from './root-file-system.js'
import { containerSecurity } from './security.js'
import { pipeInput, terminalInput } from './streams.js'
import { Task } from './task.js'
import { type Namespaces } from './namespaces.js'
import { exitCode, type ExitReason } from './exit-reason.js'
import type { DirectoryNode } from './tree.js'
import { FileCalls } from './fs-calls.js'
import type { MachineInfo } from './proc.js'
import type { Breather } from './waiting.js'
import { failedSession, fileCalls, pipeStreams, terminalStreams } from './container-streams.js'
import { AttachedClients } from './attached-clients.js'
import { commandLine, containerEnvironment, resolveCommand, workingDirectory } from './container-command.js'

/** What a container is made in. */
export interface ContainerParts {
  clock: Clock
  random: Random
  breather: Breather
  machine: MachineInfo
  sandbox: PodSandboxConfig
  network: NetworkNamespace
  /** The first user of the pod's own user namespace, where it has one. */
  firstUser?: number
  image: Image
  layer: DirectoryNode
  placeholder: boolean
  /** The process table to use: the container's own, or the pod's. */
  pids: ProcessTable
  /** What the whole pod may use. */
  podCgroup: Cgroup
  /** Bytes that the container may write to its own layer. */
  layerLimit: number
  logLimit?: number
  changed: (info: ContainerInfo) => void
}

/** The longest termination message, and what FallbackToLogsOnError takes of the log, by Kubernetes' documentation. */
const MESSAGE_LIMIT = 4096
const FALLBACK_BYTES = 2048
const FALLBACK_LINES = 80

export class Container {
  private state: ContainerInfo['state'] = 'created'
  private readonly createdAt: number
  private startedAt: number | undefined
  private finishedAt: number | undefined
  private exit: { code: number; reason: string; message?: string } | undefined
  readonly log: ContainerLog
  private readonly cgroup: Cgroup
  private readonly namespaces: Namespaces
  private readonly mounts: MountTable
  private main: Task | undefined
  private user: ContainerInfo['user']
  private pty: Pty | undefined
  private stdin: PipeWriter | undefined
  private outOfMemory = false
  private readonly attached = new AttachedClients()
  private readonly output: ContainerOutput
  private exitListeners: (() => void)[] | undefined

  constructor(
    readonly id: string,
    readonly sandboxId: string,
    readonly config: ContainerConfig,
    private readonly parts: ContainerParts,
  ) {
    const { clock } = parts
    this.createdAt = clock.now()
    this.log = new ContainerLog(clock, parts.logLimit)
    this.output = new ContainerOutput(this.log, this.attached)
    const { cpuLimit, memoryLimit } = config
    this.cgroup = new Cgroup(clock, { cpuLimit, memoryLimit, baseMemory: parts.image.baseMemory }, parts.podCgroup)
    this.cgroup.onOutOfMemory = () => this.killForMemory()
    this.mounts = containerMounts({ ...parts, config, namespaces: () => this.namespaces })
    this.namespaces = {
      clock,
      random: parts.random,
      breather: parts.breather,
      pids: parts.pids,
      mounts: this.mounts,
      cgroup: this.cgroup,
      net: parts.network,
      hostname: parts.sandbox.hostname,
      sysctls: parts.sandbox.sysctls,
      security: containerSecurity(config, parts.firstUser),
    }
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
      ...(this.startedAt !== undefined ? { startedAt: this.startedAt } : {}),
      ...(this.finishedAt !== undefined ? { finishedAt: this.finishedAt } : {}),
      ...(this.user ? { user: this.user } : {}),
      ...(this.exit ? { exitCode: this.exit.code, reason: this.exit.reason } : {}),
      ...(this.exit?.message !== undefined ? { message: this.exit.message } : {}),
    }
  }

  /** Millicores and bytes; what is left out has no limit. */
  setLimits(limits: CgroupLimits): void {
    this.cgroup.setLimits(limits)
  }

  stats(): ContainerStats {
    return {
      cpuNanos: this.cgroup.cpuNanos(),
      memoryBytes: this.running ? this.cgroup.memory : 0,
      diskBytes: (this.mounts.isMade ? this.mounts.root.tree.usage : 0) + this.log.size,
      processes: this.running ? this.parts.pids.countIn(this.namespaces) : 0,
    }
  }

  /** Its processes, also in a table shared by the pod. */
  private tasks(): Task[] {
    return this.parts.pids.list().filter((t) => t.namespaces === this.namespaces)
  }

  // Starting.

  /** Starts the main process. Throws an Error in the runtime's words; then the container has exited with 128. */
  start(): void {
    if (this.state !== 'created') throw new Error(`container ${this.id} is already ${this.state}`)
    const { config, parts } = this
    let start: KnownStart
    const argv = commandLine(config, parts.image, parts.placeholder)
    const env = this.environment()
    try {
      if (argv.length === 0) throw new Error('failed to create containerd task: no command specified')
      start = this.lookUpStart(argv, env)
    } catch (error) {
      this.failStart(error as Error)
      throw error
    }
    const { identity, found } = start
    const { uid, gid, groups } = identity
    this.user = { uid, gid, groups }
    const fds = this.openStreams()
    const task = new Task(this.namespaces, { argv: found.argv, env, cwd: this.workingDir, ...identity, fds, newSession: true })
    if (this.pty) task.takeTerminal(this.pty)
    this.main = task
    this.state = 'running'
    this.cgroup.join()
    this.startedAt = parts.clock.now()
    task.onExit((reason) => void this.finished(reason))
    task.run(found.program)
    parts.changed(this.info())
  }

  private get workingDir(): string {
    return workingDirectory(this.config, this.parts.image)
  }

  private environment(): Record<string, string> {
    return containerEnvironment(this.config, this.parts.image, this.parts.sandbox.hostname)
  }

  private calls(uid: number, gid: number): FileCalls {
    return fileCalls(this.mounts, uid, gid)
  }

  /** Who the main process is, whose home goes into its environment, and what it runs. */
  private lookUpStart(argv: readonly string[], env: Record<string, string>): KnownStart {
    const { config, mounts, parts, workingDir } = this
    const untouched = !mounts.isMade
    const key = startKey(config, argv, env['PATH'], workingDir)
    const known = untouched ? knownStart(parts.layer, key) : undefined
    const calls = this.calls(0, 0)
    const identity = known?.identity ?? lookupUser(calls, config, parts.image.user)
    if (env['HOME'] === undefined) env['HOME'] = identity.home
    if (known) return known
    const hasDirectory = calls.exists(workingDir)
    if (!hasDirectory) calls.mkdir(workingDir, { recursive: true, mode: 0o755 })
    const start = { identity, found: resolveCommand(mounts, argv, env['PATH'], identity, workingDir) }
    if (untouched && hasDirectory) rememberStart(parts.layer, key, start)
    return start
  }

  private failStart(error: Error): void {
    this.state = 'exited'
    this.startedAt = undefined
    this.finishedAt = this.parts.clock.now()
    this.exit = { code: 128, reason: 'StartError', message: error.message }
    this.log.end()
    this.tellExited()
    this.parts.changed(this.info())
  }

  private openStreams(): Map<number, FileDescription> {
    const { config } = this
    if (config.tty) {
      this.pty = new Pty((group, signal) => this.parts.pids.signalGroup(group, signal), 0)
      const file = new TerminalFile(this.pty)
      this.output.ofTerminal(this.pty)
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
      this.output.ofPipe(reader.pipe, stream)
    }
    return table
  }

  // Ending.

  private async finished(reason: ExitReason): Promise<void> {
    for (const task of this.tasks()) if (!task.ended) task.deliver('KILL', 'outside')
    await this.output.ended()
    this.log.end()
    this.stdin?.release()
    this.stdin = undefined
    const code = exitCode(reason)
    this.cgroup.leave()
    this.state = 'exited'
    this.finishedAt = this.parts.clock.now()
    const message = this.terminationMessage(code)
    this.exit = {
      code,
      reason: this.outOfMemory ? 'OOMKilled' : code === 0 ? 'Completed' : 'Error',
      ...(message ? { message } : {}),
    }
    this.tellExited()
    this.parts.changed(this.info())
  }

  private terminationMessage(code: number): string {
    const { terminationMessagePath: path, terminationMessagePolicy: policy } = this.config
    let text = ''
    // Where nobody has looked at a file nobody has written one.
    if (path && this.mounts.isMade) {
      const calls = this.calls(0, 0)
      if (calls.exists(path)) text = Buffer.from(calls.readFile(path)).subarray(0, MESSAGE_LIMIT).toString('utf8')
    }
    if (text === '' && code !== 0 && policy === 'FallbackToLogsOnError') text = this.log.tail(FALLBACK_BYTES, FALLBACK_LINES)
    return text
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
    this.main!.deliver(this.parts.image.stopSignal ?? 'TERM', 'outside')
    const abort = new AbortController()
    const timer = this.parts.clock.sleep(graceSeconds * 1000, abort.signal).then(
      () => this.kill(),
      () => undefined,
    )
    await this.whenExited()
    abort.abort()
    await timer
  }

  kill(signal: Signal = 'KILL'): void {
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
    const { config, parts } = this
    const env = this.environment()
    if (options.tty) env['TERM'] = 'xterm'
    let found: Resolved
    let identity: Identity
    try {
      identity = lookupUser(this.calls(0, 0), config, parts.image.user)
      if (env['HOME'] === undefined) env['HOME'] = identity.home
      found = resolveCommand(this.mounts, options.command, env['PATH'], identity, this.workingDir)
    } catch (error) {
      const text = (error as Error).message
        .replace(/^.*?unable to start container process: (error during container init: )?/, '')
        .replace(/: unknown$/, '')
      return failedSession(
        new Error(
          `failed to exec in container: failed to start exec "${execId}": OCI runtime exec failed: exec failed: unable to start container process: ${text}: unknown`,
        ),
        options,
      )
    }
    const streams = options.tty ? terminalStreams(options, parts.pids) : pipeStreams(options)
    const task = new Task(this.namespaces, {
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
      else if (!task.ended) parts.pids.signalGroup(task.processGroup, 'HUP')
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
    const exited = this.whenExited().then(() => this.exit?.code ?? 0)
    return this.attached.attach(options, exited, {
      tty: this.config.tty,
      stdin: options.stdin ? this.attachedInput() : undefined,
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
