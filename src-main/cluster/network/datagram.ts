/**
 * UDP: sockets, and the flows that connection tracking remembers, so that the datagrams of one client stay with one
 * endpoint of a service, and answers come from the address that was asked.
 */
import { isLoopback } from './addresses.js'
import { NOTHING } from './capture.js'
import { HEADERS } from './counters.js'
import type { Fabric } from './fabric.js'
import type { Namespace } from './namespace.js'
import type { DatagramHandler, DatagramSocket } from './network.js'

/** Cluster ms that a flow without traffic is remembered: nf_conntrack_udp_timeout_stream. */
const FLOW_TIMEOUT = 120_000
/** The most flows remembered; the oldest go first. */
const MOST_FLOWS = 65_536

/** Both directions of one client's exchange with one server. */
export interface Flow {
  client: { namespace: Namespace; address: string; port: number }
  /** What the client sends to. */
  dialled: { address: string; port: number }
  server: { namespace: Namespace; address: string; port: number }
  /** The client as the server sees it. */
  seen: { address: string; port: number }
  until: number
}

/** The flows of the whole network. */
export class DatagramFlows {
  /** By client and dialled address. */
  private readonly outward = new Map<string, Flow>()
  /** By server and the client as it sees it. */
  private readonly back = new Map<string, Flow>()

  constructor(private readonly fabric: Fabric) {}

  /** The flows that are remembered now. */
  remembered(): Flow[] {
    const now = this.fabric.clock.now()
    return [...this.outward.values()].filter(({ until }) => until >= now)
  }

  /** Sends one datagram; what cannot be delivered is lost, or told as unreachable. */
  send(socket: UdpSocket, data: Uint8Array, address: string, port: number): void {
    const { namespace } = socket
    const flow = this.answered(namespace, socket.port, address, port)
    const own = isLoopback(address) ? address : namespace.ip
    namespace.counts(address, 'Out', HEADERS.UDP + data.length)
    if (namespace.watched)
      namespace.sees({ protocol: 'UDP', source: { address: own, port: socket.port }, destination: { address, port }, data }, 'Out')
    if (flow) {
      this.deliver(flow.client.namespace, flow.client.address, flow.client.port, data, flow.dialled, socket, { address, port })
      return
    }
    const route = this.forward(namespace, socket.port, address, port)
    if (!route) return
    if (route === 'refused') return this.fabric.carry(() => socket.unreachable(address, port))
    const { server, seen } = route
    this.deliver(server.namespace, server.address, server.port, data, seen, socket, { address, port })
  }

  /** The flow that a datagram of a server answers. */
  private answered(namespace: Namespace, localPort: number, address: string, port: number): Flow | undefined {
    const flow = this.back.get(`${namespace.ip}:${localPort} ${address}:${port}`)
    if (!flow || flow.until < this.fabric.clock.now()) return undefined
    flow.until = this.fabric.clock.now() + FLOW_TIMEOUT
    return flow
  }

  /** The flow that a datagram of a client belongs to: the one that it began, while that lasts, or a new one. */
  private forward(namespace: Namespace, localPort: number, address: string, port: number): Flow | 'refused' | undefined {
    const now = this.fabric.clock.now()
    const key = `${namespace.ip}:${localPort} ${address}:${port}`
    const known = this.outward.get(key)
    if (known && known.until >= now && known.server.namespace.udpSocketFor(known.server.address, known.server.port)) {
      known.until = now + FLOW_TIMEOUT
      return known
    }
    const dialled = address === '0.0.0.0' ? '127.0.0.1' : address
    const route = this.fabric.decide(namespace, 'UDP', dialled, port)
    if ('verdict' in route) return route.verdict === 'refused' ? 'refused' : undefined
    const flow: Flow = {
      client: { namespace, address: route.local ? route.source : namespace.ip, port: localPort },
      dialled: { address, port },
      server: { namespace: route.to, address: route.address, port: route.port },
      seen: { address: route.source, port: localPort },
      until: now + FLOW_TIMEOUT,
    }
    this.outward.set(key, flow)
    this.back.set(`${route.to.ip}:${route.port} ${route.source}:${localPort}`, flow)
    for (const map of [this.outward, this.back]) if (map.size > MOST_FLOWS) map.delete(map.keys().next().value!)
    return flow
  }

  /** Forgets the flows that were led to a server from another address: it is no endpoint of a service any more. */
  forgetServer(address: string, port: number): void {
    for (const [key, { server, dialled, seen }] of this.outward) {
      if (server.address !== address || server.port !== port || dialled.address === address) continue
      this.outward.delete(key)
      this.back.delete(`${server.namespace.ip}:${port} ${seen.address}:${seen.port}`)
    }
  }

  private deliver(
    to: Namespace,
    address: string,
    port: number,
    data: Uint8Array,
    from: { address: string; port: number },
    sender: UdpSocket,
    dialled: { address: string; port: number },
  ): void {
    const copy = Uint8Array.from(data)
    this.fabric.carry(() => {
      const socket = to.udpSocketFor(address, port)
      const destination = { address, port }
      to.counts(from.address, 'In', HEADERS.UDP + copy.length)
      if (to.watched) to.sees({ protocol: 'UDP', source: from, destination, data: copy }, 'In')
      if (socket) socket.onDatagram(copy, from)
      else this.fabric.carry(() => sender.unreachable(dialled.address, dialled.port))
    })
  }
}

/** A socket that hears one port of a namespace. */
export class UdpSocket implements DatagramSocket {
  onUnreachable: ((address: string, port: number) => void) | undefined
  owner: object | undefined
  private closed = false

  constructor(
    readonly namespace: Namespace,
    readonly address: string,
    readonly port: number,
    readonly onDatagram: DatagramHandler,
    private readonly flows: DatagramFlows,
    private readonly onClose: () => void,
  ) {}

  send(data: Uint8Array, port: number, address: string): void {
    if (!this.closed) this.flows.send(this, data, address, port)
  }

  /** For {@link DatagramFlows}: an ICMP message came back. */
  unreachable(address: string, port: number): void {
    const { namespace } = this
    namespace.counts(address, 'In', HEADERS.ICMP + 28)
    if (namespace.watched) {
      const about = {
        protocol: 'UDP',
        source: { address: namespace.ip, port: this.port },
        destination: { address, port },
        length: 28,
      } as const
      const ends = { source: { address, port: 0 }, destination: { address: namespace.ip, port: 0 } }
      namespace.sees({ protocol: 'ICMP', ...ends, data: NOTHING, icmp: { type: 'port unreachable', about } }, 'In')
    }
    if (!this.closed) this.onUnreachable?.(address, port)
  }

  close(): void {
    if (this.closed) return
    this.closed = true
    this.onClose()
  }
}
