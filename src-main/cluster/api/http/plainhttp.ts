/** Clients that speak HTTP to the port of HTTPS, as those do that forget the scheme. */
import type { Duplex } from 'node:stream'
import type { TLSSocket } from 'node:tls'

/** As Go's HTTP server says it. */
const ANSWER = 'HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n'

/** Ends a connection whose handshake failed; a client that does not speak TLS at all is told so in plain HTTP. */
export function endHandshake(error: Error & { code?: string }, socket: TLSSocket): void {
  // The connection below that of TLS: Node keeps it there, but has no name for it that is public.
  const { _parent: below } = socket as TLSSocket & { _parent?: Duplex }
  if (error.code === 'ERR_SSL_HTTP_REQUEST' && below?.writable) below.end(ANSWER)
  socket.destroy()
}
