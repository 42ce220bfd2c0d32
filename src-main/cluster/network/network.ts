/**
 * The contract of the simulated network: a connection is an in-memory byte stream, and where it goes (pod, service,
 * node port, the API server itself) is decided when it is opened.
 */
import type { Link } from './counters.js'
import type { OwnRules } from './own-rules.js'
import type { FilterTable } from './packet-filter.js'
import type { TrackedFlow } from './tracking.js'
import type { Duplex } from 'node:stream'
import type { Packet } from './capture.js'
import type { EchoAnswer, EchoRequest } from './echo.js'
import type { PortState } from './port-state.js'
import type { NameServer, NameService } from './resolver.js'

/** A TCP connection. A node Duplex, so that node:http and TLS run over it unchanged. */
export interface Connection extends Duplex {
  readonly localAddress: string
  readonly localPort: number
  readonly remoteAddress: string
  readonly remotePort: number
  /** Whose it is, as whoever opened or took it has said: the network only keeps it. */
  owner?: object | undefined
}

/** Errors carry a POSIX `code`: ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, ETIMEDOUT, ECONNRESET, EADDRINUSE. */
export class NetworkError extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message)
    this.name = 'NetworkError'
  }
}

/** A name could not be resolved. */
export class DnsError extends Error {
  constructor(
    readonly code: 'NXDOMAIN' | 'SERVFAIL' | 'TIMEOUT',
    readonly host: string,
  ) {
    super(`${code} looking up ${host}`)
    this.name = 'DnsError'
  }
}

export interface Listener {
  readonly address: string
  readonly port: number
  close(): void
}

/** What goes over IP here. */
export type Protocol = 'TCP' | 'UDP'

/** Told of a datagram that came. Answers go back to `address` and `port`. */
export type DatagramHandler = (data: Uint8Array, from: { address: string; port: number }) => void

/** A UDP socket. */
export interface DatagramSocket {
  readonly address: string
  readonly port: number
  /** Sends one datagram. Nothing tells whether it arrives. */
  send(data: Uint8Array, port: number, address: string): void
  /** Called when the far end has said that nobody hears the port (ICMP port unreachable). */
  onUnreachable: ((address: string, port: number) => void) | undefined
  /** Whose it is, as whoever opened or took it has said: the network only keeps it. */
  owner?: object | undefined
  close(): void
}

/** One socket of a namespace, as ss and netstat list it. */
export interface Socket {
  protocol: Protocol
  state: 'LISTEN' | 'ESTABLISHED' | 'CLOSE_WAIT' | 'FIN_WAIT2' | 'TIME_WAIT' | 'UNCONN'
  localAddress: string
  localPort: number
  remoteAddress?: string
  remotePort?: number
  /** See {@link Connection}. */
  owner?: object | undefined
}

/** What a network interface has carried since it was made, in whole frames. */
export interface Traffic {
  readonly receivedBytes: number
  readonly sentBytes: number
  readonly receivedPackets: number
  readonly sentPackets: number
}

/** Kinds of DNS records that the cluster answers. */
export type DnsType = 'A' | 'AAAA' | 'CNAME' | 'SRV' | 'PTR' | 'NS' | 'SOA' | 'TXT' | 'ANY'

/** One record of an answer, with names that end in a dot. */
export interface DnsAnswer {
  name: string
  type: DnsType
  /** Seconds. */
  ttl: number
  /** As in a zone file: `10.96.0.1`, `web.default.svc.cluster.local.`, `0 100 80 web.default.svc.cluster.local.` */
  data: string
}

/** The network of one pod sandbox or one node: its addresses, its ports. Containers of a pod share one. */
export interface NetworkNamespace {
  readonly ip: string
  /** The node it is on. */
  readonly node: string
  /** The text of /etc/resolv.conf and /etc/hosts that `resolve` follows. */
  resolvConf: string
  hosts: string
  /**
   * Port 0 picks a free one. `address` is 0.0.0.0 by default; `::` hears IPv6 as well, 127.0.0.1 and ::1 only the namespace itself. A listener that is
   * `steady` answers the same request always in the same way, and keeps nothing of it. What comes to it is its owner's. Throws {@link NetworkError} EADDRINUSE.
   */
  listen(
    port: number,
    onConnection: (connection: Connection) => void,
    address?: string,
    options?: { steady?: boolean; owner?: object },
  ): Listener
  /**
   * Opens a connection to an IP address, from a port of its own choice or from `localPort`. Rejects with
   * {@link NetworkError}: EADDRINUSE where somebody listens on, or speaks from, that port.
   */
  connect(address: string, port: number, signal?: AbortSignal, localPort?: number): Promise<Connection>
  /**
   * Who would hear a connection to an address, if it is a steady listener and nobody follows what is opened: as long as it
   * is the same one, a request that was answered once would be answered alike.
   */
  steadyListener?(address: string, port: number): Listener | undefined
  /** The addresses of a name by /etc/hosts, then cluster DNS with search domains. Rejects with {@link DnsError}. */
  resolve(name: string): Promise<string[]>
  /** Hears datagrams on a UDP port; 0 picks a free one. Throws {@link NetworkError} EADDRINUSE. */
  bindUdp(port: number, onDatagram: DatagramHandler, address?: string): DatagramSocket
  /**
   * Asks a DNS server (the first of resolv.conf, the cluster's when it has none) for one name as it stands, without search
   * domains, for nslookup and dig. Rejects with {@link DnsError}, TIMEOUT after `patience` cluster ms (15 s when left out).
   */
  query?(name: string, type: DnsType, server?: string, patience?: number): Promise<DnsAnswer[]>
  /** What answers on port 53 of this namespace, put there by the program that listens. */
  nameServer?: NameServer | undefined
  /** The names of the cluster, for the program that serves them; undefined when there are none. */
  readonly names?: NameService | undefined
  /** The ports that are listened on, for netstat and probes. */
  listeners(): readonly { address: string; port: number }[]
  /** All sockets, for ss and netstat. */
  sockets(): readonly Socket[]
  /** What one of its network interfaces has carried; `eth0` when left out. */
  traffic?(link?: Link): Traffic
  /**
   * Sends an ICMP echo request and gives what is answered. Rejects with {@link NetworkError} for a host that is not there, and
   * with the signal's reason when nothing answers until it aborts.
   */
  echo?(address: string, request: EchoRequest, signal: AbortSignal): Promise<EchoAnswer>
  /** What a scan sees of a port: nothing that listens there hears of it. */
  portState?(address: string, port: number, protocol: Protocol): PortState
  /** Tells every packet that its interfaces carry from now on; on a node those of its pods as well. Returns a function that stops. */
  capture?(onPacket: (packet: Packet) => void): () => void
  /** The rules that kube-proxy wrote to its packet filter; a pod has none. */
  filterTables?(): readonly FilterTable[]
  /** The rules that were written by hand; made when they are first asked for. */
  ownRules?(): OwnRules
  /** What the kernel remembers of connections and flows: a node's are those of its pods as well. */
  tracked?(): readonly TrackedFlow[]
  /** Closes all listeners and connections and frees the address. */
  close(): void
}

export interface Network {
  /** The namespace of a node itself, with the node's address; made once per node. */
  addNode(name: string, address: string, podCIDR: string): NetworkNamespace
  removeNode(name: string): void
  node(name: string): NetworkNamespace | undefined
  /** A namespace with an address of the node's pod CIDR (or the given one, if free). */
  addPod(options: { node: string; namespace: string; name: string; ip?: string }): NetworkNamespace
}
