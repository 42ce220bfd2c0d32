import { afterEach, describe, expect, test } from 'vitest'
import { resources } from '../../../src-main/cluster/api/client.js'
import type {
  ConfigMap,
  Deployment,
  EndpointSlice,
  Endpoints,
  KubeObject,
  Namespace,
  Node,
  Pod,
  ReplicaSet,
} from '../../../src-main/cluster/api/object.js'
import type { RealCluster } from '../support/real-cluster.js'
import { startRealCluster } from '../support/real-cluster.js'

const { pods, deployments, replicasets, namespaces, nodes, configmaps, services, endpoints, endpointslices, serviceaccounts } = resources

let c: RealCluster
afterEach(() => c.stop())

const web = (replicas: number, extra: object = {}) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'default' },
  spec: {
    replicas,
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: { containers: [{ name: 'main', image: 'nginx', ports: [{ name: 'http', containerPort: 8080 }] }] },
    },
    ...extra,
  },
})
const map = (name: string, metadata: object = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default', ...metadata },
})
const names = (objects: { metadata: { name?: string } }[]) => objects.map((o) => o.metadata.name).sort()

describe('with the real API server', () => {
  test('a Deployment becomes pods on nodes, and rolls', async () => {
    c = await startRealCluster()
    await c.create(deployments, web(4))
    await c.clock.advance(2000)
    const running = await c.list<Pod>(pods, 'default')
    expect(running.map((p) => p.status!.phase)).toEqual(['Running', 'Running', 'Running', 'Running'])
    expect(running.map((p) => p.spec!.nodeName).sort()).toEqual(['node-1', 'node-1', 'node-2', 'node-2'])
    const fresh = await c.get<Deployment>(deployments, 'default', 'web')
    expect(fresh.status).toMatchObject({ replicas: 4, availableReplicas: 4, observedGeneration: 1 })
    expect(fresh.metadata).toMatchObject({ generation: 1, annotations: { 'deployment.kubernetes.io/revision': '1' } })
    const image = { spec: { template: { spec: { containers: [{ name: 'main', image: 'nginx:1.26' }] } } } }
    await c.admin.resource(deployments).patch('default', 'web', image, { type: 'strategic' })
    await c.clock.advance(5000)
    expect((await c.list<Pod>(pods, 'default')).map((p) => p.spec!.containers[0]!.image)).toEqual(
      Array.from({ length: 4 }, () => 'nginx:1.26'),
    )
    const sets = await c.list<ReplicaSet>(replicasets, 'default')
    expect(sets.map((s) => s.spec!.replicas).sort()).toEqual([0, 4])
    expect((await c.get<Deployment>(deployments, 'default', 'web')).metadata.annotations!['deployment.kubernetes.io/revision']).toBe('2')
    expect(c.errors).toEqual([])
  })

  test('a Deployment that is complete makes no writes', async () => {
    c = await startRealCluster()
    await c.create(deployments, web(2))
    await c.clock.advance(5000)
    const before = c.server.machinery.store.revision
    await c.clock.advance(30_000)
    expect(c.server.machinery.store.revision).toBe(before)
  })
})

