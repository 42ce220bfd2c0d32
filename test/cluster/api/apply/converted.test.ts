import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startHttps, type Answer, type HttpsFixture } from '../https.js'

/** The schema has texts and numbers where the API has quantities, times, data and ports: an apply is judged by both. */

let f: HttpsFixture
beforeAll(async () => {
  f = await startHttps()
})
afterAll(() => f.server.close())

const CORE = '/api/v1/namespaces/default'
const apply = (path: string, body: object): Promise<Answer> =>
  f.send('PATCH', `${path}?fieldManager=m`, { headers: { 'content-type': 'application/apply-patch+yaml' }, body })
const metadata = { name: 'x' }
const pod = (container: object, name = 'x'): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name },
  spec: { containers: [{ name: 'c', image: 'i', ...container }] },
})
const QUANTITY = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"

describe('an apply whose value has the type of its schema', () => {
  it.each<[string, string, object, string]>([
    ['Secret', `${CORE}/secrets/x`, { data: { a: 'x' } }, 'error decoding from json: illegal base64 data at input byte 0'],
    ['ConfigMap', `${CORE}/configmaps/x`, { binaryData: { a: 'x' } }, 'error decoding from json: illegal base64 data at input byte 0'],
    ['Pod', `${CORE}/pods/x`, pod({ resources: { limits: { cpu: 'abc' } } }), QUANTITY],
    [
      'Pod',
      `${CORE}/pods/x`,
      pod({ livenessProbe: { httpGet: { port: true } } }),
      'json: cannot unmarshal bool into Go value of type int32',
    ],
    ['Pod', `${CORE}/pods/x`, pod({ livenessProbe: { periodSeconds: 1.5, httpGet: { port: 80 } } }), 'cannot convert float64 to int32'],
    [
      'ConfigMap',
      `${CORE}/configmaps/x`,
      { metadata: { ...metadata, creationTimestamp: 'abc' } },
      'parsing time "abc" as "2006-01-02T15:04:05Z07:00": cannot parse "abc" as "2006"',
    ],
  ])('but not of its field is refused: %s', async (kind, path, body, why) => {
    const { code, json } = await apply(path, { apiVersion: 'v1', kind, metadata, ...body })
    const failed = `failed to convert new object (default/x; /v1, Kind=${kind}) to proper version`
    expect([code, json.reason, json.message]).toEqual([
      500,
      undefined,
      `${failed}: unable to convert unstructured object to /v1, Kind=${kind}: ${why}`,
    ])
  })

  it('but not of its field is refused with the group of its kind', async () => {
    const { json } = await apply('/apis/coordination.k8s.io/v1/namespaces/default/leases/x', {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata,
      spec: { renewTime: 'abc' },
    })
    expect(json.message).toBe(
      'failed to convert new object (default/x; coordination.k8s.io/v1, Kind=Lease) to proper version: unable to convert unstructured object to coordination.k8s.io/v1, Kind=Lease: parsing time "abc" as "2006-01-02T15:04:05.000000Z07:00": cannot parse "abc" as "2006"',
    )
  })

  it('has what is too large for its field cut off, as Go does', async () => {
    const { code, json } = await apply(`${CORE}/pods/x`, pod({ livenessProbe: { periodSeconds: 3_000_000_000, httpGet: { port: 80 } } }))
    expect([code, json.message]).toEqual([
      422,
      'Pod "x" is invalid: spec.containers[0].livenessProbe.periodSeconds: Invalid value: -1294967296: must be greater than or equal to 0',
    ])
  })

  it('gets quantities in their one form, and an apply of the same changes nothing', async () => {
    const sent = pod({ resources: { limits: { cpu: '1000m' } } }, 'y')
    const first = await apply(`${CORE}/pods/y`, sent)
    expect([first.code, first.json.spec.containers[0].resources]).toEqual([201, { limits: { cpu: '1' }, requests: { cpu: '1' } }])
    const again = await apply(`${CORE}/pods/y`, sent)
    expect([again.code, again.json.metadata]).toEqual([200, first.json.metadata])
  })

  it.each<[string, object]>([
    ['limitranges', { kind: 'LimitRange', spec: { limits: [{ type: 'Container', max: { cpu: '2000m' } }] } }],
    ['secrets', { kind: 'Secret', stringData: { password: 'x' } }],
  ])('of %s changes nothing when it comes again later, though it is in another form than what is stored', async (plural, body) => {
    const path = `${CORE}/${plural}/again`
    const sent = { apiVersion: 'v1', metadata: { name: 'again' }, ...body }
    const first = await apply(path, sent)
    f.clock.advance(60_000)
    const again = await apply(path, sent)
    expect([first.code, again.code, again.json]).toEqual([201, 200, first.json])
    f.clock.advance(60_000)
    const other = await apply(path, { ...sent, metadata: { name: 'again', labels: { a: 'b' } } })
    expect(other.json.metadata.managedFields[0].time).not.toBe(first.json.metadata.managedFields[0].time)
  })

  it('makes of null what Go makes of it: nothing of a field, an empty value of a map, null where the schema of a definition takes it', async () => {
    const map = await apply(`${CORE}/configmaps/nulls`, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'nulls' },
      immutable: null,
      data: { a: null },
    })
    expect([map.code, map.json.data, 'immutable' in map.json]).toEqual([201, { a: '' }, false])
    const properties = { n: { type: 'string', nullable: true }, a: { type: 'string' } }
    const openAPIV3Schema = { type: 'object', properties: { spec: { type: 'object', properties } } }
    const spec = {
      group: 'yard.io',
      names: { plural: 'boats', kind: 'Boat' },
      scope: 'Cluster',
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema } }],
    }
    await f.send('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', { body: { metadata: { name: 'boats.yard.io' }, spec } })
    const body = { apiVersion: 'yard.io/v1', kind: 'Boat', metadata: { name: 'x', labels: { l: null } }, spec: { n: null, a: null } }
    const boat = await apply('/apis/yard.io/v1/boats/x', body)
    expect([boat.code, boat.json.spec, boat.json.metadata.labels]).toEqual([201, { n: null }, { l: '' }])
  })
})

describe('what Go writes of nothing', () => {
  const ROLES = '/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles'
  const role = (more: object = {}): object => ({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata: { name: 'r' },
    ...more,
  })
  const owned = (answer: Answer): object[] => (answer.json.metadata.managedFields ?? []).map((e: { fieldsV1: object }) => e.fieldsV1)

  it('is nobody’s: who applies it again has no conflict with what was there before', async () => {
    await apply(`${ROLES}/r`, role({ rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }] }))
    const without = await apply(`${ROLES}/r`, role())
    expect([without.code, without.json.rules, owned(without)]).toEqual([200, null, []])
    const again = await apply(`${ROLES}/r`, role({ rules: [] }))
    expect([again.code, owned(again)]).toEqual([200, [{ 'f:rules': {} }]])
  })

  it('is not taken from its owner by who changes something else', async () => {
    const headers = { 'content-type': 'application/merge-patch+json' }
    const changed = await f.send('PATCH', `${ROLES}/r?fieldManager=other`, { headers, body: { metadata: { labels: { a: 'b' } } } })
    expect(owned(changed)).toEqual([{ 'f:rules': {} }, { 'f:metadata': { 'f:labels': { '.': {}, 'f:a': {} } } }])
  })

  it('is not said by who creates it', async () => {
    const created = await f.send('POST', '/apis/scheduling.k8s.io/v1/priorityclasses', { body: { metadata: { name: 'zero' }, value: 0 } })
    expect(owned(created)).toEqual([{ 'f:preemptionPolicy': {} }])
  })
})
