/** Opens connections from a node, with the wording of Go's net package when that fails. */
import type { Clock } from '../../clock.js'
import type { Connection, NetworkNamespace } from '../../network/network.js'

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connect: connection refused',
  EHOSTUNREACH: 'connect: no route to host',
  ENETUNREACH: 'connect: network is unreachable',
  ETIMEDOUT: 'i/o timeout',
  ECONNRESET: 'read: connection reset by peer',
}

/** A call did not answer in time. */
export class TimedOut extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'TimedOut'
  }
}

/** `host:port`, an IPv6 host in brackets. */
export function hostPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

/** Go's text for an error of the network: `dial tcp 10.244.1.2:80: connect: connection refused`. */
export function dialError(error: unknown, host: string, port: number): string {
  const code = (error as { code?: string }).code ?? ''
  return `dial tcp ${hostPort(host, port)}: ${reasons[code] ?? (error instanceof Error ? error.message : String(error))}`
}

/** Connects within `timeoutMs` of cluster time. Rejects with an Error in Go's wording, {@link TimedOut} when it took too long. */
export async function dial(from: NetworkNamespace, host: string, port: number, clock: Clock, timeoutMs: number): Promise<Connection> {
  const abort = new AbortController()
  const timer = clock.after(timeoutMs, () => abort.abort())
  try {
    return await from.connect(host, port, abort.signal)
  } catch (error) {
    if (abort.signal.aborted) throw new TimedOut(`dial tcp ${hostPort(host, port)}: i/o timeout`)
    throw new Error(dialError(error, host, port), { cause: error })
  } finally {
    timer.cancel()
  }
}
