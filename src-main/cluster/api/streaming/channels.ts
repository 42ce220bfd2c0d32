/**
 * Several byte streams over one WebSocket, as the `channel.k8s.io` sub-protocols do: the first byte of each message is
 * the number of its channel (`base64.channel.k8s.io`: the first character is its digit, the rest base64).
 */
import { Readable, Writable } from 'node:stream'
import type { WebSocket } from 'ws'

/** Closes the channel in the byte that follows: version 5 only. */
const CLOSE_CHANNEL = 255
/** Bytes a channel holds that nobody has read before the WebSocket stops reading. */
const CHANNEL_BUFFER = 256 * 1024

export interface ChannelOptions {
  /** Text messages with base64 instead of binary ones. */
  base64: boolean
  /** Whether the client may half-close a channel. */
  halfClose: boolean
}

/** The server's end of one WebSocket with channels. */
export class ChannelSocket {
  private readonly inputs = new Map<number, Readable>()
  private readonly full = new Set<number>()
  private readonly closed = new Set<number>()
  private gone = false
  private readonly goneListeners: (() => void)[] = []

  constructor(
    private readonly ws: WebSocket,
    private readonly options: ChannelOptions,
  ) {
    ws.on('message', (data) => this.message(data as Buffer))
    ws.on('close', () => {
      this.gone = true
      for (const input of this.inputs.values()) input.push(null)
      for (const listener of this.goneListeners) listener()
    })
  }

  /** What the client sends on a channel. Other channels' messages are dropped. */
  input(channel: number): Readable {
    const input = new Readable({
      highWaterMark: CHANNEL_BUFFER,
      read: () => {
        if (this.full.delete(channel) && this.full.size === 0) this.ws.resume()
      },
    })
    // Destroyed by whoever reads it: its messages are dropped, and must not hold up the others.
    input.on('close', () => {
      if (this.full.delete(channel) && this.full.size === 0) this.ws.resume()
    })
    this.inputs.set(channel, input)
    return input
  }

  /** Sends on a channel; a write is done when the socket has taken it. Ending it tells the client nothing. */
  output(channel: number): Writable {
    const output = new Writable({
      write: (chunk: Buffer, _encoding, callback) => this.send(channel, chunk, callback),
    })
    output.on('error', () => undefined)
    // A quiet process must not keep a stream to a client that has left.
    this.onGone(() =>
      output.destroy(output.writableFinished ? undefined : Object.assign(new Error('the client has gone'), { code: 'EPIPE' })),
    )
    return output
  }

  send(channel: number, data: Buffer, callback: (error?: Error | null) => void = () => undefined): void {
    if (this.gone) return callback(Object.assign(new Error('the client has gone'), { code: 'EPIPE' }))
    if (this.options.base64) this.ws.send(`${channel}${data.toString('base64')}`, callback)
    else this.ws.send(Buffer.concat([Buffer.from([channel]), data]), { binary: true }, callback)
  }

  /** Closes normally, after everything that was sent. */
  close(): void {
    this.ws.close(1000)
  }

  onGone(listener: () => void): void {
    if (this.gone) listener()
    else this.goneListeners.push(listener)
  }

  private message(data: Buffer): void {
    if (data.length === 0) return
    let channel = data[0]!
    let payload = data.subarray(1)
    if (this.options.base64) {
      channel -= 0x30
      payload = Buffer.from(payload.toString('latin1'), 'base64')
    } else if (this.options.halfClose && channel === CLOSE_CHANNEL) {
      this.endInput(payload[0])
      return
    }
    const input = this.inputs.get(channel)
    if (!input || input.destroyed || this.closed.has(channel) || payload.length === 0) return
    if (!input.push(payload)) {
      this.full.add(channel)
      this.ws.pause()
    }
  }

  private endInput(channel: number | undefined): void {
    if (channel === undefined || this.closed.has(channel)) return
    this.closed.add(channel)
    this.inputs.get(channel)?.push(null)
  }
}
