/** The numbers that single plugins give to nodes, between 0 and 100. */
import { describe, expect, test } from 'vitest'
import type { Node, Pod } from '../../../src-main/cluster/api/object.js'
import { Random } from '../../../src-main/cluster/random.js'
import { SchedulerCache } from '../../../src-main/cluster/scheduler/cache.js'
import type { Plugin, SchedulerView } from '../../../src-main/cluster/scheduler/framework.js'
import { imageLocality } from '../../../src-main/cluster/scheduler/plugins/imagelocality.js'
import { interPodAffinity } from '../../../src-main/cluster/scheduler/plugins/interpodaffinity.js'
import { nodeAffinity } from '../../../src-main/cluster/scheduler/plugins/nodeaffinity.js'
import { nodeResourcesBalancedAllocation, nodeResourcesFit } from '../../../src-main/cluster/scheduler/plugins/noderesources.js'
import { podTopologySpread } from '../../../src-main/cluster/scheduler/plugins/podtopologyspread.js'
import { taintToleration } from '../../../src-main/cluster/scheduler/plugins/tainttoleration.js'
import { podInfo } from '../../../src-main/cluster/scheduler/podinfo.js'
import { Nominations } from '../../../src-main/cluster/scheduler/nominations.js'
import { findPreemption } from '../../../src-main/cluster/scheduler/preemption.js'
import { matcherOf } from '../../../src-main/cluster/controllers/selector.js'
import { node, pod } from './harness.js'

interface World {
  nodes: Node[]
  /** Pods by the node that they are on. */
  on?: Record<string, Pod[]>
  /** What pods without constraints are spread against. */
  workload?: Record<string, string>
}

function viewOf({ nodes, on = {}, workload }: World): SchedulerView {
  const cache = new SchedulerCache()
  for (const n of nodes) cache.setNode(n)
  for (const [nodeName, pods] of Object.entries(on))
    for (const p of pods)
      cache.setPod(podInfo({ ...p, metadata: { ...p.metadata, uid: p.metadata.name! }, spec: { ...p.spec!, nodeName } }))
  const selector = workload && { signature: 'w', selects: matcherOf({ matchLabels: workload }) }
  return { cache, spreadSelector: () => selector, namespaceLabels: () => ({}) }
}

/** The scores of all nodes in order; undefined when the plugin says nothing. */
function scores(plugin: Plugin, incoming: Pod, world: World): number[] | undefined {
  const view = viewOf(world)
  const nodes = world.nodes.map((n) => view.cache.nodes.get(n.metadata.name!)!)
  const scorer = plugin.score!(podInfo(incoming), view, nodes)
  if (!scorer) return undefined
  const numbers = Float64Array.from(nodes.map((n) => scorer.score(n)))
  scorer.normalize?.(numbers, nodes)
  return [...numbers]
}

let serial = 0
const pods = (count: number, labels: Record<string, string> = { app: 'web' }, spec: Record<string, unknown> = {}): Pod[] =>
  Array.from({ length: count }, () => pod(`p${serial++}`, spec, labels))
const sized = (name: string, cpu: string, memory: string): Node => node(name, { cpu, memory })
const asking = (cpu: string, memory: string): Pod => pod('new', { requests: { cpu, memory } })

