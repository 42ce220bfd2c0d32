import { expect, test } from 'vitest'
import { VirtualClock } from '../../../src-main/cluster/clock.js'
import { WorkQueue } from '../../../src-main/cluster/controllers/workqueue.js'

function make(workers: number, process: (key: string) => Promise<void>) {
  const clock = new VirtualClock({ start: 0, speed: 0 })
  const queue: WorkQueue = new WorkQueue({ clock, workers, process, onError: (key) => queue.addRateLimited(key) })
  return { clock, queue }
}

test('a key added three times before a worker takes it is synced once', async () => {
  const synced: string[] = []
  const { clock, queue } = make(1, async (key) => void synced.push(key))
  queue.add('a')
  queue.add('b')
  queue.add('a')
  queue.start()
  await clock.settle()
  expect(synced).toEqual(['a', 'b'])
})

test('a key added while it is being synced is synced once more, never at the same time', async () => {
  let running = 0
  let most = 0
  let count = 0
  const { clock, queue } = make(5, async () => {
    most = Math.max(most, ++running)
    if (++count === 1) {
      queue.add('a')
      queue.add('a')
    }
    await Promise.resolve()
    running--
  })
  queue.start()
  queue.add('a')
  await clock.settle()
  expect({ count, most }).toEqual({ count: 2, most: 1 })
})

test('failures bring a key back after 5 ms, doubling up to 1000 s', async () => {
  const times: number[] = []
  const { clock, queue } = make(1, async () => {
    times.push(clock.now())
    throw new Error('no')
  })
  queue.start()
  queue.add('a')
  await clock.advance(5_000_000)
  expect(times.slice(0, 5)).toEqual([0, 5, 15, 35, 75])
  expect(times.slice(-2).map((t, i, all) => (i ? t - all[0]! : 0))).toEqual([0, 1_000_000])
})

test('forgetting a key starts its back-off anew', async () => {
  const times: number[] = []
  const { clock, queue } = make(1, async () => {
    times.push(clock.now())
    if (times.length === 3) queue.forget('a')
    if (times.length < 5) throw new Error('no')
  })
  queue.start()
  queue.add('a')
  await clock.advance(1000)
  expect(times).toEqual([0, 5, 15, 20, 30])
})

test('of several times for one key the earliest counts', async () => {
  const times: number[] = []
  const { clock, queue } = make(1, async () => void times.push(clock.now()))
  queue.start()
  queue.addAfter('a', 500)
  queue.addAfter('a', 200)
  queue.addAfter('a', 900)
  await clock.advance(2000)
  expect(times).toEqual([200])
})

test('a stopped queue calls nobody, not even for keys that waited for a time', async () => {
  const synced: string[] = []
  const { clock, queue } = make(1, async (key) => void synced.push(key))
  queue.start()
  queue.addAfter('a', 100)
  queue.add('b')
  queue.stop()
  await clock.advance(1000)
  expect(synced).toEqual([])
})
