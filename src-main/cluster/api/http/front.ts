/**
 * The HTTPS front: one port for HTTP/2, HTTP/1.1, WebSocket and SPDY upgrades. Each request passes through
 * authentication, impersonation, authorisation, and then to the resource or path that it asks for.
 */
import { randomUUID } from 'node:crypto'
import { ServerResponse, type IncomingMessage } from 'node:http'
import { createSecureServer, type Http2SecureServer, type Http2ServerRequest } from 'node:http2'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import { WebSocketServer, type WebSocket } from 'ws'
import type { TokenCheck } from '../../access/authenticate.js'
import { refusal, type Authorizer } from '../../access/authorizer.js'
import { impersonate } from '../../access/impersonation.js'
import { hostNow } from '../../host.js'
import type { ConnectHandlers } from '../connect.js'
import type { Flow, RequestFlows } from '../flowcontrol/classify.js'
import { RunningRequests } from '../flowcontrol/running.js'
import { badRequest, notFound, StatusError } from '../errors.js'
import { shownJson } from '../shown-json.js'
import { page } from '../exposition.js'
import { buildInfo, goMetrics, processMetrics } from '../process-metrics.js'
import { printedFlags, type Flags } from '../server-flags.js'
import type { KubeletEndpoint } from '../../kubelet/endpoint.js'
import type { Node, Pod } from '../object.js'
import type { AnyRequest, AnyResponse, KubeletLookup, Streaming, StreamingTarget } from '../streaming/contract.js'
import { answer } from '../streaming/refusal.js'
import { checkQuery, containerOf } from '../streaming/target.js'
import type { Machinery } from '../verbs/machinery.js'
import { AccessMetrics } from './access-metrics.js'
import { Authentication } from './authentication.js'
import { admitConnection } from './connect-admission.js'
import { Exchange, statusOf } from './exchange.js'
import { InFlight } from './inflight.js'
import { Metrics } from './metrics.js'
import type { Limits } from './limits.js'
import { mediaTypeOf } from './negotiate.js'
import { checkTimeout, watchOptions, writeCall } from './options.js'
import { Paths, type SigningKeys } from './paths.js'
import { readRequest, type RequestInfo } from './requestinfo.js'
import { serveResource, serveUpgrade } from './resources.js'
import { answerNowhere, checkPathNames, noSuchResource, routeTo } from './routes.js'
import { endHandshake } from './plainhttp.js'
import { SlowHeaders } from './slowheaders.js'
import { watchOverWebSocket } from './watchstream.js'

/** Certificate, key and CA in PEM. */
export interface ServerIdentity {
  readonly cert: string
  readonly key: string
  readonly ca: string
}

export interface FrontOptions {
  readonly machinery: Machinery
  readonly authorizer: Authorizer
  readonly flows: RequestFlows
  readonly connect: ConnectHandlers
  readonly identity: ServerIdentity
  readonly checkToken: TokenCheck
  readonly streaming: Streaming | undefined
  readonly kubelet: () => KubeletLookup | undefined
  readonly keys: SigningKeys | undefined
  /** What /flagz tells. */
  readonly flags: Flags
  readonly limits: Limits
}

const STREAMED = new Set(['exec', 'attach', 'portforward'])
const APPLY = 'application/apply-patch+yaml'
/** Subresources that may last as long as the client wants. */
const LASTING = new Set([...STREAMED, 'log', 'proxy'])
export class Front {
  private readonly server: Http2SecureServer
  private readonly webSockets = new WebSocketServer({
    noServer: true,
    maxPayload: 1024 * 1024,
    handleProtocols: (offered) => [...offered][0] ?? false,
  })
  private readonly inFlight: InFlight
  private readonly slowHeaders: SlowHeaders
  private readonly metrics = new Metrics()
  private readonly accessMetrics = new AccessMetrics()
  private readonly running: RunningRequests
  private readonly paths: Paths
  private readonly authentication: Authentication
  private readonly sockets = new Set<Duplex>()
  private ready = true

