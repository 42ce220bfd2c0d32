/** What the API server does with objects of every kind alike: names it makes, dry runs, deletions, and what a PUT may make. */
import { afterAll, describe, expect, it } from 'vitest'
import type { DeleteOptions, ResourceClient } from '../../../src-main/cluster/api/client.js'
import { StatusError } from '../../../src-main/cluster/api/errors.js'
import type { Kind } from '../../../src-main/cluster/api/kinds/kind.js'
import { builtinKinds } from '../../../src-main/cluster/api/kinds/registry.js'
import type { KubeObject } from '../../../src-main/cluster/api/object.js'
import { CERTIFICATE_REQUEST } from '../certificate-request.js'
import { startServer } from './fixture.js'

const { admin, server } = startServer()
afterAll(() => server.close())

const NAMESPACE = 'every-kind'
const containers = [{ name: 'c', image: 'busybox' }]
const template = { metadata: { labels: { a: 'b' } }, spec: { containers } }
const once = { spec: { containers, restartPolicy: 'Never' } }
const workload = { selector: { matchLabels: { a: 'b' } }, template }
const target = { kind: 'something', name: 'cross', apiVersion: 'apps/v1' }
const rules = [{ apiGroups: ['group'], apiVersions: ['version'], operations: ['CREATE'], resources: ['resource'] }]
const hook = {
  name: 'hook.example.com',
  clientConfig: { service: { namespace: 'ns', name: 'n' } },
  rules,
  sideEffects: 'None',
  admissionReviewVersions: ['v1'],
}
const role = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'somecr' }
const claim = { devices: { requests: [{ name: 'r', exactly: { deviceClassName: 'c' } }] } }
const policy = { matchConstraints: { resourceRules: rules }, validations: [{ expression: 'true' }] }

interface Row {
  kind: Kind
  body: object
  /** Its name, where it cannot be any. */
  name: string
}

