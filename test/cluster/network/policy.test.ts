import { beforeEach, describe, expect, test } from 'vitest'
import type { Pod } from '../../../src-main/cluster/api/object.js'
import { VirtualClock } from '../../../src-main/cluster/clock.js'
import { attachDns } from '../../../src-main/cluster/network/dns.js'
import { createNetwork, type Fabric } from '../../../src-main/cluster/network/fabric.js'
import type { NetworkNamespace } from '../../../src-main/cluster/network/network.js'
import { attachPolicies } from '../../../src-main/cluster/network/policy.js'
import { attachServices } from '../../../src-main/cluster/network/services.js'
import { Random } from '../../../src-main/cluster/random.js'
import { FakeInformers } from './informers.js'

const pods = { group: '', version: 'v1', resource: 'pods' }
const namespaces = { group: '', version: 'v1', resource: 'namespaces' }
const policies = { group: 'networking.k8s.io', version: 'v1', resource: 'networkpolicies' }

let clock: VirtualClock
let network: Fabric
let informers: FakeInformers
let node: NetworkNamespace
let front: NetworkNamespace
let back: NetworkNamespace
let other: NetworkNamespace

/** A pod with an address; it listens on 80 and 8080. */
function pod(namespace: string, name: string, labels: Record<string, string>, on = 'n1'): NetworkNamespace {
  const net = network.addPod({ node: on, namespace, name })
  for (const port of [80, 8080]) net.listen(port, (connection) => connection.end('hello'))
  informers.for<Pod>(pods).put({
    metadata: { namespace, name, labels },
    spec: { nodeName: on, containers: [{ name: 'main', ports: [{ name: 'web', containerPort: 8080 }] }] },
    status: { podIP: net.ip, phase: 'Running' },
  } as never)
  return net
}

function policy(name: string, spec: object, namespace = 'default'): void {
  informers.for(policies).put({ metadata: { namespace, name }, spec } as never)
}

/** `open`, or the code with which it failed. */
async function reach(from: NetworkNamespace, address: string, port = 80): Promise<string> {
  let result = 'pending'
  from.connect(address, port).then(
    () => (result = 'open'),
    (error) => (result = error.code),
  )
  await clock.settle()
  if (result !== 'pending') return result
  await clock.advance(127_000)
  return `${result} after silence`
}

const DENIED = 'ETIMEDOUT after silence'

beforeEach(() => {
  clock = new VirtualClock({ start: 0, speed: 0 })
  network = createNetwork({ clock, random: new Random(1) })
  node = network.addNode('n1', '192.168.49.2', '10.244.1.0/24')
  network.addNode('n2', '192.168.49.3', '10.244.2.0/24')
  informers = new FakeInformers()
  attachServices({ network, informers, clock, random: new Random(2) })
  attachPolicies({ network, informers })
  for (const [name, team] of [
    ['default', 'a'],
    ['other', 'b'],
  ])
    informers.for(namespaces).put({ metadata: { name, labels: { team, 'kubernetes.io/metadata.name': name } } } as never)
  front = pod('default', 'front', { app: 'front' })
  back = pod('default', 'back', { app: 'back', tier: 'db' })
  other = pod('other', 'front', { app: 'front' }, 'n2')
})

test('a pod that no policy selects accepts everything', async () => {
  policy('back-only', { podSelector: { matchLabels: { app: 'back' } }, policyTypes: ['Ingress'] })
  expect(await reach(other, front.ip)).toBe('open')
  expect(await reach(back, front.ip)).toBe('open')
})

test('a pod whose status does not tell its address yet is known by its sandbox', async () => {
  const starting = pod('default', 'starting', { app: 'front' })
  const stranger = pod('default', 'stranger', { app: 'stranger' })
  const held = pod('default', 'held', { app: 'held' })
  for (const [name, app] of [
    ['starting', 'front'],
    ['stranger', 'stranger'],
    ['held', 'held'],
  ])
    informers
      .for<Pod>(pods)
      .put({ metadata: { namespace: 'default', name, labels: { app } }, spec: { nodeName: 'n1' }, status: { phase: 'Pending' } } as never)
  policy('back', {
    podSelector: { matchLabels: { app: 'back' } },
    ingress: [{ from: [{ podSelector: { matchLabels: { app: 'front' } } }] }],
  })
  policy('held', { podSelector: { matchLabels: { app: 'held' } }, policyTypes: ['Egress'] })
  expect(await reach(starting, back.ip)).toBe('open')
  expect(await reach(stranger, back.ip)).toBe(DENIED)
  expect(await reach(held, front.ip)).toBe(DENIED)
})

