/** The images of the pages under kubernetes.io/docs/tasks and /docs/tutorials. */
import { beforeEach, describe, expect, test } from 'vitest'
import { probeGrpc } from '../../../src-main/cluster/kubelet/probes/grpc.js'
import { Machine } from './machine.js'

let machine: Machine
beforeEach(() => {
  machine = new Machine()
})

test.each([
  ['gcr.io/google-samples/hello-go-gke:1.0', 80, 200, '{"message":"Hello"}\n'],
  ['gcr.io/google-samples/node-hello:1.0', 8080, 200, 'Hello Kubernetes!'],
  ['registry.k8s.io/goproxy:0.1', 8080, 500, 'This is a proxy server. Does not respond to non-proxy requests.\n'],
  ['registry.k8s.io/serve_hostname', 9376, 200, 'pod-1'],
])('%s answers on port %i with %i', async (image, port, status, body) => {
  const box = await machine.run(image)
  expect(await box.get('/', { port })).toMatchObject({
    status,
    body: expect.stringMatching(new RegExp(`^${body.trim().replace(/[{}.]/g, '\\$&')}\\n?$`)),
  })
})

describe('hello-frontend', () => {
  test('passes requests on to the Service hello', async () => {
    const back = await machine.run('gcr.io/google-samples/hello-go-gke:1.0')
    const front = await machine.run('gcr.io/google-samples/hello-frontend:1.0', {}, { hello: back.ip })
    expect(await front.get('/')).toMatchObject({ status: 200, body: '{"message":"Hello"}\n' })
  })

  test('does not start before there is such a Service', async () => {
    const front = await machine.run('gcr.io/google-samples/hello-frontend:1.0')
    await machine.clock.advance(1000)
    expect(machine.runtime.containerInfo(front.id)).toMatchObject({ state: 'exited', exitCode: 1 })
    expect(await front.log('Stderr')).toContain('[emerg] 1#1: host not found in upstream "hello" in /etc/nginx/conf.d/frontend.conf:4')
  })
})

describe('the guestbook', () => {
  const GB = 'us-docker.pkg.dev/google-samples/containers/gke'
  test('writes to the leader and reads from a follower', async () => {
    const leader = await machine.run('docker.io/redis:6.0.5')
    await leader.exec('redis-cli', 'set', 'messages', 'before')
    const follower = await machine.run(`${GB}/gb-redis-follower:v2`, {
      env: [
        { name: 'GET_HOSTS_FROM', value: 'env' },
        { name: 'REDIS_LEADER_SERVICE_HOST', value: leader.ip },
      ],
    })
    await machine.clock.advance(3000)
    expect((await follower.exec('redis-cli', 'get', 'messages')).stdout).toBe('before\n')
    expect((await follower.exec('redis-cli', 'set', 'messages', 'x')).stdout).toBe(
      "READONLY You can't write against a read only replica.\n\n",
    )
    expect((await follower.exec('redis-cli', 'info', 'replication')).stdout).toContain('master_link_status:up')
    expect((await leader.exec('redis-cli', 'info', 'replication')).stdout).toContain('connected_slaves:1')

    const names = { 'redis-leader': leader.ip, 'redis-follower': follower.ip }
    const front = await machine.run(`${GB}/gb-frontend:v5`, { env: [{ name: 'GET_HOSTS_FROM', value: 'dns' }] }, names)
    expect((await front.get('/')).body).toContain('<title>Guestbook</title>')
    expect((await front.get('/guestbook.php?cmd=set&key=messages&value=,hello')).body).toBe('{"message": "Updated"}')
    await machine.clock.advance(100)
    expect((await front.get('/guestbook.php?cmd=get&key=messages')).body).toBe('{"data": ",hello"}')
  })

  test('without its followers answers 500', async () => {
    const front = await machine.run(`${GB}/gb-frontend:v5`)
    expect((await front.get('/guestbook.php?cmd=get&key=messages')).status).toBe(500)
  })
})

test('a redis replica takes writes again after REPLICAOF NO ONE', async () => {
  const box = await machine.run('redis:7.4')
  await box.exec('redis-cli', 'replicaof', '10.9.9.9', '6379')
  expect((await box.exec('redis-cli', 'set', 'a', '1')).stdout).toContain('READONLY')
  await box.exec('redis-cli', 'replicaof', 'no', 'one')
  expect((await box.exec('redis-cli', 'set', 'a', '1')).stdout).toBe('OK\n')
})

