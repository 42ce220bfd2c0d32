import http2 from 'node:http2'
import { duplexPair } from './duplexpair.js'
import net from 'node:net'
import tls from 'node:tls'
import { gunzipSync } from 'node:zlib'
import WebSocket from 'ws'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { resources } from '../../../src-main/cluster/api/client.js'
import { configMap, pod } from './fixture.js'
import { openWatch, startHttps, type Answer, type HttpsFixture } from './https.js'

let f: HttpsFixture
beforeAll(async () => {
  f = await startHttps()
})
afterAll(() => f.server.close())

const MAPS = '/api/v1/namespaces/default/configmaps'
const said = (a: Answer): string => `${a.code} ${a.json?.reason ?? ''}: ${a.json?.message ?? a.text}`

describe('a request over HTTPS', () => {
  it('creates, reads, changes and deletes', async () => {
    const made = await f.send('POST', MAPS, { body: configMap('crud', { a: '1' }) })
    expect([made.code, made.headers['content-type'], made.json.metadata.name]).toEqual([201, 'application/json', 'crud'])
    expect((await f.send('GET', `${MAPS}/crud`)).json.data).toEqual({ a: '1' })
    const patched = await f.send('PATCH', `${MAPS}/crud`, {
      body: { data: { b: '2' } },
      headers: { 'content-type': 'application/merge-patch+json' },
    })
    expect(patched.json.data).toEqual({ a: '1', b: '2' })
    const gone = await f.send('DELETE', `${MAPS}/crud`)
    expect(gone.json).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Success',
      details: { name: 'crud', kind: 'configmaps', uid: made.json.metadata.uid },
    })
    expect(said(await f.send('GET', `${MAPS}/crud`))).toBe('404 NotFound: configmaps "crud" not found')
  })

  it('reads and answers YAML', async () => {
    const body = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: yaml\ndata:\n  "n": "1"\n'
    expect((await f.send('POST', MAPS, { body, headers: { 'content-type': 'application/yaml' } })).code).toBe(201)
    const { text, headers } = await f.send('GET', `${MAPS}/yaml`, { headers: { accept: 'application/yaml' } })
    expect(headers['content-type']).toBe('application/yaml')
    expect(text.slice(0, text.indexOf('metadata:'))).toBe('apiVersion: v1\ndata:\n  "n": "1"\nkind: ConfigMap\n')
  })

  it('reads protobuf as Go clients send it', async () => {
    const field = (n: number, b: Buffer | string): Buffer =>
      Buffer.concat([Buffer.from([(n << 3) | 2, Buffer.byteLength(b)]), Buffer.from(b)])
    const object = Buffer.concat([field(1, field(1, 'proto')), field(2, Buffer.concat([field(1, 'k'), field(2, 'v')]))])
    const type = Buffer.concat([field(1, 'v1'), field(2, 'ConfigMap')])
    const body = Buffer.concat([Buffer.from('k8s\0'), field(1, type), field(2, object)])
    const headers = {
      'content-type': 'application/vnd.kubernetes.protobuf',
      accept: 'application/vnd.kubernetes.protobuf,application/json',
    }
    const made = await f.send('POST', MAPS, { body, headers })
    expect([made.code, made.json.metadata.name, made.json.data]).toEqual([201, 'proto', { k: 'v' }])
    const cut = await f.send('POST', MAPS, { body: body.subarray(0, body.length - 3), headers })
    expect(said(cut)).toBe('400 BadRequest: the body of the request is not valid protobuf: unexpected EOF')
  })

  it('warns of unknown fields, refuses them when asked to be strict', async () => {
    const body = { ...configMap('odd'), bogus: 1 }
    const warned = await f.send('POST', MAPS, { body })
    expect([warned.code, warned.headers['warning']]).toEqual([201, '299 - "unknown field \\"bogus\\""'])
    const strict = await f.send('POST', `${MAPS}?fieldValidation=Strict`, { body })
    expect(said(strict)).toBe(
      '400 BadRequest: ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "bogus"',
    )
  })

  it('works over HTTP/2 on the same port', async () => {
    const { cert, key } = f.certificates.admin
    const session = http2.connect(`https://127.0.0.1:${f.port}`, { ca: f.certificates.ca.cert, cert, key })
    const stream = session.request({ ':path': '/version' })
    let text = ''
    for await (const chunk of stream.setEncoding('utf8')) text += chunk as string
    session.close()
    expect(JSON.parse(text)).toMatchObject({ major: '1', minor: '36', gitVersion: 'v1.36.0' })
  })

  it('works over any duplex stream, with TLS inside', async () => {
    const [near, far] = duplexPair()
    f.server.handleConnection(far)
    const { cert, key } = f.certificates.admin
    const socket = tls.connect({
      socket: near,
      ca: f.certificates.ca.cert,
      cert,
      key,
      servername: 'kubernetes.default.svc',
      ALPNProtocols: ['http/1.1'],
    })
    socket.write('GET /livez HTTP/1.1\r\nHost: kubernetes\r\nConnection: close\r\n\r\n')
    let text = ''
    for await (const chunk of socket) text += String(chunk)
    expect(text.split('\r\n')[0]).toBe('HTTP/1.1 200 OK')
    expect(text.endsWith('\r\n\r\nok')).toBe(true)
  })
})

