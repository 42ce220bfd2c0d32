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

  constructor(private readonly config: KubeConfig) {
    const server = config.getCurrentCluster()?.server
    if (!server) throw new BackendError({ reason: 'Invalid', message: 'The context names no cluster with a server.' })
    this.server = new URL(server)
  }

  /** Opens a request and gives the answer as a stream once its head is there; rejects for answers outside of 2xx. */
  async open(path: string, options: RequestOptions = {}): Promise<http.IncomingMessage> {
    const { requestOptions, secure } = await this.credentials()
    const body = typeof options.body === 'string' ? Buffer.from(options.body) : options.body
    const timeout = options.timeout ?? 30_000
    const base = this.server.pathname.replace(/\/$/, '')
    const answer = await new Promise<http.IncomingMessage>((resolve, reject) => {
      const request = (secure ? https : http).request(
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
        },
        resolve,
      )
      if (timeout) request.setTimeout(timeout, () => request.destroy(Object.assign(new Error('timeout'), { code: 'ETIMEDOUT' })))
      else request.on('socket', (s) => s.setTimeout(0))
      request.on('error', reject)
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
    return JSON.parse(await this.text(path, options)) as T
  }

  /** The URL and options of a WebSocket to `path`. */
  async socket(path: string): Promise<SocketOptions> {
    const { requestOptions, secure } = await this.credentials()
    const base = this.server.pathname.replace(/\/$/, '')
    return { url: `${secure ? 'wss' : 'ws'}://${this.server.host}${base}${path}`, options: requestOptions }
  }

  private async credentials(): Promise<{ requestOptions: https.RequestOptions; secure: boolean }> {
    const requestOptions: https.RequestOptions = {}
    await this.config.applyToHTTPSOptions(requestOptions)
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
