import { describe, expect, it } from 'vitest'
import { type Api, eventually, refusal, type Json } from '../support/api.js'
import type { TestCluster } from '../support/cluster.js'
import { eachInNamespace } from '../support/stage.js'

/** Where pods are placed, which give way to others, and which are driven off: predicates, preemption, taints, limits, runtime classes. */

let cluster: TestCluster
let api: Api
let name: string
let core: string
eachInNamespace('scheduling', (on) => {
  ;({ cluster, api, name, core } = on)
})

const NODES = ['drydock', 'drydock-m02', 'drydock-m03']
const PAUSE = 'registry.k8s.io/pause:3.10'
const pod = (podName: string, spec: Json = {}, container: Json = {}, labels: Json = {}, namespace = core): Promise<Json> =>
  api.create(`${namespace}/pods`, {
    metadata: { name: podName, labels },
    spec: { containers: [{ name: 'pause', image: PAUSE, ...container }], ...spec },
  })
const running = (podName: string, namespace = core): Promise<Json> =>
  eventually(
    () => api.get(`${namespace}/pods/${podName}`),
    (p) => p.status.phase === 'Running',
  )
const asks = (resource: string, amount: string): Json => ({
  resources: { requests: { [resource]: amount }, limits: { [resource]: amount } },
})
const onNode = (node: string): Json => ({
  affinity: {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [node] }] }],
      },
    },
  },
})
/** The message of the scheduler's event that a pod cannot be placed. */
const unplaced = async (podName: string): Promise<string> => {
  const list = await eventually(
    () => api.get(`${core}/events`, { fieldSelector: `involvedObject.name=${podName},reason=FailedScheduling` }),
    (l) => l.items.length > 0,
  )
  expect((await api.get(`${core}/pods/${podName}`)).status.phase).toBe('Pending')
  return list.items[0].message
}
const capacity = (node: string, resource: string, amount: string | null): Promise<Json> =>
  api.patch(`/api/v1/nodes/${node}/status`, 'strategic', { status: { capacity: { [resource]: amount } } })
const priority = (className: string, value: number): Promise<Json> =>
  api.create('/apis/scheduling.k8s.io/v1/priorityclasses', { metadata: { name: className }, value })

describe('the cluster', () => {
  it('has two nodes or more without taints', async () => {
    const free = (await api.get('/api/v1/nodes')).items.filter((n: Json) => !n.spec.taints?.length)
    expect(free.length).toBeGreaterThanOrEqual(2)
  })
})

