import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { customModel } from '../../../../src-main/cluster/api/crd/model.js'
import { decodeObject } from '../../../../src-main/cluster/api/schema/decode.js'
import { startHttps, type Answer, type HttpsFixture, type SendOptions } from '../https.js'
import { things, version } from './definition.js'

const V1 = '/apis/example.com/v1'
const IN_DEFAULT = `${V1}/namespaces/default/things`
const PATCH = {
  merge: { 'content-type': 'application/merge-patch+json' },
  apply: { 'content-type': 'application/apply-patch+yaml' },
  strategic: { 'content-type': 'application/strategic-merge-patch+json' },
}

const spec = {
  required: ['size'],
  properties: {
    size: { type: 'integer', minimum: 1, maximum: 10, description: 'How large.' },
    color: { type: 'string', enum: ['red', 'blue'], default: 'red' },
    free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    maybe: { type: 'string', nullable: true },
    port: { 'x-kubernetes-int-or-string': true },
    keyed: {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
      items: { type: 'object', required: ['name'], properties: { name: { type: 'string' }, v: { type: 'string' } } },
    },
  },
}

let f: HttpsFixture
const send = (method: string, path: string, options?: SendOptions): Promise<Answer> => f.send(method, path, options)
const body = (name: string, fields: object, more: object = {}): object => ({
  apiVersion: 'example.com/v1',
  kind: 'Thing',
  metadata: { name },
  spec: fields,
  ...more,
})
const create = (object: object, query = ''): Promise<Answer> => send('POST', IN_DEFAULT + query, { body: object })

beforeAll(async () => {
  f = await startHttps()
  const columns = [
    { name: 'Size', type: 'integer', jsonPath: '.spec.size', description: 'How large it is.' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ]
  const scale = { specReplicasPath: '.spec.size', statusReplicasPath: '.status.replicas' }
  const more = {
    additionalPrinterColumns: columns,
    subresources: { status: {}, scale },
    selectableFields: [{ jsonPath: '.spec.color' }],
  }
  const old = { storage: false, deprecated: true }
  const answer = await send('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
    body: things([version('v1', spec, more), version('v1beta1', { ...spec, description: 'As it was.' }, old)]),
  })
  expect(answer.code).toBe(201)
  while ((await send('GET', V1)).code !== 200) await new Promise((resolve) => setImmediate(resolve))
})
afterAll(() => f.server.close())