  constructor(private readonly options: FrontOptions) {
    const { cert, key, ca } = options.identity
    const { machinery: m, limits } = options
    this.inFlight = new InFlight(limits)
    this.running = new RunningRequests(m.store)
    this.authentication = new Authentication(options.checkToken, this.accessMetrics)
    this.slowHeaders = new SlowHeaders(limits.headerTime, (socket) => refuseMalformed({ code: TIMED_OUT }, socket))
    this.server = createSecureServer({
      cert,
      key,
      ca,
      requestCert: true,
      // A bad certificate is answered with 401, not with a broken connection.
      rejectUnauthorized: false,
      allowHTTP1: true,
      // An answer in several small parts does not wait for the client's word on the first.
      noDelay: true,
      minVersion: 'TLSv1.2',
      handshakeTimeout: limits.handshakeTime,
      settings: { maxConcurrentStreams: limits.streams, maxHeaderListSize: limits.header },
    } as Parameters<typeof createSecureServer>[0])
    // Node takes these of a server of HTTP/2 for its connections of HTTP/1.1 too, but not among its options.
    Object.assign(this.server, {
      maxHeaderSize: limits.header,
      headersTimeout: limits.headerTime,
      keepAliveTimeout: limits.idleTime,
      maxConnections: limits.connections,
    })
    this.paths = new Paths({
      kinds: m.kinds,
      clock: m.clock,
      address: () => `127.0.0.1:${this.port}`,
      ready: () => this.ready,
      metrics: () =>
        page([
          ...this.metrics.families(m.store, m.kinds),
          ...this.accessMetrics.families(),
          ...m.metrics.families(),
          goMetrics(),
          buildInfo(),
          processMetrics(performance.timeOrigin),
        ]),
      running: this.running,
      keys: options.keys,
      flags: printedFlags(options.flags),
    })
    this.server.on('secureConnection', (socket: TLSSocket) => {
      this.sockets.add(socket)
      if (socket.alpnProtocol !== 'h2') this.slowHeaders.add(socket)
      socket.on('close', () => this.sockets.delete(socket))
      socket.on('error', () => undefined)
    })
    this.server.on('session', (session) => {
      session.on('error', () => undefined)
      let open = 0
      session.on('stream', (stream) => {
        open++
        stream.once('close', () => open--)
      })
      session.setTimeout(limits.idleTime, () => open === 0 && session.close())
    })
    this.server.on('sessionError', () => undefined)
    this.server.on('tlsClientError', (error: Error, socket: TLSSocket) => {
      this.metrics.handshakeFailed()
      endHandshake(error, socket)
    })
    this.server.on('clientError', (error: Error & { code?: string }, socket: Duplex) => refuseMalformed(error, socket))
    this.server.on('request', (request, response) => void this.onRequest(request, response))
    this.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => void this.onUpgrade(request, socket, head))
  }

  get port(): number {
    return (this.server.address() as AddressInfo | null)?.port ?? 0
  }

  /** Listens; port 0 picks a free one. Rejects with EADDRINUSE and the like. */
  listen(port: number, host: string): Promise<number> {
    return new Promise((resolve, reject) => {
      this.server.once('error', reject)
      this.server.listen(port, host, () => {
        this.server.off('error', reject)
        resolve(this.port)
      })
    })
  }

  /** Serves a connection that did not come through a port: TLS over any duplex stream. */
  handleConnection(connection: Duplex): void {
    this.server.emit('connection', connection)
  }

  async close(): Promise<void> {
    this.ready = false
    this.slowHeaders.stop()
    const closed = new Promise<void>((resolve) => (this.server.listening ? this.server.close(() => resolve()) : resolve()))
    for (const socket of this.sockets) socket.destroy()
    await closed
  }

  private async onRequest(request: Http2ServerRequest | IncomingMessage, response: AnyResponse): Promise<void> {
    response.on('error', () => undefined)
    request.on('error', () => undefined)
    response.setHeader('audit-id', auditIdOf(request))
    let exchange: Exchange
    try {
      exchange = new Exchange(
        request as AnyRequest,
        response,
        readRequest(request.method ?? 'GET', request.url ?? '/'),
        this.options.limits,
      )
    } catch (error) {
      exchange = new Exchange(request as AnyRequest, response, readRequest('GET', '/'))
      return exchange.fail(error)
    }
    const lasting = exchange.info.verb === 'watch' || LASTING.has(exchange.info.subresource)
    const counted = this.metrics.start(exchange.info, lasting, mediaTypeOf(exchange.header('content-type')) === APPLY)
    let executed: (() => void) | undefined
    const answered = request.httpVersionMajor < 2 ? this.slowHeaders.begun(request.socket as TLSSocket) : undefined
    response.on('close', () => {
      counted(response.statusCode, Number(response.getHeader('content-length') ?? 0))
      executed?.()
      answered?.()
    })
    const { info } = exchange
    try {
      if (!lasting) checkTimeout(info.query)
      const flow = await this.admit(exchange)
      if (flow && !response.destroyed) executed = this.execute(flow, exchange)
      const work = (): Promise<void> => this.serve(exchange)
      await (lasting ? work() : this.inFlight.run(info.verb, work))
    } catch (error) {
      await exchange.fail(error).catch(() => response.destroy())
    }
  }

  /** Notes that a request has its seat; the function returned notes that it has it no more. A watch gives it back at once. */
  private execute(flow: Flow, { user, info }: Exchange): () => void {
    const counted = this.metrics.dispatch(flow)
    const listed = this.running.add({ flow, user, info, arrived: this.options.machinery.clock.now() })
    const executed = (): void => {
      counted()
      listed()
    }
    if (info.verb !== 'watch') return executed
    executed()
    return () => undefined
  }

  /** Finds out who asks and whether they may. Gives the flow that the request belongs to. Throws 401 and 403. */
  private async admit(exchange: Exchange): Promise<Flow | undefined> {
    const { request, info } = exchange
    const { authorizer } = this.options
    const authenticated = await this.authentication.userOf(request)
    const access = info.isResource ? info : { verb: info.verb, path: info.path }
    exchange.user = impersonate(request.headers, authenticated, authorizer, access)
    // What lasts as long as the client wants takes nobody's turn, but for watches.
    const flow = LASTING.has(info.subresource) ? undefined : this.options.flows.of(exchange.user, access)
    exchange.tellFlow(flow)
    const began = hostNow()
    const decision = 'resource' in access ? authorizer.authorize(exchange.user, access) : authorizer.authorizePath(exchange.user, access)
    this.accessMetrics.authorized(decision.allowed, began)
    if (!decision.allowed) throw refusal(exchange.user, access, decision.reason)
    return flow
  }

  private async serve(exchange: Exchange): Promise<void> {
    const { info } = exchange
    if (!info.isResource) return this.paths.serve(exchange)
    const { machinery: m, connect } = this.options
    checkPathNames(exchange)
    const kind = routeTo(m.kinds, exchange)
    if (!kind) return answerNowhere(exchange)
    if (kind.group === '' && kind.plural === 'pods') {
      if (info.subresource === 'log') return this.serveLog(exchange)
      if (STREAMED.has(info.subresource)) {
        this.target(exchange)
        throw badRequest('Upgrade request required')
      }
    }
    return serveResource(m, connect, exchange, kind)
  }

  private async serveLog(exchange: Exchange): Promise<void> {
    const { streaming } = this.options
    const { subresource, name, query } = exchange.info
    checkQuery(subresource, name, query)
    const pod = this.pod(exchange.info)
    if (!pod.spec?.nodeName) {
      // Nothing has run, so there is nothing to tell; a wrong container is still refused.
      containerOf(pod, query)
      exchange.head(204, '')
      return exchange.end()
    }
    if (!streaming) throw badRequest('logs are not available: there is no kubelet')
    return streaming.handleLog(exchange.request, exchange.response, this.target(exchange))
  }

  private pod(info: RequestInfo): Pod {
    const stored = this.options.machinery.store.get(`/registry/core/pods/${info.namespace}/${info.name}`)
    if (!stored) throw notFound({ group: '', resource: 'pods' }, info.name)
    return stored.object as unknown as Pod
  }

  /** What a streaming subresource works on. Throws 404 and 400. */
  private target(exchange: Exchange): StreamingTarget {
    const { info } = exchange
    checkQuery(info.subresource, info.name, info.query)
    const pod = this.pod(info)
    if (info.subresource !== 'portforward') containerOf(pod, info.query)
    if (!pod.spec?.nodeName) throw badRequest(`pod ${info.name} does not have a host assigned`)
    const kubelet = this.kubeletOf(pod, pod.spec.nodeName)
    return {
      namespace: info.namespace,
      pod: info.name,
      subresource: info.subresource as StreamingTarget['subresource'],
      query: info.query,
      object: pod,
      kubelet,
    }
  }

  /** The kubelet of a pod's node. Throws 404 for a node that is not there, and what dialling tells for one that does not run here. */
  private kubeletOf(pod: Pod, nodeName: string): KubeletEndpoint {
    const node = this.options.machinery.store.get(`/registry/core/nodes/${nodeName}`)?.object as Node | undefined
    if (!node) throw notFound({ group: '', resource: 'nodes' }, nodeName)
    try {
      const kubelet = this.options.kubelet()?.(pod)
      if (kubelet) return kubelet
    } catch (error) {
      if (error instanceof StatusError) throw error
    }
    const address = `${node.status?.addresses?.find((a) => a.type === 'InternalIP')?.address ?? nodeName}:10250`
    throw new StatusError(500, 'InternalError', `Internal error occurred: dial tcp ${address}: connect: no route to host`)
  }

  private async onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    socket.on('error', () => undefined)
    this.slowHeaders.remove(socket as TLSSocket)
    try {
      const info = readRequest(request.method ?? 'GET', request.url ?? '/')
      if (!isUpgradable(info, request)) return await this.answerPlainly(request, socket)
      const exchange = new Exchange(request, undefined as unknown as AnyResponse, info, this.options.limits)
      await this.admit(exchange)
      const { machinery: m, streaming } = this.options
      checkPathNames(exchange)
      const kind = routeTo(m.kinds, exchange)
      if (!kind) throw noSuchResource()
      const isLog = info.subresource === 'log'
      if (kind.group === '' && kind.plural === 'pods' && (isLog || STREAMED.has(info.subresource))) {
        // Running something in a pod is a write, however the connection was asked for.
        const access = isLog ? info : { ...info, verb: 'create' }
        const decision = this.options.authorizer.authorize(exchange.user, access)
        if (!decision.allowed) throw refusal(exchange.user, access, decision.reason)
        await admitConnection(m, exchange, kind, writeCall(exchange, info.namespace, 'CreateOptions'))
        if (!streaming) throw badRequest('exec, attach and port-forward are not available: there is no kubelet')
        return streaming.handleUpgrade(request, socket, head, this.target(exchange))
      }
      if (info.verb !== 'watch') return await serveUpgrade(m, this.options.connect, exchange, kind, { socket, head })
      const options = watchOptions(info, kind.namespaced ? info.namespace : '')
      watchOverWebSocket(m, kind, options, exchange, () => this.acceptWebSocket(request, socket, head))
    } catch (error) {
      refuseUpgrade(error, socket)
    }
  }

  /** Answers a request as if it had not asked for an upgrade that means nothing to it. Node leaves its body unread. */
  private answerPlainly(request: IncomingMessage, socket: Duplex): Promise<void> {
    if (Number(request.headers['content-length'] ?? 0) > 0 || request.headers['transfer-encoding'] !== undefined)
      throw badRequest('a request with a body cannot ask for an upgrade of its connection')
    const response = new ServerResponse(request)
    response.shouldKeepAlive = false
    response.assignSocket(socket as Socket)
    response.on('finish', () => {
      response.detachSocket(socket as Socket)
      socket.end()
    })
    return this.onRequest(request, response)
  }

  /** Shakes hands. Undefined for a client that does not know how to, and has been told so. */
  private acceptWebSocket(request: IncomingMessage, socket: Duplex, head: Buffer): WebSocket | undefined {
    let accepted: WebSocket | undefined
    this.webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      webSocket.on('error', () => undefined)
      accepted = webSocket
    })
    return accepted
  }
}

