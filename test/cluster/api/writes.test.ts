import { afterAll, beforeAll, expect, it } from 'vitest'
import { admissionPlugins } from '../../../src-main/cluster/access/admission/plugins.js'
import { configMap, pod } from './fixture.js'
import { startHttps, type Answer, type HttpsFixture } from './https.js'

/** What becomes of an object on its way from a client, past admission, into the store. */

let f: HttpsFixture
beforeAll(async () => {
  f = await startHttps({ admission: admissionPlugins })
  await f.send('POST', '/api/v1/namespaces', { body: { metadata: { name: 'a' } } })
  await f.send('POST', '/api/v1/namespaces/a/serviceaccounts', { body: { metadata: { name: 'default' } } })
})
afterAll(() => f.server.close())

const MAPS = '/api/v1/namespaces/a/configmaps'
const PODS = '/api/v1/namespaces/a/pods'
const apply = (path: string, manager: string, body: object): Promise<Answer> =>
  f.send('PATCH', `${path}?fieldManager=${manager}`, { body, headers: { 'content-type': 'application/apply-patch+yaml' } })

it('whoever creates a pod owns what was sent and its defaults, and nothing that admission added', async () => {
  const made = (await f.send('POST', `${PODS}?fieldManager=me`, { body: pod('owned') })).json
  expect([made.spec.serviceAccountName, made.spec.volumes.length, made.spec.tolerations.length, made.spec.priority]).toEqual([
    'default',
    1,
    2,
    0,
  ])
  expect(made.metadata.managedFields.map((entry: { fieldsV1: object }) => entry.fieldsV1)).toEqual([
    {
      'f:spec': {
        'f:containers': {
          'k:{"name":"c"}': {
            '.': {},
            'f:image': {},
            'f:imagePullPolicy': {},
            'f:name': {},
            'f:resources': {},
            'f:terminationMessagePath': {},
            'f:terminationMessagePolicy': {},
          },
        },
        'f:dnsPolicy': {},
        'f:enableServiceLinks': {},
        'f:restartPolicy': {},
        'f:schedulerName': {},
        'f:securityContext': {},
        'f:terminationGracePeriodSeconds': {},
      },
    },
  ])
})

it('an applier who takes over what a creator set drops nothing that admission added', async () => {
  const made = (await f.send('POST', `${PODS}?fieldManager=before`, { body: pod('moved') })).json
  const entry = { ...made.metadata.managedFields[0], manager: 'after', operation: 'Apply' }
  await f.send('PATCH', `${PODS}/moved`, {
    body: { metadata: { managedFields: [entry] } },
    headers: { 'content-type': 'application/merge-patch+json' },
  })
  const applied = await apply(`${PODS}/moved`, 'after', { ...pod('moved'), metadata: { name: 'moved', labels: { a: 'b' } } })
  expect([applied.code, applied.json.metadata.labels, applied.json.spec]).toEqual([200, { a: 'b' }, made.spec])
})

it('the metadata of what was just created stand in the order of all metadata', async () => {
  const made = await f.send('POST', MAPS, { body: configMap('ordered', {}, { labels: { a: 'b' } }) })
  expect(Object.keys(made.json.metadata)).toEqual([
    'name',
    'namespace',
    'uid',
    'resourceVersion',
    'creationTimestamp',
    'labels',
    'managedFields',
  ])
  const dry = await f.send('POST', `${MAPS}?dryRun=All`, { body: configMap('dry') })
  expect(Object.keys(dry.json.metadata)).toEqual(['name', 'namespace', 'uid', 'creationTimestamp'])
})

it('an owner that is named twice in the same words is kept once, with a warning', async () => {
  const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'o', uid: 'u1' }
  const owners = [owner, { ...owner, uid: 'u2' }, owner, { ...owner, blockOwnerDeletion: true }, { ...owner, uid: 'u2' }]
  const kept = [owner, { ...owner, uid: 'u2' }, { ...owner, blockOwnerDeletion: true }]
  const warning = (when: string): string =>
    `299 - ".metadata.ownerReferences contains duplicate entries${when}; API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: u1, u2"`
  const outcome = ({ json, headers }: Answer): unknown => [json.metadata.ownerReferences, headers['warning']]
  const body = configMap('owned', {}, { ownerReferences: owners })
  expect(outcome(await f.send('POST', MAPS, { body }))).toEqual([kept, warning('')])
  expect(outcome(await f.send('PUT', `${MAPS}/owned`, { body }))).toEqual([kept, warning('')])
  const patch = { body: { metadata: { ownerReferences: owners } }, headers: { 'content-type': 'application/merge-patch+json' } }
  expect(outcome(await f.send('PATCH', `${MAPS}/owned`, patch))).toEqual([kept, warning(' after mutating admission happens')])
})

