import { describe, expect, it } from 'vitest'
import { admissionPlugins } from '../../../src-main/cluster/access/admission/plugins.js'
import type { AdmissionAttributes, AdmissionOperation } from '../../../src-main/cluster/access/admission/plugin.js'
import { StatusError } from '../../../src-main/cluster/api/errors.js'
import type { Status } from '../../../src-main/cluster/api/errors.js'
import type { Kind } from '../../../src-main/cluster/api/kinds/kind.js'
import type { KubeObject } from '../../../src-main/cluster/api/object.js'
import { VirtualClock } from '../../../src-main/cluster/clock.js'
import { Random } from '../../../src-main/cluster/random.js'

const kind = (group: string, name: string, plural: string, namespaced = true): Kind => ({
  group,
  version: 'v1',
  kind: name,
  plural,
  singular: name.toLowerCase(),
  namespaced,
  model: `V1${name}`,
})
const POD = kind('', 'Pod', 'pods')
const CONFIG_MAP = kind('', 'ConfigMap', 'configmaps')
const NAMESPACE = kind('', 'Namespace', 'namespaces', false)
const CLAIM = kind('', 'PersistentVolumeClaim', 'persistentvolumeclaims')
const NODE = kind('', 'Node', 'nodes', false)
const SERVICE = kind('', 'Service', 'services')
const DEPLOYMENT = kind('apps', 'Deployment', 'deployments')
const LEASE = kind('coordination.k8s.io', 'Lease', 'leases')
const INGRESS = kind('networking.k8s.io', 'Ingress', 'ingresses')
const PRIORITY_CLASS = kind('scheduling.k8s.io', 'PriorityClass', 'priorityclasses', false)

/** A small world: objects by `resource` or `resource/namespace`. */
class World {
  readonly warnings: string[] = []
  readonly clock = new VirtualClock({ start: 0, speed: 0 })

  constructor(readonly stored: Record<string, KubeObject[]> = {}) {
    stored.namespaces ??= [object('ns', { status: { phase: 'Active' } })]
    stored['serviceaccounts/ns'] ??= [object('default')]
  }

  /** Lets a write pass all plugins; gives the object as it is stored. */
  async admit(
    of: Kind,
    operation: AdmissionOperation,
    sent: KubeObject | undefined,
    rest: Partial<AdmissionAttributes> = {},
  ): Promise<KubeObject> {
    const all = (resource: string, namespace?: string): KubeObject[] => this.stored[namespace ? `${resource}/${namespace}` : resource] ?? []
    const attributes: AdmissionAttributes = {
      kind: of,
      operation,
      object: sent && structuredClone(sent),
      oldObject: undefined,
      namespace: of.namespaced ? 'ns' : '',
      name: sent?.metadata.name ?? '',
      subresource: '',
      user: { username: 'u', groups: [] },
      dryRun: false,
      clock: this.clock,
      random: new Random(1),
      lookup: (_group, resource, namespace, name) => all(resource, namespace).find((o) => o.metadata.name === name),
      lookupAll: (_group, resource, namespace) => all(resource, namespace),
      updateStored: async (_group, resource, namespace, name, change) => {
        change(all(resource, namespace).find((o) => o.metadata.name === name)!)
      },
      warn: (text) => void this.warnings.push(text),
      ...rest,
    }
    for (const plugin of admissionPlugins) await plugin.mutate?.(attributes)
    for (const plugin of admissionPlugins) await plugin.validate?.(attributes)
    return attributes.object!
  }

  /** The Status with which a write is refused. */
  async refused(
    of: Kind,
    operation: AdmissionOperation,
    sent: KubeObject | undefined,
    rest: Partial<AdmissionAttributes> = {},
  ): Promise<Status> {
    try {
      await this.admit(of, operation, sent, rest)
    } catch (error) {
      if (error instanceof StatusError) return error.status
      throw error
    }
    throw new Error('it was admitted')
  }
}

function object(name: string, rest: object = {}): KubeObject {
  const { metadata, ...fields } = rest as { metadata?: object }
  return { metadata: { name, ...metadata }, ...fields } as KubeObject
}

