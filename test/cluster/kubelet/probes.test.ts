import http from 'node:http'
import http2 from 'node:http2'
import https from 'node:https'
import type { Duplex } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { loadCertificates } from '../../../src-main/cluster/access/certificates.js'
import type { VirtualClock } from '../../../src-main/cluster/clock.js'
import type { Behaviour } from './fake-runtime.js'
import { bench, pod } from './harness.js'

/** An HTTP server on a port that answers with what `answer` says at the time. */
function serving(port: number, answer: (path: string) => { status: number; location?: string } | undefined): Behaviour['listen'] {
  const server = http.createServer((request, response) => {
    const a = answer(request.url!)
    // Undefined never answers.
    if (!a) return
    response.writeHead(a.status, a.location ? { location: a.location } : {})
    response.end(request.headers['user-agent'])
  })
  return { port, onConnection: (connection) => server.emit('connection', connection) }
}

/** TLS and HTTP/2 take turns of the host's own event loop that no clock knows of. */
async function until(clock: VirtualClock, holds: () => boolean): Promise<void> {
  while (!holds()) await clock.settle()
}

const ready = (p: { status?: { containerStatuses?: { ready: boolean }[] } }): boolean => p.status!.containerStatuses![0]!.ready
const http8080 = { httpGet: { path: '/healthz', port: 8080 as never }, periodSeconds: 5, failureThreshold: 3, timeoutSeconds: 1 }

