import { beforeEach, describe, expect, test } from 'vitest'
import { VirtualClock } from '../../../src-main/cluster/clock.js'
import { Random } from '../../../src-main/cluster/random.js'
import { createNetwork, type Fabric } from '../../../src-main/cluster/network/fabric.js'
import type { NetworkNamespace } from '../../../src-main/cluster/network/network.js'
import { attachServices } from '../../../src-main/cluster/network/services.js'
import { FakeInformers } from './informers.js'

let clock: VirtualClock
let network: Fabric
let informers: FakeInformers
let client: NetworkNamespace
/** Two pods on n1 and one on n2, that say who they are. */
let web: NetworkNamespace[]
let stop: () => void

beforeEach(() => {
  clock = new VirtualClock({ start: 0, speed: 0 })
  network = createNetwork({ clock, random: new Random(1) })
  network.addNode('n1', '192.168.49.2', '10.244.1.0/24')
  network.addNode('n2', '192.168.49.3', '10.244.2.0/24')
  informers = new FakeInformers()
  stop = attachServices({ network, informers, clock, random: new Random(2) })
  client = network.addPod({ node: 'n1', namespace: 'default', name: 'client' })
  web = ['n1', 'n1', 'n2'].map((node, i) => {
    const pod = network.addPod({ node, namespace: 'default', name: `web-${i}` })
    pod.listen(8080, (connection) => connection.end(`web-${i} sees ${connection.remoteAddress}`))
    return pod
  })
})

const endpoints = (ready: boolean[] = [true, true, true]): object[] =>
  web.map((pod, i) => ({ addresses: [pod.ip], nodeName: pod.node, conditions: { ready: ready[i] } }))

async function ask(from: NetworkNamespace, address: string, port: number): Promise<string> {
  const connection = await from.connect(address, port)
  let all = ''
  connection.on('data', (data) => (all += data))
  await clock.settle()
  return all
}

/** How often each answer came. */
async function tally(n: number, work: () => Promise<string>): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (let i = 0; i < n; i++) {
    const answer = await work()
    counts[answer] = (counts[answer] ?? 0) + 1
  }
  return counts
}

async function code(work: Promise<unknown>): Promise<string> {
  let result = 'connected'
  const done = work.catch((error) => (result = error.code))
  await clock.advance(200_000)
  await done
  return `${result} after ${clock.now() >= 127_000 ? 'silence' : 'no time'}`
}

async function codeNow(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'connected',
    (error) => error.code,
  )
}

