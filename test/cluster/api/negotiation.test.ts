import { gunzipSync } from 'node:zlib'
import https from 'node:https'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { configMap } from './fixture.js'
import { startHttps, type Answer, type HttpsFixture } from './https.js'

/** Which form an answer has: Accept, as=, pretty, gzip, and what is told when nothing fits. */

const MAPS = '/api/v1/namespaces/default/configmaps'
/** The media types of what the API has messages for. */
const ANSWERS = 'application/json, application/yaml, application/vnd.kubernetes.protobuf'
const META = 'g=meta.k8s.io;v=v1'

let f: HttpsFixture
const get = (path: string, accept: string): Promise<Answer> => f.send('GET', path, { headers: { accept } })
const told = ({ code, json, headers }: Answer): string =>
  code < 400 ? `${code} ${headers['content-type']} ${json?.kind}` : `${code} ${json.reason}: ${json.message}`

beforeAll(async () => {
  f = await startHttps()
  await f.send('POST', MAPS, { body: configMap('one') })
})
afterAll(() => f.server.close())

describe('Accept', () => {
  it('what cannot be told in any form that is asked for is not even looked for', async () => {
    const accept = 'application/json;as=Nothing;g=meta.k8s.io;v=v1'
    expect((await get(`${MAPS}/none`, accept)).code).toBe(406)
    expect((await get(`${MAPS}?limit=x`, accept)).code).toBe(406)
    expect((await get(`${MAPS}/none`, '*/*')).code).toBe(404)
  })

  it('takes the best of what is offered', async () => {
    expect(told(await get(`${MAPS}/one`, '*/*'))).toBe('200 application/json ConfigMap')
    expect((await get(`${MAPS}/one`, 'application/json;q=0.1, application/yaml')).headers['content-type']).toBe('application/yaml')
    expect(told(await get(`${MAPS}/one`, 'text/html, application/json;q=0.5'))).toBe('200 application/json ConfigMap')
    // As Go clients ask that would rather have protobuf.
    expect(told(await get(`${MAPS}/one`, 'application/vnd.kubernetes.protobuf,application/json'))).toBe('200 application/json ConfigMap')
  })

  it('is refused when nothing fits', async () => {
    const told406 = (message: string, more = {}): object => {
      const status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason: 'NotAcceptable' }
      return { ...status, ...more, code: 406 }
    }
    // The router knows types only as they are spelled; what it lets through is negotiated with all parameters.
    const routed = '406: Not Acceptable\n\nAvailable representations: '
    for (const accept of ['text/html', 'application/*', 'application/cbor', 'application/jso'])
      for (const path of [`${MAPS}/one`, MAPS, '/api/v1', '/apis'])
        expect((await get(path, accept)).json).toEqual(told406(`${routed}${ANSWERS}`, { details: {} }))
    expect((await get('/api/v1/namespaces/default/pods/p/log', 'text/html')).json.message).toBe(`${routed}text/plain, ${ANSWERS}`)
    expect((await get(`${MAPS}/one`, `application/json;as=Nothing;${META}`)).json).toEqual(
      told406(`only the following media types are accepted: ${ANSWERS}`),
    )
  })

  it('names a kind where it names a group or a version, streams as JSON, and knows one version of what is common', async () => {
    const refused = `406 NotAcceptable: only the following media types are accepted: ${ANSWERS}`
    for (const parameters of [META, 'v=v1', 'as=', 'as=Service;g=;v=v1', 'stream=other', 'sv=v2'])
      for (const path of [`${MAPS}/one`, MAPS, `${MAPS}?watch=1&timeoutSeconds=1`])
        expect(told(await get(path, `application/json;${parameters}`))).toBe(refused)
    expect(told(await get(MAPS, 'application/yaml;stream=watch'))).toBe(refused)
    expect(told(await get(MAPS, 'application/json;stream=watch;sv=v1;other=x'))).toBe('200 application/json ConfigMapList')
  })

  it('falls back from a form that is not known to one that is', async () => {
    const table = `application/json;as=Table;g=meta.k8s.io`
    expect(told(await get(MAPS, `${table};v=v2,${table};v=v1,application/json`))).toBe('200 application/json Table')
    expect((await get(MAPS, `${table};v=v1beta1`)).json.apiVersion).toBe('meta.k8s.io/v1beta1')
    expect(told(await get('/api/v1', `${table};v=v1,application/json`))).toBe('200 application/json APIResourceList')
    expect(told(await get(`${MAPS}/nosuch`, `${table};v=v1`))).toBe('404 NotFound: configmaps "nosuch" not found')
  })

  it('asks for metadata of one object or of a list, and not of one as the other', async () => {
    expect(told(await get(`${MAPS}/one`, `application/json;as=PartialObjectMetadata;${META}`))).toBe(
      '200 application/json PartialObjectMetadata',
    )
    expect(told(await get(MAPS, `application/json;as=PartialObjectMetadataList;${META}`))).toBe(
      '200 application/json PartialObjectMetadataList',
    )
    expect(told(await get(MAPS, `application/json;as=PartialObjectMetadata;${META}`))).toBe(
      '406 NotAcceptable: you requested PartialObjectMetadata, but the requested object is a list (*core.ConfigMapList)',
    )
    expect(
      told(await get('/apis/rbac.authorization.k8s.io/v1/clusterroles/view', `application/json;as=PartialObjectMetadataList;${META}`)),
    ).toBe('406 NotAcceptable: you requested PartialObjectMetadataList, but the requested object is not a list (*rbac.ClusterRole)')
  })
})