describe('a list', () => {
  it('leaves kind and apiVersion out of its items, and is compressed when it is long', async () => {
    await f.send('POST', MAPS, { body: configMap('big', { k: 'x'.repeat(300_000) }) })
    const { text } = await f.send('GET', `${MAPS}?fieldSelector=metadata.name%3Dbig`)
    const list = JSON.parse(text)
    expect(Object.keys(list)).toEqual(['kind', 'apiVersion', 'metadata', 'items'])
    expect(Object.keys(list.items[0])).toEqual(['metadata', 'data'])
    const { certificates, port } = f
    const zipped = await new Promise<Buffer>((resolve, reject) => {
      const socket = tls.connect({ port, host: '127.0.0.1', ca: certificates.ca.cert, ...certificates.admin })
      const chunks: Buffer[] = []
      socket.on('data', (c: Buffer) => chunks.push(c))
      socket.on('end', () => resolve(Buffer.concat(chunks)))
      socket.on('error', reject)
      socket.write(
        `GET ${MAPS}?fieldSelector=metadata.name%3Dbig HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n`,
      )
    })
    const split = zipped.indexOf('\r\n\r\n')
    expect(zipped.subarray(0, split).toString().toLowerCase()).toContain('content-encoding: gzip')
    expect(gunzipSync(zipped.subarray(split + 4)).toString()).toBe(text)
  })

  it('is a Table for those who ask for one', async () => {
    await f.send('POST', MAPS, { body: configMap('t1', { a: '1', b: '2' }) })
    f.clock.setSpeed(0)
    const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json'
    const { json } = await f.send('GET', `${MAPS}?fieldSelector=metadata.name%3Dt1`, { headers: { accept } })
    expect(json.kind).toBe('Table')
    expect(json.columnDefinitions.map((c: { name: string }) => c.name)).toEqual(['Name', 'Data', 'Age'])
    expect(json.rows[0].cells).toEqual(['t1', 2, '0s'])
    expect(json.rows[0].object).toMatchObject({ kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: { name: 't1' } })
    const none = await f.send('GET', `${MAPS}?includeObject=None&limit=1`, { headers: { accept } })
    expect(Object.keys(none.json.rows[0])).toEqual(['cells'])
  })
})

