import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../../../src-main/cluster/api/object.js'
import type { Status } from '../../../src-main/cluster/api/errors.js'
import { CLAIM, CONFIG_MAP, DEPLOYMENT, INGRESS, NAMESPACE, NODE, object, POD, pod, PRIORITY_CLASS, specOf, World } from './world.js'

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

  it('leaves it to the rules to say that a volume has no name', async () => {
    const world = new World({ 'serviceaccounts/ns': [object('default')] })
    const spec = await specOf(world, object('p', { spec: { volumes: [{ emptyDir: {} }], containers: [{ name: 'c' }] } }))
    expect((spec.volumes as { name?: string }[]).map(({ name }) => name?.slice(0, -5))).toEqual([undefined, 'kube-api-access-'])
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
    for (const name of ['other', 'usual']) {
      expect((await world.refused(PRIORITY_CLASS, 'CREATE', object(name, { value: 1, globalDefault: true }))).message).toBe(
        `priorityclasses.scheduling.k8s.io "${name}" is forbidden: PriorityClass usual is already marked as default. Only one default can exist`,
      )
    }
  })

  it('a pod tolerates a node that is not ready for five minutes, or as it says', async () => {
    const own = { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 1 }
    const other = { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 }
    expect((await specOf(new World(), pod({ tolerations: [own] }))).tolerations).toEqual([own, other])
    expect((await specOf(new World(), pod({ tolerations: [{ operator: 'Exists' }] }))).tolerations).toEqual([{ operator: 'Exists' }])
  })

  it('a runtime class gives its tolerations, of which none stays that another covers', async () => {
    const tolerations = [
      { key: 'vm', operator: 'Exists', effect: 'NoSchedule' },
      { key: 'gpu', operator: 'Equal', value: 'a' },
    ]
    const world = new World({ runtimeclasses: [object('vm', { handler: 'vm', scheduling: { tolerations } })] })
    const tolerated = async (own: object[]): Promise<unknown> =>
      ((await specOf(world, pod({ runtimeClassName: 'vm', tolerations: own }))).tolerations as { key?: string }[]).filter(
        (t) => !t.key?.startsWith('node.kubernetes.io/'),
      )
    expect(await tolerated([])).toEqual(tolerations)
    expect(await tolerated([{ key: 'vm', operator: 'Equal', value: 'yes', effect: 'NoSchedule' }])).toEqual(tolerations)
    expect(await tolerated([{ key: 'gpu', operator: 'Exists' }])).toEqual([{ key: 'gpu', operator: 'Exists' }, tolerations[0]])
    expect(await tolerated([{ operator: 'Exists' }])).toEqual([{ operator: 'Exists' }])
    expect(await tolerated([{ key: 'gpu', operator: 'Equal', value: 'b' }])).toEqual([
      { key: 'gpu', operator: 'Equal', value: 'b' },
      ...tolerations,
    ])
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
