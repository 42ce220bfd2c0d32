/** Exec and attach over SPDY/3.1: one stream each for stdin, stdout, stderr, errors and terminal sizes. */
import type { Duplex } from 'node:stream'
import { hostTimeout } from '../../host.js'
import type { ExecOptions } from '../../kubelet/endpoint.js'
import { wording } from './exec-websocket.js'
import { outcomeStatus, outcomeText, type ClientStreams, type Outcome } from './session.js'
import { SpdyConnection, type SpdyStream } from './spdy/connection.js'

/** Newest last is not how clients list them; the order here is only what a refusal prints. */
export const EXEC_SPDY_PROTOCOLS = ['v4.channel.k8s.io', 'v3.channel.k8s.io', 'v2.channel.k8s.io', 'channel.k8s.io'] as const

/** Wall milliseconds that a client has to open its streams. */
const STREAM_CREATION_TIMEOUT = 30_000

/** Waits until the client has opened all streams that its options ask for. Rejects when it leaves or takes too long. */
export function spdyStreams(transport: Duplex, protocol: string, options: ExecOptions): Promise<ClientStreams> {
  const version = Number(/^v(\d)/.exec(protocol)?.[1] ?? 1)
  const wanted = new Set(['error'])
  if (options.stdin) wanted.add('stdin')
  if (options.stdout) wanted.add('stdout')
  if (options.stderr) wanted.add('stderr')
  if (options.tty && version >= 3) wanted.add('resize')

  return new Promise((resolve, reject) => {
    const opened = new Map<string, SpdyStream>()
    const goneListeners: (() => void)[] = []
    let gone = false
    const cancelTimeout = hostTimeout(STREAM_CREATION_TIMEOUT, () => {
      reject(new Error('timed out waiting for client to create streams'))
      connection.close()
    })
    const connection = new SpdyConnection(transport, {
      onStream(stream) {
        const type = stream.headers.get('streamtype') ?? ''
        if (!wanted.has(type) || opened.has(type)) {
          connection.refuse(stream)
          return
        }
        connection.reply(stream)
        opened.set(type, stream)
        if (opened.size < wanted.size) return
        cancelTimeout()
        resolve(clientStreams())
      },
      onClose() {
        gone = true
        cancelTimeout()
        reject(new Error('the client has gone'))
        for (const listener of goneListeners) listener()
      },
    })

    function clientStreams(): ClientStreams {
      const error = opened.get('error')!
      const streams: ClientStreams = {
        finish(outcome: Outcome) {
          const words = wording(version, options)
          error.end(version >= 4 ? JSON.stringify(outcomeStatus(outcome, words)) : outcomeText(outcome, words), () => connection.close())
        },
        onGone(listener) {
          if (gone) listener()
          else goneListeners.push(listener)
        },
      }
      for (const name of ['stdin', 'stdout', 'stderr', 'resize'] as const) {
        const stream = opened.get(name)
        if (stream) streams[name] = stream
      }
      return streams
    }
  })
}
