/** What a HorizontalPodAutoscaler says in its conditions and events, to the word, for each thing that can keep it from scaling. */
import { afterEach, expect, test } from 'vitest'
import { resources } from '../../../src-main/cluster/api/client.js'
import type { HorizontalPodAutoscaler } from '../../../src-main/cluster/controllers/hpa-behavior.js'
import type { MetricsSource } from '../../../src-main/cluster/controllers/hpa-metrics.js'
import type { RealCluster } from '../support/real-cluster.js'
import { startRealCluster } from '../support/real-cluster.js'

const { deployments, horizontalpodautoscalers: hpas } = resources
let c: RealCluster
afterEach(() => c?.stop())

/** A cluster in which nothing is measured, with no API of custom or external metrics. */
const nothing: MetricsSource = { podUsage: async () => [] }

async function withDeployment(replicas: number, metrics: MetricsSource): Promise<void> {
  c = await startRealCluster({ metrics })
  await c.create(deployments, {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'app', namespace: 'default' },
    spec: {
      replicas,
      selector: { matchLabels: { app: 'app' } },
      template: {
        metadata: { labels: { app: 'app' } },
        spec: { containers: [{ name: 'main', image: 'nginx', resources: { requests: { cpu: '100m' } } }] },
      },
    },
  })
  await c.clock.advance(60_000)
}

async function autoscaled(name: string, spec: object): Promise<void> {
  await c.create(hpas, {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name, namespace: 'default' },
    spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'app' }, minReplicas: 1, maxReplicas: 10, ...spec },
  })
  await c.clock.advance(16_000)
}

async function condition(name: string, type: string): Promise<string> {
  const { status } = await c.get<HorizontalPodAutoscaler>(hpas, 'default', name)
  const found = status!.conditions!.find((x) => x.type === type)
  return found ? `${found.status} ${found.reason} ${found.message}` : 'none'
}

const object = { apiVersion: 'v1', kind: 'Service', name: 'web' }
const noApi = 'unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered'
const noResource = 'the server could not find the requested resource (get queue.external.metrics.k8s.io)'
const selector = { matchLabels: { queue: 'orders' }, matchExpressions: [{ key: 'tier', operator: 'In', values: ['a', 'b'] }] }
const printed =
  '&LabelSelector{MatchLabels:map[string]string{queue: orders,},' +
  'MatchExpressions:[]LabelSelectorRequirement{LabelSelectorRequirement{Key:tier,Operator:In,Values:[a b],},},}'

const unavailable: { what: string; metric: object; reason: string; message: string; context: string }[] = [
  {
    what: 'a Resource metric that is not measured',
    metric: { type: 'Resource', resource: { name: 'cpu', target: { type: 'AverageValue', averageValue: '100m' } } },
    reason: 'FailedGetResourceMetric',
    message: 'failed to get cpu usage: unable to get metrics for resource cpu: no metrics returned from resource metrics API',
    context: 'failed to get cpu resource metric value: ',
  },
  {
    what: 'a ContainerResource metric that is not measured',
    metric: {
      type: 'ContainerResource',
      containerResource: { name: 'cpu', container: 'main', target: { type: 'Utilization', averageUtilization: 50 } },
    },
    reason: 'FailedGetContainerResourceMetric',
    message: 'failed to get cpu utilization: unable to get metrics for resource cpu: no metrics returned from resource metrics API',
    context: 'failed to get cpu container metric value: ',
  },
  {
    what: 'a Pods metric without an API',
    metric: { type: 'Pods', pods: { metric: { name: 'requests' }, target: { type: 'AverageValue', averageValue: '10' } } },
    reason: 'FailedGetPodsMetric',
    message: `unable to get metric requests: ${noApi}`,
    context: 'failed to get pods metric value: ',
  },
  {
    what: 'an Object metric without an API',
    metric: { type: 'Object', object: { describedObject: object, metric: { name: 'hits' }, target: { type: 'Value', value: '10' } } },
    reason: 'FailedGetObjectMetric',
    message: `unable to get metric hits: Service on default web/${noApi}`,
    context: 'failed to get object metric value: ',
  },
  {
    what: 'an External metric without an API, for each replica',
    metric: { type: 'External', external: { metric: { name: 'queue', selector }, target: { type: 'AverageValue', averageValue: '5' } } },
    reason: 'FailedGetExternalMetric',
    message: `unable to get external metric default/queue/${printed}: unable to fetch metrics from external metrics API: ${noResource}`,
    context: 'failed to get queue external metric value: failed to get queue external metric: ',
  },
  {
    what: 'an External metric without an API, in all',
    metric: { type: 'External', external: { metric: { name: 'queue' }, target: { type: 'Value', value: '5' } } },
    reason: 'FailedGetExternalMetric',
    message: `unable to get external metric default/queue/nil: unable to fetch metrics from external metrics API: ${noResource}`,
    context: 'failed to get queue external metric value: failed to get external metric queue: ',
  },
]

test.each(unavailable)('$what', async ({ metric, reason, message, context }) => {
  await withDeployment(1, nothing)
  await autoscaled('scaler', { metrics: [metric] })
  expect(await c.eventsOf('scaler')).toEqual([
    `Warning ${reason} ${message}`,
    `Warning FailedComputeMetricsReplicas invalid metrics (1 invalid out of 1), first error is: ${context}${message}`,
  ])
  expect(await condition('scaler', 'ScalingActive')).toBe(`False ${reason} the HPA was unable to compute the replica count: ${message}`)
})

