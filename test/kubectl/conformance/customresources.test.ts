import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Api, eventually, refusal, type Json } from '../support/api.js'
import { TestCluster } from '../support/cluster.js'

/** Definitions of custom resources: their status, defaults, field selectors and watches, and how strictly fields are checked. */

let cluster: TestCluster
let api: Api
const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
beforeAll(async () => {
  cluster = await TestCluster.start({ args: ['--seed', '1'] })
  api = new Api(cluster.kubeconfig)
})
afterAll(async () => {
  api?.close()
  await cluster?.stop()
})

const ANYTHING = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }
/** Defines `plural` of the group with versions v1beta1, v1 and v2, all with one schema, and waits until it is served. */
async function define(plural: string, schema: Json = ANYTHING, more: Json = {}): Promise<string> {
  const group = 'mygroup.example.com'
  const versions = ['v1beta1', 'v1', 'v2'].map((name) => ({
    name,
    served: true,
    storage: name === 'v1beta1',
    schema: { openAPIV3Schema: schema },
    subresources: { status: {} },
    ...more,
  }))
  const names = {
    plural,
    singular: plural.replace(/s$/, ''),
    kind: plural[0]!.toUpperCase() + plural.slice(1, -1),
    listKind: `${plural}List`,
  }
  await api.create(definitions, {
    metadata: { name: `${plural}.${group}`, labels: { suite: 'conformance' } },
    spec: { group, scope: 'Cluster', names, versions },
  })
  const established = (crd: Json): boolean => crd.status.conditions?.some((c: Json) => c.type === 'Established' && c.status === 'True')
  await eventually(() => api.get(`${definitions}/${plural}.${group}`), established)
  await eventually(() => api.exists(`/apis/${group}/v1beta1/${plural}`), Boolean)
  return `/apis/${group}/v1beta1/${plural}`
}