describe('a watch', () => {
  it('streams lines, from a revision on, with objects that leave its selection', async () => {
    const { json } = await f.send('GET', `${MAPS}?limit=1`)
    const watch = await openWatch(f, `${MAPS}?watch=1&labelSelector=w%3D1&resourceVersion=${json.metadata.resourceVersion}`)
    await f.send('POST', MAPS, { body: configMap('w1', {}, { labels: { w: '1' } }) })
    await f.send('PATCH', `${MAPS}/w1`, {
      body: { metadata: { labels: { w: '2' } } },
      headers: { 'content-type': 'application/merge-patch+json' },
    })
    const added = await watch.next()
    expect([added.type, added.object.kind, added.object.metadata.name]).toEqual(['ADDED', 'ConfigMap', 'w1'])
    expect((await watch.next()).type).toBe('DELETED')
    watch.close()
  })

  it('begins with all there is and says when that is done', async () => {
    const path = '/api/v1/namespaces?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true'
    const watch = await openWatch(f, path)
    const events = [await watch.next(), await watch.next(), await watch.next(), await watch.next(), await watch.next()]
    expect(events.map((e) => `${e.type} ${e.object.metadata.name ?? ''}`.trim())).toEqual([
      'ADDED default',
      'ADDED kube-node-lease',
      'ADDED kube-public',
      'ADDED kube-system',
      'BOOKMARK',
    ])
    expect(events[4].object.metadata.annotations).toEqual({ 'k8s.io/initial-events-end': 'true' })
    watch.close()
  })

  it('tells 410 as an event, and ends, when its revision is gone', async () => {
    const g = await startHttps()
    await g.admin.resource(resources.configmaps).create('default', configMap('a'))
    await g.store.compact(g.store.revision)
    const { code, json } = await g.send('GET', `${MAPS}?watch=1&resourceVersion=2`)
    expect([code, json]).toEqual([
      200,
      {
        type: 'ERROR',
        object: {
          kind: 'Status',
          apiVersion: 'v1',
          metadata: {},
          status: 'Failure',
          message: `too old resource version: 2 (${g.store.revision})`,
          reason: 'Expired',
          code: 410,
        },
      },
    ])
    await g.server.close()
  })

  it('comes over a WebSocket as well', async () => {
    const { ca, admin } = f.certificates
    const socket = new WebSocket(`wss://127.0.0.1:${f.port}/api/v1/namespaces?watch=1`, { ca: ca.cert, cert: admin.cert, key: admin.key })
    const event = await new Promise<{ type: string; object: { metadata: { name: string } } }>((resolve, reject) => {
      socket.on('message', (data: Buffer) => resolve(JSON.parse(data.toString()) as never))
      socket.on('error', reject)
    })
    expect([event.type, event.object.metadata.name]).toEqual(['ADDED', 'default'])
    socket.terminate()
  })

  it('of a client that went away stops', async () => {
    const watch = await openWatch(f, `${MAPS}?watch=1`)
    watch.close()
    await watch.ended
    expect((await f.send('GET', '/livez')).text).toBe('ok')
  })
})

describe('who asks', () => {
  it('may ask for health and version without saying who, and for nothing else', async () => {
    const ask = (path: string, headers = {}): Promise<Answer> => f.send('GET', path, { anonymous: true, headers })
    expect((await ask('/livez')).text).toBe('ok')
    expect((await ask('/version')).json.gitVersion).toBe('v1.36.0')
    expect(said(await ask('/api/v1/pods'))).toBe(
      '403 Forbidden: pods is forbidden: User "system:anonymous" cannot list resource "pods" in API group "" at the cluster scope',
    )
    expect(said(await ask('/metrics'))).toBe('403 Forbidden: forbidden: User "system:anonymous" cannot get path "/metrics"')
    expect(said(await ask('/api/v1/pods', { authorization: 'Bearer nonsense' }))).toBe('401 Unauthorized: Unauthorized')
  })

  it('may act as somebody else if the rules say so', async () => {
    const as = { headers: { 'impersonate-user': 'alice' } }
    expect(said(await f.send('GET', '/api/v1/namespaces/default/pods/p', as))).toBe(
      '403 Forbidden: pods "p" is forbidden: User "alice" cannot get resource "pods" in API group "" in the namespace "default"',
    )
    expect(said(await f.send('GET', '/api/v1/pods', { ...as, anonymous: true }))).toBe(
      '403 Forbidden: pods is forbidden: User "system:anonymous" cannot impersonate-on:user-info:list resource "pods" in API group "" at the cluster scope',
    )
    const view = await f.send('GET', '/api/v1/pods', { headers: { 'impersonate-user': 'bob', 'impersonate-group': 'system:masters' } })
    expect(view.code).toBe(200)
  })

  it('may be a service account with a token', async () => {
    await f.send('POST', '/api/v1/namespaces/default/serviceaccounts', {
      body: { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'robot' } },
    })
    const { json } = await f.send('POST', '/api/v1/namespaces/default/serviceaccounts/robot/token', {
      body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 600 } },
    })
    expect(json.status.expirationTimestamp).toBe('2026-11-21T09:10:00Z')
    const ask = (): Promise<Answer> =>
      f.send('GET', '/api/v1/pods', { anonymous: true, headers: { authorization: `Bearer ${json.status.token}` } })
    expect(said(await ask())).toBe(
      '403 Forbidden: pods is forbidden: User "system:serviceaccount:default:robot" cannot list resource "pods" in API group "" at the cluster scope',
    )
    await f.send('DELETE', '/api/v1/namespaces/default/serviceaccounts/robot')
    expect(said(await ask())).toBe('401 Unauthorized: Unauthorized')
  })
})