it('a write whose answer nobody accepts is not done', async () => {
  const list = `application/json;as=PartialObjectMetadataList;${META}`
  for (const accept of ['text/html', list]) {
    const headers = { accept }
    expect((await f.send('POST', MAPS, { body: configMap('two'), headers })).code).toBe(406)
    expect((await f.send('DELETE', `${MAPS}/one`, { headers })).code).toBe(406)
    expect((await f.send('PUT', `${MAPS}/one`, { body: configMap('one', { a: 'b' }), headers })).code).toBe(406)
    const merge = { accept, 'content-type': 'application/merge-patch+json' }
    expect((await f.send('PATCH', `${MAPS}/one`, { body: { data: { a: 'b' } }, headers: merge })).code).toBe(406)
  }
  const one = await f.send('GET', `${MAPS}/one`)
  expect([one.code, one.json.data, (await f.send('GET', `${MAPS}/two`)).code]).toEqual([200, undefined, 404])
})

it('a body of another type is refused, with the types that there are', async () => {
  const send = async (method: string, path: string, type: string): Promise<string> =>
    told(await f.send(method, path, { body: '{}', headers: { 'content-type': type } }))
  const accepted = '415 UnsupportedMediaType: the body of the request was in an unknown format - accepted media types include: '
  const json = `${accepted}application/json, application/yaml, application/vnd.kubernetes.protobuf`
  expect(await send('POST', MAPS, 'text/plain')).toBe(json)
  expect(await send('PUT', `${MAPS}/one`, 'application/merge-patch+json')).toBe(json)
  // A patch of another type is not even routed.
  const routed = '415 UnsupportedMediaType: 415: Unsupported Media Type'
  for (const type of ['application/json', 'text/plain', 'application/*', 'Application/Merge-Patch+JSON', ''])
    expect(await send('PATCH', `${MAPS}/one`, type)).toBe(routed)
  const patches = ['json-patch+json', 'merge-patch+json', 'strategic-merge-patch+json', 'apply-patch+yaml'].map((t) => `application/${t}`)
  expect(await send('PATCH', `${MAPS}/one`, 'text/plain, application/merge-patch+json')).toBe(accepted + patches.join(', '))
})