describe('the garbage collector', () => {
  test('deletes ReplicaSets and pods after their Deployment, in the background', async () => {
    c = await startRealCluster()
    await c.create(deployments, web(3))
    await c.clock.advance(2000)
    await c.admin.resource(deployments).delete('default', 'web', { propagationPolicy: 'Background' })
    await c.clock.advance(2000)
    expect(await c.list(replicasets, 'default')).toEqual([])
    expect(await c.list(pods, 'default')).toEqual([])
    expect(c.errors).toEqual([])
  })

  test('in the foreground keeps the owner until the last pod is gone', async () => {
    c = await startRealCluster()
    await c.create(deployments, web(2))
    await c.clock.advance(2000)
    c.kubelet.ends = () => false
    await c.admin.resource(deployments).delete('default', 'web', { propagationPolicy: 'Foreground' })
    await c.clock.advance(2000)
    const going = await c.get<Deployment>(deployments, 'default', 'web')
    expect(going.metadata.finalizers).toEqual(['foregroundDeletion'])
    expect((await c.list<ReplicaSet>(replicasets, 'default')).map((s) => s.metadata.finalizers)).toEqual([['foregroundDeletion']])
    for (const p of await c.list<Pod>(pods, 'default'))
      await c.admin.resource(pods).delete('default', p.metadata.name!, { gracePeriodSeconds: 0 })
    await c.clock.advance(2000)
    expect([await c.list(pods, 'default'), await c.list(replicasets, 'default'), await c.list(deployments, 'default')]).toEqual([
      [],
      [],
      [],
    ])
  })

  test('in the foreground ends for objects that own each other in a circle', async () => {
    c = await startRealCluster()
    const uids: string[] = []
    for (const name of ['a', 'b', 'c']) uids.push((await c.create<KubeObject>(configmaps, map(name))).metadata.uid!)
    for (const [name, i] of [
      ['a', 2],
      ['b', 0],
      ['c', 1],
    ] as const) {
      const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'abc'[i]!, uid: uids[i]!, controller: true, blockOwnerDeletion: true }
      await c.admin.resource(configmaps).patch('default', name, { metadata: { ownerReferences: [owner] } }, { type: 'merge' })
    }
    await c.clock.advance(1000)
    await c.admin.resource(configmaps).delete('default', 'a', { propagationPolicy: 'Foreground' })
    await c.clock.advance(2000)
    expect((await c.list<KubeObject>(configmaps, 'default')).map((m) => m.metadata.name).filter((name) => 'abc'.includes(name!))).toEqual(
      [],
    )
    expect(c.errors).toEqual([])
  })

  test('orphans: the pods stay and belong to nobody', async () => {
    c = await startRealCluster({ only: ['replicaset-controller', 'generic-garbage-collector'] })
    const { metadata, spec } = web(2)
    const { replicas, selector, template } = spec
    await c.create(replicasets, { apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata, spec: { replicas, selector, template } })
    await c.clock.advance(2000)
    await c.admin.resource(replicasets).delete('default', 'web', { propagationPolicy: 'Orphan' })
    await c.clock.advance(2000)
    expect(await c.list(replicasets, 'default')).toEqual([])
    expect((await c.list<Pod>(pods, 'default')).map((p) => p.metadata.ownerReferences)).toEqual([undefined, undefined])
  })

  test('deletes an object whose owner never was, and keeps one with another owner that is there', async () => {
    c = await startRealCluster()
    const owner = await c.create<ConfigMap & KubeObject>(configmaps, map('owner'))
    const ref = (name: string, uid: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', name, uid })
    const ghost = ref('ghost', '00000000-0000-4000-8000-000000000000')
    await c.create(configmaps, map('lost', { ownerReferences: [ghost] }))
    await c.create(configmaps, map('kept', { ownerReferences: [ghost, ref('owner', owner.metadata.uid!)] }))
    await c.clock.advance(2000)
    expect(names(await c.list<ConfigMap>(configmaps, 'default'))).toEqual(['kept', 'kube-root-ca.crt', 'owner'])
    expect((await c.get<ConfigMap>(configmaps, 'default', 'kept')).metadata.ownerReferences).toEqual([ref('owner', owner.metadata.uid!)])
  })

  test('follows chains of owners to the end', async () => {
    c = await startRealCluster()
    let owner: { metadata: { uid?: string; name?: string } } | undefined
    for (const name of ['a', 'b', 'c']) {
      const ownerReferences = owner ? [{ apiVersion: 'v1', kind: 'ConfigMap', name: owner.metadata.name, uid: owner.metadata.uid }] : []
      owner = await c.create(configmaps, map(name, { ownerReferences }))
    }
    await c.clock.advance(1000)
    await c.admin.resource(configmaps).delete('default', 'a')
    await c.clock.advance(2000)
    expect(names(await c.list<ConfigMap>(configmaps, 'default'))).toEqual(['kube-root-ca.crt'])
  })
})

