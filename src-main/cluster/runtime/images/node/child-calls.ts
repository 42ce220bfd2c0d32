/** The calls behind `child_process`: programs of the container, followed or waited for. */
import { makePipe, type PipeWriter } from '../../pipe.js'
import type { ExitReason } from '../../exit-reason.js'
import { Handle } from '../../open-file.js'
import { signalNumbers, SystemError, type OpenFile, type Signal } from '../../process.js'
import type { Task } from '../../task.js'
import type { HostFunction, Value, WaitingFunction } from './engine.js'
import { failure, type Script } from './script.js'

/** What a script starts, as its side of `child_process` writes it down. */
interface Command {
  argv: string[]
  env: Record<string, string>
  cwd: string
  /** What 0, 1 and 2 are: a pipe of the script's, nothing, or a descriptor of its own. */
  stdio: readonly ('pipe' | 'ignore' | number)[]
  detached?: boolean
  /** ms, 0 for no limit. */
  timeout?: number
  killSignal?: string
  /** Bytes of each output. */
  maxBuffer?: number
}

/** What one child may hand over at once, whatever the script asks for. */
const MOST_OUTPUT = 64 * 1024 * 1024

export function signalOf(name: string): Signal {
  if (!Object.hasOwn(signalNumbers, name)) throw new SystemError('EINVAL', 'Invalid argument')
  return name as Signal
}

interface Child {
  task: Task
  input: PipeWriter | undefined
  outputs: readonly (Handle | undefined)[]
}

/** Starts it. Throws what keeps it from starting. */
function start(task: Task, { argv, env, cwd, stdio, detached }: Command): Child {
  const pipes = [0, 1, 2].map((n) => (stdio[n] === 'pipe' ? makePipe() : undefined))
  const fds = new Map<number, OpenFile>()
  for (const pipe of pipes) for (const end of pipe ? [pipe.reader, pipe.writer] : []) end.retain()
  const theirs = pipes.flatMap((pipe, n) => (pipe ? [n === 0 ? pipe.reader : pipe.writer] : []))
  for (const [n, pipe] of pipes.entries()) {
    const wanted = stdio[n]
    if (pipe) fds.set(n, new Handle(n === 0 ? pipe.reader : pipe.writer, task))
    else if (wanted === 'ignore') fds.set(n, new Handle(task.fs.openDescription('/dev/null', n === 0 ? 'r' : 'w'), task))
    else if (typeof wanted === 'number' && task.fd(wanted)) fds.set(n, task.fd(wanted)!)
  }
  try {
    const child = task.startChild({ argv, env, cwd, fds, newSession: detached })
    const outputs = pipes.map((pipe, n) => (pipe && n > 0 ? new Handle(pipe.reader, task) : undefined))
    return { task: child, input: pipes[0]?.writer, outputs }
  } catch (error) {
    pipes[0]?.writer.release()
    throw error
  } finally {
    for (const end of theirs) end.release()
  }
}

/** How it ended, as scripts are told. */
function ending(reason: ExitReason): { code: number | null; signal: string | null } {
  return 'signal' in reason ? { code: null, signal: `SIG${reason.signal}` } : { code: reason.code, signal: null }
}

export function childCalls({ loop, dispatch }: Script): Record<string, HostFunction> {
  const { task } = loop
  const children = new Map<number, Child>()
  const follow = async (id: number, child: Child): Promise<void> => {
    const drain = async (name: string, from: Handle | undefined): Promise<void> => {
      for (;;) {
        const data = (await from?.read(65_536)) ?? new Uint8Array()
        loop.post(() => dispatch(id, name, data.length === 0 ? null : data))
        if (data.length === 0) return
      }
    }
    const ended = async (): Promise<ExitReason> => {
      const reason = await task.waitFor(child.task)
      children.delete(id)
      loop.post(() => dispatch(id, 'exit', ending(reason)))
      return reason
    }
    const [reason] = await Promise.all([ended(), drain('stdout', child.outputs[1]), drain('stderr', child.outputs[2])])
    loop.post(() => dispatch(id, 'close', ending(reason)))
  }
  return {
    spawn: (id: number, json: string) => {
      const child = start(task, JSON.parse(json) as Command)
      children.set(id, child)
      loop.follow(follow(id, child).then(() => () => undefined))
      return child.task.pid
    },
    childWrite: (id: number, data?: Uint8Array) => {
      const child = children.get(id)
      if (!child?.input) return
      if (data) return loop.follow(new Handle(child.input, task).write(data).then(() => () => undefined))
      child.input.release()
      child.input = undefined
    },
    childKill: (id: number, signal: string) => {
      const child = children.get(id)
      child?.task.deliver(signalOf(signal), 'inside')
      return child !== undefined
    },
  }
}

/** `spawnSync`: runs a program to its end, and tells what it printed. */
export function waitingChildCalls({ loop: { task } }: Script): Record<string, WaitingFunction> {
  const collect = async (child: Child, from: Handle | undefined, limit: number, tooMuch: () => void): Promise<Value> => {
    if (!from) return null
    const parts: Uint8Array[] = []
    let size = 0
    for (;;) {
      const data = await from.read(65_536)
      if (data.length === 0) return new Uint8Array(Buffer.concat(parts))
      if (size + data.length > limit) {
        parts.push(data.subarray(0, limit - size))
        size = limit
        if (!child.task.ended) tooMuch()
        continue
      }
      size += data.length
      parts.push(data)
    }
  }
  const feed = async (child: Child, data: Uint8Array | undefined): Promise<void> => {
    if (!child.input) return
    try {
      if (data && data.length > 0) await new Handle(child.input, task).write(data)
    } catch (error) {
      task.check()
      if (!(error instanceof SystemError)) throw error // it did not want all of it
    } finally {
      child.input.release()
    }
  }
  return {
    spawnSync: async (json: string, input?: Uint8Array): Promise<Value> => {
      const command = JSON.parse(json) as Command
      let child: Child
      try {
        child = start(task, command)
      } catch (error) {
        if (!(error instanceof SystemError)) throw error
        return { failed: failure(error) }
      }
      let cause: string | null = null
      const stop = (why: string): void => {
        cause ??= why
        child.task.deliver(signalOf(command.killSignal ?? 'TERM'), 'inside')
      }
      const timer = command.timeout ? task.clock.after(command.timeout, () => stop('ETIMEDOUT')) : undefined
      const limit = Math.min(command.maxBuffer ?? 1024 * 1024, MOST_OUTPUT)
      try {
        const [reason, stdout, stderr] = await Promise.all([
          task.waitFor(child.task),
          collect(child, child.outputs[1], limit, () => stop('ENOBUFS')),
          collect(child, child.outputs[2], limit, () => stop('ENOBUFS')),
          feed(child, input),
        ])
        const { code, signal } = ending(reason)
        return { pid: child.task.pid, status: code, signal, stdout, stderr, cause }
      } finally {
        timer?.cancel()
      }
    },
  }
}
