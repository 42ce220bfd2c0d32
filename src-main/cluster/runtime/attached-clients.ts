/** Those who are attached to a container: each gets what its main process writes, and is cut off when it is too slow. */
import { Readable } from 'node:stream'
import type { ExecOptions, Session } from '../kubelet/endpoint.js'

/** How far behind a client may fall before it is cut off, in bytes. */
const LIMIT = 4 * 1024 * 1024

type Send = (stream: 'stdout' | 'stderr', data: Uint8Array) => void

export class AttachedClients {
  private clients: Set<Send> | undefined

  send(stream: 'stdout' | 'stderr', data: Uint8Array): void {
    for (const send of this.clients ?? []) send(stream, data)
  }

  /** @param ended resolves with the exit code to report, which ends the session */
  attach(
    options: Omit<ExecOptions, 'command'>,
    ended: Promise<number>,
    input: Pick<Session, 'stdin' | 'resize'> & { tty: boolean },
  ): Session {
    const stdout = options.stdout ? new Readable({ read: () => undefined }) : undefined
    const stderr = options.stderr && !input.tty ? new Readable({ read: () => undefined }) : undefined
    const send: Send = (stream, data) => {
      const to = stream === 'stdout' ? stdout : stderr
      if (!to || to.destroyed) return
      // The container does not wait for a client: one that is too slow loses its connection.
      if (to.readableLength > LIMIT) to.destroy(new Error('attached client is too slow'))
      else to.push(data)
    }
    const clients = (this.clients ??= new Set())
    clients.add(send)
    const close = (): void => {
      clients.delete(send)
      stdout?.push(null)
      stderr?.push(null)
    }
    const status = ended.then((code) => {
      close()
      return { code }
    })
    return { stdin: input.stdin, stdout, stderr, resize: input.resize, status, close }
  }
}
