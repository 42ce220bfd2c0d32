import { connect as http2 } from 'node:http2'
import { beforeEach, describe, expect, test } from 'vitest'
import { VirtualClock } from '../../../src-main/cluster/clock.js'
import { Random } from '../../../src-main/cluster/random.js'
import { createNetwork } from '../../../src-main/cluster/network/fabric.js'
import { httpRequest, serveHttp } from '../../../src-main/cluster/network/http.js'
import type { NetworkNamespace } from '../../../src-main/cluster/network/network.js'
import http from 'node:http'
import type { Socket } from 'node:net'
import type { IncomingMessage } from 'node:http'

let clock: VirtualClock
let client: NetworkNamespace
let server: NetworkNamespace

beforeEach(() => {
  clock = new VirtualClock({ start: Date.UTC(2026, 10, 21, 9, 17), speed: 0 })
  const network = createNetwork({ clock, random: new Random(1) })
  network.addNode('n1', '192.168.49.2', '10.244.1.0/24')
  client = network.addPod({ node: 'n1', namespace: 'default', name: 'client' })
  server = network.addPod({ node: 'n1', namespace: 'default', name: 'server' })
})

async function body(res: IncomingMessage): Promise<string> {
  let all = ''
  for await (const part of res) all += part
  return all
}

describe('HTTP over the simulated network', () => {
  test('answers with the date of the cluster and the address of the client', async () => {
    serveHttp(server, 8080, (req, res) => res.end(`${req.method} ${req.url} from ${req.socket.remoteAddress}\n`), { clock })
    const res = await httpRequest(client, { host: server.ip, port: 8080, path: '/a?b=c' })
    expect(res.statusCode).toBe(200)
    expect(res.headers.date).toBe('Sat, 21 Nov 2026 09:17:00 GMT')
    expect(await body(res)).toBe('GET /a?b=c from 10.244.1.2\n')
  })

  test('sends a body and the name it was asked for', async () => {
    client.hosts = '10.244.1.3 web.example\n'
    serveHttp(server, 8080, async (req, res) => res.end(`${req.headers.host} ${await body(req)}`), { clock })
    const res = await httpRequest(client, { host: 'web.example', port: 8080, method: 'POST', body: 'x'.repeat(200_000) })
    expect(await body(res)).toBe(`web.example:8080 ${'x'.repeat(200_000)}`)
  })

  test('tells who speaks no HTTP so, and the connection ends without a reset', async () => {
    serveHttp(server, 80, (_req, res) => res.end('ok'), { clock })
    const connection = await client.connect(server.ip, 80)
    let heard = ''
    connection.on('data', (data: Buffer) => (heard += data.toString()))
    const failed: unknown[] = []
    connection.on('error', (error) => failed.push(error))
    const ended = new Promise((resolve) => connection.once('end', resolve))
    connection.write('hostName\n')
    await ended
    expect(heard).toBe('HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n400 Bad Request')
    expect(failed).toEqual([])
  })

  test('keeps connections alive, and drops idle ones after five seconds of cluster time', async () => {
    const listener = serveHttp(server, 80, (_req, res) => res.end('ok'), { clock })
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
    let opened = 0
    agent.createConnection = (_options: unknown, callback?: (error: Error | null, socket: never) => void) => {
      opened++
      client.connect(server.ip, 80).then((connection) => callback!(null, connection as never), callback as never)
      return undefined as never
    }
    const get = (): Promise<string> =>
      new Promise((resolve, reject) => http.get({ agent, host: server.ip }, (res) => resolve(body(res))).on('error', reject))
    expect([await get(), await get(), await get()]).toEqual(['ok', 'ok', 'ok'])
    expect([opened, listener.connections.size]).toEqual([1, 1])
    await clock.advance(4_900)
    expect(listener.connections.size).toBe(1)
    await clock.advance(2_000)
    expect(listener.connections.size).toBe(0)
    agent.destroy()
  })

  test('closing lets the request that runs come to its end', async () => {
    let finish!: () => void
    const listener = serveHttp(server, 80, (_req, res) => (finish = () => res.end('done')), { clock })
    const asking = httpRequest(client, { host: server.ip, port: 80 })
    await clock.settle()
    listener.close()
    await expect(client.connect(server.ip, 80)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    finish()
    const res = await asking
    expect(await body(res)).toBe('done')
    await clock.settle()
    expect(listener.connections.size).toBe(0)
  })

  test('a request can be given up', async () => {
    serveHttp(server, 80, () => undefined, { clock })
    const controller = new AbortController()
    const asking = httpRequest(client, { host: server.ip, port: 80, signal: controller.signal })
    await clock.settle()
    controller.abort(new Error('timed out'))
    await expect(asking).rejects.toThrow('timed out')
  })

  test('an answer that is no HTTP is an error', async () => {
    server.listen(80, (connection) => connection.end('+PONG\r\n'))
    await expect(httpRequest(client, { host: server.ip, port: 80 })).rejects.toMatchObject({ code: 'HPE_INVALID_CONSTANT' })
  })

  test('a thousand requests at once are all answered', async () => {
    serveHttp(server, 80, (req, res) => res.end(req.url), { clock })
    const answers = await Promise.all(
      Array.from({ length: 1000 }, async (_, i) => body(await httpRequest(client, { host: server.ip, port: 80, path: `/${i}` }))),
    )
    expect(answers).toEqual(Array.from({ length: 1000 }, (_, i) => `/${i}`))
  })

  test('an upgraded connection is raw bytes', async () => {
    const listener = serveHttp(server, 80, (_req, res) => res.end(), { clock })
    listener.server.on('upgrade', (_req, socket: Socket, head: Buffer) => {
      socket.unshift(head)
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n')
      socket.pipe(socket)
    })
    const connection = await client.connect(server.ip, 80)
    connection.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\nping')
    let heard = ''
    connection.on('data', (data) => (heard += data))
    await clock.settle()
    expect(heard.endsWith('\r\n\r\nping')).toBe(true)
    connection.end()
  })

  test('HTTP/2 runs over a connection too', async () => {
    const { createServer } = await import('node:http2')
    const h2 = createServer((req, res) => res.end(`h2 ${req.url}`))
    server.listen(80, (connection) => h2.emit('connection', connection))
    const connection = await client.connect(server.ip, 80)
    const session = http2('http://server', { createConnection: () => connection as never })
    const stream = session.request({ ':path': '/x' })
    let all = ''
    for await (const part of stream) all += part
    expect(all).toBe('h2 /x')
    session.destroy()
  })
})