describe('what is wrong with a request is said in the words of the API', () => {
  const json = { 'content-type': 'application/json' }
  const cases: [string, string, string, string | object | undefined, Record<string, string>, string][] = [
    ['an unknown resource', 'GET', '/api/v1/chairs', undefined, {}, '404 NotFound: the server could not find the requested resource'],
    ['an unknown group', 'GET', '/apis/nothing.example.com/v1/things', undefined, {}, '404 : 404 page not found\n'],
    [
      'an unknown version',
      'GET',
      '/apis/apps/v9/deployments',
      undefined,
      {},
      '404 NotFound: the server could not find the requested resource',
    ],
    [
      'a method that a resource lacks',
      'PUT',
      MAPS,
      {},
      {},
      '405 MethodNotAllowed: the server does not allow this method on the requested resource',
    ],
    [
      'a media type nobody knows',
      'POST',
      MAPS,
      'x',
      { 'content-type': 'text/plain' },
      '415 UnsupportedMediaType: the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf',
    ],
    [
      'an answer nobody can give',
      'GET',
      MAPS,
      undefined,
      { accept: 'image/png' },
      '406 NotAcceptable: 406: Not Acceptable\n\nAvailable representations: application/json, application/yaml, application/vnd.kubernetes.protobuf',
    ],
    [
      'a body that is too large',
      'POST',
      MAPS,
      'x'.repeat(4 * 1024 ** 2),
      json,
      '413 RequestEntityTooLarge: Request entity too large: limit is 3145728',
    ],
    [
      'a name that is not the one of the path',
      'PUT',
      `${MAPS}/a`,
      configMap('b'),
      {},
      '400 BadRequest: the name of the object (b) does not match the name on the URL (a)',
    ],
    ['a bad limit', 'GET', `${MAPS}?limit=abc`, undefined, {}, '400 BadRequest: strconv.ParseInt: parsing "abc": invalid syntax'],
    [
      'a bad continue token',
      'GET',
      `${MAPS}?limit=1&continue=e30`,
      undefined,
      {},
      '400 BadRequest: invalid continue token: continue key is not valid: server does not recognize this encoded version ""',
    ],
    [
      'a bad dryRun',
      'POST',
      `${MAPS}?dryRun=Maybe`,
      configMap('a'),
      {},
      '422 Invalid: CreateOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: ["Maybe"]: supported values: "All"',
    ],
    [
      'an exec without an upgrade',
      'GET',
      '/api/v1/namespaces/default/pods/none/exec',
      undefined,
      {},
      '404 NotFound: pods "none" not found',
    ],
    ['broken percent-encoding', 'GET', '/api/v1/namespaces/%zz', undefined, {}, '400 BadRequest: malformed percent-encoding in the URL'],
  ]
  it.each(cases)('%s', async (_what, method, path, body, headers, expected) => {
    expect(said(await f.send(method, path, { ...(body === undefined ? {} : { body }), headers }))).toBe(expected)
  })

  it.each([
    ['{"apiVersion":"v1","kind":"ConfigMap","metadata":', 400],
    ['[]', 400],
    ['{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":5}}', 400],
    ['\u0000\u0001', 400],
  ])('a body that is no object: %s', async (body, code) => {
    const answer = await f.send('POST', MAPS, { body })
    expect([answer.code, answer.json.kind, answer.json.reason]).toEqual([code, 'Status', 'BadRequest'])
  })

  it('what is not HTTP is refused, and the server goes on', async () => {
    const { ca, admin } = f.certificates
    const text = await new Promise<string>((resolve) => {
      const socket = tls.connect({ port: f.port, host: '127.0.0.1', ca: ca.cert, ...admin, ALPNProtocols: ['http/1.1'] })
      let got = ''
      socket.on('data', (c: Buffer) => (got += c.toString()))
      socket.on('close', () => resolve(got))
      socket.on('error', () => undefined)
      socket.write('NONSENSE\r\n\r\n')
    })
    expect(text.split('\r\n')[0]).toBe('HTTP/1.1 400 Bad Request')
    const plain = net.connect(f.port, '127.0.0.1')
    let told = ''
    plain.on('data', (c: Buffer) => (told += c.toString()))
    plain.on('error', () => undefined)
    plain.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    await new Promise((resolve) => plain.on('close', resolve))
    expect(told).toBe('HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n')
    expect((await f.send('GET', '/readyz?verbose')).text.split('\n').at(-2)).toBe('readyz check passed')
  })
})

