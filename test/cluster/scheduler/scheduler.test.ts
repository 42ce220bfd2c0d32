import { describe, expect, test } from 'vitest'
import { resources } from '../../../src-main/cluster/api/client.js'
import { StatusError } from '../../../src-main/cluster/api/errors.js'
import type { Event, Node, Pod } from '../../../src-main/cluster/api/object.js'
import { Random } from '../../../src-main/cluster/random.js'
import { startScheduler } from '../../../src-main/cluster/scheduler/scheduler.js'
import { feasibleNodesToFind } from '../../../src-main/cluster/scheduler/selection.js'
import { controlPlane, node, pod, startSchedulerHarness } from './harness.js'

const { pods, nodes, events } = resources
const noMore = 'no new claims to deallocate, preemption:'

describe('a pod that fits', () => {
  test('is bound to a node and told so', async () => {
    const h = await startSchedulerHarness([node('node-1')])
    await h.add(pod('web'))
    expect(h.nodeOf('web')).toBe('node-1')
    expect(h.eventsOf('web')).toEqual(['Normal Scheduled Successfully assigned default/web to node-1'])
    const [event] = h.cluster.all<Event>(events)
    expect(event).toMatchObject({
      reportingComponent: 'default-scheduler',
      reportingInstance: 'default-scheduler',
      action: 'Binding',
      eventTime: '2026-11-21T09:00:00.000000Z',
    })
    expect(h.errors).toEqual([])
  })

  test('does not go to a tainted control plane', async () => {
    const h = await startSchedulerHarness([controlPlane('cp'), node('node-1')])
    for (let i = 0; i < 5; i++) await h.add(pod(`web-${i}`))
    expect(h.cluster.all<Pod>(pods).map((p) => p.spec!.nodeName)).toEqual(Array.from({ length: 5 }, () => 'node-1'))
  })

  test('goes to the node with most left, so that equal pods spread evenly', async () => {
    const h = await startSchedulerHarness([node('node-1'), node('node-2'), node('node-3')])
    for (let i = 0; i < 9; i++) await h.add(pod(`web-${i}`, { requests: { cpu: '100m', memory: '64Mi' } }))
    const count: Record<string, number> = {}
    for (const p of h.cluster.all<Pod>(pods)) count[p.spec!.nodeName!] = (count[p.spec!.nodeName!] ?? 0) + 1
    expect(count).toEqual({ 'node-1': 3, 'node-2': 3, 'node-3': 3 })
  })

  test('goes to the fullest node that has room with the MostAllocated strategy', async () => {
    const h = await startSchedulerHarness([node('node-1'), node('node-2')], { fitStrategy: 'MostAllocated' })
    for (let i = 0; i < 4; i++) await h.add(pod(`web-${i}`, { requests: { cpu: '900m', memory: '1800Mi' } }))
    expect(new Set(h.cluster.all<Pod>(pods).map((p) => p.spec!.nodeName)).size).toBe(1)
  })

  test('of another scheduler is left alone', async () => {
    const h = await startSchedulerHarness([node('node-1')])
    await h.add(pod('web', { schedulerName: 'mine' }))
    expect(h.nodeOf('web')).toBeUndefined()
  })

  test('is tried again after a second when binding is refused', async () => {
    const h = await startSchedulerHarness([node('node-1')])
    h.cluster.refuse = (_verb, resource) => (resource === 'pods/binding' ? new StatusError(500, 'InternalError', 'no') : undefined)
    await h.add(pod('web'))
    const text = 'binding rejected: running Bind plugin "DefaultBinder": no'
    expect(h.eventsOf('web')).toEqual([`Warning FailedScheduling ${text}`])
    expect(h.cluster.get<Pod>(pods, 'default', 'web').status!.conditions).toMatchObject([
      { type: 'PodScheduled', status: 'False', reason: 'SchedulerError', message: text },
    ])
    h.cluster.refuse = () => undefined
    await h.clock.advance(999)
    expect(h.nodeOf('web')).toBeUndefined()
    await h.clock.advance(1)
    expect(h.nodeOf('web')).toBe('node-1')
  })
})

