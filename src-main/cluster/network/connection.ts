/**
 * A TCP connection in memory: two Duplex ends with a window each way, half-close and reset. Node's http, tls and
 * WebSocket code runs over an end as over a socket, so it has the few methods of `net.Socket` that they call.
 */
import { Duplex } from 'node:stream'
import type { Clock, Timer } from '../clock.js'
import { NetworkError, type Connection } from './network.js'

/** Bytes one end may hold that its program has not read, before the other end's writes wait. */
export const WINDOW = 64 * 1024

/** Deliveries in a row before the event loop gets a turn. */
const BURST = 256

/**
 * Carries what one end sends to the other, in order, never on the sender's stack: two programs that answer each other
 * at once would recurse without end.
 */
export class Wire {
  private queue: (() => void)[] = []
  private running = false

  constructor(
    private readonly clock: Clock,
    /** Cluster milliseconds a segment is on its way. Read when a connection is opened. */
    public latency: number,
  ) {}

  /** Delivers after `latency`; with none, as soon as the sender's stack has unwound, be the clock paused or not. */
  carry(latency: number, deliver: () => void): void {
    if (latency > 0) {
      this.clock.after(latency, deliver)
      return
    }
    this.queue.push(deliver)
    if (this.running) return
    this.running = true
    queueMicrotask(() => this.run())
  }

  private run(): void {
    for (let i = 0; i < BURST; i++) {
      const batch = this.queue
      if (batch.length === 0) {
        this.running = false
        return
      }
      this.queue = []
      for (const deliver of batch) deliver()
    }
    // Long exchanges let sockets and timers of the host have their turn; a jump of the clock waits for them meanwhile.
    void this.clock.track(new Promise<void>((resolve) => setImmediate(resolve))).then(() => this.run())
  }
}

/** One end's addresses. */
export interface Ends {
  localAddress: string
  localPort: number
  remoteAddress: string
  remotePort: number
}

/** One end of a connection. */
export class ConnectionEnd extends Duplex implements Connection {
  readonly localAddress: string
  readonly localPort: number
  readonly remoteAddress: string
  readonly remotePort: number
  readonly remoteFamily = 'IPv4'
  readonly localFamily = 'IPv4'
  /** Bytes that came in and went out, for accounting. */
  bytesRead = 0
  bytesWritten = 0
  private peer: ConnectionEnd | undefined
  /** The other end's write that waits for room here. */
  private onRoom: ((error?: Error) => void) | undefined
  private remoteEnded = false
  private timeoutMs = 0
  private timeoutTimer: Timer | undefined
  private lastActivity = 0

  constructor(
    private readonly clock: Clock,
    private readonly carry: (deliver: () => void) => void,
    ends: Ends,
    private readonly onClose: (end: ConnectionEnd) => void,
  ) {
    super({ allowHalfOpen: true, readableHighWaterMark: WINDOW })
    this.localAddress = ends.localAddress
    this.localPort = ends.localPort
    this.remoteAddress = ends.remoteAddress
    this.remotePort = ends.remotePort
    // A reset must reach whoever listens, and must not bring the simulator down when nobody does.
    this.on('error', () => undefined)
  }

  join(peer: ConnectionEnd): void {
    this.peer = peer
  }

  /** Cuts the connection: the other end sees ECONNRESET. */
  reset(): void {
    this.destroy(new NetworkError('ECONNRESET', 'read ECONNRESET'))
  }

  override _read(): void {
    const resume = this.onRoom
    this.onRoom = undefined
    resume?.()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    this.lastActivity = this.clock.now()
    this.bytesWritten += chunk.length
    const send = (from: number): void => {
      const segment = chunk.subarray(from, from + WINDOW)
      const next = from + segment.length
      this.carry(() => {
        if (!this.peer) return callback(new NetworkError('EPIPE', 'write EPIPE'))
        this.peer.receive(segment, (error) => (error || next >= chunk.length ? callback(error) : send(next)))
      })
    }
    send(0)
  }

  override _final(callback: (error?: Error | null) => void): void {
    this.carry(() => {
      this.peer?.receiveEnd()
      callback()
    })
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    const { peer } = this
    this.peer = undefined
    this.timeoutTimer?.cancel()
    this.onRoom?.(new NetworkError('ECONNRESET', 'write ECONNRESET'))
    this.onRoom = undefined
    // As TCP does: closing over unread bytes resets, closing quietly sends what was written and then the end.
    const reset = error !== null || this.readableLength > 0
    if (peer) this.carry(() => peer.receiveClose(reset))
    this.onClose(this)
    callback(error)
  }

  private receive(segment: Buffer, taken: (error?: Error) => void): void {
    if (this.destroyed || this.remoteEnded) return taken(new NetworkError('ECONNRESET', 'write ECONNRESET'))
    this.lastActivity = this.clock.now()
    this.bytesRead += segment.length
    if (this.push(segment)) taken()
    else this.onRoom = taken
  }

  private receiveEnd(): void {
    if (this.destroyed || this.remoteEnded) return
    this.remoteEnded = true
    this.push(null)
  }

  /** The other end is closed for good. */
  private receiveClose(reset: boolean): void {
    this.peer = undefined
    if (this.destroyed) return
    if (reset && !this.readableEnded) this.destroy(new NetworkError('ECONNRESET', 'read ECONNRESET'))
    else this.receiveEnd()
  }

  // What node:http asks of a socket.

  /** As `net.Socket.setTimeout`, in cluster time: emits `timeout` after `ms` without traffic; 0 turns it off. */
  setTimeout(ms: number, listener?: () => void): this {
    this.timeoutTimer?.cancel()
    this.timeoutTimer = undefined
    this.timeoutMs = ms
    this.lastActivity = this.clock.now()
    if (listener) {
      if (ms > 0) this.once('timeout', listener)
      else this.off('timeout', listener)
    }
    if (ms > 0 && !this.destroyed) this.armTimeout(ms)
    return this
  }

  private armTimeout(ms: number): void {
    this.timeoutTimer = this.clock.after(ms, () => {
      const idle = this.clock.now() - this.lastActivity
      if (idle < this.timeoutMs) return this.armTimeout(this.timeoutMs - idle)
      this.emit('timeout')
    })
  }

  /** Ends after everything written was sent, then closes without waiting for the other end. */
  destroySoon(): void {
    if (this.writable) this.end()
    if (this.writableFinished) this.destroy()
    else this.once('finish', () => this.destroy())
  }

  setNoDelay(): this {
    return this
  }
  setKeepAlive(): this {
    return this
  }
  ref(): this {
    return this
  }
  unref(): this {
    return this
  }
  address(): { address: string; family: string; port: number } {
    return { address: this.localAddress, family: 'IPv4', port: this.localPort }
  }
}
