import { describe, expect, test } from 'vitest'
import { resources } from '../../../src-main/cluster/api/client.js'
import type { Node, Pod } from '../../../src-main/cluster/api/object.js'
import { node, pod, startSchedulerHarness } from './harness.js'

const { pods } = resources
const zoned = (name: string, zone: string): Node => node(name, { labels: { 'topology.kubernetes.io/zone': zone } })

describe('node affinity', () => {
  test('required terms are alternatives, the expressions of one term must all match', async () => {
    const h = await startSchedulerHarness([node('a', { labels: { gpu: 'no', gen: '3' } }), node('b', { labels: { gpu: 'yes', gen: '7' } })])
    const terms = [
      {
        matchExpressions: [
          { key: 'gpu', operator: 'In', values: ['yes'] },
          { key: 'gen', operator: 'Gt', values: ['5'] },
        ],
      },
      { matchExpressions: [{ key: 'never', operator: 'Exists' }] },
    ]
    await h.add(
      pod('web', { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms } } } }),
    )
    expect(h.nodeOf('web')).toBe('b')
  })

  test('preferred terms weigh more than a little free space', async () => {
    const h = await startSchedulerHarness([node('a'), node('b', { labels: { disk: 'ssd' } })])
    await h.add(pod('filler', { requests: { cpu: '1' }, nodeSelector: { disk: 'ssd' } }))
    const preferred = [{ weight: 50, preference: { matchExpressions: [{ key: 'disk', operator: 'In', values: ['ssd'] }] } }]
    await h.add(pod('web', { affinity: { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: preferred } } }))
    expect(h.nodeOf('web')).toBe('b')
  })
})

describe('a pod that restarts all its containers', () => {
  const restarts = () => {
    const p = pod('web')
    const rule = { action: 'RestartAllContainers', exitCodes: { operator: 'In', values: [7] } }
    Object.assign(p.spec!.containers[0]!, { restartPolicy: 'Never', restartPolicyRules: [rule] })
    return p
  }
  const able = (n: Node): Node => Object.assign(n, { status: { ...n.status, declaredFeatures: ['RestartAllContainersOnContainerExits'] } })

  test('goes to a node whose kubelet declares that it can', async () => {
    const h = await startSchedulerHarness([node('a'), able(node('b')), node('c')])
    await h.add(restarts())
    expect(h.nodeOf('web')).toBe('b')
  })

  test('waits for one that does', async () => {
    const h = await startSchedulerHarness([node('a')])
    await h.add(restarts())
    expect(h.eventsOf('web')).toEqual([
      "Warning FailedScheduling 0/1 nodes are available: 1 node(s) didn't match Pod's required features. no new claims to deallocate, " +
        'preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.',
    ])
    h.cluster.edit<Node>(resources.nodes, '', 'a', (n) => void able(n))
    await h.clock.advance(10_000)
    expect(h.nodeOf('web')).toBe('a')
  })
})

describe('a pod that names its node by the field metadata.name, as those of a DaemonSet do', () => {
  const onto = (...names: string[]) => ({
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: names }] }],
      },
    },
  })

  test('goes there', async () => {
    const h = await startSchedulerHarness([node('a'), node('b'), node('c')])
    await h.add(pod('web', { affinity: onto('b') }))
    expect(h.nodeOf('web')).toBe('b')
  })

  test('is told of the one node where it has no room, and that the others are not meant', async () => {
    const h = await startSchedulerHarness([node('a'), node('b'), node('c')])
    await h.add(pod('web', { affinity: onto('b'), requests: { cpu: '100' } }))
    expect(h.eventsOf('web')).toEqual([
      "Warning FailedScheduling 0/3 nodes are available: 1 Insufficient cpu, 2 node(s) didn't satisfy plugin(s) [NodeAffinity]. no new claims to deallocate, " +
        'preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.',
    ])
  })

  test('fits nowhere when the node does not exist, and goes to it once it comes', async () => {
    const h = await startSchedulerHarness([node('a')])
    await h.add(pod('web', { affinity: onto('b') }))
    expect(h.eventsOf('web')).toEqual([
      "Warning FailedScheduling 0/1 nodes are available: 1 node(s) didn't satisfy plugin(s) [NodeAffinity]. no new claims to deallocate, " +
        'preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.',
    ])
    await h.add(node('b'))
    await h.clock.advance(10_000)
    expect(h.nodeOf('web')).toBe('b')
  })
})

