/** Between the simulated machine's pipes and terminals and node's streams, which clients hold. */
import { Readable, Writable } from 'node:stream'
import { isErrorCode } from './errors.js'
import type { PipeReader, PipeWriter } from './pipe.js'
import type { Pty } from './pty.js'
import { outside } from './waiting.js'

/**
 * A stream of what `read` gives, with back-pressure; ends at an empty array. `close` is called when it has ended or
 * nobody wants it any more.
 */
export function readableFrom(read: () => Promise<Uint8Array>, close: () => void): Readable {
  let reading = false
  let closed = false
  const finish = (): void => {
    if (closed) return
    closed = true
    close()
  }
  return new Readable({
    highWaterMark: 65_536,
    read() {
      if (reading) return
      reading = true
      read().then(
        (data) => {
          reading = false
          if (data.length === 0) {
            finish()
            this.push(null)
          } else this.push(data)
        },
        (error: Error) => this.destroy(error),
      )
    },
    destroy(error, callback) {
      finish()
      callback(error)
    },
  })
}

/** The reading end of a pipe; ends when all writers are gone. The caller must have retained it. */
export function pipeOutput(reader: PipeReader): Readable {
  return readableFrom(
    () => reader.pipe.read(65_536, outside),
    () => reader.release(),
  )
}

/** The screen side of a terminal. */
export function terminalOutput(pty: Pty): Readable {
  return readableFrom(
    () => pty.readOutput(65_536, outside),
    () => undefined,
  )
}

/** A stream that writes to a pipe; its end is end of file. Input that nobody reads any more is dropped. */
export function pipeInput(writer: PipeWriter, close: () => void): Writable {
  let closed = false
  const finish = (): void => {
    if (closed) return
    closed = true
    close()
  }
  return new Writable({
    write(chunk: Buffer, _encoding, callback) {
      writer.pipe.write(chunk, outside).then(
        () => callback(),
        (error: Error) => callback(isErrorCode(error, 'EPIPE') ? null : error),
      )
    },
    final(callback) {
      finish()
      callback()
    },
    destroy(error, callback) {
      finish()
      callback(error)
    },
  })
}

/** The keyboard side of a terminal. Its end does nothing: a terminal has no end of file but Ctrl-D. */
export function terminalInput(pty: Pty): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, callback) {
      pty.input(chunk, outside).then(() => callback(), callback)
    },
  })
}

/** Resolves when a client's input has ended and the terminal's processes have answered it: they wait for more. */
export async function whenInputAnswered(pty: Pty, input: Writable): Promise<void> {
  await new Promise((ended) => input.once('finish', ended))
  await pty.whenQuiet(outside)
}
