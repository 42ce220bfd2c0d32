/** Packets as lines of tcpdump 4.99. */
import type { Endpoint, Packet } from '../../../../network/capture.js'
import { describeDns } from '../../../../network/dns-message.js'
import { mac } from '../../../proc-net.js'
import { ipBytes } from './frame.js'

/** How lines are to be: the options of tcpdump. */
export interface PrintOptions {
  /** `-t`: 0 shows the time of day, 1 nothing, 2 seconds, 3 the difference, 4 the date, 5 the difference to the first. */
  times: number
  verbose: boolean
  quiet: boolean
  link: boolean
  /** Shows over which interface and in which direction: for `any`. */
  interfaces: boolean
  absolute: boolean
  numbered: boolean
  /** `-A`, `-X`, `-x`: what is shown of the bytes. */
  bytes?: 'A' | 'X' | 'x'
  /** The name that is shown for an address, and for a port. */
  host(address: string): string
  port(port: number, protocol: 'tcp' | 'udp'): string
}

const TEXT_PORTS = new Set([80, 8080, 3128])

/** Writes packets one after the other: numbers of TCP are told from where a conversation began. */
export class Printer {
  private readonly begins = new Map<string, number>()
  private first: number | undefined
  private last: number | undefined
  private count = 0

  constructor(private readonly options: PrintOptions) {}

  /** The lines of a packet with their ends. */
  line(packet: Packet): string {
    const { options: o } = this
    const number = o.numbered ? `${String(++this.count).padStart(5)}  ` : ''
    const time = this.time(packet.time)
    const via = o.interfaces ? `${packet.interface.padEnd(5)} ${packet.direction.padEnd(3)} ` : ''
    const ip = ipBytes(packet)
    const link = o.link
      ? `${mac(packet.source.address)} > ${mac(packet.destination.address)}, ethertype IPv4 (0x0800), length ${14 + ip.length}: `
      : ''
    const header = o.verbose ? this.ipHeader(packet, ip.length) : ''
    const name = o.link && !o.verbose ? '' : o.verbose ? `${o.link ? '' : 'IP '}${header}\n    ` : 'IP '
    return `${number}${time}${via}${link}${name}${this.ends(packet)}: ${this.content(packet)}\n${this.dump(packet, ip)}`
  }

  private time(ms: number): string {
    this.first ??= ms
    const since = ms - (this.options.times === 5 ? this.first : (this.last ?? ms))
    this.last = ms
    const micro = (value: number): string => value.toFixed(6)
    const fraction = (ms % 1000).toFixed(3).padStart(7, '0').replace('.', '')
    const iso = new Date(ms).toISOString()
    switch (this.options.times) {
      case 1:
        return ''
      case 2:
        return `${Math.floor(ms / 1000)}.${fraction} `
      case 3:
      case 5:
        return `${new Date(since).toISOString().slice(11, 19)}.${micro((since % 1000) / 1000).slice(2)} `
      case 4:
        return `${iso.slice(0, 10)} ${iso.slice(11, 19)}.${fraction} `
      default:
        return `${iso.slice(11, 19)}.${fraction} `
    }
  }

  private ipHeader({ ttl, id, protocol }: Packet, length: number): string {
    const number = { ICMP: 1, TCP: 6, UDP: 17 }[protocol]
    return `(tos 0x0, ttl ${ttl}, id ${id}, offset 0, flags [DF], proto ${protocol} (${number}), length ${length})`
  }

  private ends({ source, destination, protocol }: Packet): string {
    const shown = ({ address, port }: Endpoint): string => {
      const host = this.options.host(address)
      return protocol === 'ICMP' ? host : `${host}.${this.options.port(port, protocol === 'TCP' ? 'tcp' : 'udp')}`
    }
    return `${shown(source)} > ${shown(destination)}`
  }

  private content(packet: Packet): string {
    switch (packet.protocol) {
      case 'ICMP':
        return this.icmp(packet)
      case 'UDP':
        return this.udp(packet)
      case 'TCP':
        return this.options.quiet ? `tcp ${packet.data.length}` : this.tcp(packet)
    }
  }

