import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { protobufToJson } from '../../../src-main/cluster/api/protobuf/decode.js'
import { jsonToProtobuf } from '../../../src-main/cluster/api/protobuf/encode.js'
import { VirtualClock } from '../../../src-main/cluster/clock.js'
import { openStore } from '../../../src-main/cluster/store/mvcc.js'
import { things, version } from './crd/definition.js'
import { START } from './fixture.js'
import { openWatch, startHttps, type Answer, type HttpsFixture, type SendOptions } from './https.js'

// Beyond 2^53 a number of this language has no odd neighbours: these are told apart by their last digit.
const LONG = '9007199254740993'
const LARGEST = '9223372036854775807'
const SMALLEST = '-9223372036854775808'

const THINGS = '/apis/example.com/v1/namespaces/default/things'
const JOBS = '/apis/batch/v1/namespaces/default/jobs'
const REVISIONS = '/apis/apps/v1/namespaces/default/controllerrevisions'

const spec = {
  properties: {
    size: { type: 'integer', format: 'int64' },
    small: { type: 'integer', format: 'int32' },
    most: { type: 'integer', maximum: 100 },
    ratio: { type: 'number' },
    one: { type: 'integer', enum: [1, 2] },
    id: { type: 'integer' },
    count: { type: 'integer' },
    free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    ids: { type: 'array', items: { type: 'integer' }, 'x-kubernetes-list-type': 'set' },
  },
  'x-kubernetes-validations': [{ rule: '!has(self.size) || self.size != 9007199254740995', message: 'that one is taken' }],
}

let f: HttpsFixture
const send = (method: string, path: string, options?: SendOptions): Promise<Answer> => f.send(method, path, options)
const thing = (name: string, fields: string): string =>
  `{"apiVersion":"example.com/v1","kind":"Thing","metadata":{"name":"${name}"},"spec":{${fields}}}`
const create = (name: string, fields: string, query = ''): Promise<Answer> => send('POST', THINGS + query, { body: thing(name, fields) })
const patch = (name: string, type: string, body: string, query = ''): Promise<Answer> =>
  send('PATCH', `${THINGS}/${name}${query}`, { body, headers: { 'content-type': `application/${type}` } })
/** The part of an answer that begins with its spec. */
const specIn = ({ code, text }: Answer): string => (code < 300 ? text.slice(text.indexOf('"spec":')) : text)

beforeAll(async () => {
  f = await startHttps()
  const columns = [
    { name: 'Size', type: 'integer', jsonPath: '.spec.size' },
    { name: 'Text', type: 'string', jsonPath: '.spec.size' },
    { name: 'Ratio', type: 'number', jsonPath: '.spec.ratio' },
  ]
  const scale = { specReplicasPath: '.spec.count', statusReplicasPath: '.status.replicas' }
  const more = { subresources: { status: {}, scale }, selectableFields: [{ jsonPath: '.spec.id' }] }
  const body = things([version('v1', spec, { additionalPrinterColumns: columns, ...more })])
  expect((await send('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', { body })).code).toBe(201)
  while ((await send('GET', '/apis/example.com/v1')).code !== 200) await new Promise((resolve) => setImmediate(resolve))
})
afterAll(() => f.server.close())