describe('taints', () => {
  const tainted = (effect: string) => node('tainted', { spec: { taints: [{ key: 'team', value: 'a', effect }] } })

  test('are tolerated by key and value, by key alone, or altogether', async () => {
    const h = await startSchedulerHarness([tainted('NoSchedule')])
    await h.add(
      pod('equal', { tolerations: [{ key: 'team', operator: 'Equal', value: 'a', effect: 'NoSchedule' }] }),
      pod('exists', { tolerations: [{ key: 'team', operator: 'Exists' }] }),
      pod('all', { tolerations: [{ operator: 'Exists' }] }),
      pod('other', { tolerations: [{ key: 'team', operator: 'Equal', value: 'b', effect: 'NoSchedule' }] }),
    )
    expect(['equal', 'exists', 'all', 'other'].map((n) => h.nodeOf(n))).toEqual(['tainted', 'tainted', 'tainted', undefined])
  })

  test('with PreferNoSchedule are avoided as long as there is another node', async () => {
    const h = await startSchedulerHarness([tainted('PreferNoSchedule'), node('free', { pods: '3' })])
    for (let i = 0; i < 4; i++) await h.add(pod(`web-${i}`))
    expect(h.cluster.all<Pod>(pods).map((p) => p.spec!.nodeName)).toEqual(['free', 'free', 'free', 'tainted'])
  })
})

test('a host port can be had once on each node and address', async () => {
  const h = await startSchedulerHarness([node('node-1')])
  const withPort = (name: string, hostIP?: string): Pod => {
    const p = pod(name)
    p.spec!.containers[0]!.ports = [{ containerPort: 80, hostPort: 8080, ...(hostIP ? { hostIP } : {}) }]
    return p
  }
  await h.add(withPort('one', '10.0.0.1'), withPort('two', '10.0.0.2'), withPort('three'))
  expect(['one', 'two', 'three'].map((n) => h.nodeOf(n))).toEqual(['node-1', 'node-1', undefined])
  expect(h.eventsOf('three')[0]).toContain("1 node(s) didn't have free ports for the requested pod ports.")
})

test('init containers count by the largest, sidecars on top of the rest', async () => {
  const h = await startSchedulerHarness([node('node-1', { cpu: '2' })])
  const p = pod('web', { requests: { cpu: '500m' } })
  const container = (name: string, cpu: string, extra: object = {}) => ({ name, image: 'x', resources: { requests: { cpu } }, ...extra })
  p.spec!.initContainers = [container('init', '1500m'), container('sidecar', '500m', { restartPolicy: 'Always' })]
  await h.add(p)
  expect(h.nodeOf('web')).toBe('node-1')
  // 1500m at most at once: 500m are left.
  await h.add(pod('fits', { requests: { cpu: '500m' } }), pod('late', { requests: { cpu: '100m' } }))
  expect(['fits', 'late'].map((n) => h.nodeOf(n))).toEqual(['node-1', undefined])
})

describe('pod affinity', () => {
  const near = (app: string, topologyKey = 'kubernetes.io/hostname') => [{ topologyKey, labelSelector: { matchLabels: { app } } }]

  test('brings a pod to the zone of another', async () => {
    const h = await startSchedulerHarness([zoned('a1', 'a'), zoned('b1', 'b'), zoned('b2', 'b')])
    await h.add(pod('db', { nodeSelector: { 'kubernetes.io/hostname': 'b1' } }, { app: 'db' }))
    await h.add(
      pod('web', {
        affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: near('db', 'topology.kubernetes.io/zone') } },
      }),
    )
    expect(h.nodeOf('web')).toBe('b2')
  })

  test('to its own kind lets the first pod go anywhere', async () => {
    const h = await startSchedulerHarness([node('a'), node('b')])
    const spec = { affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: near('web') } } }
    for (let i = 0; i < 3; i++) await h.add(pod(`web-${i}`, spec, { app: 'web' }))
    const where = h.cluster.all<Pod>(pods).map((p) => p.spec!.nodeName)
    expect(new Set(where).size).toBe(1)
    expect(where[0]).toBeDefined()
  })

  test('anti-affinity keeps one pod on each node', async () => {
    const h = await startSchedulerHarness([node('a'), node('b')])
    const spec = { affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: near('web') } } }
    for (let i = 0; i < 3; i++) await h.add(pod(`web-${i}`, spec, { app: 'web' }))
    expect(
      h.cluster
        .all<Pod>(pods)
        .map((p) => p.spec!.nodeName ?? '-')
        .sort(),
    ).toEqual(['-', 'a', 'b'])
    expect(h.eventsOf('web-2')[0]).toContain("2 node(s) didn't match pod anti-affinity rules.")
  })

  test('anti-affinity of a pod that is there keeps others away that say nothing themselves', async () => {
    const h = await startSchedulerHarness([node('a')])
    await h.add(pod('shy', { affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: near('web') } } }))
    await h.add(pod('web', {}, { app: 'web' }))
    expect(h.nodeOf('web')).toBeUndefined()
    expect(h.eventsOf('web')[0]).toContain("1 node(s) didn't satisfy existing pods anti-affinity rules.")
  })

  test('a preference is followed as long as there is room', async () => {
    const h = await startSchedulerHarness([node('a'), node('b', { pods: '2' })])
    await h.add(pod('db', { nodeSelector: { 'kubernetes.io/hostname': 'b' } }, { app: 'db' }))
    const preferred = [{ weight: 100, podAffinityTerm: near('db')[0] }]
    const spec = { affinity: { podAffinity: { preferredDuringSchedulingIgnoredDuringExecution: preferred } } }
    await h.add(pod('one', spec))
    await h.add(pod('two', spec))
    expect([h.nodeOf('one'), h.nodeOf('two')]).toEqual(['b', 'a'])
  })

  test('reaches other namespaces by name and by label', async () => {
    const h = await startSchedulerHarness([node('a'), node('b')])
    await h.create(resources.namespaces, { metadata: { name: 'prod', labels: { env: 'prod' } } })
    await h.create(pods, {
      ...pod('db', { nodeName: 'b' }, { app: 'db' }),
      metadata: { name: 'db', namespace: 'prod', labels: { app: 'db' } },
    })
    const term = { ...near('db')[0], namespaceSelector: { matchLabels: { env: 'prod' } } }
    await h.add(pod('web', { affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } } }))
    await h.add(pod('lost', { affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: near('db') } } }))
    expect([h.nodeOf('web'), h.nodeOf('lost')]).toEqual(['b', undefined])
  })
})

