import { beforeEach, describe, expect, test } from 'vitest'
import { VirtualClock } from '../../../src-main/cluster/clock.js'
import { Random } from '../../../src-main/cluster/random.js'
import { attachDns } from '../../../src-main/cluster/network/dns.js'
import { createNetwork, type Fabric } from '../../../src-main/cluster/network/fabric.js'
import type { DnsType, NetworkNamespace } from '../../../src-main/cluster/network/network.js'
import { FakeInformers } from './informers.js'

let informers: FakeInformers
let network: Fabric
let pod: NetworkNamespace
let available: boolean
let clock: VirtualClock

beforeEach(() => {
  clock = new VirtualClock({ start: 0, speed: 0 })
  network = createNetwork({ clock, random: new Random(1) })
  network.addNode('n1', '192.168.49.2', '10.244.1.0/24')
  informers = new FakeInformers()
  available = true
  attachDns({ network, informers, address: '10.96.0.10', available: () => available })
  pod = network.addPod({ node: 'n1', namespace: 'default', name: 'client' })
  pod.resolvConf = 'search default.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n'
  pod.hosts = '127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost\n10.244.1.2\tclient\n1.2.3.4 db db.example # aliases\n'
  informers.service('web', { clusterIP: '10.96.0.50', ports: [{ name: 'http', port: 80, protocol: 'TCP' }] })
  informers.service('db', { clusterIP: 'None', ports: [{ name: 'sql', port: 5432, protocol: 'TCP' }] })
  informers.slice(
    'db',
    [{ name: 'sql', port: 5432, protocol: 'TCP' }],
    [
      { addresses: ['10.244.1.7'], hostname: 'db-0', conditions: { ready: true } },
      { addresses: ['10.244.1.8'], conditions: { ready: true } },
      { addresses: ['10.244.1.9'], hostname: 'db-2', conditions: { ready: false } },
    ],
  )
  informers.service('empty', { clusterIP: 'None' })
  informers.service('outside', { type: 'ExternalName', externalName: 'web.default.svc.cluster.local' })
  informers.service('far', { type: 'ExternalName', externalName: 'example.com' })
})

const query = async (name: string, type: DnsType): Promise<string[]> =>
  (await pod.query!(name, type)).map((r) => `${r.name} ${r.ttl} ${r.type} ${r.data}`)

describe('a name in a pod', () => {
  test.each([
    ['10.9.8.7', '10.9.8.7'],
    ['localhost', '127.0.0.1'],
    ['client', '10.244.1.2'],
    ['db.example', '1.2.3.4'],
    ['web', '10.96.0.50'],
    ['WEB.default', '10.96.0.50'],
    ['web.default.svc', '10.96.0.50'],
    ['web.default.svc.cluster.local', '10.96.0.50'],
    ['web.default.svc.cluster.local.', '10.96.0.50'],
    ['db-0.db', '10.244.1.7'],
    ['10-244-1-8.db.default.svc.cluster.local', '10.244.1.8'],
    ['10-1-2-3.default.pod.cluster.local', '10.1.2.3'],
    ['outside', '10.96.0.50'],
  ])('%s is %s', async (name, address) => {
    expect(await pod.resolve(name)).toEqual([address])
  })

  test('of a headless service is every ready endpoint', async () => {
    expect(await pod.resolve('db.default.svc.cluster.local')).toEqual(['10.244.1.7', '10.244.1.8'])
  })

  test.each([
    'nothing',
    'web.other',
    'db-2.db',
    'empty',
    'far',
    'example.com',
    'web.default.svc.cluster.local.example.com',
    '10-1-2-3.other.pod.cluster.local',
  ])('%s does not exist', async (name) => {
    await expect(pod.resolve(name)).rejects.toMatchObject({ name: 'DnsError', code: 'NXDOMAIN', host: name })
  })

  test('is found as it stands with the root in the search list', async () => {
    pod.resolvConf = 'search . svc.cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n'
    expect(await pod.resolve('web.default.svc.cluster.local')).toEqual(['10.96.0.50'])
    expect(await pod.resolve('web.default')).toEqual(['10.96.0.50'])
  })

  test('with as many dots as ndots asks is tried as it stands first', async () => {
    pod.resolvConf = 'search svc.cluster.local\nnameserver 10.96.0.10\noptions ndots:1\n'
    expect(await pod.resolve('web.default')).toEqual(['10.96.0.50'])
    expect(await pod.resolve('web.default.svc.cluster.local')).toEqual(['10.96.0.50'])
  })

  test('of the cluster is unknown to another nameserver', async () => {
    pod.resolvConf = 'nameserver 192.168.49.1\n'
    await expect(pod.resolve('web.default.svc.cluster.local')).rejects.toMatchObject({ code: 'NXDOMAIN' })
  })

  test('cannot be looked up while the servers do not answer, but those of /etc/hosts can', async () => {
    available = false
    const asking = pod.resolve('web').catch((error) => `${error.code} after ${clock.now()} ms`)
    await clock.advance(20_000)
    expect(await asking).toBe('TIMEOUT after 10000 ms')
    expect(await pod.resolve('db.example')).toEqual(['1.2.3.4'])
  })
})