const pod = (spec: object = {}, container: object = {}): KubeObject =>
  object('p', { spec: { automountServiceAccountToken: false, containers: [{ name: 'c', image: 'nginx', ...container }], ...spec } })

const specOf = async (world: World, sent: KubeObject): Promise<Record<string, unknown>> =>
  (await world.admit(POD, 'CREATE', sent)).spec as Record<string, unknown>

describe('NamespaceLifecycle', () => {
  it('keeps the system namespaces', async () => {
    const status = await new World().refused(NAMESPACE, 'DELETE', undefined, { name: 'kube-system' })
    expect(status).toMatchObject({
      code: 403,
      message: 'namespaces "kube-system" is forbidden: this namespace may not be deleted',
      details: { name: 'kube-system', kind: 'namespaces' },
    })
  })

  it('lets nothing be written into a namespace that is not there', async () => {
    const status = await new World().refused(CONFIG_MAP, 'CREATE', object('c'), { namespace: 'nothing' })
    expect(status).toMatchObject({ code: 404, message: 'namespaces "nothing" not found', details: { name: 'nothing', kind: 'namespaces' } })
  })

  it('lets nothing new into a namespace that is going, and says why in a cause', async () => {
    const world = new World({ namespaces: [object('ns', { status: { phase: 'Terminating' } })] })
    expect(await world.refused(CONFIG_MAP, 'CREATE', object('c'))).toMatchObject({
      code: 403,
      message: 'configmaps "c" is forbidden: unable to create new content in namespace ns because it is being terminated',
      details: { causes: [{ reason: 'NamespaceTerminating', message: 'namespace ns is being terminated', field: 'metadata.namespace' }] },
    })
    await world.admit(CONFIG_MAP, 'UPDATE', object('c'), { oldObject: object('c') })
  })
})

describe('ServiceAccount', () => {
  it('gives a pod the default account and a token in every container', async () => {
    const world = new World({ 'serviceaccounts/ns': [object('default', { imagePullSecrets: [{ name: 'registry' }] })] })
    const spec = await specOf(world, object('p', { spec: { initContainers: [{ name: 'i' }], containers: [{ name: 'c' }] } }))
    const mount = { readOnly: true, mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' }
    const volume = (spec.volumes as { name: string }[])[0]!
    expect(volume.name).toMatch(/^kube-api-access-[a-z0-9]{5}$/)
    expect(spec).toMatchObject({
      serviceAccountName: 'default',
      serviceAccount: 'default',
      imagePullSecrets: [{ name: 'registry' }],
      initContainers: [{ name: 'i', volumeMounts: [{ ...mount, name: volume.name }] }],
      containers: [{ name: 'c', volumeMounts: [{ ...mount, name: volume.name }] }],
    })
    expect(volume).toEqual({
      name: volume.name,
      projected: {
        defaultMode: 420,
        sources: [
          { serviceAccountToken: { path: 'token', expirationSeconds: 3607 } },
          { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
          { downwardAPI: { items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }] } },
        ],
      },
    })
  })

  it('mounts no token where the account or the pod does not want one', async () => {
    const world = new World({ 'serviceaccounts/ns': [object('default', { automountServiceAccountToken: false })] })
    expect((await specOf(world, object('p', { spec: { containers: [{ name: 'c' }] } }))).volumes).toBeUndefined()
    expect((await specOf(new World(), pod())).volumes).toBeUndefined()
  })

  it('refuses a pod whose account is not there', async () => {
    const status = await new World().refused(POD, 'CREATE', pod({ serviceAccountName: 'robot' }))
    expect(status.message).toBe('pods "p" is forbidden: error looking up service account ns/robot: serviceaccount "robot" not found')
  })

  it('waits a moment for the default account of a new namespace', async () => {
    const world = new World({ 'serviceaccounts/ns': [] })
    const admitted = specOf(world, pod())
    await world.clock.advance(250)
    world.stored['serviceaccounts/ns']!.push(object('default'))
    await world.clock.advance(100)
    expect((await admitted).serviceAccountName).toBe('default')
  })
})

