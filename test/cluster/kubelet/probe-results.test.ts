/** What the results of probes do: thresholds, delays, runs that end, pods that are being deleted. */
import { describe, expect, test } from 'vitest'
import type { Container, Pod } from '../../../src-main/cluster/api/object.js'
import type { Bench } from './harness.js'
import { bench, pod } from './harness.js'

const ready = (b: Bench): boolean => b.pod().status!.containerStatuses![0]!.ready
const every = (periodSeconds: number, more: object = {}) => ({ exec: { command: ['check'] }, periodSeconds, ...more })

/** A pod whose probes all run one command, which answers what it is told to. */
async function probed(container: Partial<Container>, spec: Partial<NonNullable<Pod['spec']>> = {}, stopMs?: number) {
  const answers = { code: 0, asked: 0 }
  const exec = (): { code: number } => {
    answers.asked++
    return { code: answers.code }
  }
  const b = await bench({
    behave: (r) => (r.behaviours.nginx = { present: true, exec, ...(stopMs === undefined ? {} : { stopMs }) }),
  })
  return { b, answers, begin: () => b.create(pod(container, spec)) }
}

describe('readiness', () => {
  test('is reached after successThreshold successes in a row and lost after failureThreshold failures', async () => {
    const { b, answers, begin } = await probed({ readinessProbe: every(1, { successThreshold: 3, failureThreshold: 2 }) })
    await begin()
    const seen: boolean[] = []
    for (const code of [0, 0, 1, 0, 0, 0, 1, 0, 1, 1, 0, 0, 0]) {
      answers.code = code
      await b.clock.advance(1_000)
      seen.push(ready(b))
    }
    expect(seen).toEqual([false, false, false, false, false, true, true, true, true, false, false, false, true])
  })

  test('is not there before initialDelaySeconds are over', async () => {
    const { b, answers, begin } = await probed({ readinessProbe: every(1, { initialDelaySeconds: 10 }) })
    await begin()
    await b.clock.advance(9_900)
    expect([answers.asked, ready(b)]).toEqual([0, false])
    await b.clock.advance(200)
    expect([answers.asked, ready(b)]).toEqual([1, true])
  })

  test('begins anew with each run', async () => {
    const { b, answers, begin } = await probed(
      { readinessProbe: every(2), livenessProbe: { exec: { command: ['live'] }, periodSeconds: 5, failureThreshold: 1 } },
      {},
      0,
    )
    await begin()
    await b.clock.advance(2_000)
    expect(ready(b)).toBe(true)
    answers.code = 1
    await b.clock.advance(4_000)
    answers.code = 0
    const [status] = b.pod().status!.containerStatuses!
    expect([status!.restartCount, status!.ready]).toEqual([1, false])
    await b.clock.advance(3_000)
    expect(ready(b)).toBe(true)
  })
})

describe('a probe that asks for a restart', () => {
  test.each(['livenessProbe', 'startupProbe'] as const)('%s has a grace period of its own', async (kind) => {
    const { b, answers, begin } = await probed(
      { [kind]: every(1, { failureThreshold: 1, initialDelaySeconds: 10, terminationGracePeriodSeconds: 5 }) },
      { terminationGracePeriodSeconds: 500 },
    )
    await begin()
    answers.code = 1
    await b.clock.advance(14_000)
    expect(b.pod().status!.containerStatuses![0]!.restartCount).toBe(0)
    await b.clock.advance(2_000)
    expect(b.pod().status!.containerStatuses![0]).toMatchObject({ restartCount: 1, lastState: { terminated: { exitCode: 137 } } })
  })

  test('ends the pod when its last container is not restarted, with what the pod has to end', async () => {
    const { b, answers, begin } = await probed(
      { livenessProbe: every(1, { failureThreshold: 1, initialDelaySeconds: 10, terminationGracePeriodSeconds: 5 }) },
      { restartPolicy: 'Never', terminationGracePeriodSeconds: 20 },
    )
    await begin()
    answers.code = 1
    await b.clock.advance(29_000)
    expect(b.api.events('web').at(-1)).toBe('Normal Killing Stopping container app')
    expect(b.pod().status!.phase).toBe('Running')
    await b.clock.advance(2_000)
    expect(b.pod().status!.phase).toBe('Failed')
    expect(b.pod().status!.containerStatuses![0]).toMatchObject({
      restartCount: 0,
      state: { terminated: { exitCode: 137, reason: 'Error' } },
    })
  })

  test('is not asked while its container is ended', async () => {
    const { b, answers, begin } = await probed({ livenessProbe: every(1, { failureThreshold: 1 }) })
    await begin()
    answers.code = 1
    await b.clock.advance(20_000)
    expect(answers.asked).toBe(1)
  })
})

describe('a pod that is being deleted', () => {
  test('is asked for its readiness, and for nothing else', async () => {
    const { b, answers, begin } = await probed(
      {
        readinessProbe: every(1, { failureThreshold: 1 }),
        livenessProbe: { exec: { command: ['live'] }, periodSeconds: 1, failureThreshold: 1 },
      },
      { terminationGracePeriodSeconds: 60 },
    )
    await begin()
    await b.clock.advance(2_000)
    expect(ready(b)).toBe(true)
    await b.api.client().resource({ group: '', version: 'v1', resource: 'pods' }).delete('default', 'web')
    answers.code = 1
    await b.clock.advance(5_000)
    expect(ready(b)).toBe(false)
    expect(b.api.events('web').filter((e) => e.includes('Liveness'))).toEqual([])
    expect(b.pod().status!.conditions!.find((c) => c.type === 'Ready')).toMatchObject({ status: 'False', reason: 'ContainersNotReady' })
  })
})