describe('a namespace', () => {
  test('gets a default ServiceAccount and the root certificate, and both back when deleted', async () => {
    c = await startRealCluster()
    await c.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'team' } })
    await c.clock.advance(1000)
    expect(names(await c.list(serviceaccounts, 'team'))).toEqual(['default'])
    expect((await c.get<ConfigMap>(configmaps, 'team', 'kube-root-ca.crt')).data).toEqual({ 'ca.crt': 'CERTIFICATE' })
    await c.admin.resource(serviceaccounts).delete('team', 'default')
    await c.admin.resource(configmaps).delete('team', 'kube-root-ca.crt')
    await c.clock.advance(1000)
    expect(names(await c.list(serviceaccounts, 'team'))).toEqual(['default'])
    expect(names(await c.list(configmaps, 'team'))).toEqual(['kube-root-ca.crt'])
  })

  test('that is deleted goes with everything in it', async () => {
    c = await startRealCluster()
    await c.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'team' } })
    await c.clock.advance(1000)
    await c.create(deployments, { ...web(3), metadata: { name: 'web', namespace: 'team' } })
    await c.clock.advance(2000)
    await c.admin.resource(namespaces).delete('', 'team')
    await c.clock.advance(20_000)
    expect(names(await c.list<Namespace>(namespaces))).not.toContain('team')
    expect(await c.list(pods, 'team')).toEqual([])
    expect(await c.list(deployments, 'team')).toEqual([])
    expect(c.errors).toEqual([])
  })

  test('that cannot be emptied says what remains and which finalizers', async () => {
    c = await startRealCluster()
    await c.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'team' } })
    await c.create(configmaps, { ...map('stuck'), metadata: { name: 'stuck', namespace: 'team', finalizers: ['example.com/wait'] } })
    await c.clock.advance(1000)
    await c.admin.resource(namespaces).delete('', 'team')
    await c.clock.advance(1000)
    const { status } = await c.get<Namespace>(namespaces, '', 'team')
    expect(status!.phase).toBe('Terminating')
    expect(status!.conditions!.map((x) => `${x.type} ${x.status} ${x.reason} ${x.message}`)).toEqual([
      'NamespaceDeletionDiscoveryFailure False ResourcesDiscovered All resources successfully discovered',
      'NamespaceDeletionGroupVersionParsingFailure False ParsedGroupVersions All legacy kube types successfully parsed',
      'NamespaceDeletionContentFailure False ContentDeleted All content successfully deleted, may be waiting on finalization',
      'NamespaceContentRemaining True SomeResourcesRemain Some resources are remaining: configmaps. has 1 resource instances',
      'NamespaceFinalizersRemaining True SomeFinalizersRemain Some content in the namespace has finalizers remaining: example.com/wait in 1 resource instances',
    ])
    await c.admin.resource(configmaps).patch('team', 'stuck', { metadata: { finalizers: null } }, { type: 'merge' })
    await c.clock.advance(10_000)
    expect(names(await c.list<Namespace>(namespaces))).not.toContain('team')
  })
})

