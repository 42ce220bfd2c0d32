import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { orderedDocuments } from '../../../src-main/backend/apply/apply-documents.js'
import { FakeApiServer } from '../support/api-server.js'
import { windowOn, type TestWindow } from '../support/window.js'

let server: FakeApiServer
let window: TestWindow
let stop: () => void
/** What is on the server, by path. */
let objects: Map<string, Record<string, unknown>>

const status = (code: number, reason: string, message: string, causes?: object[]) => ({
  code,
  body: { kind: 'Status', status: 'Failure', code, reason, message, ...(causes ? { details: { causes } } : {}) },
})
const resources = (group: string, list: [plural: string, kind: string, namespaced: boolean][]) => ({
  body: {
    kind: 'APIResourceList',
    groupVersion: group,
    resources: list.map(([name, kind, namespaced]) => ({ name, kind, namespaced, verbs: [] })),
  },
})

beforeEach(async () => {
  server = new FakeApiServer()
  await server.start()
  objects = new Map()
  ;({ window, stop } = windowOn(server))
  server.on('GET', /^\/api$/, () => ({ body: { kind: 'APIVersions', versions: ['v1'] } }))
  server.on('GET', /^\/apis$/, () => ({
    body: { kind: 'APIGroupList', groups: [{ name: 'apiextensions.k8s.io', versions: [{ version: 'v1' }] }] },
  }))
  server.on('GET', /^\/api\/v1$/, () =>
    resources('v1', [
      ['namespaces', 'Namespace', false],
      ['configmaps', 'ConfigMap', true],
      ['secrets', 'Secret', true],
    ]),
  )
  server.on('GET', /^\/apis\/apiextensions.k8s.io\/v1$/, () =>
    resources('apiextensions.k8s.io/v1', [['customresourcedefinitions', 'CustomResourceDefinition', false]]),
  )
  const object = /^\/apis?\/.*\/[a-z.]+\/[a-z.-]+$/
  server.on('GET', object, ({ path }) => {
    const found = objects.get(path)
    return found ? { body: found } : status(404, 'NotFound', `"${path.split('/').at(-1)}" not found`)
  })
  server.on('PATCH', object, ({ path, query, body }) => {
    const namespace = /\/namespaces\/([^/]+)\//.exec(path)?.[1]
    if (namespace && !objects.has(`/api/v1/namespaces/${namespace}`)) return status(404, 'NotFound', `namespaces "${namespace}" not found`)
    if (path.startsWith('/apis/sea.example/') && !objects.has('/apis/apiextensions.k8s.io/v1/customresourcedefinitions/ships.sea.example'))
      return status(404, 'NotFound', 'the server could not find the requested resource')
    const given = JSON.parse(body)
    if (given.data?.bad)
      return status(422, 'Invalid', 'ConfigMap "bad" is invalid', [
        { field: 'data[bad]', message: 'Invalid value', reason: 'FieldValueInvalid' },
      ])
    const established =
      given.kind === 'CustomResourceDefinition' ? { status: { conditions: [{ type: 'Established', status: 'True' }] } } : {}
    const made = { ...objects.get(path), ...given, ...established }
    if (!query.get('dryRun')) objects.set(path, made)
    return { body: made }
  })
})
afterEach(async () => {
  stop()
  await server.stop()
})

const configMap = (name: string, namespace: string, data: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name}, namespace: ${namespace} }\ndata: ${data}\n`
const NAMESPACE = 'apiVersion: v1\nkind: Namespace\nmetadata: { name: shop }\n'
const CRD = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: ships.sea.example }
spec:
  group: sea.example
  scope: Namespaced
  names: { kind: Ship, plural: ships }
  versions: [{ name: v1 }]
`
const SHIP = 'apiVersion: sea.example/v1\nkind: Ship\nmetadata: { name: anna, namespace: shop }\n'
const text = [SHIP, configMap('a', 'shop', '{ x: one }'), CRD, NAMESPACE].join('---\n')
const apply = (yaml: string, more: object = {}) => window.call('objects.apply', { context: 'fake', yaml, ...more })