describe('a pod that fits nowhere', () => {
  test('is told how many nodes refused it and why', async () => {
    const h = await startSchedulerHarness([controlPlane('cp'), node('node-1', { cpu: '1' }), node('node-2', { cpu: '1' })])
    await h.add(
      pod('filler-1', { requests: { cpu: '800m' } }),
      pod('filler-2', { requests: { cpu: '800m' } }),
      pod('web', { requests: { cpu: '500m' } }),
    )
    const text =
      '0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 Insufficient cpu. ' +
      `${noMore} 0/3 nodes are available: 1 Preemption is not helpful for scheduling, 2 No preemption victims found for incoming pod.`
    expect(h.eventsOf('web')).toEqual([`Warning FailedScheduling ${text}`])
    expect(h.cluster.get<Pod>(pods, 'default', 'web').status!.conditions).toEqual([
      {
        type: 'PodScheduled',
        status: 'False',
        reason: 'Unschedulable',
        message: text,
        lastTransitionTime: '2026-11-21T09:00:00Z',
        observedGeneration: 1,
      },
    ])
  })

  test('that asks for more than any node has is not helped by preemption', async () => {
    const h = await startSchedulerHarness([node('node-1')])
    await h.add(pod('web', { requests: { cpu: '8', memory: '100Gi' } }))
    expect(h.eventsOf('web')).toEqual([
      'Warning FailedScheduling 0/1 nodes are available: 1 Insufficient cpu, 1 Insufficient memory. ' +
        `${noMore} 0/1 nodes are available: 1 Preemption is not helpful for scheduling.`,
    ])
  })

  test('waits in a cluster without nodes', async () => {
    const h = await startSchedulerHarness()
    await h.add(pod('web'))
    expect(h.eventsOf('web')).toEqual(['Warning FailedScheduling no nodes available to schedule pods'])
  })

  const cases: [string, Node, Record<string, unknown>, string][] = [
    ['too many pods', node('n', { pods: '0' }), {}, 'Too many pods'],
    ['node selector', node('n'), { nodeSelector: { disk: 'ssd' } }, "node(s) didn't match Pod's node affinity/selector"],
    ['cordoned', node('n', { spec: { unschedulable: true } }), {}, 'node(s) were unschedulable'],
    ['extended resource', node('n'), { requests: { 'example.com/gpu': '1' } }, 'Insufficient example.com/gpu'],
    [
      'topology spread without label',
      node('n'),
      {
        topologySpreadConstraints: [
          { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule', labelSelector: { matchLabels: { app: 'x' } } },
        ],
      },
      "node(s) didn't match pod topology spread constraints (missing required label)",
    ],
    [
      'pod affinity',
      node('n'),
      {
        affinity: {
          podAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: [
              { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app: 'db' } } },
            ],
          },
        },
      },
      "node(s) didn't match pod affinity rules",
    ],
  ]
  test.each(cases)('because of %s says so', async (_what, n, spec, reason) => {
    const h = await startSchedulerHarness([n])
    await h.add(pod('web', spec))
    expect(h.eventsOf('web')[0]).toMatch(/^Warning FailedScheduling 0\/1 nodes are available: /)
    expect(h.eventsOf('web')[0]).toContain(`1 ${reason}. ${noMore} 0/1 nodes are available: 1 `)
  })

  test('because its claim is missing says so for all nodes', async () => {
    const h = await startSchedulerHarness([node('node-1'), node('node-2')])
    await h.add(pod('web', { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] }))
    expect(h.eventsOf('web')).toEqual([
      `Warning FailedScheduling 0/2 nodes are available: persistentvolumeclaim "data" not found. ${noMore} ` +
        '0/2 nodes are available: 2 Preemption is not helpful for scheduling.',
    ])
  })
})

