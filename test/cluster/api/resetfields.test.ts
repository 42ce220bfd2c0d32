import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startHttps, type Answer, type HttpsFixture } from './https.js'

/** What the endpoints of each kind put back: nobody comes to own it, and nobody's generation counts it. */

let f: HttpsFixture
beforeAll(async () => {
  f = await startHttps()
})
afterAll(() => f.server.close())

const containers = [{ name: 'c', image: 'busybox' }]
const template = { metadata: { labels: { a: 'b' } }, spec: { containers } }
const once = { spec: { containers, restartPolicy: 'Never' } }
const workload = { selector: { matchLabels: { a: 'b' } }, template }
const target = { kind: 'Deployment', name: 'x', apiVersion: 'apps/v1' }
const backend = { service: { name: 's', port: { number: 80 } } }
const device = { request: 'r', driver: 'd.example.com', pool: 'p', device: 'd' }
const condition = { type: 'Mine', status: 'True', lastTransitionTime: '2020-01-01T00:00:00Z', reason: 'R', message: 'm' }
const rules = [{ apiGroups: ['apps'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['deployments'] }]
const address = { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } }
const capacity = { accessModes: ['ReadWriteOnce'], capacity: { storage: '3M' }, hostPath: { path: '/tmp' } }

interface Row {
  /** Under `/apis`, or `/api` for `v1`. */
  path: string
  kind: string
  name?: string
  spec: object
  status?: object
  /** Whether labels can be written through the status. */
  labels: boolean
  /** Whether it counts generations. */
  generation: boolean
}

const row = (path: string, kind: string, spec: object, labels: boolean, generation: boolean, rest: Partial<Row> = {}): Row => ({
  path,
  kind,
  spec,
  labels,
  generation,
  ...rest,
})
const inDefault = (version: string, plural: string): string => `${version}/namespaces/default/${plural}`

const ROWS: readonly Row[] = [
  row(inDefault('v1', 'pods'), 'Pod', { containers }, true, true),
  row(inDefault('v1', 'services'), 'Service', { type: 'LoadBalancer', ports: [{ port: 80 }] }, true, false, { status: address }),
  row(inDefault('v1', 'replicationcontrollers'), 'ReplicationController', { selector: { a: 'b' }, template }, true, true),
  row(inDefault('v1', 'resourcequotas'), 'ResourceQuota', { hard: { cpu: '5M' } }, true, false, { status: { used: { cpu: '5M' } } }),
  row(
    inDefault('v1', 'persistentvolumeclaims'),
    'PersistentVolumeClaim',
    { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '2M' } } },
    true,
    false,
  ),
  row('v1/persistentvolumes', 'PersistentVolume', capacity, true, false, { status: { message: 'm' } }),
  row('v1/namespaces', 'Namespace', { finalizers: ['kubernetes'] }, true, false),
  row('v1/nodes', 'Node', { unschedulable: true }, true, false),
  row(inDefault('apps/v1', 'daemonsets'), 'DaemonSet', workload, true, true),
  row(inDefault('apps/v1', 'deployments'), 'Deployment', workload, false, true),
  row(inDefault('apps/v1', 'replicasets'), 'ReplicaSet', workload, true, true),
  row(inDefault('apps/v1', 'statefulsets'), 'StatefulSet', { ...workload, serviceName: 's' }, true, true),
  row(
    inDefault('autoscaling/v2', 'horizontalpodautoscalers'),
    'HorizontalPodAutoscaler',
    { maxReplicas: 3, scaleTargetRef: target },
    true,
    false,
    { status: { currentReplicas: 5 } },
  ),
  row(inDefault('batch/v1', 'jobs'), 'Job', { template: once }, true, true),
  row(inDefault('batch/v1', 'cronjobs'), 'CronJob', { schedule: '* * * * *', jobTemplate: { spec: { template: once } } }, true, true, {
    status: { lastScheduleTime: '2020-01-01T00:00:00Z' },
  }),
  row(inDefault('networking.k8s.io/v1', 'ingresses'), 'Ingress', { defaultBackend: backend }, true, true, { status: address }),
  row(inDefault('policy/v1', 'poddisruptionbudgets'), 'PodDisruptionBudget', { selector: { matchLabels: { a: 'b' } } }, true, true, {
    status: { currentHealthy: 5 },
  }),
  row(
    'storage.k8s.io/v1/volumeattachments',
    'VolumeAttachment',
    { attacher: 'a', nodeName: 'n', source: { persistentVolumeName: 'v' } },
    false,
    false,
    { status: { attached: true } },
  ),
  row(
    'apiregistration.k8s.io/v1/apiservices',
    'APIService',
    { group: 'example.com', version: 'v1', groupPriorityMinimum: 100, versionPriority: 10 },
    false,
    false,
    { name: 'v1.example.com' },
  ),
  row(
    'flowcontrol.apiserver.k8s.io/v1/flowschemas',
    'FlowSchema',
    { matchingPrecedence: 1000, priorityLevelConfiguration: { name: 'p' } },
    false,
    true,
  ),
  row(
    'flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations',
    'PriorityLevelConfiguration',
    { type: 'Limited', limited: { nominalConcurrencyShares: 3, limitResponse: { type: 'Reject' } } },
    false,
    true,
  ),
  row(
    'admissionregistration.k8s.io/v1/validatingadmissionpolicies',
    'ValidatingAdmissionPolicy',
    { matchConstraints: { resourceRules: rules }, validations: [{ expression: 'true' }] },
    false,
    true,
  ),
  row(
    inDefault('resource.k8s.io/v1', 'resourceclaims'),
    'ResourceClaim',
    { devices: { requests: [{ name: 'r', exactly: { deviceClassName: 'c' } }] } },
    false,
    false,
    { status: { allocation: { devices: { results: [device] } } } },
  ),
]

