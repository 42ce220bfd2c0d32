/**
 * HTTP to one API server with the credentials of one kubeconfig context: client-node makes the credentials (files,
 * tokens, exec plugins, proxies), node:https carries the bytes, so that lists of thousands of objects are not turned
 * into classes on the way.
 */
import http from 'node:http'
import https from 'node:https'
import zlib from 'node:zlib'
import type { KubeConfig } from '@kubernetes/client-node'
import { BackendError, errorFromAnswer } from '../errors.js'
import { addressOf, checkConfig, credentialError, requestError } from './connection-errors.js'

export interface RequestOptions {
  method?: string
  body?: string | Uint8Array
  contentType?: string
  accept?: string
  signal?: AbortSignal
  /** ms without a byte before it fails; 0 for streams. Default 30,000. */
  timeout?: number
}

/** What a WebSocket to the same server needs. */
export interface SocketOptions {
  url: string
  options: https.RequestOptions
}

const MAX_BODY = 512 * 1024 * 1024

export class ApiConnection {
  readonly server: URL
  private readonly proxy: URL | undefined

  constructor(private readonly config: KubeConfig) {
    const server = config.getCurrentCluster()?.server
    if (!server) throw new BackendError({ reason: 'Invalid', message: 'The context names no cluster with a server.' })
    try {
      this.server = new URL(server)
    } catch {
      throw new BackendError({ reason: 'Kubeconfig', message: `"${server}" is not the URL of a server.` })
    }
    this.proxy = checkConfig(config)
    const cluster = config.getCurrentCluster()!
    // As kubectl does: whoever names a server by http asks for no TLS, and a SOCKS proxy looks up the server's name itself.
    if (this.server.protocol === 'http:') Object.assign(cluster, { skipTLSVerify: true })
    if (this.proxy?.protocol === 'socks5:') Object.assign(cluster, { proxyUrl: cluster.proxyUrl!.replace(/^socks5:/, 'socks5h:') })
  }

  /** Opens a request and gives the answer as a stream once its head is there; rejects for answers outside of 2xx. */
  async open(path: string, options: RequestOptions = {}): Promise<http.IncomingMessage> {
    const { requestOptions, secure } = await this.credentials()
    const body = typeof options.body === 'string' ? Buffer.from(options.body) : options.body
    const timeout = options.timeout ?? 30_000
    const base = this.server.pathname.replace(/\/$/, '')
    const progress = { server: this.server, proxy: this.proxy, connected: false, secured: false }
    const answer = await new Promise<http.IncomingMessage>((resolve, reject) => {
      const fail = (error: unknown): void => {
        clearTimeout(giveUp)
        reject(requestError(error, progress))
      }
      // A socket counts its own time only once it is connected, and a proxy may never give one.
      const giveUp = timeout
        ? setTimeout(() => {
            const error = Object.assign(new Error('timeout'), { code: 'ETIMEDOUT' })
            fail(error)
            request?.destroy(error)
          }, timeout)
        : undefined
      let request: http.ClientRequest | undefined
      try {
        request = (secure ? https : http).request(
          {
            ...requestOptions,
            host: this.server.hostname.replace(/^\[|\]$/g, ''),
            port: this.server.port || (secure ? 443 : 80),
            method: options.method ?? 'GET',
            path: base + path,
            headers: {
              ...(requestOptions.headers as http.OutgoingHttpHeaders),
              accept: options.accept ?? 'application/json',
              'accept-encoding': timeout === 0 ? 'identity' : 'gzip',
              'user-agent': 'drydock',
              ...(body ? { 'content-type': options.contentType ?? 'application/json', 'content-length': body.byteLength } : {}),
            },
            ...(options.signal ? { signal: options.signal } : {}),
            ...(timeout ? { timeout } : {}),
          },
          (head) => {
            clearTimeout(giveUp)
            resolve(head)
          },
        )
      } catch (error) {
        // A client certificate or key that cannot be read.
        return fail(error)
      }
      request.on('socket', (socket) => {
        // One that is kept from an earlier request.
        if (!socket.connecting) return void (progress.connected = progress.secured = true)
        socket.once('connect', () => (progress.connected = true))
        socket.once('secureConnect', () => (progress.secured = true))
      })
      const sent = request
      if (timeout) request.setTimeout(timeout, () => sent.destroy(Object.assign(new Error('timeout'), { code: 'ETIMEDOUT' })))
      else request.on('socket', (s) => s.setTimeout(0))
      request.on('error', fail)
      request.end(body)
    })
    const code = answer.statusCode ?? 0
    if (code < 200 || code > 299) throw errorFromAnswer(code, await readText(answer))
    return answer
  }

  /** The whole body as text. */
  async text(path: string, options: RequestOptions = {}): Promise<string> {
    return readText(await this.open(path, options))
  }

  /** The whole body, parsed. */
  async json<T = Record<string, unknown>>(path: string, options: RequestOptions = {}): Promise<T> {
    const text = await this.text(path, options)
    try {
      return JSON.parse(text) as T
    } catch {
      throw new BackendError({ reason: 'Unreachable', message: `What answers at ${addressOf(this.server)} is no Kubernetes API server.` })
    }
  }

  /** The URL and options of a WebSocket to `path`. */
  async socket(path: string): Promise<SocketOptions> {
    const { requestOptions, secure } = await this.credentials()
    const base = this.server.pathname.replace(/\/$/, '')
    return { url: `${secure ? 'wss' : 'ws'}://${this.server.host}${base}${path}`, options: requestOptions }
  }

  private async credentials(): Promise<{ requestOptions: https.RequestOptions; secure: boolean }> {
    const requestOptions: https.RequestOptions = {}
    try {
      await this.config.applyToHTTPSOptions(requestOptions)
    } catch (error) {
      throw credentialError(error, this.config)
    }
    const agent = requestOptions.agent
    // client-node keeps one agent per cluster but opens a connection per request: keep them alive instead.
    if (agent instanceof http.Agent && !(agent as { keepAlive?: boolean }).keepAlive) {
      ;(agent as { keepAlive?: boolean }).keepAlive = true
      agent.maxFreeSockets = 8
    }
    return { requestOptions, secure: this.server.protocol === 'https:' }
  }
}

async function readText(answer: http.IncomingMessage): Promise<string> {
  const zipped = answer.headers['content-encoding'] === 'gzip'
  const source = zipped ? answer.pipe(zlib.createGunzip()) : answer
  if (zipped) answer.on('error', (error) => source.destroy(error))
  const parts: Buffer[] = []
  let size = 0
  for await (const part of source) {
    size += (part as Buffer).length
    if (size > MAX_BODY) throw new BackendError({ reason: 'Internal', message: 'The answer is larger than 512 MiB.' })
    parts.push(part as Buffer)
  }
  return Buffer.concat(parts).toString('utf8')
}