describe('whole numbers beyond 2^53 in custom resources', () => {
  it('come back as they were sent, in JSON and YAML, indented and in lists', async () => {
    const fields = `"free":{"a":[${LONG},{"b":${SMALLEST}}]},"ratio":${LONG},"size":${LARGEST}`
    const created = await create('kept', fields)
    expect([created.code, specIn(created)]).toEqual([201, `"spec":{${fields}}}\n`])
    expect(specIn(await send('GET', `${THINGS}/kept`))).toBe(`"spec":{${fields}}}\n`)
    expect((await send('GET', THINGS)).text).toContain(`"spec":{${fields}}}`)
    expect((await send('GET', `${THINGS}/kept?pretty=true`)).text).toContain(`"size": ${LARGEST}\n`)
    const yaml = await send('GET', `${THINGS}/kept`, { headers: { accept: 'application/yaml' } })
    expect(yaml.text).toContain(`spec:\n  free:\n    a:\n    - ${LONG}\n    - b: ${SMALLEST}\n  ratio: ${LONG}\n  size: ${LARGEST}\n`)
  })

  it('are read from YAML, in any base', async () => {
    const text = thing('yaml', '').replace('"spec":{}', `"spec":{"size":${LONG},"free":{"hex":0x20000000000001,"plain":7,"huge":1e30}}`)
    const body = `# a comment\n${text}`
    const answer = await send('POST', THINGS, { body, headers: { 'content-type': 'application/yaml' } })
    expect([answer.code, specIn(answer)]).toEqual([201, `"spec":{"size":${LONG},"free":{"hex":${LONG},"plain":7,"huge":1e+30}}}\n`])
  })

  it('are shown in columns', async () => {
    await create('row', `"size":${LONG},"ratio":${LONG}`)
    const table = await send('GET', `${THINGS}/row`, { headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' } })
    expect(table.text).toContain(`"cells":["row",${LONG},"${LONG}",${LONG}]`)
  })

  it('go through patches of every type, and a patch of something else leaves them alone', async () => {
    await create('patched', `"size":${LONG}`)
    expect(specIn(await patch('patched', 'merge-patch+json', `{"spec":{"free":{"m":${LARGEST}}}}`))).toBe(
      `"spec":{"size":${LONG},"free":{"m":${LARGEST}}}}\n`,
    )
    const operations = [
      `{"op":"test","path":"/spec/size","value":${LONG}}`,
      `{"op":"add","path":"/spec/free/j","value":[${SMALLEST}]}`,
      '{"op":"copy","from":"/spec/free/j","path":"/spec/free/k"}',
      '{"op":"move","from":"/spec/free/m","path":"/spec/free/n"}',
    ]
    expect(specIn(await patch('patched', 'json-patch+json', `[${operations.join(',')}]`))).toBe(
      `"spec":{"size":${LONG},"free":{"j":[${SMALLEST}],"k":[${SMALLEST}],"n":${LARGEST}}}}\n`,
    )
    const differing = await patch('patched', 'json-patch+json', '[{"op":"test","path":"/spec/size","value":9007199254740992}]')
    expect(differing.code).toBe(422)
    expect((await patch('patched', 'merge-patch+json', '{"metadata":{"labels":{"a":"b"}}}')).text).toContain(`"size":${LONG}`)
  })

  it('are applied, owned in sets by themselves, and told in conflicts', async () => {
    const config = thing('applied', `"size":${LONG},"ids":[${LONG},9007199254740992]`)
    const applied = await patch('applied', 'apply-patch+yaml', config, '?fieldManager=one')
    expect(specIn(applied)).toBe(`"spec":{"size":${LONG},"ids":[${LONG},9007199254740992]}}\n`)
    expect(applied.text).toContain(`"f:ids":{"v:9007199254740992":{},"v:${LONG}":{}}`)
    const again = await patch('applied', 'apply-patch+yaml', config, '?fieldManager=one')
    expect(again.json.metadata.resourceVersion).toBe(applied.json.metadata.resourceVersion)
    const other = await patch('applied', 'apply-patch+yaml', thing('applied', '"size":9007199254740992'), '?fieldManager=two')
    expect([other.code, other.json.message]).toEqual([409, 'Apply failed with 1 conflict: conflict with "one": .spec.size'])
    const removed = await patch(
      'applied',
      'apply-patch+yaml',
      thing('applied', `"size":${LONG},"ids":[9007199254740992]`),
      '?fieldManager=one',
    )
    expect(specIn(removed)).toBe(`"spec":{"size":${LONG},"ids":[9007199254740992]}}\n`)
  })

  it('are told with all their digits in what is wrong with them', async () => {
    const most = await create('bad', `"most":${LONG}`)
    expect(most.json.details.causes).toEqual([
      {
        reason: 'FieldValueInvalid',
        message: `Invalid value: ${LONG}: spec.most in body should be less than or equal to 100`,
        field: 'spec.most',
      },
    ])
    const one = await create('bad', `"one":${LONG}`)
    expect(one.json.details.causes[0].message).toBe(`Unsupported value: ${LONG}: supported values: "1", "2"`)
    const twice = await create('bad', `"ids":[${LONG},${LONG}]`)
    expect(twice.json.details.causes[0].message).toBe(`Duplicate value: ${LONG}`)
  })

  it('are refused beyond 32 bits where the format says so, and beyond 64 as no integers', async () => {
    expect((await create('bad', `"small":${LONG}`)).json.details.causes[0].message).toContain(
      'Checked value must be of type integer with format int32 in spec.small',
    )
    expect((await create('bad', '"size":9223372036854775808')).json.details.causes[0].message).toBe(
      'Invalid value: "number": spec.size in body must be of type integer: "number"',
    )
  })

  it('are no counts of replicas', async () => {
    expect((await create('bad', `"count":${LONG}`)).json.details.causes).toEqual([
      { reason: 'FieldValueInvalid', message: `Invalid value: ${LONG}: should be less than or equal to 2147483647`, field: '.spec.count' },
    ])
  })

  it('are selected by', async () => {
    await create('chosen', `"id":${LONG}`)
    await create('other', '"id":9007199254740992')
    const { json } = await send('GET', `${THINGS}?fieldSelector=spec.id%3D${LONG}`)
    expect(json.items.map((o: { metadata: { name: string } }) => o.metadata.name)).toEqual(['chosen'])
  })

  it('are whole numbers to rules', async () => {
    const answer = await create('bad', '"size":9007199254740995')
    expect(answer.json.details.causes[0].message).toBe('Invalid value: that one is taken')
    expect((await create('good', '"size":9007199254740997')).code).toBe(201)
  })

  it('are defaults as they were declared', async () => {
    const name = 'others'
    const properties = { properties: { size: { type: 'integer', default: 0 } } }
    const body = JSON.stringify(things([version('v1', properties)], { names: { plural: name, kind: 'Other' } }, name))
    const sent = body.replace('"default":0', `"default":${LONG}`)
    const crd = await send('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', { body: sent })
    expect(crd.text).toContain(`"default":${LONG}`)
    while ((await send('GET', `/apis/example.com/v1/${name}`)).code !== 200) await new Promise((resolve) => setImmediate(resolve))
    const answer = await send('POST', `/apis/example.com/v1/namespaces/default/${name}`, {
      body: thing('a', '').replace('Thing', 'Other'),
    })
    expect(specIn(answer)).toBe(`"spec":{"size":${LONG}}}\n`)
    expect((await send('GET', '/openapi/v3/apis/example.com/v1')).text).toContain(`"default":${LONG}`)
  })

  it('reach those who watch', async () => {
    await create('seen', `"size":${LONG}`)
    const watch = await openWatch(f, `${THINGS}?watch=1&fieldSelector=metadata.name%3Dseen`)
    await watch.next()
    await patch('seen', 'merge-patch+json', `{"spec":{"free":{"n":${LARGEST}}}}`)
    expect(JSON.stringify((await watch.next()).object.spec)).toBe(JSON.stringify({ size: Number(LONG), free: { n: Number(LARGEST) } }))
    watch.close()
  })
})

describe('whole numbers beyond 2^53 in built-in kinds', () => {
  const job = (name: string, seconds: string): string =>
    `{"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"${name}"},"spec":{"activeDeadlineSeconds":${seconds},"template":{"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"nginx"}]}}}}`

  it('are kept where a field has 64 bits', async () => {
    const answer = await send('POST', JOBS, { body: job('long', LARGEST) })
    expect([answer.code, /"activeDeadlineSeconds":(\d+)/.exec(answer.text)?.[1]]).toEqual([201, LARGEST])
    expect((await send('GET', `${JOBS}/long`)).text).toContain(`"activeDeadlineSeconds":${LARGEST}`)
  })

  it('are refused beyond 64 bits, and beyond 32 where the field has no more', async () => {
    const large = await send('POST', JOBS, { body: job('larger', '9223372036854775808') })
    expect([large.code, large.json.message]).toEqual([
      400,
      'Job in version "v1" cannot be handled as a Job: json: cannot unmarshal number 9223372036854775808 into Go struct field JobSpec.spec.activeDeadlineSeconds of type int64',
    ])
    const narrow = await send('POST', JOBS, { body: job('narrow', '1').replace('"spec":{', `"spec":{"parallelism":${LONG},`) })
    expect([narrow.code, narrow.json.message]).toEqual([
      400,
      `Job in version "v1" cannot be handled as a Job: json: cannot unmarshal number ${LONG} into Go struct field JobSpec.spec.parallelism of type int32`,
    ])
  })

  it('are told with all their digits in what is wrong with them', async () => {
    const body = `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},"spec":{"securityContext":{"runAsUser":${LARGEST}},"containers":[{"name":"c","image":"nginx"}]}}`
    const { json } = await send('POST', '/api/v1/namespaces/default/pods', { body })
    expect(json.details.causes).toEqual([
      {
        reason: 'FieldValueInvalid',
        message: `Invalid value: ${LARGEST}: must be between 0 and 2147483647, inclusive`,
        field: 'spec.securityContext.runAsUser',
      },
    ])
  })

  it('are kept in data of any form', async () => {
    const body = `{"apiVersion":"apps/v1","kind":"ControllerRevision","metadata":{"name":"r"},"data":{"n":${LONG}},"revision":${LARGEST}}`
    const answer = await send('POST', REVISIONS, { body })
    expect(answer.text).toContain(`"data":{"n":${LONG}},"revision":${LARGEST}`)
  })

  it('go through protobuf', () => {
    const object = JSON.parse(job('long', '1')) as { kind: string; spec: Record<string, unknown> }
    object.spec['activeDeadlineSeconds'] = BigInt(LARGEST)
    const read = protobufToJson(jsonToProtobuf(object)!).toString()
    expect(read).toContain(`"activeDeadlineSeconds":${LARGEST}`)
  })

  it('may be a pod’s grace, which comes round after 292 years as spans do in Go', async () => {
    const body = `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"patient"},"spec":{"nodeName":"n","terminationGracePeriodSeconds":${LARGEST},"containers":[{"name":"c","image":"nginx"}]}}`
    const created = await send('POST', '/api/v1/namespaces/default/pods', { body })
    expect(created.code).toBe(201)
    const { code, text } = await send('DELETE', '/api/v1/namespaces/default/pods/patient')
    expect(code).toBe(200)
    expect(text).toContain(`"deletionTimestamp":"2026-11-21T08:59:59Z","deletionGracePeriodSeconds":${LARGEST}`)
  })
})

it('whole numbers beyond 2^53 are there after a restart', async () => {
  const data = fs.mkdtempSync(path.join(os.tmpdir(), 'drydock-long-'))
  const clock = new VirtualClock({ start: START, speed: 0 })
  try {
    const first = openStore({ clock, directory: data })
    const object = { apiVersion: 'v1', kind: 'Odd', metadata: { name: 'a' }, n: BigInt(LONG) }
    await first.put('/registry/odd/a', object as never, 0)
    await first.close()
    const second = openStore({ clock, directory: data })
    const read = second.get('/registry/odd/a')!
    expect([(read.object as unknown as typeof object).n, read.bytes.toString()]).toEqual([
      BigInt(LONG),
      `{"apiVersion":"v1","kind":"Odd","metadata":{"name":"a","resourceVersion":"2"},"n":${LONG}}`,
    ])
    await second.close()
  } finally {
    fs.rmSync(data, { recursive: true, force: true })
  }
})
