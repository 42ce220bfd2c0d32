import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Api, eventually, refusal, type Json } from '../support/api.js'
import { TestCluster } from '../support/cluster.js'

/** Every operation that a resource's API offers, one after the other on objects of it, as clients that know nothing of the kind use it. */

let cluster: TestCluster
let api: Api
beforeAll(async () => {
  cluster = await TestCluster.start({ args: ['--seed', '1', '--speed', '10'] })
  api = new Api(cluster.kubeconfig)
})
afterAll(async () => {
  api?.close()
  await cluster?.stop()
})

interface Operated {
  resource: string
  /** Group and version as in apiVersion. */
  version: string
  kind: string
  namespaced?: boolean
  /** What objects of it have beside metadata. */
  object: Json
  /** A status to write by PATCH, and one by PUT; where there is a status subresource that people may write. */
  status?: [patch: Json, put: Json]
}

const template = {
  metadata: { labels: { a: 'b' } },
  spec: { restartPolicy: 'OnFailure', containers: [{ name: 'c', image: 'busybox:1.28' }] },
}
const condition = (type: string): Json => ({
  type,
  status: 'False',
  reason: 'E2E',
  message: `Set by ${type}`,
  lastTransitionTime: '2024-01-01T00:00:00Z',
})
const policy = {
  matchConstraints: {
    resourceRules: [{ apiGroups: ['apps'], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['deployments'] }],
  },
  validations: [
    { expression: 'object.spec.replicas <= 1', messageExpression: "'wants replicas <= 1, got ' + string(object.spec.replicas)" },
  ],
}

