/**
 * Port-forward: connections to a pod's ports, over SPDY/3.1 (a pair of streams for each connection, plain or tunnelled
 * through a WebSocket) or over WebSocket channels (two for each port, one connection each).
 */
import { finished, type Duplex } from 'node:stream'
import { WebSocket, createWebSocketStream } from 'ws'
import { hostTimeout } from '../../host.js'
import { ChannelSocket } from './channels.js'
import type { StreamingTarget } from './contract.js'
import { SpdyConnection, type SpdyStream } from './spdy/connection.js'
import { parsePort } from './target.js'

/** Over SPDY. */
export const FORWARD_PROTOCOL = 'portforward.k8s.io'
/** SPDY frames inside a WebSocket: what kubectl uses since 1.31. */
export const TUNNEL_PROTOCOL = 'SPDY/3.1+portforward.k8s.io'
/** WebSocket channels. */
export const FORWARD_WEBSOCKET_PROTOCOLS = ['v4.channel.k8s.io', 'v4.base64.channel.k8s.io', ''] as const

/** Wall milliseconds that a client has to open the second stream of a pair. */
const PAIR_TIMEOUT = 30_000

/** What is told when a connection breaks that was made. */
function failure(target: StreamingTarget, port: number, error: unknown): string {
  return `error forwarding port ${port} to pod ${target.pod}, uid : ${(error as Error).message}`
}

/**
 * Joins a client's stream with a connection to the pod. The client may half-close; when the pod's end is over, so is the
 * whole. Calls back then, with an error if it was the pod's end that broke: kubectl itself resets its stream when it has
 * read everything.
 */
function join(client: Duplex, pod: Duplex, over: (podError?: Error) => void): void {
  let clientBroke = false
  finished(client, (error) => {
    if (!error) return
    clientBroke = true
    pod.destroy()
  })
  finished(pod, { writable: false }, (error) => {
    // What the client still sends has nowhere to go.
    client.unpipe(pod)
    client.resume()
    pod.end()
    if (error) client.end()
    over(error && !clientBroke ? error : undefined)
  })
  pod.on('error', () => undefined)
  client.pipe(pod)
  pod.pipe(client)
}

/** Forwards over a SPDY connection until the client leaves. */
export function forwardOverSpdy(transport: Duplex, target: StreamingTarget): void {
  interface Pair {
    error?: SpdyStream
    data?: SpdyStream
    cancel(): void
  }
  const pairs = new Map<string, Pair>()
  const connection = new SpdyConnection(transport, {
    onStream(stream) {
      const type = stream.headers.get('streamtype')
      const port = portOf(stream)
      if ((type !== 'error' && type !== 'data') || port === undefined) return connection.refuse(stream)
      const id = stream.headers.get('requestid') ?? legacyId(stream, type)
      let pair = pairs.get(id)
      if (!pair) {
        pair = {
          cancel: hostTimeout(PAIR_TIMEOUT, () => {
            pairs.delete(id)
            pair!.error?.end(`timed out waiting for streams: ${id}`)
            pair!.data?.destroy()
          }),
        }
        pairs.set(id, pair)
      }
      if (pair[type]) return connection.refuse(stream)
      connection.reply(stream)
      pair[type] = stream
      if (!pair.error || !pair.data) return
      pair.cancel()
      pairs.delete(id)
      void forwardPair(pair.data, pair.error, port, target)
    },
    onClose() {
      for (const pair of pairs.values()) pair.cancel()
    },
  })
}

function portOf(stream: SpdyStream): number | undefined {
  try {
    return parsePort(stream.headers.get('port') ?? '')
  } catch {
    return undefined
  }
}

/** Clients before 1.2 send no request id: the error stream comes first, the data stream right behind it. */
function legacyId(stream: SpdyStream, type: 'error' | 'data'): string {
  return String(type === 'error' ? stream.id : stream.id - 2)
}

async function forwardPair(data: SpdyStream, error: SpdyStream, port: number, target: StreamingTarget): Promise<void> {
  error.resume()
  let connection: Duplex
  try {
    connection = await target.kubelet.portForward(target.namespace, target.pod, port)
  } catch (reason) {
    error.end((reason as Error).message)
    data.resume()
    data.end()
    return
  }
  if (data.destroyed) {
    connection.destroy()
    return
  }
  join(data, connection, (broken) => error.end(broken ? failure(target, port, broken) : undefined))
}

/** Forwards over SPDY frames in the messages of a WebSocket. */
export function forwardOverTunnel(ws: WebSocket, target: StreamingTarget): void {
  forwardOverSpdy(createWebSocketStream(ws, { readableHighWaterMark: 256 * 1024 }), target)
}

/**
 * Forwards over channels: for the i-th port, data on channel 2i and errors on 2i+1. Each begins with the port, two bytes,
 * least significant first. When all connections are over, the WebSocket closes.
 */
export function forwardOverChannels(ws: WebSocket, protocol: string, ports: readonly number[], target: StreamingTarget): void {
  const socket = new ChannelSocket(ws, { base64: protocol.includes('base64'), halfClose: false })
  let open = ports.length
  ports.forEach((port, i) => void forwardChannel(socket, 2 * i, port, target).finally(() => --open === 0 && socket.close()))
}

async function forwardChannel(socket: ChannelSocket, channel: number, port: number, target: StreamingTarget): Promise<void> {
  const input = socket.input(channel)
  const output = socket.output(channel)
  const name = Buffer.from([port & 0xff, port >> 8])
  socket.send(channel, name)
  socket.send(channel + 1, name)
  let connection: Duplex
  try {
    connection = await target.kubelet.portForward(target.namespace, target.pod, port)
  } catch (reason) {
    input.resume()
    await new Promise((sent) => socket.send(channel + 1, Buffer.from((reason as Error).message), sent))
    return
  }
  socket.onGone(() => connection.destroy())
  input.pipe(connection)
  connection.pipe(output)
  await new Promise<void>((resolve) => {
    // The pod's end of the stream decides: a channel cannot be half-closed by the client.
    finished(connection, { writable: false }, (error) => {
      if (error) socket.send(channel + 1, Buffer.from(failure(target, port, error)))
      else if (!output.writableFinished) return void finished(output, () => resolve())
      resolve()
    })
  })
  connection.destroy()
}