function row(apiVersion: string, plural: string, body: object, name = 'example'): Row {
  const kind = builtinKinds.find((k) => k.plural === plural && `${k.group}/${k.version}`.replace(/^\//, '') === apiVersion)
  if (!kind) throw new Error(`no ${plural} in ${apiVersion}`)
  return { kind, body, name }
}

/** The resources that can be made, read, updated and deleted, each with the least of an object. */
const ROWS: readonly Row[] = [
  row('v1', 'configmaps', { data: { a: 'b' } }),
  row('v1', 'services', { spec: { ports: [{ port: 80 }] } }),
  row('v1', 'podtemplates', { template }),
  row('v1', 'pods', { spec: { containers } }),
  row('v1', 'endpoints', { subsets: [{ addresses: [{ ip: '192.168.3.1' }], ports: [{ port: 8000 }] }] }),
  row('v1', 'resourcequotas', { spec: { hard: { cpu: '5M' } } }),
  row('v1', 'limitranges', { spec: { limits: [{ type: 'Pod' }] } }),
  row('v1', 'namespaces', {}),
  row('v1', 'nodes', {}),
  row('v1', 'persistentvolumes', {
    spec: { accessModes: ['ReadWriteOnce'], capacity: { storage: '3M' }, hostPath: { path: '/tmp' } },
  }),
  row('v1', 'events', { involvedObject: { namespace: NAMESPACE } }),
  row('v1', 'persistentvolumeclaims', { spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '2M' } } } }),
  row('v1', 'serviceaccounts', {}),
  row('v1', 'secrets', {}),
  row('v1', 'replicationcontrollers', { spec: { selector: { a: 'b' }, template } }),
  row('apps/v1', 'daemonsets', { spec: workload }),
  row('apps/v1', 'deployments', { spec: workload }),
  row('apps/v1', 'statefulsets', { spec: workload }),
  row('apps/v1', 'replicasets', { spec: workload }),
  row('apps/v1', 'controllerrevisions', { data: {}, revision: 0 }),
  row('autoscaling/v1', 'horizontalpodautoscalers', { spec: { maxReplicas: 3, scaleTargetRef: target } }),
  row('autoscaling/v2', 'horizontalpodautoscalers', { spec: { maxReplicas: 3, scaleTargetRef: target } }),
  row('batch/v1', 'jobs', { spec: { template: once } }),
  row('batch/v1', 'cronjobs', { spec: { schedule: '* * * * *', jobTemplate: { spec: { template: once } } } }),
  row('certificates.k8s.io/v1', 'certificatesigningrequests', {
    spec: { signerName: 'example.com/signer', usages: ['any'], request: Buffer.from(CERTIFICATE_REQUEST).toString('base64') },
  }),
  row('coordination.k8s.io/v1', 'leases', { spec: { holderIdentity: 'holder', leaseDurationSeconds: 5 } }),
  row('discovery.k8s.io/v1', 'endpointslices', { addressType: 'IPv4', endpoints: [] }),
  row('events.k8s.io/v1', 'events', {
    regarding: { namespace: NAMESPACE },
    eventTime: '2017-08-09T15:04:05.000000Z',
    reportingInstance: 'node-xyz',
    reportingController: 'k8s.io/my-controller',
    action: 'DidNothing',
    reason: 'Laziness',
    type: 'Normal',
  }),
  row('networking.k8s.io/v1', 'ingresses', { spec: { defaultBackend: { service: { name: 's', port: { number: 80 } } } } }),
  row('networking.k8s.io/v1', 'ingressclasses', { spec: { controller: 'example.com/controller' } }),
  row('networking.k8s.io/v1', 'networkpolicies', { spec: { podSelector: {} } }),
  row(
    'networking.k8s.io/v1',
    'ipaddresses',
    { spec: { parentRef: { resource: 'services', name: 'test', namespace: 'ns' } } },
    '192.168.2.3',
  ),
  row('networking.k8s.io/v1', 'servicecidrs', { spec: { cidrs: ['192.168.0.0/16', 'fd00:1::/120'] } }),
  row('policy/v1', 'poddisruptionbudgets', { spec: { selector: { matchLabels: { a: 'b' } } } }),
  row('flowcontrol.apiserver.k8s.io/v1', 'flowschemas', { spec: { priorityLevelConfiguration: { name: 'p' } } }),
  row('flowcontrol.apiserver.k8s.io/v1', 'prioritylevelconfigurations', {
    spec: { type: 'Limited', limited: { limitResponse: { type: 'Reject' } } },
  }),
  row('storage.k8s.io/v1', 'volumeattachments', {
    spec: { attacher: 'a', nodeName: 'n', source: { persistentVolumeName: 'v' } },
  }),
  row('storage.k8s.io/v1', 'volumeattributesclasses', { driverName: 'example.com/driver', parameters: { foo: 'bar' } }),
  row('storage.k8s.io/v1', 'storageclasses', { provisioner: 'aws' }),
  row('storage.k8s.io/v1', 'csidrivers', { spec: {} }),
  row('storage.k8s.io/v1', 'csinodes', { spec: { drivers: [] } }),
  row('storage.k8s.io/v1', 'csistoragecapacities', { storageClassName: 'sc1' }),
  row('rbac.authorization.k8s.io/v1', 'roles', { rules: [] }),
  row('rbac.authorization.k8s.io/v1', 'clusterroles', { rules: [] }),
  row('rbac.authorization.k8s.io/v1', 'rolebindings', { roleRef: role }),
  row('rbac.authorization.k8s.io/v1', 'clusterrolebindings', { roleRef: role }),
  row('admissionregistration.k8s.io/v1', 'validatingwebhookconfigurations', { webhooks: [hook] }),
  row('admissionregistration.k8s.io/v1', 'mutatingwebhookconfigurations', { webhooks: [hook] }),
  row('admissionregistration.k8s.io/v1', 'validatingadmissionpolicies', { spec: policy }),
  row('admissionregistration.k8s.io/v1', 'validatingadmissionpolicybindings', {
    spec: { policyName: 'p', validationActions: ['Deny'] },
  }),
  row('admissionregistration.k8s.io/v1', 'mutatingadmissionpolicies', {
    spec: {
      matchConstraints: { resourceRules: rules },
      reinvocationPolicy: 'Never',
      mutations: [{ patchType: 'JSONPatch', jsonPatch: { expression: '[JSONPatch{op: "remove", path: "/spec/x"}]' } }],
    },
  }),
  row('admissionregistration.k8s.io/v1', 'mutatingadmissionpolicybindings', { spec: { policyName: 'p' } }),
  row('scheduling.k8s.io/v1', 'priorityclasses', { value: 5 }),
  row('node.k8s.io/v1', 'runtimeclasses', { handler: 'h' }),
  row('resource.k8s.io/v1', 'deviceclasses', { spec: {} }),
  row('resource.k8s.io/v1', 'resourceclaims', { spec: claim }),
  row('resource.k8s.io/v1', 'resourceclaimtemplates', { spec: { spec: claim } }),
  row('resource.k8s.io/v1', 'resourceslices', {
    spec: { driver: 'd.example.com', nodeName: 'n', pool: { name: 'p', resourceSliceCount: 1 } },
  }),
  row(
    'apiregistration.k8s.io/v1',
    'apiservices',
    { spec: { group: 'foos.example.com', version: 'v1', groupPriorityMinimum: 100, versionPriority: 10 } },
    'v1.foos.example.com',
  ),
]