describe('discovery', () => {
  it('lists versions, groups and resources', async () => {
    expect((await f.send('GET', '/api')).json.versions).toEqual(['v1'])
    const groups = (await f.send('GET', '/apis')).json.groups
    expect(groups.slice(0, 2).map((g: { name: string }) => g.name)).toEqual(['apiregistration.k8s.io', 'apps'])
    expect(groups[1]).toEqual({
      name: 'apps',
      versions: [{ groupVersion: 'apps/v1', version: 'v1' }],
      preferredVersion: { groupVersion: 'apps/v1', version: 'v1' },
    })
    const { json } = await f.send('GET', '/api/v1')
    expect(json.resources.find((r: { name: string }) => r.name === 'pods')).toMatchObject({
      singularName: 'pod',
      namespaced: true,
      kind: 'Pod',
      shortNames: ['po'],
      categories: ['all'],
      verbs: ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'],
    })
  })

  it('tells by a hash in which version a kind is stored, the same for all versions of one', async () => {
    const hash = async (version: string, name: string): Promise<string> =>
      (await f.send('GET', version)).json.resources.find((r: { name: string }) => r.name === name).storageVersionHash
    expect(await hash('/api/v1', 'pods')).toBe('xPOwRZ+Yhw8=')
    expect(await hash('/apis/apps/v1', 'deployments')).toBe('8aSe+NMegvE=')
    expect([await hash('/api/v1', 'events'), await hash('/apis/events.k8s.io/v1', 'events')]).toEqual(['r2yiGXH7wu8=', 'r2yiGXH7wu8='])
    const autoscalers = ['v1', 'v2'].map((v) => hash(`/apis/autoscaling/${v}`, 'horizontalpodautoscalers'))
    expect(await Promise.all(autoscalers)).toEqual(['qwQve8ut294=', 'qwQve8ut294='])
    expect(await hash('/apis/apiextensions.k8s.io/v1', 'customresourcedefinitions')).toBe('jfWCUB31mvA=')
    expect(await hash('/api/v1', 'bindings')).toBe(undefined)
  })

  it('comes in one document for those who ask for it', async () => {
    const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json'
    const { json, headers } = await f.send('GET', '/apis', { headers: { accept } })
    expect(headers['content-type']).toBe('application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList')
    expect(json.items[1].metadata.name).toBe('apps')
    const deployments = json.items[1].versions[0].resources.find((r: { resource: string }) => r.resource === 'deployments')
    expect(deployments).toMatchObject({
      resource: 'deployments',
      scope: 'Namespaced',
      singularResource: 'deployment',
    })
  })

  it('is not sent again to those who have it: aggregated discovery and OpenAPI v2 carry an ETag', async () => {
    const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'
    for (const path of ['/api', '/apis', '/openapi/v2']) {
      const headers: Record<string, string> = path === '/openapi/v2' ? {} : { accept }
      const first = await f.send('GET', path, { headers })
      expect([first.headers.etag, first.headers.vary]).toEqual([expect.stringMatching(/^"[0-9A-F]{128}"$/), 'Accept'])
      const again = await f.send('GET', path, { headers: { ...headers, 'if-none-match': first.headers.etag! } })
      expect([again.code, again.text, again.headers.etag]).toEqual([304, '', first.headers.etag])
      expect((await f.send('GET', path, { headers: { ...headers, 'if-none-match': '"0"' } })).code).toBe(200)
    }
  })

  it('has OpenAPI documents that may be kept by their hash', async () => {
    const { paths } = (await f.send('GET', '/openapi/v3')).json
    const url = paths['apis/apps/v1'].serverRelativeURL as string
    const { code, headers } = await f.send('GET', url)
    expect(code).toBe(200)
    // Under the hash of its contents a document is kept for a year.
    expect([headers['cache-control'], headers.expires]).toEqual(['public, immutable', 'Sun, 21 Nov 2027 09:00:00 GMT'])
    expect((await f.send('GET', '/openapi/v3/apis/apps/v1')).headers['cache-control']).toBe('no-cache, private')
    const stale = await f.send('GET', '/openapi/v3/apis/apps/v1?hash=0')
    expect([stale.code, stale.headers.location]).toEqual([301, url])
    expect((await f.send('GET', url, { headers: { 'if-none-match': headers.etag! } })).code).toBe(304)
    expect((await f.send('GET', '/openapi/v3/apis/none/v1')).code).toBe(404)
  })
})