describe('a pod', () => {
  it('runs on the node that has its labels, and nowhere while none has', async () => {
    await pod('restricted-pod', { nodeSelector: { label: 'nonempty' } })
    expect(await unplaced('restricted-pod')).toBe(
      "0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector. no new claims to deallocate, preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.",
    )
    await api.patch('/api/v1/nodes/drydock-m02', 'strategic', { metadata: { labels: { label: 'nonempty' } } })
    expect((await running('restricted-pod')).spec.nodeName).toBe('drydock-m02')
    await api.patch('/api/v1/nodes/drydock-m02', 'strategic', { metadata: { labels: { label: null } } })
  })

  it('waits while it asks for more of a CPU than any node has left', async () => {
    const fillers = NODES.map((node, i) => pod(`filler-${i}`, onNode(node), asks('cpu', '2800m')))
    await Promise.all(fillers)
    for (const i of NODES.keys()) await running(`filler-${i}`)
    await pod('additional-pod', {}, asks('cpu', '2'))
    expect(await unplaced('additional-pod')).toContain('0/3 nodes are available: 3 Insufficient cpu.')
  })

  it('shares a host port only where address or protocol differ', async () => {
    const port = (hostPort: number, hostIP: string, protocol = 'TCP'): Json => ({
      ports: [{ containerPort: 80, hostPort, hostIP, protocol }],
    })
    const address = (await api.get('/api/v1/nodes/drydock-m02')).status.addresses[0].address
    const here = { nodeSelector: { 'kubernetes.io/hostname': 'drydock-m02' } }
    await pod('pod1', here, port(54321, '127.0.0.1'))
    await pod('pod2', here, port(54321, address))
    await pod('pod3', here, port(54321, address, 'UDP'))
    for (const p of ['pod1', 'pod2', 'pod3']) await running(p)
    await pod('pod4', here, port(54322, ''))
    await running('pod4')
    await pod('pod5', here, port(54322, '127.0.0.1'))
    expect(await unplaced('pod5')).toContain("1 node(s) didn't have free ports for the requested pod ports")
  })

  it('of a runtime class takes its overhead and its nodes; of none that there is it is refused', async () => {
    const classes = '/apis/node.k8s.io/v1/runtimeclasses'
    await api.create(classes, {
      metadata: { name: 'heavy' },
      handler: 'runc',
      overhead: { podFixed: { cpu: '10m', memory: '1Mi' } },
      scheduling: { nodeSelector: { 'kubernetes.io/hostname': 'drydock-m03' } },
    })
    const created = await pod('heavy', { runtimeClassName: 'heavy' })
    expect([created.spec.overhead, created.spec.nodeSelector]).toEqual([
      { cpu: '10m', memory: '1Mi' },
      { 'kubernetes.io/hostname': 'drydock-m03' },
    ])
    expect((await running('heavy')).spec.nodeName).toBe('drydock-m03')
    await api.delete(`${classes}/heavy`)
    const refused = await refusal(pod('late', { runtimeClassName: 'heavy' }))
    expect([refused.code, refused.status.message]).toEqual([403, 'pods "late" is forbidden: pod rejected: RuntimeClass "heavy" not found'])
    await api.create(classes, { metadata: { name: 'unknown' }, handler: 'e2e-test-handler' })
    await pod('unknown', { runtimeClassName: 'unknown' })
    const events = await eventually(
      () => api.get(`${core}/events`, { fieldSelector: 'involvedObject.name=unknown,reason=FailedCreatePodSandBox' }),
      (l) => l.items.length > 0,
    )
    expect(events.items[0].message).toContain('no runtime for "e2e-test-handler" is configured')
  })
})

