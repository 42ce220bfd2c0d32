/** CoreDNS by its Corefile, as https://kubernetes.io/docs/tasks/administer-cluster/dns-custom-nameservers/ has it. */
import { beforeEach, expect, test } from 'vitest'
import { COREFILE } from '../../../src-main/cluster/addons/manifests.js'
import { attachDns } from '../../../src-main/cluster/network/dns.js'
import type { Volume } from '../../../src-main/cluster/runtime/cri.js'
import { FakeInformers } from '../network/informers.js'
import { Machine, type Box } from './machine.js'

const IMAGE = 'registry.k8s.io/coredns/coredns:v1.14.2'
/** The published digest of kubeadm's Corefile. */
const DIGEST =
  '1b226df79860026c6a52e67daa10d7f0d57ec5b023288ec00c5e05f93523c894564e15b91770d3a07ae1cfbe861d15b37d4a0027e69c546ab112970993a3b03b'
const START = ['.:53', `[INFO] plugin/reload: Running configuration SHA512 = ${DIGEST}`, 'CoreDNS-1.14.2', 'linux/amd64, go1.26.1']

let machine: Machine
let volume: Volume
let server: Box
let informers: FakeInformers

beforeEach(() => {
  machine = new Machine()
  informers = new FakeInformers()
  informers.service('web', { clusterIP: '10.96.0.50', ports: [{ name: 'http', port: 80, protocol: 'TCP' }] })
  attachDns({ network: machine.network, informers, address: '10.96.0.10' })
})

const put = (to: Volume, text: string): void => to.replaceFiles({ Corefile: { data: text, mode: 0o644 } })

async function run(text: string): Promise<Box> {
  volume = machine.runtime.createVolume()
  put(volume, text)
  server = await machine.run(IMAGE, {
    args: ['-conf', '/etc/coredns/Corefile'],
    mounts: [{ volume, containerPath: '/etc/coredns', readOnly: true }],
  })
  machine.client.resolvConf = `nameserver ${server.ip}\nsearch default.svc.cluster.local\noptions ndots:5\n`
  return server
}

/** Lines of the kubeadm Corefile, with others in front of `kubernetes`. */
const withLines = (lines: string): string => COREFILE.replace('    kubernetes', `${lines}    kubernetes`)

/** Changes the file and gives CoreDNS time to see it. Resolves with what it says of that. */
async function edit(text: string): Promise<string[]> {
  const before = await lines()
  put(volume, text)
  await machine.clock.advance(40_000)
  return (await lines()).slice(before.length)
}

const lines = async (): Promise<string[]> => (await server.log()).trimEnd().split('\n')

async function resolve(name: string): Promise<string[] | string> {
  const resolving = machine.client.resolve(name).catch((error: Error) => error.message)
  await machine.clock.advance(20_000)
  return resolving
}

test('it says what it serves, with the digest that the real one has of the Corefile of kubeadm', async () => {
  await run(COREFILE)
  expect(await lines()).toEqual(START)
  expect(await resolve('web')).toEqual(['10.96.0.50'])
})

test('a changed file is served within the interval of reload and its jitter', async () => {
  await run(COREFILE)
  expect(await resolve('db.example.com')).toBe('NXDOMAIN looking up db.example.com')
  const said = await edit(withLines('    hosts {\n       1.2.3.4 db.example.com db\n       fallthrough\n    }\n'))
  expect(said).toEqual([
    '[INFO] Reloading',
    expect.stringMatching(/^\[INFO\] plugin\/reload: Running configuration SHA512 = [0-9a-f]{128}$/),
    '[INFO] Reloading complete',
  ])
  expect(await resolve('db.example.com')).toEqual(['1.2.3.4'])
  expect(await resolve('web')).toEqual(['10.96.0.50'])
})

