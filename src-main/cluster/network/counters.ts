/** What the interfaces of a namespace have carried, in frames and bytes, as /proc/net/dev counts them. */
import { isLoopback } from './addresses.js'
import type { Traffic } from './network.js'

/** Bytes of Ethernet's, IP's and the transport's headers before what a packet carries. */
export const HEADERS = { TCP: 66, UDP: 42, ICMP: 42 } as const

const NONE: Traffic = { receivedBytes: 0, sentBytes: 0, receivedPackets: 0, sentPackets: 0 }

/** The interface that carries packets to an address. */
export const linkTo = (own: string, address: string): Link => (isLoopback(address) || address === own ? 'lo' : 'eth0')

export type Link = 'lo' | 'eth0'

/** The counters of one namespace. */
export class Counters {
  private readonly of = { lo: { ...NONE }, eth0: { ...NONE } } satisfies Record<Link, { -readonly [K in keyof Traffic]: number }>

  /** One packet. @param bytes the whole frame */
  add(link: Link, direction: 'In' | 'Out', bytes: number): void {
    const counts = this.of[link]
    // What goes out by the loopback comes in by it, whoever takes it.
    if (link === 'lo' && direction === 'In') return
    if (link === 'lo' || direction === 'In') {
      counts.receivedBytes += bytes
      counts.receivedPackets++
    }
    if (direction === 'Out') {
      counts.sentBytes += bytes
      counts.sentPackets++
    }
  }

  get(link: Link): Traffic {
    return { ...this.of[link] }
  }
}

/** What an interface has carried that nothing has passed yet. */
export const NO_TRAFFIC = NONE
