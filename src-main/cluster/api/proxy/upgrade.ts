/**
 * Passes an upgrade, such as a WebSocket, on to what is behind a proxy: once the target has agreed, bytes go both ways
 * until either side ends. What the target answers instead is passed back as it stands.
 */
import http, { type IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Connection, NetworkNamespace } from '../../network/network.js'
import type { UpgradedConnection } from '../connect.js'
import { broken, open, upgradeHeaders, type Forwarding } from './forward.js'
import type { ProxyTarget } from './target.js'

/** Resolves once the target has answered. Rejects with 503 when it cannot be reached or breaks off. */
export async function forwardUpgrade(
  namespace: NetworkNamespace,
  target: ProxyTarget,
  options: Forwarding & { readonly upgrade: UpgradedConnection },
): Promise<void> {
  const { request, path, upgrade } = options
  const { socket, head } = upgrade
  const gone = new AbortController()
  socket.once('close', () => gone.abort(new Error('the client has gone')))
  const connection = await open(namespace, target, gone.signal)
  if (!connection) return
  return new Promise((resolve, reject) => {
    const asked = http.request({
      createConnection: () => connection as never as Socket,
      method: request.method ?? 'GET',
      path,
      headers: upgradeHeaders(request, options),
    })
    asked.once('upgrade', (answer: IncomingMessage, remote: Duplex, early: Buffer) => {
      socket.write(headOf(answer))
      if (early.length > 0) socket.write(early)
      if (head.length > 0) remote.write(head)
      join(socket, remote)
      resolve()
    })
    asked.once('response', (answer) => {
      socket.write(headOf(answer, true))
      answer.pipe(socket)
      answer.once('close', () => connection.destroy())
      resolve()
    })
    asked.once('error', (error) => {
      connection.destroy()
      reject(broken(error))
    })
    asked.end()
  })
}

/** The head of an answer as it came. One whose connection is not kept says so, and is not in chunks any more. */
function headOf(answer: IncomingMessage, last = false): string {
  const { rawHeaders } = answer
  const lines = [`HTTP/1.1 ${answer.statusCode} ${answer.statusMessage}`]
  for (let i = 0; i < rawHeaders.length; i += 2) {
    if (last && ['connection', 'keep-alive', 'transfer-encoding'].includes(rawHeaders[i]!.toLowerCase())) continue
    lines.push(`${rawHeaders[i]}: ${rawHeaders[i + 1]}`)
  }
  if (last) lines.push('Connection: close')
  return `${lines.join('\r\n')}\r\n\r\n`
}

/** Carries bytes both ways; when one side is over or breaks, so is the other. */
function join(client: Duplex, remote: Duplex | Connection): void {
  const other = remote as Duplex
  other.on('error', () => client.destroy())
  client.on('error', () => other.destroy())
  client.once('close', () => other.destroy())
  other.once('close', () => client.end())
  client.pipe(other)
  other.pipe(client)
}