const pathOf = ({ path, name = 'm' }: Row): string => `${path.startsWith('v1') ? '/api' : '/apis'}/${path}/${name}`
const apply = (path: string, manager: string, body: object): Promise<Answer> =>
  f.send('PATCH', `${path}?fieldManager=${manager}&force=true`, { body, headers: { 'content-type': 'application/apply-patch+yaml' } })

/** The top-level fields that each manager owns, and of the metadata those below. */
function owned(answer: Answer): Record<string, string[]> {
  type Entry = { manager: string; fieldsV1: Record<string, object> }
  const fields = ({ fieldsV1 }: Entry): string[] =>
    Object.keys(fieldsV1).flatMap((name) => (name === 'f:metadata' ? Object.keys(fieldsV1[name]!).map((n) => `f:metadata.${n}`) : [name]))
  const entries = (answer.json.metadata.managedFields ?? []) as Entry[]
  return Object.fromEntries(
    entries.filter(({ manager }) => ['whole', 'state'].includes(manager)).map((entry) => [entry.manager, fields(entry)]),
  )
}

describe('an apply of everything, and then one of everything to the status', () => {
  it.each(ROWS)('of a $kind: each owns what its endpoint writes', async (r) => {
    const { spec, status = { conditions: [condition] } } = r
    const apiVersion = r.path.split('/').slice(0, r.path.startsWith('v1') ? 1 : 2)
    const object = { apiVersion: apiVersion.join('/'), kind: r.kind, metadata: { name: r.name ?? 'm' }, spec, status }
    const made = await apply(pathOf(r), 'whole', object)
    expect([made.code, made.json.metadata.generation, owned(made)], made.text).toEqual([
      201,
      r.generation ? 1 : undefined,
      { whole: ['f:spec'] },
    ])
    const labels = { written: 'yes' }
    const written = await apply(`${pathOf(r)}/status`, 'state', { ...object, metadata: { ...object.metadata, labels } })
    const metadata = r.labels ? ['f:metadata.f:labels'] : []
    expect([written.code, written.json.metadata.generation], written.text).toEqual([200, r.generation ? 1 : undefined])
    expect({ ...owned(written), labels: written.json.metadata.labels?.written }).toEqual({
      whole: ['f:spec'],
      state: [...metadata, 'f:status'],
      labels: r.labels ? 'yes' : undefined,
    })
  })

  it('of a custom resource whose schema says nothing: metadata, spec and status are parted by the endpoint alone', async () => {
    const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } }
    const version = { name: 'v1', served: true, storage: true, subresources: { status: {} }, schema }
    const spec = { group: 'example.com', scope: 'Namespaced', names: { plural: 'foos', kind: 'Foo' }, versions: [version] }
    await f.send('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
      body: { metadata: { name: 'foos.example.com' }, spec },
    })
    const path = '/apis/example.com/v1/namespaces/default/foos/m'
    const object = { apiVersion: 'example.com/v1', kind: 'Foo', metadata: { name: 'm' }, spec: { a: 1 }, status: { b: 1 } }
    expect(owned(await apply(path, 'whole', object))).toEqual({ whole: ['f:spec'] })
    const metadata = { ...object.metadata, labels: { written: 'yes' } }
    const written = await apply(`${path}/status`, 'state', { ...object, metadata, spec: { a: 2 } })
    expect([owned(written), written.json.metadata.labels, written.json.spec, written.json.status]).toEqual([
      { whole: ['f:spec'], state: ['f:status'] },
      undefined,
      { a: 1 },
      { b: 1 },
    ])
  })
})

it('a node is made with the status that it comes with', async () => {
  const body = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'with-status' }, status: { conditions: [condition] } }
  const made = await apply('/api/v1/nodes/with-status', 'whole', body)
  expect([made.json.status.conditions[0].type, owned(made)]).toEqual(['Mine', {}])
})