describe('applying documents', () => {
  it('makes namespaces and definitions before what needs them, and gives each document its result', async () => {
    const results = await apply(text)
    expect(results.map((r) => [r.document, r.kind, r.ref.resource, r.ref.name, r.action])).toEqual([
      [3, 'Namespace', 'namespaces', 'shop', 'created'],
      [2, 'CustomResourceDefinition', 'customresourcedefinitions', 'ships.sea.example', 'created'],
      [1, 'ConfigMap', 'configmaps', 'a', 'created'],
      [0, 'Ship', 'ships', 'anna', 'created'],
    ])
    expect((await apply(text)).map((r) => r.action)).toEqual(['unchanged', 'unchanged', 'unchanged', 'unchanged'])
    expect((await apply(text.replace('x: one', 'x: two'))).map((r) => r.action)).toEqual([
      'unchanged',
      'unchanged',
      'configured',
      'unchanged',
    ])
  })

  it('goes on after one that fails, with the causes of the server, and retries only what is asked for', async () => {
    const yaml = [NAMESPACE, configMap('bad', 'shop', '{ bad: x }'), configMap('good', 'shop', '{ a: b }')].join('---\n')
    const results = await apply(yaml)
    expect(results.map((r) => [r.ref.name, r.action])).toEqual([
      ['shop', 'created'],
      ['bad', 'failed'],
      ['good', 'created'],
    ])
    expect(results[1]!.error).toEqual({
      reason: 'Invalid',
      code: 422,
      message: 'ConfigMap "bad" is invalid',
      causes: [{ field: 'data[bad]', message: 'Invalid value', reason: 'FieldValueInvalid' }],
    })
    expect((await apply(yaml.replace('{ bad: x }', '{ fine: x }'), { only: [1] })).map((r) => [r.document, r.action])).toEqual([
      [1, 'created'],
    ])
  })

  it('takes over the fields of others only when it is told to', async () => {
    await apply(NAMESPACE)
    expect(server.requests.at(-1)!.query.get('force')).toBe(null)
    await apply(NAMESPACE, { force: true })
    expect(server.requests.at(-1)!.query.get('force')).toBe('true')
  })

  it('of a List counts each item, all of one document', async () => {
    const list = `apiVersion: v1\nkind: List\nitems: [{ apiVersion: v1, kind: Namespace, metadata: { name: a } }, { apiVersion: v1, kind: Namespace, metadata: { name: b } }]`
    expect((await apply(list)).map((r) => [r.document, r.ref.name])).toEqual([
      [0, 'a'],
      [0, 'b'],
    ])
  })

  it('names the field of a document without a name', async () => {
    const [result] = await apply('apiVersion: v1\nkind: ConfigMap\nmetadata: {}\n')
    expect(result!.error).toMatchObject({ message: 'resource name may not be empty', causes: [{ field: 'metadata.name' }] })
  })

  it('keeps documents of one kind, and those of kinds without a rank, in the order in which they were written', () => {
    const yaml = ['Pod z', 'Widget b', 'Ingress a', 'Service z', 'Service a', 'MutatingWebhookConfiguration a', 'Namespace one']
      .map((x) => x.split(' '))
      .map(([kind, name]) => `apiVersion: v1\nkind: ${kind}\nmetadata: { name: ${name} }\n`)
      .join('---\n')
    expect(orderedDocuments(yaml).map((d) => `${d.object.kind} ${d.object.metadata.name}`)).toEqual([
      'Namespace one',
      'Service z',
      'Service a',
      'Pod z',
      'Widget b',
      'Ingress a',
      'MutatingWebhookConfiguration a',
    ])
  })
})

describe('a preview', () => {
  it('tells what would be created, changed and left alone, and writes nothing', async () => {
    await apply([NAMESPACE, configMap('a', 'shop', '{ x: one }')].join('---\n'))
    const before = new Map(objects)
    const previews = await window.call('objects.preview', {
      context: 'fake',
      yaml: [NAMESPACE, configMap('a', 'shop', '{ x: two }'), configMap('new', 'shop', '{ a: m }')].join('---\n'),
    })
    expect(previews.map((p) => [p.ref.name, p.action])).toEqual([
      ['shop', 'unchanged'],
      ['a', 'configured'],
      ['new', 'created'],
    ])
    expect(previews[1]!.live).toContain('data:\n  x: one\n')
    expect(previews[1]!.merged).toContain('data:\n  x: two\n')
    expect(previews[2]!.live).toBe('')
    expect(objects).toEqual(before)
  })

  it('counts what needs a namespace or a definition of the same text as created', async () => {
    objects.set('/api/v1/namespaces/shop', {})
    const previews = await window.call('objects.preview', {
      context: 'fake',
      yaml: [CRD, SHIP, 'apiVersion: v1\nkind: Namespace\nmetadata: { name: other }\n', configMap('c', 'other', '{}')].join('---\n'),
    })
    expect(previews.map((p) => [p.kind, p.action, p.waits])).toEqual([
      ['Namespace', 'created', undefined],
      ['CustomResourceDefinition', 'created', undefined],
      ['ConfigMap', 'created', 'namespace'],
      ['Ship', 'created', 'definition'],
    ])
  })

  it('shows both sides of a conflict of managers: what is there, and what taking over would make of it', async () => {
    await apply(NAMESPACE)
    server.on('PATCH', /\/configmaps\/shared$/, ({ query, body }) =>
      query.get('force')
        ? { body: JSON.parse(body) }
        : status(409, 'Conflict', 'Apply failed with 1 conflict: conflict with "kubectl": .data.a', [
            { reason: 'FieldManagerConflict', message: 'conflict with "kubectl"', field: '.data.a' },
          ]),
    )
    objects.set('/api/v1/namespaces/shop/configmaps/shared', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'shared' },
      data: { a: 'theirs' },
    })
    const [preview] = await window.call('objects.preview', { context: 'fake', yaml: configMap('shared', 'shop', '{ a: mine }') })
    expect(preview).toMatchObject({ action: 'failed', error: { reason: 'Conflict', causes: [{ field: '.data.a' }] } })
    expect(preview!.live).toContain('a: theirs')
    expect(preview!.merged).toContain('a: mine')
    expect(server.requests.filter((r) => r.method === 'PATCH' && r.query.get('force')).map((r) => r.query.get('dryRun'))).toEqual(['All'])
  })

  it('shows no value of a Secret, only where one differs', async () => {
    objects.set('/api/v1/namespaces/shop', {})
    const secret = (data: string) => `apiVersion: v1\nkind: Secret\nmetadata: { name: s, namespace: shop }\ndata: ${data}\n`
    await apply(secret('{ same: czM=, other: YQ== }'))
    const [preview] = await window.call('objects.preview', { context: 'fake', yaml: secret('{ same: czM=, other: Yg== }') })
    expect(preview!.live).toContain('data:\n  other: "*** (before)"\n  same: "***"\n')
    expect(preview!.merged).toContain('data:\n  other: "*** (after)"\n  same: "***"\n')
  })
})
