/** The network of one pod sandbox or one node: its listeners, its sockets, its resolver. */
import { staysLocal, Taps, type Packet, type Sent } from './capture.js'
import type { ConnectionEnd, Home } from './connection.js'
import { Counters, linkTo, NO_TRAFFIC, type Link } from './counters.js'
import { UdpSocket } from './datagram.js'
import { sendEcho, type EchoAnswer, type EchoRequest } from './echo.js'
import type { Fabric } from './fabric.js'
import { hears, isLoopback, overlaps } from './addresses.js'
import type { AddressPool } from './ipam.js'
import {
  DnsError,
  NetworkError,
  type Connection,
  type DatagramHandler,
  type DatagramSocket,
  type DnsAnswer,
  type DnsType,
  type Listener,
  type NetworkNamespace,
  type Protocol,
  type Socket,
  type Traffic,
} from './network.js'
import { OwnRules } from './own-rules.js'
import type { FilterTable } from './packet-filter.js'
import { portState, type PortState } from './port-state.js'
import { stateOf, trackedFlows, type TrackedFlow } from './tracking.js'
import { parseResolvConf, resolveName, type NameServer, type NameService, type Resolver } from './resolver.js'

/** Ports that clients get, as Linux' ip_local_port_range. */
const EPHEMERAL = { first: 32768, last: 60999 }
/** Cluster ms until a resolver with two attempts of five seconds gives up. */
const RESOLVE_PATIENCE = 10_000
/** The same of dig and nslookup, which try three times. */
const QUERY_PATIENCE = 15_000

interface BoundListener extends Listener {
  readonly steady: boolean
  readonly owner: object | undefined
  onConnection: (connection: Connection) => void
}

/** One pod sandbox or node. */
export class Namespace implements NetworkNamespace, Home {
  resolvConf = ''
  hosts = ''
  // Most pods have none of these most of the time.
  nameServer: NameServer | undefined
  private ends: Set<ConnectionEnd> | undefined
  private bound: Map<number, BoundListener[]> | undefined
  private udp: Map<number, UdpSocket> | undefined
  private taps: Taps | undefined
  private nextPort: number
  private closed = false
  private counters: Counters | undefined
  /** What was written to its packet filter by hand. */
  rules: OwnRules | undefined

  constructor(
    private readonly fabric: Fabric,
    readonly node: string,
    /** For traces. */
    readonly name: string,
    readonly ip: string,
    /** Where the address came from; undefined for a node. */
    readonly pool: AddressPool | undefined,
  ) {
    this.nextPort = EPHEMERAL.first + fabric.random.int(EPHEMERAL.last - EPHEMERAL.first)
  }

  get connections(): Set<ConnectionEnd> {
    return (this.ends ??= new Set())
  }

  listen(
    port: number,
    onConnection: (connection: Connection) => void,
    address = '0.0.0.0',
    options: { steady?: boolean; owner?: object } = {},
  ): Listener {
    const { steady = false, owner } = options
    const host = address === '' ? '::' : address
    this.checkLocal(host, port)
    const chosen = port === 0 ? this.freePort() : port
    const bound = (this.bound ??= new Map<number, BoundListener[]>())
    const there = bound.get(chosen) ?? []
    if (there.some((l) => overlaps(l.address, host)))
      throw new NetworkError('EADDRINUSE', `listen EADDRINUSE: address already in use ${host}:${chosen}`)
    const listener: BoundListener = {
      address: host,
      port: chosen,
      steady,
      owner,
      onConnection,
      close: () => {
        const left = (bound.get(chosen) ?? []).filter((l) => l !== listener)
        if (left.length > 0) bound.set(chosen, left)
        else bound.delete(chosen)
      },
    }
    bound.set(chosen, [...there, listener])
    return listener
  }

  /** Who hears a port when `address` was dialled. */
  listenerFor(address: string, port: number): BoundListener | undefined {
    const there = this.bound?.get(port) ?? []
    return there.find((l) => hears(l.address, address))
  }