describe('the scheduler’s binding', () => {
  it('puts a pod on a node, once', async () => {
    const pods = f.admin.resource(resources.pods)
    await pods.create('default', pod('bound'))
    const binding = {
      apiVersion: 'v1',
      kind: 'Binding',
      metadata: { name: 'bound' },
      target: { apiVersion: 'v1', kind: 'Node', name: 'n1' },
    }
    expect((await f.send('POST', '/api/v1/namespaces/default/pods/bound/binding', { body: binding })).code).toBe(201)
    expect(await pods.get('default', 'bound')).toMatchObject({
      spec: { nodeName: 'n1' },
      status: { conditions: [{ type: 'PodScheduled', status: 'True', lastTransitionTime: '2026-11-21T09:00:00Z' }] },
    })
    expect(said(await f.send('POST', '/api/v1/namespaces/default/pods/bound/binding', { body: binding }))).toBe(
      '409 Conflict: Operation cannot be fulfilled on pods/binding "bound": pod bound is already assigned to node "n1"',
    )
  })

  it('gives a pod the labels and annotations it has, and needs the name of a node', async () => {
    const pods = f.admin.resource(resources.pods)
    await pods.create('default', pod('labelled'))
    const post = (metadata: object, target: object): Promise<Answer> => {
      const body = { apiVersion: 'v1', kind: 'Binding', metadata: { name: 'labelled', ...metadata }, target }
      return f.send('POST', '/api/v1/namespaces/default/pods/labelled/binding', { body })
    }
    expect(said(await post({}, { kind: 'Pod' }))).toBe(
      '500 : [target.kind: Unsupported value: "Pod": supported values: "Node", "<empty>", target.name: Required value]',
    )
    const storage = 'StorageError: invalid object, Code: 4, Key: /registry/pods/default/labelled, ResourceVersion: 0, AdditionalErrorMsg'
    const { uid } = (await pods.get('default', 'labelled')).metadata
    expect(said(await post({ uid: 'other' }, { name: 'n1' }))).toBe(
      `409 Conflict: Operation cannot be fulfilled on pods "labelled": ${storage}: Precondition failed: UID in precondition: other, UID in object meta: ${uid}`,
    )
    expect((await post({ labels: { zone: 'a' }, annotations: { b: 'c' } }, { name: 'n1' })).code).toBe(201)
    expect((await pods.get('default', 'labelled')).metadata).toMatchObject({ labels: { zone: 'a' }, annotations: { b: 'c' } })
  })

  it('is of a pod that has a name, in the namespace of the path', async () => {
    const post = (path: string, metadata: object): Promise<Answer> =>
      f.send('POST', `/api/v1/namespaces/default/${path}`, { body: { metadata, target: { name: 'n1' } } })
    expect(said(await post('bindings', {}))).toBe('400 BadRequest: Name parameter required.')
    const elsewhere = '400 BadRequest: the namespace of the provided object does not match the namespace sent on the request'
    expect(said(await post('bindings', { name: 'p', namespace: 'other' }))).toBe(elsewhere)
    expect(said(await post('pods/p/eviction', { name: 'p', namespace: 'other' }))).toBe(elsewhere)
  })
})