describe('ingress', () => {
  test('denied by default is a connection that times out, except for the node of the pod and the pod itself', async () => {
    policy('default-deny', { podSelector: {}, policyTypes: ['Ingress'] })
    expect(await reach(front, back.ip)).toBe(DENIED)
    expect(await reach(other, back.ip)).toBe(DENIED)
    expect(await reach(node, back.ip)).toBe('open')
    expect(await reach(network.node('n2')!, back.ip)).toBe(DENIED)
    expect(await reach(back, back.ip)).toBe('open')
    expect(await reach(front, other.ip)).toBe('open')
  })

  test('a connection that is open goes on when a policy comes that forbids it', async () => {
    const connection = await front.connect(back.ip, 80)
    policy('default-deny', { podSelector: {}, policyTypes: ['Ingress'] })
    let got = ''
    connection.on('data', (data) => (got += data))
    await clock.settle()
    expect(got).toBe('hello')
  })

  test('an empty rule allows everything, no rule nothing, and policies add up', async () => {
    policy('deny', { podSelector: {}, ingress: [] })
    expect(await reach(other, back.ip)).toBe(DENIED)
    policy('allow-all', { podSelector: {}, ingress: [{}] })
    expect(await reach(other, back.ip)).toBe('open')
  })

  test('a podSelector means pods of its own namespace', async () => {
    policy('from-front', { podSelector: {}, ingress: [{ from: [{ podSelector: { matchLabels: { app: 'front' } } }] }] })
    expect(await reach(front, back.ip)).toBe('open')
    expect(await reach(other, back.ip)).toBe(DENIED)
    expect(await reach(back, front.ip)).toBe(DENIED)
  })

  test('a namespaceSelector means all pods of namespaces, or with a podSelector those of both', async () => {
    const b = { matchLabels: { team: 'b' } }
    policy('p', { podSelector: {}, ingress: [{ from: [{ namespaceSelector: b }] }] })
    expect([await reach(other, back.ip), await reach(front, back.ip)]).toEqual(['open', DENIED])
    policy('p', { podSelector: {}, ingress: [{ from: [{ namespaceSelector: b, podSelector: { matchLabels: { app: 'back' } } }] }] })
    expect([await reach(other, back.ip), await reach(front, back.ip)]).toEqual([DENIED, DENIED])
    policy('p', { podSelector: {}, ingress: [{ from: [{ namespaceSelector: b }, { podSelector: { matchLabels: { app: 'front' } } }] }] })
    expect([await reach(other, back.ip), await reach(front, back.ip)]).toEqual(['open', 'open'])
    policy('p', { podSelector: {}, ingress: [{ from: [{ namespaceSelector: {} }] }] })
    expect([await reach(other, back.ip), await reach(front, back.ip)]).toEqual(['open', 'open'])
  })

  test('matchExpressions select as in any selector', async () => {
    const podSelector = { matchExpressions: [{ key: 'tier', operator: 'DoesNotExist' }] }
    policy('p', {
      podSelector: { matchExpressions: [{ key: 'app', operator: 'In', values: ['back'] }] },
      ingress: [{ from: [{ podSelector }] }],
    })
    expect(await reach(front, back.ip)).toBe('open')
    expect(await reach(back, front.ip)).toBe('open')
  })

  test('an ipBlock means addresses, without those it excepts', async () => {
    policy('p', { podSelector: {}, ingress: [{ from: [{ ipBlock: { cidr: '10.244.0.0/16', except: ['10.244.2.0/24'] } }] }] })
    expect(await reach(front, back.ip)).toBe('open')
    expect(await reach(other, back.ip)).toBe(DENIED)
  })

  test('an ipBlock of IPv6 holds none of the pods, and one may allow what another excepts', async () => {
    const v6 = { ipBlock: { cidr: '2001:db8::/32', except: ['2001:db8:1::/48'] } }
    policy('p', { podSelector: {}, ingress: [{ from: [v6] }] })
    expect(await reach(front, back.ip)).toBe(DENIED)
    policy('p', { podSelector: {}, ingress: [{ from: [v6, { ipBlock: { cidr: '10.244.0.0/16', except: ['10.244.1.0/24'] } }] }] })
    expect([await reach(front, back.ip), await reach(other, back.ip)]).toEqual([DENIED, 'open'])
    policy('q', { podSelector: {}, ingress: [{ from: [{ ipBlock: { cidr: `${front.ip}/32` } }] }] })
    expect([await reach(front, back.ip), await reach(other, back.ip)]).toEqual(['open', 'open'])
  })

  test('follows labels of pods and namespaces that change, and is over with its policy', async () => {
    const from = [{ namespaceSelector: { matchLabels: { team: 'c' } } }, { podSelector: { matchLabels: { role: 'client' } } }]
    policy('p', { podSelector: { matchLabels: { app: 'back' } }, ingress: [{ from }] })
    expect([await reach(front, back.ip), await reach(other, back.ip)]).toEqual([DENIED, DENIED])
    informers.for(namespaces).put({ metadata: { name: 'other', labels: { team: 'c' } } } as never)
    const known = informers.for<Pod>(pods).get('default', 'front')!
    informers.for<Pod>(pods).put({ ...known, metadata: { ...known.metadata, labels: { role: 'client' } } } as never)
    expect([await reach(front, back.ip), await reach(other, back.ip)]).toEqual(['open', 'open'])
    informers.for(namespaces).put({ metadata: { name: 'other', labels: { team: 'b' } } } as never)
    expect(await reach(other, back.ip)).toBe(DENIED)
    informers.for(policies).delete('default/p')
    expect(await reach(other, back.ip)).toBe('open')
  })

  test.each([
    ['a number', [{ port: 80 }], ['open', DENIED]],
    ['the name of a port of the pod', [{ port: 'web' }], [DENIED, 'open']],
    ['a range', [{ port: 8000, endPort: 8080 }], [DENIED, 'open']],
    ['another protocol', [{ protocol: 'UDP', port: 80 }], [DENIED, DENIED]],
    ['a protocol alone', [{ protocol: 'TCP' }], ['open', 'open']],
  ])('ports may be %s', async (_, ports, expected) => {
    policy('p', { podSelector: {}, ingress: [{ ports }] })
    expect([await reach(front, back.ip, 80), await reach(front, back.ip, 8080)]).toEqual(expected)
  })
})

