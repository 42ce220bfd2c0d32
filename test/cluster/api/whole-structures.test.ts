/** What Go has no way to leave out is there though nobody has sent it: structures, and fields that are always written. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startHttps, type HttpsFixture } from './https.js'

let f: HttpsFixture
beforeAll(async () => {
  f = await startHttps()
})
afterAll(() => f.server.close())

const OF_MACHINE = [
  'machineID',
  'systemUUID',
  'bootID',
  'kernelVersion',
  'osImage',
  'containerRuntimeVersion',
  'kubeletVersion',
  'kubeProxyVersion',
  'operatingSystem',
  'architecture',
]
const machine = Object.fromEntries(OF_MACHINE.map((name) => [name, '']))
const namespaced = (group: string, plural: string): string => `/apis/${group}/namespaces/default/${plural}`

it.each<[string, string, object, object]>([
  [
    'Node',
    '/api/v1/nodes',
    { status: { nodeInfo: { osImage: 'x' } } },
    { status: { daemonEndpoints: { kubeletEndpoint: { Port: 0 } }, nodeInfo: { ...machine, osImage: 'x' } } },
  ],
  [
    'Event',
    '/api/v1/namespaces/default/events',
    { involvedObject: { namespace: 'default' } },
    { source: {}, reportingComponent: '', reportingInstance: '', eventTime: null, firstTimestamp: null, lastTimestamp: null },
  ],
  ['LimitRange', '/api/v1/namespaces/default/limitranges', {}, { spec: { limits: null } }],
  ['ResourceQuota', '/api/v1/namespaces/default/resourcequotas', {}, { spec: {}, status: {} }],
  [
    'EndpointSlice',
    namespaced('discovery.k8s.io/v1', 'endpointslices'),
    { addressType: 'IPv4', endpoints: [{ addresses: ['10.0.0.1'] }] },
    { endpoints: [{ addresses: ['10.0.0.1'], conditions: {} }] },
  ],
  ['Lease', namespaced('coordination.k8s.io/v1', 'leases'), {}, { spec: {} }],
  ['PodDisruptionBudget', namespaced('policy/v1', 'poddisruptionbudgets'), {}, { spec: {} }],
  ['ControllerRevision', namespaced('apps/v1', 'controllerrevisions'), { data: {} }, { revision: 0 }],
  ['ResourceClaim', namespaced('resource.k8s.io/v1', 'resourceclaims'), {}, { spec: { devices: {} }, status: {} }],
  [
    'ResourceClaimTemplate',
    namespaced('resource.k8s.io/v1', 'resourceclaimtemplates'),
    {},
    { spec: { metadata: {}, spec: { devices: {} } } },
  ],
  [
    'ResourceSlice',
    '/apis/resource.k8s.io/v1/resourceslices',
    { spec: { driver: 'd.e', pool: { name: 'p', resourceSliceCount: 1 }, allNodes: true } },
    { spec: { driver: 'd.e', pool: { name: 'p', generation: 0, resourceSliceCount: 1 }, allNodes: true } },
  ],
])('%s', async (_, path, body, expected) => {
  const { code, json } = await f.send('POST', path, { body: { metadata: { name: 'bare' }, ...body } })
  expect([code, Object.fromEntries(Object.keys(expected).map((name) => [name, json[name]]))]).toEqual([201, expected])
})

it('an event of the core is told without what is empty in its newer form', async () => {
  const { json } = await f.send('GET', `${namespaced('events.k8s.io/v1', 'events')}/bare`)
  expect(Object.keys(json).filter((name) => name.startsWith('reporting'))).toEqual([])
  expect(json.deprecatedSource).toEqual({})
})

it('a list of custom resources says that nothing more is to come', async () => {
  const schema = { openAPIV3Schema: { type: 'object' } }
  const names = { plural: 'boats', kind: 'Boat' }
  const versions = [{ name: 'v1', served: true, storage: true, schema }]
  await f.send('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
    body: { metadata: { name: 'boats.yard.io' }, spec: { group: 'yard.io', names, scope: 'Cluster', versions } },
  })
  const { json } = await f.send('GET', '/apis/yard.io/v1/boats')
  expect(Object.keys(json.metadata).sort()).toEqual(['continue', 'resourceVersion'])
  expect(json.metadata.continue).toBe('')
})

it('a status that a client writes has all that Go writes of it', async () => {
  const container = { name: 'c', image: 'x' }
  const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [container] } }
  const labels = { matchLabels: { a: 'b' } }
  const write = async (path: string, body: object, status: object): Promise<Record<string, unknown>> => {
    const { json } = await f.send('POST', path, { body: { metadata: { name: 'told' }, ...body } })
    const answer = await f.send('PUT', `${path}/told/status`, { body: { ...json, metadata: { name: 'told' }, status } })
    return answer.json
  }
  const set = await write(namespaced('apps/v1', 'replicasets'), { spec: { replicas: 0, selector: labels, template } }, { conditions: [{}] })
  expect(set['status']).toEqual({ replicas: 0, conditions: [{ type: '', status: '' }] })
  const daemons = await write(namespaced('apps/v1', 'daemonsets'), { spec: { selector: labels, template } }, { numberReady: 1 })
  expect(daemons['status']).toEqual({ currentNumberScheduled: 0, desiredNumberScheduled: 0, numberMisscheduled: 0, numberReady: 1 })
  expect(daemons['metadata']).toMatchObject({ annotations: { 'deprecated.daemonset.template.generation': '1' } })
  const ofContainer = { name: 'c', lastState: { terminated: {} } }
  const pod = await write('/api/v1/namespaces/default/pods', { spec: { containers: [container] } }, { containerStatuses: [ofContainer] })
  const lastState = { terminated: { exitCode: 0 } }
  const zeros = { image: '', imageID: '', ready: false, restartCount: 0, state: {} }
  expect((pod['status'] as { containerStatuses: unknown }).containerStatuses).toMatchObject([{ name: 'c', ...zeros, lastState }])
})
