/**
 * The server's end of a SPDY/3.1 connection as Kubernetes clients speak it (moby/spdystream in client-go): the client
 * opens streams, the server replies, both half-close.
 *
 * Go's implementation knows no flow-control windows: it neither sends WINDOW_UPDATE nor keeps to ours. So what is sent
 * is held back by the transport alone, and what arrives is held back by not reading from it while a stream is full.
 * A peer that does keep windows (it says SETTINGS or WINDOW_UPDATE) gets its updates.
 */
import { Duplex } from 'node:stream'
import { hostTimeout } from '../../../host.js'
import { FLAG_FIN, FrameReader, FrameType, ResetStatus, SpdyProtocolError, controlFrame, dataFrame, wordsFrame } from './frames.js'
import { HeaderReader, HeaderWriter, type Headers } from './headers.js'

/** How much a stream may hold that nobody has read, in bytes, before the connection stops reading. */
const STREAM_BUFFER = 256 * 1024
/** Longest payload of one data frame that is sent. */
const LONGEST_DATA = 64 * 1024
/** Streams of one connection at the same time: two per forwarded connection. */
const MOST_STREAMS = 4096
/** Wall milliseconds between pings. */
const PING_INTERVAL = 30_000
/** Pings in a row that may go unanswered, with nothing else heard, before the peer counts as gone. */
const LOST_PINGS = 3
/** Wall milliseconds that the peer has to close after our end. */
const LINGER = 10_000

/** One stream. Ending it half-closes it; destroying it sends RST_STREAM. */
export class SpdyStream extends Duplex {
  /** Bytes that arrived when the stream was full, to be acknowledged once they are read. */
  private unacknowledged = 0
  private onRoom: (() => void) | undefined
  private remoteEnded = false

  constructor(
    private readonly connection: SpdyConnection,
    readonly id: number,
    readonly headers: Headers,
  ) {
    super({ allowHalfOpen: true, readableHighWaterMark: STREAM_BUFFER })
    // Whoever uses the stream may add a listener of its own; a reset must never bring the process down.
    this.on('error', () => undefined)
  }

  /** Takes data from the peer; resolves when there is room for more. */
  receive(data: Buffer, fin: boolean): Promise<void> | undefined {
    if (this.destroyed || this.remoteEnded) return undefined
    const room = data.length === 0 || this.push(data)
    if (fin) {
      this.remoteEnded = true
      this.push(null)
    }
    if (room) {
      if (data.length > 0) this.connection.acknowledge(this.id, data.length)
      return undefined
    }
    this.unacknowledged += data.length
    return new Promise((resolve) => {
      this.onRoom = resolve
    })
  }

  /** The peer reset it. */
  resetByPeer(): void {
    this.remoteEnded = true
    this.destroy(Object.assign(new Error('stream reset'), { code: 'ECONNRESET' }))
  }

  override _read(): void {
    if (this.unacknowledged > 0) this.connection.acknowledge(this.id, this.unacknowledged)
    this.unacknowledged = 0
    this.onRoom?.()
    this.onRoom = undefined
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    const next = (from: number): void => {
      const to = Math.min(from + LONGEST_DATA, chunk.length)
      const piece = chunk.subarray(from, to)
      this.connection.send(dataFrame(this.id, piece, false), (error) => (error || to >= chunk.length ? callback(error) : next(to)))
    }
    next(0)
  }

  override _final(callback: (error?: Error | null) => void): void {
    this.connection.send(dataFrame(this.id, Buffer.alloc(0), true), callback)
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    const clean = this.remoteEnded && this.writableFinished
    this.connection.forget(this, clean ? undefined : ResetStatus.cancel)
    this.onRoom?.()
    this.onRoom = undefined
    callback(error)
  }
}

export interface SpdyConnectionOptions {
  /** A new stream. Reply with {@link SpdyConnection.reply} or {@link SpdyConnection.refuse}. */
  onStream(stream: SpdyStream): void
  /** The connection has ended, with an error if the peer broke the protocol or went away without a word. */
  onClose(error?: Error): void
}

/** The server's end of one connection over a socket, or over a WebSocket that tunnels one. */
export class SpdyConnection {
  private readonly streams = new Map<number, SpdyStream>()
  private readonly frames = new FrameReader()
  private readonly headerReader = new HeaderReader()
  private readonly headerWriter = new HeaderWriter()
  private lastStreamId = 0
  private closed = false
  private windows = false
  private pings = 0
  private unanswered = 0
  private cancelPing: () => void = () => undefined

  constructor(
    private readonly transport: Duplex,
    private readonly options: SpdyConnectionOptions,
  ) {
    transport.on('error', (error: Error) => this.end(error))
    transport.on('close', () => this.end())
    this.ping()
    void this.run()
  }

  /** How many streams are open. */
  get size(): number {
    return this.streams.size
  }

  /** Accepts a stream. */
  reply(stream: SpdyStream): void {
    const id = Buffer.alloc(4)
    id.writeUInt32BE(stream.id, 0)
    this.send(controlFrame(FrameType.synReply, 0, Buffer.concat([id, this.headerWriter.write(new Map())])))
  }

