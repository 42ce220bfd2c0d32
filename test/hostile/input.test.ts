import net from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import WebSocket from 'ws'
import { TestCluster } from '../kubectl/support/cluster.js'
import { credentials, http2Session, rawConnection, requester, type Request } from '../kubectl/support/requests.js'

/** Input that no well-behaved client sends. Each gets a clear answer, and the cluster goes on. */

let cluster: TestCluster
let request: Request & { close(): void }
const configMaps = '/api/v1/namespaces/default/configmaps'

beforeAll(async () => {
  cluster = await TestCluster.start({ args: ['--nodes', '1'] })
  request = requester(cluster.kubeconfig)
  cluster.ok('run web --image=nginx')
  cluster.ok('wait --for=condition=Ready pod/web --timeout=60s')
})
afterAll(async () => {
  request?.close()
  await cluster?.stop()
})
afterEach(async () => {
  expect(cluster.child.exitCode).toBe(null)
  expect((await request('GET', '/readyz')).text).toBe('ok')
})

/** The parts of a Status that matter. */
const status = (a: { code: number; json: { kind?: string; reason?: string } | undefined }): unknown => [
  a.code,
  a.json?.kind,
  a.json?.reason,
]

describe('bodies', () => {
  it('malformed JSON is a BadRequest', async () => {
    for (const body of ['{', '{"kind":"ConfigMap"', '[1,', 'nul', '{"a":1}}', '\u0000', '{"metadata":{"name":"\ud800"}}{'])
      expect(status(await request('POST', configMaps, body)), body).toEqual([400, 'Status', 'BadRequest'])
  })

  it('malformed YAML is a BadRequest', async () => {
    for (const body of ['a: [', 'a: b: c', '- x\n y: 1', '&a [*a, *a', '\t- x'])
      expect(status(await request('POST', configMaps, body, { 'content-type': 'application/yaml' })), body).toEqual([
        400,
        'Status',
        'BadRequest',
      ])
  })

  it('YAML that grows without end by its aliases is refused quickly', async () => {
    const levels = Array.from(
      { length: 30 },
      (_, i) => `l${i}: &l${i} [${Array.from({ length: 9 }, () => (i ? `*l${i - 1}` : 'x')).join(',')}]`,
    ).join('\n')
    const answer = await request('POST', configMaps, levels, { 'content-type': 'application/yaml' })
    expect(answer.code).toBe(400)
  })

  it('wrong types are a BadRequest that names the field', async () => {
    const answer = await request('POST', configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: { a: 5 } })
    expect(status(answer)).toEqual([400, 'Status', 'BadRequest'])
    expect(answer.json.message).toContain('ConfigMap.data of type string')
  })

  it('another kind than the URL names, no kind, or a list is refused', async () => {
    expect((await request('POST', configMaps, { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a' } })).code).toBe(400)
    expect((await request('POST', configMaps, [])).code).toBe(400)
    expect((await request('POST', configMaps, 'null')).code).toBeGreaterThanOrEqual(400)
    expect((await request('POST', configMaps, '')).code).toBe(400)
  })

  it('unknown fields are dropped with a warning, or refused when the client is strict', async () => {
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'unknown' }, dota: { a: '1' } }
    const strict = await request('POST', `${configMaps}?fieldValidation=Strict`, body)
    expect(strict.code).toBe(400)
    expect(strict.json.message).toContain('strict decoding error: unknown field "dota"')
    const warned = await request('POST', `${configMaps}?fieldValidation=Warn`, body)
    expect(warned.code).toBe(201)
    expect(warned.headers.warning).toBe('299 - "unknown field \\"dota\\""')
    expect(warned.json.dota).toBeUndefined()
  })

  it('names that mean something to JavaScript pollute nothing: __proto__ is refused, the others are data', async () => {
    const body = (key: string): string =>
      `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"proto","labels":{"constructor":"x"}},"data":{"${key}":"y"}}`
    const refused = await request('POST', configMaps, body('__proto__'))
    expect(refused.code).toBe(400)
    expect(refused.json.message).toContain('the key "__proto__" is not supported')
    expect((await request('POST', configMaps, body('toString'))).code).toBe(201)
    const stored = (await request('GET', `${configMaps}/proto`)).json
    expect(Object.entries(stored.data)).toEqual([['toString', 'y']])
    expect(Object.entries(stored.metadata.labels)).toEqual([['constructor', 'x']])
    expect(
      (
        await request('PATCH', `${configMaps}/proto`, '{"__proto__":{"polluted":"yes"}}', {
          'content-type': 'application/merge-patch+json',
        })
      ).code,
    ).toBeLessThan(500)
    expect(
      (
        await request('PATCH', `${configMaps}/proto`, '[{"op":"add","path":"/__proto__/polluted","value":"yes"}]', {
          'content-type': 'application/json-patch+json',
        })
      ).code,
    ).toBeLessThan(500)
    expect((await request('GET', '/api/v1/namespaces/default')).json.polluted).toBeUndefined()
  })

  it('nesting without end is refused', async () => {
    for (const depth of [1_000, 100_000]) {
      const body = `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"deep"},"data":${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}}`
      expect((await request('POST', configMaps, body)).code, String(depth)).toBe(400)
    }
  })

  it('4 MiB is too large', async () => {
    const answer = await request('POST', configMaps, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'big' },
      data: { a: 'x'.repeat(4 * 1024 * 1024) },
    })
    expect(status(answer)).toEqual([413, 'Status', 'RequestEntityTooLarge'])
  })

  it('a content type that nobody knows is unsupported, and so is an Accept that cannot be met', async () => {
    expect(status(await request('POST', configMaps, 'x', { 'content-type': 'text/csv' }))).toEqual([415, 'Status', 'UnsupportedMediaType'])
    expect(status(await request('GET', configMaps, undefined, { accept: 'text/csv' }))).toEqual([406, 'Status', 'NotAcceptable'])
  })
})

