/** One port of this machine that leads into the cluster: a listener of the host whose connections go on in the simulated network. */
import net from 'node:net'
import type { Connection } from './network.js'

/** The only address that the embedded cluster ever listens on. */
export const LOCAL_ADDRESS = '127.0.0.1'

/** What became of opening a port. */
export type Opened = { port: TunnelListener } | { refused: 'PortInUse' | 'PortForbidden' | 'PortUnavailable'; message: string }

/** Opens `port` of 127.0.0.1, any free one when it is 0. `dial` makes the connection's other half in the cluster. */
export function openTunnelPort(port: number, dial: () => Promise<Connection>): Promise<Opened> {
  const server = net.createServer({ allowHalfOpen: true, noDelay: true })
  return new Promise((resolve) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const where = `port ${port} of ${LOCAL_ADDRESS}`
      if (error.code === 'EADDRINUSE') resolve({ refused: 'PortInUse', message: `${where} is in use by another program of this machine` })
      else if (error.code === 'EACCES')
        resolve({ refused: 'PortForbidden', message: `${where} needs more rights; choose a localPort from 1024 up` })
      else resolve({ refused: 'PortUnavailable', message: `${where} cannot be opened: ${error.message}` })
    })
    server.listen({ port, host: LOCAL_ADDRESS, exclusive: true }, () => {
      server.removeAllListeners('error')
      server.on('error', () => undefined)
      resolve({ port: new TunnelListener(server, dial) })
    })
  })
}

/** A port that is open. */
export class TunnelListener {
  readonly localPort: number
  /** Told when connections came or went. */
  onChange: () => void = () => undefined
  private readonly sockets = new Map<net.Socket, Connection | undefined>()
  private finished = { sent: 0, received: 0 }

  constructor(
    private readonly server: net.Server,
    private readonly dial: () => Promise<Connection>,
  ) {
    this.localPort = (server.address() as net.AddressInfo).port
    server.on('connection', (socket) => this.accept(socket))
  }

  /** Connections that are open now. */
  get connections(): number {
    return this.sockets.size
  }

  /** Bytes into the cluster and out of it since the port was opened. */
  traffic(): { sent: number; received: number } {
    let { sent, received } = this.finished
    for (const socket of this.sockets.keys()) {
      sent += socket.bytesRead
      received += socket.bytesWritten
    }
    return { sent, received }
  }

  /** Stops listening and cuts what is open. */
  close(): void {
    this.server.close()
    for (const [socket, connection] of this.sockets) {
      connection?.destroy()
      socket.destroy()
    }
  }

  private accept(socket: net.Socket): void {
    this.sockets.set(socket, undefined)
    this.onChange()
    socket.on('error', () => undefined)
    socket.once('close', () => {
      this.finished.sent += socket.bytesRead
      this.finished.received += socket.bytesWritten
      this.sockets.get(socket)?.destroy()
      this.sockets.delete(socket)
      this.onChange()
    })
    this.dial().then(
      (connection) => {
        if (socket.destroyed) return void connection.destroy()
        this.sockets.set(socket, connection)
        connection.once('error', () => socket.resetAndDestroy())
        connection.once('close', () => socket.destroySoon())
        // Each side is read no faster than the other is written, so that nothing gathers here.
        socket.pipe(connection)
        connection.pipe(socket)
      },
      // As a connection that is refused behind the listener: it was accepted, and is cut.
      () => socket.resetAndDestroy(),
    )
  }
}
