/** What serves the block `stream`: connections and datagrams go on to other servers as they are. */
import type { Connection, DatagramSocket, Listener } from '../../../network/network.js'
import { DnsError, NetworkError } from '../../../network/network.js'
import { connectAs } from '../../own-sockets.js'
import type { Process } from '../../process.js'
import { allowed } from './access.js'
import { isoTime, localTime } from './pages.js'
import type { StreamConfig, StreamServer } from './stream-model.js'
import { choose, note, single, type Peer, type Upstream } from './upstream.js'

/** What sessions are told to. */
export interface StreamLogs {
  access(path: string, line: string): void
  error(level: string, message: string): void
}

/** One connection, or the datagrams of one client. */
interface Session {
  readonly server: StreamServer
  readonly client: { readonly address: string; readonly port: number }
  readonly port: number
  readonly protocol: 'TCP' | 'UDP'
  readonly number: number
  readonly startedAt: number
  status: number
  received: number
  sent: number
  upstream: string
}

/** The ports of the block, and what comes to them. */
export class Streams {
  private readonly open: (Listener | DatagramSocket)[] = []
  private readonly singles = new Map<string, Upstream>()
  private sessions = 0

  constructor(
    private readonly process: Process,
    private readonly config: StreamConfig,
    private readonly logs: StreamLogs,
  ) {}

  /** Opens all ports. Throws {@link NetworkError} with `where` of the one that cannot be opened. */
  listen(): void {
    for (const server of this.config.servers)
      for (const { address, port, udp } of server.listens) {
        try {
          this.open.push(udp ? this.datagrams(server, port, address) : this.connections(server, port, address))
        } catch (error) {
          this.close()
          throw Object.assign(error as Error, { where: `${address}:${port}` })
        }
      }
  }

  close(): void {
    for (const each of this.open.splice(0)) each.close()
  }

  private connections(server: StreamServer, port: number, address: string): Listener {
    return this.process.net.listen(port, (client) => void this.serve(server, client, port).catch(() => client.destroy()), address, {
      owner: this.process,
    })
  }

  private session(server: StreamServer, client: Session['client'], port: number, protocol: Session['protocol']): Session {
    const startedAt = this.process.clock.now()
    return { server, client, port, protocol, number: ++this.sessions, startedAt, status: 200, received: 0, sent: 0, upstream: '' }
  }

  private async serve(server: StreamServer, client: Connection, port: number): Promise<void> {
    const session = this.session(server, { address: client.remoteAddress, port: client.remotePort }, port, 'TCP')
    client.on('error', () => client.destroy())
    client.once('close', () => this.told(session))
    if (!allowed(server.access, session.client.address)) {
      session.status = 403
      this.logs.error('error', `*${session.number} access forbidden by rule, ${about(session)}`)
      return void client.destroy()
    }
    if (server.answer !== undefined) {
      const text = this.expand(session, server.answer)
      session.sent = Buffer.byteLength(text)
      return void client.end(text)
    }
    const found = await this.dial(session)
    if (!found) {
      session.status = 502
      return void client.destroy()
    }
    const { peer, connection } = found
    peer.active++
    connection.once('close', () => peer.active--)
    connection.on('error', () => connection.destroy())
    client.on('data', (data: Buffer) => (session.received += data.length))
    connection.on('data', (data: Buffer) => (session.sent += data.length))
    this.untilSilent(session, [client, connection])
    client.pipe(connection)
    connection.pipe(client)
    client.once('close', () => connection.destroy())
    connection.once('close', () => client.end())
  }

  /** Ends a session in which nobody says anything for as long as proxy_timeout. */
  private untilSilent({ server, number }: Session, ends: readonly Connection[]): void {
    const { clock } = this.process
    const over = (): void => {
      this.logs.error('info', `*${number} connection timed out (110: Connection timed out) while proxying connection`)
      for (const end of ends) end.destroy()
    }
    let timer = clock.after(server.timeout, over)
    const touch = (): void => {
      timer.cancel()
      timer = clock.after(server.timeout, over)
    }
    for (const end of ends) {
      end.on('data', touch)
      end.once('close', () => timer.cancel())
    }
  }

  private group(session: Session): Upstream | undefined {
    const text = this.expand(session, session.server.pass!)
    const known = this.config.upstreams.get(text)
    if (known) return known
    const [, host, port] = /^(.+):(\d+)$/.exec(text) ?? []
    if (host === undefined) {
      this.logs.error('error', `*${session.number} no port in upstream "${text}", ${about(session)}`)
      return undefined
    }
    const made = this.singles.get(text) ?? single(host, Number(port))
    this.singles.set(text, made)
    return made
  }