describe('resources', () => {
  const two = [sized('a', '4', '10000'), sized('b', '6', '10000')]
  test.each<[string, Plugin, Pod, World, number[] | undefined]>([
    ['least allocated', nodeResourcesFit('LeastAllocated'), asking('3', '5000'), { nodes: two }, [37, 50]],
    ['least allocated, more than there is', nodeResourcesFit('LeastAllocated'), asking('5', '5000'), { nodes: two }, [25, 33]],
    ['most allocated', nodeResourcesFit('MostAllocated'), asking('3', '5000'), { nodes: two }, [62, 50]],
    ['most allocated, more than there is', nodeResourcesFit('MostAllocated'), asking('5', '5000'), { nodes: two }, [75, 66]],
    [
      'nothing asked for counts as a little',
      nodeResourcesFit(),
      pod('new'),
      { nodes: [sized('a', '1', '400Mi'), sized('b', '2', '400Mi')] },
      [70, 72],
    ],
    ['balanced', nodeResourcesBalancedAllocation, asking('3', '5000'), { nodes: two }, [68, 75]],
    [
      'balanced with what is there',
      nodeResourcesBalancedAllocation,
      asking('3', '5000'),
      { nodes: two, on: { b: [asking('3', '0')] } },
      [68, 75],
    ],
    [
      'balanced by the pod itself',
      nodeResourcesBalancedAllocation,
      asking('3', '0'),
      { nodes: two, on: { b: [asking('0', '5000')] } },
      [56, 87],
    ],
    ['balanced, more than there is', nodeResourcesBalancedAllocation, asking('8', '5000'), { nodes: two }, [62, 62]],
    [
      'balanced, where one resource is missing',
      nodeResourcesBalancedAllocation,
      asking('1', '5000'),
      { nodes: [sized('a', '4', '0')] },
      [75],
    ],
    [
      'balanced, of a pod that asks for other things only',
      nodeResourcesBalancedAllocation,
      pod('new', { requests: { 'example.com/gpu': '1' } }),
      { nodes: two },
      undefined,
    ],
  ])('%s', (_, plugin, incoming, world, expected) => {
    expect(scores(plugin, incoming, world)).toEqual(expected)
  })
})

describe('spreading', () => {
  const zone = 'topology.kubernetes.io/zone'
  const constraint = (topologyKey: string, more: object = {}) => ({
    topologyKey,
    maxSkew: 1,
    whenUnsatisfiable: 'ScheduleAnyway',
    labelSelector: { matchLabels: { app: 'web' } },
    ...more,
  })
  const incoming = (...topologySpreadConstraints: object[]): Pod => pod('new', { topologySpreadConstraints }, { app: 'web' })
  const four = ['a', 'b', 'c', 'd'].map((name, i) => node(name, { labels: { [zone]: i < 2 ? 'z1' : 'z2' } }))
  test.each<[string, Pod, World, number[]]>([
    [
      'over nodes',
      incoming(constraint('kubernetes.io/hostname')),
      { nodes: four, on: { a: pods(2), b: pods(1), d: pods(3) } },
      [20, 60, 100, 0],
    ],
    ['over nodes that have none', incoming(constraint('kubernetes.io/hostname')), { nodes: four }, [100, 100, 100, 100]],
    ['over zones', incoming(constraint(zone)), { nodes: four, on: { a: pods(2), c: pods(1) } }, [33, 33, 100, 100]],
    [
      'with more skew allowed',
      incoming(constraint('kubernetes.io/hostname', { maxSkew: 3 })),
      { nodes: four, on: { a: pods(2), b: pods(1), d: pods(3) } },
      [42, 71, 100, 28],
    ],
    [
      'over zones and racks leaves out nodes without a rack, and what is on them',
      incoming(constraint(zone), constraint('rack')),
      {
        nodes: [
          node('a', { labels: { [zone]: 'z1', rack: 'r1' } }),
          node('b', { labels: { [zone]: 'z1' } }),
          node('c', { labels: { [zone]: 'z2', rack: 'r2' } }),
        ],
        on: { b: pods(5), c: pods(1) },
      },
      [100, 0, 0],
    ],
    [
      'of a workload by default, over nodes and zones',
      pod('new', {}, { app: 'web' }),
      { nodes: four, workload: { app: 'web' }, on: { a: pods(2), c: pods(1) } },
      [58, 83, 83, 100],
    ],
    [
      'of a workload by default counts only nodes that the pod may go to',
      pod('new', { nodeSelector: { disk: 'ssd' } }, { app: 'web' }),
      {
        nodes: [
          node('a', { labels: { [zone]: 'z1', disk: 'ssd' } }),
          node('b', { labels: { [zone]: 'z2', disk: 'ssd' } }),
          node('x', { labels: { [zone]: 'z1' } }),
        ],
        workload: { app: 'web' },
        on: { x: pods(4) },
      },
      [100, 100, 50],
    ],
  ])('%s', (_, who, world, expected) => {
    expect(scores(podTopologySpread, who, world)).toEqual(expected)
  })
})

