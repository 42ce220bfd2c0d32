import { beforeEach, describe, expect, test } from 'vitest'
import { VirtualClock } from '../../../src-main/cluster/clock.js'
import { createNetwork, type Fabric } from '../../../src-main/cluster/network/fabric.js'
import type { NetworkNamespace } from '../../../src-main/cluster/network/network.js'
import { attachServices } from '../../../src-main/cluster/network/services.js'
import { Random } from '../../../src-main/cluster/random.js'
import { FakeInformers } from './informers.js'

let clock: VirtualClock
let network: Fabric
let informers: FakeInformers
let client: NetworkNamespace
let servers: NetworkNamespace[]

beforeEach(() => {
  clock = new VirtualClock({ start: 0, speed: 0 })
  network = createNetwork({ clock, random: new Random(1) })
  network.addNode('n1', '192.168.49.2', '10.244.1.0/24')
  network.addNode('n2', '192.168.49.3', '10.244.2.0/24')
  informers = new FakeInformers()
  attachServices({ network, informers, clock, random: new Random(2) })
  client = network.addPod({ node: 'n1', namespace: 'default', name: 'client' })
  servers = ['n1', 'n2'].map((node, i) => {
    const pod = network.addPod({ node, namespace: 'default', name: `echo-${i}` })
    const socket = pod.bindUdp(5353, (data, from) => socket.send(Buffer.from(`${i} got ${Buffer.from(data)}`), from.port, from.address))
    return pod
  })
  const port = { port: 53, targetPort: 5353, protocol: 'UDP', nodePort: 30_053 }
  informers.service('echo', { type: 'NodePort', clusterIP: '10.96.0.60', clusterIPs: ['10.96.0.60'], ports: [port] })
  informers.slice(
    'echo',
    [{ port: 5353, protocol: 'UDP' }],
    servers.map((s) => ({ addresses: [s.ip], nodeName: s.node, conditions: { ready: true } })),
  )
})

/** Sends each text from one socket and gives the answers with their sources. */
async function exchange(address: string, port: number, ...texts: string[]): Promise<string[]> {
  const answers: string[] = []
  const socket = client.bindUdp(0, (data, from) => answers.push(`${from.address}:${from.port} ${Buffer.from(data)}`))
  socket.onUnreachable = (at, n) => answers.push(`${at}:${n} unreachable`)
  for (const text of texts) {
    socket.send(Buffer.from(text), port, address)
    await clock.settle()
  }
  socket.close()
  return answers
}

describe('a datagram', () => {
  test('to a pod comes back from it', async () => {
    expect(await exchange(servers[1]!.ip, 5353, 'hello')).toEqual(['10.244.2.2:5353 1 got hello'])
  })

  test('to a service goes to one endpoint as long as the flow lasts, and answers come from the service', async () => {
    const answers = await exchange('10.96.0.60', 53, 'a', 'b', 'c')
    const server = answers[0]!.split(' ')[1]
    expect(answers).toEqual(['a', 'b', 'c'].map((text) => `10.96.0.60:53 ${server} got ${text}`))
  })

  test('of a flow goes to another endpoint when its own is one no more, though that still hears', async () => {
    const answers: string[] = []
    const socket = client.bindUdp(12_345, (data) => answers.push(Buffer.from(data).toString()))
    const serving = async (ready: readonly boolean[]): Promise<void> => {
      const list = servers.map((s, i) => ({ addresses: [s.ip], conditions: { ready: ready[i] } }))
      informers.slice('echo', [{ port: 5353, protocol: 'UDP' }], list)
      socket.send(Buffer.from('x'), 53, '10.96.0.60')
      await clock.settle()
    }
    for (const ready of [[true, false], [true, true], [false, true], [true, false]]) await serving(ready)
    expect(answers).toEqual(['0 got x', '0 got x', '1 got x', '0 got x'])
  }) // prettier-ignore

  test('of different flows goes to different endpoints', async () => {
    const seen = new Set<string>()
    for (let i = 0; i < 20; i++) seen.add((await exchange('10.96.0.60', 53, 'x'))[0]!)
    expect([...seen].sort()).toEqual(['10.96.0.60:53 0 got x', '10.96.0.60:53 1 got x'])
  })

  test('reaches a node port on every node', async () => {
    for (const address of ['192.168.49.2', '192.168.49.3'])
      expect((await exchange(address, 30_053, 'x'))[0]).toMatch(new RegExp(`^${address}:30053 [01] got x$`))
  })

  test('to a port that nobody hears is answered as unreachable', async () => {
    expect(await exchange(servers[0]!.ip, 9, 'x')).toEqual(['10.244.1.3:9 unreachable'])
  })

  test('to a service without endpoints is answered as unreachable', async () => {
    informers.slice('echo', [{ port: 5353, protocol: 'UDP' }], [])
    expect(await exchange('10.96.0.60', 53, 'x')).toEqual(['10.96.0.60:53 unreachable'])
  })

  test('that policy forbids is lost, and so is one to nobody', async () => {
    network.allows = ({ protocol }) => protocol !== 'UDP'
    expect(await exchange(servers[0]!.ip, 5353, 'x')).toEqual([])
    expect(await exchange('10.244.1.99', 5353, 'x')).toEqual([])
  })

  test('does not go to the TCP port of the same number', async () => {
    servers[0]!.listen(80, () => undefined)
    expect(await exchange(servers[0]!.ip, 80, 'x')).toEqual(['10.244.1.3:80 unreachable'])
  })
})

test('two sockets cannot hear one port', () => {
  client.bindUdp(5000, () => undefined)
  expect(() => client.bindUdp(5000, () => undefined)).toThrow('bind EADDRINUSE 0.0.0.0:5000')
})
