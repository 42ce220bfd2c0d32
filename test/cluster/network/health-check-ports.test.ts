/** `healthCheckNodePort`: what a load balancer in front of the nodes asks. */
import { beforeEach, expect, test } from 'vitest'
import { VirtualClock } from '../../../src-main/cluster/clock.js'
import { createNetwork, type Fabric } from '../../../src-main/cluster/network/fabric.js'
import { attachHealthCheckPorts } from '../../../src-main/cluster/network/health-check-ports.js'
import { httpRequest } from '../../../src-main/cluster/network/http.js'
import { Random } from '../../../src-main/cluster/random.js'
import { FakeInformers } from './informers.js'

let clock: VirtualClock
let network: Fabric
let informers: FakeInformers
let stop: () => void

beforeEach(() => {
  clock = new VirtualClock({ start: 0, speed: 0 })
  network = createNetwork({ clock, random: new Random(1) })
  informers = new FakeInformers()
  stop = attachHealthCheckPorts({ network, informers })
  addNode('n1', 1)
  addNode('n2', 2)
})

function addNode(name: string, n: number): void {
  network.addNode(name, `192.168.49.${n + 1}`, `10.244.${n}.0/24`)
  informers.for({ group: '', version: 'v1', resource: 'nodes' }).put({ metadata: { name } } as never)
}

function balanced(spec: object = {}): void {
  const local = { type: 'LoadBalancer', externalTrafficPolicy: 'Local', healthCheckNodePort: 31_000, ports: [{ port: 80 }] }
  informers.service('web', { ...local, ...spec })
}

function endpoints(...list: [node: string, ready: boolean][]): void {
  const all = list.map(([nodeName, ready], i) => ({ addresses: [`10.244.9.${i}`], nodeName, conditions: { ready } }))
  informers.slice('web', [{ port: 80, protocol: 'TCP' }], all)
}

/** Status, weight and body of the answer of a node; the code of the error when there is none. */
async function ask(host: string): Promise<string> {
  const asking = httpRequest(network.node('n1')!, { host, port: 31_000, path: '/healthz' })
  asking.catch(() => undefined)
  await clock.advance(10)
  try {
    const response = await asking
    let body = ''
    response.on('data', (part) => (body += part))
    await clock.advance(10)
    return `${response.statusCode} ${response.headers['x-load-balancing-endpoint-weight']} ${body}`
  } catch (error) {
    return (error as { code: string }).code
  }
}

const body = (n: number): string =>
  `{\n\t"service": {\n\t\t"namespace": "default",\n\t\t"name": "web"\n\t},\n\t"localEndpoints": ${n},\n\t"serviceProxyHealthy": true\n}`

test('a node with ready endpoints of the service is healthy, one without is not', async () => {
  balanced()
  endpoints(['n1', true], ['n1', true], ['n1', false], ['n2', false])
  expect(await ask('192.168.49.2')).toBe(`200 2 ${body(2)}`)
  expect(await ask('192.168.49.3')).toBe(`503 0 ${body(0)}`)
  endpoints(['n2', true])
  expect(await ask('192.168.49.2')).toBe(`503 0 ${body(0)}`)
  expect(await ask('192.168.49.3')).toBe(`200 1 ${body(1)}`)
})

test('a node that joins later answers, too', async () => {
  balanced()
  addNode('n3', 3)
  endpoints(['n3', true])
  expect(await ask('192.168.49.4')).toBe(`200 1 ${body(1)}`)
})

test('nobody answers for another policy, for a service that is gone, or when the network is left', async () => {
  balanced()
  balanced({ externalTrafficPolicy: 'Cluster', healthCheckNodePort: undefined })
  expect(await ask('192.168.49.2')).toBe('ECONNREFUSED')
  balanced()
  informers.for({ group: '', version: 'v1', resource: 'services' }).delete('default/web')
  expect(await ask('192.168.49.2')).toBe('ECONNREFUSED')
  balanced()
  stop()
  expect(await ask('192.168.49.2')).toBe('ECONNREFUSED')
})
