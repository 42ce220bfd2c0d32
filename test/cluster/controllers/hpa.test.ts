import { afterEach, describe, expect, test } from 'vitest'
import { resources } from '../../../src-main/cluster/api/client.js'
import type { Deployment, Pod } from '../../../src-main/cluster/api/object.js'
import type { HorizontalPodAutoscaler, ScalingHistory } from '../../../src-main/cluster/controllers/hpa-behavior.js'
import { decide, noteChange } from '../../../src-main/cluster/controllers/hpa-behavior.js'
import type { MetricsSource, PodUsage } from '../../../src-main/cluster/controllers/hpa-metrics.js'
import type { RealCluster } from '../support/real-cluster.js'
import { startRealCluster } from '../support/real-cluster.js'

const { pods, deployments, horizontalpodautoscalers: hpas } = resources
let c: RealCluster
afterEach(() => c?.stop())

/** Millicores that each pod uses: one number for all, or by the pod. Undefined: not measured. */
let load: (pod: Pod, count: number) => number | undefined

const metrics: MetricsSource = {
  async podUsage(namespace) {
    const all = (await c.list<Pod>(pods, namespace)).filter((p) => !p.metadata.deletionTimestamp)
    const measured: PodUsage[] = []
    for (const p of all) {
      const cpu = load(p, all.length)
      if (cpu !== undefined)
        measured.push({
          pod: p.metadata.name!,
          timestamp: c.clock.now(),
          windowMs: 15_000,
          containers: [{ name: 'main', cpu, memory: 1024 * 1024 }],
        })
    }
    return measured
  },
  podMetric: async (namespace, _selector, metric) =>
    metric === 'requests'
      ? (await c.list<Pod>(pods, namespace)).map((p) => ({ pod: p.metadata.name!, milli: perPod }))
      : Promise.reject(new Error('the server could not find the metric for pods')),
  objectMetric: async () => total,
  externalMetric: async () => [30_000, 15_000],
}
/** What the custom metrics say, in thousandths. */
let perPod = 0
let total = 0

async function started(replicas: number, spec: object = {}, requests: object = { cpu: '200m' }): Promise<void> {
  c = await startRealCluster({ metrics, nodeGracePeriodMs: 86_400_000 })
  await c.create(deployments, {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      replicas,
      selector: { matchLabels: { app: 'web' } },
      template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'main', image: 'nginx', resources: { requests } }] } },
    },
  })
  await c.clock.advance(60_000)
  await c.create(hpas, {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
      minReplicas: 1,
      maxReplicas: 10,
      metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } }],
      ...spec,
    },
  })
  await c.clock.advance(16_000)
}
const size = async () => (await c.get<Deployment>(deployments, 'default', 'web')).spec!.replicas
const get = () => c.get<HorizontalPodAutoscaler>(hpas, 'default', 'web')
const conditions = async () =>
  Object.fromEntries((await get()).status!.conditions!.map((x) => [x.type, `${x.status} ${x.reason} ${x.message}`]))
const hpaEvents = async () => (await c.eventsOf('web')).filter((e) => !e.includes('replica set'))

