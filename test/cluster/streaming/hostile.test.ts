import { once } from 'node:events'
import https from 'node:https'
import type { Duplex } from 'node:stream'
import { connect } from 'node:tls'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { dictionary } from '../../../src-main/cluster/api/streaming/spdy/headers.js'
import { createRequire } from 'node:module'
import { spdyOverTls } from './spdyclient.js'
import { startServer, text, type TestServer } from './server.js'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())
beforeEach(() => {
  server.kubelet.sessions.length = 0
  server.kubelet.program = () => undefined
})
/** After each attack the server still serves, and no socket is left. */
afterEach(async () => {
  for (const socket of server.sockets) socket.destroy()
  const req = https.get(`${server.url}/api/v1/namespaces/default/pods/web`, { ca: server.cert, agent: false })
  const [res] = await once(req, 'response')
  expect(JSON.parse(await text(res)).metadata.name).toBe('web')
})

const EXEC = '/api/v1/namespaces/default/pods/web/exec?container=a&command=sh&stdin=1&stdout=1&stderr=1'
const FORWARD = '/api/v1/namespaces/default/pods/web/portforward?ports=80'

/** Sends bytes on a bare TLS connection and collects the answer until it closes. */
async function bare(...parts: (string | Buffer)[]): Promise<string> {
  const { port } = new URL(server.url)
  const socket = connect({ host: '127.0.0.1', port: Number(port), ca: server.cert })
  socket.on('error', () => undefined)
  for (const part of parts) socket.write(part)
  let answer = ''
  socket.on('data', (data) => (answer += data.toString('latin1')))
  await once(socket, 'close')
  return answer
}

const upgrade = (path: string, headers: string): string => `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n${headers}\r\n\r\n`

describe('exec over SPDY', () => {
  test('runs with a stream each, ends stdin, and reports the exit code as JSON', async () => {
    server.kubelet.program = (p) => {
      p.stdin!.on('data', (data) => p.stdout!.write(`heard ${data}`))
      p.stdin!.on('end', () => {
        p.stderr!.write('bye')
        p.exit(4)
      })
    }
    const client = await spdyOverTls(server, EXEC, 'v4.channel.k8s.io')
    const [error, stdin, stdout, stderr] = ['error', 'stdin', 'stdout', 'stderr'].map((streamtype) => client.open({ streamtype }))
    // This client opens a stream that ends at once ahead of the others, out of the order of their numbers.
    await Promise.all([error!, stdin!, stdout!, stderr!].map((stream) => once(stream, 'response')))
    for (const stream of [error!, stdout!, stderr!]) stream.end()
    stdin!.end('you')
    expect(await text(stdout!)).toBe('heard you')
    expect(await text(stderr!)).toBe('bye')
    expect(JSON.parse(await text(error!))).toEqual({
      metadata: {},
      status: 'Failure',
      message: 'command terminated with non-zero exit code: error executing command [sh], exit code 4',
      reason: 'NonZeroExitCode',
      details: { causes: [{ reason: 'ExitCode', message: '4' }] },
    })
    client.close()
  })

  test('a protocol that nobody speaks is refused with the list of those that are', async () => {
    const answer = await bare(upgrade(EXEC, 'Upgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: v9.channel.k8s.io'))
    expect(answer).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n/)
    expect(answer).toContain('X-Accepted-Stream-Protocol-Versions: v4.channel.k8s.io\r\n')
    expect(answer).toContain(
      'unable to upgrade: unable to negotiate protocol: client supports [v9.channel.k8s.io], server accepts [v4.channel.k8s.io v3.channel.k8s.io v2.channel.k8s.io channel.k8s.io]',
    )
  })

  test('the dictionary of header blocks is the one of the draft', () => {
    const theirs = createRequire(import.meta.url)('spdy-transport/lib/spdy-transport/protocol/spdy/dictionary.js')
    expect(dictionary.equals(theirs[3.1])).toBe(true)
  })
})

/** The TLS socket below a WebSocket. */
function socketOf(ws: WebSocket): Duplex {
  return (ws as never as Record<string, Duplex>)['_socket']!
}

