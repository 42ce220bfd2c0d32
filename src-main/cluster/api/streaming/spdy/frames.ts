/**
 * The frames of SPDY/3.1 (draft-mbelshe-httpbis-spdy-00 and its 3.1 addendum), as far as Kubernetes' streaming
 * protocols use them: stream creation and replies, data, resets, pings and GOAWAY. Everything is big-endian.
 */

/** Types of control frames. */
export const FrameType = { synStream: 1, synReply: 2, rstStream: 3, settings: 4, ping: 6, goAway: 7, headers: 8, windowUpdate: 9 } as const

/** Status codes of RST_STREAM. */
export const ResetStatus = {
  protocolError: 1,
  invalidStream: 2,
  refusedStream: 3,
  cancel: 5,
  streamInUse: 8,
  streamAlreadyClosed: 9,
} as const

/** The FIN flag of data and control frames: the sender will send nothing more on this stream. */
export const FLAG_FIN = 0x01

/** A control frame holds headers at most; what is longer is an attack or noise. */
export const LONGEST_CONTROL_FRAME = 256 * 1024

const VERSION = 3

/** The peer broke the protocol: the whole connection ends. */
export class SpdyProtocolError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'SpdyProtocolError'
  }
}

export interface ControlFrame {
  type: number
  flags: number
  payload: Buffer
}

/** What {@link FrameReader} hands out: a whole control frame, or a piece of a data frame as it arrives. */
export type Frame = { control: ControlFrame } | { streamId: number; data: Buffer; fin: boolean }

/** Cuts a byte stream into frames. Data frames, which may be 16 MiB long, come in pieces and are never collected. */
export class FrameReader {
  private pending: Buffer = Buffer.alloc(0)
  private dataLeft = 0
  private dataStream = 0
  private dataFin = false

  private take(n: number): Buffer {
    const piece = this.pending.subarray(0, n)
    this.pending = this.pending.subarray(n)
    return piece
  }

  /** The frames that are complete after `chunk`. Throws {@link SpdyProtocolError}. */
  *read(chunk: Buffer): Generator<Frame> {
    this.pending = this.pending.length === 0 ? chunk : Buffer.concat([this.pending, chunk])
    for (;;) {
      if (this.dataLeft > 0) {
        if (this.pending.length === 0) return
        const data = this.take(Math.min(this.dataLeft, this.pending.length))
        this.dataLeft -= data.length
        yield { streamId: this.dataStream, data, fin: this.dataFin && this.dataLeft === 0 }
        continue
      }
      if (this.pending.length < 8) return
      const first = this.pending.readUInt32BE(0)
      const flags = this.pending[4]!
      const length = this.pending.readUIntBE(5, 3)
      if (first >>> 31 === 0) {
        this.take(8)
        this.dataStream = first
        this.dataFin = (flags & FLAG_FIN) !== 0
        this.dataLeft = length
        if (length === 0) yield { streamId: first, data: Buffer.alloc(0), fin: this.dataFin }
        continue
      }
      const version = (first >>> 16) & 0x7fff
      if (version !== VERSION) throw new SpdyProtocolError(`SPDY version ${version} is not supported`)
      if (length > LONGEST_CONTROL_FRAME) throw new SpdyProtocolError(`a control frame of ${length} bytes is too long`)
      if (this.pending.length < 8 + length) return
      this.take(8)
      yield { control: { type: first & 0xffff, flags, payload: this.take(length) } }
    }
  }
}

/** A control frame, ready to send. */
export function controlFrame(type: number, flags: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(8)
  head.writeUInt32BE((0x80000000 | (VERSION << 16) | type) >>> 0, 0)
  head[4] = flags
  head.writeUIntBE(payload.length, 5, 3)
  return Buffer.concat([head, payload])
}

/** A control frame whose payload is a row of 32-bit words. */
export function wordsFrame(type: number, ...words: number[]): Buffer {
  const payload = Buffer.alloc(4 * words.length)
  words.forEach((word, i) => payload.writeUInt32BE(word >>> 0, 4 * i))
  return controlFrame(type, 0, payload)
}

/** A data frame, ready to send. */
export function dataFrame(streamId: number, data: Buffer, fin: boolean): Buffer {
  const frame = Buffer.allocUnsafe(8 + data.length)
  frame.writeUInt32BE(streamId, 0)
  frame[4] = fin ? FLAG_FIN : 0
  frame.writeUIntBE(data.length, 5, 3)
  data.copy(frame, 8)
  return frame
}
