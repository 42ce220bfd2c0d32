/** One request over HTTP/2 (RFC 9113), answered in the shape of node's HTTP/1 clients. */
import http2 from 'node:http2'
import type { IncomingMessage } from 'node:http'
import type { Connection } from '../../../network/network.js'
import type { Request } from './http-client.js'

/** Headers that HTTP/2 has no use for: they are about one connection of HTTP/1. */
const OF_CONNECTIONS = new Set(['connection', 'host', 'http2-settings', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade'])

/** `host`, or `host:port` where the port is not that of the scheme. */
export function authorityOf({ url, headers }: Request): string {
  const own = Object.entries(headers).find(([name]) => name.toLowerCase() === 'host')?.[1]
  const standard = url.port === (url.scheme === 'https' ? 443 : 80)
  return own === undefined ? `${url.host}${standard ? '' : `:${url.port}`}` : String(own)
}

/**
 * Sends a request over an open connection whose other end speaks HTTP/2; the connection is closed after the answer.
 * Rejects with node's error where the other end does not, or with the signal's reason.
 */
export function exchangeOverHttp2(connection: Connection, request: Request, signal: AbortSignal): Promise<IncomingMessage> {
  const { url, method, headers, body } = request
  return new Promise((resolve, reject) => {
    const authority = authorityOf(request)
    const session = http2.connect(`${url.scheme}://${authority}`, { createConnection: () => connection as never })
    session.on('error', reject)
    const abort = (): void => {
      session.destroy()
      reject(signal.reason)
    }
    if (signal.aborted) return abort()
    signal.addEventListener('abort', abort, { once: true })
    const own = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const)
    const stream = session.request(
      {
        ':method': method,
        ':scheme': url.scheme,
        ':authority': authority,
        ':path': url.path,
        ...Object.fromEntries(own.filter(([name]) => !OF_CONNECTIONS.has(name))),
      },
      { endStream: body === undefined },
    )
    stream.on('error', reject)
    stream.once('close', () => {
      signal.removeEventListener('abort', abort)
      session.close()
    })
    stream.once('response', ({ ':status': statusCode, ...answered }) => {
      const rawHeaders = Object.entries(answered).flatMap(([name, value]) => [value ?? []].flat().flatMap((each) => [name, each]))
      // What reads answers needs these of an IncomingMessage, besides its stream.
      const message = { statusCode, statusMessage: '', httpVersion: '2', headers: answered, rawHeaders, socket: connection }
      resolve(Object.assign(stream, message) as unknown as IncomingMessage)
    })
    if (body !== undefined) stream.end(body)
  })
}