describe('egress', () => {
  test('denied by default is what the pod opens, not what is opened to it', async () => {
    policy('deny', { podSelector: { matchLabels: { app: 'front' } }, policyTypes: ['Egress'] })
    expect(await reach(front, back.ip)).toBe(DENIED)
    expect(await reach(back, front.ip)).toBe('open')
  })

  test('rules without policyTypes make the policy one of ingress, too', async () => {
    policy('p', { podSelector: { matchLabels: { app: 'front' } }, egress: [{}] })
    expect(await reach(front, back.ip)).toBe('open')
    expect(await reach(back, front.ip)).toBe(DENIED)
  })

  test('through a service is judged by the pod and port behind it', async () => {
    informers.service('back', { clusterIP: '10.96.0.50', clusterIPs: ['10.96.0.50'], ports: [{ port: 80, targetPort: 8080 }] })
    informers.slice('back', [{ port: 8080 }], [{ addresses: [back.ip], conditions: { ready: true } }])
    const to = [{ podSelector: { matchLabels: { app: 'back' } } }]
    policy('p', { podSelector: { matchLabels: { app: 'front' } }, policyTypes: ['Egress'], egress: [{ to, ports: [{ port: 8080 }] }] })
    expect(await reach(front, '10.96.0.50')).toBe('open')
    policy('p', { podSelector: { matchLabels: { app: 'front' } }, policyTypes: ['Egress'], egress: [{ to, ports: [{ port: 80 }] }] })
    expect(await reach(front, '10.96.0.50')).toBe(DENIED)
  })

  test('takes the names away, too, until DNS is allowed', async () => {
    const dns = pod('kube-system', 'coredns', { 'k8s-app': 'kube-dns' }, 'n2')
    informers.service('kube-dns', { clusterIP: '10.96.0.10', clusterIPs: ['10.96.0.10'], ports: [{ port: 53, protocol: 'UDP' }] })
    informers.slice('kube-dns', [{ port: 53, protocol: 'UDP' }], [{ addresses: [dns.ip], conditions: { ready: true } }])
    attachDns({ network, informers, address: '10.96.0.10' })
    front.resolvConf = 'nameserver 10.96.0.10\n'
    const name = 'kube-dns.default.svc.cluster.local'
    policy('p', { podSelector: {}, policyTypes: ['Egress'] })
    const asking = front.resolve(name).then(String, (error: { code: string }) => `${error.code} after ${clock.now()} ms`)
    await clock.advance(20_000)
    expect(await asking).toBe('TIMEOUT after 10000 ms')
    policy('p', { podSelector: {}, policyTypes: ['Egress'], egress: [{ ports: [{ protocol: 'UDP', port: 53 }] }] })
    expect(await front.resolve(name)).toEqual(['10.96.0.10'])
    expect(await reach(front, back.ip)).toBe(DENIED)
  })
})
