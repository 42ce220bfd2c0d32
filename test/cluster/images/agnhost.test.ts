import { beforeEach, describe, expect, test } from 'vitest'
import { probeGrpc } from '../../../src-main/cluster/kubelet/probes/grpc.js'
import { Machine, type Box } from './machine.js'

const AGNHOST = 'registry.k8s.io/e2e-test-images/agnhost:2.53'

let machine: Machine
beforeEach(() => {
  machine = new Machine()
})

const agnhost = (...args: string[]): Promise<Box> => machine.run(AGNHOST, { args })
const exitCode = (box: Box): number | undefined => machine.runtime.containerInfo(box.id)!.exitCode

describe('agnhost netexec', () => {
  test('answers what it is asked, runs commands and exits on demand', async () => {
    const box = await agnhost('netexec', '--http-port=8081', '--udp-port=8082')
    const ask = async (path: string): Promise<string> => (await box.get(path, { port: 8081 })).body
    expect(await ask('/hostname')).toBe('pod-1')
    expect(await ask('/clientip')).toMatch(/^10\.244\.1\.2:\d+$/)
    expect(await ask('/echo?msg=hi')).toBe('hi')
    expect((await box.get('/echo?msg=no&code=404', { port: 8081 })).status).toBe(404)
    expect(JSON.parse(await ask('/shell?cmd=echo%20hello'))).toEqual({ output: 'hello\n' })
    expect(JSON.parse(await ask('/shell?cmd=exit%203'))).toEqual({ error: 'exit status 3' })
    expect((await box.get('/healthz', { port: 8081 })).status).toBe(200)
    expect(await ask('/header?key=X-Who')).toBe('')
    expect(await ask('/exit?code=x')).toBe(`argument 'code' must be an integer [0-127] or empty, got "x"\n`)
    expect(exitCode(box)).toBeUndefined()
    await ask('/exit?code=7&timeout=1s')
    await machine.clock.settle()
    expect(exitCode(box)).toBe(7)
  })

  test('ends without an answer when it is given no time', async () => {
    const box = await agnhost('netexec')
    await expect(box.get('/exit?code=3', { port: 8080 })).rejects.toThrow()
    expect(exitCode(box)).toBe(3)
    expect((await box.log()).split('\n').at(-2)).toContain(
      'Will begin shutdown in 0s, allowing 0s for connections to close, then will exit with 3',
    )
  })

  test('ends with 2 on SIGTERM, as Go programs do as process 1, and with 0 after the time it was given', async () => {
    expect(await (await agnhost('netexec')).stop()).toBe(2)
    const patient = await agnhost('netexec', '--delay-shutdown=5')
    const stopped = patient.stop(30)
    await machine.clock.advance(5_000)
    expect(await stopped).toBe(0)
  })

  test('asks another one for a test, over HTTP and UDP', async () => {
    const [a, b] = [await agnhost('netexec'), await agnhost('netexec')]
    const dial = async (query: string): Promise<unknown> => JSON.parse((await a.get(`/dial?host=${b.ip}&${query}`, { port: 8080 })).body)
    expect(await dial('request=hostName&protocol=http&port=8080&tries=2')).toEqual({ responses: ['pod-2', 'pod-2'] })
    expect(await dial('request=echo%20Hello&protocol=udp&port=8081')).toEqual({ responses: ['hello'] })
    expect(await dial('request=hostname&protocol=udp&port=9')).toEqual({ errors: ['connection refused'] })
    expect(await a.get('/dial?host=x&port=80', { port: 8080 })).toMatchObject({
      status: 400,
      body: 'request parameter not specified. <nil>\n',
    })
  })

  test('with an override answers every path alike', async () => {
    const box = await agnhost('netexec', '--http-override=/echo?msg=always')
    expect((await box.get('/whatever', { port: 8080 })).body).toBe('always')
  })
})

test('agnhost connect tells in a word why it cannot', async () => {
  const box = await agnhost('netexec')
  const tried = async (...args: string[]): Promise<string> => {
    const { code, stderr } = await box.exec('/agnhost', 'connect', '--timeout=3s', ...args)
    return `${code} ${stderr}`
  }
  expect(await tried('127.0.0.1:8080')).toBe('0 ')
  expect(await tried('127.0.0.1:81')).toBe('1 REFUSED\n')
  expect(await tried('10.99.0.1:80')).toBe('1 TIMEOUT\n')
  expect(await tried('nobody:80')).toBe('1 DNS: lookup nobody: no such host\n')
  expect(await tried('--protocol=udp', '127.0.0.1:8081')).toBe('0 ')
  expect(await tried('--protocol=udp', '127.0.0.1:82')).toBe('1 REFUSED\n')
})