describe('what brings a waiting pod back', () => {
  test('a node that fits: nobody waits out a back-off while there is nothing else to do', async () => {
    const h = await startSchedulerHarness([node('node-1', { cpu: '1' })])
    await h.add(pod('web', { requests: { cpu: '2' } }))
    await h.clock.advance(400)
    await h.add(node('node-2'))
    expect(h.nodeOf('web')).toBe('node-2')
  })

  test('a pod that goes', async () => {
    const h = await startSchedulerHarness([node('node-1', { cpu: '1' })])
    await h.add(pod('big', { requests: { cpu: '800m' } }), pod('web', { requests: { cpu: '500m' } }))
    await h.clock.advance(60_000)
    await h.cluster.client('admin').resource(pods).delete('default', 'big', { gracePeriodSeconds: 0 })
    await h.clock.settle()
    expect(h.nodeOf('web')).toBe('node-1')
  })

  test('a label, a taint or a cordon that is taken away', async () => {
    const h = await startSchedulerHarness([node('node-1', { spec: { unschedulable: true } })])
    await h.add(pod('web', { nodeSelector: { disk: 'ssd' } }))
    await h.clock.advance(60_000)
    h.cluster.edit<Node>(nodes, '', 'node-1', (n) => void (n.metadata.labels!.disk = 'ssd'))
    await h.clock.advance(60_000)
    expect(h.nodeOf('web')).toBeUndefined()
    h.cluster.edit<Node>(nodes, '', 'node-1', (n) => void delete n.spec!.unschedulable)
    await h.clock.advance(60_000)
    expect(h.nodeOf('web')).toBe('node-1')
  })

  test('not a heartbeat, nor a pod elsewhere that has nothing to do with it', async () => {
    const h = await startSchedulerHarness([node('node-1')])
    await h.add(pod('web', { nodeSelector: { disk: 'ssd' } }))
    const before = h.cluster.requests.length
    h.cluster.edit<Node>(nodes, '', 'node-1', (n) => void (n.status!.conditions = [{ type: 'Ready', status: 'True' } as never]))
    await h.add(pod('other'))
    await h.clock.advance(60_000)
    expect(h.cluster.requests.slice(before).filter((r) => r.endsWith('default/web'))).toEqual([])
    expect(h.scheduler.pending()).toEqual({ active: 0, backoff: 0, unschedulable: 1 })
  })

  test('five minutes without any event', async () => {
    const h = await startSchedulerHarness([node('node-1')])
    await h.add(pod('web', { nodeSelector: { disk: 'ssd' } }))
    expect(h.scheduler.explain('default/web')!.attempt).toBe(1)
    await h.clock.advance(301_000)
    expect(h.scheduler.explain('default/web')!.attempt).toBe(2)
  })
})

describe('order', () => {
  test('pods of higher priority are tried first, equal ones by age', async () => {
    const h = await startSchedulerHarness([])
    await h.add(pod('old', { priority: 0 }), pod('young', { priority: 0 }), pod('important', { priority: 1000 }))
    await h.clock.advance(20_000)
    await h.add(node('node-1', { pods: '2' }))
    await h.clock.advance(20_000)
    expect([h.nodeOf('important'), h.nodeOf('old'), h.nodeOf('young')]).toEqual(['node-1', 'node-1', undefined])
  })

  test('a pod with scheduling gates waits until they are gone', async () => {
    const h = await startSchedulerHarness([node('node-1')])
    await h.add(pod('web', { schedulingGates: [{ name: 'example.com/quota' }] }))
    await h.clock.advance(600_000)
    expect(h.nodeOf('web')).toBeUndefined()
    h.cluster.edit<Pod>(pods, 'default', 'web', (p) => void delete p.spec!.schedulingGates)
    await h.clock.settle()
    expect(h.nodeOf('web')).toBe('node-1')
  })
})

