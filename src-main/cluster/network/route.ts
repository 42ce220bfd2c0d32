/** The way of a connection through the network of a cluster, as those who decide it and those who explain it see it. */
import type { Namespace } from './namespace.js'
import type { Protocol } from './network.js'

/** What becomes of a connection to an address that is not an address of a pod or node. */
export type Translation =
  | {
      to: { address: string; port: number }
      /** The source that the endpoint sees instead of the real one. */
      source?: string
      service: string
    }
  /** `refused`: a service without endpoints. `dropped`: endpoints, but none that traffic policy allows here. */
  | { verdict: 'refused' | 'dropped'; service: string }

/** Who opens a connection, for translation and policy. */
export interface ConnectionAttempt {
  protocol: Protocol
  /** The source address before any translation. */
  sourceAddress: string
  /** The node the source is on. */
  sourceNode: string
  address: string
  port: number
}

/** A connection after translation, as network policy judges it. */
export interface Flow extends ConnectionAttempt {
  /** The source address that the destination sees. */
  seenSource: string
}

/** Where a connection or a datagram goes. */
export type Route =
  | {
      to: Namespace
      address: string
      port: number
      /** The source address that the destination sees. */
      source: string
      local: boolean
    }
  /** `refused`: answered by a reset or an ICMP message. `dropped`: never answered. `nobody`: no such address. */
  | { verdict: 'refused' | 'dropped' }
  | { verdict: 'nobody'; address: string }

/** One step of a connection's way, for whoever explains it to a person. */
export interface Hop {
  at: 'source' | 'service' | 'policy' | 'destination'
  /** Such as `10.96.0.10:53`, or the name of a service with its port. */
  what: string
}

/** A connection that was opened or not, with its way. */
export interface Trace {
  time: number
  hops: readonly Hop[]
  /** A POSIX code when it failed. */
  error?: string
}