describe('preemption', () => {
  const FOO = 'scheduling.k8s.io/foo'

  it.each([
    ['a pod of higher priority', 'high', () => core],
    ['a critical pod of the system', 'system-cluster-critical', () => '/api/v1/namespaces/kube-system'],
  ])('takes the pod of the lowest priority away for %s', async (_, className, namespace) => {
    if (className === 'high') for (const [n, value] of Object.entries({ low: 1, medium: 100, high: 1000 })) await priority(n, value)
    for (const node of NODES) await capacity(node, FOO, '3')
    // The kubelet makes allocatable of what the capacity says.
    await eventually(
      () => api.get('/api/v1/nodes'),
      (l) => l.items.every((n: Json) => n.status.allocatable[FOO] === '3'),
    )
    for (const [i, node] of NODES.entries())
      await pod(`pod${i}`, { priorityClassName: i ? 'medium' : 'low', ...onNode(node) }, asks(FOO, '2'))
    for (const i of NODES.keys()) await running(`pod${i}`)
    await pod('preemptor-pod', { priorityClassName: className }, asks(FOO, '2'), {}, namespace())
    await running('preemptor-pod', namespace())
    const victim = (await api.request('GET', `${core}/pods/pod0`)).json
    expect(victim.code === 404 || victim.metadata.deletionTimestamp !== undefined).toBe(true)
    for (const i of [1, 2]) expect((await api.get(`${core}/pods/pod${i}`)).metadata.deletionTimestamp).toBeUndefined()
    await api.delete(`${namespace()}/pods/preemptor-pod`, { gracePeriodSeconds: 0 })
    await api.delete(`/api/v1/namespaces/${name}`)
    await eventually(
      () => api.exists(`/api/v1/namespaces/${name}`),
      (there) => !there,
    )
    for (const node of NODES) await capacity(node, FOO, null)
    await eventually(
      () => api.get('/api/v1/nodes'),
      (l) => l.items.every((n: Json) => !n.status.allocatable[FOO]),
    )
  })

  it('takes from ReplicaSets no more pods than it must, and each once', async () => {
    const fake = 'example.com/fakecpu'
    const node = 'drydock-m02'
    await capacity(node, fake, '1000')
    await eventually(
      () => api.get(`/api/v1/nodes/${node}`),
      (n) => n.status.allocatable[fake] === '1k' || n.status.allocatable[fake] === '1000',
    )
    for (let i = 1; i <= 4; i++) await priority(`p${i}`, i)
    const watch = await api.watch(`${core}/pods`)
    const spec = (i: number, amount: string): Json => ({
      priorityClassName: `p${i}`,
      nodeSelector: { 'kubernetes.io/hostname': node },
      terminationGracePeriodSeconds: 0,
      containers: [{ name: 'pause', image: PAUSE, ...asks(fake, amount) }],
    })
    for (const [i, amount] of [
      [1, '200'],
      [2, '300'],
      [3, '450'],
    ] as const) {
      const labels = { name: `pod${i}` }
      await api.create(`/apis/apps/v1/namespaces/${name}/replicasets`, {
        metadata: { name: `rs-pod${i}` },
        spec: { replicas: 1, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: spec(i, amount) } },
      })
      await eventually(
        () => api.get(`/apis/apps/v1/namespaces/${name}/replicasets/rs-pod${i}`),
        (s) => s.status.availableReplicas === 1,
      )
    }
    await pod('pod4', spec(4, '500'))
    await eventually(
      () => api.get(`${core}/pods/pod4`),
      (p) => p.spec.nodeName === node,
    )
    const seen = (): number[] =>
      [1, 2, 3].map((i) => watch.events.filter((e) => e.type === 'ADDED' && e.object.metadata.name.startsWith(`rs-pod${i}`)).length)
    await eventually(
      async () => seen().join(),
      (counts) => counts === '2,2,1',
    )
    await api.jump(30)
    expect(seen()).toEqual([2, 2, 1])
    watch.close()
    await capacity(node, fake, null)
  })

  it('goes by classes whose value stays what it is while their description may change', async () => {
    const at = (n: string): string => `/apis/scheduling.k8s.io/v1/priorityclasses/${n}`
    await priority('fixed', 1)
    for (const change of [api.patch(at('fixed'), 'strategic', { value: 10 }), api.change(at('fixed'), (c) => (c.value = 10))])
      expect((await refusal(change)).status).toMatchObject({
        code: 422,
        message: 'PriorityClass.scheduling.k8s.io "fixed" is invalid: value: Forbidden: may not be changed in an update.',
      })
    await api.patch(at('fixed'), 'strategic', { description: 'updated description' })
    expect(await api.get(at('fixed'))).toMatchObject({ value: 1, description: 'updated description' })
  })
})

describe('a NoExecute taint', () => {
  const KEY = 'kubernetes.io/e2e-evict-taint-key'
  const taint = (node: string, on: boolean): Promise<Json> =>
    api.change(`/api/v1/nodes/${node}`, (n) => {
      n.spec.taints = [
        ...(n.spec.taints ?? []).filter((t: Json) => t.key !== KEY),
        ...(on ? [{ key: KEY, value: 'evictTaintVal', effect: 'NoExecute' }] : []),
      ]
    })
  const bears = (tolerationSeconds?: number): Json => ({
    tolerations: [
      { key: KEY, value: 'evictTaintVal', effect: 'NoExecute', ...(tolerationSeconds === undefined ? {} : { tolerationSeconds }) },
    ],
  })
  const here = (node: string): Json => ({ nodeSelector: { 'kubernetes.io/hostname': node }, terminationGracePeriodSeconds: 1 })
  const gone = (podName: string): Promise<boolean> =>
    eventually(
      () => api.exists(`${core}/pods/${podName}`),
      (there) => !there,
    )

  it('drives off the pods that do not bear it, each when its time is over', async () => {
    const node = 'drydock-m02'
    await pod('not-bearing', here(node))
    await pod('bearing-5', { ...here(node), ...bears(5) })
    await pod('bearing-900', { ...here(node), ...bears(900) })
    await pod('bearing', { ...here(node), ...bears() })
    for (const p of ['not-bearing', 'bearing-5', 'bearing-900', 'bearing']) await running(p)
    const watch = await api.watch(`${core}/pods`, { resourceVersion: (await api.get(`${core}/pods`)).metadata.resourceVersion })
    await taint(node, true)
    await gone('not-bearing')
    await gone('bearing-5')
    await watch.until((e) => e.type === 'DELETED' && e.object.metadata.name === 'bearing-5')
    const deleted = watch.events.filter((e) => e.type === 'DELETED').map((e) => e.object.metadata.name)
    expect(deleted).toEqual(['not-bearing', 'bearing-5'])
    expect((await api.get(`${core}/pods/bearing-900`)).metadata.deletionTimestamp).toBeUndefined()
    expect((await api.get(`${core}/pods/bearing`)).metadata.deletionTimestamp).toBeUndefined()
    watch.close()
    await taint(node, false)
  })

  it('that is taken back in time drives nobody off', async () => {
    const node = 'drydock-m03'
    await pod('spared', { ...here(node), ...bears(600) })
    await running('spared')
    await taint(node, true)
    await taint(node, false)
    await cluster.jump(700)
    expect((await api.get(`${core}/pods/spared`)).metadata.deletionTimestamp).toBeUndefined()
  })
})

