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
