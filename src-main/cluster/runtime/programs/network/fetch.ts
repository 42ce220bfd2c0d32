/** HTTP and HTTPS as command-line clients do it, over the simulated network: one request per connection. */
import type { IncomingMessage } from 'node:http'
import tls from 'node:tls'
import { DnsError, NetworkError, type Connection } from '../../../network/network.js'
import { httpRequestOver } from '../../../network/http.js'
import type { Process } from '../../process.js'

/** Where a request stopped, in the terms that clients report. */
export type FetchStage = 'url' | 'resolve' | 'connect' | 'tls' | 'exchange'

export class FetchError extends Error {
  constructor(
    readonly stage: FetchStage,
    /** POSIX code, `TIMEOUT`, or what TLS said. */
    readonly reason: string,
    readonly target: { host: string; port: number; address?: string },
  ) {
    super(`${stage}: ${reason}`)
    this.name = 'FetchError'
  }
}

export interface Target {
  scheme: 'http' | 'https'
  host: string
  port: number
  path: string
  /** user:password of the URL. */
  auth?: string
}

/** Takes a URL apart as curl and wget do: `http://` may be left out. Undefined when it is none. */
export function parseTarget(text: string): Target | undefined {
  const match = /^(?:(https?):\/\/)?(?:([^@/]*)@)?(\[[^\]]+\]|[^:/?#]+)(?::(\d+))?([/?][^#]*)?(?:#.*)?$/i.exec(text)
  if (!match) return undefined
  const scheme = (match[1]?.toLowerCase() ?? 'http') as Target['scheme']
  const port = match[4] ? Number(match[4]) : scheme === 'https' ? 443 : 80
  if (port < 1 || port > 65535) return undefined
  const tail = match[5] ?? '/'
  return {
    scheme,
    host: match[3]!.replace(/^\[|\]$/g, ''),
    port,
    path: (tail.startsWith('?') ? `/${tail}` : tail).replaceAll(' ', '%20'),
    ...(match[2] ? { auth: match[2] } : {}),
  }
}

export interface FetchOptions {
  method: string
  headers: Record<string, string>
  body?: string | Uint8Array
  /** Accept any certificate. */
  insecure?: boolean
  /** PEM of the authorities that are trusted; none means that nothing is. */
  ca?: string
  /** Cluster milliseconds until the connection must stand. */
  connectTimeout?: number
  /** Told what happens, for verbose output. */
  trace?(line: string): void
  signal?: AbortSignal
}

/** Opens a connection and sends the request; resolves with the head of the answer. Rejects with {@link FetchError}. */
export async function fetchHead(p: Process, target: Target, options: FetchOptions): Promise<IncomingMessage> {
  const at = { host: target.host, port: target.port }
  let address: string
  try {
    address = (await p.net.resolve(target.host))[0]!
  } catch (error) {
    if (error instanceof DnsError) throw new FetchError('resolve', error.code, at)
    throw error
  }
  options.trace?.(`  Trying ${address}:${target.port}...`)
  let connection: Connection
  try {
    connection = await withTimeout(p, p.net.connect(address, target.port, options.signal), options.connectTimeout)
  } catch (error) {
    if (error instanceof NetworkError) throw new FetchError('connect', error.code, { ...at, address })
    if (error === TIMED_OUT) throw new FetchError('connect', 'TIMEOUT', { ...at, address })
    throw error
  }
  options.trace?.(`Connected to ${target.host} (${address}) port ${target.port} (#0)`)
  let stream: Connection = connection
  if (target.scheme === 'https') {
    try {
      stream = (await handshake(connection, target.host, options)) as unknown as Connection
    } catch (error) {
      connection.destroy()
      throw new FetchError('tls', (error as Error & { code?: string }).code ?? (error as Error).message, { ...at, address })
    }
  }
  const standard = (target.scheme === 'https' ? 443 : 80) === target.port
  const host = target.host.includes(':') ? `[${target.host}]` : target.host
  try {
    return await httpRequestOver(stream, {
      host: target.host,
      port: target.port,
      method: options.method,
      path: target.path,
      headers: { Host: standard ? host : `${host}:${target.port}`, ...options.headers },
      ...(options.body !== undefined ? { body: options.body } : {}),
      ...(options.signal ? { signal: options.signal } : {}),
    })
  } catch (error) {
    connection.destroy()
    if (options.signal?.aborted) throw options.signal.reason
    const code = (error as { code?: string }).code ?? ''
    throw new FetchError(
      'exchange',
      code === 'ECONNRESET' ? ((error as Error).message.includes('hang up') ? 'EMPTY' : code) : code || 'BAD',
      { ...at, address },
    )
  }
}

function handshake(connection: Connection, host: string, options: FetchOptions): Promise<tls.TLSSocket> {
  return new Promise((resolve, reject) => {
    const name = /^[\d.]+$|:/.test(host) ? {} : { servername: host }
    const socket = tls.connect(
      { socket: connection, host, ...name, rejectUnauthorized: !options.insecure, ca: options.ca ?? '', ALPNProtocols: ['http/1.1'] },
      () => resolve(socket),
    )
    socket.once('error', reject)
  })
}

const TIMED_OUT = Symbol('timed out')

/** Rejects with {@link TIMED_OUT} after `ms` of cluster time; a connection that comes later is closed. */
async function withTimeout(p: Process, work: Promise<Connection>, ms: number | undefined): Promise<Connection> {
  if (ms === undefined) return work
  return new Promise((resolve, reject) => {
    let late = false
    const timer = p.clock.after(ms, () => {
      late = true
      reject(TIMED_OUT)
    })
    work.then(
      (connection) => {
        timer.cancel()
        if (late) connection.destroy()
        else resolve(connection)
      },
      (error: unknown) => {
        timer.cancel()
        reject(error)
      },
    )
  })
}

/** A signal that aborts with the process, or after `ms` of cluster time with a {@link FetchError}. */
export function deadline(
  p: Process,
  ms: number | undefined,
  target: { host: string; port: number },
): { signal: AbortSignal; cancel(): void } {
  const abort = new AbortController()
  const onAbort = (): void => abort.abort(p.aborted.reason)
  p.aborted.addEventListener('abort', onAbort, { once: true })
  const timer = ms === undefined ? undefined : p.clock.after(ms, () => abort.abort(new FetchError('exchange', 'TIMEOUT', target)))
  return {
    signal: abort.signal,
    cancel: () => {
      timer?.cancel()
      p.aborted.removeEventListener('abort', onAbort)
    },
  }
}