describe('a ClusterIP', () => {
  beforeEach(() => {
    informers.service('web', { clusterIP: '10.96.0.50', clusterIPs: ['10.96.0.50'], ports: [{ port: 80, targetPort: 8080 }] })
    informers.slice('web', [{ port: 8080 }], endpoints())
  })

  test('spreads connections over the ready endpoints, which see the real source', async () => {
    const counts = await tally(300, () => ask(client, '10.96.0.50', 80))
    expect(Object.keys(counts).sort()).toEqual([0, 1, 2].map((i) => `web-${i} sees 10.244.1.2`))
    expect(Math.min(...Object.values(counts))).toBeGreaterThan(70)
  })

  test('keeps its address towards the client', async () => {
    const connection = await client.connect('10.96.0.50', 80)
    expect([connection.remoteAddress, connection.remotePort]).toEqual(['10.96.0.50', 80])
  })

  test('gives nothing to endpoints that are not ready', async () => {
    informers.slice('web', [{ port: 8080 }], endpoints([false, true, false]))
    expect(await tally(20, () => ask(client, '10.96.0.50', 80))).toEqual({ 'web-1 sees 10.244.1.2': 20 })
  })

  test('falls back to endpoints that drain when no other is left', async () => {
    const [one] = endpoints()
    informers.slice('web', [{ port: 8080 }], [{ ...one, conditions: { ready: false, serving: true, terminating: true } }])
    expect(await ask(client, '10.96.0.50', 80)).toBe('web-0 sees 10.244.1.2')
  })

  test('without endpoints refuses at once', async () => {
    informers.slice('web', [{ port: 8080 }], [])
    expect(await codeNow(client.connect('10.96.0.50', 80))).toBe('ECONNREFUSED')
  })

  test('is silent on a port that the service does not have', async () => {
    expect(await code(client.connect('10.96.0.50', 81))).toBe('ETIMEDOUT after silence')
  })

  test('is gone with its service', async () => {
    informers.for({ group: '', version: 'v1', resource: 'services' }).delete('default/web')
    expect(await code(client.connect('10.96.0.50', 80))).toBe('ETIMEDOUT after silence')
  })

  test('is not translated any more after the proxy stops', async () => {
    stop()
    expect(await code(client.connect('10.96.0.50', 80))).toBe('ETIMEDOUT after silence')
  })

  test('a pod that reaches itself through it sees its gateway', async () => {
    informers.slice('web', [{ port: 8080 }], endpoints([true, false, false]))
    expect(await ask(web[0]!, '10.96.0.50', 80)).toBe('web-0 sees 10.244.1.1')
  })

  test('collects the endpoints of all its slices, by the name of the port', async () => {
    informers.service('web', {
      clusterIP: '10.96.0.50',
      ports: [
        { name: 'http', port: 80 },
        { name: 'other', port: 81 },
      ],
    })
    const [a, b, c] = endpoints()
    informers.slice(
      'web',
      [
        { name: 'http', port: 8080 },
        { name: 'other', port: 9 },
      ],
      [a!, b!],
    )
    informers.slice('web', [{ name: 'http', port: 8080 }], [c!], 'web-2')
    expect(Object.keys(await tally(60, () => ask(client, '10.96.0.50', 80))).length).toBe(3)
    expect(await codeNow(client.connect('10.96.0.50', 81))).toBe('ECONNREFUSED')
  })
})

test('session affinity keeps a client on one endpoint until its time is over or the endpoint is gone', async () => {
  informers.service('web', {
    clusterIP: '10.96.0.50',
    ports: [{ port: 80 }],
    sessionAffinity: 'ClientIP',
    sessionAffinityConfig: { clientIP: { timeoutSeconds: 60 } },
  })
  informers.slice('web', [{ port: 8080 }], endpoints())
  const first = await ask(client, '10.96.0.50', 80)
  expect(await tally(20, () => ask(client, '10.96.0.50', 80))).toEqual({ [first]: 20 })
  const other = Number(first[4]) === 1 ? 2 : 1
  informers.slice('web', [{ port: 8080 }], endpoints([0, 1, 2].map((i) => i === other)))
  expect(await ask(client, '10.96.0.50', 80)).toBe(`web-${other} sees 10.244.1.2`)
  informers.slice('web', [{ port: 8080 }], endpoints())
  expect(await ask(client, '10.96.0.50', 80)).toBe(`web-${other} sees 10.244.1.2`)
  const later = new Set<string>()
  for (let i = 0; i < 20; i++) {
    await clock.advance(60_000)
    later.add(await ask(client, '10.96.0.50', 80))
  }
  expect(later.size).toBe(3)
})

test('internalTrafficPolicy Local stays on the node, and drops where it has no endpoint', async () => {
  informers.service('web', { clusterIP: '10.96.0.50', ports: [{ port: 80 }], internalTrafficPolicy: 'Local' })
  const [, , onN2] = endpoints()
  informers.slice('web', [{ port: 8080 }], [onN2!])
  const neighbour = network.addPod({ node: 'n2', namespace: 'default', name: 'neighbour' })
  expect(await ask(neighbour, '10.96.0.50', 80)).toBe('web-2 sees 10.244.2.3')
  expect(await code(client.connect('10.96.0.50', 80))).toBe('ETIMEDOUT after silence')
})