describe('a Service', () => {
  const service = (extra: object = {}) => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'default', labels: { tier: 'front' } },
    spec: { selector: { app: 'web' }, ports: [{ name: 'http', port: 80, targetPort: 'http' }], ...extra },
  })
  const slicesOf = async (name: string) =>
    (await c.list<EndpointSlice>(endpointslices, 'default')).filter((s) => s.metadata.labels!['kubernetes.io/service-name'] === name)

  test('has its labels on its Endpoints and slices, but that it is headless is told by its address', async () => {
    c = await startRealCluster()
    const headless = 'service.kubernetes.io/headless'
    for (const [name, clusterIP] of [
      ['web', undefined],
      ['all', 'None'],
    ])
      await c.create(services, {
        ...service(clusterIP ? { clusterIP } : {}),
        metadata: { name, namespace: 'default', labels: { tier: 'front', ...(clusterIP ? {} : { [headless]: '' }) } },
      })
    await c.clock.advance(2000)
    for (const [name, expected] of [
      ['web', ['front', undefined]],
      ['all', ['front', '']],
    ] as const) {
      const [slice] = await slicesOf(name)
      for (const { metadata } of [await c.get<Endpoints>(endpoints, 'default', name), slice!])
        expect([metadata.labels!.tier, metadata.labels![headless]]).toEqual(expected)
    }
  })

  test('without any pod, and whose last pod has gone, has Endpoints without subsets', async () => {
    c = await startRealCluster()
    await c.create(services, service())
    await c.clock.advance(2000)
    expect(await c.get<Endpoints>(endpoints, 'default', 'web')).not.toHaveProperty('subsets')
    await c.create(deployments, web(1))
    await c.clock.advance(3000)
    expect((await c.get<Endpoints>(endpoints, 'default', 'web')).subsets).toHaveLength(1)
    await c.admin.resource(deployments).patch('default', 'web', { spec: { replicas: 0 } }, { type: 'merge' })
    await c.clock.advance(40_000)
    expect(await c.get<Endpoints>(endpoints, 'default', 'web')).not.toHaveProperty('subsets')
  })

  test('lists its ready pods in Endpoints and EndpointSlices', async () => {
    c = await startRealCluster()
    c.kubelet.ready = (p) => p.status?.podIP !== undefined || p.spec!.nodeName === 'node-1'
    await c.create(services, service())
    await c.create(deployments, web(2))
    await c.clock.advance(2000)
    const all = await c.list<Pod>(pods, 'default')
    const on = (node: string) => all.find((p) => p.spec!.nodeName === node)!
    const address = (p: Pod) => ({
      ip: p.status!.podIP,
      nodeName: p.spec!.nodeName,
      targetRef: { kind: 'Pod', namespace: 'default', name: p.metadata.name, uid: p.metadata.uid },
    })
    const e = await c.get<Endpoints>(endpoints, 'default', 'web')
    expect(e.subsets).toEqual([
      {
        addresses: [address(on('node-1'))],
        notReadyAddresses: [address(on('node-2'))],
        ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
      },
    ])
    expect(e.metadata.labels).toEqual({ tier: 'front', 'endpoints.kubernetes.io/managed-by': 'endpoint-controller' })
    const [slice, ...others] = await slicesOf('web')
    expect(others).toEqual([])
    const since = all.map((p) => p.status!.conditions!.find((x) => x.type === 'Ready')?.lastTransitionTime)
    const stamps = [e, slice!].map(({ metadata }) => metadata.annotations!['endpoints.kubernetes.io/last-change-trigger-time'])
    expect(stamps.every((at) => since.includes(at))).toBe(true)
    expect(slice!.metadata.name).toMatch(/^web-\w{5}$/)
    expect(slice!.metadata.labels).toEqual({
      tier: 'front',
      'kubernetes.io/service-name': 'web',
      'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
    })
    expect(slice!.ports).toEqual([{ name: 'http', port: 8080, protocol: 'TCP' }])
    const conditions = Object.fromEntries(slice!.endpoints!.map((x) => [x.nodeName, x.conditions]))
    expect(conditions).toEqual({
      'node-1': { ready: true, serving: true, terminating: false },
      'node-2': { ready: false, serving: false, terminating: false },
    })
  })

  test('keeps a terminating pod in its slice as terminating, and takes it from Endpoints', async () => {
    c = await startRealCluster()
    await c.create(services, service())
    await c.create(pods, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'p', namespace: 'default', labels: { app: 'web' } },
      spec: { containers: [{ name: 'c', image: 'x', ports: [{ name: 'http', containerPort: 1 }] }] },
    })
    await c.clock.advance(1000)
    c.kubelet.ends = () => false
    await c.admin.resource(pods).delete('default', 'p')
    await c.clock.advance(1000)
    expect((await slicesOf('web'))[0]!.endpoints![0]!.conditions).toEqual({ ready: false, serving: true, terminating: true })
    expect((await c.get<Endpoints>(endpoints, 'default', 'web')).subsets ?? []).toEqual([])
  })

  test('of more than a hundred pods has several slices', async () => {
    c = await startRealCluster({ nodes: 3 })
    await c.create(services, service())
    await c.create(deployments, web(120))
    await c.clock.advance(5000)
    const sizes = (await slicesOf('web')).map((s) => s.endpoints!.length)
    expect([sizes.length, sizes[0]! + sizes[1]!, Math.max(...sizes) <= 100]).toEqual([2, 120, true])
    expect(c.errors).toEqual([])
  })

  test('without a selector mirrors the Endpoints that a person wrote', async () => {
    c = await startRealCluster()
    await c.create(services, { ...service({ selector: undefined }), metadata: { name: 'db', namespace: 'default' } })
    const subsets = [{ addresses: [{ ip: '192.0.2.7' }], ports: [{ port: 5432 }] }]
    await c.create(endpoints, { apiVersion: 'v1', kind: 'Endpoints', metadata: { name: 'db', namespace: 'default' }, subsets })
    await c.clock.advance(1000)
    const [slice] = await slicesOf('db')
    expect(slice).toMatchObject({
      addressType: 'IPv4',
      endpoints: [{ addresses: ['192.0.2.7'], conditions: { ready: true } }],
      ports: [{ port: 5432, protocol: 'TCP' }],
    })
    expect(slice!.metadata.labels!['endpointslice.kubernetes.io/managed-by']).toBe('endpointslicemirroring-controller.k8s.io')
    await c.admin.resource(endpoints).delete('default', 'db')
    await c.clock.advance(1000)
    expect(await slicesOf('db')).toEqual([])
  })

  test('that is deleted takes its Endpoints and slices along', async () => {
    c = await startRealCluster()
    await c.create(services, service())
    await c.clock.advance(1000)
    expect(await slicesOf('web')).toHaveLength(1)
    await c.admin.resource(services).delete('default', 'web')
    await c.clock.advance(1000)
    expect(await slicesOf('web')).toEqual([])
    expect(names(await c.list(endpoints, 'default'))).not.toContain('web')
  })
})

