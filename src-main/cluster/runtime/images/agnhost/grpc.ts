/** agnhost grpc-health-checking: the gRPC health service, with an HTTP port that changes what it says. */
import type { Process } from '../../process.js'
import { grpcHealthServer } from '../grpc-health.js'
import { goFlag } from '../http-echo/family.js'
import { isAddressInUse, listenInProcess, serveInProcess, untilTerminated } from '../server-process.js'
import { goDuration } from '../../../go-duration.js'
import { fatal, log } from './golog.js'

interface Health {
  readonly service: string
  /** When it begins to say that it does not serve, cluster ms; never when undefined. */
  readonly until: number | undefined
  /** What was asked for over HTTP. */
  forced: boolean | undefined
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
  const server = grpcHealthServer((service) => {
    void log(process, `Serving the Check request for health check, started at ${new Date(started).toISOString()}`)
    if (service !== health.service) return undefined
    return health.forced ?? !(health.until !== undefined && process.clock.now() >= health.until)
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
