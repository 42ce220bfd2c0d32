/**
 * etcd. The simulator keeps the cluster's data itself: the member of kube-system only holds its place. One that is run
 * with client URLs of its own, as on the page about gRPC probes, tells of its health there.
 */
import type { Process, Program } from '../../process.js'
import { grpcHealthServer } from '../grpc-health.js'
import { goFlag } from '../http-echo/family.js'
import { isAddressInUse, Latch, listenInProcess } from '../server-process.js'

/** The ports of `--listen-client-urls` that speak plain HTTP. */
function clientPorts(argv: readonly string[]): number[] {
  const urls = (goFlag(argv, 'listen-client-urls') ?? '').split(',')
  return urls.map((url) => Number(/^http:\/\/[^:]+:(\d+)$/.exec(url)?.[1])).filter((port) => port > 0)
}

function line(process: Process, level: string, caller: string, msg: string, more: object = {}): string {
  return `${JSON.stringify({ level, ts: new Date(process.clock.now()).toISOString(), caller, msg, ...more })}\n`
}

export const etcd: Program = async (process) => {
  const stop = new Latch<number>()
  for (const signal of ['TERM', 'INT'] as const) process.onSignal(signal, () => stop.open(0))
  process.setMemory(40 * 1024 * 1024)
  const health = grpcHealthServer((service) => (service === '' ? true : undefined))
  const ports = clientPorts(process.argv.slice(1))
  try {
    for (const port of ports) listenInProcess(process, port, (connection) => void health.emit('connection', connection))
  } catch (error) {
    if (!isAddressInUse(error)) throw error
    const message = `listen tcp 0.0.0.0:${ports[0]}: bind: address already in use`
    await process.writeError(line(process, 'fatal', 'etcdmain/etcd.go:204', 'discovery failed', { error: message }))
    return 1
  }
  if (ports.length === 0)
    await process.writeError(line(process, 'info', 'embed/serve.go:210', 'serving client traffic securely', { address: '127.0.0.1:2379' }))
  for (const port of ports) {
    const msg = 'serving client traffic insecurely; this is strongly discouraged!'
    await process.writeError(line(process, 'info', 'embed/serve.go:140', msg, { address: `[::]:${port}` }))
  }
  return stop.wait(process)
}
