/** The calls behind `process` and timers. */
import type { Timer } from '../../../clock.js'
import { signalOf } from './child-calls.js'
import type { Engine, HostFunction } from './engine.js'
import type { Script } from './script.js'

/** A script that asks for the time more often than this in one turn waits for it to pass: then it does. */
const CLOCK_CALLS_PER_TURN = 100

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
      return Math.floor(clock.now() + engine.cpuMs)
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
  }
}
