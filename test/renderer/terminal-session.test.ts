import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { RpcError } from '../../src-main/backend/rpc/contract.js'
import { LineInput } from '../../src-renderer/terminal/line-input.js'
import { TerminalSession, type TerminalEvent } from '../../src-renderer/terminal/terminal-session.js'

const lost: RpcError = { reason: 'Unreachable', message: 'The connection was cut.' }

describe('a terminal’s session', () => {
  /** The streams that were opened. */
  let streams: { emit(e: TerminalEvent): void; inputs: unknown[]; closed: boolean }[]
  let written: string
  let again: boolean
  let session: TerminalSession
  const tick = () => vi.advanceTimersByTimeAsync(0)
  beforeEach(() => {
    vi.useFakeTimers({ now: Date.parse('2026-11-21T09:00:00Z') })
    streams = []
    written = ''
    again = true
    session = new TerminalSession({
      open: async (onEvent) => {
        const s = { emit: (e: TerminalEvent) => void onEvent(e), inputs: [] as unknown[], closed: false }
        streams.push(s)
        return { input: (i: unknown) => void s.inputs.push(i), close: () => (s.closed = true) } as never
      },
      write: async (data) => void (written += typeof data === 'string' ? data : new TextDecoder().decode(data)),
      newlines: () => undefined,
      again: () => again,
    })
  })
  afterEach(() => {
    session.close()
    vi.useRealTimers()
  })
  const open = async (extra: object = {}) => {
    void session.start()
    await tick()
    streams.at(-1)!.emit({ type: 'open', command: [], ...extra })
  }

  it('ends with the exit code of its process, and what was shown stays above the next', async () => {
    await open()
    streams[0]!.emit({ type: 'data', data: new TextEncoder().encode('bye') })
    streams[0]!.emit({ type: 'exit', code: 3 })
    expect(session.state.value).toEqual({ phase: 'over', code: 3, opened: true })
    await open()
    expect([written, session.state.value.phase]).toEqual(['bye\r\n', 'open'])
  })

  it('hands over what was typed while its process was being opened, and not to the next one', async () => {
    void session.start()
    session.input('ho')
    await tick()
    session.input('st')
    expect(streams[0]!.inputs).toEqual([])
    streams[0]!.emit({ type: 'open', command: [] })
    session.input('name\n')
    expect(streams[0]!.inputs).toEqual(['ho', 'st', 'name\n'].map((data) => ({ type: 'data', data })))
    void session.start()
    await tick()
    session.input('lost')
    streams[1]!.emit({ type: 'exit', code: null, error: { reason: 'NotFound', message: 'pods "web" not found' } })
    await open()
    expect(streams[2]!.inputs).toEqual([])
  })

  it('is opened again after a lost connection, later each time, and says why it was lost', async () => {
    await open()
    streams[0]!.emit({ type: 'exit', code: null, error: lost })
    expect(session.state.value).toEqual({ phase: 'waiting', error: lost, at: Date.now() + 1000 })
    await vi.advanceTimersByTimeAsync(1000)
    const refused = { reason: 'Refused', message: 'Nothing listens there.' }
    streams[1]!.emit({ type: 'exit', code: null, error: refused })
    expect(session.state.value).toEqual({ phase: 'waiting', error: refused, at: Date.now() + 2000 })
    await vi.advanceTimersByTimeAsync(2000)
    streams[2]!.emit({ type: 'open', command: [] })
    expect(session.state.value).toEqual({ phase: 'open', input: 'terminal' })
  })

  it('gives up after eight attempts in a row, and when the pod is gone', async () => {
    await open()
    for (let i = 0; i < 9; i++) {
      streams.at(-1)!.emit({ type: 'exit', code: null, error: lost })
      await vi.advanceTimersByTimeAsync(60_000)
    }
    expect([streams.length, session.state.value.phase]).toEqual([9, 'over'])
    await open()
    streams.at(-1)!.emit({ type: 'exit', code: null, error: lost })
    await vi.advanceTimersByTimeAsync(1000)
    streams.at(-1)!.emit({ type: 'exit', code: null, error: { reason: 'NotFound', message: 'pods "web" not found' } })
    expect(session.state.value).toEqual({
      phase: 'over',
      code: null,
      error: { reason: 'NotFound', message: 'pods "web" not found' },
      opened: false,
    })
  })

  it('that never opened, or is not to be opened again, waits for the person', async () => {
    void session.start()
    await tick()
    streams[0]!.emit({ type: 'exit', code: null, error: lost })
    expect(session.state.value).toMatchObject({ phase: 'over', opened: false })
    again = false
    await open()
    streams[1]!.emit({ type: 'exit', code: null, error: lost })
    expect(session.state.value).toMatchObject({ phase: 'over', opened: true })
  })

  it('sends what is typed as the other side takes it: as it comes, by lines, or not at all', async () => {
    await open()
    session.input('a')
    await open({ tty: false, stdin: true })
    session.input('a')
    session.input('\r')
    await open({ tty: false, stdin: false })
    session.input('a')
    expect(streams.map((s) => s.inputs)).toEqual([[{ type: 'data', data: 'a' }], [{ type: 'data', data: 'a\n' }], []])
    expect(streams.map((s) => s.closed)).toEqual([true, true, false])
  })
})

describe('lines for a process without a terminal', () => {
  const type = (text: string) => {
    const sent: string[] = []
    let shown = ''
    const input = new LineInput({ echo: (t) => (shown += t), send: (d) => sent.push(d), end: () => sent.push('END') })
    input.type(text)
    return [sent, shown]
  }
  it('are shown as they are typed, corrected, and sent with Enter', () => {
    expect(type('helol\u007f\u007flo\r')).toEqual([['hello\n'], 'helol\b \b\b \blo\r\n'])
    expect(type('wrong\u0015right\r')[0]).toEqual(['right\n'])
    expect(type('a\r\nb\n')[0]).toEqual(['a\n', 'b\n'])
  })
  it('end with Ctrl+D on an empty line; on another it sends what is there', () => {
    expect(type('a\u0004\u0004')[0]).toEqual(['a', 'END'])
  })
})
