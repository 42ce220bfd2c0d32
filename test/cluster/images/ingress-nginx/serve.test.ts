import { ServerResponse, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { beforeEach, describe, expect, test } from 'vitest'
import { VirtualClock } from '../../../../src-main/cluster/clock.js'
import { createNetwork, type Fabric } from '../../../../src-main/cluster/network/fabric.js'
import { httpRequest, serveHttp, type HttpListener, type HttpRequestOptions } from '../../../../src-main/cluster/network/http.js'
import type { Connection, NetworkNamespace } from '../../../../src-main/cluster/network/network.js'
import { Random } from '../../../../src-main/cluster/random.js'
import type { Process } from '../../../../src-main/cluster/runtime/process.js'
import { buildServers } from '../../../../src-main/cluster/runtime/images/ingress-nginx/configuration.js'
import { IngressServer } from '../../../../src-main/cluster/runtime/images/ingress-nginx/serve.js'

const A = 'nginx.ingress.kubernetes.io/'
let clock: VirtualClock
let network: Fabric
let gateway: NetworkNamespace
let client: NetworkNamespace
let pods: NetworkNamespace[]
let listeners: HttpListener[]
let output: string

/** Serves one Ingress for `web.test`, whose Service has two pods, and one for `none.test`, whose Service has none. */
function serve(
  annotations: Record<string, string> = {},
  extra: { ingresses?: object[]; tls?: boolean; secrets?: Record<string, string> } = {},
): void {
  const rule = (host: string, service: string): object => ({
    host,
    http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: service, port: { number: 80 } } } }] },
  })
  const ingress = {
    metadata: {
      namespace: 'default',
      name: 'web',
      annotations: Object.fromEntries(Object.entries(annotations).map(([k, v]) => [A + k, v])),
    },
    spec: { rules: [rule('web.test', 'web'), rule('none.test', 'none')], ...(extra.tls ? { tls: [{ hosts: ['web.test'] }] } : {}) },
  }
  const slice = (service: string, addresses: string[]): [string, object] => [
    `default/${service}`,
    {
      metadata: { namespace: 'default', labels: { 'kubernetes.io/service-name': service } },
      addressType: 'IPv4',
      ports: [{ port: 8080 }],
      endpoints: addresses.map((a) => ({ addresses: [a] })),
    },
  ]
  const world = {
    ingresses: new Map(),
    classes: new Map(),
    services: new Map(['web', 'none', 'canary'].map((name) => [`default/${name}`, { spec: { ports: [{ port: 80 }] } }])),
    slices: new Map([slice('web', [pods[0]!.ip, pods[1]!.ip]), slice('canary', [pods[2]!.ip])]),
    secrets: new Map(),
  }
  const serving = {
    servers: buildServers([ingress, ...(extra.ingresses ?? [])] as never, world as never),
    passwords: (secret: string) => {
      const line = extra.secrets?.[secret]
      return line === undefined ? undefined : new Map([line.split(':') as [string, string]])
    },
  }
  const process = {
    net: gateway,
    clock,
    random: new Random(5),
    aborted: new AbortController().signal,
    write: async (text: string) => void (output += text),
    writeError: async (text: string) => void (output += text),
  } as unknown as Process
  const server = new IngressServer(process, () => serving)
  const listener = serveHttp(gateway, 80, (req, res) => void server.handle(req, res, false), { clock })
  listener.server.on('upgrade', (req, socket: Duplex, head: Buffer) => {
    void server.upgrade(req, socket, head, new ServerResponse(req), false).catch(() => socket.destroy())
  })
}

beforeEach(() => {
  clock = new VirtualClock({ start: Date.UTC(2026, 10, 21, 9, 17), speed: 0 })
  network = createNetwork({ clock, random: new Random(1) })
  network.addNode('n1', '192.168.49.2', '10.244.1.0/24')
  gateway = network.addPod({ node: 'n1', namespace: 'ingress-nginx', name: 'controller' })
  client = network.addPod({ node: 'n1', namespace: 'default', name: 'client' })
  output = ''
  pods = [0, 1, 2].map((i) => network.addPod({ node: 'n1', namespace: 'default', name: `web-${i}` }))
  listeners = pods.map((pod, i) =>
    serveHttp(
      pod,
      8080,
      (req, res) => {
        res.setHeader('Server', 'own')
        res.setHeader('X-Pod', String(i))
        res.end(`${req.method} ${req.url}\n${req.rawHeaders.map((h, n) => (n % 2 ? `${h}\n` : `${h}: `)).join('')}`)
      },
      { clock },
    ),
  )
})

interface Answer {
  status: string
  headers: IncomingHttpHeaders
  body: string
}

async function ask(options: Partial<HttpRequestOptions> = {}): Promise<Answer> {
  const asking = httpRequest(client, { host: gateway.ip, port: 80, ...options, headers: { Host: 'web.test', ...options.headers } })
  asking.catch(() => undefined)
  await clock.advance(1)
  const res = await asking
  let body = ''
  res.setEncoding('utf8')
  res.on('data', (part) => (body += part))
  await clock.advance(1)
  return { status: `${res.statusCode} ${res.statusMessage}`, headers: res.headers, body }
}

