/**
 * What a placeholder answers on a port that its container declares. What the image's own program would speak there is not
 * known, so the client decides: HTTP, the same over TLS with a certificate of its own, and the health service of gRPC.
 */
import { createSecureContext, type SecureContext } from 'node:tls'
import type { Clock } from '../../../clock.js'
import { onFirstBytes } from '../../../network/first-bytes.js'
import { acceptTls } from '../../../network/http.js'
import type { Connection } from '../../../network/network.js'
import type { Process } from '../../process.js'
import { grpcHealthServer } from '../grpc-health.js'
import { fakeCertificate } from '../ingress-nginx/fake-certificate.js'
import { serveInProcess } from '../server-process.js'

/** CPU milliseconds per request. */
const CPU_PER_REQUEST = 0.2

/** The first byte of a TLS handshake, and the first of HTTP/2 in the clear, which is how gRPC begins. */
const TLS_HANDSHAKE = 0x16
const HTTP2_PREFACE = 'PRI'

/** Made when the first client wants it. */
let certificate: Promise<SecureContext> | undefined

function ownCertificate(clock: Clock): Promise<SecureContext> {
  const subject = { organization: 'Drydock', commonName: 'placeholder', dnsNames: ['localhost'] }
  certificate ??= fakeCertificate(clock.now(), subject).then((pair) => createSecureContext(pair))
  return clock.track(certificate)
}

/** Serves a port for as long as the process lives. Throws {@link NetworkError} when the port is taken. */
export function serveAnyClient(process: Process, port: number, reference: string): void {
  const grpc = grpcHealthServer(() => true)
  const sessions = new Set<Connection>()
  const serveGrpc = (connection: Connection): void => {
    sessions.add(connection)
    connection.once('close', () => sessions.delete(connection))
    grpc.emit('connection', connection)
  }
  process.aborted.addEventListener('abort', () => sessions.forEach((connection) => connection.destroy()), { once: true })
  const accept = (connection: Connection, serve: (connection: Connection) => void): void =>
    onFirstBytes(connection, HTTP2_PREFACE.length, (bytes) => {
      if (bytes.length === 0) connection.end()
      else if (bytes[0] === TLS_HANDSHAKE)
        void ownCertificate(process.clock).then((context) => acceptTls(connection, { contextOf: () => context }, serve))
      else if (bytes.toString('latin1') === HTTP2_PREFACE) serveGrpc(connection)
      else serve(connection)
    })
  serveInProcess(
    process,
    port,
    async (req, res) => {
      await process.compute(CPU_PER_REQUEST)
      await process.write(`${req.socket.remoteAddress} ${req.method} ${req.url}\n`)
      req.resume()
      res.setHeader('Content-Type', 'text/plain; charset=utf-8')
      res.end(`${process.hostname} stands in for ${reference}\n`)
    },
    { accept },
  )
}
