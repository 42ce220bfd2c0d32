/**
 * What goes over the interfaces of a pod or a node, packet by packet, for whoever captures it. Packets are made only while
 * somebody does: the network itself carries streams and datagrams.
 */
import { isLoopback } from './addresses.js'

/** What a packet without content carries. */
export const NOTHING = new Uint8Array()

/** Where a packet comes from or goes to; the port is 0 for ICMP. */
export interface Endpoint {
  address: string
  port: number
}

/** What ICMP says (RFC 792). */
export type IcmpMessage =
  | { type: 'echo request' | 'echo reply'; id: number; sequence: number }
  | { type: 'port unreachable'; about: { protocol: 'TCP' | 'UDP'; source: Endpoint; destination: Endpoint; length: number } }
  | { type: 'time exceeded'; about: { source: Endpoint; destination: Endpoint } }

/** One packet as an interface sees it. */
export interface Packet {
  /** Cluster ms. */
  time: number
  /** `lo`, `eth0`, on a node the name of a pod's end as well. */
  interface: string
  /** Seen from the interface's namespace; what goes over `lo` comes in. */
  direction: 'In' | 'Out'
  protocol: 'TCP' | 'UDP' | 'ICMP'
  source: Endpoint
  destination: Endpoint
  /** Hops that it may still take. */
  ttl: number
  /** The IP header's own number. */
  id: number
  data: Uint8Array
  tcp?: TcpHeader
  icmp?: IcmpMessage
}

export interface TcpHeader {
  /** Letters of tcpdump: S, F, R, P, and `.` for an acknowledgement. */
  flags: string
  sequence: number
  acknowledgement: number
  window: number
  /** The first packet of a direction also tells how large segments may be. */
  syn: boolean
}

/** What a protocol knows of a packet; the namespace adds when and over which interface. */
export type Sent = Pick<Packet, 'protocol' | 'source' | 'destination' | 'data' | 'tcp' | 'icmp'> & { ttl?: number }

/** Those who capture what one namespace sees. */
export class Taps {
  private readonly all = new Set<(packet: Packet) => void>()
  private count = 0

  get size(): number {
    return this.all.size
  }

  /** Tells every packet from now on. Returns a function that stops. */
  add(tap: (packet: Packet) => void): () => void {
    this.all.add(tap)
    return () => this.all.delete(tap)
  }

  tell(sent: Sent, time: number, name: string, direction: 'In' | 'Out', ttl: number): void {
    const packet: Packet = { time, interface: name, direction, ttl, id: (this.count = (this.count + 1) & 0xffff), ...sent }
    for (const tap of this.all) tap(packet)
  }
}

/** Whether a packet stays within its namespace. */
export function staysLocal({ source, destination }: Sent): boolean {
  return isLoopback(destination.address) || source.address === destination.address
}

/** Where the numbers of one side of a connection begin: both ends of it can tell, also across a translated address. */
export function firstSequence(clientPort: number, side: 'client' | 'server'): number {
  return Math.imul(clientPort + (side === 'client' ? 0 : 0x10000), 0x9e3779b1) >>> 0
}

/** What TCP says of one side's place in the conversation. */
export const WINDOW_FIELD = { syn: 64_240, later: 502 } as const
