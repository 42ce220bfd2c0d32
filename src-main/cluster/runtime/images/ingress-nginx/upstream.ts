/** One request on its way to an endpoint: which one, the connection, the request as the endpoint sees it, its answer. */
import { createHash } from 'node:crypto'
import http, { type ClientRequest, type IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { NetworkError, type Connection } from '../../../network/network.js'
import { Killed, type Process } from '../../process.js'
import { secure } from '../../programs/net/http-client.js'
import type { Settings } from './annotations.js'
import type { Backend, Endpoint } from './configuration.js'

/** nginx' proxy_next_upstream_tries. */
const TRIES = 3

/** Why no answer came, with the status that is answered instead. */
export class UpstreamError extends Error {
  constructor(
    readonly status: 502 | 503 | 504,
    message: string,
  ) {
    super(message)
    this.name = 'UpstreamError'
  }
}

/** Chooses endpoints: in turn, or the one that a cookie names. */
export class Balancer {
  private readonly turns = new Map<string, number>()

  /** The endpoints to try, the first one first. */
  order(backend: Backend, cookie: string | undefined): Endpoint[] {
    const { endpoints, name } = backend
    const turn = this.turns.get(name) ?? 0
    this.turns.set(name, (turn + 1) % Math.max(1, endpoints.length))
    const kept = cookie === undefined ? -1 : endpoints.findIndex((e) => affinityValue(backend, e) === cookie)
    const first = kept >= 0 ? kept : turn % Math.max(1, endpoints.length)
    return [...endpoints.slice(first), ...endpoints.slice(0, first)].slice(0, TRIES)
  }
}

/** What the affinity cookie says of an endpoint. */
export function affinityValue(backend: Backend, endpoint: Endpoint): string {
  return createHash('md5').update(`${backend.name} ${endpoint.host}:${endpoint.port}`).digest('hex')
}

/** A connection to the first endpoint that takes one. `tried` is told each. Rejects with {@link UpstreamError}. */
export async function dial(
  process: Process,
  endpoints: readonly Endpoint[],
  settings: Settings,
  tried: (endpoint: Endpoint, address: string, error: string | undefined) => Promise<void>,
): Promise<{ connection: Connection; endpoint: Endpoint }> {
  let slow = false
  for (const endpoint of endpoints) {
    const abort = new AbortController()
    const timer = process.clock.after(settings.connectTimeout, () => abort.abort(new NetworkError('ETIMEDOUT', 'timed out')))
    let address = `${endpoint.host}:${endpoint.port}`
    try {
      const [ip] = await process.net.resolve(endpoint.host)
      address = `${ip}:${endpoint.port}`
      const plain = await process.net.connect(ip!, endpoint.port, abort.signal)
      const connection = settings.secureBackend
        ? ((await secure(plain, endpoint.host, { insecure: true })) as unknown as Connection)
        : plain
      await tried(endpoint, address, undefined)
      return { connection, endpoint }
    } catch (error) {
      if (error instanceof Killed) throw error
      slow = (error as { code?: string }).code === 'ETIMEDOUT'
      await tried(endpoint, address, reason(error))
    } finally {
      timer.cancel()
    }
  }
  if (endpoints.length === 0) throw new UpstreamError(503, 'no live upstreams')
  throw new UpstreamError(slow ? 504 : 502, slow ? 'upstream timed out' : 'connect() failed')
}

function reason(error: unknown): string {
  const code = (error as { code?: string }).code ?? ''
  const known: Record<string, string> = {
    ECONNREFUSED: 'connect() failed (111: Connection refused) while connecting to upstream',
    EHOSTUNREACH: 'connect() failed (113: Host is unreachable) while connecting to upstream',
    ETIMEDOUT: 'upstream timed out (110: Operation timed out) while connecting to upstream',
    NXDOMAIN: 'could not be resolved (3: Host not found)',
  }
  return known[code] ?? `connect() failed (${error instanceof Error ? error.message : String(error)})`
}

/** Headers of one hop, which are not passed on. */
const HOP = new Set(['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'te', 'trailer', 'upgrade', 'expect'])

/** The headers of a request with names and order kept, without those of its hop; `own` replaces what is there. */
export function passedHeaders(req: IncomingMessage, own: Readonly<Record<string, string>>): Map<string, string[]> {
  const headers = new Map(Object.entries(own).map(([name, value]): [string, string[]] => [name, [value]]))
  const taken = new Map([...headers.keys()].map((name) => [name.toLowerCase(), '']))
  for (let i = 0; i < req.rawHeaders.length; i += 2) {
    const [name, value] = [req.rawHeaders[i]!, req.rawHeaders[i + 1]!]
    const lower = name.toLowerCase()
    if (HOP.has(lower) || taken.get(lower) === '') continue
    const first = taken.get(lower) ?? name
    taken.set(lower, first)
    headers.set(first, [...(headers.get(first) ?? []), value])
  }
  return headers
}

export interface Passed {
  answer: IncomingMessage
  /** Set when the endpoint changed the protocol: bytes go both ways from here on. */
  upgraded?: { socket: NodeJS.ReadWriteStream & { destroy(): void }; head: Buffer }
}

/** Sends a request over a connection, its body as it arrives; resolves with the head of the answer. */
export function pass(
  process: Process,
  connection: Connection,
  req: IncomingMessage,
  options: { path: string; headers: ReadonlyMap<string, string[]>; upgrade: boolean; readTimeout: number },
): Promise<Passed> {
  return new Promise((resolve, reject) => {
    const out: ClientRequest = http.request({
      createConnection: () => connection as never as Socket,
      method: req.method,
      path: options.path,
      setHost: false,
    })
    for (const [name, values] of options.headers) out.setHeader(name, values.length > 1 ? values : values[0]!)
    if (options.upgrade) {
      out.setHeader('Connection', 'upgrade')
      out.setHeader('Upgrade', req.headers.upgrade!)
    }
    // nginx says nothing of the connection to the endpoint, which stays open until the answer is over.
    else out.removeHeader('connection')
    const timer = process.clock.after(options.readTimeout, () => {
      reject(new UpstreamError(504, 'upstream timed out (110: Operation timed out) while reading response header from upstream'))
      out.destroy()
    })
    out.once('close', () => timer.cancel())
    out.once('response', (answer) => {
      timer.cancel()
      resolve({ answer })
    })
    out.once('upgrade', (answer, socket, head) => {
      timer.cancel()
      resolve({ answer, upgraded: { socket, head } })
    })
    out.on('error', () => {
      timer.cancel()
      reject(new UpstreamError(502, 'upstream prematurely closed connection while reading response header from upstream'))
    })
    if (options.upgrade) out.end()
    else req.pipe(out)
  })
}
