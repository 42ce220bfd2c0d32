/** Patches whose outcome is no object of its kind: what the API server shows of them when it refuses them. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startHttps, type HttpsFixture } from '../https.js'

let f: HttpsFixture
beforeAll(async () => {
  f = await startHttps()
  const body = { metadata: { name: 'web', annotations: { b: '<1>', a: '2' } }, spec: { selector: { app: 'web' }, ports: [{ port: 80 }] } }
  await f.send('POST', SERVICES, { body })
})
afterAll(() => f.server.close())

const SERVICES = '/api/v1/namespaces/default/services'
const patched = async (type: string, body: string | object, validation = 'Strict'): Promise<[number, string, unknown]> => {
  const headers = { 'content-type': `application/${type}-patch+json` }
  const { code, json, headers: answered } = await f.send('PATCH', `${SERVICES}/web?fieldValidation=${validation}`, { body, headers })
  // The object is shown whole; its middle is not what is looked at here.
  return [code, String(json.message).replace(/managedFields.*?\}\],/, '…'), answered['warning']]
}

it('a strategic merge patch is shown as Go prints it, without the directives that were carried out', async () => {
  const body = {
    metadata: { annotations: { a: null }, '$setElementOrder/finalizers': ['x.io/y'], finalizers: ['x.io/y'] },
    spec: { typo: 1, $retainKeys: ['selector', 'ports', 'typo'] },
  }
  expect(await patched('strategic-merge', body)).toEqual([
    422,
    ' "" is invalid: patch: Invalid value: "map[metadata:map[annotations:map[a:<nil>]] spec:map[typo:1]]": strict decoding error: unknown field "spec.typo"',
    undefined,
  ])
})

it('of a merge patch the whole object is shown as the patch made it, keys in order where the patch went', async () => {
  const [code, message] = await patched('merge', { metadata: { annotations: { a: null } }, spec: { typo: 1 } })
  expect(code).toBe(422)
  expect(message).toMatch(
    /^ "" is invalid: patch: Invalid value: "\{\\"apiVersion\\":\\"v1\\",\\"kind\\":\\"Service\\",\\"metadata\\":\{\\"annotations\\":\{\\"b\\":\\"\\\\u003c1\\\\u003e\\"\},\\"creationTimestamp\\"/,
  )
  expect(message.slice(message.indexOf('\\"type'))).toBe(
    '\\"type\\":\\"ClusterIP\\",\\"typo\\":1},\\"status\\":{\\"loadBalancer\\":{}}}": strict decoding error: unknown field "spec.typo"',
  )
})

it('keys that a patch says twice are a warning, or refused', async () => {
  const body = '{"metadata":{"labels":{"x":"1","x":"2"}}}'
  expect(await patched('merge', body, 'Warn')).toEqual([200, 'undefined', '299 - "duplicate field \\"metadata.labels.x\\""'])
  expect(await patched('strategic-merge', body)).toEqual([
    422,
    ' "" is invalid: patch: Invalid value: "map[metadata:map[labels:map[x:2]]]": strict decoding error: duplicate field "metadata.labels.x"',
    undefined,
  ])
  expect(await patched('merge', body, 'Ignore')).toEqual([200, 'undefined', undefined])
})

it.each([
  [{ metadata: { labels: 'x' } }, 'cannot restore map from string'],
  [{ metadata: [] }, 'cannot restore struct from: slice'],
  [{ metadata: { finalizers: { a: 1 } } }, 'cannot restore slice from map'],
  [{ metadata: { annotations: { a: 1 } } }, 'cannot convert int64 to string'],
  [{ metadata: { annotations: { a: true } } }, 'unrecognized type: string'],
  [{ spec: { type: 5 } }, 'cannot convert int64 to v1.ServiceType'],
  [{ spec: { healthCheckNodePort: '5' } }, 'unrecognized type: int32'],
  [{ spec: { healthCheckNodePort: 1.5 } }, 'cannot convert float64 to int32'],
  [{ spec: { publishNotReadyAddresses: 'yes' } }, 'unrecognized type: bool'],
  [{ metadata: { creationTimestamp: 1 } }, 'json: cannot unmarshal number into Go value of type string'],
])('a strategic merge patch makes an object of a map: of %j is said %s', async (body, why) => {
  const [code, message] = await patched('strategic-merge', body)
  expect([code, message.slice(message.lastIndexOf('": ') + 3)]).toEqual([422, why])
})

it('a strategic merge patch makes no bytes of a list of texts', async () => {
  const SECRETS = '/api/v1/namespaces/default/secrets'
  await f.send('POST', SECRETS, { body: { metadata: { name: 'bytes' } } })
  const headers = { 'content-type': 'application/strategic-merge-patch+json' }
  const { code, json } = await f.send('PATCH', `${SECRETS}/bytes`, { body: { data: { a: ['x'] } }, headers })
  expect([code, json.message]).toEqual([422, ' "" is invalid: patch: Invalid value: "map[data:map[a:[x]]]": unrecognized type: uint8'])
})

it('a merge patch makes an object of JSON', async () => {
  const [code, message] = await patched('merge', { metadata: { labels: 'x' } })
  const why = 'json: cannot unmarshal string into Go struct field ObjectMeta.metadata.labels of type map[string]string'
  expect([code, message.endsWith(`": ${why}`)]).toEqual([422, true])
})

it('a patch that is no JSON is told of as what reads it first tells', async () => {
  const text = "invalid character 'b' looking for beginning of object key string"
  for (const type of ['json', 'merge']) expect((await patched(type, '{b'))[1]).toBe(`error decoding patch: ${text}`)
  expect((await patched('strategic-merge', '{b'))[1]).toBe(text)
  expect((await patched('json', '{b', 'Ignore'))[1]).toBe(text)
})

it('an operation of a JSON patch with fields that there are none of is a warning, or refused', async () => {
  const body = '[{"op":"test","op":"add","path":"/metadata/labels","value":{},"vlaue":1}]'
  const texts = ['json patch duplicate field \\"[0].op\\"', 'json patch unknown field \\"[0].vlaue\\"']
  expect(await patched('json', body, 'Warn')).toEqual([200, 'undefined', texts.map((text) => `299 - "${text}"`).join(', ')])
  const [code, message] = await patched('json', body)
  expect([code, message.slice(message.indexOf('strict'))]).toEqual([422, `strict decoding error: ${texts.join(', ').replaceAll('\\', '')}`])
})

it.each([
  ['Foo', 'no kind "Foo" is registered for version "v1" in scheme "pkg/api/legacyscheme/scheme.go:30"'],
  ['Pod', 'converting (v1.Pod) to (core.Service): unknown conversion'],
])('a merge patch that makes the object a %s leaves nothing that can be read', async (kind, why) => {
  const [code, message] = await patched('merge', { kind })
  expect([code, message.slice(0, 36), message.slice(-why.length)]).toEqual([422, ' "" is invalid: patch: Invalid value', why])
})

it('a patch that takes the kind away leaves the kind of the endpoint', async () => {
  expect((await patched('merge', { kind: null }))[0]).toBe(200)
  expect((await patched('json', [{ op: 'remove', path: '/kind' }]))[0]).toBe(200)
  expect((await f.send('GET', `${SERVICES}/web`)).json.kind).toBe('Service')
})

it('what a strategic merge patch says of the kind does not count', async () => {
  const body = { kind: 'Foo', apiVersion: 'example.com/v1', metadata: { annotations: { c: '3' } } }
  expect((await patched('strategic-merge', body))[0]).toBe(200)
  const { json } = await f.send('GET', `${SERVICES}/web`)
  expect([json.kind, json.apiVersion, json.metadata.annotations.c]).toEqual(['Service', 'v1', '3'])
})
