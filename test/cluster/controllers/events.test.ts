import { describe, expect, test } from 'vitest'
import { resources } from '../../../src-main/cluster/api/client.js'
import type { Event } from '../../../src-main/cluster/api/object.js'
import { VirtualClock } from '../../../src-main/cluster/clock.js'
import type { EventRecorderOptions, ObjectReference } from '../../../src-main/cluster/controllers/events.js'
import { EventRecorder } from '../../../src-main/cluster/controllers/events.js'
import { Random } from '../../../src-main/cluster/random.js'
import { FakeCluster } from '../support/fake-cluster.js'

const web: ObjectReference = { apiVersion: 'v1', kind: 'Pod', namespace: 'default', name: 'web', uid: 'u1' }

function make(options: Partial<EventRecorderOptions> = {}) {
  const clock = new VirtualClock({ start: Date.parse('2026-11-21T09:00:00Z'), speed: 0 })
  const cluster = new FakeCluster(clock, new Random(1))
  const recorder = (component: string) => new EventRecorder({ client: cluster.client('x'), clock, component, ...options })
  const events = () => cluster.all<Event>(resources.events)
  return { clock, cluster, recorder, events }
}

describe('an event', () => {
  test('names its object, its source and its time', async () => {
    const { clock, recorder, events } = make({ host: 'node-1' })
    recorder('kubelet').event({ ...web, fieldPath: 'spec.containers{main}' }, 'Normal', 'Started', 'Started container main')
    await clock.settle()
    const [event] = events()
    expect(event).toMatchObject({
      involvedObject: { ...web, fieldPath: 'spec.containers{main}' },
      type: 'Normal',
      reason: 'Started',
      message: 'Started container main',
      source: { component: 'kubelet', host: 'node-1' },
      reportingComponent: 'kubelet',
      reportingInstance: 'node-1',
      count: 1,
      firstTimestamp: '2026-11-21T09:00:00Z',
      lastTimestamp: '2026-11-21T09:00:00Z',
    })
    expect(event!.metadata.name).toMatch(/^web\.[0-9a-f]{16}$/)
  })

  test('about an object without namespace is kept in default', async () => {
    const { clock, recorder, events } = make()
    recorder('node-controller').event({ apiVersion: 'v1', kind: 'Node', name: 'node-1' }, 'Normal', 'NodeNotReady', 'x')
    await clock.settle()
    expect(events()[0]!.metadata.namespace).toBe('default')
  })

  test('that repeats is one object whose count and last time grow', async () => {
    const { clock, recorder, events } = make()
    const r = recorder('kubelet')
    for (let i = 0; i < 3; i++) {
      r.event(web, 'Warning', 'BackOff', 'Back-off restarting failed container')
      await clock.advance(10_000)
    }
    expect(events()).toHaveLength(1)
    expect(events()[0]).toMatchObject({ count: 3, firstTimestamp: '2026-11-21T09:00:00Z', lastTimestamp: '2026-11-21T09:00:20Z' })
  })

  test('that repeats after it has expired is written anew with its count', async () => {
    const { clock, cluster, recorder, events } = make()
    const r = recorder('kubelet')
    r.event(web, 'Warning', 'BackOff', 'x')
    await clock.settle()
    await cluster.client('x').resource(resources.events).delete('default', events()[0]!.metadata.name!)
    r.event(web, 'Warning', 'BackOff', 'x')
    await clock.settle()
    expect(events()[0]).toMatchObject({ count: 2 })
  })

  test('with ever new messages is combined from the tenth on', async () => {
    const { clock, recorder, events } = make()
    const r = recorder('replicaset-controller')
    for (let i = 1; i <= 12; i++) r.event(web, 'Normal', 'SuccessfulCreate', `Created pod: p${i}`)
    await clock.settle()
    expect(events()).toHaveLength(10)
    expect(events().at(-1)).toMatchObject({ message: '(combined from similar events): Created pod: p12', count: 3 })
  })

  test('is not written any more when a component says too much about one object, until five minutes later', async () => {
    const { clock, cluster, recorder } = make()
    const r = recorder('kubelet')
    const writes = () => cluster.requests.filter((x) => x.includes(' events ')).length
    for (let i = 0; i < 40; i++) r.event(web, 'Warning', `Reason${i}`, 'x')
    await clock.settle()
    expect(writes()).toBe(25)
    await clock.advance(300_000)
    r.event(web, 'Warning', 'Late', 'x')
    r.event(web, 'Warning', 'Later', 'x')
    await clock.settle()
    expect(writes()).toBe(26)
  })

  test('of two components at the same moment about the same object are two', async () => {
    const { clock, recorder, events } = make()
    for (const name of ['a', 'b', 'c']) recorder(name).event(web, 'Normal', 'Seen', 'x')
    recorder('a').event(web, 'Normal', 'Seen', 'by a namesake')
    await clock.settle()
    expect(events()).toHaveLength(4)
  })

  test('as a series is cut to what the API takes', async () => {
    const { clock, recorder, events } = make({ style: 'series' })
    recorder('default-scheduler').event(web, 'Warning', 'FailedScheduling', 'é'.repeat(1000), { action: 'Scheduling' })
    await clock.settle()
    const { message = '' } = events()[0]!
    expect([Buffer.byteLength(message) <= 1024, message.endsWith('é ...')]).toEqual([true, true])
  })

  test('as a series carries its time in microseconds and counts in series', async () => {
    const { clock, recorder, events } = make({ style: 'series' })
    const r = recorder('default-scheduler')
    r.event(web, 'Warning', 'FailedScheduling', 'no room', { action: 'Scheduling' })
    await clock.advance(60_000)
    r.event(web, 'Warning', 'FailedScheduling', 'no room', { action: 'Scheduling' })
    await clock.settle()
    expect(events()).toHaveLength(1)
    expect(events()[0]).toMatchObject({
      action: 'Scheduling',
      eventTime: '2026-11-21T09:00:00.000000Z',
      series: { count: 2, lastObservedTime: '2026-11-21T09:01:00.000000Z' },
    })
    expect(events()[0]!.count).toBeUndefined()
  })
})
