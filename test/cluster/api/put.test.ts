import { afterAll, beforeAll, expect, it } from 'vitest'
import { startHttps, type HttpsFixture } from './https.js'

/** What a PUT may do differs from kind to kind: make what is not there, and write over what it has not read. */

let f: HttpsFixture
beforeAll(async () => {
  f = await startHttps()
})
afterAll(() => f.server.close())

const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } }
const RBAC = 'rbac.authorization.k8s.io'
const roleRef = { apiGroup: RBAC, kind: 'ClusterRole', name: 'view' }
const reference = { kind: 'Pod', namespace: 'default', name: 'p' }
const webhook = {
  name: 'a.example.com',
  clientConfig: { url: 'https://example.com' },
  sideEffects: 'None',
  admissionReviewVersions: ['v1'],
}
const policy = {
  matchConstraints: { resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }] },
  validations: [{ expression: 'true' }],
}

/** A path without the name, and what an object has besides its metadata. */
const OBJECTS: Readonly<Record<string, readonly [path: string, body: object]>> = {
  ConfigMap: ['/api/v1/namespaces/default/configmaps', {}],
  Endpoints: ['/api/v1/namespaces/default/endpoints', {}],
  Event: ['/api/v1/namespaces/default/events', { involvedObject: reference }],
  LimitRange: ['/api/v1/namespaces/default/limitranges', {}],
  Secret: ['/api/v1/namespaces/default/secrets', {}],
  Service: ['/api/v1/namespaces/default/services', { spec: { ports: [{ port: 80 }] } }],
  ServiceAccount: ['/api/v1/namespaces/default/serviceaccounts', {}],
  Deployment: ['/apis/apps/v1/namespaces/default/deployments', { spec: { selector: { matchLabels: { a: 'b' } }, template } }],
  Lease: ['/apis/coordination.k8s.io/v1/namespaces/default/leases', {}],
  PodDisruptionBudget: ['/apis/policy/v1/namespaces/default/poddisruptionbudgets', { spec: {} }],
  Role: [`/apis/${RBAC}/v1/namespaces/default/roles`, {}],
  RoleBinding: [`/apis/${RBAC}/v1/namespaces/default/rolebindings`, { roleRef }],
  ClusterRole: [`/apis/${RBAC}/v1/clusterroles`, {}],
  ClusterRoleBinding: [`/apis/${RBAC}/v1/clusterrolebindings`, { roleRef }],
  RuntimeClass: ['/apis/node.k8s.io/v1/runtimeclasses', { handler: 'runc' }],
  PriorityClass: ['/apis/scheduling.k8s.io/v1/priorityclasses', { value: 1 }],
  StorageClass: ['/apis/storage.k8s.io/v1/storageclasses', { provisioner: 'p' }],
  CSIDriver: ['/apis/storage.k8s.io/v1/csidrivers', { spec: {} }],
  CSINode: ['/apis/storage.k8s.io/v1/csinodes', { spec: { drivers: [] } }],
  CSIStorageCapacity: ['/apis/storage.k8s.io/v1/namespaces/default/csistoragecapacities', { storageClassName: 's' }],
  VolumeAttachment: [
    '/apis/storage.k8s.io/v1/volumeattachments',
    { spec: { attacher: 'a', nodeName: 'n', source: { persistentVolumeName: 'v' } } },
  ],
  MutatingWebhookConfiguration: ['/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations', { webhooks: [webhook] }],
  ValidatingWebhookConfiguration: ['/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations', { webhooks: [webhook] }],
  ValidatingAdmissionPolicy: ['/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies', { spec: policy }],
  APIService: [
    '/apis/apiregistration.k8s.io/v1/apiservices',
    { spec: { group: 'x', version: 'v1', groupPriorityMinimum: 1, versionPriority: 1 } },
  ],
}
const nameOf = (kind: string): string => (kind === 'APIService' ? 'v1.x' : 'put')