describe('a request', () => {
  test('reaches the endpoint with its own headers and those of a proxy', async () => {
    serve()
    const { status, body, headers } = await ask({ path: '/a%20b?q=1', headers: { 'X-Own': '1', 'X-Forwarded-For': '1.2.3.4' } })
    expect(status).toBe('200 OK')
    expect(headers['server']).toBeUndefined()
    expect(body.replace(/[0-9a-f]{32}/, 'ID')).toBe(
      `GET /a%20b?q=1\nHost: web.test\nX-Request-ID: ID\nX-Real-IP: ${client.ip}\nX-Forwarded-For: ${client.ip}\nX-Forwarded-Host: web.test\n` +
        'X-Forwarded-Port: 80\nX-Forwarded-Proto: http\nX-Forwarded-Scheme: http\nX-Scheme: http\nX-Original-Forwarded-For: 1.2.3.4\nX-Own: 1\n',
    )
  })

  test('goes to the endpoints in turn and is logged in the format of the controller', async () => {
    serve()
    const seen = [await ask(), await ask(), await ask()].map((a) => a.headers['x-pod'])
    expect(seen).toEqual(['0', '1', '0'])
    expect(output.split('\n')[0]!.replace(/[0-9a-f]{32}$/, 'ID')).toMatch(
      new RegExp(
        `^${client.ip} - - \\[21/Nov/2026:09:17:00 \\+0000\\] "GET / HTTP/1\\.1" 200 \\d+ "-" "-" \\d+ 0\\.000 \\[default-web-80\\] \\[\\] ${pods[0]!.ip}:8080 \\d+ 0\\.000 200 ID$`,
      ),
    )
  })

  test.each([
    ['an unknown host', { headers: { Host: 'other.test' } }, '404 Not Found'],
    ['a Service without endpoints', { headers: { Host: 'none.test' } }, '503 Service Temporarily Unavailable'],
    [
      'a body that is too large',
      { method: 'POST', body: Buffer.alloc(1024 ** 2 + 1), headers: { 'Content-Length': '1048577' } },
      '413 Request Entity Too Large',
    ],
  ])('to %s is answered by nginx itself', async (_, options, expected) => {
    serve()
    const { status, body } = await ask(options)
    expect(status).toBe(expected)
    expect(body).toContain(`<center><h1>${expected}</h1></center>`)
  })

  test('goes to the next endpoint when one refuses, and is a bad gateway when all do', async () => {
    serve()
    listeners[0]!.destroy()
    expect((await ask()).headers['x-pod']).toBe('1')
    expect(output).toContain('connect() failed (111: Connection refused) while connecting to upstream')
    listeners[1]!.destroy()
    expect((await ask()).status).toBe('502 Bad Gateway')
  })
})

describe('annotations', () => {
  test('TLS sends plain requests to https, unless ssl-redirect is off', async () => {
    serve({}, { tls: true })
    const { status, headers } = await ask({ path: '/x?y=1' })
    expect([status, headers.location]).toEqual(['308 Permanent Redirect', 'https://web.test/x?y=1'])
  })

  test.each([
    [{ 'ssl-redirect': 'false' }, true, '200 OK', undefined],
    [{ 'force-ssl-redirect': 'true' }, false, '308 Permanent Redirect', 'https://web.test/'],
    [{ 'permanent-redirect': 'https://www.test' }, false, '301 Moved Permanently', 'https://www.test'],
    [{ 'temporal-redirect': 'https://www.test' }, false, '302 Moved Temporarily', 'https://www.test'],
    [{ 'app-root': '/app' }, false, '302 Moved Temporarily', 'http://web.test/app'],
    [{ 'whitelist-source-range': '10.0.0.0/24' }, false, '403 Forbidden', undefined],
    [{ 'whitelist-source-range': '10.0.0.0/24,10.244.0.0/16' }, false, '200 OK', undefined],
    [{ 'whitelist-source-range': '::1/128,10.244.0.0/16' }, false, '200 OK', undefined],
    [{ 'whitelist-source-range': '10.0.0.7,2001:db8::/32' }, false, '403 Forbidden', undefined],
    [{ 'whitelist-source-range': '10.0.0.0/24,nonsense' }, false, '503 Service Temporarily Unavailable', undefined],
    [{ 'whitelist-source-range': '10.0.0.0/33' }, false, '503 Service Temporarily Unavailable', undefined],
    [{ 'denylist-source-range': '10.244.1.0/24' }, false, '403 Forbidden', undefined],
  ])('%j', async (annotations, tls, status, location) => {
    serve(annotations as never, { tls })
    const answer = await ask()
    expect([answer.status, answer.headers.location]).toEqual([status, location])
  })

  test('basic authentication asks for a user of the Secret', async () => {
    serve({ 'auth-type': 'basic', 'auth-secret': 'users', 'auth-realm': 'Who?' }, { secrets: { 'default/users': 'foo:{PLAIN}bar' } })
    const asked = await ask()
    expect([asked.status, asked.headers['www-authenticate']]).toEqual(['401 Unauthorized', 'Basic realm="Who?"'])
    const credentials = `Basic ${Buffer.from('foo:bar').toString('base64')}`
    expect((await ask({ headers: { Authorization: credentials } })).status).toBe('200 OK')
  })

  test('CORS answers a preflight request itself', async () => {
    serve({ 'enable-cors': 'true', 'cors-allow-origin': 'https://a.test' })
    const { status, headers } = await ask({ method: 'OPTIONS', headers: { Origin: 'https://a.test' } })
    expect([status, headers['access-control-allow-origin']]).toEqual(['204 No Content', 'https://a.test'])
  })

  test('a cookie keeps a client with its endpoint', async () => {
    serve({ affinity: 'cookie', 'session-cookie-name': 'route' })
    const first = await ask()
    const cookie = first.headers['set-cookie']![0]!
    expect(cookie).toMatch(/^route=[0-9a-f]{32}; Path=\/; HttpOnly$/)
    const again = await Promise.all([1, 2, 3].map(() => ask({ headers: { Cookie: cookie.split(';')[0]! } })))
    expect(again.map((a) => a.headers['x-pod'])).toEqual(['0', '0', '0'])
    expect(again[0]!.headers['set-cookie']).toBeUndefined()
  })

  test('a canary gets the requests that its header names, and its weight of the others', async () => {
    const backend = { service: { name: 'canary', port: { number: 80 } } }
    const canary = (annotations: object): object => ({
      metadata: { namespace: 'default', name: 'canary', annotations: { [`${A}canary`]: 'true', ...annotations } },
      spec: { rules: [{ host: 'web.test', http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }] },
    })
    serve({}, { ingresses: [canary({ [`${A}canary-by-header`]: 'X-Canary', [`${A}canary-weight`]: '30' })] })
    expect((await ask({ headers: { 'X-Canary': 'always' } })).headers['x-pod']).toBe('2')
    expect((await ask({ headers: { 'X-Canary': 'never' } })).headers['x-pod']).not.toBe('2')
    let hits = 0
    for (let i = 0; i < 100; i++) if ((await ask()).headers['x-pod'] === '2') hits++
    expect(hits).toBe(30)
  })
})

