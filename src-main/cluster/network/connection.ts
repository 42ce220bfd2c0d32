/**
 * A TCP connection in memory: two Duplex ends with a window each way, half-close and reset. Node's http, tls and
 * WebSocket code runs over an end as over a socket, so it has the few methods of `net.Socket` that they call.
 */
import { Duplex } from 'node:stream'
import type { Clock, Timer } from '../clock.js'
import { firstSequence, NOTHING, WINDOW_FIELD, type Sent } from './capture.js'
import { HEADERS } from './counters.js'
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

/** Whose end it is: the namespace that counts it and whose packets may be captured. */
export interface Home {
  left(end: ConnectionEnd): void
  /** Whether anybody captures what its interfaces carry. */
  readonly watched: boolean
  sees(packet: Sent, direction: 'In' | 'Out'): void
  /** An interface carries a packet to or from an address. */
  counts(other: string, direction: 'In' | 'Out', bytes: number): void
}

/** One end of a connection. */
export class ConnectionEnd extends Duplex implements Connection {
  readonly localAddress: string
  readonly localPort: number
  readonly remoteAddress: string
  readonly remotePort: number
  readonly remoteFamily = 'IPv4'
  readonly localFamily = 'IPv4'
  owner: object | undefined
  /** Bytes that came in and went out, for accounting. */
  bytesRead = 0
  bytesWritten = 0
  private peer: ConnectionEnd | undefined
  /** The other end once it is closed: its host still answers what is captured. */
  private closedPeer: ConnectionEnd | undefined
  /** The other end's write that waits for room here. */
  private onRoom: ((error?: Error) => void) | undefined
  private remoteEnded = false
  private sentEnd = false
  private timeoutMs = 0
  private timeoutTimer: Timer | undefined
  private lastActivity = 0

  constructor(
    private readonly clock: Clock,
    private readonly carry: (deliver: () => void) => void,
    ends: Ends,
    readonly home: Home,
    readonly side: 'client' | 'server',
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

  /** The other end, while it is open. */
  get other(): ConnectionEnd | undefined {
    return this.peer
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
    const before = this.bytesWritten
    this.bytesWritten += chunk.length
    const send = (from: number): void => {
      const segment = chunk.subarray(from, from + WINDOW)
      const next = from + segment.length
      if (segment.length > 0) this.tell('Out', 'P.', before + from, this.bytesRead, segment)
      this.carry(() => {
        if (!this.peer) return callback(new NetworkError('EPIPE', 'write EPIPE'))
        this.peer.receive(segment, (error) => (error || next >= chunk.length ? callback(error) : send(next)))
      })
    }
    send(0)
  }

  override _final(callback: (error?: Error | null) => void): void {
    this.tellEnd()
    this.carry(() => {
      this.peer?.receiveEnd(this)
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
    if (peer) {
      if (reset) this.tell('Out', 'R.', this.bytesWritten, this.bytesRead)
      else this.tellEnd()
      this.carry(() => peer.receiveClose(reset))
    } else if (this.closedPeer) this.tellEnd()
    this.closedPeer = undefined
    this.home.left(this)
    callback(error)
  }

  private receive(segment: Buffer, taken: (error?: Error) => void): void {
    if (this.destroyed || this.remoteEnded) return taken(new NetworkError('ECONNRESET', 'write ECONNRESET'))
    this.lastActivity = this.clock.now()
    if (segment.length > 0) this.tell('In', 'P.', this.bytesRead, this.bytesWritten, segment)
    this.bytesRead += segment.length
    if (segment.length > 0) this.acknowledge()
    if (this.push(segment)) taken()
    else this.onRoom = taken
  }

  private receiveEnd(from: ConnectionEnd): void {
    if (this.remoteEnded) return
    this.tell('In', 'F.', this.bytesRead, this.bytesWritten)
    this.remoteEnded = true
    this.acknowledge(from)
    if (!this.destroyed) this.push(null)
  }

  /** The other end is closed for good. */
  private receiveClose(reset: boolean): void {
    const from = this.peer
    if (!reset) this.closedPeer = from
    this.peer = undefined
    if (this.destroyed) return
    if (reset && !this.remoteEnded) this.tell('In', 'R.', this.bytesRead, this.bytesWritten)
    if (reset && !this.readableEnded) this.destroy(new NetworkError('ECONNRESET', 'read ECONNRESET'))
    else if (from) this.receiveEnd(from)
  }

  // What is captured of it.

  /** Says that what came was heard; both sides see that. */
  private acknowledge(from = this.peer): void {
    this.tell('Out', '.', this.bytesWritten, this.bytesRead)
    from?.tell('In', '.', this.bytesWritten, this.bytesRead)
  }

  /** This side says once that it has no more to say; a host whose own end is closed already still hears it. */
  private tellEnd(): void {
    if (this.sentEnd) return
    this.tell('Out', 'F.', this.bytesWritten, this.bytesRead)
    this.sentEnd = true
    const other = this.closedPeer
    if (!other) return
    other.tell('In', 'F.', this.bytesWritten, this.bytesRead)
    other.tell('Out', '.', this.bytesRead, this.bytesWritten)
    this.tell('In', '.', this.bytesRead, this.bytesWritten)
  }

  /** @param sent bytes that the sender of the packet had sent before, @param heard bytes that it had received */
  private tell(direction: 'In' | 'Out', flags: string, sent: number, heard: number, data: Uint8Array = NOTHING): void {
    this.home.counts(this.remoteAddress, direction, HEADERS.TCP + data.length)
    if (!this.home.watched) return
    const own = { address: this.localAddress, port: this.localPort }
    const other = { address: this.remoteAddress, port: this.remotePort }
    const clientPort = this.side === 'client' ? this.localPort : this.remotePort
    const sender = (direction === 'Out') === (this.side === 'client') ? 'client' : 'server'
    // The FIN of either side counts as a byte.
    const [ended, heardEnd] = direction === 'Out' ? [this.sentEnd, this.remoteEnded] : [this.remoteEnded, this.sentEnd]
    const tcp = {
      flags,
      sequence: (firstSequence(clientPort, sender) + 1 + sent + (ended && flags === '.' ? 1 : 0)) >>> 0,
      acknowledgement: (firstSequence(clientPort, sender === 'client' ? 'server' : 'client') + 1 + heard + (heardEnd ? 1 : 0)) >>> 0,
      window: WINDOW_FIELD.later,
      syn: false,
    }
    this.home.sees({ protocol: 'TCP', ...(direction === 'Out' ? { source: own, destination: other } : { source: other, destination: own }), data, tcp }, direction) // prettier-ignore
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