describe('probes', () => {
  test('a pod is ready when its readiness probe succeeds, and not when it fails three times', async () => {
    let status = 503
    const b = await bench({ behave: (r) => (r.behaviours.nginx = { present: true, listen: serving(8080, () => ({ status })) }) })
    await b.create(pod({ readinessProbe: { ...http8080, initialDelaySeconds: 3 } }))
    await b.clock.advance(2_999)
    expect(b.api.events('web').some((e) => e.includes('Unhealthy'))).toBe(false)
    await b.clock.advance(1)
    expect(b.api.events('web').at(-1)).toBe('Warning Unhealthy Readiness probe failed: HTTP probe failed with statuscode: 503')
    expect(b.pod().status!.conditions!.find((c) => c.type === 'Ready')).toMatchObject({
      status: 'False',
      reason: 'ContainersNotReady',
      message: 'containers with unready status: [app]',
    })
    status = 200
    await b.clock.advance(5_000)
    expect(ready(b.pod())).toBe(true)
    status = 500
    await b.clock.advance(14_999)
    expect(ready(b.pod())).toBe(true)
    await b.clock.advance(1)
    expect(ready(b.pod())).toBe(false)
    expect(b.pod().status!.containerStatuses![0]!.restartCount).toBe(0)
    // At 3, 8, …, 23 seconds: the first failed, the next answered, three failed.
    const of = { container: 'app', kind: 'readiness' }
    expect(b.kubelets.stats(b.pod().spec!.nodeName!)[0]!.probes).toEqual([
      { ...of, result: 'success', count: 1 },
      { ...of, result: 'failure', count: 4 },
    ])
  })

  test('a liveness probe that fails three times has the container killed and restarted', async () => {
    let requests = 0
    const b = await bench({
      behave: (r) => (r.behaviours.nginx = { present: true, listen: serving(8080, () => ({ status: ++requests > 5 ? 500 : 200 })) }),
    })
    await b.create(pod({ livenessProbe: { httpGet: { path: '/', port: 8080 as never }, periodSeconds: 10 } }))
    await b.clock.advance(1_000 + 4 * 10_000)
    expect(requests).toBe(5)
    await b.clock.advance(30_000)
    expect(b.api.events('web').slice(-2)).toEqual([
      'Warning Unhealthy Liveness probe failed: HTTP probe failed with statuscode: 500 (x3)',
      'Normal Killing Container app failed liveness probe, will be restarted',
    ])
    await b.clock.advance(30_000)
    const s = b.pod().status!.containerStatuses![0]!
    expect(s.restartCount).toBe(1)
    expect(s.state!.running).toBeDefined()
    expect(s.lastState!.terminated).toMatchObject({ exitCode: 137, reason: 'Error' })
  })

  test('nothing else is probed until the startup probe has passed', async () => {
    let up = false
    const b = await bench({
      behave: (r) =>
        (r.behaviours.nginx = { present: true, exec: (command) => ({ code: command[0] === 'ready' || up ? 0 : 1, output: 'not yet' }) }),
    })
    await b.create(
      pod({
        startupProbe: { exec: { command: ['started'] }, periodSeconds: 2, failureThreshold: 30 },
        readinessProbe: { exec: { command: ['ready'] }, periodSeconds: 2 },
      }),
    )
    await b.clock.advance(9_000)
    expect(b.runtime.calls).not.toContain('exec app ready')
    expect(b.pod().status!.containerStatuses![0]).toMatchObject({ started: false, ready: false })
    expect(b.api.events('web').at(-1)).toBe('Warning Unhealthy Startup probe failed: not yet (x5)')
    up = true
    await b.clock.advance(2_000)
    expect(b.pod().status!.containerStatuses![0]).toMatchObject({ started: true, ready: true })
  })

  test('a startup probe that never passes has the container killed', async () => {
    const b = await bench({ behave: (r) => (r.behaviours.nginx = { present: true, stopMs: 0, exec: () => ({ code: 1 }) }) })
    await b.create(pod({ startupProbe: { exec: { command: ['x'] }, periodSeconds: 1, failureThreshold: 2 } }))
    await b.clock.advance(2_000)
    expect(b.api.events('web')).toContain('Normal Killing Container app failed startup probe, will be restarted')
    expect(b.pod().status!.containerStatuses![0]!.restartCount).toBe(1)
  })

  test('a port on which nobody listens refuses HTTP and TCP probes', async () => {
    const b = await bench({ behave: (r) => (r.behaviours.nginx = { present: true }) })
    await b.create(pod({ readinessProbe: http8080, ports: [{ name: 'db', containerPort: 5432 }] }))
    await b.clock.advance(1_000)
    expect(b.api.events('web').at(-1)).toBe(
      'Warning Unhealthy Readiness probe failed: Get "http://10.244.0.2:8080/healthz": dial tcp 10.244.0.2:8080: connect: connection refused',
    )
    await b.create(pod({ readinessProbe: { tcpSocket: { port: 'db' as never } }, ports: [{ name: 'db', containerPort: 5432 }] }, {}, 'db'))
    await b.clock.advance(1_000)
    expect(b.api.events('db').at(-1)).toBe(
      'Warning Unhealthy Readiness probe failed: dial tcp 10.244.0.3:5432: connect: connection refused',
    )
  })

  test('over HTTPS the certificate is not checked', async () => {
    const { server: serverCertificate } = await loadCertificates()
    let status = 200
    const server = https.createServer({ key: serverCertificate.key, cert: serverCertificate.cert }, (_request, response) =>
      response.writeHead(status).end(),
    )
    const onConnection = (connection: Duplex): unknown => server.emit('connection', connection)
    const b = await bench({ behave: (r) => (r.behaviours.nginx = { present: true, listen: { port: 8443, onConnection } }) })
    await b.create(
      pod({ readinessProbe: { httpGet: { path: '/', port: 8443 as never, scheme: 'HTTPS' }, failureThreshold: 1, timeoutSeconds: 60 } }),
    )
    await b.clock.advance(1_000)
    await until(b.clock, () => ready(b.pod()))
    status = 503
    await b.clock.advance(10_000)
    await until(b.clock, () => !ready(b.pod()))
    expect(b.api.events('web').at(-1)).toBe('Warning Unhealthy Readiness probe failed: HTTP probe failed with statuscode: 503')
  })

  test.each([
    ['HTTP/1.1 400 Bad Request\r\n\r\n', 'http: server gave HTTP response to HTTPS client'],
    ["-ERR unknown command '\r\n", 'tls: first record does not look like a TLS handshake'],
  ])('over HTTPS to a server that answers %j say what it is not', async (answer, message) => {
    const onConnection = (connection: Duplex): unknown => connection.once('data', () => connection.end(answer))
    const b = await bench({ behave: (r) => (r.behaviours.nginx = { present: true, listen: { port: 8443, onConnection } }) })
    await b.create(pod({ readinessProbe: { httpGet: { path: '/', port: 8443 as never, scheme: 'HTTPS' }, timeoutSeconds: 60 } }))
    await b.clock.advance(1_000)
    const last = (): string => b.api.events('web').at(-1)!
    await until(b.clock, () => last().includes('Unhealthy'))
    expect(last()).toBe(`Warning Unhealthy Readiness probe failed: Get "https://10.244.0.2:8443/": ${message}`)
  })

  test('over gRPC ask the health service of the name that the probe gives', async () => {
    let serving = 1
    let code = 0
    const asked: string[] = []
    const server = http2.createServer()
    server.on('stream', (stream, headers) => {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        asked.push(`${headers[':path']} ${Buffer.concat(chunks).subarray(7).toString()}`)
        stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
        stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': `${code}`, 'grpc-message': code ? 'unknown service' : '' }))
        stream.end(Buffer.from([0, 0, 0, 0, 2, 8, serving]))
      })
    })
    const onConnection = (connection: Duplex): unknown => server.emit('connection', connection)
    const b = await bench({ behave: (r) => (r.behaviours.nginx = { present: true, listen: { port: 9000, onConnection } }) })
    await b.create(pod({ readinessProbe: { grpc: { port: 9000, service: 'liveness' }, failureThreshold: 1, timeoutSeconds: 60 } }))
    await b.clock.advance(1_000)
    await until(b.clock, () => ready(b.pod()))
    expect(new Set(asked)).toEqual(new Set(['/grpc.health.v1.Health/Check liveness']))
    serving = 2
    await b.clock.advance(10_000)
    await until(b.clock, () => !ready(b.pod()))
    expect(b.api.events('web').at(-1)).toBe('Warning Unhealthy Readiness probe failed: service unhealthy (responded with "NOT_SERVING")')
    code = 5
    await b.clock.advance(10_000)
    const last = (): string => b.api.events('web').at(-1)!
    await until(b.clock, () => last().includes('rpc error'))
    expect(last()).toBe(
      'Warning Unhealthy Readiness probe failed: error: health rpc probe failed: rpc error: code = NotFound desc = unknown service',
    )
  })

  test('over gRPC to a port on which nobody listens, or nobody speaks it, try until their time is up', async () => {
    const b = await bench({
      behave: (r) => (r.behaviours.nginx = { present: true, listen: { port: 9000, onConnection: () => undefined } }),
    })
    const last = (): string => b.api.events('web').at(-1)!
    await b.create(pod({ readinessProbe: { grpc: { port: 9001 }, timeoutSeconds: 2 } }))
    await b.clock.advance(4_000)
    expect(last()).toMatch(
      /^Warning Unhealthy Readiness probe failed: timeout: failed to connect service "10\.244\.0\.\d+:9001" within 2s: context deadline exceeded$/,
    )
    const other = await bench({
      behave: (r) => (r.behaviours.nginx = { present: true, listen: { port: 9000, onConnection: () => undefined } }),
    })
    await other.create(pod({ readinessProbe: { grpc: { port: 9000 }, timeoutSeconds: 90 } }))
    await other.clock.advance(95_000)
    expect(other.api.events('web').at(-1)).toMatch(/:9000" within 1m30s: context deadline exceeded$/)
  })

  test('an answer that does not come within timeoutSeconds is a failure', async () => {
    const b = await bench({ behave: (r) => (r.behaviours.nginx = { present: true, listen: serving(8080, () => undefined) }) })
    await b.create(pod({ readinessProbe: { ...http8080, timeoutSeconds: 2 } }))
    await b.clock.advance(3_000)
    expect(b.api.events('web').at(-1)).toBe(
      'Warning Unhealthy Readiness probe failed: Get "http://10.244.0.2:8080/healthz": context deadline exceeded (Client.Timeout exceeded while awaiting headers)',
    )
  })

  test('a command that does not end in time is a failure', async () => {
    const b = await bench({ behave: (r) => (r.behaviours.nginx = { present: true, exec: () => ({ code: 0, afterMs: 60_000 }) }) })
    await b.create(pod({ livenessProbe: { exec: { command: ['sleep', '60'] } } }))
    await b.clock.advance(2_000)
    expect(b.api.events('web').at(-1)).toBe('Warning Unhealthy Liveness probe failed: command timed out: "sleep 60" timed out after 1s')
  })

  test('redirects on the same host are followed', async () => {
    const b = await bench({
      behave: (r) =>
        (r.behaviours.nginx = {
          present: true,
          listen: serving(8080, (path) => (path === '/healthz' ? { status: 302, location: '/ok' } : { status: 200 })),
        }),
    })
    await b.create(pod({ readinessProbe: http8080 }))
    await b.clock.advance(1_000)
    expect(ready(b.pod())).toBe(true)
  })

  test('a redirect to another host counts as an answer, and an event warns of it', async () => {
    const listen = serving(8080, () => ({ status: 302, location: 'http://0.0.0.0/' }))
    const b = await bench({ behave: (r) => (r.behaviours.nginx = { present: true, listen }) })
    await b.create(pod({ readinessProbe: http8080 }))
    await b.clock.advance(1_000)
    expect(ready(b.pod())).toBe(true)
    expect(b.api.events('web').at(-1)).toBe(
      'Warning ProbeWarning Readiness probe warning: Probe terminated redirects, Response body: kube-probe/1.36',
    )
  })

  test('redirects without end are given up', async () => {
    const b = await bench({
      behave: (r) => (r.behaviours.nginx = { present: true, listen: serving(8080, (path) => ({ status: 302, location: `${path}x` })) }),
    })
    await b.create(pod({ readinessProbe: http8080 }))
    await b.clock.advance(1_000)
    expect(b.api.events('web').at(-1)).toBe(
      'Warning Unhealthy Readiness probe failed: Get "http://10.244.0.2:8080/healthzxxxxxxxxx": stopped after 10 redirects',
    )
  })

  test('a readiness gate keeps a pod from being ready until somebody sets its condition', async () => {
    const b = await bench({ behave: (r) => (r.behaviours.nginx = { present: true }) })
    await b.create(pod({}, { readinessGates: [{ conditionType: 'example.com/ok' }] }))
    expect(b.pod().status!.conditions!.find((c) => c.type === 'Ready')).toMatchObject({
      status: 'False',
      reason: 'ReadinessGatesNotReady',
      message: 'corresponding condition of pod readiness gate "example.com/ok" does not exist.',
    })
    const conditions = [{ type: 'example.com/ok', status: 'True' }]
    const pods = b.api.client().resource({ group: '', version: 'v1', resource: 'pods' })
    await pods.patch('default', 'web', { status: { conditions } }, { type: 'strategic', subresource: 'status' })
    await b.clock.settle()
    expect(b.pod().status!.conditions!.find((c) => c.type === 'Ready')!.status).toBe('True')
    expect(b.pod().status!.conditions!.some((c) => c.type === 'example.com/ok')).toBe(true)
  })
})

