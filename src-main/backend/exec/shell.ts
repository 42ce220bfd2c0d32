/** The `shell` stream: a process with a terminal in a container, or the container's own (attach). */
import { BackendError, toRpcError } from '../errors.js'
import type { ShellParams } from '../rpc/contract.js'
import type { StreamContext } from '../rpc/serve.js'
import { objectPath } from '../session/paths.js'
import type { Session } from '../session/session.js'
import { exitOf, openChannels, type ChannelSocket } from './channel-socket.js'

const STDIN = 0
const STDOUT = 1
const STDERR = 2
const STATUS = 3
const RESIZE = 4
const PROTOCOLS = ['v5.channel.k8s.io', 'v4.channel.k8s.io']

/** Tried in this order when no command is asked for: the first that the container has. */
const SHELL = ['sh', '-c', 'command -v bash >/dev/null 2>&1 && exec bash || exec sh']

export async function streamShell(session: Session, params: ShellParams, stream: StreamContext<'shell'>): Promise<void> {
  const command = params.mode === 'attach' ? [] : params.command.length ? params.command : SHELL
  const q = new URLSearchParams({ container: params.container, stdin: 'true', stdout: 'true', stderr: 'false', tty: 'true' })
  for (const c of command) q.append('command', c)
  const path = `${objectPath({ group: '', version: 'v1', resource: 'pods', namespace: params.namespace, name: params.pod }, params.mode)}?${q.toString()}`
  let socket: ChannelSocket
  try {
    socket = await openChannels(await session.api(), path, PROTOCOLS)
  } catch (error) {
    session.report(error)
    stream.emit({ type: 'exit', code: null, error: toRpcError(error) })
    return stream.end()
  }
  stream.signal.addEventListener('abort', () => socket.close(), { once: true })
  if (stream.signal.aborted) return socket.close()
  let ended = false
  const finish = (exit: { code: number | null; error?: BackendError['rpc'] }): void => {
    if (ended) return
    ended = true
    stream.emit({ type: 'exit', ...exit })
    stream.end()
    socket.close()
  }
  stream.emit({ type: 'open', command: params.mode === 'attach' ? [] : params.command })
  const resize = (columns: number, rows: number): void => socket.send(RESIZE, JSON.stringify({ Width: columns, Height: rows }))
  resize(params.columns, params.rows)
  stream.onInput((input) => {
    if (input.type === 'resize') resize(input.columns, input.rows)
    else socket.send(STDIN, input.data)
  })
  socket.onData((channel, data) => {
    if (channel === STDOUT || channel === STDERR) {
      stream.emit({ type: 'data', data: new Uint8Array(data) })
      // A flood (`yes`) waits for the window instead of piling up here.
      if (stream.pending > 48) {
        socket.pause()
        void stream.drained().then(() => socket.resume())
      }
    } else if (channel === STATUS) finish(exitOf(data.toString('utf8')))
  })
  socket.onClose(() => finish({ code: null, error: { reason: 'Unreachable', message: 'The connection to the container was closed.' } }))
}