describe('preemption', () => {
  const big = { requests: { cpu: '3' } }

  test('removes the pods of lower priority, waits until they are gone, and takes their place', async () => {
    const h = await startSchedulerHarness([node('node-1')])
    await h.add(pod('low', { ...big, priority: 1 }))
    await h.add(pod('high', { ...big, priority: 100 }))
    const low = h.cluster.get<Pod>(pods, 'default', 'low')
    expect(low.metadata.deletionTimestamp).toBe('2026-11-21T09:00:30Z')
    expect(low.status!.conditions!.find((c) => c.type === 'DisruptionTarget')).toMatchObject({
      status: 'True',
      reason: 'PreemptionByScheduler',
      message: 'default-scheduler: preempting to accommodate a higher priority pod',
    })
    const high = h.cluster.get<Pod>(pods, 'default', 'high')
    expect(high.status!.nominatedNodeName).toBe('node-1')
    expect(h.eventsOf('low').at(-1)).toBe(`Normal Preempted Preempted by pod ${high.metadata.uid} on node node-1`)
    expect(h.eventsOf('high')).toEqual(['Warning FailedScheduling 0/1 nodes are available: 1 Insufficient cpu.'])
    await h.clock.advance(10_000)
    expect(h.nodeOf('high')).toBeUndefined()
    await h.cluster.client('kubelet').resource(pods).delete('default', 'low', { gracePeriodSeconds: 0 })
    await h.clock.settle()
    expect(h.nodeOf('high')).toBe('node-1')
  })

  test('takes no more pods than needed, the least important first', async () => {
    const h = await startSchedulerHarness([node('node-1')])
    await h.add(pod('a', { requests: { cpu: '1' }, priority: 5 }), pod('b', { requests: { cpu: '2' }, priority: 10 }))
    await h.add(pod('high', { requests: { cpu: '2' }, priority: 100 }))
    const going = h.cluster
      .all<Pod>(pods)
      .filter((p) => p.metadata.deletionTimestamp)
      .map((p) => p.metadata.name)
    expect(going).toEqual(['a'])
  })

  test('chooses the node whose most important victim is the least important', async () => {
    const h = await startSchedulerHarness([node('node-1'), node('node-2')])
    await h.add(pod('five', { ...big, priority: 5, nodeSelector: { 'kubernetes.io/hostname': 'node-1' } }))
    await h.add(pod('three', { ...big, priority: 3, nodeSelector: { 'kubernetes.io/hostname': 'node-2' } }))
    await h.add(pod('high', { ...big, priority: 100 }))
    expect(h.cluster.get<Pod>(pods, 'default', 'high').status!.nominatedNodeName).toBe('node-2')
  })

  test('spares pods that a PodDisruptionBudget protects, if it can', async () => {
    const h = await startSchedulerHarness([node('node-1'), node('node-2')])
    const budget = {
      metadata: { name: 'keep', namespace: 'default' },
      spec: { minAvailable: 1, selector: { matchLabels: { app: 'db' } } },
      status: { disruptionsAllowed: 0 },
    }
    await h.create(resources.poddisruptionbudgets, budget)
    await h.add(pod('db', { ...big, priority: 1, nodeSelector: { 'kubernetes.io/hostname': 'node-1' } }, { app: 'db' }))
    await h.add(pod('other', { ...big, priority: 50, nodeSelector: { 'kubernetes.io/hostname': 'node-2' } }))
    await h.add(pod('high', { ...big, priority: 100 }))
    expect(h.cluster.get<Pod>(pods, 'default', 'high').status!.nominatedNodeName).toBe('node-2')
  })

  test('leaves the room it has made to the pod it was made for', async () => {
    const h = await startSchedulerHarness([node('node-1')])
    await h.add(pod('low', { ...big, priority: 1 }))
    await h.add(pod('high', { ...big, priority: 100 }))
    await h.cluster.client('kubelet').resource(pods).delete('default', 'low', { gracePeriodSeconds: 0 })
    await h.add(pod('sneaky', { ...big, priority: 1 }))
    await h.clock.advance(20_000)
    expect([h.nodeOf('high'), h.nodeOf('sneaky')]).toEqual(['node-1', undefined])
  })

  test('takes the room that was made for another from it, and says so, when a pod of higher priority needs it', async () => {
    const h = await startSchedulerHarness([node('node-1')])
    await h.add(...['a', 'b', 'c'].map((name) => pod(name, { requests: { cpu: '1' }, priority: 1 })))
    await h.add(pod('medium', { ...big, priority: 50 }))
    const nominated = (name: string): string | undefined => h.cluster.get<Pod>(pods, 'default', name).status!.nominatedNodeName
    expect(nominated('medium')).toBe('node-1')
    await h.add(pod('high', { ...big, priority: 100 }))
    expect([nominated('high'), nominated('medium')]).toEqual(['node-1', undefined])
    for (const name of ['a', 'b', 'c']) await h.cluster.client('kubelet').resource(pods).delete('default', name, { gracePeriodSeconds: 0 })
    await h.clock.advance(20_000)
    expect([h.nodeOf('high'), h.nodeOf('medium'), nominated('medium')]).toEqual(['node-1', undefined, undefined])
  })

  test('makes room for each of two pods of one priority, and not twice the same', async () => {
    const names = ['node-1', 'node-2', 'node-3', 'node-4']
    const h = await startSchedulerHarness(names.map((name) => node(name)))
    await h.add(...names.map((name) => pod(`low-${name}`, { ...big, priority: 1, nodeSelector: { 'kubernetes.io/hostname': name } })))
    const high = ['a', 'b', 'c', 'd'].map((name) => pod(`high-${name}`, { ...big, priority: 100 }))
    await h.add(...high)
    const nominated = high.map((p) => h.cluster.get<Pod>(pods, 'default', p.metadata.name!).status!.nominatedNodeName)
    expect([...nominated].sort()).toEqual(names)
    await h.add(pod('high-e', { ...big, priority: 100 }))
    expect(h.eventsOf('high-e')).toEqual([
      'Warning FailedScheduling 0/4 nodes are available: 4 Insufficient cpu. no new claims to deallocate, ' +
        'preemption: 0/4 nodes are available: 4 Insufficient cpu.',
    ])
  })

  test('is not for pods with preemptionPolicy Never', async () => {
    const h = await startSchedulerHarness([node('node-1')])
    await h.add(pod('low', { ...big, priority: 1 }))
    await h.add(pod('high', { ...big, priority: 100, preemptionPolicy: 'Never' }))
    expect(h.eventsOf('high')).toEqual([
      `Warning FailedScheduling 0/1 nodes are available: 1 Insufficient cpu. ${noMore} not eligible due to preemptionPolicy=Never.`,
    ])
    expect(h.cluster.get<Pod>(pods, 'default', 'low').metadata.deletionTimestamp).toBeUndefined()
  })
})

