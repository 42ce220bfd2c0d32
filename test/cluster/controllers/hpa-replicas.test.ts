/** How many replicas a metric asks for: whole percents, pods that are missing or starting, and the numbers around zero. */
import { describe, expect, test } from 'vitest'
import type { Pod } from '../../../src-main/cluster/api/object.js'
import type { HorizontalPodAutoscaler } from '../../../src-main/cluster/controllers/hpa-behavior.js'
import { decide } from '../../../src-main/cluster/controllers/hpa-behavior.js'
import type { MetricSpec, MetricsSource } from '../../../src-main/cluster/controllers/hpa-metrics.js'
import { propose } from '../../../src-main/cluster/controllers/hpa-metrics.js'
import { pod as podOf, START } from './harness.js'

const NOW = START + 3_600_000
const at = (ms: number): string => new Date(ms).toISOString()

/** One letter a pod: ready, unready (and never was), pending, missing (not measured), deleted, failed, gone (measured only). */
type Kind = 'r' | 'u' | 'p' | 'm' | 'd' | 'f' | 'g'

interface Row {
  kinds: string
  /** Millicores (or bytes) of each pod that is measured, in order. */
  use: number[]
  replicas?: number
  request?: string
  metric?: 'cpu' | 'memory'
  target: { averageUtilization: number } | { averageValue: string }
  tolerance?: { up: number; down: number }
}

function podsOf({ kinds, request = '1', metric = 'cpu' }: Row): Pod[] {
  return [...kinds].flatMap((kind, i) => {
    if (kind === 'g') return []
    const phase = { p: 'Pending', f: 'Failed' }[kind] ?? 'Running'
    const ready = { type: 'Ready', status: kind === 'u' ? 'False' : 'True', lastTransitionTime: at(START) }
    return podOf(
      `p${i}`,
      {},
      {
        spec: { containers: [{ name: 'main', resources: { requests: { [metric]: request } } }] },
        status: { phase, startTime: at(START), conditions: [ready] },
        ...(kind === 'd' ? { metadata: { deletionTimestamp: at(NOW) } } : {}),
      },
    )
  })
}

function sourceOf({ kinds, use }: Row): MetricsSource {
  const left = [...use]
  const measured = [...kinds].flatMap((kind: string, i) => {
    if ((kind as Kind) === 'm' || (kind as Kind) === 'p') return []
    const amount = left.shift()!
    return { pod: `p${i}`, timestamp: NOW, windowMs: 60_000, containers: [{ name: 'main', cpu: amount, memory: amount }] }
  })
  return { podUsage: async () => measured }
}

async function ask(row: Row): Promise<string> {
  const { kinds, replicas = kinds.replaceAll(/[gdf]/g, '').length, metric = 'cpu', target, tolerance = { up: 0.1, down: 0.1 } } = row
  const type = 'averageValue' in target ? 'AverageValue' : 'Utilization'
  const spec = { type: 'Resource', resource: { name: metric, target: { type, ...target } } } as MetricSpec
  const common = { namespace: 'default', selector: 'app=web', source: sourceOf(row), tolerance, now: NOW }
  try {
    const p = await propose({ ...common, metric: spec, pods: podsOf(row), specReplicas: replicas, statusReplicas: replicas })
    const { averageUtilization, averageValue } = p.status.resource!.current
    return [p.replicas, averageUtilization === undefined ? '' : `${averageUtilization}%`, averageValue].filter((x) => x !== '').join(' ')
  } catch (error) {
    return (error as Error).message
  }
}

