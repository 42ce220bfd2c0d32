/** A process without a terminal in a container, its output and errors apart, as `kubectl exec` runs one. */
import type { BackendError } from '../errors.js'
import { objectPath } from '../session/paths.js'
import type { Session } from '../session/session.js'
import { exitOf, openChannels, PROCESS_PROTOCOLS, STATUS, STDERR, STDIN, STDOUT } from './channel-socket.js'

/** How much of what it says on standard error is kept, characters. */
const MOST_SAID = 4096

export interface ProcessParams {
  namespace: string
  pod: string
  container: string
  command: readonly string[]
  /** Whether it gets input. */
  stdin?: boolean
  /** It is left when this aborts. */
  signal: AbortSignal
  onOutput?(data: Buffer, flow: Flow): void
}

/** Holds what a process says back, for a reader that is slower. */
export interface Flow {
  pause(): void
  resume(): void
}

/** How it ended: its exit code, null when that cannot be told, and the beginning of what it said on standard error. */
export interface ProcessExit {
  code: number | null
  errors: string
  error?: BackendError['rpc']
}

export interface ContainerProcess {
  write(data: Uint8Array): void
  /** Bytes that wait to be sent. */
  readonly waiting: number
  /** No more input comes. */
  endInput(): void
  /** Resolves when it has ended or the connection is gone; never rejects. */
  readonly exit: Promise<ProcessExit>
}

/** Starts one. Rejects with the server's own Status when it refuses. */
export async function startProcess(session: Session, params: ProcessParams): Promise<ContainerProcess> {
  const { namespace, pod, container, command, stdin = false, signal, onOutput } = params
  const where = { group: '', version: 'v1', resource: 'pods', namespace, name: pod }
  const q = new URLSearchParams({ container, stdin: `${stdin}`, stdout: 'true', stderr: 'true', tty: 'false' })
  for (const word of command) q.append('command', word)
  const socket = await openChannels(await session.api(), `${objectPath(where, 'exec')}?${q.toString()}`, PROCESS_PROTOCOLS)
  const close = (): void => socket.close()
  signal.addEventListener('abort', close, { once: true })
  if (signal.aborted) close()
  let errors = ''
  const exit = new Promise<ProcessExit>((resolve) => {
    socket.onClose((why) => resolve({ code: null, errors, error: signal.aborted ? { ...why, reason: 'Cancelled' } : why }))
    socket.onData((channel, data) => {
      if (channel === STDOUT) onOutput?.(data, socket)
      else if (channel === STDERR) errors = (errors + data.toString('utf8')).slice(0, MOST_SAID)
      else if (channel === STATUS) {
        resolve({ ...exitOf(data.toString('utf8')), errors })
        socket.close()
      }
    })
  }).finally(() => signal.removeEventListener('abort', close))
  return {
    exit,
    write: (data) => socket.send(STDIN, data),
    get waiting() {
      return socket.buffered
    },
    endInput: () => socket.endChannel(STDIN),
  }
}
