/** Packets as bytes, as capture files and filters see them: Ethernet (or Linux' cooked header), IPv4, TCP, UDP, ICMP. */
import type { Endpoint, IcmpMessage, Packet, TcpHeader } from '../../../../network/capture.js'
import { mac } from '../../../proc-net.js'

/** Numbers of link types (https://www.tcpdump.org/linktypes.html). */
export const ETHERNET = 1
export const LINUX_SLL2 = 276
export type LinkType = typeof ETHERNET | typeof LINUX_SLL2

const PROTOCOLS = { ICMP: 1, TCP: 6, UDP: 17 } as const
const FLAG_BITS: readonly (readonly [letter: string, bit: number])[] = [['F', 1], ['S', 2], ['R', 4], ['P', 8], ['.', 16]] // prettier-ignore
const ETHERTYPE = 0x0800

const bytesOf = (address: string): number[] => address.split('.').map(Number)
const addressOf = (data: Buffer, at: number): string => [...data.subarray(at, at + 4)].join('.')

/** The checksum of RFC 1071. */
function checksum(data: Uint8Array): number {
  let sum = 0
  for (let i = 0; i < data.length; i += 2) sum += (data[i]! << 8) | (data[i + 1] ?? 0)
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  return ~sum & 0xffff
}

/** The options behind the header of TCP: what a SYN tells, and the time in ms on everything. */
function tcpOptions(tcp: TcpHeader, time: number): Buffer {
  const stamps = Buffer.alloc(8)
  stamps.writeUInt32BE((time % 2 ** 32) >>> 0)
  stamps.writeUInt32BE(tcp.flags.includes('.') ? (time % 2 ** 32) >>> 0 : 0, 4)
  if (tcp.flags.includes('R')) return Buffer.alloc(0)
  return tcp.syn
    ? Buffer.concat([Buffer.of(2, 4, 5, 0xb4, 4, 2, 8, 10), stamps, Buffer.of(1, 3, 3, 7)])
    : Buffer.concat([Buffer.of(1, 1, 8, 10), stamps])
}

function transport(packet: Packet): Buffer {
  const { protocol, source, destination, data, tcp } = packet
  if (protocol === 'ICMP') return icmpBytes(packet)
  const pseudo = Buffer.from([...bytesOf(source.address), ...bytesOf(destination.address), 0, PROTOCOLS[protocol], 0, 0])
  let all: Buffer
  if (protocol === 'TCP') {
    const options = tcpOptions(tcp!, packet.time)
    const head = Buffer.alloc(20)
    head.writeUInt16BE(source.port)
    head.writeUInt16BE(destination.port, 2)
    head.writeUInt32BE(tcp!.sequence, 4)
    head.writeUInt32BE(tcp!.acknowledgement, 8)
    head[12] = ((20 + options.length) / 4) << 4
    head[13] = FLAG_BITS.reduce((bits, [letter, bit]) => (tcp!.flags.includes(letter) ? bits | bit : bits), 0)
    head.writeUInt16BE(tcp!.window, 14)
    all = Buffer.concat([head, options, data])
    pseudo.writeUInt16BE(all.length & 0xffff, 10)
    all.writeUInt16BE(checksum(Buffer.concat([pseudo, all])), 16)
  } else {
    const head = Buffer.alloc(8)
    head.writeUInt16BE(source.port)
    head.writeUInt16BE(destination.port, 2)
    head.writeUInt16BE(8 + data.length, 4)
    all = Buffer.concat([head, data])
    pseudo.writeUInt16BE(all.length, 10)
    all.writeUInt16BE(checksum(Buffer.concat([pseudo, all])) || 0xffff, 6)
  }
  return all
}

function icmpBytes({ icmp, data }: Packet): Buffer {
  const head = Buffer.alloc(8)
  let body: Uint8Array = data
  switch (icmp!.type) {
    case 'echo request':
    case 'echo reply':
      head[0] = icmp!.type === 'echo request' ? 8 : 0
      head.writeUInt16BE(icmp!.id & 0xffff, 4)
      head.writeUInt16BE(icmp!.sequence & 0xffff, 6)
      break
    case 'port unreachable': {
      head[0] = 3
      head[1] = 3
      const { protocol, source, destination, length } = icmp!.about
      body = Buffer.concat([ipHeader(PROTOCOLS[protocol], source, destination, length, 64, 0), portsOf(source, destination)])
      break
    }
    case 'time exceeded': {
      head[0] = 11
      const { source, destination } = icmp!.about
      body = Buffer.concat([ipHeader(PROTOCOLS.ICMP, source, destination, 84, 1, 0), Buffer.alloc(8)])
      break
    }
  }
  const all = Buffer.concat([head, body])
  all.writeUInt16BE(checksum(all), 2)
  return all
}

