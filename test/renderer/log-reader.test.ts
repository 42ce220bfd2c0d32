import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { ClientFrame, ServerFrame } from '../../src-main/backend/rpc/contract.js'
import { Rpc, setBackend } from '../../src-renderer/app/rpc.js'
import { LogReader } from '../../src-renderer/logs/log-sources.js'

/** The reader of logs against a backend that the test plays. */

let frames: ClientFrame[]
let listener: { frame(f: ServerFrame): void; lost(at: number | null): void; open(): void }
let reader: LogReader

beforeEach(() => {
  vi.useFakeTimers()
  frames = []
  setBackend(
    new Rpc((l) => {
      listener = l
      l.open()
      return { send: (f) => void frames.push(f), retry: () => undefined, close: () => undefined }
    }),
  )
  reader = new LogReader('a', { follow: true, previous: false, tailLines: 100 })
})
afterEach(() => {
  reader.close()
  vi.useRealTimers()
})

const opened = () => frames.filter((f) => f.t === 'open').map((f) => f as { id: number; params: Record<string, unknown> })
const acks = () => frames.filter((f) => f.t === 'ack').length
const line = (n: number) => `2026-11-21T09:00:0${n}.000000000Z line ${n}\n`
const data = (id: number, text: string) => listener.frame({ t: 'event', id, event: { type: 'data', text } })
const shown = () => Array.from({ length: reader.buffer.size }, (_, i) => reader.buffer.line(reader.buffer.first + i))
const main = { namespace: 'shop', pod: 'web', container: 'main' }

describe('a reader of logs', () => {
  it('holds back while it is paused: nothing is taken, and nothing is lost', async () => {
    reader.set([main])
    const { id } = opened()[0]!
    data(id, line(1))
    await vi.advanceTimersByTimeAsync(0)
    reader.pause(true)
    data(id, line(2))
    data(id, line(3))
    await vi.advanceTimersByTimeAsync(0)
    expect([shown().length, acks()]).toEqual([1, 1])
    reader.pause(false)
    await vi.advanceTimersByTimeAsync(0)
    expect([shown().map((l) => l.slice(-1)), acks()]).toEqual([['1', '2', '3'], 3])
  })

  it('goes on after the last line that it has when the line to the backend was lost', async () => {
    reader.set([main])
    data(opened()[0]!.id, line(1) + line(2))
    listener.lost(null)
    expect(reader.status.value.state).toBe('reconnecting')
    listener.open()
    await vi.advanceTimersByTimeAsync(20_000)
    expect(opened().map((o) => o.params.after)).toEqual([undefined, '2026-11-21T09:00:02.000000000Z'])
  })

  it('tells that a container ended and may run again, and that it runs', () => {
    reader.set([main])
    const { id } = opened()[0]!
    listener.frame({ t: 'event', id, event: { type: 'end', reason: 'restarting' } })
    expect(reader.status.value.state).toBe('restarting')
    data(id, line(1))
    expect(reader.status.value.state).toBe('reading')
  })

  it('tells what a container that has not begun waits for, until it begins', () => {
    reader.set([main])
    const { id } = opened()[0]!
    const error = { reason: 'BadRequest', code: 400, message: 'container "main" in pod "web-1" is waiting to start: ContainerCreating' }
    listener.frame({ t: 'event', id, event: { type: 'end', reason: 'starting', error } })
    expect(reader.status.value).toEqual({ state: 'starting', error })
    data(id, line(1))
    expect(reader.status.value).toEqual({ state: 'reading' })
  })

  it('puts the first lines of several pods in the order of their times', async () => {
    reader.set([main, { ...main, pod: 'web-2' }])
    const [a, b] = opened()
    data(a!.id, line(1) + line(3))
    data(b!.id, line(2) + line(4))
    await vi.advanceTimersByTimeAsync(400)
    expect(shown().map((l) => l.slice(-1))).toEqual(['1', '2', '3', '4'])
    expect([0, 1, 2, 3].map((n) => reader.buffer.source(n))).toEqual([0, 1, 0, 1])
  })
})
