import type http from 'node:http'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LogPlace } from '../../src-main/backend/logs/log-place.js'
import { FakeApiServer } from './support/api-server.js'
import { windowOn, type TestStream, type TestWindow } from './support/window.js'

describe('the place in a log', () => {
  const line = (second: number, text: string) => `2026-11-21T09:00:${String(second).padStart(2, '0')}.000000001Z ${text}\n`

  it('asked for again, gives what is after it: none twice, none lost, also of lines with one timestamp', () => {
    const place = new LogPlace()
    expect(place.take(line(1, 'a') + line(2, 'b'))).toBe(line(1, 'a') + line(2, 'b'))
    expect(place.take(line(2, 'c'))).toBe(line(2, 'c'))
    place.again()
    expect(place.stamp).toBe('2026-11-21T09:00:02.000000001Z')
    expect(place.take(line(1, 'a') + line(2, 'b'))).toBe('')
    expect(place.take(line(2, 'c') + line(2, 'd'))).toBe(line(2, 'd'))
    expect(place.take(line(3, 'e'))).toBe(line(3, 'e'))
  })

  it('is known to others by its timestamp', () => {
    const place = new LogPlace('2026-11-21T09:00:02.000000001Z')
    expect(place.take(line(2, 'b') + line(2, 'c') + line(3, 'd'))).toBe(line(3, 'd'))
  })

  it('tells seconds of few digits from those of many', () => {
    const place = new LogPlace('2026-11-21T09:00:02.5Z')
    expect(place.take('2026-11-21T09:00:02Z a\n2026-11-21T09:00:02.49Z b\n2026-11-21T09:00:02.500000001Z c\n')).toBe(
      '2026-11-21T09:00:02.500000001Z c\n',
    )
  })

  it('of a log without timestamps is not known: all of it is new', () => {
    const place = new LogPlace()
    place.take('a\n')
    place.again()
    expect(place.take('a\nb\n')).toBe('a\nb\n')
  })
})

