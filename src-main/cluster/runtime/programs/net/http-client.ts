/** HTTP for wget and curl: URLs, TLS, one request over one simulated connection. */
import type { IncomingMessage } from 'node:http'
import tls from 'node:tls'
import { httpRequestOver } from '../../../network/http.js'
import type { Connection } from '../../../network/network.js'
import type { Task } from '../../task.js'

export interface Url {
  scheme: string
  host: string
  port: number
  path: string
  user?: string
}

/** Parses a URL as these programs take it: the scheme may be missing. undefined when it is none. */
export function parseUrl(text: string): Url | undefined {
  const m = /^(?:([A-Za-z][A-Za-z0-9+.-]*):\/\/)?(?:([^@/]*)@)?(\[[^\]]*\]|[^:/?#]*)(?::(\d*))?([/?][^#]*)?(?:#.*)?$/.exec(text)
  if (!m || !m[3]) return undefined
  const scheme = (m[1] ?? 'http').toLowerCase()
  const path = m[5] ?? '/'
  return {
    scheme,
    user: m[2],
    host: m[3],
    port: m[4] ? Number(m[4]) : scheme === 'https' ? 443 : 80,
    path: path.startsWith('/') ? path : `/${path}`,
  }
}

export interface TlsOptions {
  insecure: boolean
  ca?: string
  cert?: string
  key?: string
  /** The oldest and the newest version of TLS that are spoken, and OpenSSL's names of ciphers. */
  least?: tls.SecureVersion
  most?: tls.SecureVersion
  ciphers?: string
}

/** Makes a TLS connection over a plain one. Rejects with node's error (`code` such as SELF_SIGNED_CERT_IN_CHAIN). */
export function secure(connection: Connection, host: string, options: TlsOptions): Promise<tls.TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = tls.connect({
      socket: connection,
      ...(/^[\d.]+$/.test(host) ? {} : { servername: host }),
      ...(options.ca !== undefined ? { ca: options.ca } : { ca: [] }),
      ...(options.cert !== undefined ? { cert: options.cert } : {}),
      ...(options.key !== undefined ? { key: options.key } : {}),
      ...(options.least !== undefined ? { minVersion: options.least } : {}),
      ...(options.most !== undefined ? { maxVersion: options.most } : {}),
      ...(options.ciphers !== undefined ? { ciphers: options.ciphers } : {}),
      rejectUnauthorized: !options.insecure,
    })
    socket.once('secureConnect', () => resolve(socket))
    socket.once('error', reject)
  })
}

export interface Request {
  url: Url
  method: string
  headers: Record<string, string | string[]>
  body?: Uint8Array
  tls: TlsOptions
}

/** Opens the connection of a request: its address, and the stream to use. */
export async function open(task: Task, url: Url, tlsOptions: TlsOptions, address: string, signal: AbortSignal): Promise<Connection> {
  return overTls(await task.net.connect(address, url.port, signal), url, tlsOptions)
}

/** The stream of a request over a connection to whoever answers it: the connection itself, or TLS over it. */
export async function overTls(plain: Connection, url: Url, tlsOptions: TlsOptions): Promise<Connection> {
  if (url.scheme !== 'https') return plain
  return (await secure(plain, url.host, tlsOptions)) as unknown as Connection
}

/** Sends a request over an open connection; `persistent` says nothing of closing it, though it is closed afterwards. */
export function exchange(connection: Connection, request: Request, signal: AbortSignal, persistent = false): Promise<IncomingMessage> {
  const { url } = request
  const standard = url.port === (url.scheme === 'https' ? 443 : 80)
  return httpRequestOver(connection, {
    host: url.host,
    port: url.port,
    method: request.method,
    path: url.path,
    headers: { Host: standard ? url.host : `${url.host}:${url.port}`, ...request.headers },
    ...(request.body ? { body: request.body } : {}),
    signal,
    persistent,
  })
}
