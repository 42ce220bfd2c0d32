/** What network programs share: waiting for things outside the kernel, resolving, connecting, copying streams. */
import type { Connection } from '../../../network/network.js'
import { Handle } from '../../open-file.js'
import { makePipe } from '../../pipe.js'
import { SystemError } from '../../process.js'
import type { Task } from '../../task.js'
import { listenAt } from '../../unix-sockets.js'
import { notFound } from '../launch.js'
import type { Command } from '../command.js'

/**
 * Waits for `work`, which is not a call of the kernel, until it is done or the process is killed (then it rejects with
 * Killed, and `work` is left to itself).
 */
export function external<T>(task: Task, work: Promise<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    let result: { value: T } | { error: unknown } | undefined
    const waiting = task.block((wake) => {
      work.then(
        (value) => {
          result = { value }
          wake()
        },
        (error: unknown) => {
          result = { error }
          wake()
        },
      )
      return () => undefined
    })
    waiting.then(() => {
      if (result && 'value' in result) resolve(result.value)
      else reject((result as { error: unknown }).error)
    }, reject)
  })
}

/** `work`, or undefined when it takes longer than `ms` of cluster time. */
export async function within<T>(task: Task, ms: number | undefined, work: (signal: AbortSignal) => Promise<T>): Promise<T | undefined> {
  const abort = new AbortController()
  const onKilled = (): void => abort.abort(task.aborted.reason)
  task.aborted.addEventListener('abort', onKilled, { once: true })
  let timedOut = false
  const timer =
    ms === undefined
      ? undefined
      : task.clock.after(ms, () => {
          timedOut = true
          abort.abort(new Error('timed out'))
        })
  try {
    return await external(task, work(abort.signal))
  } catch (error) {
    task.check()
    if (timedOut) return undefined
    throw error
  } finally {
    timer?.cancel()
    task.aborted.removeEventListener('abort', onKilled)
  }
}

/** The bytes that a stream gives, as they come. At its end it is done with, unless it is `kept` for the other direction. */
export async function* chunks(task: Task, stream: NodeJS.ReadableStream & { destroy?: () => void }, kept = false): AsyncGenerator<Buffer> {
  const queue: Buffer[] = []
  let ended = false
  let failure: unknown
  let wake: () => void = () => undefined
  stream.on('data', (d: Buffer) => {
    queue.push(d)
    if (queue.length > 16) stream.pause()
    wake()
  })
  stream.on('end', () => {
    ended = true
    wake()
  })
  stream.on('close', () => {
    ended = true
    wake()
  })
  stream.on('error', (error: unknown) => {
    failure = error
    ended = true
    wake()
  })
  try {
    for (;;) {
      const next = queue.shift()
      if (next) {
        if (queue.length === 0) stream.resume()
        yield next
        continue
      }
      if (failure) throw failure
      if (ended) return
      await task.block((w) => {
        wake = w
        return () => undefined
      })
      wake = () => undefined
    }
  } finally {
    if (!kept) stream.destroy?.()
  }
}

/** Writes to a connection, waiting while it is full. */
export function send(task: Task, connection: Connection, data: Uint8Array): Promise<void> {
  return external(
    task,
    new Promise<void>((resolve, reject) => {
      connection.write(data, (error) => (error ? reject(error) : resolve()))
    }),
  )
}

/** What comes to a port. */
export interface Arrivals {
  readonly port: number
  /** The next connection, once there is one. */
  next(): Promise<Connection>
  close(): void
}

/**
 * Listens on a port until the process ends. Connections that nobody has taken by then are cut off.
 *
 * @throws NetworkError when the port cannot be had
 */
export function arrivals(task: Task, port: number, address: string): Arrivals {
  return queued(task, (take) => task.net.listen(port, take, address, { owner: task }))
}

/**
 * Listens at the file of a socket, as {@link arrivals} does on a port.
 *
 * @throws SystemError as {@link listenAt} does
 */
export function arrivalsAt(task: Task, path: string): Arrivals {
  return queued(task, (take) => ({ port: 0, ...listenAt(task, path, take) }))
}

function queued(task: Task, listen: (take: (connection: Connection) => void) => { port: number; close(): void }): Arrivals {
  const waiting: Connection[] = []
  let wake: () => void = () => undefined
  const listener = listen((connection) => {
    // It may fail before somebody takes it.
    connection.on('error', () => undefined)
    waiting.push(connection)
    wake()
  })
  const close = (): void => listener.close()
  task.aborted.addEventListener('abort', () => {
    close()
    for (const connection of waiting) connection.destroy()
  })
  return {
    port: listener.port,
    close,
    async next() {
      while (waiting.length === 0)
        await task.block((w) => {
          wake = w
          return () => undefined
        })
      return waiting.shift()!
    },
  }
}

/** Carries standard input to the connection and the connection to standard output, until both have ended. */
export async function relay(c: Command, connection: Connection, endOnInput: boolean): Promise<void> {
  const input = (async (): Promise<void> => {
    for (let d = await c.task.read(); d.length > 0; d = await c.task.read()) await send(c.task, connection, d)
    connection.end()
    if (endOnInput) await c.task.sleep(0)
  })()
  // A connection that is gone fails the writing side; the reading side says so.
  input.catch(() => undefined)
  for await (const d of chunks(c.task, connection)) await c.print(d)
}

/** Runs a program whose standard input and output are the connection. Resolves with its exit code. */
export async function runOver(c: Command, connection: Connection, argv: readonly string[]): Promise<number> {
  const { task } = c
  const [input, output] = [makePipe(), makePipe()]
  for (const end of [input.reader, input.writer, output.reader, output.writer]) end.retain()
  const [reader, writer] = [new Handle(input.reader, task), new Handle(output.writer, task)]
  const onKilled = (): void => void connection.destroy()
  task.aborted.addEventListener('abort', onKilled, { once: true })
  let running
  try {
    running = await task.spawn({ argv, fds: new Map([[0, reader], [1, writer]]) }) // prettier-ignore
  } catch (error) {
    connection.destroy()
    if (!(error instanceof SystemError)) throw error
    return notFound(c, argv[0]!, error)
  } finally {
    input.reader.release()
    output.writer.release()
  }
  const hear = async (): Promise<void> => {
    try {
      for await (const data of chunks(task, connection, true)) await new Handle(input.writer, task).write(data)
    } catch (error) {
      if (!(error instanceof SystemError)) throw error // it reads no more
    } finally {
      input.writer.release()
    }
  }
  const say = async (): Promise<void> => {
    const from = new Handle(output.reader, task)
    for (let data = await from.read(65_536); data.length > 0; data = await from.read(65_536)) await send(task, connection, data)
    connection.end()
  }
  task.onSignal('PIPE', 'ignore')
  hear().catch(() => undefined)
  const [status] = await Promise.all([running.wait(), say()])
  connection.destroy()
  task.aborted.removeEventListener('abort', onKilled)
  return status
}

export function isAddress(text: string): boolean {
  return /^\d{1,3}(\.\d{1,3}){3}$/.test(text)
}