test('agnhost has the tools that tests ask the network with', async () => {
  const box = await agnhost('netexec', '--http-port=80')
  expect((await box.exec('nc', '-v', '-t', '-w', '2', '-z', '127.0.0.1', '80')).stderr).toBe(
    'Connection to 127.0.0.1 80 port [tcp/http] succeeded!\n',
  )
  expect((await box.exec('bash', '-c', 'echo ${BASH_VERSION%%.*}; command -v curl dig ip nslookup')).stdout).toBe(
    '5\n/usr/bin/curl\n/usr/bin/dig\n/usr/bin/ip\n/usr/bin/nslookup\n',
  )
})

test('agnhost liveness is well for ten seconds', async () => {
  const box = await agnhost('liveness')
  expect((await box.get('/healthz', { port: 8080 })).status).toBe(200)
  await machine.clock.advance(10_000)
  const sick = await box.get('/healthz', { port: 8080 })
  expect([sick.status, sick.body.startsWith('error: 11.')]).toEqual([500, true])
  expect(await box.get('/redirect?loc=%2Fhealthz', { port: 8080 })).toMatchObject({ status: 302, headers: { location: '/healthz' } })
})

test('agnhost serve-hostname goes on for a minute after it was told to end', async () => {
  const box = await agnhost('serve-hostname')
  expect((await box.get('/', { port: 9376 })).body).toBe('pod-1')
  await box.exec('kill', '-TERM', '1')
  await machine.clock.advance(10_000)
  expect((await box.get('/', { port: 9376 })).body).toBe('pod-1')
  expect((await box.log()).replaceAll(/^.*] /gm, '').split('\n').slice(-4, -2)).toEqual([
    'Shutting down after receiving signal: terminated.',
    'Awaiting pod deletion.',
  ])
  expect(await box.stop(30)).toBe(137)
})

test('agnhost test-webserver serves the files of the container, and lists its directories', async () => {
  const box = await agnhost('test-webserver')
  await box.exec('sh', '-c', 'mkdir -p /srv/www/sub; echo "<b>hi</b>" >/srv/www/a; echo "{}" >"/srv/www/b & c.json"; ln -s a /srv/www/link')
  expect(await box.get('/srv/www/')).toMatchObject({
    status: 200,
    headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'private', 'access-control-allow-origin': '*' },
    body:
      '<!doctype html>\n<meta name="viewport" content="width=device-width">\n<pre>\n<a href="a">a</a>\n' +
      '<a href="b%20&%20c.json">b &amp; c.json</a>\n<a href="link">link</a>\n<a href="sub/">sub/</a>\n</pre>\n',
  })
  expect(await box.get('/srv/www/b%20%26%20c.json')).toMatchObject({ headers: { 'content-type': 'application/json' }, body: '{}\n' })
  expect(await box.get('/srv/www/link')).toMatchObject({ headers: { 'content-type': 'text/html; charset=utf-8' } })
  expect(await box.get('/srv/www')).toMatchObject({ status: 301, headers: { location: 'www/' } })
  expect(await box.get('/srv/www/a/')).toMatchObject({ status: 301, headers: { location: '../a' } })
  // What tests of probes ask for.
  expect((await box.get('/')).body).toContain('<a href="etc/">etc/</a>\n')
  expect((await box.get('/nowhere')).status).toBe(404)
})

test('agnhost porter serves on each port that a variable names', async () => {
  const box = await machine.run(AGNHOST, {
    args: ['porter', '--json-response'],
    env: [
      { name: 'SERVE_PORT_80', value: 'foo' },
      { name: 'SERVE_TCP_PORT_1080', value: 'bar' },
    ],
  })
  expect(await box.get('/x')).toMatchObject({ body: '{"Method":"GET","Body":"foo"}', headers: { 'content-type': 'application/json' } })
  expect((await box.get('/', { port: 1080 })).body).toBe('{"Method":"GET","Body":"bar"}')
})