describe('a HorizontalPodAutoscaler', () => {
  test('is looked at once in 15 seconds, also when it is new or has changed', async () => {
    load = () => 250
    const seen: unknown[] = []
    await started(1, { maxReplicas: 2 })
    // After 16 seconds it has been looked at once, after 15.
    expect((await get()).status!.lastScaleTime).toBe('2026-11-21T09:01:16Z')
    await c.admin.resource(hpas).patch('default', 'web', { spec: { maxReplicas: 3 } }, { type: 'merge' })
    for (let i = 0; i < 4; i++) {
      await c.clock.advance(5_000)
      seen.push(await size())
    }
    expect(seen).toEqual([2, 2, 3, 3])
  })

  test('adds pods by the ratio of use to target, and says so', async () => {
    load = () => 250
    await started(1)
    // 125 % of the request where 50 % are wanted: 2.5 times as many.
    expect(await size()).toBe(3)
    expect(await hpaEvents()).toEqual([
      'Normal SuccessfulRescale New size: 3; reason: cpu resource utilization (percentage of request) above target',
    ])
    expect((await get()).status).toMatchObject({
      currentReplicas: 1,
      desiredReplicas: 3,
      currentMetrics: [{ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 125, averageValue: '250m' } } }],
    })
    expect(await conditions()).toEqual({
      AbleToScale: 'True SucceededRescale the HPA controller was able to update the target scale to 3',
      ScalingActive:
        'True ValidMetricFound the HPA was able to successfully calculate a replica count from cpu resource utilization (percentage of request)',
      ScalingLimited: 'False DesiredWithinRange the desired count is within the acceptable range',
    })
    expect(c.errors).toEqual([])
  })

  test('leaves a use within a tenth of the target alone', async () => {
    load = () => 109
    await started(2)
    await c.clock.advance(60_000)
    expect(await size()).toBe(2)
    expect((await conditions()).AbleToScale).toBe('True ReadyForNewScale recommended size matches current size')
  })

  test('takes pods away only when five minutes have not asked for more', async () => {
    load = () => 200
    await started(2)
    expect(await size()).toBe(4)
    load = () => 10
    await c.clock.advance(200_000)
    expect(await size()).toBe(4)
    expect((await conditions()).AbleToScale).toBe(
      'True ScaleDownStabilized recent recommendations were higher than current one, applying the highest recent recommendation',
    )
    await c.clock.advance(130_000)
    expect(await size()).toBe(1)
    expect((await hpaEvents()).at(-1)).toBe('Normal SuccessfulRescale New size: 1; reason: All metrics below target')
  })

  test('keeps to maxReplicas', async () => {
    load = () => 2000
    await started(4, { maxReplicas: 5 })
    expect(await size()).toBe(5)
    expect((await conditions()).ScalingLimited).toBe(
      'True TooManyReplicas the desired replica count is more than the maximum replica count',
    )
  })

  test('does not grow faster than its policies', async () => {
    load = () => 2000
    await started(1, { maxReplicas: 100, behavior: { scaleUp: { stabilizationWindowSeconds: 0 } } })
    expect(await size()).toBe(5)
    expect((await conditions()).ScalingLimited).toBe(
      'True ScaleUpLimit the desired replica count is increasing faster than the maximum scale rate',
    )
    await c.clock.advance(16_000)
    expect(await size()).toBe(10)
  })

  test('without behaviour at most doubles in a step, and always reaches four', async () => {
    load = () => 2000
    await started(1, { maxReplicas: 100 })
    expect(await size()).toBe(4)
    expect((await conditions()).ScalingLimited).toBe(
      'True ScaleUpLimit the desired replica count is increasing faster than the maximum scale rate',
    )
    await c.clock.advance(16_000)
    expect(await size()).toBe(8)
  })

  test('without metrics changes nothing and says why', async () => {
    load = () => undefined
    await started(2)
    expect(await size()).toBe(2)
    const text = 'failed to get cpu utilization: unable to get metrics for resource cpu: no metrics returned from resource metrics API'
    expect(await hpaEvents()).toEqual([
      `Warning FailedGetResourceMetric ${text}`,
      `Warning FailedComputeMetricsReplicas invalid metrics (1 invalid out of 1), first error is: failed to get cpu resource metric value: ${text}`,
    ])
    // Nothing was desired yet, and the metric has its empty place.
    expect((await get()).status).toMatchObject({ currentReplicas: 2, desiredReplicas: 0, currentMetrics: [{ type: '' }] })
    expect((await conditions()).ScalingActive).toBe(
      `False FailedGetResourceMetric the HPA was unable to compute the replica count: ${text}`,
    )
  })

  test('needs requests for a utilisation', async () => {
    load = () => 100
    await started(1, {}, {})
    const [pod] = await c.list<Pod>(pods, 'default')
    expect((await hpaEvents())[0]).toBe(
      `Warning FailedGetResourceMetric failed to get cpu utilization: missing request for cpu in container main of Pod ${pod!.metadata.name}`,
    )
  })

  test('brings a Deployment within its bounds without any metric', async () => {
    load = () => undefined
    await started(1, { minReplicas: 3 })
    expect(await size()).toBe(3)
    expect(await hpaEvents()).toEqual(['Normal SuccessfulRescale New size: 3; reason: Current number of replicas below Spec.MinReplicas'])
  })

  test('rests while its Deployment has no replicas', async () => {
    load = () => 500
    await started(0)
    expect(await size()).toBe(0)
    expect((await conditions()).ScalingActive).toBe(
      'False ScalingDisabled scaling is disabled since the replica count of the target is zero',
    )
  })

  test('says when its target is not there', async () => {
    load = () => 1
    await started(1, { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'gone' } })
    expect((await conditions()).AbleToScale).toBe(
      'False FailedGetScale the HPA controller was unable to get the target\'s current scale: deployments.apps "gone" not found',
    )
  })

  test('takes pods that are not measured as idle when it grows', async () => {
    let first: string | undefined
    load = (p) => ((first ??= p.metadata.name) === p.metadata.name ? 400 : undefined)
    await started(2)
    // 200 % over one measured pod, 100 % over both: twice as many, not four times.
    expect(await size()).toBe(4)
  })

  test('follows an external metric with a share for each replica', async () => {
    load = () => 1
    await started(1, {
      metrics: [{ type: 'External', external: { metric: { name: 'queue' }, target: { type: 'AverageValue', averageValue: '15' } } }],
    })
    expect(await size()).toBe(3)
  })
})