/** A PUT makes what is not there: of old, for no reason, except that Leases are kept by nothing else. */
const MADE_BY_PUT = 'clusterrolebindings clusterroles endpoints events leases limitranges rolebindings roles runtimeclasses services'

/** A name that says what it is the name of cannot be made up. */
const OWN_NAMES = ['apiservices', 'ipaddresses']

const titled = ({ group, version, kind }: Kind): string => `${group}/${version} ${kind}`.replace(/^\//, '')

it('every kind has its row, but those that are not stored, and definitions, which go in steps', () => {
  const others = builtinKinds.filter((kind) => !ROWS.some((r) => r.kind === kind))
  expect(others.map((k) => k.kind).sort()).toEqual([
    'Binding',
    'ComponentStatus',
    'CustomResourceDefinition',
    'LocalSubjectAccessReview',
    'SelfSubjectAccessReview',
    'SelfSubjectReview',
    'SelfSubjectRulesReview',
    'SubjectAccessReview',
    'TokenReview',
  ])
})

describe.each(ROWS.map((r) => [titled(r.kind), r] as const))('%s', (_, { kind, body, name }) => {
  const client: ResourceClient = admin.resource({ group: kind.group, version: kind.version, resource: kind.plural })
  const namespace = kind.namespaced ? NAMESPACE : ''
  const object = (metadata: object): KubeObject => ({
    apiVersion: `${kind.group}/${kind.version}`.replace(/^\//, ''),
    kind: kind.kind,
    ...structuredClone(body),
    metadata: { ...metadata, ...(namespace ? { namespace } : {}) },
  })
  const read = (at = name): Promise<KubeObject> => client.get(namespace, at)
  const remove = async (at = name): Promise<void> => {
    await client.patch(namespace, at, { metadata: { finalizers: null } }, { type: 'merge' })
    await client.delete(namespace, at, { gracePeriodSeconds: 0, propagationPolicy: 'Background' }).catch(() => undefined)
    if (kind.plural === 'namespaces') await client.update(object({ name: at }), { subresource: 'finalize' }).catch(() => undefined)
  }

  it('is tried without a trace', async () => {
    const dryRun = true
    await client.create(namespace, object({ name }), { dryRun })
    expect(await codeOf(read())).toBe(404)
    await client.create(namespace, object({ name }))
    const made = await read()
    const changed = { ...made, metadata: { ...made.metadata, annotations: { update: 'true' } } }
    expect((await client.update(changed, { dryRun })).metadata.annotations).toMatchObject({ update: 'true' })
    const patched = await client.patch(namespace, name, { metadata: { annotations: { patch: 'true' } } }, { type: 'merge', dryRun })
    expect(patched.metadata.annotations).toMatchObject({ patch: 'true' })
    await client.deleteCollection({ ...(namespace ? { namespace } : {}), dryRun })
    await client.delete(namespace, name, { dryRun })
    expect(await read()).toEqual(made)
    await remove()
    expect(await codeOf(read())).toBe(404)
  })

  it('is made by a PUT only of old, and has its name made up unless that says something', async () => {
    expect(await codeOf(client.update(object({ name })))).toBe(MADE_BY_PUT.split(' ').includes(kind.plural) ? undefined : 404)
    await remove().catch(() => undefined)
    const made = client.create(namespace, object({ generateName: 'made-' }))
    if (OWN_NAMES.includes(kind.plural)) {
      expect(await codeOf(made)).toBe(422)
      return
    }
    const { metadata } = await made
    expect(metadata.name).toMatch(/^made-[a-z0-9]{5}$/)
    await remove(metadata.name)
  })

  it('goes at once and its dependents after it, unless it keeps them of old', async () => {
    const left = async (options: DeleteOptions): Promise<string[]> => {
      await client.create(namespace, object({ name, finalizers: ['example.com/block'] }))
      await client.delete(namespace, name, { gracePeriodSeconds: 30, ...options })
      const { metadata } = await read()
      await remove()
      // A Namespace has steps of its own, and no time for them.
      expect(metadata.deletionGracePeriodSeconds).toBe(kind.plural === 'namespaces' ? undefined : 0)
      return (metadata.finalizers ?? []).filter((f) => !f.includes('/'))
    }
    expect(await left({})).toEqual(['jobs', 'replicationcontrollers'].includes(kind.plural) ? ['orphan'] : [])
    expect(await left({ propagationPolicy: 'Foreground' })).toEqual(kind.plural === 'events' ? [] : ['foregroundDeletion'])
  })
})

/** With which code a request is refused; undefined when it is not. */
async function codeOf(request: Promise<unknown>): Promise<number | undefined> {
  try {
    await request
    return undefined
  } catch (error) {
    if (error instanceof StatusError) return error.status.code
    throw error
  }
}