  /** Refuses a stream with RST_STREAM. */
  refuse(stream: SpdyStream): void {
    this.send(wordsFrame(FrameType.rstStream, stream.id, ResetStatus.refusedStream))
    this.streams.delete(stream.id)
    stream.resetByPeer()
  }

  /** Says GOAWAY and ends the transport once everything before it has been sent. */
  close(): void {
    if (this.closed) return
    this.send(wordsFrame(FrameType.goAway, this.lastStreamId, 0), () => this.end())
  }

  /** For {@link SpdyStream}: sends a frame; the callback tells when the transport took it. */
  send(frame: Buffer, callback?: (error?: Error | null) => void): void {
    if (this.closed || this.transport.destroyed || this.transport.writableEnded) {
      callback?.(Object.assign(new Error('the connection is closed'), { code: 'EPIPE' }))
      return
    }
    this.transport.write(frame, callback)
  }

  /** For {@link SpdyStream}: `n` bytes were read. */
  acknowledge(id: number, n: number): void {
    if (!this.windows) return
    this.send(wordsFrame(FrameType.windowUpdate, id, n))
    this.send(wordsFrame(FrameType.windowUpdate, 0, n))
  }

  /** For {@link SpdyStream}: it is over; tells the peer with `status` if given. */
  forget(stream: SpdyStream, status: number | undefined): void {
    if (!this.streams.delete(stream.id) || status === undefined) return
    this.send(wordsFrame(FrameType.rstStream, stream.id, status))
  }

  private ping(): void {
    this.cancelPing = hostTimeout(PING_INTERVAL, () => {
      if (this.closed) return
      if (this.unanswered >= LOST_PINGS) return this.end(new Error('the client does not answer'))
      this.unanswered++
      this.pings = (this.pings + 2) >>> 0
      this.send(wordsFrame(FrameType.ping, this.pings))
      this.ping()
    })
  }

  private async run(): Promise<void> {
    try {
      for await (const chunk of this.transport.iterator({ destroyOnReturn: false })) {
        // After the end the rest is read and dropped: closing over unread bytes would reset the socket and lose what we sent.
        if (this.closed) continue
        this.unanswered = 0
        for (const frame of this.frames.read(chunk as Buffer)) {
          if (this.closed) break
          if ('control' in frame) await this.control(frame.control.type, frame.control.flags, frame.control.payload)
          else {
            const stream = this.streams.get(frame.streamId)
            // Data for a stream that is gone crossed its reset on the way.
            const full = stream?.receive(frame.data, frame.fin)
            if (full) {
              // While a stream is full nothing is read, so no answer to a ping can be heard either.
              this.unanswered = -Infinity
              await full
              this.unanswered = 0
            }
          }
        }
      }
      this.end()
    } catch (error) {
      if (error instanceof SpdyProtocolError) this.send(wordsFrame(FrameType.goAway, this.lastStreamId, 1))
      this.end(error as Error)
    }
  }

  private async control(type: number, flags: number, payload: Buffer): Promise<void> {
    const word = (at: number): number => {
      if (payload.length < at + 4) throw new SpdyProtocolError(`a frame of type ${type} is cut short`)
      return payload.readUInt32BE(at)
    }
    switch (type) {
      case FrameType.synStream: {
        const id = word(0) & 0x7fffffff
        if (payload.length < 10) throw new SpdyProtocolError('a SYN_STREAM frame is cut short')
        // The block must be read whatever becomes of the stream: the next one builds on it.
        const headers = await this.headerReader.read(payload.subarray(10))
        if (id % 2 === 0 || id <= this.lastStreamId) return this.send(wordsFrame(FrameType.rstStream, id, ResetStatus.protocolError))
        this.lastStreamId = id
        if (this.streams.size >= MOST_STREAMS) return this.send(wordsFrame(FrameType.rstStream, id, ResetStatus.refusedStream))
        const stream = new SpdyStream(this, id, headers)
        this.streams.set(id, stream)
        if (flags & FLAG_FIN) stream.receive(Buffer.alloc(0), true)
        return this.options.onStream(stream)
      }
      case FrameType.headers:
        await this.headerReader.read(payload.subarray(4))
        if (flags & FLAG_FIN) this.streams.get(word(0) & 0x7fffffff)?.receive(Buffer.alloc(0), true)
        return
      case FrameType.rstStream: {
        const stream = this.streams.get(word(0) & 0x7fffffff)
        this.streams.delete(word(0) & 0x7fffffff)
        return stream?.resetByPeer()
      }
      case FrameType.ping:
        // Odd ids are the client's; an even one is the echo of ours.
        if (word(0) % 2 === 1) this.send(wordsFrame(FrameType.ping, word(0)))
        return
      case FrameType.settings:
      case FrameType.windowUpdate:
        this.windows = true
        return
      default:
        // GOAWAY: the client opens no more streams, those that run go on. Unknown types are skipped, as the draft asks.
        return
    }
  }

  private end(error?: Error): void {
    if (this.closed) return
    this.closed = true
    this.cancelPing()
    this.headerReader.close()
    for (const stream of this.streams.values()) stream.resetByPeer()
    this.streams.clear()
    if (error) this.transport.destroy()
    else {
      this.transport.end()
      hostTimeout(LINGER, () => this.transport.destroy())
    }
    this.options.onClose(error)
  }
}