  /** Connects to the servers of the group in turn until one answers. */
  private async dial(session: Session): Promise<{ peer: Peer; connection: Connection } | undefined> {
    const group = this.group(session)
    if (!group) return undefined
    const tried = new Set<Peer>()
    const { clock, net } = this.process
    for (;;) {
      const key = group.method === 'ip_hash' ? session.client.address : this.expand(session, group.key)
      const peer = choose(group, tried, key, clock.now())
      if (!peer) {
        if (tried.size === 0)
          this.logs.error('error', `*${session.number} no live upstreams while connecting to upstream, ${about(session)}`)
        return undefined
      }
      tried.add(peer)
      const abort = new AbortController()
      const timer = clock.after(session.server.connectTimeout, () => abort.abort(new NetworkError('ETIMEDOUT', 'connect ETIMEDOUT')))
      try {
        const [address] = await net.resolve(peer.host)
        session.upstream += `${session.upstream && ', '}${address}:${peer.port}`
        const connection = await connectAs(this.process, address!, peer.port, abort.signal)
        note(peer, true, clock.now())
        return { peer, connection }
      } catch (error) {
        note(peer, false, clock.now())
        this.logs.error('error', `*${session.number} ${failure(error)}, ${about(session)}, upstream: "${peer.host}:${peer.port}"`)
      } finally {
        timer.cancel()
      }
    }
  }

  /** Each client's datagrams go to one server, whose answers go back to that client. */
  private datagrams(server: StreamServer, port: number, address: string): DatagramSocket {
    const { net, clock } = this.process
    const flows = new Map<string, { session: Session; send: Promise<((data: Uint8Array) => void) | undefined> }>()
    const socket = net.bindUdp(
      port,
      (data, from) => {
        const key = `${from.address}:${from.port}`
        let flow = flows.get(key)
        if (!flow) {
          const session = this.session(server, from, port, 'UDP')
          if (!allowed(server.access, from.address)) return
          flow = { session, send: this.flow(session, (answer) => socket.send(answer, from.port, from.address)) }
          flows.set(key, flow)
          clock.after(server.timeout, () => {
            flows.delete(key)
            this.told(session)
          })
        }
        flow.session.received += data.length
        void flow.send.then((send) => send?.(data))
      },
      address,
    )
    socket.owner = this.process
    return socket
  }

  private async flow(session: Session, answer: (data: Uint8Array) => void): Promise<((data: Uint8Array) => void) | undefined> {
    const { net, clock } = this.process
    const back = (data: Uint8Array): void => {
      session.sent += data.length
      answer(data)
    }
    if (session.server.answer !== undefined) return () => back(Buffer.from(this.expand(session, session.server.answer!)))
    const group = this.group(session)
    const peer = group && choose(group, new Set(), session.client.address, clock.now())
    const [address] = peer ? await net.resolve(peer.host).catch(() => []) : []
    if (!peer || address === undefined) return undefined
    session.upstream = `${address}:${peer.port}`
    const socket = net.bindUdp(0, back)
    socket.owner = this.process
    clock.after(session.server.timeout, () => socket.close())
    return (data) => socket.send(data, peer.port, address)
  }

  private told(session: Session): void {
    const { log } = session.server
    if (!log) return
    const format = this.config.formats.get(log.format)!.text
    this.logs.access(log.path, `${this.expand(session, format, '-')}\n`)
  }

  private expand(session: Session, text: string, empty = ''): string {
    return text.replace(
      /\$(?:\{(\w+)\}|(\w+))/g,
      (_, braced?: string, plain?: string) => this.variable(session, braced ?? plain ?? '') || empty,
    )
  }

  private variable(session: Session, name: string): string {
    const now = this.process.clock.now()
    const computed = this.config.computed.get(name)
    if (computed)
      return computed(
        (text) => this.expand(session, text),
        () => undefined,
      )
    const values: Readonly<Record<string, string | number>> = {
      remote_addr: session.client.address,
      remote_port: session.client.port,
      server_addr: this.process.net.ip,
      server_port: session.port,
      protocol: session.protocol,
      status: session.status,
      bytes_received: session.received,
      bytes_sent: session.sent,
      session_time: ((now - session.startedAt) / 1000).toFixed(3),
      upstream_addr: session.upstream,
      connection: session.number,
      hostname: this.process.hostname,
      time_local: localTime(now),
      time_iso8601: isoTime(now),
      msec: (now / 1000).toFixed(3),
      pid: this.process.pid,
    }
    return String(values[name] ?? '')
  }
}

function about({ client, port, server }: Session): string {
  return `client: ${client.address}, server: ${server.listens.find((l) => l.port === port)?.address ?? '0.0.0.0'}:${port}`
}

/** What the error log says of a server that cannot be reached. */
export function failure(error: unknown): string {
  if (error instanceof DnsError) return 'host not found in upstream'
  const code = error instanceof NetworkError ? error.code : ''
  if (code === 'ETIMEDOUT') return 'upstream timed out (110: Connection timed out) while connecting to upstream'
  const reasons: Record<string, string> = { EHOSTUNREACH: '113: Host is unreachable', ENETUNREACH: '101: Network unreachable' }
  return `connect() failed (${reasons[code] ?? '111: Connection refused'}) while connecting to upstream`
}