describe('topology spread', () => {
  const spread = (maxSkew: number, extra: object = {}) => ({
    topologySpreadConstraints: [
      {
        maxSkew,
        topologyKey: 'topology.kubernetes.io/zone',
        whenUnsatisfiable: 'DoNotSchedule',
        labelSelector: { matchLabels: { app: 'web' } },
        ...extra,
      },
    ],
  })

  test('keeps zones within maxSkew of each other', async () => {
    const h = await startSchedulerHarness([zoned('a1', 'a'), zoned('a2', 'a'), zoned('b1', 'b')])
    for (let i = 0; i < 6; i++) await h.add(pod(`web-${i}`, spread(1), { app: 'web' }))
    const zones = h.cluster.all<Pod>(pods).map((p) => p.spec!.nodeName![0])
    expect(zones.filter((z) => z === 'a')).toHaveLength(3)
    expect(zones.filter((z) => z === 'b')).toHaveLength(3)
  })

  test('refuses what would skew too much', async () => {
    const h = await startSchedulerHarness([
      zoned('a1', 'a'),
      { ...zoned('b1', 'b'), ...node('b1', { pods: '1', labels: { 'topology.kubernetes.io/zone': 'b' } }) },
    ])
    for (let i = 0; i < 4; i++) await h.add(pod(`web-${i}`, spread(1), { app: 'web' }))
    expect(h.nodeOf('web-3')).toBeUndefined()
    expect(h.eventsOf('web-3')[0]).toContain("1 Too many pods, 1 node(s) didn't match pod topology spread constraints.")
  })

  test('with minDomains waits for enough zones', async () => {
    const h = await startSchedulerHarness([zoned('a1', 'a'), zoned('b1', 'b')])
    for (let i = 0; i < 3; i++) await h.add(pod(`web-${i}`, spread(1, { minDomains: 3 }), { app: 'web' }))
    expect(h.cluster.all<Pod>(pods).filter((p) => p.spec!.nodeName)).toHaveLength(2)
    await h.add(zoned('c1', 'c'))
    await h.clock.advance(20_000)
    expect(h.nodeOf('web-2')).toBe('c1')
  })
})

test('pods of one Service spread over nodes even when they ask for nothing', async () => {
  const h = await startSchedulerHarness([node('a'), node('b'), node('c')])
  await h.create(resources.services, { metadata: { name: 'web', namespace: 'default' }, spec: { selector: { app: 'web' } } })
  for (let i = 0; i < 6; i++) await h.add(pod(`web-${i}`, {}, { app: 'web' }))
  const count: Record<string, number> = {}
  for (const p of h.cluster.all<Pod>(pods)) count[p.spec!.nodeName!] = (count[p.spec!.nodeName!] ?? 0) + 1
  expect(count).toEqual({ a: 2, b: 2, c: 2 })
})

test('a node that has a large image already is preferred', async () => {
  const images = [{ names: ['docker.io/library/nginx:1.25'], sizeBytes: 900 * 1024 * 1024 }]
  const h = await startSchedulerHarness([node('a'), node('b', { images }), node('c')])
  await h.add(pod('web'))
  expect(h.nodeOf('web')).toBe('b')
})
