import { beforeEach, describe, expect, test } from 'vitest'
import { pi } from '../../../src-main/cluster/runtime/images/perl/family.js'
import { probeExec } from '../../../src-main/cluster/kubelet/probes/exec.js'
import { probeGrpc } from '../../../src-main/cluster/kubelet/probes/grpc.js'
import { probeHttp } from '../../../src-main/cluster/kubelet/probes/http.js'
import { Machine } from './machine.js'

let machine: Machine
beforeEach(() => {
  machine = new Machine()
})

test('luksa/batch-job ends by itself after two minutes', async () => {
  const job = await machine.run('luksa/batch-job')
  await machine.clock.advance(119_500)
  expect(await job.log()).toBe('Sat Nov 21 09:17:00 UTC 2026 Batch job starting\nSat Nov 21 09:19:00 UTC 2026 Finished succesfully\n')
  expect(machine.runtime.containerInfo(job.id)).toMatchObject({ state: 'exited', exitCode: 0, reason: 'Completed' })
})

test('luksa/ssd-monitor speaks every five seconds', async () => {
  const monitor = await machine.run('luksa/ssd-monitor')
  await machine.clock.advance(10_000)
  expect(await monitor.log()).toBe('SSD OK\nSSD OK\nSSD OK\n')
})

test('httpd works, and says what is not there', async () => {
  const httpd = await machine.run('httpd:2.4')
  expect(await httpd.get('/')).toMatchObject({
    status: 200,
    body: '<html><body><h1>It works!</h1></body></html>\n',
    headers: { server: 'Apache/2.4.65 (Unix)' },
  })
  expect((await httpd.get('/x')).body).toContain('<p>The requested URL was not found on this server.</p>')
  expect((await httpd.log('Stdout')).split('\n')[0]).toBe('10.244.1.2 - - [21/Nov/2026:09:17:01 +0000] "GET / HTTP/1.1" 200 45')
  expect(await httpd.log('Stderr')).toContain("AH00094: Command line: 'httpd -D FOREGROUND'")
  expect(await httpd.stop()).toBe(0)
})

test('hpa-example burns CPU for each request', async () => {
  const php = await machine.run('registry.k8s.io/hpa-example')
  const before = machine.runtime.containerStats(php.id)!.cpuNanos
  expect((await php.get('/')).body).toBe('OK!')
  expect((machine.runtime.containerStats(php.id)!.cpuNanos - before) / 1e6).toBeGreaterThan(60)
})

describe('http-echo', () => {
  test('answers its text', async () => {
    const echo = await machine.run('hashicorp/http-echo', { args: ['-text=hello world', '-listen=:8080'] })
    expect(await echo.get('/', { port: 8080 })).toMatchObject({
      status: 200,
      body: 'hello world\n',
      headers: { 'x-app-name': 'http-echo' },
    })
    expect(await echo.log()).toMatch(
      /^2026\/11\/21 09:17:00 \[INFO\] server is listening on :8080\n2026\/11\/21 09:17:01 10\.244\.1\.3:8080 10\.244\.1\.2:\d+ "GET \/ HTTP\/1\.1" 200 12 /,
    )
  })

  test('without a text ends with 127', async () => {
    const echo = await machine.run('hashicorp/http-echo:0.2.3')
    expect(await echo.log()).toBe('Missing -text option!\n')
    expect(machine.runtime.containerInfo(echo.id)!.exitCode).toBe(127)
  })
})

test('whoami tells who asks whom', async () => {
  const who = await machine.run('traefik/whoami')
  const { body } = await who.get('/path?x=1', { headers: { 'User-Agent': 'test', 'X-Real-Ip': '1.2.3.4' } })
  expect(body.replace(/:\d{5}\n/, ':PORT\n')).toBe(
    'Hostname: pod-1\nIP: 127.0.0.1\nIP: ::1\nIP: 10.244.1.3\nRemoteAddr: 10.244.1.2:PORT\nGET /path?x=1 HTTP/1.1\nHost: 10.244.1.3\nUser-Agent: test\nX-Real-Ip: 1.2.3.4\n\n',
  )
  expect(JSON.parse((await who.get('/api')).body)).toMatchObject({ hostname: 'pod-1', ip: ['127.0.0.1', '::1', '10.244.1.3'] })
})

