/** A process with a pseudo-terminal as a stream to a window. */
import type { ShellInput } from '../rpc/contract.js'
import type { Pty } from './pty.js'

/** What the streams of terminals of this machine have in common. */
interface TerminalStream {
  emit(event: { type: 'data'; data: Uint8Array }): void
  readonly signal: AbortSignal
  readonly pending: number
  drained(): Promise<void>
  onInput(listener: (input: ShellInput) => void): void
}

/** Connects both until the process ends or the window leaves, which ends it. @param onEnd told its exit code, 128 and more for a signal */
export function connectPty(pty: Pty, stream: TerminalStream, onEnd: (code: number) => void): void {
  pty.onData((data) => {
    stream.emit({ type: 'data', data: typeof data === 'string' ? new TextEncoder().encode(data) : new Uint8Array(data) })
    // A flood (`yes`) waits for the window instead of piling up here.
    if (stream.pending > 48) {
      pty.pause()
      void stream.drained().then(() => pty.resume())
    }
  })
  pty.onExit(({ exitCode, signal }) => onEnd(signal ? 128 + signal : exitCode))
  stream.onInput((input) => {
    if (input.type === 'resize') pty.resize(Math.max(1, input.columns), Math.max(1, input.rows))
    else if (input.type === 'data') pty.write(typeof input.data === 'string' ? input.data : Buffer.from(input.data))
  })
  stream.signal.addEventListener('abort', () => pty.kill(), { once: true })
}

/** What a program in a terminal of the window finds in its environment besides the person's own. */
export const TERMINAL_ENVIRONMENT = { TERM: 'xterm-256color', COLORTERM: 'truecolor', TERM_PROGRAM: 'Drydock' }