describe('Priority, tolerations and runtime classes', () => {
  it('a pod gets the priority of its class, of the default class, or zero', async () => {
    const classes = [
      object('high', { value: 1000, preemptionPolicy: 'Never' }),
      object('usual', { value: 7, globalDefault: true, preemptionPolicy: 'PreemptLowerPriority' }),
    ]
    const world = new World({ priorityclasses: classes })
    expect(await specOf(world, pod({ priorityClassName: 'high' }))).toMatchObject({ priority: 1000, preemptionPolicy: 'Never' })
    expect(await specOf(world, pod())).toMatchObject({ priorityClassName: 'usual', priority: 7 })
    expect(await specOf(new World(), pod())).toMatchObject({ priority: 0, preemptionPolicy: 'PreemptLowerPriority' })
    expect(await specOf(new World(), pod({ priorityClassName: 'system-node-critical' }))).toMatchObject({ priority: 2000001000 })
  })

  it('a priority of one’s own, an unknown class and a second default class are refused', async () => {
    const world = new World({ priorityclasses: [object('usual', { value: 7, globalDefault: true })] })
    expect((await world.refused(POD, 'CREATE', pod({ priority: 5 }))).message).toBe(
      'pods "p" is forbidden: the integer value of priority (5) must not be provided in pod spec; priority admission controller computed 7 from the given PriorityClass name',
    )
    expect((await world.refused(POD, 'CREATE', pod({ priorityClassName: 'nothing' }))).message).toBe(
      'pods "p" is forbidden: no PriorityClass with name nothing was found',
    )
    expect((await world.refused(PRIORITY_CLASS, 'CREATE', object('other', { value: 1, globalDefault: true }))).message).toBe(
      'priorityclasses.scheduling.k8s.io "other" is forbidden: PriorityClass usual is already marked as default. Only one default can exist',
    )
  })

  it('a pod tolerates a node that is not ready for five minutes, or as it says', async () => {
    const own = { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 1 }
    const other = { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 }
    expect((await specOf(new World(), pod({ tolerations: [own] }))).tolerations).toEqual([own, other])
    expect((await specOf(new World(), pod({ tolerations: [{ operator: 'Exists' }] }))).tolerations).toEqual([{ operator: 'Exists' }])
  })

  it('a runtime class gives its overhead and node selector, and must exist', async () => {
    const overhead = { podFixed: { memory: '64Mi' } }
    const world = new World({ runtimeclasses: [object('vm', { handler: 'vm', overhead, scheduling: { nodeSelector: { vm: 'yes' } } })] })
    expect(await specOf(world, pod({ runtimeClassName: 'vm' }))).toMatchObject({
      overhead: { memory: '64Mi' },
      nodeSelector: { vm: 'yes' },
    })
    expect((await world.refused(POD, 'CREATE', pod({ runtimeClassName: 'nothing' }))).message).toBe(
      'pods "p" is forbidden: pod rejected: RuntimeClass "nothing" not found',
    )
    expect((await world.refused(POD, 'CREATE', pod({ overhead: { cpu: '1' } }))).message).toBe(
      'pods "p" is forbidden: pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead',
    )
  })
})