describe('decoding a custom resource', () => {
  it('needs its kind, which a patch may not take away', async () => {
    await create(body('kindless', { size: 1 }))
    const answer = await send('PATCH', `${IN_DEFAULT}/kindless`, { body: { kind: null }, headers: PATCH.merge })
    expect(answer.code).toBe(422)
    expect(answer.json.details.causes[0]).toMatchObject({ reason: 'FieldValueInvalid', field: 'patch' })
    expect(answer.json.message).toContain(`: Object 'Kind' is missing in '{"apiVersion":"example.com/v1",`)
  })

  it('needs a kind and a version that are words, also after a patch', async () => {
    await create(body('wordless', { size: 1 }))
    for (const validation of ['Strict', 'Ignore']) {
      const patch = (body: object) => send('PATCH', `${IN_DEFAULT}/wordless?fieldValidation=${validation}`, { body, headers: PATCH.merge })
      const versionless = await patch({ apiVersion: { a: 'b' } })
      expect([versionless.code, versionless.json.details.causes[0].field]).toEqual([422, 'patch'])
      expect(versionless.json.message).toMatch(
        /: \.apiVersion accessor error: map\[a:b\] is of the type map\[string\]interface \{\}, expected string$/,
      )
      const kindless = await patch({ kind: ['Thing'] })
      expect([kindless.code, kindless.json.details.causes[0].field]).toEqual([422, 'patch'])
      expect(kindless.json.message).toContain(`: Object 'Kind' is missing in '{"apiVersion":"example.com/v1","kind":["Thing"],`)
    }
  })

  it('prunes with a warning, or refuses what is not declared', async () => {
    const unknown = body('pruned', { size: 1, bogus: 1, free: { any: [1] } }, { extra: 1 })
    const { code, json, headers } = await create(unknown, '?dryRun=All')
    expect([code, json.spec, json.extra]).toEqual([201, { size: 1, free: { any: [1] }, color: 'red' }, undefined])
    expect(headers['warning']).toBe('299 - "unknown field \\"extra\\"", 299 - "unknown field \\"spec.bogus\\""')
    const strict = await create(unknown, '?fieldValidation=Strict')
    expect([strict.code, strict.json.message]).toEqual([
      400,
      'Thing in version "v1" cannot be handled as a Thing: strict decoding error: unknown field "extra", unknown field "spec.bogus"',
    ])
  })

  it('tells first what is said twice, known or not, then sorted what is not declared', async () => {
    const headers = { 'content-type': 'application/json' }
    const fields = '"size":1,"zz":1,"zz":2,"color":"red","color":"blue","bogus":1,"keyed":[{"name":"a","v":"x","v":"y","odd":1}]'
    const text = `{"apiVersion":"example.com/v1","kind":"Thing","metadata":{"name":"twice","odd":1},"spec":{${fields}}}`
    const told = ['spec.zz', 'spec.color', 'spec.keyed[0].v'].map((path) => `duplicate field "${path}"`)
    told.push(...['metadata.odd', 'spec.bogus', 'spec.keyed[0].odd', 'spec.zz'].map((path) => `unknown field "${path}"`))
    const warned = await send('POST', `${IN_DEFAULT}?dryRun=All`, { body: text, headers })
    expect(warned.headers['warning']).toBe(told.map((fault) => `299 - ${JSON.stringify(fault)}`).join(', '))
    const refused = await send('POST', `${IN_DEFAULT}?fieldValidation=Strict`, { body: text, headers })
    expect(refused.json.message).toBe(`Thing in version "v1" cannot be handled as a Thing: strict decoding error: ${told.join(', ')}`)
  })

  it('leaves wrong types to the schema, all of them at once', async () => {
    const { code, json } = await create(body('wrong', { size: '1', color: 'green', keyed: 'x' }))
    expect(code).toBe(422)
    expect(json.details.causes).toEqual([
      {
        reason: 'FieldValueTypeInvalid',
        field: 'spec.size',
        message: 'Invalid value: "string": spec.size in body must be of type integer: "string"',
      },
      { reason: 'FieldValueNotSupported', field: 'spec.color', message: 'Unsupported value: "green": supported values: "red", "blue"' },
      {
        reason: 'FieldValueTypeInvalid',
        field: 'spec.keyed',
        message: 'Invalid value: "string": spec.keyed in body must be of type array: "string"',
      },
      // Its scale cannot be read either.
      {
        reason: 'FieldValueInvalid',
        field: '.spec.size',
        message: 'Invalid value: 0: .spec.size accessor error: 1 is of the type string, expected int64',
      },
    ])
    expect((await create(body('all', [] as never))).json.message).toBe(
      'Thing.example.com "all" is invalid: [spec: Invalid value: "array": spec in body must be of type object: "array", .spec.size: Invalid value: 0: .spec.size accessor error: [] is of the type []interface {}, expected map[string]interface{}]',
    )
  })

  it('keeps zeros, empty texts and nulls that are allowed', async () => {
    const { json } = await create(body('zero', { size: 1, maybe: null, keyed: [{ name: 'a', v: '' }], free: {} }), '?dryRun=All')
    expect(json.spec).toEqual({ size: 1, maybe: null, keyed: [{ name: 'a', v: '' }], free: {}, color: 'red' })
  })

  it('refuses metadata that is not metadata', async () => {
    const told = async (metadata: unknown): Promise<unknown[]> => {
      const { code, json } = await create({ ...body('m', { size: 1 }), metadata })
      return [code, json.message]
    }
    const wrong = 'Thing in version "v1" cannot be handled as a Thing: json: cannot unmarshal'
    expect(await told({ name: 'm', labels: { a: 1 } })).toEqual([
      400,
      `${wrong} number into Go struct field ObjectMeta.labels of type string`,
    ])
    expect(await told('m')).toEqual([400, `${wrong} string into Go value of type v1.ObjectMeta`])
    // That of a resource inside of another is told by its place and what it is.
    const of = { group: 'example.com', version: 'v1', kind: 'Thing' }
    const inner = { type: 'object', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true }
    const model = customModel(of, { type: 'object', properties: { inner } })
    const sent = { apiVersion: 'example.com/v1', kind: 'Thing', metadata: { name: 'm' }, inner: { metadata: { name: 'i', namespace: 42 } } }
    expect(() => decodeObject(Buffer.from(JSON.stringify(sent)), 'application/json', model, 'Warn', of)).toThrow(
      'Thing in version "v1" cannot be handled as a Thing: inner.metadata: Invalid value: {"name":"i","namespace":42}: json: cannot unmarshal number into Go struct field ObjectMeta.namespace of type string',
    )
  })

  it('wants to know what it is given', async () => {
    const other = { ...body('t', { size: 1 }), kind: 'Other' }
    expect((await create(other)).json.message).toBe('Other.example.com "t" is invalid: kind: Invalid value: "Other": must be Thing')
    const elsewhere = { ...body('t', { size: 1 }), apiVersion: 'example.com/v1beta1' }
    expect((await create(elsewhere)).json.message).toBe(
      'the API version in the data (example.com/v1beta1) does not match the expected API version (example.com/v1)',
    )
    expect((await create({ metadata: { name: 't' } })).json.message).toBe(
      `Thing in version "v1" cannot be handled as a Thing: Object 'Kind' is missing in '{"metadata":{"name":"t"}}'`,
    )
  })
})

