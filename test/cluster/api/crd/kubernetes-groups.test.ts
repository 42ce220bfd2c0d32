/** Custom resources whose group ends in `k8s.io`, as the Gateway API's and those of volume snapshots: custom all the same. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startHttps, type HttpsFixture } from '../https.js'
import { things, version } from './definition.js'

const ROOT = '/apis/gateway.networking.k8s.io/v1'
const IN_DEFAULT = `${ROOT}/namespaces/default/things`
const header = { type: 'object', properties: { name: { type: 'string' }, value: { type: 'string' } } }

let f: HttpsFixture
const create = (spec: object, query = ''): ReturnType<HttpsFixture['send']> =>
  f.send('POST', `${IN_DEFAULT}${query}`, {
    body: { apiVersion: 'gateway.networking.k8s.io/v1', kind: 'Thing', metadata: { name: 'a' }, spec },
  })

beforeAll(async () => {
  f = await startHttps()
  const fields = {
    properties: { headers: { type: 'array', items: header }, limits: { type: 'object', additionalProperties: { type: 'string' } } },
  }
  const definition: any = things([version('v1', fields)], { group: 'gateway.networking.k8s.io' })
  definition.metadata = {
    name: 'things.gateway.networking.k8s.io',
    annotations: { 'api-approved.kubernetes.io': 'https://github.com/kubernetes-sigs/gateway-api/pull/891' },
  }
  const answer = await f.send('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', { body: definition })
  expect(answer.code).toBe(201)
  while ((await f.send('GET', ROOT)).code !== 200) await new Promise((resolve) => setImmediate(resolve))
})
afterAll(() => f.server.close())

it('are judged by their schema where a value has not its type, as no struct of Go stands behind them', async () => {
  const { code, json } = await create({ headers: [{ name: 'a', value: true }] })
  expect([code, json.message]).toEqual([
    422,
    'Thing.gateway.networking.k8s.io "a" is invalid: spec.headers[0].value: Invalid value: "boolean": spec.headers[0].value in body must be of type string: "boolean"',
  ])
})

it('keep what is empty', async () => {
  const spec = { headers: [{ name: '', value: '' }], limits: {} }
  expect((await create(spec, '?dryRun=All')).json.spec).toEqual(spec)
  expect((await create({ headers: [] }, '?dryRun=All')).json.spec).toEqual({ headers: [] })
})

it('are of the version and kind that the endpoint serves', async () => {
  const { code, json } = await f.send('POST', IN_DEFAULT, { body: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' } } })
  expect([code, json.message]).toEqual([
    400,
    'the API version in the data (v1) does not match the expected API version (gateway.networking.k8s.io/v1)',
  ])
})

it('are offered in JSON and YAML alone, over all namespaces too', async () => {
  const { paths } = (await f.send('GET', `/openapi/v3${ROOT}`)).json
  for (const path of [`${ROOT}/things`, `${ROOT}/namespaces/{namespace}/things`, `${ROOT}/namespaces/{namespace}/things/{name}`]) {
    expect([path, Object.keys(paths[path].get.responses[200].content)]).toEqual([path, ['application/json', 'application/yaml']])
  }
})