describe('bad clients', () => {
  test('an upgrade to something else is a 400', async () => {
    const answer = await bare(upgrade(EXEC, 'Upgrade: h2c'))
    expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/)
    expect(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n'))).message).toBe('Upgrade request required')
  })

  test('a WebSocket handshake without a key is a 400, and its session is hung up', async () => {
    const answer = await bare(upgrade(EXEC, 'Upgrade: websocket\r\nSec-WebSocket-Version: 13'))
    expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/)
    await server.kubelet.sessions[0]?.closed
  })

  test.each([
    ['noise', Buffer.from('GET / HTTP/1.1\r\n\r\nthis is not SPDY at all, not in the least')],
    ['another version', Buffer.from([0x80, 9, 0, 1, 0, 0, 0, 0])],
    ['a header block that does not unpack', Buffer.from([0x80, 3, 0, 1, 0, 0, 0, 14, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4])],
    ['a control frame that is too long', Buffer.from([0x80, 3, 0, 1, 0, 0xff, 0xff, 0xff])],
    ['a SYN_STREAM cut short', Buffer.from([0x80, 3, 0, 1, 0, 0, 0, 4, 0, 0, 0, 1])],
  ])('SPDY frames that are %s end the connection and hang up', async (_, bytes) => {
    // Noise that starts with a clear bit is a data frame for a stream that is not there: it waits for the rest, then for the end.
    const { port } = new URL(server.url)
    const socket = connect({ host: '127.0.0.1', port: Number(port), ca: server.cert })
    socket.on('error', () => undefined)
    socket.write(upgrade(EXEC, 'Upgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: v4.channel.k8s.io'))
    await once(socket, 'data')
    socket.write(bytes)
    if (bytes[0]! < 0x80) socket.end()
    socket.resume()
    await once(socket, 'close')
    await server.kubelet.sessions[0]!.closed
  })

  test.each([
    ['reserved bits', Buffer.from([0xf2, 0x81, 1, 2, 3, 4, 5])],
    ['no mask', Buffer.from([0x82, 0x01, 0])],
    ['an endless length', Buffer.from([0x82, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4])],
  ])('WebSocket frames with %s end the connection and hang up', async (_, bytes) => {
    const ws = new WebSocket(server.url.replace('https', 'wss') + EXEC, ['v4.channel.k8s.io'], { ca: server.cert })
    await once(ws, 'open')
    socketOf(ws).write(bytes)
    await once(ws, 'close')
    await server.kubelet.sessions[0]!.closed
  })

  test('messages for channels that are not there, and empty ones, are dropped', async () => {
    const heard: string[] = []
    server.kubelet.program = (p) => p.stdin!.on('data', (data) => heard.push(String(data))).on('end', () => p.exit(0))
    const ws = new WebSocket(server.url.replace('https', 'wss') + EXEC, ['v5.channel.k8s.io'], { ca: server.cert })
    await once(ws, 'open')
    for (const message of ['', '\x09what', '\x01nobody reads this', '\x00yes']) ws.send(Buffer.from(message, 'latin1'))
    ws.send(Buffer.from([255]))
    ws.send(Buffer.from([255, 9]))
    ws.send(Buffer.from([255, 0]))
    ws.send(Buffer.from([255, 0]))
    ws.send(Buffer.from('\x00too late', 'latin1'))
    await once(ws, 'close')
    expect(heard).toEqual(['yes'])
  })

  test('a hundred sockets cut at any moment leave nothing behind', async () => {
    server.kubelet.program = (p) => {
      p.stdout!.on('error', () => undefined)
      p.stdout!.write(Buffer.alloc(200_000))
    }
    const { port } = new URL(server.url)
    await Promise.all(
      Array.from({ length: 100 }, async (_, i) => {
        const socket = connect({ host: '127.0.0.1', port: Number(port), ca: server.cert })
        socket.on('error', () => undefined)
        await once(socket, 'secureConnect')
        const version =
          i % 2
            ? 'Upgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: v4.channel.k8s.io'
            : 'Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='
        socket.write(upgrade(i % 3 ? EXEC : FORWARD, version))
        for (let turn = 0; turn < i; turn++) await new Promise((resolve) => setImmediate(resolve))
        socket.destroy()
      }),
    )
    while (server.sockets.size > 0) await new Promise((resolve) => setImmediate(resolve))
    await Promise.all(server.kubelet.sessions.map((session) => session.closed))
  })
})