  private tcp({ source, destination, tcp, data, time }: Packet): string {
    const { flags, sequence, acknowledgement, window, syn } = tcp!
    const key = (a: Endpoint, b: Endpoint): string => `${a.address}:${a.port}>${b.address}:${b.port}`
    const known = this.begins.has(key(source, destination)) && !syn
    if (syn || !known) {
      this.begins.set(key(source, destination), sequence)
      if (flags.includes('.')) this.begins.set(key(destination, source), (acknowledgement - 1) >>> 0)
    }
    const relative = (n: number, from: string): number =>
      this.options.absolute || syn || !known ? n : (n - (this.begins.get(from) ?? 0)) >>> 0
    const from = relative(sequence, key(source, destination))
    const ack =
      syn || (known && !this.options.absolute)
        ? (acknowledgement - (this.begins.get(key(destination, source)) ?? 0)) >>> 0
        : acknowledgement
    const numbered = syn || data.length > 0 || flags.includes('F') || flags.includes('R')
    const stamp = `TS val ${(time % 2 ** 32) >>> 0} ecr ${flags.includes('.') ? (time % 2 ** 32) >>> 0 : 0}`
    const parts = [
      `Flags [${flags}]`,
      ...(numbered ? [`seq ${from}${data.length > 0 ? `:${from + data.length}` : ''}`] : []),
      ...(flags.includes('.') ? [`ack ${syn ? acknowledgement : ack}`] : []),
      `win ${window}`,
      ...(flags.includes('R') ? [] : [`options [${syn ? `mss 1460,sackOK,${stamp},nop,wscale 7` : `nop,nop,${stamp}`}]`]),
      `length ${data.length}`,
    ]
    return `${parts.join(', ')}${this.text(source.port, destination.port, data)}`
  }

  /** What is said of the content where it is HTTP. */
  private text(a: number, b: number, data: Uint8Array): string {
    if (data.length === 0 || !(TEXT_PORTS.has(a) || TEXT_PORTS.has(b))) return ''
    const text = Buffer.from(data.subarray(0, 2000)).toString('latin1')
    const head = /^(?:[A-Z]+ \S+ )?HTTP\/1\.[01][^\r\n]*/.exec(text)?.[0]
    if (head === undefined) return ': HTTP'
    if (!this.options.verbose) return `: HTTP: ${head}`
    const lines = text.split('\r\n\r\n')[0]!.split('\r\n')
    return `: HTTP, length: ${data.length}\n${lines.map((line) => `\t${line}\n`).join('')}\t`
  }

  private udp({ source, destination, data }: Packet): string {
    if (source.port === 53 || destination.port === 53) {
      const told = describeDns(Buffer.from(data))
      if (told !== undefined) return `${told} (${data.length})`
    }
    return `UDP, length ${data.length}`
  }

  private icmp({ icmp, data }: Packet): string {
    switch (icmp!.type) {
      case 'echo request':
      case 'echo reply':
        return `ICMP ${icmp!.type}, id ${icmp!.id}, seq ${icmp!.sequence}, length ${8 + data.length}`
      case 'port unreachable': {
        const { protocol, destination } = icmp!.about
        const port = this.options.port(destination.port, protocol === 'TCP' ? 'tcp' : 'udp')
        return `ICMP ${this.options.host(destination.address)} ${protocol.toLowerCase()} port ${port} unreachable, length 36`
      }
      case 'time exceeded':
        return 'ICMP time exceeded in-transit, length 36'
    }
  }

  private dump(packet: Packet, ip: Buffer): string {
    const { bytes } = this.options
    if (bytes === undefined) return ''
    const printable = (part: Uint8Array): string => [...part].map((b) => (b >= 0x20 && b < 0x7f ? String.fromCharCode(b) : '.')).join('')
    if (bytes === 'A') {
      const text = [...ip]
        .map((b) => (b === 10 || b === 9 || (b >= 0x20 && b < 0x7f) ? String.fromCharCode(b) : b === 13 ? '' : '.'))
        .join('')
      return `${text}\n`
    }
    let out = ''
    for (let at = 0; at < ip.length; at += 16) {
      const part = ip.subarray(at, at + 16)
      const hex = part
        .toString('hex')
        .replace(/(.{4})/g, '$1 ')
        .trimEnd()
      out += `\t0x${at.toString(16).padStart(4, '0')}:  ${bytes === 'X' ? `${hex.padEnd(39)}  ${printable(part)}` : hex}\n`
    }
    return out
  }
}