describe('gzip', () => {
  /** The bytes as they came. */
  const raw = (
    path: string,
    headers: Record<string, string>,
  ): Promise<{ encoding: string | undefined; bytes: Buffer; vary: string | undefined }> =>
    new Promise((resolve, reject) => {
      const { ca, admin } = f.certificates
      https
        .get(
          { host: '127.0.0.1', port: f.port, path, headers, ca: ca.cert, cert: admin.cert, key: admin.key, agent: false },
          (response) => {
            const parts: Buffer[] = []
            response.on('data', (part: Buffer) => parts.push(part))
            response.on('end', () =>
              resolve({
                encoding: response.headers['content-encoding'],
                bytes: Buffer.concat(parts),
                vary: response.headers.vary,
              }),
            )
          },
        )
        .on('error', reject)
    })

  it('is for answers of 128 KiB and more, and for those who take it', async () => {
    await f.send('POST', MAPS, { body: configMap('long', { k: 'x'.repeat(140_000) }) })
    const accepting = { 'accept-encoding': 'gzip, deflate' }
    const long = await raw(`${MAPS}/long`, accepting)
    expect([long.encoding, long.vary, JSON.parse(gunzipSync(long.bytes).toString()).metadata.name]).toEqual([
      'gzip',
      'Accept-Encoding',
      'long',
    ])
    expect((await raw(`${MAPS}/one`, accepting)).encoding).toBe(undefined)
    expect((await raw(`${MAPS}/long`, {})).encoding).toBe(undefined)
  })
})

it('people get indented JSON, programs do not', async () => {
  const text = async (query: string, agent: string): Promise<string> =>
    (await f.send('GET', `${MAPS}/one${query}`, { headers: { 'user-agent': agent } })).text.slice(0, 10)
  expect(await text('', 'curl/8.0')).toBe('{\n  "kind"')
  expect(await text('?pretty=false', 'curl/8.0')).toBe('{"kind":"C')
  expect(await text('', 'kubectl/v1.35.2')).toBe('{"kind":"C')
  expect(await text('?pretty=true', 'kubectl/v1.35.2')).toBe('{\n  "kind"')
})

describe('JSON', () => {
  const raw = (body: unknown): string => JSON.stringify(body, undefined, 2)
  const ofPrograms = async (path: string): Promise<Answer> => get(path, 'application/json')

  it('of objects, errors and discovery ends with a line feed', async () => {
    const error = await ofPrograms(`${MAPS}/none`)
    expect(error.text).toBe(
      '{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"configmaps \\"none\\" not found","reason":"NotFound","details":{"name":"none","kind":"configmaps"},"code":404}\n',
    )
    for (const path of [`${MAPS}/one`, MAPS, '/api', '/apis', '/apis/apps', '/apis/apps/v1', `${MAPS}?watch=1&resourceVersion=x`]) {
      const { text, json } = await ofPrograms(path)
      expect(text.endsWith('}\n') && !text.slice(0, -1).includes('\n'), path).toBe(true)
      expect(json).toBeInstanceOf(Object)
    }
    const aggregated = await get('/apis', 'application/json;v=v2;g=apidiscovery.k8s.io;as=APIGroupDiscoveryList')
    expect(aggregated.text.endsWith('}\n')).toBe(true)
  })

  it('of what is no object of the API is indented for everybody, without a line feed at its end', async () => {
    for (const path of ['/version', '/']) {
      const { text, json } = await ofPrograms(path)
      expect(text).toBe(raw(json))
    }
    expect((await ofPrograms('/openapi/v3')).text).toMatch(/^\{"paths":\{.*\}\}$/)
    expect(told(await get('/version', 'text/plain'))).toBe(
      '406 NotAcceptable: 406: Not Acceptable\n\nAvailable representations: application/json',
    )
    expect((await get('/', 'text/plain')).code).toBe(200)
  })

  it('of an error is indented for those who accept no form of it', async () => {
    for (const accept of ['text/plain', `application/json;as=Table;${META}`, `application/json;as=Nothing;${META}`]) {
      const { text, json } = await get(`${MAPS}/none`, accept)
      expect(text).toBe(raw(json))
    }
  })

  it('is indented for an Accept header with pretty=1', async () => {
    const { text, json } = await get(`${MAPS}/one`, 'application/json;pretty=1')
    expect(text).toBe(raw(json))
    expect((await get(`${MAPS}/one`, 'application/json;pretty=0')).text).toBe(`${JSON.stringify(json)}\n`)
  })
})
