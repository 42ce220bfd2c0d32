import { afterEach, describe, expect, it } from 'vitest'
import { startHttps, type Answer, type HttpsFixture } from '../https.js'

const DEPLOYMENT = '/apis/apps/v1/namespaces/default/deployments/d'
const APPLY = { 'content-type': 'application/apply-patch+yaml' }

let f: HttpsFixture
afterEach(() => f.server.close())

const configuration = (): object => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'd' },
  spec: {
    selector: { matchLabels: { a: 'b' } },
    template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } },
  },
})
const apply = (body: object, query: string, path = DEPLOYMENT): Promise<Answer> =>
  f.send('PATCH', `${path}?${query}`, { headers: APPLY, body })

describe('an apply', () => {
  it('of another kind or version than that of its endpoint is refused', async () => {
    f = await startHttps()
    const message = async (body: object, path = DEPLOYMENT): Promise<unknown> => {
      const { code, json } = await apply(body, 'fieldManager=m', path)
      return [code, json.message]
    }
    const { apiVersion: _, ...unversioned } = configuration() as { apiVersion: string }
    expect(await message({ ...configuration(), kind: 'StatefulSet' })).toEqual([400, 'invalid object type: apps/v1, Kind=StatefulSet'])
    expect(await message({ ...configuration(), apiVersion: 'v1' })).toEqual([400, 'invalid object type: /v1, Kind=Deployment'])
    expect(await message(unversioned)).toEqual([400, 'invalid object type: /, Kind=Deployment'])
    expect(await message({})).toEqual([400, 'invalid object type: /, Kind='])
  })

  it('that says a key twice is warned, or refused when that is asked for', async () => {
    f = await startHttps()
    const path = '/api/v1/namespaces/default/configmaps/c?fieldManager=m'
    const body = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata:\n  a: x\n  a: z\n'
    const send = (query: string): Promise<Answer> => f.send('PATCH', path + query, { headers: APPLY, body })
    const strict = await send('&fieldValidation=Strict')
    expect([strict.code, strict.json.message]).toEqual([
      400,
      'error strict decoding YAML: error converting YAML to JSON: yaml: unmarshal errors:\n  line 6: key "a" already set in map',
    ])
    const warned = await send('')
    expect([warned.code, warned.json.data, warned.headers['warning']]).toEqual([
      201,
      { a: 'z' },
      '299 - "line 6: key \\"a\\" already set in map"',
    ])
    expect((await send('&fieldValidation=Ignore')).headers['warning']).toBeUndefined()
  })
})
