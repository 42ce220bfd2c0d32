/** Who is tried next, and when. */
import { expect, test } from 'vitest'
import { VirtualClock } from '../../../src-main/cluster/clock.js'
import { podInfo } from '../../../src-main/cluster/scheduler/podinfo.js'
import type { QueuedPod } from '../../../src-main/cluster/scheduler/queue.js'
import { SchedulingQueue } from '../../../src-main/cluster/scheduler/queue.js'
import { pod, START } from './harness.js'

interface Tried {
  /** Seconds from the start at which the last attempt ended. */
  at: number
  attempts: number
  priority?: number
  /** Failed by an error, and not because of a plugin. */
  error?: boolean
}

/** The names of the pods that a queue gives, one after the other, at a time after all of them were put back. */
async function order(pods: Record<string, Tried>, fresh: readonly string[], seconds: number): Promise<string[]> {
  const clock = new VirtualClock({ start: START, speed: 0 })
  const queue = new SchedulingQueue(clock, () => {})
  const last = Math.max(...Object.values(pods).map((p) => p.at))
  await clock.advance(last * 1000)
  for (const [name, { at, attempts, priority = 0, error }] of Object.entries(pods)) {
    const queuedAt = START + at * 1000
    const info = podInfo(pod(name, { priority }))
    const queued: QueuedPod = { info, attempts, queuedAt, triedAt: queuedAt, rejectedBy: new Set(error ? [] : ['Fit']), gated: false }
    if (error) queue.addBackoff(queued)
    else queue.addUnschedulable(queued)
  }
  queue.move(() => true)
  for (const name of fresh) queue.add(podInfo(pod(name)))
  await clock.advance(seconds * 1000)
  const names: string[] = []
  for (let next = queue.pop(); next; next = queue.pop()) names.push(next.info.pod.metadata.name!)
  return names
}

test.each<[string, Record<string, Tried>, string[], number, string[]]>([
  ['one whose back-off is not over, when there is no other', { web: { at: 0, attempts: 1 } }, [], 0, ['web']],
  ['those that are new before one whose back-off is not over', { web: { at: 0, attempts: 1 } }, ['new'], 0, ['new', 'web']],
  ['one after an error only when its back-off is over', { web: { at: 0, attempts: 1, error: true } }, [], 0.9, []],
  ['one after an error when its back-off is over', { web: { at: 0, attempts: 1, error: true } }, [], 1, ['web']],
  ['of two the one whose back-off ends first', { slow: { at: 0, attempts: 3 }, quick: { at: 0, attempts: 1 } }, [], 0, ['quick', 'slow']],
  [
    'of two whose back-off ends within one second the one of higher priority',
    { first: { at: 0.1, attempts: 1 }, high: { at: 0.8, attempts: 1, priority: 5 } },
    [],
    0,
    ['high', 'first'],
  ],
  [
    'of two whose back-off ends in different seconds the earlier one, whatever their priority',
    { first: { at: 0.1, attempts: 1 }, high: { at: 0.8, attempts: 2, priority: 5 } },
    [],
    0,
    ['first', 'high'],
  ],
  [
    'of two without priority the one that is in the queue longer',
    { b: { at: 0.1, attempts: 1 }, a: { at: 0.2, attempts: 1 } },
    [],
    0,
    ['b', 'a'],
  ],
])('the queue gives %s', async (_what, pods, fresh, seconds, expected) => {
  expect(await order(pods, fresh, seconds)).toEqual(expected)
})