describe('the other kinds of metrics', () => {
  const active = async () => (await conditions()).ScalingActive

  test('ContainerResource looks at one container of each pod', async () => {
    load = () => 400
    await started(1, {
      metrics: [
        {
          type: 'ContainerResource',
          containerResource: { name: 'cpu', container: 'main', target: { type: 'Utilization', averageUtilization: 100 } },
        },
      ],
    })
    expect(await size()).toBe(2)
    const { status } = await get()
    expect(status!.currentMetrics![0]).toEqual({
      type: 'ContainerResource',
      containerResource: { name: 'cpu', container: 'main', current: { averageUtilization: 200, averageValue: '400m' } },
    })
    expect(await hpaEvents()).toContain(
      'Normal SuccessfulRescale New size: 2; reason: cpu container resource utilization (percentage of request) above target',
    )
  })

  test('Pods takes the average of a metric that each pod has', async () => {
    load = () => 1
    perPod = 20_000
    await started(2, {
      metrics: [{ type: 'Pods', pods: { metric: { name: 'requests' }, target: { type: 'AverageValue', averageValue: '10' } } }],
    })
    expect(await size()).toBe(4)
    expect(await active()).toBe(
      'True ValidMetricFound the HPA was able to successfully calculate a replica count from pods metric requests',
    )
    expect((await get()).status!.currentMetrics![0]).toEqual({
      type: 'Pods',
      pods: { metric: { name: 'requests' }, current: { averageValue: '20' } },
    })
    expect(await hpaEvents()).toEqual(['Normal SuccessfulRescale New size: 4; reason: pods metric requests above target'])
  })

  test('Pods without such a metric says so', async () => {
    load = () => 1
    await started(1, {
      metrics: [{ type: 'Pods', pods: { metric: { name: 'nonesuch' }, target: { type: 'AverageValue', averageValue: '10' } } }],
    })
    expect(await active()).toBe(
      'False FailedGetPodsMetric the HPA was unable to compute the replica count: unable to get metric ' +
        'nonesuch: unable to fetch metrics from custom metrics API: the server could not find the metric for pods',
    )
  })

  test('Object takes one value for all, against a total or a share for each replica', async () => {
    load = () => 1
    total = 9_000
    const describedObject = { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', name: 'main' }
    const object = (target: object) => [{ type: 'Object', object: { describedObject, metric: { name: 'requests' }, target } }]
    await started(2, { metrics: object({ type: 'Value', value: '6' }) })
    // Half as much again as the target: three instead of two.
    expect(await size()).toBe(3)
    expect((await get()).status!.currentMetrics![0]).toEqual({
      type: 'Object',
      object: { describedObject, metric: { name: 'requests' }, current: { value: '9' } },
    })
    expect(await hpaEvents()).toEqual(['Normal SuccessfulRescale New size: 3; reason: Ingress metric requests above target'])
    total = 40_000
    const spec = { metrics: object({ type: 'AverageValue', averageValue: '8' }) }
    await c.admin.resource(hpas).patch('default', 'web', { spec }, { type: 'merge' })
    await c.clock.advance(20_000)
    expect(await size()).toBe(5)
  })

  test('of several the one that asks for most counts', async () => {
    load = () => 1
    perPod = 10_000
    total = 60_000
    const describedObject = { apiVersion: 'v1', kind: 'Service', name: 'web' }
    await started(1, {
      metrics: [
        { type: 'Pods', pods: { metric: { name: 'requests' }, target: { type: 'AverageValue', averageValue: '5' } } },
        { type: 'Object', object: { describedObject, metric: { name: 'hits' }, target: { type: 'AverageValue', averageValue: '15' } } },
      ],
    })
    expect(await size()).toBe(4)
  })
})

describe('scaling behaviour', () => {
  const hpa = (behavior: object) =>
    ({ metadata: {}, spec: { minReplicas: 1, maxReplicas: 100, behavior } }) as unknown as HorizontalPodAutoscaler
  const fresh = (): ScalingHistory => ({ recommendations: [], ups: [], downs: [] })

  test('takes away no more than a policy allows in its period', () => {
    const rules = hpa({ scaleDown: { stabilizationWindowSeconds: 0, policies: [{ type: 'Pods', value: 2, periodSeconds: 60 }] } })
    const history = fresh()
    expect(decide(rules, history, 10, 1, 0).replicas).toBe(8)
    noteChange(history, 10, 8, 0)
    expect(decide(rules, history, 8, 1, 30_000).replicas).toBe(8)
    expect(decide(rules, history, 8, 1, 61_000).replicas).toBe(6)
  })

  test('follows the tolerance of its direction', async () => {
    load = () => 120
    await started(2, { behavior: { scaleUp: { tolerance: '0.3' } } })
    // A fifth above the target: more than the tenth of the default, less than the tolerance that it has.
    expect(await size()).toBe(2)
    load = () => 140
    await c.clock.advance(16_000)
    expect(await size()).toBe(3)
  })

  test('with Min takes the policy that changes least, with Disabled changes nothing', () => {
    const policies = [
      { type: 'Pods', value: 1, periodSeconds: 60 },
      { type: 'Percent', value: 50, periodSeconds: 60 },
    ]
    expect(decide(hpa({ scaleUp: { selectPolicy: 'Min', policies } }), fresh(), 10, 50, 0).replicas).toBe(11)
    expect(decide(hpa({ scaleUp: { selectPolicy: 'Max', policies } }), fresh(), 10, 50, 0).replicas).toBe(15)
    expect(decide(hpa({ scaleUp: { selectPolicy: 'Disabled', policies } }), fresh(), 10, 50, 0).replicas).toBe(10)
  })

  test('waits for a window before it grows, if told so', () => {
    const rules = hpa({ scaleUp: { stabilizationWindowSeconds: 60 } })
    const history = fresh()
    expect(decide(rules, history, 4, 4, 0).replicas).toBe(4)
    expect(decide(rules, history, 4, 8, 30_000).replicas).toBe(4)
    expect(decide(rules, history, 4, 8, 61_000).replicas).toBe(8)
  })
})
