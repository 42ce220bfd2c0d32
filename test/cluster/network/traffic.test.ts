/** Much at once and much through one: bytes arrive unchanged, and what is on its way is bounded. */
import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { beforeEach, describe, expect, test } from 'vitest'
import { VirtualClock } from '../../../src-main/cluster/clock.js'
import { createNetwork, type Fabric } from '../../../src-main/cluster/network/fabric.js'
import { httpRequest, serveHttp } from '../../../src-main/cluster/network/http.js'
import type { Connection, NetworkNamespace } from '../../../src-main/cluster/network/network.js'
import { attachServices } from '../../../src-main/cluster/network/services.js'
import { Random } from '../../../src-main/cluster/random.js'
import { FakeInformers } from './informers.js'

const MIB = 1024 * 1024
let clock: VirtualClock
let network: Fabric
let client: NetworkNamespace
let pods: NetworkNamespace[]
const SERVICE = '10.96.0.50'

beforeEach(() => {
  clock = new VirtualClock({ start: 0, speed: 0 })
  network = createNetwork({ clock, random: new Random(1) })
  for (const n of [1, 2]) network.addNode(`n${n}`, `192.168.49.${n + 1}`, `10.244.${n}.0/24`)
  const informers = new FakeInformers()
  attachServices({ network, informers, clock, random: new Random(2) })
  client = network.addPod({ node: 'n1', namespace: 'default', name: 'client' })
  pods = ['n1', 'n2'].map((node, i) => network.addPod({ node, namespace: 'default', name: `web-${i}` }))
  const port = { port: 80, targetPort: 8080, nodePort: 30_080 }
  informers.service('web', { type: 'NodePort', clusterIP: SERVICE, clusterIPs: [SERVICE], ports: [port] })
  informers.slice(
    'web',
    [{ port: 8080 }],
    pods.map((p) => ({ addresses: [p.ip], nodeName: p.node, conditions: { ready: true } })),
  )
})

const ways: [string, () => [string, number]][] = [
  ['a pod', () => [pods[1]!.ip, 8080]],
  ['a Service', () => [SERVICE, 80]],
  ['a node port', () => ['192.168.49.3', 30_080]],
]

describe.each(ways)('through %s', (_, target) => {
  test('a thousand connections are open at once, each with its own bytes', async () => {
    for (const pod of pods) pod.listen(8080, (connection) => void connection.pipe(connection))
    const open = await Promise.all(Array.from({ length: 1000 }, () => client.connect(...target())))
    const got = open.map((connection, i) => {
      const parts: Buffer[] = []
      connection.on('data', (data: Buffer) => parts.push(data))
      connection.end(`number ${i}`)
      return parts
    })
    await clock.settle()
    expect(got.map((parts) => Buffer.concat(parts).toString())).toEqual(open.map((__, i) => `number ${i}`))
  })

  test('a thousand HTTP requests are answered', async () => {
    for (const pod of pods) serveHttp(pod, 8080, (req, res) => res.end(req.url), { clock })
    const [host, port] = target()
    const bodies = await Promise.all(
      Array.from({ length: 1000 }, async (__, i) => {
        const answer = await httpRequest(client, { host, port, path: `/${i}` })
        let body = ''
        for await (const part of answer) body += String(part)
        return body
      }),
    )
    expect(bodies).toEqual(bodies.map((__, i) => `/${i}`))
  })

  test('a thousand upgraded connections carry bytes that are no HTTP any more', async () => {
    for (const pod of pods)
      serveHttp(pod, 8080, (_req, res) => res.end(), { clock }).server.on('upgrade', (req: IncomingMessage, socket: Duplex) => {
        socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
        socket.on('data', (data: Buffer) => socket.end(Buffer.concat([data, Buffer.from(req.url!)])))
      })
    const frame = Buffer.from([0x81, 0x00, 0xff, 0x0d, 0x0a])
    const open = await Promise.all(Array.from({ length: 1000 }, () => client.connect(...target())))
    const got = open.map((connection, i) => {
      const parts: Buffer[] = []
      connection.on('data', (data: Buffer) => {
        parts.push(data)
        if (parts.length === 1) connection.write(frame)
      })
      connection.write(`GET /${i} HTTP/1.1\r\nHost: web\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`)
      return parts
    })
    await clock.settle()
    const answers = got.map((parts) => Buffer.concat(parts).toString('latin1').split('\r\n\r\n')[1])
    expect(answers).toEqual(got.map((_parts, i) => `${frame.toString('latin1')}/${i}`))
  })

  test('64 MiB arrive unchanged, with no more than three windows on the way', async () => {
    let server: Connection | undefined
    const block = Buffer.from(Array.from({ length: 64 * 1024 }, (__, i) => (i * 31 + (i >> 8)) % 256))
    const sent = createHash('sha256')
    for (const pod of pods)
      pod.listen(8080, (connection) => {
        server = connection
        let left = (64 * MIB) / block.length
        const more = (): void => {
          while (left > 0) {
            left--
            sent.update(block)
            if (!connection.write(block)) return void connection.once('drain', more)
          }
          connection.end()
        }
        more()
      })
    const connection = await client.connect(...target())
    const received = createHash('sha256')
    let bytes = 0
    let most = 0
    for await (const data of connection) {
      received.update(data as Buffer)
      bytes += (data as Buffer).length
      most = Math.max(most, connection.readableLength + server!.writableLength)
    }
    expect(bytes).toBe(64 * MIB)
    expect(received.digest('hex')).toBe(sent.digest('hex'))
    expect(most).toBeLessThanOrEqual(3 * 64 * 1024)
  })
})