describe('a NodePort', () => {
  const spec = { type: 'NodePort', clusterIP: '10.96.0.50', ports: [{ port: 80, nodePort: 30080 }] }

  test('is heard on every node, which puts its own address as the source', async () => {
    informers.service('web', spec)
    informers.slice('web', [{ port: 8080 }], endpoints([false, false, true]))
    expect(await ask(client, '192.168.49.2', 30080)).toBe('web-2 sees 192.168.49.2')
    expect(await ask(client, '192.168.49.3', 30080)).toBe('web-2 sees 192.168.49.3')
    expect(await codeNow(client.connect('10.244.2.2', 30080))).toBe('ECONNREFUSED')
  })

  test('with externalTrafficPolicy Local keeps the source and drops on nodes without an endpoint', async () => {
    informers.service('web', { ...spec, externalTrafficPolicy: 'Local' })
    informers.slice('web', [{ port: 8080 }], endpoints([false, false, true]))
    expect(await ask(client, '192.168.49.3', 30080)).toBe('web-2 sees 10.244.1.2')
    informers.slice('web', [{ port: 8080 }], endpoints([true, true, false]))
    expect(await code(client.connect('192.168.49.3', 30080))).toBe('ETIMEDOUT after silence')
  })

  test('is heard on the loopback of a node by the node itself, and by no pod', async () => {
    informers.service('web', { ...spec, sessionAffinity: 'ClientIP' })
    informers.slice('web', [{ port: 8080 }], endpoints())
    const first = await ask(network.node('n1')!, '127.0.0.1', 30080)
    expect(first).toMatch(/^web-[012] sees 192\.168\.49\.2$/)
    expect(await tally(20, () => ask(network.node('n1')!, '127.0.0.1', 30080))).toEqual({ [first]: 20 })
    expect(await codeNow(network.node('n1')!.connect('::1', 30080))).toBe('ECONNREFUSED')
    expect(await codeNow(client.connect('127.0.0.1', 30080))).toBe('ECONNREFUSED')
  })
})

describe('a service that is left to others', () => {
  const spec = { clusterIP: '10.96.0.50', clusterIPs: ['10.96.0.50'], ports: [{ port: 80 }] }

  test.each(['service.kubernetes.io/service-proxy-name', 'service.kubernetes.io/headless'])(
    'by the label %s is reached when that is taken away, and no more when it comes back',
    async (label) => {
      const up = (): Promise<string> => ask(client, '10.96.0.50', 80)
      informers.slice('web', [{ port: 8080 }], endpoints([true, false, false]))
      informers.service('web', spec, {}, { [label]: '' })
      expect(await code(client.connect('10.96.0.50', 80))).toBe('ETIMEDOUT after silence')
      informers.service('web', spec)
      expect(await up()).toBe('web-0 sees 10.244.1.2')
      informers.service('web', spec, {}, { [label]: 'foo-bar' })
      expect(await code(client.connect('10.96.0.50', 80))).toBe('ETIMEDOUT after silence')
    },
  )

  test('as headless has no external addresses either', async () => {
    informers.service('web', { clusterIP: 'None', clusterIPs: ['None'], externalIPs: ['172.16.0.9'], ports: [{ port: 80 }] })
    informers.slice('web', [{ port: 8080 }], endpoints())
    expect(await code(client.connect('172.16.0.9', 80))).toBe('ETIMEDOUT after silence')
  })
})

test('load-balancer and external addresses lead to the service', async () => {
  informers.service(
    'web',
    { type: 'LoadBalancer', clusterIP: '10.96.0.50', externalIPs: ['172.16.0.9'], ports: [{ port: 80, nodePort: 30080 }] },
    { loadBalancer: { ingress: [{ ip: '203.0.113.7' }] } },
  )
  informers.slice('web', [{ port: 8080 }], endpoints([true, false, false]))
  expect(await ask(client, '203.0.113.7', 80)).toBe('web-0 sees 10.244.1.2')
  expect(await ask(client, '172.16.0.9', 80)).toBe('web-0 sees 10.244.1.2')
  informers.service('web', { type: 'LoadBalancer', clusterIP: '10.96.0.50', ports: [{ port: 80, nodePort: 30080 }] })
  expect(await codeNow(client.connect('203.0.113.7', 80))).toBe('ENETUNREACH')
})