test('a file that cannot be read as a Corefile changes nothing and is told once', async () => {
  await run(COREFILE)
  const fault = "/etc/coredns/Corefile:7 - Error during parsing: Unknown directive 'hots'"
  expect(await edit(withLines('    hots\n'))).toEqual([
    '[INFO] Reloading',
    `[ERROR] Restart failed: ${fault}`,
    `[ERROR] plugin/reload: Corefile changed but reload failed: starting with listener file descriptors: ${fault}`,
  ])
  await machine.clock.advance(120_000)
  expect((await lines()).length).toBe(START.length + 3)
  expect(await resolve('web')).toEqual(['10.96.0.50'])
})

test.each([
  ['.:53 {\n  nonsense\n}\n', "/etc/coredns/Corefile:2 - Error during parsing: Unknown directive 'nonsense'"],
  ['.:53 {\n  errors\n', '/etc/coredns/Corefile:2 - Error during parsing: Unexpected EOF'],
  [
    '.:53 {\n  forward .\n}\n',
    "plugin/forward: /etc/coredns/Corefile:2 - Error during parsing: Wrong argument count or unexpected line ending after '.'",
  ],
  [
    '.:53 {\n  kubernetes {\n    upstream\n  }\n}\n',
    "plugin/kubernetes: /etc/coredns/Corefile:3 - Error during parsing: unknown property 'upstream'",
  ],
  ['.:53 {\n}\n.:53 {\n}\n', 'cannot serve dns://.:53 - it is already defined'],
])('it does not start with %j', async (text, fault) => {
  const { id } = await run(text)
  expect(await lines()).toEqual([fault])
  expect(machine.runtime.containerInfo(id)!.exitCode).toBe(1)
})

test('names are rewritten, and the answer to an exact one has the name that was asked', async () => {
  await run(
    withLines(
      '    rewrite name shop.example.com web.default.svc.cluster.local\n' +
        '    rewrite name suffix .my.org. .default.svc.cluster.local.\n' +
        '    rewrite name regex (.*)\\.in\\.(.*)\\.org {1}.{2}.svc.cluster.local\n',
    ),
  )
  const ask = (name: string): Promise<unknown> => machine.client.query!(name, 'A')
  expect(await ask('shop.example.com.')).toEqual([{ name: 'shop.example.com.', type: 'A', ttl: 30, data: '10.96.0.50' }])
  expect(await ask('web.my.org.')).toEqual([{ name: 'web.default.svc.cluster.local.', type: 'A', ttl: 30, data: '10.96.0.50' }])
  expect(await ask('web.in.default.org.')).toMatchObject([{ data: '10.96.0.50' }])
})

test('queries are logged in the common format', async () => {
  await run(withLines('    log\n'))
  await resolve('web')
  await resolve('nobody.')
  const queries = (await lines()).slice(START.length)
  const line = (question: string, rest: string): unknown =>
    expect.stringMatching(new RegExp(`^\\[INFO\\] ${machine.client.ip}:\\d+ - \\d+ "${question}" ${rest} 0\\.000\\d+s$`))
  expect(queries).toEqual([
    line('A IN web\\.default\\.svc\\.cluster\\.local\\. udp 47 false 512', 'NOERROR qr,aa,rd 92'),
    line('A IN nobody\\. udp 24 false 512', 'NXDOMAIN qr,rd 24'),
  ])
})

test('a stub domain is asked of its own server, and one that does not answer is a fault in the log', async () => {
  const stub = await run('example.local {\n  hosts {\n    10.1.2.3 db.example.local\n  }\n}\n')
  await run(
    `${COREFILE}example.local:53 {\n    errors\n    forward . ${stub.ip}\n}\ngone.local {\n    errors\n    forward . 172.16.0.1\n}\n`,
  )
  expect((await lines()).slice(0, 3)).toEqual(['.:53', 'example.local.:53', 'gone.local.:53'])
  expect(await resolve('db.example.local.')).toEqual(['10.1.2.3'])
  expect(await resolve('db.gone.local.')).toBe('SERVFAIL looking up db.gone.local.')
  expect((await lines()).at(-1)).toMatch(
    new RegExp(`^\\[ERROR\\] plugin/errors: 2 db\\.gone\\.local\\. A: read udp ${server.ip}:\\d+->172\\.16\\.0\\.1:53: i/o timeout$`),
  )
})