describe('LimitRanger', () => {
  const range = (limits: object) => ({ 'limitranges/ns': [object('l', { spec: { limits: [{ type: 'Container', ...limits }] } })] })

  it('gives containers what they do not say, and notes it', async () => {
    const world = new World(range({ default: { cpu: '1', memory: '64Mi' }, defaultRequest: { cpu: '100m', memory: '64Mi' } }))
    const stored = await world.admit(POD, 'CREATE', pod({}, { resources: { requests: { cpu: '200m' } } }))
    expect((stored.spec as { containers: object[] }).containers[0]).toMatchObject({
      resources: { limits: { cpu: '1', memory: '64Mi' }, requests: { cpu: '200m', memory: '64Mi' } },
    })
    expect(stored.metadata.annotations).toEqual({
      'kubernetes.io/limit-ranger': 'LimitRanger plugin set: memory request for container c; cpu, memory limit for container c',
    })
  })

  it('refuses what is outside of the limits, with every reason', async () => {
    const world = new World(range({ max: { cpu: '2' }, min: { cpu: '10m' } }))
    const resources = { limits: { cpu: '3' }, requests: { cpu: '1m' } }
    expect((await world.refused(POD, 'CREATE', pod({}, { resources }))).message).toBe(
      'pods "p" is forbidden: [minimum cpu usage per Container is 10m, but request is 1m, maximum cpu usage per Container is 2, but limit is 3]',
    )
    expect((await world.refused(POD, 'CREATE', pod({}, { resources: { requests: { cpu: '20m' } } }))).message).toBe(
      'pods "p" is forbidden: maximum cpu usage per Container is 2.  No limit is specified',
    )
    const ratio = new World(range({ maxLimitRequestRatio: { cpu: '2' } }))
    expect((await ratio.refused(POD, 'CREATE', pod({}, { resources: { limits: { cpu: '3' }, requests: { cpu: '1' } } }))).message).toBe(
      'pods "p" is forbidden: cpu max limit to request ratio per Container is 2, but provided ratio is 3.000000',
    )
  })

  it('tells of the first LimitRange that is broken, and holds a resize to it too', async () => {
    const limits = (max: string): object => ({ spec: { limits: [{ type: 'Container', max: { cpu: max } }] } })
    const world = new World({ 'limitranges/ns': [object('a', limits('2')), object('b', limits('1'))] })
    const big = pod({}, { resources: { limits: { cpu: '3' }, requests: { cpu: '1' } } })
    const why = 'pods "p" is forbidden: maximum cpu usage per Container is 2, but limit is 3'
    expect((await world.refused(POD, 'CREATE', big)).message).toBe(why)
    expect((await world.refused(POD, 'UPDATE', big, { oldObject: pod(), subresource: 'resize' })).message).toBe(why)
    await world.admit(POD, 'UPDATE', big, { oldObject: big })
  })

  it('holds what a pod says of itself as a whole to the limits of pods', async () => {
    const world = new World({ 'limitranges/ns': [object('l', { spec: { limits: [{ type: 'Pod', max: { cpu: '1' } }] } })] })
    const whole = (cpu: string) => pod({ resources: { limits: { cpu }, requests: { cpu: '500m' } } })
    await world.admit(POD, 'CREATE', whole('1'))
    expect((await world.refused(POD, 'CREATE', whole('2'))).message).toBe(
      'pods "p" is forbidden: maximum cpu usage per Pod is 1, but limit is 2',
    )
  })
})

