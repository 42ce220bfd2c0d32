import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { ClusterSupervisor, type SpawnedProcess } from '../../src-main/backend/embedded/supervisor.js'
import type { EmbeddedState } from '../../src-main/backend/rpc/contract.js'

/** A process that does what the test says. */
class FakeProcess implements SpawnedProcess {
  asked: string[] = []
  private lines: ((line: string, stream: 'stdout' | 'stderr') => void)[] = []
  private exits: ((code: number | null) => void)[] = []
  onLine(l: (line: string, stream: 'stdout' | 'stderr') => void): void {
    this.lines.push(l)
  }
  onExit(l: (code: number | null) => void): void {
    this.exits.push(l)
  }
  stop(): void {
    this.asked.push('stop')
  }
  kill(): void {
    this.asked.push('kill')
    this.exit(null)
  }
  print(line: string, stream: 'stdout' | 'stderr' = 'stdout'): void {
    for (const l of this.lines) l(line, stream)
  }
  exit(code: number | null): void {
    for (const l of this.exits) l(code)
  }
}

let processes: FakeProcess[]
let supervisor: ClusterSupervisor
let states: EmbeddedState[]

beforeEach(() => {
  vi.useFakeTimers()
  processes = []
  states = []
  supervisor = new ClusterSupervisor('drydock', () => {
    const p = new FakeProcess()
    processes.push(p)
    return p
  })
  supervisor.listen((s) => states.push(s))
})
afterEach(() => vi.useRealTimers())

it('is ready once the process says so, with its address and kubeconfig', () => {
  supervisor.start()
  processes[0]!.print('ready https://127.0.0.1:8443 kubeconfig /data/my clusters/kubeconfig')
  expect(states).toEqual([
    { name: 'drydock', phase: 'starting' },
    { name: 'drydock', phase: 'ready', server: 'https://127.0.0.1:8443', kubeconfig: '/data/my clusters/kubeconfig' },
  ])
})

it('starts a crashed process anew after a pause that doubles, and says what it said last', () => {
  supervisor.start()
  processes[0]!.print('disk full', 'stderr')
  processes[0]!.exit(1)
  expect(supervisor.state()).toEqual({ name: 'drydock', phase: 'crashed', error: 'disk full' })
  vi.advanceTimersByTime(499)
  expect(processes).toHaveLength(1)
  vi.advanceTimersByTime(1)
  expect(processes).toHaveLength(2)
  processes[1]!.exit(1)
  vi.advanceTimersByTime(999)
  expect(processes).toHaveLength(2)
  vi.advanceTimersByTime(1)
  expect(processes).toHaveLength(3)
})

it('a crash after a minute of running begins with the short pause again', () => {
  supervisor.start()
  processes[0]!.exit(1)
  vi.advanceTimersByTime(500)
  vi.advanceTimersByTime(60_001)
  processes[1]!.exit(1)
  vi.advanceTimersByTime(500)
  expect(processes).toHaveLength(3)
})

it('stops the process cleanly, kills it only when it does not end, and does not start it again', async () => {
  supervisor.start()
  const stopped = supervisor.stop()
  expect(processes[0]!.asked).toEqual(['stop'])
  vi.advanceTimersByTime(8000)
  await stopped
  expect(processes[0]!.asked).toEqual(['stop', 'kill'])
  expect(supervisor.state().phase).toBe('stopped')
  vi.advanceTimersByTime(60_000)
  expect(processes).toHaveLength(1)
})