it('a review tells who asked, as any object does, and its metadata before its question', async () => {
  const spec = { resourceAttributes: { verb: 'get', resource: 'pods' } }
  const reviews = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews'
  const asked = await f.send('POST', reviews, { body: { spec }, headers: { 'user-agent': 'curl/8.5.0' } })
  expect(JSON.parse(asked.text)).toEqual({
    kind: 'SelfSubjectAccessReview',
    apiVersion: 'authorization.k8s.io/v1',
    metadata: {
      managedFields: [
        {
          manager: 'curl',
          operation: 'Update',
          apiVersion: 'authorization.k8s.io/v1',
          time: '2026-11-21T09:00:00Z',
          fieldsType: 'FieldsV1',
          fieldsV1: { 'f:spec': { 'f:resourceAttributes': { '.': {}, 'f:resource': {}, 'f:verb': {} } } },
        },
      ],
    },
    spec,
    status: { allowed: true },
  })
  expect(Object.keys(asked.json)).toEqual(['kind', 'apiVersion', 'metadata', 'spec', 'status'])

  const tokens = '/api/v1/namespaces/a/serviceaccounts/default/token'
  const { metadata } = (await f.send('POST', tokens, { body: { spec: { audiences: ['x'] } }, headers: { 'user-agent': 'curl/8.5.0' } }))
    .json
  expect([metadata.name, metadata.managedFields.map((e: { manager: string; subresource: string }) => [e.manager, e.subresource])]).toEqual([
    'default',
    [['curl', 'token']],
  ])
})

it('a deletion that has to wait is only Accepted when it was asked for with orphanDependents: false', async () => {
  const held = { finalizers: ['example.com/held'] }
  const codes: [object, string, object?][] = [
    [held, ''],
    [held, '', { propagationPolicy: 'Background' }],
    [{}, '', { orphanDependents: false }],
    [held, '', { orphanDependents: false }],
    [held, '?orphanDependents=false'],
  ]
  const answered: number[] = []
  for (const [i, [metadata, query, options]] of codes.entries()) {
    await f.send('POST', MAPS, { body: configMap(`gone-${i}`, {}, metadata) })
    const body = options && { kind: 'DeleteOptions', apiVersion: 'v1', ...options }
    answered.push((await f.send('DELETE', `${MAPS}/gone-${i}${query}`, body ? { body } : {})).code)
  }
  expect(answered).toEqual([200, 200, 200, 202, 202])
})

it('fields are owned under the names of the version that they were written in', async () => {
  type Entry = { apiVersion: string; fieldsV1: Record<string, object> }
  const entries = (a: Answer): [string, string[]][] =>
    (a.json.metadata.managedFields as Entry[]).map((e) => [e.apiVersion, Object.keys(e.fieldsV1['f:spec'] ?? e.fieldsV1)])
  const scaler = {
    metadata: { name: 'h' },
    spec: { maxReplicas: 3, targetCPUUtilizationPercentage: 50, scaleTargetRef: { kind: 'Deployment', name: 'd', apiVersion: 'apps/v1' } },
  }
  const scalers = (version: string): string => `/apis/autoscaling/${version}/namespaces/a/horizontalpodautoscalers`
  const owned = ['f:maxReplicas', 'f:minReplicas', 'f:scaleTargetRef', 'f:targetCPUUtilizationPercentage']
  expect(entries(await f.send('POST', scalers('v1'), { body: scaler }))).toEqual([['autoscaling/v1', owned]])
  const patch = { body: { spec: { maxReplicas: 4 } }, headers: { 'content-type': 'application/merge-patch+json' } }
  expect(entries(await f.send('PATCH', `${scalers('v2')}/h`, patch))).toEqual([
    ['autoscaling/v1', owned.filter((name) => name !== 'f:maxReplicas')],
    ['autoscaling/v2', ['f:maxReplicas']],
  ])

  const event = {
    metadata: { name: 'e' },
    eventTime: '2026-11-21T09:00:00.000000Z',
    reportingController: 'example.com/c',
    reportingInstance: 'i',
    action: 'Act',
    reason: 'Reason',
    type: 'Normal',
    note: 'n',
    regarding: { kind: 'Pod', name: 'p', namespace: 'a' },
  }
  const fields = ['action', 'eventTime', 'note', 'reason', 'regarding', 'reportingController', 'reportingInstance', 'type']
  expect(entries(await f.send('POST', '/apis/events.k8s.io/v1/namespaces/a/events', { body: event }))).toEqual([
    ['events.k8s.io/v1', fields.map((name) => `f:${name}`)],
  ])
})