it('makes what is not there, of some kinds', async () => {
  const made: string[] = []
  for (const [kind, [path, body]] of Object.entries(OBJECTS)) {
    const { code, json } = await f.send('PUT', `${path}/${nameOf(kind)}`, { body: { metadata: { name: nameOf(kind) }, ...body } })
    if (code === 201) made.push(kind)
    else expect([kind, code, json.reason]).toEqual([kind, 404, 'NotFound'])
  }
  expect(made.sort()).toEqual([
    'ClusterRole',
    'ClusterRoleBinding',
    'Endpoints',
    'Event',
    'Lease',
    'LimitRange',
    'Role',
    'RoleBinding',
    'RuntimeClass',
    'Service',
  ])
})

it('needs the revision it has read, of some kinds', async () => {
  const strict: string[] = []
  for (const [kind, [path, body]] of Object.entries(OBJECTS)) {
    const name = nameOf(kind)
    await f.send('POST', path, { body: { metadata: { name }, ...body } })
    const { code, json, text } = await f.send('PUT', `${path}/${name}`, { body: { metadata: { name, labels: { a: 'b' } }, ...body } })
    if (code === 200) continue
    expect([kind, code, json.details?.causes], text).toEqual([
      kind,
      422,
      [{ reason: 'FieldValueInvalid', message: 'Invalid value: 0: must be specified for an update', field: 'metadata.resourceVersion' }],
    ])
    strict.push(kind)
  }
  expect(strict.sort()).toEqual([
    'APIService',
    'CSIDriver',
    'CSINode',
    'CSIStorageCapacity',
    'Lease',
    'MutatingWebhookConfiguration',
    'PodDisruptionBudget',
    'RuntimeClass',
    'ValidatingAdmissionPolicy',
    'ValidatingWebhookConfiguration',
    'VolumeAttachment',
  ])
})

it('a LimitRange without a name is called by a UUID', async () => {
  const { code, json } = await f.send('POST', '/api/v1/namespaces/default/limitranges', { body: {} })
  expect([code, json.metadata.name]).toEqual([201, expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)])
})

it('a namespace that is named where there is none is left out: on create, update, patch and apply', async () => {
  const roles = `/apis/${RBAC}/v1/clusterroles`
  const body = (more: object = {}): object => ({
    apiVersion: `${RBAC}/v1`,
    kind: 'ClusterRole',
    metadata: { name: 'nowhere', namespace: 'default', ...more },
    rules: [],
  })
  const patch = (type: string): Parameters<typeof f.send>[2] => ({ body: body(), headers: { 'content-type': `application/${type}` } })
  const answers = [
    await f.send('POST', roles, { body: body() }),
    await f.send('PUT', `${roles}/nowhere`, { body: body({ labels: { a: 'b' } }) }),
    await f.send('PATCH', `${roles}/nowhere`, patch('merge-patch+json')),
    await f.send('PATCH', `${roles}/nowhere?fieldManager=m&force=true`, patch('apply-patch+yaml')),
  ]
  expect(answers.map(({ code, json }) => [code, json.metadata.namespace])).toEqual([
    [201, undefined],
    [200, undefined],
    [200, undefined],
    [200, undefined],
  ])
})

it('a PUT or a patch has the name and the namespace of its path', async () => {
  const [path, body] = OBJECTS['Deployment']!
  await f.send('POST', path, { body: { metadata: { name: 'named' }, ...body } })
  const nameless = 'the name of the object (named based on URL) was undeterminable: name must be provided'
  const refusal = async (method: string, part: string, sent: object, type = 'application/json'): Promise<[number, string]> => {
    const { code, json } = await f.send(method, `${path}/named${part}`, { body: sent, headers: { 'content-type': type } })
    return [code, json.message]
  }
  expect(await refusal('PUT', '', { metadata: {}, ...body })).toEqual([400, nameless])
  expect(await refusal('PUT', '', body)).toEqual([400, nameless])
  const remove = [{ op: 'remove', path: '/metadata/name' }]
  expect(await refusal('PATCH', '', remove, 'application/json-patch+json')).toEqual([400, nameless])
  expect(await refusal('PUT', '/scale', { spec: { replicas: 1 } })).toEqual([400, nameless])
  const elsewhere = { metadata: { name: 'named', namespace: 'other' } }
  const text = 'the namespace of the object (other) does not match the namespace on the request (default)'
  for (const part of ['', '/status', '/scale']) expect(await refusal('PUT', part, elsewhere)).toEqual([400, text])
})
