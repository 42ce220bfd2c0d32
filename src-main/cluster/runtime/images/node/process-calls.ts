/** The calls behind `process`, timers, and `child_process`. */
import { makePipe, type PipeWriter } from '../../pipe.js'
import { Handle } from '../../open-file.js'
import { signalNumbers, SystemError, type ChildProcess, type Signal } from '../../process.js'
import type { Timer } from '../../../clock.js'
import type { Engine, HostFunction } from './engine.js'
import { failure, type Script } from './script.js'

/** A script that asks for the time more often than this in one turn waits for it to pass: then it does. */
const CLOCK_CALLS_PER_TURN = 100

function signalOf(name: string): Signal {
  if (!Object.hasOwn(signalNumbers, name)) throw new SystemError('EINVAL', 'Invalid argument')
  return name as Signal
}

export function processCalls({ process, loop, dispatch }: Script, engine: Engine): Record<string, HostFunction> {
  const { task } = loop
  const { clock } = task
  const timers = new Map<number, { timer: Timer; release: () => void }>()
  let asked = { at: -1, calls: 0 }
  const stop = (id: number): void => {
    const found = timers.get(id)
    found?.timer.cancel()
    found?.release()
    timers.delete(id)
  }
  return {
    now: () => {
      if (asked.at !== clock.now()) asked = { at: clock.now(), calls: 0 }
      if (++asked.calls > CLOCK_CALLS_PER_TURN) engine.cpuMs += 1
      return clock.now() + Math.floor(engine.cpuMs)
    },
    random: () => task.random.next(),
    uptime: () => Math.max(1, Math.floor((clock.now() - task.startedAt) / 1000)),
    print: (fd: 1 | 2, data: Uint8Array) => loop.print(fd, data),
    exit: (code: number) => loop.exit(code & 255),
    outOfMemory: () => loop.outOfMemory(),
    busy: () => loop.busy,
    ending: () => engine.ending,
    heapBytes: () => engine.heapBytes,
    cpuMs: () => task.cpuMs + engine.cpuMs,
    kill: (pid: number, signal: string) => process.kill(pid, signalOf(signal)),
    watchSignal: (signal: string, id: number) => process.onSignal(signalOf(signal), () => loop.post(() => dispatch(id))),
    readInput: (id: number) => {
      const read = (): void =>
        loop.follow(
          process.read(65_536).then(
            (data) => () => {
              if (data.length === 0) return dispatch(id, 'end')
              dispatch(id, 'data', data)
              read()
            },
            () => () => dispatch(id, 'end'),
          ),
        )
      read()
    },
    timerStart: (id: number, ms: number, referenced: boolean) => {
      const fire = (): void => {
        const ours = timers.get(id)
        timers.delete(id)
        loop.post(() => {
          ours?.release()
          dispatch(id)
        })
      }
      timers.set(id, { timer: clock.after(ms, fire), release: referenced ? loop.hold() : () => undefined })
    },
    timerStop: stop,
    timerRef: (id: number, referenced: boolean) => {
      const found = timers.get(id)
      if (!found) return
      found.release()
      found.release = referenced ? loop.hold() : () => undefined
    },
    immediate: (id: number) => loop.post(() => dispatch(id)),
    ...childCalls({ process, loop, dispatch }),
  }
}

interface Child {
  input?: PipeWriter
  process?: ChildProcess
}

function childCalls({ loop, dispatch }: Script): Record<string, HostFunction> {
  const { task } = loop
  const children = new Map<number, Child>()
  const start = async (id: number, argv: string[], env: Record<string, string>, cwd: string, inherit: boolean): Promise<void> => {
    const [input, output, errors] = [makePipe(), makePipe(), makePipe()]
    for (const end of [input.reader, input.writer, output.reader, output.writer, errors.reader, errors.writer]) end.retain()
    const ends = [input.reader, output.writer, errors.writer]
    const fds = inherit ? undefined : new Map(ends.map((end, n) => [n, new Handle(end, task)] as const))
    const child: Child = { input: input.writer }
    children.set(id, child)
    try {
      child.process = await task.spawn({ argv, env, cwd, fds })
    } finally {
      for (const end of ends) end.release()
    }
    const drain = async (name: string, from: Handle): Promise<void> => {
      for (;;) {
        const data = await from.read(65_536)
        loop.post(() => dispatch(id, name, data.length === 0 ? null : data))
        if (data.length === 0) return
      }
    }
    const [code] = await Promise.all([
      child.process.wait(),
      drain('stdout', new Handle(output.reader, task)),
      drain('stderr', new Handle(errors.reader, task)),
    ])
    loop.post(() => dispatch(id, 'exit', code))
  }
  return {
    spawn: (id: number, json: string) => {
      const { argv, env, cwd, inherit } = JSON.parse(json) as { argv: string[]; env: Record<string, string>; cwd: string; inherit: boolean }
      loop.follow(
        start(id, argv, env, cwd, inherit).then(
          () => () => undefined,
          (error: unknown) => () => dispatch(id, 'error', failure(error)),
        ),
      )
    },
    childWrite: (id: number, data?: Uint8Array) => {
      const writer = children.get(id)?.input
      if (!writer) return
      if (data) loop.follow(new Handle(writer, task).write(data).then(() => () => undefined))
      else {
        children.get(id)!.input = undefined
        writer.release()
      }
    },
    childKill: (id: number, signal: string) => {
      const child = children.get(id)?.process
      child?.kill(signalOf(signal))
      return child !== undefined
    },
  }
}
