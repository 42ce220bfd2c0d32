/** Connections of HTTP/1.1 whose request never gets beyond its header. Not all versions of Node look for them under TLS. */
import type { TLSSocket } from 'node:tls'
import { hostNow, hostTimeout } from '../../host.js'

/** How often connections are looked at, wall ms. */
const LOOK_EVERY = 10_000

interface Waiting {
  /** Requests that are being answered. */
  requests: number
  /** When the last one had been answered, or the connection began. */
  since: number
  /** What had been read by then; undefined for a new connection, of which a request is expected. */
  read: number | undefined
}

export class SlowHeaders {
  private readonly connections = new Map<TLSSocket, Waiting>()
  private cancel: (() => void) | undefined

  /** @param limit wall ms that a header section may take. @param refuse is given the connections that took longer */
  constructor(
    private readonly limit: number,
    private readonly refuse: (socket: TLSSocket) => void,
  ) {}

  /** A connection that will speak HTTP/1.1. */
  add(socket: TLSSocket): void {
    this.connections.set(socket, { requests: 0, since: hostNow(), read: undefined })
    socket.once('close', () => this.remove(socket))
    this.lookLater()
  }

  /** A header has come; the function returned notes that the request has been answered. */
  begun(socket: TLSSocket): () => void {
    const waiting = this.connections.get(socket)
    if (waiting) waiting.requests++
    return () => {
      if (!waiting) return
      waiting.requests--
      waiting.since = hostNow()
      waiting.read = socket.bytesRead
    }
  }

  /** The connection is no longer one of HTTP. */
  remove(socket: TLSSocket): void {
    this.connections.delete(socket)
  }

  stop(): void {
    this.cancel?.()
    this.connections.clear()
  }

  private lookLater(): void {
    this.cancel ??= hostTimeout(Math.min(LOOK_EVERY, this.limit), () => {
      this.cancel = undefined
      const now = hostNow()
      for (const [socket, waiting] of this.connections) {
        if (waiting.requests > 0) continue
        // Nothing of the next request has come: it is idle, which is another matter.
        if (waiting.read === socket.bytesRead) waiting.since = now
        else if (now - waiting.since > this.limit) {
          this.connections.delete(socket)
          this.refuse(socket)
        }
      }
      if (this.connections.size > 0) this.lookLater()
    })
  }
}