describe('company', () => {
  const region = (name: string, value: string): Node => node(name, { labels: { region: value } })
  const regions = [region('a', 'east'), region('b', 'east'), region('c', 'west'), node('d')]
  const term = (app: string, weight: number) => ({
    weight,
    podAffinityTerm: { topologyKey: 'region', labelSelector: { matchLabels: { app } } },
  })
  const near = (weight: number) => ({ podAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [term('db', weight)] } })
  const away = (weight: number) => ({ podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [term('db', weight)] } })
  const must = { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term('web', 0).podAffinityTerm] } }
  test.each<[string, Pod, World, number[] | undefined]>([
    ['that is wished for', pod('new', { affinity: near(5) }), { nodes: regions, on: { a: pods(1, { app: 'db' }) } }, [100, 100, 0, 0]],
    [
      'counts once for each pod',
      pod('new', { affinity: near(5) }),
      { nodes: regions, on: { a: pods(2, { app: 'db' }), c: pods(1, { app: 'db' }) } },
      [100, 100, 50, 0],
    ],
    ['that is avoided', pod('new', { affinity: away(5) }), { nodes: regions, on: { c: pods(1, { app: 'db' }) } }, [100, 100, 0, 100]],
    [
      'that others demand',
      pod('new', {}, { app: 'web' }),
      { nodes: regions, on: { c: pods(1, { app: 'x' }, { affinity: must }) } },
      [0, 0, 100, 0],
    ],
    ['of nobody', pod('new'), { nodes: regions, on: { c: pods(1) } }, undefined],
  ])('%s', (_, who, world, expected) => {
    expect(scores(interPodAffinity, who, world)).toEqual(expected)
  })

  test('is rounded as floating-point numbers are', () => {
    const hundred = Array.from({ length: 3 }, (_, i) => region(`n${i}`, `r${i}`))
    const on = { n1: pods(29, { app: 'db' }), n2: pods(100, { app: 'db' }) }
    // 29 of 100 is a little less than 0.29 times 100.
    expect(scores(interPodAffinity, pod('new', { affinity: near(1) }), { nodes: hundred, on })).toEqual([0, 28, 100])
  })
})

describe('wishes', () => {
  const preferred = (weight: number, key: string, value: string) => ({
    weight,
    preference: { matchExpressions: [{ key, operator: 'In', values: [value] }] },
  })
  test('of a pod about nodes add up, and the best node has a hundred', () => {
    const wishes = [preferred(2, 'foo', 'bar'), preferred(4, 'key', 'value'), preferred(5, 'az', 'az1')]
    const affinity = { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: wishes } }
    const nodes = [
      node('a', { labels: { foo: 'bar', key: 'value', az: 'az1' } }),
      node('b', { labels: { foo: 'bar' } }),
      node('c', { labels: { az: 'az1' } }),
    ]
    expect(scores(nodeAffinity, pod('new', { affinity }), { nodes })).toEqual([100, 18, 45])
  })

  test('of a node to be left alone count by the taints that are not tolerated', () => {
    const taint = (...keys: string[]) => ({ taints: keys.map((key) => ({ key, effect: 'PreferNoSchedule' })) })
    const nodes = [node('a'), node('b', { spec: taint('x') }), node('c', { spec: taint('x', 'y') })]
    expect(scores(taintToleration, pod('new'), { nodes })).toEqual([100, 50, 0])
    const tolerations = [
      { key: 'x', operator: 'Exists', effect: 'NoSchedule' },
      { key: 'y', operator: 'Exists' },
    ]
    expect(scores(taintToleration, pod('new', { tolerations }), { nodes })).toEqual([100, 0, 0])
  })

  test('for images that are there go by size and by how many nodes have them', () => {
    const MB = 1024 * 1024
    const has = (...images: [string, number][]): object[] => images.map(([name, mb]) => ({ names: [name], sizeBytes: mb * MB }))
    const nodes = [node('a', { images: has(['gcr.io/40:latest', 40]) }), node('b', { images: has(['gcr.io/250:latest', 250]) }), node('c')]
    const asks = (...images: string[]): Pod => pod('new', { containers: images.map((image, i) => ({ name: `c${i}`, image })) })
    expect(scores(imageLocality, asks('gcr.io/250'), { nodes })).toEqual([0, 6, 0])
    expect(scores(imageLocality, asks('gcr.io/40', 'gcr.io/250'), { nodes })).toEqual([0, 3, 0])
    const mounts = pod('new', {
      containers: [{ name: 'main', image: 'gcr.io/40' }],
      volumes: [{ name: 'data', image: { reference: 'gcr.io/250' } }],
    })
    expect(scores(imageLocality, mounts, { nodes })).toEqual([0, 6, 0])
  })
})

