/** An API server whose WebSockets (exec, attach) the test holds itself, and a window on it through the context `fake`. */
import fs from 'node:fs'
import http from 'node:http'
import type net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { WebSocketServer, type WebSocket } from 'ws'
import type { Backend } from '../../../src-main/backend/backend.js'
import { testBackend, testWindow, type TestWindow } from './window.js'

export interface ExecServer {
  window: TestWindow
  backend: Backend
  readonly sockets: WebSocketServer
  /** A directory of the test's own. */
  directory: string
  /** What is answered to a request for the pod. */
  pod: unknown
  /** Answers upgrades; the URL that was asked for comes with the socket. */
  connected: (ws: WebSocket, url: URL) => void
  close(): void
}

export async function startExecServer(): Promise<ExecServer> {
  const server = http.createServer((request, response) => {
    const body = request.url === '/version' ? { gitVersion: 'v1.36.0' } : self.pod
    response.setHeader('content-type', 'application/json').end(JSON.stringify(body))
  })
  const sockets = new WebSocketServer({ noServer: true })
  server.on('upgrade', (request: http.IncomingMessage, socket: net.Socket, head: Buffer) =>
    sockets.handleUpgrade(request, socket, head, (ws) => self.connected(ws, new URL(request.url!, 'http://x'))),
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'drydock-exec-'))
  const { port } = server.address() as net.AddressInfo
  fs.writeFileSync(
    path.join(directory, 'config'),
    JSON.stringify({
      clusters: [{ name: 'fake', cluster: { server: `http://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true } }],
      users: [{ name: 'tester', user: { token: 'let-me-in' } }],
      contexts: [{ name: 'fake', context: { cluster: 'fake', user: 'tester' } }],
    }),
  )
  const backend = testBackend([path.join(directory, 'config')], directory)
  const window = testWindow(backend)
  const self: ExecServer = {
    window,
    backend,
    sockets,
    directory,
    pod: undefined,
    connected: (ws) => ws.terminate(),
    close() {
      window.close()
      backend.close()
      for (const ws of sockets.clients) ws.terminate()
      server.close()
      server.closeAllConnections()
      fs.rmSync(directory, { recursive: true })
    },
  }
  return self
}
