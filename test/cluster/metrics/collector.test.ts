/** What pods and nodes use, from the counters of their containers. */
import { afterEach, describe, expect, test } from 'vitest'
import { VirtualClock } from '../../../src-main/cluster/clock.js'
import type { PodUsage } from '../../../src-main/cluster/kubelet/pod-stats.js'
import { MetricsCollector } from '../../../src-main/cluster/metrics/collector.js'
import { MAX_SERIES, POINTS, UsageHistory } from '../../../src-main/cluster/metrics/history.js'

const START = Date.parse('2026-11-21T09:00:00Z')
const MI = 2 ** 20
let stop = (): void => undefined

afterEach(() => stop())

/** A collector over counters that the test sets. */
function collect() {
  const clock = new VirtualClock({ start: START, speed: 0 })
  const usage = new Map<string, PodUsage>()
  const nodes = [
    { name: 'a', address: '192.168.49.2', powered: true },
    { name: 'b', address: '192.168.49.3', powered: true },
  ]
  const collector = new MetricsCollector(clock)
  /** Sets the counters of a pod's containers: seconds of CPU, Mi of memory, and which run it is. */
  const set = (name: string, node: string, containers: Record<string, [number, number, string?]>): void => {
    usage.set(name, {
      namespace: 'default',
      name,
      uid: `uid-${name}`,
      node,
      containers: Object.entries(containers).map(([c, [seconds, mi, run = '1']]) => ({
        name: c,
        id: `${name}/${c}/${run}`,
        cpuNanos: seconds * 1e9,
        memoryBytes: mi * MI,
      })),
    })
  }
  stop = () => collector.stop()
  return { clock, collector, nodes, usage, set, start: () => collector.start({ metrics: () => [...usage.values()], nodes: () => nodes }) }
}

describe('MetricsCollector', () => {
  test('a pod is measured once it has been read twice: the CPU time added, over the window', async () => {
    const { clock, collector, set, start } = collect()
    start()
    set('web', 'a', { app: [5, 10], proxy: [0, 4] })
    await clock.advance(15_000)
    expect(collector.pod('default', 'web')).toBeUndefined()
    set('web', 'a', { app: [8, 12], proxy: [0.75, 4] })
    await clock.advance(15_000)
    expect(collector.pod('default', 'web')).toEqual({
      namespace: 'default',
      name: 'web',
      uid: 'uid-web',
      timestamp: START + 30_000,
      windowMs: 15_000,
      containers: [
        { name: 'app', cpuNanoCores: 200_000_000, memoryBytes: 12 * MI },
        { name: 'proxy', cpuNanoCores: 50_000_000, memoryBytes: 4 * MI },
      ],
    })
  })

  test('a container that restarted leaves its pod unmeasured until the new run has been read twice', async () => {
    const { clock, collector, set, start } = collect()
    set('web', 'a', { app: [100, 10], proxy: [1, 1] })
    start()
    await clock.advance(15_000)
    expect(collector.pod('default', 'web')?.containers).toHaveLength(2)
    set('web', 'a', { app: [3, 10, '2'], proxy: [1, 1] })
    await clock.advance(15_000)
    expect(collector.pod('default', 'web')).toBeUndefined()
    set('web', 'a', { app: [6, 10, '2'], proxy: [1, 1] })
    await clock.advance(15_000)
    expect(collector.pod('default', 'web')?.containers.map((c) => c.cpuNanoCores)).toEqual([200_000_000, 0])
  })

  test('a node uses what its containers use, new ones included; without power it has no metrics', async () => {
    const { clock, collector, nodes, set, start } = collect()
    set('web', 'a', { app: [10, 100] })
    start()
    set('web', 'a', { app: [16, 100] })
    set('new', 'a', { app: [1.5, 20] })
    await clock.advance(15_000)
    expect(collector.node('a')).toEqual({
      name: 'a',
      timestamp: START + 15_000,
      windowMs: 15_000,
      cpuNanoCores: 500_000_000,
      memoryBytes: 120 * MI,
    })
    expect(collector.node('b')).toMatchObject({ cpuNanoCores: 0, memoryBytes: 0 })
    nodes[1]!.powered = false
    await clock.advance(15_000)
    expect(collector.node('b')).toBeUndefined()
  })

  test('a jump over a week reads only what the history will show, unless somebody follows the use', async () => {
    const { clock, collector, set, start } = collect()
    set('web', 'a', { app: [0, 10] })
    start()
    const times = (): number[] => collector.history.pod('default', 'web')!.map((p) => p.time)
    await clock.advance(7 * 24 * 3_600_000)
    const end = clock.now()
    expect(times()).toHaveLength(POINTS + 1)
    expect(times()[0]).toBe(end - POINTS * 60_000)
    expect(collector.pod('default', 'web')).toMatchObject({ timestamp: end, windowMs: 15_000 })

    const asking = clock.every(15_000, () => collector.pod('default', 'web'))
    let readings = 0
    const stopped = clock.every(15_000, () => (collector.pod('default', 'web')?.timestamp === clock.now() ? readings++ : 0))
    await clock.advance(24 * 3_600_000)
    asking.cancel()
    stopped.cancel()
    expect(readings).toBe(24 * 240)
  })

  test('what is gone has no metrics at the next reading', async () => {
    const { clock, collector, set, start, usage } = collect()
    set('web', 'a', { app: [1, 1] })
    start()
    await clock.advance(15_000)
    expect(collector.pod('default', 'web')).toBeDefined()
    usage.clear()
    await clock.advance(15_000)
    expect(collector.pod('default', 'web')).toBeUndefined()
  })
})