describe('a node', () => {
  const renew = async (name: string) => {
    const lease = {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name, namespace: 'kube-node-lease' },
      spec: { holderIdentity: name, renewTime: new Date(c.clock.now()).toISOString().replace('Z', '000Z') },
    }
    const client = c.admin.resource(resources.leases)
    await client
      .patch('kube-node-lease', name, { spec: lease.spec }, { type: 'merge' })
      .catch(() => client.create('kube-node-lease', lease as never))
  }
  /** Lets the kubelets of some nodes live on for a time, each renewing its lease every ten seconds. */
  const live = async (seconds: number, ...alive: string[]) => {
    for (let t = 0; t < seconds; t += 10) {
      for (const n of alive) await renew(n)
      await c.clock.advance(10_000)
    }
  }
  const condition = async (name: string) => (await c.get<Node>(nodes, '', name)).status!.conditions!.find((x) => x.type === 'Ready')!
  const taints = async (name: string) => ((await c.get<Node>(nodes, '', name)).spec!.taints ?? []).map((t) => `${t.key}:${t.effect}`).sort()

  test('gets a part of the pod network', async () => {
    c = await startRealCluster({ nodes: 3 })
    expect((await c.list<Node>(nodes)).map((n) => n.spec!.podCIDR).sort()).toEqual(['10.244.0.0/24', '10.244.1.0/24', '10.244.2.0/24'])
    expect((await c.get<Node>(nodes, '', 'node-1')).spec!.podCIDRs).toEqual([(await c.get<Node>(nodes, '', 'node-1')).spec!.podCIDR])
  })

  test('whose kubelet is silent for 40 s is Unknown and tainted, and comes back', async () => {
    c = await startRealCluster()
    await live(30, 'node-1', 'node-2')
    await live(50, 'node-2')
    expect(await condition('node-1')).toMatchObject({
      status: 'Unknown',
      reason: 'NodeStatusUnknown',
      message: 'Kubelet stopped posting node status.',
    })
    expect(await taints('node-1')).toEqual(['node.kubernetes.io/unreachable:NoExecute', 'node.kubernetes.io/unreachable:NoSchedule'])
    expect(await taints('node-2')).toEqual([])
    expect(await c.eventsOf('node-1')).toEqual([
      'Normal RegisteredNode Node node-1 event: Registered Node node-1 in Controller',
      'Normal NodeNotReady Node node-1 status is now: NodeNotReady',
    ])
    const { conditions } = (await c.get<Node>(nodes, '', 'node-1')).status!
    const ready = conditions!.map((x) =>
      x.type === 'Ready' ? { ...x, status: 'True', reason: 'KubeletReady', lastHeartbeatTime: '2026-11-21T09:01:21Z' } : x,
    )
    await c.admin.resource(nodes).patch('', 'node-1', { status: { conditions: ready } }, { type: 'merge', subresource: 'status' })
    await live(20, 'node-1', 'node-2')
    expect(await taints('node-1')).toEqual([])
  })

  test('that is deleted is told of', async () => {
    c = await startRealCluster()
    await c.admin.resource(nodes).delete('', 'node-1')
    await c.clock.settle()
    expect((await c.eventsOf('node-1')).at(-1)).toBe('Normal RemovingNode Node node-1 event: Removing Node node-1 from Controller')
  })

  test('that is silent loses its pods after their tolerationSeconds, and they are made anew elsewhere', async () => {
    c = await startRealCluster()
    c.kubelet.ends = () => false
    const template = web(2).spec.template
    const tolerations = ['not-ready', 'unreachable'].map((key) => ({
      key: `node.kubernetes.io/${key}`,
      operator: 'Exists',
      effect: 'NoExecute',
      tolerationSeconds: 60,
    }))
    await c.create(deployments, web(2, { template: { ...template, spec: { ...template.spec, tolerations } } }))
    await live(20, 'node-1', 'node-2')
    await live(50, 'node-2')
    const before = await c.list<Pod>(pods, 'default')
    const lost = before.find((p) => p.spec!.nodeName === 'node-1')!
    expect(lost.status!.conditions!.find((x) => x.type === 'Ready')!.status).toBe('False')
    expect(await c.eventsOf(lost.metadata.name!)).toContain('Warning NodeNotReady Node is not ready')
    expect(lost.metadata.deletionTimestamp).toBeUndefined()
    await live(70, 'node-2')
    const after = await c.list<Pod>(pods, 'default')
    expect(after).toHaveLength(3)
    const evicted = after.find((p) => p.metadata.uid === lost.metadata.uid)!
    expect(evicted.metadata.deletionTimestamp).toBeDefined()
    expect(evicted.status!.conditions!.find((x) => x.type === 'DisruptionTarget')).toMatchObject({
      status: 'True',
      reason: 'DeletionByTaintManager',
      message: 'Taint manager: deleting due to NoExecute taint',
    })
    expect(after.filter((p) => !p.metadata.deletionTimestamp).map((p) => p.spec!.nodeName)).toEqual(['node-2', 'node-2'])
    expect(await c.eventsOf(lost.metadata.name!)).toContain(
      `Normal TaintManagerEviction Marking for deletion Pod default/${lost.metadata.name}`,
    )
  })

  test('that is deleted loses its pods', async () => {
    c = await startRealCluster()
    await c.create(deployments, web(2))
    await live(20, 'node-1', 'node-2')
    await c.admin.resource(nodes).delete('', 'node-1')
    await live(60, 'node-2')
    expect((await c.list<Pod>(pods, 'default')).map((p) => p.spec!.nodeName)).toEqual(['node-2', 'node-2'])
  })

  test('that is cordoned gets the taint of it', async () => {
    c = await startRealCluster()
    await c.admin.resource(nodes).patch('', 'node-1', { spec: { unschedulable: true } }, { type: 'merge' })
    await c.clock.advance(1000)
    expect(await taints('node-1')).toEqual(['node.kubernetes.io/unschedulable:NoSchedule'])
  })
})

test('events go an hour after they were last written', async () => {
  c = await startRealCluster({ only: ['event-ttl-controller', 'replicaset-controller'] })
  const { metadata, spec } = web(1)
  const { replicas, selector, template } = spec
  await c.create(replicasets, { apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata, spec: { replicas, selector, template } })
  await c.clock.advance(1000)
  expect(await c.eventsOf('web')).toHaveLength(1)
  await c.clock.advance(3_597_000)
  expect(await c.eventsOf('web')).toHaveLength(1)
  await c.clock.advance(5000)
  expect(await c.eventsOf('web')).toEqual([])
})