test('the servers of the tutorials say which version they are', async () => {
  const hello = await machine.run('us-docker.pkg.dev/google-samples/containers/gke/hello-app:2.0')
  expect((await hello.get('/', { port: 8080 })).body).toBe('Hello, world!\nVersion: 2.0.0\nHostname: pod-1\n')
  const bootcamp = await machine.run('gcr.io/google-samples/kubernetes-bootcamp:v1')
  expect((await bootcamp.get('/', { port: 8080 })).body).toBe('Hello Kubernetes bootcamp! | Running on: pod-2 | v=1\n')
  const echo = await machine.run('kicbase/echo-server:1.0')
  expect((await echo.get('/x', { port: 8080, method: 'POST', body: 'payload' })).body).toMatch(
    /^Request served by pod-3\n\nHTTP\/1\.1 POST \/x\n\n[^]*\npayload$/,
  )
  const msa = await machine.run('harleyren/scm-msa-demo:1.0.41')
  expect(JSON.parse((await msa.get('/', { port: 8082 })).body)).toEqual({
    service: 'msa-demo',
    version: '1.0.41',
    host: 'pod-4',
    path: '/',
  })
})

describe('stress', () => {
  test('uses CPU until its time is over', async () => {
    const box = await machine.run('polinux/stress', { command: ['stress'], args: ['--cpu', '2', '--timeout', '5s'] })
    await machine.clock.advance(5_000)
    expect(await box.log()).toBe(
      'stress: info: [1] dispatching hogs: 2 cpu, 0 io, 0 vm, 0 hdd\nstress: info: [1] successful run completed in 5s\n',
    )
    const { cpuNanos } = machine.runtime.containerStats(box.id)!
    expect(cpuNanos / 1e9).toBeGreaterThan(9)
  })

  test('that takes more memory than its limit is killed for it', async () => {
    const box = await machine.run('polinux/stress', {
      command: ['stress'],
      args: ['--vm', '1', '--vm-bytes', '250M', '--vm-hang', '1'],
      memoryLimit: 100 * 1024 ** 2,
    })
    await machine.clock.advance(1_000)
    expect(machine.runtime.containerInfo(box.id)).toMatchObject({ state: 'exited', reason: 'OOMKilled' })
  })
})

test('perl computes pi, as the Job of the documentation asks', async () => {
  expect(pi(50)).toBe('3.1415926535897932384626433832795028841971693993751')
  const job = await machine.run('perl:5.34.0', { command: ['perl', '-Mbignum=bpi', '-wle', 'print bpi(2000)'] })
  await machine.clock.advance(12_000)
  const log = await job.log()
  expect([log.length, log.slice(0, 22)]).toEqual([2002, '3.14159265358979323846'])
  expect(machine.runtime.containerInfo(job.id)!.exitCode).toBe(0)
})

test('curl is the entrypoint of its image', async () => {
  const hello = await machine.run('luksa/kubia')
  const curl = await machine.run('curlimages/curl', { args: ['-s', `http://${hello.ip}:8080`] })
  expect(await curl.log()).toBe("You've hit pod-1\n")
})

test.each([
  ['alpine:3.20', 'alpine', 'Alpine Linux v3.20'],
  ['debian:12', 'debian', 'Debian GNU/Linux 12 (bookworm)'],
  ['ubuntu:22.04', 'ubuntu', 'Ubuntu 22.04.5 LTS'],
])('%s says that it is %s', async (image, id, pretty) => {
  const box = await machine.run(image, { command: ['sh', '-c', '. /etc/os-release; echo "$ID $PRETTY_NAME"; exec sleep 1000'] })
  expect(await box.log()).toBe(`${id} ${pretty}\n`)
})

describe('bash', () => {
  test('runs what it is given as bash or as a program', async () => {
    const indexed = await machine.run('bash', { command: ['bash', '-c', 'items=(foo bar); echo ${items[1]}'] })
    expect(await indexed.log()).toBe('bar\n')
    expect(await (await machine.run('bash:5.2', { args: ['-c', 'echo $0 $#', 'me', 'one'] })).log()).toBe('me 1\n')
    expect(await (await machine.run('bash', { args: ['echo', 'hello'] })).log()).toBe('hello\n')
  })
})