/** By what a request is found in audit logs: what its client calls it, or a name of its own. */
function auditIdOf(request: Http2ServerRequest | IncomingMessage): string {
  const named = request.headers['audit-id']
  return typeof named === 'string' && named !== '' ? named : randomUUID()
}

/** Whether an upgrade of its connection means something to a request. Some clients ask for one on all that they send. */
function isUpgradable({ isResource, subresource, verb }: RequestInfo, { headers }: IncomingMessage): boolean {
  if (!isResource) return false
  if (STREAMED.has(subresource) || subresource === 'proxy') return true
  return (verb === 'watch' || subresource === 'log') && headers.upgrade?.toLowerCase() === 'websocket'
}

function refuseUpgrade(error: unknown, socket: Duplex): void {
  const status = statusOf(error)
  answer(socket, status.code, 'application/json', `${shownJson(status)}\n`)
}

/** As Node calls it. */
const TIMED_OUT = 'ERR_HTTP_REQUEST_TIMEOUT'

/** Answers what is not HTTP, in the words of Go's server. */
function refuseMalformed(error: { code?: string }, socket: Duplex): void {
  if (!socket.writable) return
  const tooLong = error.code === 'HPE_HEADER_OVERFLOW'
  const line = tooLong ? '431 Request Header Fields Too Large' : error.code === TIMED_OUT ? '408 Request Timeout' : '400 Bad Request'
  socket.end(`HTTP/1.1 ${line}\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n${line}`)
}
