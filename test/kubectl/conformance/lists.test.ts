import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Api, refusal, type Json } from '../support/api.js'
import { TestCluster } from '../support/cluster.js'

/** Lists in chunks, tables, discovery and the version, as general clients read them. */

let cluster: TestCluster
let api: Api
const templates = '/api/v1/namespaces/default/podtemplates'
const TOTAL = 400
const name = (i: number): string => `template-${String(i).padStart(4, '0')}`
beforeAll(async () => {
  cluster = await TestCluster.start({ args: ['--seed', '1'] })
  api = new Api(cluster.kubeconfig)
  await Promise.all(
    Array.from({ length: TOTAL }, (_, i) =>
      api.create(templates, { metadata: { name: name(i) }, template: { spec: { containers: [{ name: 'test', image: 'test2' }] } } }),
    ),
  )
})
afterAll(async () => {
  api?.close()
  await cluster?.stop()
})

/** Reads on in chunks from a token to the end, checking each: returns how many items there were. */
async function readOn(from: { token?: string; found: number; version?: string }, limit: (chunk: number) => number): Promise<number> {
  let { token, found, version } = from
  for (let chunk = 0; ; chunk++) {
    const list: Json = await api.get(templates, { limit: limit(chunk), ...(token ? { continue: token } : {}) })
    version ??= list.metadata.resourceVersion
    expect(list.items.length).toBeLessThanOrEqual(limit(chunk))
    expect(list.metadata.resourceVersion).toBe(version)
    expect(list.items.map((t: Json) => t.metadata.name)).toEqual(list.items.map((_: Json, i: number) => name(found + i)))
    found += list.items.length
    token = list.metadata.continue || undefined
    expect(list.metadata.remainingItemCount).toBe(token ? TOTAL - found : undefined)
    if (!token) return found
  }
}

describe('a list in chunks', () => {
  it('has every item once, in order, of one version, and says how many are left', async () => {
    for (const seed of [3, 17, 39]) expect(await readOn({ found: 0 }, (chunk) => ((chunk * 7 + seed) % 40) + 1)).toBe(TOTAL)
    expect((await api.get(templates, { limit: TOTAL + 1 })).items.length).toBe(TOTAL)
  })

  it('can be read on five minutes later, then of another version', async () => {
    const tenth = TOTAL / 10
    const first = await api.get(templates, { limit: tenth })
    expect(first.metadata.remainingItemCount).toBe(TOTAL - tenth)
    await cluster.jump(301)
    await api.create('/api/v1/namespaces/default/configmaps', { metadata: { generateName: 'later-' } })
    const expired = (await api.request('GET', `${templates}?limit=${tenth}&continue=${first.metadata.continue}`)).json
    expect([expired.code, expired.reason, expired.message]).toEqual([
      410,
      'Expired',
      'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.',
    ])
    const second = await api.get(templates, { limit: tenth, continue: expired.metadata.continue })
    expect(second.metadata.resourceVersion).not.toBe(first.metadata.resourceVersion)
    expect(second.items[0].metadata.name).toBe(name(tenth))
    const rest = { token: second.metadata.continue, found: 2 * tenth, version: second.metadata.resourceVersion }
    expect(await readOn(rest, () => tenth)).toBe(TOTAL)
  })
})

describe('a table', () => {
  const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io'
  const table = (path: string): Promise<Json> => api.request('GET', path, undefined, { accept })

  it('is given of a pod, of nodes, and of chunks of a list', async () => {
    await api.create('/api/v1/namespaces/default/pods', {
      metadata: { name: 'pod-1' },
      spec: { containers: [{ name: 'main', image: 'pause' }] },
    })
    const pod = (await table('/api/v1/namespaces/default/pods/pod-1')).json
    expect([pod.kind, pod.apiVersion, pod.columnDefinitions.length > 2, pod.rows.length]).toEqual(['Table', 'meta.k8s.io/v1', true, 1])
    expect([pod.rows[0].cells.length, pod.rows[0].cells[0], pod.rows[0].object.kind]).toEqual([
      pod.columnDefinitions.length,
      'pod-1',
      'PartialObjectMetadata',
    ])
    const nodes = (await table('/api/v1/nodes')).json
    expect([nodes.columnDefinitions.length >= 2, nodes.rows.length, nodes.rows[0].cells[0]]).toEqual([true, 3, 'drydock'])
    const first = (await table(`${templates}?limit=2`)).json
    expect([first.rows.map((r: Json) => r.cells[0]), first.metadata.remainingItemCount]).toEqual([[name(0), name(1)], TOTAL - 2])
    const next = (await table(`${templates}?limit=2&continue=${first.metadata.continue}`)).json
    expect(next.rows.map((r: Json) => r.cells[0])).toEqual([name(2), name(3)])
  })

  it('is not acceptable where a resource has none', async () => {
    const review = {
      kind: 'SelfSubjectAccessReview',
      apiVersion: 'authorization.k8s.io/v1',
      spec: { resourceAttributes: { namespace: 'default', verb: 'get', resource: 'pods' } },
    }
    const answer = await api.request('POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', review, { accept })
    expect([answer.code, answer.json.reason]).toEqual([406, 'NotAcceptable'])
  })
})

describe('discovery', () => {
  it('has for every group a preferred version, and a resource in it', async () => {
    const { groups } = await api.get('/apis')
    for (const group of groups) {
      expect(group.versions).toContainEqual(group.preferredVersion)
      const of = await api.get(`/apis/${group.name}`)
      expect(of.preferredVersion).toEqual(group.preferredVersion)
      const list = await api.get(`/apis/${group.preferredVersion.groupVersion}`)
      expect([list.kind, list.groupVersion, list.resources.length > 0]).toEqual([
        'APIResourceList',
        group.preferredVersion.groupVersion,
        true,
      ])
    }
  })

  it('is given whole to those that ask for it, with every built-in resource', async () => {
    const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'
    const wanted: Record<string, string[]> = {
      '': ['namespaces', 'pods', 'nodes', 'services', 'configmaps', 'events'],
      'admissionregistration.k8s.io': ['mutatingwebhookconfigurations', 'validatingadmissionpolicies', 'validatingwebhookconfigurations'],
      'apiextensions.k8s.io': ['customresourcedefinitions'],
      'apiregistration.k8s.io': ['apiservices'],
      apps: ['deployments', 'daemonsets', 'statefulsets', 'replicasets'],
      batch: ['jobs', 'cronjobs'],
    }
    const legacy = await api.request('GET', '/api', undefined, { accept })
    const all = await api.request('GET', '/apis', undefined, { accept })
    expect(all.headers['content-type']).toBe('application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList')
    const found = [...legacy.json.items, ...all.json.items]
    for (const [group, resources] of Object.entries(wanted)) {
      const of = found.find((g: Json) => (g.metadata.name ?? '') === group)
      expect(of.versions.find((v: Json) => v.version === 'v1').resources.map((r: Json) => r.resource)).toEqual(
        expect.arrayContaining(resources),
      )
    }
    expect((await refusal(api.get('/apis/no.such.group'))).code).toBe(404)
  })

  it('comes with a version in whole numbers', async () => {
    const version = await api.get('/version')
    expect([version.major, version.minor]).toEqual(['1', '36'])
  })
})
