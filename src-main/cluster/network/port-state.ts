/** What a scan of ports sees, without a connection that a program would hear of. */
import type { Fabric } from './fabric.js'
import type { Namespace } from './namespace.js'
import type { Protocol } from './network.js'
import { showHalfOpen, showRejection, showReset, showSilence } from './packets.js'

/** `filtered`: nothing answered, or a node that refuses for a service. */
export type PortState = 'open' | 'closed' | 'filtered'

/** Sends one SYN, or a datagram, to a port of an address, and tells what came back. */
export function portState(fabric: Fabric, from: Namespace, protocol: Protocol, address: string, port: number): PortState {
  const route = fabric.decide(from, protocol, address, port)
  const own = { address: from.ip, port: from.ephemeralPort() }
  const attempt = { from, client: { own, other: { address, port } } }
  if ('verdict' in route) {
    if (protocol === 'TCP' && route.verdict === 'refused') showRejection(attempt)
    else if (protocol === 'TCP') showSilence(fabric.clock, attempt)()
    return route.verdict === 'refused' && protocol === 'UDP' ? 'closed' : 'filtered'
  }
  if (protocol === 'UDP') return route.to.udpSocketFor(route.address, route.port) ? 'open' : 'closed'
  const server = { own: { address: route.address, port: route.port }, other: { address: route.source, port: own.port } }
  const client = { own: { address: route.local ? route.source : from.ip, port: own.port }, other: { address, port } }
  const whole = { from, to: route.to, client, server }
  if (!route.to.listenerFor(route.address, route.port)) {
    showReset(whole)
    return 'closed'
  }
  showHalfOpen(whole)
  return 'open'
}
