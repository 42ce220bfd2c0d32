/** The gRPC health service (grpc.health.v1.Health), for servers that kubelets probe over gRPC. */
import http2 from 'node:http2'

/** Values of grpc.health.v1.HealthCheckResponse.ServingStatus. */
const SERVING = 1
const NOT_SERVING = 2
/** gRPC status codes (https://grpc.io/docs/guides/status-codes/). */
const NOT_FOUND = 5
const UNIMPLEMENTED = 12

/** The service's name in a length-prefixed HealthCheckRequest (field 1, shorter than 128 bytes). */
function serviceIn(message: Buffer): string {
  return message[5] === 0x0a ? message.subarray(7, 7 + message[6]!).toString() : ''
}

/**
 * A server of Check; connections are given to it by `emit('connection', …)`.
 *
 * @param serving whether a service works; undefined for one that is not there
 */
export function grpcHealthServer(serving: (service: string) => boolean | undefined): http2.Http2Server {
  const server = http2.createServer()
  server.on('stream', (stream, headers) => {
    const parts: Buffer[] = []
    stream.on('data', (part: Buffer) => parts.push(part))
    // A client that is gone needs no answer.
    stream.on('error', () => stream.destroy())
    stream.on('end', () => {
      const end = (status: number, text: string, body?: Buffer): void => {
        stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
        stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': String(status), 'grpc-message': text }))
        stream.end(body)
      }
      if (headers[':path'] !== '/grpc.health.v1.Health/Check') return end(UNIMPLEMENTED, 'unimplemented')
      const works = serving(serviceIn(Buffer.concat(parts)))
      if (works === undefined) return end(NOT_FOUND, 'unknown service')
      end(0, '', Buffer.from([0, 0, 0, 0, 2, 0x08, works ? SERVING : NOT_SERVING]))
    })
  })
  return server
}