describe('why this node', () => {
  test('is recorded with the verdict and the score of each plugin', async () => {
    const h = await startSchedulerHarness([controlPlane('cp'), node('node-1'), node('node-2')])
    await h.add(pod('first', { requests: { cpu: '1', memory: '1Gi' } }))
    await h.add(pod('web', { requests: { cpu: '1', memory: '1Gi' } }))
    const record = h.scheduler.explain('default/web')!
    expect(record).toMatchObject({
      pod: 'default/web',
      attempt: 1,
      outcome: 'Scheduled',
      node: h.nodeOf('web'),
      nodes: { total: 3, evaluated: 3, feasible: 2 },
      filters: ['NodeUnschedulable', 'TaintToleration', 'NodeResourcesFit'],
      rejections: [{ node: 'cp', plugin: 'TaintToleration', reasons: ['node(s) had untolerated taint(s)'] }],
    })
    // cpu 3/4 and memory 7/8 free: (75 + 87) / 2; balanced: 0.75 - |0.25 - 0.125| / 4.
    expect(record.scores[0]).toEqual({
      node: h.nodeOf('web'),
      total: 81 + 71,
      plugins: [
        { plugin: 'NodeResourcesFit', score: 81, weight: 1 },
        { plugin: 'NodeResourcesBalancedAllocation', score: 71, weight: 1 },
      ],
    })
    expect(record.scores[1]!.total).toBeLessThan(record.scores[0]!.total)
  })

  test('is not kept over a restart: of what was bound before nothing is told, and what waits is tried and told anew', async () => {
    const h = await startSchedulerHarness([node('node-1')])
    await h.add(pod('bound'), pod('huge', { requests: { cpu: '64' } }))
    h.scheduler.stop()
    const again = startScheduler({
      client: (u) => h.cluster.client(u.username),
      informers: h.cluster,
      clock: h.clock,
      random: new Random('again'),
    })
    await h.clock.settle()
    expect(again.explain('default/bound')).toBeUndefined()
    expect(again.explain('default/huge')).toMatchObject({ outcome: 'Unschedulable', attempt: 1 })
    again.stop()
  })

  test('is kept for the last pods only', async () => {
    const h = await startSchedulerHarness([node('node-1')], { records: 2 })
    await h.add(pod('a'), pod('b'), pod('c'))
    expect(['a', 'b', 'c'].map((n) => h.scheduler.explain(`default/${n}`)?.outcome)).toEqual([undefined, 'Scheduled', 'Scheduled'])
  })
})

test('of a large cluster only as many nodes are looked at as kube-scheduler would', () => {
  expect([50, 100, 500, 1000, 5000, 10_000].map(feasibleNodesToFind)).toEqual([50, 100, 230, 420, 500, 500])
})
