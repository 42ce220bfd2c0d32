/**
 * Subresources and resources that are answered by code rather than by storage: binding, eviction, token, the reviews,
 * proxies. Whoever knows the answer registers a handler under the resource and the subresource.
 */
import type { Duplex } from 'node:stream'
import type { UserInfo } from './client.js'
import type { Kind } from './kinds/kind.js'
import type { KubeObject } from './object.js'
import type { AnyRequest, AnyResponse } from './streaming/contract.js'
import type { Call } from './verbs/machinery.js'

/** A connection of HTTP/1.1 whose client asked for another protocol on it. */
export interface UpgradedConnection {
  readonly socket: Duplex
  /** What came behind the request already. */
  readonly head: Buffer
}

/** One request for a connect subresource or a virtual resource, past authorisation. */
export interface ConnectRequest {
  /** `create` for POST, `get`, `update`, `patch`, `delete`. */
  readonly verb: string
  readonly kind: Kind
  readonly subresource: string
  /** Empty at cluster scope. */
  readonly namespace: string
  /** Empty for a virtual resource. */
  readonly name: string
  /** What follows the subresource in the path, with its slash: for proxies. */
  readonly path: string
  readonly query: URLSearchParams
  /** The decoded body, mutable; undefined when there is none. */
  readonly body: KubeObject | undefined
  readonly user: UserInfo
  readonly call: Call
  /** The raw exchange, for handlers that answer themselves; undefined in process. */
  readonly exchange: { readonly request: AnyRequest; readonly response: AnyResponse } | undefined
  /** The connection, when the client asked to upgrade it; the handler answers on it, and there is no response then. */
  readonly upgrade?: UpgradedConnection
}

/** Gives the object to answer, or nothing when it has answered by itself. Rejects with a `StatusError`. */
export type ConnectHandler = (request: ConnectRequest) => Promise<KubeObject | undefined>

/** The registered handlers. */
export class ConnectHandlers {
  private readonly handlers = new Map<string, ConnectHandler>()

  /** @param subresource empty for a virtual resource itself */
  register(plural: string, subresource: string, handler: ConnectHandler): void {
    this.handlers.set(`${plural}/${subresource}`, handler)
  }

  find(plural: string, subresource: string): ConnectHandler | undefined {
    return this.handlers.get(`${plural}/${subresource}`)
  }
}
