import { beforeEach, expect, test } from 'vitest'
import type { Pod } from '../../../src-main/cluster/api/object.js'
import { VirtualClock } from '../../../src-main/cluster/clock.js'
import { createNetwork, type Fabric } from '../../../src-main/cluster/network/fabric.js'
import { attachHostPorts } from '../../../src-main/cluster/network/host-ports.js'
import type { NetworkNamespace } from '../../../src-main/cluster/network/network.js'
import { Random } from '../../../src-main/cluster/random.js'
import { FakeInformers } from './informers.js'

const clock = new VirtualClock({ start: 0, speed: 0 })
let network: Fabric
let informers: FakeInformers
let client: NetworkNamespace
let web: NetworkNamespace

beforeEach(() => {
  network = createNetwork({ clock, random: new Random(1) })
  network.addNode('n1', '192.168.49.2', '10.244.1.0/24')
  network.addNode('n2', '192.168.49.3', '10.244.2.0/24')
  informers = new FakeInformers()
  attachHostPorts({ network, informers })
  client = network.addPod({ node: 'n2', namespace: 'default', name: 'client' })
  web = network.addPod({ node: 'n1', namespace: 'default', name: 'web' })
  web.listen(8080, (connection) => connection.end(`seen ${connection.remoteAddress}`))
})

function put(port: object, status: object = { phase: 'Running', podIP: web.ip }): void {
  informers.for<Pod>({ group: '', version: 'v1', resource: 'pods' }).put({
    metadata: { namespace: 'default', name: 'web' },
    spec: { nodeName: 'n1', containers: [{ name: 'main', ports: [port] }] },
    status,
  } as never)
}

async function ask(from: NetworkNamespace, address: string, port: number): Promise<string> {
  try {
    const connection = await from.connect(address, port)
    let all = ''
    connection.on('data', (data) => (all += data))
    await clock.settle()
    return all
  } catch (error) {
    return (error as { code: string }).code
  }
}

test("a hostPort is heard on the pod's node only, and the pod sees who comes", async () => {
  put({ containerPort: 8080, hostPort: 80 })
  expect(await ask(client, '192.168.49.2', 80)).toBe('seen 10.244.2.2')
  expect(await ask(client, '192.168.49.3', 80)).toBe('ECONNREFUSED')
  expect(await ask(network.node('n1')!, '127.0.0.1', 80)).toBe('seen 10.244.1.1')
  expect(await ask(network.node('n2')!, '127.0.0.1', 80)).toBe('ECONNREFUSED')
})

test('a hostPort with a hostIP is heard on that address alone', async () => {
  put({ containerPort: 8080, hostPort: 80, hostIP: '127.0.0.1' })
  expect(await ask(client, '192.168.49.2', 80)).toBe('ECONNREFUSED')
  expect(await ask(network.node('n1')!, '127.0.0.1', 80)).toBe('seen 10.244.1.1')
})

test('the hostPort of a pod that has ended is free', async () => {
  put({ containerPort: 8080, hostPort: 80 }, { phase: 'Failed', podIP: web.ip })
  expect(await ask(client, '192.168.49.2', 80)).toBe('ECONNREFUSED')
})