describe('a LimitRange', () => {
  it('gives pods its defaults, refuses what is out of its bounds, and is changed and deleted', async () => {
    const at = `${core}/limitranges/limit-range`
    const amounts = (cpu: string, memory: string, storage: string): Json => ({ cpu, memory, 'ephemeral-storage': storage })
    const watch = await api.watch(`${core}/limitranges`)
    await api.create(`${core}/limitranges`, {
      metadata: { name: 'limit-range', labels: { limitrange: 'x' } },
      spec: {
        limits: [
          {
            type: 'Container',
            min: amounts('50m', '100Mi', '100Gi'),
            max: amounts('500m', '500Mi', '500Gi'),
            default: amounts('500m', '500Mi', '500Gi'),
            defaultRequest: amounts('100m', '200Mi', '200Gi'),
            maxLimitRequestRatio: {},
          },
        ],
      },
    })
    await watch.until((e) => e.type === 'ADDED')
    const nowhere = { nodeSelector: { never: 'x' } }
    const resources = async (p: Promise<Json>): Promise<Json> => (await p).spec.containers[0].resources
    expect(await resources(pod('pod-no-resources', nowhere))).toEqual({
      limits: amounts('500m', '500Mi', '500Gi'),
      requests: amounts('100m', '200Mi', '200Gi'),
    })
    const partial = { resources: { requests: { cpu: '300m', memory: '150Mi' }, limits: { cpu: '300m', 'ephemeral-storage': '10Gi' } } }
    expect((await refusal(pod('pod-small', nowhere, partial))).code).toBe(403)
    partial.resources.limits['ephemeral-storage'] = '300Gi'
    expect(await resources(pod('pod-partial-resources', nowhere, partial))).toEqual({
      requests: { cpu: '300m', memory: '150Mi', 'ephemeral-storage': '300Gi' },
      limits: { cpu: '300m', memory: '500Mi', 'ephemeral-storage': '300Gi' },
    })
    const of = (cpu: string): Json => ({ resources: { requests: { cpu }, limits: { cpu } } })
    expect((await refusal(pod('tiny', nowhere, of('10m')))).status.message).toBe(
      'pods "tiny" is forbidden: minimum cpu usage per Container is 50m, but request is 10m',
    )
    expect((await refusal(pod('huge', nowhere, of('600m')))).status.message).toBe(
      'pods "huge" is forbidden: maximum cpu usage per Container is 500m, but limit is 600m',
    )
    await api.change(at, (l) => (l.spec.limits[0].min = amounts('9m', '49Mi', '49Gi')))
    expect((await pod('tiny', nowhere, of('10m'))).metadata.name).toBe('tiny')
    expect((await api.get('/api/v1/limitranges', { labelSelector: 'limitrange=x' })).items.length).toBe(1)
    await api.patch(at, 'strategic', { metadata: { labels: { patched: 'yes' } } })
    await api.deleteCollection(`${core}/limitranges`, 'patched=yes')
    await watch.until((e) => e.type === 'DELETED')
    expect((await pod('huge', nowhere, of('600m'))).metadata.name).toBe('huge')
    watch.close()
  })
})
