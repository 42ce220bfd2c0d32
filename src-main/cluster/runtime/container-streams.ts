/** The streams of a process that is started in a container. */
import { Readable, type Writable } from 'node:stream'
import type { ExecOptions, ExitStatus, Session } from '../kubelet/endpoint.js'
import { nullDevice } from './devices.js'
import type { MountTable } from './mounts.js'
import type { FileDescription } from './open-file.js'
import { makePipe, type PipeReader, type PipeWriter } from './pipe.js'
import type { ProcessTable } from './process-table.js'
import { Pty, TerminalFile } from './pty.js'
import { pipeInput, pipeOutput, terminalInput, terminalOutput } from './streams.js'
import { FileCalls, type FileCaller } from './fs-calls.js'
import { outside } from './waiting.js'

export interface Streams {
  table: Map<number, FileDescription>
  pty?: Pty
  stdin?: Writable
  stdout?: Readable
  stderr?: Readable
  /** Lets go of what the client held. */
  close: () => void
}

export function pipeStreams(options: ExecOptions): Streams {
  const table = new Map<number, FileDescription>()
  let stdin: Writable | undefined
  if (options.stdin) {
    const { reader, writer } = makePipe()
    writer.retain()
    table.set(0, reader)
    stdin = pipeInput(writer, () => writer.release())
  } else table.set(0, nullDevice())
  const output = (n: number, wanted: boolean): Readable | undefined => {
    if (!wanted) {
      table.set(n, nullDevice())
      return undefined
    }
    const { reader, writer }: { reader: PipeReader; writer: PipeWriter } = makePipe()
    table.set(n, writer)
    return pipeOutput(reader.retain())
  }
  const stdout = output(1, options.stdout)
  const stderr = output(2, options.stderr)
  return {
    table,
    stdin,
    stdout,
    stderr,
    close: () => {
      stdin?.destroy()
      stdout?.destroy()
      stderr?.destroy()
    },
  }
}

export function failedSession(error: Error, options: ExecOptions): Session {
  const empty = (): Readable => Readable.from([])
  const status = Promise.reject<ExitStatus>(error)
  // Whoever looks at it gets it; nobody has to.
  status.catch(() => undefined)
  return {
    stdout: options.stdout ? empty() : undefined,
    stderr: options.stderr && !options.tty ? empty() : undefined,
    resize: () => undefined,
    status,
    close: () => undefined,
  }
}

/** What an executable text without `#!` line does when it is a container's command. */
export async function badFormat(process: { argv: readonly string[]; writeError(text: string): Promise<void> }): Promise<number> {
  await process.writeError(`exec ${process.argv[0]}: exec format error\n`)
  return 255
}

/** The runtime itself, acting as some user: it is no process, so that nothing stops it. */
class RuntimeCaller implements FileCaller {
  readonly groups: readonly number[] = []
  readonly umask = 0o022
  readonly pid = 1
  readonly processGroup = 0
  readonly sessionId = 0

  constructor(
    readonly uid: number,
    readonly gid: number,
    readonly cwd: string,
  ) {}

  check(): void {
    outside.check()
  }

  block(start: (wake: () => void) => () => void): Promise<void> {
    return outside.block(start)
  }

  brokenPipe(): void {}

  tick(): undefined {}

  stopForTerminal(): Promise<void> {
    return Promise.resolve()
  }

  description(): undefined {}

  descriptors(): number[] {
    return []
  }

  controllingTerminal(): undefined {}
}

/** File system calls of the runtime itself, as some user. */
export function fileCalls(mounts: MountTable, uid: number, gid: number, cwd = '/'): FileCalls {
  return new FileCalls(mounts, new RuntimeCaller(uid, gid, cwd))
}

/** A terminal of its own for a command. */
export function terminalStreams(options: ExecOptions, pids: ProcessTable): Streams {
  const pty = new Pty((group, signal) => pids.signalGroup(group, signal), pids.terminalIndex())
  const file = new TerminalFile(pty)
  return {
    table: new Map([0, 1, 2].map((n) => [n, file])),
    pty,
    stdin: options.stdin ? terminalInput(pty) : undefined,
    stdout: options.stdout ? terminalOutput(pty) : undefined,
    close: () => undefined,
  }
}