describe('agnhost mounttest', () => {
  test('makes files with the very mode, and tells of their file system, mode, owner and content', async () => {
    const box = await agnhost('pause')
    const flags = ['--fs_type=/dev/shm', '--new_file_0666=/dev/shm/f', '--file_perm=/dev/shm/f', '--file_owner=/dev/shm/f']
    expect(await box.exec('/agnhost', 'mounttest', ...flags)).toEqual({
      code: 0,
      stderr: '',
      stdout: `mount type of "/dev/shm": tmpfs
content of file "/dev/shm/f": mount-tester new file

perms of file "/dev/shm/f": -rw-rw-rw-
owner UID of "/dev/shm/f": 0
owner GID of "/dev/shm/f": 0
`,
    })
    expect((await box.exec('/agnhost', 'mounttest', '--file_mode=/tmp', '--fs_type=/tmp')).stdout).toBe(
      'mount type of "/tmp": 61267\nmode of file "/tmp": dtrwxrwxrwx\n',
    )
  })

  test('tells the mode of what a link leads to, as the names in the volume of a ConfigMap are links', async () => {
    const box = await agnhost('pause')
    await box.exec('sh', '-c', 'echo x > /tmp/f; chmod 400 /tmp/f; ln -s f /tmp/l')
    expect((await box.exec('/agnhost', 'mounttest', '--file_mode=/tmp/l', '--file_perm=/tmp/l')).stdout).toBe(
      'mode of file "/tmp/l": -r--------\nperms of file "/tmp/l": -r--------\n',
    )
    expect((await box.exec('/agnhost', 'mounttest', '--file_mode=/none')).stdout).toBe(
      'error from Stat("/none"): stat /none: no such file or directory\n',
    )
  })

  test('ends with 1 when a file is not there', async () => {
    const box = await agnhost('pause')
    expect(await box.exec('/agnhost', 'mounttest', '--file_content=/none')).toEqual({
      code: 1,
      stderr: '',
      stdout: 'error reading file content for "/none": open /none: no such file or directory\n',
    })
  })

  test('reads in a loop until its time is over', async () => {
    const box = await agnhost('mounttest', '--file_content_in_loop=/etc/hostname', '--retry_time=5', '--break_on_expected_content=false')
    await machine.clock.advance(6_000)
    expect(await box.log()).toBe('content of file "/etc/hostname": pod-1\n\n'.repeat(3))
    expect(exitCode(box)).toBe(0)
  })
})

test('agnhost guestbook: replicas are told of what the primary is told', async () => {
  const primary = await agnhost('guestbook', '--http-port=6379')
  await primary.get('/set?key=a&value=1', { port: 6379 })
  const replica = await machine.run(AGNHOST, { args: ['guestbook', `--replicaof=${primary.ip}`, '--http-port=6379'] })
  await machine.clock.advance(1_000)
  expect((await replica.get('/get?key=a', { port: 6379 })).body).toBe('{"data":"1"}')
  expect((await primary.get('/set?key=messages&value=hello', { port: 6379 })).body).toBe('{"message":"Updated"}')
  expect((await replica.get('/get', { port: 6379 })).body).toBe('{"data":{"a":"1","messages":"hello"}}')
  expect(await primary.get('/set?key=', { port: 6379 })).toMatchObject({ status: 400, body: 'cannot set with empty key.\n' })
  expect(await primary.get('/guestbook?cmd=del', { port: 6379 })).toMatchObject({ status: 400, body: "unsupported cmd: 'del'\n" })
})

test('agnhost porter says of what kind its answers are, as Go finds it by their beginning', async () => {
  const env = [
    { name: 'SERVE_PORT_80', value: '<a href="/x">test</a>' },
    { name: 'SERVE_PORT_81', value: 'foo' },
  ]
  const box = await machine.run(AGNHOST, { args: ['porter'], env })
  const typeOf = async (port: number): Promise<unknown> => (await box.get('/', { port })).headers['content-type']
  expect([await typeOf(80), await typeOf(81)]).toEqual(['text/html; charset=utf-8', 'text/plain; charset=utf-8'])
})

test('agnhost nettest counts who wrote to it, and fails without peers', async () => {
  const box = await agnhost('nettest', '--port=8080', '--peers=1')
  const write = (body: string) => box.get('/write', { port: 8080, method: 'POST', body })
  expect((await write('{"Source": "prestop"}')).body).toBe('{"Hostname":"pod-1"}\n')
  await write('{}')
  expect(JSON.parse((await box.get('/read', { port: 8080 })).body)).toEqual({
    Hostname: 'pod-1',
    Sent: null,
    Received: { prestop: 1 },
    Errors: ['pod-1: Got request with no source'],
    Log: null,
    StillContactingPeers: true,
  })
  expect((await box.get('/status', { port: 8080 })).body).toBe('running')
  expect(await box.stop()).toBe(2)
})