test('what stands behind an ExternalName is asked of where other names are', async () => {
  informers.service('db', { type: 'ExternalName', externalName: 'db.example.local' })
  informers.service('nowhere', { type: 'ExternalName', externalName: 'nowhere.example.local' })
  const stub = await run('example.local {\n  hosts {\n    10.1.2.3 db.example.local\n  }\n}\n')
  await run(`. {\n    kubernetes cluster.local in-addr.arpa\n    forward . ${stub.ip}\n}\n`)
  expect(await resolve('db.default.svc.cluster.local.')).toEqual(['10.1.2.3'])
  expect(await resolve('nowhere.default.svc.cluster.local.')).toBe('NXDOMAIN looking up nowhere.default.svc.cluster.local.')
})

test('loadbalance gives the addresses of a name in another order from time to time', async () => {
  const hosts =
    '    hosts {\n       10.0.0.1 db.example.com\n       10.0.0.2 db.example.com\n       10.0.0.3 db.example.com\n       fallthrough\n    }\n'
  const firsts = async (): Promise<Set<string>> => {
    const seen = new Set<string>()
    for (let i = 0; i < 20; i++) seen.add((await resolve('db.example.com.'))[0]!)
    return seen
  }
  await run(withLines(hosts))
  expect([...(await firsts())].sort()).toEqual(['10.0.0.1', '10.0.0.2', '10.0.0.3'])
  await run(withLines(hosts).replace('    loadbalance\n', ''))
  expect([...(await firsts())]).toEqual(['10.0.0.1'])
})

test('cache keeps answers and denials for their time, and tells what is left of it', async () => {
  const stub = await run('. {\n  hosts {\n    ttl 20\n    10.1.2.3 db.example.local\n  }\n}\n')
  await run(`. {\n    forward . ${stub.ip}\n    cache 30\n    prometheus :9153\n}\n`)
  const ask = async (): Promise<unknown> => machine.client.query!('db.example.local.', 'A')
  expect(await ask()).toMatchObject([{ ttl: 20, data: '10.1.2.3' }])
  await machine.clock.advance(8_000)
  expect(await ask()).toMatchObject([{ ttl: 12 }])
  const { body } = await server.get('/metrics', { port: 9153 })
  expect(body).toContain('coredns_cache_hits_total{server="dns://:53",type="success",view="",zones="."} 1\n')
  expect(body).toContain('coredns_dns_requests_total{family="1",proto="udp",server="dns://:53",type="A",view="",zone="."} 2\n')
  await machine.clock.advance(12_000)
  expect(await ask()).toMatchObject([{ ttl: 20 }])
})

test('cache leaves alone what it is told to', async () => {
  await run(COREFILE)
  const ttl = async (): Promise<unknown> => machine.client.query!('web.default.svc.cluster.local.', 'A')
  expect(await ttl()).toMatchObject([{ ttl: 30 }])
  await machine.clock.advance(10_000)
  expect(await ttl()).toMatchObject([{ ttl: 30 }])
})

test('lameduck goes on answering for its time when it is told to end, not ready any more', async () => {
  await run(COREFILE)
  expect((await server.get('/ready', { port: 8181 })).body).toBe('OK')
  expect((await server.get('/nothing', { port: 8080 })).status).toBe(404)
  const stopping = machine.runtime.stopContainer(server.id, 30)
  await machine.clock.advance(3_000)
  expect((await server.get('/ready', { port: 8181 })).status).toBe(503)
  expect((await server.get('/health', { port: 8080 })).status).toBe(200)
  expect(await resolve('web.default.svc.cluster.local.')).toEqual(['10.96.0.50'])
  expect((await lines()).slice(-2)).toEqual([
    '[INFO] SIGTERM: Shutting down servers then terminating',
    '[INFO] plugin/health: Going into lameduck mode for 5s',
  ])
  await machine.clock.advance(2_000)
  await stopping
  expect(machine.runtime.containerInfo(server.id)!.exitCode).toBe(0)
})
