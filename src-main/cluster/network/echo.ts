/** ICMP echo, as ping and those who look for the way to a host send it. */
import type { Fabric } from './fabric.js'
import type { Namespace } from './namespace.js'
import { HEADERS } from './counters.js'
import { NOTHING, type Endpoint, type IcmpMessage } from './capture.js'

export interface EchoRequest {
  id: number
  sequence: number
  /** Bytes behind the ICMP header. */
  size: number
  /** Hops that it may take; 64 when left out. */
  ttl?: number
}

/** What came back: an answer of the host itself, or of the router where the hops ran out. */
export interface EchoAnswer {
  kind: 'reply' | 'time exceeded'
  address: string
  /** Hops that the answer had left. */
  ttl: number
}

/** Where a packet for a host begins: with this many hops. */
const TTL = 64

/**
 * Sends one echo request and gives what is answered. Rejects with NetworkError (EHOSTUNREACH, ENETUNREACH) for a host that
 * is not there, and with the signal's reason when nothing answers until it aborts.
 */
export async function sendEcho(
  fabric: Fabric,
  from: Namespace,
  address: string,
  request: EchoRequest,
  signal: AbortSignal,
): Promise<EchoAnswer> {
  const { id, sequence, size, ttl = TTL } = request
  const data = Uint8Array.from({ length: size }, (_, i) => (i < 16 ? 0 : i & 0xff))
  const end = (at: string): Endpoint => ({ address: at, port: 0 })
  const show = (namespace: Namespace, source: string, destination: string, direction: 'In' | 'Out', icmp: IcmpMessage): void => {
    namespace.counts(direction === 'Out' ? destination : source, direction, HEADERS.ICMP + size)
    if (namespace.watched)
      namespace.sees({ protocol: 'ICMP', source: end(source), destination: end(destination), data, icmp, ...(direction === 'Out' ? { ttl } : {}) }, direction) // prettier-ignore
  }
  const asking: IcmpMessage = { type: 'echo request', id, sequence }
  const answering: IcmpMessage = { type: 'echo reply', id, sequence }
  const own = address.startsWith('127.') ? address : from.ip
  const routers = fabric.routersTo(from, address)
  show(from, own, address, 'Out', asking)
  if (ttl <= routers.length) {
    const router = routers[ttl - 1]!
    await fabric.passage(signal)
    const about = { source: end(from.ip), destination: end(address) }
    from.counts(router, 'In', HEADERS.ICMP + 28)
    if (from.watched) from.sees({ protocol: 'ICMP', source: end(router), destination: end(own), data: NOTHING, icmp: { type: 'time exceeded', about } }, 'In') // prettier-ignore
    return { kind: 'time exceeded', address: router, ttl: TTL - ttl + 1 }
  }
  const to = await fabric.hostAt(from, address, signal)
  await fabric.passage(signal)
  show(to.namespace, to.source, to.address, 'In', asking)
  show(to.namespace, to.address, to.source, 'Out', answering)
  await fabric.passage(signal)
  show(from, address, own, 'In', answering)
  return { kind: 'reply', address, ttl: TTL - routers.length }
}
