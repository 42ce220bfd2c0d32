/**
 * What a program sees: the system calls of the simulated machine. Programs (busybox applets, nginx, an image's
 * entrypoint) are async functions over this; the kernel implements it. A blocked call of a process that is killed
 * rejects with {@link Killed}, which a program lets pass: that is how its code unwinds.
 */
import type { Clock } from '../clock.js'
import type { Random } from '../random.js'
import type { NetworkNamespace } from '../network/network.js'
import type { FileSystem } from './fs.js'

/** The signals of Linux on x86, without the real-time ones (signal(7)). */
export const signalNumbers = {
  HUP: 1,
  INT: 2,
  QUIT: 3,
  ILL: 4,
  TRAP: 5,
  ABRT: 6,
  BUS: 7,
  FPE: 8,
  KILL: 9,
  USR1: 10,
  SEGV: 11,
  USR2: 12,
  PIPE: 13,
  ALRM: 14,
  TERM: 15,
  STKFLT: 16,
  CHLD: 17,
  CONT: 18,
  STOP: 19,
  TSTP: 20,
  TTIN: 21,
  TTOU: 22,
  URG: 23,
  XCPU: 24,
  XFSZ: 25,
  VTALRM: 26,
  PROF: 27,
  WINCH: 28,
  IO: 29,
  PWR: 30,
  SYS: 31,
} as const

export type Signal = keyof typeof signalNumbers

/** The process is being killed; programs do not catch it. */
export class Killed extends Error {
  constructor(readonly signal: Signal) {
    super(`killed by SIG${signal}`)
    this.name = 'Killed'
  }
}

/** A failed system call, with its POSIX code (`ENOENT`) and the C library's text (`No such file or directory`). */
export class SystemError extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message)
    this.name = 'SystemError'
  }
}

/** An open file, pipe end, terminal or socket. Shared by the processes that inherited it. */
export interface OpenFile {
  readonly kind: 'file' | 'directory' | 'pipe' | 'tty' | 'null' | 'socket' | 'device'
  /** Up to `max` bytes; an empty array at end of file. Waits while there is nothing. */
  read(max: number): Promise<Uint8Array>
  /** Resolves when all bytes are taken; a full pipe waits. Rejects with EPIPE (and SIGPIPE was sent) when nobody reads. */
  write(data: Uint8Array): Promise<void>
  /** Closes what `FileSystem.open` opened. Descriptors 0, 1, 2 close when the process ends. */
  close?(): void
}

export interface ChildProcess {
  readonly pid: number
  /** The exit code, 128+n when killed by signal n. Reaps it. */
  wait(): Promise<number>
  kill(signal: Signal): void
}

export interface SpawnOptions {
  argv: readonly string[]
  env?: Readonly<Record<string, string>>
  cwd?: string
  /** File descriptors of the child; 0, 1, 2 are inherited when left out. */
  fds?: ReadonlyMap<number, OpenFile>
  /** Puts the child in a process group: 0 for one of its own. */
  processGroup?: number
  /** Makes the child lead a session of its own (setsid). */
  newSession?: boolean
}

/** One process, as its program sees it. */
export interface Process {
  readonly pid: number
  readonly ppid: number
  readonly argv: readonly string[]
  readonly env: Record<string, string>
  cwd: string
  readonly uid: number
  readonly gid: number
  readonly hostname: string
  readonly clock: Clock
  readonly random: Random
  /** The container's file tree, with paths relative to `cwd` and permissions of this user. */
  readonly fs: FileSystem
  readonly net: NetworkNamespace
  /** Aborted when the process is killed; hand it to calls that wait outside the kernel. */
  readonly aborted: AbortSignal

  fd(n: number): OpenFile | undefined
  /** Shorthands for descriptors 0, 1 and 2. Writing takes text or bytes. */
  read(max?: number): Promise<Uint8Array>
  write(data: string | Uint8Array): Promise<void>
  writeError(data: string | Uint8Array): Promise<void>
  /** The next line of descriptor 0 without its newline; undefined at end of file. */
  readLine(): Promise<string | undefined>

  sleep(ms: number): Promise<void>
  /** A handler instead of the default action; 'ignore', or 'default' to take it back. KILL and STOP cannot be handled. */
  onSignal(signal: Signal, handler: (() => void) | 'ignore' | 'default'): void
  kill(pid: number, signal: Signal): void
  spawn(options: SpawnOptions): Promise<ChildProcess>
  /** Ends the process with a code: never returns. */
  exit(code: number): never
  /** Accounts for work: `cpuMs` of CPU time is taken (and waited for, throttled by the container's limit). */
  compute(cpuMs: number): Promise<void>
  /** Sets the resident memory this process accounts for, in bytes; above the container's limit it is OOM-killed. */
  setMemory(bytes: number): void
}

/** A program: resolves with its exit code. */
export interface Program<P = Process> {
  (process: P): Promise<number> | number
  /** It does nothing but wait for a signal: as the main program of a container it need not run before one comes. */
  readonly idle?: true
}
