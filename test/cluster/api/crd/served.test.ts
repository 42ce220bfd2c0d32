/** Custom resources as clients meet them: their scale, their columns, their fields in selectors, and apply. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openWatch, startHttps, type Answer, type HttpsFixture } from '../https.js'
import { things, version } from './definition.js'

const IN_DEFAULT = '/apis/example.com/v1/namespaces/default/things'

const scale = { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas', labelSelectorPath: '.status.selector' }
const columns = [
  { name: 'Color', type: 'string', jsonPath: '.spec.color' },
  { name: 'Ratio', type: 'number', jsonPath: '.spec.ratio', priority: 1, format: 'double' },
  { name: 'Fresh', type: 'boolean', jsonPath: '.spec.fresh' },
  { name: 'Since', type: 'date', jsonPath: '.spec.since' },
  { name: 'Wrong', type: 'integer', jsonPath: '.spec.color' },
]
const free = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }
const schema = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      'x-kubernetes-preserve-unknown-fields': true,
      properties: {
        color: { type: 'string' },
        ratio: { type: 'number' },
        fresh: { type: 'boolean' },
        since: { type: 'string', format: 'date-time' },
        port: { 'x-kubernetes-int-or-string': true },
        options: { type: 'object', 'x-kubernetes-map-type': 'atomic', additionalProperties: { type: 'string' } },
        template: { ...free, 'x-kubernetes-embedded-resource': true },
      },
    },
    status: free,
  },
}

let f: HttpsFixture
const body = (name: string, spec: object, more: object = {}): object => ({
  apiVersion: 'example.com/v1',
  kind: 'Thing',
  metadata: { name },
  spec,
  ...more,
})
const create = (name: string, spec: object, more: object = {}): Promise<Answer> =>
  f.send('POST', IN_DEFAULT, { body: body(name, spec, more) })
const merge = (path: string, change: object): Promise<Answer> =>
  f.send('PATCH', `${IN_DEFAULT}/${path}`, { body: change, headers: { 'content-type': 'application/merge-patch+json' } })
const apply = (name: string, manager: string, spec: object): Promise<Answer> =>
  f.send('PATCH', `${IN_DEFAULT}/${name}?fieldManager=${manager}`, {
    body: body(name, spec),
    headers: { 'content-type': 'application/apply-patch+yaml' },
  })
const refusal = ({ code, json }: Answer): [number, string] => [code, json.message]

beforeAll(async () => {
  f = await startHttps()
  const more = {
    schema: { openAPIV3Schema: schema },
    subresources: { scale },
    additionalPrinterColumns: columns,
    selectableFields: [{ jsonPath: '.spec.color' }],
  }
  const answer = await f.send('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
    body: things([version('v1', {}, more)]),
  })
  expect(answer.code).toBe(201)
  while ((await f.send('GET', '/apis/example.com/v1')).code !== 200) await new Promise((resolve) => setImmediate(resolve))
})
afterAll(() => f.server.close())

describe('the scale of a custom resource', () => {
  it.each<[name: string, spec: object, status: object, message: string]>([
    ['negative', { replicas: -1 }, {}, '.spec.replicas: Invalid value: -1: should be a non-negative integer'],
    ['large', { replicas: 2147483648 }, {}, '.spec.replicas: Invalid value: 2147483648: should be less than or equal to 2147483647'],
    [
      'text',
      { replicas: 'two' },
      {},
      '.spec.replicas: Invalid value: 0: .spec.replicas accessor error: two is of the type string, expected int64',
    ],
    [
      'map',
      { replicas: { b: [1.5, true], a: null } },
      {},
      '.spec.replicas: Invalid value: 0: .spec.replicas accessor error: map[a:<nil> b:[1.5 true]] is of the type map[string]interface {}, expected int64',
    ],
    ['seen', {}, { replicas: -1 }, '.status.replicas: Invalid value: -1: should be a non-negative integer'],
    [
      'part',
      {},
      { replicas: 1.5 },
      '.status.replicas: Invalid value: 0: .status.replicas accessor error: 1.5 is of the type float64, expected int64',
    ],
    [
      'selector',
      {},
      { selector: ['a'] },
      '.status.selector: Invalid value: "": .status.selector accessor error: [a] is of the type []interface {}, expected string',
    ],
  ])('cannot be %s', async (name, spec, status, message) => {
    expect(refusal(await create(name, spec, { status }))).toEqual([422, `Thing.example.com "${name}" is invalid: ${message}`])
  })

  it('is not there while the resource does not say how many it wants, and can be given', async () => {
    await create('unsaid', {})
    expect(refusal(await f.send('GET', `${IN_DEFAULT}/unsaid/scale`))).toEqual([
      500,
      'Internal error occurred: the spec replicas field ".spec.replicas" does not exist',
    ])
    expect(refusal(await merge('unsaid/scale', { metadata: { annotations: { a: 'b' } } }))).toEqual([
      400,
      'the spec replicas field ".spec.replicas" cannot be empty',
    ])
    expect((await merge('unsaid/scale', { spec: { replicas: 0 } })).code).toBe(200)
    expect((await f.send('GET', `${IN_DEFAULT}/unsaid/scale`)).json).toMatchObject({ kind: 'Scale', spec: {}, status: { replicas: 0 } })
  })

  it('is refused as a Scale when it is negative', async () => {
    await create('scaled', { replicas: 1 })
    expect(refusal(await merge('scaled/scale', { spec: { replicas: -2 } }))).toEqual([
      422,
      'Scale.autoscaling "scaled" is invalid: spec.replicas: Invalid value: -2: must be greater than or equal to 0',
    ])
  })
})

describe('a table of custom resources', () => {
  it('shows values of the types that its columns have, and nothing for others', async () => {
    await create('full', { color: 'red', ratio: 1.5, fresh: true, since: '2026-11-21T08:00:00Z' })
    await create('empty', {})
    const accept = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' }
    const table = async (name: string): Promise<any> => (await f.send('GET', `${IN_DEFAULT}/${name}`, { headers: accept })).json
    const full = await table('full')
    expect(full.columnDefinitions.map((c: any) => [c.name, c.type, c.format, c.priority])).toEqual([
      ['Name', 'string', 'name', 0],
      ['Color', 'string', '', 0],
      ['Ratio', 'number', 'double', 1],
      ['Fresh', 'boolean', '', 0],
      ['Since', 'date', '', 0],
      ['Wrong', 'integer', '', 0],
    ])
    expect(full.rows[0].cells.slice(0, 4)).toEqual(['full', 'red', 1.5, true])
    expect(full.rows[0].cells[5]).toBeNull()
    expect((await table('empty')).rows[0].cells).toEqual(['empty', null, null, null, null, null])
  })
})

describe('the selectable fields of a custom resource', () => {
  it('are watched by, and no others are', async () => {
    const watch = await openWatch(f, `${IN_DEFAULT}?watch=true&fieldSelector=spec.color%3Dgreen`)
    await create('blue', { color: 'blue' })
    await create('green', { color: 'green' })
    const seen = await watch.next()
    expect([seen.type, seen.object.metadata.name]).toEqual(['ADDED', 'green'])
    // What no longer has the color has gone, for this watch.
    await merge('green', { spec: { color: 'grey' } })
    const gone = await watch.next()
    expect([gone.type, gone.object.metadata.name]).toEqual(['DELETED', 'green'])
    watch.close()
    expect(refusal(await f.send('GET', `${IN_DEFAULT}?watch=true&fieldSelector=spec.ratio%3D1`))).toEqual([
      400,
      'field label not supported: spec.ratio',
    ])
  })
})

describe('an apply of a custom resource', () => {
  it('owns an atomic map as a whole, and a number or text as a value', async () => {
    expect((await apply('atomic', 'one', { options: { a: '1' }, port: 'http' })).code).toBe(201)
    expect(refusal(await apply('atomic', 'two', { options: { b: '2' }, port: 80 }))).toEqual([
      409,
      'Apply failed with 2 conflicts: conflicts with "one":\n- .spec.options\n- .spec.port',
    ])
  })

  it('knows the metadata of a resource within a resource', async () => {
    const template = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', bogus: 1 }, spec: { any: 1 } }
    expect(refusal(await apply('embedded', 'one', { template }))).toEqual([
      500,
      'failed to create typed patch object (default/embedded; example.com/v1, Kind=Thing): .spec.template.metadata.bogus: field not declared in schema',
    ])
  })
})

describe('a watch of custom resources', () => {
  const definition = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/things.example.com'
  const change = (g: HttpsFixture, patch: object): Promise<Answer> =>
    g.send('PATCH', definition, { body: patch, headers: { 'content-type': 'application/merge-patch+json' } })

  it('ends once their definition has changed or gone, and not for what it is labelled with', async () => {
    const g = await startHttps({ limits: { oldWatch: 0 } })
    const made = await g.send('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', { body: things([version('v1', {})]) })
    expect(made.code).toBe(201)
    while ((await g.send('GET', '/apis/example.com/v1')).code !== 200) await new Promise((resolve) => setImmediate(resolve))
    const first = await openWatch(g, `${IN_DEFAULT}?watch=true`)
    expect((await change(g, { metadata: { labels: { a: 'b' } } })).code).toBe(200)
    await g.send('POST', IN_DEFAULT, { body: body('one', {}) })
    expect((await first.next()).type).toBe('ADDED')
    expect((await change(g, { spec: { names: { shortNames: ['other'] } } })).code).toBe(200)
    await first.ended
    const second = await openWatch(g, `${IN_DEFAULT}?watch=true`)
    await g.send('DELETE', definition)
    expect([(await second.next()).type, (await second.next()).type]).toEqual(['ADDED', 'DELETED'])
    await second.ended
    await g.server.close()
  })
})
