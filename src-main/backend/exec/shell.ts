/** The `shell` stream: a process with a terminal in a container, or the container's own (attach). */
import { BackendError, toRpcError } from '../errors.js'
import type { Json } from '../kinds/kind.js'
import type { ShellParams } from '../rpc/contract.js'
import type { StreamContext } from '../rpc/serve.js'
import type { ApiConnection } from '../session/connection.js'
import { objectPath } from '../session/paths.js'
import type { Session } from '../session/session.js'
import { exitOf, openChannels, PROCESS_PROTOCOLS, STATUS, STDERR, STDIN, STDOUT, type ChannelSocket } from './channel-socket.js'
import { keepPace } from './pty-stream.js'

const RESIZE = 4

/** Tried in this order when no command is asked for: the first that the container has. */
const SHELL = ['sh', '-c', 'for s in bash ash; do command -v $s >/dev/null 2>&1 && exec $s; done; exec sh']

/** What a container takes and gives when it is attached to: asking for a terminal that it does not have is refused or garbled. */
async function inputOf(api: ApiConnection, pod: string, container: string): Promise<{ stdin: boolean; tty: boolean }> {
  const { spec } = await api.json<Json>(pod)
  const found = [...(spec?.containers ?? []), ...(spec?.initContainers ?? []), ...(spec?.ephemeralContainers ?? [])].find(
    (c: { name: string }) => c.name === container,
  )
  return { stdin: found?.stdin === true, tty: found?.tty === true }
}

export async function streamShell(session: Session, params: ShellParams, stream: StreamContext<'shell'>): Promise<void> {
  const { mode } = params
  const where = { group: '', version: 'v1', resource: 'pods', namespace: params.namespace, name: params.pod }
  let socket: ChannelSocket
  let has = { stdin: true, tty: true }
  try {
    const api = await session.api()
    if (mode === 'attach') has = await inputOf(api, objectPath(where), params.container)
    const q = new URLSearchParams({
      container: params.container,
      stdin: `${has.stdin}`,
      stdout: 'true',
      stderr: `${!has.tty}`,
      tty: `${has.tty}`,
    })
    if (mode === 'exec') for (const c of params.command.length ? params.command : SHELL) q.append('command', c)
    socket = await openChannels(api, `${objectPath(where, mode)}?${q.toString()}`, PROCESS_PROTOCOLS)
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
  stream.emit({ type: 'open', command: params.command, ...has })
  const resize = (columns: number, rows: number): void => {
    if (has.tty) socket.send(RESIZE, JSON.stringify({ Width: columns, Height: rows }))
  }
  resize(params.columns, params.rows)
  stream.onInput((input) => {
    if (input.type === 'resize') resize(input.columns, input.rows)
    else if (!has.stdin) return
    else if (input.type === 'eof') socket.endChannel(STDIN)
    else socket.send(STDIN, input.data)
  })
  socket.onData((channel, data) => {
    if (channel === STDOUT || channel === STDERR) {
      stream.emit({ type: 'data', data: new Uint8Array(data) })
      keepPace(stream, socket)
    } else if (channel === STATUS) finish(exitOf(data.toString('utf8')))
  })
  socket.onClose((error) => finish({ code: null, error }))
}