describe('an image that nobody knows', () => {
  const UNKNOWN = 'The embedded cluster does not know example.com/app:1; this placeholder runs instead.'

  test('runs a command that needs nothing of it', async () => {
    const box = await machine.run('example.com/app:1', { command: ['bash', '-c', 'echo ${BASH_VERSION%%.*}; exit 3'] })
    expect(await box.log()).toBe('5\n')
    expect(machine.runtime.containerInfo(box.id)!.exitCode).toBe(3)
    const trap = await machine.run('example.com/app:1', {
      command: ['sh', '-c', 'trap "echo bye; exit 0" TERM; while :; do sleep 1; done'],
    })
    expect(await trap.stop()).toBe(0)
    expect(await trap.log()).toBe('bye\n')
  })

  test('stands in for a program that only it has, also where a script starts it', async () => {
    const ports = [{ containerPort: 80, protocol: 'TCP' as const }]
    const direct = await machine.run('example.com/app:1', { command: ['/app/server'], ports })
    expect(await direct.log()).toBe(`${UNKNOWN} Listening on port 80.\n`)
    expect((await direct.get('/')).body).toBe('pod-1 stands in for example.com/app:1\n')
    const script = await machine.run('example.com/app:1', { command: ['sh', '-c', 'echo starting; /app/server'] })
    expect(await script.log()).toBe(`starting\nsh: /app/server: not found\n${UNKNOWN} No ports are declared.\n`)
  })

  test('ends where a container is to end by itself and declares no port', async () => {
    const migration = await machine.run('example.com/app:1', { command: ['/app/migrate'], runsToCompletion: true })
    expect(await migration.log()).toBe(`${UNKNOWN.slice(0, -1)}, and ends.\n`)
    expect(machine.runtime.containerInfo(migration.id)).toMatchObject({ state: 'exited', exitCode: 0 })
    const ports = [{ containerPort: 80, protocol: 'TCP' as const }]
    const server = await machine.run('example.com/app:1', { ports, runsToCompletion: true })
    expect(machine.runtime.containerInfo(server.id)!.state).toBe('running')
  })

  test.each<[string, readonly string[], number]>([
    ['a copy of a program of the image', ['cp', '-f', '/flannel', '/opt/flannel'], 0],
    ['a copy in a script', ['sh', '-c', '/bin/cp /usr/local/bin/argocd /var/run/argocd && ln -s /var/run/argocd /bin/x'], 0],
    ['a script of the image', ['sh', '/docker-entrypoint.sh'], 0],
    ['a failure of its own', ['sh', '-c', 'ls /etc/hosts; exit 4'], 4],
    ['a scratch file that is missing', ['cat', '/tmp/config'], 1],
  ])('stands in for %s where only the image could have it', async (_, command, exitCode) => {
    const box = await machine.run('example.com/app:1', { command, runsToCompletion: true })
    expect(machine.runtime.containerInfo(box.id)).toMatchObject({ state: 'exited', exitCode })
  })

  test('answers in the clear, over TLS and to the health checks of gRPC, as its clients ask', async () => {
    const box = await machine.run('example.com/app:1', { ports: [{ containerPort: 8443, protocol: 'TCP' as const }] })
    expect((await box.get('/', { port: 8443 })).body).toBe('pod-1 stands in for example.com/app:1\n')
    const call = { host: box.ip, port: 8443, path: '/livez', headers: [], timeoutMs: 60_000, userAgent: 'kube-probe/1.36' }
    const probes = Promise.all([
      probeHttp(machine.client, machine.clock, { ...call, scheme: 'https' }),
      probeHttp(machine.client, machine.clock, { ...call, scheme: 'http' }),
      probeGrpc(machine.client, machine.clock, { host: box.ip, port: 8443, service: '', timeoutMs: 60_000 }),
    ])
    await machine.clock.advance(1_000)
    expect((await probes).map(({ result }) => result)).toEqual(['success', 'success', 'success'])
    expect(await box.stop()).toBe(0)
  })

  test.each<[string, readonly string[], string]>([
    ['example.com/app:1', ['pg_isready', '-U', 'postgres'], 'success'],
    ['example.com/app:1', ['sh', '-c', 'exec pg_isready'], 'success'],
    ['example.com/app:1', ['sh', '-c', '[ "$(redis-cli ping)" = PONG ]'], 'success'],
    ['example.com/app:1', ['cat', '/tmp/healthy'], 'failure'],
    ['busybox', ['sh', '-c', 'exec pg_isready'], 'failure'],
    ['busybox', ['pg_isready'], 'unknown'],
  ])('in %s the probe %j is a %s', async (image, command, result) => {
    const box = await machine.run(image, image === 'busybox' ? { command: ['sleep', '60'] } : {})
    const probe = probeExec(machine.runtime, box.id, command, machine.clock, 60_000)
    await machine.clock.advance(1_000)
    expect((await probe).result).toBe(result)
  })
})
