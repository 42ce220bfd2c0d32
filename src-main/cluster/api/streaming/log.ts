/**
 * Logs: a plain-text answer that ends with the log, or with `follow` goes on until either side leaves. For a client that
 * asks for a WebSocket, messages.
 */
import type { ServerResponse } from 'node:http'
import { Writable, type Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { WebSocket } from 'ws'
import type { AnyRequest, AnyResponse, StreamingTarget } from './contract.js'
import { containerOf, logOptions } from './target.js'

/** Writes the log of one container. Rejects with a `StatusError` before anything is sent, never after. */
export async function handleLog(_req: AnyRequest, res: AnyResponse, target: StreamingTarget): Promise<void> {
  const log = await openLog(target)
  if (res.destroyed) {
    log.destroy()
    return
  }
  const answer = res as ServerResponse
  answer.statusCode = 200
  answer.setHeader('Content-Type', 'text/plain')
  answer.setHeader('Cache-Control', 'no-cache, private')
  // A quiet log that is followed must still show the client that it is open.
  answer.flushHeaders()
  // A log that breaks off, and a client that leaves, both just end the answer.
  await pipeline(log, answer).catch(() => undefined)
}

/** The sub-protocols of a log: bytes, which a client without a wish gets too, or text messages of base64. */
export const LOG_WEBSOCKET_PROTOCOLS = ['', 'binary.k8s.io', 'base64.binary.k8s.io']

/** Opens the log that a request asks for. Rejects with a `StatusError`. */
export function openLog({ object, query, namespace, pod, kubelet }: StreamingTarget): Promise<Readable> {
  const container = containerOf(object, query)
  return kubelet.logs({ namespace, pod, container }, logOptions(pod, query))
}

/** Sends a log as messages, after an empty one that shows that the connection is up, and closes the WebSocket at its end. */
export async function logOverWebSocket(ws: WebSocket, protocol: string, log: Readable): Promise<void> {
  const binary = protocol !== 'base64.binary.k8s.io'
  const send = (data: Buffer, done?: (error?: Error | null) => void): void =>
    ws.send(binary ? data : data.toString('base64'), { binary }, done)
  ws.once('close', () => log.destroy())
  send(Buffer.alloc(0))
  const messages = new Writable({ write: (chunk: Buffer | string, _encoding, done) => send(Buffer.from(chunk), done) })
  await pipeline(log, messages).catch(() => undefined)
  ws.close(1000)
}