describe('a record', () => {
  test('SRV of a named port', async () => {
    expect(await query('_http._tcp.web.default.svc.cluster.local', 'SRV')).toEqual([
      '_http._tcp.web.default.svc.cluster.local. 30 SRV 0 100 80 web.default.svc.cluster.local.',
    ])
    expect(await query('_sql._tcp.db.default.svc.cluster.local', 'SRV')).toEqual([
      '_sql._tcp.db.default.svc.cluster.local. 30 SRV 0 50 5432 db-0.db.default.svc.cluster.local.',
      '_sql._tcp.db.default.svc.cluster.local. 30 SRV 0 50 5432 10-244-1-8.db.default.svc.cluster.local.',
    ])
    await expect(query('_smtp._tcp.web.default.svc.cluster.local', 'SRV')).rejects.toThrow('NXDOMAIN')
  })

  test('SRV of a service has all its ports, at its own name or at those of its endpoints', async () => {
    expect(await query('web.default.svc.cluster.local', 'SRV')).toEqual([
      'web.default.svc.cluster.local. 30 SRV 0 100 80 web.default.svc.cluster.local.',
    ])
    expect(await query('db.default.svc.cluster.local', 'SRV')).toEqual([
      'db.default.svc.cluster.local. 30 SRV 0 50 5432 db-0.db.default.svc.cluster.local.',
      'db.default.svc.cluster.local. 30 SRV 0 50 5432 10-244-1-8.db.default.svc.cluster.local.',
    ])
    expect(await query('db-0.db.default.svc.cluster.local', 'SRV')).toEqual([
      'db-0.db.default.svc.cluster.local. 30 SRV 0 100 5432 db-0.db.default.svc.cluster.local.',
    ])
  })

  test('SRV of many endpoints weighs at least 1', async () => {
    const many = Array.from({ length: 101 }, (_, i) => ({ addresses: [`10.244.2.${i}`], conditions: { ready: true } }))
    informers.slice('db', [{ name: 'sql', port: 5432, protocol: 'TCP' }], many)
    const answers = await query('db.default.svc.cluster.local', 'SRV')
    expect([answers.length, answers[100]]).toEqual([
      101,
      'db.default.svc.cluster.local. 30 SRV 0 1 5432 10-244-2-100.db.default.svc.cluster.local.',
    ])
  })

  test.each(['svc.cluster.local', 'default.svc.cluster.local', 'pod.cluster.local', 'default.pod.cluster.local'])(
    '%s is there and has none',
    async (name) => {
      expect(await query(name, 'A')).toEqual([])
    },
  )

  test('PTR of a service, and of an endpoint that has a hostname', async () => {
    expect(await query('50.0.96.10.in-addr.arpa', 'PTR')).toEqual(['50.0.96.10.in-addr.arpa. 30 PTR web.default.svc.cluster.local.'])
    expect(await query('7.1.244.10.in-addr.arpa', 'PTR')).toEqual(['7.1.244.10.in-addr.arpa. 30 PTR db-0.db.default.svc.cluster.local.'])
    for (const nobody of ['8.1.244.10', '9.9.9.9']) await expect(query(`${nobody}.in-addr.arpa`, 'PTR')).rejects.toThrow('NXDOMAIN')
  })

  test('CNAME of an ExternalName, followed where the cluster knows it', async () => {
    expect(await query('far.default.svc.cluster.local', 'CNAME')).toEqual(['far.default.svc.cluster.local. 30 CNAME example.com.'])
    expect(await query('outside.default.svc.cluster.local', 'A')).toEqual([
      'outside.default.svc.cluster.local. 30 CNAME web.default.svc.cluster.local.',
      'web.default.svc.cluster.local. 30 A 10.96.0.50',
    ])
  })

  test('AAAA of a name that has only A is an empty answer, not an error', async () => {
    expect(await query('web.default.svc.cluster.local', 'AAAA')).toEqual([])
  })
})