describe('the replicas that a resource metric asks for', () => {
  test.each<[string, Row, string]>([
    ['go up by the ratio', { kinds: 'rrr', use: [300, 500, 700], target: { averageUtilization: 30 } }, '5 50% 500m'],
    ['go down by the ratio', { kinds: 'rrrrr', use: [100, 300, 500, 250, 250], target: { averageUtilization: 50 } }, '3 28% 280m'],
    ['stay within the tolerance', { kinds: 'rrr', use: [900, 1000, 1100], target: { averageUtilization: 100 } }, '3 100% 1'],
    [
      'count whole percents: 55.9 of 50 is within a tenth',
      { kinds: 'rr', use: [559, 559], target: { averageUtilization: 50 } },
      '2 55% 559m',
    ],
    [
      'count whole percents: 33.9 of 30 is 33 of 30',
      { kinds: 'rrrrrrrrrr', use: Array(10).fill(339), target: { averageUtilization: 30 }, tolerance: { up: 0.05, down: 0.05 } },
      '11 33% 339m',
    ],
    [
      'follow a tolerance of their own',
      { kinds: 'rrr', use: [930, 930, 930], target: { averageUtilization: 100 }, tolerance: { up: 0.1, down: 0.01 } },
      '3 93% 930m',
    ],
    [
      'go down with a small tolerance',
      { kinds: 'rrrr', use: [700, 700, 700, 700], target: { averageUtilization: 100 }, tolerance: { up: 0.1, down: 0.3 } },
      '4 70% 700m',
    ],
    ['take missing pods as idle when they grow', { kinds: 'rrm', use: [1000, 1000], target: { averageUtilization: 50 } }, '4 100% 1'],
    ['take missing pods as busy when they shrink', { kinds: 'rrm', use: [400, 400], target: { averageUtilization: 100 } }, '2 40% 400m'],
    [
      'take missing pods by a target above the whole request',
      { kinds: 'rm', use: [1700], target: { averageUtilization: 200 } },
      '2 170% 1700m',
    ],
    ['leave missing pods out when the rest is exact', { kinds: 'rrm', use: [500, 500], target: { averageUtilization: 50 } }, '3 50% 500m'],
    ['do not turn for missing pods', { kinds: 'rmmm', use: [600], target: { averageUtilization: 50 } }, '4 60% 600m'],
    ['take starting pods as idle when they grow', { kinds: 'ruu', use: [900, 100, 100], target: { averageUtilization: 30 } }, '3 90% 900m'],
    ['leave starting pods out when they shrink', { kinds: 'rru', use: [100, 100, 900], target: { averageUtilization: 50 } }, '1 10% 100m'],
    ['count pending pods as starting', { kinds: 'rpp', use: [600], target: { averageUtilization: 50 } }, '3 60% 600m'],
    [
      'leave out pods that go or have failed',
      { kinds: 'rrdf', use: [500, 700, 5000, 5000], target: { averageUtilization: 50 } },
      '3 60% 600m',
    ],
    [
      'leave out what is measured of pods that are gone',
      { kinds: 'rrg', use: [600, 600, 9000], target: { averageUtilization: 50 } },
      '3 60% 600m',
    ],
    ['of a raw amount count thousandths', { kinds: 'rr', use: [333, 334], target: { averageValue: '300m' } }, '3 333m'],
    [
      'of memory are plain bytes',
      { kinds: 'rr', use: [10_485_760, 10_485_760], metric: 'memory', target: { averageValue: '5Mi' } },
      '4 10485760',
    ],
    [
      'of memory do not care who is ready',
      { kinds: 'ru', use: [2000, 4000], metric: 'memory', request: '1k', target: { averageUtilization: 100 } },
      '6 300% 3k',
    ],
    [
      'cannot be told when nobody is trusted',
      { kinds: 'uu', use: [1, 1], target: { averageUtilization: 50 } },
      'failed to get cpu utilization: did not receive metrics for targeted pods (pods might be unready)',
    ],
    [
      'cannot be told without pods',
      { kinds: 'g', use: [1], target: { averageUtilization: 50 } },
      'failed to get cpu utilization: no pods returned by selector while calculating replica count',
    ],
    [
      'cannot be told of requests that nobody makes',
      { kinds: 'r', use: [1], metric: 'memory', request: '0', target: { averageUtilization: 50 } },
      'failed to get memory utilization: no metrics returned matched known pods',
    ],
  ])('%s', async (_, row, expected) => {
    expect(await ask(row)).toBe(expected)
  })

  test('cannot be told of a container that is not measured', async () => {
    const row: Row = { kinds: 'r', use: [1], target: { averageUtilization: 50 } }
    const target = { type: 'Utilization', averageUtilization: 50 }
    const metric = { type: 'ContainerResource', containerResource: { name: 'cpu', container: 'other', target } } as MetricSpec
    const input = { metric, namespace: 'default', selector: '', pods: podsOf(row), specReplicas: 1, statusReplicas: 1 }
    await expect(propose({ ...input, source: sourceOf(row), tolerance: { up: 0.1, down: 0.1 }, now: NOW })).rejects.toThrow(
      'failed to get cpu utilization: unable to get metrics for resource cpu: failed to get container metrics: container other not present in metrics for pod default/p0',
    )
  })

  test.each<[string, object, object | undefined, string]>([
    ['are those of the whole pod', { cpu: '500m' }, { cpu: '2' }, '40%'],
    ['are those of its containers, for what the whole pod does not ask for', { memory: '1Gi' }, { cpu: '400m' }, '50%'],
    ['must be somewhere', { memory: '1Gi' }, undefined, 'failed to get cpu utilization: missing pod-level request for cpu in Pod p0'],
  ])('requests %s', async (_, whole, own, expected) => {
    const row: Row = { kinds: 'r', use: [200], target: { averageUtilization: 50 } }
    const [pod] = podsOf(row)
    pod!.spec!.resources = { requests: whole } as never
    pod!.spec!.containers[0]!.resources = { requests: own ?? {} } as never
    const metric = { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } } as MetricSpec
    const input = { metric, namespace: 'default', selector: '', pods: [pod!], specReplicas: 1, statusReplicas: 1 }
    const found = await propose({ ...input, source: sourceOf(row), tolerance: { up: 0.1, down: 0.1 }, now: NOW }).then(
      (p) => `${p.status.resource!.current.averageUtilization}%`,
      (error: Error) => error.message,
    )
    expect(found).toBe(expected)
  })
})

