/**
 * The packets that no stream or datagram of the simulated network stands for, as those who capture see them: the
 * handshake of TCP and its failures, and the questions that resolvers put to the cluster's DNS.
 */
import type { Clock, Timer } from '../clock.js'
import { firstSequence, NOTHING, WINDOW_FIELD, type Endpoint, type IcmpMessage, type TcpHeader } from './capture.js'
import { HEADERS } from './counters.js'
import { answerMessage, questionMessage } from './dns-message.js'
import type { Namespace } from './namespace.js'
import type { DnsAnswer, DnsType } from './network.js'
import type { Resolver } from './resolver.js'

/** Cluster ms after which a SYN that nobody answered is sent again (tcp_syn_retries 6). */
const RETRIES = [1_000, 3_000, 7_000, 15_000, 31_000, 63_000]

/** One connection's addresses as each side sees them. */
export interface Attempt {
  from: Namespace
  /** The other side, when the packets reach it. */
  to?: Namespace | undefined
  /** As the client dials: its own end first. */
  client: { own: Endpoint; other: Endpoint }
  /** As the server sees it: its own end first. */
  server?: { own: Endpoint; other: Endpoint } | undefined
}

function segment(port: number, side: 'client' | 'server', flags: string): TcpHeader {
  const answers = side === 'server' || !flags.includes('S')
  const other = side === 'client' ? 'server' : 'client'
  return {
    flags,
    sequence: firstSequence(port, side) + (flags.includes('S') ? 0 : flags.includes('R') ? 0 : 1),
    acknowledgement: answers ? (firstSequence(port, other) + 1) >>> 0 : 0,
    window: flags.includes('R') ? 0 : flags.includes('S') ? WINDOW_FIELD.syn : WINDOW_FIELD.later,
    syn: flags.includes('S'),
  }
}

/** Shows one segment to both sides, as far as it gets. */
function show({ from, to, client, server }: Attempt, side: 'client' | 'server', flags: string): void {
  const tcp = segment(client.own.port, side, flags)
  const byClient = side === 'client'
  const seen = (namespace: Namespace | undefined, ends: { own: Endpoint; other: Endpoint } | undefined, outgoing: boolean): void => {
    if (!namespace || !ends) return
    namespace.counts(ends.other.address, outgoing ? 'Out' : 'In', HEADERS.TCP + (tcp.syn ? 8 : 0))
    if (!namespace.watched) return
    const [source, destination] = outgoing ? [ends.own, ends.other] : [ends.other, ends.own]
    namespace.sees({ protocol: 'TCP', source, destination, data: NOTHING, tcp }, outgoing ? 'Out' : 'In')
  }
  if (byClient) {
    seen(from, client, true)
    seen(to, server, false)
  } else {
    seen(to, server, true)
    seen(from, client, false)
  }
}

/** A connection is made: SYN, SYN and ACK, ACK. */
export function showHandshake(attempt: Attempt): void {
  show(attempt, 'client', 'S')
  show(attempt, 'server', 'S.')
  show(attempt, 'client', '.')
}

/** Somebody only looks whether a port is open: SYN, SYN and ACK, RST. */
export function showHalfOpen(attempt: Attempt): void {
  show(attempt, 'client', 'S')
  show(attempt, 'server', 'S.')
  show(attempt, 'client', 'R')
}

/** Nobody listens: the SYN is answered with a reset. */
export function showReset(attempt: Attempt): void {
  show(attempt, 'client', 'S')
  show(attempt, 'server', 'R.')
}

/** A service has nobody behind it: the node answers with ICMP. */
export function showRejection(attempt: Attempt): void {
  const { from, client } = attempt
  show(attempt, 'client', 'S')
  from.counts(client.other.address, 'In', HEADERS.ICMP + 60)
  if (!from.watched) return
  const icmp: IcmpMessage = {
    type: 'port unreachable',
    about: { protocol: 'TCP', source: client.own, destination: client.other, length: 60 },
  }
  const ends = { source: { address: client.other.address, port: 0 }, destination: { address: client.own.address, port: 0 } }
  from.sees({ protocol: 'ICMP', ...ends, data: NOTHING, icmp }, 'In')
}

/** Nothing answers: the SYN is sent again and again. Returns a function that stops. */
export function showSilence(clock: Clock, attempt: Attempt): () => void {
  show(attempt, 'client', 'S')
  const timers: Timer[] = RETRIES.map((after) => clock.after(after, () => show(attempt, 'client', 'S')))
  return () => {
    for (const timer of timers) timer.cancel()
  }
}

/** The ports that resolvers ask from, and the numbers of their questions, where somebody captures. */
let asked = 0

/** A way to the cluster's DNS, whose questions and answers those who capture at either end see. */
export function shownResolver(
  resolver: Resolver,
  from: Namespace,
  server: string,
  to?: { namespace: Namespace; address: string; source: string },
): Resolver {
  const counted = (name: string, direction: 'In' | 'Out'): void => {
    const bytes = HEADERS.UDP + 18 + name.length + (direction === 'In' ? 16 : 0)
    from.counts(server, direction, bytes)
    to?.namespace.counts(to.source, direction === 'In' ? 'Out' : 'In', bytes)
  }
  if (!from.watched && !to?.namespace.watched)
    return {
      query: (name, type) => {
        counted(name, 'Out')
        counted(name, 'In')
        return resolver.query(name, type)
      },
    }
  return {
    query: async (name, type) => {
      const id = (asked = (asked + 0x3d09) & 0xffff)
      const port = from.ephemeralPort()
      const question = questionMessage(name, type, id)
      showDatagram(from, { address: from.ip, port }, { address: server, port: 53 }, question, 'Out')
      if (to) showDatagram(to.namespace, { address: to.source, port }, { address: to.address, port: 53 }, question, 'In')
      counted(name, 'Out')
      counted(name, 'In')
      const asking = (async () => resolver.query(name, type))()
      asking.catch(() => undefined)
      const known: Resolver = {
        query: (n, t): DnsAnswer[] | Promise<DnsAnswer[]> => (n === name.toLowerCase() && t === type ? asking : resolver.query(n, t)),
      }
      const answer = await answerMessage(known, question, false)
      if (answer) {
        if (to) showDatagram(to.namespace, { address: to.address, port: 53 }, { address: to.source, port }, answer, 'Out')
        showDatagram(from, { address: server, port: 53 }, { address: from.ip, port }, answer, 'In')
      }
      return asking
    },
  }
}

/** A question that nobody answers. */
export function showQuestion(from: Namespace, server: string, name: string, type: DnsType): void {
  if (!from.watched) return
  const id = (asked = (asked + 0x3d09) & 0xffff)
  const source = { address: from.ip, port: from.ephemeralPort() }
  showDatagram(from, source, { address: server, port: 53 }, questionMessage(name, type, id), 'Out')
}

function showDatagram(namespace: Namespace, source: Endpoint, destination: Endpoint, data: Uint8Array, direction: 'In' | 'Out'): void {
  if (namespace.watched) namespace.sees({ protocol: 'UDP', source, destination, data }, direction)
}
