import { afterEach, expect, it } from 'vitest'
import { startHttps, type HttpsFixture } from '../https.js'
import { schemaOf, thing, things, version } from './definition.js'

const DEFINITION = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
const THINGS = '/apis/example.com/v1/namespaces/default/things'

let f: HttpsFixture
afterEach(() => f.server.close())

it('an object that was stored under an earlier schema is read pruned and with the defaults of now', async () => {
  f = await startHttps()
  await f.send('POST', DEFINITION, { body: things([version('v1', { properties: { a: { type: 'string' }, old: { type: 'string' } } })]) })
  while ((await f.send('GET', THINGS)).code !== 200) await new Promise((resolve) => setImmediate(resolve))
  const created = await f.send('POST', THINGS, { body: thing('x', { a: '1', old: 'y' }) })
  expect(created.json.spec).toEqual({ a: '1', old: 'y' })

  const { json } = await f.send('GET', `${DEFINITION}/things.example.com`)
  json.spec.versions[0].schema.openAPIV3Schema = schemaOf({ properties: { a: { type: 'string' }, size: { type: 'integer', default: 3 } } })
  expect((await f.send('PUT', `${DEFINITION}/things.example.com`, { body: json })).code).toBe(200)
  const read = async (): Promise<any> => (await f.send('GET', `${THINGS}/x`)).json
  while ((await read()).spec.old !== undefined) await new Promise((resolve) => setImmediate(resolve))

  expect((await read()).spec).toEqual({ a: '1', size: 3 })
  expect((await f.send('GET', THINGS)).json.items[0].spec).toEqual({ a: '1', size: 3 })
  expect((await read()).metadata.resourceVersion).toBe(created.json.metadata.resourceVersion)
  const patched = await f.send('PATCH', `${THINGS}/x`, {
    headers: { 'content-type': 'application/merge-patch+json' },
    body: { spec: { a: '2' } },
  })
  expect([patched.code, patched.json.spec, patched.json.metadata.generation]).toEqual([200, { a: '2', size: 3 }, 2])
})

it('a get at a revision that is not there yet is told so', async () => {
  f = await startHttps()
  const { code, json } = await f.send('GET', '/api/v1/namespaces/default?resourceVersion=99999999')
  expect([code, json.reason, json.message]).toEqual([
    504,
    'Timeout',
    `Timeout: Too large resource version: 99999999, current: ${f.store.revision}`,
  ])
})
