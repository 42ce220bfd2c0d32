/** agnhost grpc-health-checking: the gRPC health service, with an HTTP port that changes what it says. */
import http2 from 'node:http2'
import type { Process } from '../../process.js'
import { goFlag } from '../http-echo/family.js'
import { isAddressInUse, listenInProcess, serveInProcess } from '../server-process.js'
import { goDuration } from '../../../go-duration.js'
import { fatal, log, untilTerminated } from './golog.js'

/** Values of grpc.health.v1.HealthCheckResponse.ServingStatus. */
const SERVING = 1
const NOT_SERVING = 2
/** gRPC status codes (https://grpc.io/docs/guides/status-codes/). */
const NOT_FOUND = 5
const UNIMPLEMENTED = 12

interface Health {
  readonly service: string
  /** When it begins to say that it does not serve, cluster ms; never when undefined. */
  readonly until: number | undefined
  /** What was asked for over HTTP. */
  forced: boolean | undefined
}

/** The service's name in a length-prefixed HealthCheckRequest (field 1, shorter than 128 bytes). */
function serviceIn(message: Buffer): string {
  return message[5] === 0x0a ? message.subarray(7, 7 + message[6]!).toString() : ''
}

function answer(process: Process, health: Health, stream: http2.ServerHttp2Stream, path: string, message: Buffer): void {
  const end = (status: number, text: string, body?: Buffer): void => {
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': String(status), 'grpc-message': text }))
    stream.end(body)
  }
  if (path !== '/grpc.health.v1.Health/Check') return end(UNIMPLEMENTED, 'unimplemented')
  if (serviceIn(message) !== health.service) return end(NOT_FOUND, 'unknown service')
  const over = health.until !== undefined && process.clock.now() >= health.until
  const status = health.forced === false || (health.forced === undefined && over) ? NOT_SERVING : SERVING
  end(0, '', Buffer.from([0, 0, 0, 0, 2, 0x08, status]))
}

/** Serves `--service` on `--port`; from `--delay-unhealthy-sec` on, or when told so, as not serving. */
export async function grpcHealthChecking(process: Process, args: readonly string[]): Promise<number> {
  const port = Number(goFlag(args, 'port') ?? 5000)
  const httpPort = Number(goFlag(args, 'http-port') ?? 8080)
  const delay = Number(goFlag(args, 'delay-unhealthy-sec') ?? -1)
  const started = process.clock.now()
  const health: Health = {
    service: goFlag(args, 'service') ?? '',
    until: delay >= 0 ? started + delay * 1000 : undefined,
    forced: undefined,
  }
  process.setMemory(12 * 1024 * 1024)
  const server = http2.createServer()
  server.on('stream', (stream, headers) => {
    const parts: Buffer[] = []
    stream.on('data', (part: Buffer) => parts.push(part))
    // A client that is gone needs no answer.
    stream.on('error', () => stream.destroy())
    stream.on('end', () => {
      void log(process, `Serving the Check request for health check, started at ${new Date(started).toISOString()}`)
      answer(process, health, stream, headers[':path'] ?? '', Buffer.concat(parts))
    })
  })
  try {
    await log(process, `Http server starting to listen on :${httpPort}`)
    serveInProcess(process, httpPort, async (req, res) => {
      req.resume()
      const path = (req.url ?? '/').split('?')[0]
      if (path !== '/make-serving' && path !== '/make-not-serving') {
        res.writeHead(404, { 'Content-Type': 'text/plain; charset=utf-8' })
        return void res.end('404 page not found\n')
      }
      health.forced = path === '/make-serving'
      await log(process, `Mark as ${health.forced ? 'healthy' : 'unhealthy'}`)
      res.end(goDuration(process.clock.now() - started))
    })
    listenInProcess(process, port, (connection) => void server.emit('connection', connection))
  } catch (error) {
    if (isAddressInUse(error)) return fatal(process, (error as Error).message)
    throw error
  }
  await log(process, `gRPC server starting to listen on :${port}`)
  return untilTerminated(process)
}