test('of two metrics the one that is known is followed up, but not down', async () => {
  const known = {
    type: 'Object',
    object: { describedObject: object, metric: { name: 'hits' }, target: { type: 'AverageValue', averageValue: '10' } },
  }
  const unknown = { type: 'External', external: { metric: { name: 'queue' }, target: { type: 'Value', value: '5' } } }
  let total = 40_000
  await withDeployment(2, { ...nothing, objectMetric: async () => total })
  await autoscaled('scaler', { metrics: [unknown, known] })
  const { status } = await c.get<HorizontalPodAutoscaler>(hpas, 'default', 'scaler')
  expect(status!.currentMetrics).toEqual([{ type: '' }, expect.objectContaining({ type: 'Object' })])
  expect(await condition('scaler', 'ScalingActive')).toBe(
    'True ValidMetricFound the HPA was able to successfully calculate a replica count from external metric hits(nil)',
  )
  expect((await c.eventsOf('scaler')).at(-1)).toBe('Normal SuccessfulRescale New size: 4; reason: external metric hits(nil) above target')
  total = 10_000
  await c.clock.advance(16_000)
  expect(await condition('scaler', 'ScalingActive')).toMatch(/^False FailedGetExternalMetric /)
  expect((await c.eventsOf('scaler')).at(-1)).toMatch(
    /^Warning FailedComputeMetricsReplicas invalid metrics \(1 invalid out of 2\), first error is: /,
  )
})

test('what asks for less than minReplicas is held there', async () => {
  await withDeployment(3, { ...nothing, objectMetric: async () => 1_000 })
  const target = { type: 'AverageValue', averageValue: '10' }
  await autoscaled('scaler', {
    minReplicas: 2,
    behavior: { scaleDown: { stabilizationWindowSeconds: 0 } },
    metrics: [{ type: 'Object', object: { describedObject: object, metric: { name: 'hits' }, target } }],
  })
  await c.clock.advance(16_000)
  expect(await condition('scaler', 'ScalingLimited')).toBe(
    'True TooFewReplicas the desired replica count is less than the minimum replica count',
  )
})

test('two autoscalers of the same pods both stand still, and say of whom they know', async () => {
  await withDeployment(1, nothing)
  await autoscaled('first', {})
  await autoscaled('second', {})
  await c.clock.advance(16_000)
  const text = 'pods by selector app=app are controlled by multiple HPAs: [default/first default/second]'
  for (const name of ['first', 'second']) {
    expect(await condition(name, 'ScalingActive')).toBe(`False AmbiguousSelector ${text}`)
    expect(await c.eventsOf(name)).toContain(`Warning AmbiguousSelector ${text}`)
    expect(await c.eventsOf(name)).toContain(`Warning FailedComputeMetricsReplicas ${text}`)
  }
})

test.each([
  ['an object that is not there', { apiVersion: 'apps/v1', kind: 'Deployment', name: 'gone' }, 'deployments.apps "gone" not found'],
  [
    'a kind that is not there',
    { apiVersion: 'example.com/v1', kind: 'Widget', name: 'w' },
    'no matches for kind "Widget" in group "example.com"',
  ],
])('a target that is %s', async (_what, scaleTargetRef, text) => {
  await withDeployment(1, nothing)
  await autoscaled('scaler', { scaleTargetRef })
  expect(await c.eventsOf('scaler')).toEqual([`Warning FailedGetScale ${text}`])
  expect(await condition('scaler', 'AbleToScale')).toBe(
    `False FailedGetScale the HPA controller was unable to get the target's current scale: ${text}`,
  )
})

test('a scale whose selector cannot be read is told of', async () => {
  c = await startRealCluster({ metrics: nothing })
  const schema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }
  const scale = { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas', labelSelectorPath: '.status.selector' }
  await c.create(
    { group: 'apiextensions.k8s.io', version: 'v1', resource: 'customresourcedefinitions' },
    {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'toys.example.org' },
      spec: {
        group: 'example.org',
        names: { plural: 'toys', kind: 'Toy' },
        scope: 'Namespaced',
        versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema }, subresources: { scale } }],
      },
    },
  )
  await c.clock.advance(16_000)
  const toys = { group: 'example.org', version: 'v1', resource: 'toys' }
  await c.create(toys, {
    apiVersion: 'example.org/v1',
    kind: 'Toy',
    metadata: { name: 'bear', namespace: 'default' },
    spec: { replicas: 2 },
    status: { replicas: 2, selector: 'soft,!' },
  })
  await autoscaled('scaler', { scaleTargetRef: { apiVersion: 'example.org/v1', kind: 'Toy', name: 'bear' } })
  const text =
    "couldn't convert selector into a corresponding internal selector object: unable to parse requirement: found '', expected: identifier"
  expect(await condition('scaler', 'ScalingActive')).toBe(`False InvalidSelector ${text}`)
  expect(await c.eventsOf('scaler')).toEqual([`Warning InvalidSelector ${text}`, `Warning FailedComputeMetricsReplicas ${text}`])
})
