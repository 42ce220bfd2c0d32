/** A SPDY/3.1 client for tests, over `spdy-transport`: an implementation that is not ours. */
import { createRequire } from 'node:module'
import { once } from 'node:events'
import https from 'node:https'
import type { Duplex } from 'node:stream'
import { WebSocket, createWebSocketStream } from 'ws'
import type { TestServer } from './server.js'

interface Transport {
  connection: { create(socket: Duplex, options: object): Connection }
}
interface Connection {
  start(version: number): void
  on(event: string, listener: (error: Error) => void): void
  request(options: object, callback: (error: Error | null, stream: Duplex) => void): Duplex
  end(): void
}
type Headers = Record<string, string>
type OnHeaders = (error: Error | null, headers?: Headers) => void
interface Parser {
  parseKVs(block: object, callback: OnHeaders): void
}
const load = createRequire(import.meta.url)
const transport = load('spdy-transport') as Transport
// It insists on HTTP's `:status` in a reply; Kubernetes' streams carry no HTTP, and their replies are empty.
const parser = Object.getPrototypeOf(load('spdy-transport/lib/spdy-transport/protocol/spdy/parser').create({})) as Parser
const parseKVs = parser.parseKVs
parser.parseKVs = function (block, callback) {
  parseKVs.call(this, block, (error, headers) => callback(error, headers && { ':status': '200', ...headers }))
}

export interface SpdyClient {
  open(headers: Record<string, string>): Duplex
  socket: Duplex
  close(): void
}

function start(socket: Duplex): SpdyClient {
  const connection = transport.connection.create(socket, { protocol: 'spdy', isServer: false })
  connection.on('error', () => undefined)
  connection.start(3.1)
  return {
    socket,
    open(headers) {
      const stream = connection.request({ method: 'POST', path: '/', headers }, () => undefined)
      stream.on('error', () => undefined)
      return stream
    },
    close: () => socket.destroy(),
  }
}

/** Upgrades a TLS connection. */
export async function spdyOverTls(server: TestServer, path: string, protocol: string): Promise<SpdyClient> {
  const req = https.request(server.url + path, {
    method: 'POST',
    ca: server.cert,
    agent: false,
    headers: { Connection: 'Upgrade', Upgrade: 'SPDY/3.1', 'X-Stream-Protocol-Version': protocol },
  })
  req.end()
  const [res, socket] = await once(req, 'upgrade')
  if (res.headers['x-stream-protocol-version'] !== protocol) throw new Error('wrong protocol')
  return start(socket)
}

const TUNNEL = 'SPDY/3.1+portforward.k8s.io'

/** Tunnels through a WebSocket, as kubectl 1.31 and later do. */
export async function spdyOverWebSocket(server: TestServer, path: string): Promise<SpdyClient> {
  // `ws` refuses the slash in the sub-protocol's name, so the handshake goes by hand.
  const req = https.request(server.url + path, {
    ca: server.cert,
    agent: false,
    headers: {
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
      'Sec-WebSocket-Protocol': TUNNEL,
    },
  })
  req.end()
  const [res, socket, head] = await once(req, 'upgrade')
  if (res.headers['sec-websocket-protocol'] !== TUNNEL) throw new Error('wrong protocol')
  const ws = new WebSocket(null as never, undefined, {}) as WebSocket & {
    _isServer: boolean
    setSocket(socket: Duplex, head: Buffer, options: object): void
  }
  Object.assign(ws, { _isServer: false })
  ws.setSocket(socket, head, { maxPayload: 0 })
  ws.on('error', () => undefined)
  return start(createWebSocketStream(ws))
}