const KINDS: Operated[] = [
  {
    resource: 'cronjobs',
    version: 'batch/v1',
    kind: 'CronJob',
    namespaced: true,
    object: { spec: { schedule: '* */1 * * ?', concurrencyPolicy: 'Allow', jobTemplate: { spec: { template } } } },
    status: [{ lastScheduleTime: '2024-01-02T00:00:00Z' }, { lastScheduleTime: '2024-01-01T00:00:00Z' }],
  },
  {
    resource: 'jobs',
    version: 'batch/v1',
    kind: 'Job',
    namespaced: true,
    object: { spec: { suspend: true, template } },
  },
  {
    resource: 'ingresses',
    version: 'networking.k8s.io/v1',
    kind: 'Ingress',
    namespaced: true,
    object: { spec: { defaultBackend: { service: { name: 'default-backend', port: { number: 80 } } } } },
    status: [
      { loadBalancer: { ingress: [{ ip: '169.1.1.1' }] } },
      { loadBalancer: { ingress: [{ ip: '169.1.1.1' }, { ip: '169.1.1.2' }] } },
    ],
  },
  {
    resource: 'networkpolicies',
    version: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    namespaced: true,
    object: {
      spec: { podSelector: { matchLabels: { 'pod-name': 'test-pod' } }, ingress: [{ from: [{ namespaceSelector: {} }] }], egress: [{}] },
    },
  },
  {
    resource: 'ingressclasses',
    version: 'networking.k8s.io/v1',
    kind: 'IngressClass',
    object: { spec: { controller: 'example.com/controller' } },
  },
  {
    resource: 'endpointslices',
    version: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    namespaced: true,
    object: {
      addressType: 'IPv4',
      ports: [{ name: 'http', port: 80, protocol: 'TCP' }],
      endpoints: [{ addresses: ['1.2.3.4', '5.6.7.8'], conditions: { ready: true } }],
    },
  },
  {
    resource: 'endpoints',
    version: 'v1',
    kind: 'Endpoints',
    namespaced: true,
    object: { subsets: [{ addresses: [{ ip: '10.0.0.24' }], ports: [{ port: 8080 }] }] },
  },
  {
    resource: 'poddisruptionbudgets',
    version: 'policy/v1',
    kind: 'PodDisruptionBudget',
    namespaced: true,
    object: { spec: { minAvailable: 1, selector: { matchLabels: { app: 'sample' } } } },
  },
  {
    resource: 'limitranges',
    version: 'v1',
    kind: 'LimitRange',
    namespaced: true,
    object: { spec: { limits: [{ type: 'Container', min: { cpu: '50m' } }] } },
  },
  {
    resource: 'resourcequotas',
    version: 'v1',
    kind: 'ResourceQuota',
    namespaced: true,
    object: { spec: { hard: { cpu: '1', memory: '500Mi' } } },
  },
  { resource: 'podtemplates', version: 'v1', kind: 'PodTemplate', namespaced: true, object: { template } },
  { resource: 'serviceaccounts', version: 'v1', kind: 'ServiceAccount', namespaced: true, object: {} },
  { resource: 'secrets', version: 'v1', kind: 'Secret', namespaced: true, object: { type: 'Opaque', data: { key: 'dmFsdWU=' } } },
  { resource: 'configmaps', version: 'v1', kind: 'ConfigMap', namespaced: true, object: { data: { valueName: 'value' } } },
  {
    resource: 'persistentvolumeclaims',
    version: 'v1',
    kind: 'PersistentVolumeClaim',
    namespaced: true,
    object: { spec: { storageClassName: '', accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Mi' } } } },
  },
  {
    resource: 'replicationcontrollers',
    version: 'v1',
    kind: 'ReplicationController',
    namespaced: true,
    object: { spec: { replicas: 0, selector: { a: 'b' }, template: { ...template, spec: { containers: template.spec.containers } } } },
    status: [{ conditions: [condition('StatusUpdate')] }, { conditions: [condition('StatusUpdate'), condition('StatusUpdated')] }],
  },
  ...['replicasets', 'deployments', 'statefulsets'].map((resource) => ({
    resource,
    version: 'apps/v1',
    kind: { replicasets: 'ReplicaSet', deployments: 'Deployment', statefulsets: 'StatefulSet' }[resource]!,
    namespaced: true,
    object: {
      spec: {
        replicas: 0,
        selector: { matchLabels: { a: 'b' } },
        template: { ...template, spec: { containers: template.spec.containers } },
      },
    },
    status: [{ conditions: [condition('StatusPatched')] }, { conditions: [condition('StatusUpdate')] }] as [Json, Json],
  })),
  {
    resource: 'daemonsets',
    version: 'apps/v1',
    kind: 'DaemonSet',
    namespaced: true,
    object: {
      spec: {
        selector: { matchLabels: { a: 'b' } },
        template: { ...template, spec: { nodeSelector: { never: 'x' }, containers: template.spec.containers } },
      },
    },
    status: [
      { conditions: [condition('StatusPatched')] },
      {
        currentNumberScheduled: 0,
        numberMisscheduled: 0,
        desiredNumberScheduled: 0,
        numberReady: 0,
        conditions: [condition('StatusUpdate')],
      },
    ],
  },
  {
    resource: 'controllerrevisions',
    version: 'apps/v1',
    kind: 'ControllerRevision',
    namespaced: true,
    object: { revision: 1, data: { spec: {} } },
  },
  {
    resource: 'leases',
    version: 'coordination.k8s.io/v1',
    kind: 'Lease',
    namespaced: true,
    object: {
      spec: { holderIdentity: 'holder', leaseDurationSeconds: 30, acquireTime: '2024-01-01T00:00:00.000000Z', leaseTransitions: 0 },
    },
  },
  {
    resource: 'roles',
    version: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    namespaced: true,
    object: { rules: [{ verbs: ['get'], apiGroups: [''], resources: ['pods'] }] },
  },
  {
    resource: 'csistoragecapacities',
    version: 'storage.k8s.io/v1',
    kind: 'CSIStorageCapacity',
    namespaced: true,
    object: { storageClassName: 'standard', capacity: '1Gi' },
  },
  {
    resource: 'runtimeclasses',
    version: 'node.k8s.io/v1',
    kind: 'RuntimeClass',
    object: { handler: 'e2e-handler', scheduling: { nodeSelector: { foo: 'bar' } } },
  },
  { resource: 'priorityclasses', version: 'scheduling.k8s.io/v1', kind: 'PriorityClass', object: { value: 1000 } },
  { resource: 'storageclasses', version: 'storage.k8s.io/v1', kind: 'StorageClass', object: { provisioner: 'e2e-fake-provisioner' } },
  { resource: 'csidrivers', version: 'storage.k8s.io/v1', kind: 'CSIDriver', object: { spec: { attachRequired: false } } },
  {
    resource: 'csinodes',
    version: 'storage.k8s.io/v1',
    kind: 'CSINode',
    object: { spec: { drivers: [{ name: 'e2e-driver', nodeID: 'n1' }] } },
  },
  {
    resource: 'volumeattachments',
    version: 'storage.k8s.io/v1',
    kind: 'VolumeAttachment',
    object: { spec: { attacher: 'e2e.example.com', nodeName: 'nowhere', source: { persistentVolumeName: 'pv' } } },
    status: [{ attached: true }, { attached: false }],
  },
  {
    resource: 'persistentvolumes',
    version: 'v1',
    kind: 'PersistentVolume',
    object: {
      spec: {
        capacity: { storage: '1Mi' },
        accessModes: ['ReadWriteOnce'],
        persistentVolumeReclaimPolicy: 'Retain',
        storageClassName: 'none',
        hostPath: { path: '/tmp/e2e' },
      },
    },
    status: [
      { message: 'StatusPatched', reason: 'E2E patchStatus' },
      { phase: 'Available', message: 'StatusUpdated', reason: 'E2E updateStatus' },
    ],
  },
  {
    resource: 'flowschemas',
    version: 'flowcontrol.apiserver.k8s.io/v1',
    kind: 'FlowSchema',
    object: {
      spec: {
        matchingPrecedence: 10000,
        priorityLevelConfiguration: { name: 'global-default' },
        distinguisherMethod: { type: 'ByUser' },
        rules: [
          {
            subjects: [{ kind: 'User', user: { name: 'example-e2e-non-existent-user' } }],
            nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
          },
        ],
      },
    },
    status: [{ conditions: [condition('PatchStatusFailed')] }, { conditions: [condition('UpdateStatusFailed')] }],
  },
  {
    resource: 'prioritylevelconfigurations',
    version: 'flowcontrol.apiserver.k8s.io/v1',
    kind: 'PriorityLevelConfiguration',
    object: { spec: { type: 'Limited', limited: { nominalConcurrencyShares: 2, limitResponse: { type: 'Reject' } } } },
    status: [{ conditions: [condition('PatchStatusFailed')] }, { conditions: [condition('UpdateStatusFailed')] }],
  },
  {
    resource: 'validatingadmissionpolicies',
    version: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    object: { spec: policy },
    status: [{ conditions: [condition('StatusPatched')] }, { conditions: [condition('StatusUpdated')] }],
  },
  {
    resource: 'validatingadmissionpolicybindings',
    version: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicyBinding',
    object: { spec: { policyName: 'no-such-policy.example.com', validationActions: ['Deny'] } },
  },
  {
    resource: 'mutatingwebhookconfigurations',
    version: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    object: {
      webhooks: [
        {
          name: 'e2e.example.com',
          clientConfig: { url: 'https://192.0.2.1/' },
          rules: [{ apiGroups: ['no.such.group'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['nothing'] }],
          matchConditions: [{ name: 'not-skip-me', expression: "object.metadata.name != 'skip-me'" }],
          sideEffects: 'None',
          admissionReviewVersions: ['v1'],
        },
      ],
    },
  },
  { resource: 'servicecidrs', version: 'networking.k8s.io/v1', kind: 'ServiceCIDR', object: { spec: { cidrs: ['10.196.196.0/24'] } } },
]
KINDS.find((k) => k.kind === 'Job')!.status = [
  { startTime: '2024-01-01T00:00:00Z', conditions: [{ ...condition('StatusPatched'), lastProbeTime: '2024-01-01T00:00:00Z' }] },
  { startTime: '2024-01-02T00:00:00Z' },
]

/** Kinds whose strategy resets the metadata that comes with a status. */
const STATUS_ALONE = new Set([
  'volumeattachments',
  'flowschemas',
  'prioritylevelconfigurations',
  'validatingadmissionpolicies',
  'servicecidrs',
])

describe('the operations of', () => {
  it.each(KINDS.map((k) => [k.resource, k] as const))('%s', async (resource, k) => {
    const [group, version] = k.version.includes('/') ? k.version.split('/') : ['', k.version]
    const root = group ? `/apis/${k.version}` : `/api/${version}`
    const namespace = `operate-${resource}`
    if (k.namespaced) await api.create('/api/v1/namespaces', { metadata: { name: namespace } })
    const collection = k.namespaced ? `${root}/namespaces/${namespace}/${resource}` : `${root}/${resource}`
    const label = `special-label=${resource}`
    const object = {
      apiVersion: k.version,
      kind: k.kind,
      metadata: { generateName: `e2e-${resource}-`, labels: { 'special-label': resource } },
      ...k.object,
    }

    // Discovery names the group, its version, the resource and its status.
    if (group) {
      const groups = await api.get('/apis')
      expect(groups.groups.find((g: Json) => g.name === group).versions).toContainEqual({ groupVersion: k.version, version })
      expect((await api.get(`/apis/${group}`)).versions).toContainEqual({ groupVersion: k.version, version })
    }
    const names = (await api.get(root)).resources.map((r: Json) => r.name)
    expect(names).toEqual(expect.arrayContaining(k.status ? [resource, `${resource}/status`] : [resource]))

    // Three objects, found one by one, in their namespace and in all.
    await api.create(collection, object)
    await api.create(collection, object)
    const created = await api.create(collection, object)
    const path = `${collection}/${created.metadata.name}`
    expect((await api.get(path)).metadata.uid).toBe(created.metadata.uid)
    expect(
      await refusal(api.create(collection, { ...object, metadata: { ...object.metadata, name: created.metadata.name } })),
    ).toMatchObject({
      code: 409,
      status: { reason: 'AlreadyExists' },
    })
    const found = (list: Json): number => list.items.length
    const listed = await api.get(collection, { labelSelector: label })
    expect(found(listed)).toBe(3)
    expect(found(await api.get(`${root}/${resource}`, { labelSelector: label }))).toBe(3)
    expect(found(await api.get(collection, { fieldSelector: `metadata.name=${created.metadata.name}` }))).toBe(1)

    // A watch from the list's version sees what a patch and an update write.
    const watch = await api.watch(collection, { resourceVersion: listed.metadata.resourceVersion, labelSelector: label })
    const patched = await api.patch(path, 'merge', { metadata: { annotations: { patched: 'true' } } })
    expect(patched.metadata.annotations.patched).toBe('true')
    const strategic = await api.patch(path, 'strategic', { metadata: { labels: { 'test-resource': 'patched' } } })
    expect(strategic.metadata.labels).toEqual({ 'special-label': resource, 'test-resource': 'patched' })
    const updated = await api.change(path, (o) => (o.metadata.annotations.updated = 'true'))
    expect(updated.metadata.annotations).toMatchObject({ patched: 'true', updated: 'true' })
    const seen = await watch.until((e) => e.type === 'MODIFIED' && e.object.metadata.annotations?.updated === 'true')
    expect(seen.object).toMatchObject({
      apiVersion: k.version,
      kind: k.kind,
      metadata: { name: created.metadata.name, annotations: { patched: 'true' } },
    })

    // The status is written beside the rest: of most kinds metadata's annotations go with it, the specification does not.
    if (k.status) {
      const mark = STATUS_ALONE.has(resource) ? undefined : 'true'
      const [patch, put] = k.status
      expect((await api.get(`${path}/status`)).metadata.uid).toBe(created.metadata.uid)
      const withStatus = await api.patch(`${path}/status`, 'merge', { metadata: { annotations: { patchedstatus: 'true' } }, status: patch })
      expect(withStatus.metadata.annotations?.patchedstatus).toBe(mark)
      expect(withStatus.status).toMatchObject(patch)
      const replaced = await api.change(path, (o) => Object.assign((o.status ??= {}), put), '/status')
      expect(replaced.status).toMatchObject(put)
      expect((await api.get(`${path}/status`)).metadata.annotations?.patchedstatus).toBe(mark)
    }

    // Deletion of one, and of all that are left.
    await api.delete(path)
    await watch.until((e) => e.type === 'DELETED' && e.object.metadata.name === created.metadata.name)
    watch.close()
    expect(await refusal(api.get(path))).toMatchObject({
      code: 404,
      status: { reason: 'NotFound', message: `${group ? `${resource}.${group}` : resource} "${created.metadata.name}" not found` },
    })
    expect(found(await api.get(collection, { labelSelector: label }))).toBe(2)
    await api.deleteCollection(collection, label)
    await eventually(
      () => api.get(`${root}/${resource}`, { labelSelector: label }),
      (list) => found(list) === 0,
    )
  })
})