describe('a definition', () => {
  it('is listed by its labels and deleted with the others that have them', async () => {
    const label = 'e2e-list-test-uuid=1'
    for (let i = 0; i < 10; i++) {
      await define(`lists${'abcdefghij'[i]}s`)
      await api.patch(`${definitions}/lists${'abcdefghij'[i]}s.mygroup.example.com`, 'merge', {
        metadata: { labels: { 'e2e-list-test-uuid': '1' } },
      })
    }
    await define('stays')
    expect((await api.get(definitions, { labelSelector: label })).items.length).toBe(10)
    await api.deleteCollection(definitions, label)
    await eventually(
      () => api.get(definitions, { labelSelector: label }),
      (list) => list.items.length === 0,
    )
    expect(await api.exists(`${definitions}/stays.mygroup.example.com`)).toBe(true)
  })

  it('has a status to read, update and patch', async () => {
    await define('statused')
    const path = `${definitions}/statused.mygroup.example.com`
    const crd = await api.get(`${path}/status`)
    expect([crd.metadata.name, crd.status.conditions.some((c: Json) => c.type === 'Established')]).toEqual([
      'statused.mygroup.example.com',
      true,
    ])
    const condition = { type: 'StatusUpdate', status: 'True', reason: 'E2E', message: 'Set from an e2e test' }
    await api.change(path, (o) => o.status.conditions.push(condition), '/status')
    expect((await api.get(path)).status.conditions).toContainEqual(expect.objectContaining(condition))
    const patched = await api.patch(`${path}/status`, 'strategic', {
      metadata: { labels: { 'test-label': 'test-value' } },
      status: { storedVersions: ['v1beta1', 'v1'] },
    })
    expect(patched.status.storedVersions).toEqual(['v1beta1', 'v1'])
  })

  it('adds defaults to what is created and to what was stored before it had them', async () => {
    const text = { type: 'object', properties: { a: { type: 'string' }, b: { type: 'string' } } }
    const things = await define('defaulteds', text)
    const thing = (name: string): Promise<Json> =>
      api.create(things, { apiVersion: 'mygroup.example.com/v1beta1', kind: 'Defaulted', metadata: { name } })
    const withDefault = (property: string, value?: string): Promise<Json> =>
      api.patch(`${definitions}/defaulteds.mygroup.example.com`, 'json', [
        {
          op: value === undefined ? 'remove' : 'add',
          path: `/spec/versions/0/schema/openAPIV3Schema/properties/${property}/default`,
          ...(value === undefined ? {} : { value }),
        },
      ])
    expect((await thing('one')).a).toBeUndefined()
    await withDefault('a', 'A')
    await eventually(
      () => api.get(`${things}/one`),
      (o) => o.a === 'A',
    )
    expect((await thing('two')).a).toBe('A')
    await withDefault('a')
    await withDefault('b', 'B')
    await eventually(
      () => api.get(`${things}/two`),
      (o) => o.b === 'B',
    )
    // A default that a write stored stays; one that only reading added goes with the definition's.
    expect((await api.get(`${things}/two`)).a).toBe('A')
    expect((await api.get(`${things}/one`)).a).toBeUndefined()
  })

  it('has its resources watched as they come, change and go', async () => {
    const things = await define('watcheds')
    const watch = await api.watch(things)
    const thing = (name: string): Json => ({
      apiVersion: 'mygroup.example.com/v1beta1',
      kind: 'Watched',
      metadata: { name },
      content: { key: 'value' },
      num: { num1: 9223372036854775807n.toString() },
    })
    await api.create(things, thing('name1'))
    await watch.until((e) => e.type === 'ADDED' && e.object.metadata.name === 'name1')
    const patched = await api.patch(`${things}/name1`, 'merge', { dummy: 'test' })
    expect([patched.dummy, patched.metadata.generation]).toEqual(['test', 2])
    await watch.until((e) => e.type === 'MODIFIED' && e.object.dummy === 'test')
    await api.delete(`${things}/name1`)
    await watch.until((e) => e.type === 'DELETED' && e.object.metadata.name === 'name1')
    watch.close()
  })

  it('selects by the fields that it names, in lists, watches and deletions', async () => {
    const schema = {
      type: 'object',
      properties: { spec: { type: 'object', properties: { color: { type: 'string' }, size: { type: 'string' } } } },
    }
    const selectableFields = [{ jsonPath: '.spec.color' }, { jsonPath: '.spec.size' }]
    const shirts = await define('shirts', schema, { selectableFields })
    for (const [name, color, size] of [
      ['s1', 'blue', 'S'],
      ['s2', 'blue', 'M'],
      ['s3', 'blue', 'M'],
      ['s4', 'green', 'M'],
    ])
      await api.create(shirts, { apiVersion: 'mygroup.example.com/v1beta1', kind: 'Shirt', metadata: { name }, spec: { color, size } })
    const names = async (path: string, fieldSelector: string): Promise<string[]> =>
      (await api.get(path, { fieldSelector })).items.map((o: Json) => o.metadata.name)
    expect(await names(shirts, 'spec.color=blue')).toEqual(['s1', 's2', 's3'])
    expect(await names(shirts.replace('v1beta1', 'v2'), 'spec.color=blue,spec.size=M')).toEqual(['s2', 's3'])
    expect(await names(shirts, 'spec.color!=blue')).toEqual(['s4'])
    expect((await refusal(api.get(shirts, { fieldSelector: 'spec.other=x' }))).status.message).toBe('field label not supported: spec.other')
    const watch = await api.watch(shirts, { fieldSelector: 'spec.color=blue,spec.size=M' })
    await watch.until((e) => e.object.metadata.name === 's3')
    await api.patch(`${shirts}/s4`, 'merge', { spec: { color: 'blue' } })
    await watch.until((e) => e.type === 'ADDED' && e.object.metadata.name === 's4')
    await api.patch(`${shirts}/s2`, 'merge', { spec: { size: 'S' } })
    await watch.until((e) => e.type === 'DELETED' && e.object.metadata.name === 's2')
    watch.close()
    await api.request('DELETE', `${shirts}?fieldSelector=spec.size%3DM`)
    expect(await names(shirts, 'spec.color=blue')).toEqual(['s1', 's2'])
  })

  it('is in discovery, aggregated and not, and in both OpenAPI documents while it is there', async () => {
    await define('publisheds', {
      type: 'object',
      description: 'Foo CRD for Testing',
      properties: { spec: { type: 'object', description: 'Specification of Foo' } },
    })
    const group = (await api.get('/apis')).groups.find((g: Json) => g.name === 'mygroup.example.com')
    expect(group.preferredVersion.version).toBe('v2')
    expect(group.versions.map((v: Json) => v.version)).toEqual(['v2', 'v1', 'v1beta1'])
    const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'
    const aggregated = (await api.request('GET', '/apis', undefined, { accept })).json
    const versions = aggregated.items.find((g: Json) => g.metadata.name === 'mygroup.example.com').versions
    expect(versions.map((v: Json) => [v.version, v.resources.some((r: Json) => r.resource === 'publisheds')])).toEqual([
      ['v2', true],
      ['v1', true],
      ['v1beta1', true],
    ])
    const defined = async (version: string): Promise<boolean> =>
      `com.example.mygroup.${version}.Published` in (await api.get('/openapi/v2')).definitions
    await eventually(() => defined('v2'), Boolean)
    // A version that is no longer served leaves, one that is renamed takes its new name.
    await api.patch(`${definitions}/publisheds.mygroup.example.com`, 'json', [
      { op: 'test', path: '/spec/versions/2/name', value: 'v2' },
      { op: 'replace', path: '/spec/versions/2/served', value: false },
    ])
    await eventually(
      () => defined('v2'),
      (there) => !there,
    )
    await api.patch(`${definitions}/publisheds.mygroup.example.com`, 'json', [
      { op: 'replace', path: '/spec/versions/1/name', value: 'v4' },
    ])
    await eventually(() => defined('v4'), Boolean)
    expect(await defined('v1')).toBe(false)
    expect(await defined('v1beta1')).toBe(true)
    await api.delete(`${definitions}/publisheds.mygroup.example.com`)
    await eventually(
      () => defined('v1beta1'),
      (there) => !there,
    )
  })
})

