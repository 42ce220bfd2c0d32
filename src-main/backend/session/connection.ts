/**
 * HTTP to one API server with the credentials of one kubeconfig context: node:https carries the bytes, so that lists of
 * thousands of objects are not turned into classes on the way.
 */
import http from 'node:http'
import https from 'node:https'
import zlib from 'node:zlib'
import { mayBeLong, parseExactJson } from '../../exact-json.js'
import type { ContextConfig } from '../contexts/kubeconfig.js'
import { errorFromAnswer, problem } from '../errors.js'
import { addressOf, checkCertificate, checkConfig, credentialError, requestError } from './connection-errors.js'
import { ContextCredentials, KeptCredentials, type RequestCredentials } from './credentials.js'
import { type NamedProxy } from './proxy.js'

export interface RequestOptions {
  method?: string
  body?: string | Uint8Array
  contentType?: string
  accept?: string
  signal?: AbortSignal
  /** ms without a byte before it fails; 0 for streams. Default 30,000. */
  timeout?: number
  /** Of {@link ApiConnection.json}: whole numbers beyond 2^53 are given as bigints, not rounded. */
  exact?: boolean
}

/** What a WebSocket to the same server needs. */
export interface SocketOptions {
  url: string
  options: https.RequestOptions
}

const MAX_BODY = 512 * 1024 * 1024

export class ApiConnection {
  readonly server: URL
  private readonly proxy: NamedProxy | undefined
  private readonly credentials: ContextCredentials

  /** @param kept credentials of earlier connections to the same context, which may still be good */
  constructor(
    private readonly config: ContextConfig,
    kept = new KeptCredentials(),
  ) {
    const { server } = config.cluster
    if (!server) throw problem('Invalid', 'noServer')
    this.server = serverUrl(config)
    this.proxy = checkConfig(config.cluster, this.server)
    this.credentials = new ContextCredentials(config, this.server, this.proxy, kept)
  }

  /** Opens a request and gives the answer as a stream once its head is there; rejects for answers outside of 2xx. */
  async open(path: string, options: RequestOptions = {}): Promise<http.IncomingMessage> {
    const credentials = await this.credentialsFor()
    const answer = await this.send(path, options, credentials)
    const code = answer.statusCode ?? 0
    if (code >= 200 && code <= 299) return answer
    const text = await readText(answer)
    if (code === 401) checkCertificate(this.config.user)
    if (code === 401 && this.credentials.refused(credentials)) {
      // What a plugin gave may be revoked before it expires: another is asked for once.
      const again = await this.send(path, options, await this.credentialsFor())
      if (again.statusCode! >= 200 && again.statusCode! <= 299) return again
      throw errorFromAnswer(again.statusCode ?? 0, await readText(again))
    }
    throw errorFromAnswer(code, text)
  }

  private async send(path: string, options: RequestOptions, { headers, agent }: RequestCredentials): Promise<http.IncomingMessage> {
    const secure = this.server.protocol === 'https:'
    const body = typeof options.body === 'string' ? Buffer.from(options.body) : options.body
    const timeout = options.timeout ?? 30_000
    const base = this.server.pathname.replace(/\/$/, '')
    const progress = { server: this.server, proxy: this.proxy, connected: false, secured: false }
    return new Promise<http.IncomingMessage>((resolve, reject) => {
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
            agent,
            host: this.server.hostname.replace(/^\[|\]$/g, ''),
            port: this.server.port || (secure ? 443 : 80),
            method: options.method ?? 'GET',
            path: base + path,
            headers: {
              ...headers,
              accept: options.accept ?? 'application/json',
              'accept-encoding': timeout === 0 || this.config.cluster['disable-compression'] ? 'identity' : 'gzip',
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
  }

  /** The whole body as text. */
  async text(path: string, options: RequestOptions = {}): Promise<string> {
    return readText(await this.open(path, options))
  }

  /** The whole body, parsed. */
  async json<T = Record<string, unknown>>(path: string, options: RequestOptions = {}): Promise<T> {
    const text = await this.text(path, options)
    try {
      return (options.exact && mayBeLong(text) ? parseExactJson(text) : JSON.parse(text)) as T
    } catch {
      throw problem('Unreachable', 'noApiServer', { server: addressOf(this.server) })
    }
  }

  /** The URL and options of a WebSocket to `path`. */
  async socket(path: string): Promise<SocketOptions> {
    const { headers, agent } = await this.credentialsFor()
    const base = this.server.pathname.replace(/\/$/, '')
    const scheme = this.server.protocol === 'https:' ? 'wss' : 'ws'
    return { url: `${scheme}://${this.server.host}${base}${path}`, options: { headers, agent } }
  }

  private async credentialsFor(): Promise<RequestCredentials> {
    try {
      return await this.credentials.forRequest()
    } catch (error) {
      throw credentialError(error)
    }
  }
}

/**
 * The URL of a context's server. One without a scheme is meant by https where anything is said of certificates, else by http, as client-go
 * takes it. Throws where it is none.
 */
function serverUrl({ cluster, user }: ContextConfig): URL {
  const { server = '' } = cluster
  try {
    if (server.includes('://')) return new URL(server)
    const secure =
      cluster['certificate-authority-data'] ??
      cluster['certificate-authority'] ??
      cluster['insecure-skip-tls-verify'] ??
      user['client-certificate-data'] ??
      user['client-certificate']
    return new URL(`${secure ? 'https' : 'http'}://${server}`)
  } catch {
    throw problem('Kubeconfig', 'serverNoUrl', { server })
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
    if (size > MAX_BODY) throw problem('Internal', 'tooLarge')
    parts.push(part as Buffer)
  }
  return Buffer.concat(parts).toString('utf8')
}
