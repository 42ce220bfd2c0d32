/**
 * Answers to a stream request that is refused before its connection is upgraded. Node hands over the bare socket of
 * an upgrade, so the answer is written by hand.
 */
import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { StatusError, internalError } from '../errors.js'
import { shownJson } from '../shown-json.js'

/** Writes an HTTP/1.1 answer to the socket and ends it. */
export function answer(socket: Duplex, code: number, contentType: string, body: string, headers: readonly [string, string][] = []): void {
  if (socket.destroyed || socket.writableEnded) return
  const lines = [
    `HTTP/1.1 ${code} ${STATUS_CODES[code] ?? ''}`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
    'Cache-Control: no-cache, private',
    `Content-Type: ${contentType}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ]
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`)
}

/** Answers with the error's Status; an error that carries none becomes an internal error. */
export function refuse(socket: Duplex, error: unknown): void {
  const { status } = error instanceof StatusError ? error : internalError((error as Error).message)
  answer(socket, status.code, 'application/json', shownJson(status))
}

/** Answers as the kubelet does, in plain text, which clients show after `unable to upgrade connection: `. */
export function refuseAsKubelet(socket: Duplex, code: number, message: string, headers: readonly [string, string][] = []): void {
  answer(socket, code, 'text/plain; charset=utf-8', message, headers)
}