  connect(address: string, port: number, signal?: AbortSignal, localPort?: number): Promise<Connection> {
    if (this.closed) return Promise.reject(new NetworkError('ENETUNREACH', `connect ENETUNREACH ${address}:${port}`))
    if (localPort !== undefined && this.speaksFrom(localPort))
      return Promise.reject(new NetworkError('EADDRINUSE', `bind EADDRINUSE 0.0.0.0:${localPort}`))
    return this.fabric.open(this, address, port, signal, localPort)
  }

  steadyListener(address: string, port: number): Listener | undefined {
    return this.closed ? undefined : this.fabric.steadyListener(this, address, port)
  }

  bindUdp(port: number, onDatagram: DatagramHandler, address = '0.0.0.0'): DatagramSocket {
    const host = address === '' ? '::' : address
    this.checkLocal(host, port)
    const chosen = port === 0 ? this.freePort() : port
    const udp = (this.udp ??= new Map<number, UdpSocket>())
    if (udp.has(chosen)) throw new NetworkError('EADDRINUSE', `bind EADDRINUSE ${host}:${chosen}`)
    const socket = new UdpSocket(this, host, chosen, onDatagram, this.fabric.datagrams, () => udp.delete(chosen))
    udp.set(chosen, socket)
    return socket
  }

  /** The UDP socket that hears a port when a datagram came for `address`. */
  udpSocketFor(address: string, port: number): UdpSocket | undefined {
    const socket = this.udp?.get(port)
    return socket && hears(socket.address, address) ? socket : undefined
  }

  resolve(name: string): Promise<string[]> {
    const { names, outside } = this.fabric
    const [first] = parseResolvConf(this.resolvConf).nameservers
    const own = first !== undefined && first !== names?.address && this.fabric.nameServerAt(this, first)
    const server = own ? { address: first, reach: () => Promise.resolve(own) } : undefined
    return resolveName(name, this, server ?? (names && { address: names.address, reach: () => this.reachNames(name) }), outside)
  }

  private reachNames(name: string): Promise<Resolver> {
    return this.fabric.reachNames(this, name, RESOLVE_PATIENCE)
  }

  async query(name: string, type: DnsType, server?: string, patience = QUERY_PATIENCE): Promise<DnsAnswer[]> {
    const { names, clock } = this.fabric
    const asked = server ?? parseResolvConf(this.resolvConf).nameservers[0] ?? names?.address
    if (names && asked === names.address) return (await this.fabric.reachNames(this, name, patience)).query(name, type)
    const own = asked === undefined ? undefined : this.fabric.nameServerAt(this, asked)
    if (own) return own.query(name, type)
    // Another server, if there is one, is outside of the cluster, and nothing answers there.
    await clock.sleep(patience)
    throw new DnsError('TIMEOUT', name)
  }

  get names(): NameService | undefined {
    return this.fabric.names
  }

  listeners(): readonly { address: string; port: number }[] {
    return this.allBound().map(({ address, port }) => ({ address, port }))
  }

  private allBound(): BoundListener[] {
    return [...(this.bound?.values() ?? [])].flat()
  }

  sockets(): readonly Socket[] {
    const listening = this.allBound().map((l): Socket => ({
      protocol: 'TCP',
      state: 'LISTEN',
      localAddress: l.address,
      localPort: l.port,
      owner: l.owner,
    }))
    const open = [...(this.ends ?? [])].map((end): Socket => {
      const { localAddress, localPort, remoteAddress, remotePort, owner } = end
      return { protocol: 'TCP', state: stateOf(end), localAddress, localPort, remoteAddress, remotePort, owner }
    })
    const udp = [...(this.udp?.values() ?? [])].map((s): Socket => ({
      protocol: 'UDP',
      state: 'UNCONN',
      localAddress: s.address,
      localPort: s.port,
      owner: s.owner,
    }))
    return [...listening, ...open, ...udp]
  }

