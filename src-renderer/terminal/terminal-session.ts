import { shallowRef, type ShallowRef } from 'vue'
import type { CommandEvent, LocalTerminalEvent, RpcError, ShellEvent } from '../../src-main/backend/rpc/contract.js'
import type { StreamHandle } from '../app/rpc.js'
import { LineInput } from './line-input.js'

/** What is behind a terminal: a process in a container, the login shell of this machine, or a command of the person's own. */
export type TerminalStream = StreamHandle<'shell'> | StreamHandle<'local'> | StreamHandle<'command'> | StreamHandle<'plugin'>
export type TerminalEvent = ShellEvent | LocalTerminalEvent | CommandEvent

export type TerminalState =
  /** Came back with the window; waits for the person. */
  | { phase: 'dormant' }
  | { phase: 'opening' }
  /** `lines`: there is input but no terminal on the other side. `none`: it takes no input. */
  | { phase: 'open'; input: 'terminal' | 'lines' | 'none' }
  /** The connection was lost; it is tried again at `at`, ms since the epoch. */
  | { phase: 'waiting'; error: RpcError; at: number }
  | { phase: 'over'; code?: number | null; error?: RpcError; /** It had been open. */ opened: boolean }

/** Delay before attempt `n` (from 0) to open a lost terminal again, ms. */
const delayOf = (n: number): number => Math.min(30_000, 1000 * 2 ** n)
/** Reasons that mean that the way to the server was cut. */
const cut: ReadonlySet<string> = new Set(['Unreachable', 'Refused', 'Timeout'])
/** Reasons for which there is nothing to wait for. After a cut others pass: a container that does not run yet, say. */
const final: ReadonlySet<string> = new Set(['NotFound', 'Forbidden', 'Unauthorized', 'ReadOnly', 'Invalid'])
/** After this many failed attempts in a row the person has to ask. */
const MOST_ATTEMPTS = 8
/** How many keys and pastes are kept for a process that is being opened. */
const MOST_AHEAD = 1000

export interface TerminalSessionOptions {
  /** Opens the stream. Rejects when it cannot even be asked for. */
  open(onEvent: (event: TerminalEvent) => void | Promise<void>, onEnd: (error?: RpcError) => void): Promise<TerminalStream>
  /** Shows output; resolves when it has been drawn. */
  write(data: string | Uint8Array): Promise<void>
  /** Whether `\n` alone begins a new line, as output that passed no terminal needs. */
  newlines(alone: boolean): void
  /** Whether a lost connection is to be opened again without being asked. */
  again(): boolean
}

/** One terminal through its processes: opened, lost, opened again. What it showed stays above. */
export class TerminalSession {
  readonly state: ShallowRef<TerminalState> = shallowRef({ phase: 'dormant' })
  /** What the local shell told of itself. */
  readonly local: ShallowRef<{ shell?: string; kubeconfig?: string; kubectl?: boolean }> = shallowRef({})
  private stream: TerminalStream | undefined
  private serial = 0
  private attempts = 0
  /** What was typed while the process was being opened. */
  private ahead: (string | Uint8Array)[] = []
  private timer: ReturnType<typeof setTimeout> | undefined
  private readonly lines = new LineInput({
    echo: (text) => void this.options.write(text),
    send: (data) => this.stream?.input({ type: 'data', data }),
    end: () => (this.stream as StreamHandle<'shell'> | undefined)?.input({ type: 'eof' }),
  })

  constructor(private readonly options: TerminalSessionOptions) {}

  /** Opens it, in place of what is open. */
  async start(): Promise<void> {
    clearTimeout(this.timer)
    const mine = ++this.serial
    this.stream?.close()
    this.stream = undefined
    this.ahead = []
    // What the last process showed ends with a line of its own.
    if (mine > 1) void this.options.write('\r\n')
    this.state.value = { phase: 'opening' }
    let opened = false
    const current = () => mine === this.serial
    const over = (end: { code?: number | null; error?: RpcError }): void => {
      if (!current() || this.state.value.phase === 'over' || this.state.value.phase === 'waiting') return
      this.ended({ ...end, opened })
    }
    try {
      const stream = await this.options.open(
        (e) => {
          if (!current()) return
          if (e.type === 'open') opened = true
          return this.take(e, over)
        },
        (error) => over(error ? { error } : {}),
      )
      if (!current()) return stream.close()
      this.stream = stream
      this.typeAhead()
    } catch (error) {
      over({ error: error as RpcError })
    }
  }

  /** What was typed or pasted. */
  input(data: string | Uint8Array): void {
    const state = this.state.value
    if (state.phase === 'opening' || (state.phase === 'open' && !this.stream)) {
      if (this.ahead.length < MOST_AHEAD) this.ahead.push(data)
      return
    }
    if (state.phase !== 'open' || state.input === 'none') return
    if (state.input === 'lines' && typeof data === 'string') this.lines.type(data)
    else this.stream?.input({ type: 'data', data })
  }

  /** Hands over what was typed meanwhile. */
  private typeAhead(): void {
    if (this.state.value.phase === 'open' && this.stream) for (const data of this.ahead.splice(0)) this.input(data)
  }

  resize(columns: number, rows: number): void {
    this.stream?.input({ type: 'resize', columns, rows })
  }

  close(): void {
    this.serial++
    clearTimeout(this.timer)
    this.stream?.close()
  }

  /** Output is acknowledged once the terminal has drawn it, so that a flood waits in the backend and not here. */
  private take(e: TerminalEvent, over: (end: { code?: number | null; error?: RpcError }) => void): void | Promise<void> {
    if (e.type === 'data') return this.options.write(e.data)
    if (e.type === 'open') {
      this.attempts = 0
      const tty = !('tty' in e) || e.tty !== false
      const stdin = !('stdin' in e) || e.stdin !== false
      this.options.newlines(!tty)
      this.state.value = { phase: 'open', input: stdin ? (tty ? 'terminal' : 'lines') : 'none' }
      this.typeAhead()
      if ('shell' in e) this.local.value = { ...this.local.value, shell: e.shell, kubeconfig: e.kubeconfig }
    } else if (e.type === 'kubectl') this.local.value = { ...this.local.value, kubectl: e.found }
    else over({ code: e.code, ...(e.error ? { error: e.error } : {}) })
  }

  private ended(end: { code?: number | null; error?: RpcError; opened: boolean }): void {
    const reason = end.error?.reason
    const lost = reason !== undefined && (this.attempts > 0 ? !final.has(reason) : end.opened && cut.has(reason))
    if (!lost || !this.options.again() || this.attempts >= MOST_ATTEMPTS) {
      this.attempts = 0
      this.state.value = { phase: 'over', ...end }
      return
    }
    const wait = delayOf(this.attempts++)
    this.state.value = { phase: 'waiting', error: end.error!, at: Date.now() + wait }
    this.timer = setTimeout(() => void this.start(), wait)
  }
}
