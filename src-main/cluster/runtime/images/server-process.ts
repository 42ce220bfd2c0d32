/** What the servers among the images share: HTTP that lives and dies with a process, and waiting for the end. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { serveHttp, type HttpListener, type ServeHttpOptions } from '../../network/http.js'
import { NetworkError, type Listener, type Connection } from '../../network/network.js'
import { Killed, type Process } from '../process.js'

export type ProcessHandler = (req: IncomingMessage, res: ServerResponse) => Promise<void> | void

/**
 * Serves HTTP on a port, of both families as servers do by default, for as long as the process lives. A handler that fails ends its answer with 500; one that is cut
 * short because the process was killed just stops. Throws {@link NetworkError} when the port is taken.
 */
export function serveInProcess(
  process: Process,
  port: number,
  handler: ProcessHandler,
  options: Omit<ServeHttpOptions, 'clock' | 'owner'> = {},
): HttpListener {
  const listener = serveHttp(
    process.net,
    port,
    (req, res) => {
      void (async () => handler(req, res))().catch((error: unknown) => {
        if (error instanceof Killed) return void res.destroy()
        if (!res.headersSent) res.writeHead(500, { 'Content-Type': 'text/plain' })
        res.end()
      })
    },
    { clock: process.clock, address: '::', owner: process, ...options },
  )
  process.aborted.addEventListener('abort', () => listener.destroy(), { once: true })
  return listener
}

/** Listens for raw connections for as long as the process lives. Throws {@link NetworkError} when the port is taken. */
export function listenInProcess(process: Process, port: number, onConnection: (connection: Connection) => void, address = '::'): Listener {
  const open = new Set<Connection>()
  const listener = process.net.listen(
    port,
    (connection) => {
      open.add(connection)
      connection.once('close', () => open.delete(connection))
      onConnection(connection)
    },
    address,
    { owner: process },
  )
  const close = (): void => {
    listener.close()
    for (const connection of open) connection.destroy()
  }
  process.aborted.addEventListener('abort', close, { once: true })
  return listener
}

/** Whether listening failed because somebody else has the port. */
export function isAddressInUse(error: unknown): boolean {
  return error instanceof NetworkError && error.code === 'EADDRINUSE'
}

/** A year of cluster time, again and again: how a server's main program waits while its connections do the work. */
const LONG = 365 * 24 * 3600 * 1000

/** Never resolves; rejects with {@link Killed} when the process is killed. */
export async function untilKilled(process: Process): Promise<never> {
  for (;;) await process.sleep(LONG)
}

/** A promise that is settled from outside: what a signal handler does to a program that waits. */
export class Latch<T> {
  private settle!: (value: T) => void
  readonly promise = new Promise<T>((resolve) => {
    this.settle = resolve
  })

  open(value: T): void {
    this.settle(value)
  }

  /** Waits for the value, or rejects with {@link Killed} when the process is killed. */
  wait(process: Process): Promise<T> {
    return Promise.race([this.promise, untilKilled(process)])
  }
}

/**
 * What Go's runtime does with the signals that a program does not handle: it ends the program by the signal itself, and
 * process 1, which a signal's default action does not end, with code 2.
 */
export function endAsGoDoes(process: Process, end: Latch<number>): void {
  if (process.pid !== 1) return
  for (const signal of ['HUP', 'INT', 'TERM'] as const) process.onSignal(signal, () => end.open(2))
}

/** Waits for the end of a Go program that handles no signals. */
export function untilTerminated(process: Process): Promise<number> {
  const end = new Latch<number>()
  endAsGoDoes(process, end)
  return end.wait(process)
}

/** The whole body of a request, as text; `latin1` keeps each byte as a character. */
export async function readBody(req: IncomingMessage, encoding: 'utf8' | 'latin1' = 'utf8'): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of req) parts.push(part as Buffer)
  return Buffer.concat(parts).toString(encoding)
}
