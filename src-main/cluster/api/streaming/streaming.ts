/**
 * The streaming subresources of a pod: takes over requests for exec, attach, port-forward and logs, chooses the protocol, and
 * drives the kubelet. Clients in use: kubectl from 1.30 on and @kubernetes/client-node speak WebSocket, older kubectl
 * SPDY/3.1; port-forward of kubectl tunnels SPDY through a WebSocket.
 *
 * What the API server itself refuses is answered as a Status; what the kubelet refuses, in its plain text, since that is
 * what passes through a real API server. Version 5 of the WebSocket protocol ends in the API server, so there the
 * connection is up before the kubelet is asked, and refusals come on the error channel.
 */
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { StatusError, badRequest } from '../errors.js'
import { EarlyOutput } from './early-output.js'
import type { ExecOptions, Session } from '../../kubelet/endpoint.js'
import type { Streaming, StreamingTarget } from './contract.js'
import { EXEC_SPDY_PROTOCOLS, spdyStreams } from './exec-spdy.js'
import { EXEC_WEBSOCKET_PROTOCOLS, webSocketStreams } from './exec-websocket.js'
import { handleLog, LOG_WEBSOCKET_PROTOCOLS, logOverWebSocket, openLog } from './log.js'
import {
  FORWARD_PROTOCOL,
  FORWARD_WEBSOCKET_PROTOCOLS,
  TUNNEL_PROTOCOL,
  forwardOverChannels,
  forwardOverSpdy,
  forwardOverTunnel,
} from './portforward.js'
import { refuse, refuseAsKubelet } from './refusal.js'
import { failed, runSession, type ClientStreams } from './session.js'
import { acceptSpdy, negotiate, wantsSpdy } from './spdy/upgrade.js'
import { containerOf, execOptions, forwardedPorts } from './target.js'
import { acceptWebSocket, offeredProtocols, wantsWebSocket } from './websocket.js'

/** Wall milliseconds of silence after which TCP itself asks whether the peer is still there. */
const TCP_KEEP_ALIVE = 30_000

/** The room's entry points, for `createApiServer`. */
export function createStreaming(): Streaming {
  return { handleUpgrade, handleLog }
}

/** Takes over an upgraded connection. Never throws; every outcome ends on the socket. */
export function handleUpgrade(req: IncomingMessage, socket: Duplex, head: Buffer, target: StreamingTarget): void {
  socket.on('error', () => undefined)
  if ('setKeepAlive' in socket) {
    const tcp = socket as Socket
    tcp.setTimeout(0)
    tcp.setNoDelay(true)
    tcp.setKeepAlive(true, TCP_KEEP_ALIVE)
  }
  const serve = target.subresource === 'portforward' ? portForward : target.subresource === 'log' ? followLog : execOrAttach
  serve(req, socket, head, target).catch((error: unknown) => refuse(socket, error))
}

/** The sub-protocol to speak, or undefined after a 403 when none of the client's is known. */
function chooseWebSocketProtocol(req: IncomingMessage, socket: Duplex, supported: readonly string[]): string | undefined {
  const offered = offeredProtocols(req)
  const chosen = offered.length === 0 ? '' : offered.find((p) => supported.includes(p))
  if (chosen === undefined || !supported.includes(chosen)) {
    refuseAsKubelet(socket, 403, `unable to upgrade: none of the offered protocols [${offered.join(' ')}] is supported`)
    return undefined
  }
  return chosen
}