describe('a followed log', () => {
  let server: FakeApiServer
  let window: TestWindow
  let stop: () => void
  let open: http.ServerResponse[]
  let pod: { spec: object; status: object; metadata: object } | null
  const stamp = (n: number) => `2026-11-21T09:00:0${n}.000000000Z`
  const line = (n: number) => `${stamp(n)} line ${n}\n`

  beforeEach(async () => {
    server = new FakeApiServer()
    await server.start()
    ;({ window, stop } = windowOn(server))
    open = []
    pod = { metadata: {}, spec: { restartPolicy: 'Always' }, status: { containerStatuses: [{ name: 'main', state: { running: {} } }] } }
    server.on('GET', /\/pods\/a$/, () =>
      pod ? { body: pod } : { code: 404, body: { kind: 'Status', reason: 'NotFound', code: 404, message: 'gone' } },
    )
    server.on('GET', /\/log$/, (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/plain' })
      response.flushHeaders()
      open.push(response)
      return undefined
    })
  })
  afterEach(async () => {
    stop()
    await server.stop()
  })
  const follow = (extra: object = {}) =>
    window.open('logs', {
      context: 'fake',
      namespace: 'default',
      pod: 'a',
      container: 'main',
      follow: true,
      timestamps: true,
      tailLines: 100,
      ...extra,
    })
  /** Waits until the log has been asked for so many times. */
  const asked = (times: number) => expect.poll(() => open.length, { timeout: 15_000 }).toBe(times)
  const requests = () => server.requests.filter((r) => r.path.endsWith('/log')).map((r) => Object.fromEntries(r.query))
  const text = (logs: TestStream<'logs'>) => logs.events.map((e) => (e.type === 'data' ? e.text : `[${e.reason}]`)).join('')
  const shows = (logs: TestStream<'logs'>, end: string) => logs.until(() => text(logs).endsWith(end))

  it('goes on where it was after a lost connection, with the line that was cut', async () => {
    const logs = follow()
    await asked(1)
    open[0]!.write(`${line(1)}${line(2)}${stamp(3)} cut in`)
    await shows(logs, line(2))
    open[0]!.destroy()
    await asked(2)
    open[1]!.write(`${line(1)}${line(2)}${line(3)}`)
    await shows(logs, line(3))
    expect(text(logs)).toBe(`${line(1)}${line(2)}[reconnecting]${line(3)}`)
    expect(requests()).toEqual([
      { container: 'main', follow: 'true', timestamps: 'true', tailLines: '100' },
      { container: 'main', follow: 'true', timestamps: 'true', sinceTime: stamp(2) },
    ])
  })

  it('between two moments is asked for from the first, and left at the first line after the second', async () => {
    const logs = follow({ follow: false, tailLines: undefined, sinceTime: stamp(1), until: Date.parse(stamp(3)) })
    await asked(1)
    const cut = new Promise((resolve) => open[0]!.once('close', resolve))
    open[0]!.write(line(1) + line(2))
    await shows(logs, line(2))
    open[0]!.write(line(3) + line(4))
    await shows(logs, line(3))
    open[0]!.write(line(5))
    expect(await logs.untilEnd()).toEqual({})
    expect(text(logs)).toBe(`${line(1)}${line(2)}${line(3)}[eof]`)
    expect(requests()).toEqual([{ container: 'main', timestamps: 'true', sinceTime: stamp(1) }])
    // The rest of the log is not fetched.
    await cut
  })

  it('goes on with the next run of a container that restarts', async () => {
    pod!.status = { containerStatuses: [{ name: 'main', state: { waiting: { reason: 'CrashLoopBackOff' } } }] }
    const logs = follow()
    await asked(1)
    open[0]!.end(line(1))
    await shows(logs, '[restarting]')
    pod!.status = { containerStatuses: [{ name: 'main', state: { running: {} } }] }
    await asked(2)
    open[1]!.write(line(1) + line(2))
    await shows(logs, line(2))
    expect(text(logs)).toBe(`${line(1)}[restarting]${line(2)}`)
  })

  const refusal = {
    kind: 'Status',
    status: 'Failure',
    reason: 'BadRequest',
    code: 400,
    message: 'container "main" in pod "a" is waiting to start: ContainerCreating',
  }
  /** Refuses the log as long as a container that has not begun is refused. */
  const refuseWhile = (refuses: () => boolean): void =>
    server.on('GET', /\/log$/, (_request, response) => {
      if (refuses()) return { code: 400, body: refusal }
      response.writeHead(200, { 'content-type': 'text/plain' })
      response.flushHeaders()
      open.push(response)
      return undefined
    })

  it('waits for a container that has not begun, says what it waits for, and begins with it', async () => {
    const { spec } = pod!
    pod = { metadata: {}, spec: { ...spec, containers: [{ name: 'main' }] }, status: { phase: 'Pending' } }
    let began = false
    refuseWhile(() => !began)
    const logs = follow()
    await shows(logs, '[starting]')
    expect(logs.events).toEqual([{ type: 'end', reason: 'starting', error: { reason: 'BadRequest', code: 400, message: refusal.message } }])
    pod!.status = { phase: 'Running', containerStatuses: [{ name: 'main', state: { running: {} } }] }
    began = true
    await asked(1)
    open[0]!.write(line(1))
    await shows(logs, line(1))
    expect(text(logs)).toBe(`[starting]${line(1)}`)
    // What was asked for is asked for still: nothing has been read yet.
    expect(requests().at(-1)).toEqual({ container: 'main', follow: 'true', timestamps: 'true', tailLines: '100' })
  })

  it('that is refused though its container runs is so, after it has been asked for again', async () => {
    pod!.spec = { containers: [{ name: 'main' }] }
    refuseWhile(() => true)
    const logs = follow()
    await logs.untilEnd()
    expect(text(logs)).toBe('[error]')
    expect(requests()).toHaveLength(4)
  })

  it('of a pod without a node, which is empty, is not its end', async () => {
    pod!.status = { phase: 'Pending' }
    const logs = follow()
    await asked(1)
    open[0]!.end()
    await shows(logs, '[restarting]')
    pod!.status = { phase: 'Running', containerStatuses: [{ name: 'main', state: { running: {} } }] }
    await asked(2)
    open[1]!.write(line(1))
    await shows(logs, line(1))
  })

  it.each([
    ['is gone', () => (pod = null)],
    [
      'is being deleted',
      () => (pod = { ...pod!, metadata: { deletionTimestamp: 'x' }, status: { containerStatuses: [{ name: 'main', state: {} }] } }),
    ],
    [
      'has ended',
      () => (pod!.status = { phase: 'Succeeded', containerStatuses: [{ name: 'main', state: { terminated: { exitCode: 0 } } }] }),
    ],
    [
      'does not restart it',
      () =>
        (pod = {
          ...pod!,
          spec: { restartPolicy: 'Never' },
          status: { containerStatuses: [{ name: 'main', state: { terminated: { exitCode: 1 } } }] },
        }),
    ],
  ])('ends when the pod %s', async (_what, change) => {
    change()
    const logs = follow()
    await asked(1)
    open[0]!.end(line(1))
    await logs.untilEnd()
    expect(text(logs)).toBe(`${line(1)}[restarting][eof]`)
  })

  it('asked for after a timestamp begins there, whatever the tail', async () => {
    const logs = follow({ after: stamp(1) })
    await asked(1)
    open[0]!.write(line(1) + line(2))
    await shows(logs, line(2))
    expect(text(logs)).toBe(line(2))
    expect(requests()).toEqual([{ container: 'main', follow: 'true', timestamps: 'true', sinceTime: stamp(1) }])
  })

  it('of a previous run ends with it', async () => {
    const logs = follow({ previous: true, follow: false })
    await asked(1)
    open[0]!.end(`${line(1)}no newline`)
    await logs.untilEnd()
    expect(text(logs)).toBe(`${line(1)}no newline[eof]`)
  })
})
