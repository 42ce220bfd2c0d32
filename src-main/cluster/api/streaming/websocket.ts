/** The WebSocket handshake of streaming requests: which sub-protocol is spoken, and that the peer is still there. */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer, type WebSocket } from 'ws'
import { hostTimeout } from '../../host.js'

/** Longest message that is taken; kubectl sends 32 KiB at most. */
const LONGEST_MESSAGE = 16 * 1024 * 1024
/** Wall milliseconds between pings: shorter than what proxies and NAT tables forget, so that idle sessions live for hours. */
const PING_INTERVAL = 30_000
/** Pings in a row that may go unanswered before the client counts as gone. */
const LOST_PINGS = 3

/** The sub-protocol that each request was granted, for the answer's header. */
const granted = new WeakMap<IncomingMessage, string>()
const server = new WebSocketServer({ noServer: true, maxPayload: LONGEST_MESSAGE, perMessageDeflate: false, clientTracking: false })
server.on('headers', (headers, req) => {
  const protocol = granted.get(req)
  if (protocol) headers.push(`Sec-WebSocket-Protocol: ${protocol}`)
})

/** The sub-protocols a client offers, in its order. */
export function offeredProtocols(req: IncomingMessage): string[] {
  return commaSeparated(req.headers['sec-websocket-protocol'])
}

/** The elements of a header that holds a list. */
export function commaSeparated(header: string | string[] | undefined): string[] {
  return [header ?? []]
    .flat()
    .flatMap((line) => line.split(','))
    .map((item) => item.trim())
    .filter((item) => item !== '')
}

/** Whether a request asks for a WebSocket. */
export function wantsWebSocket(req: IncomingMessage): boolean {
  return commaSeparated(req.headers.upgrade).some((p) => p.toLowerCase() === 'websocket')
}

/**
 * Completes the handshake and keeps the connection alive with pings. A handshake that is malformed is answered with 400
 * by `ws` and the callback never called.
 * @param protocol the sub-protocol to grant, '' for none
 */
export function acceptWebSocket(
  req: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  protocol: string,
  accepted: (ws: WebSocket) => void,
): void {
  // ws refuses names with a slash (`SPDY/3.1+portforward.k8s.io`), so the offer is hidden from it and the answer added by hand.
  delete req.headers['sec-websocket-protocol']
  granted.set(req, protocol)
  server.handleUpgrade(req, socket, head, (ws) => {
    ws.on('error', () => undefined)
    keepAlive(ws)
    accepted(ws)
  })
}

function keepAlive(ws: WebSocket): void {
  let unanswered = 0
  let cancel: (() => void) | undefined
  const heard = (): void => {
    unanswered = 0
  }
  const next = (): void => {
    cancel = hostTimeout(PING_INTERVAL, () => {
      // While reading is paused for a slow process, no pong can be heard.
      if (ws.isPaused) unanswered = 0
      if (unanswered >= LOST_PINGS) return ws.terminate()
      unanswered++
      ws.ping()
      next()
    })
  }
  ws.on('pong', heard)
  ws.on('message', heard)
  ws.on('close', () => cancel?.())
  next()
}
