/** HTTP for wget and curl: URLs, TLS, one request over one simulated connection. */
import type { IncomingMessage } from 'node:http'
import tls from 'node:tls'
import { httpRequestOver } from '../../../network/http.js'
import type { Connection } from '../../../network/network.js'
import type { Task } from '../../task.js'
import { exchangeOverHttp2 } from './http2-client.js'
import { connectAs } from '../../own-sockets.js'

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
  if (!m || !m[3] || (m[1] === undefined && /^[a-z][a-z0-9+.-]*:\/\//i.test(text))) return undefined
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
  /** The protocols that are offered by ALPN (RFC 7301). */
  protocols?: string[]
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
      ...(options.protocols !== undefined ? { ALPNProtocols: options.protocols } : {}),
      rejectUnauthorized: !options.insecure,
    })
    socket.once('secureConnect', () => resolve(socket))
    socket.once('error', reject)
  })
}

/** A version of HTTP: 2 is spoken where the other end agrees to it, or `known` to be spoken there. */
export type HttpVersion = '1.0' | '1.1' | '2' | '2 known'

export interface Request {
  url: Url
  method: string
  headers: Record<string, string | string[]>
  body?: Uint8Array
  tls: TlsOptions
  /** 1.1 when left out. */
  version?: HttpVersion
}

/** Opens the connection of a request: its address, and the stream to use. */
export async function open(task: Task, url: Url, tlsOptions: TlsOptions, address: string, signal: AbortSignal): Promise<Connection> {
  return overTls(await connectAs(task, address, url.port, signal), url, tlsOptions)
}

/** The stream of a request over a connection to whoever answers it: the connection itself, or TLS over it. */
export async function overTls(plain: Connection, url: Url, tlsOptions: TlsOptions): Promise<Connection> {
  if (url.scheme !== 'https') return plain
  return (await secure(plain, url.host, tlsOptions)) as unknown as Connection
}

/** Whether a request goes over HTTP/2: both ends agreed to it, or the other is known to speak it. */
export function speaksHttp2(connection: Connection, { version }: Request): boolean {
  return version === '2 known' || (connection as unknown as Partial<tls.TLSSocket>).alpnProtocol === 'h2'
}

/** Sends a request over an open connection; `persistent` says nothing of closing it, which is then left to the caller. */
export function exchange(connection: Connection, request: Request, signal: AbortSignal, persistent = false): Promise<IncomingMessage> {
  const { url } = request
  if (speaksHttp2(connection, request)) return exchangeOverHttp2(connection, request, signal)
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
    kept: persistent,
    old: request.version === '1.0',
  })
}
