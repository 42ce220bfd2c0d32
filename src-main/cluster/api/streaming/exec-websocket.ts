/** Exec and attach over a WebSocket: stdin, stdout, stderr, the error stream and terminal sizes on channels 0 to 4. */
import type { ExecOptions } from '../../kubelet/endpoint.js'
import { ChannelSocket } from './channels.js'
import { outcomeStatus, outcomeText, type ClientStreams, type Outcome } from './session.js'
import type { WebSocket } from 'ws'

const STDIN = 0
const STDOUT = 1
const STDERR = 2
const ERROR = 3
const RESIZE = 4

/** The sub-protocols, as the API server (v5) and the kubelet (the others) grant them. '' is a client that offers none. */
export const EXEC_WEBSOCKET_PROTOCOLS = [
  'v5.channel.k8s.io',
  'v4.channel.k8s.io',
  'v4.base64.channel.k8s.io',
  'v3.channel.k8s.io',
  'v2.channel.k8s.io',
  'channel.k8s.io',
  'base64.channel.k8s.io',
  '',
] as const

/** The client's streams over an accepted WebSocket. */
export function webSocketStreams(ws: WebSocket, protocol: string, options: ExecOptions): ClientStreams {
  const version = Number(/^v(\d)/.exec(protocol)?.[1] ?? 1)
  const socket = new ChannelSocket(ws, { base64: protocol.includes('base64'), halfClose: version >= 5 })
  const streams: ClientStreams = {
    finish(outcome: Outcome) {
      const report =
        version >= 4 ? JSON.stringify(outcomeStatus(outcome, wording(version, options))) : outcomeText(outcome, wording(version, options))
      if (report) socket.send(ERROR, Buffer.from(report))
      socket.close()
    },
    onGone: (listener) => socket.onGone(listener),
  }
  if (options.stdin) streams.stdin = socket.input(STDIN)
  if (options.stdout) streams.stdout = socket.output(STDOUT)
  if (options.stderr) streams.stderr = socket.output(STDERR)
  if (options.tty) streams.resize = socket.input(RESIZE)
  // The kubelet sends one empty message, so that the client knows that the streams are there.
  socket.send(options.stdout ? STDOUT : options.stderr ? STDERR : ERROR, Buffer.alloc(0))
  return streams
}

/**
 * How the exit code is worded. Version 5 ends in the API server, which is itself a client of the kubelet; the older ones
 * end in the container runtime.
 */
export function wording(version: number, options: ExecOptions): (exitCode: number) => string {
  return (exitCode) =>
    version >= 5
      ? `command terminated with exit code ${exitCode}`
      : `error executing command [${options.command.join(' ')}], exit code ${exitCode}`
}
