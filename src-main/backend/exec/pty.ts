/** Pseudo-terminals of this machine. The native part is prebuilt and not there for every system: it is loaded when it is first needed. */
import { readSync } from 'node:fs'
import type { Socket } from 'node:net'
import { problem } from '../errors.js'

/** A process with a pseudo-terminal, as node-pty gives it. */
export interface Pty {
  readonly pid: number
  write(data: string | Buffer): void
  resize(columns: number, rows: number): void
  pause(): void
  resume(): void
  kill(): void
  onData(listener: (data: string | Uint8Array) => void): void
  onExit(listener: (exit: { exitCode: number; signal?: number }) => void): void
}

export interface PtyOptions {
  cols: number
  rows: number
  cwd: string
  env: Record<string, string>
  name: string
  /** Null: output as bytes. Windows always gives text. */
  encoding: null
}

export type SpawnPty = (file: string, args: string[], options: PtyOptions) => Pty

/** Gives the function that starts a process with a terminal; rejects with reason `Unavailable` where there is none for this system. */
export async function loadPty(): Promise<SpawnPty> {
  try {
    const loaded = (await import('@lydell/node-pty')) as unknown as { spawn?: SpawnPty; default?: { spawn: SpawnPty } }
    const spawn = (loaded.spawn ?? loaded.default?.spawn)!
    return (file, args, options) => readToTheEnd(spawn(file, args, options))
  } catch (error) {
    throw problem('Unavailable', 'noPty', {
      platform: `${process.platform}-${process.arch}`,
      words: (error as Error).message.split('\n')[0]!,
    })
  }
}

/**
 * Lets the end of a process wait for what it wrote last. node-pty takes the terminal away 200 ms after its process has ended, read or not:
 * the end of the output would be lost where the window is slow to take it, or this process was busy for that long.
 * And libuv takes a terminal whose process has ended for read when it has read a part of it, such as one line.
 * A terminal that a child of the process still holds open is taken away once nothing more comes.
 */
function readToTheEnd(pty: Pty): Pty {
  const { _socket: socket, _fd: fd } = pty as { _socket?: Socket; _fd?: number }
  // On Windows there is another means, which has no such timer.
  if (!socket || process.platform === 'win32') return pty
  const destroy = socket.destroy.bind(socket)
  const whenRead = (before: number): void => {
    if (socket.destroyed) return
    if (socket.isPaused()) socket.once('resume', () => setImmediate(whenRead, -1))
    else if (socket.bytesRead === before) {
      if (fd !== undefined) readRest(fd, (data) => void socket.emit('data', data))
      destroy()
    }
    // What is there to be read has been read by then.
    else setImmediate(whenRead, socket.bytesRead)
  }
  socket.destroy = (error) => {
    if (error) return destroy(error)
    setImmediate(whenRead, -1)
    return socket
  }
  return pty
}

/** More than a terminal holds, bytes: a child that writes for ever does not keep this process. */
const MOST_LEFT = 1024 * 1024

/** Gives what is left to be read of a terminal. */
function readRest(fd: number, onData: (data: Buffer) => void): void {
  for (let total = 0; total < MOST_LEFT;) {
    const part = Buffer.allocUnsafe(65_536)
    let length: number
    try {
      length = readSync(fd, part)
    } catch {
      // EAGAIN: nothing now; EIO: nobody has it open.
      return
    }
    if (length === 0) return
    onData(part.subarray(0, length))
    total += length
  }
}