function portsOf(source: Endpoint, destination: Endpoint): Buffer {
  const out = Buffer.alloc(8)
  out.writeUInt16BE(source.port)
  out.writeUInt16BE(destination.port, 2)
  out.writeUInt16BE(8, 4)
  return out
}

function ipHeader(protocol: number, source: Endpoint, destination: Endpoint, length: number, ttl: number, id: number): Buffer {
  const head = Buffer.from([0x45, 0, 0, 0, 0, 0, 0x40, 0, ttl, protocol, 0, 0, ...bytesOf(source.address), ...bytesOf(destination.address)])
  head.writeUInt16BE(Math.min(length, 0xffff), 2)
  head.writeUInt16BE(id & 0xffff, 4)
  head.writeUInt16BE(checksum(head), 10)
  return head
}

/** From the IP header on. */
export function ipBytes(packet: Packet): Buffer {
  const body = transport(packet)
  return Buffer.concat([
    ipHeader(PROTOCOLS[packet.protocol], packet.source, packet.destination, 20 + body.length, packet.ttl, packet.id),
    body,
  ])
}

const macBytes = (address: string): Buffer =>
  address.startsWith('127.') ? Buffer.alloc(6) : Buffer.from(mac(address).replaceAll(':', ''), 'hex')

/** What stands in front of the IP header on a link. */
export function linkHeader(packet: Packet, link: LinkType, interfaceIndex: number): Buffer {
  if (link === ETHERNET) return Buffer.concat([macBytes(packet.destination.address), macBytes(packet.source.address), Buffer.of(8, 0)])
  const head = Buffer.alloc(20)
  head.writeUInt16BE(ETHERTYPE)
  head.writeUInt32BE(interfaceIndex, 4)
  head.writeUInt16BE(packet.interface === 'lo' ? 772 : 1, 8)
  head[10] = packet.direction === 'Out' ? 4 : 0
  head[11] = 6
  macBytes(packet.source.address).copy(head, 12)
  return head
}

/** A packet of a capture file; undefined for what is no IPv4 of a protocol that is known. */
export function readFrame(frame: Buffer, link: LinkType, time: number, interfaces: ReadonlyMap<number, string>): Packet | undefined {
  const at = link === ETHERNET ? 14 : 20
  const type = link === ETHERNET ? frame.readUInt16BE(12) : frame.readUInt16BE(0)
  if (type !== ETHERTYPE || frame.length < at + 20) return undefined
  const ip = frame.subarray(at)
  const number = ip[9]!
  const protocol = (Object.keys(PROTOCOLS) as (keyof typeof PROTOCOLS)[]).find((name) => PROTOCOLS[name] === number)
  if (!protocol) return undefined
  const length = (ip[0]! & 15) * 4
  const body = ip.subarray(length)
  const port = (offset: number): number => (protocol === 'ICMP' ? 0 : body.readUInt16BE(offset))
  const packet: Packet = {
    time,
    interface: link === ETHERNET ? 'eth0' : (interfaces.get(frame.readUInt32BE(4)) ?? 'eth0'),
    direction: link === LINUX_SLL2 && frame[10] === 4 ? 'Out' : 'In',
    protocol,
    source: { address: addressOf(ip, 12), port: port(0) },
    destination: { address: addressOf(ip, 16), port: port(2) },
    ttl: ip[8]!,
    id: ip.readUInt16BE(4),
    data: body.subarray(8),
  }
  if (protocol === 'TCP') {
    const bits = body[13]!
    packet.data = body.subarray((body[12]! >> 4) * 4)
    packet.tcp = {
      flags: FLAG_BITS.map(([letter, bit]) => (bits & bit ? letter : '')).join(''),
      sequence: body.readUInt32BE(4),
      acknowledgement: body.readUInt32BE(8),
      window: body.readUInt16BE(14),
      syn: (bits & 2) !== 0,
    }
  } else if (protocol === 'ICMP') packet.icmp = readIcmp(body)
  return packet
}

function readIcmp(body: Buffer): IcmpMessage {
  const type = body[0]!
  if (type === 0 || type === 8)
    return { type: type === 8 ? 'echo request' : 'echo reply', id: body.readUInt16BE(4), sequence: body.readUInt16BE(6) }
  const inner = body.subarray(8)
  const end = (address: number, port: number): Endpoint => ({ address: addressOf(inner, address), port: inner.readUInt16BE(20 + port) })
  const [source, destination] = [end(12, 0), end(16, 2)]
  if (type === 11) return { type: 'time exceeded', about: { source, destination } }
  return {
    type: 'port unreachable',
    about: { protocol: inner[9] === 6 ? 'TCP' : 'UDP', source, destination, length: inner.readUInt16BE(2) },
  }
}