describe('echoserver', () => {
  test('tells of the request', async () => {
    const box = await machine.run('registry.k8s.io/echoserver:1.10')
    const { body } = await box.get('/x?a=1', { port: 8080, headers: { 'User-Agent': 'test' } })
    expect(body).toBe(
      '\n\nHostname: pod-1\n\nPod Information:\n\t-no pod information available-\n\nServer values:\n\tserver_version=nginx: 1.13.3 - lua: 10008\n\n' +
        'Request Information:\n\tclient_address=10.244.1.2\n\tmethod=GET\n\treal path=/x?a=1\n\tquery=a=1\n\trequest_version=1.1\n\trequest_scheme=http\n' +
        '\trequest_uri=http://10.244.1.3:8080/x?a=1\n\nRequest Headers:\n\tconnection=close\n\thost=10.244.1.3:8080\n\tuser-agent=test\n\nRequest Body:\n\t-no body in request-\n\n',
    )
  })

  test('spoke otherwise up to 1.4', async () => {
    const box = await machine.run('registry.k8s.io/echoserver:1.4')
    expect((await box.get('/', { port: 8080 })).body).toMatch(
      /^CLIENT VALUES:\nclient_address=10\.244\.1\.2\ncommand=GET\nreal path=\/\nquery=nil\n/,
    )
  })
})

describe('vish/stress', () => {
  test('takes the CPU that its limit leaves it', async () => {
    const box = await machine.run('vish/stress', { args: ['-cpus', '2'], cpuLimit: 1000 })
    const before = machine.runtime.containerStats(box.id)!.cpuNanos
    await machine.clock.advance(10_000)
    expect((machine.runtime.containerStats(box.id)!.cpuNanos - before) / 1e9).toBeCloseTo(10, 0)
    expect(await box.log()).toBe(
      'I1121 09:17:00.000000       1 main.go:26] Allocating "0" memory, in "4Ki" chunks, with a 1ms sleep between allocations\n' +
        'I1121 09:17:00.000000       1 main.go:39] Spawning a thread to consume CPU\n'.repeat(2) +
        'I1121 09:17:00.000000       1 main.go:29] Allocated "0" memory\n',
    )
  })

  test('takes memory in steps', async () => {
    const args = ['-mem-total', '950Mi', '-mem-alloc-size', '100Mi', '-mem-alloc-sleep', '1s']
    const box = await machine.run('vish/stress', { args })
    await machine.clock.advance(4000)
    const early = machine.runtime.containerStats(box.id)!.memoryBytes
    await machine.clock.advance(10_000)
    const late = machine.runtime.containerStats(box.id)!.memoryBytes
    expect([early, late].map((bytes) => Math.floor(bytes / 2 ** 20 / 50) * 50)).toEqual([600, 950])
  })
})

test('stress that holds its memory takes little CPU', async () => {
  const box = await machine.run('polinux/stress', { command: ['stress', '--vm', '1', '--vm-bytes', '150M', '--vm-hang', '1'] })
  const before = machine.runtime.containerStats(box.id)!.cpuNanos
  await machine.clock.advance(10_000)
  expect((machine.runtime.containerStats(box.id)!.cpuNanos - before) / 1e9).toBeLessThan(1)
  expect(machine.runtime.containerStats(box.id)!.memoryBytes / 2 ** 20).toBeGreaterThan(150)
})

test('a repository that says of itself that it does not exist cannot be pulled', async () => {
  await expect(machine.run('non-existing-repo/non-existing-image:example')).rejects.toThrow('pull access denied, repository does not exist')
})

test('kubernetes-bootcamp runs the script that it shows', async () => {
  const box = await machine.run('gcr.io/google-samples/kubernetes-bootcamp:v1')
  expect((await box.exec('bash', '-c', 'head -1 server.js; curl -s localhost:8080; env | grep NODE')).stdout).toBe(
    "const http = require('http')\nHello Kubernetes bootcamp! | Running on: pod-1 | v=1\nNODE_VERSION=6.3.1\n",
  )
  expect((await box.exec('ps', '-o', 'pid,args')).stdout).toContain('1 node server.js\n')
})

test('redis runs as its own user, unless its entrypoint is passed over', async () => {
  const title = async (config: object): Promise<string> =>
    (await (await machine.run('redis', config)).exec('sh', '-c', 'ps -o user,args -p 1 | tail -1')).stdout.trim().replace(/ +/, ' ')
  expect(await title({})).toBe('redis redis-server *:6379')
  expect(await title({ args: ['redis-server', '--port', '7000', '--bind', '127.0.0.1'] })).toBe('redis redis-server 127.0.0.1:7000')
  expect(await title({ command: ['redis-server'] })).toBe('root redis-server *:6379')
})