test('a WebSocket passes through unchanged, both ways', async () => {
  for (const { server } of listeners)
    server.on('upgrade', (req: IncomingMessage, socket: Duplex) => {
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nUpgrade: ${req.headers.upgrade}\r\nConnection: Upgrade\r\nX-Path: ${req.url}\r\n\r\n`,
      )
      socket.on('data', (data: Buffer) => socket.write(Buffer.from(data).reverse()))
      socket.on('end', () => socket.end())
    })
  serve()
  const connection: Connection = await client.connect(gateway.ip, 80)
  let got = Buffer.alloc(0)
  connection.on('data', (data: Buffer) => (got = Buffer.concat([got, data])))
  connection.write('GET /ws HTTP/1.1\r\nHost: web.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n\r\n')
  await clock.settle()
  const head = got.toString()
  expect(head).toBe('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nX-Path: /ws\r\n\r\n')
  connection.write(Buffer.from([1, 2, 3, 255]))
  await clock.settle()
  expect([...got.subarray(head.length)]).toEqual([255, 3, 2, 1])
  connection.destroy()
  await clock.settle()
  expect(output).toContain('"GET /ws HTTP/1.1" 101')
})

test('a thousand requests at once, each with a body, get their own answers', async () => {
  for (const { server } of listeners) {
    server.removeAllListeners('request')
    server.on('request', (req: IncomingMessage, res: ServerResponse) => void req.pipe(res))
  }
  serve()
  const bodies = await Promise.all(
    Array.from({ length: 1000 }, async (_, i) => {
      const answer = await httpRequest(client, {
        host: gateway.ip,
        port: 80,
        method: 'POST',
        headers: { Host: 'web.test' },
        body: `number ${i}`,
      })
      let body = ''
      for await (const part of answer) body += String(part)
      return body
    }),
  )
  expect(bodies).toEqual(bodies.map((_, i) => `number ${i}`))
})

test('32 MiB go through unchanged, no faster than they are read', async () => {
  const size = 32 * 1024 * 1024
  let written = 0
  for (const { server } of listeners) {
    server.removeAllListeners('request')
    server.on('request', (_: IncomingMessage, res: ServerResponse) => {
      const block = Buffer.alloc(64 * 1024, 7)
      const more = (): void => {
        while (written < size) {
          written += block.length
          if (!res.write(block)) return void res.once('drain', more)
        }
        res.end()
      }
      more()
    })
  }
  serve()
  const answer = await httpRequest(client, { host: gateway.ip, port: 80, headers: { Host: 'web.test' } })
  let bytes = 0
  let ahead = 0
  for await (const part of answer) {
    bytes += (part as Buffer).length
    ahead = Math.max(ahead, written - bytes)
  }
  expect(bytes).toBe(size)
  // Two connections with their windows and the buffers of node's HTTP on the way.
  expect(ahead).toBeLessThan(1024 * 1024)
})