test('agnhost grpc-health-checking serves its service until it is told otherwise', async () => {
  const box = await agnhost('grpc-health-checking', '--service=liveness')
  const probe = (service: string) => probeGrpc(machine.client, machine.clock, { host: box.ip, port: 5000, service, timeoutMs: 60_000 })
  expect(await probe('liveness')).toEqual({ result: 'success', output: 'service healthy' })
  expect((await probe('other')).output).toBe('error: health rpc probe failed: rpc error: code = NotFound desc = unknown service')
  expect((await box.get('/make-not-serving', { port: 8080 })).status).toBe(200)
  expect((await probe('liveness')).output).toBe('service unhealthy (responded with "NOT_SERVING")')
})

describe('agnhost port-forward-tester', () => {
  const env = (values: Record<string, string>) => Object.entries(values).map(([name, value]) => ({ name, value }))
  const settings = { BIND_PORT: '80', BIND_ADDRESS: '0.0.0.0', CHUNKS: '3', CHUNK_SIZE: '4', CHUNK_INTERVAL: '100' }

  test('answers in chunks once it heard what it expects', async () => {
    const box = await machine.run(AGNHOST, { args: ['port-forward-tester'], env: env({ ...settings, EXPECTED_CLIENT_DATA: 'abc' }) })
    const connection = await machine.client.connect(box.ip, 80)
    let heard = ''
    connection.on('data', (data: Buffer) => (heard += data.toString()))
    connection.write('abc')
    await machine.clock.advance(1_000)
    expect(heard).toBe('xxxxxxxxxxxx')
    expect(await box.log()).toBe('Accepted client connection\nReceived expected client data\nShutting down connection\nDone\n')
    expect(exitCode(box)).toBe(0)
  })

  test('ends with 2 when the client hangs up before', async () => {
    const box = await machine.run(AGNHOST, { args: ['port-forward-tester'], env: env({ ...settings, EXPECTED_CLIENT_DATA: 'abc' }) })
    ;(await machine.client.connect(box.ip, 80)).end()
    await machine.clock.advance(1_000)
    expect(await box.log()).toBe('Accepted client connection\nExpected to read 3 bytes from client, but got 0 instead. err=EOF\n')
    expect(exitCode(box)).toBe(2)
  })
})

test('agnhost without a subcommand waits, and under another name prints its arguments', async () => {
  const box = await machine.run(AGNHOST)
  expect(await box.log()).toBe('Paused\n')
  expect((await box.exec('/agnhost-2', 'entrypoint-tester', 'override', 'arguments')).stdout).toBe(
    '[/agnhost-2 entrypoint-tester override arguments]\n',
  )
  expect((await box.exec('/agnhost', 'nothing')).stderr).toBe(`Error: unknown command "nothing" for "app"\nRun 'app --help' for usage.\n`)
  expect(await box.stop()).toBe(2)
})

