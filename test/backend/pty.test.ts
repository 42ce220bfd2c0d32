import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { startPty } from '../../src-main/backend/exec/pty-stream.js'
import { loadPty } from '../../src-main/backend/exec/pty.js'

/** Means to end a process that has a pseudo-terminal. */
const size = { columns: 80, rows: 24 }
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
afterEach(() => void vi.useRealTimers())

describe('a process with a pseudo-terminal', () => {
  it('has ended once all that it wrote has been read, however long that takes', async () => {
    const pty = startPty(await loadPty(), '/bin/sh', ['-c', 'printf "first to last"'], size, { PATH: '/usr/bin:/bin' })
    let text = ''
    let code: number | undefined
    pty.onData((data) => (text += Buffer.from(data).toString()))
    pty.onExit(({ exitCode }) => (code = exitCode))
    pty.pause()
    // Its end is known: what takes the terminal away is set.
    while (vi.getTimerCount() === 0) await turn()
    vi.advanceTimersByTime(60_000)
    await turn()
    await turn()
    expect({ text, code }).toEqual({ text: '', code: undefined })
    pty.resume()
    while (code === undefined) await turn()
    expect({ text, code }).toEqual({ text: 'first to last', code: 0 })
  })

  it('has ended once all that it wrote has been read, also where libuv takes a part of it for all', async () => {
    const pty = startPty(await loadPty(), '/bin/sh', ['-c', 'printf "first to last"'], size, { PATH: '/usr/bin:/bin' })
    let text = ''
    let code: number | undefined
    pty.onData((data) => (text += Buffer.from(data).toString()))
    pty.onExit(({ exitCode }) => (code = exitCode))
    const { _socket: socket } = pty as unknown as { _socket: { _handle: { readStop(): void; readStart(): number } } }
    // Nor does reading begin again in its next turn.
    socket._handle.readStop()
    socket._handle.readStart = () => 0
    while (vi.getTimerCount() === 0) await turn()
    vi.advanceTimersByTime(200)
    while (code === undefined) await turn()
    expect({ text, code }).toEqual({ text: 'first to last', code: 0 })
  })

  it('has ended though a child that it left behind holds the terminal open', async () => {
    const pty = startPty(await loadPty(), '/bin/sh', ['-c', 'trap "" HUP; sleep 20 & echo $!'], size, { PATH: '/usr/bin:/bin' })
    let text = ''
    let code: number | undefined
    pty.onData((data) => (text += Buffer.from(data).toString()))
    pty.onExit(({ exitCode }) => (code = exitCode))
    while (vi.getTimerCount() === 0 || !text.includes('\n')) await turn()
    vi.advanceTimersByTime(200)
    while (code === undefined) await turn()
    process.kill(Number.parseInt(text, 10), 'SIGKILL')
    expect(code).toBe(0)
  })
})