describe('requests', () => {
  it('a bad token is unauthorized, whatever it asks for', async () => {
    const anonymous = requester(cluster.kubeconfig, { anonymous: true })
    for (const token of ['x', 'a.b.c', 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJzeXN0ZW06YWRtaW4ifQ.', '0'.repeat(5000)]) {
      const answer = await anonymous('GET', '/api/v1/namespaces/default/secrets/none', undefined, { authorization: `Bearer ${token}` })
      expect(status(answer)).toEqual([401, 'Status', 'Unauthorized'])
    }
    anonymous.close()
  })

  it('without credentials only health and version are answered; the rest is forbidden, there or not', async () => {
    const anonymous = requester(cluster.kubeconfig, { anonymous: true })
    expect((await anonymous('GET', '/version')).code).toBe(200)
    expect((await anonymous('GET', '/livez')).code).toBe(200)
    for (const p of ['/api/v1/namespaces/default/pods/web', '/api/v1/namespaces/default/pods/none'])
      expect(status(await anonymous('GET', p))).toEqual([403, 'Status', 'Forbidden'])
    anonymous.close()
  })

  it('paths that lead nowhere, are not encoded right or try to climb are 404 or 400', async () => {
    for (const p of [
      '/nothing',
      '/api/v2',
      '/apis/none.example/v1/things',
      '/api/v1/namespaces/default/nothings',
      '/api/v1/../../etc/passwd',
      '/%2e%2e/%2e%2e/etc/passwd',
      '/api/v1/namespaces/default/pods/%E0%A4%A',
    ]) {
      const { code } = await request('GET', p)
      expect([400, 403, 404], `${p} ${code}`).toContain(code)
    }
  })

  it('selectors, limits and versions that do not parse are BadRequests', async () => {
    for (const q of [
      'labelSelector=a%20b',
      'labelSelector=a+in+(',
      'fieldSelector=status.bogus=1',
      'limit=x',
      'continue=%%%',
      'limit=1&continue=eyJ4Ijo',
      'timeoutSeconds=x',
    ]) {
      const { code } = await request('GET', `${configMaps}?${q}`)
      expect(code, q).toBe(400)
    }
    const version = await request('GET', `${configMaps}?resourceVersion=abc`)
    expect(version.code).toBe(400)
    expect(version.json.message).toContain('invalid resource version: resourceVersion: ')
  })

  it('verbs that a path does not have are not allowed', async () => {
    expect((await request('POST', '/api/v1/namespaces/default/pods/web', {})).code).toBe(405)
    expect((await request('PUT', '/api/v1/namespaces/default/pods', {})).code).toBe(405)
  })

  it('headers without end are cut off', async () => {
    const socket = await rawConnection(cluster.kubeconfig)
    const closed = new Promise<string>((resolve) => {
      let text = ''
      socket.on('data', (d) => (text += d.toString()))
      socket.on('close', () => resolve(text))
      socket.on('error', () => undefined)
    })
    socket.write('GET /version HTTP/1.1\r\nhost: x\r\n')
    for (let i = 0; i < 2000 && !socket.destroyed; i++) socket.write(`x-${i}: ${'y'.repeat(1000)}\r\n`)
    expect((await closed).slice(0, 12)).toMatch(/^(HTTP\/1\.1 431)?$/)
  })

  it('bytes that are not HTTP end the connection', async () => {
    const socket = await rawConnection(cluster.kubeconfig)
    const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()))
    socket.on('error', () => undefined)
    socket.resume()
    socket.write(Buffer.from([0, 1, 2, 3, 255, 254, 13, 10, 13, 10]))
    await closed
  })

  it('HTTP/2 streams that are reset at once, by the hundred, leave others unharmed', async () => {
    const session = http2Session(cluster.kubeconfig)
    session.on('error', () => undefined)
    for (let i = 0; i < 300; i++) {
      const stream = session.request({ ':path': '/api/v1/pods?watch=1', ':method': 'GET' })
      stream.on('error', () => undefined)
      stream.close(8)
    }
    session.destroy()
    expect((await request('GET', '/version')).code).toBe(200)
  })
})