  traffic(link: Link = 'eth0'): Traffic {
    return this.counters?.get(link) ?? NO_TRAFFIC
  }

  /** One of its interfaces carries a packet to or from `other`. @param bytes the whole frame */
  counts(other: string, direction: 'In' | 'Out', bytes: number): void {
    const counters = (this.counters ??= new Counters())
    counters.add(linkTo(this.ip, other), direction, bytes)
  }

  echo(address: string, request: EchoRequest, signal: AbortSignal): Promise<EchoAnswer> {
    return sendEcho(this.fabric, this, address, request, signal)
  }

  portState(address: string, port: number, protocol: Protocol): PortState {
    return portState(this.fabric, this, protocol, address, port)
  }

  filterTables(): readonly FilterTable[] {
    return this.pool ? [] : this.fabric.filterTables(this.node)
  }

  ownRules(): OwnRules {
    return (this.rules ??= new OwnRules())
  }

  tracked(): readonly TrackedFlow[] {
    return trackedFlows(this.fabric, this)
  }

  capture(onPacket: (packet: Packet) => void): () => void {
    return (this.taps ??= new Taps()).add(onPacket)
  }

  /** Whether anybody captures what its interfaces carry, here or on its node. */
  get watched(): boolean {
    if (this.taps && this.taps.size > 0) return true
    const through = this.pool && this.fabric.passesThrough(this.node)
    return through !== undefined && through !== this && through.watched
  }

  /** One of its interfaces carries a packet. */
  sees(sent: Sent, direction: 'In' | 'Out'): void {
    const local = staysLocal(sent)
    // What goes over the loopback is seen once.
    if (local && direction === 'Out') return
    const { clock } = this.fabric
    const ttl = sent.ttl ?? (direction === 'In' && !local ? 64 - this.fabric.routersTo(this, sent.source.address).length : 64)
    this.taps?.tell(sent, clock.now(), local ? 'lo' : 'eth0', direction, ttl)
    if (local || !this.pool) return
    const through = this.fabric.passesThrough(this.node)
    through?.taps?.tell(sent, clock.now(), this.hostEnd, direction === 'In' ? 'Out' : 'In', ttl)
  }

  /** What the node calls its end of the pod's link. */
  private get hostEnd(): string {
    let hash = 0
    for (const char of this.name) hash = (Math.imul(hash, 31) + char.charCodeAt(0)) >>> 0
    return `veth${hash.toString(16).padStart(8, '0')}`
  }

  /** A connection of this namespace is over. */
  left(end: ConnectionEnd): void {
    this.connections.delete(end)
  }

  private checkLocal(host: string, port: number): void {
    if (this.closed) throw new NetworkError('ENETDOWN', 'listen ENETDOWN')
    if (host !== '0.0.0.0' && host !== '::' && host !== this.ip && !isLoopback(host))
      throw new NetworkError('EADDRNOTAVAIL', `listen EADDRNOTAVAIL: address not available ${host}:${port}`)
  }

  close(): void {
    if (this.closed) return
    this.closed = true
    this.bound?.clear()
    for (const socket of this.udp?.values() ?? []) socket.close()
    for (const connection of this.ends ?? []) connection.reset()
    this.fabric.forget(this)
    this.pool?.release(this.ip)
  }

  ephemeralPort(): number {
    this.nextPort = this.nextPort >= EPHEMERAL.last ? EPHEMERAL.first : this.nextPort + 1
    return this.nextPort
  }

  private speaksFrom(port: number): boolean {
    return this.bound?.has(port) === true || [...(this.ends ?? [])].some((end) => end.localPort === port)
  }

  private freePort(): number {
    for (;;) {
      const port = this.ephemeralPort()
      if (!this.bound?.has(port) && !this.udp?.has(port)) return port
    }
  }
}