describe('the images of the end-to-end tests', () => {
  test('nonroot runs as user 1234', async () => {
    const box = await machine.run('registry.k8s.io/e2e-test-images/nonroot:1.4', { command: ['id', '-u'] })
    expect(await box.log()).toBe('1234\n')
  })

  test('nonewprivs becomes root by its setuid bit, unless nobody is to gain privileges', async () => {
    const image = 'registry.k8s.io/e2e-test-images/nonewprivs:1.4'
    expect(await (await machine.run(image, { user: 1000 })).log()).toBe('Effective uid: 0\n')
    expect(await (await machine.run(image, { user: 1000, noNewPrivileges: true })).log()).toBe('Effective uid: 1000\n')
  })

  test('agnhost knows a user with a group more, which counts unless the groups are to be those of the pod alone', async () => {
    const groups = { user: 1000, supplementalGroups: [60000], command: ['id', '-G'] }
    expect(await (await machine.run(AGNHOST, groups)).log()).toBe('1000 50000 60000\n')
    expect(await (await machine.run(AGNHOST, { ...groups, supplementalGroupsPolicy: 'Strict' })).log()).toBe('1000 60000\n')
  })

  test('what is no name of a shell variable reaches the commands of busybox and bash, not those of dash', async () => {
    const command = (shell: string) => ({ env: [{ name: 'data-1', value: 'v' }], command: [shell, '-c', 'env | grep -c ^data-1=v'] })
    expect(await (await machine.run('registry.k8s.io/e2e-test-images/busybox:1.37.0-1', command('sh'))).log()).toBe('1\n')
    expect(await (await machine.run('debian:12', command('bash'))).log()).toBe('1\n')
    expect(await (await machine.run('debian:12', command('sh'))).log()).toBe('0\n')
  })

  test('nautilus and kitten say which of the two they are', async () => {
    const box = await machine.run('registry.k8s.io/e2e-test-images/nautilus:1.7')
    expect(JSON.parse((await box.get('/data.json')).body)).toEqual({ image: 'nautilus.jpg' })
  })

  test('httpd and nginx are those of their version', async () => {
    const httpd = await machine.run('registry.k8s.io/e2e-test-images/httpd:2.4.38-4')
    expect((await httpd.get('/')).headers['server']).toBe('Apache/2.4.38 (Unix)')
    const nginx = await machine.run('registry.k8s.io/e2e-test-images/nginx:1.14-4')
    expect((await nginx.get('/')).headers['server']).toBe('nginx/1.14.2')
    await expect(machine.runtime.pullImage('n1', 'registry.k8s.io/e2e-test-images/httpd')).rejects.toThrow('not found')
  })

  test('resource-consumer uses the CPU and memory that it is told to', async () => {
    const box = await machine.run('registry.k8s.io/e2e-test-images/resource-consumer:1.13')
    const post = (path: string) => box.get(path, { port: 8080, method: 'POST' })
    expect((await post('/ConsumeCPU?millicores=300&durationSec=10')).body).toBe('ConsumeCPU\n300 millicores\n10 durationSec\n')
    const before = machine.runtime.containerStats(box.id)!
    await machine.clock.advance(5_000)
    const after = machine.runtime.containerStats(box.id)!
    expect((after.cpuNanos - before.cpuNanos) / 5e9).toBeCloseTo(0.3, 1)
    expect((await post('/ConsumeMem?megabytes=50&durationSec=5')).status).toBe(200)
    expect(Math.round((machine.runtime.containerStats(box.id)!.memoryBytes - after.memoryBytes) / 2 ** 20)).toBe(50)
    expect((await box.get('/ConsumeCPU', { port: 8080 })).status).toBe(400)
    expect((await post('/Nothing')).body).toBe('unknown function\n')
  })
})

describe('agnhost fake-gitserver, tcp-reset and no-snat-test', () => {
  test('say who they are, reset, and find that nobody changed the address', async () => {
    expect((await (await agnhost('fake-gitserver')).get('/info/refs', { port: 8000 })).body).toBe('I am a fake git server')

    const box = await machine.run('nicolaka/netshoot', { command: ['sleep', '1000000'] })
    const reset = await agnhost('tcp-reset', '--port=9000')
    expect(await box.exec('curl', '-sS', `http://${reset.ip}:9000`)).toMatchObject({
      code: 56,
      stderr: 'curl: (56) Recv failure: Connection reset by peer\n',
    })

    expect((await (await agnhost('no-snat-test')).log()).trim()).toBe('POD_IP env var was not present in the environment')
    const env = (ip: string): { name: string; value: string }[] => [
      { name: 'POD_IP', value: ip },
      { name: 'NODE_IP', value: '192.168.49.2' },
    ]
    const other = await agnhost('netexec')
    const run = (ip: string): Promise<Box> => machine.run(AGNHOST, { args: ['no-snat-test'], env: env(ip) })
    const liar = await run('10.9.9.9')
    const honest = await run(nextAddress(liar.ip))
    expect(await honest.get(`/checknosnat?ips=${liar.ip}:8080,${honest.ip}:8080`, { port: 8080 })).toMatchObject({ status: 200, body: '' })
    expect(await liar.get(`/checknosnat?ips=${honest.ip}:8080`, { port: 8080 })).toMatchObject({
      status: 500,
      body: `Returned ip "${liar.ip}" != my Pod ip "10.9.9.9" or my Node ip "192.168.49.2" - SNAT to unexpected ip (possible SNAT through unexpected interface on the way into another node)`,
    })
    const proxy = await agnhost('no-snat-test-proxy')
    const through = `/checknosnat?target=${honest.ip}:8080&ips=${liar.ip}:8080,${other.ip}:1`
    expect(await proxy.get(through, { port: 31_235 })).toMatchObject({
      status: 500,
      body: `Get "http://${other.ip}:1/whoami": Connection refused`,
    })
  })
})

/** The address that the next pod gets. */
function nextAddress(ip: string): string {
  return ip.replace(/\d+$/, (last) => String(Number(last) + 1))
}