it('an object that is too large with its owners is stored without them, unless it was applied', async () => {
  const LARGE = 'etcdserver: request is too large'
  const said = ({ code, json }: Answer): unknown[] => [code, json.reason, json.message ?? json.metadata.managedFields?.length]
  const data = (count: number): Record<string, string> =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`${'owning-it-takes-much-room-'.repeat(9)}${i}`, 'v']))
  const large = configMap('large', data(3500))
  expect(said(await apply(`${MAPS}/large`, 'me', large))).toEqual([500, undefined, LARGE])
  expect(said(await f.send('POST', MAPS, { body: large }))).toEqual([201, undefined, undefined])
  expect(said(await f.send('POST', MAPS, { body: configMap('small', data(2000)) }))).toEqual([201, undefined, 1])
  const patch = { body: { data: data(3500) }, headers: { 'content-type': 'application/merge-patch+json' } }
  expect(said(await f.send('PATCH', `${MAPS}/small`, patch))).toEqual([200, undefined, undefined])

  // What counts is what is stored, not how it looks as JSON.
  const escaped = configMap('escaped', { text: '"\n'.repeat(500_000) })
  expect((await f.send('POST', MAPS, { body: escaped })).code).toBe(201)
  const labels = Object.fromEntries(Array.from({ length: 4500 }, (_, i) => [`${'p.'.repeat(120)}l${i}/${'n'.repeat(60)}`, 'v'.repeat(63)]))
  expect(said(await f.send('POST', MAPS, { body: configMap('labelled', {}, { labels }) }))).toEqual([500, undefined, LARGE])
})

it.each([
  [
    '/apis/rbac.authorization.k8s.io/v1/clusterroles',
    { aggregationRule: { clusterRoleSelectors: [{ matchLabels: { a: 'b' } }] } },
    ['rules'],
  ],
  ['/apis/rbac.authorization.k8s.io/v1/namespaces/a/roles', {}, ['rules']],
  ['/apis/discovery.k8s.io/v1/namespaces/a/endpointslices', { addressType: 'IPv4', endpoints: [] }, ['endpoints', 'ports']],
])('of %s a list with nothing in it is null', async (path, body, names) => {
  const made = (await f.send('POST', path, { body: { metadata: { name: 'nothing' }, ...body } })).json
  expect(names.map((name) => made[name])).toEqual(names.map(() => null))
  const again = await f.send('PUT', `${path}/nothing`, { body: made })
  expect([again.code, again.json]).toEqual([200, made])
})

it.each([
  ['/apis/resource.k8s.io/v1/deviceclasses', {}],
  ['/apis/resource.k8s.io/v1/namespaces/a/resourceclaims', { devices: {} }],
  ['/apis/storage.k8s.io/v1/csinodes', { drivers: null }],
])('%s are kept with an empty spec where none is sent, though a quota counts their devices', async (path, spec) => {
  await f.send('POST', '/api/v1/namespaces/a/resourcequotas', {
    body: { metadata: { name: 'devices' }, spec: { hard: { 'gold.deviceclass.resource.k8s.io/devices': '1' } } },
  })
  const made = await f.send('POST', path, { body: { metadata: { name: 'bare' } } })
  expect([made.code, made.json.spec]).toEqual([201, spec])
})
