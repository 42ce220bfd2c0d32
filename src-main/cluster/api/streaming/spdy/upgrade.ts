/** The HTTP upgrade to SPDY/3.1 and the choice of the protocol that is spoken over its streams. */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { refuseAsKubelet } from '../refusal.js'
import { commaSeparated } from '../websocket.js'

const VERSION_HEADER = 'X-Stream-Protocol-Version'

/** Whether a request asks for SPDY/3.1. */
export function wantsSpdy(req: IncomingMessage): boolean {
  return commaSeparated(req.headers.upgrade).some((p) => p.toLowerCase() === 'spdy/3.1')
}

/**
 * The first protocol that the client names and the server speaks; the fallback when it names none. Answers 403 and gives
 * undefined when they have none in common.
 */
export function negotiate(req: IncomingMessage, socket: Duplex, supported: readonly string[], fallback: string): string | undefined {
  const offered = commaSeparated(req.headers[VERSION_HEADER.toLowerCase()])
  if (offered.length === 0) return fallback
  const common = offered.find((p) => supported.includes(p))
  if (common === undefined) {
    refuseAsKubelet(
      socket,
      403,
      `unable to upgrade: unable to negotiate protocol: client supports [${offered.join(' ')}], server accepts [${supported.join(' ')}]`,
      supported.map((p) => ['X-Accepted-Stream-Protocol-Versions', p]),
    )
  }
  return common
}

/** Answers 101; from here on the socket speaks SPDY. */
export function acceptSpdy(socket: Duplex, head: Buffer, protocol: string): void {
  socket.write(`HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n${VERSION_HEADER}: ${protocol}\r\n\r\n`)
  if (head.length > 0) socket.unshift(head)
}