describe('hooks', () => {
  test('a container counts as started only when postStart is through', async () => {
    const b = await bench({ behave: (r) => (r.behaviours.nginx = { present: true, exec: () => ({ code: 0, afterMs: 4_000 }) }) })
    await b.create(pod({ lifecycle: { postStart: { exec: { command: ['prepare'] } } } }))
    await b.clock.advance(3_999)
    expect(b.pod().status!.phase).toBe('Pending')
    await b.clock.advance(1)
    expect(b.pod().status!.phase).toBe('Running')
  })

  test('a postStart that fails has the container killed', async () => {
    const b = await bench({ behave: (r) => (r.behaviours.nginx = { present: true, stopMs: 0, exec: () => ({ code: 7, output: 'oh' }) }) })
    await b.create(pod({ lifecycle: { postStart: { exec: { command: ['prepare'] } } } }))
    expect(b.api.events('web').slice(-3)).toEqual([
      'Warning FailedPostStartHook PostStartHook failed (x2)',
      'Normal Killing FailedPostStartHook (x2)',
      'Warning BackOff Back-off restarting failed container app in pod web_default(uid-web)',
    ])
    expect(b.pod().status!.containerStatuses![0]!.state!.waiting!.reason).toBe('CrashLoopBackOff')
  })

  test('preStop runs before SIGTERM and its time counts against the grace period', async () => {
    const b = await bench({ behave: (r) => (r.behaviours.nginx = { present: true, stopMs: 100 }) })
    await b.create(pod({ lifecycle: { preStop: { sleep: { seconds: 8 } } } }))
    await b.api.client().resource({ group: '', version: 'v1', resource: 'pods' }).delete('default', 'web')
    await b.clock.advance(7_999)
    expect(b.runtime.calls.some((c) => c.startsWith('stop app'))).toBe(false)
    await b.clock.advance(1)
    expect(b.runtime.calls.at(-1)).toBe('stop app 22')
  })

  test('a preStop that takes longer than the grace period is cut off, and two seconds are left for SIGTERM', async () => {
    const b = await bench({ behave: (r) => (r.behaviours.nginx = { present: true }) })
    await b.create(pod({ lifecycle: { preStop: { sleep: { seconds: 100 } } } }, { terminationGracePeriodSeconds: 10 }))
    await b.api.client().resource({ group: '', version: 'v1', resource: 'pods' }).delete('default', 'web')
    await b.clock.advance(10_000)
    expect(b.runtime.calls.at(-1)).toBe('stop app 2')
    await b.clock.advance(2_000)
    expect(b.api.pod('web')).toBeUndefined()
  })

  test('a forced deletion is not waited for', async () => {
    const b = await bench({ behave: (r) => (r.behaviours.nginx = { present: true }) })
    await b.create(pod())
    await b.api.client().resource({ group: '', version: 'v1', resource: 'pods' }).delete('default', 'web', { gracePeriodSeconds: 0 })
    expect(b.api.pod('web')).toBeUndefined()
    await b.clock.advance(2_000)
    expect(b.runtime.containers.size).toBe(0)
    expect(b.runtime.sandboxes.size).toBe(0)
  })

  test('a grace period that is shortened while it runs counts', async () => {
    const b = await bench({ behave: (r) => (r.behaviours.nginx = { present: true }) })
    await b.create(pod({}, { terminationGracePeriodSeconds: 300 }))
    const pods = b.api.client().resource({ group: '', version: 'v1', resource: 'pods' })
    await pods.delete('default', 'web')
    await b.clock.advance(10_000)
    await pods.delete('default', 'web', { gracePeriodSeconds: 5 })
    await b.clock.advance(5_000)
    expect(b.api.pod('web')).toBeUndefined()
  })
})