describe('ResourceQuota', () => {
  const quota = (hard: Record<string, string>, used: Record<string, string>, spec: object = {}) =>
    object('q', { spec: { hard, ...spec }, status: { hard, used } })

  it('charges what is used and refuses what is too much', async () => {
    const q = quota({ pods: '2', 'requests.cpu': '1' }, { pods: '0', 'requests.cpu': '0' })
    const world = new World({ 'resourcequotas/ns': [q] })
    const sent = pod({}, { resources: { requests: { cpu: '600m' } } })
    await world.admit(POD, 'CREATE', sent)
    expect(q.status).toMatchObject({ used: { pods: '1', 'requests.cpu': '600m' } })
    expect((await world.refused(POD, 'CREATE', sent)).message).toBe(
      'pods "p" is forbidden: exceeded quota: q, requested: requests.cpu=600m, used: requests.cpu=600m, limited: requests.cpu=1',
    )
    expect((await world.refused(POD, 'CREATE', pod())).message).toBe(
      'pods "p" is forbidden: failed quota: q: must specify requests.cpu for: c',
    )
    expect(q.status).toMatchObject({ used: { pods: '1', 'requests.cpu': '600m' } })
  })

  it('charges a pod what it says of itself as a whole, and asks its containers nothing then', async () => {
    const q = quota({ 'requests.cpu': '1', 'limits.memory': '1Gi' }, { 'requests.cpu': '0', 'limits.memory': '0' })
    const world = new World({ 'resourcequotas/ns': [q] })
    const whole = { requests: { cpu: '600m' }, limits: { memory: '512Mi' } }
    await world.admit(POD, 'CREATE', pod({ resources: whole }, { resources: { requests: { cpu: '100m' } } }))
    expect(q.status).toMatchObject({ used: { 'requests.cpu': '600m', 'limits.memory': '512Mi' } })
    expect((await world.refused(POD, 'CREATE', pod({ resources: whole }))).message).toBe(
      'pods "p" is forbidden: exceeded quota: q, requested: requests.cpu=600m, used: requests.cpu=600m, limited: requests.cpu=1',
    )
  })

  it('charges the growth of a pod that is resized', async () => {
    const q = quota({ 'requests.cpu': '1' }, { 'requests.cpu': '600m' })
    const world = new World({ 'resourcequotas/ns': [q] })
    const of = (cpu: string) => pod({}, { resources: { requests: { cpu } } })
    const resized = { oldObject: of('600m'), subresource: 'resize' }
    expect((await world.refused(POD, 'UPDATE', of('1100m'), resized)).message).toBe(
      'pods "p" is forbidden: exceeded quota: q, requested: requests.cpu=500m, used: requests.cpu=600m, limited: requests.cpu=1',
    )
    await world.admit(POD, 'UPDATE', of('900m'), resized)
    expect(q.status).toMatchObject({ used: { 'requests.cpu': '900m' } })
  })

  it('counts objects of any kind', async () => {
    const name = 'count/leases.coordination.k8s.io'
    const world = new World({ 'resourcequotas/ns': [quota({ [name]: '0' }, { [name]: '0' })] })
    expect((await world.refused(LEASE, 'CREATE', object('l'))).message).toBe(
      `leases.coordination.k8s.io "l" is forbidden: exceeded quota: q, requested: ${name}=1, used: ${name}=0, limited: ${name}=0`,
    )
  })

  it('charges only the growth of an update', async () => {
    const q = quota({ 'services.nodeports': '1' }, { 'services.nodeports': '1' })
    const world = new World({ 'resourcequotas/ns': [q] })
    const service = (type: string, ports: number) =>
      object('s', { spec: { type, ports: Array.from({ length: ports }, (_, i) => ({ port: i })) } })
    await world.admit(SERVICE, 'UPDATE', service('NodePort', 1), { oldObject: service('NodePort', 1) })
    expect((await world.refused(SERVICE, 'UPDATE', service('NodePort', 2), { oldObject: service('NodePort', 1) })).message).toBe(
      'services "s" is forbidden: exceeded quota: q, requested: services.nodeports=1, used: services.nodeports=1, limited: services.nodeports=1',
    )
  })

  it('speaks only of the pods in its scopes', async () => {
    const world = new World({ 'resourcequotas/ns': [quota({ pods: '0' }, { pods: '0' }, { scopes: ['BestEffort'] })] })
    await world.admit(POD, 'CREATE', pod({}, { resources: { requests: { cpu: '1' } } }))
    expect((await world.refused(POD, 'CREATE', pod())).code).toBe(403)
  })

  it('writes nothing in a dry run', async () => {
    const q = quota({ pods: '1' }, { pods: '0' })
    const world = new World({ 'resourcequotas/ns': [q] })
    await world.admit(POD, 'CREATE', pod(), { dryRun: true, updateStored: async () => undefined })
    expect(q.status).toMatchObject({ used: { pods: '0' } })
  })
})

