/**
 * What passes between the API server's router and the streaming subresources of a pod: exec, attach, portforward (which
 * upgrade the connection to WebSocket or SPDY/3.1) and log (a plain answer that may never end). The router has already
 * authenticated and authorised the request and found the pod; this room speaks the protocol and drives the kubelet.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2'
import type { Duplex } from 'node:stream'
import type { KubeletEndpoint } from '../../kubelet/endpoint.js'
import type { Pod } from '../object.js'

/** One streaming request, past authorisation and admission. */
export interface StreamingTarget {
  readonly namespace: string
  readonly pod: string
  readonly subresource: 'exec' | 'attach' | 'portforward' | 'log'
  /** The query as sent: `container`, `command` (repeated), `stdin`, `tty`, `ports`, `follow`, … */
  readonly query: URLSearchParams
  /** The stored pod, frozen. It is bound to a node. */
  readonly object: Pod
  /** The kubelet of the pod's node. */
  readonly kubelet: KubeletEndpoint
}

/** Gives the kubelet of the node a pod is bound to; throws a `StatusError` when there is none. */
export type KubeletLookup = (pod: Pod) => KubeletEndpoint

/** HTTP/1.1 and HTTP/2 requests and answers look alike enough for everything but upgrades. */
export type AnyRequest = IncomingMessage | Http2ServerRequest
export type AnyResponse = ServerResponse | Http2ServerResponse

/** The room's entry points, handed to `createApiServer` as `streaming`. */
export interface Streaming {
  /**
   * Takes over an upgraded HTTP/1.1 connection. Answers refusals itself, as a Status over the raw socket, and never throws.
   * Called for exec, attach, portforward, and for a log over a WebSocket; `req` carries `Upgrade` and the offered protocols.
   */
  handleUpgrade(req: IncomingMessage, socket: Duplex, head: Buffer, target: StreamingTarget): void
  /** Writes a log to the answer. Rejects with a `StatusError` only as long as no header has been sent; the router then writes it. */
  handleLog(req: AnyRequest, res: AnyResponse, target: StreamingTarget): Promise<void>
}