async function execOrAttach(req: IncomingMessage, socket: Duplex, head: Buffer, target: StreamingTarget): Promise<void> {
  const container = containerOf(target.object, target.query)
  const viaWebSocket = wantsWebSocket(req)
  if (!viaWebSocket && !wantsSpdy(req)) throw badRequest('Upgrade request required')
  const protocol = viaWebSocket
    ? chooseWebSocketProtocol(req, socket, EXEC_WEBSOCKET_PROTOCOLS)
    : negotiate(req, socket, EXEC_SPDY_PROTOCOLS, 'channel.k8s.io')
  if (protocol === undefined) return

  const attempt = await open(target, container)
  if ('refusal' in attempt && !protocol.startsWith('v5.')) {
    refuseAsKubelet(socket, attempt.refusal.code, attempt.refusal.message)
    return
  }
  const abandon = (): void => {
    if ('session' in attempt) attempt.session.close()
  }
  if (socket.destroyed) return abandon()

  const serve = (streams: ClientStreams): void => {
    if ('session' in attempt) void runSession(attempt.session, attempt.early, streams, failureOf(target))
    else if ('refusal' in attempt) streams.finish({ error: new Error(`unable to upgrade connection: ${attempt.refusal.message}`) })
    else streams.finish({ error: attempt.failure })
  }
  if (viaWebSocket) {
    let accepted = false
    // A malformed handshake is refused by `ws`, which closes the socket and calls nobody.
    socket.once('close', () => accepted || abandon())
    acceptWebSocket(req, socket, head, protocol, (ws) => {
      accepted = true
      serve(webSocketStreams(ws, protocol, attempt.options))
    })
    return
  }
  acceptSpdy(socket, head, protocol)
  await spdyStreams(socket, protocol, attempt.options).then(serve, abandon)
}

/** A session; or the kubelet's refusal, before any stream; or why the process could not be started, told on the error stream. */
type Attempt = { options: ExecOptions } & ({ session: Session; early: EarlyOutput } | { refusal: StatusError } | { failure: Error })

async function open(target: StreamingTarget, container: string): Promise<Attempt> {
  let options: ExecOptions = { command: [], stdin: false, stdout: false, stderr: false, tty: false }
  const ref = { namespace: target.namespace, pod: target.pod, container }
  try {
    options = execOptions(target.query)
    const session = target.subresource === 'exec' ? await target.kubelet.exec(ref, options) : await target.kubelet.attach(ref, options)
    // Whoever waits for it comes later; a rejection until then is no crash.
    session.status.catch(() => undefined)
    return { options, session, early: new EarlyOutput(session) }
  } catch (error) {
    if (error instanceof StatusError) return { options, refusal: error }
    return { options, failure: failed(failureOf(target), error as Error) }
  }
}

/** How the kubelet begins the message of a failure. */
function failureOf(target: StreamingTarget): string {
  return target.subresource === 'exec' ? 'error executing command in container' : 'error attaching to container'
}

async function followLog(req: IncomingMessage, socket: Duplex, head: Buffer, target: StreamingTarget): Promise<void> {
  if (!wantsWebSocket(req)) throw badRequest('Upgrade request required')
  const protocol = chooseWebSocketProtocol(req, socket, LOG_WEBSOCKET_PROTOCOLS)
  if (protocol === undefined) return
  const log = await openLog(target)
  let accepted = false
  socket.once('close', () => accepted || log.destroy())
  acceptWebSocket(req, socket, head, protocol, (ws) => {
    accepted = true
    void logOverWebSocket(ws, protocol, log)
  })
}

async function portForward(req: IncomingMessage, socket: Duplex, head: Buffer, target: StreamingTarget): Promise<void> {
  if (!wantsWebSocket(req)) {
    if (!wantsSpdy(req)) throw badRequest('Upgrade request required')
    const protocol = negotiate(req, socket, [FORWARD_PROTOCOL], FORWARD_PROTOCOL)
    if (protocol === undefined) return
    acceptSpdy(socket, head, protocol)
    forwardOverSpdy(socket, target)
    return
  }
  // client-node offers what exec knows; the kubelet's port-forward speaks version 4 alone.
  const protocol = chooseWebSocketProtocol(req, socket, [TUNNEL_PROTOCOL, ...FORWARD_WEBSOCKET_PROTOCOLS])
  if (protocol === undefined) return
  if (protocol === TUNNEL_PROTOCOL) return acceptWebSocket(req, socket, head, protocol, (ws) => forwardOverTunnel(ws, target))
  let ports: number[]
  try {
    ports = forwardedPorts(target.query)
  } catch (error) {
    refuseAsKubelet(socket, 400, (error as Error).message)
    return
  }
  acceptWebSocket(req, socket, head, protocol, (ws) => forwardOverChannels(ws, protocol, ports, target))
}