describe('connections', () => {
  it('a hundred half-open ones that never speak TLS do not keep others out', async () => {
    const { server } = credentials(cluster.kubeconfig)
    const sockets = await Promise.all(
      Array.from(
        { length: 100 },
        () =>
          new Promise<net.Socket>((resolve) => {
            const s = net.connect(Number(server.port), server.hostname, () => resolve(s))
            s.on('error', () => undefined)
          }),
      ),
    )
    expect((await request('GET', '/version')).code).toBe(200)
    for (const s of sockets) s.destroy()
  })

  it('one that stops in the middle of its body gets no answer and holds nobody up', async () => {
    const socket = await rawConnection(cluster.kubeconfig)
    socket.on('error', () => undefined)
    socket.write(`POST ${configMaps} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{"kind"`)
    expect((await request('GET', '/version')).code).toBe(200)
    socket.destroy()
  })

  const exec = (query: string, protocols: string[] = ['v5.channel.k8s.io']): WebSocket => {
    const { server, ca, cert, key } = credentials(cluster.kubeconfig)
    return new WebSocket(`wss://${server.host}/api/v1/namespaces/default/pods/web/exec?${query}`, protocols, { ca, cert, key })
  }
  const ended = (ws: WebSocket): Promise<void> =>
    new Promise((resolve) => {
      ws.on('error', () => undefined)
      ws.once('close', () => resolve())
    })

  it('WebSocket frames of channels that do not exist, empty ones, and broken ones end at most their own session', async () => {
    for (const frame of [Buffer.from([99, 1, 2]), Buffer.alloc(0), Buffer.from([4, 0x7b]), Buffer.from([255]), Buffer.from([255, 77])]) {
      const ws = exec('command=sh&stdin=true&stdout=true&tty=true')
      const end = ended(ws)
      await new Promise((resolve) => ws.once('open', resolve))
      ws.send(frame)
      ws.terminate()
      await end
    }
    const ws = exec('command=cat&stdin=true&stdout=true')
    const end = ended(ws)
    await new Promise((resolve) => ws.once('open', resolve))
    // Reserved opcode, not masked: a protocol error.
    ;(ws as unknown as { _socket: net.Socket })._socket.write(Buffer.from([0x8f, 0xff, 0xff]))
    await end
  })

  it('an exec with a protocol that nobody knows, no streams or no such container is refused before it begins', async () => {
    const refusal = (ws: WebSocket): Promise<number> =>
      new Promise((resolve) => {
        ws.on('error', () => undefined)
        ws.once('unexpected-response', (_r, response) => resolve(response.statusCode ?? 0))
        ws.once('open', () => resolve(101))
      })
    expect(await refusal(exec('command=sh&stdout=true', ['v99.channel.k8s.io']))).toBeGreaterThanOrEqual(400)
    // With v5 the API server itself ends the WebSocket, and tells what the kubelet refuses on the stream of errors.
    expect(await refusal(exec('command=sh', ['v4.channel.k8s.io']))).toBe(400)
    expect(await refusal(exec('command=sh&stdout=true&container=nope'))).toBe(400)
  })
})