test('a pod reaches the API server through the kubernetes service', async () => {
  network.node('n1')!.listen(8443, (connection) => connection.end('api'))
  informers.service('kubernetes', { clusterIP: '10.96.0.1', ports: [{ name: 'https', port: 443, targetPort: 8443 }] })
  informers.slice('kubernetes', [{ name: 'https', port: 8443 }], [{ addresses: ['192.168.49.2'], conditions: { ready: true } }])
  expect(await ask(client, '10.96.0.1', 443)).toBe('api')
})

describe('hints of where traffic should come from', () => {
  const hinted = (what: 'forZones' | 'forNodes', names: (string | undefined)[]): void => {
    informers.service('web', { clusterIP: '10.96.0.50', clusterIPs: ['10.96.0.50'], ports: [{ port: 80, targetPort: 8080 }] })
    const list = endpoints().map((e, i) => ({ ...e, ...(names[i] ? { hints: { [what]: [{ name: names[i] }] } } : {}) }))
    informers.slice('web', [{ port: 8080 }], list)
  }
  const answering = async (): Promise<string[]> =>
    Object.keys(await tally(50, () => ask(client, '10.96.0.50', 80))).map((a) => a.slice(0, 5))

  beforeEach(() => {
    const node = { metadata: { name: 'n1', labels: { 'topology.kubernetes.io/zone': 'a' } } }
    informers.for({ group: '', version: 'v1', resource: 'nodes' }).put(node as never)
  })

  test('keep it in the zone', async () => {
    hinted('forZones', ['a', 'b', 'b'])
    expect(await answering()).toEqual(['web-0'])
  })

  test('keep it on the node', async () => {
    hinted('forNodes', ['n1', 'n2', 'n2'])
    expect(await answering()).toEqual(['web-0'])
  })

  test('do nothing when an endpoint has none, or none is for this zone', async () => {
    hinted('forZones', ['a', 'b', undefined])
    expect((await answering()).sort()).toEqual(['web-0', 'web-1', 'web-2'])
    hinted('forZones', ['b', 'b', 'c'])
    expect((await answering()).sort()).toEqual(['web-0', 'web-1', 'web-2'])
  })
})

test('a load balancer hears only the addresses of loadBalancerSourceRanges, the ClusterIP and external addresses everybody', async () => {
  const loadBalancerSourceRanges = ['2001:db8::/32', '192.168.0.0/16']
  const externalIPs = ['172.16.0.9']
  const spec = { type: 'LoadBalancer', clusterIP: '10.96.0.50', clusterIPs: ['10.96.0.50'], externalIPs, loadBalancerSourceRanges }
  informers.service(
    'web',
    { ...spec, ports: [{ port: 80, targetPort: 8080 }] },
    { loadBalancer: { ingress: [{ ip: '192.168.49.201', ipMode: 'Proxy' }, { ip: '192.168.49.200' }] } },
  )
  informers.slice('web', [{ port: 8080 }], endpoints())
  expect(await ask(client, '10.96.0.50', 80)).toMatch(/^web-/)
  expect(await ask(client, '172.16.0.9', 80)).toMatch(/^web-/)
  expect(await ask(network.node('n2')!, '192.168.49.200', 80)).toMatch(/^web-/)
  expect(await code(client.connect('192.168.49.200', 80))).toBe('ETIMEDOUT after silence')
  expect(await code(client.connect('192.168.49.201', 80))).toBe('EHOSTUNREACH after silence')
})