describe('preemption', () => {
  const room = (world: World, incoming: Pod, budgets: object[] = []) => {
    const view = viewOf(world)
    const info = podInfo(incoming)
    const fits = nodeResourcesFit().filter!(info, view) as never
    const nodes = world.nodes.map((n) => view.cache.nodes.get(n.metadata.name!)!)
    const rejections = new Map(nodes.map((n) => [n, { reasons: ['Insufficient cpu'], unresolvable: false }]))
    return (nominated?: string) => {
      const nominatedNode = nominated === undefined ? undefined : view.cache.nodes.get(nominated)
      const found = findPreemption({
        pod: info,
        filters: [{ plugin: 'NodeResourcesFit', filter: fits }],
        nominations: new Nominations(),
        rejections,
        nominatedNode,
        budgets: budgets as never,
        random: new Random('p'),
      })
      return typeof found === 'string' ? found : `${found.node.name}: ${found.victims.map((v) => v.pod.metadata.name).join(' ')}`
    }
  }
  const victim = (name: string, priority: number, startTime: string, cpu = '1', metadata: object = {}): Pod => {
    const p = pod(name, { priority, requests: { cpu } }, { app: name }, metadata)
    return { ...p, status: { phase: 'Running', startTime } }
  }
  const urgent = pod('urgent', { priority: 100, requests: { cpu: '1' } })
  const small = (name: string): Node => node(name, { cpu: '1' })

  test('takes the youngest of pods that weigh the same', () => {
    const on = { a: [victim('old', 1, '2026-11-21T08:00:00Z')], b: [victim('young', 1, '2026-11-21T08:30:00Z')] }
    expect(room({ nodes: [small('a'), small('b')], on }, urgent)()).toBe('b: young')
  })
  test('takes the smaller sum before the smaller number', () => {
    const t = '2026-11-21T08:00:00Z'
    const on = { a: [victim('x', 5, t, '500m'), victim('y', -5, t, '500m')], b: [victim('z', 5, t)] }
    expect(room({ nodes: [small('a'), small('b')], on }, urgent)()).toBe('b: z')
  })
  test('looks on beyond a hundred nodes when each of them breaks a budget', () => {
    const t = '2026-11-21T08:00:00Z'
    const names = Array.from({ length: 150 }, (_, i) => `n${i}`)
    const on = Object.fromEntries(
      names.map((n) => [
        n,
        [victim(n === 'n77' ? 'free' : 'kept', 1, t)].map((p) => ({ ...p, metadata: { ...p.metadata, name: `${p.metadata.name}-${n}` } })),
      ]),
    )
    const budget = {
      metadata: { namespace: 'default' },
      spec: { selector: { matchLabels: { app: 'kept' } } },
      status: { disruptionsAllowed: 0 },
    }
    expect(room({ nodes: names.map(small), on }, urgent, [budget])()).toBe('n77: free-n77')
  })
  test('waits only for pods that go to make room', () => {
    const t = '2026-11-21T08:00:00Z'
    const going = { deletionTimestamp: '2026-11-21T09:00:00Z' }
    const leaving = victim('leaving', 1, t, '1', going)
    expect(room({ nodes: [small('a')], on: { a: [leaving] } }, urgent)('a')).toBe('a: leaving')
    const preempted = {
      ...leaving,
      status: { ...leaving.status, conditions: [{ type: 'DisruptionTarget', status: 'True', reason: 'PreemptionByScheduler' }] },
    }
    expect(room({ nodes: [small('a')], on: { a: [preempted] } }, urgent)('a')).toBe(
      'not eligible due to a terminating pod on the nominated node.',
    )
  })
})