describe('strict validation of fields', () => {
  const deployment = (metadata: string, spec: string): string => `{
    "apiVersion": "apps/v1", "kind": "Deployment",
    "metadata": {"name": "my-dep", ${metadata} "labels": {"app": "nginx"}},
    "spec": {${spec} "selector": {"matchLabels": {"app": "nginx"}},
      "template": {"metadata": {"labels": {"app": "nginx"}}, "spec": {"containers": [{"name": "nginx", "image": "nginx:latest"}]}}}}`
  const strict = { fieldManager: 'field_validation_mgr', fieldValidation: 'Strict' }

  it.each([
    [
      'unknown and doubled fields',
      '',
      '"unknownField": "foo", "replicas": 2, "replicas": 3,',
      'unknown field "spec.unknownField", duplicate field "spec.replicas"',
    ],
    ['unknown metadata', '"unknownMeta": "foo",', '', 'unknown field "metadata.unknownMeta"'],
  ])('refuses a Deployment with %s', async (_, metadata, spec, fault) => {
    const refused = await refusal(api.create('/apis/apps/v1/namespaces/default/deployments', deployment(metadata, spec), strict))
    expect([refused.code, refused.status.message]).toEqual([
      400,
      `Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: ${fault}`,
    ])
  })

  const ports = {
    type: 'array',
    'x-kubernetes-list-map-keys': ['containerPort', 'protocol'],
    'x-kubernetes-list-type': 'map',
    items: {
      type: 'object',
      required: ['containerPort', 'protocol'],
      properties: {
        containerPort: { type: 'integer', format: 'int32' },
        hostIP: { type: 'string' },
        name: { type: 'string' },
        protocol: { type: 'string' },
      },
    },
  }
  const properties = {
    foo: { type: 'string' },
    cronSpec: { type: 'string', pattern: '^(\\d+|\\*)(/\\d+)?(\\s+(\\d+|\\*)(/\\d+)?){4}$' },
    ports,
  }
  const schema = (spec: Json): Json => ({ type: 'object', properties: { spec: { type: 'object', ...spec } } })
  const body = (kind: string, metadata: string, top: string, spec: string): string => `
apiVersion: mygroup.example.com/v1beta1
kind: ${kind}
metadata:
  name: mytest
${metadata}  finalizers:
  - test-finalizer
${top}spec:
${spec}  cronSpec: "* * * * */5"
  ports:
  - name: x
    containerPort: 80
    protocol: TCP`
  const apply = (things: string, text: string): Promise<Json> => api.patch(`${things}/mytest`, 'apply', text, strict)

  it('applies a custom resource that fits its schema, and any where there is none', async () => {
    expect((await apply(await define('valids', schema({ properties })), body('Valid', '', '', '  foo: foo1\n'))).spec.foo).toBe('foo1')
    expect((await apply(await define('anythings'), body('Anything', '', '', '  unknown: uk1\n'))).spec.unknown).toBe('uk1')
  })

  it('refuses a custom resource with fields that its schema does not have', async () => {
    const refused = await refusal(
      apply(await define('extras', schema({ properties })), body('Extra', '', 'unknownField: unknown\n', '  foo: foo1\n')),
    )
    expect([refused.code, refused.status.message]).toEqual([
      500,
      'failed to create typed patch object (/mytest; mygroup.example.com/v1beta1, Kind=Extra): .unknownField: field not declared in schema',
    ])
  })

  it('refuses unknown metadata of a custom resource and of a resource within it', async () => {
    const template = {
      type: 'object',
      'x-kubernetes-embedded-resource': true,
      properties: { metadata: { type: 'object', properties: { name: { type: 'string' } } }, spec: { type: 'object' } },
    }
    const things = await define(
      'embeddeds',
      schema({ 'x-kubernetes-preserve-unknown-fields': true, properties: { template, ...properties } }),
    )
    const within =
      '  template:\n    apiversion: foo/v1\n    kind: Sub\n    metadata:\n        unknownSubMeta: unknown\n        name: subobject\n        namespace: default\n  foo: foo1\n'
    const { message } = (await refusal(apply(things, body('Embedded', '  unknownMeta: unknown\n', '', within)))).status
    expect(message).toContain('.spec.template.metadata.unknownSubMeta: field not declared in schema')
    expect(message).toContain('.metadata.unknownMeta: field not declared in schema')
  })

  it('refuses a field that is there twice, even where unknown ones are kept', async () => {
    const things = await define('twices', schema({ 'x-kubernetes-preserve-unknown-fields': true, properties }))
    const { message } = (await refusal(apply(things, body('Twice', '', '', '  unknown: uk1\n  foo: foo1\n  foo: foo2\n')))).status
    expect(message).toContain('line 11: key "foo" already set in map')
  })
})