const pod = (uid: string, cpuNanoCores: number, memoryBytes: number, name = 'web') => ({
  namespace: 'default',
  name,
  uid,
  timestamp: 0,
  windowMs: 15_000,
  containers: [{ name: 'app', cpuNanoCores, memoryBytes }],
})

describe('UsageHistory', () => {
  test('a point is one minute: its average CPU, the memory at its end', () => {
    const history = new UsageHistory()
    for (const [i, cpu] of [100, 200, 300, 400, 1000].entries()) history.add(START + (i + 1) * 15_000, [pod('1', cpu, (i + 1) * MI)], [])
    expect(history.pod('default', 'web')).toEqual([
      { time: START + 60_000, cpuNanoCores: 250, memoryBytes: 4 * MI },
      { time: START + 120_000, cpuNanoCores: 1000, memoryBytes: 5 * MI },
    ])
  })

  test('the last six hours are kept, oldest first', () => {
    const history = new UsageHistory()
    const minutes = 2 * POINTS + 7
    for (let i = 1; i <= minutes; i++) history.add(START + i * 60_000, [pod('1', i, i)], [])
    const points = history.pod('default', 'web')!
    // The minute under way stands at the end besides the full ones.
    expect(points.map((p) => p.cpuNanoCores)).toEqual(Array.from({ length: POINTS + 1 }, (_, i) => minutes - POINTS + i))
    expect(points.at(-1)!.time).toBe(START + minutes * 60_000)
  })

  test('a pod that is made anew begins a new series', () => {
    const history = new UsageHistory()
    history.add(START + 60_000, [pod('1', 5, 5)], [])
    history.add(START + 120_000, [pod('2', 7, 7)], [])
    expect(history.pod('default', 'web')).toEqual([{ time: START + 120_000, cpuNanoCores: 7, memoryBytes: 7 }])
  })

  test('a pod that is gone is forgotten after fifteen minutes, and no more pods are kept than the limit', () => {
    const history = new UsageHistory()
    history.add(START + 60_000, [pod('1', 5, 5)], [])
    history.add(START + 16 * 60_000, [], [])
    expect(history.pod('default', 'web')).toHaveLength(1)
    history.add(START + 17 * 60_000, [], [])
    expect(history.pod('default', 'web')).toBeUndefined()
    history.add(
      START + 18 * 60_000,
      Array.from({ length: MAX_SERIES + 1 }, (_, i) => pod('1', 1, 1, `p${i}`)),
      [],
    )
    expect(history.pod('default', `p${MAX_SERIES - 1}`)).toHaveLength(1)
    expect(history.pod('default', `p${MAX_SERIES}`)).toBeUndefined()
  })
})