describe('reading custom resources', () => {
  it('shows their columns in a table', async () => {
    await create(body('table', { size: 3 }))
    const { json } = await send('GET', `${IN_DEFAULT}/table`, { headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' } })
    expect(json.columnDefinitions.map((c: any) => [c.name, c.type, c.description])).toEqual([
      ['Name', 'string', expect.stringMatching(/^Name must be unique/)],
      ['Size', 'integer', 'How large it is.'],
      ['Age', 'date', 'Custom resource definition column (in JSONPath format): .metadata.creationTimestamp'],
    ])
    expect(json.rows[0].cells).toEqual(['table', 3, '0s'])
  })

  it('keeps the type of each item in a list', async () => {
    const { json } = await send('GET', `${IN_DEFAULT}?fieldSelector=metadata.name%3Dtable`)
    expect([json.kind, json.apiVersion, json.items.length, json.items[0].kind]).toEqual(['ThingList', 'example.com/v1', 1, 'Thing'])
  })

  it('selects by the fields that the version names, and by no others', async () => {
    await create(body('blue', { size: 1, color: 'blue' }))
    const { json } = await send('GET', `${IN_DEFAULT}?fieldSelector=spec.color%3Dblue`)
    expect(json.items.map((o: any) => o.metadata.name)).toEqual(['blue'])
    const other = await send('GET', `${IN_DEFAULT}?fieldSelector=spec.size%3D1`)
    expect([other.code, other.json.message]).toEqual([400, 'field label not supported: spec.size'])
  })

  it('warns of a deprecated version', async () => {
    const { headers } = await send('GET', '/apis/example.com/v1beta1/namespaces/default/things')
    expect(headers['warning']).toBe('299 - "example.com/v1beta1 Thing is deprecated; use example.com/v1 Thing"')
  })
})

describe('patching a custom resource', () => {
  it('by a strategic merge patch is not possible', async () => {
    const { code, json } = await send('PATCH', `${IN_DEFAULT}/table`, { body: { spec: { size: 2 } }, headers: PATCH.strategic })
    expect([code, json.message]).toEqual([
      415,
      'the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml',
    ])
  })

  it('is judged by the schema', async () => {
    const { code, json } = await send('PATCH', `${IN_DEFAULT}/table`, { body: { spec: { size: 99 } }, headers: PATCH.merge })
    expect([code, json.message]).toEqual([
      422,
      'Thing.example.com "table" is invalid: spec.size: Invalid value: 99: spec.size in body should be less than or equal to 10',
    ])
  })

  const apply = (name: string, manager: string, fields: object): Promise<Answer> =>
    send('PATCH', `${IN_DEFAULT}/${name}?fieldManager=${manager}`, { body: body(name, fields), headers: PATCH.apply })

  it('by apply merges lists by their keys and free fields by theirs', async () => {
    expect((await apply('applied', 'one', { size: 1, keyed: [{ name: 'a', v: '1' }], free: { x: { y: 1 } } })).code).toBe(201)
    const { code, json } = await apply('applied', 'two', { keyed: [{ name: 'b', v: '2' }], free: { x: { z: 2 } } })
    expect([code, json.spec]).toEqual([
      200,
      {
        size: 1,
        color: 'red',
        free: { x: { y: 1, z: 2 } },
        keyed: [
          { name: 'a', v: '1' },
          { name: 'b', v: '2' },
        ],
      },
    ])
    expect(json.metadata.managedFields.map((m: any) => [m.manager, m.apiVersion, m.fieldsV1])).toEqual([
      [
        'one',
        'example.com/v1',
        {
          'f:spec': {
            'f:free': { 'f:x': { '.': {}, 'f:y': {} } },
            'f:keyed': { 'k:{"name":"a"}': { '.': {}, 'f:name': {}, 'f:v': {} } },
            'f:size': {},
          },
        },
      ],
      [
        'two',
        'example.com/v1',
        {
          'f:spec': { 'f:free': { 'f:x': { '.': {}, 'f:z': {} } }, 'f:keyed': { 'k:{"name":"b"}': { '.': {}, 'f:name': {}, 'f:v': {} } } },
        },
      ],
    ])
  })

  it('by apply takes away the keys of free fields that are no longer applied, with what they held', async () => {
    await apply('keys', 'one', { size: 1, free: { x: { y: 1 }, kept: { y: 1 } } })
    const { json } = await apply('keys', 'one', { size: 1, free: { kept: { y: 1 } } })
    expect(json.spec.free).toEqual({ kept: { y: 1 } })
    expect(json.metadata.managedFields[0].fieldsV1).toEqual({ 'f:spec': { 'f:free': { 'f:kept': { '.': {}, 'f:y': {} } }, 'f:size': {} } })
  })

  it('by apply tells of conflicts and of fields that are not declared', async () => {
    await apply('contested', 'one', { size: 1 })
    expect((await apply('contested', 'two', { size: 2 })).json.message).toBe(
      'Apply failed with 1 conflict: conflict with "one": .spec.size',
    )
    expect((await apply('contested', 'one', { size: 1, bogus: 1 })).json.message).toBe(
      'failed to create typed patch object (default/contested; example.com/v1, Kind=Thing): .spec.bogus: field not declared in schema',
    )
  })
})

describe('the path of a custom resource', () => {
  it.each([
    ['GET', `${V1}/nothing`, '404 page not found\n'],
    ['GET', '/apis/example.com/v9/things', '404 page not found\n'],
    ['DELETE', `${V1}/things`, '404 page not found\n'],
    ['GET', `${IN_DEFAULT}/one/nothing`, 'things.example.com "one" not found'],
    ['OPTIONS', IN_DEFAULT, ' is not supported on resources of kind "things.example.com"'],
    ['DELETE', `${IN_DEFAULT}/one/status`, 'delete is not supported on resources of kind "things.example.com"'],
  ])('that leads nowhere: %s %s', async (method, path, message) => {
    const { json, text } = await send(method, path)
    expect(json?.message ?? text).toBe(message)
  })

  it('stands behind no router: it takes HEAD, and Accept with wildcards', async () => {
    expect((await send('HEAD', IN_DEFAULT)).code).toBe(200)
    expect((await send('GET', IN_DEFAULT, { headers: { accept: 'application/*' } })).json.kind).toBe('ThingList')
    const { json } = await send('GET', IN_DEFAULT, { headers: { accept: 'text/html' } })
    const types = 'application/json, application/yaml, application/vnd.kubernetes.protobuf'
    expect([json.code, json.message]).toEqual([406, `only the following media types are accepted: ${types}`])
  })
})

describe('a custom resource is published', () => {
  it('in discovery', async () => {
    const { json } = await send('GET', V1)
    expect(json.resources.map((r: any) => [r.name, r.kind, r.group ?? '', r.verbs.join(' ')])).toEqual([
      ['things', 'Thing', '', 'create delete deletecollection get list patch update watch'],
      ['things/status', 'Thing', '', 'get patch update'],
      ['things/scale', 'Scale', 'autoscaling', 'get patch update'],
    ])
    expect([json.resources[0].shortNames, json.resources[0].categories, json.resources[0].singularName]).toEqual([['th'], ['all'], 'thing'])
    const other = await send('GET', V1.replace(/v1$/, 'v1beta1'))
    const hash = createHash('sha256').update('example.com/v1/Thing').digest().subarray(0, 8).toString('base64')
    expect([json, other.json].map(({ resources }) => resources[0].storageVersionHash)).toEqual([hash, hash])
    const group = await send('GET', '/apis/example.com')
    expect(group.json.versions.map((v: any) => v.version)).toEqual(['v1', 'v1beta1'])
  })

  it('in OpenAPI v3 with all that its schema says', async () => {
    const index = await send('GET', '/openapi/v3')
    const { json } = await send('GET', index.json.paths['apis/example.com/v1'].serverRelativeURL)
    const schema = json.components.schemas['com.example.v1.Thing']
    expect(schema['x-kubernetes-group-version-kind']).toEqual([{ group: 'example.com', version: 'v1', kind: 'Thing' }])
    expect(schema.properties.spec.properties.size).toEqual({ type: 'integer', minimum: 1, maximum: 10, description: 'How large.' })
    expect(schema.properties.metadata.allOf).toEqual([{ $ref: '#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta' }])
    expect(json.components.schemas['com.example.v1.ThingList'].properties.items.items).toEqual({
      $ref: '#/components/schemas/com.example.v1.Thing',
    })
    const { patch } = json.paths['/apis/example.com/v1/namespaces/{namespace}/things/{name}']
    expect(Object.keys(patch.requestBody.content)).toEqual([
      'application/json-patch+json',
      'application/merge-patch+json',
      'application/apply-patch+yaml',
    ])
  })

  it('in OpenAPI v2 without what that cannot say', async () => {
    const { json } = await send('GET', '/openapi/v2')
    const { properties } = json.definitions['com.example.v1.Thing'].properties.spec
    expect(properties.maybe).toEqual({})
    expect(properties.port).toEqual({ 'x-kubernetes-int-or-string': true })
    expect(properties.keyed['x-kubernetes-list-map-keys']).toEqual(['name'])
    expect(json.definitions['com.example.v1.ThingList']['x-kubernetes-group-version-kind']).toEqual([
      { group: 'example.com', version: 'v1', kind: 'ThingList' },
    ])
  })

  it('no longer when its definition has gone', async () => {
    const names = { plural: 'gone', kind: 'Gone' }
    await send('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
      body: things([version('v1')], { group: 'gone.example.com', names }, 'gone.gone'),
    })
    while ((await send('GET', '/apis/gone.example.com/v1')).code !== 200) await new Promise((resolve) => setImmediate(resolve))
    const { json } = await send('DELETE', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/gone.gone.example.com')
    expect([json.kind, json.metadata.finalizers, json.status.conditions[2].reason]).toEqual([
      'CustomResourceDefinition',
      ['customresourcecleanup.apiextensions.k8s.io'],
      'InstanceDeletionPending',
    ])
    while ((await send('GET', '/apis/gone.example.com/v1')).code !== 404) await new Promise((resolve) => setImmediate(resolve))
    const index = await send('GET', '/openapi/v3')
    expect(index.json.paths['apis/gone.example.com/v1']).toBeUndefined()
  })
})
