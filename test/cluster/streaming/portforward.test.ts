import { KubeConfig, PortForward } from '@kubernetes/client-node'
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server } from 'node:net'
import { PassThrough } from 'node:stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { spdyOverTls, spdyOverWebSocket } from './spdyclient.js'
import { startServer, text, type TestServer } from './server.js'

let server: TestServer
/** Stands for the pod: answers what it hears with `echo:` before it. */
let pod: Server
let config: KubeConfig

beforeAll(async () => {
  server = await startServer()
  pod = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => undefined)
    socket.write('echo:')
    socket.pipe(socket)
  })
  await new Promise<void>((resolve) => pod.listen(0, '127.0.0.1', resolve))
  server.kubelet.listen = (port) => {
    if (port !== 80) throw new Error(`error forwarding port ${port} to pod x, uid : connection refused`)
    return connect({ port: (pod.address() as AddressInfo).port, host: '127.0.0.1', allowHalfOpen: true })
  }
  config = new KubeConfig()
  config.loadFromClusterAndUser(
    { name: 'c', server: server.url, caData: Buffer.from(server.cert).toString('base64'), skipTLSVerify: false },
    { name: 'u', token: 't' },
  )
})
afterAll(async () => {
  pod.close()
  await server.close()
})

const PATH = '/api/v1/namespaces/default/pods/web/portforward'

describe('port-forward over WebSocket channels', () => {
  test('carries bytes both ways for @kubernetes/client-node', async () => {
    const output = new PassThrough()
    const input = new PassThrough()
    const ws = (await new PortForward(config).portForward('default', 'web', [80], output, null, input)) as never as WebSocket
    expect(ws.protocol).toBe('v4.channel.k8s.io')
    input.write('ping')
    let seen = ''
    for await (const part of output) if ((seen += part).length === 9) break
    expect(seen).toBe('echo:ping')
    ws.close()
    await once(server.kubelet.forwards.at(-1)!.connection, 'close')
  })

  test('what the kubelet says of a port nobody listens on is told as it is on the error channel, and the WebSocket closes', async () => {
    const ws = new WebSocket(server.url.replace('https', 'wss') + `${PATH}?ports=81`, ['v4.channel.k8s.io'], { ca: server.cert })
    const messages: Buffer[] = []
    ws.on('message', (data) => messages.push(data as Buffer))
    await once(ws, 'close')
    expect(messages).toEqual([
      Buffer.from([0, 81, 0]),
      Buffer.from([1, 81, 0]),
      Buffer.from('\x01error forwarding port 81 to pod x, uid : connection refused'),
    ])
  })

  test.each([
    ['', 'query parameter "port" is required'],
    ['?ports=', 'query parameter "port" cannot be empty'],
    ['?ports=http', 'unable to parse "http" as a port: strconv.ParseUint: parsing "http": invalid syntax'],
    ['?ports=70000', 'unable to parse "70000" as a port: strconv.ParseUint: parsing "70000": value out of range'],
    ['?ports=0', 'port "0" must be > 0'],
  ])('refuses the query "%s"', async (query, message) => {
    const ws = new WebSocket(server.url.replace('https', 'wss') + PATH + query, ['v4.channel.k8s.io'], { ca: server.cert })
    ws.on('error', () => undefined)
    const [, res] = await once(ws, 'unexpected-response')
    expect(res.statusCode).toBe(400)
    expect(await text(res)).toBe(message)
  })
})

describe.each([
  ['plain', () => spdyOverTls(server, PATH, 'portforward.k8s.io')],
  ['tunnelled through a WebSocket', () => spdyOverWebSocket(server, PATH)],
])('port-forward over SPDY, %s', (_, connectSpdy) => {
  test('carries a thousand connections at once, half-closes included', async () => {
    const client = await connectSpdy()
    const answers = await Promise.all(
      Array.from({ length: 1000 }, async (_unused, i) => {
        const error = client.open({ streamtype: 'error', port: '80', requestid: String(i) })
        const data = client.open({ streamtype: 'data', port: '80', requestid: String(i) })
        error.end()
        data.end(`request ${i}`)
        return [await text(data), await text(error)]
      }),
    )
    expect(answers).toEqual(Array.from({ length: 1000 }, (_unused, i) => [`echo:request ${i}`, '']))
    client.close()
  }, 120_000)

  test('tells on the error stream what went wrong', async () => {
    const client = await connectSpdy()
    const error = client.open({ streamtype: 'error', port: '9', requestid: '0' })
    const data = client.open({ streamtype: 'data', port: '9', requestid: '0' })
    error.end()
    expect(await text(error)).toBe('error forwarding port 9 to pod x, uid : connection refused')
    data.end()
    expect(await text(data)).toBe('')
    client.close()
  })

  test('carries 64 MiB unharmed', async () => {
    const client = await connectSpdy()
    client.open({ streamtype: 'error', port: '80', requestid: '7' }).end()
    const data = client.open({ streamtype: 'data', port: '80', requestid: '7' })
    const block = Buffer.alloc(65536, 'abcdefg')
    let left = 1024
    const more = (): void => {
      while (left > 0) {
        left--
        if (!data.write(block)) return void data.once('drain', more)
      }
      data.end()
    }
    more()
    let received = 0
    let wrong = 0
    for await (const part of data) {
      for (let i = 0; i < part.length; i += 4097) {
        const at = received + i - 5
        if (at >= 0 && part[i] !== block[at % 65536]) wrong++
      }
      received += part.length
    }
    expect(received).toBe(5 + 1024 * 65536)
    expect(wrong).toBe(0)
    client.close()
  }, 120_000)
})
