import { afterEach, describe, expect, it } from 'vitest'
import { startHttps, type Answer, type HttpsFixture } from '../https.js'

const DEPLOYMENT = '/apis/apps/v1/namespaces/default/deployments/d'
const APPLY = { 'content-type': 'application/apply-patch+yaml' }

let f: HttpsFixture
afterEach(() => f.server.close())

const configuration = (replicas?: number): object => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'd' },
  spec: {
    ...(replicas === undefined ? {} : { replicas }),
    selector: { matchLabels: { a: 'b' } },
    template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } },
  },
})
const scale = (replicas: number): object => ({ apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: 'd' }, spec: { replicas } })
const apply = (body: object, query: string, path = DEPLOYMENT): Promise<Answer> =>
  f.send('PATCH', `${path}?${query}`, { headers: APPLY, body })

/** The managers of the deployment that own its replicas, as `manager operation subresource apiVersion time`. */
async function owners(): Promise<string[]> {
  const { json } = await f.send('GET', DEPLOYMENT)
  return json.metadata.managedFields
    .filter((m: any) => m.fieldsV1['f:spec']?.['f:replicas'])
    .map((m: any) => `${m.manager} ${m.operation} ${m.subresource ?? '-'} ${m.apiVersion} ${m.time ?? '-'}`)
}

