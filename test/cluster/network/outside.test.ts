import { beforeEach, describe, expect, test } from 'vitest'
import { VirtualClock } from '../../../src-main/cluster/clock.js'
import { attachDns } from '../../../src-main/cluster/network/dns.js'
import { createNetwork, type Fabric } from '../../../src-main/cluster/network/fabric.js'
import { httpRequest } from '../../../src-main/cluster/network/http.js'
import type { NetworkNamespace } from '../../../src-main/cluster/network/network.js'
import { attachOutside } from '../../../src-main/cluster/network/outside.js'
import { Random } from '../../../src-main/cluster/random.js'
import { FakeInformers } from './informers.js'

let network: Fabric
let pod: NetworkNamespace

beforeEach(() => {
  network = createNetwork({ clock: new VirtualClock({ start: 0, speed: 0 }), random: new Random(1) })
  network.addNode('n1', '192.168.49.2', '10.244.1.0/24')
  attachDns({ network, informers: new FakeInformers(), address: '10.96.0.10' })
  attachOutside(network)
  pod = network.addPod({ node: 'n1', namespace: 'default', name: 'client' })
})

describe('the first website', () => {
  test.each([
    ['of the cluster', 'search default.svc.cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n'],
    ['of the node (dnsPolicy: Default)', 'nameserver 192.168.49.1\n'],
  ])('is found and read by a pod that asks the resolver %s', async (_whose, resolvConf) => {
    pod.resolvConf = resolvConf
    expect(await pod.resolve('info.cern.ch')).toEqual(['188.184.67.127'])
    const answer = await httpRequest(pod, { host: 'info.cern.ch', port: 80 })
    const body = (await answer.toArray()).join('')
    expect([answer.statusCode, body.slice(0, 80)]).toEqual([
      200,
      '<html><head></head><body><header>\n<title>http://info.cern.ch</title>\n</header>\n\n',
    ])
  })

  test('is not found without a nameserver, and there is nothing else outside', async () => {
    await expect(pod.resolve('info.cern.ch')).rejects.toThrow('info.cern.ch')
    pod.resolvConf = 'nameserver 192.168.49.1\n'
    await expect(pod.resolve('example.com')).rejects.toThrow('example.com')
    await expect(pod.connect('188.184.67.128', 80)).rejects.toThrow('ENETUNREACH')
  })

  test('is out of reach for a pod whose egress is cut off', async () => {
    network.allows = () => false
    const reaching = pod.connect('188.184.67.127', 80).then(String, (error: { code: string }) => error.code)
    await (network.clock as VirtualClock).advance(130_000)
    expect(await reaching).toBe('ETIMEDOUT')
  })
})