test.each([
  ['busybox', 'groups=2000,3000,4000\n'],
  ['debian', 'groups=3000,2000,4000\n'],
])('id of %s tells the groups in its order', async (image, groups) => {
  const box = await machine.run(image, { user: 1000, group: 3000, supplementalGroups: [4000, 2000], command: ['sleep', '100'] })
  expect((await box.exec('id')).stdout).toBe(`uid=1000 gid=3000 ${groups}`)
})

test('etcd with client URLs of its own answers gRPC probes', async () => {
  const command = ['/usr/local/bin/etcd', '--data-dir', '/var/lib/etcd', '--listen-client-urls', 'http://0.0.0.0:2379']
  const box = await machine.run('registry.k8s.io/etcd:3.5.1-0', { command })
  const probe = (service: string) => probeGrpc(machine.client, machine.clock, { host: box.ip, port: 2379, service, timeoutMs: 1000 })
  expect(await probe('')).toEqual({ result: 'success', output: 'service healthy' })
  expect(await probe('liveness')).toEqual({
    result: 'failure',
    output: 'error: health rpc probe failed: rpc error: code = NotFound desc = unknown service',
  })
  expect(await box.log()).toContain('"msg":"serving client traffic insecurely; this is strongly discouraged!","address":"[::]:2379"')
  expect(await box.stop()).toBe(0)
})

test('the file of a process is known though its first argument has become a title', async () => {
  const box = await machine.run('nginx:1.29')
  expect((await box.exec('sh', '-c', 'readlink /proc/1/exe; tail -1 /proc/1/maps; head -1 /proc/1/maps')).stdout).toMatch(
    /^\/usr\/sbin\/nginx\n.* \[vdso\]\n.* \/usr\/sbin\/nginx\n$/,
  )
})

describe('connecting applications with Services', () => {
  const CONF = `server {
        listen 80 default_server;
        listen [::]:80 default_server ipv6only=on;

        listen 443 ssl;

        root /usr/share/nginx/html;
        index index.html;

        server_name localhost;
        ssl_certificate /etc/nginx/ssl/tls.crt;
        ssl_certificate_key /etc/nginx/ssl/tls.key;

        location / {
                try_files $uri $uri/ =404;
        }
}
`
  /** nginxhttps as the tutorial mounts it, and its two volumes. */
  async function httpsServer() {
    const toolbox = await machine.run('nicolaka/netshoot', { args: ['sleep', '100'] })
    const request = 'openssl req -x509 -nodes -days 365 -newkey rsa:2048 -keyout /tmp/k -out /tmp/c -subj /CN=my-nginx/O=my-nginx 2>&1'
    await toolbox.exec('sh', '-c', request)
    const [crt, key] = await Promise.all(['c', 'k'].map(async (name) => (await toolbox.exec('cat', `/tmp/${name}`)).stdout))
    const [keys, conf] = [machine.runtime.createVolume(), machine.runtime.createVolume()]
    keys.replaceFiles({ 'tls.crt': { data: crt!, mode: 0o644 }, 'tls.key': { data: key!, mode: 0o644 } })
    conf.replaceFiles({ 'default.conf': { data: CONF, mode: 0o644 } })
    const mounts = [
      { volume: keys, containerPath: '/etc/nginx/ssl', readOnly: true },
      { volume: conf, containerPath: '/etc/nginx/conf.d', readOnly: true },
    ]
    return { keys, conf, server: await machine.run('bprashanth/nginxhttps:1.0', { mounts }) }
  }

  test('nginxhttps serves over TLS with the mounted keys, and busyboxplus:curl checks them', async () => {
    const { keys, server } = await httpsServer()
    const mounts = [{ volume: keys, containerPath: '/etc/nginx/ssl', readOnly: true }]
    const client = await machine.run(
      'radial/busyboxplus:curl',
      { args: ['sh', '-c', 'while true; do sleep 1; done'], mounts },
      { 'my-nginx': server.ip },
    )
    const answer = await client.exec('curl', '-s', 'https://my-nginx', '--cacert', '/etc/nginx/ssl/tls.crt')
    expect(answer).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('<title>Welcome to nginx!</title>') })
    expect((await server.get('/')).status).toBe(200)
    expect((await client.exec('busybox')).stdout).toMatch(/^BusyBox v1\.22\.1 /)
  })

  test('nginxhttps reads its configuration anew when the ConfigMap has changed', async () => {
    const { conf, server } = await httpsServer()
    const changed = CONF.replace('try_files $uri $uri/ =404', 'return 418')
    conf.replaceFiles({ 'default.conf': { data: changed, mode: 0o644 } })
    await machine.clock.advance(6_000)
    expect((await server.get('/')).status).toBe(418)
    expect(await server.log('Stdout')).toContain('At 09:17 on 21/11/26, config file update detected.\n')
    expect(await server.stop(30)).toBe(137)
  })
})