describe('an object that is scaled', () => {
  it('has its replicas owned by who scaled it, through the subresource and without a time', async () => {
    f = await startHttps()
    await apply(configuration(1), 'fieldManager=owner')
    expect(await owners()).toEqual(['owner Apply - apps/v1 2026-11-21T09:00:00Z'])
    const { code, json } = await f.send('PATCH', `${DEPLOYMENT}/scale?fieldManager=kubectl`, {
      headers: { 'content-type': 'application/merge-patch+json' },
      body: { spec: { replicas: 3 } },
    })
    expect([code, json.spec, json.metadata.managedFields]).toEqual([200, { replicas: 3 }, undefined])
    expect(await owners()).toEqual(['kubectl Update scale apps/v1 -'])
  })

  it('tells an apply of its Scale of those who own the replicas, and gives them up by force', async () => {
    f = await startHttps()
    await apply(configuration(1), 'fieldManager=owner')
    const refused = await apply(scale(4), 'fieldManager=scaler', `${DEPLOYMENT}/scale`)
    expect([refused.code, refused.json.message]).toEqual([409, 'Apply failed with 1 conflict: conflict with "owner": .spec.replicas'])
    expect((await apply(scale(4), 'fieldManager=scaler&force=true', `${DEPLOYMENT}/scale`)).json.spec).toEqual({ replicas: 4 })
    expect(await owners()).toEqual(['scaler Apply scale apps/v1 -'])
    const back = await apply(configuration(2), 'fieldManager=owner')
    expect([back.code, back.json.message]).toEqual([
      409,
      'Apply failed with 1 conflict: conflict with "scaler" with subresource "scale": .spec.replicas',
    ])
  })

  it('is owned by both who applied the same number', async () => {
    f = await startHttps()
    await apply(configuration(2), 'fieldManager=owner')
    expect((await apply(scale(2), 'fieldManager=scaler', `${DEPLOYMENT}/scale`)).code).toBe(200)
    expect(await owners()).toEqual(['scaler Apply scale apps/v1 -', 'owner Apply - apps/v1 2026-11-21T09:00:00Z'])
  })

  it('may be named by its own kind in a strategic merge patch, as clients do', async () => {
    f = await startHttps()
    await apply(configuration(1), 'fieldManager=owner')
    const { code, json } = await f.send('PATCH', `${DEPLOYMENT}/scale`, {
      headers: { 'content-type': 'application/strategic-merge-patch+json' },
      body: { kind: 'Deployment', metadata: { name: 'd', namespace: 'default' }, spec: { replicas: 3 } },
    })
    expect([code, json.kind, json.apiVersion, json.spec]).toEqual([200, 'Scale', 'autoscaling/v1', { replicas: 3 }])
  })

  it('is refused another kind in other patches, and fields that no Scale has where they are judged', async () => {
    f = await startHttps()
    await apply(configuration(1), 'fieldManager=owner')
    const patched = async (body: object, type = 'merge', query = ''): Promise<[number, string | undefined, unknown]> => {
      const headers = { 'content-type': `application/${type}-patch+json` }
      const { code, json, headers: answered } = await f.send('PATCH', `${DEPLOYMENT}/scale${query}`, { headers, body })
      return [code, json.message?.replace(/"\{.*\}"/, '…'), answered['warning']]
    }
    const anotherKind =
      ' "" is invalid: patch: Invalid value: …: no kind "Deployment" is registered for version "autoscaling/v1" in scheme "pkg/api/legacyscheme/scheme.go:30"'
    expect(await patched({ kind: 'Deployment', spec: { replicas: 3 } })).toEqual([422, anotherKind, undefined])
    expect(await patched([{ op: 'replace', path: '/kind', value: 'Deployment' }], 'json')).toEqual([422, anotherKind, undefined])
    const another = ' "" is invalid: patch: Invalid value: …: converting (v1.Deployment) to (autoscaling.Scale): unknown conversion'
    expect(await patched({ apiVersion: 'apps/v1', kind: 'Deployment' })).toEqual([422, another, undefined])
    const typo = { spec: { replica: 3 } }
    expect(await patched(typo)).toEqual([200, undefined, '299 - "unknown field \\"spec.replica\\""'])
    const why = ' "" is invalid: patch: Invalid value: …: strict decoding error: unknown field "spec.replica"'
    expect(await patched(typo, 'merge', '?fieldValidation=Strict')).toEqual([422, why, undefined])
    expect(await patched(typo, 'strategic-merge', '?fieldValidation=Ignore')).toEqual([200, undefined, undefined])
  })

  it('may be outside of namespaces, as custom resources can', async () => {
    f = await startHttps()
    const pools = '/apis/example.com/v1/pools'
    const properties = { spec: { type: 'object', properties: { replicas: { type: 'integer' } } } }
    const scale = { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' }
    const spec = {
      group: 'example.com',
      scope: 'Cluster',
      names: { plural: 'pools', kind: 'Pool' },
      versions: [
        { name: 'v1', served: true, storage: true, subresources: { scale }, schema: { openAPIV3Schema: { type: 'object', properties } } },
      ],
    }
    const definition = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'pools.example.com' },
      spec,
    }
    await f.send('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', { body: definition })
    while ((await f.send('GET', pools)).code !== 200) await new Promise((resolve) => setImmediate(resolve))
    await f.send('POST', pools, { body: { apiVersion: 'example.com/v1', kind: 'Pool', metadata: { name: 'd' }, spec: { replicas: 1 } } })
    const headers = { 'content-type': 'application/merge-patch+json' }
    const { code, json } = await f.send('PATCH', `${pools}/d/scale`, { headers, body: { spec: { replicas: 3 } } })
    expect([code, json.metadata.namespace, json.spec]).toEqual([200, undefined, { replicas: 3 }])
  })

  it('is not owned by who only wrote its status, which nobody writes there', async () => {
    f = await startHttps()
    await apply(configuration(1), 'fieldManager=owner')
    const merge = { headers: { 'content-type': 'application/merge-patch+json' }, body: { spec: { replicas: 1 }, status: { replicas: 7 } } }
    const { json } = await f.send('PATCH', `${DEPLOYMENT}/scale?fieldManager=scaler`, merge)
    expect(json.status).toEqual({ replicas: 0, selector: 'a=b' })
    expect(await owners()).toEqual(['owner Apply - apps/v1 2026-11-21T09:00:00Z'])
  })

  it('has its replicas owned in the version that was scaled, where every version names them as it does', async () => {
    f = await startHttps()
    const open = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } }
    const scaled = (specReplicasPath: string): object => ({ scale: { specReplicasPath, statusReplicasPath: '.status.replicas' } })
    const definition = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'pools.example.com' },
      spec: {
        group: 'example.com',
        scope: 'Cluster',
        names: { plural: 'pools', kind: 'Pool' },
        versions: [
          { name: 'v1beta1', served: true, storage: true, subresources: scaled('.spec.size'), schema: open },
          { name: 'v1', served: true, storage: false, subresources: scaled('.spec.replicas'), schema: open },
        ],
      },
    }
    await f.send('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', { body: definition })
    const at = (version: string): string => `/apis/example.com/${version}/pools`
    while ((await f.send('GET', at('v1'))).code !== 200) await new Promise((resolve) => setImmediate(resolve))
    const pool = (version: string, spec: object): object => ({
      apiVersion: `example.com/${version}`,
      kind: 'Pool',
      metadata: { name: 'p' },
      spec,
    })
    await f.send('POST', `${at('v1beta1')}?fieldManager=maker`, { body: pool('v1beta1', { size: 3, replicas: 3 }) })
    await apply(pool('v1', { replicas: 3 }), 'fieldManager=applier', `${at('v1')}/p`)
    const merge = { headers: { 'content-type': 'application/merge-patch+json' }, body: { spec: { replicas: 5 } } }
    await f.send('PATCH', `${at('v1')}/p/scale?fieldManager=scaler`, merge)
    const { json } = await f.send('GET', `${at('v1')}/p`)
    expect(json.metadata.managedFields.map((m: any) => [m.manager, m.apiVersion, m.fieldsV1])).toEqual([
      ['applier', 'example.com/v1', { 'f:spec': {} }],
      ['scaler', 'example.com/v1', { 'f:spec': { 'f:replicas': {} } }],
      ['maker', 'example.com/v1beta1', { 'f:spec': { '.': {}, 'f:replicas': {} } }],
    ])
  })
})
