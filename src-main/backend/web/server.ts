/**
 * Web mode: the same window over loopback HTTP and a WebSocket, for machines without a display and for browsers.
 * Only who has the URL with its random token gets in: the token becomes a cookie, and requests with a foreign Host or
 * Origin are refused, so that no other page in the browser can reach it.
 */
import crypto from 'node:crypto'
import fs from 'node:fs'
import http from 'node:http'
import type net from 'node:net'
import path from 'node:path'
import { WebSocketServer, type WebSocket } from 'ws'
import type { Backend } from '../backend.js'
import { decodeFrame, encodeFrame, type FrameChannel } from '../rpc/channel.js'

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
}

const securityHeaders = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self'; img-src 'self' data:; connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
}

/** A frame from a window is small; YAML is the largest. */
const MAX_FRAME = 16 * 1024 * 1024
/** A browser that does not read is dropped above this many bytes. */
const MAX_BUFFERED = 256 * 1024 * 1024

export interface WebServer {
  /** The URL to open, with the token. */
  readonly url: string
  readonly port: number
  close(): Promise<void>
}

/** Serves `directory` (the built renderer) and the backend on 127.0.0.1. Rejects when the port is in use. */
export async function serveWeb(options: { backend: Backend; directory: string; port: number; token?: string }): Promise<WebServer> {
  const token = options.token ?? crypto.randomBytes(24).toString('base64url')
  const cookie = `drydock=${token}`
  const root = path.resolve(options.directory)
  let port = 0

  const sameHost = (host: string | undefined): boolean => host === `127.0.0.1:${port}` || host === `localhost:${port}`
  const matches = (given: string, wanted: string): boolean => {
    const a = Buffer.from(given)
    const b = Buffer.from(wanted)
    return a.length === b.length && crypto.timingSafeEqual(a, b)
  }
  const hasCookie = (request: http.IncomingMessage): boolean => (request.headers.cookie ?? '').split(/;\s*/).some((c) => matches(c, cookie))

  const server = http.createServer((request, response) => {
    const refuse = (code: number, text: string): void =>
      void response.writeHead(code, { 'content-type': 'text/plain; charset=utf-8', ...securityHeaders }).end(text)
    if (!sameHost(request.headers.host)) return refuse(403, 'Wrong host.')
    if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(405, 'Only GET.')
    let url: URL
    try {
      url = new URL(request.url ?? '/', `http://${request.headers.host}`)
    } catch {
      return refuse(400, 'Bad URL.')
    }
    const given = url.searchParams.get('token')
    if (given !== null && matches(given, token)) {
      response
        .writeHead(303, {
          location: '/',
          'set-cookie': `${cookie}; HttpOnly; SameSite=Strict; Path=/`,
          'cache-control': 'no-store',
          ...securityHeaders,
        })
        .end()
      return
    }
    if (!hasCookie(request)) return refuse(401, 'Open the URL that Drydock printed: it holds the token.')
    let name: string
    try {
      name = decodeURIComponent(url.pathname)
    } catch {
      return refuse(400, 'Bad URL.')
    }
    const file = path.join(root, name === '/' ? 'index.html' : name)
    if (!file.startsWith(root + path.sep) || name.includes('\0')) return refuse(404, 'Not found.')
    fs.stat(file, (error, stat) => {
      if (error || !stat.isFile()) return refuse(404, 'Not found.')
      const hashed = name.startsWith('/assets/')
      response.writeHead(200, {
        'content-type': types[path.extname(file)] ?? 'application/octet-stream',
        'content-length': stat.size,
        'cache-control': hashed ? 'public, max-age=31536000, immutable' : 'no-cache',
        ...securityHeaders,
      })
      if (request.method === 'HEAD') response.end()
      else
        fs.createReadStream(file)
          .on('error', () => response.destroy())
          .pipe(response)
    })
  })

  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_FRAME })
  server.on('upgrade', (request: http.IncomingMessage, socket: net.Socket, head: Buffer) => {
    const origin = request.headers.origin
    const allowed =
      sameHost(request.headers.host) &&
      (origin === `http://127.0.0.1:${port}` || origin === `http://localhost:${port}`) &&
      hasCookie(request) &&
      (request.url ?? '').split('?')[0] === '/rpc'
    if (!allowed) {
      socket.end('HTTP/1.1 403 Forbidden\r\nconnection: close\r\ncontent-length: 0\r\n\r\n')
      return
    }
    sockets.handleUpgrade(request, socket, head, (ws) => options.backend.connect(webSocketChannel(ws)))
  })

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, '127.0.0.1', () => resolve())
  })
  port = (server.address() as net.AddressInfo).port
  return {
    url: `http://127.0.0.1:${port}/?token=${token}`,
    port,
    close: () =>
      new Promise((resolve) => {
        for (const ws of sockets.clients) ws.terminate()
        sockets.close()
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** Frames as JSON text over a WebSocket. A malformed frame ends the connection. */
export function webSocketChannel(ws: WebSocket): FrameChannel {
  ws.on('error', () => undefined)
  return {
    send: (frame) => {
      if (ws.readyState !== ws.OPEN) return
      if (ws.bufferedAmount > MAX_BUFFERED) return ws.terminate()
      ws.send(encodeFrame(frame))
    },
    onFrame: (listener) =>
      void ws.on('message', (data: Buffer) => {
        let frame
        try {
          frame = decodeFrame(data.toString('utf8'))
        } catch {
          return ws.close(1007, 'not JSON')
        }
        listener(frame)
      }),
    onClose: (listener) => void ws.on('close', listener),
    close: () => ws.close(),
  }
}