describe('PodSecurity', () => {
  const labelled = (labels: Record<string, string>) => new World({ namespaces: [object('ns', { metadata: { labels } })] })
  const RESTRICTED =
    'allowPrivilegeEscalation != false (container "c" must set securityContext.allowPrivilegeEscalation=false), ' +
    'unrestricted capabilities (container "c" must set securityContext.capabilities.drop=["ALL"]), ' +
    'runAsNonRoot != true (pod or container "c" must set securityContext.runAsNonRoot=true), ' +
    'seccompProfile (pod or container "c" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")'

  it('refuses pods below the enforced level', async () => {
    const world = labelled({ 'pod-security.kubernetes.io/enforce': 'restricted' })
    expect((await world.refused(POD, 'CREATE', pod())).message).toBe(
      `pods "p" is forbidden: violates PodSecurity "restricted:latest": ${RESTRICTED}`,
    )
    const securityContext = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } }
    const good = { securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } } }
    await world.admit(POD, 'CREATE', pod(good, { securityContext }))
  })

  it('names everything that is below baseline', async () => {
    const world = labelled({ 'pod-security.kubernetes.io/enforce': 'baseline', 'pod-security.kubernetes.io/enforce-version': 'v1.30' })
    const bad = pod(
      { hostNetwork: true, hostPID: true, volumes: [{ name: 'v', hostPath: { path: '/' } }] },
      {
        securityContext: { privileged: true, capabilities: { add: ['NET_ADMIN', 'CHOWN'] } },
        ports: [{ containerPort: 80, hostPort: 80 }],
      },
    )
    expect((await world.refused(POD, 'CREATE', bad)).message).toBe(
      'pods "p" is forbidden: violates PodSecurity "baseline:v1.30": ' +
        'non-default capabilities (container "c" must not include "NET_ADMIN" in securityContext.capabilities.add), ' +
        'host namespaces (hostNetwork=true, hostPID=true), hostPath volumes (volume "v"), hostPort (container "c" uses hostPort 80), ' +
        'privileged (container "c" must not set securityContext.privileged=true)',
    )
    await world.admit(POD, 'CREATE', pod())
  })

  it('takes what it cannot read for the strictest where it refuses, and for nothing where it warns', async () => {
    const world = labelled({ 'pod-security.kubernetes.io/enforce': 'strict', 'pod-security.kubernetes.io/enforce-version': 'v2' })
    expect((await world.refused(POD, 'CREATE', pod())).message).toBe(
      `pods "p" is forbidden: violates PodSecurity "restricted:latest": ${RESTRICTED}`,
    )
    const warned = labelled({ 'pod-security.kubernetes.io/warn': 'strict' })
    await warned.admit(POD, 'CREATE', pod())
    expect(warned.warnings).toEqual([])
  })

  it('warns of what makes such pods', async () => {
    const world = labelled({ 'pod-security.kubernetes.io/warn': 'restricted' })
    const template = { spec: { containers: [{ name: 'c', image: 'nginx' }] } }
    await world.admit(DEPLOYMENT, 'CREATE', object('d', { spec: { template } }))
    expect(world.warnings).toEqual([`would violate PodSecurity "restricted:latest": ${RESTRICTED}`])
  })

  it('tells nothing of pods that are there when the level is relaxed', async () => {
    const world = new World({ 'pods/ns': [pod({ hostNetwork: true })] })
    const labels = (enforce: string) => object('ns', { metadata: { labels: { 'pod-security.kubernetes.io/enforce': enforce } } })
    await world.admit(NAMESPACE, 'UPDATE', labels('baseline'), { oldObject: labels('restricted') })
    expect(world.warnings).toEqual([])
  })

  it('checks the labels of a namespace and tells of pods that are there already', async () => {
    const world = new World({ 'pods/ns': [pod(), object('b', { spec: pod().spec })] })
    const labels = (enforce: string) => object('ns', { metadata: { labels: { 'pod-security.kubernetes.io/enforce': enforce } } })
    expect((await world.refused(NAMESPACE, 'UPDATE', labels('strict'), { oldObject: object('ns') })).message).toBe(
      'Namespace "ns" is invalid: metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: "strict": must be one of privileged, baseline, restricted',
    )
    await world.admit(NAMESPACE, 'UPDATE', labels('restricted'), { oldObject: object('ns') })
    expect(world.warnings).toEqual([
      'existing pods in namespace "ns" violate the new PodSecurity enforce level "restricted:latest"',
      'b (and 1 other pod): allowPrivilegeEscalation != false, unrestricted capabilities, runAsNonRoot != true, seccompProfile',
    ])
  })
})

describe('Nodes', () => {
  it('a new node takes no pods until it has been seen ready', async () => {
    const taint = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }
    const own = { key: 'gpu', effect: 'NoExecute' }
    const taints = async (spec: object): Promise<unknown> =>
      ((await new World().admit(NODE, 'CREATE', object('n', spec))).spec as Node).taints
    expect(await taints({})).toEqual([taint])
    expect(await taints({ spec: { taints: [own] } })).toEqual([own, taint])
    expect(await taints({ spec: { taints: [taint] } })).toEqual([taint])
  })
})

interface Node {
  taints?: object[]
}

