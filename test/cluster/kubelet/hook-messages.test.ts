/** What the kubelet says of hooks that fail, and what it keeps of containers that have ended. */
import http from 'node:http'
import { describe, expect, test } from 'vitest'
import type { Pod } from '../../../src-main/cluster/api/object.js'
import type { Behaviour } from './fake-runtime.js'
import type { Bench } from './harness.js'
import { bench, pod } from './harness.js'

const answering = (status: number): Behaviour['listen'] => {
  const server = http.createServer((_request, response) => response.writeHead(status).end())
  return { port: 8080, onConnection: (connection) => server.emit('connection', connection) }
}
const waiting = (p: Pod) => p.status!.containerStatuses![0]!.state!.waiting
const remove = (b: Bench) => b.api.client().resource({ group: '', version: 'v1', resource: 'pods' }).delete('default', 'web')
const httpGet = { path: '/hook', port: 8080 as never }

describe('a postStart hook', () => {
  test('that exits with a code says so in the state of its container, and nothing of it in the event', async () => {
    const seen: string[] = []
    const b = await bench({
      behave: (r) => (r.behaviours.nginx = { present: true, stopMs: 0, exec: () => ({ code: 7, output: 'no disk' }) }),
    })
    b.api.listen('pods', { update: (_old, p) => void seen.push(`${waiting(p as Pod)?.reason} ${waiting(p as Pod)?.message}`) })
    await b.create(pod({ lifecycle: { postStart: { exec: { command: ['prepare', 'it'] } } } }))
    expect(seen).toContain(
      'PostStartHookError Exec lifecycle hook ([prepare it]) for Container "app" in Pod "web_default(uid-web)" failed - error: ' +
        'command \'prepare it\' exited with 7: no disk, message: "no disk"',
    )
    expect(b.api.events('web').filter((e) => e.includes('Hook'))).toEqual([
      'Warning FailedPostStartHook PostStartHook failed (x2)',
      'Normal Killing FailedPostStartHook (x2)',
    ])
  })

  test('over HTTP is through with any answer', async () => {
    const b = await bench({ behave: (r) => (r.behaviours.nginx = { present: true, listen: answering(500) }) })
    await b.create(pod({ lifecycle: { postStart: { httpGet } } }))
    expect(b.pod().status!.phase).toBe('Running')
  })

  test('over HTTP to a port on which nobody listens fails', async () => {
    const b = await bench({ behave: (r) => (r.behaviours.nginx = { present: true, stopMs: 0 }) })
    await b.create(pod({ lifecycle: { postStart: { httpGet } } }))
    expect(b.api.events('web')).toContain('Warning FailedPostStartHook PostStartHook failed (x2)')
  })

  test('that sleeps lets its container be ready after its time', async () => {
    const b = await bench({ behave: (r) => (r.behaviours.nginx = { present: true }) })
    await b.create(pod({ lifecycle: { postStart: { sleep: { seconds: 5 } } } }))
    await b.clock.advance(4_999)
    expect(b.pod().status!.phase).toBe('Pending')
    await b.clock.advance(1)
    expect(b.pod().status!.phase).toBe('Running')
  })
})

describe('a preStop hook', () => {
  test.each([
    ['a command that exits with a code', { exec: { command: ['drain'] } }],
    ['a request to a port on which nobody listens', { httpGet }],
  ])('of %s is told of, and the container is stopped all the same', async (_what, preStop) => {
    const b = await bench({ behave: (r) => (r.behaviours.nginx = { present: true, stopMs: 0, exec: () => ({ code: 1 }) }) })
    await b.create(pod({ lifecycle: { preStop } }))
    await remove(b)
    await b.clock.advance(1_000)
    expect(b.api.events('web').slice(-2)).toEqual(['Normal Killing Stopping container app', 'Warning FailedPreStopHook PreStopHook failed'])
    expect(b.api.pod('web')).toBeUndefined()
  })
})

test('of the runs that have ended only the last is kept, for its log and its last state', async () => {
  const b = await bench({ behave: (r) => (r.behaviours.nginx = { present: true, exit: { afterMs: 1_000, code: 1 } }) })
  await b.create(pod())
  await b.clock.advance(120_000)
  expect(b.pod().status!.containerStatuses![0]!.restartCount).toBeGreaterThan(3)
  expect(b.runtime.containers.size).toBe(2)
})
