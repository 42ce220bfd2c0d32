/** Connection tracking: what the kernel of a host remembers of the connections and flows that pass through it. */
import { isLoopback } from './addresses.js'
import type { ConnectionEnd } from './connection.js'
import type { Fabric } from './fabric.js'
import type { Namespace } from './namespace.js'
import type { Protocol, Socket } from './network.js'

type End = { readonly address: string; readonly port: number }

/** One connection, or one exchange of datagrams, in both of its directions. */
export interface TrackedFlow {
  readonly protocol: Protocol
  /** Of a connection. */
  readonly state?: Socket['state']
  /** As its client began it. */
  readonly original: { readonly from: End; readonly to: End }
  /** As it is answered: by an endpoint where a service was meant, to the node where that masquerades. */
  readonly reply: { readonly from: End; readonly to: End }
  /** Seconds that a flow of datagrams is remembered yet. */
  readonly seconds?: number
}

/** What a namespace's kernel remembers. */
export function trackedFlows(fabric: Fabric, namespace: Namespace): TrackedFlow[] {
  // Translation is the node's: in the network of a pod every connection is what it seems.
  const isNode = namespace.pool === undefined && namespace.node !== ''
  const homes = new Set(isNode ? fabric.on(namespace.node) : [namespace])
  const flows: TrackedFlow[] = []
  for (const home of homes)
    for (const end of home.connections) {
      // What a pod says to itself does not leave it.
      if (home !== namespace && isLoopback(end.remoteAddress)) continue
      if (end.side === 'client') flows.push(ofClient(end, isNode))
      else if (!end.other || !homes.has(end.other.home as Namespace)) flows.push(ofServer(end))
    }
  const now = fabric.clock.now()
  for (const { client, dialled, server, seen, until } of fabric.datagrams.remembered()) {
    const [begins, ends] = [homes.has(client.namespace), homes.has(server.namespace)]
    if (!begins && !ends) continue
    if (client.namespace !== namespace && isLoopback(client.address)) continue
    const there = { address: server.address, port: server.port }
    const here = { address: client.address, port: client.port }
    const original = begins ? { from: here, to: dialled } : { from: seen, to: there }
    const reply = begins && isNode ? { from: there, to: seen } : { from: original.to, to: original.from }
    flows.push({ protocol: 'UDP', original, reply, seconds: Math.ceil((until - now) / 1000) })
  }
  return flows
}

/** The state of a connection as one of its ends has it. */
export function stateOf({ writableEnded, readableEnded }: ConnectionEnd): Socket['state'] {
  if (writableEnded) return readableEnded ? 'TIME_WAIT' : 'FIN_WAIT2'
  return readableEnded ? 'CLOSE_WAIT' : 'ESTABLISHED'
}

const local = (end: ConnectionEnd): End => ({ address: end.localAddress, port: end.localPort })
const remote = (end: ConnectionEnd): End => ({ address: end.remoteAddress, port: end.remotePort })

function ofClient(end: ConnectionEnd, translated: boolean): TrackedFlow {
  const original = { from: local(end), to: remote(end) }
  const answers = translated ? end.other : undefined
  const reply = answers ? { from: local(answers), to: remote(answers) } : { from: original.to, to: original.from }
  return { protocol: 'TCP', state: stateOf(end), original, reply }
}

function ofServer(end: ConnectionEnd): TrackedFlow {
  const original = { from: remote(end), to: local(end) }
  return { protocol: 'TCP', state: stateOf(end), original, reply: { from: original.to, to: original.from } }
}