describe('PersistentVolumeClaimResize', () => {
  const claim = (storage: string, phase: string, storageClassName = 'grows'): KubeObject =>
    object('c', { spec: { storageClassName, resources: { requests: { storage } } }, status: { phase } })
  const world = new World({ storageclasses: [object('grows', { allowVolumeExpansion: true }), object('fixed')] })
  const grow = (phase: string, storageClassName?: string): Promise<Status> =>
    world.refused(CLAIM, 'UPDATE', claim('2Gi', phase, storageClassName), { oldObject: claim('1Gi', phase, storageClassName) })

  it('lets a bound claim of a class that can grow ask for more', async () => {
    await world.admit(CLAIM, 'UPDATE', claim('2Gi', 'Bound'), { oldObject: claim('1Gi', 'Bound') })
    expect((await grow('Pending')).message).toBe(
      'persistentvolumeclaims "c" is forbidden: Only bound persistent volume claims can be expanded',
    )
    for (const storageClassName of ['fixed', 'gone', '']) {
      expect((await grow('Bound', storageClassName)).message).toBe(
        'persistentvolumeclaims "c" is forbidden: only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize',
      )
    }
  })
})

describe('Storage and ingress defaults', () => {
  it('a claim gets the newest default class and a finalizer', async () => {
    const isDefault = { 'storageclass.kubernetes.io/is-default-class': 'true' }
    const world = new World({
      storageclasses: [
        object('old', { metadata: { annotations: isDefault, creationTimestamp: '2026-01-01T00:00:00Z' } }),
        object('new', { metadata: { annotations: isDefault, creationTimestamp: '2026-02-01T00:00:00Z' } }),
        object('other', { metadata: { creationTimestamp: '2026-03-01T00:00:00Z' } }),
      ],
    })
    const claim = await world.admit(CLAIM, 'CREATE', object('c', { spec: {} }))
    expect(claim).toEqual({ metadata: { name: 'c', finalizers: ['kubernetes.io/pvc-protection'] }, spec: { storageClassName: 'new' } })
    expect((await world.admit(CLAIM, 'CREATE', object('c', { spec: { storageClassName: '' } }))).spec).toEqual({ storageClassName: '' })
  })

  it('an Ingress gets the default class', async () => {
    const annotations = { 'ingressclass.kubernetes.io/is-default-class': 'true' }
    const world = new World({ ingressclasses: [object('nginx', { metadata: { annotations } })] })
    expect((await world.admit(INGRESS, 'CREATE', object('i', { spec: {} }))).spec).toEqual({ ingressClassName: 'nginx' })
    const old = object('i', { metadata: { annotations: { 'kubernetes.io/ingress.class': 'x' } }, spec: {} })
    expect((await world.admit(INGRESS, 'CREATE', old)).spec).toEqual({})
  })
})

describe('PodTopologyLabels', () => {
  const zone = { 'topology.kubernetes.io/zone': 'z1', 'topology.kubernetes.io/region': 'r1' }
  const world = (): World => new World({ nodes: [object('n', { metadata: { labels: { ...zone, 'kubernetes.io/os': 'linux' } } })] })
  const bind = (kind: string, labels?: Record<string, string>): Promise<KubeObject> =>
    world().admit(POD, 'CREATE', object('p', { metadata: labels ? { labels } : {}, target: { kind, name: 'n' } }), {
      subresource: 'binding',
    })

  it('a binding carries the zone and the region of its node to the pod', async () => {
    expect((await bind('Node')).metadata.labels).toEqual(zone)
  })

  it('what the binding says of them itself is kept', async () => {
    const own = { 'topology.kubernetes.io/zone': 'mine' }
    expect((await bind('Node', own)).metadata.labels).toEqual({ ...own, 'topology.kubernetes.io/region': 'r1' })
  })

  it('a binding that does not say it is to a Node is left alone', async () => {
    expect((await bind('')).metadata.labels).toBeUndefined()
  })

  it('a pod that is made on a node gets them, one without a node does not', async () => {
    const labels = async (spec: Record<string, unknown>): Promise<unknown> =>
      (await world().admit(POD, 'CREATE', object('p', { spec: { containers: [], ...spec } }))).metadata.labels
    expect(await labels({ nodeName: 'n' })).toEqual(zone)
    expect(await labels({ nodeName: 'gone' })).toBeUndefined()
    expect(await labels({})).toBeUndefined()
  })
})