describe('the replicas that a number for all asks for', () => {
  const total = async (milli: number, target: object, replicas: number, kinds: string): Promise<string> => {
    const metric = { type: 'External', external: { metric: { name: 'queue' }, target } } as MetricSpec
    const row: Row = { kinds, use: [], target: { averageUtilization: 1 } }
    const source: MetricsSource = { podUsage: async () => [], externalMetric: async () => [milli] }
    const input = { metric, namespace: 'default', selector: '', pods: podsOf(row), specReplicas: replicas, statusReplicas: replicas }
    const p = await propose({ ...input, source, tolerance: { up: 0.1, down: 0.1 }, now: NOW }).catch((error: Error) => error.message)
    if (typeof p === 'string') return p
    const { value, averageValue } = p.status.external!.current
    return `${p.replicas} ${value ?? averageValue}`
  }
  test.each<[string, number, object, number, string, string]>([
    ['multiply the pods that are ready', 8600, { type: 'Value', value: '4400m' }, 3, 'rru', '4 8600m'],
    ['multiply also pods that are going', 8600, { type: 'Value', value: '4300m' }, 3, 'rrd', '6 8600m'],
    ['are the ratio itself from zero', 8600, { type: 'Value', value: '4400m' }, 0, '', '2 8600m'],
    ['stay at zero while there is nothing', 0, { type: 'Value', value: '4400m' }, 0, '', '0 0'],
    ['stay as they are near the target, also without pods', 4400, { type: 'Value', value: '4300m' }, 3, '', '3 4400m'],
    [
      'multiply no pods that are not there',
      8600,
      { type: 'Value', value: '4300m' },
      3,
      '',
      'unable to calculate ready pods: no pods returned by selector while calculating replica count',
    ],
    ['are shared by all', 30_000, { type: 'AverageValue', averageValue: '10' }, 2, 'rr', '3 15'],
    ['are shared by none from zero', 25_000, { type: 'AverageValue', averageValue: '10' }, 0, '', '3 0'],
  ])('%s', async (_, milli, target, replicas, kinds, expected) => {
    expect(await total(milli, target, replicas, kinds)).toBe(expected)
  })
})

test('a recommendation as old as the window counts without behavior, and does not with it', () => {
  const decideWith = (behavior: object | undefined): number => {
    const hpa = { metadata: {}, spec: { minReplicas: 1, maxReplicas: 10, behavior } } as unknown as HorizontalPodAutoscaler
    const history = { recommendations: [{ at: NOW - 300_000, replicas: 6 }], ups: [], downs: [] }
    return decide(hpa, history, 5, 2, NOW).replicas
  }
  expect([decideWith(undefined), decideWith({})]).toEqual([6, 2])
})
