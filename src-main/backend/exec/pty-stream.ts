/** A process with a pseudo-terminal as a stream to a window. */
import os from 'node:os'
import type { ShellInput } from '../rpc/contract.js'
import type { Pty, SpawnPty } from './pty.js'

/** What the streams of terminals of this machine have in common. */
interface TerminalStream {
  emit(event: { type: 'data'; data: Uint8Array }): void
  readonly signal: AbortSignal
  readonly pending: number
  drained(): Promise<void>
  onInput(listener: (input: ShellInput) => void): void
}

/** As many events may be on their way to a window before what makes them waits. */
const MOST_PENDING = 48

/** A flood (`yes`) waits for the window instead of piling up here. */
export function keepPace(stream: Pick<TerminalStream, 'pending' | 'drained'>, source: { pause(): unknown; resume(): unknown }): void {
  if (stream.pending <= MOST_PENDING) return
  source.pause()
  void stream.drained().then(() => source.resume())
}

/** Connects both until the process ends or the window leaves, which ends it. @param onEnd told its exit code, 128 and more for a signal */
export function connectPty(pty: Pty, stream: TerminalStream, onEnd: (code: number) => void): void {
  pty.onData((data) => {
    stream.emit({ type: 'data', data: typeof data === 'string' ? new TextEncoder().encode(data) : new Uint8Array(data) })
    keepPace(stream, pty)
  })
  pty.onExit(({ exitCode, signal }) => onEnd(signal ? 128 + signal : exitCode))
  stream.onInput((input) => {
    if (input.type === 'resize') pty.resize(Math.max(1, input.columns), Math.max(1, input.rows))
    else if (input.type === 'data') pty.write(typeof input.data === 'string' ? input.data : Buffer.from(input.data))
  })
  stream.signal.addEventListener('abort', () => pty.kill(), { once: true })
}

/** What a program in a terminal of the window finds in its environment besides the person's own. */
const TERMINAL_ENVIRONMENT = { TERM: 'xterm-256color', COLORTERM: 'truecolor', TERM_PROGRAM: 'Drydock' }

/**
 * Starts a program in a terminal, in the person's home; its output comes as bytes.
 * @param size in characters
 * @param env what it finds in its environment besides {@link TERMINAL_ENVIRONMENT}
 */
export function startPty(
  spawn: SpawnPty,
  file: string,
  args: readonly string[],
  { columns, rows }: { columns: number; rows: number },
  env: Record<string, string>,
): Pty {
  return spawn(file, [...args], {
    cols: columns,
    rows,
    cwd: os.homedir(),
    env: { ...env, ...TERMINAL_ENVIRONMENT },
    name: TERMINAL_ENVIRONMENT.TERM,
    encoding: null,
  })
}
